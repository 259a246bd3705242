use core::fmt;

use csr_model::Faults;

use crate::key::{KeyAlgorithm, KeyFormat, KeyImportError};

/// Everything that can go wrong between a request and its CSR. No variant carries a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request is not fit to become a CSR; every fault is listed.
    #[error(transparent)]
    Request(#[from] Faults),
    /// The random source failed; there is no key and no signature.
    #[error("the random source failed: {0}")]
    RandomSource(String),
    /// No key was made.
    #[error("key generation failed: {0}")]
    KeyGeneration(csr_keygen::Error),
    /// A key could not be read.
    #[error(transparent)]
    KeyImport(#[from] KeyImportError),
    /// The format cannot hold a key of this kind: PKCS#1 is for RSA, SEC1 for the curves.
    #[error("{format} cannot hold a key of {algorithm}")]
    KeyFormat {
        /// The format asked for.
        format: KeyFormat,
        /// The key's algorithm.
        algorithm: KeyAlgorithm,
    },
    /// A private key is not encrypted under an empty pass phrase.
    #[error("the pass phrase is empty")]
    EmptyPassphrase,
    /// A signature did not verify after it was made, and was not released: a hardware fault, or a key whose
    /// parts don't belong together.
    #[error("the signature did not verify after it was made")]
    FaultySignature,
    /// `rcgen` cannot name the key's algorithm (feature `rcgen`).
    #[error("rcgen cannot sign with {0}: its closed list of algorithms does not name it")]
    NotInRcgen(KeyAlgorithm),
    /// DER encoding failed: a value too large for it.
    #[error("DER encoding failed: {0}")]
    Encoding(der::ErrorKind),
}

impl From<der::Error> for Error {
    fn from(error: der::Error) -> Self {
        Self::Encoding(error.kind())
    }
}

impl From<csr_keygen::Error> for Error {
    fn from(error: csr_keygen::Error) -> Self {
        match error {
            csr_keygen::Error::RandomSource(message) => Self::RandomSource(message),
            csr_keygen::Error::SignatureFault => Self::FaultySignature,
            other => Self::KeyGeneration(other),
        }
    }
}

impl Error {
    pub(crate) fn random_source(error: impl fmt::Display) -> Self {
        Self::RandomSource(error.to_string())
    }
}

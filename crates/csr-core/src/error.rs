use core::fmt;

use csr_model::Faults;

use crate::key::{KeyAlgorithm, KeyFormat, KeyImportError};

/// The errors between a request and its CSR. No variant holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request cannot become a CSR. All faults are listed.
    #[error(transparent)]
    Request(#[from] Faults),
    /// The random source failed, so there is no key and no signature.
    #[error("the random source failed: {0}")]
    RandomSource(String),
    /// The key generation failed.
    #[error("key generation failed: {0}")]
    KeyGeneration(csr_keygen::Error),
    /// A key could not be read.
    #[error(transparent)]
    KeyImport(#[from] KeyImportError),
    /// The format cannot hold a key of this kind: PKCS#1 is for RSA, SEC1 for the curves.
    #[error("{format} cannot hold a key of {algorithm}")]
    KeyFormat {
        /// The requested format.
        format: KeyFormat,
        /// The key's algorithm.
        algorithm: KeyAlgorithm,
    },
    /// A private key must not be encrypted under an empty pass phrase.
    #[error("the pass phrase must not be empty")]
    EmptyPassphrase,
    /// A new signature did not verify, and was not released. The hardware failed, or the parts of
    /// the key don't belong together.
    #[error("the signature did not verify after it was made")]
    FaultySignature,
    /// `rcgen` cannot name the key's algorithm (feature `rcgen`).
    #[error("rcgen cannot sign with {0}: its closed list of algorithms does not name it")]
    NotInRcgen(KeyAlgorithm),
    /// DER encoding failed because a value is too large.
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

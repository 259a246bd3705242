//! A sealed secret, its owner, and the master key that sealed it.

use core::fmt;

use csr_model::PrivateKeyAlgo;

use crate::id::CsrId;

/// Identifies a master key: eight bytes derived from it, which reveal nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A secret in its stored form: sealed under a master key, and bound to its owner.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// The master key that sealed it.
    pub key_id: KeyId,
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// The owner of a sealed secret, which the seal authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner<'a> {
    /// The private key of a CSR.
    Csr {
        /// The CSR's identifier.
        id: CsrId,
        /// The key's algorithm.
        algorithm: PrivateKeyAlgo,
    },
    /// The secret key of a credential.
    Credential {
        /// The credential's access key.
        access_key: &'a str,
    },
}

impl Owner<'_> {
    /// The associated data: version, kind, identifier and algorithm, each ended by a NUL, which none of them contains.
    pub(super) fn associated_data(&self) -> Vec<u8> {
        match self {
            Self::Csr { id, algorithm } => format!("csr-facade/1\0csr\0{id}\0{algorithm}\0"),
            Self::Credential { access_key } => format!("csr-facade/1\0credential\0{access_key}\0"),
        }
        .into_bytes()
    }
}

impl fmt::Display for Owner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Csr { id, .. } => write!(f, "the private key of the CSR {id}"),
            Self::Credential { access_key } => write!(f, "the secret key of the credential {access_key}"),
        }
    }
}

/// Why a secret was not sealed or not opened. The message shows nothing of the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// It was sealed under another master key than the one given.
    #[error("sealed under the master key {sealed}, not {given}")]
    OtherMasterKey {
        /// The master key that sealed it.
        sealed: KeyId,
        /// The master key that should open it.
        given: KeyId,
    },
    /// The sealed bytes were changed, or don't belong to this owner.
    #[error("the sealed secret was tampered with, or belongs to something else")]
    Tampered,
    /// The operating system returned no random nonce.
    #[error("the random source failed: {0}")]
    RandomSource(String),
}

impl From<getrandom::Error> for SealError {
    fn from(error: getrandom::Error) -> Self {
        Self::RandomSource(error.to_string())
    }
}

//! Secrets at rest: sealed with XChaCha20-Poly1305 under the master key, bound to what they belong to.
//!
//! A sealed secret is a nonce of 24 random bytes, the ciphertext, and the tag of 16 bytes. The associated data tell
//! the kind of secret, whose it is and its algorithm ([`Owner`]), so that one moved to another row does not open.
//! Which master key sealed it is stored beside it ([`KeyId`]), so that a wrong master key is told from tampering.
//!
//! Every row of the store has a [`Mac`] under a key derived from the master key; [`Altered`] is the error of a row that csr
//! did not write so.
//!
//! # Rotation
//!
//! The store knows the id of its present master key; what is sealed under another one is not inserted, and that is
//! checked in the transaction that inserts. A [rotation](rotate) seals every secret again, renews every MAC and sets the new
//! id in one transaction. With a [key file](KeyFile) the order of [`rotate_file`] is: the new key is written to `FILE.new` and
//! synced; the transaction; `FILE.new` is renamed to `FILE`; all of it under a lock on `FILE.lock`. A crash before the
//! commit leaves `FILE` valid, a crash after it leaves `FILE.new` valid, and [`KeyRing::open`] takes the one that the
//! store names and finishes the renaming. A server that runs meanwhile learns of the new key from the store's refusal
//! and reads the file again ([`KeyRing::refresh`]).

mod key_file;
mod key_ring;
mod mac;
mod master_key;
mod rotation;

use core::fmt;

use csr_model::PrivateKeyAlgo;

pub use key_file::{KeyFile, KeyFileError, RotationLock};
pub(crate) use key_file::{folder_of, sync_folder_of};
pub use key_ring::{KeyRing, KeyRingError, MasterKeySource};
pub use mac::{Altered, Mac, MacFault};
pub(crate) use mac::{Authenticated, Columns};
pub use master_key::{MalformedMasterKey, MasterKey};
pub(crate) use rotation::adopt;
pub use rotation::{Rotated, RotationError, rotate, rotate_file};

use crate::CsrId;

/// Which master key: eight bytes derived from it, which tell nothing about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub [u8; 8]);

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A secret as the store keeps it: sealed under a master key, bound to its owner.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which master key sealed it.
    pub key_id: KeyId,
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}

/// What a sealed secret belongs to. It enters the seal.
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
    fn associated_data(&self) -> Vec<u8> {
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

/// Why a secret was not sealed or not opened. It shows nothing of the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    /// It was sealed under another master key than the one given.
    #[error("sealed under the master key {sealed}, not {given}")]
    OtherMasterKey {
        /// The one that sealed it.
        sealed: KeyId,
        /// The one that was to open it.
        given: KeyId,
    },
    /// It is not what was sealed, or does not belong to this owner.
    #[error("the sealed secret was tampered with, or belongs to something else")]
    Tampered,
    /// The operating system gave no random nonce.
    #[error("the random source failed: {0}")]
    RandomSource(String),
}

impl From<getrandom::Error> for SealError {
    fn from(error: getrandom::Error) -> Self {
        Self::RandomSource(error.to_string())
    }
}

//! What a batch makes, from a checked record to the bytes of its files.

use std::sync::Arc;

use csr_core::{CsrSpec, PrivateKeyAlgo};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The identifier of an item: a safe file name, unique in its batch without regard to case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Id(String);

impl Id {
    /// The identifier as it was given.
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The first half of the SHA-256 of the lower-case identifier: equal for identifiers that name the same file anywhere.
    pub(super) fn hash(&self) -> [u8; 16] {
        hash_of(&self.0)
    }

    #[cfg(test)]
    pub(super) fn of(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// [`Id::hash`] of an identifier that was checked before.
pub(super) fn hash_of(id: &str) -> [u8; 16] {
    let digest = Sha256::digest(id.to_lowercase().as_bytes());
    std::array::from_fn(|at| digest[at])
}

/// A checked record of the input.
pub(super) struct Item {
    pub(super) id: Id,
    pub(super) algorithm: PrivateKeyAlgo,
    pub(super) spec: CsrSpec,
}

/// An item's key and CSR, as they are written.
pub(super) struct Made {
    pub(super) id: Id,
    pub(super) request_sha256: [u8; 32],
    pub(super) algorithm: PrivateKeyAlgo,
    pub(super) public_key_sha256: [u8; 32],
    /// Of the CSR's DER.
    pub(super) csr_sha256: [u8; 32],
    /// The content of `ID.csr`; for JSON lines the whole line with both, and `key` is empty.
    pub(super) csr: Zeroizing<Vec<u8>>,
    pub(super) key: Zeroizing<Vec<u8>>,
    /// The age recipients that the key is encrypted to.
    pub(super) sealed_to: Arc<[String]>,
}

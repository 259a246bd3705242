//! Secrets at rest: sealed with an AEAD under the master key.

use core::fmt;

/// A secret as the store keeps it: sealed under a master key, bound to what it belongs to.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Which master key sealed it.
    pub key_id: [u8; 8],
    /// Nonce, ciphertext and tag.
    pub bytes: Vec<u8>,
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed").finish_non_exhaustive()
    }
}

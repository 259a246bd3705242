//! Secrets at rest, sealed with XChaCha20-Poly1305 under the master key, and bound to their owner.
//!
//! A sealed secret is a nonce of 24 random bytes, the ciphertext, and the tag of 16 bytes. The
//! associated data hold the kind of the secret, its owner and its algorithm ([`Owner`]), so that a
//! secret moved to another row does not open. The id of the master key ([`KeyId`]) is stored beside
//! it, to distinguish a wrong master key from tampering.
//!
//! Every row of the store has a [`Mac`] under a key derived from the master key; [`Altered`] is the
//! error for a row that was changed outside of csr.
//!
//! # Rotation
//!
//! The store knows the id of its present master key. The transaction of an insertion checks that
//! the new secret is sealed under that key. A [rotation](crate::vault::rotate) seals every secret
//! again, renews every MAC and sets the new id in one transaction. With a [key file](KeyFile),
//! [`rotate_file`](crate::vault::rotate_file) writes the new key to `FILE.new` and syncs it,
//! commits the transaction, and renames `FILE.new` to `FILE`, all of it under a lock on
//! `FILE.lock`. A crash before the commit leaves `FILE` valid, a crash after it leaves `FILE.new`
//! valid, and [`Vault::open`](crate::Vault::open) takes the one that the store names and finishes
//! the renaming. A running server learns about the new key from the store's refusal, and reads the
//! file again.

mod key_file;
mod mac;
mod master_key;
mod sealed;

pub use key_file::{KeyFile, KeyFileError};
pub use mac::{Altered, Mac, MacFault};
pub(crate) use mac::{Authenticated, Columns};
pub use master_key::{MalformedMasterKey, MasterKey};
pub use sealed::{KeyId, Owner, SealError, Sealed};

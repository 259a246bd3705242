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
//! checked in the transaction that inserts. A [rotation](crate::vault::rotate) seals every secret again, renews every
//! MAC and sets the new id in one transaction. With a [key file](KeyFile) the order of
//! [`rotate_file`](crate::vault::rotate_file) is: the new key is written to `FILE.new` and synced; the transaction;
//! `FILE.new` is renamed to `FILE`; all of it under a lock on `FILE.lock`. A crash before the commit leaves `FILE` valid,
//! a crash after it leaves `FILE.new` valid, and [`Vault::open`](crate::Vault::open) takes the one that the store names
//! and finishes the renaming. A server that runs meanwhile learns of the new key from the store's refusal and reads the
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

//! Where CSRs, sealed keys and callers are kept.

pub mod postgres;
mod row;
mod schema;
pub mod sqlite;

use std::sync::Arc;

use async_trait::async_trait;
use csr_model::ListCsrQuery;

use crate::seal::{KeyId, Owner, SealError, Sealed};
use crate::{Caller, CsrId, CsrRecord};

pub use postgres::PostgresStore;
pub use sqlite::SqliteStore;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The items, newest first.
    pub records: Vec<CsrRecord>,
    /// How many match in all.
    pub total: u64,
}

/// What the store keeps to recognise a caller by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The SHA-256 of a token.
    TokenHash([u8; 32]),
    /// The secret key of a credential, sealed; its access key is the caller's id.
    SecretKey(Sealed),
}

/// Why the store could not do what it was asked to. What was not acknowledged may or may not be there after a crash.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database said no; the text is its own.
    #[error("the store failed: {0}")]
    Database(String),
    /// What is sealed is under another master key than the store's present one: it was rotated meanwhile.
    #[error("the master key was rotated")]
    StaleMasterKey,
    /// What is stored makes no sense to this version.
    #[error("the store holds what this version cannot read: {0}")]
    Corrupt(String),
    /// A secret could not be sealed again when the master key was rotated; nothing was changed.
    #[error("{owner}: {cause}")]
    Reseal {
        /// Whose secret.
        owner: String,
        /// Why.
        cause: SealError,
    },
    /// There is no store at that place, which is told, and none was to be made.
    #[error("there is no store {0}")]
    Missing(String),
    /// Its place, its URL or its settings will not do.
    #[error("{0}")]
    Unusable(String),
}

/// Seals a secret again, under another master key.
pub type Reseal = Arc<dyn Fn(&Owner<'_>, &Sealed) -> Result<Sealed, SealError> + Send + Sync>;

/// Where CSRs, sealed keys and callers are kept. Every change is durable when its future is ready.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Keeps a new CSR and, if there is one, its key.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; [`StoreError::StaleMasterKey`] when `key` is sealed under another key than the store's.
    async fn insert(&self, record: CsrRecord, key: Option<Sealed>) -> Result<(), StoreError>;

    /// The CSR with that id.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn csr(&self, id: CsrId) -> Result<Option<CsrRecord>, StoreError>;

    /// A page of the CSRs that match, newest first, and how many match in all. A name matches when it contains the
    /// one asked for, letter by letter.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn list(&self, query: &ListCsrQuery) -> Result<Page, StoreError>;

    /// The CSR with that id and its key, if it has one.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn sealed_key(&self, id: CsrId) -> Result<Option<(CsrRecord, Option<Sealed>)>, StoreError>;

    /// Renames the CSR with that id, and answers what it has become.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn rename(&self, id: CsrId, name: &str, update_time: i64) -> Result<Option<CsrRecord>, StoreError>;

    /// Deletes the CSR with that id and its key; says whether it was there.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn delete(&self, id: CsrId) -> Result<bool, StoreError>;

    /// Keeps a new caller.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; [`StoreError::StaleMasterKey`] when `proof` is sealed under another key than the store's.
    async fn add_caller(&self, caller: Caller, proof: Proof) -> Result<(), StoreError>;

    /// Every caller, revoked ones too, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn callers(&self) -> Result<Vec<Caller>, StoreError>;

    /// Revokes a caller; says whether there was one that had not been revoked.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn revoke_caller(&self, id: &str, revoke_time: i64) -> Result<bool, StoreError>;

    /// The callers whose token's hash begins so, revoked ones too. The rest of the hash is compared by the
    /// caller of this function, in constant time.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn tokens(&self, hash_prefix: [u8; 4]) -> Result<Vec<(Caller, [u8; 32])>, StoreError>;

    /// The credential with that access key, revoked or not, and its sealed secret key.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn credential(&self, access_key: &str) -> Result<Option<(Caller, Sealed)>, StoreError>;

    /// Which master key seals the store's secrets; `None` while it is new.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn master_key(&self) -> Result<Option<KeyId>, StoreError>;

    /// Makes `id` the master key of a new store; answers which one it has then, another one if it was not new.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn claim_master_key(&self, id: KeyId) -> Result<KeyId, StoreError>;

    /// Replaces every sealed secret by what `reseal` makes of it, and the master key's id, in one transaction;
    /// answers how many there were.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; [`StoreError::StaleMasterKey`] when `old` is not the present one. Nothing has changed then.
    async fn reseal(&self, old: KeyId, new: KeyId, reseal: Reseal) -> Result<u64, StoreError>;

    /// Whether the store can be reached and written to.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn ready(&self) -> Result<(), StoreError>;
}

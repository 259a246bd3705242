//! The contract of a store, whichever database it uses.

use std::sync::Arc;

use async_trait::async_trait;
use csr_model::{Company, ListCsrQuery};

use crate::caller::{Caller, shown_id};
use crate::id::CsrId;
use crate::record::CsrRecord;
use crate::seal::{Altered, Authenticated, Columns, KeyId, Mac, MasterKey, SealError, Sealed};

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The items, newest first.
    pub rows: Vec<CsrRow>,
    /// The number of all matches.
    pub total: u64,
}

/// The stored proof that authenticates a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The SHA-256 of a token.
    TokenHash([u8; 32]),
    /// The secret key of a credential, sealed; its access key is the caller's id.
    SecretKey(Sealed),
}

impl Proof {
    /// The sealed secret, if it is one.
    pub(super) fn sealed(&self) -> Option<&Sealed> {
        match self {
            Self::TokenHash(_) => None,
            Self::SecretKey(sealed) => Some(sealed),
        }
    }
}

/// A CSR in its stored form. The private key, which may be large, is read with it only if needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsrRow {
    /// Its public fields.
    pub record: CsrRecord,
    /// The master key that sealed its private key; `None` if it has no private key.
    pub key_id: Option<KeyId>,
    /// The MAC over all of this; `None` if there is none. Its seal binds the private key to the id
    /// and the algorithm.
    pub mac: Option<Mac>,
}

impl CsrRow {
    pub(crate) fn new(record: CsrRecord, key: Option<&Sealed>, master: &MasterKey) -> Self {
        let row = Self { record, key_id: key.map(|key| key.key_id), mac: None };
        Self { mac: Some(master.mac(&row)), ..row }
    }
}

impl Authenticated for CsrRow {
    const TABLE: &'static str = "csr";

    fn columns(&self, columns: &mut Columns) {
        let Self { record, key_id, mac: _ } = self;
        let CsrRecord {
            id,
            name,
            domain_name,
            sans,
            private_key_algo,
            usage,
            company: Company { country, province, city, name: company_name },
            csr,
            create_time,
            update_time,
        } = record;
        columns.texts([&id.to_string(), name, domain_name, sans, private_key_algo.as_str(), usage.as_str()]);
        columns.texts([country, province, city, company_name, csr]);
        columns.integer(*create_time);
        columns.integer(*update_time);
        columns.bytes_or_null(key_id.as_ref().map(|id| id.0.as_slice()));
    }

    fn mac(&self) -> Option<&Mac> {
        self.mac.as_ref()
    }

    fn name(&self) -> String {
        format!("the CSR {}", self.record.id)
    }
}

/// A caller in its stored form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerRow {
    /// Its public fields.
    pub caller: Caller,
    /// The proof that authenticates it.
    pub proof: Proof,
    /// Over all of this; `None` where there is none.
    pub mac: Option<Mac>,
}

impl CallerRow {
    pub(crate) fn new(caller: Caller, proof: Proof, master: &MasterKey) -> Self {
        let row = Self { caller, proof, mac: None };
        Self { mac: Some(master.mac(&row)), ..row }
    }

    /// The columns `token_hash`, `key_id` and `sealed_secret`.
    pub(super) fn proof_columns(&self) -> [Option<&[u8]>; 3] {
        match &self.proof {
            Proof::TokenHash(hash) => [Some(hash), None, None],
            Proof::SecretKey(Sealed { key_id, bytes }) => [None, Some(&key_id.0), Some(bytes)],
        }
    }
}

impl Authenticated for CallerRow {
    const TABLE: &'static str = "caller";

    fn columns(&self, columns: &mut Columns) {
        let Caller { id, label, kind, rights, create_time, revoke_time } = &self.caller;
        columns.texts([id, label, kind.as_str(), &rights.to_string()]);
        columns.integer(*create_time);
        columns.integer_or_null(*revoke_time);
        for column in self.proof_columns() {
            columns.bytes_or_null(column);
        }
    }

    fn mac(&self) -> Option<&Mac> {
        self.mac.as_ref()
    }

    fn name(&self) -> String {
        format!("the {} {}", self.caller.kind.as_str(), shown_id(&self.caller.id))
    }
}

/// Why a store failed. After a crash, a change that was not acknowledged may or may not be there.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database reported an error, in its own words.
    #[error("the store failed: {0}")]
    Database(String),
    /// The secret is sealed under another master key than the store's present one, which was
    /// rotated meanwhile.
    #[error("the master key was rotated")]
    StaleMasterKey,
    /// A row was changed outside of csr.
    #[error(transparent)]
    Altered(#[from] Altered),
    /// This version cannot interpret the stored data.
    #[error("this version cannot read the store: {0}")]
    Corrupt(String),
    /// A rotation of the master key could not seal a secret again. Nothing was changed.
    #[error("{owner}: {cause}")]
    Reseal {
        /// The owner of the secret.
        owner: String,
        /// Why.
        cause: SealError,
    },
    /// There is no store at that place, which the message names, and none should be made.
    #[error("there is no store {0}")]
    Missing(String),
    /// The store's path, URL or settings cannot be used.
    #[error("{0}")]
    Unusable(String),
}

/// Reseals each row in a rotation of the master key: seals its secret again, and renews its MAC.
pub trait Reseal: Send + Sync {
    /// Reseals a CSR and its key. Only the key, the MAC and the text of the CSR may change.
    ///
    /// # Errors
    ///
    /// [`StoreError`], which cancels the rotation.
    fn csr(&self, row: CsrRow, key: Option<Sealed>) -> Result<(CsrRow, Option<Sealed>), StoreError>;

    /// Reseals a caller. Only the sealed secret and the MAC may change.
    ///
    /// # Errors
    ///
    /// [`StoreError`], which cancels the rotation.
    fn caller(&self, row: CallerRow) -> Result<CallerRow, StoreError>;
}

/// Changes only the name, the time of the last change, and the MAC of a CSR.
pub type ChangeCsr = Arc<dyn Fn(CsrRow) -> Result<CsrRow, StoreError> + Send + Sync>;

/// Changes only the time of revocation and the MAC of a caller. `None` leaves it unchanged.
pub type ChangeCaller = Arc<dyn Fn(CallerRow) -> Result<Option<CallerRow>, StoreError> + Send + Sync>;

/// A store of CSRs, sealed keys and callers. Every change is durable when its future completes.
///
/// A store keeps MACs without checking them: the holder of the master key does that.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Stores a new CSR and its key, if it has one.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; [`StoreError::StaleMasterKey`] if the MAC or `key` is under another master
    /// key than the store's, or there is no MAC.
    async fn insert(&self, row: CsrRow, key: Option<Sealed>) -> Result<(), StoreError>;

    /// The CSR with that id.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn csr(&self, id: CsrId) -> Result<Option<CsrRow>, StoreError>;

    /// A page of the matching CSRs, newest first, and the number of all matches. A name matches if
    /// it contains the requested one, letter by letter.
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
    async fn sealed_key(&self, id: CsrId) -> Result<Option<(CsrRow, Option<Sealed>)>, StoreError>;

    /// Changes the CSR with that id, without any other change in between, and returns the changed
    /// CSR.
    ///
    /// # Errors
    ///
    /// [`StoreError`], including that of `change`.
    async fn change_csr(&self, id: CsrId, change: ChangeCsr) -> Result<Option<CsrRow>, StoreError>;

    /// Deletes the CSR with that id and its key. Returns whether it existed.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn delete(&self, id: CsrId) -> Result<bool, StoreError>;

    /// Stores a new caller.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; [`StoreError::StaleMasterKey`] if the MAC or the proof is under another
    /// master key than the store's, or there is no MAC.
    async fn add_caller(&self, row: CallerRow) -> Result<(), StoreError>;

    /// All callers, including revoked ones, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn callers(&self) -> Result<Vec<CallerRow>, StoreError>;

    /// Changes the caller with that id, without any other change in between. Returns whether it
    /// existed and did change.
    ///
    /// # Errors
    ///
    /// [`StoreError`], including that of `change`.
    async fn change_caller(&self, id: &str, change: ChangeCaller) -> Result<bool, StoreError>;

    /// The callers whose token's hash has this prefix, including revoked ones. The caller of this
    /// function compares the rest of the hash, in constant time.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn tokens(&self, hash_prefix: [u8; 4]) -> Result<Vec<CallerRow>, StoreError>;

    /// The caller with that id, revoked or not.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn caller(&self, id: &str) -> Result<Option<CallerRow>, StoreError>;

    /// The master key that seals the store's secrets; `None` while the store is new.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn master_key(&self) -> Result<Option<KeyId>, StoreError>;

    /// Makes `id` the master key of a new store. Returns the store's master key, which is another
    /// one if the store was not new.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn claim_master_key(&self, id: KeyId) -> Result<KeyId, StoreError>;

    /// Replaces every row by the result of `reseal`, and the id of the master key, in one
    /// transaction. Returns the number of sealed secrets. Nothing of their old form stays in the
    /// store's files, as far as the store can ensure that.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; [`StoreError::StaleMasterKey`] if `old` is not the present one. Then nothing
    /// has changed.
    async fn reseal(&self, old: KeyId, new: KeyId, reseal: Arc<dyn Reseal>) -> Result<u64, StoreError>;

    /// Checks that the store can be reached and written to.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn ready(&self) -> Result<(), StoreError>;
}

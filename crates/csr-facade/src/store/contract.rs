//! What a store keeps and does, whichever database it is in.

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

impl Proof {
    /// The sealed secret, if that is what it is.
    pub(super) fn sealed(&self) -> Option<&Sealed> {
        match self {
            Self::TokenHash(_) => None,
            Self::SecretKey(sealed) => Some(sealed),
        }
    }
}

/// A CSR as the store keeps it. The private key, which may be large, is read with it only where it is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsrRow {
    /// What is told of it.
    pub record: CsrRecord,
    /// Which master key sealed its private key; `None` where it has no private key.
    pub key_id: Option<KeyId>,
    /// Over all of this; `None` where there is none. The private key is bound to the id and the algorithm by its seal.
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

/// A caller as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerRow {
    /// What is told of it.
    pub caller: Caller,
    /// What it is recognised by.
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
    /// A row is not as csr wrote it.
    #[error(transparent)]
    Altered(#[from] Altered),
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

/// What a rotation of the master key makes of each row: its secret sealed again, and another MAC.
pub trait Reseal: Send + Sync {
    /// A CSR and its key, which changes in the key, the MAC and the text of the CSR alone.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the rotation is given up.
    fn csr(&self, row: CsrRow, key: Option<Sealed>) -> Result<(CsrRow, Option<Sealed>), StoreError>;

    /// A caller, which changes in the sealed secret and the MAC alone.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; the rotation is given up.
    fn caller(&self, row: CallerRow) -> Result<CallerRow, StoreError>;
}

/// Changes the name, the time of the last change, and the MAC of a CSR; nothing else.
pub type ChangeCsr = Arc<dyn Fn(CsrRow) -> Result<CsrRow, StoreError> + Send + Sync>;

/// Changes the time of revocation and the MAC of a caller, nothing else; `None` leaves it as it is.
pub type ChangeCaller = Arc<dyn Fn(CallerRow) -> Result<Option<CallerRow>, StoreError> + Send + Sync>;

/// Where CSRs, sealed keys and callers are kept. Every change is durable when its future is ready.
///
/// A store keeps MACs without checking them: that is done by whoever has the master key.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Keeps a new CSR and, if there is one, its key.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; [`StoreError::StaleMasterKey`] when the MAC or `key` is under another master key than the
    /// store's, or there is no MAC.
    async fn insert(&self, row: CsrRow, key: Option<Sealed>) -> Result<(), StoreError>;

    /// The CSR with that id.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn csr(&self, id: CsrId) -> Result<Option<CsrRow>, StoreError>;

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
    async fn sealed_key(&self, id: CsrId) -> Result<Option<(CsrRow, Option<Sealed>)>, StoreError>;

    /// Changes the CSR with that id, so that no other change comes in between, and answers what it has become.
    ///
    /// # Errors
    ///
    /// [`StoreError`], that of `change` among them.
    async fn change_csr(&self, id: CsrId, change: ChangeCsr) -> Result<Option<CsrRow>, StoreError>;

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
    /// [`StoreError`]; [`StoreError::StaleMasterKey`] when the MAC or the proof is under another master key than the
    /// store's, or there is no MAC.
    async fn add_caller(&self, row: CallerRow) -> Result<(), StoreError>;

    /// Every caller, revoked ones too, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn callers(&self) -> Result<Vec<CallerRow>, StoreError>;

    /// Changes the caller with that id, so that no other change comes in between; says whether it was there and did
    /// change.
    ///
    /// # Errors
    ///
    /// [`StoreError`], that of `change` among them.
    async fn change_caller(&self, id: &str, change: ChangeCaller) -> Result<bool, StoreError>;

    /// The callers whose token's hash begins so, revoked ones too. The rest of the hash is compared by the
    /// caller of this function, in constant time.
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

    /// Replaces every row by what `reseal` makes of it, and the master key's id, in one transaction; answers how many
    /// sealed secrets there were. Nothing of what they were before stays in the store's files, as far as that is in the
    /// store's hands.
    ///
    /// # Errors
    ///
    /// [`StoreError`]; [`StoreError::StaleMasterKey`] when `old` is not the present one. Nothing has changed then.
    async fn reseal(&self, old: KeyId, new: KeyId, reseal: Arc<dyn Reseal>) -> Result<u64, StoreError>;

    /// Whether the store can be reached and written to.
    ///
    /// # Errors
    ///
    /// [`StoreError`].
    async fn ready(&self) -> Result<(), StoreError>;
}

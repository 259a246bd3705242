//! The store with the master key that belongs to it: the one way to its rows.
//!
//! What is written gets its MAC and is sealed here, and what is read is checked and opened here, also while the master
//! key is rotated.

mod key_ring;
mod reseal;
mod rotation;

use core::fmt;
use std::sync::Arc;

use csr_model::ListCsrQuery;
use zeroize::Zeroizing;

use self::key_ring::KeyRing;
use crate::caller::{Caller, CallerKind};
use crate::error::Internal;
use crate::id::CsrId;
use crate::record::CsrRecord;
use crate::seal::{Altered, Authenticated, MacFault, MasterKey, Owner, SealError};
use crate::store::{CallerRow, CsrRow, Proof, Store, StoreError};

pub use key_ring::{MasterKeyError, MasterKeySource};
pub use reseal::{Rotated, rotate};
pub use rotation::{RotationError, rotate_file};

/// How often a rotation may come in between.
const ATTEMPTS: usize = 3;

/// A store and its master key: what [`Service`](crate::Service), [`Access`](crate::Access) and
/// [`Authenticator`](crate::Authenticator) work on. A clone is the same vault.
///
/// ```
/// use std::sync::Arc;
/// use csr_facade::seal::KeyFile;
/// use csr_facade::store::SqliteStore;
/// use csr_facade::vault::MasterKeySource;
/// use csr_facade::{Access, Rights, Vault};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let store = Arc::new(SqliteStore::open(&folder.join("csr.db"))?);
/// let file = KeyFile::new(folder.join("master.key"));
/// let vault = Vault::open(store, MasterKeySource::File { file, create: true }).await?;
///
/// let issued = Access::new(vault).issue_token("backup job", Rights::all()).await?;
/// assert!(issued.token.starts_with("csr_"));
/// # Ok(())
/// # }
/// # tokio::runtime::Runtime::new()?.block_on(example())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Vault(Arc<Inner>);

struct Inner {
    store: Arc<dyn Store>,
    keys: KeyRing,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("master_key", &self.master_key().id()).finish_non_exhaustive()
    }
}

impl Vault {
    /// A store with its master key. A new store takes the key that the source has, or makes one; with any other, the
    /// key must be the store's. A rotation that a crash cut short is finished, and rows from before there were MACs get
    /// theirs.
    ///
    /// # Errors
    ///
    /// [`MasterKeyError`].
    pub async fn open(store: Arc<dyn Store>, source: MasterKeySource) -> Result<Self, MasterKeyError> {
        let keys = KeyRing::open(source, &*store).await?;
        Ok(Self(Arc::new(Inner { store, keys })))
    }

    /// The store. It keeps the MACs of its rows without checking them.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    /// The present master key.
    #[must_use]
    pub fn master_key(&self) -> Arc<MasterKey> {
        self.0.keys.present()
    }

    /// Whether the store can be reached and written to, and its master key is at hand.
    pub(crate) async fn ready(&self) -> Result<(), Internal> {
        self.0.keys.refresh(&*self.0.store).await?;
        Ok(self.0.store.ready().await?)
    }

    /// Keeps a CSR and, if there is one, its key.
    pub(crate) async fn insert(&self, record: &CsrRecord, key: Option<&[u8]>) -> Result<(), Internal> {
        let owner = owner(record);
        self.under_present_key(|master| async move {
            let key = key.map(|key| master.seal(key, &owner)).transpose()?;
            let row = CsrRow::new(record.clone(), key.as_ref(), &master);
            Ok(self.0.store.insert(row, key).await?)
        })
        .await
    }

    /// The CSR with that id.
    pub(crate) async fn csr(&self, id: CsrId) -> Result<Option<CsrRecord>, Internal> {
        self.under_present_key(|master| async move {
            let row = self.0.store.csr(id).await?;
            Ok(row.map(|row| checked(row, &master)).transpose()?)
        })
        .await
    }

    /// A page of the CSRs that match, newest first, and how many match in all.
    pub(crate) async fn list(&self, query: &ListCsrQuery) -> Result<(Vec<CsrRecord>, u64), Internal> {
        self.under_present_key(|master| async move {
            let page = self.0.store.list(query).await?;
            let records = page.rows.into_iter().map(|row| checked(row, &master)).collect::<Result<_, _>>()?;
            Ok((records, page.total))
        })
        .await
    }

    /// The private key of the CSR with that id, if the CSR is there, and if it has one.
    pub(crate) async fn private_key(
        &self,
        id: CsrId,
    ) -> Result<Option<Option<Zeroizing<Vec<u8>>>>, Internal> {
        self.under_present_key(|master| async move {
            let Some((row, key)) = self.0.store.sealed_key(id).await? else { return Ok(None) };
            master.check(&row)?;
            if row.key_id != key.as_ref().map(|key| key.key_id) {
                return Err(Altered { row: row.name(), fault: MacFault::Mismatch }.into());
            }
            Ok(Some(key.map(|key| master.open(&key, &owner(&row.record))).transpose()?))
        })
        .await
    }

    /// Renames the CSR with that id, and answers what it has become.
    pub(crate) async fn rename(
        &self,
        id: CsrId,
        name: &str,
        update_time: i64,
    ) -> Result<Option<CsrRecord>, Internal> {
        self.under_present_key(|master| async move {
            let name = name.to_owned();
            let change = move |mut row: CsrRow| {
                master.check(&row)?;
                row.record.name.clone_from(&name);
                row.record.update_time = update_time;
                row.mac = Some(master.mac(&row));
                Ok(row)
            };
            let row = self.0.store.change_csr(id, Arc::new(change)).await?;
            Ok(row.map(|row| row.record))
        })
        .await
    }

    /// Deletes the CSR with that id and its key; says whether it was there.
    pub(crate) async fn delete(&self, id: CsrId) -> Result<bool, Internal> {
        Ok(self.0.store.delete(id).await?)
    }

    /// Keeps a caller with the hash of its token.
    pub(crate) async fn add_token(&self, caller: &Caller, hash: [u8; 32]) -> Result<(), Internal> {
        self.under_present_key(|master| async move {
            let row = CallerRow::new(caller.clone(), Proof::TokenHash(hash), &master);
            Ok(self.0.store.add_caller(row).await?)
        })
        .await
    }

    /// Keeps a caller with its secret key.
    pub(crate) async fn add_credential(&self, caller: &Caller, secret_key: &[u8]) -> Result<(), Internal> {
        self.under_present_key(|master| async move {
            let sealed = master.seal(secret_key, &Owner::Credential { access_key: &caller.id })?;
            let row = CallerRow::new(caller.clone(), Proof::SecretKey(sealed), &master);
            Ok(self.0.store.add_caller(row).await?)
        })
        .await
    }

    /// Every caller, revoked ones too, oldest first.
    pub(crate) async fn callers(&self) -> Result<Vec<Caller>, Internal> {
        self.under_present_key(|master| async move {
            let rows = self.0.store.callers().await?;
            let checked = rows.into_iter().map(|row| master.check(&row).map(|()| row.caller));
            Ok(checked.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Revokes a caller; says whether there was one that had not been revoked.
    pub(crate) async fn revoke(&self, id: &str, revoke_time: i64) -> Result<bool, Internal> {
        self.under_present_key(|master| async move {
            let change = move |mut row: CallerRow| {
                master.check(&row)?;
                if row.caller.revoke_time.is_some() {
                    return Ok(None);
                }
                row.caller.revoke_time = Some(revoke_time);
                row.mac = Some(master.mac(&row));
                Ok(Some(row))
            };
            Ok(self.0.store.change_caller(id, Arc::new(change)).await?)
        })
        .await
    }

    /// The callers whose token's hash begins so, revoked ones too. The rest of the hash is compared by the caller of
    /// this function, in constant time. Where one of them is not as csr wrote it, nobody is found, and the log tells.
    pub(crate) async fn tokens(&self, hash_prefix: [u8; 4]) -> Result<Vec<(Caller, [u8; 32])>, Internal> {
        let found = self.under_present_key(|master| async move {
            let mut found = Vec::new();
            for row in self.0.store.tokens(hash_prefix).await? {
                master.check(&row)?;
                if let (CallerKind::Token, Proof::TokenHash(hash)) = (row.caller.kind, row.proof) {
                    found.push((row.caller, hash));
                }
            }
            Ok(found)
        });
        or_nobody(found.await)
    }

    /// The credential with that access key, revoked or not, and its secret key. One that is not as csr wrote it is not
    /// found, and the log tells.
    pub(crate) async fn credential(
        &self,
        access_key: &str,
    ) -> Result<Option<(Caller, Zeroizing<Vec<u8>>)>, Internal> {
        let found = self.under_present_key(|master| async move {
            let Some(row) = self.0.store.caller(access_key).await? else { return Ok(None) };
            master.check(&row)?;
            let (CallerKind::Credential, Proof::SecretKey(sealed)) = (row.caller.kind, row.proof) else {
                return Ok(None);
            };
            let secret_key = master.open(&sealed, &Owner::Credential { access_key: &row.caller.id })?;
            Ok(Some((row.caller, secret_key)))
        });
        or_nobody(found.await)
    }

    /// Does something with the present master key, and again with the next one if it was rotated meanwhile.
    async fn under_present_key<T, F>(&self, operation: impl Fn(Arc<MasterKey>) -> F) -> Result<T, Internal>
    where
        F: Future<Output = Result<T, Internal>>,
    {
        let mut master = self.0.keys.present();
        for _ in 1..ATTEMPTS {
            match operation(master).await {
                Err(error) if tells_of_rotation(&error) => {
                    master = self.0.keys.refresh(&*self.0.store).await?;
                }
                done => return done,
            }
        }
        operation(master).await
    }
}

fn tells_of_rotation(error: &Internal) -> bool {
    let altered = match error {
        Internal::Store(StoreError::StaleMasterKey) | Internal::Seal(SealError::OtherMasterKey { .. }) => {
            return true;
        }
        Internal::Store(StoreError::Altered(altered)) | Internal::Altered(altered) => altered,
        _ => return false,
    };
    matches!(altered.fault, MacFault::OtherMasterKey { .. })
}

/// An altered row authenticates nobody.
fn or_nobody<T: Default>(found: Result<T, Internal>) -> Result<T, Internal> {
    match found {
        Err(Internal::Altered(altered)) => {
            tracing::error!(target: "csr::auth", "refused: {altered}");
            Ok(T::default())
        }
        found => found,
    }
}

fn owner(record: &CsrRecord) -> Owner<'static> {
    Owner::Csr { id: record.id, algorithm: record.private_key_algo }
}

fn checked(row: CsrRow, master: &MasterKey) -> Result<CsrRecord, Altered> {
    master.check(&row).map(|()| row.record)
}

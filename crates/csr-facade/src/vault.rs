//! A store with its master key: the only way to its rows.
//!
//! The vault seals secrets and adds MACs when it writes, and checks and opens them when it reads,
//! also during a rotation of the master key.

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

/// How often a rotation may interrupt one operation.
const ATTEMPTS: usize = 3;

/// A store and its master key. [`Service`](crate::Service), [`Access`](crate::Access) and
/// [`Authenticator`](crate::Authenticator) work on it. A clone is the same vault.
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
    /// Opens a store with its master key. A new store takes the key from the source, or a new one;
    /// any other store must have been sealed with the source's key. This finishes a rotation that a
    /// crash interrupted, and adds MACs to rows of older versions.
    ///
    /// # Errors
    ///
    /// [`MasterKeyError`].
    pub async fn open(store: Arc<dyn Store>, source: MasterKeySource) -> Result<Self, MasterKeyError> {
        let keys = KeyRing::open(source, &*store).await?;
        Ok(Self(Arc::new(Inner { store, keys })))
    }

    /// The store, which keeps the MACs of its rows without checking them.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.0.store
    }

    /// The present master key.
    #[must_use]
    pub fn master_key(&self) -> Arc<MasterKey> {
        self.0.keys.present()
    }

    /// Checks that the store can be reached and written to, and that its master key is available.
    pub(crate) async fn ready(&self) -> Result<(), Internal> {
        self.0.keys.refresh(&*self.0.store).await?;
        Ok(self.0.store.ready().await?)
    }

    /// Stores a CSR and its key, if it has one.
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

    /// A page of the matching CSRs, newest first, and the number of all matches.
    pub(crate) async fn list(&self, query: &ListCsrQuery) -> Result<(Vec<CsrRecord>, u64), Internal> {
        self.under_present_key(|master| async move {
            let page = self.0.store.list(query).await?;
            let records = page.rows.into_iter().map(|row| checked(row, &master)).collect::<Result<_, _>>()?;
            Ok((records, page.total))
        })
        .await
    }

    /// The private key of the CSR with that id, if the CSR exists and has one.
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

    /// Renames the CSR with that id, and returns the renamed CSR.
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

    /// Deletes the CSR with that id and its key. Returns whether it existed.
    pub(crate) async fn delete(&self, id: CsrId) -> Result<bool, Internal> {
        Ok(self.0.store.delete(id).await?)
    }

    /// Stores a caller with the hash of its token.
    pub(crate) async fn add_token(&self, caller: &Caller, hash: [u8; 32]) -> Result<(), Internal> {
        self.under_present_key(|master| async move {
            let row = CallerRow::new(caller.clone(), Proof::TokenHash(hash), &master);
            Ok(self.0.store.add_caller(row).await?)
        })
        .await
    }

    /// Stores a caller with its secret key.
    pub(crate) async fn add_credential(&self, caller: &Caller, secret_key: &[u8]) -> Result<(), Internal> {
        self.under_present_key(|master| async move {
            let sealed = master.seal(secret_key, &Owner::Credential { access_key: &caller.id })?;
            let row = CallerRow::new(caller.clone(), Proof::SecretKey(sealed), &master);
            Ok(self.0.store.add_caller(row).await?)
        })
        .await
    }

    /// All callers, including revoked ones, oldest first.
    pub(crate) async fn callers(&self) -> Result<Vec<Caller>, Internal> {
        self.under_present_key(|master| async move {
            let rows = self.0.store.callers().await?;
            let checked = rows.into_iter().map(|row| master.check(&row).map(|()| row.caller));
            Ok(checked.collect::<Result<_, _>>()?)
        })
        .await
    }

    /// Revokes a caller. Returns whether there was such a caller and it had not been revoked
    /// before.
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

    /// The callers whose token's hash has this prefix, including revoked ones. The caller of this
    /// function compares the rest of the hash, in constant time. If one of them was changed outside
    /// of csr, none is found, and the log says so.
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

    /// The credential with that access key, revoked or not, and its secret key. A credential that
    /// was changed outside of csr is not found, and the log says so.
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

    /// Runs an operation with the present master key, and again with the next one if a rotation
    /// came in between.
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

//! The store with the master key that belongs to it: the one way to its rows.
//!
//! What is written gets its MAC and is sealed here, and what is read is checked and opened here, also while the master
//! key is rotated.

use std::sync::Arc;

use csr_model::ListCsrQuery;
use zeroize::Zeroizing;

use crate::seal::{Altered, Authenticated, KeyRing, MacFault, MasterKey, Owner, SealError};
use crate::store::{CallerRow, CsrRow, Proof, StoreError};
use crate::{Caller, CallerKind, CsrId, CsrRecord, Internal, Store};

/// How often a rotation may come in between.
const ATTEMPTS: usize = 3;

/// A store and its master key.
pub(crate) struct Vault {
    store: Arc<dyn Store>,
    keys: KeyRing,
}

impl Vault {
    pub(crate) fn new(store: Arc<dyn Store>, keys: KeyRing) -> Self {
        Self { store, keys }
    }

    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    pub(crate) fn keys(&self) -> &KeyRing {
        &self.keys
    }

    /// Keeps a CSR and, if there is one, its key.
    pub(crate) async fn insert(&self, record: &CsrRecord, key: Option<&[u8]>) -> Result<(), Internal> {
        let owner = owner(record);
        self.under_present_key(|master| async move {
            let key = key.map(|key| master.seal(key, &owner)).transpose()?;
            let row = CsrRow::new(record.clone(), key.as_ref(), &master);
            Ok(self.store.insert(row, key).await?)
        })
        .await
    }

    /// The CSR with that id.
    pub(crate) async fn csr(&self, id: CsrId) -> Result<Option<CsrRecord>, Internal> {
        self.under_present_key(|master| async move {
            let row = self.store.csr(id).await?;
            Ok(row.map(|row| checked(row, &master)).transpose()?)
        })
        .await
    }

    /// A page of the CSRs that match, newest first, and how many match in all.
    pub(crate) async fn list(&self, query: &ListCsrQuery) -> Result<(Vec<CsrRecord>, u64), Internal> {
        self.under_present_key(|master| async move {
            let page = self.store.list(query).await?;
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
            let Some((row, key)) = self.store.sealed_key(id).await? else { return Ok(None) };
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
            let row = self.store.change_csr(id, Arc::new(change)).await?;
            Ok(row.map(|row| row.record))
        })
        .await
    }

    /// Deletes the CSR with that id and its key; says whether it was there.
    pub(crate) async fn delete(&self, id: CsrId) -> Result<bool, Internal> {
        Ok(self.store.delete(id).await?)
    }

    /// Keeps a caller with the hash of its token.
    pub(crate) async fn add_token(&self, caller: &Caller, hash: [u8; 32]) -> Result<(), Internal> {
        self.under_present_key(|master| async move {
            let row = CallerRow::new(caller.clone(), Proof::TokenHash(hash), &master);
            Ok(self.store.add_caller(row).await?)
        })
        .await
    }

    /// Keeps a caller with its secret key.
    pub(crate) async fn add_credential(&self, caller: &Caller, secret_key: &[u8]) -> Result<(), Internal> {
        self.under_present_key(|master| async move {
            let sealed = master.seal(secret_key, &Owner::Credential { access_key: &caller.id })?;
            let row = CallerRow::new(caller.clone(), Proof::SecretKey(sealed), &master);
            Ok(self.store.add_caller(row).await?)
        })
        .await
    }

    /// Every caller, revoked ones too, oldest first.
    pub(crate) async fn callers(&self) -> Result<Vec<Caller>, Internal> {
        self.under_present_key(|master| async move {
            let rows = self.store.callers().await?;
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
            Ok(self.store.change_caller(id, Arc::new(change)).await?)
        })
        .await
    }

    /// The callers whose token's hash begins so, revoked ones too. The rest of the hash is compared by the caller of
    /// this function, in constant time. Where one of them is not as csr wrote it, nobody is found, and the log tells.
    pub(crate) async fn tokens(&self, hash_prefix: [u8; 4]) -> Result<Vec<(Caller, [u8; 32])>, Internal> {
        let found = self.under_present_key(|master| async move {
            let mut found = Vec::new();
            for row in self.store.tokens(hash_prefix).await? {
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
            let Some(row) = self.store.caller(access_key).await? else { return Ok(None) };
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
        let mut master = self.keys.present();
        for _ in 1..ATTEMPTS {
            match operation(master).await {
                Err(error) if tells_of_rotation(&error) => {
                    master = self.keys.refresh(&*self.store).await?;
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

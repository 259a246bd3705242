//! Reseals the rows of a store under another master key, and renews their MACs.

use std::sync::Arc;

use crate::seal::{KeyId, MasterKey, Owner, SealError, Sealed};
use crate::store::{CallerRow, CsrRow, Proof, Reseal, Store, StoreError};

/// The result of a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// The old key, which only older backups need.
    pub old: KeyId,
    /// The present key.
    pub new: KeyId,
    /// How many secrets were sealed again.
    pub secrets: u64,
}

/// Seals every secret of the store under `new` instead of `old` and renews the MAC of every row, in one transaction.
/// Other writers wait meanwhile.
///
/// # Errors
///
/// [`StoreError`], for example [`StoreError::Altered`] with the first row that was changed outside
/// of csr. Then nothing has changed.
pub async fn rotate(store: &dyn Store, old: MasterKey, new: MasterKey) -> Result<Rotated, StoreError> {
    let (old_id, new_id) = (old.id(), new.id());
    let secrets = store.reseal(old_id, new_id, Arc::new(Rotation { old, new })).await?;
    Ok(Rotated { old: old_id, new: new_id, secrets })
}

struct Rotation {
    old: MasterKey,
    new: MasterKey,
}

impl Rotation {
    fn sealed(&self, owner: &Owner<'_>, sealed: &Sealed) -> Result<Sealed, StoreError> {
        let reseal = || {
            let secret = self.old.open(sealed, owner)?;
            let resealed = self.new.seal(&secret, owner)?;
            // The old form is overwritten next.
            if *self.new.open(&resealed, owner)? == *secret { Ok(resealed) } else { Err(SealError::Tampered) }
        };
        reseal().map_err(|cause| StoreError::Reseal { owner: owner.to_string(), cause })
    }
}

impl Reseal for Rotation {
    fn csr(&self, row: CsrRow, key: Option<Sealed>) -> Result<(CsrRow, Option<Sealed>), StoreError> {
        self.old.check(&row)?;
        resealed_csr(row, key, &self.new, |owner, sealed| self.sealed(owner, sealed))
    }

    fn caller(&self, row: CallerRow) -> Result<CallerRow, StoreError> {
        self.old.check(&row)?;
        resealed_caller(row, &self.new, |owner, sealed| self.sealed(owner, sealed))
    }
}

/// Adds MACs to the rows of a store from before rows had any. Such a store names its master key by
/// the id that `key` had then. All of its content counts as written by csr, if its secrets open;
/// but of an uploaded text, only the request is kept.
pub(super) async fn adopt(store: &dyn Store, key: &MasterKey) -> Result<(), StoreError> {
    let (old, new) = (key.id_before_macs(), key.id());
    match store.reseal(old, new, Arc::new(Adoption(key.clone()))).await {
        // Another process was first.
        Err(StoreError::StaleMasterKey) if store.master_key().await? == Some(new) => Ok(()),
        adopted => {
            adopted?;
            tracing::warn!(
                "the rows of the store now have MACs under the master key; look at `csr access list`, and rotate the \
                 master key (`csr master-key rotate`), so that a copy of the database from before is of no use to \
                 anybody"
            );
            Ok(())
        }
    }
}

struct Adoption(MasterKey);

impl Adoption {
    fn sealed(&self, owner: &Owner<'_>, sealed: &Sealed) -> Result<Sealed, StoreError> {
        let Self(key) = self;
        let old = key.id_before_macs();
        let opened = if sealed.key_id == old {
            key.open_bytes(&sealed.bytes, owner).map(drop)
        } else {
            Err(SealError::OtherMasterKey { sealed: sealed.key_id, given: old })
        };
        opened.map_err(|cause| StoreError::Reseal { owner: owner.to_string(), cause })?;
        Ok(Sealed { key_id: key.id(), bytes: sealed.bytes.clone() })
    }
}

impl Reseal for Adoption {
    fn csr(&self, mut row: CsrRow, key: Option<Sealed>) -> Result<(CsrRow, Option<Sealed>), StoreError> {
        // Such a store holds uploads as the client sent them, possibly with a private key beside
        // the request.
        match csr_core::inspect(row.record.csr.as_bytes()) {
            Ok(request) => row.record.csr = request.to_pem(),
            Err(error) => tracing::warn!(
                csr = %row.record.id, %error,
                "the stored text is not read as a CSR and stays as it is: show it, and delete it if it holds a \
                 private key"
            ),
        }
        resealed_csr(row, key, &self.0, |owner, sealed| self.sealed(owner, sealed))
    }

    fn caller(&self, row: CallerRow) -> Result<CallerRow, StoreError> {
        resealed_caller(row, &self.0, |owner, sealed| self.sealed(owner, sealed))
    }
}

fn resealed_csr(
    row: CsrRow,
    key: Option<Sealed>,
    new: &MasterKey,
    reseal: impl Fn(&Owner<'_>, &Sealed) -> Result<Sealed, StoreError>,
) -> Result<(CsrRow, Option<Sealed>), StoreError> {
    let owner = Owner::Csr { id: row.record.id, algorithm: row.record.private_key_algo };
    let key = key.map(|key| reseal(&owner, &key)).transpose()?;
    Ok((CsrRow::new(row.record, key.as_ref(), new), key))
}

fn resealed_caller(
    row: CallerRow,
    new: &MasterKey,
    reseal: impl Fn(&Owner<'_>, &Sealed) -> Result<Sealed, StoreError>,
) -> Result<CallerRow, StoreError> {
    let CallerRow { caller, proof, .. } = row;
    let proof = match proof {
        Proof::TokenHash(hash) => Proof::TokenHash(hash),
        Proof::SecretKey(sealed) => {
            Proof::SecretKey(reseal(&Owner::Credential { access_key: &caller.id }, &sealed)?)
        }
    };
    Ok(CallerRow::new(caller, proof, new))
}

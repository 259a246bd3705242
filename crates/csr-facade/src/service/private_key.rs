//! Private keys into the store and out of it, also while the master key is rotated.

use zeroize::Zeroizing;

use super::Inner;
use crate::seal::{Owner, SealError};
use crate::store::StoreError;
use crate::{CsrId, CsrRecord, Error, Internal};

/// How often a rotation may come in between.
const ATTEMPTS: usize = 3;

fn owner(record: &CsrRecord) -> Owner<'static> {
    Owner::Csr { id: record.id, algorithm: record.private_key_algo }
}

/// Keeps a CSR and its key, sealed under the master key that is present when it is committed.
pub(super) async fn insert(
    inner: &Inner,
    record: CsrRecord,
    key: Option<&Zeroizing<String>>,
) -> Result<(), Error> {
    let Some(key) = key else { return Ok(inner.store.insert(record, None).await?) };
    let mut master = inner.keys.present();
    for _ in 1..ATTEMPTS {
        let sealed = master.seal(key.as_bytes(), &owner(&record))?;
        match inner.store.insert(record.clone(), Some(sealed)).await {
            Err(StoreError::StaleMasterKey) => master = inner.keys.refresh(&*inner.store).await?,
            done => return Ok(done?),
        }
    }
    let sealed = master.seal(key.as_bytes(), &owner(&record))?;
    Ok(inner.store.insert(record, Some(sealed)).await?)
}

/// A CSR's private key.
pub(super) async fn open(inner: &Inner, id: CsrId) -> Result<Zeroizing<String>, Error> {
    let mut master = inner.keys.present();
    let mut attempt = 1;
    loop {
        let (record, sealed) = inner.store.sealed_key(id).await?.ok_or(Error::NoSuchCsr(id))?;
        let Some(sealed) = sealed else {
            return Err(Error::invalid("private_key: none was uploaded with this CSR"));
        };
        match master.open(&sealed, &owner(&record)) {
            // The store is read anew: it may have been read before the rotation.
            Err(SealError::OtherMasterKey { .. }) if attempt < ATTEMPTS => {
                master = inner.keys.refresh(&*inner.store).await?;
                attempt += 1;
            }
            opened => return text(&opened?),
        }
    }
}

fn text(pem: &[u8]) -> Result<Zeroizing<String>, Error> {
    let text = core::str::from_utf8(pem).map_err(|_| Internal::Other("a private key is not PEM".into()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

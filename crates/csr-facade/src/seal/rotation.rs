use std::sync::Arc;

use super::{KeyFile, KeyId, KeyRing, KeyRingError, MasterKey, MasterKeySource, SealError};
use crate::Store;
use crate::seal::KeyFileError;
use crate::store::StoreError;

/// What a rotation did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotated {
    /// The key that is no longer needed, but for older backups.
    pub old: KeyId,
    /// The present key.
    pub new: KeyId,
    /// How many secrets were sealed again.
    pub secrets: u64,
}

/// Why a master key was not rotated. The store is as it was, unless it is the renaming of the key file that failed;
/// then the next start finishes it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RotationError {
    /// The present key could not be had.
    #[error(transparent)]
    KeyRing(#[from] KeyRingError),
    /// The key file.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The store; [`StoreError::StaleMasterKey`] when `old` is not its present key.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Seals every secret of the store under `new` instead of `old`, in one transaction. Other writers wait meanwhile.
///
/// # Errors
///
/// [`StoreError`]; nothing has changed then.
pub async fn rotate(store: &dyn Store, old: MasterKey, new: MasterKey) -> Result<Rotated, StoreError> {
    let (old_id, new_id) = (old.id(), new.id());
    let reseal = move |owner: &super::Owner<'_>, sealed: &super::Sealed| {
        let secret = old.open(sealed, owner)?;
        let resealed = new.seal(&secret, owner)?;
        // The old form is about to be overwritten.
        if *new.open(&resealed, owner)? == *secret { Ok(resealed) } else { Err(SealError::Tampered) }
    };
    let secrets = store.reseal(old_id, new_id, Arc::new(reseal)).await?;
    Ok(Rotated { old: old_id, new: new_id, secrets })
}

/// Rotates the key in a file to a fresh one, in the order that the [module](super) tells. A rotation that a crash cut
/// short is finished first.
///
/// # Errors
///
/// [`RotationError`].
pub async fn rotate_file(store: &dyn Store, file: &KeyFile) -> Result<Rotated, RotationError> {
    let locking = {
        let file = file.clone();
        tokio::task::spawn_blocking(move || file.lock())
    };
    let lock = locking.await.map_err(|error| StoreError::Database(format!("no lock: {error}")))??;
    let source = MasterKeySource::File { file: file.clone(), create: false };
    let old = KeyRing::open(source, store).await?.present();
    // A crash may have kept the key from its place; a fresh next one must not replace it.
    file.promote_next(old.id(), &lock)?;
    let new = file.read_or_create_next()?;
    let rotated = rotate(store, MasterKey::clone(&old), new).await?;
    file.promote_next(rotated.new, &lock)?;
    Ok(rotated)
}

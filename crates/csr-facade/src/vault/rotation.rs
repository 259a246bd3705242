//! Rotates a master key that is kept in a file.

use super::key_ring::{KeyRing, MasterKeyError, MasterKeySource};
use super::reseal::{Rotated, rotate};
use crate::seal::{KeyFile, KeyFileError, MasterKey};
use crate::store::{Store, StoreError};

/// Why a master key was not rotated. The store is unchanged, unless the renaming of the key file
/// failed; then the next start finishes the rotation.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RotationError {
    /// The present key could not be read.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
    /// The key file.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The store; [`StoreError::StaleMasterKey`] if `old` is not its present key.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Replaces the key in a file by a new one, in the order that [`seal`](crate::seal#rotation)
/// describes. A rotation that a crash interrupted is finished first.
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
    // After a crash the next key may still be in its temporary place; a newer one must not replace
    // it.
    file.promote_next(old.id(), &lock)?;
    let new = file.read_or_create_next(&lock)?;
    let rotated = rotate(store, MasterKey::clone(&old), new).await?;
    file.promote_next(rotated.new, &lock)?;
    Ok(rotated)
}

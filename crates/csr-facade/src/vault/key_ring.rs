//! The store's present master key, read from its source.

use std::sync::{Arc, PoisonError, RwLock};

use super::reseal::adopt;
use crate::seal::{KeyFile, KeyFileError, KeyId, MasterKey};
use crate::store::{Store, StoreError};

/// Where the master key comes from.
#[derive(Debug, Clone)]
pub enum MasterKeySource {
    /// A file, which must exist unless `create` is set and the store is new. It is read again after
    /// a rotation.
    File {
        /// The file.
        file: KeyFile,
        /// Whether a new store gets a new key.
        create: bool,
    },
    /// A given key, for example from an environment variable. After a rotation the process must be
    /// restarted.
    Given(MasterKey),
}

/// Why no master key fits the store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MasterKeyError {
    /// The key file.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The key file must exist, but is missing.
    #[error("the master key file {0} is missing")]
    Missing(String),
    /// The store is sealed under another key.
    #[error("the store is sealed under the master key {stored}, but the key given is {given}")]
    WrongMasterKey {
        /// The id of the store's key.
        stored: KeyId,
        /// The id of the given key.
        given: KeyId,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The store's present master key, which a rotation may replace while the process runs.
#[derive(Debug)]
pub(super) struct KeyRing {
    source: MasterKeySource,
    present: RwLock<Arc<MasterKey>>,
}

impl KeyRing {
    /// Finds the master key of a store. A new store takes the key from the source, or a new one;
    /// any other store must have been sealed with the source's key. This finishes a rotation that a
    /// crash interrupted, and adds MACs to rows of older versions.
    ///
    /// # Errors
    ///
    /// [`MasterKeyError`].
    pub(super) async fn open(source: MasterKeySource, store: &dyn Store) -> Result<Self, MasterKeyError> {
        let stored = match store.master_key().await? {
            Some(stored) => stored,
            None => store.claim_master_key(first(&source)?.id()).await?,
        };
        let key = find(&source, stored, |key| key.id() == stored || key.id_before_macs() == stored)?;
        if key.id() != stored {
            adopt(store, &key).await?;
        }
        let stored = key.id();
        if let MasterKeySource::File { file, .. } = &source
            && file.read()?.is_none_or(|present| present.id() != stored)
            && let Err(error) = file.finish_rotation(stored)
        {
            // If this fails, for example in a read-only folder, both files stay readable.
            tracing::warn!(%error, "the rotated master key is still in the .new file");
        }
        if let MasterKeySource::File { file, .. } = &source
            && let Err(error) = file.try_sweep()
        {
            tracing::warn!(%error, "a temporary file of a master key is still there");
        }
        Ok(Self { source, present: RwLock::new(Arc::new(key)) })
    }

    /// The present key.
    pub(super) fn present(&self) -> Arc<MasterKey> {
        Arc::clone(&self.present.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the key again if the store has another one by now. Returns the present one.
    ///
    /// # Errors
    ///
    /// [`MasterKeyError`]; [`MasterKeyError::WrongMasterKey`] if the source still has the old key.
    pub(super) async fn refresh(&self, store: &dyn Store) -> Result<Arc<MasterKey>, MasterKeyError> {
        let present = self.present();
        let stored = store.master_key().await?.unwrap_or(present.id());
        if stored == present.id() {
            return Ok(present);
        }
        let key = Arc::new(find(&self.source, stored, |key| key.id() == stored)?);
        tracing::info!(old = %present.id(), new = %key.id(), "the master key was rotated");
        *self.present.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&key);
        Ok(key)
    }
}

/// The key for a new store.
fn first(source: &MasterKeySource) -> Result<MasterKey, MasterKeyError> {
    match source {
        MasterKeySource::Given(key) => Ok(key.clone()),
        MasterKeySource::File { file, create: true } => Ok(file.read_or_create()?),
        MasterKeySource::File { file, create: false } => file.read()?.ok_or_else(|| missing(file)),
    }
}

/// The key with this id: the present or the next one of the file.
fn find(
    source: &MasterKeySource,
    stored: KeyId,
    is_meant: impl Fn(&MasterKey) -> bool,
) -> Result<MasterKey, MasterKeyError> {
    let checked = |key: MasterKey| {
        if is_meant(&key) { Ok(key) } else { Err(MasterKeyError::WrongMasterKey { stored, given: key.id() }) }
    };
    let file = match source {
        MasterKeySource::Given(key) => return checked(key.clone()),
        MasterKeySource::File { file, .. } => file,
    };
    if let Some(key) = file.read()?.filter(&is_meant) {
        return Ok(key);
    }
    if let Some(key) = file.read_next()?.filter(&is_meant) {
        return Ok(key);
    }
    // Between the two readings the next key may have become the present one.
    checked(file.read()?.ok_or_else(|| missing(file))?)
}

fn missing(file: &KeyFile) -> MasterKeyError {
    MasterKeyError::Missing(file.path().display().to_string())
}

//! Opens the store and its master key.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use csr_facade::seal::{KeyFile, MasterKey};
use csr_facade::store::{PostgresStore, SqliteStore, StoreError};
use csr_facade::vault::{self, MasterKeyError};
use csr_facade::{Store, Vault};

use super::settings::{MasterKeySource, StorePlace, StoreSettings};

/// The embedded store's file in the data folder.
const DATABASE_FILE: &str = "csr.db";

/// The size of the pool of connections to PostgreSQL.
const CONNECTIONS: usize = 16;

/// What to do if the store is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum IfMissing {
    /// Make it and, for the embedded store, its master key.
    Make,
    /// Refuse: a mistyped path must not become a store.
    Refuse,
}

/// An open store and the master key that opens its secrets.
pub(crate) struct Opened {
    pub(crate) vault: Vault,
    /// The key's file; `None` where the environment holds the key.
    pub(crate) key_file: Option<KeyFile>,
    /// The name of the store in a message, without its password.
    pub(crate) name: String,
    /// Whether the embedded store was made just now.
    pub(crate) is_new: bool,
}

impl Opened {
    /// Opens the store that the settings name.
    pub(crate) async fn new(settings: &StoreSettings, if_missing: IfMissing) -> Result<Self> {
        let makes = if_missing == IfMissing::Make;
        let mut is_new = false;
        let (store, name, embedded): (Arc<dyn Store>, String, bool) = match &settings.place {
            StorePlace::Database(url) => {
                let opened = if makes {
                    PostgresStore::connect(url, CONNECTIONS).await
                } else {
                    PostgresStore::connect_existing(url, CONNECTIONS).await
                };
                let store = opened.map_err(|error| refused(error, "cannot open the PostgreSQL store"))?;
                (Arc::new(store), "PostgreSQL".into(), false)
            }
            StorePlace::Folder(folder) => {
                let path = folder.join(DATABASE_FILE);
                is_new = makes && !path.exists();
                let opened = if makes { SqliteStore::open(&path) } else { SqliteStore::open_existing(&path) };
                let context = format!("cannot open the store {}", path.display());
                let store = opened.map_err(|error| refused(error, &context))?;
                (Arc::new(store), path.display().to_string(), true)
            }
        };
        let (source, key_file) = match &settings.master_key {
            MasterKeySource::Environment(text) => {
                (vault::MasterKeySource::Given(MasterKey::parse(text).context("CSR_MASTER_KEY")?), None)
            }
            MasterKeySource::File(path) => {
                let file = KeyFile::new(path);
                (vault::MasterKeySource::File { file: file.clone(), create: embedded && makes }, Some(file))
            }
        };
        let vault = match Vault::open(store, source).await {
            // A master key made here would differ from that of the other servers.
            Err(error @ MasterKeyError::Missing(_)) if !embedded => {
                return Err(error).context(
                    "servers that share a database share its master key: make one with \
                     `(umask 077; openssl rand -hex 32 > FILE)` and pass --master-key-file FILE",
                );
            }
            opened => opened?,
        };
        Ok(Self { vault, key_file, name, is_new })
    }
}

fn refused(error: StoreError, context: &str) -> anyhow::Error {
    match error {
        StoreError::Missing(_) => anyhow!("{error}; `csr serve` and `csr access add` make one"),
        // The message already names the path.
        StoreError::Unusable(why) => anyhow!("cannot open the store: {why}"),
        error => anyhow::Error::from(error).context(context.to_owned()),
    }
}

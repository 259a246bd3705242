//! Opening the store and its master key.

use std::sync::Arc;

use anyhow::{Context, Result};
use csr_facade::seal::{self, KeyFile, KeyRing, KeyRingError, MasterKey};
use csr_facade::store::PostgresStore;
use csr_facade::store::SqliteStore;
use csr_facade::{Service, ServiceOptions, Store};

use super::settings::{MasterKeySource, StorePlace, StoreSettings};

/// The embedded store's file in the data folder.
const DATABASE_FILE: &str = "csr.db";

/// How many connections to PostgreSQL are kept.
const CONNECTIONS: usize = 16;

/// An open store and the ring that opens what is sealed in it.
pub(crate) struct Opened {
    pub(crate) store: Arc<dyn Store>,
    keys: KeyRing,
    /// The key's file; `None` where the environment holds the key.
    pub(crate) key_file: Option<KeyFile>,
    /// What to call the store in a message; no password is in it.
    pub(crate) name: String,
}

impl Opened {
    /// Opens the store that is meant. The embedded one is made if it is not there; so is its master key.
    pub(crate) async fn new(settings: &StoreSettings) -> Result<Self> {
        let (store, name, embedded): (Arc<dyn Store>, String, bool) = match &settings.place {
            StorePlace::Database(url) => {
                let opened = PostgresStore::connect(url, CONNECTIONS).await;
                (Arc::new(opened.context("cannot open the PostgreSQL store")?), "PostgreSQL".into(), false)
            }
            StorePlace::Folder(folder) => {
                let path = folder.join(DATABASE_FILE);
                let opened = SqliteStore::open(&path);
                let store = opened.with_context(|| format!("cannot open the store {}", path.display()))?;
                (Arc::new(store), path.display().to_string(), true)
            }
        };
        let (source, key_file) = match &settings.master_key {
            MasterKeySource::Environment(text) => {
                (seal::MasterKeySource::Given(MasterKey::parse(text).context("CSR_MASTER_KEY")?), None)
            }
            MasterKeySource::File(path) => {
                let file = KeyFile::new(path);
                (seal::MasterKeySource::File { file: file.clone(), create: embedded }, Some(file))
            }
        };
        let keys = match KeyRing::open(source, &*store).await {
            // One that is made here would not be the other servers'.
            Err(error @ KeyRingError::Missing(_)) if !embedded => {
                return Err(error).context(
                    "servers that share a database share its master key: make one with \
                     `(umask 077; openssl rand -hex 32 > FILE)` and say --master-key-file FILE",
                );
            }
            opened => opened?,
        };
        Ok(Self { store, keys, key_file, name })
    }

    /// The API's operations over the store.
    pub(crate) fn service(self, options: ServiceOptions) -> Service {
        Service::new(self.store, self.keys, options)
    }
}

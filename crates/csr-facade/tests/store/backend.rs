//! New stores of either kind.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use async_trait::async_trait;
use csr_facade::seal::{KeyFile, MasterKey};
use csr_facade::store::{PostgresStore, SqliteStore};
use csr_facade::vault::MasterKeySource;
use csr_facade::{Service, ServiceOptions, Store, Vault};
use tempfile::TempDir;

use crate::Result;
use crate::postgres::Server;

/// Makes places for stores.
#[async_trait]
pub(crate) trait Backend: Send + Sync {
    /// A place for a store that nothing else uses.
    async fn place(&self) -> Result<Place>;
}

/// Where a store is or will be.
pub(crate) struct Place {
    /// The folder of the master key, and of the database if it is embedded.
    pub(crate) folder: TempDir,
    /// The database file or the URL.
    pub(crate) address: String,
    server: Option<Arc<Server>>,
}

impl Place {
    /// For a store on a server that another owner keeps running.
    pub(crate) fn new(folder: TempDir, address: String) -> Self {
        Self { folder, address, server: None }
    }

    /// The folder of the server, if there is one.
    pub(crate) fn data(&self) -> Option<PathBuf> {
        self.server.as_ref().map(|server| server.data())
    }

    pub(crate) async fn open(&self) -> Result<Arc<dyn Store>> {
        open(&self.address).await
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.address.starts_with("postgres://")
    }

    /// Runs statements as an attacker who can write to the database.
    pub(crate) async fn execute(&self, sql: &str) -> Result<()> {
        if self.is_postgres() {
            return crate::postgres::execute(&self.address, sql).await;
        }
        let (path, sql) = (self.address.clone(), sql.to_owned());
        let done = tokio::task::spawn_blocking(move || {
            let db = rusqlite::Connection::open(path)?;
            db.busy_timeout(std::time::Duration::from_secs(10))?;
            db.execute_batch(&sql)
        });
        Ok(done.await??)
    }

    pub(crate) fn key_file(&self) -> KeyFile {
        KeyFile::new(self.folder.path().join("master.key"))
    }

    /// The next master key, as left by a rotation that was interrupted before the commit.
    pub(crate) fn make_next_key(&self) -> Result<MasterKey> {
        let key = MasterKey::random()?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        options.open(self.next_key_file())?.write_all(key.to_hex().as_bytes())?;
        Ok(key)
    }

    pub(crate) fn next_key_file(&self) -> PathBuf {
        self.folder.path().join("master.key.new")
    }

    pub(crate) fn source(&self) -> MasterKeySource {
        MasterKeySource::File { file: self.key_file(), create: true }
    }

    pub(crate) async fn service(&self) -> Result<Service> {
        self.service_with(ServiceOptions::default()).await
    }

    pub(crate) async fn service_with(&self, options: ServiceOptions) -> Result<Service> {
        let store = self.open().await?;
        Ok(Service::new(Vault::open(store, self.source()).await?, options))
    }
}

/// Opens a store by its file or URL.
pub(crate) async fn open(address: &str) -> Result<Arc<dyn Store>> {
    Ok(if address.starts_with("postgres://") {
        Arc::new(PostgresStore::connect(address, 8).await?)
    } else {
        let path = PathBuf::from(address);
        Arc::new(tokio::task::spawn_blocking(move || SqliteStore::open(&path)).await??)
    })
}

pub(crate) struct SqliteBackend;

pub(crate) fn sqlite_place() -> Result<Place> {
    let folder = tempfile::tempdir()?;
    let address = folder.path().join("csr.db").to_str().ok_or("a folder's name is not UTF-8")?.to_owned();
    Ok(Place { folder, address, server: None })
}

#[async_trait]
impl Backend for SqliteBackend {
    async fn place(&self) -> Result<Place> {
        sqlite_place()
    }
}

/// One server for the trials that run at the same time; the last one stops it.
pub(crate) struct PostgresBackend {
    binaries: Option<PathBuf>,
    running: Mutex<Weak<Server>>,
    databases: AtomicUsize,
}

impl PostgresBackend {
    pub(crate) fn new() -> Self {
        Self {
            binaries: crate::postgres::binaries(),
            running: Mutex::new(Weak::new()),
            databases: AtomicUsize::new(0),
        }
    }

    pub(crate) fn missing(&self) -> Option<String> {
        match self.binaries {
            Some(_) => None,
            None => Some("PostgreSQL is not installed".to_owned()),
        }
    }

    fn server(&self) -> Result<Arc<Server>> {
        let binaries: &Path = self.binaries.as_deref().ok_or("PostgreSQL is not installed")?;
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = running.upgrade() {
            return Ok(server);
        }
        let server = Arc::new(Server::start(binaries)?);
        *running = Arc::downgrade(&server);
        Ok(server)
    }
}

#[async_trait]
impl Backend for PostgresBackend {
    async fn place(&self) -> Result<Place> {
        let server = self.server()?;
        let database = format!("trial_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        server.create_database(&database).await?;
        let address = server.url(&database);
        Ok(Place { folder: tempfile::tempdir()?, address, server: Some(server) })
    }
}

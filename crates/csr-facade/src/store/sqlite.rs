//! The embedded store: one SQLite file in write-ahead mode, with `synchronous=FULL`.
//!
//! One thread writes. It takes up to 256 waiting writes, runs each in a savepoint of one
//! transaction, and answers all of them after the commit, so that one `fsync` acknowledges many.
//! Reads run on separate connections, off the async threads. Several processes may open the file.

mod file;
mod reader;
mod statement;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use csr_model::ListCsrQuery;

use super::contract::{CallerRow, ChangeCaller, ChangeCsr, CsrRow, Page, Reseal, Store, StoreError};
use crate::id::CsrId;
use crate::seal::{KeyId, Sealed};
use reader::Readers;
use writer::Writer;

/// The embedded store. Dropping it ends its thread after the writes that are already queued.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
}

impl SqliteStore {
    /// Opens the database file, and migrates its tables to this version. A missing file is made
    /// with mode 0600 (its folder with 0700). This blocks: call it before the async runtime starts,
    /// or on a blocking thread.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unusable`] if others than the owner can use the file or change the folder;
    /// [`StoreError::Corrupt`] for a file of a later version; [`StoreError::Database`].
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        file::prepare(path)?;
        Self::connect(path)
    }

    /// Opens an existing database file, as [`open`](Self::open) does.
    ///
    /// # Errors
    ///
    /// [`StoreError::Missing`] if it doesn't exist; otherwise as [`open`](Self::open).
    pub fn open_existing(path: &Path) -> Result<Self, StoreError> {
        file::check(path)?;
        Self::connect(path)
    }

    fn connect(path: &Path) -> Result<Self, StoreError> {
        let writer = Writer::start(file::connect(path)?)?;
        let readers = Readers::open(path)?;
        Ok(Self { writer, readers })
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn insert(&self, row: CsrRow, key: Option<Sealed>) -> Result<(), StoreError> {
        self.writer.run(move |db| statement::insert(db, &row, key.as_ref())).await
    }

    async fn csr(&self, id: CsrId) -> Result<Option<CsrRow>, StoreError> {
        self.readers.run(move |db| statement::csr(db, id)).await
    }

    async fn list(&self, query: &ListCsrQuery) -> Result<Page, StoreError> {
        let query = query.clone();
        self.readers.run(move |db| statement::list(db, &query)).await
    }

    async fn sealed_key(&self, id: CsrId) -> Result<Option<(CsrRow, Option<Sealed>)>, StoreError> {
        self.readers.run(move |db| statement::sealed_key(db, id)).await
    }

    async fn change_csr(&self, id: CsrId, change: ChangeCsr) -> Result<Option<CsrRow>, StoreError> {
        self.writer.run(move |db| statement::change_csr(db, id, &change)).await
    }

    async fn delete(&self, id: CsrId) -> Result<bool, StoreError> {
        self.writer.run_and_scrub(move |db| statement::delete(db, id)).await
    }

    async fn add_caller(&self, row: CallerRow) -> Result<(), StoreError> {
        self.writer.run(move |db| statement::add_caller(db, &row)).await
    }

    async fn callers(&self) -> Result<Vec<CallerRow>, StoreError> {
        self.readers.run(statement::callers).await
    }

    async fn change_caller(&self, id: &str, change: ChangeCaller) -> Result<bool, StoreError> {
        let id = id.to_owned();
        self.writer.run(move |db| statement::change_caller(db, &id, &change)).await
    }

    async fn tokens(&self, hash_prefix: [u8; 4]) -> Result<Vec<CallerRow>, StoreError> {
        self.readers.run(move |db| statement::tokens(db, hash_prefix)).await
    }

    async fn caller(&self, id: &str) -> Result<Option<CallerRow>, StoreError> {
        let id = id.to_owned();
        self.readers.run(move |db| statement::caller(db, &id)).await
    }

    async fn master_key(&self) -> Result<Option<KeyId>, StoreError> {
        self.readers.run(statement::master_key).await
    }

    async fn claim_master_key(&self, id: KeyId) -> Result<KeyId, StoreError> {
        self.writer.run(move |db| statement::claim_master_key(db, id)).await
    }

    async fn reseal(&self, old: KeyId, new: KeyId, reseal: Arc<dyn Reseal>) -> Result<u64, StoreError> {
        self.writer.run_and_scrub(move |db| statement::reseal(db, old, new, &*reseal)).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.writer.run(statement::probe).await
    }
}

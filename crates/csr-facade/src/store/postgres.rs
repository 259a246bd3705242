//! The store for several replicas: PostgreSQL 12 or later, by URL.
//!
//! The URL is that of libpq, `postgres://user:password@host:port/database?option=value`. It decides
//! about TLS:
//!
//! | `sslmode` | |
//! |---|---|
//! | `disable` | no TLS |
//! | `require`, `verify-ca`, `verify-full` | TLS; a known authority must have issued the server's certificate for the host |
//! | absent | as `verify-full`; no TLS if every address (`hostaddr`, otherwise the host) is a loopback address or a Unix socket |
//!
//! Unlike in libpq, `require` does not accept just any certificate, and `allow` and `prefer`, which
//! protect nothing, are refused. `sslrootcert` names a PEM file with the authorities. Without it,
//! the system's authorities count.
//!
//! The tables are made in the first schema of the role's search path. Several replicas may start at once.

mod connect;
mod migrate;
mod reseal;
mod statement;
mod tls;

use std::sync::Arc;

use async_trait::async_trait;
use csr_model::ListCsrQuery;
use deadpool_postgres::{Object, Pool};

use super::contract::{CallerRow, ChangeCaller, ChangeCsr, CsrRow, Page, Reseal, Store, StoreError};
use crate::id::CsrId;
use crate::seal::{KeyId, Sealed};
use connect::PATIENCE;
use migrate::IfMissing;

/// The store in PostgreSQL. Connections are pooled. A broken one is replaced when it is next
/// needed.
#[derive(Debug)]
pub struct PostgresStore {
    pool: Pool,
}

impl PostgresStore {
    /// Connects, and migrates the tables to this version. At most `connections` are open at once.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unusable`] for a URL or a server that cannot be used (another encoding than
    /// UTF-8, or `synchronous_commit` off), [`StoreError::Corrupt`] for tables of a later version,
    /// [`StoreError::Database`].
    pub async fn connect(url: &str, connections: usize) -> Result<Self, StoreError> {
        let store = Self { pool: connect::pool(url, connections)? };
        migrate::migrate(&mut store.connection().await?, IfMissing::Make).await?;
        Ok(store)
    }

    /// Connects to a database that already has the tables, as [`connect`](Self::connect) does.
    ///
    /// # Errors
    ///
    /// [`StoreError::Missing`] if it has none; otherwise as [`connect`](Self::connect).
    pub async fn connect_existing(url: &str, connections: usize) -> Result<Self, StoreError> {
        let store = Self { pool: connect::pool(url, connections)? };
        migrate::migrate(&mut store.connection().await?, IfMissing::Refuse).await?;
        Ok(store)
    }

    async fn connection(&self) -> Result<Object, StoreError> {
        self.pool.get().await.map_err(|error| StoreError::Database(connect::pool_error(error)))
    }

    /// Runs an operation on a connection. A connection that does not answer in time is discarded.
    async fn run<T>(
        &self,
        operation: impl AsyncFnOnce(&mut Object) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut connection = self.connection().await?;
        match tokio::time::timeout(PATIENCE, operation(&mut connection)).await {
            Ok(done) => done,
            Err(_) => {
                drop(Object::take(connection));
                Err(StoreError::Database(format!("no answer within {} s", PATIENCE.as_secs())))
            }
        }
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn insert(&self, row: CsrRow, key: Option<Sealed>) -> Result<(), StoreError> {
        self.run(async |db| statement::insert(db, &row, key.as_ref()).await).await
    }

    async fn csr(&self, id: CsrId) -> Result<Option<CsrRow>, StoreError> {
        self.run(async |db| statement::csr(db, id).await).await
    }

    async fn list(&self, query: &ListCsrQuery) -> Result<Page, StoreError> {
        self.run(async |db| statement::list(db, query).await).await
    }

    async fn sealed_key(&self, id: CsrId) -> Result<Option<(CsrRow, Option<Sealed>)>, StoreError> {
        self.run(async |db| statement::sealed_key(db, id).await).await
    }

    async fn change_csr(&self, id: CsrId, change: ChangeCsr) -> Result<Option<CsrRow>, StoreError> {
        self.run(async |db| statement::change_csr(db, id, &change).await).await
    }

    async fn delete(&self, id: CsrId) -> Result<bool, StoreError> {
        self.run(async |db| statement::delete(db, id).await).await
    }

    async fn add_caller(&self, row: CallerRow) -> Result<(), StoreError> {
        self.run(async |db| statement::add_caller(db, &row).await).await
    }

    async fn callers(&self) -> Result<Vec<CallerRow>, StoreError> {
        self.run(async |db| statement::callers(db).await).await
    }

    async fn change_caller(&self, id: &str, change: ChangeCaller) -> Result<bool, StoreError> {
        self.run(async |db| statement::change_caller(db, id, &change).await).await
    }

    async fn tokens(&self, hash_prefix: [u8; 4]) -> Result<Vec<CallerRow>, StoreError> {
        self.run(async |db| statement::tokens(db, hash_prefix).await).await
    }

    async fn caller(&self, id: &str) -> Result<Option<CallerRow>, StoreError> {
        self.run(async |db| statement::caller(db, id).await).await
    }

    async fn master_key(&self) -> Result<Option<KeyId>, StoreError> {
        self.run(async |db| statement::master_key(db).await).await
    }

    async fn claim_master_key(&self, id: KeyId) -> Result<KeyId, StoreError> {
        self.run(async |db| statement::claim_master_key(db, id).await).await
    }

    /// Has no time limit, because it is one transaction over every row.
    async fn reseal(&self, old: KeyId, new: KeyId, reseal: Arc<dyn Reseal>) -> Result<u64, StoreError> {
        reseal::reseal(&mut self.connection().await?, old, new, &*reseal).await
    }

    async fn ready(&self) -> Result<(), StoreError> {
        self.run(async |db| statement::probe(db).await).await
    }
}

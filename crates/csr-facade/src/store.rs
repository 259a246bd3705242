//! Stores for CSRs, sealed keys and callers: the trait [`Store`], and the stores in SQLite and
//! PostgreSQL.

mod contract;
#[cfg(feature = "postgres")]
pub mod postgres;
mod row;
mod schema;
pub mod sqlite;

pub use contract::{CallerRow, ChangeCaller, ChangeCsr, CsrRow, Page, Proof, Reseal, Store, StoreError};
#[cfg(feature = "postgres")]
pub use postgres::PostgresStore;
pub use sqlite::SqliteStore;

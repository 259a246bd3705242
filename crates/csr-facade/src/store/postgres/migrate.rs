use deadpool_postgres::Object;

use crate::store::contract::StoreError;
use crate::store::schema::{self, Dialect};

const DIALECT: Dialect = Dialect {
    sequence: "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    integer: "BIGINT",
    bytes: "BYTEA",
    table_end: "",
};

/// The advisory lock for migrations: "csr" and similar letters in ASCII.
const LOCK: i64 = 0x6373_722d_6d69_6772;

/// What to do if the database lacks the tables.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum IfMissing {
    Make,
    Refuse,
}

/// Migrates the tables to this version. Replicas that start together take turns.
pub(super) async fn migrate(db: &mut Object, if_missing: IfMissing) -> Result<(), StoreError> {
    check(db).await?;
    let transaction = db.transaction().await?;
    transaction.batch_execute("SET LOCAL statement_timeout = 0").await?;
    transaction.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
    // Not CREATE IF NOT EXISTS, which needs the right to create even if the table exists.
    let is_new: bool =
        transaction.query_one("SELECT to_regclass('csr_schema') IS NULL", &[]).await?.try_get(0)?;
    if is_new && if_missing == IfMissing::Refuse {
        let name: String = transaction.query_one("SELECT current_database()::text", &[]).await?.try_get(0)?;
        return Err(StoreError::Missing(format!("in the database {name}")));
    }
    let version = if is_new {
        let create = "CREATE TABLE csr_schema (version BIGINT NOT NULL); INSERT INTO csr_schema VALUES (0)";
        transaction.batch_execute(create).await?;
        0
    } else {
        transaction.query_one("SELECT version FROM csr_schema", &[]).await?.try_get(0)?
    };
    let pending = schema::migrations(version, &DIALECT)?;
    for statements in &pending {
        transaction.batch_execute(statements).await?;
    }
    if !pending.is_empty() {
        let update = format!("UPDATE csr_schema SET version = {}", schema::VERSION);
        transaction.batch_execute(&update).await?;
    }
    Ok(transaction.commit().await?)
}

/// Refuses a server whose commits are not durable, or that changes texts.
async fn check(db: &Object) -> Result<(), StoreError> {
    let setting = async |name: &str| -> Result<String, StoreError> {
        Ok(db.query_one("SELECT current_setting($1)", &[&name]).await?.try_get(0)?)
    };
    let unusable = |what: &str| Err(StoreError::Unusable(format!("PostgreSQL: {what}")));
    let encoding = setting("server_encoding").await?;
    if encoding != "UTF8" {
        return unusable(&format!("the database's encoding must be UTF8, not {encoding}"));
    }
    if setting("synchronous_commit").await? == "off" {
        return unusable("synchronous_commit must not be off: acknowledged writes could be lost");
    }
    if setting("fsync").await? == "off" {
        tracing::warn!("PostgreSQL runs with fsync off: a crash of its machine loses acknowledged writes");
    }
    Ok(())
}

//! What is asked of PostgreSQL.

use csr_model::ListCsrQuery;
use deadpool_postgres::Object;
use tokio_postgres::types::{FromSql, ToSql};
use tokio_postgres::{IsolationLevel, Row as PgRow};

use super::super::row::{self, Row};
use super::super::schema::{CALLER_COLUMNS, CSR_COLUMNS};
use super::super::{Page, Proof, StoreError};
use crate::seal::{KeyId, Sealed};
use crate::{Caller, CsrId, CsrRecord};

type Result<T> = core::result::Result<T, StoreError>;
type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A row and its next column.
pub(super) struct Columns<'a>(&'a PgRow, usize);

impl<'a> Columns<'a> {
    pub(super) fn of(row: &'a PgRow) -> Self {
        Self(row, 0)
    }

    fn next<T: FromSql<'a>>(&mut self) -> Result<T> {
        self.1 += 1;
        self.0.try_get(self.1 - 1).map_err(|error| StoreError::Corrupt(error.to_string()))
    }
}

impl Row for Columns<'_> {
    fn text(&mut self) -> Result<String> {
        self.next()
    }
    fn integer(&mut self) -> Result<i64> {
        self.next()
    }
    fn integer_or_null(&mut self) -> Result<Option<i64>> {
        self.next()
    }
    fn bytes_or_null(&mut self) -> Result<Option<Vec<u8>>> {
        self.next()
    }
}

async fn all<T>(
    db: &Object,
    sql: &str,
    params: Params<'_>,
    read: impl Fn(&mut dyn Row) -> Result<T>,
) -> Result<Vec<T>> {
    let rows = db.query(&db.prepare_cached(sql).await?, params).await?;
    rows.iter().map(|row| read(&mut Columns::of(row))).collect()
}

async fn one<T>(
    db: &Object,
    sql: &str,
    params: Params<'_>,
    read: impl Fn(&mut dyn Row) -> Result<T>,
) -> Result<Option<T>> {
    Ok(all(db, sql, params, read).await?.pop())
}

async fn execute(db: &Object, sql: &str, params: Params<'_>) -> Result<u64> {
    Ok(db.execute(&db.prepare_cached(sql).await?, params).await?)
}

/// The row that names the master key is locked against a rotation until the commit. An insertion that waited for one
/// sees the row anew, and then inserts nothing.
const UNDER_MASTER_KEY: &str = "FROM store WHERE $1::bytea IS NULL OR master_key_id = $1 FOR SHARE";

fn inserted(rows: u64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(StoreError::StaleMasterKey) }
}

pub(super) async fn insert(db: &Object, record: &CsrRecord, key: Option<&Sealed>) -> Result<()> {
    let CsrRecord {
        id,
        name,
        domain_name,
        sans,
        private_key_algo,
        usage,
        company_country,
        company_province,
        company_city,
        company_name,
        csr,
        create_time,
        update_time,
    } = record;
    let sql = format!(
        "INSERT INTO csr (key_id, sealed_key, {CSR_COLUMNS})
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15 {UNDER_MASTER_KEY}"
    );
    let params: Params<'_> = &[
        &key.map(|key| key.key_id.0.as_slice()),
        &key.map(|key| key.bytes.as_slice()),
        &id.to_string(),
        name,
        domain_name,
        sans,
        &private_key_algo.as_str(),
        &usage.as_str(),
        company_country,
        company_province,
        company_city,
        company_name,
        csr,
        create_time,
        update_time,
    ];
    inserted(execute(db, &sql, params).await?)
}

pub(super) async fn csr(db: &Object, id: CsrId) -> Result<Option<CsrRecord>> {
    let sql = format!("SELECT {CSR_COLUMNS} FROM csr WHERE id = $1");
    one(db, &sql, &[&id.to_string()], row::csr).await
}

pub(super) async fn list(db: &mut Object, query: &ListCsrQuery) -> Result<Page> {
    const MATCHES: &str =
        "($1::text IS NULL OR strpos(name, $1) > 0) AND ($2::text IS NULL OR private_key_algo = $2)";
    let ListCsrQuery { limit, offset, name, private_key_algo } = query;
    let algorithm = private_key_algo.map(csr_model::PrivateKeyAlgo::as_str);
    // One snapshot for both.
    let snapshot = db.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true);
    let snapshot = snapshot.start().await?;
    let count = format!("SELECT count(*) FROM csr WHERE {MATCHES}");
    let count = snapshot.query_one(&snapshot.prepare_cached(&count).await?, &[name, &algorithm]).await?;
    let total: i64 = Columns::of(&count).next()?;
    let page = format!(
        "SELECT {CSR_COLUMNS} FROM csr WHERE {MATCHES}
         ORDER BY create_time DESC, seq DESC LIMIT $3 OFFSET $4"
    );
    let limit = u64::from(*limit).cast_signed();
    let offset = i64::try_from(*offset).unwrap_or(i64::MAX);
    let page = snapshot.prepare_cached(&page).await?;
    let page = snapshot.query(&page, &[name, &algorithm, &limit, &offset]).await?;
    snapshot.commit().await?;
    let records = page.iter().map(|row| row::csr(&mut Columns::of(row))).collect::<Result<_>>()?;
    Ok(Page { records, total: total.cast_unsigned() })
}

pub(super) async fn sealed_key(db: &Object, id: CsrId) -> Result<Option<(CsrRecord, Option<Sealed>)>> {
    let sql = format!("SELECT {CSR_COLUMNS}, key_id, sealed_key FROM csr WHERE id = $1");
    one(db, &sql, &[&id.to_string()], |columns| Ok((row::csr(columns)?, row::sealed(columns)?))).await
}

pub(super) async fn rename(
    db: &Object,
    id: CsrId,
    name: &str,
    update_time: i64,
) -> Result<Option<CsrRecord>> {
    let sql = format!("UPDATE csr SET name = $2, update_time = $3 WHERE id = $1 RETURNING {CSR_COLUMNS}");
    one(db, &sql, &[&id.to_string(), &name, &update_time], row::csr).await
}

pub(super) async fn delete(db: &Object, id: CsrId) -> Result<bool> {
    Ok(execute(db, "DELETE FROM csr WHERE id = $1", &[&id.to_string()]).await? > 0)
}

pub(super) async fn add_caller(db: &Object, caller: &Caller, proof: &Proof) -> Result<()> {
    let Caller { id, label, kind, rights, create_time, revoke_time } = caller;
    let (hash, sealed) = match proof {
        Proof::TokenHash(hash) => (Some(hash.as_slice()), None),
        Proof::SecretKey(sealed) => (None, Some(sealed)),
    };
    let sql = format!(
        "INSERT INTO caller (key_id, sealed_key, token_hash, {CALLER_COLUMNS})
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9 {UNDER_MASTER_KEY}"
    );
    let params: Params<'_> = &[
        &sealed.map(|sealed| sealed.key_id.0.as_slice()),
        &sealed.map(|sealed| sealed.bytes.as_slice()),
        &hash,
        id,
        label,
        &kind.as_str(),
        &rights.to_string(),
        create_time,
        revoke_time,
    ];
    inserted(execute(db, &sql, params).await?)
}

pub(super) async fn callers(db: &Object) -> Result<Vec<Caller>> {
    all(db, &format!("SELECT {CALLER_COLUMNS} FROM caller ORDER BY seq"), &[], row::caller).await
}

pub(super) async fn revoke_caller(db: &Object, id: &str, revoke_time: i64) -> Result<bool> {
    let sql = "UPDATE caller SET revoke_time = $2 WHERE id = $1 AND revoke_time IS NULL";
    Ok(execute(db, sql, &[&id, &revoke_time]).await? > 0)
}

pub(super) async fn tokens(db: &Object, hash_prefix: [u8; 4]) -> Result<Vec<(Caller, [u8; 32])>> {
    let (first, last) = row::hash_range(hash_prefix);
    let sql = format!(
        "SELECT {CALLER_COLUMNS}, token_hash FROM caller WHERE token_hash BETWEEN $1 AND $2 ORDER BY seq"
    );
    let read = |columns: &mut dyn Row| Ok((row::caller(columns)?, row::token_hash(columns)?));
    all(db, &sql, &[&first.as_slice(), &last.as_slice()], read).await
}

pub(super) async fn credential(db: &Object, access_key: &str) -> Result<Option<(Caller, Sealed)>> {
    let sql = format!(
        "SELECT {CALLER_COLUMNS}, key_id, sealed_key FROM caller WHERE id = $1 AND sealed_key IS NOT NULL"
    );
    let read = |columns: &mut dyn Row| Ok((row::caller(columns)?, row::sealed(columns)?));
    let found = one(db, &sql, &[&access_key], read).await?;
    Ok(found.and_then(|(caller, sealed)| Some((caller, sealed?))))
}

pub(super) async fn master_key(db: &Object) -> Result<Option<KeyId>> {
    let found = one(db, "SELECT master_key_id FROM store", &[], |columns| columns.bytes_or_null()).await?;
    found.flatten().map(|bytes| row::key_id(&bytes)).transpose()
}

pub(super) async fn claim_master_key(db: &Object, id: KeyId) -> Result<KeyId> {
    let sql = "UPDATE store SET master_key_id = $1 WHERE master_key_id IS NULL";
    execute(db, sql, &[&id.0.as_slice()]).await?;
    Ok(master_key(db).await?.unwrap_or(id))
}

/// A write that goes through to the disk.
pub(super) async fn probe(db: &Object) -> Result<()> {
    execute(db, "UPDATE probe SET writes = writes + 1", &[]).await?;
    Ok(())
}

//! The statements for PostgreSQL.

use csr_model::{Company, ListCsrQuery};
use deadpool_postgres::Object;
use tokio_postgres::types::{FromSql, ToSql};
use tokio_postgres::{IsolationLevel, Row as PgRow};

use crate::caller::Caller;
use crate::id::CsrId;
use crate::record::CsrRecord;
use crate::seal::{KeyId, Mac, Sealed};
use crate::store::contract::{CallerRow, ChangeCaller, ChangeCsr, CsrRow, Page, StoreError};
use crate::store::row::{self, Row};
use crate::store::schema::{CALLER_COLUMNS, CSR_COLUMNS};

type Result<T> = core::result::Result<T, StoreError>;
type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

/// A row and the position of its next column.
pub(super) struct Columns<'a>(&'a PgRow, usize);

impl<'a> Columns<'a> {
    pub(super) fn new(row: &'a PgRow) -> Self {
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
    rows.iter().map(|row| read(&mut Columns::new(row))).collect()
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

/// Locks the row that names the master key against a rotation until the commit. An insertion that
/// waited for a rotation sees the new row, and then inserts nothing.
const UNDER_MASTER_KEY: &str = "FROM store WHERE master_key_id = $1 FOR SHARE";

/// The master key of a row, which must have one.
fn key_of(mac: Option<Mac>, sealed: Option<&Sealed>) -> Result<KeyId> {
    let key = mac.map(|mac| mac.key_id).ok_or(StoreError::StaleMasterKey)?;
    if sealed.is_none_or(|sealed| sealed.key_id == key) { Ok(key) } else { Err(StoreError::StaleMasterKey) }
}

pub(super) fn bytes(mac: Option<Mac>) -> Option<Vec<u8>> {
    mac.map(|mac| mac.to_bytes().to_vec())
}

fn inserted(rows: u64) -> Result<()> {
    if rows == 1 { Ok(()) } else { Err(StoreError::StaleMasterKey) }
}

pub(super) async fn insert(db: &Object, row: &CsrRow, key: Option<&Sealed>) -> Result<()> {
    let CsrRow { record, key_id, mac } = row;
    let CsrRecord {
        id,
        name,
        domain_name,
        sans,
        private_key_algo,
        usage,
        company: Company { country, province, city, name: company_name },
        csr,
        create_time,
        update_time,
    } = record;
    let sql = format!(
        "INSERT INTO csr (sealed_key, {CSR_COLUMNS})
         SELECT $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17 {UNDER_MASTER_KEY}"
    );
    let master_key = key_of(*mac, key)?;
    let params: Params<'_> = &[
        &master_key.0.as_slice(),
        &key.map(|key| key.bytes.as_slice()),
        &id.to_string(),
        name,
        domain_name,
        sans,
        &private_key_algo.as_str(),
        &usage.as_str(),
        country,
        province,
        city,
        company_name,
        csr,
        create_time,
        update_time,
        &key_id.as_ref().map(|id| id.0.as_slice()),
        &bytes(*mac),
    ];
    inserted(execute(db, &sql, params).await?)
}

pub(super) async fn csr(db: &Object, id: CsrId) -> Result<Option<CsrRow>> {
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
    let total: i64 = Columns::new(&count).next()?;
    let page = format!(
        "SELECT {CSR_COLUMNS} FROM csr WHERE {MATCHES}
         ORDER BY create_time DESC, seq DESC LIMIT $3 OFFSET $4"
    );
    let limit = u64::from(*limit).cast_signed();
    let offset = i64::try_from(*offset).unwrap_or(i64::MAX);
    let page = snapshot.prepare_cached(&page).await?;
    let page = snapshot.query(&page, &[name, &algorithm, &limit, &offset]).await?;
    snapshot.commit().await?;
    let rows = page.iter().map(|row| row::csr(&mut Columns::new(row))).collect::<Result<_>>()?;
    Ok(Page { rows, total: total.cast_unsigned() })
}

pub(super) async fn sealed_key(db: &Object, id: CsrId) -> Result<Option<(CsrRow, Option<Sealed>)>> {
    let sql = format!("SELECT {CSR_COLUMNS}, sealed_key FROM csr WHERE id = $1");
    one(db, &sql, &[&id.to_string()], row::csr_and_key).await
}

pub(super) async fn change_csr(db: &mut Object, id: CsrId, change: &ChangeCsr) -> Result<Option<CsrRow>> {
    let transaction = db.transaction().await?;
    let id = id.to_string();
    // Waits for a rotation in progress, and then sees the new row.
    let find = format!("SELECT {CSR_COLUMNS} FROM csr WHERE id = $1 FOR UPDATE");
    let found = transaction.query_opt(&transaction.prepare_cached(&find).await?, &[&id]).await?;
    let Some(found) = found else { return Ok(None) };
    let row = change(row::csr(&mut Columns::new(&found))?)?;
    let CsrRecord { name, update_time, .. } = &row.record;
    let update = "UPDATE csr SET name = $2, update_time = $3, mac = $4 WHERE id = $1";
    let update = transaction.prepare_cached(update).await?;
    transaction.execute(&update, &[&id, name, update_time, &bytes(row.mac)]).await?;
    transaction.commit().await?;
    Ok(Some(row))
}

pub(super) async fn delete(db: &Object, id: CsrId) -> Result<bool> {
    Ok(execute(db, "DELETE FROM csr WHERE id = $1", &[&id.to_string()]).await? > 0)
}

pub(super) async fn add_caller(db: &Object, row: &CallerRow) -> Result<()> {
    let Caller { id, label, kind, rights, create_time, revoke_time } = &row.caller;
    let [token_hash, key_id, sealed_secret] = row.proof_columns();
    let sql = format!(
        "INSERT INTO caller ({CALLER_COLUMNS})
         SELECT $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 {UNDER_MASTER_KEY}"
    );
    let master_key = key_of(row.mac, row.proof.sealed())?;
    let params: Params<'_> = &[
        &master_key.0.as_slice(),
        id,
        label,
        &kind.as_str(),
        &rights.to_string(),
        create_time,
        revoke_time,
        &token_hash,
        &key_id,
        &sealed_secret,
        &bytes(row.mac),
    ];
    inserted(execute(db, &sql, params).await?)
}

pub(super) async fn callers(db: &Object) -> Result<Vec<CallerRow>> {
    all(db, &format!("SELECT {CALLER_COLUMNS} FROM caller ORDER BY number"), &[], row::caller).await
}

pub(super) async fn change_caller(db: &mut Object, id: &str, change: &ChangeCaller) -> Result<bool> {
    let transaction = db.transaction().await?;
    let find = format!("SELECT {CALLER_COLUMNS} FROM caller WHERE id = $1 FOR UPDATE");
    let found = transaction.query_opt(&transaction.prepare_cached(&find).await?, &[&id]).await?;
    let found = found.map(|row| row::caller(&mut Columns::new(&row))).transpose()?;
    let Some(row) = found.map(|row| change(row)).transpose()?.flatten() else { return Ok(false) };
    let update =
        transaction.prepare_cached("UPDATE caller SET revoke_time = $2, mac = $3 WHERE id = $1").await?;
    transaction.execute(&update, &[&id, &row.caller.revoke_time, &bytes(row.mac)]).await?;
    transaction.commit().await?;
    Ok(true)
}

pub(super) async fn tokens(db: &Object, hash_prefix: [u8; 4]) -> Result<Vec<CallerRow>> {
    let (first, last) = row::hash_range(hash_prefix);
    let sql =
        format!("SELECT {CALLER_COLUMNS} FROM caller WHERE token_hash BETWEEN $1 AND $2 ORDER BY number");
    all(db, &sql, &[&first.as_slice(), &last.as_slice()], row::caller).await
}

pub(super) async fn caller(db: &Object, id: &str) -> Result<Option<CallerRow>> {
    one(db, &format!("SELECT {CALLER_COLUMNS} FROM caller WHERE id = $1"), &[&id], row::caller).await
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

/// A write that reaches the disk.
pub(super) async fn probe(db: &Object) -> Result<()> {
    execute(db, "UPDATE probe SET writes = writes + 1", &[]).await?;
    Ok(())
}

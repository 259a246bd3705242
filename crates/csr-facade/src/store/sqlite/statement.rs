//! The statements for SQLite.

use csr_model::{Company, ListCsrQuery};
use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, params};

use crate::caller::Caller;
use crate::id::CsrId;
use crate::record::CsrRecord;
use crate::seal::{KeyId, Mac, Sealed};
use crate::store::contract::{CallerRow, ChangeCaller, ChangeCsr, CsrRow, Page, Reseal, StoreError};
use crate::store::row::{self, Row};
use crate::store::schema::{CALLER_COLUMNS, CSR_COLUMNS};

type Result<T> = core::result::Result<T, StoreError>;

/// A row and the position of its next column.
struct Columns<'a>(&'a rusqlite::Row<'a>, usize);

impl Columns<'_> {
    fn next<T: FromSql>(&mut self) -> Result<T> {
        self.1 += 1;
        self.0.get(self.1 - 1).map_err(|e| StoreError::Corrupt(e.to_string()))
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

fn all<T>(
    db: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    read: impl Fn(&mut dyn Row) -> Result<T>,
) -> Result<Vec<T>> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(params)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(read(&mut Columns(row, 0))?);
    }
    Ok(found)
}

fn one<T>(
    db: &Connection,
    sql: &str,
    params: impl rusqlite::Params,
    read: impl Fn(&mut dyn Row) -> Result<T>,
) -> Result<Option<T>> {
    Ok(all(db, sql, params, read)?.pop())
}

fn execute(db: &Connection, sql: &str, params: impl rusqlite::Params) -> Result<usize> {
    Ok(db.prepare_cached(sql)?.execute(params)?)
}

pub(super) fn insert(db: &Connection, row: &CsrRow, key: Option<&Sealed>) -> Result<()> {
    check_master_key(db, row.mac, key)?;
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
        "INSERT INTO csr ({CSR_COLUMNS}, sealed_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)"
    );
    execute(
        db,
        &sql,
        params![
            id.to_string(),
            name,
            domain_name,
            sans,
            private_key_algo.as_str(),
            usage.as_str(),
            country,
            province,
            city,
            company_name,
            csr,
            create_time,
            update_time,
            key_id.map(|id| id.0),
            mac.map(Mac::to_bytes),
            key.map(|key| key.bytes.as_slice()),
        ],
    )?;
    Ok(())
}

pub(super) fn csr(db: &Connection, id: CsrId) -> Result<Option<CsrRow>> {
    one(db, &format!("SELECT {CSR_COLUMNS} FROM csr WHERE id = ?1"), [id.to_string()], row::csr)
}

pub(super) fn list(db: &Connection, query: &ListCsrQuery) -> Result<Page> {
    const MATCHES: &str = "(?1 IS NULL OR instr(name, ?1) > 0) AND (?2 IS NULL OR private_key_algo = ?2)";
    let ListCsrQuery { limit, offset, name, private_key_algo } = query;
    let algorithm = private_key_algo.map(csr_model::PrivateKeyAlgo::as_str);
    // One snapshot for both.
    let snapshot = db.unchecked_transaction()?;
    let total =
        one(db, &format!("SELECT count(*) FROM csr WHERE {MATCHES}"), params![name, algorithm], |columns| {
            columns.integer()
        })?;
    let sql = format!(
        "SELECT {CSR_COLUMNS} FROM csr WHERE {MATCHES}
         ORDER BY create_time DESC, seq DESC LIMIT ?3 OFFSET ?4"
    );
    let limit = u64::from(*limit).cast_signed();
    let offset = i64::try_from(*offset).unwrap_or(i64::MAX);
    let rows = all(db, &sql, params![name, algorithm, limit, offset], row::csr)?;
    snapshot.finish()?;
    Ok(Page { rows, total: total.unwrap_or(0).cast_unsigned() })
}

pub(super) fn sealed_key(db: &Connection, id: CsrId) -> Result<Option<(CsrRow, Option<Sealed>)>> {
    let sql = format!("SELECT {CSR_COLUMNS}, sealed_key FROM csr WHERE id = ?1");
    one(db, &sql, [id.to_string()], row::csr_and_key)
}

pub(super) fn change_csr(db: &Connection, id: CsrId, change: &ChangeCsr) -> Result<Option<CsrRow>> {
    let Some(row) = csr(db, id)? else { return Ok(None) };
    let row = change(row)?;
    let sql = "UPDATE csr SET name = ?2, update_time = ?3, mac = ?4 WHERE id = ?1";
    let CsrRecord { name, update_time, .. } = &row.record;
    execute(db, sql, params![id.to_string(), name, update_time, row.mac.map(Mac::to_bytes)])?;
    Ok(Some(row))
}

pub(super) fn delete(db: &Connection, id: CsrId) -> Result<bool> {
    Ok(execute(db, "DELETE FROM csr WHERE id = ?1", [id.to_string()])? > 0)
}

pub(super) fn add_caller(db: &Connection, row: &CallerRow) -> Result<()> {
    check_master_key(db, row.mac, row.proof.sealed())?;
    let Caller { id, label, kind, rights, create_time, revoke_time } = &row.caller;
    let [token_hash, key_id, sealed_secret] = row.proof_columns();
    let sql =
        format!("INSERT INTO caller ({CALLER_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
    execute(
        db,
        &sql,
        params![
            id,
            label,
            kind.as_str(),
            rights.to_string(),
            create_time,
            revoke_time,
            token_hash,
            key_id,
            sealed_secret,
            row.mac.map(Mac::to_bytes),
        ],
    )?;
    Ok(())
}

pub(super) fn callers(db: &Connection) -> Result<Vec<CallerRow>> {
    all(db, &format!("SELECT {CALLER_COLUMNS} FROM caller ORDER BY number"), [], row::caller)
}

pub(super) fn change_caller(db: &Connection, id: &str, change: &ChangeCaller) -> Result<bool> {
    let Some(row) = caller(db, id)?.map(|row| change(row)).transpose()?.flatten() else { return Ok(false) };
    let sql = "UPDATE caller SET revoke_time = ?2, mac = ?3 WHERE id = ?1";
    execute(db, sql, params![id, row.caller.revoke_time, row.mac.map(Mac::to_bytes)])?;
    Ok(true)
}

pub(super) fn tokens(db: &Connection, hash_prefix: [u8; 4]) -> Result<Vec<CallerRow>> {
    let (first, last) = row::hash_range(hash_prefix);
    let sql =
        format!("SELECT {CALLER_COLUMNS} FROM caller WHERE token_hash BETWEEN ?1 AND ?2 ORDER BY number");
    all(db, &sql, [first, last], row::caller)
}

pub(super) fn caller(db: &Connection, id: &str) -> Result<Option<CallerRow>> {
    one(db, &format!("SELECT {CALLER_COLUMNS} FROM caller WHERE id = ?1"), [id], row::caller)
}

pub(super) fn master_key(db: &Connection) -> Result<Option<KeyId>> {
    let found: Option<Vec<u8>> = db
        .prepare_cached("SELECT master_key_id FROM store")?
        .query_row([], |row| row.get(0))
        .optional()?
        .flatten();
    found.map(|bytes| row::key_id(&bytes)).transpose()
}

pub(super) fn claim_master_key(db: &Connection, id: KeyId) -> Result<KeyId> {
    execute(db, "UPDATE store SET master_key_id = ?1 WHERE master_key_id IS NULL", [id.0])?;
    Ok(master_key(db)?.unwrap_or(id))
}

/// A secret under another key than the present one would be lost.
fn check_master_key(db: &Connection, mac: Option<Mac>, sealed: Option<&Sealed>) -> Result<()> {
    let present = master_key(db)?;
    let is_present = |id: KeyId| present == Some(id);
    if mac.is_some_and(|mac| is_present(mac.key_id)) && sealed.is_none_or(|sealed| is_present(sealed.key_id))
    {
        Ok(())
    } else {
        Err(StoreError::StaleMasterKey)
    }
}

pub(super) fn reseal(db: &Connection, old: KeyId, new: KeyId, reseal: &dyn Reseal) -> Result<u64> {
    if master_key(db)? != Some(old) {
        return Err(StoreError::StaleMasterKey);
    }
    let mut secrets = 0;
    let mut after = 0;
    // In pages, so that a large store need not fit into memory.
    loop {
        let sql =
            format!("SELECT seq, {CSR_COLUMNS}, sealed_key FROM csr WHERE seq > ?1 ORDER BY seq LIMIT 500");
        let page = all(db, &sql, [after], |columns| Ok((columns.integer()?, row::csr_and_key(columns)?)))?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        for (seq, (row, key)) in page {
            let (row, key) = reseal.csr(row, key)?;
            let sql = "UPDATE csr SET key_id = ?2, sealed_key = ?3, mac = ?4, csr = ?5 WHERE seq = ?1";
            let bytes = key.as_ref().map(|key| key.bytes.as_slice());
            let (key_id, mac) = (row.key_id.map(|id| id.0), row.mac.map(Mac::to_bytes));
            execute(db, sql, params![seq, key_id, bytes, mac, row.record.csr])?;
            secrets += u64::from(key.is_some());
        }
    }
    for row in callers(db)? {
        let row = reseal.caller(row)?;
        let [_, key_id, sealed_secret] = row.proof_columns();
        let sql = "UPDATE caller SET key_id = ?2, sealed_secret = ?3, mac = ?4 WHERE id = ?1";
        execute(db, sql, params![row.caller.id, key_id, sealed_secret, row.mac.map(Mac::to_bytes)])?;
        secrets += u64::from(sealed_secret.is_some());
    }
    execute(db, "UPDATE store SET master_key_id = ?1", [new.0])?;
    Ok(secrets)
}

/// A write that reaches the disk.
pub(super) fn probe(db: &Connection) -> Result<()> {
    execute(db, "UPDATE probe SET writes = writes + 1", [])?;
    Ok(())
}

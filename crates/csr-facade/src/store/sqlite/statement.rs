//! What is asked of SQLite.

use csr_model::ListCsrQuery;
use rusqlite::types::FromSql;
use rusqlite::{Connection, OptionalExtension, params};

use super::super::row::{self, Row};
use super::super::schema::{CALLER_COLUMNS, CSR_COLUMNS};
use super::super::{Page, Proof, Reseal, StoreError};
use crate::seal::{KeyId, Owner, Sealed};
use crate::{Caller, CsrId, CsrRecord};

type Result<T> = core::result::Result<T, StoreError>;

/// A row and its next column.
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

pub(super) fn insert(db: &Connection, record: &CsrRecord, key: Option<&Sealed>) -> Result<()> {
    check_master_key(db, key)?;
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
        "INSERT INTO csr ({CSR_COLUMNS}, key_id, sealed_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
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
            company_country,
            company_province,
            company_city,
            company_name,
            csr,
            create_time,
            update_time,
            key.map(|key| key.key_id.0),
            key.map(|key| key.bytes.as_slice()),
        ],
    )?;
    Ok(())
}

pub(super) fn csr(db: &Connection, id: CsrId) -> Result<Option<CsrRecord>> {
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
    let records = all(db, &sql, params![name, algorithm, limit, offset], row::csr)?;
    snapshot.finish()?;
    Ok(Page { records, total: total.unwrap_or(0).cast_unsigned() })
}

pub(super) fn sealed_key(db: &Connection, id: CsrId) -> Result<Option<(CsrRecord, Option<Sealed>)>> {
    let sql = format!("SELECT {CSR_COLUMNS}, key_id, sealed_key FROM csr WHERE id = ?1");
    one(db, &sql, [id.to_string()], |columns| Ok((row::csr(columns)?, row::sealed(columns)?)))
}

pub(super) fn rename(db: &Connection, id: CsrId, name: &str, update_time: i64) -> Result<Option<CsrRecord>> {
    let sql = format!("UPDATE csr SET name = ?2, update_time = ?3 WHERE id = ?1 RETURNING {CSR_COLUMNS}");
    one(db, &sql, params![id.to_string(), name, update_time], row::csr)
}

pub(super) fn delete(db: &Connection, id: CsrId) -> Result<bool> {
    Ok(execute(db, "DELETE FROM csr WHERE id = ?1", [id.to_string()])? > 0)
}

pub(super) fn add_caller(db: &Connection, caller: &Caller, proof: &Proof) -> Result<()> {
    let Caller { id, label, kind, rights, create_time, revoke_time } = caller;
    let (hash, sealed) = match proof {
        Proof::TokenHash(hash) => (Some(hash), None),
        Proof::SecretKey(sealed) => (None, Some(sealed)),
    };
    check_master_key(db, sealed)?;
    let sql = format!(
        "INSERT INTO caller ({CALLER_COLUMNS}, token_hash, key_id, sealed_key)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    );
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
            hash,
            sealed.map(|sealed| sealed.key_id.0),
            sealed.map(|sealed| sealed.bytes.as_slice()),
        ],
    )?;
    Ok(())
}

pub(super) fn callers(db: &Connection) -> Result<Vec<Caller>> {
    all(db, &format!("SELECT {CALLER_COLUMNS} FROM caller ORDER BY seq"), [], row::caller)
}

pub(super) fn revoke_caller(db: &Connection, id: &str, revoke_time: i64) -> Result<bool> {
    let sql = "UPDATE caller SET revoke_time = ?2 WHERE id = ?1 AND revoke_time IS NULL";
    Ok(execute(db, sql, params![id, revoke_time])? > 0)
}

pub(super) fn tokens(db: &Connection, hash_prefix: [u8; 4]) -> Result<Vec<(Caller, [u8; 32])>> {
    let (first, last) = row::hash_range(hash_prefix);
    let sql = format!(
        "SELECT {CALLER_COLUMNS}, token_hash FROM caller WHERE token_hash BETWEEN ?1 AND ?2 ORDER BY seq"
    );
    all(db, &sql, [first, last], |columns| Ok((row::caller(columns)?, row::token_hash(columns)?)))
}

pub(super) fn credential(db: &Connection, access_key: &str) -> Result<Option<(Caller, Sealed)>> {
    let sql = format!(
        "SELECT {CALLER_COLUMNS}, key_id, sealed_key FROM caller WHERE id = ?1 AND sealed_key IS NOT NULL"
    );
    let found = one(db, &sql, [access_key], |columns| Ok((row::caller(columns)?, row::sealed(columns)?)))?;
    Ok(found.and_then(|(caller, sealed)| Some((caller, sealed?))))
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

/// What is sealed under another key than the present one would be lost.
fn check_master_key(db: &Connection, sealed: Option<&Sealed>) -> Result<()> {
    match sealed {
        Some(sealed) if master_key(db)? != Some(sealed.key_id) => Err(StoreError::StaleMasterKey),
        _ => Ok(()),
    }
}

pub(super) fn reseal(db: &Connection, old: KeyId, new: KeyId, reseal: &Reseal) -> Result<u64> {
    if master_key(db)? != Some(old) {
        return Err(StoreError::StaleMasterKey);
    }
    let resealed = |owner: Owner<'_>, sealed: &Sealed| {
        reseal(&owner, sealed).map_err(|cause| StoreError::Reseal { owner: owner.to_string(), cause })
    };
    let mut secrets = 0;
    let mut after = 0;
    // In pages, so that a large store need not fit into memory.
    loop {
        let sql = "SELECT seq, id, private_key_algo, key_id, sealed_key FROM csr
                   WHERE seq > ?1 AND sealed_key IS NOT NULL ORDER BY seq LIMIT 500";
        let page = all(db, sql, [after], |columns| {
            Ok((
                columns.integer()?,
                columns.parsed("csr.id")?,
                columns.parsed("csr.private_key_algo")?,
                row::sealed(columns)?,
            ))
        })?;
        let Some((last, ..)) = page.last() else { break };
        after = *last;
        for (seq, id, algorithm, sealed) in &page {
            let Some(sealed) = sealed else { continue };
            let Sealed { key_id, bytes } = resealed(Owner::Csr { id: *id, algorithm: *algorithm }, sealed)?;
            let sql = "UPDATE csr SET key_id = ?2, sealed_key = ?3 WHERE seq = ?1";
            execute(db, sql, params![seq, key_id.0, bytes])?;
            secrets += 1;
        }
    }
    let sql = "SELECT seq, id, key_id, sealed_key FROM caller WHERE sealed_key IS NOT NULL";
    let credentials =
        all(db, sql, [], |columns| Ok((columns.integer()?, columns.text()?, row::sealed(columns)?)))?;
    for (seq, access_key, sealed) in &credentials {
        let Some(sealed) = sealed else { continue };
        let Sealed { key_id, bytes } = resealed(Owner::Credential { access_key }, sealed)?;
        let sql = "UPDATE caller SET key_id = ?2, sealed_key = ?3 WHERE seq = ?1";
        execute(db, sql, params![seq, key_id.0, bytes])?;
        secrets += 1;
    }
    execute(db, "UPDATE store SET master_key_id = ?1", [new.0])?;
    Ok(secrets)
}

/// A write that goes through to the disk.
pub(super) fn probe(db: &Connection) -> Result<()> {
    execute(db, "UPDATE probe SET writes = writes + 1", [])?;
    Ok(())
}

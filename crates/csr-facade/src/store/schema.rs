//! The tables, defined in one text for both databases.

use super::contract::StoreError;

/// The names that differ between the databases.
pub(super) struct Dialect {
    /// A primary key that counts up.
    pub(super) sequence: &'static str,
    /// A 64-bit integer.
    pub(super) integer: &'static str,
    /// A string of bytes.
    pub(super) bytes: &'static str,
    /// The text after a table's definition.
    pub(super) table_end: &'static str,
}

/// Each entry migrates a store from the version that is its index to the next. Released entries are
/// never edited.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE store (
        only_row $INTEGER PRIMARY KEY CHECK (only_row = 1),
        master_key_id $BYTES
    ) $END;
    INSERT INTO store (only_row) VALUES (1);

    CREATE TABLE probe (writes $INTEGER NOT NULL) $END;
    INSERT INTO probe (writes) VALUES (0);

    CREATE TABLE csr (
        seq $SEQUENCE,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        domain_name TEXT NOT NULL,
        sans TEXT NOT NULL,
        private_key_algo TEXT NOT NULL,
        usage TEXT NOT NULL,
        company_country TEXT NOT NULL,
        company_province TEXT NOT NULL,
        company_city TEXT NOT NULL,
        company_name TEXT NOT NULL,
        csr TEXT NOT NULL,
        create_time $INTEGER NOT NULL,
        update_time $INTEGER NOT NULL,
        key_id $BYTES,
        sealed_key $BYTES,
        CHECK ((key_id IS NULL) = (sealed_key IS NULL))
    ) $END;
    CREATE INDEX csr_newest ON csr (create_time DESC, seq DESC);

    CREATE TABLE caller (
        seq $SEQUENCE,
        id TEXT NOT NULL UNIQUE,
        label TEXT NOT NULL,
        kind TEXT NOT NULL,
        rights TEXT NOT NULL,
        create_time $INTEGER NOT NULL,
        revoke_time $INTEGER,
        token_hash $BYTES,
        key_id $BYTES,
        sealed_key $BYTES,
        CHECK ((key_id IS NULL) = (sealed_key IS NULL)),
        CHECK ((token_hash IS NULL) <> (sealed_key IS NULL))
    ) $END;
    CREATE INDEX caller_token ON caller (token_hash);
", "
    -- NULL until somebody who has the master key fills it.
    ALTER TABLE csr ADD COLUMN mac $BYTES;
    ALTER TABLE caller ADD COLUMN mac $BYTES;
    -- So that a process of version 1 that still runs recognises nobody, rather than changing rows without their MACs.
    ALTER TABLE caller RENAME COLUMN seq TO number;
    ALTER TABLE caller RENAME COLUMN sealed_key TO sealed_secret;
"];

/// The version that this program reads and writes.
pub(super) const VERSION: usize = MIGRATIONS.len();

/// The statements that migrate a store from `version` to [`VERSION`]; none if it has that version.
pub(super) fn migrations(version: i64, dialect: &Dialect) -> Result<Vec<String>, StoreError> {
    let Dialect { sequence, integer, bytes, table_end } = dialect;
    let pending = usize::try_from(version).ok().and_then(|version| MIGRATIONS.get(version..));
    let pending = pending.ok_or_else(|| {
        StoreError::Corrupt(format!(
            "its tables have version {version}, but this program knows only {VERSION}"
        ))
    })?;
    let adapted = pending.iter().map(|statements| {
        statements
            .replace("$SEQUENCE", sequence)
            .replace("$INTEGER", integer)
            .replace("$BYTES", bytes)
            .replace("$END", table_end)
    });
    Ok(adapted.collect())
}

/// The columns of a CSR without its sealed key, in the order in which rows are read.
pub(super) const CSR_COLUMNS: &str = "id, name, domain_name, sans, private_key_algo, usage, company_country, \
     company_province, company_city, company_name, csr, create_time, update_time, key_id, mac";

/// The columns of a caller, in the order in which rows are read.
pub(super) const CALLER_COLUMNS: &str =
    "id, label, kind, rights, create_time, revoke_time, token_hash, key_id, sealed_secret, mac";

/// A value that its type doesn't allow.
pub(super) fn corrupt(column: impl core::fmt::Display, error: impl core::fmt::Display) -> StoreError {
    StoreError::Corrupt(format!("{column}: {error}"))
}

//! Rows of either database, read into records.

use core::str::FromStr;

use super::StoreError;
use super::schema::corrupt;
use crate::seal::{KeyId, Sealed};
use crate::{Caller, CallerKind, CsrRecord};

/// A row whose columns are read in turn.
pub(super) trait Row {
    fn text(&mut self) -> Result<String, StoreError>;
    fn integer(&mut self) -> Result<i64, StoreError>;
    fn integer_or_null(&mut self) -> Result<Option<i64>, StoreError>;
    fn bytes_or_null(&mut self) -> Result<Option<Vec<u8>>, StoreError>;
}

impl dyn Row + '_ {
    pub(super) fn parsed<T: FromStr<Err: core::fmt::Display>>(
        &mut self,
        column: &str,
    ) -> Result<T, StoreError> {
        self.text()?.parse().map_err(|error| corrupt(column, error))
    }
}

/// Reads the columns of [`CSR_COLUMNS`](super::schema::CSR_COLUMNS).
pub(super) fn csr(row: &mut dyn Row) -> Result<CsrRecord, StoreError> {
    Ok(CsrRecord {
        id: row.parsed("csr.id")?,
        name: row.text()?,
        domain_name: row.text()?,
        sans: row.text()?,
        private_key_algo: row.parsed("csr.private_key_algo")?,
        usage: row.parsed("csr.usage")?,
        company_country: row.text()?,
        company_province: row.text()?,
        company_city: row.text()?,
        company_name: row.text()?,
        csr: row.text()?,
        create_time: row.integer()?,
        update_time: row.integer()?,
    })
}

/// Reads the columns of [`CALLER_COLUMNS`](super::schema::CALLER_COLUMNS).
pub(super) fn caller(row: &mut dyn Row) -> Result<Caller, StoreError> {
    Ok(Caller {
        id: row.text()?,
        label: row.text()?,
        kind: caller_kind(&row.text()?)?,
        rights: row.parsed("caller.rights")?,
        create_time: row.integer()?,
        revoke_time: row.integer_or_null()?,
    })
}

fn caller_kind(text: &str) -> Result<CallerKind, StoreError> {
    let kind = CallerKind::ALL.into_iter().find(|kind| kind.as_str() == text);
    kind.ok_or_else(|| corrupt("caller.kind", format_args!("{text:?}")))
}

/// Reads the columns `key_id, sealed_key`.
pub(super) fn sealed(row: &mut dyn Row) -> Result<Option<Sealed>, StoreError> {
    match (row.bytes_or_null()?, row.bytes_or_null()?) {
        (Some(id), Some(bytes)) => Ok(Some(Sealed { key_id: key_id(&id)?, bytes })),
        _ => Ok(None),
    }
}

pub(super) fn key_id(bytes: &[u8]) -> Result<KeyId, StoreError> {
    bytes.try_into().map(KeyId).map_err(|_| corrupt("key_id", "has not 8 bytes"))
}

/// Reads the column `token_hash`.
pub(super) fn token_hash(row: &mut dyn Row) -> Result<[u8; 32], StoreError> {
    let hash = row.bytes_or_null()?.and_then(|bytes| bytes.try_into().ok());
    hash.ok_or_else(|| corrupt("caller.token_hash", "has not 32 bytes"))
}

/// The first and the last hash with this prefix.
pub(super) fn hash_range(prefix: [u8; 4]) -> ([u8; 32], [u8; 32]) {
    let (mut first, mut last) = ([0; 32], [0xFF; 32]);
    first[..4].copy_from_slice(&prefix);
    last[..4].copy_from_slice(&prefix);
    (first, last)
}

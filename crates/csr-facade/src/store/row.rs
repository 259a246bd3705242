//! Reads rows of either database into records.

use core::fmt::Display;
use core::str::FromStr;

use csr_model::{Company, Excerpt};

use super::contract::{CallerRow, CsrRow, Proof, StoreError};
use super::schema::corrupt;
use crate::caller::{Caller, CallerKind, shown_id};
use crate::id::CsrId;
use crate::record::CsrRecord;
use crate::seal::{KeyId, Mac, Sealed};

/// A row whose columns are read one after the other.
pub(super) trait Row {
    fn text(&mut self) -> Result<String, StoreError>;
    fn integer(&mut self) -> Result<i64, StoreError>;
    fn integer_or_null(&mut self) -> Result<Option<i64>, StoreError>;
    fn bytes_or_null(&mut self) -> Result<Option<Vec<u8>>, StoreError>;
}

impl dyn Row + '_ {
    /// Parses a text; `column` is its name in an error.
    pub(super) fn parsed<T: FromStr<Err: Display>>(&mut self, column: impl Display) -> Result<T, StoreError> {
        self.text()?.parse().map_err(|error| corrupt(column, error))
    }

    fn key_id(&mut self) -> Result<Option<KeyId>, StoreError> {
        self.bytes_or_null()?.map(|bytes| key_id(&bytes)).transpose()
    }

    /// A value that cannot be a MAC counts as none.
    fn mac(&mut self) -> Result<Option<Mac>, StoreError> {
        Ok(self.bytes_or_null()?.and_then(|bytes| Mac::from_bytes(&bytes)))
    }
}

/// Reads the columns of [`CSR_COLUMNS`](super::schema::CSR_COLUMNS).
pub(super) fn csr(row: &mut dyn Row) -> Result<CsrRow, StoreError> {
    let id: CsrId = row.parsed("csr.id")?;
    let record = CsrRecord {
        id,
        name: row.text()?,
        domain_name: row.text()?,
        sans: row.text()?,
        private_key_algo: row.parsed(format_args!("the CSR {id}: private_key_algo"))?,
        usage: row.parsed(format_args!("the CSR {id}: usage"))?,
        company: Company {
            country: row.text()?,
            province: row.text()?,
            city: row.text()?,
            name: row.text()?,
        },
        csr: row.text()?,
        create_time: row.integer()?,
        update_time: row.integer()?,
    };
    Ok(CsrRow { record, key_id: row.key_id()?, mac: row.mac()? })
}

/// Reads the columns of [`CALLER_COLUMNS`](super::schema::CALLER_COLUMNS).
pub(super) fn caller(row: &mut dyn Row) -> Result<CallerRow, StoreError> {
    let id = row.text()?;
    let name = || format!("the caller {}", shown_id(&id));
    let label = row.text()?;
    let kind = row.text()?;
    let known = CallerKind::ALL.into_iter().find(|known| known.as_str() == kind);
    let kind = known.ok_or_else(|| corrupt(name(), format_args!("kind is {}", Excerpt::of(&kind))))?;
    let rights = row.text()?.parse().map_err(|error| corrupt(name(), error))?;
    let (create_time, revoke_time) = (row.integer()?, row.integer_or_null()?);
    let proof = match (row.bytes_or_null()?, row.key_id()?, row.bytes_or_null()?) {
        (Some(hash), None, None) => {
            let hash = hash.try_into().map_err(|_| corrupt(name(), "token_hash must have 32 bytes"))?;
            Proof::TokenHash(hash)
        }
        (None, Some(key_id), Some(bytes)) => Proof::SecretKey(Sealed { key_id, bytes }),
        _ => return Err(corrupt(name(), "must have either a token's hash or a sealed secret")),
    };
    let mac = row.mac()?;
    Ok(CallerRow { caller: Caller { id, label, kind, rights, create_time, revoke_time }, proof, mac })
}

/// Reads the columns of [`CSR_COLUMNS`](super::schema::CSR_COLUMNS), and `sealed_key`.
pub(super) fn csr_and_key(row: &mut dyn Row) -> Result<(CsrRow, Option<Sealed>), StoreError> {
    let csr = csr(row)?;
    match (csr.key_id, row.bytes_or_null()?) {
        (Some(key_id), Some(bytes)) => Ok((csr, Some(Sealed { key_id, bytes }))),
        (None, None) => Ok((csr, None)),
        _ => Err(corrupt(
            format_args!("the CSR {}", csr.record.id),
            "key_id and sealed_key must both be present or both be absent",
        )),
    }
}

pub(super) fn key_id(bytes: &[u8]) -> Result<KeyId, StoreError> {
    bytes.try_into().map(KeyId).map_err(|_| corrupt("key_id", "must have 8 bytes"))
}

/// The lowest and the highest hash with this prefix.
pub(super) fn hash_range(prefix: [u8; 4]) -> ([u8; 32], [u8; 32]) {
    let (mut first, mut last) = ([0; 32], [0xFF; 32]);
    first[..4].copy_from_slice(&prefix);
    last[..4].copy_from_slice(&prefix);
    (first, last)
}

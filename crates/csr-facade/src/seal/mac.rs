use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::sealed::KeyId;

/// Proves that csr wrote a row of the store: HMAC-SHA-256 over its columns, under a separate key
/// derived from the master key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mac {
    /// The master key that made it.
    pub key_id: KeyId,
    /// The MAC itself.
    pub tag: [u8; 32],
}

/// A row that was changed outside of csr. It is always an error, never an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{row} was changed outside of csr: {fault}; restore it from a backup, or delete it")]
pub struct Altered {
    /// The row, named by its id.
    pub row: String,
    /// What is wrong with its MAC.
    pub fault: MacFault,
}

/// What is wrong with a row's MAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MacFault {
    /// The row has no MAC.
    #[error("it has no MAC")]
    Missing,
    /// The MAC doesn't match this row.
    #[error("its MAC does not match")]
    Mismatch,
    /// The MAC was made under another master key than the store's.
    #[error("its MAC was made under the master key {made}, not {present}")]
    OtherMasterKey {
        /// The master key that made the MAC.
        made: KeyId,
        /// The master key that should check it.
        present: KeyId,
    },
}

/// A row with a MAC.
pub(crate) trait Authenticated {
    /// The name of the table, so that a row of one table never counts as a row of another.
    const TABLE: &'static str;

    /// Every column, in a fixed order. How many there are depends on the table alone.
    fn columns(&self, columns: &mut Columns);

    fn mac(&self) -> Option<&Mac>;

    /// The name of the row in an error.
    fn name(&self) -> String;
}

/// Collects columns, so that no two different rows give the same bytes. Each column is a byte for
/// present or absent, its length (8 bytes, big-endian), and its bytes.
pub(crate) struct Columns(Hmac<Sha256>);

impl Columns {
    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(&[1]);
        self.0.update(&(bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }

    pub(crate) fn bytes_or_null(&mut self, bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.bytes(bytes),
            None => self.0.update(&[0]),
        }
    }

    pub(crate) fn texts<const N: usize>(&mut self, texts: [&str; N]) {
        for text in texts {
            self.bytes(text.as_bytes());
        }
    }

    pub(crate) fn integer(&mut self, integer: i64) {
        self.bytes(&integer.to_be_bytes());
    }

    pub(crate) fn integer_or_null(&mut self, integer: Option<i64>) {
        self.bytes_or_null(integer.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
    }
}

/// Computes the MAC of a row under a key.
pub(super) fn compute<T: Authenticated>(row: &T, key: &[u8; 32], key_id: KeyId) -> Mac {
    // RFC 2104 section 2: a key shorter than the hash's block is padded with zeros.
    let mut block = zeroize::Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    let mut columns = Columns(<Hmac<Sha256> as KeyInit>::new((&*block).into()));
    columns.texts([T::TABLE]);
    row.columns(&mut columns);
    Mac { key_id, tag: columns.0.finalize().into_bytes().into() }
}

pub(super) fn check<T: Authenticated>(row: &T, key: &[u8; 32], key_id: KeyId) -> Result<(), Altered> {
    let fault = match row.mac() {
        None => MacFault::Missing,
        Some(mac) if mac.key_id != key_id => MacFault::OtherMasterKey { made: mac.key_id, present: key_id },
        Some(mac) if bool::from(mac.tag.ct_eq(&compute(row, key, key_id).tag)) => return Ok(()),
        Some(_) => MacFault::Mismatch,
    };
    Err(Altered { row: row.name(), fault })
}

impl Mac {
    /// The length of the stored form, in bytes.
    pub(crate) const LENGTH: usize = 40;

    /// The stored form: the id of the master key, and the MAC.
    pub(crate) fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        let (key_id, tag) = bytes.split_at_mut(8);
        key_id.copy_from_slice(&self.key_id.0);
        tag.copy_from_slice(&self.tag);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (key_id, tag) = bytes.split_first_chunk()?;
        Some(Self { key_id: KeyId(*key_id), tag: tag.try_into().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::seal::MasterKey;

    struct Pair<'a>(&'a [u8], Option<&'a [u8]>);

    impl Authenticated for Pair<'_> {
        const TABLE: &'static str = "pair";
        fn columns(&self, columns: &mut Columns) {
            columns.bytes(self.0);
            columns.bytes_or_null(self.1);
        }
        fn mac(&self) -> Option<&Mac> {
            None
        }
        fn name(&self) -> String {
            "a pair".into()
        }
    }

    struct OtherTable<'a>(Pair<'a>);

    impl Authenticated for OtherTable<'_> {
        const TABLE: &'static str = "other";
        fn columns(&self, columns: &mut Columns) {
            self.0.columns(columns);
        }
        fn mac(&self) -> Option<&Mac> {
            None
        }
        fn name(&self) -> String {
            "a pair".into()
        }
    }

    #[test]
    fn rows_that_differ_have_different_macs() {
        let key = MasterKey::parse(&"ab".repeat(32)).unwrap();
        let other_key = MasterKey::parse(&"ac".repeat(32)).unwrap();
        let rows = [
            Pair(b"ab", Some(b"c")),
            Pair(b"a", Some(b"bc")),
            Pair(b"abc", Some(b"")),
            Pair(b"abc", None),
            Pair(b"", Some(b"abc")),
            Pair(b"", None),
            Pair(b"\0", None),
        ];
        let mut macs: Vec<[u8; 32]> = rows.iter().map(|row| key.mac(row).tag).collect();
        macs.extend(rows.iter().map(|row| other_key.mac(row).tag));
        macs.extend(rows.map(|row| key.mac(&OtherTable(row)).tag));
        let count = macs.len();
        macs.sort_unstable();
        macs.dedup();
        assert_eq!(macs.len(), count);
    }

    #[test]
    fn mac_is_read_back_from_its_bytes() {
        let mac = Mac { key_id: KeyId([1, 2, 3, 4, 5, 6, 7, 8]), tag: [9; 32] };
        assert_eq!(Mac::from_bytes(&mac.to_bytes()), Some(mac));
        assert_eq!(Mac::from_bytes(&mac.to_bytes()[1..]), None);
        assert_eq!(Mac::from_bytes(&[]), None);
    }
}

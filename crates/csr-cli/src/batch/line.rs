//! The lines of `--jsonl`, and of a filter's answers.

use anyhow::Result;
use base64ct::{Base64, Encoding};
use serde::Serialize;
use zeroize::Zeroizing;

use super::defaults::{BadRecord, RecordFault};
use super::item::Made;
use super::manifest::Sha256Hex;

/// An item that was made. The help documents its fields.
#[derive(Serialize)]
struct ItemLine<'a> {
    id: &'a str,
    csr: &'a str,
    private_key: &'a str,
    algorithm: &'a str,
    public_key_sha256: Sha256Hex,
    csr_sha256: Sha256Hex,
}

/// A record that makes no item.
#[derive(Serialize)]
struct BadLine<'a> {
    id: Option<&'a str>,
    line: u64,
    error: BadLineError<'a>,
}

#[derive(Serialize)]
struct BadLineError<'a> {
    faults: &'a [RecordFault],
}

/// The line of an item whose key and CSR are encoded as files would hold them.
pub(super) fn of_item(made: &Made, der: bool) -> Result<Zeroizing<Vec<u8>>> {
    let text = |bytes: &[u8]| -> Result<Zeroizing<String>> {
        Ok(Zeroizing::new(if der {
            Base64::encode_string(bytes)
        } else {
            std::str::from_utf8(bytes)?.to_owned()
        }))
    };
    let (csr, key) = (text(&made.csr)?, text(&made.key)?);
    let line = ItemLine {
        id: made.id.as_str(),
        csr: &csr,
        private_key: &key,
        algorithm: made.algorithm.as_str(),
        public_key_sha256: Sha256Hex(made.public_key_sha256),
        csr_sha256: Sha256Hex(made.csr_sha256),
    };
    // Room for all of it, each line end of a PEM text as two characters: a buffer that grows leaves unwiped copies behind.
    let room = 512 + 6 * made.id.as_str().len() + (csr.len() + key.len()) * 17 / 16;
    encode(&line, room)
}

/// The answer of a filter to a record that makes no item.
pub(super) fn of_bad(bad: &BadRecord) -> Result<Zeroizing<Vec<u8>>> {
    let error = BadLineError { faults: &bad.faults };
    encode(&BadLine { id: bad.id.as_deref(), line: bad.place.number(), error }, 1024)
}

fn encode(line: &impl Serialize, room: usize) -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    serde_json::to_writer(&mut *bytes, line)?;
    bytes.push(b'\n');
    Ok(bytes)
}

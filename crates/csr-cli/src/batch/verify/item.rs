//! Whether an item's CSR and key are there, are those of the manifest, and belong together.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use base64ct::{Base64, Encoding};
use csr_core::{Inspection, KeyImportError, KeyPair, SignatureStatus};
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::disk;
use crate::batch::manifest::{Entry, Sha256Hex};

/// The longest file or line: a CSR with ten thousand names has about 300 KB.
const LIMIT: u64 = 4 << 20;

/// What may hold a key.
type Secret = Zeroizing<Vec<u8>>;

/// How items are checked.
pub(super) struct ItemCheck<'a> {
    pub(super) folder: &'a Path,
    /// The file with the JSON lines.
    pub(super) jsonl: Option<&'a Path>,
    pub(super) passphrase: Option<&'a [u8]>,
    pub(super) sm2_id: Option<&'a str>,
}

/// What was found of a key.
#[derive(Clone, Copy)]
pub(super) enum Key {
    Opened,
    Sealed,
    Encrypted,
}

#[derive(Default)]
pub(super) struct Counts {
    pub(super) opened: u64,
    pub(super) sealed: u64,
    pub(super) encrypted: u64,
}

impl Counts {
    pub(super) fn add(&mut self, key: Key) {
        match key {
            Key::Opened => self.opened += 1,
            Key::Sealed => self.sealed += 1,
            Key::Encrypted => self.encrypted += 1,
        }
    }
}

impl ItemCheck<'_> {
    /// Checks on one thread.
    pub(super) fn worker(&self) -> Worker<'_> {
        Worker { check: self, lines: None }
    }
}

pub(super) struct Worker<'a> {
    check: &'a ItemCheck<'a>,
    /// The JSON lines, once they are open.
    lines: Option<File>,
}

/// The fields of a JSON line that are checked.
#[derive(Deserialize)]
struct JsonItem<'a> {
    id: String,
    csr: String,
    /// Not decoded by serde, whose buffers are not wiped.
    #[serde(borrow)]
    private_key: &'a RawValue,
}

impl Worker<'_> {
    /// What is wrong with the item, or what was found of its key.
    pub(super) fn check(&mut self, entry: &Entry<'_>) -> Result<Key, String> {
        let (csr, key, sha256) = match (&entry.files, self.check.jsonl) {
            (Some([csr, key]), _) => {
                let (csr, key) = (self.read(csr)?, self.read(key)?);
                let sha256 = Sha256::new().chain_update(&*csr).chain_update(&*key).finalize();
                (csr, key, sha256)
            }
            (None, Some(path)) => {
                let line = self.read_line(path, entry)?;
                let (csr, key) = parts(&line, &entry.id).ok_or("its line is damaged")?;
                (csr, key, Sha256::digest(&*line))
            }
            (None, None) => return Err("the manifest does not say where it is".to_owned()),
        };
        let csr = csr_core::inspect(&csr).map_err(|error| format!("its CSR cannot be read: {error}"))?;
        self.check_csr(entry, &csr)?;
        let found = self.check_key(entry, &csr, &key)?;
        if sha256[..] != entry.data_sha256.0 {
            let what = if entry.files.is_some() { "its CSR's or key's file" } else { "its line" };
            return Err(format!("{what} was changed after it was made: restore it from a copy"));
        }
        Ok(found)
    }

    fn check_csr(&self, entry: &Entry<'_>, csr: &Inspection) -> Result<(), String> {
        if csr.sha256 != hexadecimal(&entry.csr_sha256) {
            return Err("its CSR is not the one that was made".to_owned());
        }
        if csr.public_key.sha256 != hexadecimal(&entry.public_key_sha256) {
            return Err("its CSR is for another public key than the manifest has".to_owned());
        }
        if csr.private_key_algo() != Some(entry.algorithm) {
            return Err(format!("its CSR is for another key than one of {}", entry.algorithm));
        }
        match csr.verify(self.check.sm2_id) {
            SignatureStatus::Valid { .. } | SignatureStatus::Invalid { holds_with: Some(_) } => Ok(()),
            _ => Err("the signature of its CSR does NOT hold".to_owned()),
        }
    }

    fn check_key(&self, entry: &Entry<'_>, csr: &Inspection, key: &[u8]) -> Result<Key, String> {
        if !entry.sealed_to.is_empty() {
            return if is_age(key) { Ok(Key::Sealed) } else { Err("its key is not an age file".to_owned()) };
        }
        match KeyPair::import(key, self.check.passphrase) {
            Ok(key) if csr.is_for(&key) => Ok(Key::Opened),
            Ok(_) => Err("its key does NOT belong to its CSR".to_owned()),
            Err(KeyImportError::PassphraseNeeded) => Ok(Key::Encrypted),
            Err(error) => Err(format!("its key cannot be read: {error}")),
        }
    }

    fn read(&self, file: &str) -> Result<Secret, String> {
        let path = self.check.folder.join(file);
        let read = disk::open(&path, OpenOptions::new().read(true)).and_then(|file| {
            let mut bytes = Zeroizing::new(Vec::with_capacity(16 << 10));
            file.take(LIMIT).read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        read.map_err(|error| format!("cannot read {file}: {error}"))
    }

    fn read_line(&mut self, path: &Path, entry: &Entry<'_>) -> Result<Secret, String> {
        let (Some(offset), Some(length)) = (entry.offset, entry.length.filter(|length| *length <= LIMIT))
        else {
            return Err("its line is too long".to_owned());
        };
        let cannot = |error| format!("cannot read its line: {error}");
        let file = match &mut self.lines {
            Some(file) => file,
            none => none.insert(disk::open(path, OpenOptions::new().read(true)).map_err(cannot)?),
        };
        let mut line = Zeroizing::new(vec![0; usize::try_from(length).unwrap_or_default()]);
        file.seek(SeekFrom::Start(offset)).and_then(|_| file.read_exact(&mut line)).map_err(cannot)?;
        Ok(line)
    }
}

/// The CSR and the key of the item's JSON line.
fn parts(line: &[u8], id: &str) -> Option<(Secret, Secret)> {
    let item = serde_json::from_slice::<JsonItem<'_>>(line.strip_suffix(b"\n")?).ok()?;
    let key = decoded(item.private_key.get()).filter(|_| item.id == id)?;
    Some((from_base64(Zeroizing::new(item.csr.into_bytes())), from_base64(key)))
}

/// The text of a JSON string in which only line ends are escaped.
fn decoded(json: &str) -> Option<Secret> {
    let mut rest = json.strip_prefix('"')?.strip_suffix('"')?.as_bytes();
    let mut text = Zeroizing::new(Vec::with_capacity(rest.len()));
    while let [byte, after @ ..] = rest {
        rest = after;
        match (byte, after) {
            (b'\\', [b'n', after @ ..]) => {
                text.push(b'\n');
                rest = after;
            }
            (b'\\', _) => return None,
            _ => text.push(*byte),
        }
    }
    Some(text)
}

/// What is not PEM is base64 of DER, or of a binary age file.
fn from_base64(text: Secret) -> Secret {
    if text.starts_with(b"-----") {
        return text;
    }
    let mut bytes = Zeroizing::new(vec![0; text.len()]);
    match Base64::decode(text.as_slice(), &mut bytes).map(<[u8]>::len) {
        Ok(length) => {
            bytes.truncate(length);
            bytes
        }
        Err(_) => text,
    }
}

/// Whether it is an age file, by its beginning, and by its end if it is armored.
fn is_age(key: &[u8]) -> bool {
    let is_armored = key.starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----\n")
        && key.trim_ascii_end().ends_with(b"\n-----END AGE ENCRYPTED FILE-----");
    is_armored || key.starts_with(b"age-encryption.org/v1\n")
}

fn hexadecimal(sha256: &Sha256Hex) -> String {
    hex::lower::encode_string(&sha256.0)
}

//! The manifest of a batch: append-only JSON lines that say which items are done.
//!
//! The first line is a [`Header`]. A line of an [`Entry`] is written, and durable, after the files that it names. A line
//! of [`Complete`] ends each run that made everything that was asked for.

mod read;

use std::borrow::Cow;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use csr_core::PrivateKeyAlgo;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

pub(super) use read::{Line, Reader};

use super::disk;
use crate::files::{self, Folder};

/// The version of the format. A reader refuses a later one.
const VERSION: u32 = 1;

/// The shard that a manifest is of: index, from 0, and count.
pub(super) type ShardNumbers = (u32, u32);

/// SHA-256, as lower-case hexadecimal in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sha256Hex(pub(super) [u8; 32]);

impl Serialize for Sha256Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = [0; 64];
        let text = hex::lower::encode_str(&self.0, &mut text).map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(text)
    }
}

impl<'de> Deserialize<'de> for Sha256Hex {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        let mut bytes = [0; 32];
        match hex::lower::decode(text.as_bytes(), &mut bytes) {
            Ok(decoded) if decoded.len() == 32 => Ok(Self(bytes)),
            _ => Err(serde::de::Error::custom("must have 64 lower-case hexadecimal digits")),
        }
    }
}

/// What the manifest is of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    csr_batch: u32,
    /// `I/N`; none if one run makes all items.
    shard: Option<String>,
    /// The JSON lines that the entries are in, beside the manifest; none if they are in files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    jsonl: Option<String>,
}

impl Header {
    pub(super) fn new(shard: Option<ShardNumbers>, jsonl: Option<String>) -> Self {
        let shard = shard.map(|(index, count)| format!("{index}/{count}"));
        Self { csr_batch: VERSION, shard, jsonl }
    }

    pub(super) fn jsonl(&self) -> Option<&str> {
        self.jsonl.as_deref()
    }

    /// The shard; none if one run makes all items. The outer `None` is a damaged one.
    pub(super) fn shard(&self) -> Option<Option<ShardNumbers>> {
        let Some(shard) = &self.shard else { return Some(None) };
        let (index, count) = shard.split_once('/')?;
        let numbers = (index.parse().ok()?, count.parse().ok()?);
        let is_written_so = *shard == format!("{}/{}", numbers.0, numbers.1);
        (is_written_so && numbers.0 < numbers.1).then_some(Some(numbers))
    }

    fn scope(&self) -> String {
        let shard = self.shard.as_ref().map_or("all items".to_owned(), |shard| format!("shard {shard}"));
        match &self.jsonl {
            Some(file) => format!("{shard} in {file}"),
            None => format!("{shard} in files"),
        }
    }
}

/// An item that is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) request_sha256: Sha256Hex,
    pub(super) algorithm: PrivateKeyAlgo,
    pub(super) public_key_sha256: Sha256Hex,
    pub(super) csr_sha256: Sha256Hex,
    /// Of the bytes of the CSR's file and then the key's, or of the JSON line with its end: whatever is changed there shows,
    /// even in a key that cannot be opened.
    pub(super) data_sha256: Sha256Hex,
    /// The CSR and the key, relative to the manifest's folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) files: Option<[String; 2]>,
    /// The first byte of the line among the JSON lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) offset: Option<u64>,
    /// The bytes of that line, with its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) length: Option<u64>,
    /// The age recipients that the key is encrypted to.
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub(super) sealed_to: Cow<'a, [String]>,
}

/// The end of a run that made all items of its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Complete {
    /// The items of the input that belong to this shard.
    pub(super) items: u64,
    /// The items of the input, of all shards.
    pub(super) input_items: u64,
    /// Over the id and request of every item of the input, in its order.
    pub(super) input_sha256: Sha256Hex,
    /// The entries of this manifest up to here, which may be of several inputs.
    pub(super) entries: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CompleteLine {
    complete: Complete,
    /// Of all bytes of the manifest before these digits. So it must come last.
    sha256: Sha256Hex,
}

impl CompleteLine {
    /// The bytes from the digits to the end of the line: `"}` and the line end follow them.
    const TAIL: usize = 64 + 3;

    /// The line that follows lines with this digest.
    fn encode(complete: Complete, digest: &Sha256) -> Result<Vec<u8>> {
        let encode = |sha256| -> Result<_> {
            let mut line = serde_json::to_vec(&Self { complete, sha256: Sha256Hex(sha256) })?;
            line.push(b'\n');
            Ok(line)
        };
        encode(Self::sum(&encode([0; 32])?, digest))
    }

    /// The digest that the line must have.
    fn sum(line: &[u8], digest: &Sha256) -> [u8; 32] {
        let covered = &line[..line.len().saturating_sub(Self::TAIL)];
        digest.clone().chain_update(covered).finalize().into()
    }
}

/// The name of the manifest for JSON lines in a file of this name, or else for files in a folder.
pub(super) fn name(jsonl: Option<&str>, shard: Option<ShardNumbers>) -> String {
    match (jsonl, shard) {
        (Some(file), _) => format!("{}.manifest.jsonl", file.strip_suffix(".jsonl").unwrap_or(file)),
        (None, None) => "manifest.jsonl".to_owned(),
        (None, Some((index, count))) => format!("manifest-{index}-of-{count}.jsonl"),
    }
}

/// The shard of a manifest for files, by its name; `None` if the name is not that of a manifest for files.
pub(super) fn shard_of_name(name: &str) -> Option<Option<ShardNumbers>> {
    let of = name.strip_prefix("manifest")?.strip_suffix(".jsonl")?;
    if of.is_empty() {
        return Some(None);
    }
    let (index, count) = of.strip_prefix('-')?.split_once("-of-")?;
    Some(Some((index.parse().ok()?, count.parse().ok()?)))
}

/// A manifest that this process alone may change.
pub(super) struct Manifest {
    /// Locked as long as it is open.
    file: File,
    path: PathBuf,
    header: Header,
    is_new: bool,
    /// The bytes of whole lines.
    end: u64,
    /// Of these bytes.
    digest: Sha256,
    entries: u64,
    /// The last line, if it is one of these.
    complete: Option<Complete>,
    /// What the file ends with is not known, since it could not be cut back.
    is_uncertain: bool,
}

impl Manifest {
    /// Opens the manifest, or makes it, and locks it. The entries are still to be read.
    pub(super) fn open(folder: &Folder, name: &str, header: Header) -> Result<Self> {
        let path = folder.path_of(name);
        let file = open_locked(&path)?;
        let mut manifest = Self {
            file,
            path,
            header,
            is_new: false,
            end: 0,
            digest: Sha256::new(),
            entries: 0,
            complete: None,
            is_uncertain: false,
        };
        if let Some(reader) = manifest.reader()? {
            manifest.check_header(reader.header())?;
            // The run that wrote it may have been killed before it synced it.
            disk::sync_data(&manifest.file, &manifest.path).with_context(|| manifest.cannot("sync"))?;
        } else {
            manifest.is_new = true;
            manifest.cut_to(0).with_context(|| manifest.cannot("mend"))?;
            let mut line = serde_json::to_vec(&manifest.header)?;
            line.push(b'\n');
            manifest.append(&line, 0).map_err(|failed| failed.error)?;
            disk::sync_folder(folder.path()).with_context(|| manifest.cannot("sync the folder of"))?;
        }
        Ok(manifest)
    }

    /// Whether no run has used it before this one.
    pub(super) fn is_new(&self) -> bool {
        self.is_new
    }

    /// Whether it still has its name, and so keeps other runs out.
    pub(super) fn is_held(&self) -> bool {
        is_at(&self.file, &self.path)
    }

    fn reader(&self) -> Result<Option<Reader>> {
        let file = self.file.try_clone().with_context(|| self.cannot("read"))?;
        Reader::new(file, &self.path)
    }

    fn check_header(&self, found: &Header) -> Result<()> {
        if *found == self.header {
            return Ok(());
        }
        bail!(
            "{} is the manifest of {}, and this run makes {}: give it another folder or file",
            self.path.display(),
            found.scope(),
            self.header.scope()
        )
    }

    /// Reads the entries, and then cuts off a last line without an end.
    pub(super) fn read(&mut self, mut each: impl FnMut(&Entry<'_>) -> Result<()>) -> Result<()> {
        let Some(mut reader) = self.reader()? else { bail!(self.cannot("read again")) };
        (self.entries, self.complete) = (0, None);
        while let Some(line) = reader.next()? {
            match line {
                Line::Entry(entry) => {
                    self.complete = None;
                    self.entries += 1;
                    each(&entry).with_context(|| reader.place())?;
                }
                Line::Complete { complete, is_intact: true } => self.complete = Some(complete),
                Line::Complete { is_intact: false, .. } => bail!(reader.altered()),
            }
        }
        self.end = reader.end();
        self.digest = reader.digest().clone();
        if reader.is_torn() {
            self.cut_to(self.end).with_context(|| self.cannot("mend"))?;
        }
        Ok(())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn entries(&self) -> u64 {
        self.entries
    }

    /// Writes the lines of so many entries, and syncs them. If that fails, none of them is there.
    pub(super) fn append(&mut self, lines: &[u8], entries: u64) -> Result<(), AppendError> {
        let written = match self.is_uncertain {
            true => Err(io::Error::other("an earlier failure could not be undone")),
            false => disk::write(&self.file, lines, &self.path)
                .and_then(|()| disk::sync_data(&self.file, &self.path)),
        };
        if let Err(error) = written {
            self.is_uncertain = self.is_uncertain || self.cut_to(self.end).is_err();
            let error = disk::failure("write", &self.path, &error);
            return Err(AppendError { error, is_undone: !self.is_uncertain });
        }
        self.end += lines.len() as u64;
        self.digest.update(lines);
        self.entries += entries;
        if entries > 0 {
            self.complete = None;
        }
        Ok(())
    }

    /// Ends a run that made all items, unless a former one has ended in the same way.
    pub(super) fn complete(&mut self, items: u64, input_items: u64, input_sha256: [u8; 32]) -> Result<()> {
        let complete =
            Complete { items, input_items, input_sha256: Sha256Hex(input_sha256), entries: self.entries };
        if self.complete == Some(complete) {
            return Ok(());
        }
        let line = CompleteLine::encode(complete, &self.digest)?;
        self.append(&line, 0).map_err(|failed| failed.error)?;
        self.complete = Some(complete);
        Ok(())
    }

    fn cut_to(&self, end: u64) -> io::Result<()> {
        disk::cut(&self.file, end, &self.path)?;
        disk::sync_data(&self.file, &self.path)
    }

    fn cannot(&self, what: &str) -> String {
        format!("cannot {what} {}", self.path.display())
    }
}

/// Why lines could not be added to a manifest.
pub(super) struct AppendError {
    pub(super) error: anyhow::Error,
    /// Nothing of them is there. Otherwise the next run finds out.
    pub(super) is_undone: bool,
}

/// Adds the line of an entry to those that are written next.
pub(super) fn push_line(lines: &mut Vec<u8>, entry: &Entry<'_>) -> Result<()> {
    serde_json::to_writer(&mut *lines, entry)?;
    lines.push(b'\n');
    Ok(())
}

/// Opens the manifest, or makes it, and locks it.
fn open_locked(path: &Path) -> Result<File> {
    loop {
        let file = open_or_make(path)?;
        match file.try_lock() {
            // A run that made nothing may have removed it meanwhile. A lock on what has no name keeps nobody out.
            Ok(()) if is_at(&file, path) => return Ok(file),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("{} is in use by another `csr batch`: wait until that one has ended", path.display())
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("cannot lock {}", path.display()));
            }
        }
    }
}

/// Whether the file has this name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |found: io::Result<std::fs::Metadata>| found.map(|found| (found.dev(), found.ino())).ok();
    let its = identity(file.metadata());
    its.is_some() && its == identity(path.symlink_metadata())
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

fn open_or_make(path: &Path) -> Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    if !files::exists_as_file(path)? {
        match disk::create(path, &options, true) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => return made.map_err(|error| disk::failure("make", path, &error)),
        }
    }
    disk::open(path, &options).map_err(|error| disk::failure("open", path, &error))
}

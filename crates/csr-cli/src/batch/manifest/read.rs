//! Reads a manifest line by line.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Complete, CompleteLine, Entry, Header, VERSION};
use crate::batch::output::has_names_of;

/// The most bytes of a line: an item that is sealed to a thousand recipients.
const LINE_MAX: u64 = 128 << 10;
/// How every manifest begins, of whatever version.
const BEGINNING: &[u8] = b"{\"csr_batch\":";

/// A line after the first.
#[expect(clippy::large_enum_variant, reason = "almost every line is an entry")]
pub(in crate::batch) enum Line {
    Entry(Entry<'static>),
    Complete {
        complete: Complete,
        /// Nothing up to here was changed since it was written.
        is_intact: bool,
    },
}

/// A manifest that is read, never changed.
pub(in crate::batch) struct Reader {
    input: BufReader<File>,
    path: PathBuf,
    header: Header,
    /// The number of the last line that was read.
    number: u64,
    /// Where the last whole line ends.
    end: u64,
    /// Of the whole lines.
    digest: Sha256,
    line: Vec<u8>,
    /// Nothing more is read.
    is_done: bool,
    /// The last line has no end.
    is_torn: bool,
}

#[derive(Deserialize)]
struct Version {
    csr_batch: u32,
}

impl Reader {
    /// Reads the header. There is none, and this is `None`, if the run that made the file was cut off.
    pub(in crate::batch) fn new(mut file: File, path: &Path) -> Result<Option<Self>> {
        let cannot = || format!("cannot read {}", path.display());
        file.rewind().with_context(cannot)?;
        let header = Header::new(None, None);
        let input = BufReader::with_capacity(64 << 10, file);
        let mut reader = Self {
            input,
            path: path.to_owned(),
            header,
            number: 0,
            end: 0,
            digest: Sha256::new(),
            line: Vec::new(),
            is_done: false,
            is_torn: false,
        };
        if !reader.read_line()? {
            let begun = reader.line.len().min(BEGINNING.len());
            if reader.line[..begun] == BEGINNING[..begun] {
                return Ok(None);
            }
            bail!("{} exists and is not a manifest of `csr batch`: move it away", path.display());
        }
        let version = serde_json::from_slice::<Version>(&reader.line);
        match version {
            Ok(Version { csr_batch: VERSION }) => {}
            Ok(Version { csr_batch: 0 }) | Err(_) => {
                bail!("{} exists and is not a manifest of `csr batch`: move it away", path.display())
            }
            Ok(_) => bail!("{} was written by a later version of csr: use that one", path.display()),
        }
        match serde_json::from_slice::<Header>(&reader.line) {
            Ok(header) if header.shard().is_some() => reader.header = header,
            _ => bail!(reader.damaged()),
        }
        Ok(Some(reader))
    }

    pub(in crate::batch) fn header(&self) -> &Header {
        &self.header
    }

    /// The next line; `None` at the end, or before a last line that was cut off.
    pub(in crate::batch) fn next(&mut self) -> Result<Option<Line>> {
        if self.is_done {
            return Ok(None);
        }
        let digest = self.digest.clone();
        if !self.read_line()? {
            (self.is_done, self.is_torn) = (true, !self.line.is_empty());
            return Ok(None);
        }
        let line = if self.line.starts_with(b"{\"complete\"") {
            serde_json::from_slice(&self.line).map(|CompleteLine { complete, sha256 }| Line::Complete {
                complete,
                is_intact: sha256.0 == CompleteLine::sum(&self.line, &digest),
            })
        } else {
            serde_json::from_slice(&self.line).map(Line::Entry)
        };
        match line {
            Ok(Line::Entry(entry)) if !self.has_place(&entry) => bail!(self.damaged()),
            Ok(line) => Ok(Some(line)),
            Err(_) => bail!(self.damaged()),
        }
    }

    /// Whether the entry says where its item is, inside the folder of the manifest.
    fn has_place(&self, entry: &Entry<'_>) -> bool {
        match (&entry.files, entry.offset, entry.length, &self.header.jsonl) {
            (Some(files), None, None, None) => has_names_of(&entry.id, files),
            (None, Some(offset), Some(length), Some(_)) => length > 0 && offset.checked_add(length).is_some(),
            _ => false,
        }
    }

    /// Reads up to the next line end. If there is none, the line holds what was cut off, and this is `false`.
    fn read_line(&mut self) -> Result<bool> {
        self.line.clear();
        let mut input = self.input.by_ref().take(LINE_MAX);
        let cannot = || format!("cannot read {}", self.path.display());
        let length = input.read_until(b'\n', &mut self.line).with_context(cannot)?;
        if self.line.last() == Some(&b'\n') {
            self.number += 1;
            self.end += length as u64;
            self.digest.update(&self.line);
            return Ok(true);
        }
        if length as u64 == LINE_MAX {
            self.number += 1;
            bail!(self.damaged());
        }
        Ok(false)
    }

    /// Whether the last line has no end, once everything is read.
    pub(in crate::batch) fn is_torn(&self) -> bool {
        self.is_torn
    }

    /// Where the last whole line ends.
    pub(in crate::batch) fn end(&self) -> u64 {
        self.end
    }

    /// The digest of the whole lines.
    pub(in crate::batch) fn digest(&self) -> &Sha256 {
        &self.digest
    }

    /// The number of the last line that was read, from 1.
    pub(in crate::batch) fn number(&self) -> u64 {
        self.number
    }

    /// Reads no more.
    pub(in crate::batch) fn give_up(&mut self) {
        self.is_done = true;
    }

    /// The file and line, for a message.
    pub(in crate::batch) fn place(&self) -> String {
        format!("{} line {}", self.path.display(), self.number)
    }

    /// The lines up to this one are not as they were written.
    pub(in crate::batch) fn altered(&self) -> String {
        format!(
            "{}: it or a line above it was changed after it was written: restore the manifest from a copy",
            self.place()
        )
    }

    fn damaged(&self) -> String {
        format!("{}: is damaged: restore the manifest from a copy", self.place())
    }
}

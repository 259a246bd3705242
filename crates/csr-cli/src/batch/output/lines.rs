//! Items as JSON lines in a file, in the order in which they are added.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::{Done, entry_of, folder_of};
use crate::batch::disk;
use crate::batch::item::Made;
use crate::batch::manifest::{self, Header, Manifest, ShardNumbers, push_line};
use crate::files::{Folder, exists_as_file};

/// The largest buffer. It never grows, since that would leave unwiped copies behind.
const BUFFER: usize = 1 << 20;

pub(super) struct Lines {
    file: File,
    path: PathBuf,
    manifest: Manifest,
    /// The bytes that the manifest knows.
    end: u64,
    /// With the group in hand.
    next: u64,
    /// What is not written yet.
    buffer: Zeroizing<Vec<u8>>,
    /// The manifest's lines of the group.
    lines: Vec<u8>,
    entries: u64,
}

impl Lines {
    /// Cuts off what the manifest doesn't know.
    pub(super) fn open(path: &Path, shard: Option<ShardNumbers>, done: &mut Done) -> Result<Self> {
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
            bail!("--jsonl: {} must name a file, in UTF-8", path.display());
        };
        let folder = Folder::open(folder_of(path)).context("--jsonl")?;
        let manifest_name = manifest::name(Some(name), shard);
        let mut options = OpenOptions::new();
        options.read(true).append(true);
        let has_manifest = exists_as_file(&folder.path_of(&manifest_name)).context("--jsonl")?;
        let foreign = || {
            anyhow!(
                "--jsonl: {} exists, but not its manifest, {manifest_name}: give another file",
                path.display()
            )
        };
        if !has_manifest
            && exists_as_file(path).context("--jsonl")?
            && path.metadata().is_ok_and(|file| file.len() > 0)
        {
            return Err(foreign());
        }
        let mut manifest =
            Manifest::open(&folder, &manifest_name, Header::new(shard, Some(name.to_owned())))?;
        let mut end = 0;
        manifest.read(|entry| {
            if entry.offset != Some(end) {
                bail!("is damaged: restore the manifest from a copy");
            }
            end += entry.length.unwrap_or_default();
            done.push(entry);
            Ok(())
        })?;
        // Only who holds the manifest makes the file, or removes it.
        if end == 0 && !exists_as_file(path).context("--jsonl")? {
            disk::create(path, &options, true).map_err(|error| disk::failure("make", path, &error))?;
            disk::sync_folder(folder.path()).map_err(|error| disk::failure("sync", path, &error))?;
        }
        let file = match disk::open(path, &options) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                bail!(
                    "{} is missing, but its manifest, {manifest_name}, is there: put it back",
                    path.display()
                )
            }
            opened => opened.map_err(|error| disk::failure("open", path, &error))?,
        };
        let length = file.metadata().with_context(|| format!("cannot look at {}", path.display()))?.len();
        if manifest.is_new() && length > 0 {
            // Otherwise the next run would take the file for this command's.
            let _ = disk::remove(manifest.path());
            return Err(foreign());
        }
        let mut lines = Self {
            file,
            path: path.to_owned(),
            manifest,
            end,
            next: end,
            buffer: Zeroizing::new(Vec::with_capacity(BUFFER)),
            lines: Vec::new(),
            entries: 0,
        };
        if length < end || !lines.ends_with_line()? {
            bail!(
                "{} is not the file that its manifest, {manifest_name}, knows, of {end} bytes: put that one back",
                path.display()
            );
        }
        if length > end {
            lines.cut_back().with_context(|| format!("cannot mend {}", path.display()))?;
        }
        if end == 0 {
            lines.keep_private().with_context(|| format!("cannot change the mode of {}", path.display()))?;
        }
        Ok(lines)
    }

    /// Removes what [`open`](Self::open) made, if nothing was made before or since.
    pub(super) fn retract(&self) {
        if self.manifest.is_new() && self.manifest.entries() == 0 {
            // At worst, empty files are left over, and the next run uses them.
            let _ = disk::remove(&self.path);
            let _ = disk::remove(self.manifest.path());
        }
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(super) fn manifest_mut(&mut self) -> &mut Manifest {
        &mut self.manifest
    }

    /// Whether the last line that the manifest knows ends there.
    fn ends_with_line(&self) -> Result<bool> {
        let Some(last) = self.end.checked_sub(1) else { return Ok(true) };
        let mut byte = [0];
        let mut file = &self.file;
        let read = file.seek(SeekFrom::Start(last)).and_then(|_| file.read(&mut byte));
        read.with_context(|| format!("cannot read {}", self.path.display()))?;
        Ok(byte == *b"\n")
    }

    /// The file may have been made by another program, for everyone.
    fn keep_private(&self) -> io::Result<()> {
        #[cfg(unix)]
        self.file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        Ok(())
    }

    pub(super) fn add(&mut self, made: &Made) -> Result<()> {
        let line = made.csr.strip_suffix(b"\n").unwrap_or(&made.csr);
        let length = line.len() + 1;
        if self.buffer.len() + length > BUFFER {
            self.write()?;
        }
        if length > BUFFER {
            let written = disk::write(&self.file, line, &self.path);
            written.map_err(|error| self.abandon("write", &error))?;
        } else {
            self.buffer.extend_from_slice(line);
        }
        self.buffer.push(b'\n');
        let mut entry = entry_of(made, Sha256::new().chain_update(line).chain_update(b"\n"));
        (entry.offset, entry.length) = (Some(self.next), Some(length as u64));
        push_line(&mut self.lines, &entry)?;
        self.entries += 1;
        self.next += length as u64;
        Ok(())
    }

    fn write(&mut self) -> Result<()> {
        let written = disk::write(&self.file, &self.buffer, &self.path);
        self.buffer.clear();
        written.map_err(|error| self.abandon("write", &error))
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        if self.entries == 0 {
            return Ok(());
        }
        self.write()?;
        disk::sync_data(&self.file, &self.path).map_err(|error| self.abandon("sync", &error))?;
        if let Err(failed) = self.manifest.append(&self.lines, self.entries) {
            if failed.is_undone {
                let _ = self.cut_back();
            }
            self.forget();
            return Err(failed.error);
        }
        self.end = self.next;
        self.forget();
        Ok(())
    }

    /// Takes the group in hand back. If that fails, the next run does it.
    fn abandon(&mut self, what: &str, error: &io::Error) -> anyhow::Error {
        let _ = self.cut_back();
        self.forget();
        disk::failure(what, &self.path, error)
    }

    fn forget(&mut self) {
        self.next = self.end;
        self.buffer.clear();
        self.lines.clear();
        self.entries = 0;
    }

    fn cut_back(&mut self) -> io::Result<()> {
        disk::cut(&self.file, self.end, &self.path)?;
        disk::sync_data(&self.file, &self.path)
    }
}

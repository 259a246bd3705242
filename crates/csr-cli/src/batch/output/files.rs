//! Items as two files each, `ID.csr` and `ID.key`, in one folder or in those below it by the hash of the id.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use csr_core::private_file::check_private_folder;
use sha2::{Digest, Sha256};

use super::{Destination, Done, entry_of};
use crate::batch::disk;
use crate::batch::item::{Id, Made, hash_of};
use crate::batch::manifest::{self, Header, Manifest, ShardNumbers, push_line};
use crate::failure;
use crate::files::{BaseName, Folder, exists_as_file};

/// The folder in which files get whole and durable, or the beginning of its name.
pub(in crate::batch) const STAGING: &str = ".csr-batch";

/// So many files or folders are synced one by one; for more, the file system is.
const FEW: usize = 16;

pub(super) struct Files {
    folder: Folder,
    staging: PathBuf,
    manifest: Manifest,
    nested: bool,
    sealed: bool,
    /// The folder held nothing but batches' own files at the start.
    is_fresh: bool,
    /// This run made the folder.
    is_made: bool,
    /// The file system can be synced at once.
    syncs_all: bool,
    /// The group in hand: the paths of its files below the folder,
    group: Vec<String>,
    /// the first few of them, open,
    open: Vec<(File, PathBuf)>,
    /// and the manifest's lines.
    lines: Vec<u8>,
    entries: u64,
    /// The folders below that are known to exist.
    known: HashSet<PathBuf>,
    /// The folders that got new names since they were last synced.
    changed: HashSet<PathBuf>,
}

impl Files {
    /// Moves to their places what the manifest has of the staging folder, and removes the rest of that.
    pub(super) fn open(
        destination: &Destination,
        shard: Option<ShardNumbers>,
        done: &mut Done,
    ) -> Result<Self> {
        let is_made = make_missing(&destination.out).context("--out")?;
        let folder = Folder::open(&destination.out).context("--out")?;
        let name = manifest::name(None, shard);
        let manifest = Manifest::open(&folder, &name, Header::new(shard, None))?;
        // Two runs that begin at once with different counts may see each other, and both end here.
        let is_fresh = check_folder(&folder, shard).inspect_err(|_| {
            if manifest.is_new() {
                // At worst, an empty manifest is left over.
                let _ = disk::remove(&folder.path_of(&name));
            }
        })?;
        let staging = match shard {
            None => STAGING.to_owned(),
            Some((index, count)) => format!("{STAGING}-{index}-of-{count}"),
        };
        let staging = folder.path_of(&staging);
        let mut files = Self {
            folder,
            staging,
            manifest,
            nested: destination.nested,
            sealed: !destination.sealed_to.is_empty(),
            is_fresh,
            is_made,
            syncs_all: disk::can_sync_file_system(),
            group: Vec::new(),
            open: Vec::new(),
            lines: Vec::new(),
            entries: 0,
            known: HashSet::new(),
            changed: HashSet::new(),
        };
        files.recover(done)?;
        Ok(files)
    }

    pub(super) fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    pub(super) fn manifest_mut(&mut self) -> &mut Manifest {
        &mut self.manifest
    }

    /// Removes what [`open`](Self::open) made, if nothing was made before or since.
    pub(super) fn retract(&self) {
        if self.manifest.is_new() && self.manifest.entries() == 0 {
            // At worst, an empty manifest is left over, and the next run uses it.
            let _ = disk::remove_folder(&self.staging);
            let _ = disk::remove(self.manifest.path());
            if self.is_made {
                let _ = disk::remove_folder(self.folder.path());
            }
        }
    }

    fn recover(&mut self, done: &mut Done) -> Result<()> {
        let mut staged = self.open_staging()?;
        let mut found: Vec<String> = Vec::new();
        let (mut missing, mut first_missing) = (0_u64, String::new());
        let folder = &self.folder;
        self.manifest.read(|entry| {
            done.push(entry);
            for file in entry.files.iter().flatten() {
                if staged.remove(name_of(file)) {
                    found.push(file.clone());
                } else if !folder.path_of(file).symlink_metadata().is_ok_and(|found| found.is_file()) {
                    // They may have been taken to where they are needed.
                    missing += 1;
                    if missing == 1 {
                        first_missing.clone_from(file);
                    }
                }
            }
            Ok(())
        })?;
        if missing > 0 {
            let more = if missing > 1 { format!(", and {} more", missing - 1) } else { String::new() };
            failure::note(&format!(
                "made before, but no longer there, and not made again: {first_missing}{more}"
            ));
        }
        for file in &found {
            self.move_into_place(file)?;
        }
        for name in staged {
            let path = self.staging.join(name);
            disk::remove(&path).map_err(|error| disk::failure("remove", &path, &error))?;
        }
        if !found.is_empty() {
            self.sync_moved()?;
        }
        Ok(())
    }

    /// Makes the staging folder, or lists what is in it.
    fn open_staging(&self) -> Result<HashSet<String>> {
        let path = &self.staging;
        let cannot = |what: &str| format!("cannot {what} {}", path.display());
        match disk::make_folder(path, true) {
            Ok(()) => {
                let synced = disk::sync_folder(self.folder.path());
                synced.map_err(|error| disk::failure("sync the folder of", path, &error))?;
                return Ok(HashSet::new());
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(disk::failure("make", path, &error)),
        }
        let metadata = path.symlink_metadata().with_context(|| cannot("look at"))?;
        if !metadata.is_dir() {
            bail!("{} exists and is not a folder: move it away", path.display());
        }
        check_private_folder(path, &metadata, false).with_context(|| path.display().to_string())?;
        let mut names = HashSet::new();
        for entry in fs::read_dir(path).with_context(|| cannot("list"))? {
            match entry.with_context(|| cannot("list"))?.file_name().into_string() {
                Ok(name) => names.insert(name),
                Err(_) => bail!("{} holds a file that is not of `csr batch`: move it away", path.display()),
            };
        }
        Ok(names)
    }

    pub(super) fn check_vacant(&self, id: &Id) -> Result<()> {
        if self.is_fresh {
            return Ok(());
        }
        let files = names(id, self.nested, self.sealed);
        for above in folders_of(&files[0]) {
            check_real_folder(&self.folder.path_of(above))?;
        }
        for file in &files {
            let path = self.folder.path_of(file);
            if exists_as_file(&path)? {
                bail!(
                    "{} exists, and csr batch replaces no file: move it away, or give the item another id",
                    path.display()
                );
            }
        }
        Ok(())
    }

    pub(super) fn add(&mut self, made: &Made) -> Result<()> {
        let files = names(&made.id, self.nested, !made.sealed_to.is_empty());
        for (file, contents, secret) in [(&files[0], &made.csr, false), (&files[1], &made.key, true)] {
            let path = self.staging.join(name_of(file));
            let staged = self.stage(&path, file, contents, secret);
            staged.map_err(|error| self.abandon("write", &path, &error))?;
        }
        let mut entry = entry_of(made, Sha256::new().chain_update(&*made.csr).chain_update(&*made.key));
        entry.files = Some(files);
        push_line(&mut self.lines, &entry)?;
        self.entries += 1;
        Ok(())
    }

    fn stage(&mut self, path: &Path, file: &str, contents: &[u8], secret: bool) -> io::Result<()> {
        let handle = disk::create(path, OpenOptions::new().write(true), secret)?;
        self.group.push(file.to_owned());
        disk::write(&handle, contents, path)?;
        if !self.syncs_all {
            disk::sync_data(&handle, path)?;
        } else if self.open.len() < FEW {
            self.open.push((handle, path.to_owned()));
        }
        Ok(())
    }

    pub(super) fn commit(&mut self) -> Result<()> {
        if self.group.is_empty() {
            return Ok(());
        }
        if let Err((path, error)) = self.sync_staged() {
            return Err(self.abandon("sync", &path, &error));
        }
        if let Err(failed) = self.manifest.append(&self.lines, self.entries) {
            if failed.is_undone {
                self.remove_staged();
            }
            self.forget();
            return Err(failed.error);
        }
        // From here on, the items are done. What is not moved, the next run moves.
        let group = std::mem::take(&mut self.group);
        self.forget();
        group.iter().try_for_each(|file| self.move_into_place(file))
    }

    /// Makes the staged files durable, after those that moved from there before.
    fn sync_staged(&mut self) -> Result<(), (PathBuf, io::Error)> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            |error| (path, error)
        };
        if self.syncs_all && self.open.len() < self.group.len() {
            self.sync_all().map_err(failed(self.folder.path()))?;
            self.changed.clear();
            return Ok(());
        }
        for (file, path) in &self.open {
            disk::sync_data(file, path).map_err(failed(path))?;
        }
        for folder in self.changed.drain() {
            disk::sync_folder(&folder).map_err(failed(&folder))?;
        }
        disk::sync_folder(&self.staging).map_err(failed(&self.staging))
    }

    #[cfg(unix)]
    fn sync_all(&self) -> io::Result<()> {
        disk::sync_file_system(self.folder.handle(), self.folder.path())
    }

    #[cfg(not(unix))]
    fn sync_all(&self) -> io::Result<()> {
        Err(ErrorKind::Unsupported.into())
    }

    /// Makes the final names durable.
    pub(super) fn sync_moved(&mut self) -> Result<()> {
        if self.changed.is_empty() {
            return Ok(());
        }
        let failed = |path: &Path, error| disk::failure("sync", path, &error);
        if self.syncs_all && self.changed.len() > FEW {
            self.sync_all().map_err(|error| failed(self.folder.path(), error))?;
            self.changed.clear();
            return Ok(());
        }
        for folder in self.changed.drain() {
            disk::sync_folder(&folder).map_err(|error| failed(&folder, error))?;
        }
        disk::sync_folder(&self.staging).map_err(|error| failed(&self.staging, error))
    }

    /// Moves a staged file of an item that is done to its final name.
    fn move_into_place(&mut self, file: &str) -> Result<()> {
        for above in folders_of(file) {
            self.make_folder(above)?;
        }
        let (from, to) = (self.staging.join(name_of(file)), self.folder.path_of(file));
        self.changed.insert(super::folder_of(&to).to_owned());
        match disk::move_new(&from, &to) {
            // It was moved in two steps, and the second was not taken.
            Err(error) if error.kind() == ErrorKind::AlreadyExists && are_same(&from, &to) => {
                disk::remove(&from).map_err(|error| disk::failure("remove", &from, &error))
            }
            moved => moved.map_err(|error| disk::failure("move a file to", &to, &error)),
        }
    }

    fn make_folder(&mut self, below: &str) -> Result<()> {
        let path = self.folder.path_of(below);
        if self.known.contains(&path) {
            return Ok(());
        }
        match disk::make_folder(&path, false) {
            Ok(()) => {
                self.changed.insert(super::folder_of(&path).to_owned());
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => check_real_folder(&path)?,
            Err(error) => return Err(disk::failure("make", &path, &error)),
        }
        self.known.insert(path);
        Ok(())
    }

    /// Takes the group in hand back.
    fn abandon(&mut self, what: &str, path: &Path, error: &io::Error) -> anyhow::Error {
        self.remove_staged();
        self.forget();
        disk::failure(what, path, error)
    }

    fn remove_staged(&mut self) {
        for file in &self.group {
            // What is left over, the next run removes.
            let _ = disk::remove(&self.staging.join(name_of(file)));
        }
    }

    fn forget(&mut self) {
        self.group.clear();
        self.open.clear();
        self.lines.clear();
        self.entries = 0;
    }
}

/// Takes back what was not committed. The folder is kept if something is in it, or if it may be another run's by now.
impl Drop for Files {
    fn drop(&mut self) {
        if !self.manifest.is_held() {
            return;
        }
        self.remove_staged();
        let _ = disk::remove_folder(&self.staging);
    }
}

/// Makes the folder if it is missing, and says whether it was. The one above it must be there.
fn make_missing(path: &Path) -> Result<bool> {
    match disk::make_folder(path, false) {
        Ok(()) => {
            let above = super::folder_of(path);
            disk::sync_folder(above).map_err(|error| disk::failure("sync the folder of", path, &error))?;
            Ok(true)
        }
        // Opening it says what is wrong with the others.
        Err(_) => Ok(false),
    }
}

/// The paths of an item's files: the CSR and the key.
fn names(id: &Id, nested: bool, sealed: bool) -> [String; 2] {
    let above = if nested { nest(id.as_str()) } else { String::new() };
    let id = id.as_str();
    [format!("{above}{id}.csr"), format!("{above}{id}.key{}", if sealed { ".age" } else { "" })]
}

/// The folders above the files of an item, `ab/cd/`.
pub(super) fn nest(id: &str) -> String {
    let [first, second, ..] = hash_of(id);
    format!("{first:02x}/{second:02x}/")
}

/// Whether these can be the paths of the item's files, so that they lead nowhere else.
pub(in crate::batch) fn has_names_of(id: &str, [csr, key]: &[String; 2]) -> bool {
    let above = csr.strip_suffix(".csr").and_then(|csr| csr.strip_suffix(id));
    let Some(above) = above.filter(|above| above.is_empty() || *above == nest(id)) else { return false };
    let key = key.strip_prefix(above).and_then(|key| key.strip_prefix(id));
    BaseName::new(id).is_ok() && matches!(key, Some(".key" | ".key.age"))
}

fn name_of(file: &str) -> &str {
    file.rsplit('/').next().unwrap_or(file)
}

/// The folders above a file, from the top.
fn folders_of(file: &str) -> impl Iterator<Item = &str> {
    file.match_indices('/').map(|(at, _)| &file[..at])
}

/// Checks that a folder, if there is one, is no link to another.
fn check_real_folder(path: &Path) -> Result<()> {
    match path.symlink_metadata() {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => bail!("{} exists and is not a folder: move it away", path.display()),
        Err(error) => Err(error).with_context(|| format!("cannot look at {}", path.display())),
    }
}

/// Whether two names have the same contents.
fn are_same(one: &Path, other: &Path) -> bool {
    let read = |path: &Path| {
        let is_file = path.symlink_metadata().is_ok_and(|found| found.is_file());
        is_file.then(|| fs::read(path).map(zeroize::Zeroizing::new).ok()).flatten()
    };
    read(one).zip(read(other)).is_some_and(|(one, other)| one == other)
}

/// Checks that all manifests of the folder are of as many shards. Returns whether it holds nothing but batches' own files.
fn check_folder(folder: &Folder, shard: Option<ShardNumbers>) -> Result<bool> {
    let cannot = || format!("cannot list {}", folder.path().display());
    let count = |shard: Option<ShardNumbers>| shard.map(|(_, count)| count);
    let shards =
        |shard| count(shard).map_or("without shards".to_owned(), |count| format!("of {count} shards"));
    let mut is_fresh = true;
    for entry in fs::read_dir(folder.path()).with_context(cannot)? {
        let name = entry.with_context(cannot)?.file_name();
        let name = name.to_string_lossy();
        match manifest::shard_of_name(&name) {
            Some(other) if count(other) != count(shard) => bail!(
                "--out: {} holds the manifest of a batch {}, and this one is {}: give another folder",
                folder.path().display(),
                shards(other),
                shards(shard)
            ),
            Some(_) => {}
            None => is_fresh = is_fresh && name.starts_with(STAGING),
        }
    }
    Ok(is_fresh)
}

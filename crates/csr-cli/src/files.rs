//! Writes several files to one folder: all of them, whole, or none.

mod name;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};

pub(crate) use name::BaseName;

use crate::signals::Held;

/// The folder to write to, held open.
pub(crate) struct Folder {
    path: PathBuf,
    #[cfg(unix)]
    handle: File,
}

/// A file to write.
pub(crate) struct NewFile<'a> {
    pub(crate) path: PathBuf,
    pub(crate) contents: &'a [u8],
    /// Only its owner may read it.
    pub(crate) secret: bool,
}

impl Folder {
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let context = || format!("cannot open the folder {}", path.display());
        // A link to nothing is in the way of a new folder.
        if fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            bail!("there is no folder {}: make it with `{}`", path.display(), command_that_makes(path));
        }
        if !fs::metadata(path).with_context(context)?.is_dir() {
            bail!("{} is not a folder", path.display());
        }
        Ok(Self {
            path: path.to_owned(),
            #[cfg(unix)]
            handle: File::open(path).with_context(context)?,
        })
    }

    /// The path of a file in this folder, in its shortest form.
    pub(crate) fn path_of(&self, file: &str) -> PathBuf {
        if self.path.as_os_str() == "." { file.into() } else { self.path.join(file) }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder, open since before anything was written to it.
    #[cfg(unix)]
    pub(crate) fn handle(&self) -> &File {
        &self.handle
    }

    /// Writes all of the files, and replaces the last one last. A failure leaves none of the new files behind, and
    /// restores the old ones. An existing file is an error, or is replaced in one step. Signals wait until the end.
    pub(crate) fn write(&self, files: &[NewFile<'_>], replace: bool) -> Result<()> {
        // Declared first, so that it is dropped after the pending files have cleaned up.
        let _held = Held::all()?;
        let mut pending = Vec::with_capacity(files.len());
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_nanos();
        for (number, file) in files.iter().enumerate() {
            let temporary = self.path.join(format!(".csr-{}-{now}-{number}.tmp", std::process::id()));
            let path = if replace { &temporary } else { &file.path };
            let written = Pending::create(path, file, &mut pending);
            written.with_context(|| format!("cannot write {}", file.path.display()))?;
        }
        for (pending, file) in pending.iter_mut().zip(files) {
            pending.move_to(&file.path).with_context(|| format!("cannot replace {}", file.path.display()))?;
        }
        let synced = self.sync().with_context(|| format!("cannot sync the folder {}", self.path.display()));
        if synced.is_ok() {
            pending.into_iter().for_each(Pending::keep);
        }
        synced
    }

    #[cfg(unix)]
    fn sync(&self) -> io::Result<()> {
        match self.handle.sync_all() {
            // The file system cannot sync folders.
            Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
            done => done,
        }
    }

    #[cfg(not(unix))]
    fn sync(&self) -> io::Result<()> {
        Ok(())
    }
}

/// The command that makes a folder with those above it.
fn command_that_makes(folder: &Path) -> String {
    let command = if cfg!(windows) { "mkdir" } else { "mkdir -p" };
    let folder = folder.to_string_lossy();
    let end_of_options = if folder.starts_with('-') { "-- " } else { "" };
    format!("{command} {end_of_options}{}", shell_words::quote(&folder))
}

/// Checks that a file may be written to this path.
pub(crate) fn check_vacant(path: &Path, replace: bool) -> Result<()> {
    if exists_as_file(path)? && !replace {
        bail!("{} exists; pass --force to replace it", path.display());
    }
    Ok(())
}

/// Whether a file exists at this path. An error if it is anything else, such as a link, even one to nothing.
pub(crate) fn exists_as_file(path: &Path) -> Result<bool> {
    let found = match fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        found => found.with_context(|| format!("cannot look at {}", path.display()))?.file_type(),
    };
    if found.is_symlink() {
        bail!("{} is a symbolic link; csr never writes through one", path.display());
    }
    if !found.is_file() {
        bail!("{} exists and is not a file", path.display());
    }
    Ok(true)
}

/// A new file. Unless it is kept, dropping it removes it and restores the file that it replaced.
struct Pending {
    path: PathBuf,
    /// The old file at the path, under a temporary name.
    replaced: Option<PathBuf>,
    kept: bool,
}

impl Pending {
    /// Creates a file and writes it through to the disk. Nothing may exist at its path, not even a link.
    fn create(path: &Path, file: &NewFile<'_>, pending: &mut Vec<Self>) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if file.secret {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let mut handle = options.open(path)?;
        pending.push(Self { path: path.to_owned(), replaced: None, kept: false });
        #[cfg(unix)]
        if file.secret {
            // The umask may have removed bits.
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
            handle.set_permissions(mode)?;
        }
        handle.write_all(file.contents)?;
        handle.sync_all()
    }

    fn move_to(&mut self, path: &Path) -> io::Result<()> {
        if self.path == path {
            return Ok(());
        }
        let old = self.path.with_extension("old");
        // Without an old file, or without hard links, there is nothing to restore.
        let replaced = fs::hard_link(path, &old).is_ok().then_some(old);
        let moved = fs::rename(&self.path, path);
        if moved.is_ok() {
            self.path = path.to_owned();
            self.replaced = replaced;
        } else if let Some(old) = replaced {
            fs::remove_file(old)?;
        }
        moved
    }

    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        // If one of these fails, an error is on its way already, or only a temporary name is left over.
        let _ = match &self.replaced {
            Some(old) if self.kept => fs::remove_file(old),
            Some(old) => fs::rename(old, &self.path),
            None if self.kept => Ok(()),
            None => fs::remove_file(&self.path),
        };
    }
}

#[cfg(test)]
mod tests;

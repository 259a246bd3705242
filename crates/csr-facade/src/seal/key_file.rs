use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::master_key::{MalformedMasterKey, MasterKey};
use super::sealed::{KeyId, SealError};
use crate::private::{NotPrivate, check_private_file, check_private_folder, folder_of, sync_folder_of};

/// A file with a master key. During a rotation, `FILE.new` beside it holds the next key.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

/// Why a key file could not be read or written. The message names the path, and never shows the
/// content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The operating system reported an error.
    #[error("master key file {}: {cause}", .path.display())]
    Io {
        /// Which file.
        path: PathBuf,
        /// Its error.
        cause: io::Error,
    },
    /// Others can use the file, or replace it in its folder. Only its owner may, and its group may
    /// read it.
    #[error("master key file: {cause}")]
    Permissions {
        /// Which file.
        path: PathBuf,
        /// What is wrong, with the path.
        cause: NotPrivate,
    },
    /// The file holds no key.
    #[error("master key file {}: {cause}", .path.display())]
    Malformed {
        /// Which file.
        path: PathBuf,
        /// Why.
        cause: MalformedMasterKey,
    },
    /// No key could be generated for the file.
    #[error(transparent)]
    NoKey(#[from] SealError),
}

impl KeyFile {
    /// The key file at this path, which need not exist.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key in the file; `None` if the file doesn't exist.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`].
    pub fn read(&self) -> Result<Option<MasterKey>, KeyFileError> {
        read(&self.path)
    }

    /// The key in the file. A missing file is made with a new key: with mode 0600, whole or not at
    /// all, synced with its folder (made with mode 0700), and never through a link.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`].
    pub fn read_or_create(&self) -> Result<MasterKey, KeyFileError> {
        read_or_create(&self.path)
    }

    /// The next key, from `FILE.new`; `None` if no rotation is in progress.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`].
    pub(crate) fn read_next(&self) -> Result<Option<MasterKey>, KeyFileError> {
        read(&self.next_path())
    }

    /// The next key. It is generated, unless an interrupted rotation has left one, which nothing
    /// else has used.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`].
    pub(crate) fn read_or_create_next(&self, _: &RotationLock) -> Result<MasterKey, KeyFileError> {
        read_or_create(&self.next_path())
    }

    /// Takes the lock for a rotation, which makes all others of this file wait until it is dropped.
    /// Blocks while another rotation holds it. Removes leftovers of killed rotations.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`].
    pub(crate) fn lock(&self) -> Result<RotationLock, KeyFileError> {
        let file = self.lock_file()?;
        file.lock().map_err(|cause| self.fault(cause))?;
        let lock = RotationLock { _file: file };
        self.sweep(&lock)?;
        Ok(lock)
    }

    /// Removes leftovers of killed rotations and first starts, unless a rotation is in progress.
    pub(crate) fn try_sweep(&self) -> Result<(), KeyFileError> {
        if self.temporaries()?.is_empty() {
            return Ok(());
        }
        let file = self.lock_file()?;
        match file.try_lock() {
            Ok(()) => self.sweep(&RotationLock { _file: file }),
            Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(cause)) => Err(self.fault(cause)),
        }
    }

    /// The temporary file of a next key is written only under the lock. That of a first key isn't,
    /// but a process that finds it gone finds the key that another process has made. The files are
    /// removed without being overwritten, because one may be a second name of the present key's
    /// file.
    fn sweep(&self, _: &RotationLock) -> Result<(), KeyFileError> {
        let left = self.temporaries()?;
        for path in &left {
            match fs::remove_file(path) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                    return Err(KeyFileError::Io { path: path.clone(), cause });
                }
                _ => {}
            }
        }
        if left.is_empty() { Ok(()) } else { sync_folder_of(&self.path).map_err(|cause| self.fault(cause)) }
    }

    /// The existing [`Temporary`] files of this key and its next one.
    fn temporaries(&self) -> Result<Vec<PathBuf>, KeyFileError> {
        let names = [&self.path, &self.next_path()].map(|path| path.file_name().map(OsStr::to_owned));
        let is_temporary = |found: &OsStr| {
            names.iter().flatten().any(|name| {
                let rest = found.as_encoded_bytes().strip_prefix(name.as_encoded_bytes());
                let random = rest.and_then(|rest| rest.strip_prefix(b".")?.strip_suffix(b".tmp"));
                random.is_some_and(|random| random.len() == 16 && random.iter().all(u8::is_ascii_hexdigit))
            })
        };
        let entries = fs::read_dir(folder_of(&self.path)).map_err(|cause| self.fault(cause))?;
        // Files that cannot be listed cannot be removed.
        let found = entries.flatten().filter(|entry| is_temporary(&entry.file_name()));
        Ok(found.map(|entry| entry.path()).collect())
    }

    /// Replaces the present key by the next one, if the next one has this id: another process may
    /// have replaced it already. Does nothing during a rotation, which does it itself.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`].
    pub(crate) fn finish_rotation(&self, meant: KeyId) -> Result<(), KeyFileError> {
        let file = self.lock_file()?;
        match file.try_lock() {
            Ok(()) => self.promote_next(meant, &RotationLock { _file: file }),
            Err(TryLockError::WouldBlock) => Ok(()),
            Err(TryLockError::Error(cause)) => Err(self.fault(cause)),
        }
    }

    /// Replaces the present key by the next one, if the next one has this id. This needs the lock:
    /// without it, the next key of a later rotation could replace a key that is still in use.
    pub(crate) fn promote_next(&self, meant: KeyId, _: &RotationLock) -> Result<(), KeyFileError> {
        if self.read_next()?.is_none_or(|next| next.id() != meant) {
            return Ok(());
        }
        fs::rename(self.next_path(), &self.path)
            .and_then(|()| sync_folder_of(&self.path))
            .map_err(|cause| self.fault(cause))
    }

    fn lock_file(&self) -> Result<File, KeyFileError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(with_suffix(&self.path, ".lock")).map_err(|cause| self.fault(cause))
    }

    fn next_path(&self) -> PathBuf {
        with_suffix(&self.path, ".new")
    }

    fn fault(&self, cause: io::Error) -> KeyFileError {
        KeyFileError::Io { path: self.path.clone(), cause }
    }
}

/// Held while the key in a file is rotated.
#[derive(Debug)]
pub(crate) struct RotationLock {
    _file: File,
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

fn read(path: &Path) -> Result<Option<MasterKey>, KeyFileError> {
    let io = |cause| KeyFileError::Io { path: path.to_owned(), cause };
    let file = match File::open(path) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(io)?,
    };
    let metadata = file.metadata().map_err(io)?;
    if metadata.is_dir() {
        return Err(io(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    let open_to_others = |cause| KeyFileError::Permissions { path: path.to_owned(), cause };
    check_private_file(path, &metadata).map_err(open_to_others)?;
    let folder = folder_of(path);
    // A folder with the sticky bit is allowed: files that others put there are refused, because the
    // user doesn't own them.
    check_private_folder(folder, &fs::metadata(folder).map_err(io)?, true).map_err(open_to_others)?;
    // Longer than any form of a key, so that only malformed content is cut off. The capacity
    // prevents unwiped copies.
    const LONGEST: u64 = 1024;
    let mut text = Zeroizing::new(String::with_capacity(2048));
    file.take(LONGEST).read_to_string(&mut text).map_err(io)?;
    let malformed = |cause| KeyFileError::Malformed { path: path.to_owned(), cause };
    MasterKey::parse(&text).map(Some).map_err(malformed)
}

fn read_or_create(path: &Path) -> Result<MasterKey, KeyFileError> {
    if let Some(key) = read(path)? {
        return Ok(key);
    }
    let key = MasterKey::random()?;
    match create(path, &key) {
        Ok(()) => Ok(key),
        // Another process was first, so its key counts. A dangling link ends here too, and is not
        // followed.
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {
            let dangling = io::Error::new(cause.kind(), "is a link to a file that does not exist");
            read(path)?.ok_or(KeyFileError::Io { path: path.to_owned(), cause: dangling })
        }
        // Another process was first, and has removed this one's temporary file.
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            read(path)?.ok_or(KeyFileError::Io { path: path.to_owned(), cause })
        }
        Err(cause) => Err(KeyFileError::Io { path: path.to_owned(), cause }),
    }
}

/// Writes the file whole under a temporary name, then links it to its place. That fails if the
/// place is taken.
fn create(path: &Path, key: &MasterKey) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder_of(path))?;
    let mut suffix = [0; 8];
    getrandom::fill(&mut suffix).map_err(io::Error::other)?;
    let suffix = format!(".{:016x}.tmp", u64::from_ne_bytes(suffix));
    let temporary = Temporary(with_suffix(path, &suffix));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&temporary.0)?;
    file.write_all(key.to_hex().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    fs::hard_link(&temporary.0, path)?;
    sync_folder_of(path)
}

/// A file that is removed when it is no longer needed.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        // If this fails, the file stays, and only its owner can read it.
        let _ = fs::remove_file(&self.0);
    }
}

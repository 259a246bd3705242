//! Every change that a batch makes to a disk. Tests stop before each of them, as a crash would.

#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "tests")]
pub(super) mod crash;

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use anyhow::anyhow;

/// Creates a file where nothing is. Only its owner may use a secret one.
pub(super) fn create(path: &Path, options: &OpenOptions, secret: bool) -> io::Result<File> {
    before_change(path)?;
    let mut options = options.clone();
    options.create_new(true);
    #[cfg(unix)]
    if secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let file = options.open(path)?;
    #[cfg(unix)]
    if secret && std::os::unix::fs::MetadataExt::mode(&file.metadata()?) & 0o777 != 0o600 {
        // The umask has removed bits.
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    Ok(file)
}

/// Opens a file that exists, unless it is a link.
pub(super) fn open(path: &Path, options: &OpenOptions) -> io::Result<File> {
    let mut options = options.clone();
    #[cfg(unix)]
    {
        use nix::fcntl::OFlag;
        // A pipe in its place must not keep this waiting.
        let flags = (OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK).bits();
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, flags);
    }
    let file = options.open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is not a file")) }
}

/// Adds to the end of a file.
pub(super) fn write(mut file: &File, bytes: &[u8], path: &Path) -> io::Result<()> {
    before_write(file, bytes, path)?;
    file.write_all(bytes)
}

/// Cuts a file off.
pub(super) fn cut(file: &File, end: u64, path: &Path) -> io::Result<()> {
    before_change(path)?;
    file.set_len(end)
}

/// Makes what a file holds durable.
pub(super) fn sync_data(file: &File, path: &Path) -> io::Result<()> {
    before_change(path)?;
    file.sync_data()?;
    after_sync(Synced::File(path));
    Ok(())
}

/// Makes durable which names a folder holds.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    before_change(path)?;
    #[cfg(unix)]
    match File::open(path)?.sync_all() {
        // The file system cannot sync folders.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {}
        done => done?,
    }
    after_sync(Synced::Folder(path));
    Ok(())
}

/// Makes everything on a folder's file system durable. The handle must have been open when it was written, because the
/// system reports a failed write to those handles (syncfs(2)).
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn sync_file_system(folder: &File, path: &Path) -> io::Result<()> {
    before_change(path)?;
    nix::unistd::syncfs(folder)?;
    after_sync(Synced::All);
    Ok(())
}

/// Whether [`sync_file_system`] is there and reports failed writes, as Linux does from 5.8.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(super) fn can_sync_file_system() -> bool {
    #[cfg(all(test, unix))]
    if crash::is_portable() {
        return false;
    }
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let mut numbers =
        release.split(|c: char| !c.is_ascii_digit()).map(|digits| digits.parse().unwrap_or(0_u32));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (5, 8)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn sync_file_system(_: &File, _: &Path) -> io::Result<()> {
    Err(ErrorKind::Unsupported.into())
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(super) fn can_sync_file_system() -> bool {
    false
}

/// Makes a folder where nothing is. Only its owner may use a private one.
pub(super) fn make_folder(path: &Path, private: bool) -> io::Result<()> {
    before_change(path)?;
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    if private {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    let _ = private;
    builder.create(path)
}

/// Moves a file to where nothing is.
pub(super) fn move_new(from: &Path, to: &Path) -> io::Result<()> {
    before_change(to)?;
    #[cfg(all(test, unix))]
    if crash::is_portable() {
        return link_and_remove(from, to);
    }
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use nix::errno::Errno;
        use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
        match renameat2(AT_FDCWD, from, AT_FDCWD, to, RenameFlags::RENAME_NOREPLACE) {
            // The file system or the kernel cannot.
            Err(Errno::EINVAL | Errno::ENOSYS | Errno::EOPNOTSUPP) => {}
            done => return Ok(done?),
        }
    }
    link_and_remove(from, to)
}

/// [`move_new`] in two steps. After a crash between them the file has both names.
fn link_and_remove(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Ok(()) => remove(from),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(error),
        // The file system has no links.
        Err(_) if fs::symlink_metadata(to).is_ok() => Err(ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

/// Removes a file.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    before_change(path)?;
    fs::remove_file(path)
}

/// Removes an empty folder.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    before_change(path)?;
    fs::remove_dir(path)
}

/// What failed, and what to do about it. The batch can go on later, since nothing that is done is lost.
pub(super) fn failure(what: &str, path: &Path, error: &io::Error) -> anyhow::Error {
    let remedy = match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
            ": make room, then run the same command again, which goes on"
        }
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
            ": make it writable, then run the same command again, which goes on"
        }
        ErrorKind::AlreadyExists => ": move it away, then run the same command again, which goes on",
        _ => "; the same command goes on later",
    };
    anyhow!("cannot {what} {}: {error}{remedy}", path.display())
}

/// What a sync has made durable.
#[derive(Clone, Copy)]
#[cfg_attr(not(all(test, unix)), expect(dead_code, reason = "for the tests"))]
enum Synced<'a> {
    File(&'a Path),
    Folder(&'a Path),
    All,
}

#[cfg(all(test, unix))]
use crash::{after_sync, before_change, before_write};

#[cfg(not(all(test, unix)))]
#[inline]
fn before_change(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(all(test, unix)))]
#[inline]
fn before_write(_: &File, _: &[u8], _: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(not(all(test, unix)))]
#[inline]
fn after_sync(_: Synced<'_>) {}

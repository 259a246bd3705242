//! Checks the owner and mode of files and folders with secrets, for the command and the façade.

use std::fs::Metadata;
use std::path::{Path, PathBuf};

/// Others than its owner can use a file or folder in a forbidden way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotPrivate {
    /// Others can use a file with a secret, or its group can do more than read it.
    #[error("mode {mode:04o} lets others use it: `chmod 600 {}`", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Others or its group can change a folder with secrets.
    #[error("mode {mode:04o} lets others change the folder: `chmod 700 {}`", .path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Neither the user of the process nor root owns it.
    #[error(
        "it belongs to user {owner}: run csr as that user, or `chown {user} {}`",
        .path.display()
    )]
    Owner {
        /// Which file or folder.
        path: PathBuf,
        /// Its owner.
        owner: u32,
        /// The user that the process runs as.
        user: u32,
    },
}

/// Checks a file that holds a secret (a key, a pass phrase, settings with a password): it must
/// belong to the user of the process or to root. Its group may only read it, and others may not use
/// it at all.
///
/// `metadata` must be that of the opened file, so that the check covers the file that is read;
/// `path` is only for the message. Pipes and devices pass, because they store nothing. Without Unix
/// permissions, everything passes.
///
/// # Errors
///
/// [`NotPrivate`], whose text begins with the fault and ends with the command that fixes it.
pub fn check_private_file(path: &Path, metadata: &Metadata) -> Result<(), NotPrivate> {
    if !metadata.is_file() {
        return Ok(());
    }
    check(path, metadata, 0o037, |path, mode| NotPrivate::File { path, mode })
}

/// Checks a database, which only its owner may use, because SQLite gives its mode to the files
/// beside it.
///
/// # Errors
///
/// As [`check_private_file`].
pub fn check_database_file(path: &Path, metadata: &Metadata) -> Result<(), NotPrivate> {
    check(path, metadata, 0o077, |path, mode| NotPrivate::File { path, mode })
}

/// Checks a folder with secret files: only its owner may change it, who must be as for
/// [`check_private_file`]. Others may list it, which shows them only names. In a folder with the
/// sticky bit they can make files, but not replace those of others. Such a folder is refused unless
/// `sticky` allows it.
///
/// # Errors
///
/// As [`check_private_file`].
pub fn check_private_folder(path: &Path, metadata: &Metadata, sticky: bool) -> Result<(), NotPrivate> {
    let forbidden = if sticky && has_sticky_bit(metadata) { 0 } else { 0o022 };
    check(path, metadata, forbidden, |path, mode| NotPrivate::Folder { path, mode })
}

#[cfg(unix)]
fn check(
    path: &Path,
    metadata: &Metadata,
    forbidden: u32,
    refused: impl Fn(PathBuf, u32) -> NotPrivate,
) -> Result<(), NotPrivate> {
    use std::os::unix::fs::MetadataExt;
    let (mode, owner) = (metadata.mode() & 0o7777, metadata.uid());
    let user = nix::unistd::geteuid().as_raw();
    if owner != user && owner != 0 {
        return Err(NotPrivate::Owner { path: path.to_owned(), owner, user });
    }
    if mode & forbidden != 0 {
        return Err(refused(path.to_owned(), mode));
    }
    Ok(())
}

#[cfg(unix)]
fn has_sticky_bit(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o1000 != 0
}

#[cfg(not(unix))]
fn check(_: &Path, _: &Metadata, _: u32, _: impl Fn(PathBuf, u32) -> NotPrivate) -> Result<(), NotPrivate> {
    Ok(())
}

#[cfg(not(unix))]
fn has_sticky_bit(_: &Metadata) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, chown};

    use super::*;

    #[test]
    fn private_file_may_be_used_by_its_owner_and_read_by_its_group() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "").unwrap();
        let checked = |mode| {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            check_private_file(&path, &fs::metadata(&path).unwrap())
        };
        for good in [0o400, 0o600, 0o640, 0o440, 0o700] {
            assert_eq!(checked(good), Ok(()), "{good:o}");
        }
        for bad in [0o604, 0o644, 0o620, 0o660, 0o601, 0o602, 0o666] {
            let refused = checked(bad).unwrap_err().to_string();
            let expected = format!("mode {bad:04o} lets others use it: `chmod 600 {}`", path.display());
            assert_eq!(refused, expected);
        }
    }

    #[test]
    fn private_folder_may_be_changed_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        let checked = |mode, sticky| {
            fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
            check_private_folder(path, &fs::metadata(path).unwrap(), sticky)
        };
        for good in [0o700, 0o750, 0o755, 0o711] {
            assert_eq!(checked(good, false), Ok(()), "{good:o}");
        }
        for bad in [0o770, 0o777, 0o702, 0o1777] {
            let refused = checked(bad, false).unwrap_err().to_string();
            let expected =
                format!("mode {bad:04o} lets others change the folder: `chmod 700 {}`", path.display());
            assert_eq!(refused, expected);
        }
        assert_eq!(checked(0o1777, true), Ok(()));
        assert!(checked(0o777, true).is_err());
    }

    #[test]
    fn private_file_must_belong_to_the_process_user_or_root() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        // Only root can change a file's owner. Other users test with a file of root.
        if nix::unistd::geteuid().is_root() {
            chown(&path, Some(1234), None).unwrap();
            let refused = check_private_file(&path, &fs::metadata(&path).unwrap()).unwrap_err();
            assert_eq!(refused, NotPrivate::Owner { path: path.clone(), owner: 1234, user: 0 });
            let expected =
                format!("it belongs to user 1234: run csr as that user, or `chown 0 {}`", path.display());
            assert_eq!(refused.to_string(), expected);
        } else {
            let folder = Path::new("/");
            assert_eq!(check_private_folder(folder, &fs::metadata(folder).unwrap(), false), Ok(()));
        }
    }
}

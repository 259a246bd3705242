//! Files and folders with secrets: whose they are, who may use them (see [`csr_core::private_file`]), and what keeps them after
//! a crash.

use std::fs::File;
use std::io;
use std::path::Path;

pub use csr_core::private_file::{NotPrivate, check_private_file};
pub(crate) use csr_core::private_file::{check_database_file, check_private_folder};

/// The folder that a file is in.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Syncs the folder that a file is in, so that what was created or renamed in it is there after a crash.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder_of(path))?.sync_all() {
        // A file system that has no such thing for folders.
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

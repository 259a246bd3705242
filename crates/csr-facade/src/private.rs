//! Files and folders with secrets: their owner and mode (see [`csr_core::private_file`]), and the
//! syncs that preserve them over a crash.

use std::fs::File;
use std::io;
use std::path::Path;

pub use csr_core::private_file::{NotPrivate, check_private_file};
pub(crate) use csr_core::private_file::{check_database_file, check_private_folder};

/// The folder of a file.
pub(crate) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Syncs the folder of a file, so that creations and renamings in it survive a crash.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    match File::open(folder_of(path))?.sync_all() {
        // The file system cannot sync folders.
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

//! The database file: made for its owner alone, opened with what durability asks for.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::super::StoreError;
use super::super::schema::{self, Dialect};
use crate::seal::sync_folder_of;

/// How long a statement waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(10);
/// The pause before something is tried again that SQLite itself does not wait for.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

const DIALECT: Dialect =
    Dialect { sequence: "INTEGER PRIMARY KEY", integer: "INTEGER", bytes: "BLOB", table_end: "STRICT" };

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

/// Makes the file and its folder if they are not there, or checks who may use them. SQLite gives the write-ahead log
/// and its index the file's own mode.
pub(super) fn prepare(path: &Path) -> Result<(), StoreError> {
    let unusable = |cause: io::Error| StoreError::Unusable(format!("{}: {cause}", path.display()));
    if let Some(folder) = folder_of(path) {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => {
                StoreError::Unusable(format!("{}: is not a folder", folder.display()))
            }
            _ => StoreError::Unusable(format!("the folder {}: {cause}", folder.display())),
        })?;
        check_folder(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(file) => {
            file.sync_all().map_err(unusable)?;
            sync_folder_of(path).map_err(unusable)
        }
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => check_file(path),
        Err(cause) => Err(unusable(cause)),
    }
}

/// Checks who may use the file and its folder, which must be there.
pub(super) fn check(path: &Path) -> Result<(), StoreError> {
    if let Err(cause) = fs::symlink_metadata(path)
        && matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
    {
        return Err(StoreError::Missing(format!("at {}", path.display())));
    }
    if let Some(folder) = folder_of(path) {
        check_folder(folder)?;
    }
    check_file(path)
}

fn folder_of(path: &Path) -> Option<&Path> {
    path.parent().filter(|folder| !folder.as_os_str().is_empty())
}

fn check_folder(folder: &Path) -> Result<(), StoreError> {
    check_mode(folder, 0o022, "others may change it; take a folder of its own, with mode 0700")
}

fn check_file(path: &Path) -> Result<(), StoreError> {
    let metadata = fs::symlink_metadata(path);
    let metadata = metadata.map_err(|e| StoreError::Unusable(format!("{}: {e}", path.display())))?;
    if metadata.is_symlink() {
        return Err(StoreError::Unusable(format!("{}: is a symbolic link", path.display())));
    }
    check_mode(path, 0o077, "others may use it; `chmod 600` it")
}

#[cfg(unix)]
fn check_mode(path: &Path, forbidden: u32, why: &str) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path);
    let metadata = metadata.map_err(|e| StoreError::Unusable(format!("{}: {e}", path.display())))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & forbidden == 0 {
        return Ok(());
    }
    Err(StoreError::Unusable(format!("{}: has mode {mode:04o}: {why}", path.display())))
}

#[cfg(not(unix))]
fn check_mode(_: &Path, _: u32, _: &str) -> Result<(), StoreError> {
    Ok(())
}

/// A connection that writes, to tables of this version.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let db = open(path)?;
    let mode = write_ahead(&db)?;
    if mode != "wal" {
        return Err(StoreError::Unusable(format!("{}: no write-ahead log, but {mode}", path.display())));
    }
    db.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = FAST")?;
    migrate(&db)?;
    Ok(db)
}

/// Switches to the write-ahead log; gives the mode there is then. SQLite lets this wait for some of another process's
/// locks only ([`BUSY`]), lest two that change the mode at once wait for each other for ever.
fn write_ahead(db: &Connection) -> rusqlite::Result<String> {
    let started = Instant::now();
    loop {
        match db.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)) {
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && started.elapsed() < BUSY =>
            {
                std::thread::sleep(BUSY_PAUSE);
            }
            mode => return mode,
        }
    }
}

/// A connection that reads.
pub(super) fn connect_to_read(path: &Path) -> Result<Connection, StoreError> {
    let db = open(path)?;
    db.execute_batch("PRAGMA query_only = ON")?;
    Ok(db)
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    // Without CREATE: `prepare` has made it. Without URI: a `?` in a path is a letter.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    Ok(db)
}

/// Several processes may start at once: the version is read in the transaction that changes it.
fn migrate(db: &Connection) -> Result<(), StoreError> {
    db.execute_batch("BEGIN IMMEDIATE")?;
    let done = (|| {
        let version = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        for statements in schema::migrations(version, &DIALECT)? {
            db.execute_batch(&statements)?;
        }
        db.execute_batch(&format!("PRAGMA user_version = {}", schema::VERSION))?;
        Ok(db.execute_batch("COMMIT")?)
    })();
    if !db.is_autocommit() {
        db.execute_batch("ROLLBACK")?;
    }
    done
}

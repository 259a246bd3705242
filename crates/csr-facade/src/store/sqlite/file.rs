//! The database file, which is made for its owner alone and opened with durable settings.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::private::{NotPrivate, check_database_file, check_private_folder, folder_of, sync_folder_of};
use crate::store::contract::StoreError;
use crate::store::schema::{self, Dialect};

/// How long a statement waits for another process's transaction.
const BUSY: Duration = Duration::from_secs(10);
/// How long to wait for readers when the log must be emptied. Later attempts don't wait.
pub(super) const READING: Duration = Duration::from_millis(250);
/// The pause before a new attempt where SQLite itself doesn't wait.
const BUSY_PAUSE: Duration = Duration::from_millis(10);

const DIALECT: Dialect =
    Dialect { sequence: "INTEGER PRIMARY KEY", integer: "INTEGER", bytes: "BLOB", table_end: "STRICT" };

/// The message names the path in the command that fixes the fault.
impl From<NotPrivate> for StoreError {
    fn from(why: NotPrivate) -> Self {
        Self::Unusable(why.to_string())
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}

/// Makes the file and its folder if they are missing, or checks who can use them. SQLite gives the
/// write-ahead log and its index the mode of the file.
pub(super) fn prepare(path: &Path) -> Result<(), StoreError> {
    let folder = folder_of(path);
    if !folder.is_dir() {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder).map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => unusable(folder, "is not a folder"),
            _ => StoreError::Unusable(format!("the folder {}: {cause}", folder.display())),
        })?;
    }
    check_folder(folder)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(file) => {
            file.sync_all().and_then(|()| sync_folder_of(path)).map_err(|cause| unusable(path, cause))
        }
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => check_file(path),
        Err(cause) => Err(unusable(path, cause)),
    }
}

/// Checks who can use the file and its folder, which must exist.
pub(super) fn check(path: &Path) -> Result<(), StoreError> {
    if let Err(cause) = fs::symlink_metadata(path)
        && matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
    {
        return Err(StoreError::Missing(format!("at {}", path.display())));
    }
    check_folder(folder_of(path))?;
    check_file(path)
}

fn check_folder(folder: &Path) -> Result<(), StoreError> {
    let metadata = fs::metadata(folder).map_err(|cause| unusable(folder, cause))?;
    Ok(check_private_folder(folder, &metadata, false)?)
}

fn check_file(path: &Path) -> Result<(), StoreError> {
    let metadata = fs::symlink_metadata(path).map_err(|cause| unusable(path, cause))?;
    if metadata.is_symlink() {
        return Err(unusable(path, "is a symbolic link"));
    }
    Ok(check_database_file(path, &metadata)?)
}

fn unusable(path: &Path, why: impl core::fmt::Display) -> StoreError {
    StoreError::Unusable(format!("{}: {why}", path.display()))
}

/// Opens a connection for writing, and migrates the tables to this version.
pub(super) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let db = open(path)?;
    let mode = write_ahead(&db)?;
    if mode != "wal" {
        return Err(StoreError::Unusable(format!(
            "{}: the journal mode must be wal, but is {mode}",
            path.display()
        )));
    }
    db.execute_batch("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON")?;
    rebuild_old(&db, path)?;
    migrate(&db)?;
    Ok(db)
}

/// Rewrites the whole file before its tables are migrated, because its free pages still hold what a
/// version without `secure_delete` has deleted. If the process is killed in between, the version is
/// still the old one, so the next start does this again.
fn rebuild_old(db: &Connection, path: &Path) -> Result<(), StoreError> {
    let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    // Version 0 is a new file. `migrate` reports a version later than ours.
    if version > 0
        && usize::try_from(version).is_ok_and(|version| version < schema::VERSION)
        && let Err(error) = db.execute_batch("VACUUM")
    {
        let file = path.display();
        tracing::warn!(
            %error,
            "the database file may still hold deleted data: stop every `csr` and run \
             `sqlite3 {file} VACUUM`"
        );
    }
    Ok(())
}

/// Switches to the write-ahead log, and returns the resulting mode. SQLite lets this wait only for
/// some of another process's locks ([`BUSY`]), so that two processes that change the mode at once
/// don't wait for each other for ever.
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

/// Moves everything from the write-ahead log into the database, where deleted data is overwritten,
/// and truncates the log. Returns whether that was possible. It isn't while somebody reads an older
/// state; this waits for such readers no longer than the given time.
pub(super) fn empty_log(db: &Connection, patience: Duration) -> bool {
    let emptied = db
        .busy_timeout(patience)
        .and_then(|()| db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)))
        .map(|busy: i64| busy == 0);
    let restored = db.busy_timeout(BUSY);
    let emptied = emptied.and_then(|emptied| restored.map(|()| emptied));
    emptied.unwrap_or_else(|error| {
        tracing::warn!(%error, "the write-ahead log could not be emptied");
        false
    })
}

/// Opens a connection for reading.
pub(super) fn connect_to_read(path: &Path) -> Result<Connection, StoreError> {
    let db = open(path)?;
    db.execute_batch("PRAGMA query_only = ON")?;
    Ok(db)
}

fn open(path: &Path) -> Result<Connection, StoreError> {
    // Without CREATE, because `prepare` has made the file. Without URI, so that a `?` in a path has
    // no meaning.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    Ok(db)
}

/// Several processes may start at once, so the version is read in the transaction that changes it.
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

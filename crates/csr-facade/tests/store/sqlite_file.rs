//! The database file and the key file: whose they are.

use std::fs;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::Path;
use std::time::Duration;

use csr_facade::seal::{KeyFile, KeyFileError};
use csr_facade::store::{SqliteStore, StoreError};

use crate::backend::sqlite_place;
use crate::operations::request;
use crate::{NamedTrial, Result, ensure, runtime};

/// Trials of the files alone.
pub(crate) const TRIALS: &[NamedTrial] = &[
    ("files are made for their owner alone", modes),
    ("files that others may use are refused", open_to_others),
    ("links are not written through", links),
    ("a database of a later version is refused", later_version),
    ("the key file is made once, by whoever is first", one_key),
    ("a new file that another process has locked is waited for", locked_by_another),
];

fn mode(path: &Path) -> Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o7777)
}

fn modes() -> Result<()> {
    let parent = tempfile::tempdir()?;
    let folder = parent.path().join("data").join("deeper");
    let store = SqliteStore::open(&folder.join("csr.db"))?;
    KeyFile::new(folder.join("keys").join("master.key")).read_or_create()?;
    runtime()?.block_on(csr_facade::Store::ready(&store))?;
    for folder in [&folder, &folder.join("keys"), &parent.path().join("data")] {
        ensure!(mode(folder)? == 0o700, "{}: {:o}", folder.display(), mode(folder)?);
    }
    for file in ["csr.db", "csr.db-wal", "csr.db-shm", "keys/master.key"] {
        let file = folder.join(file);
        ensure!(mode(&file)? == 0o600, "{}: {:o}", file.display(), mode(&file)?);
    }
    ensure!(fs::read_dir(folder.join("keys"))?.count() == 1, "a temporary file is left");
    Ok(())
}

fn open_to_others() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("csr.db");
    drop(SqliteStore::open(&database)?);
    let key = KeyFile::new(folder.path().join("master.key"));
    key.read_or_create()?;
    for bad in [0o604, 0o640, 0o620] {
        fs::set_permissions(&database, fs::Permissions::from_mode(bad))?;
        let refused = SqliteStore::open(&database).err();
        ensure!(matches!(refused, Some(StoreError::Unusable(_))), "{bad:o}: {refused:?}");
    }
    fs::set_permissions(&database, fs::Permissions::from_mode(0o600))?;
    for bad in [0o604, 0o644, 0o620, 0o660] {
        fs::set_permissions(key.path(), fs::Permissions::from_mode(bad))?;
        let refused = key.read().err();
        ensure!(matches!(refused, Some(KeyFileError::Permissions { .. })), "{bad:o}: {refused:?}");
    }
    fs::set_permissions(key.path(), fs::Permissions::from_mode(0o440))?;
    key.read()?;
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o777))?;
    let refused = SqliteStore::open(&database).err();
    ensure!(matches!(refused, Some(StoreError::Unusable(_))), "folder: {refused:?}");
    Ok(())
}

fn links() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let target = folder.path().join("target");
    for name in ["csr.db", "master.key"] {
        symlink(&target, folder.path().join(name))?;
    }
    let refused = SqliteStore::open(&folder.path().join("csr.db")).err();
    ensure!(matches!(refused, Some(StoreError::Unusable(_))), "a database: {refused:?}");
    let refused = KeyFile::new(folder.path().join("master.key")).read_or_create().err();
    ensure!(matches!(refused, Some(KeyFileError::Io { .. })), "a key: {refused:?}");
    ensure!(!target.exists(), "written through a link");
    Ok(())
}

fn later_version() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("csr.db");
    drop(SqliteStore::open(&database)?);
    rusqlite::Connection::open(&database)?.pragma_update(None, "user_version", 1000)?;
    let refused = SqliteStore::open(&database).err();
    ensure!(matches!(refused, Some(StoreError::Corrupt(_))), "{refused:?}");
    fs::write(
        &database,
        "this is not a database, but a text that is longer than a header of one hundred bytes, which SQLite reads first",
    )?;
    let refused = SqliteStore::open(&database).err();
    ensure!(refused.is_some(), "a text was taken for a database");
    Ok(())
}

fn one_key() -> Result<()> {
    let place = sqlite_place()?;
    let file = place.key_file();
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let file = file.clone();
            std::thread::spawn(move || file.read_or_create().map(|key| key.id()))
        })
        .collect();
    let mut ids = Vec::new();
    for thread in threads {
        ids.push(thread.join().map_err(|_| "a thread panicked")??);
    }
    ensure!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    // And eight services that start together on it.
    runtime()?.block_on(async {
        for _ in 0..8 {
            place.service().await?.create(request(csr_model::PrivateKeyAlgo::Sm2)).await?;
        }
        Ok(())
    })
}

/// Before the write-ahead log there is, SQLite lets one that comes second wait for some locks only.
fn locked_by_another() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("csr.db");
    fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    let other = rusqlite::Connection::open(&path)?;
    other.execute_batch("BEGIN IMMEDIATE")?;
    let other = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(200));
        other.execute_batch("COMMIT")
    });
    let opened = SqliteStore::open(&path);
    ensure!(opened.is_ok(), "{:?}", opened.err());
    Ok(other.join().map_err(|_| "a thread panicked")??)
}

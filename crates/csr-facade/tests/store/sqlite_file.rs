//! The owner and mode of the database file and the key file.

use std::fs;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, chown, symlink};
use std::path::Path;
use std::time::Duration;

use csr_facade::seal::{KeyFile, KeyFileError};
use csr_facade::store::{SqliteStore, StoreError};
use csr_facade::vault::rotate_file;
use csr_facade::{CsrId, Service};

use csr_model::PrivateKeyAlgo;

use crate::altered::make_old;
use crate::backend::{Place, sqlite_place};
use crate::operations::{check_key, request};
use crate::secrets::{contains, files};
use crate::{NamedTrial, Result, ensure, runtime};

/// Trials for the files only.
pub(crate) const TRIALS: &[NamedTrial] = &[
    ("files are made for their owner alone", modes),
    ("files that others can use are refused", open_to_others),
    ("links are not written through", links),
    ("a database of a later version is refused", later_version),
    ("processes that start together make one key file", one_key),
    ("opening waits for another process that locks a new file", locked_by_another),
    ("no file holds deleted or resealed secrets", overwritten),
    ("a start removes deleted data of versions without secure_delete", deleted_before),
    ("a start removes what a killed process left in the log", left_in_log),
    ("temporary files of keys are removed", swept),
];

/// Makes keys, and returns their ids and their ciphertexts.
async fn sealed_keys(service: &Service, count: usize) -> Result<Vec<(CsrId, Vec<u8>)>> {
    let mut keys = Vec::new();
    for _ in 0..count {
        let id = service.create(request(PrivateKeyAlgo::EcP256)).await?.id.parse()?;
        let (_, sealed) = service.vault().store().sealed_key(id).await?.ok_or("gone")?;
        keys.push((id, sealed.ok_or("no key")?.bytes));
    }
    Ok(keys)
}

/// The number of keys of which a file holds any part of the ciphertext.
fn left(place: &Place, keys: &[(CsrId, Vec<u8>)]) -> Result<usize> {
    let mut found = Vec::new();
    files(place.folder.path(), &mut found)?;
    let is_left = |sealed: &[u8]| {
        sealed.chunks_exact(24).any(|part| found.iter().any(|(_, bytes)| contains(bytes, part)))
    };
    Ok(keys.iter().filter(|(_, sealed)| is_left(sealed)).count())
}

/// Deletes rows as a program without `secure_delete` does.
fn delete_without_overwriting(place: &Place, keys: &[(CsrId, Vec<u8>)]) -> Result<()> {
    let db = rusqlite::Connection::open(&place.address)?;
    db.execute_batch("PRAGMA secure_delete = OFF")?;
    for (id, _) in keys {
        db.execute("DELETE FROM csr WHERE id = ?1", [id.to_string()])?;
    }
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    Ok(())
}

fn deleted_before() -> Result<()> {
    let place = sqlite_place()?;
    runtime()?.block_on(async {
        let service = place.service().await?;
        let keys = sealed_keys(&service, 60).await?;
        make_old(&place, &service.vault().master_key()).await?;
        drop(service);
        delete_without_overwriting(&place, &keys[..40])?;
        ensure!(left(&place, &keys[..40])? > 0, "the search finds what is there");
        let service = place.service().await?;
        ensure!(left(&place, &keys[..40])? == 0, "{} deleted keys are left", left(&place, &keys[..40])?);
        for (id, _) in &keys[40..] {
            check_key(&service, *id).await?;
        }
        Ok(())
    })
}

/// The state after a kill between a commit and the emptying of the log.
fn left_in_log() -> Result<()> {
    let place = sqlite_place()?;
    runtime()?.block_on(async {
        let service = place.service().await?;
        let keys = sealed_keys(&service, 3).await?;
        let killed = rusqlite::Connection::open(&place.address)?;
        killed.execute_batch("PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 0")?;
        killed.execute("DELETE FROM csr WHERE id = ?1", [keys[0].0.to_string()])?;
        ensure!(left(&place, &keys[..1])? == 1, "the search finds what is there");
        let again = place.open().await?;
        ensure!(left(&place, &keys[..1])? == 0, "the log was not emptied");
        drop((again, killed));
        Ok(())
    })
}

/// While the store is open, and another process reads it now and then.
fn overwritten() -> Result<()> {
    let place = sqlite_place()?;
    runtime()?.block_on(async {
        let service = place.service().await?;
        let keys = sealed_keys(&service, 60).await?;
        let left = |keys: &[(CsrId, Vec<u8>)]| left(&place, keys);
        ensure!(left(&keys)? == 60, "the search finds what is there");
        let (deleted, kept) = keys.split_at(30);
        for (id, _) in deleted {
            service.delete(*id).await?;
        }
        ensure!(left(deleted)? == 0, "{} deleted keys are left", left(deleted)?);
        ensure!(left(kept)? == 30, "the others are there");
        rotate_file(&**service.vault().store(), &place.key_file()).await?;
        ensure!(left(kept)? == 0, "{} keys are left as they were sealed before", left(kept)?);
        for (id, _) in kept {
            check_key(&service, *id).await?;
        }
        // A slow reader preserves the log, and the next write empties it.
        let (id, _) = kept[0];
        let (_, sealed) = service.vault().store().sealed_key(id).await?.ok_or("gone")?;
        let sealed = [(id, sealed.ok_or("no key")?.bytes)];
        let reader = rusqlite::Connection::open(&place.address)?;
        reader.execute_batch("BEGIN; SELECT count(*) FROM csr")?;
        service.delete(id).await?;
        reader.execute_batch("COMMIT")?;
        service.ready().await?;
        ensure!(left(&sealed)? == 0, "the log was not emptied later");
        Ok(())
    })
}

fn swept() -> Result<()> {
    let place = sqlite_place()?;
    let folder = place.folder.path().to_owned();
    let file = place.key_file();
    let left =
        [folder.join("master.key.0123456789abcdef.tmp"), folder.join("master.key.new.fedcba9876543210.tmp")];
    let others = ["master.key.backup.tmp", "other.key.new.fedcba9876543210.tmp", "master.key.new.0.tmp"];
    let others = others.map(|name| folder.join(name));
    let plant = || -> Result<()> {
        for path in left.iter().chain(&others) {
            fs::write(path, "")?;
        }
        // The state after a kill between the two: a second name of the key's file.
        fs::remove_file(&left[0])?;
        Ok(fs::hard_link(file.path(), &left[0])?)
    };
    let check = |when: &str| -> Result<()> {
        for path in &left {
            ensure!(!path.exists(), "{when}: {} is left", path.display());
        }
        for path in &others {
            ensure!(path.exists(), "{when}: {} is gone", path.display());
        }
        ensure!(file.read()?.is_some(), "{when}: the key is gone");
        Ok(())
    };
    runtime()?.block_on(async {
        let service = place.service().await?;
        plant()?;
        place.service().await?;
        check("a start")?;
        plant()?;
        {
            // During a rotation, its file stays.
            let lock = fs::File::options().write(true).open(place.folder.path().join("master.key.lock"))?;
            lock.lock()?;
            place.service().await?;
            ensure!(left.iter().all(|path| path.exists()), "swept in a rotation");
        }
        // It takes the lock, and removes the files under it.
        rotate_file(&**service.vault().store(), &file).await?;
        check("a rotation")
    })
}

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
    for bad in [0o777, 0o770, 0o702] {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(bad))?;
        let mends = format!("`chmod 700 {}`", folder.path().display());
        let refused = SqliteStore::open(&database).err();
        let is_refused = matches!(&refused, Some(StoreError::Unusable(why)) if why.ends_with(&mends));
        ensure!(is_refused, "folder {bad:o}: {refused:?}");
        let refused = key.read().err();
        let is_refused = matches!(&refused, Some(KeyFileError::Permissions { .. }));
        ensure!(is_refused, "the key's folder {bad:o}: {refused:?}");
    }
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755))?;
    drop(SqliteStore::open(&database)?);
    key.read()?;
    // Only root can give files away.
    if fs::metadata(folder.path())?.uid() == 0 {
        for path in [database.as_path(), key.path(), folder.path()] {
            chown(path, Some(1234), None)?;
            let refused = if path == key.path() {
                key.read().err().map(|error| error.to_string())
            } else {
                SqliteStore::open(&database).err().map(|error| error.to_string())
            };
            let mends = format!("`chown 0 {}`", path.display());
            ensure!(refused.as_ref().is_some_and(|why| why.ends_with(&mends)), "{refused:?}");
            chown(path, Some(0), None)?;
        }
    }
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
    // And eight services that start on it together.
    runtime()?.block_on(async {
        for _ in 0..8 {
            place.service().await?.create(request(PrivateKeyAlgo::Sm2)).await?;
        }
        Ok(())
    })
}

/// Before the write-ahead log exists, SQLite lets the second process wait for some locks only.
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

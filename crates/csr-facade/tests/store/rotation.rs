//! The master key on any store: made, given, rotated or lost.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use csr_facade::seal::{KeyFile, MasterKey, Owner};
use csr_facade::store::{Proof, StoreError};
use csr_facade::vault::{MasterKeyError, MasterKeySource, rotate, rotate_file};
use csr_facade::{Access, IssuedCredential, Rights, Service, ServiceOptions, Vault};
use csr_model::{PrivateKeyAlgo, UpdateCsrRequest};

use crate::backend::{Backend, Place};
use crate::operations::{check_key, request, upload_without_key};
use crate::{Result, checks, ensure};

checks! {
    "a wrong or missing master key is reported at the start" => wrong_key,
    "a rotation seals every secret again" => rotated,
    "a rotation loses no concurrent write" => rotation_under_load,
    "a rotation that a crash interrupted is finished" => interrupted,
    "a secret that does not open stops the rotation" => tampered,
    "a rotation under a given key is reported" => given_key,
}

async fn wrong_key(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    let create = |file: &KeyFile, create| MasterKeySource::File { file: file.clone(), create };
    let missing = Vault::open(Arc::clone(&store), create(&place.key_file(), false)).await;
    ensure!(
        matches!(missing, Err(MasterKeyError::Missing(_))),
        "no file, and none is to be made: {missing:?}"
    );
    let vault = Vault::open(Arc::clone(&store), place.source()).await?;
    ensure!(store.master_key().await? == Some(vault.master_key().id()), "the first key");

    let given = Vault::open(Arc::clone(&store), MasterKeySource::Given(MasterKey::random()?)).await;
    ensure!(matches!(given, Err(MasterKeyError::WrongMasterKey { .. })), "another key: {given:?}");
    // The key is lost. A new one must not be made in its place.
    let elsewhere = KeyFile::new(place.folder.path().join("elsewhere.key"));
    let lost = Vault::open(Arc::clone(&store), create(&elsewhere, true)).await;
    ensure!(matches!(lost, Err(MasterKeyError::Missing(_))), "a lost key: {lost:?}");
    ensure!(!elsewhere.path().exists(), "a fresh key was made for a store that has one");
    let text = fs::read_to_string(place.key_file().path())?;
    let given = Vault::open(Arc::clone(&store), MasterKeySource::Given(MasterKey::parse(&text)?)).await?;
    ensure!(given.master_key().id() == vault.master_key().id(), "the same key, given");
    Ok(())
}

/// Whether a credential from before still opens.
async fn check_credential(service: &Service, credential: &IssuedCredential) -> Result<()> {
    let access_key = &credential.caller.id;
    let row = service.vault().store().caller(access_key).await?.ok_or("no credential")?;
    let Proof::SecretKey(sealed) = row.proof else { return Err("no secret key".into()) };
    let opened = service.vault().master_key().open(&sealed, &Owner::Credential { access_key })?;
    ensure!(*opened == credential.secret_key.as_bytes(), "the credential's secret key");
    Ok(())
}

async fn rotated(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let mut ids = Vec::new();
    // More than one page.
    for _ in 0..600 {
        ids.push(service.create(request(PrivateKeyAlgo::Sm2)).await?.id.parse()?);
    }
    let access = Access::new(service.vault().clone());
    let credential = access.issue_credential("label", Rights::all()).await?;
    let token = access.issue_token("label", Rights::all()).await?;
    let without_key = upload_without_key(&service).await?;
    let old = service.vault().master_key();
    // Another process rotates, and this one notices by itself.
    let done = rotate_file(&*place.open().await?, &place.key_file()).await?;
    ensure!(done.secrets == 601 && done.old == old.id() && done.new != old.id(), "{done:?}");
    ensure!(service.vault().store().master_key().await? == Some(done.new), "the store's key");
    let created = service.create(request(PrivateKeyAlgo::EcP256)).await?.id.parse()?;
    ensure!(service.vault().master_key().id() == done.new, "the key at hand");
    for id in ids.into_iter().chain([created]) {
        check_key(&service, id).await?;
        let (_, sealed) = service.vault().store().sealed_key(id).await?.ok_or("gone")?;
        ensure!(sealed.is_some_and(|sealed| sealed.key_id == done.new), "{id}: still under the old key");
    }
    check_credential(&service, &credential).await?;
    service.show(without_key).await?;
    ensure!(access.list().await? == [credential.caller, token.caller], "the callers");
    let again = rotate(&*place.open().await?, MasterKey::clone(&old), MasterKey::random()?).await;
    ensure!(
        matches!(again, Err(StoreError::StaleMasterKey)),
        "from a key that is no longer present: {again:?}"
    );
    ensure!(
        fs::read_dir(place.folder.path())?.flatten().all(|file| file.file_name() != "master.key.new"),
        "left over"
    );
    Ok(())
}

async fn rotation_under_load(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let stop = Arc::new(AtomicBool::new(false));
    let mut writers = Vec::new();
    // Two services, as of two replicas.
    let services = [place.service().await?, place.service().await?];
    for number in 0..8 {
        let (service, stop) = (services[number % 2].clone(), Arc::clone(&stop));
        let access = Access::new(service.vault().clone());
        writers.push(tokio::spawn(async move {
            let mut ids = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let id = service.create(request(PrivateKeyAlgo::EcP256)).await?.id.parse()?;
                let name = format!("renamed by {number}");
                service.update(id, &UpdateCsrRequest::new(name)?).await?;
                let token = access.issue_token("label", Rights::all()).await?;
                ensure!(access.revoke(&token.caller.id).await?, "{} was not revoked", token.caller.id);
                ids.push(id);
            }
            Ok::<_, crate::Error>(ids)
        }));
    }
    let store = place.open().await?;
    for _ in 0..5 {
        tokio::time::sleep(std::time::Duration::from_millis(60)).await;
        rotate_file(&*store, &place.key_file()).await?;
    }
    stop.store(true, Ordering::Relaxed);
    let mut checked = 0;
    for writer in writers {
        for id in writer.await?? {
            check_key(&services[checked % 2], id).await?;
            checked += 1;
        }
    }
    ensure!(checked > 8, "only {checked} were written");
    let callers = Access::new(services[0].vault().clone()).list().await?;
    ensure!(callers.len() == checked, "{} callers for {checked} CSRs", callers.len());
    ensure!(callers.iter().all(|caller| caller.revoke_time.is_some()), "{callers:?}");
    Ok(())
}

async fn interrupted(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let id = service.create(request(PrivateKeyAlgo::EcP256)).await?.id.parse()?;
    let file = place.key_file();
    // Before the commit: the next key exists, but isn't in use.
    let next = place.make_next_key()?;
    check_restart(&place, id).await?;
    ensure!(service.vault().store().master_key().await? != Some(next.id()), "not rotated yet");
    // After the commit, before the renaming.
    let old = service.vault().master_key();
    rotate(&**service.vault().store(), MasterKey::clone(&old), next.clone()).await?;
    check_key(&service, id).await?;
    let fresh = service.create(request(PrivateKeyAlgo::EcP256)).await?.id.parse()?;
    check_restart(&place, fresh).await?;
    ensure!(file.read()?.is_some_and(|key| key.id() == next.id()), "the renaming was not finished");
    ensure!(!place.next_key_file().exists(), "the next key is there twice");
    // The next rotation uses a next key that was never used.
    let next = place.make_next_key()?;
    ensure!(rotate_file(&**service.vault().store(), &file).await?.new == next.id(), "left over and not used");
    check_restart(&place, id).await
}

async fn check_restart(place: &Place, id: csr_facade::CsrId) -> Result<()> {
    check_key(&place.service().await?, id).await.map(drop)
}

async fn tampered(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let kept = service.create(request(PrivateKeyAlgo::EcP256)).await?.id.parse()?;
    // A key that belongs to another CSR.
    let other = service.create(request(PrivateKeyAlgo::EcP256)).await?.id.parse()?;
    let query = format!(
        "UPDATE csr SET sealed_key = (SELECT sealed_key FROM csr WHERE id = '{kept}') WHERE id = '{other}'"
    );
    place.execute(&query).await?;
    let opened = service.export_key(other).await;
    ensure!(matches!(opened, Err(csr_facade::Error::Internal(_))), "another CSR's key opened: {opened:?}");
    let before = service.vault().store().master_key().await?;
    let rotation = rotate_file(&**service.vault().store(), &place.key_file()).await;
    ensure!(
        rotation.as_ref().is_err_and(|error| error.to_string().contains(&other.to_string())),
        "{rotation:?}"
    );
    ensure!(service.vault().store().master_key().await? == before, "the id has changed");
    check_restart(&place, kept).await
}

async fn given_key(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    let (old, new) = (MasterKey::random()?, MasterKey::random()?);
    let open = |key: &MasterKey| Vault::open(Arc::clone(&store), MasterKeySource::Given(key.clone()));
    let service = Service::new(open(&old).await?, ServiceOptions::default());
    let id = service.create(request(PrivateKeyAlgo::EcP256)).await?.id.parse()?;
    rotate(&*store, old.clone(), new.clone()).await?;
    let late = service.create(request(PrivateKeyAlgo::EcP256)).await;
    ensure!(late.is_err() && service.ready().await.is_err(), "written under the old key: {late:?}");
    let service = Service::new(open(&new).await?, ServiceOptions::default());
    check_key(&service, id).await?;
    service.ready().await?;
    Ok(())
}

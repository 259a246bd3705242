//! An attacker can write to the database. Every change is reported, and no answer shows altered
//! data.

use axum::http::Request;
use axum::http::request::Parts;
use csr_facade::auth::AuthError;
use csr_facade::seal::MasterKey;
use csr_facade::store::StoreError;
use csr_facade::vault::{MasterKeyError, rotate_file};
use csr_facade::{Access, Authenticator, CsrId, Error, IssuedToken, Rights, Service, Vault};
use csr_model::{ListCsrQuery, PrivateKeyAlgo, UpdateCsrRequest};
use sha2::{Digest, Sha256};

use crate::backend::{Backend, Place};
use crate::operations::{check_key, request, upload_without_key};
use crate::secrets::{contains, files, logged};
use crate::{Result, checks, ensure};

checks! {
    "a caller planted in the database is refused" => planted_caller,
    "an altered caller is refused, and reported by its id" => altered_caller,
    "an altered credential is refused" => altered_credential,
    "an altered CSR is reported by its id, and never shown" => altered_csr,
    "rows of older versions get MACs" => migrated,
    "an old upload keeps its request and nothing else" => rewritten,
    "a store with MACs is never taken for an older one" => stripped,
}

fn with_token(token: &str) -> Result<Parts> {
    Ok(Request::builder().uri("/v3/scm/csr").header("X-Auth-Token", token).body(())?.into_parts().0)
}

/// Whether the token authenticates its caller.
async fn is_known(service: &Service, token: &str) -> Result<bool> {
    let request = with_token(token)?;
    match Authenticator::new(service.vault().clone()).authenticate(&request, b"", None).await {
        Ok(_) => Ok(true),
        Err(AuthError::Unknown { .. }) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A string of bytes, in either database's SQL.
fn bytes(place: &Place, hex: &str) -> String {
    if place.is_postgres() { format!("'\\x{hex}'::bytea") } else { format!("x'{hex}'") }
}

/// An internal error whose cause names the row.
fn names<T: core::fmt::Debug>(done: core::result::Result<T, Error>, row: &str) -> Result<()> {
    match done {
        Err(Error::Internal(cause)) if cause.to_string().contains(row) => Ok(()),
        other => Err(format!("not an error that names {row}: {other:?}").into()),
    }
}

async fn planted_caller(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let access = Access::new(service.vault().clone());
    let own = access.issue_token("label", Rights::all()).await?;
    let token = format!("csr_{}", "a".repeat(43));
    let hash = bytes(&place, &hex(&Sha256::digest(&token)));
    // Without a MAC, with arbitrary bytes as MAC, and with the MAC of another row.
    for (number, mac) in
        ["NULL", &bytes(&place, &"00".repeat(40)), "(SELECT mac FROM caller WHERE number = 1)"]
            .into_iter()
            .enumerate()
    {
        let id = format!("t-planted{number}");
        place
            .execute(&format!(
                "INSERT INTO caller (id, label, kind, rights, create_time, token_hash, mac)
                 VALUES ('{id}', 'x', 'token', 'read,write,export-key', 1, {hash}, {mac})"
            ))
            .await?;
        ensure!(!is_known(&service, &token).await?, "{mac}: a planted caller is recognised");
        ensure!(
            logged().contains(&format!("the token \"{id}\" was changed outside of csr")),
            "{mac}: not logged"
        );
        names(access.list().await, &id)?;
        ensure!(is_known(&service, &own.token).await?, "the others are recognised");
        place.execute(&format!("DELETE FROM caller WHERE id = '{id}'")).await?;
    }
    ensure!(access.list().await? == [own.caller], "the callers once it is deleted");
    Ok(())
}

async fn altered_caller(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let access = Access::new(service.vault().clone());
    let read = "read".parse::<csr_facade::Right>()?;
    let IssuedToken { caller, token } = access.issue_token("label", [read].into_iter().collect()).await?;
    let other = access.issue_token("label", Rights::all()).await?;
    let revoked = access.issue_token("label", Rights::all()).await?;
    ensure!(access.revoke(&revoked.caller.id).await?, "it was not revoked");
    place.execute("CREATE TABLE before AS SELECT * FROM caller").await?;
    let (id, another) = (&caller.id, &other.caller.id);
    for change in [
        format!("UPDATE caller SET rights = 'read,write,export-key' WHERE id = '{id}'"),
        format!("UPDATE caller SET label = 'another' WHERE id = '{id}'"),
        format!("UPDATE caller SET create_time = 1 WHERE id = '{id}'"),
        format!("UPDATE caller SET revoke_time = 1 WHERE id = '{id}'"),
        format!("UPDATE caller SET kind = 'credential' WHERE id = '{id}'"),
        format!("UPDATE caller SET mac = NULL WHERE id = '{id}'"),
        format!("UPDATE caller SET mac = (SELECT mac FROM before WHERE id = '{another}') WHERE id = '{id}'"),
        // This would be as good as an own right.
        format!(
            "UPDATE caller SET token_hash = (SELECT token_hash FROM before WHERE id = '{another}') WHERE id = '{id}'"
        ),
    ] {
        place.execute(&change).await?;
        ensure!(!is_known(&service, &token).await?, "{change}: recognised");
        names(access.list().await, id)?;
        names(access.revoke(id).await, id)?;
        let rotation = rotate_file(&**service.vault().store(), &place.key_file()).await;
        let named = rotation.err().is_some_and(|error| error.to_string().contains(&**id));
        ensure!(named, "{change}: the rotation does not name it");
        place
            .execute(
                "UPDATE caller SET (rights, label, create_time, revoke_time, kind, mac, token_hash) =
                 (SELECT rights, label, create_time, revoke_time, kind, mac, token_hash FROM before
                  WHERE id = caller.id)",
            )
            .await?;
        ensure!(is_known(&service, &token).await?, "{change}: as it was, and not recognised");
    }
    // A revoked caller comes back, and a caller gets another's rights.
    let change = format!("UPDATE caller SET revoke_time = NULL WHERE id = '{}'", revoked.caller.id);
    place.execute(&change).await?;
    ensure!(!is_known(&service, &revoked.token).await?, "a revoked token is recognised");
    names(access.list().await, &revoked.caller.id)?;
    place.execute(&format!("DELETE FROM caller WHERE id = '{}'", revoked.caller.id)).await?;
    place
        .execute(&format!(
            "DELETE FROM caller WHERE id = '{id}'; UPDATE caller SET id = '{id}' WHERE id = '{another}'"
        ))
        .await?;
    ensure!(!is_known(&service, &other.token).await?, "a copy under another id is recognised");
    names(access.list().await, id)
}

async fn altered_credential(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let access = Access::new(service.vault().clone());
    let credential = access.issue_credential("label", Rights::all()).await?;
    let id = &credential.caller.id;
    let change = format!("UPDATE caller SET rights = 'read' WHERE id = '{id}'");
    place.execute(&change).await?;
    let signed =
        format!("SDK-HMAC-SHA256 Access={id}, SignedHeaders=x-sdk-date, Signature={}", "0".repeat(64));
    let date = "20261129T000000Z";
    let clock = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_795_910_400);
    let authenticator =
        Authenticator::new(service.vault().clone()).with_clock(std::sync::Arc::new(move || clock));
    let request = Request::builder()
        .uri("/v3/scm/csr")
        .header("Host", "localhost")
        .header("X-Sdk-Date", date)
        .header("Authorization", signed)
        .body(())?
        .into_parts()
        .0;
    let refused = authenticator.authenticate(&request, b"", None).await;
    ensure!(matches!(refused, Err(AuthError::Unknown { .. })), "{refused:?}");
    let message = format!("the credential {id} was changed outside of csr");
    ensure!(logged().contains(&message), "not logged: {refused:?}");
    names(access.list().await, id)
}

async fn altered_csr(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let create =
        async || -> Result<CsrId> { Ok(service.create(request(PrivateKeyAlgo::EcP256)).await?.id.parse()?) };
    let (id, other) = (create().await?, create().await?);
    let without_key = upload_without_key(&service).await?;
    place.execute("CREATE TABLE before AS SELECT * FROM csr").await?;
    let columns =
        "name, domain_name, sans, private_key_algo, usage, company_country, company_province, company_city,
         company_name, csr, create_time, update_time, key_id, sealed_key, mac";
    let mut changes = vec![
        "private_key_algo = 'SM2'".to_owned(),
        "private_key_algo = 'NONE'".to_owned(),
        "usage = 'ENTERPRISE'".to_owned(),
        "create_time = 1".to_owned(),
        "update_time = 1".to_owned(),
        "mac = NULL".to_owned(),
        // The CSR claims to have no key.
        "key_id = NULL, sealed_key = NULL".to_owned(),
        format!("mac = (SELECT mac FROM before WHERE id = '{other}')"),
        format!("csr = (SELECT csr FROM before WHERE id = '{other}')"),
    ];
    let texts = [
        "name",
        "domain_name",
        "sans",
        "company_country",
        "company_province",
        "company_city",
        "company_name",
    ];
    changes.extend(texts.map(|column| format!("{column} = 'other'")));
    // Everything but the id.
    changes.push(format!("({columns}) = (SELECT {columns} FROM before WHERE id = '{other}')"));
    let row = id.to_string();
    for change in changes {
        place.execute(&format!("UPDATE csr SET {change} WHERE id = '{id}'")).await?;
        names(service.show(id).await, &row).map_err(|error| format!("{change}: {error}"))?;
        names(service.export_key(id).await, &row).map_err(|error| format!("{change}: {error}"))?;
        names(service.show_private_key(id).await, &row).map_err(|error| format!("{change}: {error}"))?;
        names(service.list(&ListCsrQuery::default()).await, &row)
            .map_err(|error| format!("{change}: {error}"))?;
        names(service.update(id, &UpdateCsrRequest::new("new")?).await, &row)
            .map_err(|error| format!("{change}: {error}"))?;
        let rotation = rotate_file(&**service.vault().store(), &place.key_file()).await;
        let named = rotation.err().is_some_and(|error| error.to_string().contains(&row));
        ensure!(named, "{change}: the rotation does not name it");
        check_key(&service, other).await?;
        let restore =
            format!("UPDATE csr SET ({columns}) = (SELECT {columns} FROM before WHERE id = csr.id)");
        place.execute(&restore).await?;
        check_key(&service, id).await?;
    }
    // Another CSR's sealed key, with the id of the master key. The MAC doesn't cover it, but its
    // seal does.
    let change = format!(
        "UPDATE csr SET sealed_key = (SELECT sealed_key FROM before WHERE id = '{other}') WHERE id = '{id}'"
    );
    place.execute(&change).await?;
    let opened = service.export_key(id).await;
    ensure!(matches!(opened, Err(Error::Internal(_))), "another CSR's key: {opened:?}");
    // A key for a CSR that has none.
    let change = format!(
        "UPDATE csr SET (key_id, sealed_key) = (SELECT key_id, sealed_key FROM before WHERE id = '{other}')
         WHERE id = '{without_key}'"
    );
    place.execute(&change).await?;
    names(service.export_key(without_key).await, &without_key.to_string())?;
    // Altered rows can be deleted.
    service.delete(id).await?;
    service.delete(without_key).await?;
    ensure!(service.list(&ListCsrQuery::default()).await?.total == 1, "the other one is left");
    Ok(())
}

/// Turns the store into one of version 1: without MACs, under the id that the master key had then.
pub(crate) async fn make_old(place: &Place, key: &MasterKey) -> Result<()> {
    let id = bytes(place, &hex(&id_before_macs(key)?));
    let version =
        if place.is_postgres() { "UPDATE csr_schema SET version = 1" } else { "PRAGMA user_version = 1" };
    place
        .execute(&format!(
            "ALTER TABLE csr DROP COLUMN mac;
             ALTER TABLE caller DROP COLUMN mac;
             ALTER TABLE caller RENAME COLUMN number TO seq;
             ALTER TABLE caller RENAME COLUMN sealed_secret TO sealed_key;
             UPDATE csr SET key_id = {id} WHERE key_id IS NOT NULL;
             UPDATE caller SET key_id = {id} WHERE key_id IS NOT NULL;
             UPDATE store SET master_key_id = {id};
             {version};"
        ))
        .await
}

/// The first eight bytes of HMAC-SHA-256 with the key over this label.
fn id_before_macs(key: &MasterKey) -> Result<[u8; 8]> {
    use hmac::{Hmac, KeyInit, Mac};
    let text = key.to_hex();
    let bytes: core::result::Result<Vec<u8>, _> =
        (0..64).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16)).collect();
    let mut mac = Hmac::<Sha256>::new_from_slice(&bytes?)?;
    mac.update(b"csr-facade/1 master key id");
    Ok(mac.finalize().into_bytes()[..8].try_into()?)
}

struct Old {
    id: CsrId,
    without_key: CsrId,
    token: IssuedToken,
}

/// A store of version 1 with rows of every kind.
async fn old_store(place: &Place) -> Result<Old> {
    let service = place.service().await?;
    let id = service.create(request(PrivateKeyAlgo::EcP256)).await?.id.parse()?;
    let without_key = upload_without_key(&service).await?;
    let access = Access::new(service.vault().clone());
    let token = access.issue_token("label", Rights::all()).await?;
    access.issue_credential("label", Rights::all()).await?;
    make_old(place, &service.vault().master_key()).await?;
    Ok(Old { id, without_key, token })
}

async fn migrated(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let Old { id, without_key, token } = old_store(&place).await?;
    // Replicas that start together.
    let (one, other) = tokio::join!(place.service(), place.service());
    for service in [&one?, &other?] {
        check_key(service, id).await?;
        service.show(without_key).await?;
        ensure!(is_known(service, &token.token).await?, "the token");
        let callers = Access::new(service.vault().clone()).list().await?;
        ensure!(callers.len() == 2 && callers[0] == token.caller, "{callers:?}");
        service.ready().await?;
    }
    // The statements by which a process of version 1 authenticates and stores callers.
    for old in
        ["SELECT kind, token_hash FROM caller ORDER BY seq", "SELECT kind, key_id, sealed_key FROM caller"]
    {
        ensure!(place.execute(old).await.is_err(), "a process of version 1 goes on: {old}");
    }
    let service = place.service().await?;
    service.create(request(PrivateKeyAlgo::EcP256)).await?;
    rotate_file(&**service.vault().store(), &place.key_file()).await?;
    check_key(&service, id).await.map(drop)
}

/// Version 1 stored an upload as the client sent it.
async fn rewritten(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let service = place.service().await?;
    let id = upload_without_key(&service).await?;
    let unread = upload_without_key(&service).await?;
    let request = service.show(id).await?.csr;
    let key = csr_core::KeyPair::generate(PrivateKeyAlgo::EcP256)?.to_pem(csr_core::KeyFormat::Pkcs8)?;
    make_old(&place, &service.vault().master_key()).await?;
    for (id, text) in [(id, format!("a note\n{}{request}", *key)), (unread, "no request".into())] {
        place.execute(&format!("UPDATE csr SET csr = '{text}' WHERE id = '{id}'")).await?;
    }

    let service = place.service().await?;
    ensure!(service.show(id).await?.csr == request, "{}", service.show(id).await?.csr);
    ensure!(service.show(unread).await?.csr == "no request", "what is not read is changed");
    let names_it = |line: &str| line.contains(&unread.to_string()) && line.contains("is not read as a CSR");
    ensure!(logged().lines().any(names_it), "not logged");
    if !place.is_postgres() {
        let line = key.lines().nth(1).ok_or("no line")?;
        let mut found = Vec::new();
        files(place.folder.path(), &mut found)?;
        ensure!(
            !found.iter().any(|(_, bytes)| contains(bytes, line.as_bytes())),
            "the key is still in a file"
        );
    }
    // The MAC covers the new text.
    rotate_file(&**service.vault().store(), &place.key_file()).await?;
    ensure!(service.show(id).await?.csr == request, "after a rotation");
    Ok(())
}

async fn stripped(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let Old { id, .. } = old_store(&place).await?;
    let service = place.service().await?;
    rotate_file(&**service.vault().store(), &place.key_file()).await?;
    place.execute("UPDATE csr SET mac = NULL; UPDATE caller SET mac = NULL").await?;
    // The store's own id. Such a store has MACs, but these rows have none.
    let after = place.service().await?;
    names(after.show(id).await, &id.to_string())?;
    names(Access::new(after.vault().clone()).list().await, "the token")?;
    // No id at all. The key is claimed again, and the rows stay as they are.
    place.execute("UPDATE store SET master_key_id = NULL").await?;
    let after = place.service().await?;
    names(after.show(id).await, &id.to_string())?;
    // Any other id is another master key.
    place.execute(&format!("UPDATE store SET master_key_id = {}", bytes(&place, &"01".repeat(8)))).await?;
    let store = place.open().await?;
    let refused = Vault::open(store, place.source()).await;
    ensure!(matches!(refused, Err(MasterKeyError::WrongMasterKey { .. })), "{refused:?}");
    // A running service does not adopt either, whatever the store says.
    let id_then = bytes(&place, &hex(&id_before_macs(&after.vault().master_key())?));
    place.execute(&format!("UPDATE store SET master_key_id = {id_then}")).await?;
    ensure!(after.ready().await.is_err(), "a running service takes an old store");
    // A lower version of the tables is refused too.
    let version =
        if place.is_postgres() { "UPDATE csr_schema SET version = 1" } else { "PRAGMA user_version = 1" };
    place.execute(version).await?;
    let refused = place.open().await.err();
    let refused = refused.as_ref().and_then(|error| error.downcast_ref::<StoreError>());
    ensure!(matches!(refused, Some(StoreError::Database(_))), "{refused:?}");
    Ok(())
}

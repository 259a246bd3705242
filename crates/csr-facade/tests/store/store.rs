//! Tests the trait `Store` on any store.

use std::collections::HashSet;
use std::sync::Arc;

use csr_facade::seal::{KeyId, Mac, Sealed};
use csr_facade::store::{CallerRow, CsrRow, Proof, StoreError};
use csr_facade::{Caller, CallerKind, CsrId, CsrRecord, Right, Rights};
use csr_model::{Company, ListCsrQuery, PageSize, PrivateKeyAlgo, Usage};

use crate::backend::Backend;
use crate::{Result, checks, ensure};

checks! {
    "inserted rows are read back" => read_back,
    "a list is filtered, ordered and paged" => list,
    "a rename changes only the name" => rename,
    "an id is inserted only once" => unique,
    "callers are stored, found and revoked" => callers,
    "a secret under another master key is refused" => stale_master_key,
    "rows survive reopening" => persistent,
    "concurrent writers get their own answers" => concurrent,
    "two stores over one database see each other" => shared,
}

const KEY: KeyId = KeyId(*b"presentk");

pub(crate) fn record(name: &str, algorithm: PrivateKeyAlgo, create_time: i64) -> Result<CsrRecord> {
    Ok(CsrRecord {
        id: CsrId::random()?,
        name: name.into(),
        domain_name: "exämple.com ".into(),
        sans: "b.example;;'a\"\\ \u{1F512}".into(),
        private_key_algo: algorithm,
        usage: Usage::Enterprise,
        company: Company {
            country: "CN".into(),
            province: "北京".into(),
            city: String::new(),
            name: "A, B; C".into(),
        },
        csr: "-----BEGIN…\r\n".into(),
        create_time,
        update_time: create_time + 1,
    })
}

/// A MAC that nobody checks.
fn mac() -> Option<Mac> {
    Some(Mac { key_id: KEY, tag: [7; 32] })
}

pub(crate) fn row(record: CsrRecord) -> CsrRow {
    CsrRow { record, key_id: None, mac: mac() }
}

fn row_with_key(record: CsrRecord) -> CsrRow {
    CsrRow { key_id: Some(KEY), ..row(record) }
}

fn caller_row(caller: Caller, proof: Proof) -> CallerRow {
    CallerRow { caller, proof, mac: mac() }
}

fn sealed() -> Sealed {
    Sealed { key_id: KEY, bytes: (0..=255).collect() }
}

async fn read_back(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    store.claim_master_key(KEY).await?;
    for &algorithm in PrivateKeyAlgo::ALL {
        let with = row_with_key(record("with", algorithm, 1)?);
        let without = row(record("without", algorithm, i64::MAX - 1)?);
        let ids = (with.record.id, without.record.id);
        store.insert(with.clone(), Some(sealed())).await?;
        store.insert(without.clone(), None).await?;
        ensure!(store.csr(ids.0).await?.as_ref() == Some(&with), "{algorithm}: with a key");
        let found = store.sealed_key(ids.0).await?;
        ensure!(found == Some((with, Some(sealed()))), "{algorithm}: its key");
        let found = store.sealed_key(ids.1).await?;
        ensure!(found == Some((without.clone(), None)), "{algorithm}: without a key");
        ensure!(store.delete(ids.1).await?, "{algorithm}: it was there");
        ensure!(!store.delete(ids.1).await?, "{algorithm}: it is there no longer");
        ensure!(store.csr(ids.1).await?.is_none(), "{algorithm}: deleted");
        ensure!(store.sealed_key(ids.1).await?.is_none(), "{algorithm}: deleted");
    }
    Ok(())
}

async fn list(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    store.claim_master_key(KEY).await?;
    let all = |query: ListCsrQuery| {
        let store = &store;
        async move {
            let page = store.list(&query).await?;
            let names: Vec<String> = page.rows.into_iter().map(|row| row.record.name).collect();
            Ok::<_, StoreError>((names, page.total))
        }
    };
    ensure!(all(ListCsrQuery::default()).await? == (vec![], 0), "an empty store");
    for (index, name) in (0..25).zip(["web", "Web%", "w_b", "web", "日本"].iter().cycle()) {
        let algorithm = if index % 2 == 0 { PrivateKeyAlgo::EcP256 } else { PrivateKeyAlgo::Sm2 };
        // Two CSRs share each time; the later one counts as newer.
        let record = record(&format!("{name} {index}"), algorithm, i64::from(index / 2))?;
        store.insert(row(record), None).await?;
    }
    let (first, total) = all(ListCsrQuery::default()).await?;
    let expected = [
        "日本 24",
        "web 23",
        "w_b 22",
        "Web% 21",
        "web 20",
        "日本 19",
        "web 18",
        "w_b 17",
        "Web% 16",
        "web 15",
    ];
    ensure!(first == expected && total == 25, "first page {first:?} of {total}");
    let query = ListCsrQuery { limit: PageSize::Twenty, offset: 20, ..ListCsrQuery::default() };
    let (last, total) = all(query).await?;
    ensure!(last == ["日本 4", "web 3", "w_b 2", "Web% 1", "web 0"] && total == 25, "last page {last:?}");
    let beyond = ListCsrQuery { offset: u64::MAX, ..ListCsrQuery::default() };
    ensure!(all(beyond).await? == (vec![], 25), "beyond the end");
    for (part, matching) in [("web", 10), ("Web", 5), ("%", 5), ("_", 5), ("本 1", 2), ("", 25), ("'", 0)] {
        let query =
            ListCsrQuery { name: Some(part.into()), limit: PageSize::Fifty, ..ListCsrQuery::default() };
        let (names, total) = all(query).await?;
        ensure!(total == matching && names.len() as u64 == matching, "contains {part:?}: {names:?}");
        ensure!(names.iter().all(|name| name.contains(part)), "contains {part:?}: {names:?}");
    }
    let query = ListCsrQuery {
        name: Some("web".into()),
        private_key_algo: Some(PrivateKeyAlgo::Sm2),
        ..ListCsrQuery::default()
    };
    let (names, total) = all(query).await?;
    ensure!(names == ["web 23", "web 15", "web 13", "web 5", "web 3"] && total == 5, "both: {names:?}");
    Ok(())
}

async fn rename(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    store.claim_master_key(KEY).await?;
    let before = row(record("before", PrivateKeyAlgo::EcP256, 5)?);
    let id = before.record.id;
    store.insert(before.clone(), None).await?;
    let mut after = before.clone();
    after.record.name = "after".into();
    after.record.update_time = 9;
    after.mac = Some(Mac { key_id: KEY, tag: [8; 32] });
    let change = {
        let after = after.clone();
        Arc::new(move |found| if found == before { Ok(after.clone()) } else { Err(refusal()) })
    };
    ensure!(store.change_csr(id, change.clone()).await?.as_ref() == Some(&after), "what it has become");
    ensure!(store.csr(id).await?.as_ref() == Some(&after), "what it is");
    ensure!(store.change_csr(CsrId::random()?, change.clone()).await?.is_none(), "one that is not there");
    let refused = store.change_csr(id, change).await;
    ensure!(matches!(refused, Err(StoreError::Unusable(_))), "a refused change: {refused:?}");
    ensure!(store.csr(id).await? == Some(after), "it is as it was");
    Ok(())
}

fn refusal() -> StoreError {
    StoreError::Unusable("refused".into())
}

async fn unique(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    store.claim_master_key(KEY).await?;
    let first = row(record("first", PrivateKeyAlgo::EcP256, 5)?);
    let mut second = first.clone();
    second.record.name = "second".into();
    store.insert(first.clone(), None).await?;
    ensure!(matches!(store.insert(second, None).await, Err(StoreError::Database(_))), "the same id again");
    ensure!(store.csr(first.record.id).await?.as_ref() == Some(&first), "the first one is as it was");
    Ok(())
}

async fn callers(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    store.claim_master_key(KEY).await?;
    let caller = |id: &str, kind, rights: &[Right]| Caller {
        id: id.into(),
        label: "the Terraform of 北京".into(),
        kind,
        rights: rights.iter().copied().collect::<Rights>(),
        create_time: 7,
        revoke_time: None,
    };
    let (mut near_hash, mut far_hash) = ([0xFF; 32], [0xFF; 32]);
    near_hash[31] = 0;
    far_hash[3] = 0xFE;
    let token = caller("t-1", CallerKind::Token, &[Right::Read]);
    let token = caller_row(token, Proof::TokenHash([0xFF; 32]));
    let near = caller_row(caller("t-2", CallerKind::Token, &[]), Proof::TokenHash(near_hash));
    let far = caller_row(caller("t-3", CallerKind::Token, &Right::ALL), Proof::TokenHash(far_hash));
    let credential = caller("AK", CallerKind::Credential, &[Right::Write, Right::ExportKey]);
    let credential = caller_row(credential, Proof::SecretKey(sealed()));
    let all = [token.clone(), near.clone(), far, credential.clone()];
    for row in all.clone() {
        store.add_caller(row).await?;
    }

    ensure!(store.callers().await? == all, "all callers");
    let found = store.tokens([0xFF; 4]).await?;
    ensure!(found == [token.clone(), near], "tokens by prefix: {found:?}");
    ensure!(store.tokens([0; 4]).await?.is_empty(), "no token has that prefix");
    ensure!(store.caller("AK").await? == Some(credential), "the credential");
    ensure!(store.caller("t-1").await?.as_ref() == Some(&token), "the token");
    ensure!(store.caller("ak").await?.is_none(), "access keys are case sensitive");
    let again = CallerRow { proof: Proof::TokenHash([1; 32]), ..token.clone() };
    let again = store.add_caller(again).await;
    ensure!(matches!(again, Err(StoreError::Database(_))), "the same id again");

    let mut revoked = token;
    revoked.caller.revoke_time = Some(8);
    revoked.mac = Some(Mac { key_id: KEY, tag: [8; 32] });
    let change = {
        let revoked = revoked.clone();
        Arc::new(move |_| Ok(Some(revoked.clone())))
    };
    ensure!(!store.change_caller("t-9", change.clone()).await?, "it is not there");
    ensure!(!store.change_caller("t-1", Arc::new(|_| Ok(None))).await?, "left as it was");
    ensure!(store.change_caller("t-1", change).await?, "it was revoked");
    let refused = store.change_caller("t-1", Arc::new(|_| Err(refusal()))).await;
    ensure!(matches!(refused, Err(StoreError::Unusable(_))), "a refused change: {refused:?}");
    ensure!(store.tokens([0xFF; 4]).await?.first() == Some(&revoked), "when it was revoked");
    Ok(())
}

async fn stale_master_key(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    ensure!(store.master_key().await?.is_none(), "a new store");
    let new = row_with_key(record("before any key", PrivateKeyAlgo::EcP256, 1)?);
    let early = store.insert(new, Some(sealed())).await;
    ensure!(matches!(early, Err(StoreError::StaleMasterKey)), "before any key: {early:?}");
    ensure!(store.claim_master_key(KEY).await? == KEY, "the first key");
    ensure!(store.claim_master_key(KeyId([0; 8])).await? == KEY, "a second key");
    let stale_mac = Some(Mac { key_id: KeyId([0; 8]), tag: [7; 32] });
    let stale = || Sealed { key_id: KeyId([0; 8]), bytes: vec![1] };
    let new = || Ok::<_, crate::Error>(row(record("stale", PrivateKeyAlgo::EcP256, 1)?));
    for (refused, key) in [
        (CsrRow { key_id: Some(KeyId([0; 8])), ..new()? }, Some(stale())),
        (CsrRow { key_id: Some(KEY), mac: stale_mac, ..new()? }, Some(sealed())),
        (CsrRow { mac: stale_mac, ..new()? }, None),
        (CsrRow { mac: None, ..new()? }, None),
    ] {
        let id = refused.record.id;
        let insert = store.insert(refused, key).await;
        ensure!(matches!(insert, Err(StoreError::StaleMasterKey)), "a CSR: {insert:?}");
        ensure!(store.csr(id).await?.is_none(), "it was refused");
    }
    let caller = Caller {
        id: "AK".into(),
        label: String::new(),
        kind: CallerKind::Credential,
        rights: Rights::all(),
        create_time: 1,
        revoke_time: None,
    };
    let row = |proof| caller_row(caller.clone(), proof);
    for refused in [
        row(Proof::SecretKey(stale())),
        CallerRow { mac: stale_mac, ..row(Proof::SecretKey(sealed())) },
        CallerRow { mac: stale_mac, ..row(Proof::TokenHash([1; 32])) },
        CallerRow { mac: None, ..row(Proof::TokenHash([1; 32])) },
    ] {
        let insert = store.add_caller(refused).await;
        ensure!(matches!(insert, Err(StoreError::StaleMasterKey)), "a caller: {insert:?}");
    }
    ensure!(store.callers().await?.is_empty(), "it was refused");
    Ok(())
}

async fn persistent(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let kept = row_with_key(record("kept", PrivateKeyAlgo::Rsa2048, 1)?);
    {
        let store = place.open().await?;
        store.claim_master_key(KEY).await?;
        store.insert(kept.clone(), Some(sealed())).await?;
    }
    let store = place.open().await?;
    ensure!(store.sealed_key(kept.record.id).await? == Some((kept, Some(sealed()))), "the CSR");
    ensure!(store.master_key().await? == Some(KEY), "the master key's id");
    Ok(())
}

async fn concurrent(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    store.claim_master_key(KEY).await?;
    let taken = row(record("taken", PrivateKeyAlgo::Sm2, 1)?);
    store.insert(taken.clone(), None).await?;
    let mut writers = Vec::new();
    for index in 0..200_i64 {
        // Every tenth write uses an id that is taken. It alone must fail.
        let mut new = row(record(&format!("n{index}"), PrivateKeyAlgo::Sm2, index)?);
        if index % 10 == 0 {
            new.record.id = taken.record.id;
        }
        let store = store.clone();
        writers.push(tokio::spawn(async move { (index, new.record.id, store.insert(new, None).await) }));
    }
    let mut ids = HashSet::new();
    for writer in writers {
        let (index, id, inserted) = writer.await?;
        ensure!(inserted.is_ok() == (index % 10 != 0), "{index}: {inserted:?}");
        if inserted.is_ok() {
            ids.insert(id);
            ensure!(store.csr(id).await?.is_some(), "{index} was acknowledged");
        }
    }
    ensure!(ids.len() == 180, "{} ids", ids.len());
    ensure!(store.list(&ListCsrQuery::default()).await?.total == 181, "all of them, and the first");
    Ok(())
}

async fn shared(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let (one, other) = (place.open().await?, place.open().await?);
    one.claim_master_key(KEY).await?;
    let mut writers = Vec::new();
    for index in 0..50 {
        for store in [&one, &other] {
            let (store, new) = (store.clone(), row(record("x", PrivateKeyAlgo::Sm2, index)?));
            writers.push(tokio::spawn(async move { store.insert(new, None).await }));
        }
    }
    for writer in writers {
        writer.await??;
    }
    for store in [&one, &other] {
        ensure!(store.list(&ListCsrQuery::default()).await?.total == 100, "both wrote 50");
    }
    Ok(())
}

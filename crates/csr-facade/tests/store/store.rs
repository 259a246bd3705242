//! The trait, on any store.

use std::collections::HashSet;

use csr_facade::seal::{KeyId, Sealed};
use csr_facade::store::{Proof, StoreError};
use csr_facade::{Caller, CallerKind, CsrId, CsrRecord, Right, Rights};
use csr_model::{ListCsrQuery, PageSize, PrivateKeyAlgo, Usage};

use crate::backend::Backend;
use crate::{Result, checks, ensure};

checks! {
    "what is inserted is read back" => read_back,
    "a list is filtered, ordered and paged" => list,
    "a rename changes the name alone" => rename,
    "an id is there once" => unique,
    "callers are kept, found and revoked" => callers,
    "what is sealed under another master key is refused" => stale_master_key,
    "it is there after opening anew" => persistent,
    "writers at the same time, each with its own answer" => concurrent,
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
        company_country: "CN".into(),
        company_province: "北京".into(),
        company_city: String::new(),
        company_name: "A, B; C".into(),
        csr: "-----BEGIN…\r\n".into(),
        create_time,
        update_time: create_time + 1,
    })
}

fn sealed() -> Sealed {
    Sealed { key_id: KEY, bytes: (0..=255).collect() }
}

async fn read_back(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    store.claim_master_key(KEY).await?;
    for &algorithm in PrivateKeyAlgo::ALL {
        let (with, without) = (record("with", algorithm, 1)?, record("without", algorithm, i64::MAX - 1)?);
        store.insert(with.clone(), Some(sealed())).await?;
        store.insert(without.clone(), None).await?;
        ensure!(store.csr(with.id).await?.as_ref() == Some(&with), "{algorithm}: with a key");
        let found = store.sealed_key(with.id).await?;
        ensure!(found == Some((with, Some(sealed()))), "{algorithm}: its key");
        let found = store.sealed_key(without.id).await?;
        ensure!(found == Some((without.clone(), None)), "{algorithm}: without a key");
        ensure!(store.delete(without.id).await?, "{algorithm}: it was there");
        ensure!(!store.delete(without.id).await?, "{algorithm}: it is there no longer");
        ensure!(store.csr(without.id).await?.is_none(), "{algorithm}: deleted");
        ensure!(store.sealed_key(without.id).await?.is_none(), "{algorithm}: deleted");
    }
    Ok(())
}

async fn list(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    let all = |query: ListCsrQuery| {
        let store = &store;
        async move {
            let page = store.list(&query).await?;
            let names: Vec<String> = page.records.into_iter().map(|record| record.name).collect();
            Ok::<_, StoreError>((names, page.total))
        }
    };
    ensure!(all(ListCsrQuery::default()).await? == (vec![], 0), "an empty store");
    for (index, name) in (0..25).zip(["web", "Web%", "w_b", "web", "日本"].iter().cycle()) {
        let algorithm = if index % 2 == 0 { PrivateKeyAlgo::EcP256 } else { PrivateKeyAlgo::Sm2 };
        // Two share each time; the later one is newer.
        store.insert(record(&format!("{name} {index}"), algorithm, i64::from(index / 2))?, None).await?;
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
    let before = record("before", PrivateKeyAlgo::EcP256, 5)?;
    store.insert(before.clone(), None).await?;
    let after = CsrRecord { name: "after".into(), update_time: 9, ..before.clone() };
    ensure!(store.rename(before.id, "after", 9).await?.as_ref() == Some(&after), "what it has become");
    ensure!(store.csr(before.id).await?.as_ref() == Some(&after), "what it is");
    ensure!(store.rename(CsrId::random()?, "x", 9).await?.is_none(), "one that is not there");
    Ok(())
}

async fn unique(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    let first = record("first", PrivateKeyAlgo::EcP256, 5)?;
    let second = CsrRecord { name: "second".into(), ..first.clone() };
    store.insert(first.clone(), None).await?;
    ensure!(matches!(store.insert(second, None).await, Err(StoreError::Database(_))), "the same id again");
    ensure!(store.csr(first.id).await?.as_ref() == Some(&first), "the first one is as it was");
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
    let token = caller("t-1", CallerKind::Token, &[Right::Read]);
    let near = caller("t-2", CallerKind::Token, &[]);
    let far = caller("t-3", CallerKind::Token, &Right::ALL);
    let credential = caller("AK", CallerKind::Credential, &[Right::Write, Right::ExportKey]);
    let (mut near_hash, mut far_hash) = ([0xFF; 32], [0xFF; 32]);
    near_hash[31] = 0;
    far_hash[3] = 0xFE;
    store.add_caller(token.clone(), Proof::TokenHash([0xFF; 32])).await?;
    store.add_caller(near.clone(), Proof::TokenHash(near_hash)).await?;
    store.add_caller(far.clone(), Proof::TokenHash(far_hash)).await?;
    store.add_caller(credential.clone(), Proof::SecretKey(sealed())).await?;

    let all = [token.clone(), near.clone(), far.clone(), credential.clone()];
    ensure!(store.callers().await? == all, "all callers");
    let found = store.tokens([0xFF; 4]).await?;
    ensure!(found == [(token.clone(), [0xFF; 32]), (near, near_hash)], "tokens by prefix: {found:?}");
    ensure!(store.tokens([0; 4]).await?.is_empty(), "no token has that prefix");
    ensure!(store.credential("AK").await? == Some((credential, sealed())), "the credential");
    ensure!(store.credential("t-1").await?.is_none(), "a token is no credential");
    ensure!(store.credential("ak").await?.is_none(), "access keys are case sensitive");
    let again = store.add_caller(token.clone(), Proof::TokenHash([1; 32])).await;
    ensure!(matches!(again, Err(StoreError::Database(_))), "the same id again");

    ensure!(store.revoke_caller("t-1", 8).await?, "it was not revoked");
    ensure!(!store.revoke_caller("t-1", 9).await?, "it was revoked");
    ensure!(!store.revoke_caller("t-9", 9).await?, "it is not there");
    let revoked = Caller { revoke_time: Some(8), ..token };
    ensure!(store.tokens([0xFF; 4]).await?.first() == Some(&(revoked, [0xFF; 32])), "when it was revoked");
    Ok(())
}

async fn stale_master_key(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    ensure!(store.master_key().await?.is_none(), "a new store");
    let new = record("before any key", PrivateKeyAlgo::EcP256, 1)?;
    let early = store.insert(new, Some(sealed())).await;
    ensure!(matches!(early, Err(StoreError::StaleMasterKey)), "before any key: {early:?}");
    ensure!(store.claim_master_key(KEY).await? == KEY, "the first key");
    ensure!(store.claim_master_key(KeyId([0; 8])).await? == KEY, "a second key");
    let stale = || Sealed { key_id: KeyId([0; 8]), bytes: vec![1] };
    let refused = record("stale", PrivateKeyAlgo::EcP256, 1)?;
    let insert = store.insert(refused.clone(), Some(stale())).await;
    ensure!(matches!(insert, Err(StoreError::StaleMasterKey)), "a CSR: {insert:?}");
    ensure!(store.csr(refused.id).await?.is_none(), "it was refused");
    let caller = Caller {
        id: "AK".into(),
        label: String::new(),
        kind: CallerKind::Credential,
        rights: Rights::all(),
        create_time: 1,
        revoke_time: None,
    };
    let insert = store.add_caller(caller, Proof::SecretKey(stale())).await;
    ensure!(matches!(insert, Err(StoreError::StaleMasterKey)), "a credential: {insert:?}");
    ensure!(store.callers().await?.is_empty(), "it was refused");
    Ok(())
}

async fn persistent(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let kept = record("kept", PrivateKeyAlgo::Rsa2048, 1)?;
    {
        let store = place.open().await?;
        store.claim_master_key(KEY).await?;
        store.insert(kept.clone(), Some(sealed())).await?;
    }
    let store = place.open().await?;
    ensure!(store.sealed_key(kept.id).await? == Some((kept, Some(sealed()))), "the CSR");
    ensure!(store.master_key().await? == Some(KEY), "the master key's id");
    Ok(())
}

async fn concurrent(backend: &dyn Backend) -> Result<()> {
    let place = backend.place().await?;
    let store = place.open().await?;
    let taken = record("taken", PrivateKeyAlgo::Sm2, 1)?;
    store.insert(taken.clone(), None).await?;
    let mut writers = Vec::new();
    for index in 0..200_i64 {
        // Every tenth asks for an id that is taken: it alone must fail.
        let mut new = record(&format!("n{index}"), PrivateKeyAlgo::Sm2, index)?;
        if index % 10 == 0 {
            new.id = taken.id;
        }
        let store = store.clone();
        writers.push(tokio::spawn(async move { (index, new.id, store.insert(new, None).await) }));
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
    let mut writers = Vec::new();
    for index in 0..50 {
        for store in [&one, &other] {
            let (store, new) = (store.clone(), record("x", PrivateKeyAlgo::Sm2, index)?);
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

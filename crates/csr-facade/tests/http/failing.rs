//! The failure of a store goes to the log, not to the client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Method, StatusCode};
use csr_facade::http::Limits;
use csr_facade::seal::{KeyId, Sealed};
use csr_facade::store::{CallerRow, ChangeCaller, ChangeCsr, CsrRow, Page, Reseal, SqliteStore, StoreError};
use csr_facade::{CsrId, Store};
use csr_model::ListCsrQuery;
use futures_util::FutureExt;
use futures_util::future::join_all;
use tokio::runtime::Handle;
use tokio::sync::Mutex;

use crate::Result;
use crate::api::{Api, CREATE};
use crate::secrets::logged;

const CAUSE: &str = "planted cause: disk I/O error";

type Stored<T> = core::result::Result<T, StoreError>;

/// A store whose CSRs become unreachable when that is switched on.
struct Failing {
    store: SqliteStore,
    control: Arc<Control>,
}

#[derive(Default)]
struct Control {
    fails: AtomicBool,
    /// How often its readiness was checked.
    asked: AtomicUsize,
    /// While this is locked, the check waits.
    hangs: Mutex<()>,
}

impl Failing {
    fn check(&self) -> Stored<()> {
        if self.control.fails.load(Ordering::Relaxed) {
            Err(StoreError::Database(CAUSE.to_owned()))
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl Store for Failing {
    async fn insert(&self, row: CsrRow, key: Option<Sealed>) -> Stored<()> {
        self.check()?;
        self.store.insert(row, key).await
    }
    async fn csr(&self, id: CsrId) -> Stored<Option<CsrRow>> {
        self.check()?;
        self.store.csr(id).await
    }
    async fn list(&self, query: &ListCsrQuery) -> Stored<Page> {
        self.check()?;
        self.store.list(query).await
    }
    async fn sealed_key(&self, id: CsrId) -> Stored<Option<(CsrRow, Option<Sealed>)>> {
        self.check()?;
        self.store.sealed_key(id).await
    }
    async fn change_csr(&self, id: CsrId, change: ChangeCsr) -> Stored<Option<CsrRow>> {
        self.check()?;
        self.store.change_csr(id, change).await
    }
    async fn delete(&self, id: CsrId) -> Stored<bool> {
        self.check()?;
        self.store.delete(id).await
    }
    async fn add_caller(&self, row: CallerRow) -> Stored<()> {
        self.store.add_caller(row).await
    }
    async fn callers(&self) -> Stored<Vec<CallerRow>> {
        self.store.callers().await
    }
    async fn change_caller(&self, id: &str, change: ChangeCaller) -> Stored<bool> {
        self.store.change_caller(id, change).await
    }
    async fn tokens(&self, hash_prefix: [u8; 4]) -> Stored<Vec<CallerRow>> {
        self.store.tokens(hash_prefix).await
    }
    async fn caller(&self, id: &str) -> Stored<Option<CallerRow>> {
        self.store.caller(id).await
    }
    async fn master_key(&self) -> Stored<Option<KeyId>> {
        self.store.master_key().await
    }
    async fn claim_master_key(&self, id: KeyId) -> Stored<KeyId> {
        self.store.claim_master_key(id).await
    }
    async fn reseal(&self, old: KeyId, new: KeyId, reseal: Arc<dyn Reseal>) -> Stored<u64> {
        self.store.reseal(old, new, reseal).await
    }
    async fn ready(&self) -> Stored<()> {
        self.control.asked.fetch_add(1, Ordering::Relaxed);
        drop(self.control.hangs.lock().await);
        self.check()?;
        self.store.ready().await
    }
}

async fn over_failing(change: impl FnOnce(&mut Limits)) -> Result<(Api, Arc<Control>)> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("store").join("csr.db");
    let store = tokio::task::spawn_blocking(move || SqliteStore::open(&path)).await??;
    let control = Arc::<Control>::default();
    let store = Failing { store, control: Arc::clone(&control) };
    Ok((Api::over(Arc::new(store), folder, |_, limits| change(limits)).await?, control))
}

/// Anyone may ask whether the store is ready. The check writes to the disk, so not every request
/// may cause one.
#[tokio::test]
async fn readiness_is_checked_once_for_many_requests() -> Result {
    let (api, store) = over_failing(|limits| limits.readiness = Duration::from_secs(3_600)).await?;
    for answer in join_all((0..50).map(|_| api.get("/readyz"))).await {
        assert_eq!(answer?.status, StatusCode::OK);
    }
    assert_eq!(store.asked.load(Ordering::Relaxed), 1);
    store.fails.store(true, Ordering::Relaxed);
    assert_eq!(api.get("/readyz").await?.status, StatusCode::OK);

    let (api, store) = over_failing(|limits| limits.readiness = Duration::ZERO).await?;
    for round in 1..=3 {
        store.fails.store(round == 2, Ordering::Relaxed);
        let status = if round == 2 { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
        assert_eq!(api.get("/readyz").await?.status, status);
        assert_eq!(store.asked.load(Ordering::Relaxed), round);
    }
    Ok(())
}

#[tokio::test]
async fn cancelled_readiness_requests_leave_at_most_one_task() -> Result {
    let (api, store) = over_failing(|limits| limits.readiness = Duration::from_secs(3_600)).await?;
    let tasks = || Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let hangs = store.hangs.lock().await;
    for _ in 0..50 {
        assert!(api.get("/readyz").now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    assert!(tasks() <= before + 1, "{} tasks from {before}", tasks());

    drop(hangs);
    assert_eq!(api.get("/readyz").await?.status, StatusCode::OK);
    assert_eq!(store.asked.load(Ordering::Relaxed), 1);
    Ok(())
}

#[tokio::test]
async fn internal_error_is_scm_0500_and_its_cause_is_only_logged() -> Result {
    let (api, store) = over_failing(|limits| limits.readiness = Duration::ZERO).await?;
    let one = format!("/v3/scm/csr/{}", api.create().await?);
    assert_eq!(api.get("/readyz").await?.status, StatusCode::OK);

    store.fails.store(true, Ordering::Relaxed);
    for (method, path, body) in [
        (Method::POST, "/v3/scm/csr", CREATE),
        (Method::GET, "/v3/scm/csr", ""),
        (Method::GET, &*one, ""),
        (Method::GET, &*format!("{one}/private-key"), ""),
        (Method::PUT, &*one, r#"{"name":"new"}"#),
        (Method::DELETE, &*one, ""),
    ] {
        let answer = api.call(method, path, body).await?;
        assert_eq!(answer.error(500, "SCM.0500")?, "internal error");
        let id = answer.headers["x-request-id"].to_str()?.to_owned();
        let log = logged();
        let line = log.lines().find(|line| line.contains(&id) && line.contains("internal error"));
        assert!(line.is_some_and(|line| line.contains(CAUSE)), "no cause for {id}");
    }
    assert_eq!(api.get("/readyz").await?.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(api.call(Method::GET, "/healthz", Body::empty()).await?.status, StatusCode::OK);

    store.fails.store(false, Ordering::Relaxed);
    api.get(&one).await?.expect(StatusCode::OK)?;
    Ok(())
}

//! A whole façade in a temporary folder, and answers that are easy to inspect.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use bytes::Bytes;
use csr_facade::auth::Clock;
use csr_facade::http::{Limits, Peer, router_with_fallback};
use csr_facade::seal::MasterKey;
use csr_facade::store::SqliteStore;
use csr_facade::vault::MasterKeySource;
use csr_facade::{Access, Authenticator, Rights, Service, ServiceOptions, Store, Vault};
use http_body_util::BodyExt;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;
use zeroize::Zeroizing;

use crate::Result;
use crate::secrets::keep_log;

/// A request's JSON for an EC_P256 key.
pub(crate) const CREATE: &str = r#"{"name":"web","domain_name":"example.com","sans":"www.example.com;192.0.2.7",
    "private_key_algo":"EC_P256","usage":"PERSONAL"}"#;

pub(crate) struct Api {
    pub(crate) router: Router,
    pub(crate) service: Service,
    pub(crate) access: Access,
    /// With every right.
    pub(crate) token: Zeroizing<String>,
    /// In seconds since the epoch.
    clock: Arc<AtomicU64>,
    pub(crate) folder: TempDir,
}

impl Api {
    pub(crate) async fn new() -> Result<Self> {
        Self::with(|_, _| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut ServiceOptions, &mut Limits)) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("store").join("csr.db");
        let store = tokio::task::spawn_blocking(move || SqliteStore::open(&path)).await??;
        Self::over(Arc::new(store), folder, change).await
    }

    pub(crate) async fn over(
        store: Arc<dyn Store>,
        folder: TempDir,
        change: impl FnOnce(&mut ServiceOptions, &mut Limits),
    ) -> Result<Self> {
        keep_log();
        let (mut options, mut limits) = (ServiceOptions::default(), Limits::default());
        change(&mut options, &mut limits);
        let vault = Vault::open(store, MasterKeySource::Given(MasterKey::random()?)).await?;
        let service = Service::new(vault.clone(), options);
        let clock = Arc::new(AtomicU64::new(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs()));
        let authenticator = Authenticator::new(vault.clone()).with_clock(self::clock(&clock));
        let access = Access::new(vault);
        let token = access.issue_token("tests", Rights::all()).await?.token;
        Ok(Self {
            router: router_with_fallback(service.clone(), authenticator, limits),
            service,
            access,
            token,
            clock,
            folder,
        })
    }

    /// The server's clock, for another authenticator.
    pub(crate) fn clock(&self) -> Clock {
        clock(&self.clock)
    }

    /// Sets the server's clock, in seconds since the epoch.
    pub(crate) fn set_clock(&self, seconds: u64) {
        self.clock.store(seconds, Ordering::Relaxed);
    }

    /// Sends any request.
    pub(crate) async fn send(&self, request: Request<Body>) -> Result<Answer> {
        Answer::read(self.router.clone().oneshot(request).await?).await
    }

    /// Sends a request with a token.
    pub(crate) async fn call_with(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: impl Into<Body>,
    ) -> Result<Answer> {
        let request = Request::builder().method(method).uri(path).header("X-Auth-Token", token);
        self.send(request.extension(Peer([127, 0, 0, 1].into())).body(body.into())?).await
    }

    /// Sends a request with the token that has every right.
    pub(crate) async fn call(&self, method: Method, path: &str, body: impl Into<Body>) -> Result<Answer> {
        self.call_with(&self.token, method, path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Answer> {
        self.call(Method::GET, path, Body::empty()).await
    }

    /// Creates a CSR, and returns its id.
    pub(crate) async fn create(&self) -> Result<String> {
        let answer = self.call(Method::POST, "/v3/scm/csr", CREATE).await?;
        Ok(answer.expect(StatusCode::CREATED)?.text("id")?.to_owned())
    }
}

/// A clock that shows the time that was set.
fn clock(seconds: &Arc<AtomicU64>) -> Clock {
    let seconds = Arc::clone(seconds);
    Arc::new(move || UNIX_EPOCH + Duration::from_secs(seconds.load(Ordering::Relaxed)))
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    async fn read(response: axum::response::Response) -> Result<Self> {
        let (parts, body) = response.into_parts();
        let answer =
            Self { status: parts.status, headers: parts.headers, body: body.collect().await?.to_bytes() };
        let id = answer.headers.get("x-request-id").ok_or("an answer without X-Request-Id")?;
        assert_eq!(id.len(), 32);
        Ok(answer)
    }

    pub(crate) fn json(&self) -> Result<Value> {
        assert_eq!(self.headers.get("content-type").map(|v| v.as_bytes()), Some(&b"application/json"[..]));
        Ok(serde_json::from_slice(&self.body)?)
    }

    /// The body of an answer with this status.
    pub(crate) fn expect(&self, status: StatusCode) -> Result<Fields> {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        Ok(Fields(self.json()?))
    }

    /// The message of an error with this status and code.
    pub(crate) fn error(&self, status: u16, code: &str) -> Result<String> {
        let body = self.expect(StatusCode::from_u16(status)?)?;
        assert_eq!(body.text("error_code")?, code);
        let message = body.text("error_msg")?;
        assert!(!message.is_empty() && message.chars().count() <= 1_024, "{message}");
        let Value::Object(fields) = &body.0 else { return Err("an error that is no object".into()) };
        assert_eq!(fields.len(), 2);
        Ok(message.to_owned())
    }
}

/// A JSON object.
pub(crate) struct Fields(pub(crate) Value);

impl Fields {
    pub(crate) fn text(&self, name: &str) -> Result<&str> {
        self.0[name].as_str().ok_or_else(|| format!("{name} is no string in {}", self.0).into())
    }
}

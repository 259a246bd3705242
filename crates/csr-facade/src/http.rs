//! The API over HTTP: [`router`] is what answers, [`serve`] is what listens.
//!
//! Beside the API's seven operations, and without authentication, there are `GET /healthz` (the process answers),
//! `GET /readyz` (so does its store), `GET /metrics` (Prometheus), `GET /openapi.json` and `GET /docs`.

mod admit;
mod answer;
mod body;
mod context;
mod docs;
mod host;
mod metrics;
mod observe;
pub mod openapi;
mod operation;
mod operations;
mod probes;
mod query;
mod serve;
pub mod tls;

use std::sync::Arc;
use std::time::Duration;

use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get};
use axum::{Router, routing};

use self::answer::Failure;
use self::metrics::Metrics;
use self::probes::Readiness;
use crate::{Authenticator, Service};

pub use context::Peer;
pub use host::{HostName, MalformedHost};
pub use serve::serve;

/// How much of everything, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest body, bytes.
    pub body: usize,
    /// For a TLS handshake, for a request's head, and for the pause before the next request on a connection.
    pub head_timeout: Duration,
    /// For a request's body.
    pub body_timeout: Duration,
    /// From a request's head to its answer, the body included.
    pub request_timeout: Duration,
    /// For a client to read on in its answer.
    pub answer_timeout: Duration,
    /// How many connections are open at once. When one more comes, the one that has been waiting longest for its
    /// client is closed, unless all are answering known callers.
    pub connections: usize,
    /// How many connections may be sending heads over 32 KiB at once (up to 2 MiB and 64 KiB, the token's documented
    /// length); the others wait.
    pub large_heads: usize,
    /// How long a verdict of `GET /readyz` on the store is given again before the store is asked anew, which writes to
    /// its disk.
    pub readiness: Duration,
    /// How long a shutdown waits for the requests that were accepted.
    pub shutdown: Duration,
    /// The hosts that requests may name beside this machine (`localhost`, 127.0.0.0/8, `[::1]`) where [`serve`] listens at a
    /// loopback address: what a proxy in front of it passes on. Others are refused with 421, so that no web page reads
    /// what is served by letting its own name point here.
    pub allowed_hosts: Vec<HostName>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 * 1024,
            head_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            answer_timeout: Duration::from_secs(15),
            connections: 1_024,
            large_heads: 8,
            readiness: Duration::from_secs(5),
            shutdown: Duration::from_secs(30),
            allowed_hosts: Vec::new(),
        }
    }
}

/// What every handler needs.
#[derive(Clone)]
struct App(Arc<Shared>);

struct Shared {
    service: Service,
    authenticator: Authenticator,
    metrics: Metrics,
    limits: Limits,
    readiness: Readiness,
}

impl core::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Answers the API's requests.
pub fn router(service: Service, authenticator: Authenticator, limits: Limits) -> Router {
    let (metrics, readiness) = (Metrics::new(), Readiness::default());
    let app = App(Arc::new(Shared { service, authenticator, metrics, limits, readiness }));
    Router::new()
        .route("/v3/scm/csr", only_get(operations::list).post(operations::create))
        .route("/v3/scm/csr/upload", routing::post(operations::upload))
        .route(
            "/v3/scm/csr/{id}",
            only_get(operations::show).put(operations::update).delete(operations::delete),
        )
        .route("/v3/scm/csr/{id}/private-key", only_get(operations::show_private_key))
        .route("/healthz", only_get(probes::healthz))
        .route("/readyz", only_get(probes::readyz))
        .route("/metrics", only_get(probes::metrics))
        .route("/openapi.json", only_get(docs::openapi))
        .route("/docs", only_get(docs::page))
        .fallback(no_such_api)
        .method_not_allowed_fallback(no_such_api)
        .layer(from_fn_with_state(app.clone(), host::check))
        .layer(from_fn_with_state(app.clone(), observe::observe))
        .with_state(app)
}

/// `GET` without the `HEAD` that axum adds: the API has none.
fn only_get<H, T>(handler: H) -> MethodRouter<App>
where
    H: Handler<T, App>,
    T: 'static,
{
    get(handler).head(no_such_api)
}

/// For the fuzz targets: the query of a list.
#[cfg(feature = "fuzzing")]
pub(crate) fn list_query(query: &str) -> Result<csr_model::ListCsrQuery, crate::Error> {
    query::list(query)
}

async fn no_such_api() -> Failure {
    Failure::NoSuchApi
}

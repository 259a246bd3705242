//! The API over HTTP: [`router`] answers requests, [`serve`] listens for them.
//!
//! Beside the API's seven operations, and without authentication, it serves `GET /healthz` (the
//! process answers), `GET /readyz` (so does its store), `GET /metrics` (Prometheus), `GET /openapi.json`
//! and `GET /docs`.

mod admit;
mod answer;
mod app;
mod body;
mod context;
mod docs;
mod handlers;
mod host;
mod limits;
mod metrics;
mod observe;
#[cfg(feature = "openapi")]
pub mod openapi;
mod operation;
mod probes;
mod query;
mod readiness;
mod router;
mod serve;
pub mod tls;

pub use context::Peer;
pub use host::{HostName, MalformedHost};
pub use limits::Limits;
pub use router::{router, router_with_fallback};
pub use serve::serve;

/// For the fuzz targets: the query of a list.
#[cfg(feature = "fuzzing")]
pub(crate) fn list_query(query: &str) -> Result<csr_model::ListCsrQuery, csr_model::Faults> {
    query::list(query)
}

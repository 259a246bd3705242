//! For whoever runs the server.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::time::Instant;

use super::answer::with_causes;
use super::{App, metrics};

/// The last verdict on the store, and when it was asked for. To find out, something is written to the disk: nobody
/// known may ask, so they must not cause a write each time.
pub(super) type Readiness = Arc<Mutex<Verdict>>;

type Verdict = Option<(Instant, bool)>;

pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

pub(super) async fn readyz(State(app): State<App>) -> Response {
    if app.is_ready().await {
        "ready\n".into_response()
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the store is not ready\n").into_response()
    }
}

impl App {
    async fn is_ready(&self) -> bool {
        // Who waits here and goes leaves nothing behind, however long a store hangs.
        let last = Arc::clone(&self.readiness).lock_owned().await;
        if let Some((asked, ready)) = *last
            && asked.elapsed() < self.limits.readiness
        {
            return ready;
        }
        // A task of its own: the verdict is kept even if whoever asked has gone. The lock makes it the only one.
        let app = self.clone();
        tokio::spawn(async move { app.ask_store(last).await }).await.unwrap_or(false)
    }

    async fn ask_store(&self, mut last: OwnedMutexGuard<Verdict>) -> bool {
        let asked = self.service.ready().await;
        if let Err(error) = &asked {
            let cause = with_causes(error);
            tracing::warn!(target: "csr::http", cause, "the store is not ready");
        }
        *last = Some((Instant::now(), asked.is_ok()));
        asked.is_ok()
    }
}

pub(super) async fn metrics(State(app): State<App>) -> Response {
    match app.metrics.encode(app.service.generation()) {
        Ok(text) => ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

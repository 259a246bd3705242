//! Middleware around every request: its id, its time-out, its line in the log, and its metrics.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Method};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use csr_model::Excerpt;
use tokio::time::timeout;

use super::answer::{Cause, Failure};
use super::app::App;
use super::context::{Context, Peer, SharedContext};
use super::operation::Operation;
use crate::service::AUDIT_TARGET;

const REQUEST_ID: &str = "x-request-id";

pub(super) async fn observe(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let context: SharedContext = Arc::new(Context {
        request_id: request_id(),
        peer: request.extensions().get().map(|Peer(address)| *address),
        ..Context::default()
    });
    let line = Line {
        method: request.method().clone(),
        path: request.extensions().get::<MatchedPath>().cloned(),
        started,
    };
    request.extensions_mut().insert(Arc::clone(&context));
    let mut response = match timeout(app.limits.request_timeout, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Failure::RequestTimeout.into_response(),
    };
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(id) = HeaderValue::from_str(&context.request_id) {
        headers.insert(REQUEST_ID, id);
    }
    let (operation, algorithm) = (context.operation.get().copied(), context.algorithm.get().copied());
    app.metrics.answered(operation, algorithm, response.status(), started.elapsed());
    line.write(&context, &response);
    response
}

/// 128 random bits. If the random source fails, the request has no id, but is still answered.
fn request_id() -> String {
    let mut bytes = [0_u8; 16];
    match getrandom::fill(&mut bytes) {
        Ok(()) => hex::lower::encode_string(&bytes),
        Err(_) => String::new(),
    }
}

struct Line {
    method: Method,
    path: Option<MatchedPath>,
    started: Instant,
}

impl Line {
    fn write(self, context: &Context, response: &Response) {
        let Context { request_id, peer, operation, caller, csr, algorithm } = context;
        let peer = peer.map(|peer| peer.to_string());
        let caller = caller.get();
        // A method may be any word, however long.
        let method = Excerpt::of(self.method.as_str());
        let status = response.status().as_u16();
        if let Some(Cause(cause)) = response.extensions().get() {
            tracing::error!(target: "csr::http", request_id, cause, "internal error");
        }
        if operation.get() == Some(&Operation::ShowCsrPrivateKey) {
            let csr = csr.get();
            let what =
                if response.status().is_success() { "private key read" } else { "private key not given out" };
            tracing::info!(target: AUDIT_TARGET, request_id, peer, caller, csr, status, "{what}");
        }
        tracing::info!(
            target: "csr::http",
            request_id,
            peer,
            caller,
            method = method.as_str().map(display),
            path = self.path.as_ref().map(MatchedPath::as_str),
            algorithm = algorithm.get().map(|algorithm| algorithm.as_str()),
            status,
            ms = self.started.elapsed().as_micros() as f64 / 1e3,
            "request"
        );
    }
}

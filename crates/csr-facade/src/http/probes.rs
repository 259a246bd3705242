//! For whoever runs the server.

use std::error::Error;

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use super::{App, metrics};

pub(super) async fn healthz() -> &'static str {
    "ok\n"
}

pub(super) async fn readyz(State(app): State<App>) -> Response {
    match app.service.ready().await {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            let cause = error.source().map(ToString::to_string);
            tracing::warn!(target: "csr::http", cause, "the store is not ready: {error}");
            (StatusCode::SERVICE_UNAVAILABLE, "the store is not ready\n").into_response()
        }
    }
}

pub(super) async fn metrics(State(app): State<App>) -> Response {
    match app.metrics.encode(app.service.generation()) {
        Ok(text) => ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

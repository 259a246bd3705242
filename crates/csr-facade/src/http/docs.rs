//! The OpenAPI document, and a page to browse it that loads nothing from elsewhere.

use std::sync::OnceLock;

use axum::http::StatusCode;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse, Response};

use super::openapi as document;

const PAGE: &str = include_str!("docs.html");
const POLICY: &str = "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; \
                      style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) async fn openapi() -> Response {
    static JSON: OnceLock<Option<String>> = OnceLock::new();
    match JSON.get_or_init(|| document::json().ok()) {
        Some(json) => ([(CONTENT_TYPE, "application/json")], json.as_str()).into_response(),
        None => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

pub(super) async fn page() -> impl IntoResponse {
    ([(CONTENT_SECURITY_POLICY, POLICY)], Html(PAGE))
}

//! Entry points for the fuzz targets. They are no part of the API: they exist only with the feature
//! `fuzzing`, and may change at any time.

use axum::http::request::Parts;
use csr_model::{Faults, ListCsrQuery};

use crate::{auth, http};

/// The canonical request; `None` when a signed header is missing.
#[must_use]
pub fn canonical_request(request: &Parts, signed: &[String], body_hash: &str) -> Option<Vec<u8>> {
    auth::canonical_request(request, signed, body_hash)
}

/// Whether the secret key made the signature in `Authorization`.
///
/// # Errors
///
/// Why the signature was not checked. The text is for the client.
pub fn verify(request: &Parts, body: &[u8], now: i64, secret_key: &[u8]) -> Result<bool, String> {
    auth::verify(request, body, now, secret_key)
}

/// Reads the query of a list.
///
/// # Errors
///
/// Every parameter that is at fault.
pub fn list_query(query: &str) -> Result<ListCsrQuery, Faults> {
    http::list_query(query)
}

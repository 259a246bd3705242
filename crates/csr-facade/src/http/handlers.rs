//! The seven operations. Each admits the request, parses it, and calls the service.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use csr_model::{
    CreateCsrDraft, ListCsrResponse, ShowCsrResponse, UpdateCsrRequest, UploadCsrRequest, UploadCsrResponse,
};
#[cfg(feature = "openapi")]
use csr_model::{CreateCsrRequest, CreateCsrResponse, ErrorBody, ListCsrQuery, ShowCsrPrivateKeyResponse};
use zeroize::Zeroizing;

use super::admit::PathParams;
use super::answer::Failure;
use super::app::App;
use super::operation::Operation;
use super::query;
use crate::error::{Error, Internal};

/// Generates a key and a CSR.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/v3/scm/csr", operation_id = "CreateCsr", tag = "CSR",
    request_body = CreateCsrRequest,
    responses(
        (status = 201, description = "Made and stored. Separate operations return the CSR and the key.", body = CreateCsrResponse),
        (status = 429, description = "`APIGW.0308`: too many keys are being generated; `Retry-After` says when to try again", body = ErrorBody),
    ),
))]
pub(super) async fn create(State(app): State<App>, request: Request) -> Result<Response, Failure> {
    let call = app.admit(Operation::CreateCsr, request).await?;
    let draft = CreateCsrDraft::from_json(&call.body)?;
    if let Some(algorithm) = draft.private_key_algo() {
        let _ = call.context.algorithm.set(algorithm);
    }
    let created = app.service.create(draft).await?;
    let _ = call.context.csr.set(created.id.clone());
    Ok((StatusCode::CREATED, Json(created)).into_response())
}

/// Lists CSRs, newest first.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/v3/scm/csr", operation_id = "ListCsr", tag = "CSR",
    params(ListCsrQuery),
    responses((status = 200, description = "A page of the matching CSRs", body = ListCsrResponse)),
))]
pub(super) async fn list(State(app): State<App>, request: Request) -> Result<Json<ListCsrResponse>, Failure> {
    let call = app.admit(Operation::ListCsr, request).await?;
    Ok(Json(app.service.list(&query::list(&call.query)?).await?))
}

/// Shows a CSR.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/v3/scm/csr/{id}", operation_id = "ShowCsr", tag = "CSR",
    params(("id" = String, Path, description = "32 lower-case hexadecimal digits", pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, description = "The CSR with all its fields", body = ShowCsrResponse)),
))]
pub(super) async fn show(
    State(app): State<App>,
    params: PathParams,
    request: Request,
) -> Result<Json<ShowCsrResponse>, Failure> {
    let call = app.admit(Operation::ShowCsr, request).await?;
    let shown = app.service.show(call.id(params)?).await?;
    let _ = call.context.algorithm.set(shown.details.private_key_algo);
    Ok(Json(shown))
}

/// Shows a CSR's private key.
#[cfg_attr(feature = "openapi", utoipa::path(
    get, path = "/v3/scm/csr/{id}/private-key", operation_id = "ShowCsrPrivateKey", tag = "CSR",
    params(("id" = String, Path, description = "32 lower-case hexadecimal digits", pattern = "^[0-9a-f]{32}$")),
    responses((status = 200, description = "The private key, PEM (PKCS#8)", body = ShowCsrPrivateKeyResponse)),
))]
pub(super) async fn show_private_key(
    State(app): State<App>,
    params: PathParams,
    request: Request,
) -> Result<Response, Failure> {
    let call = app.admit(Operation::ShowCsrPrivateKey, request).await?;
    let shown = app.service.show_private_key(call.id(params)?).await?;
    // The answer's copy of the key is wiped after it was sent. It has room for the escape of every
    // line end, because a buffer that grows leaves unwiped copies behind.
    let mut json = Zeroizing::new(Vec::with_capacity(2 * shown.private_key.len() + 64));
    serde_json::to_writer(&mut *json, &shown)
        .map_err(|error| Error::Internal(Internal::Other(error.to_string())))?;
    let body = Bytes::from_owner(json);
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}

/// Renames a CSR.
#[cfg_attr(feature = "openapi", utoipa::path(
    put, path = "/v3/scm/csr/{id}", operation_id = "UpdateCsr", tag = "CSR",
    params(("id" = String, Path, description = "32 lower-case hexadecimal digits", pattern = "^[0-9a-f]{32}$")),
    request_body = UpdateCsrRequest,
    responses((status = 200, description = "The CSR under its new name", body = ShowCsrResponse)),
))]
pub(super) async fn update(
    State(app): State<App>,
    params: PathParams,
    request: Request,
) -> Result<Json<ShowCsrResponse>, Failure> {
    let call = app.admit(Operation::UpdateCsr, request).await?;
    let id = call.id(params)?;
    let wanted = UpdateCsrRequest::from_json(&call.body)?;
    Ok(Json(app.service.update(id, &wanted).await?))
}

/// Deletes a CSR and its key.
#[cfg_attr(feature = "openapi", utoipa::path(
    delete, path = "/v3/scm/csr/{id}", operation_id = "DeleteCsr", tag = "CSR",
    params(("id" = String, Path, description = "32 lower-case hexadecimal digits", pattern = "^[0-9a-f]{32}$")),
    responses((status = 204, description = "Gone")),
))]
pub(super) async fn delete(
    State(app): State<App>,
    params: PathParams,
    request: Request,
) -> Result<StatusCode, Failure> {
    let call = app.admit(Operation::DeleteCsr, request).await?;
    app.service.delete(call.id(params)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Stores a CSR made elsewhere, with or without its key.
#[cfg_attr(feature = "openapi", utoipa::path(
    post, path = "/v3/scm/csr/upload", operation_id = "UploadCsr", tag = "CSR",
    request_body = UploadCsrRequest,
    responses((status = 200, description = "Verified and stored", body = UploadCsrResponse)),
))]
pub(super) async fn upload(
    State(app): State<App>,
    request: Request,
) -> Result<Json<UploadCsrResponse>, Failure> {
    let call = app.admit(Operation::UploadCsr, request).await?;
    let stored = app.service.upload(UploadCsrRequest::from_json(&call.body)?).await?;
    let _ = call.context.csr.set(stored.id.clone());
    Ok(Json(stored))
}

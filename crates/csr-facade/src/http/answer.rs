//! Maps every error to its answer on the wire.

use std::time::Duration;

use axum::Json;
use axum::http::header::{CONNECTION, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use csr_model::ErrorBody;

use crate::error::Error;
use crate::id::MalformedId;

/// When to ask again after a time-out.
const AFTER_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a request is answered with an error.
#[derive(Debug)]
pub(super) enum Failure {
    /// The operation failed.
    Operation(Error),
    /// The id in the path is malformed, so that no CSR has it.
    MalformedId,
    /// There is no such path, or not with this method.
    NoSuchApi,
    /// The request names another host, as does the script of a web page whose name points here.
    OtherHost,
    /// The body exceeds its limit.
    BodyTooLarge(usize),
    /// The body was incomplete.
    BrokenBody,
    /// The body did not arrive in time.
    BodyTimeout,
    /// The answer was not ready in time.
    RequestTimeout,
}

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Operation(error.into())
    }
}

impl Failure {
    fn status_and_code(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Operation(error) => match error {
                Error::Invalid(_) | Error::UnfitCsr(_) | Error::NoPrivateKey => {
                    (StatusCode::BAD_REQUEST, "SCM.0005")
                }
                Error::NoSuchCsr(_) => (StatusCode::BAD_REQUEST, "SCM.0707"),
                Error::UnreadableKey(_) => (StatusCode::BAD_REQUEST, "SCM.0012"),
                Error::KeyMismatch => (StatusCode::BAD_REQUEST, "SCM.0014"),
                Error::Unauthenticated(_) => (StatusCode::UNAUTHORIZED, "APIGW.0301"),
                Error::Forbidden(_) | Error::KeyExportDisabled => (StatusCode::FORBIDDEN, "SCM.0003"),
                Error::Busy { .. } => (StatusCode::TOO_MANY_REQUESTS, "APIGW.0308"),
                Error::Internal(_) => (StatusCode::INTERNAL_SERVER_ERROR, "SCM.0500"),
            },
            Self::MalformedId => (StatusCode::BAD_REQUEST, "SCM.0707"),
            Self::NoSuchApi => (StatusCode::NOT_FOUND, "APIGW.0101"),
            Self::OtherHost => (StatusCode::MISDIRECTED_REQUEST, "APIGW.0101"),
            Self::BodyTooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "APIGW.0201"),
            Self::BrokenBody => (StatusCode::BAD_REQUEST, "SCM.0005"),
            Self::BodyTimeout => (StatusCode::REQUEST_TIMEOUT, "APIGW.0201"),
            Self::RequestTimeout => (StatusCode::SERVICE_UNAVAILABLE, "SCM.0503"),
        }
    }

    fn message(&self) -> String {
        match self {
            Self::Operation(Error::Unauthenticated(why)) => {
                format!("Incorrect IAM authentication information: {why}")
            }
            Self::Operation(error) => error.to_string(),
            Self::MalformedId => format!("there is no CSR with this id: {MalformedId}"),
            Self::NoSuchApi => "there is no API with this path and method; /docs lists them".to_owned(),
            Self::OtherHost => {
                "Host must be localhost or a loopback address; to allow another name, as behind a \
                                proxy, start the server with --allow-host NAME"
                    .to_owned()
            }
            Self::BodyTooLarge(limit) => format!("the body must have at most {limit} bytes"),
            Self::BrokenBody => {
                "the body must be complete, and encoded as the request's head says".to_owned()
            }
            Self::BodyTimeout => "the body did not arrive in time; send it again, without pauses".to_owned(),
            Self::RequestTimeout => {
                "the answer was not ready in time, but the request may still be carried out: \
                                     list the CSRs before you send it again"
                    .to_owned()
            }
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Operation(Error::Busy { retry_after }) => Some(*retry_after),
            Self::RequestTimeout => Some(AFTER_TIMEOUT),
            _ => None,
        }
    }

    /// Whether the request may have a rest that will not be read.
    const fn is_unread(&self) -> bool {
        matches!(
            self,
            Self::OtherHost
                | Self::BodyTooLarge(_)
                | Self::BrokenBody
                | Self::BodyTimeout
                | Self::RequestTimeout
        )
    }
}

/// The cause of an internal error, as an extension of its answer. It is for the log, never for the
/// client.
#[derive(Debug, Clone)]
pub(super) struct Cause(pub(super) String);

/// An error with all of its causes, for the log.
pub(super) fn with_causes(error: &dyn core::error::Error) -> String {
    let causes = core::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let (status, code) = self.status_and_code();
        let body = match &self {
            Self::Operation(Error::Invalid(faults)) => ErrorBody::of_parts(code, &faults.by_field()),
            _ => ErrorBody::new(code, &self.message()),
        };
        let mut response = (status, Json(body)).into_response();
        if let Some(after) = self.retry_after() {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(after.as_secs().max(1)));
        }
        if self.is_unread() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        if let Self::Operation(Error::Internal(internal)) = &self {
            response.extensions_mut().insert(Cause(with_causes(internal)));
        }
        response
    }
}

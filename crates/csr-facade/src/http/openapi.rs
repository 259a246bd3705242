//! Makes the OpenAPI 3.1 document, openapi.json, from the types and the handlers.

use csr_model::ErrorBody;
use utoipa::openapi::RefOr;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa::openapi::{Components, Content, Ref, Response, ResponseBuilder, SecurityRequirement};
use utoipa::{Modify, OpenApi};

use super::handlers;

const TOKEN: &str = "token";
const SIGNATURE: &str = "signature";

/// The answers that every operation can give beside its own.
const ERRORS: [(&str, &str); 9] = [
    (
        "400",
        "`SCM.0005`: parameters that violate this document, each of them named; `SCM.0707`: no CSR with that id; \
             `SCM.0012`, `SCM.0014`: an uploaded key that cannot be read, or doesn't match the CSR",
    ),
    ("401", "`APIGW.0301`: no token, an unknown one, or a signature that does not match"),
    ("403", "`SCM.0003`: the caller lacks the right"),
    ("404", "`APIGW.0101`: no such path or method"),
    ("408", "`APIGW.0201`: the body did not arrive in time"),
    ("413", "`APIGW.0201`: the body is larger than 64 KiB"),
    ("421", "`APIGW.0101`: the server listens on a loopback address, and `Host` names another machine"),
    ("500", "`SCM.0500`: an internal error; its cause is in the server's log under the X-Request-Id"),
    ("503", "`SCM.0503`: the answer was not ready in time; `Retry-After` says when to try again"),
];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "CSR API",
        description = "Certificate signing requests and their keys, made and stored on your own machine.",
    ),
    // Relative to the document's own address, so that it is right under a prefix and behind a
    // proxy.
    servers((url = ".", description = "This server")),
    paths(
        handlers::create, handlers::list, handlers::show, handlers::show_private_key, handlers::update,
        handlers::delete, handlers::upload,
    ),
    components(schemas(ErrorBody)),
    tags((name = "CSR", description = "Keys and certificate signing requests")),
    modifiers(&Security, &Errors),
)]
struct Document;

/// The document as JSON.
///
/// # Errors
///
/// None in practice: the document is plain data.
pub fn json() -> serde_json::Result<String> {
    Document::openapi().to_pretty_json().map(|json| json + "\n")
}

/// The two ways to authenticate.
struct Security;

impl Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_with(Components::new);
        let token = ApiKeyValue::with_description(
            "X-Auth-Token",
            "32 to 2,097,152 characters, as `csr access` printed it",
        );
        components.add_security_scheme(TOKEN, SecurityScheme::ApiKey(ApiKey::Header(token)));
        let signature = ApiKeyValue::with_description(
            "Authorization",
            "`SDK-HMAC-SHA256 Access=<AK>, SignedHeaders=<names>, Signature=<hex>`, or SDK-HMAC-SM3; with \
             `X-Sdk-Date: YYYYMMDDTHHMMSSZ`, within 15 minutes of the server's time",
        );
        components.add_security_scheme(SIGNATURE, SecurityScheme::ApiKey(ApiKey::Header(signature)));
        let either = [TOKEN, SIGNATURE].map(|name| SecurityRequirement::new(name, [""; 0]));
        document.security = Some(either.into());
    }
}

/// The answers that all operations share.
struct Errors;

impl Modify for Errors {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        for item in document.paths.paths.values_mut() {
            let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete];
            operations.into_iter().flatten().for_each(add_errors);
        }
    }
}

fn add_errors(operation: &mut Operation) {
    for (status, description) in ERRORS {
        operation
            .responses
            .responses
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(error(description)));
    }
}

fn error(description: &str) -> Response {
    let body = Content::new(Some(Ref::from_schema_name("ErrorBody")));
    ResponseBuilder::new().description(description).content("application/json", body).build()
}

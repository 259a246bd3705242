//! The router as a part of another application: nested under a path, beside the routes and the
//! fallback of that application.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::routing::get;
use csr_facade::http::{Limits, router, serve};
use csr_facade::{Authenticator, Rights};
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::BodyExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tower::ServiceExt;

use crate::Result;
use crate::api::{Answer, Api, CREATE};

const PREFIX: &str = "/certificates";

/// 2026-11-24T00:15:30Z.
const SIGNED_AT: u64 = 1_795_479_330;

/// The API's routes over the service of `api`.
fn guest(api: &Api, limits: Limits) -> Router {
    let vault = api.service.vault().clone();
    router(api.service.clone(), Authenticator::new(vault).with_clock(api.clock()), limits)
}

/// An application with a route, a fallback, and the API under a path.
fn host(api: &Api, limits: Limits) -> Router {
    Router::new()
        .route("/hello", get(async || "hello"))
        .nest(PREFIX, guest(api, limits))
        .fallback(async || (StatusCode::NOT_FOUND, "the host's own"))
}

async fn nested() -> Result<Api> {
    let mut api = Api::new().await?;
    api.router = host(&api, Limits::default());
    Ok(api)
}

/// The status and body of an answer that the application itself may have given.
async fn plain(
    router: &Router,
    method: Method,
    path: &str,
) -> Result<(StatusCode, BTreeMap<String, String>, String)> {
    let request = Request::builder().method(method).uri(path).body(Body::empty())?;
    let answer = router.clone().oneshot(request).await?;
    let (parts, body) = answer.into_parts();
    let headers = parts.headers.iter();
    let headers = headers.map(|(name, value)| Ok((name.to_string(), value.to_str()?.to_owned())));
    let headers = headers.collect::<Result<_>>()?;
    Ok((parts.status, headers, String::from_utf8(body.collect().await?.to_bytes().to_vec())?))
}

#[tokio::test]
async fn every_operation_answers_under_the_prefix() -> Result {
    let api = nested().await?;
    let csrs = format!("{PREFIX}/v3/scm/csr");
    let created = api.call(Method::POST, &csrs, CREATE).await?.expect(StatusCode::CREATED)?;
    let csr = format!("{csrs}/{}", created.text("id")?);
    let listed = api.get(&format!("{csrs}?limit=10&name=web")).await?.expect(StatusCode::OK)?;
    assert_eq!(listed.0["total"], 1);
    let shown = api.get(&csr).await?.expect(StatusCode::OK)?;
    let renamed = api.call(Method::PUT, &csr, r#"{"name":"other"}"#).await?.expect(StatusCode::OK)?;
    assert_eq!(renamed.text("name")?, "other");
    let key = api.get(&format!("{csr}/private-key")).await?.expect(StatusCode::OK)?;
    assert!(key.text("private_key")?.starts_with("-----BEGIN PRIVATE KEY-----"));
    let upload = serde_json::json!({ "name": "up", "csr": shown.text("csr")? }).to_string();
    api.call(Method::POST, &format!("{csrs}/upload"), upload).await?.expect(StatusCode::OK)?;
    assert_eq!(api.call(Method::DELETE, &csr, "").await?.status, StatusCode::NO_CONTENT);
    api.get(&csr).await?.error(400, "SCM.0707")?;
    api.get(&format!("{csrs}/no-id")).await?.error(400, "SCM.0707")?;
    let unknown = api.call_with(&"x".repeat(32), Method::GET, &csrs, "").await?;
    unknown.error(401, "APIGW.0301")?;
    Ok(())
}

#[tokio::test]
async fn probes_metrics_and_documents_answer_under_the_prefix() -> Result {
    let api = nested().await?;
    api.get(&format!("{PREFIX}/v3/scm/csr")).await?.expect(StatusCode::OK)?;
    for path in ["healthz", "readyz", "docs", "metrics", "openapi.json"] {
        assert_eq!(api.get(&format!("{PREFIX}/{path}")).await?.status, StatusCode::OK, "{path}");
    }
    let metrics = api.get(&format!("{PREFIX}/metrics")).await?;
    let metrics = core::str::from_utf8(&metrics.body)?;
    let listed = r#"csr_http_requests_total{operation="ListCsr",status="200",algorithm="none"} 1"#;
    assert!(metrics.lines().any(|line| line == listed), "{metrics}");
    Ok(())
}

#[tokio::test]
async fn documents_have_no_link_that_leaves_the_prefix() -> Result {
    let api = nested().await?;
    let page = api.get(&format!("{PREFIX}/docs")).await?;
    let page = core::str::from_utf8(&page.body)?;
    for link in ["href=\"", "src=\"", "fetch(\"", "new URL(\""] {
        assert!(page.split(link).skip(1).all(|rest| !rest.starts_with('/')), "{link}");
    }
    assert!(page.contains("href=\"openapi.json\""));
    let document = api.get(&format!("{PREFIX}/openapi.json")).await?.expect(StatusCode::OK)?.0;
    // Relative to the document's own address (OpenAPI 3.1, §4.8.5).
    let servers: Vec<_> =
        document["servers"].as_array().into_iter().flatten().map(|server| &server["url"]).collect();
    assert_eq!(servers, [&Value::from(".")]);
    Ok(())
}

#[tokio::test]
async fn host_application_keeps_its_routes_and_fallbacks() -> Result {
    let api = nested().await?;
    let router = &api.router;
    let no_middleware = |headers: &BTreeMap<String, String>| !headers.contains_key("x-request-id");
    let (status, headers, body) = plain(router, Method::GET, "/hello").await?;
    assert_eq!((status, &*body), (StatusCode::OK, "hello"));
    assert!(no_middleware(&headers), "{headers:?}");
    for path in ["/", "/other", "/v3/scm/csr", "/docs", PREFIX, "/certificates/other", "/certificates/v3/scm"]
    {
        let (status, headers, body) = plain(router, Method::GET, path).await?;
        assert_eq!((status, &*body), (StatusCode::NOT_FOUND, "the host's own"), "{path}");
        assert!(no_middleware(&headers), "{path}: {headers:?}");
    }
    let (status, _, body) = plain(router, Method::PATCH, "/certificates/v3/scm/csr").await?;
    assert_eq!((status, &*body), (StatusCode::METHOD_NOT_ALLOWED, ""));
    let (status, _, _) = plain(router, Method::HEAD, "/certificates/healthz").await?;
    assert_eq!(status, StatusCode::NOT_FOUND, "the API has no HEAD");
    Ok(())
}

#[tokio::test]
async fn router_merges_into_an_application_with_a_state() -> Result {
    use axum::extract::State;
    let mut api = Api::new().await?;
    let own = Router::new()
        .route("/hello", get(async |State(greeting): State<&'static str>| greeting))
        .fallback(async || (StatusCode::NOT_FOUND, "the host's own"))
        .method_not_allowed_fallback(async || (StatusCode::METHOD_NOT_ALLOWED, "the host's own"));
    api.router = own.merge(guest(&api, Limits::default()).with_state(())).with_state("good day");
    api.create().await?;
    assert_eq!(plain(&api.router, Method::GET, "/hello").await?.2, "good day");
    assert_eq!(plain(&api.router, Method::GET, "/other").await?.2, "the host's own");
    assert_eq!(plain(&api.router, Method::POST, "/hello").await?.2, "the host's own");
    Ok(())
}

#[tokio::test]
async fn prefix_may_have_parameters() -> Result {
    let mut api = Api::new().await?;
    let id = api.create().await?;
    api.router = Router::new().nest("/tenants/{tenant}", guest(&api, Limits::default()));
    let shown = api.get(&format!("/tenants/7/v3/scm/csr/{id}")).await?.expect(StatusCode::OK)?;
    assert_eq!(shown.text("id")?, id);
    Ok(())
}

/// Signs `GET path` as the cloud's SDKs do, and sends it to `sent`.
async fn signed(api: &Api, path: &str, sent: &str) -> Result<Answer> {
    let credential = api.access.issue_credential("tests", Rights::all()).await?;
    let date = "20261124T001530Z";
    let empty = hex_of(&Sha256::digest(b""));
    let canonical = format!("GET\n{path}/\nlimit=10\nx-sdk-date:{date}\n\nx-sdk-date\n{empty}");
    let to_sign = format!("SDK-HMAC-SHA256\n{date}\n{}", hex_of(&Sha256::digest(canonical.as_bytes())));
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(credential.secret_key.as_bytes())?;
    mac.update(to_sign.as_bytes());
    let signature = hex_of(&mac.finalize().into_bytes());
    let access_key = &credential.caller.id;
    let authorization =
        format!("SDK-HMAC-SHA256 Access={access_key}, SignedHeaders=x-sdk-date, Signature={signature}");
    let request = Request::get(format!("{sent}?limit=10")).header("X-Sdk-Date", date);
    api.send(request.header("Authorization", authorization).body(Body::empty())?).await
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn signature_covers_the_path_that_the_client_sent() -> Result {
    let api = nested().await?;
    api.set_clock(SIGNED_AT);
    let path = format!("{PREFIX}/v3/scm/csr");
    signed(&api, &path, &path).await?.expect(StatusCode::OK)?;
    // The path without the prefix belongs to another server or another application.
    signed(&api, "/v3/scm/csr", &path).await?.error(401, "APIGW.0301")?;
    Ok(())
}

#[tokio::test]
async fn limits_and_the_check_of_host_hold_under_the_prefix() -> Result {
    let mut limits = Limits::default();
    limits.body = 100;
    let api = Api::new().await?;
    let application = host(&api, limits.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, application, limits, None, async { drop(stopped.await) }));
    let ask = async |line: &str, host: &str, body: &str| -> Result<String> {
        let mut stream = TcpStream::connect(address).await?;
        let head = format!("{line} HTTP/1.1\r\nHost: {host}\r\nX-Auth-Token: {}\r\n", *api.token);
        let end = format!("Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        stream.write_all((head + &end).as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer.lines().next().unwrap_or_default().to_owned())
    };
    for path in ["/certificates/v3/scm/csr", "/certificates/metrics"] {
        let line = format!("GET {path}");
        assert_eq!(ask(&line, "localhost", "").await?, "HTTP/1.1 200 OK", "{path}");
        assert_eq!(ask(&line, "evil.example", "").await?, "HTTP/1.1 421 Misdirected Request", "{path}");
    }
    assert_eq!(ask("GET /hello", "evil.example", "").await?, "HTTP/1.1 200 OK");
    let long = ask("POST /certificates/v3/scm/csr", "localhost", &"x".repeat(101)).await?;
    assert_eq!(long, "HTTP/1.1 413 Payload Too Large");
    drop(stop);
    server.await??;
    Ok(())
}

//! Searches for planted secrets where they must not be.

use std::io;
use std::sync::{LazyLock, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use csr_facade::{Right, Rights};
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::Result;
use crate::api::Api;

static LOG: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Logs everything, down to the libraries' traces.
static SUBSCRIBER: LazyLock<()> = LazyLock::new(|| {
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(Buffer)
        .finish();
    let _ = tracing::subscriber::set_global_default(subscriber);
});

struct Buffer;

impl MakeWriter<'_> for Buffer {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        Self
    }
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOG.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts to record the log.
pub(crate) fn keep_log() {
    LazyLock::force(&SUBSCRIBER);
}

/// The log since then.
pub(crate) fn logged() -> String {
    String::from_utf8_lossy(&LOG.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

/// The innermost part of a PEM text, without headers and without lines that other keys share.
fn core_of(pem: &str) -> Result<String> {
    Ok(pem.lines().nth(2).ok_or("a short PEM")?.to_owned())
}

#[tokio::test]
async fn audit_log_distinguishes_readings_from_refusals() -> Result {
    let api = Api::new().await?;
    let path = |id: &str| format!("/v3/scm/csr/{id}/private-key");
    let here = path(&api.create().await?);
    let absent = path(&"0".repeat(32));
    let reader = api.access.issue_token("reader", Rights::from_iter([Right::Read])).await?.token;
    for (token, path, status) in [
        (&**api.token, &here, 200),
        ("an-unknown-token-0123456789abcdef", &here, 401),
        (&**reader, &here, 403),
        (&**api.token, &absent, 400),
    ] {
        let answer = api.call_with(token, Method::GET, path, Body::empty()).await?;
        assert_eq!(answer.status, status);
        let id = answer.headers["x-request-id"].to_str()?.to_owned();
        let log = logged();
        let mut lines = log.lines().filter(|line| line.contains("csr::audit") && line.contains(&id));
        let line = lines.next().ok_or("no audit line")?;
        assert_eq!(line.contains("private key read"), status == 200, "{line}");
        assert_eq!(line.contains("private key not given out"), status != 200, "{line}");
        assert_eq!(lines.next(), None);
    }
    Ok(())
}

#[tokio::test]
async fn logs_debug_output_and_files_hold_no_secret() -> Result {
    let api = Api::new().await?;
    let wrong = "planted-wrong-token-0123456789abcdef";
    let credential = api.access.issue_credential("planted", Rights::all()).await?;
    let token = api.access.issue_token("planted", Rights::all()).await?;
    let mut secrets = vec![
        api.token.to_string(),
        wrong.to_owned(),
        credential.secret_key.to_string(),
        token.token.to_string(),
    ];

    let id = api.create().await?;
    let key = api.get(&format!("/v3/scm/csr/{id}/private-key")).await?.expect(StatusCode::OK)?;
    let key = key.text("private_key")?.to_owned();
    secrets.push(core_of(&key)?);
    let csr = api.get(&format!("/v3/scm/csr/{id}")).await?.expect(StatusCode::OK)?.text("csr")?.to_owned();
    let upload = json!({"name": "n", "csr": csr, "private_key": key}).to_string();
    api.call(Method::POST, "/v3/scm/csr/upload", upload).await?.expect(StatusCode::OK)?;
    // Requests that hold a secret and are refused, each for another reason.
    api.call_with(wrong, Method::GET, "/v3/scm/csr", Body::empty()).await?.error(401, "APIGW.0301")?;
    for upload in [
        json!({"name": "n", "csr": key, "private_key": key}).to_string(),
        json!({"name": "n", "csr": csr, "private_key": key.replace("-----END", "----END")}).to_string(),
        json!({"name": "n", "csr": csr, "private_key": [key]}).to_string(),
        json!({"name": "n", "csr": csr, "private_key": key}).to_string().replace("\"}", "\""),
    ] {
        let answer = api.call(Method::POST, "/v3/scm/csr/upload", upload).await?;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert!(!String::from_utf8_lossy(&answer.body).contains(&core_of(&key)?));
    }
    let authorization = format!(
        "SDK-HMAC-SHA256 Access={}, SignedHeaders=x-sdk-date;x-security-token, Signature=00",
        credential.caller.id
    );
    let now = "20261124T001530Z";
    api.set_clock(1_795_479_330);
    let request = Request::get("/v3/scm/csr")
        .header("Authorization", authorization)
        .header("X-Sdk-Date", now)
        .header("X-Security-Token", wrong)
        .body(Body::empty())?;
    api.send(request).await?.error(401, "APIGW.0301")?;

    let log = logged();
    assert!(log.contains("private key read") && log.contains(&id), "the audit line is missing");
    assert!(log.contains("string_to_sign") && log.contains("x-sdk-date;x-security-token"), "no explanation");
    let debug = format!("{token:?} {credential:?} {:?} {:?}", api.service, api.access.list().await?);
    assert!(debug.contains("planted"));
    let mut places = vec![("the log".to_owned(), log.into_bytes()), ("Debug".to_owned(), debug.into_bytes())];
    for file in std::fs::read_dir(api.folder.path().join("store"))? {
        let path = file?.path();
        places.push((path.display().to_string(), std::fs::read(&path)?));
    }
    assert!(places.len() >= 4, "the database and its WAL are searched, too");
    for (place, bytes) in &places {
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "a secret is in {place}");
        }
    }
    // Proves that the search works.
    let files = places.iter().filter(|(_, bytes)| bytes.windows(7).any(|window| window == b"planted"));
    assert!(files.count() >= 2);
    Ok(())
}

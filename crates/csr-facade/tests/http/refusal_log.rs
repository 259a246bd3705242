//! A refusal writes little to the log, whatever was sent.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::http::{Method, Request};
use csr_facade::Rights;
use csr_facade::http::Peer;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::Result;
use crate::api::Api;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// The output since the last call.
    fn take(&self) -> String {
        let written = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        String::from_utf8_lossy(&written).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

const SECRET: &str = "planted-0123456789abcdef-planted";
/// 2026-11-24T00:15:30Z.
const NOW: u64 = 1_795_479_330;

/// Refused signed requests, with parts as large as possible and with characters that grow in a log.
fn refused(known: &str) -> Result<Vec<Request<Body>>> {
    let names = |name: &str| (0..99).map(|i| format!("{name}{i}")).collect::<Vec<_>>().join(";");
    let quotes = "\"\\".repeat(64);
    let mut all = Vec::new();
    for access_key in [known, &"A1b".repeat(42), &quotes, "AKFORTESTS2345ABCDEF"] {
        for signed in ["host", "cookie;x-security-token", &names("\"\\"), &names("an-ordinary-name-")] {
            for path in ["/v3/scm/csr".to_owned(), format!("/v3/scm/csr/{}", "%22\"{}".repeat(2_000))] {
                for host in ["localhost", SECRET, &quotes, &"例".repeat(300)] {
                    let authorization = format!(
                        "SDK-HMAC-SHA256 Access={access_key}, SignedHeaders=x-sdk-date;{signed}, Signature=00"
                    );
                    let mut request = Request::get(format!("{path}?x={SECRET}"))
                        .header("Authorization", authorization)
                        .header("X-Sdk-Date", "20261124T001530Z")
                        .header("Host", host.as_bytes())
                        .header("Cookie", SECRET)
                        .header("X-Security-Token", SECRET)
                        .extension(Peer("2001:db8:1111:2222:3333:4444:5555:6666".parse()?));
                    for name in signed.split(';').filter(|name| name.starts_with("an-")) {
                        request = request.header(name, "x".repeat(1_000));
                    }
                    all.push(request.body(Body::from("x".repeat(60_000)))?);
                }
            }
        }
    }
    Ok(all)
}

async fn lines_are_short(api: &Api, known: &str, log: &Log) -> Result {
    let (mut explained, mut whole) = (0, 0);
    for request in refused(known)? {
        let is_secret_host = request.headers().get("Host").is_some_and(|host| host == SECRET);
        log.take();
        // Refusals become slow, but the log line is written before the delay.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(3), api.send(request)).await?;
        let log = log.take();
        assert!(log.len() <= 1_024, "{}: {log}", log.len());
        assert!(log.contains("refused: ") && log.lines().count() == 2, "{log}");
        assert!(is_secret_host || !log.contains(SECRET), "{log}");
        assert!(!log.contains(['\u{1b}', '\0']), "{log}");
        explained += usize::from(log.contains("string_to_sign") && log.contains("body_hash"));
        whole += usize::from(log.contains(known));
    }
    assert!(explained >= 16 && whole >= 4, "{explained} explained, {whole} with their access key");
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn refused_signature_writes_at_most_1_kb_of_log() -> Result {
    let api = Api::new().await?;
    api.set_clock(NOW);
    let known = api.access.issue_credential("known", Rights::all()).await?.caller.id;
    let log = Log::default();
    let text =
        tracing_subscriber::fmt().with_max_level(LevelFilter::INFO).with_ansi(false).with_writer(log.clone());
    let guard = tracing::subscriber::set_default(text.finish());
    lines_are_short(&api, &known, &log).await?;
    drop(guard);
    let json = tracing_subscriber::fmt().json().with_max_level(LevelFilter::INFO).with_writer(log.clone());
    let _guard = tracing::subscriber::set_default(json.finish());
    lines_are_short(&api, &known, &log).await
}

#[tokio::test]
async fn method_of_any_length_writes_a_short_line() -> Result {
    let api = Api::new().await?;
    let log = Log::default();
    let text =
        tracing_subscriber::fmt().with_max_level(LevelFilter::INFO).with_ansi(false).with_writer(log.clone());
    let _guard = tracing::subscriber::set_default(text.finish());
    for (method, shown) in [("DELETE", "method=DELETE"), (&*"M".repeat(10_000), "method=MMMM")] {
        let request = Request::builder().method(Method::from_bytes(method.as_bytes())?).uri("/none");
        api.send(request.body(Body::empty())?).await?.error(404, "APIGW.0101")?;
        let log = log.take();
        assert!(log.len() <= 400 && log.contains(shown), "{log}");
    }
    Ok(())
}

//! Signatures by the vendor's SDK (`data/sign.py`), unchanged and with every kind of change.

use axum::http::request::Builder;
use axum::http::{Request, StatusCode};
use csr_facade::{Access, Caller, CallerKind, IssuedCredential, Rights};
use futures_util::future::join_all;
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::Result;
use crate::api::{Answer, Api};

/// 2026-11-24T00:15:30Z.
const SIGNED_AT: u64 = 1_795_479_330;
const WINDOW: u64 = 15 * 60;

#[derive(Deserialize)]
struct Vectors {
    access_key: String,
    secret_key: String,
    requests: Vec<Signed>,
}

#[derive(Deserialize, Clone)]
struct Signed {
    name: String,
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Signed {
    async fn send(&self, api: &Api) -> Result<Answer> {
        let request = Request::builder().method(self.method.as_str()).uri(&self.url);
        let with =
            |request: Builder, (name, value): (&String, &String)| request.header(name, value.as_bytes());
        api.send(self.headers.iter().fold(request, with).body(self.body.clone().into())?).await
    }

    fn change(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    fn header(&mut self, name: &str) -> &mut String {
        self.headers.entry(name.to_owned()).or_default()
    }
}

/// An API that knows the vectors' credential, at the time when they were signed.
async fn api() -> Result<(Api, Vec<Signed>)> {
    let vectors: Vectors = serde_json::from_str(include_str!("data/signatures.json"))?;
    let api = Api::new().await?;
    let caller = Caller {
        id: vectors.access_key,
        label: "vectors".to_owned(),
        kind: CallerKind::Credential,
        rights: Rights::all(),
        create_time: 0,
        revoke_time: None,
    };
    let credential = IssuedCredential { caller, secret_key: vectors.secret_key.into() };
    Access::new(api.service.vault().clone()).keep_credential(&credential).await?;
    api.set_clock(SIGNED_AT);
    assert!(vectors.requests.len() >= 28);
    Ok((api, vectors.requests))
}

/// Whether the caller was authenticated, whatever the answer was then.
fn is_in(answer: &Answer) -> bool {
    answer.status != StatusCode::UNAUTHORIZED
}

fn named<'a>(requests: &'a [Signed], name: &str) -> Result<&'a Signed> {
    requests.iter().find(|request| request.name == name).ok_or_else(|| format!("no vector {name}").into())
}

#[tokio::test]
async fn signatures_of_the_sdk_are_accepted() -> Result {
    let (api, requests) = api().await?;
    for request in &requests {
        let answer = request.send(&api).await?;
        let unrouted = request.url == "/v3/scm/csr/";
        assert!(is_in(&answer), "{}", request.name);
        assert_eq!(answer.status == StatusCode::NOT_FOUND, unrouted, "{}", request.name);
    }
    for algorithm in ["HMAC_SHA256", "HMAC_SM3"] {
        let created = named(&requests, &format!("create, {algorithm}"))?.send(&api).await?;
        created.expect(StatusCode::CREATED)?;
    }
    Ok(())
}

#[tokio::test]
async fn tampered_requests_are_refused() -> Result {
    let (api, requests) = api().await?;
    let routed = requests.iter().filter(|request| request.url != "/v3/scm/csr/");
    let all: Vec<(String, Signed)> = routed
        .flat_map(|request| {
            let name = |what: &str| format!("{what} of {}", request.name);
            tampered(request).into_iter().map(move |(what, tampered)| (name(what), tampered))
        })
        .collect();
    // All at once, because refusals become slow.
    let answers = join_all(all.iter().map(|(_, tampered)| tampered.send(&api))).await;
    assert!(all.len() >= 350);
    for ((what, _), answer) in all.iter().zip(answers) {
        answer?.error(401, "APIGW.0301").map_err(|error| format!("{what}: {error}"))?;
    }
    Ok(())
}

fn tampered(request: &Signed) -> Vec<(&'static str, Signed)> {
    let collection = request.url.split('?').next() == Some("/v3/scm/csr");
    let other_method = match request.method.as_str() {
        "GET" if collection => "POST",
        "POST" if collection => "GET",
        "GET" if !request.url.ends_with("private-key") => "DELETE",
        "PUT" => "DELETE",
        "DELETE" => "GET",
        _ => "",
    };
    let mut all = vec![
        ("body", request.change(|r| r.body.push(' '))),
        ("signed header", request.change(|r| r.header("User-Agent").push('x'))),
        ("host", request.change(|r| *r.header("Host") = "127.0.0.1:8081".to_owned())),
        ("date", request.change(|r| *r.header("X-Sdk-Date") = "20261124T001531Z".to_owned())),
        ("query", request.change(|r| r.url.push_str(if r.url.contains('?') { "&z=1" } else { "?z=1" }))),
        ("signed header removed", request.change(|r| drop(r.headers.remove("User-Agent")))),
        ("access key", request.change(|r| replace(r, "AKFORTESTS2345", "AKFORTESTS2346"))),
        ("signed names", request.change(|r| replace(r, "content-type;", ""))),
        ("no date", request.change(|r| drop(r.headers.remove("X-Sdk-Date")))),
        ("date unsigned", request.change(|r| replace(r, ";x-sdk-date", ""))),
        (
            "algorithm",
            request.change(|r| {
                let sm3 = r.header("Authorization").contains("SM3");
                let (from, to) = if sm3 { ("SM3", "SHA256") } else { ("SHA256", "SM3") };
                replace(r, from, to);
            }),
        ),
        (
            "content hash",
            request.change(|r| {
                *r.header("X-Sdk-Content-Sha256") = "0".repeat(64);
                *r.header("X-Sdk-Content-Sm3") = "0".repeat(64);
            }),
        ),
        (
            "signature",
            request.change(|r| {
                let last = r.header("Authorization").pop();
                r.header("Authorization").push(if last == Some('0') { '1' } else { '0' });
            }),
        ),
    ];
    if !other_method.is_empty() {
        all.push(("method", request.change(|r| r.method = other_method.to_owned())));
    }
    if request.url.contains("/csr/0123") {
        all.push(("path", request.change(|r| r.url = r.url.replace("/csr/0123", "/csr/1123"))));
    }
    all
}

fn replace(request: &mut Signed, from: &str, to: &str) {
    let value = request.header("Authorization");
    *value = value.replace(from, to);
}

#[tokio::test]
async fn unsigned_header_may_change() -> Result {
    let (api, requests) = api().await?;
    let request = named(&requests, "show, HMAC_SHA256")?.change(|r| *r.header("X-Other") = "x".to_owned());
    assert!(is_in(&request.send(&api).await?));
    Ok(())
}

#[tokio::test]
async fn replay_is_refused_outside_the_window() -> Result {
    let (api, requests) = api().await?;
    let request = named(&requests, "show, HMAC_SHA256")?;
    for (clock, inside) in [
        (SIGNED_AT - WINDOW, true),
        (SIGNED_AT + WINDOW, true),
        (SIGNED_AT - WINDOW - 1, false),
        (SIGNED_AT + WINDOW + 1, false),
        (SIGNED_AT + 365 * 86_400, false),
        (0, false),
    ] {
        api.set_clock(clock);
        let answer = request.send(&api).await?;
        assert_eq!(is_in(&answer), inside, "{clock}");
        if !inside {
            assert!(answer.error(401, "APIGW.0301")?.contains("15 minutes"));
        }
    }
    Ok(())
}

#[tokio::test]
async fn revoked_credential_is_refused_like_an_unknown_one() -> Result {
    let (api, requests) = api().await?;
    let request = named(&requests, "list, HMAC_SHA256")?;
    request.send(&api).await?.expect(StatusCode::OK)?;
    assert!(api.access.revoke("AKFORTESTS2345ABCDEF").await?);
    let revoked = request.send(&api).await?.error(401, "APIGW.0301")?;
    let unknown = request.change(|r| replace(r, "AKFORTESTS2345ABCDEF", "AKFORTESTS2345ABCDEG"));
    assert_eq!(unknown.send(&api).await?.error(401, "APIGW.0301")?, revoked);
    Ok(())
}

#[tokio::test]
async fn many_signed_headers_are_refused() -> Result {
    let (api, requests) = api().await?;
    let names: Vec<String> = (0..1_000).map(|i| format!("h{i}")).collect();
    let request = named(&requests, "list, HMAC_SHA256")?.change(|r| {
        replace(r, "SignedHeaders=", &format!("SignedHeaders={};", names.join(";")));
    });
    request.send(&api).await?.error(401, "APIGW.0301")?;
    Ok(())
}

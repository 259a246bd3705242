//! Nothing of a private key is left in the process's memory after the API has received or returned
//! it. The tests use the router, because hyper and TLS keep their own buffers for a connection.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../csr-keygen/tests/leftovers/search.rs"]
mod search;

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use bytes::Bytes;
use csr_core::{Csr, CsrSpec, KeyFormat, KeyPair, PrivateKeyAlgo};
use csr_facade::http::{Limits, router};
use csr_facade::seal::MasterKey;
use csr_facade::store::SqliteStore;
use csr_facade::vault::MasterKeySource;
use csr_facade::{Access, Authenticator, Rights, Service, ServiceOptions, Vault};
use http_body_util::BodyExt;
use search::{Samples, page, sample};
use tower::ServiceExt;

struct Api {
    router: Router,
    token: String,
}

impl Api {
    async fn new(folder: &std::path::Path) -> Self {
        let path = folder.join("store").join("csr.db");
        let store = tokio::task::spawn_blocking(move || SqliteStore::open(&path)).await.unwrap().unwrap();
        let master = MasterKeySource::Given(MasterKey::random().unwrap());
        let vault = Vault::open(Arc::new(store), master).await.unwrap();
        let service = Service::new(vault.clone(), ServiceOptions::default());
        let token = Access::new(vault.clone()).issue_token("tests", Rights::all()).await.unwrap().token;
        let authenticator = Authenticator::new(vault);
        Self { router: router(service, authenticator, Limits::default()), token: token.to_string() }
    }

    async fn call(&self, token: &str, method: Method, path: &str, body: Body) -> (StatusCode, Bytes) {
        let request = Request::builder().method(method).uri(path).header("X-Auth-Token", token);
        let answer = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        (answer.status(), answer.into_body().collect().await.unwrap().to_bytes())
    }

    /// The key of a CSR, sampled from the answer.
    async fn sample_key(&self, id: &str, samples: &mut Samples) {
        let path = format!("/v3/scm/csr/{id}/private-key");
        let (status, body) = self.call(&self.token, Method::GET, &path, Body::empty()).await;
        assert_eq!(status, StatusCode::OK);
        let lines: Vec<&str> = core::str::from_utf8(&body).unwrap().split("\\n").collect();
        // An EC key's scalar is in the first half of the second line, an RSA key's primes are behind the middle.
        let line = if lines.len() < 10 { lines[2] } else { lines[lines.len() * 2 / 3] };
        sample(samples, &line.as_bytes()[..26]);
        assert!(page().found(samples) > 0, "the search finds a key that is there");
    }
}

fn id(answer: &[u8]) -> String {
    let answer: serde_json::Value = serde_json::from_slice(answer).unwrap();
    answer["id"].as_str().unwrap().to_owned()
}

/// An upload in one buffer that was never copied from another.
fn upload(csr: &str, key: &str) -> Vec<u8> {
    let mut body = Vec::with_capacity(8192);
    body.extend_from_slice(br#"{"name":"n","csr":""#);
    for (text, end) in [(csr, br#"","private_key":""#.as_slice()), (key, br#""}"#)] {
        for line in text.lines() {
            body.extend_from_slice(line.as_bytes());
            body.extend_from_slice(b"\\n");
        }
        body.extend_from_slice(end);
    }
    body
}

#[tokio::test]
async fn nothing_is_left_of_an_issued_token_or_secret_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store").join("csr.db");
    let store = tokio::task::spawn_blocking(move || SqliteStore::open(&path)).await.unwrap().unwrap();
    let master = MasterKeySource::Given(MasterKey::random().unwrap());
    let access = Access::new(Vault::open(Arc::new(store), master).await.unwrap());

    let mut samples = Samples::new();
    let token = access.issue_token("tests", Rights::all()).await.unwrap();
    sample(&mut samples, token.token.as_bytes());
    let credential = access.issue_credential("tests", Rights::all()).await.unwrap();
    sample(&mut samples, credential.secret_key.as_bytes());
    assert_eq!(page().found(&samples), 2, "the search finds what is there");
    drop((token, credential));
    assert_eq!(page().found(&samples), 0);
}

#[tokio::test]
async fn nothing_is_left_of_private_keys() {
    let folder = tempfile::tempdir().unwrap();
    let api = Api::new(folder.path()).await;

    let key = KeyPair::generate(PrivateKeyAlgo::EcP256).unwrap();
    let spec = CsrSpec::builder().domain("example.com").build().unwrap();
    let csr = Csr::sign(&spec, &key).unwrap().to_pem();
    let pem = key.to_pem(KeyFormat::Pkcs8).unwrap();
    let mut samples = Samples::new();
    sample(&mut samples, &key.to_der(KeyFormat::Sec1).unwrap()[7..39]);
    sample(&mut samples, &pem.lines().nth(2).unwrap().as_bytes()[..26]);
    let whole = upload(&csr, &pem);
    let refused = upload(&csr, &pem);
    let halves = whole.split_at(whole.len() - 200);
    let halves = [halves.0.to_vec(), halves.1.to_vec()];
    drop((key, pem));
    assert!(page().found(&samples) > 0, "the search finds a body that is there");

    let (status, answer) = api.call("nobody's", Method::POST, "/v3/scm/csr/upload", refused.into()).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED, "{answer:?}");
    let (status, answer) = api.call(&api.token, Method::POST, "/v3/scm/csr/upload", whole.into()).await;
    assert_eq!(status, StatusCode::OK, "{answer:?}");
    let uploaded = id(&answer);
    let halves = futures_util::stream::iter(halves.map(Ok::<_, std::io::Error>));
    let in_frames = Body::from_stream(halves);
    let (status, answer) = api.call(&api.token, Method::POST, "/v3/scm/csr/upload", in_frames).await;
    assert_eq!(status, StatusCode::OK, "{answer:?}");
    assert_eq!(page().found(&samples), 0, "uploaded");

    api.sample_key(&uploaded, &mut samples).await;
    assert_eq!(page().found(&samples), 0, "read again");

    for algorithm in ["EC_P256", "SM2", "EC_P384", "RSA_2048"] {
        let request = format!(
            r#"{{"name":"n","domain_name":"example.com","private_key_algo":"{algorithm}","usage":"PERSONAL"}}"#
        );
        let (status, answer) = api.call(&api.token, Method::POST, "/v3/scm/csr", request.into()).await;
        assert_eq!(status, StatusCode::CREATED, "{answer:?}");
        let mut samples = Samples::new();
        api.sample_key(&id(&answer), &mut samples).await;
        assert_eq!(page().found(&samples), 0, "created and read: {algorithm}");
    }
}

/// The contents of the INTEGERs of a PKCS#1 key (RFC 8017 A.1.2).
fn integers(der: &[u8]) -> Vec<&[u8]> {
    let mut rest = &der[4..];
    let mut found = Vec::new();
    while let [0x02, length, tail @ ..] = rest {
        let octets = usize::from(length.saturating_sub(0x80));
        let (length, content) = match octets {
            0 => (usize::from(*length), tail),
            _ => (tail[..octets].iter().fold(0, |n, byte| n << 8 | usize::from(*byte)), &tail[octets..]),
        };
        let (number, tail) = content.split_at(length);
        found.push(number);
        rest = tail;
    }
    found
}

/// The primes, d and the CRT values, in three places each.
#[tokio::test]
async fn nothing_is_left_of_an_uploaded_rsa_key() {
    let folder = tempfile::tempdir().unwrap();
    let api = Api::new(folder.path()).await;
    for format in [KeyFormat::Pkcs8, KeyFormat::Pkcs1] {
        let key = KeyPair::generate(PrivateKeyAlgo::Rsa2048).unwrap();
        let spec = CsrSpec::builder().domain("example.com").build().unwrap();
        let csr = Csr::sign(&spec, &key).unwrap().to_pem();
        let der = key.to_der(KeyFormat::Pkcs1).unwrap();
        let numbers = integers(&der);
        assert_eq!(numbers.len(), 9);
        let mut samples = Samples::new();
        for number in &numbers[3..] {
            number.chunks_exact(number.len() / 3).for_each(|part| sample(&mut samples, part));
        }
        let pem = key.to_pem(format).unwrap();
        let body = upload(&csr, &pem);
        sample(&mut samples, &pem.lines().nth(18).unwrap().as_bytes()[..26]);
        drop((key, der, pem));
        assert!(page().found(&samples) > 0, "the search finds a body that is there");

        let (status, answer) = api.call(&api.token, Method::POST, "/v3/scm/csr/upload", body.into()).await;
        assert_eq!(status, StatusCode::OK, "{answer:?}");
        assert_eq!(page().found(&samples), 0, "{format} uploaded");
    }
}

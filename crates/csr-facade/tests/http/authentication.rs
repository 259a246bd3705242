//! Only known callers are admitted.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use csr_facade::{Right, Rights};
use tokio::time::Instant;

use crate::Result;
use crate::api::{Api, CREATE};

const COLLECTION: &str = "/v3/scm/csr";
const REFUSED: &str = "Incorrect IAM authentication information: ";

async fn refused(api: &Api, request: Request<Body>) -> Result<String> {
    let message = api.send(request).await?.error(401, "APIGW.0301")?;
    Ok(message.strip_prefix(REFUSED).ok_or("another text")?.to_owned())
}

#[tokio::test]
async fn request_needs_exactly_one_known_token() -> Result {
    let api = Api::new().await?;
    let with = |tokens: &[&str]| {
        let request = Request::get(COLLECTION);
        tokens
            .iter()
            .fold(request, |request, token| request.header("X-Auth-Token", *token))
            .body(Body::empty())
    };
    assert!(refused(&api, with(&[])?).await?.starts_with("the request must have X-Auth-Token"));
    let token = api.token.as_str();
    for length in [0, 31, 2_097_153] {
        let message = refused(&api, with(&[&"x".repeat(length)])?).await?;
        assert_eq!(message, "X-Auth-Token must have between 32 and 2097152 characters");
    }
    let unknown = "X-Auth-Token is unknown or revoked";
    let wrong_end = format!("{}A", &token[..token.len() - 1]);
    let wrong_end = if wrong_end == token { format!("{}B", &token[..token.len() - 1]) } else { wrong_end };
    for wrong in
        ["x".repeat(32), "x".repeat(2_097_152), wrong_end, format!("{token}x"), token[..46].to_owned()]
    {
        assert_eq!(refused(&api, with(&[&wrong])?).await?, unknown);
    }
    assert_eq!(refused(&api, with(&[token, token])?).await?, "X-Auth-Token must be given once");
    api.send(with(&[token])?).await?.expect(StatusCode::OK)?;
    Ok(())
}

#[tokio::test]
async fn revoked_token_and_credential_are_refused() -> Result {
    let api = Api::new().await?;
    let issued = api.access.issue_token("to be revoked", Rights::all()).await?;
    let call = async || api.call_with(&issued.token, Method::GET, COLLECTION, Body::empty()).await;
    call().await?.expect(StatusCode::OK)?;
    assert!(api.access.revoke(&issued.caller.id).await?);
    call().await?.error(401, "APIGW.0301")?;
    assert!(!api.access.revoke(&issued.caller.id).await?);
    assert!(!api.access.revoke("t-unknown").await?);
    let listed = api.access.list().await?;
    let revoked = listed.iter().find(|caller| caller.id == issued.caller.id).ok_or("not listed")?;
    assert!(revoked.revoke_time.is_some());
    assert_eq!(revoked.label, "to be revoked");
    Ok(())
}

#[tokio::test]
async fn other_schemes_are_refused() -> Result {
    let api = Api::new().await?;
    for value in [
        "Bearer x",
        "Basic eDp4",
        "SDK-HMAC-SHA256",
        "SDK-ECDSA-P256-SHA256 Access=a, SignedHeaders=b, Signature=00",
        "",
    ] {
        let request = Request::get(COLLECTION).header("Authorization", value).body(Body::empty())?;
        assert!(refused(&api, request).await?.starts_with("Authorization must be `SDK-HMAC-SHA256"));
    }
    Ok(())
}

#[tokio::test]
async fn refused_caller_changes_nothing() -> Result {
    let api = Api::new().await?;
    let path = format!("{COLLECTION}/{}", api.create().await?);
    let before = api.get(&path).await?.expect(StatusCode::OK)?.0;
    let reader = api.access.issue_token("reader", Rights::from_iter([Right::Read])).await?.token;
    for token in ["x".repeat(40), reader.to_string()] {
        for (method, body) in [(Method::PUT, r#"{"name":"x"}"#), (Method::DELETE, "")] {
            let status = api.call_with(&token, method, &path, body).await?.status.as_u16();
            assert!(status == 401 || status == 403);
        }
        let status = api.call_with(&token, Method::POST, COLLECTION, CREATE).await?.status.as_u16();
        assert!(status == 401 || status == 403);
    }
    assert_eq!(api.get(&path).await?.expect(StatusCode::OK)?.0, before);
    assert_eq!(api.get(COLLECTION).await?.expect(StatusCode::OK)?.0["total"], 1);
    Ok(())
}

#[tokio::test]
async fn issued_tokens_and_credentials_are_as_documented() -> Result {
    let api = Api::new().await?;
    let token = api.access.issue_token("t", Rights::all()).await?;
    assert_eq!(token.token.len(), 47);
    assert!(token.token.starts_with("csr_"));
    assert!(token.caller.id.len() == 18 && token.caller.id.starts_with("t-"));
    let credential = api.access.issue_credential("c", Rights::all()).await?;
    assert_eq!((credential.caller.id.len(), credential.secret_key.len()), (20, 40));
    assert!(credential.caller.id.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit()));
    for (label, rights) in
        [("x", Rights::default()), ("\u{1b}[2J", Rights::all()), (&*"é".repeat(256), Rights::all())]
    {
        assert!(matches!(api.access.issue_token(label, rights).await, Err(csr_facade::Error::Invalid(_))));
        assert!(matches!(
            api.access.issue_credential(label, rights).await,
            Err(csr_facade::Error::Invalid(_))
        ));
    }
    Ok(())
}

/// A valid caller from the same address is not slowed by the failures of others. The test runs in
/// virtual time, which passes only while everything waits, so it shows exactly which requests were
/// delayed, and by how much.
#[tokio::test(start_paused = true)]
async fn many_failures_lock_nobody_out() -> Result {
    let api = Api::new().await?;
    let wrong = "x".repeat(40);
    let waited = async |token: &str, status: u16| -> Result<Duration> {
        let asked = Instant::now();
        let answer = api.call_with(token, Method::GET, COLLECTION, Body::empty()).await?;
        assert_eq!(answer.status, status);
        Ok(asked.elapsed())
    };
    assert_eq!(waited(&wrong, 401).await?, Duration::ZERO);
    for _ in 0..20 {
        waited(&wrong, 401).await?;
    }
    assert!(waited(&wrong, 401).await? >= Duration::from_secs(2), "failures are not slowed");
    assert_eq!(waited(&api.token, 200).await?, Duration::ZERO);
    Ok(())
}

//! Misplaced and mangled private keys: no refusal and no line of the log shows any part of them.

use axum::http::Method;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::Result;
use crate::api::Api;
use crate::planted::{assert_nothing_leaks, fixed, mangled};
use crate::secrets::logged;

/// A request with this text in one field, or in place of a field's name.
fn bodies(text: &str) -> Vec<Vec<u8>> {
    let whole = json!({
        "name": "web", "domain_name": "example.com", "sans": "", "private_key_algo": "EC_P256",
        "usage": "ENTERPRISE", "company_country": "CN", "company_province": "Beijing", "company_city": "Beijing",
        "company_name": "Company", "csr": "none", "private_key": "",
    });
    let fields: Vec<String> =
        whole.as_object().into_iter().flatten().map(|(field, _)| field.clone()).collect();
    let mut bodies = Vec::new();
    for field in fields {
        for value in [json!(text), json!([{text: text}])] {
            let mut body = whole.clone();
            body[&field] = value;
            bodies.push(body.to_string().into_bytes());
        }
    }
    let mut body = whole;
    body[text] = json!(1);
    body["name"] = json!("");
    bodies.push(body.to_string().into_bytes());
    bodies
}

#[tokio::test]
async fn no_refusal_and_no_log_line_shows_a_planted_key() -> Result {
    let api = Api::new().await?;
    let id = api.create().await?;
    let one = format!("/v3/scm/csr/{id}");
    let mut refused = 0;
    for input in fixed() {
        refused += refusals(&api, &one, input).await?;
    }
    assert!(refused > 5_000, "{refused}");
    assert_nothing_leaks(logged().as_bytes());
    Ok(())
}

/// Sends this input in every place, checks the answers, and returns the number of refusals.
async fn refusals(api: &Api, one: &str, input: Vec<u8>) -> Result<usize> {
    let mut refused = 0;
    let mut inputs = bodies(&String::from_utf8_lossy(&input));
    inputs.push(input);
    for body in inputs {
        for (method, path) in
            [(Method::POST, "/v3/scm/csr"), (Method::POST, "/v3/scm/csr/upload"), (Method::PUT, one)]
        {
            let answer = api.call(method, path, body.clone()).await?;
            if !answer.status.is_success() {
                refused += 1;
                assert!(answer.status.is_client_error(), "{answer:?}");
                assert_nothing_leaks(&answer.body);
            }
        }
    }
    Ok(refused)
}

#[test]
fn no_refusal_and_no_log_line_shows_a_key_mangled_in_any_way() -> Result {
    let runtime = tokio::runtime::Runtime::new()?;
    let api = runtime.block_on(Api::new())?;
    let one = format!("/v3/scm/csr/{}", runtime.block_on(api.create())?);
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config).run(&proptest::collection::vec(any::<u8>(), 2..64), |program| {
        let refused = runtime.block_on(refusals(&api, &one, mangled(&program)));
        prop_assert!(refused.is_ok_and(|refused| refused > 0));
        Ok(())
    })?;
    assert_nothing_leaks(logged().as_bytes());
    Ok(())
}

/// A key whose PEM lost its line ends in a shell variable is still the same key.
#[tokio::test]
async fn uploaded_key_may_have_lost_its_line_ends() -> Result {
    let api = Api::new().await?;
    let key = csr_core::KeyPair::generate(csr_model::PrivateKeyAlgo::EcP256)?;
    let csr = csr_core::Csr::sign(&csr_core::CsrSpec::builder().domain("example.com").build()?, &key)?;
    let pem = key.to_pem(csr_core::KeyFormat::Pkcs8)?;
    for line_end in [" ", "", "\r", "\\n"] {
        let body = json!({"name": "web", "csr": csr.to_pem(), "private_key": pem.replace('\n', line_end)});
        let uploaded = api.call(Method::POST, "/v3/scm/csr/upload", body.to_string()).await?;
        let id = uploaded.expect(axum::http::StatusCode::OK)?.text("id")?.to_owned();
        let shown = api.get(&format!("/v3/scm/csr/{id}/private-key")).await?;
        assert_eq!(shown.expect(axum::http::StatusCode::OK)?.text("private_key")?, pem.as_str());
    }
    Ok(())
}

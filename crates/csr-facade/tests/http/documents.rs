//! The documents and probes that are served beside the API.

use axum::http::StatusCode;
use csr_facade::http::openapi;
use serde_json::Value;

use crate::Result;
use crate::api::Api;

/// The path of the committed document. `CSR_UPDATE_OPENAPI=1` writes it.
const COMMITTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");

#[test]
fn served_openapi_document_is_that_of_the_types() -> Result {
    let json = openapi::json()?;
    if std::env::var_os("CSR_UPDATE_OPENAPI").is_some() {
        std::fs::write(COMMITTED, &json)?;
    }
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(COMMITTED)?)?;
    let made: Value = serde_json::from_str(&json)?;
    assert!(committed == made, "openapi.json must match the types: run the test with CSR_UPDATE_OPENAPI=1");
    Ok(())
}

#[tokio::test]
async fn openapi_document_names_every_operation_and_limit() -> Result {
    let api = Api::new().await?;
    let document = api.get("/openapi.json").await?.expect(StatusCode::OK)?.0;
    assert_eq!(document["openapi"], "3.1.0");
    let operations: Vec<&str> = document["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .flat_map(|(_, methods)| methods.as_object().into_iter().flatten())
        .filter_map(|(_, operation)| operation["operationId"].as_str())
        .collect();
    let all = ["CreateCsr", "ListCsr", "ShowCsr", "ShowCsrPrivateKey", "UpdateCsr", "DeleteCsr", "UploadCsr"];
    assert_eq!(operations.len(), all.len());
    assert!(all.iter().all(|name| operations.contains(name)));
    let create = &document["components"]["schemas"]["CreateCsrRequest"];
    assert_eq!(create["properties"]["name"]["maxLength"], 63);
    assert_eq!(create["properties"]["sans"]["maxLength"], 255);
    assert_eq!(create["required"], serde_json::json!(["name", "domain_name", "private_key_algo", "usage"]));
    Ok(())
}

#[tokio::test]
async fn page_loads_nothing_from_elsewhere() -> Result {
    let api = Api::new().await?;
    let page = api.get("/docs").await?;
    let text = String::from_utf8(page.body.to_vec())?;
    assert!(text.starts_with("<!doctype html>"));
    assert!(!text.contains("http:") && !text.contains("https:") && !text.contains("//cdn"));
    assert!(page.headers["content-security-policy"].to_str()?.contains("default-src 'none'"));
    Ok(())
}

#[tokio::test]
async fn metrics_count_by_operation_status_and_algorithm() -> Result {
    let api = Api::new().await?;
    let id = api.create().await?;
    api.get(&format!("/v3/scm/csr/{id}")).await?.expect(StatusCode::OK)?;
    api.call_with(&"x".repeat(32), axum::http::Method::GET, "/v3/scm/csr", "")
        .await?
        .error(401, "APIGW.0301")?;
    api.get("/other").await?.error(404, "APIGW.0101")?;
    let metrics = api.get("/metrics").await?;
    assert!(metrics.headers["content-type"].to_str()?.starts_with("application/openmetrics-text"));
    let text = String::from_utf8(metrics.body.to_vec())?;
    for line in [
        r#"csr_http_requests_total{operation="CreateCsr",status="201",algorithm="EC_P256"} 1"#,
        r#"csr_http_requests_total{operation="ShowCsr",status="200",algorithm="EC_P256"} 1"#,
        r#"csr_http_requests_total{operation="ListCsr",status="401",algorithm="none"} 1"#,
        r#"csr_http_requests_total{operation="none",status="404",algorithm="none"} 1"#,
        r#"csr_http_request_duration_seconds_count{operation="CreateCsr",algorithm="EC_P256"} 1"#,
        "csr_auth_failures_total 1",
        r#"csr_keys_waiting{kind="rsa"} 0"#,
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(text.ends_with("# EOF\n"));
    Ok(())
}

#[tokio::test]
async fn probes_answer_200() -> Result {
    let api = Api::new().await?;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(api.get(path).await?.status, StatusCode::OK);
    }
    Ok(())
}

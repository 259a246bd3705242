//! Every row of the error table.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use csr_facade::{Right, Rights};
use serde_json::json;

use crate::Result;
use crate::api::{Api, CREATE};

const ABSENT: &str = "0123456789abcdef0123456789abcdef";
const COLLECTION: &str = "/v3/scm/csr";

/// Each operation: method, path for an id, body.
fn operations(id: &str) -> [(Method, String, &'static str, Right); 7] {
    let one = format!("{COLLECTION}/{id}");
    [
        (Method::POST, COLLECTION.to_owned(), CREATE, Right::Write),
        (Method::GET, COLLECTION.to_owned(), "", Right::Read),
        (Method::GET, one.clone(), "", Right::Read),
        (Method::GET, format!("{one}/private-key"), "", Right::ExportKey),
        (Method::PUT, one.clone(), r#"{"name":"new"}"#, Right::Write),
        (Method::DELETE, one, "", Right::Write),
        (Method::POST, format!("{COLLECTION}/upload"), r#"{"name":"n","csr":"c"}"#, Right::Write),
    ]
}

#[tokio::test]
async fn scm_0005_names_every_fault() -> Result {
    let api = Api::new().await?;
    let long = "x".repeat(256);
    let request = json!({
        "name": "", "domain_name": "-a.example", "sans": long, "private_key_algo": "EC_P256", "usage": "ENTERPRISE",
        "company_country": "C", "company_name": long,
    });
    let refused = api.call(Method::POST, COLLECTION, request.to_string()).await?.error(400, "SCM.0005")?;
    for field in
        ["name", "domain_name", "sans", "company_country", "company_province", "company_city", "company_name"]
    {
        assert!(refused.split("; ").any(|fault| fault.starts_with(field)), "{field} in {refused}");
    }
    let request = r#"{"name":1,"private_key_algo":"RSA","usage":"usage"}"#;
    let refused = api.call(Method::POST, COLLECTION, request).await?.error(400, "SCM.0005")?;
    for field in [
        "name: must be a string",
        "domain_name: is required",
        "private_key_algo: \"RSA\" must be one of RSA_2048, RSA_3072, RSA_4096, EC_P256, EC_P384, SM2",
        "usage: \"usage\" must be one of PERSONAL, ENTERPRISE",
    ] {
        assert!(refused.contains(field), "{field} in {refused}");
    }
    // A violation of the form must not prevent the other checks.
    let request = json!({"name": "n".repeat(64), "domain_name": "_", "sans": 7, "private_key_algo": "EC_P256",
        "usage": "ENTERPRISE", "company_country": "China", "company_province": "Beijing", "company_city": ["x"]});
    let refused = api.call(Method::POST, COLLECTION, request.to_string()).await?.error(400, "SCM.0005")?;
    let fields: Vec<_> =
        refused.split("; ").map(|fault| fault.split(':').next().unwrap_or_default()).collect();
    assert_eq!(fields, ["name", "domain_name", "sans", "company_country", "company_city", "company_name"]);
    let path = format!("{COLLECTION}/{}", api.create().await?);
    for name in ["", &"é".repeat(64)] {
        let request = json!({ "name": name }).to_string();
        let refused = api.call(Method::PUT, &path, request).await?.error(400, "SCM.0005")?;
        assert!(refused.starts_with("name: "), "{refused}");
    }
    let longest = json!({"name": "é".repeat(63)}).to_string();
    api.call(Method::PUT, &path, longest).await?.expect(StatusCode::OK)?;
    let refused = api.get(&format!("{COLLECTION}?limit=15&offset=x")).await?.error(400, "SCM.0005")?;
    assert_eq!(
        refused,
        "limit: \"15\" must be 10, 20 or 50; offset: \"x\" must be a whole number from 0 to 9223372036854775807"
    );
    let upload = r#"{"name":"n","csr":"no PEM"}"#;
    let refused = api.call(Method::POST, "/v3/scm/csr/upload", upload).await?.error(400, "SCM.0005")?;
    assert!(refused.starts_with("csr: "), "{refused}");
    let upload = r#"{"name":"a\u0007","csr":7}"#;
    let refused = api.call(Method::POST, "/v3/scm/csr/upload", upload).await?.error(400, "SCM.0005")?;
    assert_eq!(
        refused,
        "name: must not contain the control character U+0007; csr: must be a string, not a number"
    );
    Ok(())
}

/// A field with more faults than fit into a message leaves room for the other fields.
#[tokio::test]
async fn scm_0005_names_every_field_of_many_faults() -> Result {
    let api = Api::new().await?;
    let request = json!({
        "name": "n".repeat(64), "domain_name": "-a.example", "sans": vec!["_"; 128].join(";"),
        "private_key_algo": "EC_P256", "usage": "ENTERPRISE", "company_country": "China",
    });
    let refused = api.call(Method::POST, COLLECTION, request.to_string()).await?.error(400, "SCM.0005")?;
    for part in [
        "name: must have at most 63 characters",
        "domain_name: \"-a.example\"",
        "sans[0]: \"_\"",
        "sans[1]: \"_\"",
        "company_country: \"China\"",
        "company_province: is required",
        "company_city: is required",
        "company_name: is required when usage is ENTERPRISE",
    ] {
        assert!(refused.contains(part), "{part} in {refused}");
    }
    Ok(())
}

#[tokio::test]
async fn scm_0707_for_every_operation_on_a_csr() -> Result {
    let api = Api::new().await?;
    for id in [ABSENT, "0123456789ABCDEF0123456789ABCDEF", "x", "%00", "%ff", "..%2f", &"0".repeat(5_000)] {
        for (method, path, body, _) in operations(id).into_iter().filter(|(_, path, ..)| path.contains(id)) {
            api.call(method, &path, body).await?.error(400, "SCM.0707")?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn scm_0012_and_0014_for_uploaded_keys() -> Result {
    let api = Api::new().await?;
    let path = |id: &str| format!("{COLLECTION}/{id}");
    let (one, other) = (path(&api.create().await?), path(&api.create().await?));
    let csr = api.get(&one).await?.expect(StatusCode::OK)?.text("csr")?.to_owned();
    let other_key = api.get(&format!("{other}/private-key")).await?.expect(StatusCode::OK)?.0;
    let upload = async |key: &str| -> Result<_> {
        let request = json!({"name": "n", "csr": csr, "private_key": key}).to_string();
        api.call(Method::POST, "/v3/scm/csr/upload", request).await
    };
    upload("not a key").await?.error(400, "SCM.0012")?;
    upload(other_key["private_key"].as_str().ok_or("no key")?).await?.error(400, "SCM.0014")?;
    Ok(())
}

#[tokio::test]
async fn apigw_0301_for_every_operation() -> Result {
    let api = Api::new().await?;
    let id = api.create().await?;
    for (method, path, body, _) in operations(&id).into_iter().chain(operations("malformed")) {
        let answer = api.call_with(&"x".repeat(32), method, &path, body).await?;
        let message = answer.error(401, "APIGW.0301")?;
        assert_eq!(message, "Incorrect IAM authentication information: X-Auth-Token is unknown or revoked");
    }
    Ok(())
}

#[tokio::test]
async fn scm_0003_for_every_missing_right() -> Result {
    let api = Api::new().await?;
    for given in [Right::Read, Right::Write, Right::ExportKey] {
        let token = api.access.issue_token("one right", Rights::from_iter([given])).await?.token;
        let id = api.create().await?;
        // A missing right is reported before a missing CSR.
        for (method, path, body, right) in operations(&id).into_iter().chain(operations(ABSENT)) {
            let answer = api.call_with(&token, method, &path, body).await?;
            if right == given {
                assert!(answer.status != StatusCode::FORBIDDEN && answer.status != StatusCode::UNAUTHORIZED);
            } else {
                answer.error(403, "SCM.0003")?;
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn scm_0003_if_keys_are_not_exported() -> Result {
    let api = Api::with(|options, _| options.key_export = false).await?;
    let id = api.create().await?;
    let answer = api.get(&format!("{COLLECTION}/{id}/private-key")).await?;
    assert!(answer.error(403, "SCM.0003")?.contains("csr key export"));
    let key = api.service.export_key(id.parse()?).await?;
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----"));
    Ok(())
}

#[tokio::test]
async fn apigw_0101_for_other_paths_and_methods() -> Result {
    let api = Api::new().await?;
    let one = format!("{COLLECTION}/{}", api.create().await?);
    let wrong = [
        (Method::GET, "/".to_owned()),
        (Method::GET, "/v3/scm".to_owned()),
        (Method::GET, "/v3/scm/csr/".to_owned()),
        (Method::GET, "/V3/scm/csr".to_owned()),
        (Method::GET, format!("{one}/")),
        (Method::GET, format!("{one}/csr")),
        (Method::PUT, COLLECTION.to_owned()),
        (Method::DELETE, COLLECTION.to_owned()),
        (Method::POST, one.clone()),
        (Method::PATCH, one.clone()),
        (Method::GET, "/v3/scm/csr/upload".to_owned()),
        (Method::POST, format!("{one}/private-key")),
        (Method::OPTIONS, COLLECTION.to_owned()),
        (Method::OPTIONS, "*".to_owned()),
        (Method::TRACE, COLLECTION.to_owned()),
        (Method::POST, "/healthz".to_owned()),
    ];
    for (method, path) in wrong {
        api.call(method, &path, Body::empty()).await?.error(404, "APIGW.0101")?;
    }
    for path in [COLLECTION, &one, &format!("{one}/private-key"), "/healthz", "/metrics"] {
        let answer = api.call(Method::HEAD, path, Body::empty()).await?;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "HEAD {path}");
    }
    Ok(())
}

#[tokio::test]
async fn apigw_0201_for_a_large_body() -> Result {
    let api = Api::new().await?;
    let body = |length: usize| format!("{}{}", CREATE, " ".repeat(length - CREATE.len()));
    api.call(Method::POST, COLLECTION, body(64 * 1024)).await?.expect(StatusCode::CREATED)?;
    api.call(Method::POST, COLLECTION, body(64 * 1024 + 1)).await?.error(413, "APIGW.0201")?;
    let chunks = (0..100).map(|_| Ok::<_, std::io::Error>(bytes::Bytes::from(vec![b' '; 1_000])));
    let body = Body::from_stream(futures_util::stream::iter(chunks));
    api.call(Method::POST, COLLECTION, body).await?.error(413, "APIGW.0201")?;
    Ok(())
}

#[tokio::test]
async fn full_queue_says_when_to_try_again() -> Result {
    let api = Api::new().await?;
    // From now on no creation is accepted, as if every place were taken.
    api.service.finish().await;
    let answer = api.call(Method::POST, COLLECTION, CREATE).await?;
    answer.error(429, "APIGW.0308")?;
    let seconds: u64 = answer.headers.get("retry-after").ok_or("no Retry-After")?.to_str()?.parse()?;
    assert!((1..=60).contains(&seconds));
    api.get(COLLECTION).await?.expect(StatusCode::OK)?;
    Ok(())
}

#[tokio::test]
async fn slow_body_is_408_and_slow_answer_is_503() -> Result {
    let api = Api::with(|_, limits| limits.body_timeout = std::time::Duration::from_millis(20)).await?;
    let endless = || Body::from_stream(futures_util::stream::pending::<std::io::Result<bytes::Bytes>>());
    api.call(Method::POST, COLLECTION, endless()).await?.error(408, "APIGW.0201")?;
    let api = Api::with(|_, limits| limits.request_timeout = std::time::Duration::from_millis(20)).await?;
    let answer = api.call(Method::POST, COLLECTION, endless()).await?;
    answer.error(503, "SCM.0503")?;
    assert!(answer.headers.contains_key("retry-after"));
    Ok(())
}

//! All seven operations, with all six algorithms.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use csr_core::{KeyPair, PrivateKeyAlgo, SignatureStatus, inspect};
use serde_json::{Value, json};

use crate::Result;
use crate::api::{Api, CREATE};

const COLLECTION: &str = "/v3/scm/csr";

async fn create_show_and_read_the_key(algorithm: PrivateKeyAlgo) -> Result {
    let api = Api::new().await?;
    let request = json!({
        "name": "中 name", "domain_name": "Bücher.example", "sans": "b.example;a.example;192.0.2.7",
        "private_key_algo": algorithm, "usage": "ENTERPRISE", "company_country": "CN",
        "company_province": "Beijing", "company_city": "Beijing", "company_name": "A, B & Söhne",
    });
    let created = api.call(Method::POST, COLLECTION, request.to_string()).await?;
    let created = created.expect(StatusCode::CREATED)?.0;
    let fields: Vec<&str> =
        created.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let documented = [
        "company_city",
        "company_country",
        "company_name",
        "company_province",
        "create_time",
        "domain_name",
        "id",
        "name",
        "private_key_algo",
        "sans",
        "update_time",
        "usage",
    ];
    assert_eq!(fields, documented);
    for (name, sent) in request.as_object().into_iter().flatten() {
        assert_eq!(&created[name], sent, "{name}");
    }
    assert_eq!(created["create_time"], created["update_time"]);
    assert!(created["create_time"].as_i64().is_some_and(|time| time > 1_700_000_000_000));

    let id = created["id"].as_str().ok_or("no id")?;
    let shown = api.get(&format!("{COLLECTION}/{id}")).await?.expect(StatusCode::OK)?;
    let mut expected = created.clone();
    expected["csr"] = shown.0["csr"].clone();
    assert_eq!(shown.0, expected);
    let inspection = inspect(shown.text("csr")?.as_bytes())?;
    assert!(matches!(inspection.signature_status(), SignatureStatus::Valid { .. }));

    let key = api.get(&format!("{COLLECTION}/{id}/private-key")).await?;
    assert_eq!(key.headers.get("cache-control").map(|v| v.as_bytes()), Some(&b"no-store"[..]));
    let key = key.expect(StatusCode::OK)?;
    let key = KeyPair::import(key.text("private_key")?.as_bytes(), None)?;
    assert!(inspection.is_for(&key));
    Ok(())
}

macro_rules! for_all_algorithms {
    ($($name:ident = $algorithm:ident),+) => {
        $(#[tokio::test]
        async fn $name() -> Result {
            create_show_and_read_the_key(PrivateKeyAlgo::$algorithm).await
        })+
    };
}

for_all_algorithms!(
    rsa_2048 = Rsa2048,
    rsa_3072 = Rsa3072,
    rsa_4096 = Rsa4096,
    ec_p256 = EcP256,
    ec_p384 = EcP384,
    sm2 = Sm2
);

#[tokio::test]
async fn absent_optional_fields_come_back_empty() -> Result {
    let api = Api::new().await?;
    let request =
        r#"{"name":"n","domain_name":"a.example","private_key_algo":"SM2","usage":"PERSONAL","sans":null}"#;
    let created = api.call(Method::POST, COLLECTION, request).await?.expect(StatusCode::CREATED)?;
    for field in ["sans", "company_country", "company_province", "company_city", "company_name"] {
        assert_eq!(created.text(field)?, "");
    }
    Ok(())
}

#[tokio::test]
async fn organisation_profile_completes_enterprise_requests() -> Result {
    let api = Api::with(|options, _| {
        options.organization.country = "CN".into();
        options.organization.province = "Beijing".into();
        options.organization.city = "Beijing".into();
        options.organization.name = "Profile".into();
    })
    .await?;
    let request = CREATE.replace("PERSONAL", "ENTERPRISE");
    let created = api.call(Method::POST, COLLECTION, request).await?.expect(StatusCode::CREATED)?;
    assert_eq!(created.text("company_country")?, "CN");
    assert_eq!(created.text("company_name")?, "Profile");
    Ok(())
}

#[tokio::test]
async fn update_changes_only_the_name() -> Result {
    let api = Api::new().await?;
    let path = format!("{COLLECTION}/{}", api.create().await?);
    let before = api.get(&path).await?.expect(StatusCode::OK)?.0;
    let after = api.call(Method::PUT, &path, r#"{"name":"new"}"#).await?.expect(StatusCode::OK)?.0;
    let mut expected = before.clone();
    expected["name"] = json!("new");
    expected["update_time"] = after["update_time"].clone();
    assert_eq!(after, expected);
    assert!(after["update_time"].as_i64() >= before["update_time"].as_i64());
    assert_eq!(api.get(&path).await?.expect(StatusCode::OK)?.0, after);
    Ok(())
}

#[tokio::test]
async fn deletion_has_no_body() -> Result {
    let api = Api::new().await?;
    let path = format!("{COLLECTION}/{}", api.create().await?);
    let answer = api.call(Method::DELETE, &path, Body::empty()).await?;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    assert!(answer.body.is_empty());
    api.get(&path).await?.error(400, "SCM.0707")?;
    api.get(&format!("{path}/private-key")).await?.error(400, "SCM.0707")?;
    Ok(())
}

#[tokio::test]
async fn lists_are_paged_and_filtered() -> Result {
    let api = Api::new().await?;
    for i in 0..12 {
        let algorithm = if i % 2 == 0 { "EC_P256" } else { "SM2" };
        let request = CREATE.replace("\"web\"", &format!("\"web-{i}\"")).replace("EC_P256", algorithm);
        api.call(Method::POST, COLLECTION, request).await?.expect(StatusCode::CREATED)?;
    }
    let names = async |query: &str| -> Result<(Vec<String>, u64)> {
        let page = api.get(&format!("{COLLECTION}{query}")).await?.expect(StatusCode::OK)?.0;
        let items = page["csr_list"].as_array().ok_or("no csr_list")?;
        assert!(
            items.iter().all(|item| item["csr"].as_str().is_some_and(|csr| csr.starts_with("-----BEGIN")))
        );
        let name = |item: &Value| item["name"].as_str().map(str::to_owned).ok_or("no name");
        let names = items.iter().map(name).collect::<core::result::Result<_, _>>()?;
        Ok((names, page["total"].as_u64().ok_or("no total")?))
    };
    let (first, total) = names("").await?;
    assert_eq!((first.len(), total), (10, 12));
    assert_eq!(first[0], "web-11");
    assert_eq!(names("?offset=10").await?, (vec!["web-1".to_owned(), "web-0".to_owned()], 12));
    assert_eq!(names("?limit=50").await?.0.len(), 12);
    assert_eq!(names("?name=b-1&limit=20").await?.1, 3);
    let (curves, total) = names("?private_key_algo=SM2&name=web-1&limit=50").await?;
    assert_eq!((curves, total), (vec!["web-11".to_owned(), "web-1".to_owned()], 2));
    assert_eq!(names("?offset=100").await?, (vec![], 12));
    Ok(())
}

#[tokio::test]
async fn upload_is_shown_and_its_key_is_stored() -> Result {
    let api = Api::new().await?;
    let made = format!("{COLLECTION}/{}", api.create().await?);
    let csr = api.get(&made).await?.expect(StatusCode::OK)?.text("csr")?.to_owned();
    let key = api
        .get(&format!("{made}/private-key"))
        .await?
        .expect(StatusCode::OK)?
        .text("private_key")?
        .to_owned();
    let request = json!({"name": "up", "csr": csr, "private_key": key}).to_string();
    let uploaded = api.call(Method::POST, "/v3/scm/csr/upload", request).await?.expect(StatusCode::OK)?;
    let fields: Vec<&String> = uploaded.0.as_object().into_iter().flatten().map(|(name, _)| name).collect();
    assert_eq!(fields, ["create_time", "id", "name"]);
    let path = format!("{COLLECTION}/{}", uploaded.text("id")?);
    let shown = api.get(&path).await?.expect(StatusCode::OK)?;
    assert_eq!(shown.text("csr")?, csr);
    assert_eq!(shown.text("name")?, "up");
    let kept = api.get(&format!("{path}/private-key")).await?.expect(StatusCode::OK)?;
    assert_eq!(kept.text("private_key")?, key);

    let request = json!({"name": "no key", "csr": csr}).to_string();
    let uploaded = api.call(Method::POST, "/v3/scm/csr/upload", request).await?.expect(StatusCode::OK)?;
    let path = format!("{COLLECTION}/{}/private-key", uploaded.text("id")?);
    api.get(&path).await?.error(400, "SCM.0005")?;
    Ok(())
}

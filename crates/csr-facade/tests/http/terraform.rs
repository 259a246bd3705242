//! The flow of the Terraform provider's resource `huaweicloud_ccm_csr`.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::Result;
use crate::api::Api;

const COLLECTION: &str = "/v3/scm/csr";
/// The values that the resource reads back into its state.
const STATE: [&str; 10] = [
    "name",
    "domain_name",
    "private_key_algo",
    "usage",
    "sans",
    "company_country",
    "company_province",
    "company_city",
    "company_name",
    "csr",
];

async fn read(api: &Api, id: &str) -> Result<Value> {
    Ok(api.get(&format!("{COLLECTION}/{id}")).await?.expect(StatusCode::OK)?.0)
}

#[tokio::test]
async fn terraform_resource_goes_through_its_whole_life() -> Result {
    let api = Api::new().await?;
    let plan = json!({
        "name": "terraform", "domain_name": "Example.COM", "sans": "B.example;a.example", "private_key_algo": "RSA_2048",
        "usage": "ENTERPRISE", "company_country": "CN", "company_province": "Beijing", "company_city": "Beijing",
        "company_name": "Company",
    });
    let created = api.call(Method::POST, COLLECTION, plan.to_string()).await?;
    assert!([200, 201, 202].contains(&created.status.as_u16()));
    let id = created.json()?["id"].as_str().ok_or("no id")?.to_owned();

    // No drift: every field is as planned.
    let state = read(&api, &id).await?;
    for field in &STATE[..9] {
        assert_eq!(state[field], plan[field], "{field}");
    }
    assert!(state["csr"].as_str().is_some_and(|csr| csr.contains("BEGIN CERTIFICATE REQUEST")));

    let path = format!("{COLLECTION}/{id}");
    let updated = api.call(Method::PUT, &path, r#"{"name":"renamed"}"#).await?;
    assert!([200, 201, 202].contains(&updated.status.as_u16()));
    let renamed = read(&api, &id).await?;
    assert_eq!(renamed["name"], "renamed");
    for field in &STATE[1..] {
        assert_eq!(renamed[field], state[field], "{field}");
    }

    // An import is a read by id; the data source lists once.
    let imported = read(&api, &id).await?;
    assert_eq!(imported, renamed);
    let listed = api.get(&format!("{COLLECTION}?limit=50")).await?.expect(StatusCode::OK)?.0;
    assert_eq!(listed["csr_list"], json!([renamed]));

    let deleted = api.call(Method::DELETE, &path, Body::empty()).await?;
    assert!([200, 202, 204].contains(&deleted.status.as_u16()));
    // The provider takes exactly this error to mean "gone".
    api.get(&path).await?.error(400, "SCM.0707")?;
    Ok(())
}

//! Malformed JSON of every kind is the client's fault, never an internal error.

use axum::http::Method;

use crate::Result;
use crate::api::{Api, CREATE};

fn malformed() -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "null",
        "true",
        "0",
        "1e999999",
        "-",
        "\"text\"",
        "[]",
        "[{}]",
        "{",
        "}",
        "{}",
        "{}{}",
        "{},",
        "{\"name\"}",
        "{\"name\":}",
        "{\"name\":\"a\",}",
        "{name:\"a\"}",
        "{'name':'a'}",
        "{\"name\":\"a",
        "\u{feff}{}",
        "{\"name\":\"\\ud800\"}",
        "{\"name\":\"\\u12\"}",
        "{\"name\":\"\\x41\"}",
        "{\"name\":\"\t\"}",
        "// c\n{}",
        "{\"name\":NaN}",
        "{\"name\":1e400}",
        "{\"name\":{}}",
        "{\"name\":[]}",
        "{\"name\":\"a\",\"name\":\"b\"}",
        "name=a&domain_name=b",
        "<csr/>",
        "\0",
        "{\"\":\"\"}",
        "{\"name\":\"\\u0000\"}",
    ]
    .iter()
    .map(|text| text.as_bytes().to_vec())
    .collect();
    bodies.push(vec![0xff; 100]);
    bodies.push(b"{\"name\":\"\xff\xfe\"}".to_vec());
    bodies.push(b"{\"name\":\"\xed\xa0\x80\"}".to_vec());
    bodies.push([b"[".repeat(60_000), b"]".repeat(10)].concat());
    bodies.push(b"{\"a\":".repeat(12_000));
    bodies.push([b"{\"name\":".to_vec(), b"[".repeat(60_000)].concat());
    bodies.push([b"{\"name\":".to_vec(), b"9".repeat(60_000), b"}".to_vec()].concat());
    bodies.push((0..CREATE.len()).map(|_| b'{').collect());
    // Every prefix.
    bodies.extend((0..CREATE.len()).map(|end| CREATE.as_bytes()[..end].to_vec()));
    bodies
}

#[tokio::test]
async fn malformed_json_is_a_client_error() -> Result {
    let api = Api::new().await?;
    let one = format!("/v3/scm/csr/{}", api.create().await?);
    for body in malformed() {
        for (method, path) in
            [(Method::POST, "/v3/scm/csr"), (Method::PUT, one.as_str()), (Method::POST, "/v3/scm/csr/upload")]
        {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let answer = api.call(method, path, body.clone()).await?;
            answer.error(400, "SCM.0005").map_err(|error| format!("{shown}: {error}"))?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn flipped_byte_is_never_an_internal_error() -> Result {
    let api = Api::new().await?;
    for position in 0..CREATE.len() {
        for flip in [0x01, 0x20, 0x80] {
            let mut body = CREATE.as_bytes().to_vec();
            body[position] ^= flip;
            let status = api.call(Method::POST, "/v3/scm/csr", body).await?.status.as_u16();
            assert!(status == 201 || status == 400, "{status} for byte {position} ^ {flip}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn any_content_type_is_accepted() -> Result {
    let api = Api::new().await?;
    for content_type in
        ["application/json;charset=utf-8", "text/plain", "application/x-www-form-urlencoded", "x"]
    {
        let request = axum::http::Request::post("/v3/scm/csr")
            .header("x-auth-token", api.token.as_str())
            .header("content-type", content_type)
            .body(CREATE.into())?;
        api.send(request).await?.expect(axum::http::StatusCode::CREATED)?;
    }
    Ok(())
}

#[tokio::test]
async fn hostile_queries_are_read_or_refused() -> Result {
    let api = Api::new().await?;
    for query in
        ["?limit=%31%30&&&", "?offset=9223372036854775807", "?%", "?name=%25_'%22;--", "?name=%zz", "?=&="]
    {
        api.get(&format!("/v3/scm/csr{query}")).await?.expect(axum::http::StatusCode::OK)?;
    }
    for query in
        ["?limit=0", "?limit=10.0", "?offset=-1", "?offset=18446744073709551616", "?name=%ff", "?name=%00"]
    {
        api.get(&format!("/v3/scm/csr{query}")).await?.error(400, "SCM.0005")?;
    }
    Ok(())
}

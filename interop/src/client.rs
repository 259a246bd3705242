//! Other people's clients use a running façade.

use core::fmt;
use std::fs;
use std::path::Path;
use std::process::Command;

use csr_core::PrivateKeyAlgo;

use crate::tool::{
    absent, csr_public, key_public, python_missing, python_module, python_script, run, verifies,
};
use crate::{Result, Server};

/// The document that the façade's own tests keep in step with its types.
const OPENAPI: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/csr-facade/openapi.json");

/// Somebody else's client of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// The vendor's own SDK (`huaweicloudsdkscm`), signing with SHA-256 or with SM3.
    Sdk {
        /// Whether the signature is by `SDK-HMAC-SM3`.
        sm3: bool,
    },
    /// `curl` with a token.
    Curl,
    /// schemathesis: requests made from the OpenAPI document, answers checked against it.
    Schemathesis,
}

impl Client {
    /// Why the client cannot run here, if it cannot.
    #[must_use]
    pub fn missing(self) -> Option<String> {
        match self {
            Self::Sdk { .. } => python_missing("huaweicloudsdkscm"),
            Self::Curl => absent("curl", &["--version"]),
            Self::Schemathesis => python_missing("schemathesis"),
        }
    }

    /// Creates a CSR with a key of this algorithm and goes through what else the client does; OpenSSL must verify
    /// the CSR and find the exported key's public half in it.
    ///
    /// # Errors
    ///
    /// Says what was not as documented.
    pub fn use_server(self, server: &Server, algorithm: PrivateKeyAlgo, folder: &Path) -> Result<()> {
        match self {
            Self::Sdk { sm3 } => check(&sdk(server, algorithm, sm3)?, algorithm, folder),
            Self::Curl => check(&curl(server, algorithm)?, algorithm, folder),
            Self::Schemathesis => schemathesis(server, folder),
        }
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sdk { sm3: false } => "Python SDK",
            Self::Sdk { sm3: true } => "Python SDK with SM3",
            Self::Curl => "curl",
            Self::Schemathesis => "schemathesis",
        })
    }
}

/// What a client got.
struct Got {
    csr: String,
    private_key: String,
}

fn check(got: &Got, algorithm: PrivateKeyAlgo, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let (csr, key) = (folder.join("csr.pem"), folder.join("key.pem"));
    fs::write(&csr, &got.csr)?;
    fs::write(&key, &got.private_key)?;
    verifies(algorithm, &csr)?;
    if csr_public("PEM", &csr)? != key_public("PEM", &key, "")? {
        return Err("the exported key is not the CSR's".into());
    }
    Ok(())
}

fn sdk(server: &Server, algorithm: PrivateKeyAlgo, sm3: bool) -> Result<Got> {
    let mut command = python_script("use_with_sdk.py");
    command.args([&server.endpoint, &server.access_key, &server.secret_key, algorithm.as_str()]);
    command.args(sm3.then_some("sm3"));
    let answer: serde_json::Value = serde_json::from_str(&run(&mut command)?)?;
    Ok(Got { csr: text(&answer, "csr")?, private_key: text(&answer, "private_key")? })
}

fn curl(server: &Server, algorithm: PrivateKeyAlgo) -> Result<Got> {
    let call = |method: &str, path: &str, body: &str, status: &str| -> Result<serde_json::Value> {
        let mut command = Command::new("curl");
        command.args(["--silent", "--show-error", "--max-time", "60", "--write-out", "\n%{http_code}"]);
        command.args(["--request", method, "--header", &format!("X-Auth-Token: {}", server.token)]);
        if !body.is_empty() {
            command.args(["--data-raw", body]);
        }
        let answer = run(command.arg(format!("{}{path}", server.endpoint)))?;
        let (body, code) = answer.rsplit_once('\n').ok_or("no status")?;
        if code != status {
            return Err(format!("{method} {path}: {code} {body}").into());
        }
        Ok(if body.is_empty() { serde_json::Value::Null } else { serde_json::from_str(body)? })
    };
    let request = serde_json::json!({
        "name": "curl", "domain_name": "example.com", "private_key_algo": algorithm.as_str(), "usage": "PERSONAL",
    });
    let created = call("POST", "/v3/scm/csr", &request.to_string(), "201")?;
    let path = format!("/v3/scm/csr/{}", text(&created, "id")?);
    let shown = call("GET", &path, "", "200")?;
    let key = call("GET", &format!("{path}/private-key"), "", "200")?;
    call("PUT", &path, r#"{"name":"renamed"}"#, "200")?;
    call("GET", "/v3/scm/csr?limit=50&name=renamed", "", "200")?;
    call("DELETE", &path, "", "204")?;
    call("GET", &path, "", "400")?;
    Ok(Got { csr: text(&shown, "csr")?, private_key: text(&key, "private_key")? })
}

fn text(object: &serde_json::Value, name: &str) -> Result<String> {
    Ok(object[name].as_str().ok_or_else(|| format!("no {name} in {object}"))?.to_owned())
}

fn schemathesis(server: &Server, folder: &Path) -> Result<()> {
    // What the rules about names refuse, no JSON schema can say: what fits the schema may be refused with 400. And
    // another method is no such API: 404, not 405.
    let arguments = [
        "--checks=all",
        "--exclude-checks=positive_data_acceptance,unsupported_method",
        "--max-examples=40",
        "--seed=1",
        "--generation-database=none",
        "--workers=1",
    ];
    let mut command = python_module("schemathesis.cli");
    command.arg("run").arg(OPENAPI).args(["--url", &server.endpoint]);
    command.args(["--header", &format!("X-Auth-Token: {}", server.token)]).args(arguments);
    // It leaves notes where it runs.
    fs::create_dir_all(folder)?;
    run(command.current_dir(folder)).map(drop)
}

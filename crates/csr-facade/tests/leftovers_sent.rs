//! Nothing of a private key is left in the server's memory after it was sent over HTTP or TLS, even
//! while the connection is still open. The client is a separate process, whose memory is not
//! searched.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../csr-keygen/tests/leftovers/search.rs"]
mod search;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use csr_facade::http::{Limits, router, serve, tls};
use csr_facade::seal::MasterKey;
use csr_facade::store::SqliteStore;
use csr_facade::vault::MasterKeySource;
use csr_facade::{Access, Authenticator, Rights, Service, ServiceOptions, Vault};
use http_body_util::BodyExt;
use search::{Samples, page, sample};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tower::ServiceExt;

/// The client's arguments, separated by spaces: address, token, path, and the certificate's file
/// for TLS.
const CLIENT: &str = "CSR_TEST_CLIENT";

/// Not a test: the client's process.
#[test]
fn client_of_the_other_tests() {
    let Ok(arguments) = std::env::var(CLIENT) else { return };
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let address: SocketAddr = arguments[0].parse().unwrap();
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        let stream = TcpStream::connect(address).await.unwrap();
        match arguments.get(3) {
            None => ask(stream, arguments[1], arguments[2]).await,
            Some(certificate) => {
                let mut roots = RootCertStore::empty();
                roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
                let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                    .with_safe_default_protocol_versions()
                    .unwrap()
                    .with_root_certificates(roots)
                    .with_no_client_auth();
                let name = ServerName::try_from("localhost").unwrap();
                let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
                ask(stream, arguments[1], arguments[2]).await;
            }
        }
    });
}

/// Reads a key, prints masked samples of it, and keeps the connection until standard input ends.
async fn ask(mut stream: impl AsyncRead + AsyncWrite + Unpin, token: &str, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {token}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"\"}") {
        answer.push(stream.read_u8().await.unwrap());
    }
    let answer = String::from_utf8(answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{}", &answer[..20]);
    let lines: Vec<&str> = answer.split("\\n").collect();
    // An EC key's scalar is in the first half of the second line, an RSA key's primes are behind the middle.
    let line = if lines.len() < 10 { lines[2] } else { lines[lines.len() * 2 / 3] };
    let mut samples = Samples::new();
    sample(&mut samples, &line.as_bytes()[..26]);
    let mut out = std::io::stdout();
    writeln!(out, "\nsamples {samples:?}").unwrap();
    out.flush().unwrap();
    let _ = std::io::stdin().read(&mut [0]);
}

struct Client(Child);

impl Client {
    /// Starts it, and returns the samples of the key that it has printed.
    async fn start(arguments: String) -> (Self, Samples) {
        let started = tokio::task::spawn_blocking(move || {
            let mut process = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "client_of_the_other_tests", "--nocapture"])
                .env(CLIENT, arguments)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .spawn()
                .unwrap();
            let lines = BufReader::new(process.stdout.take().unwrap()).lines();
            let line =
                lines.map(Result::unwrap).find_map(|line| Some(line.strip_prefix("samples ")?.to_owned()));
            (Self(process), serde_json::from_str(&line.unwrap()).unwrap())
        });
        started.await.unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Api {
    router: Router,
    token: String,
}

impl Api {
    async fn new(folder: &Path) -> Self {
        let path = folder.join("store").join("csr.db");
        let store = tokio::task::spawn_blocking(move || SqliteStore::open(&path)).await.unwrap().unwrap();
        let master = MasterKeySource::Given(MasterKey::random().unwrap());
        let vault = Vault::open(Arc::new(store), master).await.unwrap();
        let service = Service::new(vault.clone(), ServiceOptions::default());
        let token = Access::new(vault.clone()).issue_token("tests", Rights::all()).await.unwrap().token;
        let authenticator = Authenticator::new(vault);
        Self { router: router(service, authenticator, Limits::default()), token: token.to_string() }
    }

    /// The path of a new key.
    async fn create(&self, algorithm: &str) -> String {
        let wanted = format!(
            r#"{{"name":"n","domain_name":"example.com","private_key_algo":"{algorithm}","usage":"PERSONAL"}}"#
        );
        let request =
            Request::post("/v3/scm/csr").header("X-Auth-Token", &self.token).body(Body::from(wanted));
        let answer = self.router.clone().oneshot(request.unwrap()).await.unwrap();
        assert_eq!(answer.status(), StatusCode::CREATED);
        let answer = answer.into_body().collect().await.unwrap().to_bytes();
        let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
        format!("/v3/scm/csr/{}/private-key", answer["id"].as_str().unwrap())
    }
}

async fn nothing_is_left(acceptor: Option<TlsAcceptor>, certificate: &str) {
    let folder = tempfile::tempdir().unwrap();
    let api = Api::new(folder.path()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let stopped = async { drop(stopped.await) };
    let server = tokio::spawn(serve(listener, api.router.clone(), Limits::default(), acceptor, stopped));

    for algorithm in ["EC_P256", "RSA_2048"] {
        let path = api.create(algorithm).await;
        let (client, samples) = Client::start(format!("{address} {} {path}{certificate}", api.token)).await;
        assert_eq!(page().found(&samples), 0, "sent: {algorithm}");
        // Unmasked, the key is found, which proves that the search works.
        let planted = samples[0].map(|byte| byte ^ 0xa5);
        let planted = core::hint::black_box(planted.to_vec());
        assert!(page().found(&samples) > 0, "the search finds a sample that is there");
        drop(zeroize::Zeroizing::new(planted));
        drop(client);
    }
    drop(stop);
    server.await.unwrap().unwrap();
}

#[tokio::test]
async fn nothing_is_left_of_a_private_key_sent_over_http() {
    nothing_is_left(None, "").await;
}

/// Writes a file of mode 0600.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    Write::write_all(&mut file, text.as_bytes())
}

#[tokio::test]
async fn nothing_is_left_of_a_private_key_sent_over_tls() {
    let folder = tempfile::tempdir().unwrap();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    write_private(&key, &made.signing_key.serialize_pem()).unwrap();
    let acceptor = tls::acceptor(&certificate, &key).unwrap();
    nothing_is_left(Some(acceptor), &format!(" {}", certificate.display())).await;
}

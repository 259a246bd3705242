//! The listener's limits, on a loopback socket.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use csr_facade::http::{Limits, serve, tls};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::Result;
use crate::api::{Api, CREATE};

/// A server on its own port, which stops on request.
struct Server {
    api: Api,
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    async fn start(change: impl FnOnce(&mut Limits)) -> Result<Self> {
        Self::at("127.0.0.1:0", None, change).await
    }

    async fn at(
        listen: &str,
        tls: Option<tokio_rustls::TlsAcceptor>,
        change: impl FnOnce(&mut Limits),
    ) -> Result<Self> {
        let mut limits = Limits::default();
        change(&mut limits);
        let api = Api::with(|_, router_limits| *router_limits = limits.clone()).await?;
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let shutdown = async move { drop(stopped.await) };
        let task = tokio::spawn(serve(listener, api.router.clone(), limits, tls, shutdown));
        Ok(Self { api, address, stop: Some(stop), task })
    }

    async fn connect(&self) -> Result<TcpStream> {
        Ok(TcpStream::connect(self.address).await?)
    }

    fn list(&self, token: &str, connection: &str) -> Vec<u8> {
        let head = "GET /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\n";
        format!("{head}Connection: {connection}\r\nX-Auth-Token: {token}\r\n\r\n").into_bytes()
    }

    /// The status line that a valid client gets.
    async fn good_client(&self) -> Result<String> {
        let mut stream = self.connect().await?;
        stream.write_all(&self.list(&self.api.token, "close")).await?;
        status_line(&mut stream).await
    }

    /// The answer to a request without a body, except for `Connection: close`.
    async fn ask(&self, head: &str) -> Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.address.port())).await?;
        stream.write_all(format!("{head}Connection: close\r\n\r\n").as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    async fn stop(mut self) -> Result {
        drop(self.stop.take());
        Ok(self.task.await??)
    }
}

/// Reads to the end, and returns the first line.
async fn status_line(stream: &mut (impl AsyncReadExt + Unpin)) -> Result<String> {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).lines().next().unwrap_or_default().to_owned())
}

const OK: &str = "HTTP/1.1 200 OK";

#[tokio::test]
async fn connection_is_kept_for_the_next_request() -> Result {
    let server = Server::start(|_| {}).await?;
    let mut stream = server.connect().await?;
    for _ in 0..3 {
        stream.write_all(&server.list(&server.api.token, "keep-alive")).await?;
        let mut answer = vec![0; OK.len()];
        stream.read_exact(&mut answer).await?;
        assert_eq!(answer, OK.as_bytes());
        // The rest of this small answer, which ends with the list's total.
        let mut rest = Vec::new();
        while !rest.ends_with(b"\"total\":0}") {
            rest.push(stream.read_u8().await?);
        }
    }
    drop(stream);
    server.stop().await
}

/// 1,000 sockets send a byte and then nothing, with room for 256. A valid client is still served.
#[tokio::test]
async fn idle_sockets_make_room_for_a_valid_client() -> Result {
    let server = Server::start(|limits| limits.connections = 256).await?;
    let mut idle = Vec::new();
    for _ in 0..1_000 {
        let mut stream = server.connect().await?;
        stream.write_all(b"G").await?;
        idle.push(stream);
    }
    assert_eq!(server.good_client().await?, OK);
    // The closed connections are those that had waited longest.
    let mut end = [0; 1];
    assert!(matches!(idle[0].read(&mut end).await, Ok(0) | Err(_)));
    drop(idle);
    server.stop().await
}

#[tokio::test]
async fn head_that_does_not_end_in_time_ends_the_connection() -> Result {
    let server = Server::start(|limits| limits.head_timeout = Duration::from_millis(100)).await?;
    for sent in ["", "GET /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\nX-Slow: "] {
        let mut stream = server.connect().await?;
        stream.write_all(sent.as_bytes()).await?;
        let answer = status_line(&mut stream).await?;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    // So does a pause after an answer.
    let mut stream = server.connect().await?;
    stream.write_all(&server.list(&server.api.token, "keep-alive")).await?;
    assert_eq!(status_line(&mut stream).await?, OK);
    server.stop().await
}

#[tokio::test]
async fn body_that_does_not_end_in_time_is_refused() -> Result {
    let server = Server::start(|limits| limits.body_timeout = Duration::from_millis(100)).await?;
    let mut stream = server.connect().await?;
    let head = "POST /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await?;
    assert_eq!(status_line(&mut stream).await?, "HTTP/1.1 408 Request Timeout");
    server.stop().await
}

/// Two hundred tokens of 2 MiB at once, permits for two heads, and a valid client between them.
#[tokio::test(flavor = "multi_thread")]
async fn large_tokens_are_read_and_block_no_other_client() -> Result {
    let server = Arc::new(Server::start(|limits| limits.large_heads = 2).await?);
    let large: Vec<_> = (0..200)
        .map(|_| {
            let server = Arc::clone(&server);
            tokio::spawn(async move {
                let run = async {
                    let mut stream = server.connect().await?;
                    stream.write_all(&server.list(&"x".repeat(2_097_152), "keep-alive")).await?;
                    status_line(&mut stream).await
                };
                run.await.map_err(|error| error.to_string())
            })
        })
        .collect();
    for _ in 0..10 {
        assert_eq!(server.good_client().await?, OK);
    }
    for answer in large {
        assert_eq!(answer.await?, Ok("HTTP/1.1 401 Unauthorized".to_owned()));
    }
    assert_eq!(server.good_client().await?, OK);
    let server = Arc::into_inner(server).ok_or("still in use")?;
    server.stop().await
}

#[tokio::test]
async fn head_beyond_the_longest_token_is_refused() -> Result {
    let server = Server::start(|_| {}).await?;
    let mut stream = server.connect().await?;
    // The server stops reading, so the rest cannot be sent. That is no failure of this test.
    let _ = stream.write_all(&server.list(&"x".repeat(8_000_000), "close")).await;
    let answer = status_line(&mut stream).await.unwrap_or_default();
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
    assert_eq!(server.good_client().await?, OK);
    server.stop().await
}

#[tokio::test]
async fn large_body_is_refused_and_the_answer_arrives() -> Result {
    let server = Server::start(|_| {}).await?;
    let mut stream = server.connect().await?;
    let head = "POST /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900000\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&vec![b' '; 900_000]).await?;
    assert_eq!(status_line(&mut stream).await?, "HTTP/1.1 413 Payload Too Large");
    server.stop().await
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_finishes_accepted_requests() -> Result {
    let mut server = Server::start(|_| {}).await?;
    let mut idle = server.connect().await?;
    let mut stream = server.connect().await?;
    let body = CREATE.replace("EC_P256", "RSA_4096");
    let token = server.api.token.as_str();
    let head = format!("POST /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {token}\r\n");
    stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await?;
    while server.api.service.generation().rsa.generating == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(server.stop.take());
    assert_eq!(status_line(&mut stream).await?, "HTTP/1.1 201 Created");
    assert_eq!(status_line(&mut idle).await?, "");
    let address = server.address;
    server.stop().await?;
    assert!(TcpStream::connect(address).await.is_err());
    Ok(())
}

/// DNS rebinding: the requests of a page under another name are refused on every path, before any
/// other check.
#[tokio::test]
async fn loopback_listener_answers_no_request_for_another_host() -> Result {
    let server =
        Server::start(|limits| limits.allowed_hosts = "csr.example.com".parse().into_iter().collect())
            .await?;
    let paths = [
        ("GET", "/v3/scm/csr"),
        ("POST", "/v3/scm/csr/upload"),
        ("GET", "/v3/scm/csr/0123456789abcdef0123456789abcdef/private-key"),
        ("GET", "/healthz"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
        ("GET", "/none"),
        ("OPTIONS", "/metrics"),
    ];
    for (method, path) in paths {
        for host in ["evil.example", "evil.example:8085", "", "localhost.evil.example"] {
            let answer = server.ask(&format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n")).await?;
            assert!(answer.starts_with("HTTP/1.1 421 Misdirected Request"), "{path}: {answer}");
            assert!(answer.contains("--allow-host") && answer.contains("APIGW.0101"), "{answer}");
        }
        let answer = server.ask(&format!("{method} {path} HTTP/1.1\r\n")).await?;
        assert!(answer.starts_with("HTTP/1.1 421 "), "{path}: {answer}");
    }
    let port = server.address.port();
    for host in ["localhost", "csr.example.com", &format!("127.0.0.1:{port}"), "[::1]:80"] {
        let answer = server.ask(&format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\n")).await?;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{host}: {answer}");
    }
    let answer = server.ask("GET /healthz HTTP/1.0\r\n").await?;
    assert!(answer.starts_with("HTTP/1.0 200 OK"), "{answer}");
    server.stop().await
}

#[tokio::test]
async fn listener_beyond_loopback_answers_for_any_host() -> Result {
    let server = Server::at("0.0.0.0:0", None, |_| {}).await?;
    let answer = server.ask("GET /healthz HTTP/1.1\r\nHost: csr.example.com\r\n").await?;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    server.stop().await
}

/// A client that asks before it sends is told to continue, and sends.
#[tokio::test]
async fn body_is_requested_with_100_continue() -> Result {
    let server = Server::start(|_| {}).await?;
    let mut stream = server.connect().await?;
    let (token, length) = (server.api.token.as_str(), CREATE.len());
    let head = format!("POST /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {token}\r\n");
    let head = format!("{head}Expect: 100-continue\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await?;
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
    stream.write_all(CREATE.as_bytes()).await?;
    assert_eq!(status_line(&mut stream).await?, "HTTP/1.1 201 Created");
    server.stop().await
}

/// After a refusal with a body within the limit, the connection stays open, as after any answer.
#[tokio::test]
async fn connection_stays_open_after_a_refused_body() -> Result {
    let server = Server::start(|_| {}).await?;
    let mut stream = server.connect().await?;
    let head = "POST /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&vec![b' '; 60_000]).await?;
    stream.write_all(&server.list(&server.api.token, "close")).await?;
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await?;
    assert!(answers.starts_with("HTTP/1.1 401 Unauthorized"), "{answers}");
    assert!(answers.contains(OK), "{answers}");
    server.stop().await
}

#[tokio::test]
async fn shutdown_does_not_wait_forever() -> Result {
    let server = Server::start(|limits| limits.shutdown = Duration::from_millis(100)).await?;
    let mut stream = server.connect().await?;
    let head = "POST /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{";
    stream.write_all(head.as_bytes()).await?;
    assert_eq!(server.good_client().await?, OK);
    server.stop().await
}

/// Writes a file of mode 0600.
fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    std::io::Write::write_all(&mut options.open(path)?, text.as_bytes())
}

#[cfg(unix)]
#[test]
fn tls_key_file_must_be_private() -> Result {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir()?;
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem())?;
    write_private(&key, &made.signing_key.serialize_pem())?;
    assert!(tls::acceptor(&certificate, &key).is_ok());
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644))?;
    let refusal = tls::acceptor(&certificate, &key).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(refusal.contains("key.pem: mode 0644 lets others use it: `chmod 600 "), "{refusal}");
    Ok(())
}

#[tokio::test]
async fn api_answers_over_tls() -> Result {
    let folder = tempfile::tempdir()?;
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let (certificate, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    std::fs::write(&certificate, made.cert.pem())?;
    write_private(&key, &made.signing_key.serialize_pem())?;
    let refusal = |certificate: &Path, key: &Path| {
        tls::acceptor(certificate, key).err().map(|error| error.to_string()).unwrap_or_default()
    };
    let other = folder.path().join("other.pem");
    let another = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    write_private(&other, &another.signing_key.serialize_pem())?;
    assert!(refusal(&key, &certificate).ends_with("key.pem: it must hold a certificate in PEM"));
    assert!(refusal(&certificate, &folder.path().join("none")).contains("none: "));
    let mismatch = refusal(&certificate, &other);
    assert!(mismatch.contains("other.pem must hold the key of the certificate in"), "{mismatch}");
    let server = Server::at("127.0.0.1:0", Some(tls::acceptor(&certificate, &key)?), |_| {}).await?;

    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone())?;
    let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost")?;
    let stream = server.connect().await?;
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await?;
    stream.write_all(&server.list(&server.api.token, "close")).await?;
    assert_eq!(status_line(&mut stream).await?, OK);
    // A client without TLS gets no answer.
    let mut plain = server.connect().await?;
    plain.write_all(&server.list(&server.api.token, "close")).await?;
    assert!(!status_line(&mut plain).await?.starts_with("HTTP"));
    server.stop().await
}

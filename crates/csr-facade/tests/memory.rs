//! Measures the bound of `http/serve.rs` on the memory that unknown callers can take, as the peak
//! of the resident memory of a server in a separate process.
#![cfg(target_os = "linux")]
#![forbid(unsafe_code)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use csr_facade::http::{Limits, router, serve};
use csr_facade::seal::MasterKey;
use csr_facade::store::SqliteStore;
use csr_facade::vault::MasterKeySource;
use csr_facade::{Access, Authenticator, Rights, Service, ServiceOptions, Vault};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

type Result<T = ()> = core::result::Result<T, Box<dyn std::error::Error>>;

/// Fewer than the server's limit of 1,024.
const CONNECTIONS: usize = 1_000;
/// Set in the server's process.
const ROLE: &str = "CSR_TEST_MEMORY_SERVER";
const MIB: u64 = 1 << 20;

/// A server in a separate process, which ends when this is dropped.
struct Server {
    process: Child,
    address: SocketAddr,
    access_key: String,
}

impl Server {
    fn start() -> Result<Self> {
        // Allows as many open files as connections, whatever the limit of the shell is.
        let raised = r#"ulimit -n "$(ulimit -Hn)"; exec "$0" "$@""#;
        let mut process = Command::new("sh")
            .args(["-c", raised])
            .arg(std::env::current_exe()?)
            .args(["--exact", "server_of_the_other_tests", "--nocapture"])
            .env(ROLE, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let out = process.stdout.take().ok_or("no standard output")?;
        for line in BufReader::new(out).lines() {
            if let Some((address, access_key)) = line?.strip_prefix("at ").and_then(|at| at.split_once(' ')) {
                return Ok(Self { process, address: address.parse()?, access_key: access_key.to_owned() });
            }
        }
        Err("the server did not start".into())
    }

    /// Its peak of resident memory, in bytes.
    fn peak(&self) -> Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
        Ok(peak.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Not a test: the process that the others measure.
#[test]
fn server_of_the_other_tests() -> Result {
    if std::env::var_os(ROLE).is_none() {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let store = SqliteStore::open(&folder.path().join("csr.db"))?;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(async {
        let vault = Vault::open(Arc::new(store), MasterKeySource::Given(MasterKey::random()?)).await?;
        let service = Service::new(vault.clone(), ServiceOptions::default());
        let credential = Access::new(vault.clone()).issue_credential("tests", Rights::all()).await?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut out = std::io::stdout();
        writeln!(out, "\nat {} {}", listener.local_addr()?, credential.caller.id)?;
        out.flush()?;
        let stopped = async { drop(tokio::task::spawn_blocking(|| std::io::stdin().read(&mut [0])).await) };
        let limits = Limits::default();
        let router = router(service, Authenticator::new(vault), limits.clone());
        Ok(serve(listener, router, limits, None, stopped).await?)
    })
}

/// The growth of the server's memory while each connection sends these parts and reads no answer.
async fn growth(parts: impl FnOnce(&Server) -> Vec<Vec<u8>>) -> Result<u64> {
    let server = Server::start()?;
    let before = server.peak()?;
    let parts: Arc<Vec<Vec<u8>>> = Arc::new(parts(&server));
    let mut clients = JoinSet::new();
    let mut open = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(server.address).await?;
        let parts = Arc::clone(&parts);
        clients.spawn(async move {
            // The server may stop reading. That is no failure of this test.
            for part in parts.iter() {
                let _ = timeout(Duration::from_secs(8), stream.write_all(part)).await;
            }
            stream
        });
    }
    while let Some(stream) = clients.join_next().await {
        open.push(stream?);
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let grown = server.peak()? - before;
    eprintln!("{} MiB at the start, {} MiB more", before / MIB, grown / MIB);
    drop(open);
    // It still answers.
    let mut stream = TcpStream::connect(server.address).await?;
    stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    Ok(grown)
}

fn post(headers: &str) -> Vec<u8> {
    format!("POST /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").into_bytes()
}

#[tokio::test]
async fn memory_stays_bounded_when_unknown_callers_send_large_bodies() -> Result {
    let grown = growth(|_| vec![post("Content-Length: 9000000\r\n"), vec![b' '; 1_000_000]]).await?;
    assert!(grown <= 64 * MIB, "{} MiB", grown / MIB);
    Ok(())
}

#[tokio::test]
async fn memory_stays_bounded_when_unknown_callers_send_chunks() -> Result {
    let chunk = [b"8000\r\n".as_slice(), &[b' '; 0x8000], b"\r\n"].concat();
    let grown = growth(|_| vec![post("Transfer-Encoding: chunked\r\n"), chunk.repeat(31)]).await?;
    assert!(grown <= 64 * MIB, "{} MiB", grown / MIB);
    Ok(())
}

#[tokio::test]
async fn memory_stays_bounded_when_unknown_callers_send_bodies_within_the_limit() -> Result {
    let grown = growth(|_| vec![post("Content-Length: 65535\r\n"), vec![b' '; 65_534]]).await?;
    assert!(grown <= 64 * MIB, "{} MiB", grown / MIB);
    Ok(())
}

/// The most that a connection can hold: a head just below a large one, and a body, which is kept
/// before the caller is known because the signature covers it.
#[tokio::test]
async fn memory_stays_bounded_when_unknown_callers_sign_bodies_within_the_limit() -> Result {
    let now = Command::new("date").args(["-u", "+%Y%m%dT%H%M%SZ"]).output()?.stdout;
    let now = String::from_utf8(now)?;
    let signed = |server: &Server| {
        let (now, access_key, long) = (now.trim(), &server.access_key, "x".repeat(30_000));
        post(&format!(
            "X-Long: {long}\r\nX-Sdk-Date: {now}\r\nContent-Length: 65535\r\nAuthorization: SDK-HMAC-SHA256 \
             Access={access_key}, SignedHeaders=x-sdk-date, Signature=00\r\n"
        ))
    };
    let grown = growth(|server| vec![signed(server), vec![b' '; 65_534]]).await?;
    assert!(grown >= 64 * MIB, "the bodies are kept, or this test tests nothing: {} MiB", grown / MIB);
    assert!(grown <= 160 * MIB, "{} MiB", grown / MIB);
    Ok(())
}

#[tokio::test]
async fn memory_stays_bounded_when_unknown_callers_pipeline_heads() -> Result {
    let next = [b"GET /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\nX-Long: ".to_vec(), vec![b'x'; 500_000]];
    let first = [post("Content-Length: 60000\r\n"), vec![b' '; 60_000]].concat();
    let grown = growth(|_| vec![[first, next.concat()].concat()]).await?;
    assert!(grown <= 128 * MIB, "{} MiB", grown / MIB);
    Ok(())
}

#[tokio::test]
async fn memory_stays_bounded_when_unknown_callers_send_large_heads() -> Result {
    let head = [b"GET /v3/scm/csr HTTP/1.1\r\nHost: localhost\r\nX-Long: ".to_vec(), vec![b'x'; 2_000_000]];
    let grown = growth(|_| vec![head.concat()]).await?;
    assert!(grown <= 128 * MIB, "{} MiB", grown / MIB);
    Ok(())
}

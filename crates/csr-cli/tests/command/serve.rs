//! `csr serve` as its operator uses it, and the commands for its store.

use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::bench::{Bench, Run};

/// A running server, which is stopped when this value is dropped.
struct Server {
    child: Child,
    address: String,
    /// What it printed before it served, except for the first line.
    banner: Vec<String>,
}

const PRINTED: &str = "serve.out";
const LOGGED: &str = "serve.err";

impl Server {
    /// Starts `csr serve` with the store in the folder `data`, logging only what is always logged.
    fn start(bench: &Bench, args: &[&str]) -> Self {
        let mut command = bench.command();
        command.args(["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"]).args(args);
        command.env("RUST_LOG", "off,csr::audit[{csr}]=off");
        let logged = File::create(bench.path(LOGGED)).unwrap();
        let printed = File::create(bench.path(PRINTED)).unwrap();
        let child = command.stdout(printed).stderr(logged).spawn().unwrap();
        let mut server = Self { child, address: String::new(), banner: Vec::new() };
        while !bench.text(PRINTED).contains('\n') {
            assert_eq!(server.child.try_wait().unwrap(), None, "it ended");
            std::thread::sleep(Duration::from_millis(10));
        }
        let first = bench.text(PRINTED);
        server.address =
            first.split("://").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().to_owned();
        // It answers only after it has printed everything.
        assert_eq!(server.call("", "GET", "/healthz", "").0, 200);
        server.banner = bench.text(PRINTED).lines().skip(1).map(str::to_owned).collect();
        server
    }

    fn token(&self) -> &str {
        &self.banner[1]
    }

    fn call(&self, token: &str, method: &str, path: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nX-Auth-Token: {token}\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}",
            self.address
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    fn create(&self, token: &str, algorithm: &str) -> (u16, Value) {
        let request = json!({ "name": "web", "domain_name": "example.com", "private_key_algo": algorithm,
            "usage": "PERSONAL" });
        self.call(token, "POST", "/v3/scm/csr", &request.to_string())
    }

    /// Asks it to stop, and returns its exit status.
    #[cfg(unix)]
    fn stop(mut self) -> i32 {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command on the store in the folder `data`.
fn over_store(bench: &Bench, args: &[&str]) -> String {
    let run = bench.run(&[args, &["--data-dir", "data"]].concat());
    assert_eq!(run.status, 0, "{run}");
    run.stdout
}

#[test]
#[cfg(unix)]
fn first_serve_makes_a_store_and_a_token() {
    use std::os::unix::fs::PermissionsExt;

    let bench = Bench::new();
    let server = Server::start(&bench, &[]);
    assert!(server.address.starts_with("127.0.0.1:"));
    let token = server.token().to_owned();
    let (status, created) = server.create(&token, "EC_P256");
    assert_eq!(status, 201, "{created}");
    let id = created["id"].as_str().unwrap();
    for name in std::fs::read_dir(bench.path("data")).unwrap() {
        let name = name.unwrap();
        assert_eq!(name.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", name.path());
    }
    assert_eq!(bench.path("data").metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(server.stop(), 0);

    let again = Server::start(&bench, &[]);
    assert!(again.banner[0].starts_with("No first token is made"), "{:?}", again.banner);
    assert_eq!(again.call(&token, "GET", &format!("/v3/scm/csr/{id}"), "").0, 200);

    bench.write("served.key", over_store(&bench, &["key", "export", id]));
    let (_, shown) = again.call(&token, "GET", &format!("/v3/scm/csr/{id}/private-key"), "");
    assert_eq!(shown["private_key"].as_str().unwrap(), bench.text("served.key"));
    let audited = bench.text(LOGGED);
    assert!(audited.contains("csr::audit") && audited.contains(id), "{audited}");
    assert_eq!(audited.lines().count(), 1, "{audited}");

    let export = ["key", "export", id, "--out", "out.key", "--data-dir", "data"];
    let exported = Run::new(&export, bench.command().args(export).env("RUST_LOG", "off").output().unwrap());
    assert_eq!((exported.status, &*exported.stdout), (0, ""), "{exported}");
    let audited = exported.stderr.lines().find(|line| line.contains("csr::audit"));
    assert!(audited.is_some_and(|line| line.contains("private key read on the host") && line.contains(id)));
    assert_eq!(bench.path("out.key").metadata().unwrap().permissions().mode() & 0o777, 0o600);
    for (out, message) in
        [("out.key", "pass --force to replace it"), ("none/out.key", "there is no folder none")]
    {
        let refused = bench.run(&["key", "export", id, "--out", out, "--data-dir", "data"]);
        refused.refused(message);
        assert!(!refused.stderr.contains("csr::audit"), "{refused}");
    }
    bench.write("out.key", "old");
    over_store(&bench, &["key", "export", id, "--out", "out.key", "--force"]);
    assert_eq!(bench.read("out.key"), bench.read("served.key"));
    bench.run(&["key", "export", "xyz", "--data-dir", "data"]).refused("32 lower-case hexadecimal digits");
    bench
        .run(&["key", "export", &"0".repeat(32), "--data-dir", "data"])
        .refused("there is no CSR with the id");
}

/// As with `csr serve &` followed by `csr access add`: the first one makes the store.
#[test]
fn serve_and_access_add_can_race_to_make_the_store() {
    let bench = Bench::new();
    let adds: Vec<Child> = (0..3)
        .map(|_| {
            let mut command = bench.command();
            command.args(["access", "add", "ci", "--data-dir", "data"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let server = Server::start(&bench, &[]);
    for add in adds {
        let added = add.wait_with_output().unwrap();
        let message = String::from_utf8_lossy(&added.stderr);
        assert!(added.status.success(), "{message}");
        let token = String::from_utf8(added.stdout).unwrap();
        assert_eq!(server.call(token.trim(), "GET", "/v3/scm/csr", "").0, 200);
    }
    let made = over_store(&bench, &["access", "list"]).contains("first token");
    let message = if made { "The first token, shown only now" } else { "No first token is made" };
    assert!(server.banner[0].starts_with(message), "{:?}", server.banner);
    if made {
        assert_eq!(server.call(server.token(), "GET", "/v3/scm/csr", "").0, 200);
    }
}

/// The next start makes another token.
#[test]
#[cfg(target_os = "linux")]
fn first_token_that_cannot_be_printed_is_not_stored() {
    let bench = Bench::new();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let args = ["serve", "--data-dir", "data", "--listen", "127.0.0.1:0"];
    let output = bench.command().args(args).stdout(full).output().unwrap();
    Run::new(&args, output).refused("error: cannot print to standard output: ");
    assert_eq!(over_store(&bench, &["access", "list", "--json"]).trim(), "[]");

    let mut closed = bench.command_after("exec >&-", &args);
    let mut closed = closed.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while closed.try_wait().unwrap().is_none() {
        let listed = over_store(&bench, &["access", "list"]);
        if !listed.is_empty() {
            closed.kill().unwrap();
            panic!("stored, although nobody saw it: {listed}");
        }
    }
    let refused = Run::new(&args, closed.wait_with_output().unwrap());
    refused.refused("standard output is closed or null");
    assert_eq!(over_store(&bench, &["access", "list"]), "");

    let server = Server::start(&bench, &[]);
    assert_eq!(server.call(server.token(), "GET", "/v3/scm/csr", "").0, 200);
}

#[test]
#[cfg(target_os = "linux")]
fn secret_that_access_add_cannot_print_is_not_stored() {
    let bench = Bench::new();
    for more in [&[][..], &["--json"], &["--credential"], &["--credential", "--json"]] {
        let add = [&["access", "add", "ci", "--data-dir", "data"], more].concat();
        bench.after("exec >/dev/full", &add).refused("No space left");
        assert_eq!(over_store(&bench, &["access", "list"]), "", "{more:?}");
        bench.after("exec >&-", &add).refused("standard output is closed or null");
        assert_eq!(over_store(&bench, &["access", "list"]), "", "{more:?}");
    }
}

/// A mistyped path is an error, and nothing is made there.
#[test]
fn only_serve_and_access_add_make_a_store() {
    let bench = Bench::new();
    let id = "0".repeat(32);
    for command in [
        &["access", "list"][..],
        &["access", "revoke", "t-0"],
        &["key", "export", &id],
        &["master-key", "rotate"],
    ] {
        let run = bench.run(&[command, &["--data-dir", "mistyped"]].concat());
        run.refused("there is no store at mistyped");
        assert!(bench.names().is_empty(), "{run}\n{:?}", bench.names());
    }
    let made = bench.run(&["access", "add", "ci", "--data-dir", "data"]);
    assert!(made.status == 0 && made.stderr.contains("made a new store at data/csr.db"), "{made}");
    assert_eq!(bench.names(), ["data"]);
    // A store that has lost its master key gets no new one, either.
    std::fs::remove_file(bench.path("data/master.key")).unwrap();
    bench.run(&["access", "list", "--data-dir", "data"]).refused("data/master.key is missing");
    assert!(!bench.path("data/master.key").exists());
}

#[test]
fn access_is_granted_and_revoked_while_the_server_runs() {
    let bench = Bench::new();
    let server = Server::start(&bench, &[]);
    let reader = over_store(&bench, &["access", "add", "reader", "--rights", "read"]);
    let reader = reader.trim();
    assert_eq!(server.call(reader, "GET", "/v3/scm/csr", "").0, 200);
    assert_eq!(server.create(reader, "EC_P256").1["error_code"], "SCM.0003");

    let credential: Value =
        serde_json::from_str(&over_store(&bench, &["access", "add", "tf", "--credential", "--json"]))
            .unwrap();
    assert_eq!(credential["caller"]["rights"], "read,write");
    let listed: Value = serde_json::from_str(&over_store(&bench, &["access", "list", "--json"])).unwrap();
    let labels: Vec<_> = listed.as_array().unwrap().iter().map(|caller| caller["label"].clone()).collect();
    assert_eq!(labels, ["first token", "reader", "tf"]);
    let text = over_store(&bench, &["access", "list"]);
    assert!(text.contains("credential  valid    read,write") && !text.contains(reader), "{text}");

    over_store(&bench, &["access", "revoke", listed[1]["id"].as_str().unwrap()]);
    assert_eq!(server.call(reader, "GET", "/v3/scm/csr", "").0, 401);
    bench.run(&["access", "revoke", "t-none", "--data-dir", "data"]).refused("csr access list");
    bench.run(&["access", "add", "x", "--rights", "all", "--data-dir", "data"]).refused("export-key");
}

#[test]
fn master_key_is_rotated_while_the_server_runs() {
    let bench = Bench::new();
    let server = Server::start(&bench, &[]);
    let token = server.token();
    let before = server.create(token, "SM2").1;
    let key = bench.read("data/master.key");
    let message = over_store(&bench, &["master-key", "rotate"]);
    assert!(message.starts_with("1 secret"), "{message}");
    assert_ne!(bench.read("data/master.key"), key);
    let (status, after) = server.create(token, "EC_P384");
    assert_eq!(status, 201, "{after}");
    for created in [before, after] {
        let path = format!("/v3/scm/csr/{}/private-key", created["id"].as_str().unwrap());
        assert_eq!(server.call(token, "GET", &path, "").0, 200);
    }
}

#[test]
fn no_key_export_keeps_keys_on_the_host_and_the_profile_completes_requests() {
    let bench = Bench::new();
    bench.write(
        "csr.toml",
        "no-key-export = true\n[organization]\ncountry = \"CN\"\nprovince = \"Beijing\"\nname = \"Example, Inc.\"\n",
    );
    let server = Server::start(&bench, &["--config", "csr.toml", "--city", "Haidian"]);
    let request = json!({ "name": "web", "domain_name": "example.com", "private_key_algo": "EC_P256",
        "usage": "ENTERPRISE" });
    let (status, created) = server.call(server.token(), "POST", "/v3/scm/csr", &request.to_string());
    assert_eq!((status, &created["company_city"]), (201, &json!("Haidian")), "{created}");
    let id = created["id"].as_str().unwrap();
    let path = format!("/v3/scm/csr/{id}/private-key");
    assert_eq!(server.call(server.token(), "GET", &path, "").0, 403);
    assert!(over_store(&bench, &["key", "export", id]).starts_with("-----BEGIN PRIVATE KEY-----"));
}

/// Skipped, with a message, if this user may not read another process's memory; CI must run it.
#[cfg(target_os = "linux")]
#[test]
fn first_token_is_left_nowhere_in_memory() {
    use std::os::unix::fs::FileExt;

    let bench = Bench::new();
    let server = Server::start(&bench, &[]);
    let memory = match File::open(format!("/proc/{}/mem", server.child.id())) {
        Ok(memory) => memory,
        Err(error) => {
            let left_out = format!(
                "left out: first_token_stays_nowhere_in_memory, as the memory of `csr serve` cannot be read: {error}"
            );
            let required = std::env::var_os("CSR_REQUIRE_TOOLS").is_some_and(|value| value == "1");
            assert!(!required, "{left_out}");
            eprintln!("{left_out}");
            return;
        }
    };
    let maps = std::fs::read_to_string(format!("/proc/{}/maps", server.child.id())).unwrap();
    let mut writable = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw-p ")) {
        let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
        let mut region = vec![0; usize::try_from(end - start).unwrap()];
        if memory.read_exact_at(&mut region, start).is_ok() {
            writable.extend(region);
        }
    }
    let found = |text: &[u8]| writable.windows(text.len()).any(|window| window == text);
    assert!(found(b"RUST_LOG=off,csr::audit"), "the search finds the environment");
    let token = server.token().as_bytes();
    assert!(token.starts_with(b"csr_") && token.len() == 47);
    for part in [&token[4..24], &token[24..44]] {
        assert!(!found(part), "the first token is in memory");
    }
}

/// The memory of `serve` and of the other commands holds private keys.
#[test]
#[cfg(target_os = "linux")]
fn memory_is_closed_to_core_dumps_and_other_processes() {
    use std::os::unix::fs::MetadataExt;
    use std::os::unix::process::CommandExt;

    let bench = Bench::new();
    let has_no_core = |id: u32| {
        let limits = std::fs::read_to_string(format!("/proc/{id}/limits")).unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        core.split_whitespace().skip(4).take(2).eq(["0", "0"])
    };
    let server = Server::start(&bench, &[]);
    assert!(has_no_core(server.child.id()));

    // If a process may be dumped, its files in /proc belong to its user, who is not root here.
    bench.set_mode("", 0o755);
    std::fs::copy(env!("CARGO_BIN_EXE_csr"), bench.path("csr")).unwrap();
    let mut command = Command::new(bench.path("csr"));
    command.args(["inspect", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if std::fs::metadata(bench.path("csr")).unwrap().uid() == 0 {
        command.uid(65534).gid(65534);
    }
    // A test that forks meanwhile keeps the copy open for writing until it runs its own program.
    let mut reader = (0..500).find_map(|_| match command.spawn() {
        Err(error) if error.kind() == std::io::ErrorKind::ExecutableFileBusy => {
            std::thread::sleep(Duration::from_millis(10));
            None
        }
        started => Some(started.unwrap()),
    });
    let reader = reader.as_mut().unwrap();
    let environment = format!("/proc/{}/environ", reader.id());
    let is_protected = (0..500).any(|_| {
        std::thread::sleep(Duration::from_millis(10));
        has_no_core(reader.id()) && std::fs::metadata(&environment).unwrap().uid() == 0
    });
    drop(reader.stdin.take());
    reader.wait().unwrap();
    assert!(is_protected);
}

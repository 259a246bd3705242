//! `batch/ALGORITHM`: one of many keys and CSRs, from the input file to durable output, by whole processes on one core: the
//! command in `CSR_BIN` (by default `target/release/csr`), and what people would otherwise run: a loop over `rcgen` in one
//! process, and a loop of `openssl req`.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a bench whose process fails has nothing to go on with")]

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use criterion::{BenchmarkGroup, Criterion, SamplingMode, measurement::WallTime};
use csr_bench::peers::{rcgen, rsa_bits};
use csr_core::PrivateKeyAlgo;
use serde_json::{Value, json};

/// The core that every process runs on. The loop over `rcgen` is one thread of this process.
const CORE: &str = "0";

fn main() {
    let command = command();
    let mut criterion = Criterion::default()
        .sample_size(10)
        .measurement_time(Duration::from_secs(10))
        .warm_up_time(Duration::from_millis(100))
        .configure_from_args();
    for &algorithm in PrivateKeyAlgo::ALL {
        let folder = Folder::new(algorithm);
        let mut group = criterion.benchmark_group(format!("batch/{algorithm}"));
        group.sampling_mode(SamplingMode::Flat);
        let many = count(algorithm);
        let csr = |arguments: &[&str]| {
            let mut run = pinned(CORE, &command);
            run.args(["batch", "--threads", "1"])
                .arg(folder.input(many))
                .args(arguments)
                .current_dir(&folder.0);
            run
        };
        let out = folder.0.join("out");
        let keys = folder.0.join("keys.jsonl");
        let lines = [keys.to_str().expect("UTF-8")];
        measure(&mut group, "csr", many, || folder.clear(), || finish(csr(&["--jsonl", lines[0]])));
        if rsa_bits(algorithm).is_none() {
            let files = ["--out", out.to_str().expect("UTF-8")];
            measure(&mut group, "csr-files", many, || folder.clear(), || finish(csr(&files)));
            let sealed = ["--jsonl", lines[0], "--recipient", RECIPIENT];
            measure(&mut group, "csr-sealed", many, || folder.clear(), || finish(csr(&sealed)));
            let two = || {
                let mut run = pinned("0,1", &command);
                run.args(["batch", "--threads", "2"]).arg(folder.input(many)).args(["--jsonl", lines[0]]);
                finish(run);
            };
            measure(&mut group, "csr-two-cores", many, || folder.clear(), two);
        }
        if let Some(peer) = rcgen::key_and_csr(algorithm) {
            let input = folder.input(many.min(5_000));
            measure(
                &mut group,
                "rcgen",
                many.min(5_000),
                || folder.clear(),
                || rcgen_loop(&peer, &input, &keys),
            );
        }
        if let Some(new_key) = openssl_new_key(algorithm) {
            measure(&mut group, "openssl-req", 20, || folder.clear(), || openssl_loop(&new_key, &folder.0));
        }
        group.finish();
    }
    Criterion::default().configure_from_args().final_summary();
}

/// An age recipient (X25519) that nobody has the key of.
const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

/// Measures the time per item of a run that makes so many.
fn measure(group: &mut BenchmarkGroup<'_, WallTime>, id: &str, items: u64, clear: impl Fn(), run: impl Fn()) {
    group.bench_function(id, |bencher| {
        bencher.iter_custom(|iterations| {
            // Criterion calls an item an iteration; a run makes more than one, so that its start does not count for much.
            let runs = iterations.div_ceil(items);
            let mut taken = Duration::ZERO;
            for _ in 0..runs {
                clear();
                let start = Instant::now();
                run();
                taken += start.elapsed();
            }
            let made = u128::from(runs * items);
            Duration::from_nanos(
                u64::try_from(taken.as_nanos() * u128::from(iterations) / made).expect("in range"),
            )
        });
    });
}

/// How many items a run makes: for about a second.
fn count(algorithm: PrivateKeyAlgo) -> u64 {
    match rsa_bits(algorithm) {
        None => 20_000,
        Some(2048) => 256,
        Some(3072) => 128,
        Some(_) => 64,
    }
}

fn command() -> PathBuf {
    let named = std::env::var_os("CSR_BIN").map(PathBuf::from);
    let path = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/release/csr"));
    assert!(path.exists(), "{} is missing: cargo build --release --bin csr, or set CSR_BIN", path.display());
    path
}

fn pinned(cores: &str, program: &Path) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", cores]).arg(program);
    command
}

fn finish(mut command: Command) {
    let output = command.stdin(Stdio::null()).output().expect("it starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A folder on the disk, beside the build: `/tmp` may be memory.
struct Folder(PathBuf, PrivateKeyAlgo);

impl Folder {
    fn new(algorithm: PrivateKeyAlgo) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("batch");
        fs::create_dir_all(&path).expect("a folder");
        Self(path.canonicalize().expect("it exists"), algorithm)
    }

    /// JSON lines, each a request of its own.
    fn input(&self, items: u64) -> PathBuf {
        let path = self.0.join(format!("{}-{items}.jsonl", self.1));
        if !path.exists() {
            let mut file = BufWriter::new(File::create(&path).expect("a file"));
            for n in 0..items {
                let line = json!({"id": format!("device-{n:06}"), "domain_name": format!("device-{n:06}.example.com"),
                    "private_key_algo": self.1.as_str(), "usage": "PERSONAL"});
                writeln!(file, "{line}").expect("it is written");
            }
        }
        path
    }

    /// Removes what the last run made.
    fn clear(&self) {
        for entry in fs::read_dir(&self.0).expect("a folder") {
            let path = entry.expect("an entry").path();
            let is_input = path.extension().is_some_and(|extension| extension == "jsonl")
                && path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with("keys"));
            match path.is_dir() {
                true => fs::remove_dir_all(&path).expect("it is removed"),
                false if !is_input => fs::remove_file(&path).expect("it is removed"),
                false => {}
            }
        }
        fs::create_dir_all(self.0.join("out")).expect("a folder");
    }
}

/// What a program over `rcgen` would do: read a line, make key and CSR, write a line; one sync at the end.
fn rcgen_loop(peer: &rcgen::KeyAndCsr, input: &Path, output: &Path) {
    let mut out = BufWriter::new(File::create(output).expect("a file"));
    for line in BufReader::new(File::open(input).expect("the input")).lines() {
        let request: Value = serde_json::from_str(&line.expect("a line")).expect("JSON");
        let (key, csr) = peer(request["domain_name"].as_str().expect("a domain"));
        writeln!(out, "{}", json!({"id": request["id"], "csr": csr, "private_key": key}))
            .expect("it is written");
    }
    out.into_inner().expect("it is written").sync_all().expect("it is synced");
}

fn openssl_new_key(algorithm: PrivateKeyAlgo) -> Option<Vec<String>> {
    let arguments: &[&str] = match algorithm {
        PrivateKeyAlgo::EcP256 => &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
        PrivateKeyAlgo::EcP384 => &["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
        PrivateKeyAlgo::Sm2 => &["-newkey", "sm2"],
        PrivateKeyAlgo::Rsa2048 => &["-newkey", "rsa:2048"],
        PrivateKeyAlgo::Rsa3072 | PrivateKeyAlgo::Rsa4096 => return None,
    };
    Some(arguments.iter().map(|argument| (*argument).to_owned()).collect())
}

fn openssl_loop(new_key: &[String], folder: &Path) {
    for n in 0..20 {
        let mut run = pinned(CORE, Path::new("openssl"));
        run.args(["req", "-new", "-nodes", "-batch"]).args(new_key);
        run.args(["-subj", &format!("/CN=device-{n:06}.example.com")]);
        run.args(["-addext", &format!("subjectAltName=DNS:device-{n:06}.example.com")]);
        run.arg("-keyout").arg(folder.join(format!("out/{n}.key")));
        run.arg("-out").arg(folder.join(format!("out/{n}.csr")));
        finish(run);
    }
}

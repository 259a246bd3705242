//! A batch is made whole, whatever ends it: each id once, each key opens its CSR, no file torn, nothing foreign replaced.

use std::collections::{HashMap, HashSet};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

use csr_core::KeyPair;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use crate::bench::Bench;

/// How often a batch is killed: `CSR_KILLS=100` for a long run.
fn kills() -> usize {
    std::env::var("CSR_KILLS").map_or(10, |number| number.parse().unwrap())
}

/// JSON lines with requests for as many devices.
fn requests(count: usize) -> String {
    let line = |n| {
        json!({"id": format!("device-{n}"), "domain": format!("device-{n}.example.com")}).to_string() + "\n"
    };
    (0..count).map(line).collect()
}

fn ids(count: usize) -> HashSet<String> {
    (0..count).map(|n| format!("device-{n}")).collect()
}

/// The items of a manifest, by their ids; one that is there twice fails the test.
fn manifest(bench: &Bench, name: &str) -> HashMap<String, Value> {
    let mut items = HashMap::new();
    for line in bench.text(name).lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if let Some(id) = line["id"].as_str() {
            assert!(items.insert(id.to_owned(), line.clone()).is_none(), "{id} is there twice");
        }
    }
    items
}

/// Asserts that a key opens its CSR, and returns its public key.
fn assert_belong_together(key: &[u8], csr: &[u8]) -> Vec<u8> {
    let inspection = csr_core::inspect(csr).unwrap();
    assert!(inspection.verify(None).is_valid());
    let key = KeyPair::import(key, None).unwrap();
    assert_eq!(key.public_key_info(), inspection.public_key_der());
    key.public_key_info()
}

/// Asserts that the folder holds exactly these items, whole, and each with a key of its own.
fn assert_holds_files(bench: &Bench, out: &str, ids: &HashSet<String>) {
    let items = manifest(bench, &format!("{out}/manifest.jsonl"));
    assert_eq!(&items.keys().cloned().collect::<HashSet<_>>(), ids);
    let mut keys = HashSet::new();
    for id in ids {
        let [csr, key] = ["csr", "key"].map(|extension| bench.read(&format!("{out}/{id}.{extension}")));
        assert!(keys.insert(assert_belong_together(&key, &csr)), "{id} has the key of another");
    }
    let entries = std::fs::read_dir(bench.path(out)).unwrap();
    assert_eq!(entries.count(), 2 * ids.len() + 1, "the folder holds more than the manifest names");
    let verified = bench.run(&["batch", "--verify", out]);
    assert_eq!(verified.status, 0, "{verified}");
}

/// Asserts that the file of JSON lines holds exactly these items, whole, and each with a key of its own.
fn assert_holds_lines(bench: &Bench, lines: &str, ids: &HashSet<String>) {
    let items = manifest(bench, &lines.replace(".jsonl", ".manifest.jsonl"));
    assert_eq!(&items.keys().cloned().collect::<HashSet<_>>(), ids);
    let (mut found, mut keys) = (HashSet::new(), HashSet::new());
    for line in bench.text(lines).lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| line[name].as_str().unwrap().as_bytes();
        assert!(keys.insert(assert_belong_together(text("private_key"), text("csr"))));
        assert!(found.insert(line["id"].as_str().unwrap().to_owned()), "{} is there twice", line["id"]);
    }
    assert_eq!(&found, ids);
    let verified = bench.run(&["batch", "--verify", &lines.replace(".jsonl", ".manifest.jsonl")]);
    assert_eq!(verified.status, 0, "{verified}");
}

/// Runs a batch again and again and kills it, at moments spread over the time that a whole one takes. Asserts that most of
/// the runs did not end before.
fn run_killed(bench: &Bench, arguments: &[&str], whole: Duration) {
    let kills = kills();
    let mut killed = 0;
    for run in 0..kills {
        let mut child =
            bench.command().args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // All runs together get little more than that time, in parts of it whose order repeats nothing.
        let (part, parts) =
            (u32::try_from(run * 37 % 100).unwrap(), u32::try_from(kills.div_ceil(2)).unwrap());
        std::thread::sleep(whole * part / 100 / parts);
        let _ = kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGKILL);
        killed += usize::from(child.wait().unwrap().signal() == Some(Signal::SIGKILL as i32));
    }
    assert!(killed > kills / 2, "only {killed} of {kills} were killed");
}

/// How long a whole batch takes.
fn time_of(arguments: &[&str], input: &str) -> Duration {
    let bench = Bench::new();
    bench.write("requests.jsonl", input);
    std::fs::create_dir(bench.path("keys")).unwrap();
    let start = Instant::now();
    let run = bench.run(arguments);
    assert_eq!(run.status, 0, "{run}");
    start.elapsed()
}

#[test]
fn killed_batch_of_files_goes_on_without_losing_or_repeating_an_item() {
    let count = 300 * kills();
    let arguments = ["batch", "requests.jsonl", "--out", "keys"];
    let input = requests(count);
    let whole = time_of(&arguments, &input);
    let bench = Bench::new();
    bench.write("requests.jsonl", &input);
    std::fs::create_dir(bench.path("keys")).unwrap();
    run_killed(&bench, &arguments, whole);
    let last = bench.run(&arguments);
    assert_eq!(last.status, 0, "{last}");
    assert_holds_files(&bench, "keys", &ids(count));
}

#[test]
fn killed_batch_of_lines_goes_on_without_losing_or_repeating_an_item() {
    let count = 1_000 * kills();
    let arguments = ["batch", "requests.jsonl", "--jsonl", "keys.jsonl"];
    let input = requests(count);
    let whole = time_of(&arguments, &input);
    let bench = Bench::new();
    bench.write("requests.jsonl", &input);
    run_killed(&bench, &arguments, whole);
    let last = bench.run(&arguments);
    assert_eq!(last.status, 0, "{last}");
    assert_holds_lines(&bench, "keys.jsonl", &ids(count));
}

#[test]
fn interrupted_batch_ends_in_good_order_and_says_how_to_go_on() {
    const COUNT: usize = 200_000;
    for (signal, status) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let bench = Bench::new();
        bench.write("requests.jsonl", requests(COUNT));
        let mut command = bench.command();
        command.args(["batch", "requests.jsonl", "--jsonl", "keys.jsonl"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let manifest_of =
            || std::fs::metadata(bench.path("keys.manifest.jsonl")).map_or(0, |found| found.len());
        while manifest_of() < 1_000 {
            std::thread::sleep(Duration::from_millis(1));
        }
        kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(status), "{told}");
        let made = manifest(&bench, "keys.manifest.jsonl").len();
        assert!(0 < made && made < COUNT, "{made}");
        assert_eq!(bench.text("keys.jsonl").lines().count(), made, "a line without its manifest is left");
        assert!(told.contains("the same command goes on"), "{told}");
    }
}

#[test]
fn second_process_on_the_same_folder_is_refused() {
    let bench = Bench::new();
    bench.write("requests.jsonl", requests(200_000));
    let arguments = ["batch", "requests.jsonl", "--jsonl", "keys.jsonl"];
    let mut first =
        bench.command().args(arguments).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    while std::fs::metadata(bench.path("keys.manifest.jsonl")).map_or(0, |found| found.len()) == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    bench.run(&arguments).refused("in use by another `csr batch`");
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn changed_request_is_refused_and_new_ones_are_made() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("keys")).unwrap();
    let arguments = ["batch", "requests.jsonl", "--out", "keys"];
    bench.write("requests.jsonl", requests(10));
    assert_eq!(bench.run(&arguments).status, 0);
    let old = bench.read("keys/device-3.key");
    bench.write("requests.jsonl", requests(20));
    let run = bench.run(&arguments);
    assert_eq!(run.status, 0, "{run}");
    assert_eq!(bench.read("keys/device-3.key"), old, "a key that was there is made again");
    assert_holds_files(&bench, "keys", &ids(20));
    bench.write("requests.jsonl", requests(20).replace("device-7.example.com", "other.example.com"));
    let run = bench.run(&arguments);
    run.refused("device-7");
    assert!(run.stderr.contains("changed"), "{run}");
    let verified = bench.run(&["batch", "--verify", "keys"]);
    assert_eq!(verified.status, 0, "{verified}");
}

#[test]
fn foreign_file_in_the_way_is_never_replaced() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("keys")).unwrap();
    bench.write("keys/device-3.key", "mine");
    bench.write("requests.jsonl", requests(10));
    bench.run(&["batch", "requests.jsonl", "--out", "keys"]).refused("device-3.key");
    assert_eq!(bench.text("keys/device-3.key"), "mine");
    assert!(!bench.path("keys/device-1.key").exists(), "a key was made although a file was in the way");
}

#[test]
fn shards_together_make_each_item_once() {
    const COUNT: usize = 500;
    let bench = Bench::new();
    bench.write("requests.jsonl", requests(COUNT));
    std::fs::create_dir(bench.path("keys")).unwrap();
    for shard in ["0/3", "1/3", "2/3"] {
        if shard == "2/3" {
            let verified = bench.run(&["batch", "--verify", "keys"]);
            assert_eq!(verified.status, 1, "{verified}");
        }
        let run = bench.run(&["batch", "requests.jsonl", "--out", "keys", "--shard", shard]);
        assert_eq!(run.status, 0, "{run}");
    }
    let mut found = HashSet::new();
    for shard in 0..3 {
        let items = manifest(&bench, &format!("keys/manifest-{shard}-of-3.jsonl"));
        assert!((100..250).contains(&items.len()), "{}", items.len());
        for id in items.into_keys() {
            assert!(found.insert(id.clone()), "{id} is in two shards");
        }
    }
    assert_eq!(found, ids(COUNT));
    let verified = bench.run(&["batch", "--verify", "keys"]);
    assert_eq!(verified.status, 0, "{verified}");
    bench
        .run(&["batch", "requests.jsonl", "--out", "keys", "--shard", "0/4"])
        .refused("keys holds the manifest of a batch of 3 shards");
}

#[test]
fn filter_answers_line_by_line() {
    let bench = Bench::new();
    let run = bench.run_with(&["batch", "-", "--jsonl", "-"], requests(100));
    assert_eq!(run.status, 0, "{run}");
    let lines: Vec<Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 100);
    for (n, line) in lines.iter().enumerate() {
        assert_eq!(line["id"], format!("device-{n}"));
        let text = |name: &str| line[name].as_str().unwrap().as_bytes();
        assert_belong_together(text("private_key"), text("csr"));
    }
    assert!(bench.names().is_empty(), "{:?}", bench.names());
}

#[test]
fn filter_answers_before_its_input_ends() {
    use std::io::{BufRead, BufReader, Write};
    let bench = Bench::new();
    let mut command = bench.command();
    command
        .args(["batch", "-", "--jsonl", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let (mut input, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    for line in requests(3).lines() {
        writeln!(input, "{line}").unwrap();
        let mut answer = String::new();
        output.read_line(&mut answer).unwrap();
        let (request, answer): (Value, Value) =
            (serde_json::from_str(line).unwrap(), serde_json::from_str(&answer).unwrap());
        assert_eq!(answer["id"], request["id"]);
    }
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn bad_records_are_all_told_with_their_lines_before_any_key_is_made() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("keys")).unwrap();
    let input = "{\"id\": \"a\", \"domain\": \"a.example\"}\n\n{\"id\": \"b\", \"domain\": \"_\"}\nnonsense\n{\"id\": \"A\", \"domain\": \"c.example\"}\n";
    bench.write("requests.jsonl", input);
    let run = bench.run(&["batch", "requests.jsonl", "--out", "keys"]);
    assert_eq!(run.status, 2, "{run}");
    for line in ["line 3", "line 4", "line 5"] {
        assert!(run.stderr.contains(line), "{line} is not in\n{run}");
    }
    assert_eq!(
        std::fs::read_dir(bench.path("keys"))
            .unwrap()
            .filter(|entry| {
                entry.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "key")
            })
            .count(),
        0
    );
    let run = bench.run(&["batch", "requests.jsonl", "--out", "keys", "--keep-going"]);
    assert_eq!(run.status, 1, "{run}");
    assert!(run.stderr.contains("line 3") && bench.path("keys/a.key").exists(), "{run}");
}

#[test]
fn standard_output_of_a_filter_holds_lines_only() {
    let bench = Bench::new();
    let arguments = ["batch", "-", "--jsonl", "-", "--json", "--country", "China", "--key-format", "pkcs1"];
    let run = bench.run_with(&arguments[..5], requests(1) + "{\"id\": \"b\", \"domain\": \"_\"}\n");
    assert_eq!(run.status, 2, "{run}");
    assert!(run.stdout.lines().all(|line| line.starts_with("{\"id\":\"device-0\"")), "{run}");
    let run = bench.run_with(&arguments[..7], requests(1));
    run.refused("--country: \"China\" must be");
    let flags = [&arguments[..5], &arguments[7..], &["--keep-going"]].concat();
    let run = bench.run_with(&flags, requests(1));
    assert_eq!(run.status, 1, "{run}");
    let answer: Value = serde_json::from_str(&run.stdout).unwrap();
    let fault = &answer["error"]["faults"][0];
    assert_eq!((&answer["id"], &answer["line"]), (&json!("device-0"), &json!(1)));
    assert_eq!((&fault["flag"], &fault["field"]), (&json!("--key-format"), &Value::Null), "{run}");
}

#[test]
fn standard_input_is_read_by_one_argument_only() {
    let bench = Bench::new();
    for output in [["--jsonl", "-"], ["--out", "."]] {
        let arguments = [&["batch", "-", "--recipients-file", "-"][..], &output].concat();
        let run = bench.run_with(&arguments, requests(1));
        run.refused("FILE and --recipients-file cannot be read from the same standard input");
    }
}

#[test]
fn flags_that_no_request_uses_are_noted_once() {
    let bench = Bench::new();
    bench.write("requests.jsonl", requests(3));
    bench.write("csr.toml", "[organization]\ncountry = \"CN\"\n");
    let arguments =
        ["batch", "requests.jsonl", "--jsonl", "k.jsonl", "--config", "csr.toml", "--sm2-id", "me"];
    let run = bench.run(&arguments);
    assert_eq!(run.status, 0, "{run}");
    for flag in ["--config: not used", "--sm2-id: not used"] {
        assert_eq!(run.stderr.matches(flag).count(), 1, "{run}");
    }
    let arguments =
        ["batch", "requests.jsonl", "--jsonl", "sm2.jsonl", "--sm2-id", "me", "--algorithm", "SM2"];
    let run = bench.run(&arguments);
    assert!(run.status == 0 && !run.stderr.contains("not used"), "{run}");
}

#[test]
fn what_is_not_taken_from_an_old_csr_is_noted_once() {
    let bench = Bench::new();
    bench.run(&["create", "old.example", "--algorithm", "RSA_2048", "--pss", "--name", "old"]);
    bench.write("requests.jsonl", requests(3));
    let run = bench.run(&[
        "batch",
        "requests.jsonl",
        "--from",
        "old.csr",
        "--algorithm",
        "SM2",
        "--jsonl",
        "k.jsonl",
    ]);
    assert_eq!(run.status, 0, "{run}");
    assert_eq!(run.stderr.matches("--from: not taken over: the signature's algorithm").count(), 1, "{run}");
}

#[test]
fn input_that_changes_while_keys_are_made_is_noticed() {
    let bench = Bench::new();
    bench.write("requests.jsonl", requests(40));
    let mut command = bench.command();
    // Each key takes a while, all are read at once, and the manifest has its first item long before the last one.
    command.env("SECRET", "a pass phrase").args([
        "batch",
        "requests.jsonl",
        "--jsonl",
        "keys.jsonl",
        "--threads",
        "1",
    ]);
    command.args(["--encrypt", "--passphrase-env", "SECRET"]).stdout(Stdio::null()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let manifest_of = || std::fs::metadata(bench.path("keys.manifest.jsonl")).map_or(0, |found| found.len());
    while manifest_of() < 100 {
        std::thread::sleep(Duration::from_millis(1));
    }
    bench.write("requests.jsonl", requests(41));
    let output = child.wait_with_output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(told.contains("requests.jsonl has changed since it was opened"), "{told}");
    assert_eq!(manifest(&bench, "keys.manifest.jsonl").len(), 40, "what was made is lost");
}

#[test]
fn identity_of_a_batch_can_be_given_to_its_verification() {
    let bench = Bench::new();
    bench.write("requests.jsonl", requests(2));
    let run = bench.run(&["batch", "requests.jsonl", "-a", "SM2", "--sm2-id", "me", "--jsonl", "keys.jsonl"]);
    assert_eq!(run.status, 0, "{run}");
    for (identity, status) in [("me", 0), ("you", 1)] {
        let verified = bench.run(&["batch", "--verify", "keys.manifest.jsonl", "--sm2-id", identity]);
        assert_eq!(verified.status, status, "{verified}");
    }
    bench
        .run(&["batch", "--verify", "keys.manifest.jsonl", "--domain", "a.example"])
        .refused("cannot be used with");
}

#[test]
fn filter_answers_nothing_to_nothing() {
    for input in ["", "\n \n"] {
        let run = Bench::new().run_with(&["batch", "-", "--jsonl", "-"], input);
        assert_eq!((run.status, &*run.stdout), (0, ""), "{run}");
    }
}

#[cfg(feature = "age")]
#[test]
fn batch_never_mixes_keys_in_the_clear_and_encrypted_ones() {
    const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    for sealed_first in [false, true] {
        let bench = Bench::new();
        bench.write("requests.jsonl", requests(2));
        let clear: &[&str] = &["batch", "requests.jsonl", "--out", "keys"];
        let sealed: &[&str] = &["batch", "requests.jsonl", "--out", "keys", "--recipient", RECIPIENT];
        let (first, second) = if sealed_first { (sealed, clear) } else { (clear, sealed) };
        let run = bench.run(first);
        assert_eq!(run.status, 0, "{run}");
        bench.write("requests.jsonl", requests(3));
        bench.run(second).refused("--recipient: 2 keys made before are ");
        assert!(!bench.path("keys/device-2.csr").exists());
        assert_eq!(bench.run(first).status, 0);
        let verified = bench.run(&["batch", "--verify", "keys"]);
        assert_eq!(verified.status, 0, "{verified}");
    }
}

#[test]
fn items_of_a_count_have_ids_that_a_larger_count_keeps() {
    let bench = Bench::new();
    for (count, made) in [("3", "Made 3 keys"), ("12", "Made 9 keys")] {
        let run = bench.run(&["batch", "--count", count, "--domain", "h{n}.example", "--out", "keys"]);
        assert_eq!(run.status, 0, "{run}");
        assert!(run.stdout.starts_with(made), "{run}");
    }
    bench.run(&["batch", "--count", "2", "--subject", "serialNumber={n}", "--out", "other"]);
    assert!(bench.path("other/1.key").exists());
}

#[test]
fn template_without_count_is_refused() {
    let bench = Bench::new();
    bench.write("requests.jsonl", requests(1));
    let run = bench.run(&["batch", "requests.jsonl", "--common-name", "Device {n:04}", "--out", "keys"]);
    run.refused("--common-name: {n} stands for an item's number with --count only");
    assert!(!bench.path("keys").exists());
}

#[test]
fn batch_with_faulty_requests_is_not_whole() {
    let bench = Bench::new();
    bench.write("requests.jsonl", requests(2) + "{\"id\": \"bad\", \"domain\": \"_\"}\n");
    let run = bench.run(&["batch", "requests.jsonl", "--out", "keys", "--keep-going"]);
    assert_eq!(run.status, 1, "{run}");
    let verified = bench.run(&["batch", "--verify", "keys"]);
    assert_eq!(verified.status, 1, "{verified}");
    bench.write("requests.jsonl", requests(3));
    assert_eq!(bench.run(&["batch", "requests.jsonl", "--out", "keys"]).status, 0);
    assert_holds_files(&bench, "keys", &ids(3));
}

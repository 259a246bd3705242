//! `csr inspect` and `csr verify`.

use crate::bench::{Bench, Run, assert_prints};

/// A CSR as PEM and DER, of a committed RSA key: the same bytes every time.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.copy("rsa2048-pkcs1.pem");
    let args = ["create", "--domain", "example.com", "--san", "192.0.2.7", "--key", "rsa2048-pkcs1.pem"];
    for more in [&["--name", "good"][..], &["--name", "good-der", "--der"]] {
        assert_eq!(bench.run(&[&args[..], more].concat()).status, 0);
    }
    bench
}

#[test]
fn a_good_one() {
    let bench = bench();
    let inspected = bench.run(&["inspect", "good.csr"]);
    assert_prints!(inspected);
    assert_prints!(bench.run(&["verify", "good.csr"]));
    assert_prints!(bench.run(&["verify", "--json", "good.csr"]));
    assert_prints!(bench.run(&["inspect", "--json", "good.csr"]));
    assert_eq!(bench.run(&["inspect", "good-der.csr"]).stdout, inspected.stdout);
    assert_eq!(bench.run_with(&["inspect", "-"], bench.read("good-der.csr")).stdout, inspected.stdout);
    assert_eq!(bench.run_with(&["verify", "-"], bench.read("good.csr")).status, 0);
}

#[test]
fn a_damaged_signature_does_not_hold() {
    let bench = bench();
    let mut der = bench.read("good-der.csr");
    *der.last_mut().unwrap() ^= 1;
    bench.write("bad.csr", &der);
    assert_prints!(bench.run(&["verify", "bad.csr"]));
    let run = bench.run(&["verify", "--json", "bad.csr"]);
    assert_eq!(run.status, 1, "{run}");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["status"], "invalid");
    let inspected = bench.run(&["inspect", "bad.csr"]);
    assert_eq!(inspected.status, 0, "inspecting is no judgement: {inspected}");
    assert!(inspected.stdout.contains("does NOT hold"), "{inspected}");
}

#[test]
fn changed_contents_do_not_hold() {
    let bench = bench();
    let mut der = bench.read("good-der.csr");
    let at = der.windows(11).position(|window| window == b"example.com").unwrap();
    der[at] = b'E';
    assert_eq!(bench.run_with(&["verify", "-"], &der).status, 1);
}

#[test]
fn every_truncation_is_refused() {
    let bench = bench();
    let der = bench.read("good-der.csr");
    for length in [1, 2, 3, 4, 10, der.len() / 2, der.len() - 1] {
        bench.run_with(&["verify", "-"], &der[..length]).refused("standard input: ");
    }
    let more = [&der[..], b"\0"].concat();
    bench.run_with(&["verify", "-"], more).refused("standard input: ");
}

#[test]
fn what_is_no_csr() {
    let bench = bench();
    bench.write("text", "hello");
    bench.write("cut.pem", &bench.read("good.csr")[..200]);
    bench.write("noise", [0x30, 0x82, 0xff, 0xff, 0x00]);
    for file in ["rsa2048-pkcs1.pem", "text", "cut.pem", "noise"] {
        let run = bench.run(&["inspect", file]);
        assert_prints!(run);
        assert_eq!(bench.run(&["verify", file]).stderr, run.stderr);
    }
    bench.run_with(&["inspect", "-"], "").refused("cannot read standard input: it is empty");
}

#[test]
fn hostile_text_does_not_reach_the_terminal() {
    let bench = Bench::new();
    bench.copy("hostile.csr");
    let harmless = |run: &Run| {
        let all = format!("{}{}", run.stdout, run.stderr);
        !all.contains(|c: char| c != '\n' && (c.is_control() || c == '\u{202e}'))
    };
    let run = bench.run(&["inspect", "hostile.csr"]);
    assert_prints!(run);
    assert!(harmless(&run));
    let run = bench.run(&["inspect", "--json", "hostile.csr"]);
    assert!(harmless(&run), "{run}");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let name = json["subject"]["attributes"][0]["value"]["text"].as_str().unwrap();
    assert_eq!(name, "evil\x1b[31m\u{9b}2J.example\u{202e}moc", "the value itself is whole");
    let run = bench.run(&["inspect", "no\x1b[2Jsuch\u{202e}file"]);
    run.refused(r"cannot read no\u{1b}[2Jsuch\u{202e}file");
    assert!(harmless(&run));
    std::fs::rename(bench.path("hostile.csr"), bench.path("a\x1b[2Jb")).unwrap();
    let run = bench.run(&["verify", "a\x1b[2Jb"]);
    assert_eq!(run.status, 0, "{run}");
    assert!(harmless(&run), "{run}");
}

#[test]
fn sm2_says_which_identity_matched() {
    let bench = Bench::new();
    for file in ["sm2-empty-id.csr", "sm2-own-id.csr", "sm2-pkcs8.pem"] {
        bench.copy(file);
    }
    assert_eq!(bench.run(&["create", "--domain", "a.example", "--key", "sm2-pkcs8.pem"]).status, 0);
    assert_prints!(bench.run(&["verify", "a.example.csr"]));
    assert_prints!(bench.run(&["verify", "sm2-empty-id.csr"]));
    assert_prints!(bench.run(&["verify", "sm2-own-id.csr"]));
    assert_prints!(bench.run(&["verify", "sm2-own-id.csr", "--sm2-id", "alice@example.com"]));
    assert_prints!(bench.run(&["verify", "sm2-own-id.csr", "--sm2-id", "alice@example.com", "--json"]));
}

#[test]
fn what_cannot_be_judged_is_neither_good_nor_bad() {
    let bench = Bench::new();
    bench.copy("ed448.csr");
    let run = bench.run(&["verify", "ed448.csr"]);
    run.refused("error: ed448.csr: the signature (");
    assert_prints!(run);
    let run = bench.run(&["verify", "--json", "ed448.csr"]);
    assert_eq!(run.status, 2, "{run}");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["status"], "unsupported");
    assert_eq!(json["algorithm"], "Ed448");
    assert!(run.stderr.starts_with("error: ed448.csr: the signature ("), "{run}");
    assert_prints!(bench.run(&["inspect", "ed448.csr"]));
}

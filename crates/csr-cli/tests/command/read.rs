//! `csr inspect` and `csr verify`.

use crate::bench::{Bench, Run, assert_prints};

/// A CSR of a committed RSA key, as PEM and DER. Its bytes are the same every time.
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
fn valid_csr_is_shown_and_verified() {
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
fn damaged_signature_does_not_hold() {
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
fn signature_over_changed_contents_does_not_hold() {
    let bench = bench();
    let mut der = bench.read("good-der.csr");
    let at = der.windows(11).position(|window| window == b"example.com").unwrap();
    der[at] = b'E';
    assert_eq!(bench.run_with(&["verify", "-"], &der).status, 1);
}

#[test]
fn verify_says_that_it_reads_the_first_request_only() {
    let bench = bench();
    let two = bench.read("good.csr").repeat(2);
    let run = bench.run_with(&["verify", "-"], &two);
    assert_eq!(run.status, 0, "{run}");
    assert!(
        run.stderr.contains("standard input: the input holds further requests, which were not read"),
        "{run}"
    );
    assert!(bench.run_with(&["verify", "-"], bench.read("good.csr")).stderr.is_empty());
}

#[test]
fn every_truncation_is_refused() {
    let bench = bench();
    let der = bench.read("good-der.csr");
    for length in [1, 2, 3, 4, 10, der.len() / 2, der.len() - 1] {
        bench.run_with(&["verify", "-"], &der[..length]).refused("standard input: ");
    }
    let more = [&der[..], b"\n0"].concat();
    bench.run_with(&["verify", "-"], more).refused("standard input: ");
}

#[test]
fn input_that_is_no_csr_is_refused() {
    let bench = bench();
    bench.copy("leaf.pem");
    bench.write("text", "hello");
    bench.write("cut.pem", &bench.read("good.csr")[..200]);
    bench.write("noise", [0x30, 0x82, 0xff, 0xff, 0x00]);
    for file in ["text", "cut.pem", "noise"] {
        assert_prints!(bench.run(&["inspect", file]));
    }
    for file in ["rsa2048-pkcs1.pem", "leaf.pem", "text", "cut.pem", "noise"] {
        bench.run(&["verify", file]).refused(&format!("error: {file}: "));
        assert_prints!(bench.run(&["verify", file]));
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
fn given_sm2_identity_is_the_only_one_that_holds() {
    let bench = Bench::new();
    for file in ["sm2-empty-id.csr", "sm2-own-id.csr", "sm2-pkcs8.pem"] {
        bench.copy(file);
    }
    assert_eq!(bench.run(&["create", "--domain", "a.example", "--key", "sm2-pkcs8.pem"]).status, 0);
    for (file, holds) in [
        ("a.example.csr", Some(("1234567812345678", "1234567812345678"))),
        ("sm2-empty-id.csr", Some(("(empty)", ""))),
        ("sm2-own-id.csr", None),
    ] {
        let run = bench.run(&["verify", "--sm2-id", "bob@example.com", file]);
        let hint = holds.map(|(shown, _)| format!("; it holds with {shown}")).unwrap_or_default();
        let verdict = "the signature (SM2-with-SM3) does NOT hold with the SM2 identity bob@example.com";
        assert_eq!((run.status, run.stdout.as_str()), (1, &*format!("{file}: {verdict}{hint}\n")));
        let run = bench.run(&["verify", "--json", "--sm2-id", "bob@example.com", file]);
        assert_eq!(run.status, 1, "{run}");
        let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(json["status"], "invalid");
        assert_eq!(json["holds_with"].as_str(), holds.map(|(_, identity)| identity));
        let inspected = bench.run(&["inspect", "--sm2-id", "bob@example.com", file]);
        assert!(
            inspected.stdout.contains("does NOT hold with the SM2 identity bob@example.com"),
            "{inspected}"
        );
    }
    let too_long = "a".repeat(9000);
    let run = bench.run(&["verify", "--sm2-id", &too_long, "a.example.csr"]);
    assert_eq!(run.status, 1, "{run}");
    assert!(run.stdout.len() < 300 && run.stdout.contains("; it holds with 1234567812345678"), "{run}");
}

/// Copies a fixture of the library's tests.
fn fixture(bench: &Bench, name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../csr-core/tests/data/inspect");
    let file = format!("{name}.csr");
    bench.write(&file, std::fs::read(format!("{folder}/{name}.pem")).unwrap());
    file
}

#[test]
fn malformed_parts_are_shown_with_the_rest() {
    let bench = Bench::new();
    for name in [
        "malformed-extension",
        "malformed-names",
        "malformed-san",
        "malformed-attribute",
        "malformed-subject",
    ] {
        let file = fixture(&bench, name);
        assert_prints!(bench.run(&["inspect", &file]));
        assert_eq!(bench.run(&["verify", &file]).status, 0, "{name}");
    }
}

#[test]
fn attributes_and_extensions_of_windows_are_named() {
    let bench = Bench::new();
    for name in ["other-names", "certreq", "templates", "names-in-subject"] {
        assert_prints!(bench.run(&["inspect", &fixture(&bench, name)]));
    }
}

#[test]
fn multi_valued_name_takes_one_line() {
    let bench = Bench::new();
    let run = bench.run(&["inspect", &fixture(&bench, "multi-valued-rdn")]);
    assert!(run.stdout.contains("serialNumber = 42 + CN = #1 example \n"), "{run}");
}

#[test]
fn value_with_a_plus_is_no_second_attribute() {
    let bench = Bench::new();
    let pem = bench.read(&fixture(&bench, "multi-valued-rdn"));
    let mut der = csr_core::inspect(&pem).unwrap().as_der().to_vec();
    let at = der.windows(9).position(|window| window == b" example ").unwrap();
    der[at..at + 9].copy_from_slice(b"a + O = b");
    bench.write("plus.csr", &der);
    let run = bench.run(&["inspect", "plus.csr"]);
    assert!(run.stdout.contains(r"serialNumber = 42 + CN = #1a \+ O = b"), "{run}");
}

#[test]
fn names_are_shown_as_people_read_them_beside_the_a_label() {
    let bench = Bench::new();
    let args = ["create", "--domain", "例え.jp", "--san", "*.münchen.example", "--san", "xn--80ak6aa92e.com"];
    let more =
        ["--san-email", "post@россия.example", "--email-address", "post@россия.example", "--name", "read"];
    let created = bench.run(&[&args[..], &more].concat());
    assert_eq!(created.status, 0, "{created}");
    let inspected = bench.run(&["inspect", "read.csr"]);
    for run in [&created, &inspected] {
        for line in [
            "CN = xn--r8jz45g.jp (例え.jp)\n",
            "DNS:xn--r8jz45g.jp (例え.jp)\n",
            "DNS:*.xn--mnchen-3ya.example (*.münchen.example)\n",
            "DNS:xn--80ak6aa92e.com\n",
            "email:post@xn--h1alffa9f.example (post@россия.example)\n",
        ] {
            assert!(run.stdout.contains(line), "{line}: {run}");
        }
    }
}

#[test]
fn extensions_of_an_authority_are_shown_in_full() {
    let bench = Bench::new();
    assert_prints!(bench.run(&["inspect", &fixture(&bench, "authority")]));
}

#[test]
fn lint_shows_findings_with_their_rules() {
    let bench = Bench::new();
    let args = ["create", "--domain", "example.com", "--san", "www.example.com", "--name", "good"];
    assert_eq!(bench.run(&args).status, 0);
    let run = bench.run(&["inspect", "--lint", "good.csr"]);
    assert!(run.status == 0 && run.stdout.ends_with("  Lint          nothing found\n"), "{run}");
    let run = bench.run(&["inspect", "--lint", "--json", "good.csr"]);
    assert!(run.status == 0 && run.stdout.contains(r#""lint": []"#), "{run}");

    for name in ["rsa-1024", "dns-names", "exponent-3", "sm2-default", "subject-values"] {
        let file = fixture(&bench, name);
        let run = bench.run(&["inspect", "--lint", &file]);
        assert_eq!(run.status, 1, "{run}");
        assert_prints!(run);
        let plain = bench.run(&["inspect", &file]);
        assert!(plain.status == 0 && !plain.stdout.contains("Lint"), "{plain}");
    }
    let run = bench.run(&["inspect", "--lint", "--json", "sm2-default.csr"]);
    assert_eq!(run.status, 1, "{run}");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["lint"][0]["code"], "key_algorithm");
    assert_eq!(json["lint"][0]["rule"], "TLS Baseline Requirements §6.1.5");
}

#[test]
fn unsupported_signature_has_no_verdict() {
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

#[test]
fn certificates_and_keys_are_shown() {
    let bench = Bench::new();
    for file in [
        "chain.pem",
        "odd.pem",
        "rsa.key",
        "leaf-encrypted.key",
        "p256-legacy-aes-256.pem",
        "leaf-public-compressed.pem",
        "rsa-public-pkcs1.pem",
        "haproxy.pem",
    ] {
        bench.copy(file);
        let run = bench.run(&["inspect", file]);
        assert_prints!(run);
        assert!(!run.stdout.contains(|c: char| c != '\n' && c.is_control()), "{run}");
    }
    for file in ["chain.pem", "leaf-encrypted.key", "haproxy.pem"] {
        assert_prints!(bench.run(&["inspect", "--json", file]));
    }
}

/// The JSON of such a file stays one object.
#[test]
fn csr_beside_its_key_is_shown_alone_and_the_key_is_mentioned() {
    let bench = Bench::new();
    bench.copy("leaf.csr");
    bench.copy("leaf.key");
    bench.write("both.pem", [bench.read("leaf.key"), bench.read("leaf.csr")].concat());
    for more in [&["--json"][..], &[]] {
        let both = bench.run(&[&["inspect", "both.pem"], more].concat());
        assert_eq!(both.stdout, bench.run(&[&["inspect", "leaf.csr"], more].concat()).stdout);
        assert_eq!(
            both.stderr,
            "note: both.pem: holds a private key, too; `csr match` says whether it belongs to the CSR\n"
        );
    }
}

#[test]
fn several_files_are_shown_under_their_names() {
    let bench = Bench::new();
    for file in ["leaf.csr", "leaf.pem", "leaf.key"] {
        bench.copy(file);
    }
    assert_prints!(bench.run(&["inspect", "leaf.csr", "leaf.pem", "leaf.key"]));
    let run = bench.run(&["inspect", "--json", "leaf.csr", "leaf.pem", "leaf.key"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let told: Vec<_> =
        json.as_array().unwrap().iter().map(|one| text(&one["file"]) + " " + &text(&one["kind"])).collect();
    assert_eq!(told, ["leaf.csr certificate_request", "leaf.pem certificate", "leaf.key private_key"]);
    assert_eq!(json[0]["signature"]["status"], "valid");
    assert_eq!(json[0]["public_key"], json[1]["public_key"]);
    let single = bench.json(&["inspect", "--json", "leaf.csr"]);
    assert!(single["file"].is_null() && single["kind"].is_null() && single["subject"].is_object());
}

#[test]
fn files_that_cannot_be_read_are_all_told_and_the_others_shown() {
    let bench = Bench::new();
    bench.copy("leaf.csr");
    bench.write("text", "hello");
    for (command, shown) in
        [("inspect", "leaf.csr: Certificate signing request"), ("verify", "leaf.csr: the sig")]
    {
        let run = bench.run(&[command, "text", "leaf.csr", "missing"]);
        assert_eq!(run.status, 2, "{run}");
        assert!(run.stdout.starts_with(shown), "{run}");
        let faults: Vec<_> = run.stderr.lines().collect();
        assert_eq!(faults.len(), 2, "{run}");
        assert!(faults[0].starts_with("error: text: neither DER nor PEM"), "{run}");
        assert!(faults[1].starts_with("error: cannot read missing: "), "{run}");
    }
}

#[test]
fn status_of_verify_is_the_worst_of_its_files() {
    let bench = bench();
    let mut der = bench.read("good-der.csr");
    *der.last_mut().unwrap() ^= 1;
    bench.write("bad.csr", &der);
    bench.copy("ed448.csr");
    bench.copy("leaf.pem");
    for (files, status) in [
        (&["good.csr", "good-der.csr"][..], 0),
        (&["good.csr", "bad.csr", "good-der.csr"], 1),
        (&["bad.csr", "ed448.csr", "good.csr"], 2),
        (&["good.csr", "leaf.pem", "bad.csr"], 2),
    ] {
        for more in [&[][..], &["--json"]] {
            let run = bench.run(&[&["verify"], files, more].concat());
            assert_eq!(run.status, status, "{run}");
        }
    }
    assert_prints!(bench.run(&["verify", "good.csr", "bad.csr", "ed448.csr", "leaf.pem"]));
    assert_prints!(bench.run(&["verify", "--json", "good.csr", "bad.csr", "ed448.csr", "leaf.pem"]));
}

#[test]
fn piped_file_is_read_without_a_name() {
    let bench = bench();
    let csr = bench.read("good.csr");
    for args in [&["inspect"][..], &["verify"], &["inspect", "--json"], &["verify", "--json"]] {
        let piped = bench.run_with(args, &csr);
        assert_eq!(piped.status, 0, "{piped}");
        assert_eq!(piped.stdout, bench.run_with(&[args, &["-"]].concat(), &csr).stdout);
    }
    bench.run_with(&["inspect", "-", "-"], &csr).refused("FILE: `-` may be given only once");
    bench.run(&["inspect"]).refused("cannot read standard input: it is empty");
}

#[cfg(unix)]
#[test]
fn commands_that_read_say_on_a_terminal_that_a_file_is_missing() {
    for command in ["inspect", "verify", "match"] {
        let mut csr = std::process::Command::new(env!("CARGO_BIN_EXE_csr"));
        csr.arg(command);
        let mut session = rexpect::session::spawn_command(csr, Some(10_000)).unwrap();
        let told = session.exp_eof().unwrap();
        let expected =
            format!("FILE: name a file to read, or pipe it in: `csr {command} FILE`, `csr {command} <FILE`");
        assert!(told.contains(&expected) && told.trim().lines().count() == 1, "{told}");
    }
}

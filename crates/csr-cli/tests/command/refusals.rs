//! Bad input of every kind: every fault at once, on standard error, status 2, nothing written.

use crate::bench::{Bench, assert_prints};

#[test]
fn every_fault_of_the_flags_is_named() {
    let bench = Bench::new();
    bench.write("taken", "");
    let long = "x".repeat(65);
    assert_prints!(bench.run(&[
        "create",
        "--domain",
        "bad_name.example",
        "--san",
        "ok.example,a..b",
        "--san",
        "*.com",
        "--san-email",
        "nobody",
        "--san-uri",
        "https://ok.example",
        "--san-uri",
        "not a uri",
        "--usage",
        "ENTERPRISE",
        "--country",
        "China",
        "--province",
        "bell\x07",
        "--organization",
        &long,
        "--organizational-unit",
        "right\u{202e}left",
        "--email-address",
        "@",
        "--path-length",
        "1",
        "--key-format",
        "pkcs1",
        "--name",
        "../taken",
        "--out",
        "nowhere",
    ]));
    assert_eq!(bench.names(), ["taken"]);
}

#[test]
fn every_fault_of_a_request_is_named() {
    let bench = Bench::new();
    let request = r#"{"name": "a/b", "domain_name": "-a.example", "sans": "ok.example;*.*.example;;10.0.0.256",
        "private_key_algo": "EC_P256", "usage": "ENTERPRISE", "company_country": "C", "company_name": "a\u0000b"}"#;
    assert_prints!(bench.run_with(&["create", "--request", "-"], request));
    assert!(bench.names().is_empty());
}

#[test]
fn a_name_of_another_kind_is_sent_to_its_flag() {
    let bench = Bench::new();
    for (san, saying) in [
        (
            "admin@a.example",
            r#""admin@a.example" contains '@', which host names don't have; a mail address is given by --san-email"#,
        ),
        (
            "https://a.example/",
            r#""https://a.example/" contains ':', which host names don't have; a URI is given by --san-uri"#,
        ),
    ] {
        bench.run(&["create", "--domain", "a.example", "--san", san]).refused(&format!("--san[0]: {saying}"));
    }
    assert!(bench.names().is_empty());
}

#[test]
fn requests_that_are_none() {
    let bench = Bench::new();
    for (request, saying) in [
        (&b""[..], "cannot read standard input: it is empty"),
        (b"{", "standard input must be a JSON object with the request's fields"),
        (b"nonsense", "standard input must be a JSON object with the request's fields"),
        (b"\xff\xfe{\0}\0", "name: is required"),
        (b"{\"name\": \"\xff\"}", "standard input must be a JSON object with the request's fields"),
        (b"3", "must be a JSON object with the request's fields, not a number (line 1 column 1)"),
        (
            br#"{"name": "n", "domain_name": "a.example", "private_key_algo": "SM2", "usage": "PERSONAL"} more"#,
            "standard input must be a JSON object with the request's fields",
        ),
    ] {
        bench.run_with(&["create", "--request", "-"], request).refused(saying);
    }
    assert!(bench.names().is_empty());
}

#[test]
fn missing_and_mistyped_fields_are_all_named() {
    let bench = Bench::new();
    assert_prints!(bench.run_with(&["create", "--request", "-"], "{}"));
    let request = r#"{"name": 1, "domain_name": ["a"], "sans": {}, "private_key_algo": "DSA; or so",
        "usage": "HOBBY; really", "company_country": true}"#;
    assert_prints!(bench.run_with(&["create", "--request", "-"], request));
}

#[test]
fn input_that_cannot_be_read() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("folder")).unwrap();
    std::fs::File::create(bench.path("huge")).unwrap().set_len(5 << 20).unwrap();
    for (file, saying) in [
        ("nowhere", "cannot read nowhere: "),
        ("folder", "cannot read folder: "),
        ("huge", "cannot read huge: it has more than 4 MiB"),
    ] {
        bench.run(&["create", "--request", file]).refused(saying);
        bench.run(&["create", "--domain", "a.example", "--key", file]).refused(saying);
        bench.run(&["create", "--domain", "a.example", "--challenge-password-file", file]).refused(saying);
        bench.run(&["inspect", file]).refused(saying);
        bench.run(&["verify", file]).refused(saying);
    }
    assert_eq!(bench.names(), ["folder", "huge"]);
}

#[cfg(target_os = "linux")]
#[test]
fn endless_input_is_bounded() {
    let bench = Bench::new();
    bench.run(&["inspect", "/dev/zero"]).refused("it has more than 4 MiB");
}

#[test]
fn usage_errors() {
    let bench = Bench::new();
    bench.write("r.json", "{}");
    assert_prints!(bench.run(&["create", "--domain", "a.example", "--algorithm", "RSA_1024"]));
    assert_prints!(bench.run(&[
        "create",
        "--domain",
        "a.example",
        "--extended-key-usage",
        "serverAuth,nothing"
    ]));
    assert_prints!(bench.run(&["create", "--country", "CN"]));
    for args in [
        &["create", "--request", "r.json", "--domain", "a.example"][..],
        &["create", "--request", "r.json", "--san", "a.example"],
        &["create", "--request", "r.json", "--usage", "PERSONAL"],
        &["create", "--request", "r.json", "--algorithm", "SM2"],
        &["create", "--request", "r.json", "--sm2-id", "x"],
        &["create", "--domain", "a.example", "--key", "k", "--encrypt"],
        &["create", "--domain", "a.example", "--key", "k", "--algorithm", "SM2"],
        &["create", "--domain", "a.example", "--key", "k", "--key-format", "sec1"],
        &["create", "--domain", "a.example", "--stdout", "--out", "x"],
        &["create", "--domain", "a.example", "--stdout", "--der"],
        &["create", "--request", "-", "--key", "-"],
        &["create", "--domain", "a.example", "--key", "-", "--passphrase-file", "-"],
        &["create", "--request", "-", "--encrypt", "--passphrase-file", "-"],
        &["create", "--domain", "a.example", "--key", "-", "--challenge-password-file", "-"],
    ] {
        bench.run(args).refused("cannot be ");
    }
    bench.run(&["create", "--domain", "a.example", "--passphrase-env", "X"]).refused("required");
    bench.run(&["create", "--domain", "a.example", "--path-length", "256"]).refused("--path-length");
    bench.run(&["create", "--domain", "a.example", "--key-usage", "sign"]).refused("digitalSignature");
    assert_eq!(bench.names(), ["r.json"]);
}

#[test]
fn hostile_arguments_are_quoted_harmlessly() {
    let bench = Bench::new();
    let hostile = "\x1b[2J\u{9b}x\u{202e}";
    for args in [
        &["create", "--domain", "a.example", "--algorithm", hostile][..],
        &[hostile],
        &["verify", "a", hostile],
    ] {
        let run = bench.run(args);
        run.refused(r"\u{9b}x\u{202e}");
        assert!(!run.stderr.contains(['\x1b', '\u{9b}', '\u{202e}']), "{run}");
    }
}

#[test]
fn formats_that_cannot_hold_the_key() {
    let bench = Bench::new();
    let create = |algorithm, format, more: &[&str]| {
        let args = ["create", "--domain", "a.example", "--algorithm", algorithm, "--key-format", format];
        bench.run(&[&args[..], more].concat())
    };
    create("EC_P256", "pkcs1", &[]).refused("--key-format: PKCS#1 cannot hold a key of EC_P256");
    create("RSA_4096", "sec1", &[]).refused("--key-format: SEC1 cannot hold a key of RSA_4096");
    create("EC_P384", "sec1", &["--encrypt"])
        .refused("--key-format: an encrypted key is written as PKCS#8 only");
    assert!(bench.names().is_empty());
}

//! Bad input of every kind: standard error reports all faults at once, the status is 2, and nothing is written.

use crate::bench::{Bench, Run, assert_prints};

#[test]
fn all_faults_of_the_flags_are_reported() {
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
fn faults_name_the_argument_that_was_given() {
    let bench = Bench::new();
    let given =
        ["create", "a_b.example", "c.example", "d@e", "--san", "f_g", "--san-email", "h", "--san-uri", "i"];
    assert_prints!(bench.run(&given));
    assert_prints!(bench.run(&["create", "a.example", "--domain", "b.example", "--country", "China"]));
    bench.write("r.json", "{}");
    bench.run(&["create", "a.example", "--request", "r.json"]).refused("cannot be used with");
    assert_eq!(bench.names(), ["r.json"]);
}

#[test]
fn command_line_that_names_nothing_is_refused_in_one_line() {
    let bench = Bench::new();
    let run = bench.run(&["create"]);
    assert_prints!(run);
    for more in [
        &["--algorithm", "SM2"][..],
        &[
            "--usage",
            "ENTERPRISE",
            "--country",
            "CN",
            "--province",
            "P",
            "--city",
            "C",
            "--organization",
            "O",
        ],
        &["--stdout"],
        &["--encrypt"],
    ] {
        assert_eq!(bench.run(&[&["create"], more].concat()).stderr, run.stderr);
    }
    assert!(bench.names().is_empty());
}

#[test]
fn flags_of_openssl_are_not_taken_for_short_ones() {
    let bench = Bench::new();
    for flag in ["-nodes", "-sha256", "-subj", "-out", "-newkey", "-days"] {
        let run = bench.run(&["create", "a.example", flag, "x"]);
        run.refused(&format!("error: {flag}: a flag of several letters begins with two dashes"));
        assert_eq!(run.stderr.contains("--subject TYPE=VALUE"), flag == "-subj", "{run}");
    }
    assert!(bench.names().is_empty());
}

#[test]
fn all_faults_of_a_request_are_reported() {
    let bench = Bench::new();
    let request = r#"{"name": "a/b", "domain_name": "-a.example", "sans": "ok.example;*.*.example;;10.0.0.256",
        "private_key_algo": "EC_P256", "usage": "ENTERPRISE", "company_country": "C", "company_name": "a\u0000b"}"#;
    assert_prints!(bench.run_with(&["create", "--request", "-"], request));
    assert!(bench.names().is_empty());
}

#[test]
fn name_of_another_kind_is_refused_with_its_flag() {
    let bench = Bench::new();
    for (san, message) in [
        (
            "admin@a.example",
            r#""admin@a.example" contains '@', which host names don't have; a mail address is given by --san-email"#,
        ),
        (
            "https://a.example/",
            "\"https://a.example/\" is a URL: give only its host, `a.example`; a URI is given by --san-uri",
        ),
    ] {
        bench
            .run(&["create", "--domain", "a.example", "--san", san])
            .refused(&format!("--san[0]: {message}"));
    }
    assert!(bench.names().is_empty());
}

#[test]
fn input_that_is_no_request_is_refused() {
    let bench = Bench::new();
    for (request, message) in [
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
        bench.run_with(&["create", "--request", "-"], request).refused(message);
    }
    assert!(bench.names().is_empty());
}

#[test]
fn all_missing_and_mistyped_fields_are_reported() {
    let bench = Bench::new();
    assert_prints!(bench.run_with(&["create", "--request", "-"], "{}"));
    let request = r#"{"name": 1, "domain_name": ["a"], "sans": {}, "private_key_algo": "DSA; or so",
        "usage": "HOBBY; really", "company_country": true}"#;
    assert_prints!(bench.run_with(&["create", "--request", "-"], request));
}

#[test]
fn unreadable_input_is_refused_by_name() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("folder")).unwrap();
    bench.write("huge", vec![b' '; 5 << 20]);
    for (file, message) in [
        ("nowhere", "cannot read nowhere: "),
        ("folder", "cannot read folder: "),
        ("huge", "cannot read huge: it must have at most 4 MiB"),
    ] {
        bench.run(&["create", "--request", file]).refused(message);
        bench.run(&["create", "--domain", "a.example", "--key", file]).refused(message);
        bench.run(&["create", "--domain", "a.example", "--challenge-password-file", file]).refused(message);
        bench.run(&["inspect", file]).refused(message);
        bench.run(&["verify", file]).refused(message);
    }
    assert_eq!(bench.names(), ["folder", "huge"]);
}

#[cfg(target_os = "linux")]
#[test]
fn endless_input_is_refused() {
    let bench = Bench::new();
    bench.run(&["inspect", "/dev/zero"]).refused("it must have at most 4 MiB");
}

#[test]
fn usage_errors_are_reported() {
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
        &["create", "--request", "r.json", "--digest", "SHA384"],
        &["create", "--request", "r.json", "--pss"],
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
fn formats_that_cannot_hold_the_key_are_refused() {
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

/// With all other faults, before a key is made.
#[test]
fn signature_that_the_key_cannot_make_is_refused() {
    let bench = Bench::new();
    bench.copy("sm2-pkcs8.pem");
    bench.copy("p384-pkcs8.pem");
    let create = |more: &[&str]| bench.run(&[&["create", "--domain", "a.example"], more].concat());
    assert_prints!(create(&["--algorithm", "SM2", "--digest", "SHA256", "--pss", "--country", "China"]));
    assert_prints!(create(&["--pss"]));
    assert_prints!(create(&["--key", "sm2-pkcs8.pem", "--digest", "SHA512", "--san", "my_host"]));
    assert_prints!(create(&["--key", "p384-pkcs8.pem", "--pss"]));
    assert_prints!(create(&["--algorithm", "RSA_2048", "--digest", "SHA1"]));
    assert_eq!(bench.names(), ["p384-pkcs8.pem", "sm2-pkcs8.pem"]);
}

/// The base64 of a private key, and the forms that its file can take in an argument.
fn pasted_keys() -> (String, [String; 5]) {
    let bench = Bench::new();
    bench.copy("p256-sec1-with-parameters.pem");
    bench.run(&["create", "--domain", "a.example"]);
    let pem = bench.text("a.example.key");
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let one_line = pem.replace('\n', " ");
    let broken = base64.as_bytes().chunks(32).map(|chunk| str::from_utf8(chunk).unwrap()).collect::<Vec<_>>();
    let broken = broken.join("\\n");
    (base64.clone(), [pem, one_line, format!("./{base64}"), base64, broken])
}

/// This holds for every argument, also if the message comes from the parser of the command line.
#[test]
fn key_in_the_place_of_another_argument_is_not_shown() {
    let (base64, pasted) = pasted_keys();
    let assert_hidden = |run: &Run| {
        assert_eq!(run.status, 2, "{}", run.stdout);
        let output = format!("{}{}", run.stdout, run.stderr).replace(['\n', ' '], "");
        assert!((0..base64.len() - 20).all(|at| !output.contains(&base64[at..at + 20])), "{output}");
    };
    for key in pasted.iter().map(String::as_str) {
        let bench = Bench::new();
        let in_front = format!("--{key}");
        let given = format!("--key={key}");
        for args in [
            &[key][..],
            &["create", key],
            &["create", "a.example", key],
            &["create", "-k", key],
            &["create", &format!("-k{key}")],
            &["create", &format!("-{key}")],
            &["create", &in_front],
            &["create", "--domain", key],
            &["create", "--domain", "a.example", "--key", key],
            &["create", "--domain", "a.example", &given],
            &["create", "--domain", "a.example", "--algorithm", key],
            &["create", "--domain", "a.example", "--out", key],
            &["create", "--domain", "a.example", "--extended-key-usage", key],
            &["create", "--domain", "a.example", "--encrypt", "--passphrase-file", key],
            &["create", "--domain", "a.example", "--encrypt", "--passphrase-env", key],
            &["create", "--request", key],
            &["inspect", key],
            &["verify", "a", key],
            &["serve", "--config", key],
            &["serve", "--listen", key],
            &["serve", "--tls-key", key, "--tls-certificate", key, "--data-dir", "d"],
            &["access", "add", "a", "--rights", key],
            &["access", "revoke", key, "--data-dir", key],
            &["key", "export", key],
            &["key", "export", "00000000000000000000000000000000", "--out", &format!("{key}/x")],
            &["master-key", "rotate", "--master-key-file", key],
            &["completions", key],
            &["man", "--out", key],
        ] {
            assert_hidden(&bench.run(args));
            assert_hidden(&bench.run(&[args, &["--json"]].concat()));
        }
        for name in ["CSR_CONFIG", "CSR_LISTEN", "CSR_DATA_DIR", "CSR_DATABASE", "CSR_MASTER_KEY"] {
            let args = ["access", "list", "--data-dir", "d"];
            let mut command = bench.command();
            command.args(if name == "CSR_DATA_DIR" { &args[..2] } else { &args[..] });
            assert_hidden(&Run::new(&args, command.env(name, key).output().unwrap()));
            let help = bench.command().args(["serve", "--help"]).env(name, key).output().unwrap();
            assert!(!String::from_utf8(help.stdout).unwrap().contains(&base64[..20]), "{name}");
        }
    }
}

#[test]
fn key_in_the_place_of_its_file_is_answered_by_a_hint() {
    const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0aIYiG7O9Sn0mXKc";
    let bench = Bench::new();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{KEY}\n-----END PRIVATE KEY-----\n");
    assert_prints!(bench.run(&["create", "--domain", "a.example", "--key", KEY]));
    assert_prints!(bench.run(&["inspect", &pem]));
    assert_prints!(bench.run(&[
        "create",
        "--domain",
        "a.example",
        "--encrypt",
        "--passphrase-env",
        "sesame"
    ]));
}

#[test]
fn long_path_is_shown_whole() {
    let bench = Bench::new();
    let path = "a-folder-of-some-Length/another/One-with-CAPITALS/server.example.com.key";
    bench.run(&["create", "--domain", "a.example", "--key", path]).refused(path);
    let folder = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    std::fs::create_dir(bench.path(folder)).unwrap();
    let path = format!("{folder}/server.key");
    bench.run(&["create", "--domain", "a.example", "--key", &path]).refused(&path);
}

#[cfg(feature = "serve")]
#[test]
fn hostile_variables_are_quoted_harmlessly() {
    let bench = Bench::new();
    let args = ["serve", "--data-dir", "d"];
    for name in ["CSR_LISTEN", "CSR_MAX_CONNECTIONS", "CSR_NO_KEY_EXPORT", "CSR_LOG_FORMAT", "CSR_CONFIG"] {
        let mut command = bench.command();
        command.args(args).env(name, "\x1b[2J\u{9b}x\u{202e}");
        let run = Run::new(&args, command.output().unwrap());
        run.refused(r"\u{9b}x\u{202e}");
        assert!(!run.stderr.contains(['\x1b', '\u{9b}', '\u{202e}']), "{run}");
        let help = command.arg("--help").output().unwrap();
        assert!(!String::from_utf8(help.stdout).unwrap().contains(['\x1b', '\u{9b}', '\u{202e}']), "{name}");
    }
}

//! `csr create` with a new key.

use crate::bench::{Bench, assert_prints};

#[test]
fn domain_gives_a_key_and_a_csr() {
    let bench = Bench::new();
    assert_prints!(bench.run(&["create", "--domain", "example.com"]));
    assert_eq!(bench.names(), ["example.com.csr", "example.com.key"]);
    assert!(bench.text("example.com.key").starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert!(bench.text("example.com.csr").starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
    assert_eq!(bench.run(&["verify", "example.com.csr"]).status, 0);
    // The key in the file made the signature: a second CSR for it has the same fingerprint.
    let first = bench.json(&["inspect", "--json", "example.com.csr"]);
    let again = bench.json(&["create", "--domain", "b.example", "--key", "example.com.key", "--json"]);
    assert_eq!(first["public_key"]["sha256"], again["public_key"]["sha256"]);
}

#[test]
fn csr_holds_everything_that_flags_ask_for() {
    let bench = Bench::new();
    bench.write("challenge", "open sesame\nnot this\n");
    let args = [
        "create",
        "--domain",
        "*.Bücher.example",
        "--san",
        "bücher.example,192.0.2.7",
        "--san",
        "2001:DB8::1",
        "--san-email",
        "post@example.com",
        "--san-uri",
        "spiffe://example.org/web",
        "--algorithm",
        "sm2",
        "--usage",
        "enterprise",
        "--country",
        "cn",
        "--province",
        "北京市",
        "--city",
        "Beijing",
        "--organization",
        "Comma, \"Quote\" + Plus \\ Co",
        "--organizational-unit",
        "R&D",
        "--email-address",
        "ca@example.com",
        "--key-usage",
        "digitalSignature,keyCertSign",
        "--extended-key-usage",
        "serverauth,1.2.3.4",
        "--ca",
        "--path-length",
        "0",
        "--must-staple",
        "--challenge-password-file",
        "challenge",
        "--sm2-id",
        "alice@example.com",
    ];
    assert_prints!(bench.run(&args));
    assert_eq!(
        bench.names(),
        ["challenge", "wildcard.xn--bcher-kva.example.csr", "wildcard.xn--bcher-kva.example.key"]
    );
    let csr = "wildcard.xn--bcher-kva.example.csr";
    assert_prints!(bench.run(&["inspect", csr, "--sm2-id", "alice@example.com"]));
    assert_eq!(bench.run(&["verify", csr]).status, 1, "the identity is no usual one");
}

#[test]
fn signature_is_made_as_flags_ask() {
    let bench = Bench::new();
    let rsa = ["create", "--domain", "rsa.example", "--algorithm", "RSA_2048"];
    assert_prints!(bench.run(&[&rsa[..], &["--digest", "SHA384", "--pss"]].concat()));
    assert_prints!(bench.run(&["inspect", "rsa.example.csr"]));
    assert_prints!(bench.run(&["verify", "rsa.example.csr"]));
    bench.run(&["create", "--domain", "p256.example"]);
    bench.run(&["create", "--domain", "p384.example", "--algorithm", "EC_P384"]);
    for (key, flags, expected) in [
        ("rsa.example.key", &[][..], "sha256WithRSAEncryption"),
        ("rsa.example.key", &["--digest", "SHA256"], "sha256WithRSAEncryption"),
        ("rsa.example.key", &["--digest", "sha-384"], "sha384WithRSAEncryption"),
        ("rsa.example.key", &["--digest", "SHA512"], "sha512WithRSAEncryption"),
        ("rsa.example.key", &["--pss"], "RSASSA-PSS with SHA-256"),
        ("rsa.example.key", &["--digest", "SHA512", "--pss"], "RSASSA-PSS with SHA-512"),
        ("p256.example.key", &[], "ecdsa-with-SHA256"),
        ("p256.example.key", &["--digest", "SHA512"], "ecdsa-with-SHA512"),
        ("p384.example.key", &[], "ecdsa-with-SHA384"),
        ("p384.example.key", &["--digest", "SHA256"], "ecdsa-with-SHA256"),
    ] {
        let args = ["create", "--domain", "a.example", "--key", key, "--force", "--json"];
        let made = bench.json(&[&args[..], flags].concat());
        assert_eq!(made["signature_algorithm"]["name"], expected, "{key} {flags:?}");
        let verdict = bench.json(&["verify", "--json", "a.example.csr"]);
        assert_eq!(verdict["status"], "valid", "{key} {flags:?}");
        assert_eq!(verdict["signature_algorithm"], expected, "{key} {flags:?}");
    }
}

#[test]
fn files_take_the_name_of_the_request() {
    let bench = Bench::new();
    let request = r#"{"name": "my web server", "domain_name": "example.com", "sans": "www.example.com; 192.0.2.7;",
        "private_key_algo": "EC_P384", "usage": "ENTERPRISE", "company_country": "CN",
        "company_province": "Beijing", "company_city": "Beijing", "company_name": "Example", "unknown": 1}"#;
    bench.write("request.json", request);
    assert_prints!(bench.run(&["create", "--request", "request.json"]));
    assert_eq!(bench.names(), ["my web server.csr", "my web server.key", "request.json"]);
    let run = bench.run_with(&["create", "--request", "-", "--name", "other", "--json"], request);
    assert_eq!(run.status, 0, "{run}");
    assert!(bench.path("other.csr").exists() && bench.path("other.key").exists());
}

/// Some editors write one.
#[test]
fn request_may_start_with_a_byte_order_mark() {
    let bench = Bench::new();
    let request = "\u{feff}{\"name\": \"n\", \"domain_name\": \"a.example\", \"private_key_algo\": \"SM2\", \
        \"usage\": \"PERSONAL\"}";
    let run = bench.run_with(&["create", "--request", "-"], request);
    assert_eq!(run.status, 0, "{run}");
    assert_eq!(bench.names(), ["n.csr", "n.key"]);
    bench
        .run_with(&["create", "--request", "-"], format!("\u{feff}{request}"))
        .refused("must be a JSON object");
}

#[test]
fn request_over_the_limits_of_the_api_is_only_noted() {
    let bench = Bench::new();
    let sans: Vec<_> = (0..30).map(|i| format!("www{i}.example.com")).collect();
    let name = "n".repeat(64);
    let request = format!(
        r#"{{"name": "{name}", "domain_name": "example.com", "sans": "{}",
            "private_key_algo": "EC_P256", "usage": "PERSONAL"}}"#,
        sans.join(";")
    );
    let run = bench.run_with(&["create", "--request", "-", "--json"], request);
    assert_eq!(run.status, 0, "{run}");
    assert_prints!(run.stderr);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["sans"].as_array().unwrap().len(), 31);
}

#[test]
fn written_keys_of_every_algorithm_and_format_can_be_read() {
    for (algorithm, format, label) in [
        ("RSA_2048", "pkcs8", "PRIVATE KEY"),
        ("RSA_2048", "pkcs1", "RSA PRIVATE KEY"),
        ("EC_P256", "sec1", "EC PRIVATE KEY"),
        ("EC_P384", "sec1", "EC PRIVATE KEY"),
        ("SM2", "sec1", "EC PRIVATE KEY"),
        ("SM2", "pkcs8", "PRIVATE KEY"),
    ] {
        for form in [&[][..], &["--der"]] {
            let bench = Bench::new();
            let args = ["create", "--domain", "a.example", "--algorithm", algorithm, "--key-format", format];
            let made = bench.json(&[&args[..], form, &["--json"]].concat());
            assert_eq!(made["key"]["algorithm"], algorithm);
            assert_eq!(made["key"]["format"], format);
            assert_eq!(made["signature"]["status"], "valid");
            let again = bench.json(&[
                "create",
                "--domain",
                "b.example",
                "--key",
                "a.example.key",
                "--stdout",
                "--json",
            ]);
            assert_eq!(made["public_key"], again["public_key"], "{algorithm} {format} {form:?}");
            assert_eq!(bench.run(&["verify", "a.example.csr"]).status, 0);
            let (key, csr) = (bench.read("a.example.key"), bench.read("a.example.csr"));
            if form.is_empty() {
                assert!(key.starts_with(format!("-----BEGIN {label}-----\n").as_bytes()));
            } else {
                assert_eq!([key[0], csr[0]], [0x30, 0x30]);
            }
        }
    }
}

#[test]
fn stdout_prints_key_and_csr_and_writes_no_files() {
    let bench = Bench::new();
    let run = bench.run(&["create", "--domain", "example.com", "--stdout"]);
    assert_prints!(run);
    assert!(bench.names().is_empty());
    assert_eq!(bench.run_with(&["verify", "-"], &run.stdout).status, 0);
}

#[test]
fn json_names_the_files_and_leaves_the_key_out() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("keys")).unwrap();
    let run =
        bench.run(&["create", "--domain", "example.com", "--san", "a.example", "--out", "keys", "--json"]);
    assert_prints!(run);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert!(bench.path(json["files"]["csr"].as_str().unwrap()).exists());
    assert!(bench.path(json["files"]["key"].as_str().unwrap()).exists());
    assert!(json.get("private_key").is_none() && !run.stdout.contains("BEGIN"));
}

#[test]
fn json_to_stdout_holds_the_key() {
    let bench = Bench::new();
    let json = bench.json(&["create", "--domain", "example.com", "--stdout", "--json"]);
    assert!(json["private_key"].as_str().unwrap().starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert!(json["csr"].as_str().unwrap().starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"));
    assert!(json["files"]["key"].is_null() && json["files"]["csr"].is_null());
    assert!(bench.names().is_empty());
}

#[test]
fn files_need_a_name_if_there_is_no_domain() {
    let bench = Bench::new();
    bench.run(&["create", "--san-email", "alice@example.com"]).refused("--name: is required");
    assert_eq!(bench.run(&["create", "--san-email", "alice@example.com", "--name", "alice"]).status, 0);
    assert_eq!(bench.names(), ["alice.csr", "alice.key"]);
}

#[test]
fn first_name_is_the_domain_and_further_names_are_sans() {
    let bench = Bench::new();
    let made = |args: &[&str]| bench.json(&[&["create", "--json", "--force"], args].concat())["sans"].clone();
    let by_flags = made(&["--domain", "a.example", "--san", "b.example,192.0.2.7,c.example"]);
    assert_eq!(by_flags.as_array().unwrap().len(), 4);
    for args in [
        &["a.example", "b.example", "192.0.2.7", "c.example"][..],
        &["a.example", "b.example", "--san", "192.0.2.7,c.example"],
        &["--san", "192.0.2.7", "a.example", "b.example", "-s", "c.example"],
        &["-d", "a.example", "-s", "b.example", "-s", "192.0.2.7", "--san=c.example"],
    ] {
        assert_eq!(made(args), by_flags, "{args:?}");
    }
    assert_eq!(bench.names(), ["a.example.csr", "a.example.key"]);
}

#[test]
fn common_flags_have_short_forms() {
    let bench = Bench::new();
    std::fs::create_dir(bench.path("keys")).unwrap();
    bench.write("passphrase", "sesame");
    let new =
        ["create", "a.example", "-fea", "sm2", "-o", "keys", "-n", "web", "--passphrase-file", "passphrase"];
    assert_eq!(bench.run(&new).status, 0);
    let run = bench.run(&new);
    assert!(run.stdout.contains("keys/web.key (PKCS#8, encrypted)") && run.stdout.contains("SM2"), "{run}");
    let existing = ["create", "b.example", "-k", "keys/web.key", "--passphrase-file", "passphrase"];
    assert_eq!(bench.run(&existing).status, 0);
    assert_eq!(bench.names(), ["b.example.csr", "keys", "passphrase"]);
}

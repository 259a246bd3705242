//! `csr create --key`.

use crate::bench::{Bench, assert_prints};

#[test]
fn csr_is_made_for_an_existing_key() {
    let bench = Bench::new();
    bench.copy("rsa2048-pkcs1.pem");
    assert_prints!(bench.run(&["create", "--domain", "example.com", "--key", "rsa2048-pkcs1.pem"]));
    assert_eq!(bench.names(), ["example.com.csr", "rsa2048-pkcs1.pem"], "no key is written");
    // RSA signatures are deterministic.
    let first = bench.read("example.com.csr");
    let printed = bench.run_with(
        &["create", "--domain", "example.com", "--key", "-", "--stdout"],
        bench.read("rsa2048-pkcs1.pem"),
    );
    assert_eq!(printed.stdout.as_bytes(), first);
}

#[test]
fn keys_of_every_format_are_accepted() {
    for (file, algorithm) in [
        ("rsa2048-pkcs1.der", "RSA"),
        ("rsa2048-pkcs1.pem", "RSA"),
        ("rsa3072-pkcs8.pem", "RSA"),
        ("p256-sec1.der", "EC P-256"),
        ("p256-sec1-with-parameters.pem", "EC P-256"),
        ("p384-pkcs8.der", "EC P-384"),
        ("p384-pkcs8.pem", "EC P-384"),
        ("sm2-sec1.pem", "SM2"),
        ("sm2-pkcs8.pem", "SM2"),
        ("sm2-own-label.pem", "SM2"),
    ] {
        let bench = Bench::new();
        bench.copy(file);
        let json = bench.json(&["create", "--domain", "example.com", "--key", file, "--json"]);
        assert_eq!(json["public_key"]["algorithm"], algorithm, "{file}");
        assert!(json["key"].is_null());
        assert_eq!(bench.run(&["verify", "example.com.csr"]).status, 0, "{file}");
    }
}

#[test]
fn unusable_keys_are_refused() {
    for (file, message) in [
        ("ed25519-pkcs8.pem", "not supported"),
        ("p521-pkcs8.pem", "not supported"),
        ("rsa1024.pem", "the RSA modulus must have 2048 to 8192 bits, not 1024"),
        (
            "p256-encrypted-pbes1.pem",
            "`openssl pkcs8 -topk8 -v2 aes-256-cbc -provider legacy -provider default",
        ),
        ("other-key-openssh-plain.pem", "`ssh-keygen -p -m PKCS8 -f FILE`"),
        ("hostile.csr", "a certificate signing request, which has no private key"),
    ] {
        let bench = Bench::new();
        bench.copy(file);
        bench.run(&["create", "--domain", "example.com", "--key", file]).refused(message);
        assert_eq!(bench.names(), [file]);
    }
}

#[test]
fn damaged_keys_are_refused() {
    let bench = Bench::new();
    bench.copy("p256-sec1.der");
    let key = bench.read("p256-sec1.der");
    bench.write("cut", &key[..key.len() - 1]);
    let mut other_public_key = key.clone();
    *other_public_key.last_mut().unwrap() ^= 1;
    bench.write("mixed", other_public_key);
    bench.write("text", "not a key");
    for (file, message) in
        [("cut", "malformed"), ("mixed", "inconsistent key"), ("text", "no private key found")]
    {
        bench.run(&["create", "--domain", "example.com", "--key", file]).refused(message);
    }
}

#[test]
fn key_must_have_the_algorithm_of_the_request() {
    let bench = Bench::new();
    bench.copy("p384-pkcs8.pem");
    let request =
        r#"{"name": "n", "domain_name": "a.example", "private_key_algo": "RSA_2048", "usage": "PERSONAL"}"#;
    let run = bench.run_with(&["create", "--request", "-", "--key", "p384-pkcs8.pem"], request);
    run.refused("private_key_algo: is RSA_2048, but the key is one of EC_P384");
}

#[test]
fn sm2_identity_without_sm2_is_noted() {
    let bench = Bench::new();
    bench.copy("p384-pkcs8.pem");
    let args = ["create", "--domain", "a.example", "--key", "p384-pkcs8.pem", "--sm2-id", "alice"];
    let run = bench.run(&args);
    assert_eq!(run.status, 0, "{run}");
    assert!(run.stderr.contains("note: --sm2-id"), "{run}");
}

/// The key is still used, as OpenSSL does.
#[cfg(unix)]
#[test]
fn key_that_others_can_read_is_noted() {
    let bench = Bench::new();
    bench.copy("p384-pkcs8.pem");
    bench.set_mode("p384-pkcs8.pem", 0o644);
    let run = bench.run(&["create", "--domain", "a.example", "--key", "p384-pkcs8.pem"]);
    assert_eq!(run.status, 0, "{run}");
    assert_eq!(run.stderr, "note: --key: mode 0644 lets others use it: `chmod 600 p384-pkcs8.pem`\n");
}

//! `csr match`.

use crate::bench::{Bench, assert_prints};

/// A folder with these committed files.
fn bench(files: &[&str]) -> Bench {
    let bench = Bench::new();
    files.iter().for_each(|file| bench.copy(file));
    bench
}

#[test]
fn key_csr_and_certificate_of_one_key_match() {
    let files = ["leaf.key", "leaf.csr", "chain.pem", "leaf-public.pem"];
    let bench = bench(&files);
    assert_prints!(bench.run(&[&["match"], &files[..]].concat()));
    assert_prints!(bench.run(&[&["match", "--json"], &files[..]].concat()));
}

#[test]
fn files_of_different_keys_do_not_match() {
    let bench = bench(&["leaf.key", "rsa.pem", "leaf.csr", "rsa.key"]);
    assert_prints!(bench.run(&["match", "leaf.key", "rsa.pem", "leaf.csr", "rsa.key"]));
    let run = bench.run(&["match", "--json", "leaf.key", "rsa.pem", "leaf.csr", "rsa.key"]);
    assert_eq!(run.status, 1, "{run}");
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["match"], false);
    let keys: Vec<_> = json["items"].as_array().unwrap().iter().map(|item| item["key"].as_u64()).collect();
    assert_eq!(keys, [Some(1), Some(2), Some(1), Some(2)]);
}

#[test]
fn key_in_another_encoding_matches() {
    let bench = bench(&["leaf.pem", "leaf-public-compressed.pem", "sm2-own-algorithm.pem", "sm2-pkcs8.pem"]);
    assert_prints!(bench.run(&["match", "leaf.pem", "leaf-public-compressed.pem"]));
    assert_eq!(bench.run(&["match", "sm2-own-algorithm.pem", "sm2-pkcs8.pem"]).status, 0);
}

#[test]
fn all_parts_of_one_file_are_compared() {
    let bench = bench(&["haproxy.pem", "rsa.key", "leaf.pem"]);
    assert_prints!(bench.run(&["match", "haproxy.pem"]));
    bench.write("wrong.pem", [bench.read("rsa.key"), bench.read("leaf.pem")].concat());
    let run = bench.run(&["match", "wrong.pem"]);
    assert_eq!(run.status, 1, "{run}");
    assert!(run.stdout.contains("do NOT belong together"), "{run}");
    // A second key must not hide behind the first.
    bench.write("two.pem", [bench.read("haproxy.pem"), bench.read("rsa.key")].concat());
    assert_eq!(bench.run(&["match", "two.pem"]).status, 1);
}

#[test]
fn one_key_alone_has_nothing_to_match() {
    let bench = bench(&["leaf.key", "chain.pem"]);
    bench.run(&["match", "leaf.key"]).refused("leaf.key: holds a private key only: give at least two keys");
    let run = bench.run(&["match", "--json", "chain.pem"]);
    assert_eq!(run.status, 2, "{run}");
    assert!(run.stderr.contains("chain.pem: holds a certificate only"), "{run}");
}

#[test]
fn all_files_that_cannot_be_read_are_told_at_once() {
    let bench = bench(&["leaf.key", "not-a-key.p12", "p256-encrypted-camellia.pem", "leaf-encrypted.key"]);
    bench.write("text", "hello");
    let run = bench.run(&["match", "leaf.key", "text", "not-a-key.p12", "missing", "leaf-encrypted.key"]);
    run.refused("error: text: neither DER nor PEM");
    run.refused("error: not-a-key.p12: this is a PKCS#12 file");
    run.refused("error: cannot read missing: ");
    assert_eq!(run.stderr.lines().count(), 3, "no pass phrase is asked for: {run}");
    bench.write("wrong", "wrong\n");
    let args =
        ["match", "--passphrase-file", "wrong", "leaf-encrypted.key", "text", "p256-encrypted-camellia.pem"];
    let run = bench.run(&args);
    run.refused("error: leaf-encrypted.key: the pass phrase is wrong, or the encrypted key is damaged");
    run.refused("error: p256-encrypted-camellia.pem: not supported: encryption with CAMELLIA");
    run.refused("error: text: neither DER nor PEM");
}

#[test]
fn encrypted_keys_are_opened_with_the_given_pass_phrase() {
    let bench =
        bench(&["leaf-encrypted.key", "leaf.pem", "p256-legacy-aes-256.pem", "p256-encrypted-aes256.pem"]);
    bench.write("phrase", "secret\n");
    assert_prints!(bench.run(&["match", "--passphrase-file", "phrase", "leaf-encrypted.key", "leaf.pem"]));
    let both = ["p256-legacy-aes-256.pem", "p256-encrypted-aes256.pem"];
    let mut command = bench.command();
    command.env("PHRASE", "secret").args(["match", "--passphrase-env", "PHRASE"]).args(both);
    assert_eq!(command.output().unwrap().status.code(), Some(0));
    let args = ["match", "--passphrase-file", "-", "leaf-encrypted.key", "leaf.pem"];
    assert_eq!(bench.run_with(&args, "secret\n").status, 0);
    bench
        .run_with(&["match", "--passphrase-file", "-", "leaf-encrypted.key", "-"], "secret\n")
        .refused("FILE and --passphrase-file cannot be read from the same standard input");
    let run = bench.run(&["match", "--passphrase-file", "phrase", "leaf.pem", "leaf.pem"]);
    assert_eq!((run.status, &*run.stderr), (0, "note: --passphrase-file: no key is encrypted\n"), "{run}");
    bench
        .run(&["match", "--passphrase-file", "missing", "leaf-encrypted.key", "leaf.pem"])
        .refused("cannot read missing");
}

#[cfg(unix)]
#[test]
fn pass_phrase_of_each_encrypted_key_is_asked_for_by_name() {
    let bench = bench(&["leaf-encrypted.key", "leaf.pem", "p256-encrypted-aes256.pem"]);
    let mut command = bench.command();
    command.args(["match", "leaf-encrypted.key", "leaf.pem", "p256-encrypted-aes256.pem"]);
    let mut session = rexpect::session::spawn_command(command, Some(60_000)).unwrap();
    for file in ["leaf-encrypted.key", "p256-encrypted-aes256.pem"] {
        session.exp_string(&format!("Pass phrase of {file}: ")).unwrap();
        session.send_line("secret").unwrap();
    }
    let rest = session.exp_eof().unwrap();
    assert!(rest.contains("do NOT belong together: they have 2 different public keys"), "{rest}");
}

#[test]
fn piped_files_are_compared() {
    let bench = bench(&["leaf.key", "leaf.pem"]);
    let both = [bench.read("leaf.key"), bench.read("leaf.pem")].concat();
    assert_eq!(bench.run_with(&["match"], both).status, 0);
    let run = bench.run_with(&["match", "leaf.key", "-"], bench.read("leaf.pem"));
    assert_eq!(run.status, 0, "{run}");
    assert!(run.stdout.contains("  standard input: a certificate: EC P-256"), "{run}");
}

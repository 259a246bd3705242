//! `csr create` with subjects, names, extensions and attributes of any kind.

use crate::bench::{Bench, assert_prints};

#[test]
fn csr_holds_subjects_names_and_extensions_of_any_kind() {
    let bench = Bench::new();
    bench.write("null.der", [5, 0]);
    assert_prints!(bench.run(&[
        "create",
        "--name",
        "any",
        "--country",
        "gb",
        "--organizational-unit",
        "A",
        "--organizational-unit",
        "B",
        "--subject",
        "serialNumber=A=7",
        "--subject",
        "+UID=é, \\ +",
        "--subject",
        "2.999.1=own",
        "--common-name",
        "Device 7",
        "--san-upn",
        "me@corp.example",
        "--san-other-name",
        "1.3.6.1.5.5.7.8.5=utf8:me@chat.example",
        "--san-directory-name",
        "CN=A\\, B,O=Example",
        "--san-registered-id",
        "2.999.2",
        "--extension",
        "2.999.3=critical,file:null.der",
        "--extension",
        "2.999.4=printable:Hello",
        "--attribute",
        "2.999.5=integer:-5",
    ]));
    assert_prints!(bench.run(&["inspect", "any.csr"]));
}

#[test]
fn host_that_is_no_common_name_is_noted() {
    let bench = Bench::new();
    let long = format!("{}.example", "a".repeat(60));
    for (args, noted) in [
        (vec!["create", "192.0.2.7"], true),
        (vec!["create", &long], true),
        (vec!["create", "192.0.2.8", "--common-name", "Printer"], false),
        (vec!["create", "192.0.2.9", "--no-common-name"], false),
        (vec!["create", "--name", "b", "--san", "b.example"], false),
    ] {
        let run = bench.run(&args);
        assert_eq!(run.status, 0, "{run}");
        assert_eq!(run.stderr.contains("is an alternative name only"), noted, "{run}");
    }
    let csr = bench.json(&["inspect", "--json", "192.0.2.7.csr"]);
    assert_eq!(csr["subject"]["attributes"].as_array().unwrap().len(), 0);
    assert_eq!(csr["extensions"][0]["critical"], true);
    let csr = bench.json(&["inspect", "--json", "b.csr"]);
    assert_eq!(csr["subject"]["one_line"], "CN=b.example");
}

#[test]
fn files_need_a_name_only_where_nothing_could_give_one() {
    let bench = Bench::new();
    let required = "--name: is required where neither a domain nor a common name names the files";
    bench.run(&["create", "--san-email", "a@b.example"]).refused(required);
    bench.run(&["create", "--san-email", "a"]).refused(required);
    for named in
        [["--common-name", "x"], ["--san", "a.example"], ["--subject", "CN=x"], ["--from", "missing"]]
    {
        let run = bench.run(&[&["create", "--san-email", "a"][..], &named].concat());
        assert_eq!(run.status, 2, "{run}");
        assert!(!run.stderr.contains(required), "{run}");
    }
}

#[test]
fn file_that_cannot_be_read_hides_no_other_fault() {
    let bench = Bench::new();
    let from = ["create", "--from", "missing.pem", "--usage", "ENTERPRISE", "--country", "China"];
    let run = bench.run(&[&from[..], &["--key-format", "pkcs1", "--extension", "2.999.1=file:-"]].concat());
    for fault in [
        "--from: cannot read missing.pem",
        "--country: \"China\" must be",
        "--extension[0]: cannot read standard input: it is empty",
    ] {
        run.refused(fault);
    }
    assert_eq!(run.stderr.lines().count(), 3, "{run}");
}

#[test]
fn empty_name_is_refused() {
    let bench = Bench::new();
    bench.run(&["create", ""]).refused("error: DOMAIN: is required\n");
    bench.run(&["create", "--domain", ""]).refused("error: --domain: is required\n");
    bench.run(&["create", "--name", "x", "--san", " "]).refused("error: DOMAIN: is required\n");
}

#[test]
fn faults_of_every_kind_of_content_are_reported() {
    let bench = Bench::new();
    assert_prints!(bench.run(&[
        "create",
        "my_host",
        "--common-name",
        &"x".repeat(65),
        "--subject",
        "no equals sign",
        "--subject",
        "FQDN=a.example",
        "--subject",
        "+UID=7",
        "--subject",
        "serialNumber=é",
        "--subject",
        "C=UK",
        "--country",
        "GB",
        "--san-upn",
        "me",
        "--san-other-name",
        "1.2.3",
        "--san-other-name",
        "1.2.3=text:x",
        "--san-directory-name",
        "Example",
        "--san-registered-id",
        "one",
        "--extension",
        "1.2.3.4=hex:05",
        "--extension",
        "1.2.3.5=null",
        "--extension",
        "1.2.3.5=null",
        "--extension",
        "2.5.29.17=null",
        "--extension",
        "1.2.3.6=integer:1.5",
        "--extension",
        "1.2.3.7=printable:@",
        "--attribute",
        "1.2.840.113549.1.9.14=null",
        "--attribute",
        "1.2.3.8=file:missing.der",
    ]));
    assert_prints!(bench.run(&["create", "--subject", "CN=a", "--common-name", "b", "--no-common-name"]));
    assert_prints!(bench.run(&["create", "--subject", "CN=a", "--common-name", "b", "--name", "c"]));
    assert!(bench.names().is_empty());
}

#[test]
fn renewal_takes_over_what_the_old_one_holds() {
    let bench = Bench::new();
    let data = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../csr-core/tests/data/certificates");
    for file in ["chain.pem", "rsa.pem", "ed25519.pem", "odd.pem", "leaf.key"] {
        bench.write(file, std::fs::read(data.join(file)).unwrap());
    }
    assert_prints!(bench.run(&["create", "--from", "chain.pem", "--name", "new"]));
    assert_prints!(bench.run(&[
        "create",
        "--from",
        "new.csr",
        "--domain",
        "shop.example",
        "--san",
        "b.example",
        "--organization",
        "Example Ltd",
        "--key-usage",
        "keyAgreement",
        "--algorithm",
        "SM2",
    ]));
    assert_prints!(bench.run(&["create", "--from", "odd.pem", "--name", "odd"]));
    let of_key = bench.json(&["create", "--from", "rsa.pem", "--key", "leaf.key", "--name", "k", "--json"]);
    assert_eq!(of_key["public_key"]["algorithm"], "EC P-256");
    let same = bench.json(&["create", "--from", "rsa.pem", "--name", "r", "--json"]);
    assert_eq!(same["key"]["algorithm"], "RSA_2048");
    // The old key is of an algorithm that no new one has.
    assert_prints!(bench.run(&["create", "--from", "ed25519.pem", "--name", "e"]));
    assert_eq!(bench.run(&["create", "--from", "ed25519.pem", "-a", "EC_P256", "--name", "e"]).status, 0);
    assert_prints!(bench.run(&["create", "--from", "leaf.key", "--name", "l"]));
    assert_prints!(bench.run(&["create", "--from", "missing.pem", "--name", "m"]));
}

#[test]
fn private_key_in_the_content_is_refused_and_not_shown() {
    let bench = Bench::new();
    assert_eq!(bench.run(&["create", "a.example", "--der"]).status, 0);
    assert_eq!(bench.run(&["create", "b.example"]).status, 0);
    let pem = bench.text("b.example.key");
    let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    for [flag, value] in [
        ["--extension", "2.999=file:a.example.key"],
        ["--attribute", "2.999=file:a.example.key"],
        ["--san-other-name", &format!("2.999=utf8:{pem}")],
        ["--extension", &format!("2.999=bmp:{pem}")],
        ["--attribute", &format!("2.999=base64:{base64}")],
        ["--subject", &format!("2.999={base64}")],
        ["--subject", &format!("description={base64}")],
        ["--san-directory-name", &format!("2.999={}", base64.replace('+', r"\+"))],
        ["--san-upn", &format!("me@{base64}")],
        ["--san-uri", &format!("urn:{base64}")],
        ["--sm2-id", &base64],
    ] {
        let run = bench.run(&["create", "c.example", "--algorithm", "SM2", flag, value]);
        run.refused(flag);
        assert!(![run.stdout.as_str(), &run.stderr].concat().contains(&base64[60..84]), "{run}");
        assert!(run.stderr.contains("must not hold a private key"), "{run}");
        assert!(!bench.path("c.example.csr").exists());
    }
}

#[test]
fn standard_input_is_the_file_of_one_flag_only() {
    let bench = Bench::new();
    let run = |args: &[&str]| bench.run_with(&[&["create", "a.example"], args].concat(), "\u{5}\0");
    run(&["--extension", "2.999=critical,file:-", "--attribute", "2.999=FILE:-"])
        .refused("--extension and --attribute cannot be read from the same standard input");
    run(&["--key", "-", "--san-other-name", "2.999=file:-"])
        .refused("--key and --san-other-name cannot be read from the same standard input");
    assert_eq!(run(&["--extension", "2.999=critical,file:-"]).status, 0);
}

#[test]
fn renewal_of_a_changed_csr_is_noted() {
    let bench = Bench::new();
    assert_eq!(bench.run(&["create", "old.example", "--der"]).status, 0);
    let renew = |name| bench.run(&["create", "--from", "old.example.csr", "--name", name]);
    assert_eq!(renew("same").stderr, "");
    let mut der = bench.read("old.example.csr");
    let at = der.windows(11).position(|part| part == b"old.example").unwrap();
    der[at] = b'c';
    bench.write("old.example.csr", der);
    let run = renew("changed");
    assert_eq!(run.status, 0, "{run}");
    assert!(
        run.stderr.contains("--from: the signature of the CSR does NOT hold: check what is taken from it"),
        "{run}"
    );
}

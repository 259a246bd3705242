//! What a public certificate authority would refuse is found, and nothing else.
#![expect(clippy::unwrap_used, reason = "tests")]

mod inspect_fixtures;

use csr_core::inspect;
use csr_core::inspect::{Finding, Inspection};
use inspect_fixtures::{ODD, UNSUPPORTED, VALID, der, edits, find, pem, request, tlv};
use proptest::prelude::*;

const CN: &[u8] = &[0x55, 4, 3];
const OU: &[u8] = &[0x55, 4, 11];
const ORGANIZATION: &[u8] = &[0x55, 4, 10];
const LOCALITY: &[u8] = &[0x55, 4, 7];
const STREET: &[u8] = &[0x55, 4, 9];

const KEY_USAGE: u8 = 15;
const NAMES: u8 = 17;
const BASIC_CONSTRAINTS: u8 = 19;
const PURPOSES: u8 = 37;

const SERVER_AUTH: u8 = 1;
const CLIENT_AUTH: u8 = 2;
const CODE_SIGNING: u8 = 3;
const EMAIL: u8 = 4;

fn attribute(oid: &[u8], value: &str) -> Vec<u8> {
    tlv(0x30, &[tlv(0x06, oid), tlv(0x0c, value.as_bytes())].concat())
}

fn subject(attributes: &[(&[u8], &str)]) -> Vec<u8> {
    attributes.iter().flat_map(|(oid, value)| tlv(0x31, &attribute(oid, value))).collect()
}

fn dns(name: &str) -> Vec<u8> {
    tlv(0x82, name.as_bytes())
}

fn ip(octets: &[u8]) -> Vec<u8> {
    tlv(0x87, octets)
}

/// An extension of RFC 5280, by the last arc of its identifier.
fn extension(arc: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[1, 1, 0xFF] } else { &[] };
    tlv(0x30, &[&tlv(0x06, &[0x55, 0x1D, arc])[..], critical, &tlv(0x04, value)].concat())
}

fn names(names: &[Vec<u8>]) -> Vec<u8> {
    extension(NAMES, false, &tlv(0x30, &names.concat()))
}

fn purposes(arcs: &[u8]) -> Vec<u8> {
    let oids = arcs.iter().flat_map(|arc| tlv(0x06, &[0x2B, 6, 1, 5, 5, 7, 3, *arc])).collect::<Vec<_>>();
    extension(PURPOSES, false, &tlv(0x30, &oids))
}

/// The attribute extensionRequest.
fn extensions(extensions: &[Vec<u8>]) -> Vec<u8> {
    let oid = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 14];
    tlv(0x30, &[tlv(0x06, &oid), tlv(0x31, &tlv(0x30, &extensions.concat()))].concat())
}

fn key_of(fixture: &str) -> Vec<u8> {
    inspect(&pem(fixture)).unwrap().public_key_der().to_vec()
}

fn p256() -> Vec<u8> {
    key_of("ec-p256")
}

fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
    let natural = |number: &[u8]| tlv(0x02, &[&[0][..], number].concat()[usize::from(number[0] < 0x80)..]);
    let numbers = tlv(0x30, &[natural(modulus), natural(exponent)].concat());
    let algorithm = tlv(0x30, &[0x06, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 1, 1, 5, 0]);
    tlv(0x30, &[algorithm, tlv(0x03, &[&[0], &numbers[..]].concat())].concat())
}

/// The modulus of an RSA key of the fixtures: the longest INTEGER.
fn modulus(key: &[u8]) -> Vec<u8> {
    let at = find(key, &[0x02, 0x82, 1, 1, 0]).unwrap();
    key[at + 5..at + 5 + 256].to_vec()
}

/// The findings, but for the signature, which is none.
fn found(der: &[u8]) -> Vec<Finding> {
    let mut findings = inspect(der).unwrap().lint();
    findings.retain(|finding| finding.code() != "signature");
    findings
}

fn codes(der: &[u8]) -> Vec<&'static str> {
    found(der).iter().map(Finding::code).collect()
}

/// The codes for a key in a request that is faultless otherwise.
fn codes_of_key(key: &[u8]) -> Vec<&'static str> {
    codes(&request(&subject(&[(CN, "example.com")]), key, &extensions(&[names(&[dns("example.com")])])))
}

fn codes_of_names(list: &[Vec<u8>]) -> Vec<&'static str> {
    codes(&request(&[], &p256(), &extensions(&[extension(NAMES, true, &tlv(0x30, &list.concat()))])))
}

fn codes_of_subject(attributes: &[(&[u8], &str)]) -> Vec<&'static str> {
    codes(&request(&subject(attributes), &p256(), &extensions(&[names(&[dns("example.com")])])))
}

/// The codes for an extension beside the names.
fn codes_of_extension(key: &[u8], extension: Vec<u8>) -> Vec<&'static str> {
    let extensions = extensions(&[names(&[dns("example.com")]), extension]);
    codes(&request(&subject(&[(CN, "example.com")]), key, &extensions))
}

const NONE: [&str; 0] = [];

#[test]
fn request_as_public_authorities_want_it_has_no_findings() {
    assert_eq!(codes_of_key(&p256()), NONE);
    for key in ["ec-p384", "ec-p521", "rsa-2048"] {
        assert_eq!(codes_of_key(&key_of(key)), NONE, "{key}");
    }
    for name in ["ec-p256", "rsa-2048", "ec-p384"] {
        let inspection = inspect(&pem(name)).unwrap();
        assert!(inspection.signature_status().is_valid());
        assert!(inspection.lint().iter().all(|finding| finding.code() != "signature"), "{name}");
    }
}

#[test]
fn signature_that_does_not_hold_is_found() {
    let good = der("ec-p256");
    assert!(inspect(&good).unwrap().lint().iter().all(|finding| finding.code() != "signature"));
    let mut bad = good;
    *bad.last_mut().unwrap() ^= 1;
    let findings = inspect(&bad).unwrap().lint();
    assert!(findings.iter().any(|finding| finding.code() == "signature" && finding.rule == "RFC 2986 §3"));
}

#[test]
fn key_of_another_algorithm_is_found() {
    for key in ["sm2-default", "ed25519", "ed448", "ec-secp256k1", "rsa-pss-key"] {
        assert_eq!(codes_of_key(&key_of(key)), ["key_algorithm"], "{key}");
    }
    let mail = |key| codes_of_extension(&key_of(key), purposes(&[EMAIL]));
    assert_eq!(mail("ed25519"), NONE);
    assert_eq!(mail("sm2-default"), ["key_algorithm"]);
}

#[test]
fn rsa_key_of_a_wrong_size_is_found() {
    assert_eq!(codes_of_key(&key_of("rsa-1024")), ["rsa_key_size"]);
    assert_eq!(codes_of_key(&key_of("rsa-512")), ["rsa_key_size"]);
    let good = modulus(&key_of("rsa-2048"));
    // Multiples of the modulus by powers of two, plus one, so that no small prime divides it for sure.
    let bits = |first: u8, more: usize| [&[first][..], &good, &vec![0; more], &[1]].concat();
    let codes = codes_of_key(&rsa_key(&bits(1, 0), &[1, 0, 1]));
    assert!(codes.contains(&"rsa_key_bits"), "{codes:?}");
    let codes = codes_of_key(&rsa_key(&bits(0x80, 0), &[1, 0, 1]));
    assert!(!codes.contains(&"rsa_key_bits"), "{codes:?}");
    assert_eq!(codes_of_key(&rsa_key(&bits(0x80, 2000), &[1, 0, 1])), ["rsa_key_too_large"]);
    // Code signing has a higher limit.
    let codes = codes_of_extension(&key_of("rsa-2048"), purposes(&[CODE_SIGNING]));
    assert_eq!(codes, ["rsa_key_size"]);
    assert_eq!(codes_of_extension(&p256(), purposes(&[CODE_SIGNING])), NONE);
}

#[test]
fn rsa_key_of_a_wrong_exponent_is_found() {
    let good = modulus(&key_of("rsa-2048"));
    for exponent in [&[3][..], &[0xFF, 0xFF], &[1, 0, 0], &[1; 33]] {
        assert_eq!(
            codes_of_key(&rsa_key(&good, exponent))
                .into_iter()
                .filter(|c| *c != "invalid_public_key")
                .collect::<Vec<_>>(),
            ["rsa_exponent"],
            "{exponent:?}"
        );
    }
    for exponent in [&[1, 0, 1][..], &[1, 0, 3], &[1; 32]] {
        assert_eq!(codes_of_key(&rsa_key(&good, exponent)), NONE, "{exponent:?}");
    }
}

#[test]
fn rsa_key_that_others_can_break_is_found() {
    use base64ct::{Base64, Encoding};
    let weak = |name: &str| {
        let path = format!("{}/tests/data/keys/rsa2048-weak-{name}.pem", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
        modulus(&Base64::decode_vec(&base64).unwrap())
    };
    assert_eq!(codes_of_key(&rsa_key(&weak("roca"), &[1, 0, 1])), ["rsa_roca"]);
    assert_eq!(codes_of_key(&rsa_key(&weak("close-primes"), &[1, 0, 1])), ["rsa_close_primes"]);
    let mut small = modulus(&key_of("rsa-2048"));
    while small.iter().fold(0, |rest, octet| (rest << 8 | u32::from(*octet)) % 751) != 0 {
        let last = small.last_mut().unwrap();
        *last = last.wrapping_add(2);
        if *last == 1 {
            small[254] = small[254].wrapping_add(1);
        }
    }
    assert_eq!(codes_of_key(&rsa_key(&small, &[1, 0, 1])), ["rsa_small_factor"]);
    small[255] &= 0xFE;
    let codes = codes_of_key(&rsa_key(&small, &[1, 0, 1]));
    assert!(codes.contains(&"rsa_small_factor"), "{codes:?}");
}

#[test]
fn request_without_a_host_is_found() {
    let without = |extensions: &[u8]| codes(&request(&subject(&[(CN, "example.com")]), &p256(), extensions));
    assert_eq!(without(&[]), ["no_host"]);
    assert_eq!(
        without(&extensions(&[names(&[tlv(0x81, b"a@example.com")])])),
        ["no_host", "name_kind", "common_name"]
    );
    assert_eq!(without(&extensions(&[names(&[dns("example.com")])])), NONE);
    // Not for a TLS server.
    assert_eq!(without(&extensions(&[purposes(&[EMAIL]), names(&[tlv(0x81, b"a@example.com")])])), NONE);
    assert_eq!(without(&extensions(&[purposes(&[CODE_SIGNING])])), NONE);
}

#[test]
fn internal_name_is_found() {
    for name in [
        "server",
        "*.local",
        "localhost",
        "intranet.corp",
        "a.b.INTERNAL",
        "printer.lan",
        "nas.home",
        "nas.home.arpa",
        "a.example",
        "www.test",
    ] {
        assert!(codes_of_names(&[dns(name)]).contains(&"internal_name"), "{name}");
    }
    for name in [
        "example.com",
        "*.example.com",
        "local.example.com",
        "home.arpa.example.com",
        "a.homes",
        "xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g",
    ] {
        assert_eq!(codes_of_names(&[dns(name)]), NONE, "{name}");
    }
    assert_eq!(codes_of_names(&[dns("7.2.0.192.in-addr.arpa")]), ["reverse_zone"]);
    assert_eq!(codes_of_names(&[dns("8.b.d.0.1.0.0.2.ip6.arpa")]), ["reverse_zone"]);
    let label = "a234567".repeat(8);
    assert_eq!(codes_of_names(&[dns(&format!("www.{label}.onion"))]), NONE);
    assert_eq!(codes_of_names(&[dns("expyuzz4wqqyqhjn.onion")]), ["onion_name"]);
    assert_eq!(codes_of_names(&[dns("ab--cd.example.com")]), ["reserved_label"]);
}

#[test]
fn name_that_breaks_a_rule_is_found_once() {
    for (name, code) in [
        ("my_host.example.com", "bad_name"),
        ("*.com", "bad_name"),
        ("w*.example.com", "bad_name"),
        ("example.com.", "bad_name"),
        ("192.0.2.7", "address_as_dns_name"),
        ("", "empty_name"),
    ] {
        assert_eq!(codes_of_names(&[dns(name)]), [code], "{name}");
    }
}

#[test]
fn reserved_address_is_found() {
    assert_eq!(codes_of_names(&[ip(&[192, 168, 0, 1])]), ["reserved_address"]);
    assert_eq!(
        codes_of_names(&[ip(&[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1])]),
        ["reserved_address"]
    );
    assert_eq!(codes_of_names(&[ip(&[1, 1, 1, 1])]), NONE);
}

#[test]
fn duplicate_and_many_names_are_found() {
    let several = [dns("example.com"), dns("www.example.com"), dns("EXAMPLE.com"), ip(&[1, 1, 1, 1])];
    let codes: Vec<_> = codes_of_names(&several).into_iter().filter(|code| *code != "bad_name").collect();
    assert_eq!(codes, ["duplicate_name"]);
    assert_eq!(codes_of_names(&several[..2]), NONE);
    let many = |count: usize| (0..count).map(|n| dns(&format!("{n}.example.com"))).collect::<Vec<_>>();
    assert_eq!(codes_of_names(&many(100)), NONE);
    assert_eq!(codes_of_names(&many(101)), ["many_names"]);
}

#[test]
fn criticality_of_names_must_fit_the_subject() {
    let names = |critical| extensions(&[extension(NAMES, critical, &tlv(0x30, &dns("example.com")))]);
    let subject = subject(&[(CN, "example.com")]);
    assert_eq!(codes(&request(&[], &p256(), &names(false))), ["names_not_critical"]);
    assert_eq!(codes(&request(&[], &p256(), &names(true))), NONE);
    assert_eq!(codes(&request(&subject, &p256(), &names(true))), ["names_critical"]);
    assert_eq!(codes(&request(&subject, &p256(), &names(false))), NONE);
}

#[test]
fn common_name_that_is_no_alternative_name_is_found() {
    for name in ["example.org", "EXAMPLE.com", "example.com.", "Example Ltd"] {
        assert_eq!(codes_of_subject(&[(CN, name)]), ["common_name"], "{name}");
    }
    assert_eq!(codes_of_subject(&[(CN, "example.com")]), NONE);
    let address = |text| {
        let names = extensions(&[names(&[ip(&[1, 1, 1, 1])])]);
        codes(&request(&subject(&[(CN, text)]), &p256(), &names))
    };
    assert_eq!(address("1.1.1.1"), ["address_as_common_name"]);
    assert_eq!(address("1.0.0.1"), ["address_as_common_name", "common_name"]);
}

#[test]
fn subject_that_public_authorities_refuse_is_found() {
    assert_eq!(codes_of_subject(&[(OU, "IT")]), ["organizational_unit"]);
    for nothing in ["-", ".", "--", "N/A", "Some-State", "Internet Widgits Pty Ltd"] {
        assert_eq!(codes_of_subject(&[(LOCALITY, nothing)]), ["says_nothing"], "{nothing}");
    }
    for nothing in ["", " "] {
        assert_eq!(codes_of_subject(&[(LOCALITY, nothing)]), ["says_nothing"], "{nothing:?}");
    }
    assert_eq!(codes_of_subject(&[(ORGANIZATION, "A-Z Ltd."), (LOCALITY, "Null Island")]), NONE);
    assert_eq!(codes_of_subject(&[(ORGANIZATION, "A"), (ORGANIZATION, "B")]), ["repeated_attribute"]);
    assert_eq!(codes_of_subject(&[(STREET, "1 Main Street"), (STREET, "Gate 2")]), NONE);
    let pair = tlv(0x31, &[attribute(LOCALITY, "Berlin"), attribute(ORGANIZATION, "A")].concat());
    assert_eq!(
        codes(&request(&pair, &p256(), &extensions(&[names(&[dns("example.com")])]))),
        ["multi_valued_name"]
    );
    // Other kinds of certificates have units.
    let mail = extensions(&[purposes(&[EMAIL])]);
    assert_eq!(codes(&request(&subject(&[(OU, "IT")]), &p256(), &mail)), NONE);
    assert_eq!(codes(&request(&subject(&[(OU, "-")]), &p256(), &mail)), ["says_nothing"]);
}

#[test]
fn key_usage_that_does_not_fit_is_found() {
    let usage = |key: &str, bits: &[u8]| {
        codes_of_extension(&key_of(key), extension(KEY_USAGE, true, &tlv(0x03, bits)))
    };
    let (signature, encipherment, both, agreement, sign_certificates) =
        (&[7, 0x80][..], &[5, 0x20][..], &[5, 0xA0][..], &[3, 0x88][..], &[2, 0x84][..]);
    assert_eq!(usage("ec-p256", signature), NONE);
    assert_eq!(usage("ec-p256", agreement), NONE);
    assert_eq!(usage("rsa-2048", signature), NONE);
    assert_eq!(usage("rsa-2048", encipherment), NONE);
    assert_eq!(usage("rsa-2048", both), NONE);
    assert_eq!(usage("ec-p256", both), ["key_usage"]);
    assert_eq!(usage("ec-p256", encipherment), ["key_usage", "no_usage"]);
    assert_eq!(usage("rsa-2048", agreement), ["key_usage"]);
    assert_eq!(usage("rsa-2048", sign_certificates), ["key_usage"]);
    assert_eq!(usage("rsa-2048", &[0]), ["empty_key_usage"]);
}

#[test]
fn purposes_that_a_server_must_not_have_are_found() {
    let purposes = |arcs: &[u8]| codes_of_extension(&p256(), purposes(arcs));
    assert_eq!(purposes(&[SERVER_AUTH]), NONE);
    assert_eq!(purposes(&[SERVER_AUTH, CLIENT_AUTH]), ["client_auth"]);
    assert_eq!(purposes(&[CLIENT_AUTH]), NONE);
    assert_eq!(purposes(&[SERVER_AUTH, CODE_SIGNING]), ["purpose"]);
    let any = extension(PURPOSES, false, &tlv(0x30, &tlv(0x06, &[0x55, 0x1D, 37, 0])));
    assert_eq!(codes_of_extension(&p256(), any), ["purpose"]);
}

#[test]
fn request_for_an_authority_is_found() {
    let constraints =
        |value: &[u8]| codes_of_extension(&p256(), extension(BASIC_CONSTRAINTS, true, &tlv(0x30, value)));
    assert_eq!(constraints(&[1, 1, 0xFF]), ["authority"]);
    assert_eq!(constraints(&[]), NONE);
    assert_eq!(constraints(&[2, 1, 0]), ["path_length_without_ca"]);
}

#[test]
fn many_findings_of_a_code_are_counted() {
    let names = (0..5000).map(|n| dns(&format!("host{n}"))).collect::<Vec<_>>();
    let der = request(&[], &p256(), &extensions(&[extension(NAMES, true, &tlv(0x30, &names.concat()))]));
    let findings = found(&der);
    let internal: Vec<_> = findings.iter().filter(|finding| finding.code() == "internal_name").collect();
    assert_eq!(internal.len(), 9);
    assert_eq!(internal.iter().map(|finding| finding.count).sum::<usize>(), 5000);
    assert_eq!(
        internal[8].to_string(),
        "further findings of the kind internal_name (4,992 times) [TLS Baseline Requirements §7.1.2.7.12]"
    );
}

#[test]
fn finding_is_serialised_with_its_rule() {
    let findings = found(&request(
        &subject(&[(CN, "example.com")]),
        &p256(),
        &extensions(&[names(&[dns("example.com")]), purposes(&[SERVER_AUTH, CLIENT_AUTH])]),
    ));
    assert_eq!(
        serde_json::to_value(findings).unwrap(),
        serde_json::json!([{
            "code": "client_auth",
            "message": "extKeyUsage must not have clientAuth beside serverAuth (for certificates from 2027-03-15)",
            "rule": "Chrome Root Program Policy 1.8",
            "count": 1,
        }])
    );
}

fn lint_whole(inspection: &Inspection) {
    for finding in inspection.lint() {
        assert!(!finding.to_string().is_empty() && !finding.rule.is_empty() && finding.count > 0);
        assert!(finding.to_string().len() < 1000, "{finding}");
    }
}

#[test]
fn every_fixture_is_linted() {
    for name in VALID.iter().chain(ODD).chain(UNSUPPORTED.iter().map(|(name, _)| name)) {
        lint_whole(&inspect(&pem(name)).unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn lint_of_mutations_never_panics(
        name in prop::sample::select(VALID),
        edits in edits(),
    ) {
        let mut bytes = der(name);
        inspect_fixtures::make(&edits, &mut bytes);
        if let Ok(inspection) = inspect(&bytes) {
            lint_whole(&inspection);
        }
    }

    #[test]
    fn lint_of_any_rsa_numbers_never_panics(
        modulus in prop::collection::vec(any::<u8>(), 1..600),
        exponent in prop::collection::vec(any::<u8>(), 1..40),
    ) {
        let first = |number: &[u8]| [&[1][..], number].concat();
        let key = rsa_key(&first(&modulus), &first(&exponent));
        lint_whole(&inspect(&request(&subject(&[(CN, &"a".repeat(64))]), &key, &[])).unwrap());
    }
}

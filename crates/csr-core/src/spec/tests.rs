use csr_model::{Company, CreateCsrRequest, PrivateKeyAlgo, Usage};

use super::*;
use crate::{CheckedRequest, Csr, Fault, Faults, Field, KeyPair, Reason};

fn request() -> CreateCsrRequest {
    CreateCsrRequest {
        name: "n".into(),
        domain_name: "Example.com".into(),
        sans: "www.example.com; EXAMPLE.com;;192.0.2.7;例え.jp; ;www.example.com".into(),
        private_key_algo: PrivateKeyAlgo::EcP256,
        usage: Usage::Enterprise,
        company: Company {
            country: "cn".into(),
            province: "北京市".into(),
            city: "Beijing".into(),
            name: "Example, \"Inc.\" + Söhne \\ Co".into(),
        },
    }
}

fn from_request(request: CreateCsrRequest) -> Result<CsrSpec, Faults> {
    CheckedRequest::new(request).map(|checked| checked.into_parts().1)
}

fn shown(spec: &CsrSpec) -> Vec<String> {
    spec.sans().iter().map(ToString::to_string).collect()
}

fn faults(result: Result<CsrSpec, Faults>) -> Vec<String> {
    result.unwrap_err().as_slice().iter().map(ToString::to_string).collect()
}

#[test]
fn a_request_becomes_a_normalised_spec() {
    let spec = from_request(request()).unwrap();
    assert_eq!(shown(&spec), ["example.com", "www.example.com", "192.0.2.7", "xn--r8jz45g.jp"]);
    let subject: Vec<_> =
        spec.subject().attributes().map(|(name, value)| format!("{name}|{value}")).collect();
    assert_eq!(
        subject,
        ["C|CN", "ST|北京市", "L|Beijing", "O|Example, \"Inc.\" + Söhne \\ Co", "CN|example.com"]
    );
    assert_eq!(
        spec.subject().to_string(),
        r#"CN=example.com,O=Example\, \"Inc.\" \+ Söhne \\ Co,L=Beijing,ST=北京市,C=CN"#
    );
}

#[test]
fn every_fault_is_named_at_once_with_index_and_text() {
    let request = CreateCsrRequest {
        domain_name: "foo_bar.example".into(),
        sans: "good.example;*.com; ;a..b;xn--a.example".into(),
        company: Company {
            country: "CHN".into(),
            province: " ".into(),
            city: "a\u{202e}b".into(),
            name: "x".repeat(65),
        },
        ..request()
    };
    assert_eq!(
        faults(from_request(request)),
        [
            "domain_name: \"foo_bar.example\" contains `_`, which host names don't have",
            "sans[1]: \"*.com\" is a wildcard over a whole top-level domain",
            "sans[3]: \"a..b\" has an empty label",
            "sans[4]: \"xn--a.example\" has the label \"xn--a\", which is not valid Punycode of a valid name (UTS 46)",
            "company_country: \"CHN\" must be a two-letter code from ISO 3166-1: give CN",
            "company_province: is required when usage is ENTERPRISE",
            "company_city: \"a\\u{202e}b\" must not contain the bidirectional control U+202E, which disguises the order of the text: remove it",
            "company_name: \"xxxxxxxxxxxxxxxx…\" must have at most 64 characters (ub-organization-name), not 65",
        ]
    );
}

#[test]
fn an_enterprise_owes_four_fields_and_a_person_none() {
    let empty = |usage| CreateCsrRequest { usage, company: Company::default(), ..request() };
    let error = from_request(empty(Usage::Enterprise)).unwrap_err();
    let fields: Vec<_> = error.as_slice().iter().map(|fault| fault.field).collect();
    assert_eq!(fields, [Field::Country, Field::Province, Field::City, Field::Organization]);
    assert!(error.as_slice().iter().all(|fault| fault.reason == Reason::MissingForEnterprise));

    let person = from_request(empty(Usage::Personal)).unwrap();
    assert_eq!(person.subject().to_string(), "CN=example.com");
    let company = Company { city: "Bern".into(), ..Company::default() };
    let some = CreateCsrRequest { company, ..empty(Usage::Personal) };
    assert_eq!(from_request(some).unwrap().subject().to_string(), "CN=example.com,L=Bern");
}

#[test]
fn subject_limits_count_characters() {
    let build = |n: usize, m: usize| {
        CsrSpec::builder()
            .organization("组".repeat(n))
            .organizational_unit("组".repeat(n))
            .province("省".repeat(m))
            .city("市".repeat(m))
            .build()
    };
    assert!(build(64, 128).is_ok());
    let over = build(65, 129).unwrap_err();
    let found: Vec<_> = over.as_slice().iter().map(|f| (f.field, &f.reason)).collect();
    let too_long = |found, max, rule| Reason::TooLong { found, max, rule };
    assert_eq!(
        found,
        [
            (Field::Province, &too_long(129, 128, "ub-state-name")),
            (Field::City, &too_long(129, 128, "ub-locality-name")),
            (Field::Organization, &too_long(65, 64, "ub-organization-name")),
            (Field::OrganizationalUnit, &too_long(65, 64, "ub-organizational-unit-name")),
        ]
    );
}

#[test]
fn a_common_name_has_at_most_64_characters_but_a_san_may_have_253_octets() {
    let name = |n: usize| format!("{}.example.com", "a".repeat(n - 12));
    assert!(CsrSpec::builder().domain(name(64)).build().is_ok());
    let fault = Fault::new(Field::DomainName, &name(65), Reason::CommonNameTooLong(65));
    assert_eq!(CsrSpec::builder().domain(name(65)).build().unwrap_err().as_slice(), [fault]);
    let long = format!("{}.com", "abcdefgh.".repeat(27) + "abcdef");
    assert_eq!(
        shown(&CsrSpec::builder().domain("a.example").san(&long).build().unwrap()),
        ["a.example", &long]
    );
}

#[test]
fn a_spec_without_any_name_is_refused() {
    assert_eq!(faults(CsrSpec::builder().build()), ["domain_name: is required"]);
    let missing = CsrSpec::builder().build().unwrap_err();
    assert_eq!(missing.as_slice()[0].message(), "is required");
    let refused = CsrSpec::builder().sans(["a.example", "a: _"]).build().unwrap_err();
    assert_eq!(refused.as_slice()[0].message(), r#""a: _" contains ':', which host names don't have"#);
    assert!(CsrSpec::builder().san("a.example").build().is_ok());
    assert!(CsrSpec::builder().organization("Example").build().is_ok());
}

#[test]
fn things_by_hand_are_checked_too() {
    let built = CsrSpec::builder()
        .domain("a.example")
        .email("not an address")
        .uri("relative/path")
        .email_address("é@b.example")
        .challenge_password("")
        .basic_constraints(BasicConstraints { ca: false, path_length: Some(1) })
        .sm2_identity("x".repeat(8192))
        .build();
    assert_eq!(
        faults(built),
        [
            "sans[0]: \"not an address\" is not a mail address in ASCII, such as local-part@domain",
            "sans[1]: \"relative/path\" is not an absolute URI: not as RFC 3986 writes it",
            "email_address: \"é@b.example\" is not a mail address in ASCII, such as local-part@domain",
            "sm2_identity: must have at most 8191 octets, not 8192",
            "challenge_password: is required",
            "basic_constraints: must not have a path length unless it asks for a CA",
        ]
    );
}

#[test]
fn pieces_of_a_key_among_the_names_are_not_shown() {
    let key = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0aIYiG7O9Sn0mXKc";
    let pieces: Vec<_> = key.as_bytes().chunks(15).map(|piece| String::from_utf8_lossy(piece)).collect();
    let sans = pieces.join(";_");
    let refused = from_request(CreateCsrRequest { sans, ..request() }).unwrap_err().to_string();
    assert!(pieces[1..].iter().all(|piece| !refused.contains(&**piece)), "{refused}");
    assert!(refused.contains("sans[1]: (a text that may be a secret) "), "{refused}");
}

#[test]
fn repeated_usages_fold_into_one() {
    let server_auth = der::asn1::ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
    let spec = CsrSpec::builder()
        .domain("a.example")
        .key_usage([KeyUsage::CrlSign, KeyUsage::CrlSign])
        .extended_key_usage([ExtendedKeyUsage::ServerAuth, ExtendedKeyUsage::Other(server_auth.into())])
        .build()
        .unwrap();
    assert_eq!(spec.key_usage, [KeyUsage::CrlSign]);
    assert_eq!(spec.extended_key_usage, [ExtendedKeyUsage::ServerAuth]);
}

#[test]
fn choice_of_the_signature_is_kept() {
    let spec = CsrSpec::builder().domain("a.example").digest(Digest::Sha512).pss().build().unwrap();
    assert_eq!((spec.digest(), spec.is_pss()), (Some(Digest::Sha512), true));
    let spec = CsrSpec::builder().domain("a.example").build().unwrap();
    assert_eq!((spec.digest(), spec.is_pss()), (None, false));
}

#[test]
fn a_challenge_password_is_in_no_debug_output_and_no_fault() {
    let spec = CsrSpec::builder().domain("a.example").challenge_password("hunter2").build().unwrap();
    assert!(!format!("{spec:?}").contains("hunter2"));
    let long = "hunter2".repeat(40);
    let error = CsrSpec::builder().domain("a.example").challenge_password(&long).build().unwrap_err();
    assert!(!format!("{error:?} {error}").contains("hunter2"));
}

#[test]
fn a_subject_value_that_says_nothing_is_refused() {
    for nothing in
        [".", "-", "--", "...", "\u{200b}", "\u{3164}", "\u{2800}", "\u{feff}\u{2060}", " . ", "\u{ad}-"]
    {
        for usage in [Usage::Personal, Usage::Enterprise] {
            let builder =
                CsrSpec::builder().domain("a.example").usage(usage).country("CN").province("P").city("C");
            let faults = builder.organization(nothing).build().unwrap_err();
            let [fault] = faults.as_slice() else { panic!("{faults}") };
            assert_eq!(
                (fault.field, &fault.reason),
                (Field::Organization, &Reason::SaysNothing),
                "{nothing:?}"
            );
        }
    }
}

#[test]
fn a_subject_value_with_padding_is_refused() {
    for padded in
        [" Example", "Example ", "\u{a0}Example", "Example\u{3000}", "\u{200b}Example", "Example\u{feff}"]
    {
        let faults = CsrSpec::builder().domain("a.example").organizational_unit(padded).build().unwrap_err();
        assert_eq!(faults.as_slice()[0].reason, Reason::Padded, "{padded:?}");
    }
    // Inside a value they may be wanted: between the words of a name, and in scripts that join letters.
    for inside in ["Example Inc.", "می\u{200c}خواهم", "a . b", "-a-"] {
        assert!(CsrSpec::builder().domain("a.example").city(inside).build().is_ok(), "{inside:?}");
    }
}

#[test]
fn a_noncharacter_in_a_subject_value_is_refused() {
    for (text, code) in
        [("a\u{fffe}b", 0xFFFE), ("\u{ffff}", 0xFFFF), ("a\u{fdd0}", 0xFDD0), ("\u{10ffff}a", 0x10_FFFF)]
    {
        let faults = CsrSpec::builder().domain("a.example").province(text).build().unwrap_err();
        assert_eq!(faults.as_slice()[0].reason, Reason::Noncharacter(code), "{text:?}");
    }
}

#[test]
fn only_assigned_country_codes_are_taken() {
    let country = |code: &str| CsrSpec::builder().domain("a.example").country(code).build();
    for code in ["CN", "cn", "GB", "US", "HK", "AX"] {
        assert_eq!(
            country(code).unwrap().subject().to_string(),
            format!("CN=a.example,C={}", code.to_uppercase())
        );
    }
    for (code, message) in [
        ("UK", "company_country: \"UK\" must be a two-letter code from ISO 3166-1: give GB"),
        ("uk", "company_country: \"uk\" must be a two-letter code from ISO 3166-1: give GB"),
        ("USA", "company_country: \"USA\" must be a two-letter code from ISO 3166-1: give US"),
        ("EU", "company_country: \"EU\" must be a two-letter code from ISO 3166-1, such as CN, GB or US"),
        ("ZZ", "company_country: \"ZZ\" must be a two-letter code from ISO 3166-1, such as CN, GB or US"),
        ("ＣＮ", "company_country: \"ＣＮ\" must be a two-letter code from ISO 3166-1, such as CN, GB or US"),
        (
            "CN ",
            "company_country: \"CN \" must be a two-letter code from ISO 3166-1: give the two letters alone",
        ),
    ] {
        assert_eq!(country(code).unwrap_err().to_string(), message);
    }
}

#[test]
fn every_valid_object_identifier_can_be_an_extended_key_usage() {
    let oids = ["2.999.1", "2.25.340282366920938463463374607431768211455", "1.3.6.1.4.1.4294967297.1"];
    let purposes = oids.map(|oid| ExtendedKeyUsage::Other(oid.parse().unwrap()));
    let spec = CsrSpec::builder().domain("a.example").extended_key_usage(purposes).build().unwrap();
    let key = KeyPair::generate(PrivateKeyAlgo::EcP256).unwrap();
    let csr = Csr::sign(&spec, &key).unwrap();
    let read = crate::inspect(csr.as_der()).unwrap();
    assert!(
        oids.iter().all(|oid| read.extensions.iter().any(|e| e.value.to_string().contains(oid))),
        "{read:?}"
    );
}

#[test]
fn a_uri_has_a_host_or_an_address_and_no_wildcard() {
    for uri in [
        "spiffe://example/web",
        "https://a.example/",
        "https://[2001:db8::1]/",
        "https://192.0.2.7/",
        "urn:uuid:x",
    ] {
        assert!(CsrSpec::builder().uri(uri).build().is_ok(), "{uri}");
    }
    for uri in [
        "https://*.example.com/",
        "https://a.*.example/",
        "https://[v1.x]/",
        "https://a_b.example/",
        "URI:https://a.example",
    ] {
        assert!(CsrSpec::builder().uri(uri).build().is_err(), "{uri}");
    }
}

use csr_model::{Company, CreateCsrRequest, PrivateKeyAlgo, Usage};

use super::*;
use crate::asn1::{Oid, Writer};
use crate::{AttributeTypeAndValue, CheckedRequest, Csr, Faults, Field, KeyPair, Reason};

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

/// Type and text of each attribute of the subject, with `+` before those that are joined.
fn attributes(spec: &CsrSpec) -> Vec<String> {
    let shown = |a: &AttributeTypeAndValue| {
        let joint = if a.is_joined() { "+" } else { "" };
        let label = a.name().map_or_else(|| a.oid().to_string(), |name| name.to_string());
        format!("{joint}{label}|{}", a.text().unwrap())
    };
    spec.subject().attributes().iter().map(shown).collect()
}

fn faults(result: Result<CsrSpec, Faults>) -> Vec<String> {
    result.unwrap_err().as_slice().iter().map(ToString::to_string).collect()
}

#[test]
fn a_request_becomes_a_normalised_spec() {
    let spec = from_request(request()).unwrap();
    assert_eq!(shown(&spec), ["example.com", "www.example.com", "192.0.2.7", "xn--r8jz45g.jp"]);
    assert_eq!(
        attributes(&spec),
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
fn domain_that_cannot_be_a_common_name_is_a_san_alone() {
    let name = |n: usize| format!("{}.example.com", "a".repeat(n - 12));
    let label = "é".repeat(50);
    let grown = format!("{label}.{}.example", "b".repeat(10));
    assert!(grown.chars().count() < 70);
    for (domain, fits) in [
        (name(64), true),
        (name(65), false),
        (grown, false),
        ("192.0.2.7".to_owned(), false),
        ("2001:db8::1".to_owned(), false),
        ("*.example.com".to_owned(), true),
    ] {
        let spec = from_request(CreateCsrRequest { domain_name: domain.clone(), ..request() }).unwrap();
        let common_name = fits.then(|| shown(&spec)[0].clone());
        assert_eq!(spec.subject().common_name(), common_name, "{domain}");
        assert_eq!(spec.host_without_common_name(), (!fits).then(|| &spec.sans()[0]), "{domain}");
    }
    let alone = CsrSpec::builder().domain("192.0.2.7").build().unwrap();
    assert!(alone.subject().is_empty());
    let long = format!("{}.com", "abcdefgh.".repeat(27) + "abcdef");
    assert_eq!(
        shown(&CsrSpec::builder().domain("a.example").san(&long).build().unwrap()),
        ["a.example", &long]
    );
}

#[test]
fn common_name_is_the_domain_or_the_first_dns_name_unless_it_is_given() {
    let common_name = |builder: CsrSpecBuilder| builder.build().unwrap().subject().common_name();
    let sans = || CsrSpec::builder().san("192.0.2.7").san("a.example").san("b.example");
    assert_eq!(common_name(sans()).as_deref(), Some("a.example"));
    assert_eq!(common_name(sans().domain("b.example")).as_deref(), Some("b.example"));
    assert_eq!(
        common_name(sans().common_name("Example Issuing CA 1")).as_deref(),
        Some("Example Issuing CA 1")
    );
    assert_eq!(common_name(sans().no_common_name()), None);
    assert_eq!(common_name(sans().domain("b.example").no_common_name()), None);
    assert_eq!(common_name(CsrSpec::builder().san("192.0.2.7")), None);
    assert_eq!(common_name(sans().subject_attribute(SubjectAttribute::UserId, "7")), None);
    let own =
        CsrSpec::builder().domain("a.example").subject_attribute(SubjectAttribute::CommonName, "Device 7");
    assert_eq!(common_name(own.clone()).as_deref(), Some("Device 7"));
    assert_eq!(shown(&own.build().unwrap()), ["a.example"]);
    assert!(CsrSpec::builder().common_name("x".repeat(64)).build().is_ok());
    assert_eq!(
        faults(CsrSpec::builder().common_name("x".repeat(65)).build()),
        ["common_name: \"xxxxxxxxxxxxxxxx…\" must have at most 64 characters (ub-common-name), not 65"]
    );
}

#[test]
fn subject_keeps_its_order_and_its_joined_attributes() {
    let spec = CsrSpec::builder()
        .subject_attribute(SubjectAttribute::DomainComponent, "com")
        .subject_attribute(SubjectAttribute::DomainComponent, "example")
        .subject_attribute(SubjectAttribute::UserId, "7")
        .joined_subject_attribute(SubjectAttribute::CommonName, "Device = 7, + \\ ")
        .subject_attribute("1.3.6.1.4.1.99999.1".parse::<Oid>().unwrap(), "own")
        .build();
    assert_eq!(
        faults(spec),
        [
            "subject[3]: \"Device = 7, + \\\\ \" begins or ends with blanks or invisible characters: remove them"
        ]
    );
    let spec = CsrSpec::builder()
        .country("de")
        .organizational_unit("A")
        .organizational_unit("B")
        .subject_attribute(SubjectAttribute::CommonName, "Device = 7, + \\")
        .joined_subject_attribute(SubjectAttribute::UserId, "7")
        .subject_attribute("1.3.6.1.4.1.99999.1".parse::<Oid>().unwrap(), "own")
        .email_address("a@b.example")
        .build()
        .unwrap();
    // In DER the shorter encoding of a joined pair stands first.
    assert_eq!(
        attributes(&spec),
        [
            "C|DE",
            "OU|A",
            "OU|B",
            "UID|7",
            "+CN|Device = 7, + \\",
            "1.3.6.1.4.1.99999.1|own",
            "emailAddress|a@b.example"
        ]
    );
}

#[test]
fn values_of_the_subject_have_the_string_type_and_upper_bound_of_their_type() {
    let build = |attribute, value: &str| CsrSpec::builder().subject_attribute(attribute, value).build();
    for (attribute, value, fault) in [
        (SubjectAttribute::SerialNumber, "a@b", "contains '@', which a PrintableString cannot hold"),
        (SubjectAttribute::DomainComponent, "é", "contains 'é', which an IA5String cannot hold"),
        (SubjectAttribute::JurisdictionCountry, "UK", "must be a two-letter code from ISO 3166-1: give GB"),
        (SubjectAttribute::EmailAddress, "a", "is not a mail address in ASCII, such as local-part@domain"),
        (SubjectAttribute::CommonName, " ", "holds no readable text: give some, or leave it out"),
        (
            SubjectAttribute::PostalCode,
            &"1".repeat(41),
            "must have at most 40 characters (ub-postal-code), not 41",
        ),
    ] {
        let found = build(attribute, value).unwrap_err();
        assert_eq!(found.as_slice()[0].reason.to_string(), fault);
    }
    for (attribute, value, tag) in [
        (SubjectAttribute::SerialNumber, "A-7", 0x13),
        (SubjectAttribute::DomainComponent, "a@b", 0x16),
        (SubjectAttribute::EmailAddress, "a@b.example", 0x16),
        (SubjectAttribute::Country, "ch", 0x13),
        (SubjectAttribute::PostalCode, "8000", 0x0c),
    ] {
        let spec = build(attribute, value).unwrap();
        let der = Writer::der(|writer| spec.subject().write(writer));
        assert_eq!(der[der.len() - value.len() - 2], tag, "{attribute}");
    }
}

#[test]
fn what_is_given_in_two_ways_is_refused() {
    let attribute = |attribute| CsrSpec::builder().subject_attribute(attribute, "de");
    assert_eq!(
        faults(
            attribute(SubjectAttribute::Country)
                .subject_attribute(SubjectAttribute::CommonName, "x")
                .country("de")
                .common_name("y")
                .build()
        ),
        [
            "common_name: is given as CN of the subject, too: give one of them",
            "company_country: is given as C of the subject, too: give one of them",
        ]
    );
    assert_eq!(
        faults(CsrSpec::builder().joined_subject_attribute(SubjectAttribute::UserId, "7").build()),
        ["subject[0]: \"7\" must not be joined to an attribute before it, because it is the first"]
    );
    // X.501 §9.3: the types in one relative name differ, and X.690 §11.6 knows no order for equal ones.
    let joined = |spec: CsrSpecBuilder, attribute| spec.joined_subject_attribute(attribute, "b");
    let twice = attribute(SubjectAttribute::UserId);
    let twice = joined(joined(twice, SubjectAttribute::CommonName), SubjectAttribute::UserId);
    assert_eq!(
        faults(twice.clone().directory_name("UID=a+CN=b+UID=c").build()),
        [
            "san_directory_name[0]: \"UID=a+CN=b+UID=c\" must be a distinguished name as RFC 4514 writes it, such as CN=Example,O=Example Ltd,C=GB: attributes that `+` joins must be of different types",
            "subject[2]: \"b\" must not be joined to an attribute of its own type: give it by itself"
        ]
    );
    let apart = attribute(SubjectAttribute::UserId).subject_attribute(SubjectAttribute::UserId, "de");
    assert!(joined(apart, SubjectAttribute::CommonName).build().is_ok());
    // What an enterprise must say may be said by type.
    let enterprise = attribute(SubjectAttribute::Country)
        .subject_attribute(SubjectAttribute::Province, "Bern")
        .subject_attribute(SubjectAttribute::Locality, "Bern")
        .usage(Usage::Enterprise);
    assert_eq!(faults(enterprise.build()), ["company_name: is required when usage is ENTERPRISE"]);
}

#[test]
fn names_of_every_kind_keep_their_order() {
    let spec = CsrSpec::builder()
        .upn("me@corp.example")
        .email("a@b.example")
        .other_name("1.3.6.1.5.5.7.8.9".parse().unwrap(), crate::der_of_text("utf8:é@b.example").unwrap())
        .directory_name(r"CN=A\, B+UID=7,O=Example,C=GB")
        .registered_id("2.999.1".parse().unwrap())
        .san("a.example")
        .no_common_name()
        .build()
        .unwrap();
    assert_eq!(
        shown(&spec),
        [
            "userPrincipalName:me@corp.example",
            "a@b.example",
            "SmtpUTF8Mailbox:é@b.example",
            r"CN=A\, B+UID=7,O=Example,C=GB",
            "2.999.1",
            "a.example"
        ]
    );
    let San::DirectoryName(name) = &spec.sans()[3] else { panic!() };
    assert_eq!(name.attributes()[0].name(), Some(SubjectAttribute::Country));
    assert_eq!(
        faults(
            CsrSpec::builder()
                .upn("me")
                .upn("a@b")
                .upn("a b@c")
                .directory_name("Example")
                .directory_name("C=UK")
                .directory_name("Nonsense=1")
                .other_name("2.999.1".parse().unwrap(), [5])
                .build()
        ),
        [
            "san_upn[0]: \"me\" must be a user principal name, such as user@example.com",
            "san_upn[2]: \"a b@c\" must be a user principal name, such as user@example.com",
            "san_other_name[0]: must be one whole value in DER: ends in the middle of an element",
            "san_directory_name[0]: \"Example\" must be a distinguished name as RFC 4514 writes it, such as CN=Example,O=Example Ltd,C=GB: an attribute has no `=`",
            "san_directory_name[1]: \"C=UK\" has a value of C that must be a two-letter code from ISO 3166-1: give GB",
            "san_directory_name[2]: \"Nonsense=1\" must be a distinguished name as RFC 4514 writes it, such as CN=Example,O=Example Ltd,C=GB: an attribute is neither a known short name nor an object identifier",
        ]
    );
}

#[test]
fn distinguished_names_are_read_as_they_are_shown() {
    for name in [
        "CN=a",
        r"CN=a\, b\+c\\,O=\#x\20y,C=GB",
        "UID=7+CN=Device,DC=example,DC=com",
        "2.999.1=x,2.999.2=#0500",
        r#"CN=\"q\"\;\<a\>\=\#"#,
    ] {
        let read = Subject::parse(name).unwrap();
        assert_eq!(Subject::parse(&read.to_string()).unwrap(), read, "{name}");
    }
    assert_eq!(Subject::parse(r"CN=a\2C b\C3\A9 ").unwrap().common_name().unwrap(), "a, bé");
    for name in ["", ",", "CN=a,", "CN=a++UID=7", r"CN=a\", r"CN=\FF", "CN=#05", "CN=#zz", "=a", "CN"] {
        assert!(Subject::parse(name).is_err(), "{name}");
    }
    // RFC 4514 §3 wants these escaped, and knows no other escapes. RFC 1779 separated attributes by `;` and quoted values.
    for name in ["CN=a;O=b", "CN=\"a\",O=b", "CN=a<b", "CN=a>b", r"CN=a\zb", r"CN=a\4", r"CN=a\é"] {
        let refused = Subject::parse(name).unwrap_err();
        assert!(matches!(refused, Reason::NotADistinguishedName(_)), "{name}");
    }
}

#[test]
fn underscores_are_taken_where_they_are_allowed() {
    for name in ["my_host", "_sip._tcp.example.com", "*.my_zone.example", "例_え.jp", "ａ＿b.example"] {
        assert!(CsrSpec::builder().domain(name).build().is_err(), "{name}");
        let spec = CsrSpec::builder().domain(name).allow_underscores().build().unwrap();
        assert!(shown(&spec)[0].contains(['_', '-']), "{name}");
    }
    for name in ["a b", "a／b", "a！b", "a＊.example", "a:b", "a_.*.b"] {
        assert!(CsrSpec::builder().domain(name).allow_underscores().build().is_err(), "{name}");
    }
}

#[test]
fn extensions_and_attributes_of_any_type_are_in_the_csr_as_they_are() {
    let oid = |dotted: &str| dotted.parse::<Oid>().unwrap();
    let builder = CsrSpec::builder()
        .domain("a.example")
        .must_staple()
        .extension(oid("2.999.1"), true, [5, 0])
        .attribute(oid("2.999.2"), [2, 1, 7]);
    let spec = builder.clone().build().unwrap();
    let csr = Csr::sign(&spec, &KeyPair::generate(PrivateKeyAlgo::EcP256).unwrap()).unwrap();
    let read = crate::inspect(csr.as_der()).unwrap();
    let extensions: Vec<_> = read.extensions.iter().map(|e| (e.label().to_string(), e.critical)).collect();
    assert_eq!(
        extensions,
        [("subjectAltName".into(), false), ("tlsFeature".into(), false), ("2.999.1".into(), true)]
    );
    assert_eq!(read.attributes[0].oid, oid("2.999.2"));
    assert_eq!(
        faults(
            builder
                .extension(oid("2.999.1"), false, [5, 0])
                .extension(oid("1.3.6.1.5.5.7.1.24"), false, [5, 0])
                .extension(oid("2.5.29.17"), false, [5, 0])
                .extension(oid("2.999.3"), false, [5, 0, 0])
                .extension(oid("2.999.4"), false, [0x30, 2, 5, 5])
                .extension(oid("2.5.29.15"), true, [5, 0])
                .attribute(oid("2.999.2"), [5, 0])
                .attribute(oid("1.2.840.113549.1.9.14"), [5, 0])
                .attribute(oid("2.999.5"), [])
                .build()
        ),
        [
            "extension[1]: \"2.999.1\" is asked for twice: give it once",
            "extension[2]: \"1.3.6.1.5.5.7.1.24\" is asked for twice: give it once",
            "extension[3]: \"2.5.29.17\" must not be given in this way: give subject alternative names one by one",
            "extension[4]: \"2.999.3\" must be one whole value in DER: data stands after its end",
            "extension[5]: \"2.999.4\" must be one whole value in DER: ends before its stated length",
            "extension[6]: \"2.5.29.15\" must be as its standard says: an element of another type stands here",
            "attribute[1]: \"2.999.2\" is asked for twice: give it once",
            "attribute[2]: \"1.2.840.113549.1.9.14\" must not be given in this way: give requested extensions one by one",
            "attribute[3]: \"2.999.5\" must be one whole value in DER: ends in the middle of an element",
        ]
    );
}

#[test]
fn what_is_built_upon_keeps_what_is_not_replaced() {
    let oid = |dotted: &str| dotted.parse::<Oid>().unwrap();
    let old = CsrSpec::builder()
        .domain("a.example")
        .san("b.example")
        .country("DE")
        .organization("Old")
        .organizational_unit("A")
        .organizational_unit("B")
        .key_usage([KeyUsage::DigitalSignature])
        .extension(oid("2.999.1"), true, [5, 0])
        .challenge_password("old")
        .build()
        .unwrap();
    assert_eq!(old.to_builder().build().unwrap(), old);
    let new = old
        .to_builder()
        .organization("New")
        .organizational_unit("C")
        .san("c.example")
        .san("b.example")
        .key_usage([KeyUsage::KeyAgreement])
        .extension(oid("2.999.1"), false, [2, 1, 0])
        .challenge_password("new")
        .build()
        .unwrap();
    assert_eq!(attributes(&new), ["C|DE", "O|New", "OU|C", "CN|a.example"]);
    assert_eq!(shown(&new), ["a.example", "b.example", "c.example"]);
    assert_eq!(new.extensions.len(), 2);
    assert_eq!(new.extensions[1].der, [2, 1, 0]);
    assert_eq!(new.attributes, [RequestedAttribute::challenge_password("new")]);
    let renamed = old.to_builder().domain("z.example").build().unwrap();
    assert_eq!(renamed.subject().common_name().unwrap(), "z.example");
    assert_eq!(shown(&renamed), ["z.example", "a.example", "b.example"]);
    let replaced = old.to_builder().subject_attribute(SubjectAttribute::UserId, "7").build().unwrap();
    assert_eq!(attributes(&replaced), ["UID|7"]);
    assert_eq!(old.to_builder().no_common_name().build().unwrap().subject().common_name(), None);
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
            "san_email[0]: \"not an address\" is not a mail address in ASCII, such as local-part@domain",
            "san_uri[0]: \"relative/path\" is not an absolute URI: not as RFC 3986 writes it",
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
    let once = [
        RequestedExtension::key_usage(&[KeyUsage::CrlSign]),
        RequestedExtension::extended_key_usage(&[ExtendedKeyUsage::ServerAuth]),
    ];
    assert_eq!(spec.extensions, once);
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

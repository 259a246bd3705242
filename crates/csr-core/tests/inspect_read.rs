//! What is read out of requests that others made.
#![expect(clippy::unwrap_used, reason = "tests")]

mod inspect_fixtures;

use csr_core::inspect;
use csr_core::inspect::{
    AttributeType, ExtensionValue, GeneralName, Inspection, Part, PublicKeyAlgorithm, Raw, StringType, Value,
    Warning,
};
use inspect_fixtures::{VALID, pem, request, tlv, warnings};
use serde_json::json;

fn read(name: &str) -> Inspection {
    inspect(&pem(name)).unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn hex(hex: &str) -> Value {
    Value::Raw(Raw::Hex(hex.to_owned()))
}

#[test]
fn algorithms_sizes_and_warnings() {
    let expected: [(&str, &str, u32, &str); 16] = [
        ("rsa-2048", "RSA", 2048, "sha256WithRSAEncryption"),
        ("rsa-2048-sha384", "RSA", 2048, "sha384WithRSAEncryption"),
        ("rsa-2048-sha512", "RSA", 2048, "sha512WithRSAEncryption"),
        ("rsa-sha1", "RSA", 2048, "sha1WithRSAEncryption"),
        ("rsa-1024", "RSA", 1024, "sha256WithRSAEncryption"),
        ("rsa-512", "RSA", 512, "sha256WithRSAEncryption"),
        ("rsa-pss-sha256", "RSA", 2048, "RSASSA-PSS with SHA-256"),
        ("rsa-pss-key", "RSA-PSS", 2048, "RSASSA-PSS with SHA-256"),
        ("rsa-pss-sha1", "RSA", 2048, "RSASSA-PSS with SHA-1"),
        ("ec-p256", "EC P-256", 256, "ecdsa-with-SHA256"),
        ("ec-p384", "EC P-384", 384, "ecdsa-with-SHA384"),
        ("ec-p521", "EC P-521", 521, "ecdsa-with-SHA512"),
        ("ec-secp256k1", "EC secp256k1", 256, "ecdsa-with-SHA256"),
        ("ed25519", "Ed25519", 256, "Ed25519"),
        ("ed448", "Ed448", 456, "Ed448"),
        ("sm2-default", "SM2", 256, "SM2-with-SM3"),
    ];
    for (name, algorithm, bits, signature) in expected {
        let inspection = read(name);
        assert_eq!(inspection.public_key.algorithm.to_string(), algorithm, "{name}");
        assert_eq!(inspection.public_key.bits, Some(bits), "{name}");
        assert_eq!(inspection.signature_algorithm.name, signature, "{name}");
        let salt = signature.starts_with("RSASSA-PSS with SHA-256").then_some(32);
        assert_eq!(inspection.signature_algorithm.salt_length, salt, "{name}");
        assert_eq!(inspection.subject.one_line, "CN=example.com,O=Example Ltd,C=CN", "{name}");
        let expected = match name {
            "rsa-sha1" => vec![Warning::WeakHash { algorithm: "sha1WithRSAEncryption".to_owned() }],
            "rsa-pss-sha1" => vec![Warning::WeakHash { algorithm: "RSASSA-PSS with SHA-1".to_owned() }],
            "rsa-1024" | "rsa-512" => vec![Warning::SmallRsaKey { bits }],
            _ => Vec::new(),
        };
        assert_eq!(warnings(&inspection), expected, "{name}");
    }
}

/// Keys that nothing is verified with are named as where a private key is refused.
#[test]
fn other_keys_are_named_by_algorithm_and_curve() {
    let ec = [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01];
    let oid = |content: &[u8]| tlv(0x06, content);
    let named = |algorithm: &[u8]| {
        let key = tlv(0x30, &[&tlv(0x30, algorithm)[..], &tlv(0x03, &[0; 100])].concat());
        let inspection = inspect(&request(&[], &key, &[])).unwrap();
        (inspection.public_key.algorithm.to_string(), inspection.public_key.bits)
    };
    let on_curve = |curve: &[u8]| named(&[oid(&ec), oid(curve)].concat());
    assert_eq!(on_curve(&[0x2B, 0x81, 0x04, 0x00, 0x0A]), ("EC secp256k1".to_owned(), Some(256)));
    assert_eq!(on_curve(&[0x2B, 0x81, 0x04, 0x00, 0x27]), ("EC sect571r1".to_owned(), Some(571)));
    assert_eq!(on_curve(&[0x2B, 0x81, 0x04, 0x00, 0x63]), ("EC 1.3.132.0.99".to_owned(), None));
    assert_eq!(named(&oid(&ec)), ("EC without parameters".to_owned(), None));
    let explicit = named(&[oid(&ec), tlv(0x30, &[])].concat());
    assert_eq!(explicit, ("EC with explicit parameters".to_owned(), None));
    assert_eq!(named(&oid(&[0x2B, 0x65, 0x6E])), ("X25519".to_owned(), None));
    assert_eq!(named(&oid(&[0x2A, 0x03, 0x04])), ("1.2.3.4".to_owned(), None));
}

#[test]
fn fingerprints() {
    let inspection = read("rsa-2048");
    assert_eq!(
        inspection.public_key.sha256,
        "4a0028684a04dc1ec826c86e727b5a01f6e700d14e95a4ff44ae5bfe649cfe1a"
    );
    assert_eq!(inspection.sha256, "6f3bcaf6738348f9fc25a3a85b72d14e3c7233fe33e7aa553348075a81ba9930");
}

#[test]
fn a_multi_valued_rdn_and_escaping() {
    let subject = read("multi-valued-rdn").subject;
    assert_eq!(
        subject.one_line,
        r#"DC=example,emailAddress=a@example.com,serialNumber=42+CN=\#1 example\ ,O=Dash\, Dot \+ Co. \"Quoted\",C=CN"#
    );
    let attributes: Vec<_> = subject
        .attributes
        .iter()
        .map(|entry| (entry.rdn, entry.name.unwrap().as_str(), entry.value.clone()))
        .collect();
    assert_eq!(
        attributes,
        [
            (0, "C", text("CN")),
            (1, "O", text(r#"Dash, Dot + Co. "Quoted""#)),
            (2, "serialNumber", text("42")),
            (2, "CN", text("#1 example ")),
            (3, "emailAddress", text("a@example.com")),
            (4, "DC", text("example")),
        ]
    );
}

#[test]
fn string_types() {
    assert_eq!(read("chinese").subject.one_line, "CN=例子.example,O=示例有限公司,L=成都市,ST=四川省,C=CN");
    let bmp = read("bmp-string").subject.attributes.remove(0);
    assert_eq!((bmp.value, bmp.string_type), (text("示例有限公司"), StringType::Bmp));
    let teletex = read("teletex-string").subject.attributes.remove(0);
    assert_eq!((teletex.value, teletex.string_type), (text("Zürich AG"), StringType::Teletex));

    let subject = read("string-types").subject;
    let found: Vec<_> =
        subject.attributes.iter().map(|entry| (entry.string_type, entry.value.clone())).collect();
    assert_eq!(
        found,
        [
            (StringType::Utf8, hex("0c02fffe")),
            (StringType::Universal, text("大")),
            (StringType::Bmp, hex("1e0100")),
            (StringType::Printable, text("at@sign*")),
            (StringType::Ia5, text("ia5")),
            (StringType::Numeric, text("12 34")),
            (StringType::Visible, text("visible")),
            (StringType::Utf8, text("a\u{202e}b\n\0")),
            (StringType::Utf8, text(" #lead and trail ")),
        ]
    );
    assert_eq!(
        subject.one_line,
        r"OU=\ #lead and trail\ ,OU=a\E2\80\AEb\0A\00,OU=visible,OU=12 34,OU=ia5,OU=at@sign*,OU=#1e0100,OU=大,OU=#0c02fffe"
    );
    assert_eq!(subject.attributes[7].value.to_string(), r"a\u{202e}b\u{a}\u{0}");
}

#[test]
fn every_kind_of_alternative_name() {
    let inspection = read("sans");
    let shown: Vec<_> = inspection.sans.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "DNS:example.com",
            "DNS:*.example.com",
            "IP:192.0.2.1",
            "IP:2001:db8::1",
            "email:admin@example.com",
            "URI:https://example.com/path?q=1",
            r"dirName:CN=A\, B,C=CN",
            "RID:1.2.3.4",
            "otherName:userPrincipalName:user@example.com",
        ]
    );
    assert_eq!(inspection.sans[2], GeneralName::Ip([192, 0, 2, 1].into()));
    assert_eq!(inspection.extensions[0].value, ExtensionValue::SubjectAltName(9));
    assert!(inspection.extensions[0].critical);
    assert!(inspection.subject.attributes.is_empty());
    assert_eq!(warnings(&inspection), []);
}

#[test]
fn extensions_and_attributes() {
    let inspection = read("attributes");
    let shown: Vec<_> = inspection
        .extensions
        .iter()
        .map(|extension| (extension.label().to_string(), extension.critical, extension.value.to_string()))
        .collect();
    let expected = [
        ("keyUsage", true, "digitalSignature, keyEncipherment, decipherOnly"),
        ("extKeyUsage", false, "serverAuth, clientAuth, 1.2.3.4.5"),
        ("basicConstraints", true, "CA: true, path length 3"),
        ("tlsFeature", false, "status_request (must-staple), status_request_v2"),
        ("subjectKeyIdentifier", false, "f100dd1292543dcf0d05480ece3cec9ed9f6405e"),
        ("1.2.3.4.5.6", true, "utf8:unknown"),
        ("2.25.329800735698586629295641978511506172918", false, "null"),
        ("subjectAltName", false, "1 name"),
    ];
    assert_eq!(shown, expected.map(|(name, critical, value)| (name.to_owned(), critical, value.to_owned())));
    let attributes: Vec<_> = inspection
        .attributes
        .iter()
        .map(|entry| (entry.name.unwrap().as_str(), entry.values.clone()))
        .collect();
    assert_eq!(
        attributes,
        [
            ("challengePassword", vec![text("open sesame")]),
            ("unstructuredName", vec![text("An Unstructured Name")]),
        ]
    );
}

#[test]
fn deviations_are_read_and_told() {
    assert_eq!(warnings(&read("no-attributes")), [Warning::AttributesAbsent]);
    assert_eq!(warnings(&read("empty-attributes")), []);
    assert_eq!(warnings(&read("empty-extension-request")), [Warning::EmptyExtensionRequest]);
    assert_eq!(warnings(&read("ec-compressed")), [Warning::CompressedPoint]);
    assert_eq!(warnings(&read("version-2")), [Warning::Version(2)]);
    let parameters = [Warning::Parameters { part: Part::SignatureAlgorithm }];
    assert_eq!(warnings(&read("ecdsa-null-parameters")), parameters);
    assert_eq!(warnings(&read("rsa-absent-parameters")), parameters);
    let mut two = pem("ec-p256");
    two.extend(pem("ec-p384"));
    let first = inspect(&two).unwrap();
    assert_eq!(warnings(&first), [Warning::FurtherRequests]);
    assert_eq!(first.public_key.algorithm, PublicKeyAlgorithm::EcP256);
}

#[test]
fn microsoft_requests() {
    let inspection = read("microsoft");
    assert_eq!(inspection.sans, [GeneralName::Dns("example.com".to_owned())]);
    assert_eq!(inspection.attributes[0].name, Some(AttributeType::MsOsVersion));
    assert_eq!(inspection.attributes[0].values, [text("10.0.20348.2")]);
    assert_eq!(warnings(&inspection), []);

    let inspection = read("unordered");
    assert_eq!(inspection.sans.len(), 2);
    assert_eq!(inspection.attributes[1].oid.to_string(), "1.2.3.4");
    assert_eq!(inspection.attributes[1].values, [text("😀"), Value::Integer("5".to_owned()), hex("3000")]);
    assert_eq!(
        warnings(&inspection),
        [
            Warning::SetOrder { part: Part::Attributes },
            Warning::DuplicateExtension { oid: "2.5.29.17".parse().unwrap() }
        ]
    );
}

#[test]
fn salt_of_pss_is_shown_beside_its_hash() {
    let algorithm = read("rsa-pss-sha384").signature_algorithm;
    assert_eq!(algorithm.to_string(), "RSASSA-PSS with SHA-384, salt of 48 bytes");
    assert_eq!(
        serde_json::to_value(algorithm).unwrap(),
        json!({"oid": "1.2.840.113549.1.1.10", "name": "RSASSA-PSS with SHA-384", "salt_length": 48})
    );
    let algorithm = read("ec-p256").signature_algorithm;
    assert_eq!(algorithm.to_string(), "ecdsa-with-SHA256");
    assert_eq!(
        serde_json::to_value(algorithm).unwrap(),
        json!({"oid": "1.2.840.10045.4.3.2", "name": "ecdsa-with-SHA256"})
    );
}

#[test]
fn json() {
    let found = serde_json::to_value(read("empty-extension-request")).unwrap();
    assert_eq!(
        found["subject"]["attributes"][0],
        json!({"oid": "2.5.4.6", "name": "C", "value": {"text": "CN"}, "string_type": "PrintableString", "rdn": 0})
    );
    assert_eq!(
        found["warnings"],
        json!([{"code": "empty_extension_request", "message": "the extension request is empty", "count": 1}])
    );
    let keys: Vec<_> = found.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "attributes",
            "extensions",
            "malformed",
            "public_key",
            "sans",
            "sha256",
            "signature_algorithm",
            "subject",
            "warnings"
        ]
    );
    let found = serde_json::to_value(read("sans")).unwrap();
    assert_eq!(found["sans"][2], json!({"type": "ip", "value": "192.0.2.1"}));
    assert_eq!(found["extensions"][0]["value"], json!({"type": "subject_alt_name", "value": 9}));
    let found = serde_json::to_value(read("attributes")).unwrap();
    assert_eq!(
        found["extensions"][2]["value"],
        json!({"type": "basic_constraints", "value": {"ca": true, "path_len": 3}})
    );
}

#[test]
fn every_fixture_serialises() {
    for name in VALID {
        assert!(serde_json::to_string(&read(name)).is_ok(), "{name}");
    }
}

#[test]
fn request_is_written_anew_without_what_stood_around_it() {
    for name in ["ec-p256", "rsa-2048", "sm2-default", "ed448"] {
        let text = String::from_utf8(pem(name)).unwrap();
        let inspection = read(name);
        let written = inspection.to_pem();
        assert!(written.starts_with("-----BEGIN CERTIFICATE REQUEST-----\n"), "{name}");
        assert_eq!(inspect(written.as_bytes()).unwrap().as_der(), inspection.as_der(), "{name}");
        assert_eq!(inspect(inspection.as_der()).unwrap().to_pem(), written, "{name}");
        let around = format!("before\r\n{}\r\nbehind", text.replace('\n', "\r\n"));
        assert_eq!(inspect(around.as_bytes()).unwrap().to_pem(), written, "{name}");
    }
}

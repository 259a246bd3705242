//! Requests that are odd but readable: what is malformed inside them hides nothing else, and what a certificate
//! authority may object to is told.
#![expect(clippy::unwrap_used, reason = "tests")]

mod inspect_fixtures;

use csr_core::SubjectAttribute;
use csr_core::inspect;
use csr_core::inspect::{
    ExtensionType, ExtensionValue, GeneralName, Inspection, Part, Raw, StringType, Value, Warning,
    must_escape,
};
use inspect_fixtures::{ODD, der, find, pem, warnings};
use serde_json::json;

fn read(name: &str) -> Inspection {
    inspect(&pem(name)).unwrap()
}

fn shown<T: ToString>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

fn dns(name: &str) -> GeneralName {
    GeneralName::Dns(name.to_owned())
}

#[test]
fn the_signature_of_a_request_with_malformed_parts_holds() {
    for name in ODD {
        assert!(read(name).signature_status().is_valid(), "{name}");
    }
}

#[test]
fn a_malformed_extension_hides_no_other() {
    let inspection = read("malformed-extension");
    let reason = "an element of another type stands here";
    assert_eq!(
        inspection.extensions[0].value,
        ExtensionValue::Malformed { reason, bytes: Raw::Hex("0500".to_owned()) }
    );
    assert_eq!(inspection.extensions[0].name, Some(ExtensionType::KeyUsage));
    assert_eq!(inspection.sans, [dns("example.com")]);
    assert_eq!(
        inspection.extensions[2].value,
        ExtensionValue::BasicConstraints { ca: false, path_len: None }
    );
    assert_eq!(
        shown(&inspection.warnings),
        ["the extension keyUsage is malformed: an element of another type stands here"]
    );
    assert_eq!(inspection.unread_names().count(), 0);
    assert_eq!(
        serde_json::to_value(&inspection.extensions[0]).unwrap(),
        json!({
            "oid": "2.5.29.15", "name": "keyUsage", "critical": false,
            "value": {"type": "malformed", "value": {"reason": reason, "hex": "0500"}}
        })
    );
}

#[test]
fn a_malformed_alternative_name_hides_no_other() {
    let inspection = read("malformed-names");
    assert_eq!(
        shown(&inspection.sans),
        [
            "DNS:example.com",
            "iPAddress (malformed, it has neither 4 nor 16 bytes): #87050102030405",
            "dNSName (malformed, it holds other characters than ASCII): #820ac3a92e6578616d706c65",
            "general name (malformed, a general name has an unknown tag): #8c0178",
            "DNS:",
            "DNS:www.example.com",
        ]
    );
    assert_eq!(inspection.extensions[0].value, ExtensionValue::SubjectAltName(6));
    assert_eq!(
        shown(&inspection.warnings),
        [
            "the iPAddress is malformed: it has neither 4 nor 16 bytes",
            "the dNSName is malformed: it holds other characters than ASCII",
            "the general name is malformed: a general name has an unknown tag",
            "the dNSName is empty",
        ]
    );
    assert_eq!(inspection.unread_names().count(), 3);
    assert_eq!(
        serde_json::to_value(&inspection.sans[1]).unwrap(),
        json!({
            "type": "malformed",
            "value": {"kind": "iPAddress", "reason": "it has neither 4 nor 16 bytes", "hex": "87050102030405"}
        })
    );
}

#[test]
fn a_malformed_san_extension_is_no_request_without_names() {
    let inspection = read("malformed-san");
    assert_eq!(inspection.sans, []);
    assert_eq!(
        shown(inspection.unread_names()),
        ["the extension subjectAltName is malformed: an element of another type stands here"]
    );
}

#[test]
fn a_malformed_attribute_hides_no_other() {
    let inspection = read("malformed-attribute");
    assert_eq!(inspection.sans, [dns("example.com")]);
    assert_eq!(inspection.attributes.len(), 1);
    assert_eq!(inspection.attributes[0].values, [Value::Raw(Raw::Hex("0c01ff".to_owned()))]);
    assert_eq!(
        shown(&inspection.malformed),
        ["attributes: an element of another type stands here: #3003020105"]
    );
    assert_eq!(
        serde_json::to_value(&inspection.malformed).unwrap(),
        json!([{"part": "attributes", "reason": "an element of another type stands here", "hex": "3003020105"}])
    );
    assert_eq!(
        shown(&inspection.warnings),
        [
            "a part of the attributes is malformed: an element of another type stands here",
            "the attribute challengePassword is malformed: the value is not a string that decodes",
        ]
    );
}

#[test]
fn a_malformed_part_of_the_subject_hides_no_other() {
    let inspection = read("malformed-subject");
    assert_eq!(inspection.subject.one_line, "OU=a+CN=example.com,OU=#0c01c3,O=Example Ltd");
    assert_eq!(inspection.sans, [dns("example.com")]);
    assert_eq!(
        shown(&inspection.malformed),
        [
            "subject: a relative distinguished name is empty: #3100",
            "subject: an element of another type stands here: #3000",
        ]
    );
    assert!(warnings(&inspection).contains(&Warning::MalformedValue {
        oid: "2.5.4.11".parse().unwrap(),
        name: Some(SubjectAttribute::OrganizationalUnit),
        reason: "the string does not decode"
    }));
    assert_eq!(inspection.unread_names().count(), 3);
}

/// The same at every byte inside the subject's, the attributes' and the extensions' contents: whatever stands there,
/// the rest is read. Outside of them a change may be an error.
#[test]
fn a_changed_byte_of_an_extension_is_no_error() {
    for name in ["attributes", "sans", "certreq", "other-names", "templates"] {
        let good = der(name);
        let key = inspect(&good).unwrap().public_key_der().to_vec();
        let start = find(&good, &key).unwrap() + key.len();
        // Tag and length of [0] itself are outer structure.
        let header = if good[start + 1] < 0x80 { 2 } else { 2 + usize::from(good[start + 1] & 0x7F) };
        let length = match good[start + 1] {
            short @ ..=0x7F => usize::from(short),
            0x81 => usize::from(good[start + 2]),
            _ => usize::from(good[start + 2]) << 8 | usize::from(good[start + 3]),
        };
        for at in start + header..start + header + length {
            for byte in [0x00, 0x30, 0x7F, 0x80, 0xFF, good[at] ^ 1] {
                let mut bad = good.clone();
                bad[at] = byte;
                let inspection = inspect(&bad);
                assert!(inspection.is_ok(), "{name}: byte {at} as {byte:#04x}: {inspection:?}");
            }
        }
    }
}

#[test]
fn types_of_other_names_are_named_and_their_values_shown() {
    let inspection = read("other-names");
    assert_eq!(
        shown(&inspection.sans),
        [
            "otherName:userPrincipalName:user@example.com",
            "otherName:SmtpUTF8Mailbox:я@example.com",
            "otherName:SRVName:_imap.example.com",
            "otherName:xmppAddr:juliet@example.com",
            "otherName:NAIRealm:example.com",
            "otherName:krb5PrincipalName:HTTP/www.example.com@EXAMPLE.COM",
            "otherName:hardwareModuleName:hardware 1.2.3.4, serial number #010203",
            "otherName:permanentIdentifier:identifier 4711, assigned by 1.2.3.5",
            "otherName:msNtdsReplication:#000102030405060708090a0b0c0d0e0f",
            "otherName:1.2.3.4.5:7",
        ]
    );
    assert_eq!(inspection.warnings, []);
    assert_eq!(
        serde_json::to_value(&inspection.sans[0]).unwrap(),
        json!({
            "type": "other_name",
            "value": {
                "oid": "1.3.6.1.4.1.311.20.2.3", "name": "userPrincipalName",
                "value": {"text": "user@example.com"}
            }
        })
    );
    assert_eq!(
        serde_json::to_value(&inspection.sans[5]).unwrap()["value"]["value"],
        json!({"kerberos_principal": {"realm": "EXAMPLE.COM", "name": ["HTTP", "www.example.com"]}})
    );
}

#[test]
fn attributes_and_templates_of_certreq_are_shown() {
    let inspection = read("certreq");
    let attributes: Vec<_> =
        inspection.attributes.iter().map(|a| format!("{}: {}", a.name.unwrap(), a.values[0])).collect();
    let certificate = "msRenewalCertificate: certificate, SHA-256 ";
    assert!(attributes[0].starts_with(certificate) && attributes[0].len() == certificate.len() + 64);
    assert_eq!(
        attributes[1..],
        [
            "msOsVersion: 10.0.20348.2",
            r"msRequestClientInfo: client 5, machine host.example.com, user EXAMPLE\user, process certreq.exe",
            "msEnrollmentNameValuePair: SAN = dns=www.example.com",
            "msEnrollmentCspProvider: Microsoft Software Key Storage Provider, key spec 1",
        ]
    );
    assert_eq!(inspection.extensions[1].value, ExtensionValue::TemplateName("WebServer".to_owned()));
    assert_eq!(inspection.sans, [dns("example.com")]);
    assert_eq!(
        shown(&inspection.warnings),
        [
            "msEnrollmentNameValuePair holds alternative names, \"dns=www.example.com\", which belong in the \
             extension subjectAltName",
            "the attribute 1.2.840.113549.1.9.14 must have one value, not several",
        ]
    );

    let inspection = read("templates");
    let extensions: Vec<_> =
        inspection.extensions.iter().map(|e| format!("{}: {}", e.name.unwrap(), e.value)).collect();
    assert_eq!(
        extensions,
        [
            "msCertificateTemplateName: User",
            "msCertificateTemplate: 1.3.6.1.4.1.311.21.8.4074517.23, version 100.4",
            "msApplicationPolicies: clientAuth, 1.2.3.4.5",
            "certificatePolicies: 1.2.3.4",
            "netscapeComment: made by hand",
        ]
    );
    assert_eq!(inspection.warnings, []);
}

#[test]
fn alternative_names_in_the_subject_are_warned_of() {
    let inspection = read("names-in-subject");
    let found: Vec<_> = warnings(&inspection)
        .into_iter()
        .map(|warning| match warning {
            Warning::MisplacedSan { attribute, value } => (attribute, value.to_string()),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        ("the subject's CN", "\"www.example.com/subjectAltNa….1=a.example\""),
        ("the subject's subjectAltName", "\"DNS:b.example\""),
        ("the subject's unstructuredName", "\"DNS:c.example\""),
        ("unstructuredName", "\"dns=d.example\""),
    ];
    assert_eq!(found, expected.map(|(place, value)| (place.to_owned(), value.to_owned())));
}

#[test]
fn dns_names_that_are_none_are_warned_of() {
    assert_eq!(
        shown(read("dns-names").warnings),
        [
            "the dNSName \"192.0.2.1\" is an IP address, which must be an iPAddress",
            "the dNSName \"2001:db8::1\" is an IP address, which must be an iPAddress",
            "the dNSName \"my_host.example\" contains `_`, which host names don't have",
            "the dNSName \"a..example\" has an empty label",
        ]
    );
}

#[test]
fn a_small_public_exponent_is_warned_of() {
    assert_eq!(warnings(&read("exponent-3")), [Warning::SmallExponent { exponent: 3 }]);
}

#[test]
fn values_of_the_subject_that_break_a_rule_are_warned_of() {
    let inspection = read("subject-values");
    assert_eq!(
        shown(&inspection.warnings),
        [
            "C \"gb\" must be a country code of two capital letters (ISO 3166-1), such as GB",
            "C must be a PrintableString, not a UTF8String",
            "CN has 65 characters; at most 64 are allowed",
            "O is empty",
            "OU has characters that control, reorder or hide text",
            "L has a character that a PrintableString cannot hold",
        ]
    );
    let types = Warning::StringTypeOf {
        name: SubjectAttribute::Country,
        found: StringType::Utf8,
        required: StringType::Printable,
    };
    assert!(warnings(&inspection).contains(&types));
}

/// Text, JSON and `Debug` of nothing that is read here drive a terminal, whatever was put in.
#[test]
fn odd_requests_are_shown_in_printable_characters() {
    for name in ODD {
        let inspection = read(name);
        let mut lines = shown(&inspection.sans);
        lines.extend(shown(&inspection.warnings));
        lines.extend(shown(&inspection.malformed));
        lines.extend(inspection.subject.attributes.iter().map(|a| a.value.to_string()));
        lines.extend(inspection.attributes.iter().flat_map(|a| shown(&a.values)));
        lines.extend(inspection.extensions.iter().map(|e| e.value.to_string()));
        for line in lines {
            assert!(!line.contains(must_escape), "{name}: {line:?}");
        }
    }
}

#[test]
fn long_values_are_shown_by_length_and_hash() {
    let good = der("certreq");
    let key = inspect(&good).unwrap().public_key_der().to_vec();
    for (length, is_whole) in [(Raw::SHOWN, true), (Raw::SHOWN + 1, false)] {
        let inspection = inspect(&built(&key, &[&attribute(&tlv(0x04, &vec![7; length - 4]))])).unwrap();
        let Value::Raw(raw) = &inspection.attributes[0].values[0] else { panic!("{inspection:?}") };
        match raw {
            Raw::Hex(hex) => assert!(is_whole && hex.len() == 2 * length),
            Raw::Long { bytes, sha256 } => {
                assert!(!is_whole && *bytes == length && sha256.len() == 64, "{raw:?}");
                assert_eq!(raw.to_string(), format!("(4,097 bytes, SHA-256 {sha256})"));
            }
            other => panic!("{other:?}"),
        }
    }
}

/// Each of many attributes has its own reason to warn; those of one kind are counted from the ninth on.
#[test]
fn repeated_warnings_are_counted() {
    let key = inspect(&der("ec-p256")).unwrap().public_key_der().to_vec();
    let same: Vec<_> = (0..1235).map(|_| tlv(0x30, &[0x02, 0x01, 0x05])).collect();
    let inspection = inspect(&built(&key, &same.iter().map(Vec::as_slice).collect::<Vec<_>>())).unwrap();
    let warning = &inspection.warnings[0];
    let (part, reason) = (Part::Attributes, "an element of another type stands here");
    assert_eq!((&warning.warning, warning.count), (&Warning::Malformed { part, reason }, 1235));
    assert_eq!(
        warning.to_string(),
        "a part of the attributes is malformed: an element of another type stands here (1,235 times)"
    );
    assert_eq!(
        serde_json::to_value(warning).unwrap(),
        json!({
            "code": "malformed", "count": 1235,
            "message": "a part of the attributes is malformed: an element of another type stands here"
        })
    );

    let several: Vec<_> =
        (0..100_u8).map(|arc| tlv(0x30, &[&tlv(0x06, &[0x2A, arc])[..], &tlv(0x31, &[])].concat())).collect();
    let inspection = inspect(&built(&key, &several.iter().map(Vec::as_slice).collect::<Vec<_>>())).unwrap();
    assert_eq!(inspection.attributes.len(), 100);
    assert_eq!(inspection.warnings.len(), 10);
    assert_eq!(inspection.warnings[9].warning, Warning::NoNames);
    assert!(inspection.warnings[..8].iter().all(|counted| counted.count == 1));
    let more = &inspection.warnings[8];
    assert_eq!((&more.warning, more.count), (&Warning::MoreOfKind { code: "malformed_attribute" }, 92));
    assert_eq!(more.to_string(), "a further warning of the kind malformed_attribute (92 times)");
    assert_eq!(more.warning.code(), "malformed_attribute");
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    inspect_fixtures::tlv(tag, value)
}

fn attribute(value: &[u8]) -> Vec<u8> {
    tlv(0x30, &[&[0x06, 0x02, 0x2A, 0x03][..], &tlv(0x31, value)].concat())
}

fn built(key: &[u8], attributes: &[&[u8]]) -> Vec<u8> {
    inspect_fixtures::request(&[], key, &attributes.concat())
}

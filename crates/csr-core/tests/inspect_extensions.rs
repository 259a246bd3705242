//! Extensions and attributes are shown in full.
#![expect(clippy::unwrap_used, reason = "tests")]

mod inspect_fixtures;

use csr_core::inspect;
use csr_core::inspect::{Extension, ExtensionValue, Warning};
use inspect_fixtures::{der, edits, pem, request, tlv, warnings};
use proptest::prelude::*;
use serde_json::json;

/// What a request asks for in an extension of this identifier and value, and the warnings.
fn read(oid: &[u8], value: &[u8]) -> (Extension, Vec<Warning>) {
    let key = inspect(&pem("ec-p256")).unwrap().public_key_der().to_vec();
    let extension = tlv(0x30, &[tlv(0x06, oid), tlv(0x04, value)].concat());
    let request_oid = tlv(0x06, &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 9, 14]);
    let attribute = tlv(0x30, &[request_oid, tlv(0x31, &tlv(0x30, &extension))].concat());
    let inspection = inspect(&request(&[], &key, &attribute)).unwrap();
    let mut warnings = warnings(&inspection);
    warnings.retain(|warning| *warning != Warning::NoNames);
    (inspection.extensions[0].clone(), warnings)
}

/// An extension of RFC 5280, by the last arc of its identifier.
fn standard(arc: u8, value: &[u8]) -> (Extension, Vec<Warning>) {
    read(&[0x55, 0x1D, arc], value)
}

#[test]
fn every_extension_of_an_authority_is_shown_in_full() {
    let inspection = inspect(&pem("authority")).unwrap();
    let shown: Vec<_> = inspection.extensions.iter().map(|e| format!("{}: {}", e.label(), e.value)).collect();
    assert_eq!(
        shown,
        [
            "basicConstraints: CA: true, path length 0",
            "nameConstraints: permitted DNS:example.com, IP:10.0.0.0/8, IP:2001:db8::/32, email:.example.com, \
             dirName:O=Example Ltd,C=GB; excluded IP:10.1.0.0/255.0.255.0, URI:.example.org",
            "certificatePolicies: 2.23.140.1.2.1, 1.3.6.1.4.1.99999.1 (CPS https://example.com/cps, notice \"For \
             tests only\" number 1, 2 of Example Ltd), 2.5.29.32.0",
            "policyConstraints: explicit policy after 3, no policy mapping after 0",
            "inhibitAnyPolicy: integer:2",
            "authorityInfoAccess: ocsp URI:http://ocsp.example.com, caIssuers URI:http://ca.example.com/ca.cer, \
             1.2.3.4 DNS:example.com",
            "subjectInfoAccess: caRepository URI:http://ca.example.com/all",
            "cRLDistributionPoints: URI:http://crl.example.com/a.crl; URI:ldap://ldap.example.com/cn=crl, \
             DNS:crl.example.com (reasons keyCompromise, cACompromise) (issued by dirName:O=Example Ltd,C=GB)",
            "issuerAltName: email:ca@example.com, URI:http://ca.example.com",
            "netscapeCertType: sslServer, sslCA",
            "sMIMECapabilities: AES-256-CBC, RC2-CBC #02020080",
            "msNtdsSecurity: otherName:msNtdsObjectSid:S-1-5-21-1-2-3-500",
            "1.2.3.1: utf8:grün",
            "1.2.3.2: printable:plain",
            "1.2.3.3: ia5:a@b",
            "1.2.3.4: bmp:wide",
            "1.2.3.5: integer:-129",
            "1.2.3.6: boolean:true",
            "1.2.3.7: oid:1.2.3.4.5",
            "1.2.3.8: null",
            "1.2.3.9: 3006020101020102",
        ]
    );
    assert_eq!(inspection.warnings, []);
    assert_eq!(inspection.sans, []);
}

#[test]
fn json_form_of_each_extension_is_stable() {
    let inspection = inspect(&pem("authority")).unwrap();
    let values: Vec<_> =
        inspection.extensions.iter().map(|e| serde_json::to_value(&e.value).unwrap()).collect();
    let uri = |uri| json!({"type": "uri", "value": uri});
    let below =
        || serde_json::to_value(&inspection.extensions[1].value).unwrap()["value"]["permitted"][4].clone();
    assert_eq!(below()["value"]["one_line"], "O=Example Ltd,C=GB");
    assert_eq!(
        values[1],
        json!({"type": "name_constraints", "value": {
            "permitted": [
                {"type": "dns", "value": "example.com"},
                {"type": "ip", "value": "10.0.0.0/8"},
                {"type": "ip", "value": "2001:db8::/32"},
                {"type": "email", "value": ".example.com"},
                below(),
            ],
            "excluded": [{"type": "ip", "value": "10.1.0.0/255.0.255.0"}, uri(".example.org")],
        }})
    );
    assert_eq!(
        values[2],
        json!({"type": "policies", "value": [
            {"policy": "2.23.140.1.2.1", "qualifiers": []},
            {"policy": "1.3.6.1.4.1.99999.1", "qualifiers": [
                {"type": "cps", "value": "https://example.com/cps"},
                {"type": "user_notice", "value":
                    {"organization": "Example Ltd", "numbers": [1, 2], "text": "For tests only"}},
            ]},
            {"policy": "2.5.29.32.0", "qualifiers": []},
        ]})
    );
    assert_eq!(
        values[3],
        json!({"type": "policy_constraints", "value":
            {"require_explicit_policy": 3, "inhibit_policy_mapping": 0}})
    );
    assert_eq!(
        values[5]["value"][0],
        json!({"oid": "1.3.6.1.5.5.7.48.1", "method": "ocsp", "location": uri("http://ocsp.example.com")})
    );
    assert_eq!(values[5]["type"], "information_access");
    assert_eq!(
        values[7]["value"][1],
        json!({
            "full_name": [uri("ldap://ldap.example.com/cn=crl"), {"type": "dns", "value": "crl.example.com"}],
            "reasons": ["keyCompromise", "cACompromise"],
            "crl_issuer": [below()],
        })
    );
    assert_eq!(values[8]["type"], "names");
    assert_eq!(values[9], json!({"type": "netscape_cert_type", "value": ["sslServer", "sslCA"]}));
    assert_eq!(
        values[10],
        json!({"type": "capabilities", "value":
            [{"algorithm": "AES-256-CBC"}, {"algorithm": "RC2-CBC", "parameters": {"hex": "02020080"}}]})
    );
    assert_eq!(
        values[12..],
        [
            json!({"type": "utf8", "value": "grün"}),
            json!({"type": "printable", "value": "plain"}),
            json!({"type": "ia5", "value": "a@b"}),
            json!({"type": "bmp", "value": "wide"}),
            json!({"type": "integer", "value": "-129"}),
            json!({"type": "boolean", "value": true}),
            json!({"type": "oid", "value": "1.2.3.4.5"}),
            json!({"type": "null"}),
            json!({"type": "hex", "value": "3006020101020102"}),
        ]
    );
}

#[test]
fn authority_key_identifier_is_shown_in_full() {
    let issuer = tlv(0xA1, &tlv(0x86, b"http://ca.example.com"));
    let value = tlv(0x30, &[tlv(0x80, &[1, 0xAB]), issuer, tlv(0x82, &[0x7F])].concat());
    let (extension, warnings) = standard(35, &value);
    assert_eq!(extension.value.to_string(), "01ab, issuer URI:http://ca.example.com, serial number 7f");
    assert_eq!(
        serde_json::to_value(&extension.value).unwrap(),
        json!({"type": "authority_key_identifier", "value": {
            "key_identifier": "01ab",
            "issuer": [{"type": "uri", "value": "http://ca.example.com"}],
            "serial_number": "7f",
        }})
    );
    assert_eq!(warnings, []);
    assert_eq!(standard(35, &[0x30, 0]).0.value.to_string(), "");
}

#[test]
fn value_that_is_no_single_element_is_shown_as_bytes() {
    let custom = |value: &[u8]| read(&[0x2A, 3], value).0.value;
    for (value, shown) in [
        (&[][..], ""),
        (&[5, 0, 5, 0], "05000500"),
        (&[5, 1, 0], "050100"),
        (&[1, 1, 1], "010101"),
        (&[2, 0], "0200"),
        (&[2, 2, 0, 5], "02020005"),
        (&[0x0C, 1, 0xFF], "0c01ff"),
        (&[0x1E, 1, 0x41], "1e0141"),
        (&[6, 1, 0x80], "060180"),
        (&[4, 1, 0], "040100"),
        (&[0x0C, 2, 0x41], "0c0241"),
    ] {
        assert_eq!(custom(value), ExtensionValue::Hex(shown.to_owned()));
    }
    for (octets, number) in [
        (&[0][..], "0"),
        (&[0x7F], "127"),
        (&[0, 0x80], "128"),
        (&[0x80], "-128"),
        (&[0xFF], "-1"),
        (
            &[0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
            "170141183460469231731687303715884105727",
        ),
    ] {
        assert_eq!(custom(&tlv(2, octets)), ExtensionValue::Integer(number.to_owned()));
    }
    assert_eq!(custom(&[&[2, 17][..], &[1; 17]].concat()).to_string(), format!("0211{}", "01".repeat(17)));
}

#[test]
fn hostile_text_of_an_extension_is_escaped() {
    let (extension, _) = read(&[0x2A, 3], &tlv(0x0C, "a\u{1b}[31m\u{202e}".as_bytes()));
    assert_eq!(extension.value.to_string(), r"utf8:a\u{1b}[31m\u{202e}");
    let location = tlv(0x86, b"http://a\x1b[2J");
    let description = tlv(0x30, &[tlv(0x06, &[0x2A, 3]), location].concat());
    let (extension, _) = read(&[0x2B, 6, 1, 5, 5, 7, 1, 1], &tlv(0x30, &description));
    assert_eq!(extension.value.to_string(), r"1.2.3 URI:http://a\u{1b}[2J");
}

#[test]
fn malformed_structure_is_shown_as_bytes_with_a_warning() {
    for (arc, value) in [
        (30, tlv(0x30, &tlv(0xA0, &tlv(0x30, &tlv(0x87, &[10, 0, 0, 0]))))),
        (30, tlv(0x30, &tlv(0xA0, &tlv(0x30, &[tlv(0x82, b"a"), vec![0x80, 1, 0]].concat())))),
        (30, tlv(0x30, &[5, 0])),
        (31, tlv(0x30, &tlv(0x30, &tlv(0xA0, &[5, 0])))),
        (32, tlv(0x30, &tlv(0x30, &[6, 1, 0x2A, 5, 0]))),
        (35, tlv(0x30, &[0x83, 0])),
        (36, tlv(0x30, &[0x80, 1, 0xFF])),
        (18, tlv(0x30, &[0x87, 1, 0])),
        (18, tlv(0x30, &[0x0C, 0])),
    ] {
        let (extension, warnings) = standard(arc, &value);
        assert!(matches!(extension.value, ExtensionValue::Malformed { .. }), "{arc}: {extension:?}");
        assert!(matches!(warnings[..], [Warning::MalformedExtension { .. }]), "{arc}: {warnings:?}");
    }
}

#[test]
fn name_constraints_are_no_alternative_names() {
    // An empty dNSName and one with a leading dot are no names, but constraints.
    let subtree = |name: &[u8]| tlv(0x30, &tlv(0x82, name));
    let trees = [subtree(b""), subtree(b".example.com")].concat();
    let (extension, warnings) = standard(30, &tlv(0x30, &tlv(0xA1, &trees)));
    assert_eq!(extension.value.to_string(), "excluded DNS:, DNS:.example.com");
    assert_eq!(warnings, []);
}

#[test]
fn key_usage_without_a_bit_is_warned_of() {
    assert_eq!(standard(15, &[3, 1, 0]).1, [Warning::EmptyKeyUsage]);
    assert_eq!(standard(15, &[3, 2, 0, 0]).1, [Warning::EmptyKeyUsage]);
    assert_eq!(standard(15, &[3, 2, 7, 0x80]).1, []);
}

#[test]
fn path_length_without_a_ca_is_warned_of() {
    assert_eq!(standard(19, &[0x30, 3, 2, 1, 0]).1, [Warning::PathLengthWithoutCa]);
    assert_eq!(standard(19, &[0x30, 6, 1, 1, 0xFF, 2, 1, 0]).1, []);
    assert_eq!(standard(19, &[0x30, 0]).1, []);
}

#[test]
fn attribute_of_an_unknown_type_is_shown_as_its_value() {
    let key = inspect(&pem("ec-p256")).unwrap().public_key_der().to_vec();
    let values = [&[1, 1, 0xFF][..], &[2, 1, 0x80], &[5, 0], &[6, 1, 0x2A], &[0x0C, 1, b'a'], &[0x30, 0]];
    let attribute = tlv(0x30, &[tlv(0x06, &[0x2A, 3]), tlv(0x31, &values.concat())].concat());
    let inspection = inspect(&request(&[], &key, &attribute)).unwrap();
    assert_eq!(
        serde_json::to_value(&inspection.attributes[0].values).unwrap(),
        json!([
            {"boolean": true}, {"integer": "-128"}, {"null": null}, {"oid": "1.2"}, {"text": "a"},
            {"hex": "3000"},
        ])
    );
    let shown: Vec<_> = inspection.attributes[0].values.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["true", "-128", "null", "1.2", "a", "#3000"]);
}

proptest! {
    #[test]
    fn mutated_extensions_never_panic(
        edits in edits(),
    ) {
        let mut bytes = der("authority");
        inspect_fixtures::make(&edits, &mut bytes);
        if let Ok(inspection) = inspect(&bytes) {
            prop_assert!(serde_json::to_string(&inspection).is_ok());
            for extension in &inspection.extensions {
                let shown = extension.value.to_string();
                prop_assert!(shown.chars().all(|c| !c.is_control()), "control");
            }
            let _ = inspection.lint();
        }
    }
}

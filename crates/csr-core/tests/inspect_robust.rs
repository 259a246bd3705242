//! Malformed input of every kind gives a typed error that names the place, and never a panic.
#![expect(clippy::unwrap_used, reason = "tests")]

mod inspect_fixtures;

use base64ct::{Base64, Encoding};
use csr_core::inspect::Part;
use csr_core::{InspectError, PemError, inspect};
use inspect_fixtures::{VALID, der, edits, find, pem};
use proptest::prelude::*;

fn malformed_part(input: &[u8]) -> Part {
    match inspect(input) {
        Err(InspectError::Malformed { part, .. }) => part,
        other => panic!("a malformed part expected, {other:?} found"),
    }
}

#[test]
fn truncated_at_every_byte() {
    for name in VALID {
        let good = der(name);
        for length in 2..good.len() {
            assert_eq!(malformed_part(&good[..length]), Part::Request, "{name} at {length}");
        }
        assert_eq!(inspect(&good[..1]).unwrap_err(), InspectError::UnknownFormat);
    }
    assert_eq!(inspect(b"").unwrap_err(), InspectError::UnknownFormat);
}

#[test]
fn truncated_pem() {
    let good = pem("ec-p256");
    for length in 0..good.len() - 1 {
        let error = inspect(&good[..length]).unwrap_err();
        assert!(
            matches!(
                error,
                InspectError::UnknownFormat
                    | InspectError::Pem(PemError::DamagedBegin | PemError::NoEnd { .. })
            ),
            "{error}"
        );
    }
    assert!(inspect(&good[..good.len() - 1]).is_ok());
}

#[test]
fn trailing_data() {
    for name in VALID {
        let mut bad = der(name);
        assert!(inspect(&[&bad[..], b"\r\n"].concat()).is_ok(), "{name}: a line end is no data");
        bad.extend(b"\n0");
        let error = inspect(&bad).unwrap_err();
        assert_eq!(
            error.to_string(),
            "malformed certificate signing request: data stands after its end",
            "{name}"
        );
    }
}

#[test]
fn names_the_part() {
    let good = der("attributes");
    let inspection = inspect(&good).unwrap();
    let key_at = find(&good, inspection.public_key_der()).unwrap();
    let cases: [(usize, u8, &str); 5] = [
        (4, 0x31, "malformed certification request info: an element of another type stands here"),
        (8, 0x04, "malformed version: an element of another type stands here"),
        (11, 0x31, "malformed subject: an element of another type stands here"),
        (key_at, 0x31, "malformed public key: an element of another type stands here"),
        (
            key_at + inspection.public_key_der().len(),
            0xA1,
            "malformed certification request info: data stands after its end",
        ),
    ];
    for (index, byte, message) in cases {
        let mut bad = good.clone();
        bad[index] = byte;
        assert_eq!(inspect(&bad).unwrap_err().to_string(), message);
    }
}

/// What is malformed inside an extension is shown there, with a warning.
#[test]
fn names_the_malformed_extension() {
    let good = der("attributes");
    let at = |needle: &[u8]| find(&good, needle).unwrap();
    let cases: [(usize, u8, &str); 4] = [
        (
            at(b"\x55\x1D\x0F\x01\x01\xFF"),
            0x80,
            "a part of the extension request is malformed: an OBJECT IDENTIFIER is not well formed",
        ),
        (
            at(b"\x01\x01\xFF\x04") + 2,
            0x01,
            "the extension keyUsage is malformed: a BOOLEAN is neither TRUE nor FALSE",
        ),
        (
            at(b"\x82\x0Bexample.com"),
            0x02,
            "the general name is malformed: a general name has no context-specific tag",
        ),
        (
            at(b"\x03\x03\x07\xA0\x80") + 2,
            0x08,
            "the extension keyUsage is malformed: the BIT STRING is not well formed",
        ),
    ];
    let extensions = inspect(&good).unwrap().extensions.len();
    for (index, byte, message) in cases {
        let mut bad = good.clone();
        bad[index] = byte;
        let inspection = inspect(&bad).unwrap();
        let told: Vec<_> = inspection.warnings.iter().map(ToString::to_string).collect();
        assert_eq!(told, [message]);
        assert_eq!(inspection.extensions.len() + inspection.malformed.len(), extensions);
    }
}

#[test]
fn other_pem_blocks_are_named() {
    let text = b"-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n\
        -----BEGIN PRIVATE KEY-----\nAQID\n-----END PRIVATE KEY-----\n";
    assert_eq!(
        inspect(text).unwrap_err().to_string(),
        "no CERTIFICATE REQUEST among the PEM blocks, only \"CERTIFICATE\", \"PRIVATE KEY\""
    );
    for text in [&b"hello"[..], b"0 hello"] {
        assert_eq!(
            inspect(text).unwrap_err().to_string(),
            "neither DER nor PEM: expected a certificate signing request in one of them"
        );
    }
}

#[test]
fn other_files_are_named_and_refused() {
    let key =
        |name: &str| std::fs::read(format!("{}/tests/data/keys/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    let request = der("ec-p256");
    let public_key = inspect(&request).unwrap().public_key_der().to_vec();
    for (file, kind) in [
        (public_key.clone(), "a public key"),
        (key("not-a-key-certificate.der"), "a certificate"),
        (key("p256-sec1.der"), "a private key"),
        (key("rsa2048-pkcs1.der"), "a private key"),
        (b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA me@here\n".to_vec(), "a public key of SSH"),
    ] {
        let expected =
            format!("this is {kind}, not a certificate signing request: give the request, as PEM or DER");
        assert_eq!(inspect(&file).unwrap_err().to_string(), expected);
        if file[0] == 0x30 {
            let base64 = Base64::encode_string(&file);
            let pem =
                format!("-----BEGIN CERTIFICATE REQUEST-----\n{base64}\n-----END CERTIFICATE REQUEST-----\n");
            assert_eq!(inspect(pem.as_bytes()).unwrap_err().to_string(), expected);
        }
    }
    let base64 = Base64::encode_string(&request);
    let told = inspect(base64.as_bytes()).unwrap_err().to_string();
    assert!(
        told.starts_with("this is base64 without the lines BEGIN and END of PEM: decode it with `"),
        "{told}"
    );
    // A damaged request is still one.
    let cut = inspect(&request[..request.len() - 1]).unwrap_err();
    assert!(matches!(cut, InspectError::Malformed { .. }), "{cut}");
}

#[test]
fn pem_in_other_text() {
    let request = String::from_utf8(pem("ec-p256")).unwrap();
    let key = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n";
    let indented = request.replace('\n', "\r\n   ").replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
    let text = format!("\u{FEFF}Certificate Request:\n    Data: Version: 1 (0x0)\n{key}{indented}\ntrailer");
    let inspection = inspect(text.as_bytes()).unwrap();
    assert!(inspection.verify(None).is_valid());
    assert!(inspection.warnings.is_empty());
}

/// Lengths that claim gigabytes, and nesting as deep as the input is long.
#[test]
fn hostile_lengths_and_nesting() {
    assert_eq!(malformed_part(b"\x30\x84\xFF\xFF\xFF\xFF\x30"), Part::Request);
    assert_eq!(malformed_part(b"\x30\x85\x01\x00\x00\x00\x00\x30"), Part::Request);
    assert_eq!(malformed_part(b"\x30\x80\x00\x00"), Part::Request);
    let mut nested = Vec::new();
    for _ in 0..2000 {
        nested = sequence(&nested);
    }
    assert!(inspect(&nested).is_err());
}

/// With a length of two bytes, in the shortest form only from 256 bytes on.
fn sequence(contents: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(contents.len()).unwrap().to_be_bytes();
    [&[0x30, 0x82, high, low], contents].concat()
}

fn inspect_whole(input: &[u8]) {
    if let Ok(inspection) = inspect(input) {
        let _ = inspection.verify(Some("alice@example.com"));
        assert!(serde_json::to_string(&inspection).is_ok());
        for warning in &inspection.warnings {
            assert!(!warning.to_string().is_empty());
        }
        for extension in &inspection.extensions {
            let _ = extension.value.to_string();
        }
        for name in &inspection.sans {
            assert!(!name.to_string().is_empty());
        }
    }
}

proptest! {
    #[test]
    fn random_bytes_never_panic(input in prop::collection::vec(any::<u8>(), 0..600)) {
        inspect_whole(&input);
        inspect_whole(&sequence(&input));
    }

    #[test]
    fn random_text_never_panics(input in "(-----(BEGIN|END) (NEW )?(CERTIFICATE REQUEST|A)-----|[A-Za-z0-9+/= \r\n:-]|\n){0,40}") {
        inspect_whole(input.as_bytes());
    }

    #[test]
    fn mutations_never_panic(
        name in prop::sample::select(VALID),
        edits in edits(),
    ) {
        let mut bytes = der(name);
        inspect_fixtures::make(&edits, &mut bytes);
        inspect_whole(&bytes);
    }

    /// What still reads after a change inside the signed part does not verify.
    #[test]
    fn mutations_of_the_message_never_verify(
        name in prop::sample::select(&["ec-p256", "sm2-default", "sm2-empty", "ed25519", "rsa-2048", "attributes"][..]),
        index in any::<prop::sample::Index>(),
        flip in 1..=u8::MAX,
    ) {
        let mut bytes = der(name);
        let info_header = 4;
        let info_end = info_header + 4 + usize::from(bytes[6]) * 256 + usize::from(bytes[7]);
        let info_end = if bytes[5] == 0x82 { info_end } else { info_header + 3 + usize::from(bytes[6]) };
        let at = info_header + index.index(info_end - info_header);
        bytes[at] ^= flip;
        if let Ok(inspection) = inspect(&bytes) {
            prop_assert!(!inspection.verify(None).is_valid());
        }
    }
}

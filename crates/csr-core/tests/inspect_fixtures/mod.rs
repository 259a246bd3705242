//! The fixtures of `data/inspect`.
#![allow(dead_code, reason = "not every test uses every one")]

use std::path::Path;

use csr_core::inspect::{Inspection, Warning};
use proptest::prelude::*;

/// Those whose signature holds, `sm2-custom` with `alice@example.com`.
pub(crate) const VALID: &[&str] = &[
    "attributes",
    "bmp-string",
    "chinese",
    "ec-compressed",
    "ec-p256",
    "ec-p256-sha512",
    "ec-p384",
    "ec-p384-sha256",
    "ec-p521",
    "ec-p521-sha256",
    "ecdsa-null-parameters",
    "ed25519",
    "empty-attributes",
    "empty-extension-request",
    "microsoft",
    "multi-valued-rdn",
    "no-attributes",
    "rsa-1024",
    "rsa-2048",
    "rsa-2048-sha384",
    "rsa-2048-sha512",
    "rsa-absent-parameters",
    "rsa-pss-key",
    "rsa-pss-sha256",
    "rsa-pss-sha384",
    "rsa-pss-sha512",
    "rsa-sha1",
    "sans",
    "sm2-custom",
    "sm2-default",
    "sm2-empty",
    "string-types",
    "teletex-string",
    "unordered",
    "version-2",
];

/// The others, and why they are not verified.
pub(crate) const UNSUPPORTED: &[(&str, &str)] = &[
    ("ec-secp256k1", "EC secp256k1"),
    ("ed448", "Ed448"),
    ("rsa-512", "RSA with a modulus of 512 bits"),
    ("rsa-pss-sha1", "RSASSA-PSS with SHA-1"),
];

/// Those with malformed parts, and those that are odd in other ways; their signatures hold.
pub(crate) const ODD: &[&str] = &[
    "authority",
    "certreq",
    "country-uk",
    "dns-names",
    "exponent-3",
    "malformed-attribute",
    "malformed-extension",
    "malformed-names",
    "malformed-san",
    "malformed-subject",
    "names-in-subject",
    "other-names",
    "subject-values",
    "templates",
];

/// A DER element.
pub(crate) fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let length = match value.len() {
        0..0x80 => &length[7..],
        more => &length[more.leading_zeros() as usize / 8..],
    };
    let mut der = vec![tag];
    if value.len() >= 0x80 {
        der.push(0x80 | u8::try_from(length.len()).unwrap());
    }
    [&der, length, value].concat()
}

/// A request with these relative names, this `SubjectPublicKeyInfo` and these attributes, under no good signature.
pub(crate) fn request(subject: &[u8], key: &[u8], attributes: &[u8]) -> Vec<u8> {
    let info = [&[0x02, 0x01, 0x00][..], &tlv(0x30, subject), key, &tlv(0xA0, attributes)].concat();
    let algorithm = tlv(0x30, &[0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02]);
    tlv(0x30, &[tlv(0x30, &info), algorithm, tlv(0x03, &[0, 0x30, 0])].concat())
}

/// The warnings without their counts.
pub(crate) fn warnings(inspection: &Inspection) -> Vec<Warning> {
    inspection.warnings.iter().map(|counted| counted.warning.clone()).collect()
}

pub(crate) fn pem(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/inspect").join(format!("{name}.pem"));
    std::fs::read(path).unwrap()
}

pub(crate) fn der(name: &str) -> Vec<u8> {
    let text = String::from_utf8(pem(name)).unwrap();
    let base64: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    <base64ct::Base64 as base64ct::Encoding>::decode_vec(&base64).unwrap()
}

pub(crate) fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

/// A byte that is replaced (0), put in (1) or taken out (2).
type Edit = (prop::sample::Index, u8, u8);

/// A few edits of a file.
pub(crate) fn edits() -> impl Strategy<Value = Vec<Edit>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..6)
}

/// Makes the edits.
pub(crate) fn make(edits: &[Edit], bytes: &mut Vec<u8>) {
    for (index, byte, kind) in edits {
        let at = index.index(bytes.len());
        match kind {
            0 => bytes[at] = *byte,
            1 => bytes.insert(at, *byte),
            _ => {
                bytes.remove(at);
            }
        }
    }
}

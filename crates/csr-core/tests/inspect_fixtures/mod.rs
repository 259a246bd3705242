//! The fixtures of `data/inspect`.
#![allow(dead_code, reason = "not every test uses every one")]

use std::path::Path;

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

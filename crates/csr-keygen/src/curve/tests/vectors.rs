//! The vectors in `../shared/vectors`.

use std::path::Path;

use p256::pkcs8::DecodePrivateKey;
use serde_json::Value;
use sm3::{Digest, Sm3};
use zeroize::Zeroizing;

use super::*;
use crate::curve::residue::Residue;
use crate::curve::scalar::NonceSource;
use crate::curve::{params, scalar, signature as schemes};

/// A vector file. `None`, with a message, if the folder is missing and `CSR_REQUIRE_VECTORS` is not
/// 1.
fn vectors(test: &str, file: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors").join(file);
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) if std::env::var_os("CSR_REQUIRE_VECTORS").is_none_or(|value| value != "1") => {
            eprintln!("{test} DID NOT RUN: {file} is not in ../shared/vectors");
            None
        }
        Err(error) => panic!("{test}: {file}: {error}"),
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

/// Base64 as a PEM document.
fn pem(base64: &str) -> String {
    let lines: Vec<_> =
        base64.as_bytes().chunks(64).map(|line| core::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

/// RFC 4648 §4, for the short seeds.
fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut octets) = (0u32, 0, vec![]);
    for character in text.bytes().filter(|c| *c != b'=') {
        let value = ALPHABET.iter().position(|c| *c == character).unwrap();
        (bits, count) = (bits << 6 | u32::try_from(value).unwrap(), count + 6);
        if count >= 8 {
            count -= 8;
            octets.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    octets
}

#[test]
fn ec_keys_are_those_of_det_keygen() {
    let Some(vectors) = vectors("ec_keys_are_those_of_det_keygen", "det-keygen-ecdsa.json") else { return };
    let vectors = vectors.as_array().unwrap();
    let mut ran = 0;
    for vector in vectors {
        let seed = base64(text(vector, "seed"));
        let pem = pem(text(vector, "private_key_pkcs8"));
        let (curve, expected) = match text(vector, "curve") {
            "secp256r1" => (Curve::P256, p256::SecretKey::from_pkcs8_pem(&pem).unwrap().to_bytes().to_vec()),
            "secp384r1" => (Curve::P384, p384::SecretKey::from_pkcs8_pem(&pem).unwrap().to_bytes().to_vec()),
            _ => continue,
        };
        for backend in Backend::available() {
            let key = from_seed_with(backend, curve, &seed).unwrap();
            assert_eq!(key.scalar(), expected);
            assert_eq!(key.public_point(), oracle_point(curve, &expected).unwrap());
            ran += 1;
        }
    }
    assert!(ran >= 2, "the file has vectors for both curves");
}

#[test]
fn first_draw_out_of_range_is_skipped_as_in_det_keygen() {
    // The seed that c2sp.org/det-keygen names for a first candidate that is not below n.
    let key = from_seed(Curve::P256, &unhex("b432f9be30890480298218510559aed7")).unwrap();
    assert_eq!(key.public_point(), oracle_point(Curve::P256, key.scalar()).unwrap());
}

struct One([u64; 4]);
impl NonceSource<params::Sm2, 4> for One {
    fn next_nonce(&mut self) -> Result<Zeroizing<[u64; 4]>, Error> {
        Ok(Zeroizing::new(self.0))
    }
}

/// e = SM3(ZA ‖ M), ZA = SM3(ENTLA ‖ IDA ‖ a ‖ b ‖ xG ‖ yG ‖ xA ‖ yA) (GB/T 32918.2 §5.5).
fn sm2_digest(id: &str, message: &str, point: &[u8]) -> Vec<u8> {
    let curve = unhex(concat!(
        "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc",
        "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93",
        "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7",
        "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0",
    ));
    let bits = u16::try_from(8 * id.len()).unwrap().to_be_bytes();
    let za = Sm3::digest([&bits, id.as_bytes(), &curve, point].concat());
    Sm3::digest([&za, message.as_bytes()].concat()).to_vec()
}

#[test]
fn sm2_signature_is_that_of_gbt_32918_5() {
    let Some(vector) = vectors("sm2_signature_is_that_of_gbt_32918_5", "sm2_gbt32918_5.json") else { return };
    let hex = |field| unhex(text(&vector, field));
    for backend in Backend::available() {
        let key = from_scalar_with(backend, Curve::Sm2, &hex("d")).unwrap();
        assert_eq!(key.public_point(), [vec![4], hex("x"), hex("y")].concat());

        let e = sm2_digest(text(&vector, "id"), text(&vector, "msg"), &key.public_point()[1..]);
        let e = Residue::from_integer(&scalar::from_octets(&e));
        let d = scalar::from_octets(&hex("d"));
        let mut nonce = One(scalar::from_octets(&hex("k")));
        let signature = schemes::sm2::<params::Sm2, 4>(backend, &d, e, &mut nonce).unwrap();
        assert_eq!((signature.r(), signature.s()), (&*hex("r"), &*hex("s")));
    }
}

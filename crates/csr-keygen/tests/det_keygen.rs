//! The seed → key vectors of c2sp.org/det-keygen, on every backend.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests")]

mod common;

use base64ct::{Base64, Encoding};
use csr_keygen::curve::{self, Curve};
use csr_keygen::rsa::{self, ModulusSize};
use csr_keygen::{Backend, Error};
use pkcs8::der::Decode;

#[derive(serde::Deserialize)]
struct RsaVector {
    bits: u32,
    seed: String,
    private_key_pkcs8: String,
}

#[derive(serde::Deserialize)]
struct EcVector {
    curve: String,
    seed: String,
    private_key_pkcs8: String,
}

fn decode(text: &str) -> Vec<u8> {
    Base64::decode_vec(text).unwrap()
}

/// The bytes without leading zeros, as in a DER INTEGER.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

#[test]
fn rsa_keys_follow_from_their_seeds_on_every_backend() {
    let Some(text) = common::vectors("det-keygen-rsa.json", "rsa_keys_follow_from_their_seeds") else {
        return;
    };
    let vectors: Vec<RsaVector> = serde_json::from_str(&text).unwrap();
    assert!(!vectors.is_empty());
    for vector in &vectors {
        let size = match vector.bits {
            2048 => ModulusSize::Bits2048,
            3072 => ModulusSize::Bits3072,
            4096 => ModulusSize::Bits4096,
            bits => panic!("no size of {bits} bits"),
        };
        let document = decode(&vector.private_key_pkcs8);
        let info = pkcs8::PrivateKeyInfoRef::from_der(&document).unwrap();
        let expected = pkcs1::RsaPrivateKeyRef::from_der(info.private_key.as_bytes()).unwrap();
        for backend in Backend::available() {
            let key = rsa::from_seed_with(backend, size, &decode(&vector.seed)).unwrap();
            let name = backend.name();
            assert_eq!(key.modulus(), expected.modulus.as_bytes(), "n, {name}, seed {}", vector.seed);
            assert_eq!(key.p(), expected.prime1.as_bytes(), "p, {name}");
            assert_eq!(key.q(), expected.prime2.as_bytes(), "q, {name}");
            assert_eq!(trimmed(key.private_exponent()), expected.private_exponent.as_bytes(), "d, {name}");
            assert_eq!(trimmed(key.dp()), expected.exponent1.as_bytes(), "dP, {name}");
            assert_eq!(trimmed(key.dq()), expected.exponent2.as_bytes(), "dQ, {name}");
            assert_eq!(trimmed(key.q_inverse()), expected.coefficient.as_bytes(), "qInv, {name}");
        }
    }
}

#[test]
fn curve_scalars_follow_from_their_seeds() {
    let Some(text) = common::vectors("det-keygen-ecdsa.json", "curve_scalars_follow_from_their_seeds") else {
        return;
    };
    let vectors: Vec<EcVector> = serde_json::from_str(&text).unwrap();
    assert!(!vectors.is_empty());
    for vector in &vectors {
        let document = decode(&vector.private_key_pkcs8);
        let seed = decode(&vector.seed);
        let curve = match vector.curve.as_str() {
            "secp256r1" => Curve::P256,
            "secp384r1" => Curve::P384,
            curve => panic!("no curve {curve}"),
        };
        // ECPrivateKey: version 1, then the scalar as an OCTET STRING.
        let info = pkcs8::PrivateKeyInfoRef::from_der(&document).unwrap();
        let inner = info.private_key.as_bytes();
        let at = inner.windows(4).position(|w| w[..3] == [2, 1, 1] && w[3] == 4).unwrap() + 4;
        let expected = &inner[at + 1..=at + usize::from(inner[at])];
        for backend in Backend::available() {
            let key = curve::from_seed_with(backend, curve, &seed).unwrap();
            assert_eq!(key.scalar(), expected, "{}, seed {}", backend.name(), vector.seed);
        }
    }
}

/// The seed that the document names for the one rejection that occurs: the first draw is not below
/// n.
#[test]
fn p256_draws_again_if_the_first_draw_is_out_of_range() {
    let seed =
        [0xb4, 0x32, 0xf9, 0xbe, 0x30, 0x89, 0x04, 0x80, 0x29, 0x82, 0x18, 0x51, 0x05, 0x59, 0xae, 0xd7];
    let key = curve::from_seed(Curve::P256, &seed).unwrap();
    assert!(key.scalar()[..4] != [0xff; 4], "the first draw starts with 32 ones");
}

#[test]
fn short_seeds_are_refused() {
    for curve in [Curve::P256, Curve::P384] {
        assert!(matches!(curve::from_seed(curve, &[1; 15]), Err(Error::Seed(_))));
    }
    let error = rsa::from_seed(ModulusSize::Bits2048, &[1; 15]).unwrap_err();
    assert!(matches!(error, Error::Seed(_)));
}

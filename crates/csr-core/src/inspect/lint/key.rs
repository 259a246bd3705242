//! The public key.

use super::{Findings, Problem, Purpose, rule, weak_rsa};
use crate::asn1::bit_length;
use crate::public_key::{Key, PublicKey};

/// The largest public exponent, in bits.
const EXPONENT_BITS_MAX: u32 = 256;

pub(super) fn check(key: &PublicKey, purpose: Purpose, findings: &mut Findings) {
    let (sizes, min) = match purpose {
        Purpose::CodeSigning => (rule::CODE_SIGNING_KEY_SIZES, 3072),
        _ => (rule::KEY_SIZES, 2048),
    };
    let other = Problem::KeyAlgorithm { algorithm: key.algorithm() };
    match &key.key {
        Key::Rsa(_) => {}
        Key::RsaPss(_) if purpose == Purpose::TlsServer => findings.add(other, rule::KEY_IDENTIFIER),
        Key::RsaPss(_) => {}
        Key::P256(_) | Key::P384(_) | Key::P521(_) => return,
        // Mail and other purposes have other algorithms, too.
        Key::Ed25519(_) | Key::Other { .. } if purpose == Purpose::Other => return,
        Key::Ed25519(_) | Key::Other { .. } | Key::Sm2(_) => return findings.add(other, sizes),
    }
    let Some([modulus, exponent]) = key.rsa_numbers() else { return };
    let bits = bit_length(modulus);
    if bits < min {
        findings.add(Problem::RsaKeySize { bits, min }, sizes);
    }
    if !bits.is_multiple_of(8) {
        findings.add(Problem::RsaKeyBits { bits }, rule::KEY_SIZES);
    }
    let is_odd = exponent.last().is_some_and(|octet| octet & 1 == 1);
    if !is_odd || !(17..=EXPONENT_BITS_MAX).contains(&bit_length(exponent)) {
        findings.add(Problem::RsaExponent, rule::KEY_PARAMETERS);
    }
    if bits > weak_rsa::BITS_MAX {
        let problem = Problem::RsaKeyTooLarge { bits, max: weak_rsa::BITS_MAX };
        findings.add(problem, rule::WEAK_KEYS);
    } else if let Some(weakness) = weak_rsa::weakness(modulus) {
        findings.add(Problem::WeakRsaKey(weakness), rule::WEAK_KEYS);
    }
}

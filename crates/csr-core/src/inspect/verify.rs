//! Whether a signature holds.

mod ecdsa;
mod ed25519;
mod rsa;
mod sm2;
#[cfg(test)]
mod tests;

use serde::Serialize;

use super::algorithm::{AlgorithmIdentifier, Scheme};
use super::error::Part;
use super::public_key::{KeyKind, SubjectPublicKey};
use super::reader::Reader;
use crate::sm2_id::Sm2Identity;
use crate::tag;

/// What verifying a request's signature found.
///
/// Serialised as an object with `status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
#[non_exhaustive]
pub enum SignatureStatus {
    /// The holder of the private key signed this request.
    Valid {
        /// For SM2: the identity with which the signature holds.
        #[serde(skip_serializing_if = "Option::is_none")]
        sm2_identity: Option<Sm2Identity>,
    },
    /// The signature does not hold: it, the request or the key was changed, or it is of another algorithm than the
    /// key. For SM2 it may have been made with an identity that was not tried.
    Invalid {
        /// For SM2 with a given identity, with which the signature does not hold: the default or the empty identity,
        /// if it would hold with that.
        #[serde(skip_serializing_if = "Option::is_none")]
        holds_with: Option<Sm2Identity>,
    },
    /// It cannot be told: the algorithm or the size of the key is not supported.
    Unsupported {
        /// Which algorithm, in words.
        algorithm: String,
    },
}

impl SignatureStatus {
    pub(super) const INVALID: Self = Self::Invalid { holds_with: None };

    /// Whether the signature holds.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        matches!(self, Self::Valid { .. })
    }

    fn from_holds(holds: bool) -> Self {
        if holds { Self::Valid { sm2_identity: None } } else { Self::INVALID }
    }
}

/// Verifies `signature` over `message`; `sm2_identity` is the only one tried if it is given.
pub(super) fn verify_signature(
    key: &SubjectPublicKey,
    algorithm: &AlgorithmIdentifier,
    message: &[u8],
    signature: &[u8],
    sm2_identity: Option<&str>,
) -> SignatureStatus {
    let scheme = algorithm.scheme();
    let unsupported = |algorithm: String| SignatureStatus::Unsupported { algorithm };
    match (scheme, &key.kind) {
        (Scheme::Other, _) => unsupported(algorithm.signature_algorithm().name),
        (_, KeyKind::Other { name, .. }) => unsupported(name.clone()),
        (Scheme::Pkcs1(hash), KeyKind::Rsa) => rsa::verify_pkcs1(key, hash, message, signature),
        (Scheme::Pss(pss), KeyKind::Rsa | KeyKind::RsaPss) => rsa::verify_pss(key, pss, message, signature),
        (Scheme::Ecdsa(hash), KeyKind::P256) => {
            SignatureStatus::from_holds(ecdsa::holds::<p256::NistP256>(&key.key, hash, message, signature))
        }
        (Scheme::Ecdsa(hash), KeyKind::P384) => {
            SignatureStatus::from_holds(ecdsa::holds::<p384::NistP384>(&key.key, hash, message, signature))
        }
        (Scheme::Ecdsa(hash), KeyKind::P521) => {
            SignatureStatus::from_holds(ecdsa::holds::<p521::NistP521>(&key.key, hash, message, signature))
        }
        (Scheme::Ed25519, KeyKind::Ed25519) => {
            SignatureStatus::from_holds(ed25519::holds(&key.key, message, signature))
        }
        (Scheme::Sm2, KeyKind::Sm2) => sm2::verify(&key.key, message, signature, sm2_identity),
        (Scheme::Ecdsa(_), KeyKind::Sm2) | (Scheme::Sm2, KeyKind::P256 | KeyKind::P384 | KeyKind::P521) => {
            unsupported(format!("{} with a key of {}", algorithm.signature_algorithm().name, key.name()))
        }
        _ => SignatureStatus::INVALID,
    }
}

/// Whether the key is one of its algorithm, as far as that is known here.
pub(super) fn is_valid_key(key: &SubjectPublicKey) -> bool {
    match key.kind {
        KeyKind::Rsa | KeyKind::RsaPss => rsa::is_valid_key(key),
        KeyKind::P256 => p256::PublicKey::from_sec1_bytes(&key.key).is_ok(),
        KeyKind::P384 => p384::PublicKey::from_sec1_bytes(&key.key).is_ok(),
        KeyKind::P521 => p521::PublicKey::from_sec1_bytes(&key.key).is_ok(),
        KeyKind::Sm2 => ::sm2::PublicKey::from_sec1_bytes(&key.key).is_ok(),
        KeyKind::Ed25519 => ed25519::is_valid_key(&key.key),
        KeyKind::Other { .. } => true,
    }
}

/// r ‖ s in `width` bytes each, from strict DER `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 section 2.2.3,
/// GM/T 0009 section 7.3).
fn r_and_s(signature: &[u8], width: usize) -> Option<Vec<u8>> {
    let mut reader = Reader::new(Part::Signature, signature);
    let mut sequence = reader.nested(tag::SEQUENCE).ok()?;
    reader.finish().ok()?;
    let mut fixed = Vec::with_capacity(2 * width);
    for _ in 0..2 {
        let number = sequence.natural().ok()?;
        let padding = width.checked_sub(number.len())?;
        fixed.resize(fixed.len() + padding, 0);
        fixed.extend_from_slice(number);
    }
    sequence.finish().ok()?;
    Some(fixed)
}

//! Verification of a request's signature.

#[cfg(test)]
mod tests;

use ecdsa::elliptic_curve::array::ArraySize;
use ecdsa::elliptic_curve::array::typenum::Unsigned;
use ecdsa::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use ecdsa::elliptic_curve::{self, AffinePoint, CurveArithmetic, FieldBytesSize};
use ecdsa::signature::hazmat::PrehashVerifier;
use ecdsa::{EcdsaCurve, SignatureSize};
use rsa::Pkcs1v15Sign;
use rsa::traits::SignatureScheme;
use serde::Serialize;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::Digest;
use crate::algorithm::{AlgorithmIdentifier, Pss, Scheme};
use crate::asn1::Reader;
use crate::public_key::{Key, PublicKey, RsaKey, Unusable};
use crate::sm2_id::{Sm2Identity, sm2_digest};

/// The result of verifying a request's signature.
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
    /// The signature does not hold: it, the request or the key was changed, or the algorithms of key and signature differ.
    /// An SM2 signature may have been made with an identity that was not tried.
    Invalid {
        /// For SM2 with a given identity: the default or the empty identity, if the signature holds with that one
        /// instead.
        #[serde(skip_serializing_if = "Option::is_none")]
        holds_with: Option<Sm2Identity>,
    },
    /// The signature cannot be checked, because the algorithm or the size of the key is not supported.
    Unsupported {
        /// The name of the algorithm.
        algorithm: String,
    },
}

impl SignatureStatus {
    const INVALID: Self = Self::Invalid { holds_with: None };

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
pub(crate) fn verify_signature(
    key: &PublicKey,
    algorithm: &AlgorithmIdentifier,
    message: &[u8],
    signature: &[u8],
    sm2_identity: Option<&str>,
) -> SignatureStatus {
    let unsupported = |algorithm: String| SignatureStatus::Unsupported { algorithm };
    let holds = SignatureStatus::from_holds;
    match (algorithm.scheme(), &key.key) {
        (Scheme::Other, _) => unsupported(algorithm.signature_algorithm().name),
        (_, Key::Other { name, .. }) => unsupported(name.clone()),
        (Scheme::Pkcs1(hash), Key::Rsa(key)) => verify_rsa(key, |key| {
            let scheme = match hash {
                Digest::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
                Digest::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
                Digest::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
            };
            hash.of(message, |digest| scheme.verify(key, digest, signature)).is_ok()
        }),
        (Scheme::Pkcs1WithSha1, Key::Rsa(key)) => verify_rsa(key, |key| {
            Pkcs1v15Sign::new::<Sha1>().verify(key, &Sha1::digest(message), signature).is_ok()
        }),
        (Scheme::Pss(pss), Key::Rsa(key)) => verify_rsa(key, |key| pss_holds(key, pss, message, signature)),
        (Scheme::Pss(pss), Key::RsaPss(rsa)) if allows(&key.identifier, pss) => {
            verify_rsa(rsa, |key| pss_holds(key, pss, message, signature))
        }
        (Scheme::Ecdsa(hash), Key::P256(Some(key))) => holds(ecdsa_holds(key, hash, message, signature)),
        (Scheme::Ecdsa(hash), Key::P384(Some(key))) => holds(ecdsa_holds(key, hash, message, signature)),
        (Scheme::Ecdsa(hash), Key::P521(Some(key))) => holds(ecdsa_holds(key, hash, message, signature)),
        // RFC 8032 §5.1.7, refusing keys and points of small order, with which one signature fits many messages.
        (Scheme::Ed25519, Key::Ed25519(Some(key))) => {
            let signature = ed25519_dalek::Signature::from_slice(signature);
            holds(signature.is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()))
        }
        (Scheme::Sm2, Key::Sm2(Some(key))) => verify_sm2(key, message, signature, sm2_identity),
        (Scheme::Ecdsa(_), Key::Sm2(_)) | (Scheme::Sm2, Key::P256(_) | Key::P384(_) | Key::P521(_)) => {
            let signature = algorithm.signature_algorithm().name;
            unsupported(format!("{signature} with a key of {}", key.algorithm()))
        }
        _ => SignatureStatus::INVALID,
    }
}

fn verify_rsa(key: &RsaKey, holds: impl FnOnce(&rsa::PublicKey) -> bool) -> SignatureStatus {
    match &key.usable {
        Ok(key) => SignatureStatus::from_holds(holds(key)),
        Err(Unusable::Invalid) => SignatureStatus::INVALID,
        Err(Unusable::Unsupported(what)) => {
            SignatureStatus::Unsupported { algorithm: format!("RSA with {what}") }
        }
    }
}

/// Whether a key of id-RSASSA-PSS, which may restrict the parameters (RFC 4055 §3.3), allows these.
fn allows(key: &AlgorithmIdentifier, pss: Pss) -> bool {
    key.parameters.is_none()
        || key.pss().is_some_and(|key| key.hash == pss.hash && key.salt_len <= pss.salt_len)
}

/// RFC 8017 §8.1.2.
fn pss_holds(key: &rsa::PublicKey, pss: Pss, message: &[u8], signature: &[u8]) -> bool {
    let Pss { hash, salt_len } = pss;
    let verified = hash.of(message, |digest| match hash {
        Digest::Sha256 => rsa::Pss::<Sha256>::new_with_salt(salt_len).verify(key, digest, signature),
        Digest::Sha384 => rsa::Pss::<Sha384>::new_with_salt(salt_len).verify(key, digest, signature),
        Digest::Sha512 => rsa::Pss::<Sha512>::new_with_salt(salt_len).verify(key, digest, signature),
    });
    verified.is_ok()
}

/// FIPS 186-5 §6.4.2. The hash may be longer or shorter than the curve's order.
fn ecdsa_holds<C>(key: &elliptic_curve::PublicKey<C>, hash: Digest, message: &[u8], signature: &[u8]) -> bool
where
    C: EcdsaCurve + CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
    SignatureSize<C>: ArraySize,
{
    let key = ecdsa::VerifyingKey::<C>::from(*key);
    let fixed = r_and_s(signature, FieldBytesSize::<C>::USIZE);
    let Some(Ok(signature)) = fixed.map(|fixed| ecdsa::Signature::<C>::from_slice(&fixed)) else {
        return false;
    };
    hash.of(message, |digest| key.verify_prehash(digest, &signature)).is_ok()
}

/// GB/T 32918.2 §7.1, with the given identity, or else with the default one and then the empty one.
///
/// An identity that is too long for SM2 cannot have signed anything.
fn verify_sm2(
    key: &sm2::PublicKey,
    message: &[u8],
    signature: &[u8],
    identity: Option<&str>,
) -> SignatureStatus {
    let signature = r_and_s(signature, 32).and_then(|fixed| sm2::dsa::Signature::from_slice(&fixed).ok());
    // The verifier's own identity plays no part: it is given the finished digest.
    let (Some(signature), Ok(verifier)) = (signature, sm2::dsa::VerifyingKey::new("", *key)) else {
        return SignatureStatus::INVALID;
    };
    let point = key.to_sec1_point(false);
    let holds = |identity: &Sm2Identity| {
        verifier.verify_prehash(&sm2_digest(identity, point.as_bytes(), message), &signature).is_ok()
    };
    let usual = || [Sm2Identity::DEFAULT, Sm2Identity::EMPTY].into_iter().find(&holds);
    let Some(given) = identity else {
        return match usual() {
            Some(identity) => SignatureStatus::Valid { sm2_identity: Some(identity) },
            None => SignatureStatus::INVALID,
        };
    };
    match Sm2Identity::new(given) {
        Ok(given) if holds(&given) => SignatureStatus::Valid { sm2_identity: Some(given) },
        _ => SignatureStatus::Invalid { holds_with: usual() },
    }
}

/// r ‖ s in `width` bytes each, from strict DER `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279 §2.2.3, GM/T 0009 §7.3).
fn r_and_s(signature: &[u8], width: usize) -> Option<Vec<u8>> {
    let mut fixed = Vec::with_capacity(2 * width);
    for number in Reader::new(signature).two_naturals().ok()? {
        let padding = width.checked_sub(number.len())?;
        fixed.resize(fixed.len() + padding, 0);
        fixed.extend_from_slice(number);
    }
    Some(fixed)
}

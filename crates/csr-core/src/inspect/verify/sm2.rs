use ::sm2::PublicKey;
use ::sm2::dsa::signature::hazmat::PrehashVerifier;
use ::sm2::dsa::{Signature, VerifyingKey};
use ::sm2::elliptic_curve::sec1::ToSec1Point;

use super::{SignatureStatus, r_and_s};
use crate::sm2_id::{Sm2Identity, sm2_digest};

/// GB/T 32918.2 section 7.1, with the given identity, or else with the default one and then the empty one.
///
/// An identity that is too long for SM2 cannot have signed anything.
pub(super) fn verify(
    point: &[u8],
    message: &[u8],
    signature: &[u8],
    identity: Option<&str>,
) -> SignatureStatus {
    let (Ok(key), Some(fixed)) = (PublicKey::from_sec1_bytes(point), r_and_s(signature, 32)) else {
        return SignatureStatus::INVALID;
    };
    // The verifier's own identity plays no part: it is given the finished digest.
    let (Ok(signature), Ok(verifier)) = (Signature::from_slice(&fixed), VerifyingKey::new("", key)) else {
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

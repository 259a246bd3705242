use ::ecdsa::elliptic_curve::array::ArraySize;
use ::ecdsa::elliptic_curve::array::typenum::Unsigned;
use ::ecdsa::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use ::ecdsa::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize};
use ::ecdsa::signature::hazmat::PrehashVerifier;
use ::ecdsa::{EcdsaCurve, Signature, SignatureSize, VerifyingKey};
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::r_and_s;
use crate::inspect::algorithm::Hash;

/// FIPS 186-5 section 6.4.2. The hash may be longer or shorter than the curve's order.
pub(super) fn holds<C>(point: &[u8], hash: Hash, message: &[u8], signature: &[u8]) -> bool
where
    C: EcdsaCurve + CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
    SignatureSize<C>: ArraySize,
{
    let Ok(key) = VerifyingKey::<C>::from_sec1_bytes(point) else { return false };
    let Some(Ok(signature)) =
        r_and_s(signature, FieldBytesSize::<C>::USIZE).map(|fixed| Signature::<C>::from_slice(&fixed))
    else {
        return false;
    };
    let verify = |digest: &[u8]| key.verify_prehash(digest, &signature).is_ok();
    match hash {
        Hash::Sha1 => false,
        Hash::Sha256 => verify(&Sha256::digest(message)),
        Hash::Sha384 => verify(&Sha384::digest(message)),
        Hash::Sha512 => verify(&Sha512::digest(message)),
    }
}

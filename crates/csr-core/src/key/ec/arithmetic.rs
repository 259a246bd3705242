//! Scalars and points over RustCrypto's curves: a key, its public point, a signature.

use elliptic_curve::ops::Reduce;
use elliptic_curve::point::AffineCoordinates;
use elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use elliptic_curve::{
    AffinePoint, Curve as _, CurveArithmetic, FieldBytesSize, Generate, Group, PrimeField, SecretKey,
};
use p256::NistP256;
use p384::NistP384;
use rand_core::TryCryptoRng;
use sha2::{Sha256, Sha384};
use sm2::{ProjectivePoint, Scalar, Sm2};
use sm3::Sm3;
use zeroize::{Zeroize, Zeroizing};

use super::Curve;
use crate::Error;

type Secret = Zeroizing<Vec<u8>>;

/// A random scalar and its public point: FIPS 186-5 A.2.2 (rejection), GB/T 32918.1 §6.1 for SM2.
pub(super) fn generate<R: TryCryptoRng + ?Sized>(
    curve: Curve,
    rng: &mut R,
) -> Result<(Secret, Vec<u8>), Error> {
    loop {
        let secret = match curve {
            Curve::P256 => random_scalar::<NistP256, R>(rng)?,
            Curve::P384 => random_scalar::<NistP384, R>(rng)?,
            Curve::Sm2 => random_scalar::<Sm2, R>(rng)?,
        };
        if let Some(point) = public_point(curve, &secret) {
            return Ok((secret, point));
        }
    }
}

fn random_scalar<C: elliptic_curve::Curve, R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Secret, Error> {
    let key = SecretKey::<C>::try_generate_from_rng(rng).map_err(Error::random_source)?;
    Ok(to_secret(key.to_bytes()))
}

fn to_secret(mut octets: impl AsRef<[u8]> + Zeroize) -> Secret {
    let secret = Zeroizing::new(octets.as_ref().to_vec());
    octets.zeroize();
    secret
}

/// d·G, uncompressed; `None` when d is not in [1, n−1], for SM2 [1, n−2].
pub(super) fn public_point(curve: Curve, secret: &[u8]) -> Option<Vec<u8>> {
    match curve {
        Curve::P256 => multiply_generator::<NistP256>(secret),
        Curve::P384 => multiply_generator::<NistP384>(secret),
        Curve::Sm2 => {
            // 1 + d must be invertible.
            let d = sm2_scalar(secret)?;
            if (*d + Scalar::ONE).is_zero().into() { None } else { multiply_generator::<Sm2>(secret) }
        }
    }
}

fn multiply_generator<C>(secret: &[u8]) -> Option<Vec<u8>>
where
    C: CurveArithmetic,
    FieldBytesSize<C>: ModulusSize,
    AffinePoint<C>: ToSec1Point<C> + FromSec1Point<C>,
{
    let key = SecretKey::<C>::from_slice(secret).ok()?;
    Some(key.public_key().to_sec1_point(false).as_bytes().to_vec())
}

/// r and s over a digest, with a nonce of RFC 6979 §3.6: derived from the key and the digest, with fresh
/// randomness added. A stuck random source still gives distinct nonces for distinct messages.
pub(super) fn sign<R: TryCryptoRng + ?Sized>(
    curve: Curve,
    secret: &[u8],
    digest: &[u8],
    rng: &mut R,
) -> Result<(Vec<u8>, Vec<u8>), Error> {
    let mut added = Zeroizing::new([0; 32]);
    rng.try_fill_bytes(&mut *added).map_err(Error::random_source)?;
    let signature = match curve {
        Curve::P256 => ecdsa_sign::<NistP256, Sha256>(secret, digest, &*added),
        Curve::P384 => ecdsa_sign::<NistP384, Sha384>(secret, digest, &*added),
        Curve::Sm2 => sm2_sign(secret, digest, &*added),
    };
    signature.ok_or(Error::FaultySignature)
}

/// FIPS 186-5 §6.4.1.
fn ecdsa_sign<C, D>(secret: &[u8], digest: &[u8], added: &[u8]) -> Option<(Vec<u8>, Vec<u8>)>
where
    C: ecdsa::EcdsaCurve + CurveArithmetic,
    D: sha2::Digest + sha2::digest::block_api::BlockSizeUser,
    ecdsa::SignatureSize<C>: elliptic_curve::array::ArraySize,
{
    let key = SecretKey::<C>::from_slice(secret).ok()?;
    let mut d = key.to_nonzero_scalar();
    let (signature, _) = ecdsa::hazmat::sign_prehashed_rfc6979::<C, D>(&d, digest, added);
    d.zeroize();
    let (r, s) = signature.split_bytes();
    Some((r.to_vec(), s.to_vec()))
}

/// GB/T 32918.2 §6.1; a nonce that gives no signature is replaced by the next.
fn sm2_sign(secret: &[u8], digest: &[u8], added: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let d = sm2_scalar(secret)?;
    let e = Scalar::reduce(&sm2::FieldBytes::try_from(digest).ok()?);
    let order = Sm2::ORDER;
    let mut nonces = rfc6979::KGenerator::<Sm3, sm2::U256>::new(secret, &e.to_repr(), added, &order);
    let mut octets = Zeroizing::new(sm2::FieldBytes::default());
    loop {
        nonces.fill_next_k(&mut octets);
        let k = sm2_scalar(&octets)?;
        if let Some(signature) = sm2_sign_with_nonce(&d, &e, &k) {
            return Some(signature);
        }
    }
}

/// Steps A4 to A6: r = e + x1, s = (1 + d)⁻¹·(k − r·d). `None` when r = 0, r + k = n or s = 0.
fn sm2_sign_with_nonce(d: &Scalar, e: &Scalar, k: &Scalar) -> Option<(Vec<u8>, Vec<u8>)> {
    let inverse = Zeroizing::new((d + &Scalar::ONE).invert().into_option()?);
    let r = e + &Scalar::reduce(&ProjectivePoint::mul_by_generator(k).to_affine().x());
    let s = *inverse * (k - &(r * d));
    let unusable = r.is_zero() | (r + k).is_zero() | s.is_zero();
    if unusable.into() { None } else { Some((r.to_repr().to_vec(), s.to_repr().to_vec())) }
}

fn sm2_scalar(secret: &[u8]) -> Option<Zeroizing<Scalar>> {
    let octets = Zeroizing::new(sm2::FieldBytes::try_from(secret).ok()?);
    Scalar::from_repr(*octets).into_option().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sm2_id::{Sm2Identity, sm2_digest};

    /// GB/T 32918.5 Annex A.
    #[test]
    fn sm2_signature_of_the_standard() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors/sm2_gbt32918_5.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            assert!(std::env::var_os("CSR_REQUIRE_VECTORS").is_none(), "the shared vectors are missing");
            eprintln!("NOT RUN: sm2_gbt32918_5.json is not there");
            return;
        };
        let vector: serde_json::Value = serde_json::from_str(&text).unwrap();
        let text = |name: &str| vector[name].as_str().unwrap();
        let octets = |name: &str| hex::mixed::decode_vec(text(name)).unwrap();
        let point = [&[4][..], &octets("x"), &octets("y")].concat();
        assert_eq!(public_point(Curve::Sm2, &octets("d")).unwrap(), point);

        let identity = Sm2Identity::new(text("id")).unwrap();
        let digest = sm2_digest(&identity, &point, text("msg").as_bytes());
        let (d, k) = (sm2_scalar(&octets("d")).unwrap(), sm2_scalar(&octets("k")).unwrap());
        let e = *sm2_scalar(&digest).unwrap();
        assert_eq!(sm2_sign_with_nonce(&d, &e, &k).unwrap(), (octets("r"), octets("s")));
    }
}

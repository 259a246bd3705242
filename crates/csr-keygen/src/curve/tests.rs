//! One suite for every backend, with RustCrypto's crates as oracles.

mod arithmetic;
#[cfg(target_arch = "x86_64")]
mod exceptional;
mod keys;
mod multiples;
mod nonces;
mod signatures;
mod vectors;

use chacha20::ChaCha20Rng;
use p256::elliptic_curve::{
    AffinePoint, CurveArithmetic, FieldBytesSize, PrimeField, ProjectivePoint, Scalar,
    group::{Curve as _, Group},
    sec1::{FromSec1Point, ModulusSize, ToSec1Point},
};
use rand_core::{Rng, SeedableRng};

use super::*;

const CURVES: [Curve; 3] = Curve::ALL;

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn random_octets(rng: &mut ChaCha20Rng, len: usize) -> Vec<u8> {
    let mut octets = vec![0; len];
    rng.fill_bytes(&mut octets);
    octets
}

/// The number of rounds of a long run, from `CSR_ROUNDS`.
fn rounds(default: usize) -> usize {
    std::env::var("CSR_ROUNDS").map_or(default, |count| count.parse().unwrap())
}

/// d·G as an uncompressed point, by RustCrypto. `None` if d is not below n.
fn oracle_point(curve: Curve, scalar: &[u8]) -> Option<Vec<u8>> {
    fn point<C>(scalar: &[u8]) -> Option<Vec<u8>>
    where
        C: CurveArithmetic,
        AffinePoint<C>: ToSec1Point<C> + FromSec1Point<C>,
        FieldBytesSize<C>: ModulusSize,
    {
        let mut repr = p256::elliptic_curve::FieldBytes::<C>::default();
        repr.copy_from_slice(scalar);
        let scalar = Scalar::<C>::from_repr(repr).into_option()?;
        let point = ProjectivePoint::<C>::generator() * scalar;
        Some(point.to_affine().to_sec1_point(false).as_bytes().to_vec())
    }
    match curve {
        Curve::P256 => point::<p256::NistP256>(scalar),
        Curve::P384 => point::<p384::NistP384>(scalar),
        Curve::Sm2 => point::<sm2::Sm2>(scalar),
    }
}

/// n, most significant octet first, as the standards print it.
fn order(curve: Curve) -> Vec<u8> {
    let hex = match curve {
        Curve::P256 => "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        Curve::P384 => {
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973"
        }
        Curve::Sm2 => "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123",
    };
    unhex(hex)
}

fn unhex(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|i| u8::from_str_radix(&hex[i..i + 2], 16).unwrap()).collect()
}

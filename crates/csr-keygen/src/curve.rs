//! Keys and signatures on P-256, P-384 and SM2.
//!
//! ```
//! use csr_keygen::curve::{self, Curve};
//!
//! let key = curve::generate(Curve::P256, &mut getrandom::SysRng)?;
//! assert_eq!(key.public_point().len(), 65);
//!
//! let digest = [0x5a; 32]; // SHA-256 of a message
//! let signature = key.sign_digest(&digest, &mut getrandom::SysRng)?;
//! assert_eq!(signature.r().len(), 32);
//! # Ok::<(), csr_keygen::Error>(())
//! ```
//!
//! A key and a signature each take one multiple of the base point, d·G or k·G, and an inversion:
//!
//! ```text
//! key         scalar (draw, range) → comb (k·G) → point (affine) → key_pair (check)
//! signature   scalar (nonce as RFC 6979, hedged) → comb (k·G) → x → signature (ECDSA, SM2)
//!
//! comb        windows (signed odd digits, tables) → point (XYZZ additions); ifma (the same in eight lanes)
//! arithmetic  residue (modulo p and n), inversion (safegcd)
//! ```
//!
//! Nothing branches on a secret or indexes by one. `ct` marks scalars as secret where they are
//! drawn or imported, and the outputs of the algorithms as public;
//! `examples/curve_constant_time.rs` runs whole key generations and signatures under these marks.

mod comb;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod inversion;
mod key_pair;
mod params;
mod point;
mod residue;
mod scalar;
mod signature;
mod windows;

use rand_core::TryCryptoRng;

pub use key_pair::CurveKey;
pub use params::Curve;
pub use signature::Signature;

use crate::drbg::{self, DetKeygen};
use crate::random::fill;
use crate::{Backend, Error, stack};
use params::on_curve;

/// Generates a key: a uniform scalar from fresh draws of `rng` (FIPS 186-5 A.2.2, GB/T 32918.1
/// §6.1) and its public point, which is checked to be on the curve.
///
/// # Errors
///
/// [`Error::RandomSource`] if `rng` fails, [`Error::NoScalar`] if it yields nothing in range,
/// [`Error::KeyCheck`] if the point is wrong (a hardware fault). No key is returned then.
pub fn generate<R: TryCryptoRng + ?Sized>(curve: Curve, rng: &mut R) -> Result<CurveKey, Error> {
    generate_with(Backend::default(), curve, rng)
}

/// [`generate`] on a chosen backend: the same key from the same `rng`.
///
/// # Errors
///
/// As [`generate`].
pub fn generate_with<R: TryCryptoRng + ?Sized>(
    backend: Backend,
    curve: Curve,
    rng: &mut R,
) -> Result<CurveKey, Error> {
    curve.wiped(|| on_curve!(curve, key_pair::draw, backend, curve, |octets: &mut [u8]| fill(rng, octets)))
}

/// Generates `count` keys, those that as many calls of [`generate`] would draw. Eight at once share
/// the arithmetic: with [`Backend::Ifma`] that takes half the time of single keys.
///
/// # Errors
///
/// As [`generate`]. After one failure no key is returned.
pub fn generate_batch<R: TryCryptoRng + ?Sized>(
    curve: Curve,
    count: usize,
    rng: &mut R,
) -> Result<Vec<CurveKey>, Error> {
    generate_batch_with(Backend::default(), curve, count, rng)
}

/// [`generate_batch`] on a chosen backend: the same keys from the same `rng`.
///
/// # Errors
///
/// As [`generate_batch`].
pub fn generate_batch_with<R: TryCryptoRng + ?Sized>(
    backend: Backend,
    curve: Curve,
    count: usize,
    rng: &mut R,
) -> Result<Vec<CurveKey>, Error> {
    stack::wiped::<{ stack::BATCH }, _>(|| {
        let fill = |octets: &mut [u8]| fill(rng, octets);
        on_curve!(curve, key_pair::draw_batch, backend, curve, count, fill)
    })
}

/// Derives the private key of a seed, by c2sp.org/det-keygen. Anyone who knows the seed knows the
/// key.
///
/// # Errors
///
/// [`Error::Seed`] for a seed of less than 16 octets, and for SM2, which that document does not
/// cover.
pub fn from_seed(curve: Curve, seed: &[u8]) -> Result<CurveKey, Error> {
    from_seed_with(Backend::default(), curve, seed)
}

/// [`from_seed`] on a chosen backend: the same key.
///
/// # Errors
///
/// As [`from_seed`].
pub fn from_seed_with(backend: Backend, curve: Curve, seed: &[u8]) -> Result<CurveKey, Error> {
    let personalization: &[u8] = match curve {
        Curve::P256 => b"det ECDSA key gen P-256",
        Curve::P384 => b"det ECDSA key gen P-384",
        Curve::Sm2 => return Err(Error::Seed("det-keygen does not cover SM2")),
    };
    drbg::check_seed(seed)?;
    curve.wiped(|| {
        let mut drbg = DetKeygen::new(&[seed, personalization]);
        let fill = |octets: &mut [u8]| {
            drbg.generate(octets);
            Ok(())
        };
        on_curve!(curve, key_pair::draw, backend, curve, fill)
    })
}

/// The key of an existing private scalar of [`Curve::octets`] octets, most significant first.
///
/// # Errors
///
/// [`Error::InvalidScalar`] if it has another length or is out of range: 1 ≤ d ≤ n−1, for SM2 1 ≤
/// d ≤ n−2.
pub fn from_scalar(curve: Curve, scalar: &[u8]) -> Result<CurveKey, Error> {
    from_scalar_with(Backend::default(), curve, scalar)
}

/// [`from_scalar`] on a chosen backend: the same key.
///
/// # Errors
///
/// As [`from_scalar`].
pub fn from_scalar_with(backend: Backend, curve: Curve, scalar: &[u8]) -> Result<CurveKey, Error> {
    curve.wiped(|| on_curve!(curve, key_pair::import, backend, curve, scalar))
}

#[cfg(test)]
mod tests;

//! Keys and signatures on P-256, P-384 and SM2.
//!
//! ```
//! use csr_keygen::curve::{self, Curve};
//!
//! let key = curve::generate(Curve::P256, &mut getrandom::SysRng)?;
//! assert_eq!(key.public_point().len(), 65);
//!
//! let digest = [0x5a; 32]; // SHA-256 of a message
//! let signature = curve::sign(Curve::P256, key.scalar(), &digest, &mut getrandom::SysRng)?;
//! assert_eq!(signature.r().len(), 32);
//! # Ok::<(), csr_keygen::Error>(())
//! ```
//!
//! A key and a signature are each one multiple of the base point, d·G and k·G, and an inversion:
//!
//! ```text
//! key     scalar::draw → Backend::base_multiple → affine → check → CurveKey
//! sign    nonce (as RFC 6979, hedged) → Backend::base_multiple → x → sign::ecdsa, sign::sm2
//!
//! base_multiple    recode (signed odd digits) → tables (constant-time reads) → point (XYZZ additions)
//! arithmetic       mont (residues modulo p and n), safegcd (inverses)
//! ```
//!
//! Nothing branches on a secret or indexes by one. `crate::ct` marks scalars as secret where they are drawn or imported, and
//! what an algorithm publishes as public; `examples/curve_constant_time.rs` runs whole key generations and signatures over that.

mod engine;
#[cfg(target_arch = "x86_64")]
mod ifma;
mod key;
mod mont;
mod nonce;
mod params;
mod point;
mod portable;
mod recode;
mod reduction;
mod safegcd;
mod scalar;
mod sign;
mod tables;

use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

pub use key::CurveKey;
pub use sign::Signature;

use crate::drbg::DetKeygen;
use crate::{Backend, Error, stack};

/// The curves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    /// NIST P-256 (secp256r1), signing with ECDSA and SHA-256.
    P256,
    /// NIST P-384 (secp384r1), signing with ECDSA and SHA-384.
    P384,
    /// The curve of GB/T 32918.5 (sm2p256v1), signing with SM2 and SM3.
    Sm2,
}

impl Curve {
    /// The octets of a private scalar, of a coordinate, of r and of s, and of the digest that is signed.
    #[must_use]
    pub const fn octets(self) -> usize {
        match self {
            Self::P256 | Self::Sm2 => 32,
            Self::P384 => 48,
        }
    }
}

/// Calls a function that is generic over the curve.
macro_rules! on_curve {
    ($curve:expr, $function:path, $($argument:expr),*) => {{
        use $function as function;
        match $curve {
            Curve::P256 => function::<params::P256, 4>($($argument),*),
            Curve::P384 => function::<params::P384, 6>($($argument),*),
            Curve::Sm2 => function::<params::Sm2, 4>($($argument),*),
        }
    }};
}

/// Runs what makes one key or signature, and wipes the stack that it took.
fn wiped<T>(curve: Curve, f: impl FnOnce() -> T) -> T {
    match curve {
        Curve::P256 | Curve::Sm2 => stack::wiped::<{ stack::SHALLOW }, _>(f),
        Curve::P384 => stack::wiped::<{ stack::MIDDLE }, _>(f),
    }
}

/// Generates a key: a uniform scalar from fresh draws of `rng` (FIPS 186-5 A.2.2, GB/T 32918.1 §6.1), its public
/// point, checked to be on the curve.
///
/// # Errors
///
/// [`Error::RandomSource`] when `rng` fails, [`Error::NoScalar`] when it yields nothing in range,
/// [`Error::KeyCheck`] when the point is wrong (a hardware fault). There is no key then.
pub fn generate<R: TryCryptoRng + ?Sized>(curve: Curve, rng: &mut R) -> Result<CurveKey, Error> {
    generate_with(Backend::default(), curve, rng)
}

/// [`generate`] on a backend of the caller's choice: the same key from the same `rng`.
///
/// # Errors
///
/// As [`generate`].
pub fn generate_with<R: TryCryptoRng + ?Sized>(
    backend: Backend,
    curve: Curve,
    rng: &mut R,
) -> Result<CurveKey, Error> {
    wiped(curve, || {
        on_curve!(curve, key::draw, backend, curve, |octets: &mut [u8]| scalar::fill(rng, octets))
    })
}

/// Generates `count` keys, the same ones that as many calls of [`generate`] would draw: eight at once share the
/// arithmetic. On `backend`, [`Backend::default`] for the usual one; [`Backend::Ifma`] takes half the time of single
/// keys.
///
/// # Errors
///
/// As [`generate`]; then there are no keys at all.
pub fn generate_batch<R: TryCryptoRng + ?Sized>(
    backend: Backend,
    curve: Curve,
    count: usize,
    rng: &mut R,
) -> Result<Vec<CurveKey>, Error> {
    stack::wiped::<{ stack::DEEP }, _>(|| {
        let fill = |octets: &mut [u8]| scalar::fill(rng, octets);
        on_curve!(curve, key::draw_batch, backend, curve, count, fill)
    })
}

/// The key that c2sp.org/det-keygen makes of a seed: the same one on every backend ([`Backend::default`] is the usual
/// one). Who knows the seed knows the key.
///
/// # Errors
///
/// [`Error::Seed`] when the seed is shorter than 16 octets, or the curve is SM2, which that document leaves out.
pub fn from_seed(backend: Backend, curve: Curve, seed: &[u8]) -> Result<CurveKey, Error> {
    let personalization: &[u8] = match curve {
        Curve::P256 => b"det ECDSA key gen P-256",
        Curve::P384 => b"det ECDSA key gen P-384",
        Curve::Sm2 => return Err(Error::Seed("det-keygen leaves SM2 out")),
    };
    if seed.len() < crate::MIN_SEED_OCTETS {
        return Err(Error::Seed(crate::SHORT_SEED));
    }
    wiped(curve, || {
        let mut drbg = DetKeygen::new(&[seed, personalization]);
        let fill = |octets: &mut [u8]| {
            drbg.generate(octets);
            Ok(())
        };
        on_curve!(curve, key::draw, backend, curve, fill)
    })
}

/// The key of an existing private scalar: [`Curve::octets`] octets, most significant first.
///
/// # Errors
///
/// [`Error::InvalidScalar`] when the length is another or the scalar out of range: 1 ≤ d ≤ n−1, for SM2
/// 1 ≤ d ≤ n−2.
pub fn from_scalar(curve: Curve, scalar: &[u8]) -> Result<CurveKey, Error> {
    from_scalar_with(Backend::default(), curve, scalar)
}

/// [`from_scalar`] on a backend of the caller's choice.
///
/// # Errors
///
/// As [`from_scalar`].
pub fn from_scalar_with(backend: Backend, curve: Curve, scalar: &[u8]) -> Result<CurveKey, Error> {
    wiped(curve, || on_curve!(curve, key::import, backend, curve, scalar))
}

/// Signs a digest: ECDSA on SHA-256 (P-256) or SHA-384 (P-384), SM2 on e = SM3(ZA ‖ M).
///
/// The nonce comes from the key, the digest and 32 octets of `rng`, by RFC 6979's process over HMAC-SHA-256. A
/// source that repeats itself still gives distinct nonces for distinct digests.
///
/// # Errors
///
/// [`Error::InvalidScalar`] as for [`from_scalar`], [`Error::DigestLength`] when the digest is not of
/// [`Curve::octets`] octets, [`Error::RandomSource`] when `rng` fails.
pub fn sign<R: TryCryptoRng + ?Sized>(
    curve: Curve,
    scalar: &[u8],
    digest: &[u8],
    rng: &mut R,
) -> Result<Signature, Error> {
    sign_with(Backend::default(), curve, scalar, digest, rng)
}

/// [`sign`] on a backend of the caller's choice: the same signature from the same `rng`.
///
/// # Errors
///
/// As [`sign`].
pub fn sign_with<R: TryCryptoRng + ?Sized>(
    backend: Backend,
    curve: Curve,
    scalar: &[u8],
    digest: &[u8],
    rng: &mut R,
) -> Result<Signature, Error> {
    wiped(curve, || {
        let mut added = Zeroizing::new([0; nonce::ADDED]);
        scalar::fill(rng, &mut *added)?;
        on_curve!(curve, sign::sign_digest, backend, scalar, digest, &*added)
    })
}

#[cfg(test)]
mod tests;

//! The choice between the implementations of k·G, and what runs on the chosen one.

use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

#[cfg(target_arch = "x86_64")]
use super::ifma::Ifma;
use super::mont::{Modulus, Residue};
use super::nonce::{self, Nonces};
use super::params::{self, CurveParams, Scalar, Scheme};
use super::point::Xyzz;
use super::safegcd::Masks;
#[cfg(target_arch = "x86_64")]
use super::safegcd::Moves;
use super::{Curve, CurveKey, Signature, key, portable, scalar, sign};
use crate::Error;
#[cfg(target_arch = "x86_64")]
use crate::ct;
use crate::drbg::DetKeygen;

/// An implementation of k·G. A value exists only where the processor can run it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backend(Kind);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Ifma(Ifma),
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

impl Backend {
    /// The fastest one that this processor runs.
    #[must_use]
    pub fn best() -> Self {
        Self::ifma().unwrap_or(Self::portable())
    }

    /// AVX-512 IFMA; `None` where the processor lacks it.
    #[must_use]
    pub fn ifma() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        {
            Ifma::new().map(|ifma| Self(Kind::Ifma(ifma)))
        }
        #[cfg(not(target_arch = "x86_64"))]
        {
            None
        }
    }

    /// Safe Rust on any processor.
    #[must_use]
    pub const fn portable() -> Self {
        Self(Kind::Portable)
    }

    /// [`super::generate`] on this backend.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn generate<R: TryCryptoRng + ?Sized>(self, curve: Curve, rng: &mut R) -> Result<CurveKey, Error> {
        on_curve!(curve, key::draw, self, curve, |octets: &mut [u8]| scalar::fill(rng, octets))
    }

    /// [`super::generate_many`] on this backend.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn generate_many<R: TryCryptoRng + ?Sized>(
        self,
        curve: Curve,
        count: usize,
        rng: &mut R,
    ) -> Result<Vec<CurveKey>, Error> {
        on_curve!(curve, key::draw_many, self, curve, count, |octets: &mut [u8]| scalar::fill(rng, octets))
    }

    /// [`super::from_seed`] on this backend.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn from_seed(self, curve: Curve, seed: &[u8]) -> Result<CurveKey, Error> {
        let personalization: &[u8] = match curve {
            Curve::P256 => b"det ECDSA key gen P-256",
            Curve::P384 => b"det ECDSA key gen P-384",
            Curve::Sm2 => return Err(Error::Seed("det-keygen leaves SM2 out")),
        };
        if seed.len() < crate::MIN_SEED_OCTETS {
            return Err(Error::Seed(crate::SHORT_SEED));
        }
        let mut drbg = DetKeygen::new(&[seed, personalization]);
        let fill = |octets: &mut [u8]| {
            drbg.generate(octets);
            Ok(())
        };
        on_curve!(curve, key::draw, self, curve, fill)
    }

    /// [`super::from_scalar`] on this backend.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn from_scalar(self, curve: Curve, scalar: &[u8]) -> Result<CurveKey, Error> {
        on_curve!(curve, key::import, self, curve, scalar)
    }

    /// [`super::sign`] on this backend.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn sign<R: TryCryptoRng + ?Sized>(
        self,
        curve: Curve,
        scalar: &[u8],
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Signature, Error> {
        let mut added = Zeroizing::new([0; nonce::ADDED]);
        scalar::fill(rng, &mut *added)?;
        on_curve!(curve, sign_with, self, scalar, digest, &*added)
    }

    /// Eight multiples at once.
    pub(super) fn base_multiples<C: CurveParams<N>, const N: usize>(
        self,
        scalars: &[[u64; N]; 8],
    ) -> [Xyzz<C::Field, N>; 8] {
        match self.0 {
            Kind::Portable => scalars.each_ref().map(|k| portable::mul_base::<C, N>(k)),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(ifma) => {
                let mut points = C::base_multiples(ifma, scalars);
                for (point, k) in points.iter_mut().zip(scalars) {
                    if ct::public(point.zz.zero_mask()) != 0 {
                        *point = portable::mul_base::<C, N>(k);
                    }
                }
                points
            }
        }
    }

    /// k·G for 1 ≤ k < n.
    pub(super) fn base_multiple<C: CurveParams<N>, const N: usize>(self, k: &[u64; N]) -> Xyzz<C::Field, N> {
        match self.0 {
            Kind::Portable => portable::mul_base::<C, N>(k),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(ifma) => {
                let point = C::base_multiple(ifma, k);
                if ct::public(point.zz.zero_mask()) != 0 { portable::mul_base::<C, N>(k) } else { point }
            }
        }
    }

    /// x⁻¹, and 0 for x = 0.
    pub(super) fn invert<M: Modulus<N>, const N: usize>(self, x: Residue<M, N>) -> Residue<M, N> {
        match self.0 {
            Kind::Portable => x.invert::<Masks>(),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(_) => x.invert::<Moves>(),
        }
    }

    /// x⁻¹ and y⁻¹, each modulo its own prime.
    pub(super) fn invert_both<M: Modulus<N>, O: Modulus<N>, const N: usize>(
        self,
        x: Residue<M, N>,
        y: Residue<O, N>,
    ) -> (Residue<M, N>, Residue<O, N>) {
        match self.0 {
            Kind::Portable => x.invert_both::<Masks, O>(y),
            #[cfg(target_arch = "x86_64")]
            Kind::Ifma(_) => x.invert_both::<Moves, O>(y),
        }
    }
}

/// Signs with RFC 6979's nonces and the randomness `added` to them, if any.
pub(super) fn sign_with<C: CurveParams<N>, const N: usize>(
    backend: Backend,
    scalar: &[u8],
    digest: &[u8],
    added: &[u8],
) -> Result<Signature, Error> {
    if digest.len() != 8 * N {
        return Err(Error::DigestLength { expected: 8 * N, actual: digest.len() });
    }
    let d = key::parse::<C, N>(scalar)?;
    let e = Scalar::<C, N>::from_integer(&scalar::from_octets(digest));
    let mut nonces = Nonces::<C::NonceMac>::new(&d, &e.to_integer(), added);
    match C::SCHEME {
        Scheme::Ecdsa => sign::ecdsa::<C, N>(backend, &d, e, &mut nonces),
        Scheme::Sm2 => sign::sm2::<C, N>(backend, &d, e, &mut nonces),
    }
}

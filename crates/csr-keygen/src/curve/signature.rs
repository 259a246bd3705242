//! Signatures: ECDSA (FIPS 186-5 §6.4.1) and SM2 (GB/T 32918.2 §6.1).
//!
//! Both are generic over the source of nonces, so that the retries can be tested: a nonce that
//! gives r = 0 or s = 0 (or r + k = n for SM2) is discarded, and the next one is drawn.

use core::fmt;

use rand_core::TryCryptoRng;
use zeroize::{Zeroize, Zeroizing};

use crate::curve::key_pair::CurveKey;
use crate::curve::params::{CurveParams, Scalar, Scheme, on_curve};
use crate::curve::residue::Residue;
use crate::curve::scalar::{self, ADDED, MAX_OCTETS, NonceMac, NonceSource, Nonces};
use crate::drbg::DrbgMac;
use crate::random::fill;
use crate::{Backend, Error, ct};

/// A signature: r and s, each as long as the order, most significant octet first.
#[derive(Clone, PartialEq, Eq)]
pub struct Signature {
    octets: [[u8; MAX_OCTETS]; 2],
    len: usize,
}

impl Signature {
    fn new<const N: usize>(r: &[u64; N], s: &[u64; N]) -> Self {
        let mut octets = [[0; MAX_OCTETS]; 2];
        scalar::to_octets(r, &mut octets[0]);
        scalar::to_octets(s, &mut octets[1]);
        Self { octets, len: 8 * N }
    }

    /// r, of 32 octets (P-256, SM2) or 48 (P-384).
    #[must_use]
    pub fn r(&self) -> &[u8] {
        &self.octets[0][..self.len]
    }

    /// s, as long as r.
    #[must_use]
    pub fn s(&self) -> &[u8] {
        &self.octets[1][..self.len]
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signature").field("r", &self.r()).field("s", &self.s()).finish()
    }
}

/// One attempt at a signature: the nonce k, x(k·G) and the inverse that the scheme needs, all
/// modulo n.
#[derive(Zeroize)]
struct Attempt<M, const N: usize> {
    k: Residue<M, N>,
    x: Residue<M, N>,
    inverse: Residue<M, N>,
}

/// The result of an attempt: r and s, to be discarded if either is zero or `unfit` is all ones.
struct Solution<M, const N: usize> {
    r: Residue<M, N>,
    s: Residue<M, N>,
    unfit: u64,
}

impl CurveKey {
    /// Signs a digest: with ECDSA, SHA-256, SHA-384 or SHA-512 of the message, of which a curve takes
    /// at most its [`Curve::octets`](crate::curve::Curve::octets) leftmost octets (FIPS 186-5
    /// §6.4.1); with SM2, e = SM3(ZA ‖ M).
    ///
    /// The nonce is derived from the key, the digest and 32 octets of `rng`, by RFC 6979's process
    /// with HMAC-SHA-256. A source that repeats itself still gives distinct nonces for distinct
    /// digests.
    ///
    /// # Errors
    ///
    /// [`Error::DigestLength`] if the digest does not have 32, 48 or 64 octets, 32 for SM2,
    /// [`Error::RandomSource`] if `rng` fails.
    pub fn sign_digest<R: TryCryptoRng + ?Sized>(
        &self,
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Signature, Error> {
        self.sign_digest_with(Backend::default(), digest, rng)
    }

    /// [`sign_digest`](Self::sign_digest) on a chosen backend: the same signature from the same
    /// `rng`.
    ///
    /// # Errors
    ///
    /// As [`sign_digest`](Self::sign_digest).
    pub fn sign_digest_with<R: TryCryptoRng + ?Sized>(
        &self,
        backend: Backend,
        digest: &[u8],
        rng: &mut R,
    ) -> Result<Signature, Error> {
        self.curve().wiped(|| {
            let mut added = Zeroizing::new([0; ADDED]);
            fill(rng, &mut *added)?;
            on_curve!(self.curve(), sign_digest, backend, self, digest, &*added)
        })
    }
}

/// Signs a digest with nonces that depend on the randomness `added`.
fn sign_digest<C: CurveParams<N>, const N: usize>(
    backend: Backend,
    key: &CurveKey,
    digest: &[u8],
    added: &[u8],
) -> Result<Signature, Error> {
    sign_digest_over::<C, NonceMac, N>(backend, &key.words(), digest, added)
}

/// Signs a digest with nonces from the HMAC `H`. If `H` uses the digest's hash and nothing is
/// added, they are RFC 6979's.
pub(crate) fn sign_digest_over<C: CurveParams<N>, H: DrbgMac, const N: usize>(
    backend: Backend,
    d: &[u64; N],
    digest: &[u8],
    added: &[u8],
) -> Result<Signature, Error> {
    let expected: &[usize] = match C::SCHEME {
        Scheme::Ecdsa => &[32, 48, 64],
        Scheme::Sm2 => &[32],
    };
    if !expected.contains(&digest.len()) {
        return Err(Error::DigestLength { expected, actual: digest.len() });
    }
    let e = Scalar::<C, N>::from_integer(&scalar::from_digest(digest));
    let mut nonces = Nonces::<H>::new(d, &e.to_integer(), added);
    match C::SCHEME {
        Scheme::Ecdsa => ecdsa::<C, N>(backend, d, e, &mut nonces),
        Scheme::Sm2 => sm2::<C, N>(backend, d, e, &mut nonces),
    }
}

/// ECDSA: r = x(k·G) mod n, s = k⁻¹·(e + r·d) mod n.
pub(crate) fn ecdsa<C: CurveParams<N>, const N: usize>(
    backend: Backend,
    d: &[u64; N],
    e: Scalar<C, N>,
    nonces: &mut impl NonceSource<C, N>,
) -> Result<Signature, Error> {
    let d = Zeroizing::new(Scalar::<C, N>::from_integer(d));
    attempt::<C, N>(
        backend,
        nonces,
        |k| k,
        |&Attempt { x: r, inverse, .. }| Solution { r, s: inverse.mul(e.add(r.mul(*d))), unfit: 0 },
    )
}

/// SM2: r = e + x(k·G) mod n, s = (1 + d)⁻¹·(k − r·d) mod n; r + k = n is unfit.
pub(crate) fn sm2<C: CurveParams<N>, const N: usize>(
    backend: Backend,
    d: &[u64; N],
    e: Scalar<C, N>,
    nonces: &mut impl NonceSource<C, N>,
) -> Result<Signature, Error> {
    let d = Zeroizing::new(Scalar::<C, N>::from_integer(d));
    attempt::<C, N>(
        backend,
        nonces,
        |_| d.add(Scalar::<C, N>::ONE),
        |&Attempt { k, x, inverse }| {
            let r = e.add(x);
            Solution { r, s: inverse.mul(k.sub(r.mul(*d))), unfit: r.add(k).zero_mask() }
        },
    )
}

/// Takes nonce after nonce until one gives a signature. `divisor` gives the number to invert; its
/// inversion runs beside the one modulo p for the affine x.
fn attempt<C: CurveParams<N>, const N: usize>(
    backend: Backend,
    nonces: &mut impl NonceSource<C, N>,
    divisor: impl Fn(Scalar<C, N>) -> Scalar<C, N>,
    solve: impl Fn(&Attempt<C::Order, N>) -> Solution<C::Order, N>,
) -> Result<Signature, Error> {
    loop {
        let nonce = nonces.next_nonce()?;
        let point = Zeroizing::new(backend.base_multiple::<C, N>(&nonce));
        let k = Scalar::<C, N>::from_integer(&nonce);
        let (zz_inverse, inverse) = backend.invert_both(point.zz, divisor(k));
        let x = Scalar::<C, N>::from_integer(&point.x.mul(zz_inverse).to_integer());
        let Solution { r, s, unfit } = solve(&Zeroizing::new(Attempt { k, x, inverse }));
        if ct::public(r.zero_mask() | s.zero_mask() | unfit) == 0 {
            return Ok(Signature::new(&ct::public(r.to_integer()), &ct::public(s.to_integer())));
        }
    }
}

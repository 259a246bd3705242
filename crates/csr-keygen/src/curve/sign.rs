//! Signatures: ECDSA (FIPS 186-5 §6.4.1) and SM2 (GB/T 32918.2 §6.1).
//!
//! Both are generic over where nonces come from, so that the retries can be tested: a nonce that gives r = 0 or
//! s = 0 (or r + k = n for SM2) is dropped and the next one drawn.

use core::fmt;

use zeroize::Zeroizing;

use super::engine::Backend;
use super::mont::{Modulus, Residue};
use super::nonce::NonceSource;
use super::params::{CurveParams, Scalar};
use super::scalar::{self, MAX_OCTETS};
use super::secrecy::{public_bit, publish};
use crate::Error;

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

/// The secret parts of one attempt: k and x(k·G) modulo n, and the inverse of `unit(k)` modulo n. The inversion modulo n
/// runs beside the one modulo p that the affine x takes.
fn commit<C: CurveParams<N>, const N: usize>(
    backend: Backend,
    k: &[u64; N],
    unit: impl FnOnce(Scalar<C, N>) -> Scalar<C, N>,
) -> Zeroizing<[Scalar<C, N>; 3]> {
    let point = backend.base_multiple::<C, N>(k);
    let k = Scalar::<C, N>::from_integer(k);
    let (zz_inverse, inverse) = point.zz.invert_both(unit(k));
    let x = point.x.mul(zz_inverse).to_integer();
    Zeroizing::new([k, Scalar::<C, N>::from_integer(&x), inverse])
}

/// ECDSA: r = x(k·G) mod n, s = k⁻¹·(e + r·d) mod n.
pub(super) fn ecdsa<C: CurveParams<N>, const N: usize>(
    backend: Backend,
    d: &[u64; N],
    e: Scalar<C, N>,
    nonces: &mut impl NonceSource<C, N>,
) -> Result<Signature, Error> {
    let d = Zeroizing::new(Scalar::<C, N>::from_integer(d));
    loop {
        let secret = commit::<C, N>(backend, &*nonces.next_nonce()?, |k| k);
        let [_, r, k_inverse] = *secret;
        let s = k_inverse.mul(e.add(r.mul(*d)));
        if let Some(signature) = release(r, s, 0) {
            return Ok(signature);
        }
    }
}

/// SM2: r = e + x(k·G) mod n, s = (1 + d)⁻¹·(k − r·d) mod n.
pub(super) fn sm2<C: CurveParams<N>, const N: usize>(
    backend: Backend,
    d: &[u64; N],
    e: Scalar<C, N>,
    nonces: &mut impl NonceSource<C, N>,
) -> Result<Signature, Error> {
    let d = Zeroizing::new(Scalar::<C, N>::from_integer(d));
    loop {
        let secret = commit::<C, N>(backend, &*nonces.next_nonce()?, |_| d.add(Scalar::<C, N>::ONE));
        let [k, x, inverse] = *secret;
        let r = e.add(x);
        let s = inverse.mul(k.sub(r.mul(*d)));
        if let Some(signature) = release(r, s, r.add(k).zero_mask()) {
            return Ok(signature);
        }
    }
}

/// The signature, unless r or s is zero or `unfit` is set.
fn release<M: Modulus<N>, const N: usize>(
    r: Residue<M, N>,
    s: Residue<M, N>,
    unfit: u64,
) -> Option<Signature> {
    if public_bit(r.zero_mask() | s.zero_mask() | unfit) {
        return None;
    }
    let (mut r, mut s) = (r.to_integer(), s.to_integer());
    publish(&mut r);
    publish(&mut s);
    Some(Signature::new(&r, &s))
}

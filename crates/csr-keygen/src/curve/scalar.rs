//! Secret scalars, of private keys and of signatures: octets and words, the permitted range, draws,
//! nonces.
//!
//! # Nonces
//!
//! They follow RFC 6979's process with added randomness (§3.6). The generator is seeded with the
//! private key, the digest and 32 fresh octets, so a nonce is secret as long as the key is,
//! whatever the random source gives. A source that repeats itself yields deterministic nonces at
//! worst, distinct for distinct messages; a source that is known to others reveals nothing.
//!
//! The process uses HMAC-SHA-256 on every curve and for every digest. That generator has 256 bits
//! of strength (SP 800-90A Rev. 1 §10.1), more than P-384's 192, and SHA-384 would cost four times
//! as much: a sixth of a signature. Two digests give one nonce only if they are the same number
//! modulo n, and then the same signature, whichever hash functions they come from. The RFC's own
//! vectors use the HMAC of the digest's hash function; they run through the same code, [`Nonces`]
//! with another HMAC. No standard defines how SM2's nonces are made.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use crate::curve::params::CurveParams;
use crate::curve::residue::Modulus;
use crate::drbg::{DrbgMac, HmacDrbg};
use crate::{Error, ct, limbs};

/// The length of the longest scalar, coordinate or signature half in octets: P-384's.
pub(crate) const MAX_OCTETS: usize = 48;

/// The draws out of range after which the random source is blamed. One is out of range with a
/// probability of 2^-32 (P-256 and SM2) or 2^-190 (P-384).
const MAX_DRAWS: usize = 8;

/// The integer of 8·N octets, most significant first (OS2IP).
pub(crate) fn from_octets<const N: usize>(octets: &[u8]) -> [u64; N] {
    let mut words = [0; N];
    for (word, chunk) in words.iter_mut().rev().zip(octets.chunks_exact(8)) {
        *word = chunk.iter().fold(0, |word, &octet| word << 8 | u64::from(octet));
    }
    words
}

/// The integer of a digest: of its leftmost 8·N octets if it is longer than the order, which has 64·N
/// bits (FIPS 186-5 §6.4.1 step 2; bits2int of RFC 6979 §2.3.2).
pub(crate) fn from_digest<const N: usize>(digest: &[u8]) -> [u64; N] {
    let mut octets = [0; MAX_OCTETS];
    let octets = &mut octets[..8 * N];
    let used = &digest[..digest.len().min(8 * N)];
    octets[8 * N - used.len()..].copy_from_slice(used);
    from_octets(octets)
}

/// Writes the integer as 8·N octets, most significant first (I2OSP).
pub(crate) fn to_octets<const N: usize>(words: &[u64; N], octets: &mut [u8]) {
    for (word, chunk) in words.iter().rev().zip(octets.chunks_exact_mut(8)) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
}

/// Whether 1 ≤ `x` ≤ n − 1 − `excluded`. Only the answer is public.
pub(crate) fn in_range<M: Modulus<N>, const N: usize>(x: &[u64; N], excluded: u64) -> bool {
    let mut bound = M::LIMBS;
    bound[0] -= excluded; // no borrow: n's lowest limb is above 1 on all three curves
    let (mut difference, borrow) = limbs::subtract(x, &bound);
    difference.zeroize();
    ct::public(0u64.wrapping_sub(borrow) & !limbs::zero_mask(x)) != 0
}

/// A uniform scalar in [1, n − 1 − `excluded`]: fresh draws of 8·N octets until one is in range
/// (FIPS 186-5 A.2.2 in the equivalent form of c2sp.org/det-keygen; GB/T 32918.1 §6.1 for SM2).
pub(crate) fn draw<M: Modulus<N>, const N: usize>(
    excluded: u64,
    mut fill: impl FnMut(&mut [u8]) -> Result<(), Error>,
) -> Result<Zeroizing<[u64; N]>, Error> {
    let mut octets = Zeroizing::new([0; MAX_OCTETS]);
    for _ in 0..MAX_DRAWS {
        let octets = &mut octets[..8 * N];
        fill(octets)?;
        ct::secret(octets);
        let scalar = Zeroizing::new(from_octets(octets));
        if in_range::<M, N>(&scalar, excluded) {
            return Ok(scalar);
        }
    }
    Err(Error::NoScalar)
}

/// The randomness added to a nonce, in octets.
pub(crate) const ADDED: usize = 32;

/// The HMAC of production.
pub(crate) type NonceMac = Hmac<Sha256>;

/// A source of nonces for one signature. Every call gives another one.
pub(crate) trait NonceSource<C, const N: usize> {
    /// The next nonce, 1 ≤ k ≤ n − 1.
    fn next_nonce(&mut self) -> Result<Zeroizing<[u64; N]>, Error>;
}

/// RFC 6979's generator with the HMAC `H`.
pub(crate) struct Nonces<H: Mac>(HmacDrbg<H>);

impl<H: DrbgMac> Nonces<H> {
    /// The nonces for the private key `d`, the digest as an integer below the order (bits2octets)
    /// and the added randomness. If that is empty and `H` uses the digest's hash, they are the
    /// deterministic nonces of §3.2.
    pub(crate) fn new<const N: usize>(d: &[u64; N], digest: &[u64; N], added: &[u8]) -> Self {
        let mut octets = Zeroizing::new([[0; MAX_OCTETS]; 2]);
        let [x, h] = &mut *octets;
        to_octets(d, x);
        to_octets(digest, h);
        Self(HmacDrbg::new(&[&x[..8 * N], &h[..8 * N], added]))
    }
}

impl<C: CurveParams<N>, H: DrbgMac, const N: usize> NonceSource<C, N> for Nonces<H> {
    fn next_nonce(&mut self) -> Result<Zeroizing<[u64; N]>, Error> {
        draw::<C::Order, N>(0, |octets| {
            self.0.generate(octets);
            Ok(())
        })
    }
}

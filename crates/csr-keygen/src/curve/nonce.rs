//! Nonces, by RFC 6979's process with added randomness (§3.6).
//!
//! The generator is seeded with the private key, the digest and 32 fresh octets, so a nonce is secret as long as
//! the key is, whatever the random source gives: a source that repeats itself yields deterministic nonces at worst,
//! distinct for distinct messages, and a source that is known leaks nothing.
//!
//! The process runs over HMAC-SHA-256 on every curve. That generator has 256 bits of strength (SP 800-90A Rev. 1
//! §10.1), more than P-384's 192, and SHA-384 would cost four times as much: a sixth of a signature. The RFC's own
//! vectors for P-384 take SHA-384; they run through the same code, [`Nonces`] over another HMAC. No standard says how
//! SM2's nonces are made.

use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::params::CurveParams;
use super::scalar;
use crate::Error;
use crate::drbg::{DrbgMac, HmacDrbg};

/// The octets of randomness added to a nonce.
pub(super) const ADDED: usize = 32;

/// What production makes nonces with.
pub(super) type NonceMac = Hmac<Sha256>;

/// The nonces for one signature on a curve: another one at every call.
pub(super) trait NonceSource<C, const N: usize> {
    /// The next nonce, 1 ≤ k ≤ n − 1.
    fn next_nonce(&mut self) -> Result<Zeroizing<[u64; N]>, Error>;
}

/// RFC 6979's generator over the HMAC `H`.
pub(super) struct Nonces<H: Mac>(HmacDrbg<H>);

impl<H: DrbgMac> Nonces<H> {
    /// For the private key `d`, the digest as an integer below the order (bits2octets) and the added randomness,
    /// which may be empty: then these are the deterministic nonces of §3.2, where `H` is over the digest's hash.
    pub(super) fn new<const N: usize>(d: &[u64; N], digest: &[u64; N], added: &[u8]) -> Self {
        let mut octets = Zeroizing::new([[0; scalar::MAX_OCTETS]; 2]);
        let [x, h] = &mut *octets;
        scalar::to_octets(d, x);
        scalar::to_octets(digest, h);
        Self(HmacDrbg::new(&[&x[..8 * N], &h[..8 * N], added]))
    }
}

impl<C: CurveParams<N>, H: DrbgMac, const N: usize> NonceSource<C, N> for Nonces<H> {
    fn next_nonce(&mut self) -> Result<Zeroizing<[u64; N]>, Error> {
        scalar::draw::<C::Order, N>(0, |octets| {
            self.0.generate(octets);
            Ok(())
        })
    }
}

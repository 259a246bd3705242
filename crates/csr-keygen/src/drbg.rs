//! HMAC_DRBG (SP 800-90A Rev. 1 §10.1.2), the generator of det-keygen's keys and RFC 6979's nonces.

use std::sync::LazyLock;

use hmac::digest::Output;
use hmac::digest::common::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

use crate::Error;

/// The generator of c2sp.org/det-keygen. Its seed material is the seed followed by the
/// personalization.
pub(crate) type DetKeygen = HmacDrbg<Hmac<Sha256>>;

/// The shortest seed that c2sp.org/det-keygen allows, in octets.
pub const MIN_SEED_OCTETS: usize = 16;

/// [`Error::Seed`] if the seed is too short for det-keygen.
pub(crate) fn check_seed(seed: &[u8]) -> Result<(), Error> {
    if seed.len() < MIN_SEED_OCTETS {
        return Err(Error::Seed("det-keygen needs at least 16 octets"));
    }
    Ok(())
}

/// An HMAC that a generator can use.
pub(crate) trait DrbgMac: Mac + KeyInit + Clone + 'static {
    /// HMAC under the key 0x00…00 that every instantiation starts from.
    fn under_zeros() -> Self;
}

macro_rules! drbg_mac {
    ($hash:ty) => {
        impl DrbgMac for Hmac<$hash> {
            fn under_zeros() -> Self {
                // A key shorter than a block is padded with zeros, so this key is the block of
                // zeros. Computed once, because it takes two of a nonce's twenty compressions.
                static KEYED: LazyLock<Hmac<$hash>> =
                    LazyLock::new(|| Hmac::new(&Key::<Hmac<$hash>>::default()));
                KEYED.clone()
            }
        }
    };
}
drbg_mac!(Sha256);
// RFC 6979's vectors use them.
#[cfg(test)]
drbg_mac!(sha2::Sha384);
#[cfg(test)]
drbg_mac!(sha2::Sha512);

/// The generator with the HMAC `H`. Every output is one generate request. The update that follows a
/// request (§10.1.2.5 step 6) is deferred until the next request.
pub(crate) struct HmacDrbg<H: Mac> {
    /// HMAC under the key K, ready to take a message.
    keyed: H,
    /// V, the chaining value.
    v: Output<H>,
    update_due: bool,
}

impl<H: DrbgMac> HmacDrbg<H> {
    /// Instantiates the generator from the pieces of the seed material (§10.1.2.3).
    pub(crate) fn new(seed_material: &[&[u8]]) -> Self {
        let mut v = Output::<H>::default();
        v.fill(0x01);
        let mut drbg = Self { keyed: H::under_zeros(), v, update_due: false };
        drbg.update(seed_material);
        drbg
    }

    /// The next output (§10.1.2.5, no additional input).
    pub(crate) fn generate(&mut self, output: &mut [u8]) {
        if self.update_due {
            self.update(&[]);
        }
        for chunk in output.chunks_mut(self.v.len()) {
            self.advance();
            chunk.copy_from_slice(&self.v[..chunk.len()]);
        }
        self.update_due = true;
    }

    /// The update of §10.1.2.2: one round of K and V, and a second one if there is data.
    fn update(&mut self, data: &[&[u8]]) {
        for separator in [0x00, 0x01] {
            let mut mac = self.keyed.clone().chain_update(&self.v).chain_update([separator]);
            data.iter().for_each(|piece| mac.update(piece));
            let k = mac.finalize();
            let mut block = Key::<H>::default();
            block[..self.v.len()].copy_from_slice(k.as_bytes());
            self.keyed = H::new(&block);
            block.as_mut_slice().zeroize();
            self.advance();
            if data.is_empty() {
                return;
            }
        }
    }

    /// V = HMAC(K, V).
    fn advance(&mut self) {
        let next = self.keyed.clone().chain_update(&self.v).finalize();
        self.v.copy_from_slice(next.as_bytes());
    }
}

impl<H: Mac> Drop for HmacDrbg<H> {
    fn drop(&mut self) {
        self.v.as_mut_slice().zeroize(); // the hash states wipe themselves
    }
}

//! HMAC_DRBG with SHA-256 (NIST SP 800-90A Rev. 1, section 10.1.2), as c2sp.org/det-keygen uses it: instantiated
//! from a seed and a personalization string, no reseeding, no additional input.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A generator whose whole output follows from its seed.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct HmacDrbg {
    /// 32 bytes, and zeros up to the block of SHA-256: the padding that HMAC gives a short key.
    key: [u8; 64],
    value: [u8; 32],
    /// Whether a draw was made: the state is updated before the next.
    used: bool,
}

impl HmacDrbg {
    /// Section 10.1.2.3, with the seed as entropy input and no nonce.
    pub(crate) fn new(seed: &[u8], personalization: &[&[u8]]) -> Self {
        let mut drbg = Self { key: [0; 64], value: [1; 32], used: false };
        for separator in [0, 1] {
            let mut mac = drbg.mac();
            mac.update(&drbg.value);
            mac.update(&[separator]);
            mac.update(seed);
            personalization.iter().for_each(|part| mac.update(part));
            drbg.rekey(mac);
        }
        drbg
    }

    /// Section 10.1.2.5. The update at the end of a call is made at the start of the next, which nobody sees.
    pub(crate) fn generate(&mut self, out: &mut [u8]) {
        if self.used {
            let mut mac = self.mac();
            mac.update(&self.value);
            mac.update(&[0]);
            self.rekey(mac);
        }
        self.used = true;
        for block in out.chunks_mut(32) {
            self.step();
            block.copy_from_slice(&self.value[..block.len()]);
        }
    }

    fn rekey(&mut self, mac: Hmac<Sha256>) {
        self.key[..32].copy_from_slice(&mac.finalize().into_bytes());
        self.step();
    }

    fn step(&mut self) {
        let mut mac = self.mac();
        mac.update(&self.value);
        self.value = mac.finalize().into_bytes().into();
    }

    fn mac(&self) -> Hmac<Sha256> {
        Hmac::<Sha256>::new(&self.key.into())
    }
}

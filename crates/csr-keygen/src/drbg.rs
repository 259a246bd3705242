//! HMAC_DRBG (SP 800-90A Rev. 1 §10.1.2): behind det-keygen's keys and RFC 6979's nonces.

use std::sync::LazyLock;

use hmac::digest::Output;
use hmac::digest::common::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroize;

/// The one that c2sp.org/det-keygen is over; its seed material is the seed and then the personalization.
pub(crate) type DetKeygen = HmacDrbg<Hmac<Sha256>>;

/// An HMAC that a generator can be over.
pub(crate) trait DrbgMac: Mac + KeyInit + Clone + 'static {
    /// HMAC under the key 0x00…00 that every instantiation starts from.
    fn under_zeros() -> Self;
}

macro_rules! drbg_mac {
    ($hash:ty) => {
        impl DrbgMac for Hmac<$hash> {
            fn under_zeros() -> Self {
                // A key shorter than a block is padded with zeros: this one is the block of zeros. Made once, for it
                // takes two of a nonce's twenty compressions.
                static KEYED: LazyLock<Hmac<$hash>> =
                    LazyLock::new(|| Hmac::new(&Key::<Hmac<$hash>>::default()));
                KEYED.clone()
            }
        }
    };
}
drbg_mac!(Sha256);
// RFC 6979's vectors for P-384.
#[cfg(test)]
drbg_mac!(sha2::Sha384);

/// The generator over the HMAC `H`. Every output is one generate request, the update that follows it
/// (§10.1.2.5 step 6) being put off until another output is wanted.
pub(crate) struct HmacDrbg<H: Mac> {
    /// HMAC under the key K, ready to take a message.
    keyed: H,
    /// V, the chaining value.
    v: Output<H>,
    update_due: bool,
}

impl<H: DrbgMac> HmacDrbg<H> {
    /// Instantiates from the seed material, given in pieces (§10.1.2.3).
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

    /// §10.1.2.2: one round of K and V, and a second one when there is data.
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

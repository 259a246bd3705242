//! The encodings of a digest that RSA signs: EMSA-PKCS1-v1_5 and EMSA-PSS (RFC 8017 §9).

use rand_core::TryCryptoRng;
use sha2::{Sha256, Sha384, Sha512};
use zeroize::Zeroizing;

use crate::random::fill;
use crate::{Digest, Error};

/// The longest digest, and with it the longest salt, in octets.
const MAX_DIGEST: usize = 64;

/// An RSA signature scheme and its hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    Pkcs1v15(Digest),
    /// RSASSA-PSS (RFC 8017 §8.1) with MGF1 over the same hash function and a salt as long as the
    /// digest (RFC 4055 §3.1).
    Pss(Digest),
}

impl Scheme {
    /// The hash function.
    #[must_use]
    pub const fn digest(self) -> Digest {
        match self {
            Self::Pkcs1v15(digest) | Self::Pss(digest) => digest,
        }
    }

    /// The message representative of a digest, which is below the modulus. `rng` gives the salt of
    /// PSS.
    pub(crate) fn encode<R: TryCryptoRng + ?Sized>(
        self,
        digest: &[u8],
        modulus_bits: usize,
        rng: &mut R,
    ) -> Result<Zeroizing<Vec<u8>>, Error> {
        let expected = self.digest().lengths();
        if !expected.contains(&digest.len()) {
            return Err(Error::DigestLength { expected, actual: digest.len() });
        }
        match self {
            Self::Pkcs1v15(hash) => Ok(pkcs1v15(hash, digest, modulus_bits.div_ceil(8))),
            Self::Pss(hash) => {
                let mut salt = [0; MAX_DIGEST];
                let salt = &mut salt[..digest.len()];
                fill(rng, salt)?;
                Ok(pss(hash, digest, salt, modulus_bits - 1))
            }
        }
    }
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2): 00 01 FF … FF 00 DigestInfo.
fn pkcs1v15(hash: Digest, digest: &[u8], len: usize) -> Zeroizing<Vec<u8>> {
    // DER of the DigestInfo up to the digest: SEQUENCE { SEQUENCE { OID 2.16.840.1.101.3.4.2.x,
    // NULL }, OCTET STRING }.
    let (digest_info, octets, last) = match hash {
        Digest::Sha256 => (0x31, 0x20, 1),
        Digest::Sha384 => (0x41, 0x30, 2),
        Digest::Sha512 => (0x51, 0x40, 3),
    };
    let prefix = [
        0x30,
        digest_info,
        0x30,
        0x0d,
        0x06,
        0x09,
        0x60,
        0x86,
        0x48,
        0x01,
        0x65,
        0x03,
        0x04,
        0x02,
        last,
        0x05,
        0x00,
        0x04,
        octets,
    ];
    let mut encoded = Zeroizing::new(vec![0xff; len]);
    let digest_at = len - digest.len();
    let prefix_at = digest_at - prefix.len();
    encoded[..2].copy_from_slice(&[0, 1]);
    encoded[prefix_at - 1] = 0;
    encoded[prefix_at..digest_at].copy_from_slice(&prefix);
    encoded[digest_at..].copy_from_slice(digest);
    encoded
}

/// EMSA-PSS (RFC 8017 §9.1.1) for a representative of `bits` bits.
pub(crate) fn pss(hash: Digest, digest: &[u8], salt: &[u8], bits: usize) -> Zeroizing<Vec<u8>> {
    match hash {
        Digest::Sha256 => pss_with::<Sha256>(digest, salt, bits),
        Digest::Sha384 => pss_with::<Sha384>(digest, salt, bits),
        Digest::Sha512 => pss_with::<Sha512>(digest, salt, bits),
    }
}

/// maskedDB ‖ H ‖ bc, with DB = 00 … 00 01 ‖ salt and H = Hash(00 × 8 ‖ digest ‖ salt). The
/// shortest modulus, of 2048 bits, has room for the longest digest and salt.
fn pss_with<H: sha2::Digest>(digest: &[u8], salt: &[u8], bits: usize) -> Zeroizing<Vec<u8>> {
    let mut encoded = Zeroizing::new(vec![0; bits.div_ceil(8)]);
    let h = H::new().chain_update([0; 8]).chain_update(digest).chain_update(salt).finalize();
    let db_len = encoded.len() - digest.len() - 1;
    let (db, rest) = encoded.split_at_mut(db_len);
    rest[..digest.len()].copy_from_slice(&h);
    rest[digest.len()] = 0xbc;
    let salt_at = db_len - salt.len();
    db[salt_at - 1] = 1;
    db[salt_at..].copy_from_slice(salt);
    // MGF1 (B.2.1).
    for (counter, block) in (0u32..).zip(db.chunks_mut(digest.len())) {
        let mask = H::new().chain_update(&h).chain_update(counter.to_be_bytes()).finalize();
        block.iter_mut().zip(mask).for_each(|(octet, mask)| *octet ^= mask);
    }
    db[0] &= 0xff >> (8 * bits.div_ceil(8) - bits);
    encoded
}

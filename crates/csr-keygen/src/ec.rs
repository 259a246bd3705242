//! Private scalars of P-256 and P-384 from a seed, by c2sp.org/det-keygen: FIPS 186-5 A.2.2 (rejection sampling)
//! over HMAC_DRBG-SHA-256.
//!
//! <div class="warning">
//!
//! A key made here is exactly as secret as its seed: whoever has the seed has the key, and a seed with less than
//! 192 bits of entropy can be searched for. Keys that need not be made again come from a random source instead.
//!
//! </div>

use zeroize::Zeroizing;

use crate::drbg::HmacDrbg;
use crate::{Error, ct, int};

/// The shortest seed that det-keygen allows, in bytes.
pub const MIN_SEED_BYTES: usize = 16;

/// The order of P-256's group (SP 800-186, 3.2.1.3), words little-endian.
const P256_ORDER: [u64; 4] =
    [0xf3b9_cac2_fc63_2551, 0xbce6_faad_a717_9e84, 0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000];
/// The order of P-384's group (SP 800-186, 3.2.1.4), words little-endian.
const P384_ORDER: [u64; 6] = [
    0xecec_196a_ccc5_2973,
    0x581a_0db2_48b0_a77a,
    0xc763_4d81_f437_2ddf,
    0xffff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
    0xffff_ffff_ffff_ffff,
];

/// The P-256 private scalar of a seed, big-endian. See the warning of this [module](self).
///
/// # Errors
///
/// [`Error::Seed`] for a seed below 16 bytes, [`Error::CandidateLimit`] where both draws are out of range
/// (fewer than one seed in 2^64).
pub fn p256_scalar_from_seed(seed: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
    // The only curve with a rejection that occurs (2^−32): det-keygen step 11 draws once more.
    scalar_from_seed(seed, b"det ECDSA key gen P-256", &P256_ORDER, 2)
}

/// The P-384 private scalar of a seed, big-endian. See the warning of this [module](self).
///
/// # Errors
///
/// [`Error::Seed`] for a seed below 16 bytes, [`Error::CandidateLimit`] where the draw is out of range (one seed
/// in 2^194).
pub fn p384_scalar_from_seed(seed: &[u8]) -> Result<Zeroizing<[u8; 48]>, Error> {
    scalar_from_seed(seed, b"det ECDSA key gen P-384", &P384_ORDER, 1)
}

fn scalar_from_seed<const BYTES: usize, const WORDS: usize>(
    seed: &[u8],
    personalization: &[u8],
    order: &[u64; WORDS],
    draws: usize,
) -> Result<Zeroizing<[u8; BYTES]>, Error> {
    if seed.len() < MIN_SEED_BYTES {
        return Err(Error::Seed);
    }
    let mut drbg = HmacDrbg::new(seed, &[personalization]);
    let mut bytes = Zeroizing::new([0; BYTES]);
    let mut scalar = Zeroizing::new([0; WORDS]);
    for _ in 0..draws {
        drbg.generate(&mut *bytes);
        int::from_be_bytes(&mut *scalar, &*bytes);
        // A.4.2: 0 < d < n. Only the verdict on a scalar that is thrown away shows.
        if ct::public(int::less(&*scalar, order) & (1 ^ int::is_zero(&*scalar))) == 1 {
            return Ok(bytes);
        }
    }
    Err(Error::CandidateLimit)
}

//! Private scalars: octets and words, the permitted range, the draw.

use rand_core::TryCryptoRng;
use zeroize::{Zeroize, Zeroizing};

use super::mont::Modulus;
use crate::int::fixed;
use crate::{Error, ct};

/// The octets of the longest scalar, coordinate or signature half: P-384's.
pub(super) const MAX_OCTETS: usize = 48;

/// How many draws out of range it takes to blame the random source. One is out of range with a probability of
/// 2^-32 (P-256 and SM2) or 2^-190 (P-384).
const MAX_DRAWS: usize = 8;

/// The integer of 8·N octets, most significant first (OS2IP).
pub(super) fn from_octets<const N: usize>(octets: &[u8]) -> [u64; N] {
    let mut words = [0; N];
    for (word, chunk) in words.iter_mut().rev().zip(octets.chunks_exact(8)) {
        *word = chunk.iter().fold(0, |word, &octet| word << 8 | u64::from(octet));
    }
    words
}

/// Writes the integer as 8·N octets, most significant first (I2OSP).
pub(super) fn to_octets<const N: usize>(words: &[u64; N], octets: &mut [u8]) {
    for (word, chunk) in words.iter().rev().zip(octets.chunks_exact_mut(8)) {
        chunk.copy_from_slice(&word.to_be_bytes());
    }
}

/// Whether 1 ≤ `x` ≤ n − 1 − `excluded`. Publishes the answer, no more.
pub(super) fn in_range<M: Modulus<N>, const N: usize>(x: &[u64; N], excluded: u64) -> bool {
    let mut bound = M::LIMBS;
    bound[0] -= excluded; // n's lowest limb is larger than 1 on all three curves
    let (mut difference, borrow) = fixed::subtract(x, &bound);
    difference.zeroize();
    ct::public(0u64.wrapping_sub(borrow) & !fixed::zero_mask(x)) != 0
}

/// A uniform scalar in [1, n − 1 − `excluded`]: fresh draws of 8·N octets until one is in range (FIPS 186-5
/// A.2.2 in the equivalent form of c2sp.org/det-keygen; GB/T 32918.1 §6.1 for SM2).
pub(super) fn draw<M: Modulus<N>, const N: usize>(
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

/// Takes octets from the caller's random source.
pub(super) fn fill<R: TryCryptoRng + ?Sized>(rng: &mut R, octets: &mut [u8]) -> Result<(), Error> {
    rng.try_fill_bytes(octets).map_err(|e| Error::RandomSource(e.to_string()))
}

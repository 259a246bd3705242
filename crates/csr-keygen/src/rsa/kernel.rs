//! Montgomery arithmetic on several numbers side by side: the hot part, once per backend.
//!
//! A [`Kernel`] works on `LANES` independent residues, each modulo a number of its own, in its own
//! radix. The base-2 filter and the exponentiation are built on it once for all kernels, in
//! `exponentiation`.
//!
//! | kernel | numbers | radix | for |
//! |---|---|---|---|
//! | [`Portable`] | one | 2^64 | any processor, and moduli with AVX2 |
//! | `avx2` | four, one per lane | 2^28 | primes |
//! | `ifma_lanes` | eight or four, one per lane | 2^52 | primes and moduli of keys |
//! | `ifma_rows` | one or two, each along the lanes | 2^52 | the primes and the modulus of a signature |

pub(crate) mod exponentiation;

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the calls of target-feature functions")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
mod blocks;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the calls of target-feature functions")]
pub(crate) mod ifma_lanes;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the calls of target-feature functions")]
pub(crate) mod ifma_rows;
#[expect(unsafe_code, reason = "values from zeroed memory")]
pub(crate) mod zeros;

use zeroize::Zeroize;

use crate::rsa::int::{self, inverse_mod_2_64, mask};
use crate::rsa::montgomery::{self, DoubleWidth};
use zeros::Zeros;

/// The most lanes that a kernel has.
pub(crate) const MAX_LANES: usize = 8;

/// The entries of an exponentiation's table: windows of four bits.
pub(crate) const TABLE: usize = 16;

/// Arithmetic modulo `LANES` odd numbers n at once, in Montgomery form with R = 2^`bits()`.
///
/// Values may be anything below 5n: R ≥ 2^12·n (except in the portable kernel, which reduces below
/// n), so that a product of two such values, reduced, is below 25n²/R + 2n ≤ 2.01n, and below 4.02n
/// after a doubling.
pub(crate) trait Kernel: Copy {
    /// The numbers worked on side by side.
    const LANES: usize;
    /// The limbs of a number.
    const LIMBS: usize;
    /// The bits of the lowest limb.
    const RADIX: u32;
    /// One number per lane.
    type Num: Zeros + Zeroize + Clone;
    /// Constants derived from the moduli once, for all multiplications.
    type Prepared: Zeros + Zeroize;
    /// The working space of a multiplication.
    type Scratch: Zeros + Zeroize;

    /// The weight of a limb, as a power of two. The weight of limb `LIMBS` is R.
    fn position(index: usize) -> usize {
        Self::RADIX as usize * index
    }

    /// log2 R.
    #[expect(clippy::cast_possible_truncation, reason = "at most a few thousand")]
    fn bits() -> u32 {
        Self::position(Self::LIMBS) as u32
    }

    fn limb(num: &Self::Num, lane: usize, index: usize) -> u64;
    fn set_limb(num: &mut Self::Num, lane: usize, index: usize, limb: u64);

    /// Converts words of 64 bits to the limbs of a lane.
    fn set_words(num: &mut Self::Num, lane: usize, words: &[u64]) {
        for index in 0..Self::LIMBS {
            let (start, end) = (Self::position(index), Self::position(index + 1));
            let (word, bit) = (start / 64, start % 64);
            let at = |i: usize| words.get(i).copied().unwrap_or(0);
            let above = if bit == 0 { 0 } else { at(word + 1) << (64 - bit) };
            Self::set_limb(num, lane, index, (at(word) >> bit | above) & (u64::MAX >> (64 - (end - start))));
        }
    }

    /// Converts the limbs of a lane, each below its radix, to words of 64 bits.
    fn get_words(words: &mut [u64], num: &Self::Num, lane: usize) {
        words.fill(0);
        for index in 0..Self::LIMBS {
            let (start, end) = (Self::position(index), Self::position(index + 1));
            let (word, bit) = (start / 64, start % 64);
            let limb = Self::limb(num, lane, index);
            if let Some(x) = words.get_mut(word) {
                *x |= limb << bit;
            }
            if let Some(x) = words.get_mut(word + 1).filter(|_| end > 64 * (word + 1)) {
                *x |= limb >> (64 - bit);
            }
        }
    }

    /// −n⁻¹ modulo the radix, from the lowest limb of n.
    fn negated_inverse(low_limb: u64) -> u64 {
        inverse_mod_2_64(low_limb).wrapping_neg() & (u64::MAX >> (64 - Self::RADIX))
    }

    /// Must be called when the moduli change.
    fn prepare(self, moduli: &mut Moduli<Self>);

    /// x ← x²/R mod n, doubled in the lanes whose bit is set in `double`.
    fn square(self, x: &mut Self::Num, moduli: &Moduli<Self>, double: u8, scratch: &mut Self::Scratch);

    /// x ← x·y/R mod n.
    fn multiply(self, x: &mut Self::Num, y: &Self::Num, moduli: &Moduli<Self>, scratch: &mut Self::Scratch);

    /// out ← table[digit] lane by lane. Every entry is read.
    fn select(self, out: &mut Self::Num, table: &[Self::Num; TABLE], digits: &[u64; MAX_LANES]);
}

/// The moduli of a kernel's lanes.
#[derive(Zeroize)]
pub(crate) struct Moduli<K: Kernel> {
    pub(crate) n: K::Num,
    /// −n⁻¹ modulo the radix, one per lane.
    pub(crate) n0: [u64; MAX_LANES],
    pub(crate) prepared: K::Prepared,
}

impl<K: Kernel> Moduli<K> {
    /// Sets one modulus per lane, in words of 64 bits; every lane needs one.
    pub(crate) fn set<'n>(&mut self, kernel: K, moduli: impl Iterator<Item = &'n [u64]>) {
        for (lane, n) in moduli.take(K::LANES).enumerate() {
            K::set_words(&mut self.n, lane, n);
            self.n0[lane] = K::negated_inverse(K::limb(&self.n, lane, 0));
        }
        kernel.prepare(self);
    }
}

/// The portable kernel: one number of W words, radix 2^64, R = 2^(64·W), values always below n.
#[derive(Clone, Copy)]
pub(crate) struct Portable<const W: usize>;

impl<const W: usize> Kernel for Portable<W> {
    const LANES: usize = 1;
    const RADIX: u32 = 64;
    const LIMBS: usize = W;
    type Num = [u64; W];
    type Prepared = ();
    type Scratch = (DoubleWidth, [u64; W]);

    fn limb(num: &[u64; W], _lane: usize, index: usize) -> u64 {
        num[index]
    }

    fn set_limb(num: &mut [u64; W], _lane: usize, index: usize, limb: u64) {
        num[index] = limb;
    }

    fn prepare(self, _moduli: &mut Moduli<Self>) {}

    fn square(self, x: &mut [u64; W], moduli: &Moduli<Self>, double: u8, scratch: &mut Self::Scratch) {
        let (wide, out) = scratch;
        montgomery::square(out, x, &moduli.n, moduli.n0[0], wide);
        montgomery::double_masked(out, &moduli.n, mask(u64::from(double & 1)));
        *x = *out;
    }

    fn multiply(self, x: &mut [u64; W], y: &[u64; W], moduli: &Moduli<Self>, scratch: &mut Self::Scratch) {
        let (wide, out) = scratch;
        montgomery::mul(out, x, y, &moduli.n, moduli.n0[0], wide);
        *x = *out;
    }

    fn select(self, out: &mut [u64; W], table: &[[u64; W]; TABLE], digits: &[u64; MAX_LANES]) {
        for (entry, index) in table.iter().zip(0..) {
            int::copy_masked(out, entry, mask(int::is_zero_word(digits[0] ^ index)));
        }
    }
}

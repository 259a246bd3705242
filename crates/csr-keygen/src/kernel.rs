//! Montgomery arithmetic on several numbers side by side: the hot part, once per backend.
//!
//! A [`Kernel`] works on `LANES` independent residues, each modulo a number of its own, in its own radix. What is
//! built from it, the base-2 filter and the exponentiation, is written once, in [`lanes`].

pub(crate) mod lanes;
pub(crate) mod portable;
pub(crate) mod sieve;

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vector loads and stores, and the calls of target-feature functions")]
pub(crate) mod avx2;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vector loads, and the call of a target-feature function")]
pub(crate) mod avx2_sieve;
#[cfg(target_arch = "x86_64")]
mod blocks;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vector loads and stores, and the calls of target-feature functions")]
pub(crate) mod ifma;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vector loads and stores, and the calls of target-feature functions")]
pub(crate) mod ifma_along;
#[cfg(target_arch = "x86_64")]
mod ifma_macro;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vector loads, and the call of a target-feature function")]
pub(crate) mod ifma_sieve;
#[cfg(target_arch = "x86_64")]
mod limbs;

use zeroize::Zeroize;

/// The most lanes that a kernel has.
pub(crate) const MAX_LANES: usize = 8;

/// Entries of an exponentiation's table: windows of four bits.
pub(crate) const TABLE: usize = 16;

/// Arithmetic modulo `LANES` odd numbers n at once, in Montgomery form with R = 2^`bits()`.
///
/// Values may be anything below 5n: R ≥ 2^12·n (except in the portable kernel, which reduces below n), so that a
/// product of two such values, reduced, is below 25n²/R + 2n ≤ 2.01n, and below 4.02n after a doubling.
pub(crate) trait Kernel: Copy {
    /// How many numbers are worked on side by side.
    const LANES: usize;
    /// The limbs of a number.
    const LIMBS: usize;
    /// The bits of the lowest limb.
    const RADIX: u32;
    /// One number a lane.
    type Num: Zeroize + Clone;
    /// What is made of the moduli once, for all multiplications.
    type Prepared: Zeroize;
    /// Working space of a multiplication.
    type Scratch: Zeroize;

    fn zero() -> Self::Num;
    fn prepared() -> Self::Prepared;
    fn scratch() -> Self::Scratch;
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

    /// −n⁻¹ modulo the radix, from the lowest limb of n.
    fn negated_inverse(low_limb: u64) -> u64 {
        crate::int::inverse_mod_2_64(low_limb).wrapping_neg() & (u64::MAX >> (64 - Self::RADIX))
    }

    /// To be called when the moduli change.
    fn prepare(self, modulus: &mut Modulus<Self>);

    /// x ← x²/R mod n, doubled in the lanes whose bit is set in `double`.
    fn square(self, x: &mut Self::Num, modulus: &Modulus<Self>, double: u8, scratch: &mut Self::Scratch);

    /// x ← x·y/R mod n.
    fn multiply(self, x: &mut Self::Num, y: &Self::Num, modulus: &Modulus<Self>, scratch: &mut Self::Scratch);

    /// out ← table[digit] lane by lane, reading every entry.
    fn select(self, out: &mut Self::Num, table: &[Self::Num; TABLE], digits: &[u64; MAX_LANES]);
}

/// The moduli of a kernel's lanes.
#[derive(Zeroize)]
pub(crate) struct Modulus<K: Kernel> {
    pub(crate) n: K::Num,
    /// −n⁻¹ modulo the radix, a lane each.
    pub(crate) n0: [u64; MAX_LANES],
    pub(crate) prepared: K::Prepared,
}

impl<K: Kernel> Modulus<K> {
    pub(crate) fn zero() -> Self {
        Self { n: K::zero(), n0: [0; MAX_LANES], prepared: K::prepared() }
    }

    /// One modulus a lane: words of 64 bits, for every lane.
    pub(crate) fn set<'n>(&mut self, kernel: K, moduli: impl Iterator<Item = &'n [u64]>) {
        for (lane, n) in moduli.take(K::LANES).enumerate() {
            lanes::set_words::<K>(&mut self.n, lane, n);
            self.n0[lane] = K::negated_inverse(K::limb(&self.n, lane, 0));
        }
        kernel.prepare(self);
    }
}

#[cfg(test)]
mod power_tests;
#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "tests")]
mod tests;

//! Built on a kernel: the base-2 filter and fixed-window exponentiation, all lanes in step.

use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::ct;
use crate::rsa::int;
use crate::rsa::kernel::zeros::zeros;
use crate::rsa::kernel::{Kernel, MAX_LANES, Moduli, TABLE};
use crate::rsa::montgomery::{self, MAX_LEN, power_of_two};

/// The bits of the exponent that the filter covers by its start value instead of squarings.
pub(crate) const START_BITS: u32 = 10;
/// The bits of an exponent per table look-up.
const WINDOW: u32 = 4;

/// One exponentiation, base^exponent mod n. All its numbers have the same length in words.
pub(crate) struct Power<'a> {
    pub(crate) modulus: &'a [u64],
    /// The base in the kernel's Montgomery form, base·R mod n.
    pub(crate) base: &'a [u64],
    pub(crate) exponent: &'a [u64],
    /// base^exponent mod n as a plain number, at most n.
    pub(crate) result: &'a mut [u64],
}

/// A kernel with the numbers that it works on, allocated once and wiped on drop.
pub(crate) struct Exponentiator<K: Kernel> {
    kernel: K,
    moduli: Box<Moduli<K>>,
    x: Box<K::Num>,
    y: Box<K::Num>,
    table: Box<[K::Num; TABLE]>,
    scratch: Box<K::Scratch>,
}

impl<K: Kernel> Zeroize for Exponentiator<K> {
    fn zeroize(&mut self) {
        self.moduli.zeroize();
        self.x.zeroize();
        self.y.zeroize();
        self.table.zeroize();
        self.scratch.zeroize();
    }
}

impl<K: Kernel> Drop for Exponentiator<K> {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl<K: Kernel> ZeroizeOnDrop for Exponentiator<K> {}

impl<K: Kernel> Exponentiator<K> {
    pub(crate) fn new(kernel: K) -> Self {
        Self { kernel, moduli: zeros(), x: zeros(), y: zeros(), table: zeros(), scratch: zeros() }
    }

    /// Sets the moduli. Spare lanes repeat them in turn, so that every lane holds an odd number.
    fn set_moduli<'n>(&mut self, moduli: impl Iterator<Item = &'n [u64]> + Clone) {
        self.moduli.set(self.kernel, moduli.cycle());
    }

    /// The base-2 filter. Bit i of the result is set if 2^((n−1)/2) modulo candidate i is the
    /// Jacobi symbol (2/n), as it is for every prime. It is a filter and does not count as a
    /// Miller–Rabin round.
    ///
    /// Write M = (n−1)/2 as u·2^k − w with 0 ≤ w < 2^k and u ≤ 2^10. The single bit R/2^u is the
    /// Montgomery form of 2^(−u). k squarings, each doubled if the next bit of w is set, take the
    /// exponent from −u to −(u·2^k − w) = −M. Neither R mod n nor a table is needed. 2^(−M) is ±1
    /// exactly if 2^M is, with the same sign.
    ///
    /// Candidates must have the same length and their top bit set, so that 2^9 ≤ u ≤ 2^10.
    pub(crate) fn filter(&mut self, candidates: &[&[u64]]) -> u8 {
        debug_assert!(!candidates.is_empty() && candidates.len() <= K::LANES);
        let words = candidates[0].len();
        #[expect(clippy::cast_possible_truncation, reason = "at most 32 words")]
        let squarings = 64 * words as u32 - 1 - START_BITS;
        self.set_moduli(candidates.iter().copied());

        // −M modulo 2^(64·words): w in its low k bits, 2^11 − u above them.
        let mut negated = [[0; int::MAX_PRIME_WORDS]; MAX_LANES];
        for (lane, n) in candidates.iter().enumerate() {
            let negated = &mut negated[lane][..words];
            negated.copy_from_slice(n);
            int::shift_right(negated, 1);
            negate(negated);
            let u = (2 << START_BITS) - (negated[words - 1] >> (63 - START_BITS));
            self.set_single_bit(lane, u64::from(K::bits()) - u);
        }
        for lane in candidates.len()..K::LANES {
            self.set_single_bit(lane, 0);
        }

        for bit in (0..squarings).rev() {
            let (word, shift) = ((bit / 64) as usize, bit % 64);
            let double = negated[..candidates.len()]
                .iter()
                .zip(0..)
                .fold(0, |mask, (w, lane)| mask | u8::from(w[word] >> shift & 1 == 1) << lane);
            self.kernel.square(&mut self.x, &self.moduli, double, &mut self.scratch);
        }
        negated.zeroize();
        self.leave_form();

        let mut passed = 0;
        let mut words_of = [0; int::MAX_PRIME_WORDS];
        for (lane, n) in candidates.iter().enumerate() {
            let value = &mut words_of[..words];
            self.take(value, lane, n);
            // (2/n) is 1 for n ≡ ±1 (mod 8) and −1 for n ≡ ±3; candidates of det-keygen are ≡ 7.
            let plus = n[0] & 7 == 1 || n[0] & 7 == 7;
            if !plus {
                negate(value);
                int::add(value, n);
            }
            #[expect(clippy::cast_possible_truncation, reason = "0 or 1")]
            let passes = int::equals_word(value, 1) as u8;
            passed |= passes << lane;
        }
        words_of.zeroize();
        // Primes always pass and rejects are discarded, so the verdict may be public.
        ct::public(passed)
    }

    /// Up to `LANES` exponentiations side by side, with windows of four bits. Every table entry is
    /// read for every window: the exponents' length is public, their bits are not.
    pub(crate) fn power(&mut self, jobs: &mut [Power<'_>]) {
        debug_assert!(!jobs.is_empty() && jobs.len() <= K::LANES);
        let words = jobs[0].modulus.len();
        self.set_moduli(jobs.iter().map(|job| job.modulus));
        self.fill_table(jobs);

        #[expect(clippy::cast_possible_truncation, reason = "at most 32 words")]
        let windows = 64 * words as u32 / WINDOW;
        for window in (0..windows).rev() {
            let bit = window * WINDOW;
            let mut digits = [0; MAX_LANES];
            for (digit, job) in digits.iter_mut().zip(jobs.iter()) {
                *digit = job.exponent[(bit / 64) as usize] >> (bit % 64) & (TABLE as u64 - 1);
            }
            if window + 1 == windows {
                self.kernel.select(&mut self.x, &self.table, &digits);
            } else {
                for _ in 0..WINDOW {
                    self.kernel.square(&mut self.x, &self.moduli, 0, &mut self.scratch);
                }
                self.kernel.select(&mut self.y, &self.table, &digits);
                self.kernel.multiply(&mut self.x, &self.y, &self.moduli, &mut self.scratch);
            }
        }
        self.leave_form();
        for (lane, job) in jobs.iter_mut().enumerate() {
            self.take(job.result, lane, job.modulus);
        }
    }

    /// out = base^65537 mod n, at most n, computed in the first lane. The numbers are public.
    pub(crate) fn power_e(&mut self, out: &mut [u64], base: &[u64], n: &[u64]) {
        /// The squarings that take over from doublings on the way to R.
        const SQUARINGS: u32 = 6;
        let len = n.len();
        self.set_moduli(core::iter::once(n));
        // R in Montgomery form: multiplying a plain number by it gives the Montgomery form of that
        // number.
        let mut start = [0; MAX_LEN];
        power_of_two(&mut start[..len], (K::bits() + (K::bits() >> SQUARINGS)) as usize, n);
        self.set_all(&start[..len]);
        for bit in (0..SQUARINGS).rev() {
            let double = if K::bits() >> bit & 1 == 1 { u8::MAX } else { 0 };
            self.kernel.square(&mut self.x, &self.moduli, double, &mut self.scratch);
        }
        self.y.clone_from(&self.x);
        self.set_all(base);
        self.kernel.multiply(&mut self.x, &self.y, &self.moduli, &mut self.scratch);
        self.y.clone_from(&self.x);
        for _ in 0..16 {
            self.kernel.square(&mut self.x, &self.moduli, 0, &mut self.scratch);
        }
        self.kernel.multiply(&mut self.x, &self.y, &self.moduli, &mut self.scratch);
        self.leave_form();
        self.take(out, 0, n);
    }

    fn set_all(&mut self, words: &[u64]) {
        for lane in 0..K::LANES {
            K::set_words(&mut self.x, lane, words);
        }
    }

    /// table[i] = base^i in Montgomery form.
    fn fill_table(&mut self, jobs: &[Power<'_>]) {
        let words = jobs[0].modulus.len();
        let mut one = [0; int::MAX_PRIME_WORDS];
        for lane in 0..K::LANES {
            let job = &jobs[lane % jobs.len()];
            let known = lane > 0 && core::ptr::eq(jobs[(lane - 1) % jobs.len()].modulus, job.modulus);
            if !known {
                power_of_two(&mut one[..words], K::bits() as usize, job.modulus);
            }
            K::set_words(&mut self.table[0], lane, &one[..words]);
            K::set_words(&mut self.table[1], lane, job.base);
        }
        one.zeroize();
        for i in 2..TABLE {
            (*self.x).clone_from(&self.table[i / 2]);
            self.kernel.square(&mut self.x, &self.moduli, 0, &mut self.scratch);
            if i % 2 == 1 {
                self.kernel.multiply(&mut self.x, &self.table[1], &self.moduli, &mut self.scratch);
            }
            self.table[i].clone_from(&self.x);
        }
    }

    /// x ← x/R mod n, at most 2n, because a product below R reduces below 2n + 1.
    fn leave_form(&mut self) {
        for index in 0..K::LIMBS {
            for lane in 0..K::LANES {
                K::set_limb(&mut self.y, lane, index, u64::from(index == 0));
            }
        }
        self.kernel.multiply(&mut self.x, &self.y, &self.moduli, &mut self.scratch);
    }

    /// Writes a lane's value after [`Self::leave_form`], at most n.
    fn take(&self, out: &mut [u64], lane: usize, n: &[u64]) {
        let mut value = [0; MAX_LEN + 1];
        K::get_words(&mut value[..=n.len()], &self.x, lane);
        let (low, high) = value.split_at_mut(n.len());
        montgomery::subtract_once(low, high[0], n);
        out.copy_from_slice(low);
        value.zeroize();
    }

    /// x ← 2^position in one lane. The position depends on the candidate's top bits, so it selects
    /// no limb.
    fn set_single_bit(&mut self, lane: usize, position: u64) {
        let mut shift = position;
        for index in 0..K::LIMBS {
            let width = (K::position(index + 1) - K::position(index)) as u64;
            let here = int::mask(u64::from(shift < width));
            K::set_limb(&mut self.x, lane, index, (1 << (shift & 63)) & here);
            shift = shift.wrapping_sub(width);
        }
    }
}

fn negate(a: &mut [u64]) {
    let mut carry = true;
    for x in a {
        (*x, carry) = (!*x).carrying_add(0, carry);
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;
    use crate::Avx2;
    use crate::rsa::kernel::avx2::Avx2Kernel;

    #[test]
    fn zeroize_wipes_the_constants_derived_from_the_moduli() {
        let Some(token) = Avx2::new() else {
            eprintln!("NOT RUN: zeroize_wipes_the_constants_derived_from_the_moduli: no AVX2");
            return;
        };
        let mut exponentiator = Exponentiator::new(Avx2Kernel::<40>(token));
        exponentiator.filter(&[&[u64::MAX; 16]]);
        let is_wiped = |exponentiator: &Exponentiator<Avx2Kernel<40>>| {
            exponentiator.moduli.prepared.f.0.as_flattened().iter().all(|limb| *limb == 0)
        };
        assert!(!is_wiped(&exponentiator));
        exponentiator.zeroize();
        assert!(is_wiped(&exponentiator));
    }
}

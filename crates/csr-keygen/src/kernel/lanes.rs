//! What is built from a kernel: the base-2 filter and fixed-window exponentiation, all lanes in step.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::{Kernel, MAX_LANES, Modulus, TABLE};
use crate::ct;
use crate::int;
use crate::int::context::{MAX_LEN, power_of_two};
use crate::int::mont;

/// The bits that the filter takes in its start value instead of squarings.
pub(super) const START_BITS: u32 = 10;
/// The bits of an exponent that one table look-up takes.
const WINDOW: u32 = 4;

/// One exponentiation: base^exponent mod n. Every number has the same length in words.
pub(crate) struct Power<'a> {
    pub(crate) modulus: &'a [u64],
    /// The base in the kernel's Montgomery form, base·2^BITS mod n.
    pub(crate) base: &'a [u64],
    pub(crate) exponent: &'a [u64],
    /// base^exponent mod n as a plain number, at most n.
    pub(crate) result: &'a mut [u64],
}

/// The numbers that a kernel works on, allocated once and wiped on drop.
pub(crate) struct Lanes<K: Kernel> {
    kernel: K,
    modulus: Modulus<K>,
    x: K::Num,
    y: K::Num,
    table: [K::Num; TABLE],
    scratch: K::Scratch,
}

impl<K: Kernel> Zeroize for Lanes<K> {
    fn zeroize(&mut self) {
        self.modulus.n.zeroize();
        self.modulus.n0.zeroize();
        self.x.zeroize();
        self.y.zeroize();
        self.table.zeroize();
        self.scratch.zeroize();
    }
}

impl<K: Kernel> Drop for Lanes<K> {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl<K: Kernel> ZeroizeOnDrop for Lanes<K> {}

impl<K: Kernel> Lanes<K> {
    pub(crate) fn new(kernel: K) -> Self {
        Self {
            kernel,
            modulus: Modulus::zero(),
            x: K::zero(),
            y: K::zero(),
            table: core::array::from_fn(|_| K::zero()),
            scratch: K::scratch(),
        }
    }

    /// Sets the moduli; spare lanes repeat them in turn, so that they too hold an odd number.
    fn set_moduli<'n>(&mut self, moduli: impl Iterator<Item = &'n [u64]> + Clone) {
        self.modulus.set(self.kernel, moduli.cycle());
    }

    /// The base-2 filter: bit i of the result is set where 2^((n−1)/2) has the value modulo candidate i that it
    /// would have if the candidate were prime, the Jacobi symbol (2/n). It is a filter: no Miller–Rabin round.
    ///
    /// With M = (n−1)/2 written u·2^k − w, 0 ≤ w < 2^k, u ≤ 2^10, the single bit 2^(BITS−u) is the Montgomery form
    /// of 2^(−u). k squarings, each doubled where the next bit of w is set, take the exponent −u to −(u·2^k − w) =
    /// −M. Neither R mod n nor a table is needed. 2^(−M) is ±1 exactly where 2^M is, with the same sign.
    ///
    /// Candidates have their top bit set (2^9 ≤ u ≤ 2^10) and all the same length.
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
            self.kernel.square(&mut self.x, &self.modulus, double, &mut self.scratch);
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
        // A prime passes always; who does not is thrown away.
        ct::public(passed)
    }

    /// Up to `LANES` exponentiations side by side, with windows of four bits; every table entry is read for every
    /// window. The exponents' length is public, their bits are not.
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
                    self.kernel.square(&mut self.x, &self.modulus, 0, &mut self.scratch);
                }
                self.kernel.select(&mut self.y, &self.table, &digits);
                self.kernel.multiply(&mut self.x, &self.y, &self.modulus, &mut self.scratch);
            }
        }
        self.leave_form();
        for (lane, job) in jobs.iter_mut().enumerate() {
            self.take(job.result, lane, job.modulus);
        }
    }

    /// out = base^65537 mod n, at most n, in the first lane. For public numbers of a modulus's length.
    pub(crate) fn power_e(&mut self, out: &mut [u64], base: &[u64], n: &[u64]) {
        /// log2 of how far doublings one by one go towards 2^BITS, before squarings take over.
        const SQUARINGS: u32 = 6;
        let len = n.len();
        self.set_moduli(core::iter::once(n));
        // 2^BITS in Montgomery form takes a plain number there.
        let mut start = [0; MAX_LEN];
        power_of_two(&mut start[..len], (K::bits() + (K::bits() >> SQUARINGS)) as usize, n);
        self.set_all(&start[..len]);
        for bit in (0..SQUARINGS).rev() {
            let double = if K::bits() >> bit & 1 == 1 { u8::MAX } else { 0 };
            self.kernel.square(&mut self.x, &self.modulus, double, &mut self.scratch);
        }
        self.y.clone_from(&self.x);
        self.set_all(base);
        self.kernel.multiply(&mut self.x, &self.y, &self.modulus, &mut self.scratch);
        self.y.clone_from(&self.x);
        for _ in 0..16 {
            self.kernel.square(&mut self.x, &self.modulus, 0, &mut self.scratch);
        }
        self.kernel.multiply(&mut self.x, &self.y, &self.modulus, &mut self.scratch);
        self.leave_form();
        self.take(out, 0, n);
    }

    fn set_all(&mut self, words: &[u64]) {
        for lane in 0..K::LANES {
            set_words::<K>(&mut self.x, lane, words);
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
            set_words::<K>(&mut self.table[0], lane, &one[..words]);
            set_words::<K>(&mut self.table[1], lane, job.base);
        }
        one.zeroize();
        for i in 2..TABLE {
            self.x.clone_from(&self.table[i / 2]);
            self.kernel.square(&mut self.x, &self.modulus, 0, &mut self.scratch);
            if i % 2 == 1 {
                self.kernel.multiply(&mut self.x, &self.table[1], &self.modulus, &mut self.scratch);
            }
            self.table[i].clone_from(&self.x);
        }
    }

    /// x ← x/R mod n, at most 2n: a product below R reduces below 2n + 1.
    fn leave_form(&mut self) {
        for index in 0..K::LIMBS {
            for lane in 0..K::LANES {
                K::set_limb(&mut self.y, lane, index, u64::from(index == 0));
            }
        }
        self.kernel.multiply(&mut self.x, &self.y, &self.modulus, &mut self.scratch);
    }

    /// A lane's value after [`Self::leave_form`], at most n.
    fn take(&self, out: &mut [u64], lane: usize, n: &[u64]) {
        let mut value = [0; MAX_LEN + 1];
        get_words::<K>(&mut value[..=n.len()], &self.x, lane);
        let (low, high) = value.split_at_mut(n.len());
        mont::subtract_once(low, high[0], n);
        out.copy_from_slice(low);
        value.zeroize();
    }

    /// x ← 2^position in one lane. The position comes from the candidate's top bits: no limb is chosen by it.
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

/// From words of 64 bits to the kernel's limbs.
pub(super) fn set_words<K: Kernel>(num: &mut K::Num, lane: usize, words: &[u64]) {
    for index in 0..K::LIMBS {
        let (start, end) = (K::position(index), K::position(index + 1));
        let (word, bit) = (start / 64, start % 64);
        let at = |i: usize| words.get(i).copied().unwrap_or(0);
        let above = if bit == 0 { 0 } else { at(word + 1) << (64 - bit) };
        K::set_limb(num, lane, index, (at(word) >> bit | above) & (u64::MAX >> (64 - (end - start))));
    }
}

/// From the kernel's limbs, each below its radix, to words of 64 bits.
fn get_words<K: Kernel>(words: &mut [u64], num: &K::Num, lane: usize) {
    words.fill(0);
    for index in 0..K::LIMBS {
        let (start, end) = (K::position(index), K::position(index + 1));
        let (word, bit) = (start / 64, start % 64);
        let limb = K::limb(num, lane, index);
        if let Some(x) = words.get_mut(word) {
            *x |= limb << bit;
        }
        if let Some(x) = words.get_mut(word + 1).filter(|_| end > 64 * (word + 1)) {
            *x |= limb >> (64 - bit);
        }
    }
}

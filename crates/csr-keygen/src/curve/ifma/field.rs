//! Eight residues modulo p at once, one in each 64-bit lane of AVX-512 registers, for `vpmadd52`.
//!
//! # Representation
//!
//! Radix 2^52, L limbs, Montgomery form with R = 2^(52·L): L = 5 and R = 2^260 ≈ 16·p for the
//! 256-bit primes, L = 8 and R = 2^416 ≈ 2^32·p for P-384. Residues are not reduced; a bound "a"
//! below means a value in [0, a·p).
//!
//! [`Factor`] is the operand of a multiplication: every limb is in [0, 2^52), so the value is below
//! R. [`Sum`] is the result of one, and of additions and subtractions: signed limbs of magnitude
//! below 2^60, without carries between them. Carries run once, when a sum becomes a factor again,
//! and only then must the value not be negative. `lane_point` adds the multiple of p that ensures
//! it and states the bounds.
//!
//! # Multiplication
//!
//! A product of bounds a and b is below (a·b·p/R + 1)·p. Reduction runs limb by limb (Montgomery):
//! the digit m makes column i of t + m·p a multiple of 2^52, which is shifted into column i + 1.
//! The primes are sums of few powers of two, so m·p takes two to four products. A column collects
//! at most 2·(2·L + 4) numbers below 2^52: less than 2^58.

pub(crate) mod columns;

use core::arch::x86_64::*;
use core::marker::PhantomData;

pub(crate) use self::columns::{BITS, LaneField, MASK};
use self::columns::{Sum, accumulate, reduce, shift_left, shift_right, squares, two_fit};
use crate::limbs::unrolled;
use crate::vector::to_words_512;

/// Eight operands of multiplications, with limbs in [0, 2^52).
#[derive(Clone, Copy)]
pub(crate) struct Factor<F, const L: usize>(pub(crate) [__m512i; L], PhantomData<F>);

/// The limbs of a constant below R.
pub(crate) const fn limbs<const N: usize, const L: usize>(words: &[u64; N]) -> [u64; L] {
    let mut result = [0; L];
    let mut i = 0;
    while i < L {
        let (word, shift) = (52 * i / 64, 52 * i % 64);
        let low = if word < N { words[word] } else { 0 };
        let high = if word + 1 < N { words[word + 1] } else { 0 };
        let both = low as u128 | (high as u128) << 64;
        #[allow(clippy::cast_possible_truncation)]
        {
            result[i] = (both >> shift) as u64 & MASK;
        }
        i += 1;
    }
    result
}

impl<F: LaneField<L>, const L: usize> Factor<F, L> {
    /// The same residue in every lane.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn splat(limbs: [u64; L]) -> Self {
        let mut result = [_mm512_setzero_si512(); L];
        unrolled!(I < L => {
            result[I] = _mm512_set1_epi64(limbs[I].cast_signed());
        });
        Self(result, PhantomData)
    }

    /// The limbs of each lane.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn to_lanes(self) -> [[u64; L]; 8] {
        let mut lanes = [[0; L]; 8];
        for limb in 0..L {
            let words = to_words_512(self.0[limb]);
            for (lane, word) in lanes.iter_mut().zip(words) {
                lane[limb] = word;
            }
        }
        lanes
    }

    /// The limbs of 64-bit words shifted left by `shift` < 52 bits. Every shifted value must be
    /// below R.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn from_words<const N: usize>(words: &[__m512i; N], shift: usize) -> Self {
        let mask = _mm512_set1_epi64(MASK.cast_signed());
        let mut result = [_mm512_setzero_si512(); L];
        result[0] = _mm512_and_si512(shift_left(words[0], shift), mask);
        unrolled!(I < L => {
            if I > 0 {
                // Bit 52·I of the shifted value is bit 52·I − shift of the words.
                let (word, offset) = ((52 * I - shift) / 64, (52 * I - shift) % 64);
                let mut limb = shift_right(words[word], offset);
                if offset > 12 && word + 1 < N {
                    limb = _mm512_or_si512(limb, shift_left(words[word + 1], 64 - offset));
                }
                result[I] = _mm512_and_si512(limb, mask);
            }
        });
        Self(result, PhantomData)
    }

    /// self·other.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn mul(&self, other: &Self) -> Sum<F, L> {
        let mut t = [[_mm512_setzero_si512(); 16]];
        accumulate(&mut t, [&self.0], [&other.0]);
        let [product] = reduce::<F, L, 1>(t);
        product
    }

    /// a·b and c·d, interleaved instruction by instruction: while one waits for a digit of its
    /// reduction, the other proceeds.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn mul_two([a, b]: [&Self; 2], [c, d]: [&Self; 2]) -> [Sum<F, L>; 2] {
        if !two_fit::<L>() {
            return [a.mul(b), c.mul(d)];
        }
        let mut t = [[_mm512_setzero_si512(); 16]; 2];
        accumulate(&mut t, [&a.0, &c.0], [&b.0, &d.0]);
        reduce::<F, L, 2>(t)
    }

    /// a² and b² side by side.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn square_two(a: &Self, b: &Self) -> [Sum<F, L>; 2] {
        if !two_fit::<L>() {
            let [a] = reduce::<F, L, 1>(squares([&a.0]));
            let [b] = reduce::<F, L, 1>(squares([&b.0]));
            return [a, b];
        }
        reduce::<F, L, 2>(squares([&a.0, &b.0]))
    }

    /// self·other + c·d with one reduction, bounded by a·b + c·d instead of a·b.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn mul_add(&self, other: &Self, c: &Self, d: &Self) -> Sum<F, L> {
        let mut t = [[_mm512_setzero_si512(); 16]];
        accumulate(&mut t, [&self.0], [&other.0]);
        accumulate(&mut t, [&c.0], [&d.0]);
        let [sum] = reduce::<F, L, 1>(t);
        sum
    }

    /// 2·p minus the residue in the lanes of `mask`, where the residue must not exceed 2·p.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn negate(self, mask: __mmask8) -> Self {
        let mut result = self.to_sum();
        unrolled!(I < L => {
            let limb = _mm512_set1_epi64(2 * const { prime_limb::<F, L>(I) });
            result.0[I] = _mm512_mask_sub_epi64(self.0[I], mask, limb, self.0[I]);
        });
        result.carry()
    }

    /// The residue as a sum.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn to_sum(self) -> Sum<F, L> {
        Sum(self.0, PhantomData)
    }

    /// Lane i of the result is lane `lanes`\[i\] of this.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn permute(self, lanes: __m512i) -> Self {
        self.to_sum().permute(lanes).as_factor()
    }

    /// Lane i of the result is lane `lanes`\[i\] of this, or `lanes`\[i\] − 8 of `other`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn permute_two(mut self, lanes: __m512i, other: Self) -> Self {
        unrolled!(I < L => {
            self.0[I] = _mm512_permutex2var_epi64(self.0[I], lanes, other.0[I]);
        });
        self
    }

    /// `other` in the lanes of `mask`, this elsewhere.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn blend(self, other: Self, mask: __mmask8) -> Self {
        self.to_sum().blend(other.to_sum(), mask).as_factor()
    }
}

impl<F: LaneField<L>, const L: usize> Sum<F, L> {
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn as_factor(self) -> Factor<F, L> {
        Factor(self.0, PhantomData)
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn add(mut self, other: Self) -> Self {
        unrolled!(I < L => {
            self.0[I] = _mm512_add_epi64(self.0[I], other.0[I]);
        });
        self
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn sub(mut self, other: Self) -> Self {
        unrolled!(I < L => {
            self.0[I] = _mm512_sub_epi64(self.0[I], other.0[I]);
        });
        self
    }

    /// Adds `multiple`·p.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn plus_p(mut self, multiple: i64) -> Self {
        unrolled!(I < L => {
            let limb = const { prime_limb::<F, L>(I) };
            if limb != 0 {
                self.0[I] = _mm512_add_epi64(self.0[I], _mm512_set1_epi64(multiple * limb));
            }
        });
        self
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn double(self) -> Self {
        self.add(self)
    }

    /// Negates the lanes of `mask`.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn negate(mut self, mask: __mmask8) -> Self {
        let zero = _mm512_setzero_si512();
        unrolled!(I < L => {
            self.0[I] = _mm512_mask_sub_epi64(self.0[I], mask, zero, self.0[I]);
        });
        self
    }

    /// Lane i of the result is lane `lanes`\[i\] of this.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn permute(mut self, lanes: __m512i) -> Self {
        unrolled!(I < L => {
            self.0[I] = _mm512_permutexvar_epi64(lanes, self.0[I]);
        });
        self
    }

    /// `other` in the lanes of `mask`, this elsewhere.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn blend(mut self, other: Self, mask: __mmask8) -> Self {
        unrolled!(I < L => {
            self.0[I] = _mm512_mask_mov_epi64(self.0[I], mask, other.0[I]);
        });
        self
    }

    /// Runs the carries. The value must lie in [0, R).
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn carry(mut self) -> Factor<F, L> {
        let mask = _mm512_set1_epi64(MASK.cast_signed());
        unrolled!(I < L => {
            if I + 1 < L {
                self.0[I + 1] = _mm512_add_epi64(self.0[I + 1], _mm512_srai_epi64::<BITS>(self.0[I]));
                self.0[I] = _mm512_and_si512(self.0[I], mask);
            }
        });
        self.as_factor()
    }

    /// Runs the carries. For the 256-bit primes it first reduces a value v in [0, R) below 2^256 +
    /// 2^230 (a bound of 1.01).
    ///
    /// With q = ⌊v/2^256⌋, v − q·p = v mod 2^256 + q·(2^256 − p), q < 16. The limbs below the
    /// fourth carry less than 2^208 in either direction, so q from the upper two limbs is never too
    /// small, and too large by at most one part in 2^48 of a unit: then v mod 2^256 is taken as a
    /// number above −2^163, and q ≥ 1 adds 2^224.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn fold(mut self) -> Factor<F, L> {
        if !F::FOLD.is_empty() {
            let top = _mm512_add_epi64(self.0[L - 1], _mm512_srai_epi64::<BITS>(self.0[L - 2]));
            let q = _mm512_srai_epi64::<48>(top); // 2^256 is 2^48 in the top limb
            self.0[L - 1] = _mm512_sub_epi64(self.0[L - 1], _mm512_slli_epi64::<48>(q));
            unrolled!(I < F::FOLD.len() => {
                let (limb, shift, sign) = F::FOLD[I];
                let term = shift_left(q, shift as usize);
                self.0[limb] = if sign > 0 {
                    _mm512_add_epi64(self.0[limb], term)
                } else {
                    _mm512_sub_epi64(self.0[limb], term)
                };
            });
        }
        self.carry()
    }
}

/// Limb `i` of p as a signed number.
const fn prime_limb<F: LaneField<L>, const L: usize>(i: usize) -> i64 {
    let mut limb = 0;
    let mut term = 0;
    while term < F::TERMS.len() {
        if F::TERMS[term].0 == i {
            limb += F::TERMS[term].1.cast_signed();
        }
        term += 1;
    }
    let mut minus = 0;
    while minus < F::MINUS.len() {
        if F::MINUS[minus] == i {
            limb -= 1;
        }
        minus += 1;
    }
    limb
}

#[cfg(test)]
mod tests;

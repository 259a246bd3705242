//! Residues modulo a prime of exactly 64·N bits, in Montgomery form with R = 2^(64·N).
//!
//! Every value is fully reduced, so equal residues have equal limbs. One implementation serves the
//! three fields and the three group orders: the moduli are constants of the type, and the compiler
//! folds limbs that are 0, 2^64−1 or have few bits into shifts (all but one or two limbs of the
//! field primes).
//!
//! No function branches on a value or indexes by one: carries are words, and the last subtraction
//! uses a mask.

use core::fmt;
use core::marker::PhantomData;

use zeroize::Zeroize;

use crate::limbs::{self, WideProduct, add_carry, subtract_borrow, unrolled};

/// Products of at most this many limbs are inlined. Ten products of six limbs, an addition of
/// points, are more instructions than the processor's cache of decoded instructions holds.
const INLINED: usize = 4;

/// An odd prime whose top bit is bit 64·N − 1.
pub(crate) trait Modulus<const N: usize>: Copy + Eq + 'static {
    /// The prime, least significant limb first.
    const LIMBS: [u64; N];

    /// (t + m·M)/2^64 for the m < 2^64 that makes it a whole number. It is at most M + (t −
    /// M)/2^64, which is below M for t < M and always below R. The field primes override it with
    /// formulas without a multiplication.
    #[inline(always)]
    fn divide_by_word(t: [u64; N]) -> [u64; N] {
        let (product, last) =
            limbs::multiply_row(&Self::LIMBS, t[0].wrapping_mul(Residue::<Self, N>::NEG_INV));
        // The lowest words add up to 0 or to 2^64.
        let (_, mut carry) = add_carry(t[0], product[0], 0);
        let mut quotient = [0; N];
        for j in 1..N {
            (quotient[j - 1], carry) = add_carry(t[j], product[j], carry);
        }
        quotient[N - 1] = last + carry;
        quotient
    }
}

/// x modulo M, stored as x·R mod M in N limbs, least significant first.
pub(crate) struct Residue<M, const N: usize> {
    limbs: [u64; N],
    modulus: PhantomData<M>,
}

impl<M, const N: usize> Clone for Residue<M, N> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M, const N: usize> Copy for Residue<M, N> {}

impl<M, const N: usize> fmt::Debug for Residue<M, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Residue(..)")
    }
}

impl<M, const N: usize> Zeroize for Residue<M, N> {
    fn zeroize(&mut self) {
        self.limbs.zeroize();
    }
}

impl<M: Modulus<N>, const N: usize> Residue<M, N> {
    /// −M⁻¹ mod 2^64, by Newton's iteration: an inverse modulo 2^k becomes one modulo 2^2k.
    pub(crate) const NEG_INV: u64 = {
        let m = M::LIMBS[0];
        let mut inverse = m; // m·m ≡ 1 (mod 8) for odd m
        let mut round = 0;
        while round < 5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(m.wrapping_mul(inverse)));
            round += 1;
        }
        inverse.wrapping_neg()
    };

    /// R² mod M, by doubling R − M 64·N times.
    const R2: [u64; N] = {
        let mut value = negate(M::LIMBS); // R mod M, since R/2 < M < R
        let mut bit = 0;
        while bit < 64 * N {
            value = double_mod(value, M::LIMBS);
            bit += 1;
        }
        value
    };

    pub(crate) const ZERO: Self = Self::from_montgomery([0; N]);

    /// 1, stored as R mod M.
    pub(crate) const ONE: Self = Self::from_montgomery(negate(M::LIMBS));

    /// 2^`exponent` mod M as an integer, for an exponent from 64·N on.
    #[cfg(target_arch = "x86_64")]
    pub(crate) const fn two_to(exponent: usize) -> [u64; N] {
        let mut value = negate(M::LIMBS);
        let mut bit = 64 * N;
        while bit < exponent {
            value = double_mod(value, M::LIMBS);
            bit += 1;
        }
        value
    }

    /// The residue with the limbs x·R mod M.
    pub(crate) const fn from_montgomery(limbs: [u64; N]) -> Self {
        Self { limbs, modulus: PhantomData }
    }

    /// The limbs of x·R mod M.
    pub(crate) const fn to_montgomery(self) -> [u64; N] {
        self.limbs
    }

    /// The residue with the 52-bit limbs of x·R mod M, as a number below 2·M.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn from_52_bit_limbs<const L: usize>(limbs: &[u64; L]) -> Self {
        let word = |i: usize| {
            let (first, shift) = (i * 64 / 52, i * 64 % 52);
            let limb = |j: usize| limbs.get(j).copied().unwrap_or(0);
            // Three limbs can meet in a word: 64 bits from bit 52 − shift, 104 − shift.
            let third = if shift > 40 { limb(first + 2) << (104 - shift) } else { 0 };
            limb(first) >> shift | limb(first + 1) << (52 - shift) | third
        };
        Self::from_montgomery(limbs::subtract_if_not_below(&core::array::from_fn(word), word(N), &M::LIMBS))
    }

    /// The residue of an integer below R, which may be M or more.
    pub(crate) fn from_integer(integer: &[u64; N]) -> Self {
        // integer·R² < R·M, the precondition of the reduction.
        Self::from_montgomery(*integer).mul(Self::from_montgomery(Self::R2))
    }

    /// The residue of the integer x, for constants.
    pub(crate) const fn constant(integer: [u64; N]) -> Self {
        let mut value = integer;
        let mut bit = 0;
        while bit < 64 * N {
            value = double_mod(value, M::LIMBS);
            bit += 1;
        }
        Self::from_montgomery(value)
    }

    /// The integer 0 ≤ x < M: only the reduction of [`mul`](Self::mul), on a number already below
    /// M.
    pub(crate) fn to_integer(self) -> [u64; N] {
        Self::divide_by_r(self.limbs)
    }

    /// self·other.
    #[inline(always)]
    pub(crate) fn mul(self, other: Self) -> Self {
        if N > INLINED { self.mul_called(other) } else { self.mul_inlined(other) }
    }

    #[inline(never)]
    fn mul_called(self, other: Self) -> Self {
        self.mul_inlined(other)
    }

    #[inline(always)]
    fn mul_inlined(self, other: Self) -> Self {
        Self::reduce(limbs::product(&self.limbs, &other.limbs))
    }

    /// self².
    #[inline(always)]
    pub(crate) fn square(self) -> Self {
        if N > INLINED { self.square_called() } else { self.square_inlined() }
    }

    #[inline(never)]
    fn square_called(self) -> Self {
        self.square_inlined()
    }

    #[inline(always)]
    fn square_inlined(self) -> Self {
        Self::reduce(limbs::square(&self.limbs))
    }

    /// a·b − c·d, reduced once.
    #[inline(always)]
    pub(crate) fn difference_of_products(a: Self, b: Self, c: Self, d: Self) -> Self {
        if N > INLINED { Self::difference_called(a, b, c, d) } else { Self::difference_inlined(a, b, c, d) }
    }

    #[inline(never)]
    fn difference_called(a: Self, b: Self, c: Self, d: Self) -> Self {
        Self::difference_inlined(a, b, c, d)
    }

    #[inline(always)]
    fn difference_inlined(a: Self, b: Self, c: Self, d: Self) -> Self {
        let (mut difference, other) =
            (limbs::product(&a.limbs, &b.limbs), limbs::product(&c.limbs, &d.limbs));
        let mut borrow = 0;
        for (word, &other) in difference.as_flattened_mut().iter_mut().zip(other.as_flattened()) {
            (*word, borrow) = subtract_borrow(*word, other, borrow);
        }
        // Both products are below M·R.
        difference[1] = limbs::add_masked(&difference[1], &M::LIMBS, 0u64.wrapping_sub(borrow));
        Self::reduce(difference)
    }

    /// Montgomery's reduction (1985): (low + high·R)/R mod M, for low + high·R < R·M.
    #[inline(always)]
    fn reduce([low, high]: WideProduct<N>) -> Self {
        let (sum, carry) = limbs::add(&high, &Self::divide_by_r(low));
        Self::from_montgomery(limbs::subtract_if_not_below(&sum, carry, &M::LIMBS))
    }

    /// (t + m·M)/R for the m < R that makes it a whole number.
    #[inline(always)]
    fn divide_by_r(mut t: [u64; N]) -> [u64; N] {
        unrolled!(_I < N => {
            t = M::divide_by_word(t);
        });
        t
    }

    #[inline(always)]
    pub(crate) fn add(self, other: Self) -> Self {
        let (sum, carry) = limbs::add(&self.limbs, &other.limbs);
        Self::from_montgomery(limbs::subtract_if_not_below(&sum, carry, &M::LIMBS))
    }

    #[inline(always)]
    pub(crate) fn sub(self, other: Self) -> Self {
        let (difference, borrow) = limbs::subtract(&self.limbs, &other.limbs);
        Self::from_montgomery(limbs::add_masked(&difference, &M::LIMBS, 0u64.wrapping_sub(borrow)))
    }

    #[inline(always)]
    pub(crate) fn double(self) -> Self {
        self.add(self)
    }

    pub(crate) fn negate(self) -> Self {
        Self::ZERO.sub(self)
    }

    /// `other` if `mask` is all ones, `self` if it is zero.
    #[inline(always)]
    pub(crate) fn select(self, other: Self, mask: u64) -> Self {
        let mut limbs = self.limbs;
        for (limb, &b) in limbs.iter_mut().zip(&other.limbs) {
            *limb ^= mask & (*limb ^ b);
        }
        Self::from_montgomery(limbs)
    }

    /// All ones if the residue is zero, else zero.
    pub(crate) fn zero_mask(self) -> u64 {
        limbs::zero_mask(&self.limbs)
    }

    /// R² mod M, from which the inversion starts.
    pub(crate) const fn r_squared() -> [u64; N] {
        Self::R2
    }
}

/// R − m.
const fn negate<const N: usize>(m: [u64; N]) -> [u64; N] {
    let mut result = [0; N];
    let mut borrow = 0u64;
    let mut i = 0;
    while i < N {
        let (partial, first) = 0u64.overflowing_sub(m[i]);
        let (whole, second) = partial.overflowing_sub(borrow);
        (result[i], borrow) = (whole, first as u64 | second as u64);
        i += 1;
    }
    result
}

/// 2·a mod m for a < m; constants only.
const fn double_mod<const N: usize>(a: [u64; N], m: [u64; N]) -> [u64; N] {
    let mut doubled = [0; N];
    let mut difference = [0; N];
    let (mut carry, mut borrow) = (0, 0);
    let mut i = 0;
    while i < N {
        doubled[i] = (a[i] << 1) | carry;
        carry = a[i] >> 63;
        let (partial, first) = doubled[i].overflowing_sub(m[i]);
        let (whole, second) = partial.overflowing_sub(borrow);
        (difference[i], borrow) = (whole, first as u64 | second as u64);
        i += 1;
    }
    if carry >= borrow { difference } else { doubled }
}

// A word of Montgomery's reduction for the three field primes: (t + m·p)/2^64 without a
// multiplication. For P-256 and SM2, p ≡ −1 (mod 2^64), so m is t's lowest word w, and t + m·p =
// t − w + w·(p + 1). For P-384, −p⁻¹ ≡ 2^32 + 1 (mod 2^64).

/// Adds w·(2^256 − 2^224 + 2^192 + 2^96)/2^64.
#[inline(always)]
pub(crate) fn divide_p256([w, t1, t2, t3]: [u64; 4]) -> [u64; 4] {
    let (low, high) = (w << 32, w >> 32); // of w·2^32
    let (w2, borrow) = subtract_borrow(w, low, 0); // w·(2^64 − 2^32 + 1)
    let (w3, _) = subtract_borrow(w, high, borrow);
    let (sum, _) = limbs::add(&[t1, t2, t3, 0], &[low, high, w2, w3]);
    sum
}

/// Adds w·(2^256 − 2^224 − 2^96 + 2^64)/2^64.
#[inline(always)]
pub(crate) fn divide_sm2([w, t1, t2, t3]: [u64; 4]) -> [u64; 4] {
    let (low, high) = (w << 32, w >> 32);
    let (w0, borrow) = subtract_borrow(w, low, 0);
    let (w1, borrow) = subtract_borrow(0, high, borrow);
    let (w2, borrow) = subtract_borrow(0, low, borrow);
    let (w3, _) = subtract_borrow(w, high, borrow);
    let (sum, _) = limbs::add(&[t1, t2, t3, 0], &[w0, w1, w2, w3]);
    sum
}

/// Adds m·(2^384 − 2^128 − 2^96 + 2^32 − 1).
#[inline(always)]
pub(crate) fn divide_p384([w, t1, t2, t3, t4, t5]: [u64; 6]) -> [u64; 6] {
    let m = w.wrapping_add(w << 32);
    let (low, high) = (m << 32, m >> 32); // of m·2^32
    // w + m·2^32 − m is c·2^64: w + low is m, or m + 2^64.
    let (_, carry) = add_carry(w, low, 0);
    let c = high + carry;
    // m·2^64 + m·2^32 − c, which is not negative: c is at most m.
    let (s1, s2) = add_carry(m, high, 0);
    let (s0, borrow) = subtract_borrow(low, c, 0);
    let (s1, borrow) = subtract_borrow(s1, 0, borrow);
    let s2 = s2.wrapping_sub(borrow);
    let (difference, _) = limbs::subtract(&[t1, t2, t3, t4, t5, m], &[s0, s1, s2, 0, 0, 0]);
    difference
}

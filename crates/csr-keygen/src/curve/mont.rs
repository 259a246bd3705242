//! Residues modulo a prime of exactly 64·N bits, in Montgomery form with R = 2^(64·N).
//!
//! Every value is fully reduced, so two equal residues have equal limbs. One implementation serves the three
//! fields and the three group orders: the moduli are constants of the type, and the compiler folds the limbs
//! that are 0, 2^64−1 or of few bits into shifts (all of the field primes' but one or two).
//!
//! Nothing here branches on a value or indexes by one: carries are words, the last subtraction is a mask.

use core::fmt;
use core::marker::PhantomData;

use zeroize::Zeroize;

/// An odd prime whose top bit is bit 64·N − 1.
pub(super) trait Modulus<const N: usize>: Copy + Eq + 'static {
    /// The prime, least significant limb first.
    const LIMBS: [u64; N];

    /// (t + m·M)/2^64 for the m < 2^64 that makes it a whole number; always below 2^(64·N). The field primes have
    /// formulas of their own without a multiplication.
    #[inline(always)]
    fn reduction_row(t: u64) -> [u64; N] {
        let m = t.wrapping_mul(Residue::<Self, N>::NEG_INV);
        let (product, last) = multiply_row(&Self::LIMBS, m);
        // The lowest words add up to 0 or to 2^64.
        let (_, mut carry) = add_carry(t, product[0], 0);
        let mut row = [0; N];
        for j in 1..N {
            (row[j - 1], carry) = add_carry(product[j], 0, carry);
        }
        row[N - 1] = last + carry;
        row
    }
}

/// x modulo M, held as x·R mod M in N limbs, least significant first.
pub(super) struct Residue<M, const N: usize> {
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
    pub(super) const NEG_INV: u64 = {
        let m = M::LIMBS[0];
        let mut inverse = m; // m·m ≡ 1 (mod 8) for odd m
        let mut round = 0;
        while round < 5 {
            inverse = inverse.wrapping_mul(2u64.wrapping_sub(m.wrapping_mul(inverse)));
            round += 1;
        }
        inverse.wrapping_neg()
    };

    /// R² mod M: R − M doubled 64·N times.
    const R2: [u64; N] = {
        let mut value = negate(M::LIMBS); // R mod M, since R/2 < M < R
        let mut bit = 0;
        while bit < 64 * N {
            value = double_mod(value, M::LIMBS);
            bit += 1;
        }
        value
    };

    pub(super) const ZERO: Self = Self::from_montgomery([0; N]);

    /// 1, that is R mod M.
    pub(super) const ONE: Self = Self::from_montgomery(negate(M::LIMBS));

    /// 2^`exponent` mod M as an integer, for an exponent from 64·N on.
    #[cfg(target_arch = "x86_64")]
    pub(super) const fn two_to(exponent: usize) -> [u64; N] {
        let mut value = negate(M::LIMBS);
        let mut bit = 64 * N;
        while bit < exponent {
            value = double_mod(value, M::LIMBS);
            bit += 1;
        }
        value
    }

    /// Takes limbs that already are x·R mod M.
    pub(super) const fn from_montgomery(limbs: [u64; N]) -> Self {
        Self { limbs, modulus: PhantomData }
    }

    /// The limbs of x·R mod M.
    pub(super) const fn to_montgomery(self) -> [u64; N] {
        self.limbs
    }

    /// Takes limbs of 52 bits, of a number below 2·M, that are x·R mod M.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn from_52_bit_limbs<const L: usize>(limbs: &[u64; L]) -> Self {
        let word = |i: usize| {
            let (first, shift) = (i * 64 / 52, i * 64 % 52);
            let limb = |j: usize| limbs.get(j).copied().unwrap_or(0);
            // Three limbs can meet in a word: 64 bits from bit 52 − shift, 104 − shift.
            let third = if shift > 40 { limb(first + 2) << (104 - shift) } else { 0 };
            limb(first) >> shift | limb(first + 1) << (52 - shift) | third
        };
        Self::from_montgomery(subtract_if_not_below(&core::array::from_fn(word), word(N), &M::LIMBS))
    }

    /// The residue of an integer below R (not necessarily below M).
    pub(super) fn from_integer(integer: &[u64; N]) -> Self {
        // integer·R² < R·M, the precondition of the reduction.
        Self::from_montgomery(*integer).mul(Self::from_montgomery(Self::R2))
    }

    /// x·R for the integer x, in a constant.
    pub(super) const fn constant(integer: [u64; N]) -> Self {
        let mut value = integer;
        let mut bit = 0;
        while bit < 64 * N {
            value = double_mod(value, M::LIMBS);
            bit += 1;
        }
        Self::from_montgomery(value)
    }

    /// The integer 0 ≤ x < M: the reduction of [`mul`](Self::mul) alone, on a number that is below M to begin with.
    pub(super) fn to_integer(self) -> [u64; N] {
        let mut t = self.limbs;
        for _ in 0..N {
            let multiple = M::reduction_row(t[0]);
            let mut carry = 0;
            for j in 1..N {
                (t[j - 1], carry) = add_carry(t[j], multiple[j - 1], carry);
            }
            // (t + m·M)/2^64 < M for t < M and m < 2^64.
            (t[N - 1], _) = add_carry(0, multiple[N - 1], carry);
        }
        t
    }

    /// self·other, by row: add a row of the product, then the multiple of M that clears the lowest limb
    /// (Montgomery 1985). Between rows t + top·R < 2·M.
    #[inline(always)]
    pub(super) fn mul(self, other: Self) -> Self {
        let (a, b) = (&self.limbs, &other.limbs);
        let mut t = [0u64; N];
        let mut top = 0u64;
        for &row in b {
            let mut carry = 0;
            for j in 0..N {
                (t[j], carry) = multiply_add(t[j], a[j], row, carry);
            }
            let (next, overflow) = add_carry(top, carry, 0);

            let multiple = M::reduction_row(t[0]);
            carry = 0;
            for j in 1..N {
                (t[j - 1], carry) = add_carry(t[j], multiple[j - 1], carry);
            }
            (t[N - 1], carry) = add_carry(next, multiple[N - 1], carry);
            top = overflow + carry;
        }
        Self::from_montgomery(subtract_if_not_below(&t, top, &M::LIMBS))
    }

    #[inline(always)]
    pub(super) fn square(self) -> Self {
        self.mul(self)
    }

    #[inline(always)]
    pub(super) fn add(self, other: Self) -> Self {
        let mut sum = [0; N];
        let mut carry = 0;
        for (limb, (&a, &b)) in sum.iter_mut().zip(self.limbs.iter().zip(&other.limbs)) {
            (*limb, carry) = add_carry(a, b, carry);
        }
        Self::from_montgomery(subtract_if_not_below(&sum, carry, &M::LIMBS))
    }

    #[inline(always)]
    pub(super) fn sub(self, other: Self) -> Self {
        let (difference, borrow) = subtract(&self.limbs, &other.limbs);
        Self::from_montgomery(add_masked(&difference, &M::LIMBS, 0u64.wrapping_sub(borrow)))
    }

    #[inline(always)]
    pub(super) fn double(self) -> Self {
        self.add(self)
    }

    pub(super) fn negate(self) -> Self {
        Self::ZERO.sub(self)
    }

    /// `other` where `mask` is all ones, `self` where it is zero.
    #[inline(always)]
    pub(super) fn select(self, other: Self, mask: u64) -> Self {
        let mut limbs = self.limbs;
        for (limb, &b) in limbs.iter_mut().zip(&other.limbs) {
            *limb ^= mask & (*limb ^ b);
        }
        Self::from_montgomery(limbs)
    }

    /// All ones where the residue is zero, zero otherwise.
    pub(super) fn zero_mask(self) -> u64 {
        zero_mask(&self.limbs)
    }

    /// R² mod M, which the inversion starts from.
    pub(super) const fn r_squared() -> [u64; N] {
        Self::R2
    }
}

/// All ones where every limb is zero, zero otherwise.
pub(super) fn zero_mask<const N: usize>(limbs: &[u64; N]) -> u64 {
    let any = limbs.iter().fold(0, |any, limb| any | limb);
    // The top bit of x | −x is set for every x but zero.
    ((any | any.wrapping_neg()) >> 63).wrapping_sub(1)
}

/// a − b and the borrow.
#[inline(always)]
pub(super) fn subtract<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], u64) {
    let mut difference = [0; N];
    let mut borrow = 0;
    for (limb, (&a, &b)) in difference.iter_mut().zip(a.iter().zip(b)) {
        (*limb, borrow) = subtract_borrow(a, b, borrow);
    }
    (difference, borrow)
}

/// a + (b & mask), modulo R.
#[inline(always)]
fn add_masked<const N: usize>(a: &[u64; N], b: &[u64; N], mask: u64) -> [u64; N] {
    let mut sum = [0; N];
    let mut carry = 0;
    for (limb, (&a, &b)) in sum.iter_mut().zip(a.iter().zip(b)) {
        (*limb, carry) = add_carry(a, b & mask, carry);
    }
    sum
}

/// The value t + top·R < 2·m, reduced below m.
#[inline(always)]
fn subtract_if_not_below<const N: usize>(t: &[u64; N], top: u64, m: &[u64; N]) -> [u64; N] {
    let (reduced, borrow) = subtract(t, m);
    // Below m: no bit above the limbs, and the subtraction borrowed.
    let keep = 0u64.wrapping_sub(borrow & (top ^ 1));
    add_masked(&reduced, m, keep)
}

/// a·b as its lower N words and the last one: all products first, then one chain of carries.
#[inline(always)]
fn multiply_row<const N: usize>(a: &[u64; N], b: u64) -> ([u64; N], u64) {
    let products = a.map(|a| multiply_add(0, a, b, 0));
    let mut row = [0; N];
    let (mut above, mut carry) = (0, 0);
    for (word, (low, high)) in row.iter_mut().zip(products) {
        (*word, carry) = add_carry(above, low, carry);
        above = high;
    }
    (row, above + carry)
}

/// t + a·b + carry as (low, high); never overflows.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)] // the two halves of a 128-bit word
fn multiply_add(t: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let wide = u128::from(a) * u128::from(b) + u128::from(t) + u128::from(carry);
    (wide as u64, (wide >> 64) as u64)
}

/// a + b + carry as (sum, carry).
#[inline(always)]
pub(super) fn add_carry(a: u64, b: u64, carry: u64) -> (u64, u64) {
    let (sum, overflow) = a.carrying_add(b, carry != 0);
    (sum, u64::from(overflow))
}

/// a − b − borrow as (difference, borrow).
#[inline(always)]
pub(super) fn subtract_borrow(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    let (difference, overflow) = a.borrowing_sub(b, borrow != 0);
    (difference, u64::from(overflow))
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

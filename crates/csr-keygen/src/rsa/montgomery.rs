//! Montgomery arithmetic in radix 2^64: R = 2^(64·len), and all values are below the modulus.
//!
//! The functions are the portable backend's kernel. [`Context`] uses them for everything that runs
//! a few times per key of a generated size, on plain numbers: reduction modulo a prime, r^e of a
//! blinding value, qInv·h in the CRT. [`AnySizeModulus`] uses them for imported numbers of any length,
//! which it keeps in Montgomery form.
//!
//! Four words at a time are multiplied by one word after the other, so that the sums stay in
//! registers. The functions are inlined because all lengths are constants in the kernel.

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::ct;
use crate::limbs::{self, add_carry};
use crate::rsa::int::{self, MAX_WORDS, Words, mask};

/// Room for a double-length product, wiped on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct DoubleWidth([u64; MAX_WORDS]);

impl DoubleWidth {
    pub(crate) const fn new() -> Self {
        Self([0; MAX_WORDS])
    }
}

/// −n⁻¹ mod 2^64.
pub(crate) fn negated_inverse(n: &[u64]) -> u64 {
    int::inverse_mod_2_64(n[0]).wrapping_neg()
}

/// out = a·b/R mod n.
#[inline(always)]
pub(crate) fn mul(out: &mut [u64], a: &[u64], b: &[u64], n: &[u64], n0: u64, wide: &mut DoubleWidth) {
    let len = n.len();
    let (a, b, t) = (&a[..len], &b[..len], &mut wide.0[..2 * len]);
    t[..len].fill(0);
    for (i, a) in blocks(a).iter().enumerate() {
        let (words, end) = t[BLOCK * i..].split_at_mut(len);
        let mut sum = [0; BLOCK];
        for (word, b) in words.iter_mut().zip(b) {
            *word = limbs::multiply_add_row(&mut sum, a, *b, *word);
        }
        end[..BLOCK].copy_from_slice(&sum);
    }
    reduce(out, t, n, n0);
}

/// out = a²/R mod n. Products of different blocks are computed once and doubled; the squares are
/// added.
#[inline(always)]
pub(crate) fn square(out: &mut [u64], a: &[u64], n: &[u64], n0: u64, wide: &mut DoubleWidth) {
    let len = n.len();
    let (a, t) = (&a[..len], &mut wide.0[..2 * len]);
    t.fill(0);
    for (i, block) in blocks(a).iter().enumerate() {
        let (words, end) = t[BLOCK * i..].split_at_mut(len);
        let mut sum = [0; BLOCK];
        for (word, a) in words.iter_mut().zip(a).skip(BLOCK * (i + 1)) {
            *word = limbs::multiply_add_row(&mut sum, block, *a, *word);
        }
        end[..BLOCK].copy_from_slice(&sum);
    }
    let (mut above, mut carry) = (0, 0);
    for (words, block) in t.as_chunks_mut::<{ 2 * BLOCK }>().0.iter_mut().zip(blocks(a)) {
        for (word, square) in words.iter_mut().zip(limbs::square(block).as_flattened()) {
            let doubled = *word << 1 | above >> 63;
            above = *word;
            (*word, carry) = add_carry(doubled, *square, carry);
        }
    }
    reduce(out, t, n, n0);
}

/// out = t/R mod n for t < R·n of twice the length of n. Overwrites t.
///
/// Each step adds the multiple of n that clears the lowest block. The total is below (R·n +
/// R·n)/R = 2n, so one conditional subtraction brings it below n.
#[inline(always)]
pub(crate) fn reduce(out: &mut [u64], t: &mut [u64], n: &[u64], n0: u64) {
    let len = n.len();
    let t = &mut t[..2 * len];
    let (first, others) = (&blocks(n)[0], &n[BLOCK..]);
    let mut top = 0;
    for i in (0..len).step_by(BLOCK) {
        let (words, end) = t[i..].split_at_mut(len);
        let (lowest, words) = words.split_at_mut(BLOCK);
        let (mut sum, mut multiple) = (blocks(lowest)[0], [0; BLOCK]);
        for m in &mut multiple {
            *m = sum[0].wrapping_mul(n0);
            limbs::multiply_add_row(&mut sum, first, *m, 0);
        }
        for (word, n) in words.iter_mut().zip(others) {
            *word = limbs::multiply_add_row(&mut sum, &multiple, *n, *word);
        }
        for (word, sum) in end.iter_mut().zip(sum) {
            (*word, top) = add_carry(*word, sum, top);
        }
    }
    out.copy_from_slice(&t[len..]);
    subtract_once(out, top, n);
}

/// The words that are multiplied at a time. Every length is a multiple of it.
pub(crate) const BLOCK: usize = 4;

#[inline(always)]
fn blocks(words: &[u64]) -> &[[u64; BLOCK]] {
    let (blocks, rest) = words.as_chunks();
    debug_assert!(rest.is_empty());
    blocks
}

/// a ← (top·R + a) mod n for a value below 2n.
#[inline]
pub(crate) fn subtract_once(a: &mut [u64], top: u64, n: &[u64]) {
    let borrow = int::sub(a, n);
    // A borrow without a top bit to pay for it: the value was below n already.
    int::add_masked(a, n, mask(borrow & (1 ^ top)));
}

/// a ← 2a mod n if the mask is set.
#[inline]
pub(crate) fn double_masked(a: &mut [u64], n: &[u64], mask: u64) {
    let mut carry = false;
    for x in a.iter_mut() {
        (*x, carry) = x.carrying_add(*x & mask, carry);
    }
    subtract_once(a, u64::from(carry), n);
}

/// a ← a − b mod n.
pub(crate) fn sub_mod(a: &mut [u64], b: &[u64], n: &[u64]) {
    let borrow = int::sub(a, b);
    int::add_masked(a, n, mask(borrow));
}

/// The longest modulus in words: n of a 4096-bit key.
pub(crate) const MAX_LEN: usize = 64;

/// Arithmetic modulo one odd number, on plain numbers: a modulus with the constants that Montgomery
/// arithmetic needs. Wiped on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Context {
    n: [u64; MAX_LEN],
    #[zeroize(skip)]
    len: usize,
    n0: u64,
    /// R² mod n, by which a plain number is multiplied to get its Montgomery form.
    r2: [u64; MAX_LEN],
    wide: DoubleWidth,
    scratch: [u64; MAX_LEN],
}

impl Context {
    /// A context for odd n > 1.
    pub(crate) fn new(modulus: &[u64]) -> Self {
        let len = modulus.len();
        let mut n = [0; MAX_LEN];
        n[..len].copy_from_slice(modulus);
        let n0 = negated_inverse(modulus);
        let zero = [0; MAX_LEN];
        let mut context = Self { n, len, n0, r2: zero, wide: DoubleWidth::new(), scratch: zero };
        let (r2, scratch) = (&mut context.r2[..len], &mut context.scratch[..len]);
        r_squared(r2, modulus, n0, scratch, &mut context.wide);
        context
    }

    /// out = a·b mod n, for a < R·n of at most twice the length of n, and b < n.
    pub(crate) fn product(&mut self, out: &mut [u64], a: &[u64], b: &[u64]) {
        let (n, r2) = (&self.n[..self.len], &self.r2[..self.len]);
        let scratch = &mut self.scratch[..self.len];
        // a/R, a, a·R, and a·b.
        let mut double = [0; 2 * MAX_LEN];
        double[..a.len()].copy_from_slice(a);
        reduce(scratch, &mut double[..2 * self.len], n, self.n0);
        double.zeroize();
        mul(out, scratch, r2, n, self.n0, &mut self.wide);
        mul(scratch, out, r2, n, self.n0, &mut self.wide);
        mul(out, scratch, b, n, self.n0, &mut self.wide);
    }

    /// out = base^65537 mod n for base < n: sixteen squarings, then a multiplication of the
    /// Montgomery form by the plain base, which gives a plain number.
    pub(crate) fn power_e(&mut self, out: &mut [u64], base: &[u64]) {
        let (n, r2) = (&self.n[..self.len], &self.r2[..self.len]);
        let scratch = &mut self.scratch[..self.len];
        mul(scratch, base, r2, n, self.n0, &mut self.wide);
        for _ in 0..16 {
            square(out, scratch, n, self.n0, &mut self.wide);
            scratch.copy_from_slice(out);
        }
        mul(out, scratch, base, n, self.n0, &mut self.wide);
    }
}

/// out = R² mod n: the Montgomery form of 2^(64·len). Doublings make the form of 2^(64·len/2^k), k
/// squarings the rest.
fn r_squared(out: &mut [u64], n: &[u64], n0: u64, scratch: &mut [u64], wide: &mut DoubleWidth) {
    let bits = 64 * n.len();
    let squarings = bits.trailing_zeros() - 5;
    power_of_two(out, bits + (bits >> squarings), n);
    for _ in 0..squarings {
        scratch.copy_from_slice(out);
        square(out, scratch, n, n0, wide);
    }
}

/// out = 2^exponent mod n for a public exponent. It is fast for an exponent a little above the
/// length of n, if n has its top bit set; any other n > 1 takes longer.
pub(crate) fn power_of_two(out: &mut [u64], exponent: usize, n: &[u64]) {
    let len = n.len();
    out.fill(0);
    let mut reached = 0;
    // The length of a prime or modulus is public.
    if ct::public(n[len - 1] >> 63) == 1 {
        // 2^(64·len) − n.
        int::sub(out, n);
        reached = 64 * len;
    } else {
        out[0] = 1;
    }
    for _ in reached..exponent {
        double_masked(out, n, u64::MAX);
    }
}

/// The bits of a secret exponent that one table look-up takes.
const WINDOW: usize = 4;

/// An odd modulus of any length, with the constants that Montgomery arithmetic needs. Its length is
/// a multiple of [`BLOCK`] words, and its top words may be zero. Numbers "in form" are multiplied by
/// R. Wiped on drop.
pub(crate) struct AnySizeModulus {
    pub(crate) n: Words,
    /// The length of n in bits, which is public.
    pub(crate) bits: usize,
    n0: Zeroizing<u64>,
    /// 1 in form.
    pub(crate) one: Words,
    /// R² mod n.
    r2: Words,
}

impl AnySizeModulus {
    /// An odd n > 1 of that many bits.
    pub(crate) fn new(n: &[u64], bits: usize) -> Self {
        let [mut one, mut r2, mut scratch] = [(); 3].map(|()| int::zero(n.len()));
        let n0 = Zeroizing::new(negated_inverse(n));
        power_of_two(&mut one, 64 * n.len(), n);
        r_squared(&mut r2, n, *n0, &mut scratch, &mut DoubleWidth::new());
        Self { n: int::copy(n), bits, n0, one, r2 }
    }

    /// a·b/R: the product in form of two numbers in form, or the plain one if only one is.
    pub(crate) fn product(&self, a: &[u64], b: &[u64]) -> Words {
        let mut out = int::zero(self.n.len());
        mul(&mut out, a, b, &self.n, *self.n0, &mut DoubleWidth::new());
        out
    }

    /// The square of a number in form.
    pub(crate) fn square(&self, out: &mut [u64], a: &[u64], wide: &mut DoubleWidth) {
        square(out, a, &self.n, *self.n0, wide);
    }

    /// The form of a value below R·n, of at most twice the modulus's length.
    pub(crate) fn form_of(&self, value: &[u64]) -> Words {
        // value/R, value, value·R.
        self.product(&self.product(&self.plain(value), &self.r2), &self.r2)
    }

    /// The plain number of a number in form, or value/R of any value below R·n.
    pub(crate) fn plain(&self, form: &[u64]) -> Words {
        let mut wide = int::zero(2 * self.n.len());
        wide[..form.len()].copy_from_slice(form);
        let mut out = int::zero(self.n.len());
        reduce(&mut out, &mut wide, &self.n, *self.n0);
        out
    }

    /// The product of base^exponent over the given factors, in form like the bases. Exponents have
    /// the modulus's length. The squarings are shared, and every table entry is read for every
    /// window.
    pub(crate) fn powers(&self, factors: &[(&[u64], &[u64])]) -> Words {
        let len = self.n.len();
        let mut wide = DoubleWidth::new();
        let tables: Vec<Vec<Words>> = factors
            .iter()
            .map(|(base, _)| {
                let mut table = vec![int::copy(&self.one), int::copy(base)];
                for i in 2..1 << WINDOW {
                    table.push(self.product(&table[i - 1], base));
                }
                table
            })
            .collect();
        let mut x = int::copy(&self.one);
        let [mut y, mut entry] = [(); 2].map(|()| int::zero(len));
        let windows = 64 * len / WINDOW;
        for window in (0..windows).rev() {
            if window + 1 != windows {
                for _ in 0..WINDOW {
                    self.square(&mut y, &x, &mut wide);
                    core::mem::swap(&mut x, &mut y);
                }
            }
            let bit = window * WINDOW;
            for (table, (_, exponent)) in tables.iter().zip(factors) {
                let digit = exponent[bit / 64] >> (bit % 64) & ((1 << WINDOW) - 1);
                for (power, index) in table.iter().zip(0..) {
                    int::copy_masked(&mut entry, power, mask(int::is_zero_word(digit ^ index)));
                }
                mul(&mut y, &x, &entry, &self.n, *self.n0, &mut wide);
                core::mem::swap(&mut x, &mut y);
            }
        }
        x
    }

    /// base^exponent in form, for a public big-endian exponent above 0.
    pub(crate) fn public_power(&self, base: &[u64], exponent: &[u8]) -> Words {
        let mut wide = DoubleWidth::new();
        let (mut x, mut y) = (int::copy(&self.one), int::zero(self.n.len()));
        for bit in exponent.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1)) {
            self.square(&mut y, &x, &mut wide);
            core::mem::swap(&mut x, &mut y);
            if bit == 1 {
                mul(&mut y, &x, base, &self.n, *self.n0, &mut wide);
                core::mem::swap(&mut x, &mut y);
            }
        }
        x
    }
}

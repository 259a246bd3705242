//! Montgomery arithmetic in radix 2^64: R = 2^(64·len), all values below the modulus.
//!
//! This is the kernel of the portable backend and the arithmetic of everything that runs once a key: reduction
//! modulo a prime, the check s^e mod n of a signature, qInv·h in the CRT.
//!
//! Four words are multiplied at once by one word after the other, so that the sums stay in registers. The functions are inlined:
//! in the kernel all lengths are constants.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::fixed::{self, add_carry};
use super::{MAX_WORDS, inverse_mod_2_64, mask, sub};

/// Room for a double-length product, wiped on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Wide([u64; MAX_WORDS]);

impl Wide {
    pub(crate) const fn new() -> Self {
        Self([0; MAX_WORDS])
    }
}

/// −n⁻¹ mod 2^64.
pub(crate) fn negated_inverse(n: &[u64]) -> u64 {
    inverse_mod_2_64(n[0]).wrapping_neg()
}

/// out = a·b/R mod n.
#[inline(always)]
pub(crate) fn mul(out: &mut [u64], a: &[u64], b: &[u64], n: &[u64], n0: u64, wide: &mut Wide) {
    let len = n.len();
    let (a, b, t) = (&a[..len], &b[..len], &mut wide.0[..2 * len]);
    t[..len].fill(0);
    for (i, a) in blocks(a).iter().enumerate() {
        let (words, end) = t[BLOCK * i..].split_at_mut(len);
        let mut sum = [0; BLOCK];
        for (word, b) in words.iter_mut().zip(b) {
            *word = fixed::multiply_add_row(&mut sum, a, *b, *word);
        }
        end[..BLOCK].copy_from_slice(&sum);
    }
    reduce(out, t, n, n0);
}

/// out = a²/R mod n: the products of different blocks once, doubled, and the squares added.
#[inline(always)]
pub(crate) fn square(out: &mut [u64], a: &[u64], n: &[u64], n0: u64, wide: &mut Wide) {
    let len = n.len();
    let (a, t) = (&a[..len], &mut wide.0[..2 * len]);
    t.fill(0);
    for (i, block) in blocks(a).iter().enumerate() {
        let (words, end) = t[BLOCK * i..].split_at_mut(len);
        let mut sum = [0; BLOCK];
        for (word, a) in words.iter_mut().zip(a).skip(BLOCK * (i + 1)) {
            *word = fixed::multiply_add_row(&mut sum, block, *a, *word);
        }
        end[..BLOCK].copy_from_slice(&sum);
    }
    let (mut above, mut carry) = (0, 0);
    for (words, block) in t.as_chunks_mut::<{ 2 * BLOCK }>().0.iter_mut().zip(blocks(a)) {
        for (word, square) in words.iter_mut().zip(fixed::square(block).as_flattened()) {
            let doubled = *word << 1 | above >> 63;
            above = *word;
            (*word, carry) = add_carry(doubled, *square, carry);
        }
    }
    reduce(out, t, n, n0);
}

/// out = t/R mod n for t < R·n, of twice the length of n. Clobbers t.
///
/// Each step adds the multiple of n that clears the lowest block. The total is below (R·n + R·n)/R = 2n: one
/// conditional subtraction brings it below n.
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
            fixed::multiply_add_row(&mut sum, first, *m, 0);
        }
        for (word, n) in words.iter_mut().zip(others) {
            *word = fixed::multiply_add_row(&mut sum, &multiple, *n, *word);
        }
        for (word, sum) in end.iter_mut().zip(sum) {
            (*word, top) = add_carry(*word, sum, top);
        }
    }
    out.copy_from_slice(&t[len..]);
    subtract_once(out, top, n);
}

/// The words that are multiplied at once. Every length is a multiple of it.
const BLOCK: usize = 4;

#[inline(always)]
fn blocks(words: &[u64]) -> &[[u64; BLOCK]] {
    let (blocks, rest) = words.as_chunks();
    debug_assert!(rest.is_empty());
    blocks
}

/// a ← (top·R + a) mod n, for a value below 2n.
#[inline]
pub(crate) fn subtract_once(a: &mut [u64], top: u64, n: &[u64]) {
    let borrow = sub(a, n);
    // Below n already: no top bit to pay for the borrow.
    super::add_masked(a, n, mask(borrow & (1 ^ top)));
}

/// a ← 2a mod n where the mask is set.
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
    let borrow = sub(a, b);
    super::add_masked(a, n, mask(borrow));
}

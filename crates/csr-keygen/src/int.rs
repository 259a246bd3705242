//! Constant-time arithmetic on little-endian slices of 64-bit words, for everything that is not hot.
//!
//! Lengths are public; values are secret. No function branches on a value, indexes by it or divides by it with
//! the machine's division. Masks are all ones or all zeros, and pass through [`mask`], which hides their origin
//! from the optimiser: without it the compiler turns `r += p & m` back into a branch.

pub(crate) mod context;
pub(crate) mod exact;
pub(crate) mod fixed;
pub(crate) mod mont;
pub(crate) mod safegcd;

/// The longest number of the crate in words: a product of two numbers of 8192 bits.
pub(crate) const MAX_WORDS: usize = 256;
/// The longest prime in words.
pub(crate) const MAX_PRIME_WORDS: usize = 32;

/// All ones for 1, all zeros for 0.
#[inline]
pub(crate) fn mask(bit: u64) -> u64 {
    core::hint::black_box(0u64.wrapping_sub(bit))
}

/// 1 where `x` is zero, 0 elsewhere.
#[inline]
pub(crate) fn is_zero_word(x: u64) -> u64 {
    1 ^ ((x | x.wrapping_neg()) >> 63)
}

/// a += b; the carry out.
pub(crate) fn add(a: &mut [u64], b: &[u64]) -> u64 {
    let mut carry = false;
    for (x, y) in a.iter_mut().zip(b) {
        (*x, carry) = x.carrying_add(*y, carry);
    }
    u64::from(carry)
}

/// a −= b & mask; the borrow out.
pub(crate) fn sub_masked(a: &mut [u64], b: &[u64], mask: u64) -> u64 {
    let mut borrow = false;
    for (x, y) in a.iter_mut().zip(b) {
        (*x, borrow) = x.borrowing_sub(*y & mask, borrow);
    }
    u64::from(borrow)
}

/// a −= b; the borrow out.
pub(crate) fn sub(a: &mut [u64], b: &[u64]) -> u64 {
    sub_masked(a, b, u64::MAX)
}

/// a += b & mask; the carry out.
pub(crate) fn add_masked(a: &mut [u64], b: &[u64], mask: u64) -> u64 {
    let mut carry = false;
    for (x, y) in a.iter_mut().zip(b) {
        (*x, carry) = x.carrying_add(*y & mask, carry);
    }
    u64::from(carry)
}

/// 1 where a < b (same length), 0 elsewhere.
pub(crate) fn less(a: &[u64], b: &[u64]) -> u64 {
    let mut borrow = false;
    for (x, y) in a.iter().zip(b) {
        (_, borrow) = x.borrowing_sub(*y, borrow);
    }
    u64::from(borrow)
}

/// 1 where a = b (same length), 0 elsewhere.
pub(crate) fn equal(a: &[u64], b: &[u64]) -> u64 {
    is_zero_word(a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y)))
}

/// 1 where a = 0, 0 elsewhere.
pub(crate) fn is_zero(a: &[u64]) -> u64 {
    is_zero_word(a.iter().fold(0, |any, x| any | x))
}

/// 1 where a equals the word `b`, 0 elsewhere.
pub(crate) fn equals_word(a: &[u64], b: u64) -> u64 {
    is_zero_word(a[1..].iter().fold(a[0] ^ b, |any, x| any | x))
}

/// a ← b where the mask is set.
pub(crate) fn copy_masked(a: &mut [u64], b: &[u64], mask: u64) {
    for (x, y) in a.iter_mut().zip(b) {
        *x ^= (*x ^ *y) & mask;
    }
}

/// a >>= bits, for 0 < bits < 64.
pub(crate) fn shift_right(a: &mut [u64], bits: u32) {
    for i in 0..a.len() {
        let above = a.get(i + 1).copied().unwrap_or(0);
        a[i] = a[i] >> bits | above << (64 - bits);
    }
}

/// out = a·b, of exactly the two lengths together.
pub(crate) fn mul(out: &mut [u64], a: &[u64], b: &[u64]) {
    debug_assert_eq!(out.len(), a.len() + b.len());
    out.fill(0);
    for (i, x) in a.iter().enumerate() {
        let mut carry = 0;
        for (y, z) in b.iter().zip(&mut out[i..]) {
            (*z, carry) = x.carrying_mul_add(*y, *z, carry);
        }
        out[i + b.len()] = carry;
    }
}

/// out = a·b + c for words b and c; the word carried out.
pub(crate) fn mul_word(out: &mut [u64], a: &[u64], b: u64, c: u64) -> u64 {
    let mut carry = c;
    for (z, x) in out.iter_mut().zip(a) {
        (*z, carry) = x.carrying_mul_add(b, carry, 0);
    }
    carry
}

/// x⁻¹ mod 2^64 of an odd word: each Newton step doubles the number of right bits, from the 5 of `3x ^ 2`.
pub(crate) const fn inverse_mod_2_64(x: u64) -> u64 {
    let mut y = x.wrapping_mul(3) ^ 2;
    let mut right_bits = 5;
    while right_bits < 64 {
        y = y.wrapping_mul(2u64.wrapping_sub(x.wrapping_mul(y)));
        right_bits *= 2;
    }
    y
}

/// Reads big-endian bytes, eight a word.
pub(crate) fn from_be_bytes(out: &mut [u64], bytes: &[u8]) {
    debug_assert!(bytes.len() <= out.len() * 8);
    out.fill(0);
    for (word, chunk) in out.iter_mut().zip(bytes.rchunks(8)) {
        let mut whole = [0; 8];
        whole[8 - chunk.len()..].copy_from_slice(chunk);
        *word = u64::from_be_bytes(whole);
    }
}

/// Writes big-endian bytes, eight a word.
pub(crate) fn to_be_bytes(out: &mut [u8], words: &[u64]) {
    for (chunk, word) in out.rchunks_mut(8).zip(words) {
        let bytes = word.to_be_bytes();
        chunk.copy_from_slice(&bytes[8 - chunk.len()..]);
    }
}

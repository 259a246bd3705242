//! The rows of Montgomery's reduction for the three field primes: (t + m·p)/2^64 without a multiplication.
//!
//! For P-256 and SM2, p ≡ −1 (mod 2^64), so m = t and t + m·p = t·(p + 1); for P-384, −p⁻¹ ≡ 2^32 + 1.

use super::mont::{add_carry, subtract_borrow};

/// t·(2^256 − 2^224 + 2^192 + 2^96)/2^64.
#[inline(always)]
pub(super) fn p256(t: u64) -> [u64; 4] {
    let (low, high) = (t << 32, t >> 32); // of t·2^32
    let (w2, borrow) = subtract_borrow(t, low, 0); // t·(2^64 − 2^32 + 1)
    let (w3, _) = subtract_borrow(t, high, borrow);
    [low, high, w2, w3]
}

/// t·(2^256 − 2^224 − 2^96 + 2^64)/2^64.
#[inline(always)]
pub(super) fn sm2(t: u64) -> [u64; 4] {
    let (low, high) = (t << 32, t >> 32);
    let (w0, borrow) = subtract_borrow(t, low, 0);
    let (w1, borrow) = subtract_borrow(0, high, borrow);
    let (w2, borrow) = subtract_borrow(0, low, borrow);
    let (w3, _) = subtract_borrow(t, high, borrow);
    [w0, w1, w2, w3]
}

/// (t + m·(2^384 − 2^128 − 2^96 + 2^32 − 1))/2^64.
#[inline(always)]
pub(super) fn p384(t: u64) -> [u64; 6] {
    let m = t.wrapping_add(t << 32);
    let (low, high) = (m << 32, m >> 32); // of m·2^32
    // t + m·2^32 − m is c·2^64: its low word is 0.
    let (partial, carry) = add_carry(t, low, 0);
    let (_, borrow) = subtract_borrow(partial, m, 0);
    let c = high.wrapping_add(carry).wrapping_sub(borrow);
    // c − m·2^32 − m·2^64, below m·2^320.
    let (w0, borrow) = subtract_borrow(c, low, 0);
    let (w1, borrow) = subtract_borrow(0, high, borrow);
    let (w2, borrow_2) = subtract_borrow(0, 0, borrow);
    let (w1, borrow) = subtract_borrow(w1, m, 0);
    let (w2, borrow) = subtract_borrow(w2, 0, borrow);
    // At most one of the two borrows runs on: together they subtract less than 2^128.
    let (w3, borrow) = subtract_borrow(0, 0, borrow | borrow_2);
    let (w4, borrow) = subtract_borrow(0, 0, borrow);
    let (w5, _) = subtract_borrow(m, 0, borrow);
    [w0, w1, w2, w3, w4, w5]
}

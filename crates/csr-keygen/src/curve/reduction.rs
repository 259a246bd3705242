//! A word of Montgomery's reduction for the three field primes: (t + m·p)/2^64 without a multiplication.
//!
//! For P-256 and SM2, p ≡ −1 (mod 2^64), so m = t's lowest word w, and t + m·p = t − w + w·(p + 1); for P-384,
//! −p⁻¹ ≡ 2^32 + 1 (mod 2^64).

use crate::int::fixed::{add, add_carry, subtract, subtract_borrow};

/// Adds w·(2^256 − 2^224 + 2^192 + 2^96)/2^64.
#[inline(always)]
pub(super) fn p256([w, t1, t2, t3]: [u64; 4]) -> [u64; 4] {
    let (low, high) = (w << 32, w >> 32); // of w·2^32
    let (w2, borrow) = subtract_borrow(w, low, 0); // w·(2^64 − 2^32 + 1)
    let (w3, _) = subtract_borrow(w, high, borrow);
    let (sum, _) = add(&[t1, t2, t3, 0], &[low, high, w2, w3]);
    sum
}

/// Adds w·(2^256 − 2^224 − 2^96 + 2^64)/2^64.
#[inline(always)]
pub(super) fn sm2([w, t1, t2, t3]: [u64; 4]) -> [u64; 4] {
    let (low, high) = (w << 32, w >> 32);
    let (w0, borrow) = subtract_borrow(w, low, 0);
    let (w1, borrow) = subtract_borrow(0, high, borrow);
    let (w2, borrow) = subtract_borrow(0, low, borrow);
    let (w3, _) = subtract_borrow(w, high, borrow);
    let (sum, _) = add(&[t1, t2, t3, 0], &[w0, w1, w2, w3]);
    sum
}

/// Adds m·(2^384 − 2^128 − 2^96 + 2^32 − 1).
#[inline(always)]
pub(super) fn p384([w, t1, t2, t3, t4, t5]: [u64; 6]) -> [u64; 6] {
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
    let (difference, _) = subtract(&[t1, t2, t3, t4, t5, m], &[s0, s1, s2, 0, 0, 0]);
    difference
}

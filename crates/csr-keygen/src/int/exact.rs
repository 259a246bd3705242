//! Exact division and arithmetic modulo e, without the machine's division.

use super::{inverse_mod_2_64, mask, mul_word};
use crate::rsa::PUBLIC_EXPONENT;

const E: u64 = PUBLIC_EXPONENT as u64;

/// a ← a/divisor modulo 2^(64·len), exact where the odd divisor divides a: word by word from the bottom, each
/// quotient word is what the inverse modulo 2^64 says, and its product is borrowed from the words above
/// (Jebelean, "An algorithm for exact division", 1993).
pub(crate) fn divide(a: &mut [u64], divisor: u64) {
    let inverse = inverse_mod_2_64(divisor);
    let mut borrow = 0u64;
    for x in a {
        let (difference, under) = x.overflowing_sub(borrow);
        *x = difference.wrapping_mul(inverse);
        let (_, high) = x.carrying_mul(divisor, 0);
        borrow = high + u64::from(under);
    }
}

/// a mod e for e = 2^16 + 1: 2^16 ≡ −1, so digits of 16 bits are summed with alternating signs. With at most
/// 128 words the sum stays within ±2^24.
pub(crate) fn mod_e(a: &[u64]) -> u64 {
    let digits = |x: u64| (x & 0xffff) + (x >> 32 & 0xffff);
    let sum = a.iter().fold(0u64, |sum, x| sum.wrapping_add(digits(*x)).wrapping_sub(digits(*x >> 16)));
    fold_e(sum.wrapping_add(E << 9))
}

/// Brings 0 ≤ x ≤ 2^32 below e.
fn fold_e(x: u64) -> u64 {
    let difference = (x & 0xffff).wrapping_sub(x >> 16);
    let once = difference.wrapping_add(E & mask(difference >> 63));
    once.wrapping_sub(E & mask(1 ^ (once.wrapping_sub(E) >> 63)))
}

/// x⁻¹ mod e for 0 < x < e, by Fermat: e is prime and e − 2 = 2^16 − 1 is sixteen ones. 0 gives 0.
fn invert_mod_e(x: u64) -> u64 {
    (1..16).fold(x, |power, _| {
        let square = fold_e(power * power);
        fold_e(square * x)
    })
}

/// out = e⁻¹ mod m as (1 + m·k)/e with k = −m⁻¹ mod e. Returns 1 where the inverse exists, 0 where e divides m.
///
/// 0 < k < e makes 1 + m·k ≡ 0 (mod e) and the quotient at most (1 + m·(e−1))/e < m for m > 1. The product is
/// kept modulo 2^(64·len) only: the exact quotient is below m and needs no more.
pub(crate) fn invert_e(out: &mut [u64], m: &[u64]) -> u64 {
    let residue = mod_e(m);
    let k = E - invert_mod_e(residue);
    mul_word(out, m, k, 1);
    divide(out, E);
    1 ^ super::is_zero_word(residue)
}

//! Constant-time arithmetic on little-endian slices of 64-bit words, for everything that is not
//! hot.
//!
//! Lengths are public; values are secret. No function branches on a value, indexes by it or divides
//! by it with the machine's division. Masks are all ones or all zeros and come from [`mask`], which
//! hides their origin from the optimizer: without it the compiler turns `r += p & m` back into a
//! branch.

use chacha20::ChaCha20Rng;
use rand_core::TryRng;
use zeroize::{Zeroize, Zeroizing};

use crate::ct;
use crate::rsa::size::PUBLIC_EXPONENT;
use crate::safegcd::signed::{self, join, limbs_for, split};
use crate::safegcd::{self, BITS, Divstep, Masks, divsteps};

/// The longest number of the crate in words: a product of two numbers of 8192 bits.
pub(crate) const MAX_WORDS: usize = 256;
/// The longest generated prime in words.
pub(crate) const MAX_PRIME_WORDS: usize = 32;

/// A number in words of 64 bits, little-endian. It lives on the heap and is wiped on drop.
pub(crate) type Words = Zeroizing<Vec<u64>>;

/// All ones for 1, all zeros for 0.
#[inline]
pub(crate) fn mask(bit: u64) -> u64 {
    core::hint::black_box(0u64.wrapping_sub(bit))
}

/// 1 if `x` is zero, else 0.
#[inline]
pub(crate) fn is_zero_word(x: u64) -> u64 {
    1 ^ ((x | x.wrapping_neg()) >> 63)
}

/// a += b; returns the carry.
pub(crate) fn add(a: &mut [u64], b: &[u64]) -> u64 {
    let mut carry = false;
    for (x, y) in a.iter_mut().zip(b) {
        (*x, carry) = x.carrying_add(*y, carry);
    }
    u64::from(carry)
}

/// a −= b & mask; returns the borrow.
pub(crate) fn sub_masked(a: &mut [u64], b: &[u64], mask: u64) -> u64 {
    let mut borrow = false;
    for (x, y) in a.iter_mut().zip(b) {
        (*x, borrow) = x.borrowing_sub(*y & mask, borrow);
    }
    u64::from(borrow)
}

/// a −= b; returns the borrow.
pub(crate) fn sub(a: &mut [u64], b: &[u64]) -> u64 {
    sub_masked(a, b, u64::MAX)
}

/// a += b & mask; returns the carry.
pub(crate) fn add_masked(a: &mut [u64], b: &[u64], mask: u64) -> u64 {
    let mut carry = false;
    for (x, y) in a.iter_mut().zip(b) {
        (*x, carry) = x.carrying_add(*y & mask, carry);
    }
    u64::from(carry)
}

/// 1 if x < y, else 0, for words below 2^63.
pub(crate) fn less_word(x: u64, y: u64) -> u64 {
    x.wrapping_sub(y) >> 63
}

/// 1 if a < b (of the same length), else 0.
pub(crate) fn less(a: &[u64], b: &[u64]) -> u64 {
    let mut borrow = false;
    for (x, y) in a.iter().zip(b) {
        (_, borrow) = x.borrowing_sub(*y, borrow);
    }
    u64::from(borrow)
}

/// 1 if a = b (of the same length), else 0.
pub(crate) fn equal(a: &[u64], b: &[u64]) -> u64 {
    is_zero_word(a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y)))
}

/// 1 if a = 0, else 0.
pub(crate) fn is_zero(a: &[u64]) -> u64 {
    is_zero_word(a.iter().fold(0, |any, x| any | x))
}

/// 1 if a equals the word `b`, else 0.
pub(crate) fn equals_word(a: &[u64], b: u64) -> u64 {
    is_zero_word(a[1..].iter().fold(a[0] ^ b, |any, x| any | x))
}

/// a ← b if the mask is set.
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

/// out = a·b. The length of `out` is the sum of the two lengths.
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

/// out = a·b + c for words b and c; returns the word carried out.
pub(crate) fn mul_word(out: &mut [u64], a: &[u64], b: u64, c: u64) -> u64 {
    let mut carry = c;
    for (z, x) in out.iter_mut().zip(a) {
        (*z, carry) = x.carrying_mul_add(b, carry, 0);
    }
    carry
}

/// x⁻¹ mod 2^64 of an odd word. Each Newton step doubles the number of right bits, from the 5 of
/// `3x ^ 2`.
pub(crate) const fn inverse_mod_2_64(x: u64) -> u64 {
    let mut y = x.wrapping_mul(3) ^ 2;
    let mut right_bits = 5;
    while right_bits < 64 {
        y = y.wrapping_mul(2u64.wrapping_sub(x.wrapping_mul(y)));
        right_bits *= 2;
    }
    y
}

/// Reads big-endian bytes, eight per word.
pub(crate) fn from_be_bytes(out: &mut [u64], bytes: &[u8]) {
    debug_assert!(bytes.len() <= out.len() * 8);
    out.fill(0);
    for (word, chunk) in out.iter_mut().zip(bytes.rchunks(8)) {
        let mut whole = [0; 8];
        whole[8 - chunk.len()..].copy_from_slice(chunk);
        *word = u64::from_be_bytes(whole);
    }
}

/// Writes big-endian bytes, eight per word.
pub(crate) fn to_be_bytes(out: &mut [u8], words: &[u64]) {
    for (chunk, word) in out.rchunks_mut(8).zip(words) {
        let bytes = word.to_be_bytes();
        chunk.copy_from_slice(&bytes[8 - chunk.len()..]);
    }
}

// Numbers on the heap.

/// Zero in that many words.
pub(crate) fn zero(words: usize) -> Words {
    Zeroizing::new(vec![0; words])
}

/// A copy on the heap.
pub(crate) fn copy(words: &[u64]) -> Words {
    Zeroizing::new(words.to_vec())
}

/// (n − 1)/2 of an odd n.
pub(crate) fn half(n: &[u64]) -> Words {
    let mut half = copy(n);
    shift_right(&mut half, 1);
    half
}

/// n − 1 of an odd n.
pub(crate) fn less_one(n: &[u64]) -> Words {
    let mut less_one = copy(n);
    less_one[0] -= 1;
    less_one
}

/// a·b.
pub(crate) fn product(a: &[u64], b: &[u64]) -> Words {
    let mut product = zero(a.len() + b.len());
    mul(&mut product, a, b);
    product
}

/// Clears all but the lowest bits.
pub(crate) fn keep_bits(a: &mut [u64], bits: usize) {
    for (word, start) in a.iter_mut().zip((0..).step_by(64)) {
        let bits = bits.saturating_sub(start).min(64);
        *word &= if bits == 0 { 0 } else { u64::MAX >> (64 - bits) };
    }
}

/// a ← the odd part of a > 0. Returns the number of factors of 2 that were removed.
///
/// Their number in binary, from the top: once the larger powers are divided off, 2^k factors are
/// left exactly if the lowest 2^k bits are zero.
pub(crate) fn make_odd(a: &mut [u64]) -> u64 {
    let mut shifted = zero(a.len());
    (0..=(64 * a.len() - 1).ilog2()).rev().fold(0, |twos, k| {
        let bits = 1usize << k;
        let (words, divides) = match bits {
            0..64 => (0, is_zero_word(a[0] & ((1 << bits) - 1))),
            _ => (bits / 64, is_zero(&a[..bits / 64])),
        };
        let (low, high) = shifted.split_at_mut(a.len() - words);
        low.copy_from_slice(&a[words..]);
        high.fill(0);
        if words == 0 {
            shift_right(low, 1 << k);
        }
        copy_masked(a, &shifted, mask(divides));
        twos + (divides << k)
    })
}

/// Reads big-endian bytes into that many words.
pub(crate) fn read(bytes: &[u8], words: usize) -> Words {
    let mut out = zero(words);
    from_be_bytes(&mut out, bytes);
    out
}

/// Writes big-endian bytes.
pub(crate) fn write(words: &[u64]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(vec![0; 8 * words.len()]);
    to_be_bytes(&mut bytes, words);
    bytes
}

/// The number in at most `len` bytes, or `None` if it is longer. Leading zeros are skipped only if
/// there are more than `len` bytes, so that otherwise the time does not depend on them.
pub(crate) fn at_most(len: usize, bytes: &[u8]) -> Option<&[u8]> {
    let bytes = if bytes.len() > len { trimmed(bytes) } else { bytes };
    (bytes.len() <= len).then_some(bytes)
}

/// The bytes without leading zeros.
pub(crate) fn trimmed(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

/// The length in bits of a big-endian number. It is public, and so is the number of leading zeros.
pub(crate) fn bit_length(bytes: &[u8]) -> usize {
    let zeros = |byte: &u8| ct::public(byte.leading_zeros()) as usize;
    let first = bytes.iter().position(|byte| zeros(byte) < 8);
    first.map_or(0, |first| 8 * (bytes.len() - first) - zeros(&bytes[first]))
}

/// Fills words from a generator that cannot fail.
pub(crate) fn fill(rng: &mut ChaCha20Rng, words: &mut [u64]) {
    let mut bytes = [0; 8 * MAX_PRIME_WORDS];
    for chunk in words.chunks_mut(MAX_PRIME_WORDS) {
        let bytes = &mut bytes[..8 * chunk.len()];
        let Ok(()) = rng.try_fill_bytes(bytes);
        from_be_bytes(chunk, bytes);
    }
    bytes.zeroize();
}

// Exact division, and arithmetic modulo e, without the machine's division.

const E: u64 = PUBLIC_EXPONENT as u64;

/// a ← a/divisor modulo 2^(64·len), exact if the odd divisor divides a (Jebelean, "An algorithm for
/// exact division", 1993). It goes word by word from the bottom: the inverse modulo 2^64 gives each
/// quotient word, whose product with the divisor is borrowed from the words above.
pub(crate) fn divide_exact(a: &mut [u64], divisor: u64) {
    let inverse = inverse_mod_2_64(divisor);
    let mut borrow = 0u64;
    for x in a {
        let (difference, under) = x.overflowing_sub(borrow);
        *x = difference.wrapping_mul(inverse);
        let (_, high) = x.carrying_mul(divisor, 0);
        borrow = high + u64::from(under);
    }
}

/// a mod e for e = 2^16 + 1. Because 2^16 ≡ −1, digits of 16 bits are summed with alternating
/// signs. With at most 256 words the sum stays within ±2^25.
pub(crate) fn mod_e(a: &[u64]) -> u64 {
    let digits = |x: u64| (x & 0xffff) + (x >> 32 & 0xffff);
    let sum = a.iter().fold(0u64, |sum, x| sum.wrapping_add(digits(*x)).wrapping_sub(digits(*x >> 16)));
    fold_e(sum.wrapping_add(E << 9))
}

/// Reduces 0 ≤ x ≤ 2^32 below e.
fn fold_e(x: u64) -> u64 {
    let difference = (x & 0xffff).wrapping_sub(x >> 16);
    let once = difference.wrapping_add(E & mask(difference >> 63));
    once.wrapping_sub(E & mask(1 ^ (once.wrapping_sub(E) >> 63)))
}

/// x⁻¹ mod e for 0 < x < e, by Fermat: e is prime, and e − 2 = 2^16 − 1 is sixteen ones. 0 gives 0.
fn invert_mod_e(x: u64) -> u64 {
    (1..16).fold(x, |power, _| {
        let square = fold_e(power * power);
        fold_e(square * x)
    })
}

/// out = e⁻¹ mod m as (1 + m·k)/e with k = −m⁻¹ mod e. Returns 1 if the inverse exists, 0 if e
/// divides m.
///
/// 0 < k < e makes 1 + m·k ≡ 0 (mod e) and the quotient at most (1 + m·(e−1))/e < m for m > 1. The
/// product is kept modulo 2^(64·len) only: the exact quotient is below m and needs no more.
pub(crate) fn invert_e(out: &mut [u64], m: &[u64]) -> u64 {
    let residue = mod_e(m);
    let k = E - invert_mod_e(residue);
    mul_word(out, m, k, 1);
    divide_exact(out, E);
    1 ^ is_zero_word(residue)
}

// Greatest common divisors and inverses of numbers whose length is known at run time. The divsteps
// use masks on every backend: an inversion is a small part of what calls it.

/// Limbs for 2048 bits.
const MAX_LIMBS: usize = limbs_for(2048);

type SignedLimbs = Zeroizing<[i64; MAX_LIMBS]>;

/// out = gcd(a, b) of two odd numbers of the same length.
pub(crate) fn gcd(out: &mut [u64], a: &[u64], b: &[u64]) {
    let bits = 64 * a.len();
    let len = limbs_for(bits);
    let (mut f, mut g) = (SignedLimbs::new(split(a)), SignedLimbs::new(split(b)));
    let (f, g) = (&mut f[..len], &mut g[..len]);
    let (mask, mut state) = (signed::mask(), [Masks::START]);
    for _ in 0..safegcd::batches(bits, false) {
        let [matrix] = divsteps::<Masks, _>(&mut state, [f[0]], [g[0]]);
        signed::update_fg(f, g, &matrix, mask);
    }
    signed::negate_if(f, signed::sign(f));
    join(out, f);
}

/// out = a⁻¹ mod n for odd n and 0 < a < 2n. Returns 1 if the inverse exists, else 0 and `out` is
/// meaningless.
pub(crate) fn invert(out: &mut [u64], a: &[u64], n: &[u64]) -> u64 {
    let bits = 64 * n.len();
    let len = limbs_for(bits);
    let n_limbs = SignedLimbs::new(split(n));
    let n_limbs = &n_limbs[..len];
    let inverse = (inverse_mod_2_64(n[0]) & ((1 << BITS) - 1)).cast_signed();
    let (mut f, mut g) = (SignedLimbs::new(split(n)), SignedLimbs::new(split(a)));
    let (f, g) = (&mut f[..len], &mut g[..len]);
    let (mut d, mut e) = (SignedLimbs::new([0; MAX_LIMBS]), SignedLimbs::new([0; MAX_LIMBS]));
    let (d, e) = (&mut d[..len], &mut e[..len]);
    e[0] = 1;
    let (mask, mut state) = (signed::mask(), [Masks::START]);
    for _ in 0..safegcd::batches(bits, false) {
        let [matrix] = divsteps::<Masks, _>(&mut state, [f[0]], [g[0]]);
        signed::update_fg(f, g, &matrix, mask);
        signed::update_de(d, e, &matrix, n_limbs, inverse, mask);
    }
    // f = ±1, and d = ±a⁻¹ with f's sign, in (−2n, n).
    let negative = signed::sign(f);
    signed::negate_if(f, negative);
    signed::normalize(d, negative, n_limbs);
    join(out, d);
    let rest = f[1..].iter().fold(f[0] ^ 1, |any, x| any | x);
    is_zero_word(rest.cast_unsigned())
}

//! Signed numbers Σ limb_i·2^(60·i), and matrices applied to them. Every limb but the top one lies
//! in [0, 2^60).
//!
//! All operands of a function have the same length.

use core::hint::black_box;

use crate::safegcd::{BITS, MASK, Matrix};

/// The number of limbs for that many bits, a sign, and |d|, |e| < 2·M.
pub(crate) const fn limbs_for(bits: usize) -> usize {
    (bits + 2).div_ceil(BITS)
}

/// The number in the words, as limbs.
#[allow(clippy::cast_possible_wrap, clippy::cast_possible_truncation)] // masked to 60 bits
pub(crate) const fn split<const L: usize>(words: &[u64]) -> [i64; L] {
    let mut limbs = [0; L];
    let mut i = 0;
    while i < L {
        let (word, shift) = (i * BITS / 64, i * BITS % 64);
        if word < words.len() {
            let high = if word + 1 < words.len() { words[word + 1] } else { 0 };
            let both = words[word] as u128 | (high as u128) << 64;
            limbs[i] = (both >> shift) as i64 & MASK;
        }
        i += 1;
    }
    limbs
}

/// Writes a number that is not negative as words.
#[inline(always)]
#[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)] // limbs in [0, 2^60)
pub(crate) fn join(words: &mut [u64], limbs: &[i64]) {
    for (i, word) in words.iter_mut().enumerate() {
        let (first, shift) = (i * 64 / BITS, i * 64 % BITS);
        let limb = |j: usize| limbs.get(j).map_or(0, |&limb| limb as u128);
        *word = ((limb(first) | limb(first + 1) << BITS) >> shift) as u64;
    }
}

/// 2^60 − 1 for the functions below, behind an optimization barrier: if the compiler knew that the
/// limbs are positive, it would multiply without signs and correct every product for the sign of
/// the matrix entry.
#[inline(always)]
pub(crate) fn mask() -> i64 {
    black_box(MASK)
}

/// (f, g) ← matrix·(f, g)/2^60, an exact division.
///
/// With |u| + |v| ≤ 2^60 and limbs below 2^60 a sum of two products and a carry stays below 2^122.
#[inline(always)]
pub(crate) fn update_fg(f: &mut [i64], g: &mut [i64], matrix: &Matrix, mask: i64) {
    let &Matrix { u, v, q, r } = matrix;
    let top = f.len() - 1;
    let g = &mut g[..=top];
    let mut carry_f = (mul(u, f[0]) + mul(v, g[0])) >> BITS;
    let mut carry_g = (mul(q, f[0]) + mul(r, g[0])) >> BITS;
    for i in 0..top {
        carry_f += mul(u, f[i + 1]) + mul(v, g[i + 1]);
        carry_g += mul(q, f[i + 1]) + mul(r, g[i + 1]);
        (f[i], g[i]) = (low(carry_f) & mask, low(carry_g) & mask);
        (carry_f, carry_g) = (carry_f >> BITS, carry_g >> BITS);
    }
    (f[top], g[top]) = (low(carry_f), low(carry_g));
}

/// The lowest limbs of matrix·(f, g)/2^60, from the lowest two limbs of f and g. The second limbs
/// may have more bits.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(crate) fn lowest(f: [i64; 2], g: [i64; 2], matrix: &Matrix, mask: i64) -> (i64, i64) {
    let row = |a: i64, b: i64| {
        let carry = low((mul(a, f[0]) + mul(b, g[0])) >> BITS);
        carry.wrapping_add(a.wrapping_mul(f[1])).wrapping_add(b.wrapping_mul(g[1])) & mask
    };
    (row(matrix.u, matrix.v), row(matrix.q, matrix.r))
}

/// (d, e) ← matrix·(d, e)/2^60 mod m, kept in (−2·m, m). `inverse` is m⁻¹ mod 2^60.
///
/// The multiple of m that is added makes negative inputs positive and clears the low 60 bits.
#[inline(always)]
pub(crate) fn update_de(d: &mut [i64], e: &mut [i64], matrix: &Matrix, m: &[i64], inverse: i64, mask: i64) {
    let &Matrix { u, v, q, r } = matrix;
    let top = m.len() - 1;
    let (d, e) = (&mut d[..=top], &mut e[..=top]);
    let (d_sign, e_sign) = (d[top] >> 63, e[top] >> 63);
    let clear = |a: i64, b: i64| {
        let multiple = (a & d_sign) + (b & e_sign);
        let low = a.wrapping_mul(d[0]).wrapping_add(b.wrapping_mul(e[0]));
        multiple - (inverse.wrapping_mul(low).wrapping_add(multiple) & MASK)
    };
    let (md, me) = (clear(u, v), clear(q, r));

    let mut carry_d = (mul(u, d[0]) + mul(v, e[0]) + mul(md, m[0])) >> BITS;
    let mut carry_e = (mul(q, d[0]) + mul(r, e[0]) + mul(me, m[0])) >> BITS;
    for i in 0..top {
        carry_d += mul(u, d[i + 1]) + mul(v, e[i + 1]) + mul(md, m[i + 1]);
        carry_e += mul(q, d[i + 1]) + mul(r, e[i + 1]) + mul(me, m[i + 1]);
        (d[i], e[i]) = (low(carry_d) & mask, low(carry_e) & mask);
        (carry_d, carry_e) = (carry_d >> BITS, carry_e >> BITS);
    }
    (d[top], e[top]) = (low(carry_d), low(carry_e));
}

/// All ones for a negative number, behind an optimization barrier: the compiler would turn its uses
/// into branches.
#[inline(always)]
pub(crate) fn sign(limbs: &[i64]) -> i64 {
    black_box(limbs[limbs.len() - 1] >> 63)
}

/// d ← d·(−1)^negative mod m in [0, m), for −2·m < d < m.
#[inline(always)]
pub(crate) fn normalize(d: &mut [i64], negative: i64, m: &[i64]) {
    add_if(d, m, sign(d));
    negate_if(d, negative);
    add_if(d, m, sign(d));
}

/// a ← −a if the mask is set.
#[inline(always)]
pub(crate) fn negate_if(a: &mut [i64], negative: i64) {
    for limb in a.iter_mut() {
        *limb = (*limb ^ negative) - negative;
    }
    carry(a);
}

/// a += m if the mask is set.
#[inline(always)]
fn add_if(a: &mut [i64], m: &[i64], when: i64) {
    for (limb, m) in a.iter_mut().zip(m) {
        *limb += m & when;
    }
    carry(a);
}

/// Reduces all limbs but the top one to [0, 2^60).
#[inline(always)]
fn carry(a: &mut [i64]) {
    for i in 0..a.len() - 1 {
        a[i + 1] += a[i] >> BITS;
        a[i] &= MASK;
    }
}

/// The low 64 bits.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)]
fn low(x: i128) -> i64 {
    x as i64
}

#[inline(always)]
fn mul(a: i64, b: i64) -> i128 {
    i128::from(a) * i128::from(b)
}

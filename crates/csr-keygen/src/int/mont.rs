//! Montgomery arithmetic in radix 2^64: R = 2^(64·len), all values below the modulus.
//!
//! This is the kernel of the portable backend and the arithmetic of everything that runs once a key: reduction
//! modulo a prime, the check s^e mod n of a signature, qInv·h in the CRT.

use zeroize::{Zeroize, ZeroizeOnDrop};

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
#[inline]
pub(crate) fn mul(out: &mut [u64], a: &[u64], b: &[u64], n: &[u64], n0: u64, wide: &mut Wide) {
    let t = &mut wide.0[..2 * n.len()];
    super::mul(t, a, b);
    reduce(out, t, n, n0);
}

/// out = a²/R mod n: the products of different words once, doubled, and the squares added.
#[inline]
pub(crate) fn square(out: &mut [u64], a: &[u64], n: &[u64], n0: u64, wide: &mut Wide) {
    let len = n.len();
    let a = &a[..len];
    let t = &mut wide.0[..2 * len];
    t.fill(0);
    for i in 0..len {
        let mut carry = 0;
        for j in i + 1..len {
            (t[i + j], carry) = a[i].carrying_mul_add(a[j], t[i + j], carry);
        }
        t[i + len] = carry;
    }
    let (mut top, mut carry) = (0, false);
    for i in 0..len {
        let (low, high) = a[i].carrying_mul(a[i], 0);
        let doubled = t[2 * i] << 1 | top;
        top = t[2 * i] >> 63;
        (t[2 * i], carry) = doubled.carrying_add(low, carry);
        let doubled = t[2 * i + 1] << 1 | top;
        top = t[2 * i + 1] >> 63;
        (t[2 * i + 1], carry) = doubled.carrying_add(high, carry);
    }
    reduce(out, t, n, n0);
}

/// out = t/R mod n for t < R·n, of twice the length of n. Clobbers t.
///
/// Each step adds the multiple of n that clears the lowest word. The total is below (R·n + R·n)/R = 2n: one
/// conditional subtraction brings it below n.
#[inline]
pub(crate) fn reduce(out: &mut [u64], t: &mut [u64], n: &[u64], n0: u64) {
    let len = n.len();
    let t = &mut t[..2 * len];
    let mut top = false;
    for i in 0..len {
        let m = t[i].wrapping_mul(n0);
        let mut carry = 0;
        for j in 0..len {
            (t[i + j], carry) = m.carrying_mul_add(n[j], t[i + j], carry);
        }
        (t[i + len], top) = t[i + len].carrying_add(carry, top);
    }
    out.copy_from_slice(&t[len..]);
    subtract_once(out, u64::from(top), n);
}

/// a ← (top·R + a) mod n, for a value below 2n.
#[inline]
pub(crate) fn subtract_once(a: &mut [u64], top: u64, n: &[u64]) {
    let borrow = sub(a, n);
    // Below n already: no top bit to pay for the borrow.
    super::add_masked(a, n, mask(borrow & (1 ^ top)));
}

/// a ← 2a mod n where the bit is set.
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

/// out = 2^exponent mod n. The exponent is public and at least 64·len; n > 1.
///
/// R mod n is the Montgomery form of 1: squarings and doublings by the bits of `exponent` − 64·len make it the
/// Montgomery form of 2^(`exponent` − 64·len), which is the number asked for.
pub(crate) fn power_of_two(out: &mut [u64], exponent: u32, n: &[u64], n0: u64, wide: &mut Wide) {
    let len = n.len();
    one(out, n);
    #[expect(clippy::cast_possible_truncation, reason = "lengths are at most 128 words")]
    let remaining = exponent - 64 * len as u32;
    let mut square_of = [0; MAX_WORDS];
    for bit in (0..32 - remaining.leading_zeros()).rev() {
        square_of[..len].copy_from_slice(out);
        square(out, &square_of[..len], n, n0, wide);
        if remaining >> bit & 1 == 1 {
            double_masked(out, n, u64::MAX);
        }
    }
    square_of.zeroize();
}

/// out = R mod n. Where n has its top bit set, as every prime and modulus of a key, that is R − n.
fn one(out: &mut [u64], n: &[u64]) {
    out.fill(0);
    if n[n.len() - 1] >> 63 == 1 {
        sub(out, n);
        return;
    }
    out[0] = 1;
    for _ in 0..64 * n.len() {
        double_masked(out, n, u64::MAX);
    }
}

/// out = base^65537 mod n of a plain number: sixteen squarings and one multiplication in Montgomery form.
pub(crate) fn power_e(out: &mut [u64], base: &[u64], n: &[u64], wide: &mut Wide) {
    let (len, n0) = (n.len(), negated_inverse(n));
    let (mut x, mut y) = ([0; MAX_WORDS], [0; MAX_WORDS]);
    let (x, y) = (&mut x[..len], &mut y[..len]);
    #[expect(clippy::cast_possible_truncation, reason = "lengths are at most 128 words")]
    power_of_two(y, 2 * 64 * len as u32, n, n0, wide);
    mul(x, base, y, n, n0, wide);
    for _ in 0..16 {
        square(y, x, n, n0, wide);
        x.copy_from_slice(y);
    }
    // Montgomery form times plain number: the result leaves Montgomery form.
    mul(out, x, base, n, n0, wide);
    x.zeroize();
    y.zeroize();
}

/// out = a·R mod n, the Montgomery form of a, for a < R·n of at most twice the length of n.
pub(crate) fn to_form(out: &mut [u64], a: &[u64], n: &[u64], n0: u64, wide: &mut Wide) {
    let len = n.len();
    let (mut x, mut cube) = ([0; MAX_WORDS], [0; MAX_WORDS]);
    x[..a.len()].copy_from_slice(a);
    let mut quotient = [0; MAX_WORDS];
    reduce(&mut quotient[..len], &mut x[..2 * len], n, n0);
    #[expect(clippy::cast_possible_truncation, reason = "lengths are at most 128 words")]
    power_of_two(&mut cube[..len], 3 * 64 * len as u32, n, n0, wide);
    mul(out, &quotient[..len], &cube[..len], n, n0, wide);
    x.zeroize();
    cube.zeroize();
    quotient.zeroize();
}

/// out = a·b mod n of plain numbers, a < R·n of at most twice the length of n and b < n.
pub(crate) fn product(out: &mut [u64], a: &[u64], b: &[u64], n: &[u64]) {
    let n0 = negated_inverse(n);
    let mut wide = Wide::new();
    let mut form = [0; MAX_WORDS];
    let form_of_a = &mut form[..n.len()];
    to_form(form_of_a, a, n, n0, &mut wide);
    mul(out, form_of_a, b, n, n0, &mut wide);
    form.zeroize();
}

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

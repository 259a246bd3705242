//! Arithmetic modulo one odd number that runs a few times a key: plain numbers in, plain numbers out.

use zeroize::{Zeroize, ZeroizeOnDrop};

use super::mont::{self, Wide};
use crate::ct;

/// The longest modulus in words: n of a 4096-bit key.
pub(crate) const MAX_LEN: usize = 64;

/// A modulus with what Montgomery arithmetic needs, R = 2^(64·len). Wiped on drop.
#[derive(Zeroize, ZeroizeOnDrop)]
pub(crate) struct Context {
    n: [u64; MAX_LEN],
    #[zeroize(skip)]
    len: usize,
    n0: u64,
    /// R² mod n: a multiplication by it brings a plain number to Montgomery form.
    r2: [u64; MAX_LEN],
    wide: Wide,
    scratch: [u64; MAX_LEN],
}

impl Context {
    /// A context for odd n > 1.
    pub(crate) fn new(modulus: &[u64]) -> Self {
        let len = modulus.len();
        let mut n = [0; MAX_LEN];
        n[..len].copy_from_slice(modulus);
        let n0 = mont::negated_inverse(modulus);
        let zero = [0; MAX_LEN];
        let mut context = Self { n, len, n0, r2: zero, wide: Wide::new(), scratch: zero };
        context.set_r2();
        context
    }

    /// R² is the Montgomery form of 2^(64·len): doublings make that of 2^(64·len/2^k), k squarings the rest.
    fn set_r2(&mut self) {
        let (r2, n) = (&mut self.r2[..self.len], &self.n[..self.len]);
        let bits = 64 * self.len;
        let squarings = bits.trailing_zeros() - 5;
        power_of_two(r2, bits + (bits >> squarings), n);
        let scratch = &mut self.scratch[..self.len];
        for _ in 0..squarings {
            scratch.copy_from_slice(r2);
            mont::square(r2, scratch, n, self.n0, &mut self.wide);
        }
    }

    /// out = a·b mod n, for a < R·n of at most twice the length of n, and b < n.
    pub(crate) fn product(&mut self, out: &mut [u64], a: &[u64], b: &[u64]) {
        let (n, r2) = (&self.n[..self.len], &self.r2[..self.len]);
        let scratch = &mut self.scratch[..self.len];
        // a/R, a, a·R, and a·b.
        let mut double = [0; 2 * MAX_LEN];
        double[..a.len()].copy_from_slice(a);
        mont::reduce(scratch, &mut double[..2 * self.len], n, self.n0);
        double.zeroize();
        mont::mul(out, scratch, r2, n, self.n0, &mut self.wide);
        mont::mul(scratch, out, r2, n, self.n0, &mut self.wide);
        mont::mul(out, scratch, b, n, self.n0, &mut self.wide);
    }

    /// out = base^65537 mod n for base < n: sixteen squarings, and a multiplication of Montgomery form and plain
    /// number, which leaves Montgomery form.
    pub(crate) fn power_e(&mut self, out: &mut [u64], base: &[u64]) {
        let (n, r2) = (&self.n[..self.len], &self.r2[..self.len]);
        let scratch = &mut self.scratch[..self.len];
        mont::mul(scratch, base, r2, n, self.n0, &mut self.wide);
        for _ in 0..16 {
            mont::square(out, scratch, n, self.n0, &mut self.wide);
            scratch.copy_from_slice(out);
        }
        mont::mul(out, scratch, base, n, self.n0, &mut self.wide);
    }
}

/// out = 2^exponent mod n, for a public exponent a little above the length of n, which has its top bit set; any
/// other n > 1 takes longer.
pub(crate) fn power_of_two(out: &mut [u64], exponent: usize, n: &[u64]) {
    let len = n.len();
    out.fill(0);
    let mut reached = 0;
    // The length of a prime or modulus is public.
    if ct::public(n[len - 1] >> 63) == 1 {
        // 2^(64·len) − n.
        super::sub(out, n);
        reached = 64 * len;
    } else {
        out[0] = 1;
    }
    for _ in reached..exponent {
        mont::double_masked(out, n, u64::MAX);
    }
}

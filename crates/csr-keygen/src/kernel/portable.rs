//! The portable kernel: one lane, radix 2^64, R = 2^(64·W), values always below n.

use super::{Kernel, MAX_LANES, Modulus, TABLE};
use crate::int::{self, mask, mont};

/// One number of W words of 64 bits.
#[derive(Clone, Copy)]
pub(crate) struct Portable<const W: usize>;

impl<const W: usize> Kernel for Portable<W> {
    const LANES: usize = 1;
    const RADIX: u32 = 64;
    const LIMBS: usize = W;
    type Num = [u64; W];
    type Prepared = ();
    type Scratch = (mont::Wide, [u64; W]);

    fn zero() -> [u64; W] {
        [0; W]
    }

    fn prepared() {}

    fn scratch() -> Self::Scratch {
        (mont::Wide::new(), [0; W])
    }

    fn limb(num: &[u64; W], _lane: usize, index: usize) -> u64 {
        num[index]
    }

    fn set_limb(num: &mut [u64; W], _lane: usize, index: usize, limb: u64) {
        num[index] = limb;
    }

    fn prepare(self, _modulus: &mut Modulus<Self>) {}

    fn square(self, x: &mut [u64; W], modulus: &Modulus<Self>, double: u8, scratch: &mut Self::Scratch) {
        let (wide, out) = scratch;
        mont::square(out, x, &modulus.n, modulus.n0[0], wide);
        mont::double_masked(out, &modulus.n, mask(u64::from(double & 1)));
        *x = *out;
    }

    fn multiply(self, x: &mut [u64; W], y: &[u64; W], modulus: &Modulus<Self>, scratch: &mut Self::Scratch) {
        let (wide, out) = scratch;
        mont::mul(out, x, y, &modulus.n, modulus.n0[0], wide);
        *x = *out;
    }

    fn select(self, out: &mut [u64; W], table: &[[u64; W]; TABLE], digits: &[u64; MAX_LANES]) {
        for (entry, index) in table.iter().zip(0..) {
            int::copy_masked(out, entry, mask(int::is_zero_word(digits[0] ^ index)));
        }
    }
}

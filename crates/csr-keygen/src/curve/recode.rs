//! Writing a scalar as signed odd digits, without carries.
//!
//! Let k be odd and B a multiple of w with k < 2^B, and s = ⌊k/2⌋ + 2^(B−1). Cut s into B/w windows of w bits
//! u_0, u_1, …; then
//!
//! ```text
//! Σ (2·u_i − (2^w − 1))·2^(w·i) = 2·s − (2^B − 1) = 2·⌊k/2⌋ + 1 = k
//! ```
//!
//! so the digits are 2·u_i − (2^w − 1): odd, never zero, at most 2^w − 1 in magnitude, negative exactly where
//! the top bit of u_i is 0. Digit ±(2·j + 1) has j = u_i's low w−1 bits, complemented where it is negative: no
//! digit waits for another, and a table holds the odd multiples 1, 3, …, 2^w − 1 only. The top digit is positive,
//! because bit B−1 of s is set.
//!
//! An even k is replaced by n − k, which is odd, and the result negated.

use core::hint::black_box;

use crate::int::fixed;

/// An odd scalar and what to do with the result.
pub(super) struct OddScalar<const N: usize> {
    /// ⌊k/2⌋ of the odd one of k and n − k.
    pub(super) half: [u64; N],
    /// All ones where it is n − k: the result is to be negated.
    pub(super) negate: u64,
}

/// One digit: the index of its magnitude and its sign.
pub(super) struct Digit {
    /// j of the magnitude 2·j + 1.
    pub(super) index: u64,
    /// All ones where the digit is negative.
    pub(super) negative: u64,
}

impl<const N: usize> OddScalar<N> {
    /// `k` in [1, n−1], `n` odd.
    pub(super) fn new(k: &[u64; N], n: &[u64; N]) -> Self {
        let (complement, _) = fixed::subtract(n, k);
        // Opaque: a compiler that sees one bit may make a branch of the mask.
        let negate = black_box((k[0] & 1).wrapping_sub(1));
        let odd: [u64; N] = core::array::from_fn(|i| k[i] ^ (negate & (k[i] ^ complement[i])));
        let half = core::array::from_fn(|i| odd[i] >> 1 | odd.get(i + 1).map_or(0, |high| high << 63));
        Self { half, negate }
    }

    /// Digit `i` of `count`, in windows of `width` bits; B = count·width is at least 64·N.
    #[inline(always)]
    pub(super) fn digit(&self, i: usize, count: usize, width: usize) -> Digit {
        let (word, shift) = (i * width / 64, i * width % 64);
        let mut window = self.half[word] >> shift;
        if shift + width > 64 && word + 1 < N {
            window |= self.half[word + 1] << (64 - shift);
        }
        let top = 1 << (width - 1);
        if i + 1 == count {
            window |= top; // bit B−1 of s
        }
        let negative = black_box((window >> (width - 1) & 1).wrapping_sub(1));
        Digit { index: (window ^ negative) & (top - 1), negative }
    }

    /// Block `i` of s cut into eight, B being 64·N: its 8·N bits.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn block(&self, i: usize) -> u64 {
        let bits = 8 * N;
        let (word, shift) = (i * bits / 64, i * bits % 64);
        let mut block = self.half[word] >> shift;
        if shift + bits > 64 {
            block |= self.half[word + 1] << (64 - shift);
        }
        if i == 7 {
            block |= 1 << (bits - 1); // bit B−1 of s
        }
        block & ((1 << bits) - 1)
    }
}

impl<const N: usize> Drop for OddScalar<N> {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.half);
    }
}

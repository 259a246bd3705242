//! Windows of a scalar, and the tables of the multiples that they name.
//!
//! # Signed odd digits without carries
//!
//! Let k be odd and B a multiple of w with k < 2^B, and s = ⌊k/2⌋ + 2^(B−1). Cut s into B/w windows
//! of w bits u_0, u_1, …. Then
//!
//! ```text
//! Σ (2·u_i − (2^w − 1))·2^(w·i) = 2·s − (2^B − 1) = 2·⌊k/2⌋ + 1 = k
//! ```
//!
//! so the digits are 2·u_i − (2^w − 1): odd, never zero, at most 2^w − 1 in magnitude, and negative
//! exactly if the top bit of u_i is 0. Digit ±(2·j + 1) has j = the low w−1 bits of u_i,
//! complemented if the digit is negative. No digit depends on another, and a table holds only the
//! odd multiples 1, 3, …, 2^w − 1. The top digit is positive, because bit B−1 of s is set.
//!
//! An even k is replaced by n − k, which is odd, and the result is negated.
//!
//! # Tables
//!
//! Window i holds (2·j + 1)·2^(6·i)·G for j = 0 … 31 as affine coordinates in Montgomery form
//! (x·2^(64·N) mod p), word by word: all 32 lowest words of x, then all second words, and so on. A
//! constant-time read takes every entry of a row, and a row is a whole number of cache lines.
//!
//! `examples/curve_tables` generates the files from RustCrypto's arithmetic;
//! `tests/curve_tables.rs` generates them again and compares. They hold the words in little-endian
//! order and are decoded when the crate is compiled.

use core::hint::black_box;

use zeroize::Zeroize;

use crate::limbs;

/// An odd scalar, and whether the result is to be negated.
pub(crate) struct OddScalar<const N: usize> {
    /// ⌊k/2⌋ of the odd one of k and n − k.
    pub(crate) half: [u64; N],
    /// All ones if it is n − k, so that the result is to be negated.
    pub(crate) negate: u64,
}

/// One digit: the index of its magnitude and its sign.
pub(crate) struct Digit {
    /// j of the magnitude 2·j + 1.
    pub(crate) index: u64,
    /// All ones if the digit is negative.
    pub(crate) negative: u64,
}

impl<const N: usize> OddScalar<N> {
    /// `k` in [1, n−1], `n` odd.
    pub(crate) fn new(k: &[u64; N], n: &[u64; N]) -> Self {
        let (complement, _) = limbs::subtract(n, k);
        // The barrier keeps the compiler from turning the mask of one bit into a branch.
        let negate = black_box((k[0] & 1).wrapping_sub(1));
        let odd: [u64; N] = core::array::from_fn(|i| k[i] ^ (negate & (k[i] ^ complement[i])));
        let half = core::array::from_fn(|i| odd[i] >> 1 | odd.get(i + 1).map_or(0, |high| high << 63));
        Self { half, negate }
    }

    /// Digit `i` of `count`, in windows of `width` bits; B = count·width is at least 64·N.
    #[inline(always)]
    pub(crate) fn digit(&self, i: usize, count: usize, width: usize) -> Digit {
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

    /// Block `i` of s cut into eight blocks of 8·N bits, with B = 64·N.
    #[cfg(target_arch = "x86_64")]
    pub(crate) fn block(&self, i: usize) -> u64 {
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
        self.half.zeroize();
    }
}

/// The bits of a window.
pub(crate) const WIDTH: usize = 6;
/// The odd multiples 1, 3, …, 63.
pub(crate) const ENTRIES: usize = 1 << (WIDTH - 1);

/// x and y, each as N rows of one word of every entry.
#[repr(C, align(64))]
pub(crate) struct Window<const N: usize>(pub(crate) [[[u64; ENTRIES]; N]; 2]);

/// All windows of a curve.
#[repr(C, align(64))]
pub(crate) struct Table<const N: usize, const WINDOWS: usize>(pub(crate) [Window<N>; WINDOWS]);

/// 43 windows of six bits: 258 bits.
pub(crate) static P256: Table<4, 43> = decode(include_bytes!("tables/p256.bin"));
/// 64 windows of six bits: 384 bits.
pub(crate) static P384: Table<6, 64> = decode(include_bytes!("tables/p384.bin"));
/// 43 windows of six bits: 258 bits.
pub(crate) static SM2: Table<4, 43> = decode(include_bytes!("tables/sm2.bin"));

/// A table for the lanes: entries of x and y by word and lane, in the order of the curve's `BLOCKS`
/// and `ROUNDS`.
#[cfg(target_arch = "x86_64")]
#[repr(C, align(64))]
pub(crate) struct LaneTable<const N: usize, const ENTRIES: usize>(pub(crate) [[[[u64; 8]; N]; 2]; ENTRIES]);

/// Four rounds of 16 entries and three of 8: 44 KB.
#[cfg(target_arch = "x86_64")]
pub(crate) static P256_LANES: LaneTable<4, 88> = decode_lanes(include_bytes!("tables/p256.lanes.bin"));
/// Eight rounds of 16 entries and two of 8: 108 KB.
#[cfg(target_arch = "x86_64")]
pub(crate) static P384_LANES: LaneTable<6, 144> = decode_lanes(include_bytes!("tables/p384.lanes.bin"));
/// Four rounds of 16 entries and three of 8: 44 KB.
#[cfg(target_arch = "x86_64")]
pub(crate) static SM2_LANES: LaneTable<4, 88> = decode_lanes(include_bytes!("tables/sm2.lanes.bin"));

const fn decode<const N: usize, const WINDOWS: usize>(bytes: &[u8]) -> Table<N, WINDOWS> {
    let mut windows = [const { Window([[[0; ENTRIES]; N]; 2]) }; WINDOWS];
    let mut row = 0;
    while row < WINDOWS * 2 * N {
        let mut entry = 0;
        while entry < ENTRIES {
            windows[row / (2 * N)].0[row / N % 2][row % N][entry] = word(bytes, row * ENTRIES + entry);
            entry += 1;
        }
        row += 1;
    }
    assert!(bytes.len() == WINDOWS * 2 * N * ENTRIES * 8);
    Table(windows)
}

#[cfg(target_arch = "x86_64")]
const fn decode_lanes<const N: usize, const COUNT: usize>(bytes: &[u8]) -> LaneTable<N, COUNT> {
    let mut entries = [[[[0; 8]; N]; 2]; COUNT];
    let mut i = 0;
    while i < COUNT * 2 * N * 8 {
        entries[i / (16 * N)][i / (8 * N) % 2][i / 8 % N][i % 8] = word(bytes, i);
        i += 1;
    }
    assert!(bytes.len() == i * 8);
    LaneTable(entries)
}

/// Word `i` of a table file.
const fn word(bytes: &[u8], i: usize) -> u64 {
    let (_, rest) = bytes.split_at(8 * i);
    match rest.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => panic!("a table file is too short"),
    }
}

//! The other AVX-512 IFMA kernel: one or two numbers, each along the lanes, radix 2^52. For what comes alone: the two
//! halves of an RSA signature, and its check.
//!
//! [`super::ifma`] takes eight numbers in the time of one. Where there are two, it leaves six lanes empty, and what
//! counts is how soon a product is there: here limb i of a number is lane i mod 8 of its vector i / 8, and a product
//! goes by rows.
//!
//! | prime bits | limbs N | vectors V | R | spare bits |
//! |---|---|---|---|---|
//! | 1024 | 20 | 3 | 2^1040 | 16 |
//! | 1536 | 30 | 4 | 2^1560 | 24 |
//! | 2048 | 40 | 5 | 2^2080 | 32 |
//! | moduli 2048, 3072, 4096 | 40, 60, 80 | 5, 8, 10 | 2^2080, 2^3120, 2^4160 | 32, 48, 64 |
//!
//! # Method
//!
//! Row i adds x·y_i to the columns, and m·n with the digit m that makes the lowest column a multiple of 2^52
//! (Montgomery 1985); then the columns move down by one lane, and what is left of the lowest is carried to the next. A
//! limb product's low half belongs to its row's columns, its high half to the next row's.
//!
//! A row waits for the last one by its digit only, and the digit by one column. So that column is followed apart from
//! the others, the same in all lanes: the next lowest is the second of before with its row of x·y, which is moved ahead
//! of the digit, plus the low half of m·n₁, the high half of m·n₀ and the carry. From digit to digit that is two
//! multiply-adds and a sum. The product m·n₀ itself is not waited for: column and low half add up to a multiple of 2^52,
//! so that the carry is the column divided by 2^52, rounded up. Lane 0 of the columns is not kept up meanwhile.
//!
//! Multiply-adds a row: 4V + 3 for each number. Measured on Zen 5, which issues two a cycle: 23 / 25 / 28 cycles a row for
//! two numbers of 20 / 30 / 40 limbs, and 19 to 20 for a single one.
//!
//! # Bounds
//!
//! Limbs are below 2^52 between multiplications. A row adds four halves below 2^52 to a column and a column lives for N
//! rows; with the carries that is below (4·80 + 1)·2^52 < 2^60.4, and below 2^61.4 doubled. R ≥ 2^16·n, so that values
//! below 4n multiply to a result below 16n²/R + n < 1.001·n, and below 2.002·n doubled.
//!
//! # Carries
//!
//! The finished columns give their upper bits to the next limb once, which leaves limbs below 2^52 + 2^10. Then a limb of
//! 2^52 or more carries one, a limb of 2^52 − 1 hands a carry on: with a bit a limb, G and P, the limbs that get one are
//! (2G + P) ⊕ P, by the carries of an addition of integers.

#![expect(clippy::needless_range_loop, reason = "an index goes through several arrays at once")]

use core::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_alignr_epi64, _mm512_and_si512, _mm512_broadcastq_epi64,
    _mm512_castsi512_si128, _mm512_cmpeq_epi64_mask, _mm512_cmpgt_epu64_mask, _mm512_loadu_si512,
    _mm512_madd52hi_epu64, _mm512_madd52lo_epu64, _mm512_mask_add_epi64, _mm512_mask_mov_epi64,
    _mm512_or_si512, _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srli_epi64, _mm512_storeu_si512,
};

use zeroize::Zeroize;

use super::{Kernel, MAX_LANES, Modulus, TABLE};
use crate::backend::Ifma;
use crate::opaque::equal_512;

/// The mask of a limb.
const LIMB: i64 = (1 << 52) - 1;

/// C numbers of V vectors.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Numbers<const V: usize, const C: usize>([[[u64; 8]; V]; C]);

impl<const V: usize, const C: usize> Zeroize for Numbers<V, C> {
    fn zeroize(&mut self) {
        self.0.as_flattened_mut().as_flattened_mut().zeroize();
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(words: &[u64; 8]) -> __m512i {
    // SAFETY: the reference covers the 64 bytes that are read; the load asks for no alignment.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn store(words: &mut [u64; 8], value: __m512i) {
    // SAFETY: the reference covers the 64 bytes that are written; the store asks for no alignment.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), value) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(word: u64) -> __m512i {
    _mm512_set1_epi64(word.cast_signed())
}

/// Lane 0 in every lane.
#[inline]
#[target_feature(enable = "avx512f")]
fn to_all_lanes(value: __m512i) -> __m512i {
    _mm512_broadcastq_epi64(_mm512_castsi512_si128(value))
}

/// x ← x·y/R mod n, doubled in the numbers whose bit is set.
#[target_feature(enable = "avx512f,avx512ifma")]
fn multiply<const N: usize, const V: usize, const C: usize>(
    x: &mut Numbers<V, C>,
    y: &Numbers<V, C>,
    n: &Numbers<V, C>,
    n0: &[u64; MAX_LANES],
    double: u8,
) {
    crate::stack::align();
    let zero = _mm512_setzero_si512();
    let limb_mask = _mm512_set1_epi64(LIMB);
    let mut columns = [[zero; V]; C];
    let mut lowest = [zero; C];
    for c in 0..C {
        let limb = splat(y.0[c][0][0]);
        for j in 0..V {
            columns[c][j] = _mm512_madd52lo_epu64(zero, load(&x.0[c][j]), limb);
        }
        lowest[c] = to_all_lanes(columns[c][0]);
    }
    for i in 0..N {
        for c in 0..C {
            let (columns, x, n) = (&mut columns[c], &x.0[c], &n.0[c]);
            let digit = _mm512_madd52lo_epu64(zero, lowest[c], splat(n0[c]));
            let carry = _mm512_srli_epi64::<52>(_mm512_add_epi64(lowest[c], limb_mask));
            let limb = splat(y.0[c][i / 8][i % 8]);
            let mut row = [zero; V];
            for j in 0..V {
                row[j] = _mm512_madd52hi_epu64(zero, load(&x[j]), limb);
            }
            if i + 1 < N {
                let limb = splat(y.0[c][(i + 1) / 8][(i + 1) % 8]);
                for j in 0..V {
                    row[j] = _mm512_madd52lo_epu64(row[j], load(&x[j]), limb);
                }
            }
            let next = _mm512_alignr_epi64::<1>(columns[1], columns[0]);
            let next = to_all_lanes(_mm512_add_epi64(next, row[0]));
            lowest[c] = _mm512_add_epi64(
                _mm512_madd52lo_epu64(next, splat(n[0][1]), digit),
                _mm512_madd52hi_epu64(carry, splat(n[0][0]), digit),
            );
            for j in 0..V {
                columns[j] = _mm512_madd52lo_epu64(columns[j], load(&n[j]), digit);
                row[j] = _mm512_madd52hi_epu64(row[j], load(&n[j]), digit);
            }
            for j in 0..V {
                let above = if j + 1 < V { columns[j + 1] } else { zero };
                columns[j] = _mm512_add_epi64(_mm512_alignr_epi64::<1>(above, columns[j]), row[j]);
            }
        }
    }
    for c in 0..C {
        let double = 0u8.wrapping_sub(double >> c & 1);
        columns[c][0] = _mm512_mask_mov_epi64(columns[c][0], 1, lowest[c]);
        for column in &mut columns[c] {
            *column = _mm512_mask_add_epi64(*column, double, *column, *column);
        }
        pass_carries(&mut columns[c]);
        for j in 0..V {
            store(&mut x.0[c][j], columns[c][j]);
        }
    }
}

/// Columns to limbs below 2^52.
#[inline]
#[target_feature(enable = "avx512f")]
fn pass_carries<const V: usize>(columns: &mut [__m512i; V]) {
    let limb_mask = _mm512_set1_epi64(LIMB);
    let mut below = _mm512_setzero_si512();
    let (mut generates, mut propagates) = (0u128, 0u128);
    for j in 0..V {
        let upper = _mm512_srli_epi64::<52>(columns[j]);
        let limb = _mm512_and_si512(columns[j], limb_mask);
        columns[j] = _mm512_add_epi64(limb, _mm512_alignr_epi64::<7>(upper, below));
        below = upper;
        generates |= u128::from(_mm512_cmpgt_epu64_mask(columns[j], limb_mask)) << (8 * j);
        propagates |= u128::from(_mm512_cmpeq_epi64_mask(columns[j], limb_mask)) << (8 * j);
    }
    let carried = (2 * generates + propagates) ^ propagates;
    for j in 0..V {
        #[expect(clippy::cast_possible_truncation, reason = "eight bits are wanted")]
        let here = (carried >> (8 * j)) as u8;
        let sum = _mm512_mask_add_epi64(columns[j], here, columns[j], _mm512_set1_epi64(1));
        columns[j] = _mm512_and_si512(sum, limb_mask);
    }
}

/// out ← table[digit], number by number; every entry is read.
#[target_feature(enable = "avx512f")]
fn select<const V: usize, const C: usize>(
    out: &mut Numbers<V, C>,
    table: &[Numbers<V, C>; TABLE],
    digits: &[u64; MAX_LANES],
) {
    for c in 0..C {
        let digit = splat(digits[c]);
        let mut value = [_mm512_setzero_si512(); V];
        for (entry, index) in table.iter().zip(0..) {
            let here = equal_512(digit, splat(index));
            for j in 0..V {
                value[j] = _mm512_or_si512(value[j], _mm512_and_si512(load(&entry.0[c][j]), here));
            }
        }
        for j in 0..V {
            store(&mut out.0[c][j], value[j]);
        }
    }
}

/// C numbers of N limbs in V vectors; holds the proof that the processor has the instructions.
#[derive(Clone, Copy)]
pub(crate) struct AlongKernel<const N: usize, const V: usize, const C: usize>(pub(crate) Ifma);

impl<const N: usize, const V: usize, const C: usize> Kernel for AlongKernel<N, V, C> {
    const LANES: usize = C;
    const RADIX: u32 = 52;
    const LIMBS: usize = N;
    type Num = Numbers<V, C>;
    type Scratch = ();

    fn zero() -> Self::Num {
        const { assert!(V == N.div_ceil(8) && C <= MAX_LANES) };
        Numbers([[[0; 8]; V]; C])
    }

    fn scratch() {}

    fn limb(num: &Self::Num, lane: usize, index: usize) -> u64 {
        num.0[lane][index / 8][index % 8]
    }

    fn set_limb(num: &mut Self::Num, lane: usize, index: usize, limb: u64) {
        num.0[lane][index / 8][index % 8] = limb;
    }

    fn square(self, x: &mut Self::Num, modulus: &Modulus<Self>, double: u8, (): &mut ()) {
        let y = *x;
        // SAFETY: an `Ifma` exists only where the processor has the features.
        unsafe { multiply::<N, V, C>(x, &y, &modulus.n, &modulus.n0, double) }
    }

    fn multiply(self, x: &mut Self::Num, y: &Self::Num, modulus: &Modulus<Self>, (): &mut ()) {
        // SAFETY: as in `square`.
        unsafe { multiply::<N, V, C>(x, y, &modulus.n, &modulus.n0, 0) }
    }

    fn select(self, out: &mut Self::Num, table: &[Self::Num; TABLE], digits: &[u64; MAX_LANES]) {
        // SAFETY: as in `square`.
        unsafe { select(out, table, digits) }
    }
}

//! The AVX-512 IFMA kernel for one or two numbers along the lanes, radix 2^52: the two halves of an
//! RSA signature, and its check.
//!
//! `ifma_lanes` multiplies eight numbers in the time of one. With two numbers it would leave six
//! lanes empty, and the latency of a product counts. Here the limbs of a number lie side by side,
//! and a product is computed by rows. Two numbers are interleaved, so that a vector has four limbs
//! of each and one multiply-add serves both.
//!
//! | C numbers | bits | limbs N | vectors V | R | spare bits |
//! |---|---|---|---|---|---|
//! | two primes | 1024 | 20 | 5 | 2^1040 | 16 |
//! | | 1536 | 30 | 8 | 2^1560 | 24 |
//! | | 2048 | 40 | 10 | 2^2080 | 32 |
//! | a modulus | 2048 | 40 | 5 | 2^2080 | 32 |
//! | | 3072 | 60 | 8 | 2^3120 | 48 |
//! | | 4096 | 80 | 10 | 2^4160 | 64 |
//!
//! # Method
//!
//! Row i adds x·y_i to the columns, and m·n with the digit m that makes the lowest column a
//! multiple of 2^52 (Montgomery 1985). Then the columns move down by one place, and the rest of the
//! lowest is carried to the next. The low half of a limb product belongs to the columns of its row,
//! the high half to those of the next row.
//!
//! A row depends on the previous one by its digit only, and the digit on one column. That column is
//! therefore tracked apart from the others, broadcast to all lanes of its number. The next lowest
//! column is the second one of before with its row of x·y, which is computed ahead of the digit,
//! plus the low half of m·n₁, the high half of m·n₀ and the carry. From digit to digit that takes
//! two multiply-adds and a sum. The product m·n₀ itself is not needed: the column and the low half
//! add up to a multiple of 2^52, so the carry is the column divided by 2^52, rounded up. The place
//! of the lowest column in its vector is stale meanwhile.
//!
//! Multiply-adds per row: 4V + 3. Measured on Zen 5, which issues two per cycle, with the carries
//! at the end: 20 / 24 / 26 cycles per row for V = 5 / 8 / 10.
//!
//! # Bounds
//!
//! Limbs are below 2^52 between multiplications. A row adds four halves below 2^52 to a column, and
//! a column lives for N rows; with the carries that is below (4·80 + 1)·2^52 < 2^60.4, and below
//! 2^61.4 doubled. Because R ≥ 2^16·n, values below 5n multiply to a result below 25n²/R + n <
//! 1.001·n, and below 2.002·n doubled.
//!
//! # Carries
//!
//! The finished columns add their upper bits to the next limb once, which leaves limbs below 2^52 +
//! 2^10. Then a limb of 2^52 or more generates a carry, and a limb of 2^52 − 1 propagates one. With
//! one bit per limb for each, in integers G and P, the limbs that receive a carry are (2G + P) ⊕ P,
//! by the carries of an integer addition. Two numbers take every other bit of the integer each, and
//! the bits in between are ones, which propagate.

#![expect(clippy::needless_range_loop, reason = "an index runs over several arrays at once")]

use core::arch::x86_64::{
    __m512i, _mm512_add_epi64, _mm512_alignr_epi64, _mm512_and_si512, _mm512_broadcast_i32x4,
    _mm512_cmpeq_epi64_mask, _mm512_cmpgt_epu64_mask, _mm512_madd52hi_epu64, _mm512_madd52lo_epu64,
    _mm512_mask_add_epi64, _mm512_mask_mov_epi64, _mm512_or_si512, _mm512_permutexvar_epi64,
    _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srli_epi64,
};

use zeroize::Zeroize;

use crate::backend::Ifma;
use crate::rsa::kernel::{Kernel, MAX_LANES, Moduli, TABLE};
use crate::vector::{equal_512, load_128, load_512 as load, scheduled_after, store_512 as store};

/// The mask of a limb.
const LIMB: i64 = (1 << 52) - 1;

/// C numbers interleaved in V vectors: limb i of number c is word C·i + c.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct RowNumbers<const V: usize, const C: usize>([[u64; 8]; V]);

impl<const V: usize, const C: usize> Zeroize for RowNumbers<V, C> {
    fn zeroize(&mut self) {
        self.0.as_flattened_mut().zeroize();
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn splat(word: u64) -> __m512i {
    _mm512_set1_epi64(word.cast_signed())
}

/// Each number's word in all lanes of that number.
#[inline]
#[target_feature(enable = "avx512f")]
fn to_lanes<const C: usize>(words: &[u64]) -> __m512i {
    load(&core::array::from_fn(|lane| words[lane % C]))
}

/// Limb i of each number in all lanes of that number.
#[inline]
#[target_feature(enable = "avx512f")]
fn limb<const V: usize, const C: usize>(x: &RowNumbers<V, C>, i: usize) -> __m512i {
    let words = x.0.as_flattened();
    if C == 1 { splat(words[i]) } else { _mm512_broadcast_i32x4(load_128(&words.as_chunks::<2>().0[i])) }
}

/// The permutation that brings limb i of each number in a vector to all of that number's lanes.
#[inline]
#[target_feature(enable = "avx512f")]
fn places<const C: usize>(i: usize) -> __m512i {
    load(&core::array::from_fn(|lane| (C * i + lane % C) as u64))
}

/// Every limb moved to the next lower place; the highest one comes from the vector above.
#[inline]
#[target_feature(enable = "avx512f")]
fn down<const C: usize>(above: __m512i, value: __m512i) -> __m512i {
    if C == 1 { _mm512_alignr_epi64::<1>(above, value) } else { _mm512_alignr_epi64::<2>(above, value) }
}

/// Every limb moved to the next higher place; the lowest one comes from the vector below.
#[inline]
#[target_feature(enable = "avx512f")]
fn up<const C: usize>(value: __m512i, below: __m512i) -> __m512i {
    if C == 1 { _mm512_alignr_epi64::<7>(value, below) } else { _mm512_alignr_epi64::<6>(value, below) }
}

/// x ← x·y/R mod n, or x²/R mod n without y, doubled in the numbers whose bit is set.
#[target_feature(enable = "avx512f,avx512ifma")]
fn multiply<const N: usize, const V: usize, const C: usize>(
    x: &mut RowNumbers<V, C>,
    y: Option<&RowNumbers<V, C>>,
    n: &RowNumbers<V, C>,
    n0: &[u64; MAX_LANES],
    double: u8,
) {
    crate::stack::align();
    let y = y.unwrap_or(x);
    let zero = _mm512_setzero_si512();
    let limb_mask = _mm512_set1_epi64(LIMB);
    let [first, second] = [0, 1].map(|i| places::<C>(i));
    let (n0, n_first, n_second) = (to_lanes::<C>(n0), limb(n, 0), limb(n, 1));
    let mut columns = [zero; V];
    for j in 0..V {
        columns[j] = _mm512_madd52lo_epu64(zero, load(&x.0[j]), limb(y, 0));
    }
    let mut lowest = _mm512_permutexvar_epi64(first, columns[0]);
    for i in 0..N {
        let digit = _mm512_madd52lo_epu64(zero, lowest, n0);
        let carry = _mm512_srli_epi64::<52>(_mm512_add_epi64(lowest, limb_mask));
        let mut row = [zero; V];
        for j in 0..V {
            row[j] = _mm512_madd52hi_epu64(zero, load(&x.0[j]), limb(y, i));
        }
        if i + 1 < N {
            for j in 0..V {
                row[j] = _mm512_madd52lo_epu64(row[j], load(&x.0[j]), limb(y, i + 1));
            }
        }
        let next = _mm512_add_epi64(
            _mm512_permutexvar_epi64(second, columns[0]),
            _mm512_permutexvar_epi64(first, row[0]),
        );
        lowest = _mm512_add_epi64(
            _mm512_madd52lo_epu64(next, n_second, digit),
            _mm512_madd52hi_epu64(carry, n_first, digit),
        );
        // Without the barrier, the compiler schedules these before the two multiply-adds that the
        // next row depends on.
        let digit = scheduled_after(digit, lowest);
        for j in 0..V {
            columns[j] = _mm512_madd52lo_epu64(columns[j], load(&n.0[j]), digit);
            row[j] = _mm512_madd52hi_epu64(row[j], load(&n.0[j]), digit);
        }
        for j in 0..V {
            let above = if j + 1 < V { columns[j + 1] } else { zero };
            columns[j] = _mm512_add_epi64(down::<C>(above, columns[j]), row[j]);
        }
    }
    columns[0] = _mm512_mask_mov_epi64(columns[0], (1 << C) - 1, lowest);
    let every = u8::MAX / ((1 << C) - 1);
    let double = (0..C).fold(0, |lanes, c| lanes | (every * (double >> c & 1)) << c);
    for column in &mut columns {
        *column = _mm512_mask_add_epi64(*column, double, *column, *column);
    }
    pass_carries::<V, C>(&mut columns);
    for j in 0..V {
        store(&mut x.0[j], columns[j]);
    }
}

/// Turns columns into limbs below 2^52.
#[inline]
#[target_feature(enable = "avx512f")]
fn pass_carries<const V: usize, const C: usize>(columns: &mut [__m512i; V]) {
    let limb_mask = _mm512_set1_epi64(LIMB);
    let mut below = _mm512_setzero_si512();
    for column in columns.iter_mut() {
        let upper = _mm512_srli_epi64::<52>(*column);
        let limb = _mm512_and_si512(*column, limb_mask);
        *column = _mm512_add_epi64(limb, up::<C>(upper, below));
        below = upper;
    }
    let (mut generates, mut propagates) = (0u128, 0u128);
    for j in (0..V).rev() {
        generates = generates << 8 | u128::from(_mm512_cmpgt_epu64_mask(columns[j], limb_mask));
        propagates = propagates << 8 | u128::from(_mm512_cmpeq_epi64_mask(columns[j], limb_mask));
    }
    let mut carried = 0;
    for c in 0..C {
        // The other number's limbs propagate every carry.
        let own = (0..8 * V).filter(|word| word % C == c).fold(0, |mask, word| mask | 1u128 << word);
        let propagates = propagates & own | !own;
        carried |= ((2 * (generates & own)).wrapping_add(propagates) ^ propagates) & own;
    }
    for j in 0..V {
        #[expect(clippy::cast_possible_truncation, reason = "eight bits are wanted")]
        let here = (carried >> (8 * j)) as u8;
        let sum = _mm512_mask_add_epi64(columns[j], here, columns[j], _mm512_set1_epi64(1));
        columns[j] = _mm512_and_si512(sum, limb_mask);
    }
}

/// out ← table[digit], number by number. Every entry is read.
#[target_feature(enable = "avx512f")]
fn select<const V: usize, const C: usize>(
    out: &mut RowNumbers<V, C>,
    table: &[RowNumbers<V, C>; TABLE],
    digits: &[u64; MAX_LANES],
) {
    let digits = to_lanes::<C>(digits);
    let mut value = [_mm512_setzero_si512(); V];
    for (entry, index) in table.iter().zip(0..) {
        let here = equal_512(digits, splat(index));
        for j in 0..V {
            value[j] = _mm512_or_si512(value[j], _mm512_and_si512(load(&entry.0[j]), here));
        }
    }
    for j in 0..V {
        store(&mut out.0[j], value[j]);
    }
}

/// The kernel for C numbers (one or two) of N limbs. It holds the proof that the processor has the
/// instructions.
#[derive(Clone, Copy)]
pub(crate) struct RowKernel<const N: usize, const V: usize, const C: usize>(pub(crate) Ifma);

impl<const N: usize, const V: usize, const C: usize> Kernel for RowKernel<N, V, C> {
    const LANES: usize = C;
    const RADIX: u32 = 52;
    const LIMBS: usize = {
        assert!(V == (C * N).div_ceil(8) && (C == 1 || C == 2));
        N
    };
    type Num = RowNumbers<V, C>;
    type Prepared = ();
    type Scratch = ();

    fn limb(num: &Self::Num, lane: usize, index: usize) -> u64 {
        num.0.as_flattened()[C * index + lane]
    }

    fn set_limb(num: &mut Self::Num, lane: usize, index: usize, limb: u64) {
        num.0.as_flattened_mut()[C * index + lane] = limb;
    }

    fn prepare(self, _moduli: &mut Moduli<Self>) {}

    fn square(self, x: &mut Self::Num, moduli: &Moduli<Self>, double: u8, (): &mut ()) {
        // SAFETY: an `Ifma` exists only if the processor has the features.
        unsafe { multiply::<N, V, C>(x, None, &moduli.n, &moduli.n0, double) }
    }

    fn multiply(self, x: &mut Self::Num, y: &Self::Num, moduli: &Moduli<Self>, (): &mut ()) {
        // SAFETY: as in `square`.
        unsafe { multiply::<N, V, C>(x, Some(y), &moduli.n, &moduli.n0, 0) }
    }

    fn select(self, out: &mut Self::Num, table: &[Self::Num; TABLE], digits: &[u64; MAX_LANES]) {
        // SAFETY: as in `square`.
        unsafe { select(out, table, digits) }
    }
}

#[cfg(test)]
mod tests;

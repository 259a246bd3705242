//! The AVX-512 IFMA kernel: eight lanes (or four, in half-width registers), radix 2^52.
//!
//! `vpmadd52luq` and `vpmadd52huq` multiply the low 52 bits of two 64-bit lanes and add the low or the high 52
//! bits of the product to a third: there is no carry to handle while products are summed.
//!
//! # Numbers
//!
//! Five limbs make a block of 259 bits: four of 52 and one of 51. The sum of two blocks then fits five limbs of 52
//! bits, all that a multiply-add reads, with nothing left over.
//!
//! | prime bits | limbs N | blocks K | R | spare bits |
//! |---|---|---|---|---|
//! | 1024 | 20 | 4 | 2^1036 | 12 |
//! | 1536 | 30 | 6 | 2^1554 | 18 |
//! | 2048 | 40 | 8 | 2^2072 | 24 |
//! | moduli 2048, 3072, 4096 | 40, 60, 80 | 8, 12, 16 | 2^2072, 2^3108, 2^4144 | 24, 36, 48 |
//!
//! Limb i of all lanes is one vector; limbs are below 2^52 (each fifth below 2^51) between multiplications. R ≥
//! 2^12·n, so values below 5n multiply to a result below 25n²/R + 2n ≤ 2.01n, and below 4.02n when doubled: nothing is
//! subtracted between multiplications.
//!
//! # Bounds of a column
//!
//! A half of a limb product is below 2^52. By [`super::blocks`] the columns of a level are below 9·(2K + 2)·2^52 in
//! magnitude; what the level before hands up is doubled, because its upper half has the weight 2^260 and a block
//! 2^259, and so is what the sum of lower halves has of upper ones. Together that is below 27·(2K + 2)·2^52 < 2^61.9 for
//! K = 16, and below 2^62.9 when the result is doubled: no column overflows a signed 64-bit lane. Columns may be
//! negative, as sums of blocks pass carries on before they are multiplied while the products subtracted from theirs do
//! not; the shifts that take carries out of columns keep the sign. The whole is what the formula says, so that the
//! last carry is zero.
//!
//! # Schedule
//!
//! Ten columns and the ten limbs of two blocks stay in registers while fifty multiply-adds meet. The five digits of
//! the last quotient block are made one after the other, m = column·(−n⁻¹) mod 2^52. The low half of m·n₀ is not
//! computed: with the column it makes a multiple of 2^52, so that the carry is the column divided by 2^52, rounded up.
//! Only the fifth digit, of 51 bits, leaves bit 51 open and takes that product too.
//!
//! Multiply-adds a square: 951 / 1931 / 3231 for eight lanes (1240 / 2760 / 4880 without Karatsuba's trick). Measured on
//! Zen 4, which issues one a cycle: 1120 / 2160 / 3570 cycles (the filter's whole time, by its squares); on Zen 5, which
//! issues two: 625 / 1210 / 1970. Of the 150 cycles between 625 and what it could be, additions take 90, a seventh of a
//! cycle each though they have units of their own; stores 35, and results waited for 35 (by leaving each out of a copy of
//! the instructions).

use super::ifma_macro::ifma_kernel;
use super::limbs::{self, Inverse, Limbs, Row};
use super::{Kernel, MAX_LANES, Modulus, TABLE};
use crate::backend::Ifma;

/// The mask of a limb, and of the highest limb of a block.
const LIMB: i64 = (1 << 52) - 1;
const TOP_LIMB: i64 = (1 << 51) - 1;
/// Limbs of a block, and columns of a product of two.
const BLOCK: usize = 5;
const WIDE: usize = 2 * BLOCK;

/// Working space of a multiplication.
type Scratch<const N: usize, const L: usize> = limbs::Scratch<N, L, BLOCK>;

mod zmm {
    use crate::opaque::equal_512;

    super::ifma_kernel!(
        "avx512f,avx512ifma",
        8,
        __m512i,
        _mm512_loadu_si512,
        _mm512_storeu_si512,
        _mm512_set1_epi64,
        _mm512_setzero_si512,
        _mm512_madd52lo_epu64,
        _mm512_madd52hi_epu64,
        _mm512_add_epi64,
        _mm512_sub_epi64,
        _mm512_and_si512,
        _mm512_srli_epi64,
        _mm512_srai_epi64,
        _mm512_mask_add_epi64,
        equal_512,
        _mm512_or_si512
    );
}

mod ymm {
    use crate::opaque::equal_256;

    super::ifma_kernel!(
        "avx512f,avx512vl,avx512ifma",
        4,
        __m256i,
        _mm256_loadu_si256,
        _mm256_storeu_si256,
        _mm256_set1_epi64x,
        _mm256_setzero_si256,
        _mm256_madd52lo_epu64,
        _mm256_madd52hi_epu64,
        _mm256_add_epi64,
        _mm256_sub_epi64,
        _mm256_and_si256,
        _mm256_srli_epi64,
        _mm256_srai_epi64,
        _mm256_mask_add_epi64,
        equal_256,
        _mm256_or_si256
    );
}

/// N limbs in L lanes; holds the proof that the processor has the instructions.
#[derive(Clone, Copy)]
pub(crate) struct IfmaKernel<const N: usize, const L: usize>(pub(crate) Ifma);

macro_rules! implement {
    ($lanes:literal, $width:ident) => {
        impl<const N: usize> Kernel for IfmaKernel<N, $lanes> {
            const LANES: usize = $lanes;
            const RADIX: u32 = 52;
            const LIMBS: usize = N;
            type Num = Limbs<N, $lanes>;
            type Prepared = Inverse<N, $lanes>;
            type Scratch = Scratch<N, $lanes>;

            fn zero() -> Self::Num {
                Limbs::ZERO
            }

            fn prepared() -> Self::Prepared {
                Inverse::ZERO
            }

            fn scratch() -> Self::Scratch {
                Scratch::ZERO
            }

            fn position(index: usize) -> usize {
                259 * (index / BLOCK) + 52 * (index % BLOCK)
            }

            fn limb(num: &Self::Num, lane: usize, index: usize) -> u64 {
                num.0[index][lane]
            }

            fn set_limb(num: &mut Self::Num, lane: usize, index: usize, limb: u64) {
                num.0[index][lane] = limb;
            }

            fn prepare(self, modulus: &mut Modulus<Self>) {
                // SAFETY: an `Ifma` exists only where the processor has the features of both widths.
                unsafe { $width::invert_radix(&mut modulus.prepared, &modulus.n, lanes(&modulus.n0)) }
            }

            fn square(self, x: &mut Self::Num, modulus: &Modulus<Self>, double: u8, t: &mut Self::Scratch) {
                // SAFETY: as in `prepare`.
                unsafe {
                    $width::square(x, &modulus.n, &modulus.prepared, lanes(&modulus.n0), double, t);
                }
            }

            fn multiply(
                self,
                x: &mut Self::Num,
                y: &Self::Num,
                modulus: &Modulus<Self>,
                t: &mut Self::Scratch,
            ) {
                // SAFETY: as in `prepare`.
                unsafe {
                    $width::multiply(x, y, &modulus.n, &modulus.prepared, lanes(&modulus.n0), t);
                }
            }

            fn select(self, out: &mut Self::Num, table: &[Self::Num; TABLE], digits: &[u64; MAX_LANES]) {
                // SAFETY: as in `prepare`.
                unsafe { $width::select(out, table, lanes(digits)) }
            }
        }
    };
}

implement!(8, zmm);
implement!(4, ymm);

/// The first L of the most lanes that there are.
fn lanes<const L: usize>(row: &[u64; MAX_LANES]) -> &Row<L> {
    const { assert!(L <= MAX_LANES) };
    row.first_chunk().unwrap_or_else(|| unreachable!())
}

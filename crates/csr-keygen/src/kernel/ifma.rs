//! The AVX-512 IFMA kernel: eight lanes (or four, in half-width registers), radix 2^52.
//!
//! `vpmadd52luq` and `vpmadd52huq` multiply the low 52 bits of two 64-bit lanes and add the low or the high 52
//! bits of the product to a third: there is no carry to handle while products are summed.
//!
//! # Numbers
//!
//! | prime bits | limbs N | R | spare bits |
//! |---|---|---|---|
//! | 1024 | 20 | 2^1040 | 16 |
//! | 1536 | 30 | 2^1560 | 24 |
//! | 2048 | 40 | 2^2080 | 32 |
//! | moduli 2048, 3072, 4096 | 40, 60, 80 | 2^2080, 2^3120, 2^4160 | 32, 48, 64 |
//!
//! Limb i of all lanes is one vector; limbs are below 2^52 between multiplications. R ≥ 2^16·n, so values below 4n
//! multiply to a result below 16n²/R + n ≤ (1 + 2^−12)·n, and below 2.001·n when doubled: nothing is ever
//! subtracted.
//!
//! # Bounds of a column
//!
//! A column sums at most N low and N high halves of x·y (a square's cross products, doubled, and its diagonal
//! come to the same), N low and N high halves of m·n, and a carry below 2^12: 4·80·2^52 + 2^12 < 2^61. Doubling
//! the result gives less than 2^62: no column overflows its 64 bits.
//!
//! # Schedule
//!
//! Ten limbs of one factor stay in registers; the other factor's limbs pass by as digits. Ten limbs meet a digit
//! in eleven columns (ten low halves, ten high halves one column up): a window of eleven accumulators, which moves
//! up by one column a digit, with twenty multiply-adds for one load, one store and ten register renames.
//!
//! The reduction works in blocks of ten digits m. The first ten limbs of n are in registers while the digits are
//! made one after the other, m = column·(−n⁻¹) mod 2^52; then the ten digits stay in registers and the other limbs
//! of n pass by. The low half of m·n₀ is not computed: with the column it makes a multiple of 2^52, so the
//! carry is the column divided by 2^52, rounded up. The last block's columns leave through the masked doubling
//! and the carry chain while the multiply-adds go on.
//!
//! Multiply-adds a square: N² + N for the product, 2N² for the reduction: 1220 / 2730 / 4840 for eight
//! lanes, at one a cycle.

use zeroize::Zeroize;

use super::ifma_macro::ifma_kernel;
use super::{Kernel, MAX_LANES, Modulus, TABLE};
use crate::backend::Ifma;

/// The mask of a limb, and of the highest limb of a block.
const LIMB: i64 = (1 << 52) - 1;
const TOP_LIMB: i64 = (1 << 51) - 1;
/// Limbs of a block, and columns of a product of two.
const BLOCK: usize = 5;
const WIDE: usize = 2 * BLOCK;

/// One limb or column of L lanes.
type Row<const L: usize> = [u64; L];

/// N limbs of L lanes.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Limbs<const N: usize, const L: usize>([Row<L>; N]);

/// Working space of a multiplication; see [`super::blocks`].
#[repr(C, align(64))]
pub(crate) struct Scratch<const N: usize, const L: usize> {
    /// M.
    quotient: Limbs<N, L>,
    /// Ten columns for each block: E_I + D_I.
    own: [[Row<L>; 2]; N],
    running: [Row<L>; WIDE],
}

impl<const N: usize, const L: usize> Zeroize for Limbs<N, L> {
    fn zeroize(&mut self) {
        self.0.as_flattened_mut().zeroize();
    }
}

impl<const N: usize, const L: usize> Zeroize for Scratch<N, L> {
    fn zeroize(&mut self) {
        self.quotient.zeroize();
        self.own.as_flattened_mut().as_flattened_mut().zeroize();
        self.running.as_flattened_mut().zeroize();
    }
}

mod zmm {
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
        _mm512_cmpeq_epi64_mask,
        _mm512_mask_mov_epi64
    );
}

mod ymm {
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
        _mm256_cmpeq_epi64_mask,
        _mm256_mask_mov_epi64
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
            type Scratch = Scratch<N, $lanes>;

            fn zero() -> Self::Num {
                Limbs([[0; $lanes]; N])
            }

            fn scratch() -> Self::Scratch {
                Scratch {
                    quotient: Self::zero(),
                    own: [[[0; $lanes]; 2]; N],
                    running: [[0; $lanes]; WIDE],
                }
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

            fn square(self, x: &mut Self::Num, modulus: &Modulus<Self>, double: u8, t: &mut Self::Scratch) {
                // SAFETY: an `Ifma` exists only where the processor has the features of both widths.
                unsafe { $width::square(x, &modulus.n, lanes(&modulus.n0), double, t) }
            }

            fn multiply(
                self,
                x: &mut Self::Num,
                y: &Self::Num,
                modulus: &Modulus<Self>,
                t: &mut Self::Scratch,
            ) {
                // SAFETY: as in `square`.
                unsafe { $width::multiply(x, y, &modulus.n, lanes(&modulus.n0), 0, t) }
            }

            fn select(self, out: &mut Self::Num, table: &[Self::Num; TABLE], digits: &[u64; MAX_LANES]) {
                // SAFETY: as in `square`.
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

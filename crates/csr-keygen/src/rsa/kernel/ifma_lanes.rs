//! The AVX-512 IFMA kernel for one number per lane: eight lanes (or four, in half-width registers),
//! radix 2^52.
//!
//! `vpmadd52luq` and `vpmadd52huq` multiply the low 52 bits of two 64-bit lanes and add the low or
//! the high 52 bits of the product to a third lane, so that products are summed without carries.
//!
//! # Numbers
//!
//! Five limbs make a block of 259 bits: four of 52 and one of 51. The sum of two blocks then fits
//! five limbs of 52 bits, which is what a multiply-add reads.
//!
//! | prime bits | limbs N | blocks K | R | spare bits |
//! |---|---|---|---|---|
//! | 1024 | 20 | 4 | 2^1036 | 12 |
//! | 1536 | 30 | 6 | 2^1554 | 18 |
//! | 2048 | 40 | 8 | 2^2072 | 24 |
//! | moduli 2048, 3072, 4096 | 40, 60, 80 | 8, 12, 16 | 2^2072, 2^3108, 2^4144 | 24, 36, 48 |
//!
//! Limb i of all lanes is one vector. Limbs are below 2^52 (every fifth one below 2^51) between
//! multiplications. Because R ≥ 2^12·n, values below 5n multiply to a result below 25n²/R + 2n ≤
//! 2.01n, and below 4.02n when doubled, so nothing is subtracted between multiplications.
//!
//! # Bounds of a column
//!
//! A half of a limb product is below 2^52. By the bounds of `blocks`, the columns of a level are
//! below 9·(2K + 2)·2^52 in magnitude. The upper half of the level before is doubled, because its
//! weight is 2^260 and a block spans 2^259; so are the upper halves within the running sum.
//! Together that is below 27·(2K + 2)·2^52 < 2^61.9 for K = 16, and below 2^62.9 when the result is
//! doubled: no column overflows a signed 64-bit lane. Columns may be negative, because sums of
//! blocks pass carries on before they are multiplied while the products subtracted from theirs do
//! not; the shifts that move carries out of columns keep the sign. The total is what the formula
//! says, so the last carry is zero.
//!
//! # Schedule
//!
//! Ten columns and the ten limbs of two blocks stay in registers for fifty multiply-adds. The five
//! digits of the last quotient block are computed one after the other, m = column·(−n⁻¹) mod 2^52.
//! The low half of m·n₀ is not computed: added to the column it gives a multiple of 2^52, so the
//! carry is the column divided by 2^52, rounded up. Only the fifth digit, of 51 bits, leaves bit 51
//! undetermined and needs that product.
//!
//! Multiply-adds per square: 951 / 1931 / 3231 for eight lanes (1240 / 2760 / 4880 without
//! Karatsuba's trick). Measured on Zen 4, which issues one per cycle: 1120 / 2160 / 3570 cycles
//! (the filter's time divided by its squares); on Zen 5, which issues two: 625 / 1210 / 1970. Of
//! the 150 cycles between 625 and the ideal, additions account for 90 (a seventh of a cycle each,
//! though they have units of their own), stores for 35 and latency for 35. This was measured by
//! leaving each out of a copy of the instructions.

use crate::backend::Ifma;
use crate::rsa::kernel::blocks::{BlockScratch, Limbs, RadixInverse, Row};
use crate::rsa::kernel::{Kernel, MAX_LANES, Moduli, TABLE};

/// The mask of a limb, and of the highest limb of a block.
const LIMB: i64 = (1 << 52) - 1;
const TOP_LIMB: i64 = (1 << 51) - 1;
/// The limbs of a block, and the columns of a product of two blocks.
const BLOCK: usize = 5;
const WIDE: usize = 2 * BLOCK;

/// Defines the multiplication by blocks and `select` for one vector width. The module imports
/// `load` and `store`.
macro_rules! ifma_kernel {
    (
        $features:literal, $lanes:literal, $vector:ty,
        $splat:ident, $zero:ident, $madd_lo:ident, $madd_hi:ident,
        $add:ident, $sub:ident, $and:ident, $shift_right:ident, $shift_right_signed:ident, $mask_add:ident,
        $equal:ident, $or:ident
    ) => {
        use core::arch::x86_64::*;

        use super::{BLOCK, LIMB, TOP_LIMB, WIDE};
        use crate::rsa::kernel::blocks::{self, BlockScratch, Limbs, RadixInverse, Row};

        /// The chains of carries through the result.
        const CARRIES: usize = 1;

        #[inline]
        #[target_feature(enable = $features)]
        fn zero() -> $vector {
            $zero()
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn one() -> $vector {
            $splat(1)
        }

        #[inline]
        fn never() -> u8 {
            0
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn add(a: $vector, b: $vector) -> $vector {
            $add(a, b)
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn sub(a: $vector, b: $vector) -> $vector {
            $sub(a, b)
        }

        blocks::multiplication_by_blocks!($features, $lanes, $vector, u8);

        /// a + b < 2^260, with carries passed on. The low 52 bits of each element are the limbs,
        /// and multiply-adds read no more.
        #[inline]
        #[target_feature(enable = $features)]
        fn sum(a: &Block, b: &Block) -> Block {
            let mut sum = [add(a[0], b[0]); BLOCK];
            for i in 1..BLOCK {
                sum[i] = add(add(a[i], b[i]), $shift_right::<52>(sum[i - 1]));
            }
            sum
        }

        /// acc += a·b. The low half of a limb product is added to its column, the high half to the
        /// next.
        #[inline]
        #[target_feature(enable = $features)]
        fn product(acc: &mut Columns, a: &Block, b: &Block) {
            for j in 0..BLOCK {
                for i in 0..BLOCK {
                    acc[i + j] = $madd_lo(acc[i + j], a[i], b[j]);
                    acc[i + j + 1] = $madd_hi(acc[i + j + 1], a[i], b[j]);
                }
            }
        }

        /// acc += Σ_(i<j) a_i·a_j.
        #[inline]
        #[target_feature(enable = $features)]
        fn mixed_products(acc: &mut Columns, a: &Block) {
            for j in 1..BLOCK {
                for i in 0..j {
                    acc[i + j] = $madd_lo(acc[i + j], a[i], a[j]);
                    acc[i + j + 1] = $madd_hi(acc[i + j + 1], a[i], a[j]);
                }
            }
        }

        /// acc += Σ a_i².
        #[inline]
        #[target_feature(enable = $features)]
        fn squares(acc: &mut Columns, a: &Block) {
            for i in 0..BLOCK {
                acc[2 * i] = $madd_lo(acc[2 * i], a[i], a[i]);
                acc[2 * i + 1] = $madd_hi(acc[2 * i + 1], a[i], a[i]);
            }
        }

        /// acc + 2·once grows by a²: a doubled limb would be too long for a multiply-add.
        #[inline]
        #[target_feature(enable = $features)]
        fn square_of_block(acc: &mut Columns, once: &mut Columns, a: &Block) {
            mixed_products(once, a);
            squares(acc, a);
        }

        /// a². It needs no second set of columns.
        #[inline]
        #[target_feature(enable = $features)]
        fn own_square(a: &Block) -> Columns {
            let mut acc = [$zero(); WIDE];
            mixed_products(&mut acc, a);
            for column in &mut acc {
                *column = add(*column, *column);
            }
            squares(&mut acc, a);
            acc
        }

        /// The digits of the last block, and the carry: acc += digits·low makes the lower half of
        /// acc a multiple of 2^259, and the carry is that multiple.
        #[inline]
        #[target_feature(enable = $features)]
        fn digits(acc: &mut Columns, n0: $vector, low: &Block) -> (Block, $vector) {
            let limb_mask = $splat(LIMB);
            let mut digits = [$zero(); BLOCK];
            for d in 0..BLOCK {
                let mut m = $madd_lo($zero(), acc[d], n0);
                if d + 1 < BLOCK {
                    // The column and the low half of m·n₀ add up to a multiple of 2^52, so the
                    // carry is the column divided by 2^52, rounded up.
                    let carry = $shift_right_signed::<52>(add(acc[d], limb_mask));
                    acc[d + 1] = add(acc[d + 1], carry);
                } else {
                    m = $and(m, $splat(TOP_LIMB));
                    acc[d] = $madd_lo(acc[d], m, low[0]);
                }
                // The next digit depends on this column alone: two short chains.
                let high = $madd_hi($zero(), m, low[0]);
                acc[d + 1] = add($madd_lo(acc[d + 1], m, low[1]), high);
                acc[d + 2] = $madd_hi(acc[d + 2], m, low[1]);
                for j in 2..BLOCK {
                    acc[d + j] = $madd_lo(acc[d + j], m, low[j]);
                    acc[d + j + 1] = $madd_hi(acc[d + j + 1], m, low[j]);
                }
                digits[d] = m;
            }
            // Exact: acc[4] ends with 51 zeros.
            (digits, $shift_right_signed::<51>(acc[BLOCK - 1]))
        }

        /// The lower half of acc as limbs, and its carry.
        #[inline]
        #[target_feature(enable = $features)]
        fn split(acc: &Columns) -> (Block, $vector) {
            let mut carry = [$zero(); CARRIES];
            let block = finish(acc, never(), &mut carry);
            (block, carry[0])
        }

        /// The upper half of a level, doubled: its weight is 2^260, twice that of the next level.
        #[inline]
        #[target_feature(enable = $features)]
        fn upper(acc: &Columns) -> Block {
            let mut upper = [$zero(); BLOCK];
            for i in 0..BLOCK {
                upper[i] = add(acc[BLOCK + i], acc[BLOCK + i]);
            }
            upper
        }

        /// The lower half of a level as limbs, doubled by the mask, with the carry from the blocks
        /// below.
        #[inline]
        #[target_feature(enable = $features)]
        fn finish(acc: &Columns, double: u8, carry: &mut [$vector; CARRIES]) -> Block {
            let mut block = [$zero(); BLOCK];
            for i in 0..BLOCK {
                let sum = add($mask_add(acc[i], double, acc[i], acc[i]), carry[0]);
                if i + 1 < BLOCK {
                    carry[0] = $shift_right_signed::<52>(sum);
                    block[i] = $and(sum, $splat(LIMB));
                } else {
                    carry[0] = $shift_right_signed::<51>(sum);
                    block[i] = $and(sum, $splat(TOP_LIMB));
                }
            }
            block
        }

        /// out ← table[digit], lane by lane. Every entry is read.
        #[target_feature(enable = $features)]
        pub(crate) fn select<const N: usize>(
            out: &mut Limbs<N, $lanes>,
            table: &[Limbs<N, $lanes>],
            digits: &Row<$lanes>,
        ) {
            let digits = load(digits);
            for (limb, out) in out.0.iter_mut().enumerate() {
                let mut value = $zero();
                for (entry, index) in table.iter().zip(0..) {
                    let here = $equal(digits, $splat(index));
                    value = $or(value, $and(load(&entry.0[limb]), here));
                }
                store(out, value);
            }
        }
    };
}

mod zmm {
    use crate::vector::{equal_512, load_512 as load, store_512 as store};

    ifma_kernel!(
        "avx512f,avx512ifma",
        8,
        __m512i,
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
    use crate::vector::{equal_256, load_256 as load, store_256 as store};

    ifma_kernel!(
        "avx512f,avx512vl,avx512ifma",
        4,
        __m256i,
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

/// The kernel for N limbs in L lanes. It holds the proof that the processor has the instructions.
#[derive(Clone, Copy)]
pub(crate) struct IfmaKernel<const N: usize, const L: usize>(pub(crate) Ifma);

macro_rules! implement {
    ($lanes:literal, $width:ident) => {
        impl<const N: usize> Kernel for IfmaKernel<N, $lanes> {
            const LANES: usize = $lanes;
            const RADIX: u32 = 52;
            const LIMBS: usize = BlockScratch::<N, $lanes, BLOCK>::LIMBS;
            type Num = Limbs<N, $lanes>;
            type Prepared = RadixInverse<N, $lanes>;
            type Scratch = BlockScratch<N, $lanes, BLOCK>;

            fn position(index: usize) -> usize {
                259 * (index / BLOCK) + 52 * (index % BLOCK)
            }

            fn limb(num: &Self::Num, lane: usize, index: usize) -> u64 {
                num.0[index][lane]
            }

            fn set_limb(num: &mut Self::Num, lane: usize, index: usize, limb: u64) {
                num.0[index][lane] = limb;
            }

            fn prepare(self, moduli: &mut Moduli<Self>) {
                // SAFETY: an `Ifma` exists only if the processor has the features of both widths.
                unsafe { $width::invert_radix(&mut moduli.prepared, &moduli.n, lanes(&moduli.n0)) }
            }

            fn square(self, x: &mut Self::Num, moduli: &Moduli<Self>, double: u8, t: &mut Self::Scratch) {
                // SAFETY: as in `prepare`.
                unsafe {
                    $width::square(x, &moduli.n, &moduli.prepared, lanes(&moduli.n0), double, t);
                }
            }

            fn multiply(
                self,
                x: &mut Self::Num,
                y: &Self::Num,
                moduli: &Moduli<Self>,
                t: &mut Self::Scratch,
            ) {
                // SAFETY: as in `prepare`.
                unsafe {
                    $width::multiply(x, y, &moduli.n, &moduli.prepared, lanes(&moduli.n0), t);
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

/// The first L lanes.
fn lanes<const L: usize>(row: &[u64; MAX_LANES]) -> &Row<L> {
    const { assert!(L <= MAX_LANES) };
    row.first_chunk().unwrap_or_else(|| unreachable!())
}

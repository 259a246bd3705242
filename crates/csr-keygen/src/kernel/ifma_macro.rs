//! The arithmetic on blocks of [`super::ifma`], written once for both vector widths.

/// Defines what [`super::blocks`] asks for, and `select`, over a vector type. See [`super::ifma`] for the bounds.
macro_rules! ifma_kernel {
    (
        $features:literal, $lanes:literal, $vector:ty,
        $load:ident, $store:ident, $splat:ident, $zero:ident, $madd_lo:ident, $madd_hi:ident,
        $add:ident, $sub:ident, $and:ident, $shift_right:ident, $shift_right_signed:ident, $mask_add:ident,
        $equal:ident, $or:ident
    ) => {
        use core::arch::x86_64::*;

        use super::super::limbs::{Inverse, Limbs, Row};
        use super::{BLOCK, LIMB, Scratch, TOP_LIMB, WIDE};

        /// One limb or column of every lane.
        type Vector = $vector;
        /// A bit a lane.
        type Double = u8;
        /// The chains of carries through the result.
        const CARRIES: usize = 1;

        #[inline]
        #[target_feature(enable = $features)]
        fn load(row: &Row<$lanes>) -> Vector {
            // SAFETY: the reference covers as many bytes as are read; the load asks for no alignment.
            unsafe { $load(row.as_ptr().cast()) }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn store(row: &mut Row<$lanes>, value: Vector) {
            // SAFETY: the reference covers as many bytes as are written; the store asks for no alignment.
            unsafe { $store(row.as_mut_ptr().cast(), value) }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn zero() -> Vector {
            $zero()
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn one() -> Vector {
            $splat(1)
        }

        #[inline]
        fn never() -> Double {
            0
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn add(a: Vector, b: Vector) -> Vector {
            $add(a, b)
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn sub(a: Vector, b: Vector) -> Vector {
            $sub(a, b)
        }

        super::super::blocks::multiplication_by_blocks!($features, $lanes);

        /// a + b < 2^260, with carries passed on: the low 52 bits of each element are its limbs, and the
        /// multiply-adds read no more.
        #[inline]
        #[target_feature(enable = $features)]
        fn sum(a: &Block, b: &Block) -> Block {
            let mut sum = [add(a[0], b[0]); BLOCK];
            for i in 1..BLOCK {
                sum[i] = add(add(a[i], b[i]), $shift_right::<52>(sum[i - 1]));
            }
            sum
        }

        /// acc += a·b: the low half of a limb product to its column, the high half to the next.
        #[inline]
        #[target_feature(enable = $features)]
        fn product(acc: &mut Wide, a: &Block, b: &Block) {
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
        fn mixed_products(acc: &mut Wide, a: &Block) {
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
        fn squares(acc: &mut Wide, a: &Block) {
            for i in 0..BLOCK {
                acc[2 * i] = $madd_lo(acc[2 * i], a[i], a[i]);
                acc[2 * i + 1] = $madd_hi(acc[2 * i + 1], a[i], a[i]);
            }
        }

        /// acc + 2·once grows by a²: a doubled limb would not fit a multiply-add.
        #[inline]
        #[target_feature(enable = $features)]
        fn square_of_block(acc: &mut Wide, once: &mut Wide, a: &Block) {
            mixed_products(once, a);
            squares(acc, a);
        }

        /// a², which needs no second set of columns.
        #[inline]
        #[target_feature(enable = $features)]
        fn own_square(a: &Block) -> Wide {
            let mut acc = [$zero(); WIDE];
            mixed_products(&mut acc, a);
            for column in &mut acc {
                *column = add(*column, *column);
            }
            squares(&mut acc, a);
            acc
        }

        /// The last block: acc += digits·low, so that the lower half of acc becomes a multiple of 2^259; and what it is
        /// multiplied by.
        #[inline]
        #[target_feature(enable = $features)]
        fn digits(acc: &mut Wide, n0: Vector, low: &Block) -> (Block, Vector) {
            let limb_mask = $splat(LIMB);
            let mut digits = [$zero(); BLOCK];
            for d in 0..BLOCK {
                let mut m = $madd_lo($zero(), acc[d], n0);
                if d + 1 < BLOCK {
                    // The column and the low half of m·n₀ add up to a multiple of 2^52: what is carried is the
                    // column divided by 2^52, rounded up.
                    let carry = $shift_right_signed::<52>(add(acc[d], limb_mask));
                    acc[d + 1] = add(acc[d + 1], carry);
                } else {
                    m = $and(m, $splat(TOP_LIMB));
                    acc[d] = $madd_lo(acc[d], m, low[0]);
                }
                // The next digit waits for this column alone: two short chains.
                let high = $madd_hi($zero(), m, low[0]);
                acc[d + 1] = add($madd_lo(acc[d + 1], m, low[1]), high);
                acc[d + 2] = $madd_hi(acc[d + 2], m, low[1]);
                for j in 2..BLOCK {
                    acc[d + j] = $madd_lo(acc[d + j], m, low[j]);
                    acc[d + j + 1] = $madd_hi(acc[d + j + 1], m, low[j]);
                }
                digits[d] = m;
            }
            // Whole: acc[4] ends with 51 zeros.
            (digits, $shift_right_signed::<51>(acc[BLOCK - 1]))
        }

        /// The lower half of acc as limbs, and its carry.
        #[inline]
        #[target_feature(enable = $features)]
        fn split(acc: &Wide) -> (Block, Vector) {
            let mut carry = [$zero(); CARRIES];
            let block = finish(acc, never(), &mut carry);
            (block, carry[0])
        }

        /// The upper half of a level has the weight 2^260, twice that of the next level.
        #[inline]
        #[target_feature(enable = $features)]
        fn upper(acc: &Wide) -> Block {
            let mut upper = [$zero(); BLOCK];
            for i in 0..BLOCK {
                upper[i] = add(acc[BLOCK + i], acc[BLOCK + i]);
            }
            upper
        }

        /// The lower half of a level, doubled by the mask, with the carry of the blocks before, as limbs.
        #[inline]
        #[target_feature(enable = $features)]
        fn finish(acc: &Wide, double: Double, carry: &mut [Vector; CARRIES]) -> Block {
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

        /// out ← table[digit], lane by lane; every entry is read.
        #[target_feature(enable = $features)]
        pub(super) fn select<const N: usize>(
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

pub(super) use ifma_kernel;

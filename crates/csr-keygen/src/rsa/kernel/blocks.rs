//! Montgomery multiplication by blocks of limbs with Karatsuba's trick between blocks, written once
//! for the vector kernels. Blocks of five limbs fit the registers with IFMA, blocks of four with
//! AVX2.
//!
//! # Method
//!
//! A number is N limbs in K = N/b blocks X_0 … X_(K−1), digits of the radix B that a block spans;
//! R = B^K. For blocks I ≠ J
//!
//! ```text
//! X_I·Y_J + X_J·Y_I = (X_I + X_J)·(Y_I + Y_J) − X_I·Y_I − X_J·Y_J
//! ```
//!
//! takes one block product instead of two. The K products X_I·Y_I are computed once and serve all
//! pairs. For a square all of them are squares, of b(b+1)/2 limb products instead of b².
//!
//! With F = B⁻¹ mod n the lowest block M of a number T is removed by T = H·B + M ≡ B·(H + M·F). M
//! is read off the number and needs no computation before it is multiplied. This removes the blocks
//! M_0 … M_(K−2). Their multiples of F reach one block too high, so the last block is removed with
//! Montgomery's digits, as T + M_(K−1)·n with a lowest block of zero. The result is below T/R + F +
//! n < T/R + 2n.
//!
//! The work is done by *levels*: level s collects all products of weight B^s, in columns that stay
//! in registers. With E_I = X_I·Y_I and D_I = M_I·F_I, level s is
//!
//! ```text
//!   Σ_(I<J, I+J=s) (X_I + X_J)·(Y_I + Y_J)  +  Σ_(I<J, I+J=s−1) (M_I + M_J)·(F_I + F_J), for M_(K−1) a zero
//! − Σ_(s−K<I≤s) (E_I + D_(I−1))
//! + 2·E_(s/2) for even s, 2·D_((s−1)/2) for odd s: once for itself, once against the sum above
//! + M_(K−1)·N_(s−K+1)  for s ≥ K − 1
//! ```
//!
//! Level s < K ends with M_s, which clears its lower half. Level K + s gives block s of the result,
//! which may overwrite x, because later levels need X_I for I > s only. The upper half of a level's
//! columns belongs to the next level.
//!
//! E_I + D_(I−1) is subtracted at K successive levels, its upper half always one level later than
//! its lower half. It is therefore enough to keep a running sum of S_I = lower(E_I + D_(I−1)) +
//! upper(E_(I−1) + D_(I−2)), which is added to it at level I and removed at level I + K.
//!
//! # Schedule
//!
//! A level needs the block M of the level before. The products that do not depend on it come first,
//! to keep the processor busy meanwhile. The sums F_I + F_J are computed with F, once per modulus.
//!
//! # Count
//!
//! Limb products: b(b+1)/2·K(K+1)/2 for a square, b²·K(K+1)/2 for a product and b²·((K−1)(K+2)/2 +
//! K) for the reduction, against N(N+1)/2, N² and N² without the trick. For b = 5: 475, 965 and
//! 1615 instead of 610, 1365 and 2420 for a square and its reduction with K = 4, 6 and 8; for b =
//! 4: 1574, 2938 and 5228 instead of 2420, 4732 and 8702 with K = 10, 14 and 19.
//!
//! # Bounds
//!
//! With b = 5 a column of a block product sums at most nine halves of limb products (five if a
//! product is not split). A level adds at most K/2 pairs of each kind, M_(K−1)·N and twice E or D,
//! which makes K + 3 block products, and subtracts at most 2K − 1: both below 2K + 2. Each kernel
//! states what that means for its 64-bit lanes.

use zeroize::Zeroize;

/// One limb or column of L lanes.
pub(crate) type Row<const L: usize> = [u64; L];

/// N limbs of L lanes.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Limbs<const N: usize, const L: usize>(pub(crate) [Row<L>; N]);

/// F = B⁻¹ modulo n and the sums of its blocks, computed once per modulus.
#[repr(C, align(64))]
pub(crate) struct RadixInverse<const N: usize, const L: usize> {
    /// F.
    pub(crate) f: Limbs<N, L>,
    /// F_I + F_J for I < J, as block J(J−1)/2 + I: (K−1)/2 ≤ 9 numbers of N limbs.
    pub(crate) sums: [[Row<L>; N]; 9],
}

/// The working space of a multiplication with blocks of B limbs.
#[repr(C, align(64))]
pub(crate) struct BlockScratch<const N: usize, const L: usize, const B: usize> {
    /// M.
    pub(crate) quotient: Limbs<N, L>,
    /// At most 2·B columns each: E_I in place 2I, D_I in place 2I + 1.
    pub(crate) own: [[Row<L>; 4]; N],
    /// S_I.
    pub(crate) entered: Limbs<N, L>,
    /// The sum of the S_I that count at a level.
    pub(crate) running: [Row<L>; B],
    /// The upper half of the last E_I + D_(I−1).
    pub(crate) upper: [Row<L>; B],
}

impl<const N: usize, const L: usize, const B: usize> BlockScratch<N, L, B> {
    /// The limbs of a number.
    pub(crate) const LIMBS: usize = {
        assert!(N.is_multiple_of(B) && N / B > 1 && N / B <= 19);
        N
    };
}

impl<const N: usize, const L: usize> Zeroize for Limbs<N, L> {
    fn zeroize(&mut self) {
        self.0.as_flattened_mut().zeroize();
    }
}

impl<const N: usize, const L: usize> Zeroize for RadixInverse<N, L> {
    fn zeroize(&mut self) {
        self.f.zeroize();
        self.sums.as_flattened_mut().as_flattened_mut().zeroize();
    }
}

impl<const N: usize, const L: usize, const B: usize> Zeroize for BlockScratch<N, L, B> {
    fn zeroize(&mut self) {
        self.quotient.zeroize();
        self.own.as_flattened_mut().as_flattened_mut().zeroize();
        self.entered.zeroize();
        self.running.as_flattened_mut().zeroize();
        self.upper.as_flattened_mut().zeroize();
    }
}

/// Defines `invert_radix`, `square` and `multiply` for the CPU features, the number of lanes, the
/// vector type and the type of a mask of lanes.
///
/// The module that uses it imports [`Limbs`], [`RadixInverse`], [`Row`] and [`BlockScratch`], has
/// the constants `BLOCK`, `WIDE` and `CARRIES`, and defines `never` (the mask of no lane), `load`,
/// `store`, `zero`, `one`, `add`, `sub`, and the steps that depend on the radix: `sum` of two
/// blocks, `product`, `square_of_block`, `own_square`, `digits` and `split` (a block M and the
/// carry of the lower half to the next level), `upper` (the upper half at the weight of the next
/// level) and `finish` (a block of the result).
macro_rules! multiplication_by_blocks {
    ($features:literal, $lanes:literal, $vector:ty, $double:ty) => {
        /// The limbs of a block, in registers.
        type Block = [$vector; BLOCK];
        /// The columns of a level or of a block product, in registers.
        type Columns = [$vector; WIDE];

        #[inline]
        #[target_feature(enable = $features)]
        fn load_rows<const W: usize>(rows: &[Row<$lanes>; W]) -> [$vector; W] {
            let mut value = [zero(); W];
            for i in 0..W {
                value[i] = load(&rows[i]);
            }
            value
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn store_rows<const W: usize>(rows: &mut [Row<$lanes>; W], value: &[$vector; W]) {
            for i in 0..W {
                store(&mut rows[i], value[i]);
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn load_block<const N: usize>(x: &Limbs<N, $lanes>, block: usize) -> Block {
            load_rows(&x.0.as_chunks().0[block])
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn store_block<const N: usize>(x: &mut Limbs<N, $lanes>, block: usize, value: &Block) {
            store_rows(&mut x.0.as_chunks_mut().0[block], value);
        }

        /// F_low + F_high.
        #[inline]
        #[target_feature(enable = $features)]
        fn load_sum<const N: usize>(f: &RadixInverse<N, $lanes>, low: usize, high: usize) -> Block {
            load_rows(&f.sums.as_flattened().as_chunks().0[high * (high - 1) / 2 + low])
        }

        /// Σ (x_low + x_high)·(y_low + y_high) over the pairs of blocks from `first` to `last`
        /// whose indices add up to `first + last`, plus twice `once`. A square does not read y.
        #[inline]
        #[target_feature(enable = $features)]
        fn factor_pairs<const N: usize, const SQUARE: bool>(
            x: &Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            first: usize,
            last: usize,
            mut once: Columns,
        ) -> Columns {
            let (mut low, mut high) = (first, last);
            let mut acc = [zero(); WIDE];
            while low < high {
                let x = sum(&load_block(x, low), &load_block(x, high));
                if SQUARE {
                    square_of_block(&mut acc, &mut once, &x);
                } else {
                    product(&mut acc, &x, &sum(&load_block(y, low), &load_block(y, high)));
                }
                low += 1;
                high -= 1;
            }
            double_and_add(&mut acc, &once);
            acc
        }

        /// acc += 2·once.
        #[inline]
        #[target_feature(enable = $features)]
        fn double_and_add(acc: &mut Columns, once: &Columns) {
            for i in 0..WIDE {
                acc[i] = add(acc[i], add(once[i], once[i]));
            }
        }

        /// X_I·Y_I, or X_I².
        #[inline]
        #[target_feature(enable = $features)]
        fn own_product<const N: usize, const SQUARE: bool>(
            x: &Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            block: usize,
        ) -> Columns {
            let x = load_block(x, block);
            if SQUARE {
                return own_square(&x);
            }
            let mut acc = [zero(); WIDE];
            product(&mut acc, &x, &load_block(y, block));
            acc
        }

        /// F = (k·n + 1)/B with k = −n⁻¹ mod B: k is the quotient block of the number 1, and F the
        /// rest.
        #[target_feature(enable = $features)]
        pub(crate) fn invert_radix<const N: usize>(
            inverse: &mut RadixInverse<N, $lanes>,
            n: &Limbs<N, $lanes>,
            n0: &Row<$lanes>,
        ) {
            $crate::stack::align();
            let blocks = N / BLOCK;
            let mut acc = [zero(); WIDE];
            acc[0] = one();
            let (k, rest) = digits(&mut acc, load(n0), &load_block(n, 0));
            let mut lower = upper(&acc);
            lower[0] = add(lower[0], rest);
            let mut carry = [zero(); CARRIES];
            for block in 1..=blocks {
                acc = [zero(); WIDE];
                acc[..BLOCK].copy_from_slice(&lower);
                if block < blocks {
                    product(&mut acc, &load_block(n, block), &k);
                }
                lower = upper(&acc);
                store_block(&mut inverse.f, block - 1, &finish(&acc, never(), &mut carry));
            }
            let sums = inverse.sums.as_flattened_mut().as_chunks_mut().0;
            for high in 1..blocks {
                for low in 0..high {
                    let sum = sum(&load_block(&inverse.f, low), &load_block(&inverse.f, high));
                    store_rows(&mut sums[high * (high - 1) / 2 + low], &sum);
                }
            }
        }

        /// x ← x·y/R mod n, or x²/R mod n if `SQUARE`, doubled in the lanes of the mask.
        #[inline]
        #[target_feature(enable = $features)]
        fn montgomery<const N: usize, const SQUARE: bool>(
            x: &mut Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            inverse: &RadixInverse<N, $lanes>,
            n0: &Row<$lanes>,
            double: $double,
            scratch: &mut BlockScratch<N, $lanes, BLOCK>,
        ) {
            $crate::stack::align();
            let blocks = N / BLOCK;
            let n0 = load(n0);
            let BlockScratch { quotient, own, entered, running, upper: kept } = scratch;
            let own = own.as_flattened_mut().as_chunks_mut::<WIDE>().0;
            let entered = entered.0.as_chunks_mut::<BLOCK>().0;

            // Level 0: twice E_0, minus its lower half S_0.
            let mut acc = own_product::<N, SQUARE>(x, y, 0);
            for i in 0..BLOCK {
                store(&mut entered[0][i], acc[i]);
                store(&mut running[i], acc[i]);
            }
            store_rows(kept, &upper(&acc));
            for i in BLOCK..WIDE {
                acc[i] = add(acc[i], acc[i]);
            }

            let mut carry = [zero(); CARRIES];
            for level in 0..2 * blocks - 2 {
                let mut lower;
                if level < blocks {
                    let (block, rest) = if level + 1 < blocks {
                        split(&acc)
                    } else {
                        digits(&mut acc, n0, &load_block(n, 0))
                    };
                    store_block(quotient, level, &block);
                    lower = upper(&acc);
                    lower[0] = add(lower[0], rest);
                } else {
                    lower = upper(&acc);
                    store_block(x, level - blocks, &finish(&acc, double, &mut carry));
                }

                // The next level: first the products that do not depend on the last M.
                let next = level + 1;
                let first = (next + 1).saturating_sub(blocks);
                let once = if next > 1 { load_rows(&own[next]) } else { [zero(); WIDE] };
                acc = factor_pairs::<N, SQUARE>(x, y, first, next - first, once);
                if next < blocks {
                    store_rows(&mut own[2 * next], &own_product::<N, SQUARE>(x, y, next));
                } else {
                    let m = load_block(quotient, next - blocks);
                    product(&mut acc, &load_sum(inverse, next - blocks, blocks - 1), &m);
                }
                let mut low = first.max(1);
                while 2 * low < level {
                    let m = sum(&load_block(quotient, low), &load_block(quotient, level - low));
                    product(&mut acc, &load_sum(inverse, low, level - low), &m);
                    low += 1;
                }

                let mut sum_of_lower = load_rows(running);
                if next < blocks {
                    let mut of_quotient = [zero(); WIDE];
                    product(&mut of_quotient, &load_block(&inverse.f, level), &load_block(quotient, level));
                    let mut both = load_rows(&own[2 * next]);
                    for i in 0..WIDE {
                        both[i] = add(both[i], of_quotient[i]);
                    }
                    for i in 0..BLOCK {
                        let entering = add(both[i], load(&kept[i]));
                        store(&mut entered[next][i], entering);
                        sum_of_lower[i] = add(sum_of_lower[i], entering);
                    }
                    store_rows(kept, &upper(&both));
                    if level == 0 {
                        double_and_add(&mut acc, &of_quotient);
                    } else {
                        store_rows(&mut own[2 * level + 1], &of_quotient);
                        let m = sum(&load_block(quotient, 0), &load_block(quotient, level));
                        product(&mut acc, &load_sum(inverse, 0, level), &m);
                    }
                } else {
                    let n = load_block(n, next - blocks + 1);
                    product(&mut acc, &n, &load_block(quotient, blocks - 1));
                    for i in 0..BLOCK {
                        sum_of_lower[i] = sub(sum_of_lower[i], load(&entered[next - blocks][i]));
                        if next == blocks {
                            sum_of_lower[i] = add(sum_of_lower[i], load(&kept[i]));
                        }
                    }
                }
                store_rows(running, &sum_of_lower);
                for i in 0..BLOCK {
                    acc[i] = add(acc[i], sub(lower[i], sum_of_lower[i]));
                }
            }

            // The last level is the upper half of the level before, minus S_K, all that remains of
            // the running sum.
            let lower = upper(&acc);
            store_block(x, blocks - 2, &finish(&acc, double, &mut carry));
            for i in 0..BLOCK {
                acc[i] = sub(lower[i], load(&kept[i]));
            }
            store_block(x, blocks - 1, &finish(&acc, double, &mut carry));
        }

        /// x ← x²/R mod n, doubled in the lanes of the mask.
        #[target_feature(enable = $features)]
        pub(crate) fn square<const N: usize>(
            x: &mut Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            inverse: &RadixInverse<N, $lanes>,
            n0: &Row<$lanes>,
            double: $double,
            scratch: &mut BlockScratch<N, $lanes, BLOCK>,
        ) {
            // x cannot be borrowed twice; a square does not read the other factor.
            montgomery::<N, true>(x, n, n, inverse, n0, double, scratch);
        }

        /// x ← x·y/R mod n.
        #[target_feature(enable = $features)]
        pub(crate) fn multiply<const N: usize>(
            x: &mut Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            inverse: &RadixInverse<N, $lanes>,
            n0: &Row<$lanes>,
            scratch: &mut BlockScratch<N, $lanes, BLOCK>,
        ) {
            montgomery::<N, false>(x, y, n, inverse, n0, never(), scratch);
        }
    };
}

pub(crate) use multiplication_by_blocks;

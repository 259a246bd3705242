//! Montgomery multiplication by blocks of limbs with Karatsuba's trick between blocks, written once for the vector
//! kernels: what fits the registers is blocks of five limbs with IFMA and of four with AVX2.
//!
//! # Method
//!
//! A number is N limbs in K = N/b blocks X_0 … X_(K−1), digits of the radix B that a block spans. For blocks I ≠ J
//!
//! ```text
//! X_I·Y_J + X_J·Y_I = (X_I + X_J)·(Y_I + Y_J) − X_I·Y_I − X_J·Y_J
//! ```
//!
//! takes one block product instead of two; the K products X_I·Y_I are made once and serve all pairs. For a square
//! all of them are squares, of b(b+1)/2 limb products instead of b².
//!
//! The work goes by *levels*: level s gathers what has the weight B^s, in columns that stay in registers. With
//! E_I = X_I·Y_I, quotient blocks M_I and D_I = M_I·N_I, level s is
//!
//! ```text
//!   Σ_(I<J, I+J=s) (X_I + X_J)·(Y_I + Y_J)  +  Σ_(1≤I<J, I+J=s) (M_I + M_J)·(N_I + N_J)
//! − Σ_I E_I − Σ_(I≥1) D_I   for the I with another block in its pair; as a running sum, I = s/2 included
//! + 2·(E_(s/2) + D_(s/2))   for even s: once for itself, once for the running sum
//! + M_0·N_s + M_s·N_0       while s < K
//! ```
//!
//! M_0 takes no part in the trick: M_s is known only when M_0·N_s is in place. Level s < K ends with the b digits
//! of M_s, which clear its lower half; level K + s gives block s of the result, which may take x's place, as
//! later levels need X_I for I > s only. The upper half of a level's columns goes to the next level.
//!
//! # Count
//!
//! Of limb products: b(b+1)/2·K(K+1)/2 for a square (b²·K(K+1)/2 for a product) and b²·((K−1)(K−2)/2 + 3(K−1) + 1)
//! for the reduction, against N(N+1)/2, N² and N² without the trick. For b = 5: 450, 945 and 1615 instead of 610, 1365
//! and 2420 for a square and its reduction with K = 4, 6 and 8; for b = 4: 1574, 2938 and 5228 instead of 2420, 4732
//! and 8702 with K = 10, 14 and 19.
//!
//! # Bounds
//!
//! With b = 5 a column of a block product sums at most nine halves of limb products (five where a product is not split). A
//! level adds at most K/2 pairs of each kind, M_0·N_s, M_s·N_0, twice E and twice D, which makes K + 6 block products,
//! and subtracts at most 2K − 1: both below 2K + 2 for K ≥ 4. What that means for 64-bit lanes is said with each kernel.

/// Defines `square` and `multiply` over a vector type.
///
/// Where it is used there are `Limbs`, `Row`, `Scratch`, `Vector`, `Double` (a mask of lanes), `load`, `store`, `zero`,
/// `add`, `sub`, and the steps whose form depends on the radix: `sum` of two blocks, `product`, `square_of_block`,
/// `digits` (a quotient block), `carry_over` (what the next level gets) and `finish` (a block of the result).
macro_rules! multiplication_by_blocks {
    ($features:literal, $lanes:literal) => {
        /// The limbs of a block, in registers.
        type Block = [Vector; BLOCK];
        /// The columns of a level or of a block product, in registers.
        type Wide = [Vector; WIDE];

        #[inline]
        #[target_feature(enable = $features)]
        fn load_block<const N: usize>(x: &Limbs<N, $lanes>, block: usize) -> Block {
            let rows = &x.0.as_chunks::<BLOCK>().0[block];
            let mut value = [zero(); BLOCK];
            for i in 0..BLOCK {
                value[i] = load(&rows[i]);
            }
            value
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn store_block<const N: usize>(x: &mut Limbs<N, $lanes>, block: usize, value: Block) {
            let rows = &mut x.0.as_chunks_mut::<BLOCK>().0[block];
            for i in 0..BLOCK {
                store(&mut rows[i], value[i]);
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn add_rows(acc: &mut Wide, rows: &[Row<$lanes>; WIDE]) {
            for i in 0..WIDE {
                acc[i] = add(acc[i], load(&rows[i]));
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn sub_rows(acc: &mut Wide, rows: &[Row<$lanes>; WIDE]) {
            for i in 0..WIDE {
                acc[i] = sub(acc[i], load(&rows[i]));
            }
        }

        /// Σ (x_low + x_high)·(y_low + y_high) over the pairs of blocks from `first` to `last` with the sum
        /// `first + last`; for a square y is not read.
        #[inline]
        #[target_feature(enable = $features)]
        fn factor_pairs<const N: usize, const SQUARE: bool>(
            x: &Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            first: usize,
            last: usize,
        ) -> Wide {
            let (mut low, mut high) = (first, last);
            let (mut acc, mut once) = ([zero(); WIDE], [zero(); WIDE]);
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
            if SQUARE {
                double_and_add(&mut acc, &once);
            }
            acc
        }

        /// acc += 2·once.
        #[inline]
        #[target_feature(enable = $features)]
        fn double_and_add(acc: &mut Wide, once: &Wide) {
            for i in 0..WIDE {
                acc[i] = add(acc[i], add(once[i], once[i]));
            }
        }

        /// own ← X_I·Y_I, or X_I²; returns it, too.
        #[inline]
        #[target_feature(enable = $features)]
        fn own_product<const N: usize, const SQUARE: bool>(
            own: &mut [Row<$lanes>; WIDE],
            x: &Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            block: usize,
        ) -> Wide {
            let x = load_block(x, block);
            let mut acc = [zero(); WIDE];
            if !SQUARE {
                product(&mut acc, &x, &load_block(y, block));
            } else {
                let mut once = [zero(); WIDE];
                square_of_block(&mut acc, &mut once, &x);
                double_and_add(&mut acc, &once);
            }
            for i in 0..WIDE {
                store(&mut own[i], acc[i]);
            }
            acc
        }

        /// x ← x·y/R mod n, or x²/R; doubled in the lanes of the mask.
        #[inline]
        #[target_feature(enable = $features)]
        fn montgomery<const N: usize, const SQUARE: bool>(
            x: &mut Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            n0: &Row<$lanes>,
            double: Double,
            scratch: &mut Scratch<N, $lanes>,
        ) {
            $crate::stack::align();
            let blocks = N / BLOCK;
            let n0 = load(n0);
            let Scratch { quotient, own, running } = scratch;
            let own = own.as_flattened_mut().as_chunks_mut::<WIDE>().0;
            let mut acc = own_product::<N, SQUARE>(&mut own[0], x, y, 0);
            for i in 0..WIDE {
                store(&mut running[i], acc[i]);
            }
            let mut carry = [zero(); CARRIES];
            for level in 0..2 * blocks - 1 {
                // The columns have all but what comes from the quotient: first M_0·N_s, then the pairs, the
                // outermost last, as its M is the newest.
                if level > 0 && level < blocks {
                    product(&mut acc, &load_block(n, level), &load_block(quotient, 0));
                }
                let (first, last) =
                    if level < blocks { (1, level.max(1) - 1) } else { (level + 1 - blocks, blocks - 1) };
                for pair in (0..(last + 1).saturating_sub(first) / 2).rev() {
                    let (low, high) = (first + pair, last - pair);
                    let m = sum(&load_block(quotient, low), &load_block(quotient, high));
                    let n = sum(&load_block(n, low), &load_block(n, high));
                    product(&mut acc, &n, &m);
                }
                let lower;
                if level < blocks {
                    let digits = digits(&mut acc, n0, &load_block(n, 0));
                    store_block(quotient, level, digits);
                    lower = carry_over(&acc, true);
                } else {
                    let block = finish(&acc, double, &mut carry);
                    store_block(x, level - blocks, block);
                    lower = carry_over(&acc, false);
                }

                // The next level's columns: what does not wait for the quotient block comes first, so that the
                // processor has something to do meanwhile.
                let next = level + 1;
                let first = (next + 1).saturating_sub(blocks);
                acc = factor_pairs::<N, SQUARE>(x, y, first, next - first);
                if next < blocks {
                    own_product::<N, SQUARE>(&mut own[next], x, y, next);
                    sub_rows(&mut acc, &own[next]);
                }
                if next % 2 == 0 {
                    add_rows(&mut acc, &own[next / 2]);
                    add_rows(&mut acc, &own[next / 2]);
                }
                for i in 0..BLOCK {
                    acc[i] = add(acc[i], lower[i]);
                }
                if level == 0 {
                    sub_rows(&mut acc, running);
                } else if level < blocks {
                    let mut of_quotient = [zero(); WIDE];
                    product(&mut of_quotient, &load_block(n, level), &load_block(quotient, level));
                    for i in 0..WIDE {
                        let whole = add(load(&own[level][i]), of_quotient[i]);
                        store(&mut own[level][i], whole);
                        let mut rest = add(load(&running[i]), whole);
                        if next == blocks {
                            rest = sub(rest, load(&own[0][i]));
                        }
                        store(&mut running[i], rest);
                        acc[i] = sub(acc[i], rest);
                        if level == 1 {
                            // Level 2 took own[1] before it was whole.
                            acc[i] = add(acc[i], add(of_quotient[i], of_quotient[i]));
                        }
                    }
                } else {
                    for i in 0..WIDE {
                        let rest = sub(load(&running[i]), load(&own[next - blocks][i]));
                        store(&mut running[i], rest);
                        acc[i] = sub(acc[i], rest);
                    }
                }
            }
            let block = finish(&acc, double, &mut carry);
            store_block(x, blocks - 1, block);
        }

        /// x ← x²/R mod n, doubled in the lanes of the mask.
        #[target_feature(enable = $features)]
        pub(super) fn square<const N: usize>(
            x: &mut Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            n0: &Row<$lanes>,
            double: Double,
            scratch: &mut Scratch<N, $lanes>,
        ) {
            // x cannot be lent a second time; a square reads no other factor.
            montgomery::<N, true>(x, n, n, n0, double, scratch);
        }

        /// x ← x·y/R mod n, doubled in the lanes of the mask.
        #[target_feature(enable = $features)]
        pub(super) fn multiply<const N: usize>(
            x: &mut Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            n0: &Row<$lanes>,
            double: Double,
            scratch: &mut Scratch<N, $lanes>,
        ) {
            montgomery::<N, false>(x, y, n, n0, double, scratch);
        }
    };
}

pub(super) use multiplication_by_blocks;

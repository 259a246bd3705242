//! Montgomery multiplication by blocks of limbs with Karatsuba's trick between blocks, written once for the vector
//! kernels: what fits the registers is blocks of five limbs with IFMA and of four with AVX2.
//!
//! # Method
//!
//! A number is N limbs in K = N/b blocks X_0 … X_(K−1), digits of the radix B that a block spans; R = B^K. For blocks
//! I ≠ J
//!
//! ```text
//! X_I·Y_J + X_J·Y_I = (X_I + X_J)·(Y_I + Y_J) − X_I·Y_I − X_J·Y_J
//! ```
//!
//! takes one block product instead of two; the K products X_I·Y_I are made once and serve all pairs. For a square
//! all of them are squares, of b(b+1)/2 limb products instead of b².
//!
//! With F = B⁻¹ mod n the lowest block of a number leaves by T = H·B + M ≡ B·(H + M·F): M is what stands there, and
//! nothing is computed before it is multiplied. So go the blocks M_0 … M_(K−2). Their multiples of F end a block too
//! high up; the last block therefore goes by Montgomery's digits, as T + M_(K−1)·n with a lowest block of zero. What is
//! left is below T/R + F + n < T/R + 2n.
//!
//! The work goes by *levels*: level s gathers what has the weight B^s, in columns that stay in registers. With
//! E_I = X_I·Y_I and D_I = M_I·F_I, level s is
//!
//! ```text
//!   Σ_(I<J, I+J=s) (X_I + X_J)·(Y_I + Y_J)  +  Σ_(I<J, I+J=s−1) (M_I + M_J)·(F_I + F_J), for M_(K−1) a zero
//! − Σ_(s−K<I≤s) (E_I + D_(I−1))
//! + 2·E_(s/2) for even s, 2·D_((s−1)/2) for odd s: once for itself, once for the sum
//! + M_(K−1)·N_(s−K+1)  for s ≥ K − 1
//! ```
//!
//! Level s < K ends with M_s, which clears its lower half; level K + s gives block s of the result, which may take x's
//! place, as later levels need X_I for I > s only. The upper half of a level's columns goes to the next level.
//!
//! E_I + D_(I−1) is subtracted at K levels one after the other, its upper half always a level later than its lower
//! half. So it is enough to keep a sum of lower halves, S_I = lower(E_I + D_(I−1)) + upper(E_(I−1) + D_(I−2)): it
//! enters at level I and leaves at level I + K.
//!
//! # Schedule
//!
//! A level waits for the block M of the level before. What does not comes first, so that the processor has something
//! to do meanwhile. The sums F_I + F_J are made with F, once for each modulus.
//!
//! # Count
//!
//! Of limb products: b(b+1)/2·K(K+1)/2 for a square (b²·K(K+1)/2 for a product) and b²·((K−1)(K+2)/2 + K) for the
//! reduction, against N(N+1)/2, N² and N² without the trick. For b = 5: 475, 965 and 1615 instead of 610, 1365 and 2420
//! for a square and its reduction with K = 4, 6 and 8; for b = 4: 1574, 2938 and 5228 instead of 2420, 4732 and 8702 with
//! K = 10, 14 and 19.
//!
//! # Bounds
//!
//! With b = 5 a column of a block product sums at most nine halves of limb products (five where a product is not split). A
//! level adds at most K/2 pairs of each kind, M_(K−1)·N and twice E or D, which makes K + 3 block products, and subtracts at
//! most 2K − 1: both below 2K + 2. What that means for 64-bit lanes is said with each kernel.

/// Defines `invert_radix`, `square` and `multiply` over a vector type.
///
/// Where it is used there are `Limbs`, `Inverse`, `Row`, `Scratch`, `Vector`, `Double` (a mask of lanes), `never` (no lane),
/// `load`, `store`, `zero`, `one`, `add`, `sub`, and the steps whose form depends on the radix: `sum` of two blocks,
/// `product`, `square_of_block`, `own_square`, `digits` and `split` (a block M, and what is left of the lower half for
/// the next level), `upper` (the upper half at the weight of the next level) and `finish` (a block of the result).
macro_rules! multiplication_by_blocks {
    ($features:literal, $lanes:literal) => {
        /// The limbs of a block, in registers.
        type Block = [Vector; BLOCK];
        /// The columns of a level or of a block product, in registers.
        type Wide = [Vector; WIDE];

        #[inline]
        #[target_feature(enable = $features)]
        fn load_rows<const W: usize>(rows: &[Row<$lanes>; W]) -> [Vector; W] {
            let mut value = [zero(); W];
            for i in 0..W {
                value[i] = load(&rows[i]);
            }
            value
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn store_rows<const W: usize>(rows: &mut [Row<$lanes>; W], value: &[Vector; W]) {
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
        fn load_sum<const N: usize>(f: &Inverse<N, $lanes>, low: usize, high: usize) -> Block {
            load_rows(&f.sums.as_flattened().as_chunks().0[high * (high - 1) / 2 + low])
        }

        /// Σ (x_low + x_high)·(y_low + y_high) over the pairs of blocks from `first` to `last` with the sum
        /// `first + last`, and twice `once`; for a square y is not read.
        #[inline]
        #[target_feature(enable = $features)]
        fn factor_pairs<const N: usize, const SQUARE: bool>(
            x: &Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            first: usize,
            last: usize,
            mut once: Wide,
        ) -> Wide {
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
        fn double_and_add(acc: &mut Wide, once: &Wide) {
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
        ) -> Wide {
            let x = load_block(x, block);
            if SQUARE {
                return own_square(&x);
            }
            let mut acc = [zero(); WIDE];
            product(&mut acc, &x, &load_block(y, block));
            acc
        }

        /// F = (k·n + 1)/B with k = −n⁻¹ mod B: the quotient block of the number 1 is k, and what is left is F.
        #[target_feature(enable = $features)]
        pub(super) fn invert_radix<const N: usize>(
            inverse: &mut Inverse<N, $lanes>,
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

        /// x ← x·y/R mod n, or x²/R; doubled in the lanes of the mask.
        #[inline]
        #[target_feature(enable = $features)]
        fn montgomery<const N: usize, const SQUARE: bool>(
            x: &mut Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            inverse: &Inverse<N, $lanes>,
            n0: &Row<$lanes>,
            double: Double,
            scratch: &mut Scratch<N, $lanes>,
        ) {
            $crate::stack::align();
            let blocks = N / BLOCK;
            let n0 = load(n0);
            let Scratch { quotient, own, entered, running, upper: kept } = scratch;
            let own = own.as_flattened_mut().as_chunks_mut::<WIDE>().0;
            let entered = entered.0.as_chunks_mut::<BLOCK>().0;

            // Level 0: E_0 twice, less S_0, its lower half.
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

                // The next level: first what does not wait for the last M.
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

            // The last level is the upper half of the one before; of the sum only S_K is left.
            let lower = upper(&acc);
            store_block(x, blocks - 2, &finish(&acc, double, &mut carry));
            for i in 0..BLOCK {
                acc[i] = sub(lower[i], load(&kept[i]));
            }
            store_block(x, blocks - 1, &finish(&acc, double, &mut carry));
        }

        /// x ← x²/R mod n, doubled in the lanes of the mask.
        #[target_feature(enable = $features)]
        pub(super) fn square<const N: usize>(
            x: &mut Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            inverse: &Inverse<N, $lanes>,
            n0: &Row<$lanes>,
            double: Double,
            scratch: &mut Scratch<N, $lanes>,
        ) {
            // x cannot be lent a second time; a square reads no other factor.
            montgomery::<N, true>(x, n, n, inverse, n0, double, scratch);
        }

        /// x ← x·y/R mod n.
        #[target_feature(enable = $features)]
        pub(super) fn multiply<const N: usize>(
            x: &mut Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            inverse: &Inverse<N, $lanes>,
            n0: &Row<$lanes>,
            scratch: &mut Scratch<N, $lanes>,
        ) {
            montgomery::<N, false>(x, y, n, inverse, n0, never(), scratch);
        }
    };
}

pub(super) use multiplication_by_blocks;

//! The multiplication of [`super::ifma`], written once for both vector widths.

/// Defines `square`, `multiply` and `select` over a vector type. See [`super::ifma`] for the method and its bounds.
macro_rules! ifma_kernel {
    (
        $features:literal, $lanes:literal, $vector:ty,
        $load:ident, $store:ident, $splat:ident, $zero:ident, $madd_lo:ident, $madd_hi:ident,
        $add:ident, $and:ident, $shift_right:ident, $mask_add:ident, $cmp_mask:ident, $mask_mov:ident
    ) => {
        use core::arch::x86_64::*;

        use super::{BLOCK, Columns, LIMB, Limbs, Row};

        /// One limb or column of every lane.
        type Vector = $vector;

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

        /// Ten limbs of one factor, in registers.
        #[inline]
        #[target_feature(enable = $features)]
        fn load_block(rows: &[Row<$lanes>]) -> [Vector; BLOCK] {
            let rows = &rows[..BLOCK];
            [
                load(&rows[0]),
                load(&rows[1]),
                load(&rows[2]),
                load(&rows[3]),
                load(&rows[4]),
                load(&rows[5]),
                load(&rows[6]),
                load(&rows[7]),
                load(&rows[8]),
                load(&rows[9]),
            ]
        }

        /// Eleven neighbouring columns, in registers. The fields have names because an array that is shifted in
        /// a loop goes through memory.
        #[derive(Clone, Copy)]
        struct Window {
            c0: Vector,
            c1: Vector,
            c2: Vector,
            c3: Vector,
            c4: Vector,
            c5: Vector,
            c6: Vector,
            c7: Vector,
            c8: Vector,
            c9: Vector,
            c10: Vector,
        }

        /// Adds digit·limb: the low half to one column, the high half to the next.
        macro_rules! product {
            ($window:ident, $low:ident, $high:ident, $digit:expr, $limb:expr) => {
                $window.$low = $madd_lo($window.$low, $digit, $limb);
                $window.$high = $madd_hi($window.$high, $digit, $limb);
            };
        }

        impl Window {
            #[inline]
            #[target_feature(enable = $features)]
            fn zero() -> Self {
                let z = $zero();
                Self { c0: z, c1: z, c2: z, c3: z, c4: z, c5: z, c6: z, c7: z, c8: z, c9: z, c10: z }
            }

            #[inline]
            #[target_feature(enable = $features)]
            fn shift(&mut self, incoming: Vector) {
                *self = Self {
                    c0: self.c1,
                    c1: self.c2,
                    c2: self.c3,
                    c3: self.c4,
                    c4: self.c5,
                    c5: self.c6,
                    c6: self.c7,
                    c7: self.c8,
                    c8: self.c9,
                    c9: self.c10,
                    c10: incoming,
                };
            }

            /// Adds the digit's products with limbs FROM to TO − 1 of a block; its limb 0 meets column 0.
            #[inline]
            #[target_feature(enable = $features)]
            fn add_products<const FROM: usize, const TO: usize>(
                &mut self,
                digit: Vector,
                block: &[Vector; BLOCK],
            ) {
                if FROM <= 0 && TO > 0 {
                    product!(self, c0, c1, digit, block[0]);
                }
                if FROM <= 1 && TO > 1 {
                    product!(self, c1, c2, digit, block[1]);
                }
                if FROM <= 2 && TO > 2 {
                    product!(self, c2, c3, digit, block[2]);
                }
                if FROM <= 3 && TO > 3 {
                    product!(self, c3, c4, digit, block[3]);
                }
                if FROM <= 4 && TO > 4 {
                    product!(self, c4, c5, digit, block[4]);
                }
                if FROM <= 5 && TO > 5 {
                    product!(self, c5, c6, digit, block[5]);
                }
                if FROM <= 6 && TO > 6 {
                    product!(self, c6, c7, digit, block[6]);
                }
                if FROM <= 7 && TO > 7 {
                    product!(self, c7, c8, digit, block[7]);
                }
                if FROM <= 8 && TO > 8 {
                    product!(self, c8, c9, digit, block[8]);
                }
                if FROM <= 9 && TO > 9 {
                    product!(self, c9, c10, digit, block[9]);
                }
            }

            /// Takes the lowest column away: it is written, or added to what is there.
            #[inline]
            #[target_feature(enable = $features)]
            fn emit<const ADD: bool>(&mut self, column: &mut Row<$lanes>) {
                store(column, if ADD { $add(load(column), self.c0) } else { self.c0 });
                self.shift($zero());
            }

            #[inline]
            #[target_feature(enable = $features)]
            fn flush(self, columns: &mut [Row<$lanes>]) {
                let columns = &mut columns[..BLOCK];
                store(&mut columns[0], self.c0);
                store(&mut columns[1], self.c1);
                store(&mut columns[2], self.c2);
                store(&mut columns[3], self.c3);
                store(&mut columns[4], self.c4);
                store(&mut columns[5], self.c5);
                store(&mut columns[6], self.c6);
                store(&mut columns[7], self.c7);
                store(&mut columns[8], self.c8);
                store(&mut columns[9], self.c9);
            }
        }

        /// The products of different limbs, once each.
        #[inline]
        #[target_feature(enable = $features)]
        fn cross_products<const N: usize, const FIRST: bool>(
            t: &mut Columns<$lanes>,
            x: &Limbs<N, $lanes>,
            start: usize,
        ) {
            let a = load_block(&x.0[start..]);
            let t = &mut t.0[2 * start..];
            let mut w = Window::zero();
            // Inside the block, limb j meets limbs 0 to j − 1; column 0 of the window is column j.
            macro_rules! triangle {
                ($j:literal) => {
                    w.add_products::<0, $j>(a[$j], &a);
                    if FIRST { w.emit::<false>(&mut t[$j]) } else { w.emit::<true>(&mut t[$j]) }
                };
            }
            triangle!(1);
            triangle!(2);
            triangle!(3);
            triangle!(4);
            triangle!(5);
            triangle!(6);
            triangle!(7);
            triangle!(8);
            triangle!(9);
            for (digit, column) in x.0[start + BLOCK..].iter().zip(&mut t[BLOCK..]) {
                w.add_products::<0, BLOCK>(load(digit), &a);
                if FIRST { w.emit::<false>(column) } else { w.emit::<true>(column) }
            }
            w.flush(&mut t[N - start..]);
        }

        /// The products of ten limbs of x with all of y.
        #[inline]
        #[target_feature(enable = $features)]
        fn products<const N: usize, const FIRST: bool>(
            t: &mut Columns<$lanes>,
            x: &Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            start: usize,
        ) {
            let a = load_block(&x.0[start..]);
            let t = &mut t.0[start..];
            let mut w = Window::zero();
            for (digit, column) in y.0.iter().zip(&mut *t) {
                w.add_products::<0, BLOCK>(load(digit), &a);
                if FIRST { w.emit::<false>(column) } else { w.emit::<true>(column) }
            }
            w.flush(&mut t[N..]);
        }

        /// A column of the finished product. A square doubles the cross products here and adds the limb's own
        /// square: its low half to the even columns, its high half to the odd ones.
        #[inline]
        #[target_feature(enable = $features)]
        fn first_read<const N: usize, const SQUARE: bool>(
            t: &Columns<$lanes>,
            x: &Limbs<N, $lanes>,
            column: usize,
        ) -> Vector {
            let value = load(&t.0[column]);
            if !SQUARE {
                return value;
            }
            let limb = load(&x.0[column / 2]);
            let doubled = $add(value, value);
            if column % 2 == 0 { $madd_lo(doubled, limb, limb) } else { $madd_hi(doubled, limb, limb) }
        }

        /// Ten steps of the reduction, from column `start`: columns `start` to `start` + 9 become zero, and
        /// `start` + 10 onwards receive the products. The last block writes the result instead.
        #[inline]
        #[target_feature(enable = $features)]
        fn reduce_block<const N: usize, const SQUARE: bool, const LAST: bool>(
            x: &mut Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            n0: Vector,
            double: u8,
            t: &mut Columns<$lanes>,
            start: usize,
        ) {
            let limb_mask = $splat(LIMB);
            // Columns below this one were read and stored by the block before.
            let known = if start == 0 { 0 } else { start + N };
            macro_rules! column {
                ($index:expr) => {{
                    let index = $index;
                    if index < known { load(&t.0[index]) } else { first_read::<N, SQUARE>(t, x, index) }
                }};
            }
            let mut w = Window {
                c0: column!(start),
                c1: column!(start + 1),
                c2: column!(start + 2),
                c3: column!(start + 3),
                c4: column!(start + 4),
                c5: column!(start + 5),
                c6: column!(start + 6),
                c7: column!(start + 7),
                c8: column!(start + 8),
                c9: column!(start + 9),
                c10: column!(start + 10),
            };

            // The digits, one a column, with the lowest ten limbs of n.
            let low = load_block(&n.0);
            let mut digits = [$zero(); BLOCK];
            for (i, digit) in digits.iter_mut().enumerate() {
                let m = $madd_lo($zero(), w.c0, n0);
                // The column and the low half of m·n₀ add up to a multiple of 2^52: what is carried is the
                // column divided by 2^52, rounded up.
                let carry = $shift_right::<52>($add(w.c0, limb_mask));
                w.c1 = $madd_hi($add(w.c1, carry), m, low[0]);
                w.add_products::<1, BLOCK>(m, &low);
                *digit = m;
                w.shift(column!(start + i + BLOCK + 1));
            }

            let mut carry = $zero();
            macro_rules! finish {
                ($out:expr, $column:expr) => {{
                    let column = $column;
                    let sum = $add($mask_add(column, double, column, column), carry);
                    carry = $shift_right::<52>(sum);
                    store($out, $and(sum, limb_mask));
                }};
            }
            for j in BLOCK..N {
                w.add_products::<0, BLOCK>(load(&n.0[j]), &digits);
                let lowest = w.c0;
                if j + 1 < N {
                    w.shift(column!(start + j + BLOCK + 1));
                } else {
                    w.shift($zero());
                }
                if LAST {
                    finish!(&mut x.0[j - BLOCK], lowest);
                } else {
                    store(&mut t.0[start + j], lowest);
                }
            }
            if LAST {
                let x = &mut x.0[N - BLOCK..];
                finish!(&mut x[0], w.c0);
                finish!(&mut x[1], w.c1);
                finish!(&mut x[2], w.c2);
                finish!(&mut x[3], w.c3);
                finish!(&mut x[4], w.c4);
                finish!(&mut x[5], w.c5);
                finish!(&mut x[6], w.c6);
                finish!(&mut x[7], w.c7);
                finish!(&mut x[8], w.c8);
                finish!(&mut x[9], w.c9);
                let _ = carry;
            } else {
                w.flush(&mut t.0[start + N..]);
            }
        }

        #[inline]
        #[target_feature(enable = $features)]
        fn reduce<const N: usize, const SQUARE: bool>(
            x: &mut Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            n0: &Row<$lanes>,
            double: u8,
            t: &mut Columns<$lanes>,
        ) {
            let n0 = load(n0);
            for start in (0..N - BLOCK).step_by(BLOCK) {
                reduce_block::<N, SQUARE, false>(x, n, n0, double, t, start);
            }
            reduce_block::<N, SQUARE, true>(x, n, n0, double, t, N - BLOCK);
        }

        /// x ← x²/R mod n, doubled where the lane's bit is set.
        #[target_feature(enable = $features)]
        pub(super) fn square<const N: usize>(
            x: &mut Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            n0: &Row<$lanes>,
            double: u8,
            t: &mut Columns<$lanes>,
        ) {
            store(&mut t.0[0], $zero());
            cross_products::<N, true>(t, x, 0);
            for start in (BLOCK..N).step_by(BLOCK) {
                cross_products::<N, false>(t, x, start);
            }
            reduce::<N, true>(x, n, n0, double, t);
        }

        /// x ← x·y/R mod n.
        #[target_feature(enable = $features)]
        pub(super) fn multiply<const N: usize>(
            x: &mut Limbs<N, $lanes>,
            y: &Limbs<N, $lanes>,
            n: &Limbs<N, $lanes>,
            n0: &Row<$lanes>,
            t: &mut Columns<$lanes>,
        ) {
            products::<N, true>(t, x, y, 0);
            for start in (BLOCK..N).step_by(BLOCK) {
                products::<N, false>(t, x, y, start);
            }
            reduce::<N, false>(x, n, n0, 0, t);
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
                    let here = $cmp_mask(digits, $splat(index));
                    value = $mask_mov(value, here, load(&entry.0[limb]));
                }
                store(out, value);
            }
        }
    };
}

pub(super) use ifma_kernel;

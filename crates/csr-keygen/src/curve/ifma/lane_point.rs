//! Eight points at once: the XYZZ formulas of [`point`](crate::curve::point) on lanes, and the sum
//! of all eight.
//!
//! # Bounds
//!
//! In multiples of p, for the 256-bit primes, where R ≈ 16·p: a product of bounds a and b has the
//! bound a·b/16 + 1, and every factor must lie in [0, 16). The coordinates of a table are below 1
//! with one scalar and below 16 with eight; the larger result of both is given.
//!
//! | value | bound | not negative because |
//! |---|---|---|
//! | X, Y, ZZ, ZZZ of a running sum | 1.01, 3.1, 2, 1.5 | |
//! | U2 = x2·ZZ, S2 = y2·ZZZ | 3, 2.5 | |
//! | P = U2 − X + 2 | 5 | X ≤ 2 |
//! | R = ±S2 − Y + 6 | 8.5 | S2 + Y ≤ 6 |
//! | PP = P², PPP = P·PP, Q = X·PP | 2.6, 1.9, 1.2 | |
//! | R² − PPP − 2·Q + 5, folded to X3 | 10.6, 1.01 | PPP + 2·Q ≤ 5 |
//! | Y3 = R·(Q − X3 + 2) + Y·(2 − PPP) | 3.1 | X3 ≤ 2, PPP ≤ 2 |
//! | ZZ3 = ZZ·PP, ZZZ3 = ZZZ·PPP | 1.4, 1.2 | |
//!
//! The first addition takes coordinates below 2: P < 4, R < 6, PP < 2, PPP < 1.5, Q < 1.3, X3
//! before folding < 8.3, Y3 < 2.5. The tree: U1, U2, S1, S2 < 1.4, P < 3.4, R < 5.4, PP < 1.8,
//! PPP < 1.4, X3 before folding < 7.9, Y3 < 4.1, a difference of two products plus 2.
//!
//! For P-384, R ≈ 2^32·p makes every product's bound 1.01 (2.01 with a table's coordinate and eight
//! scalars) and the limit of a factor 2^32, so X3 is not folded: it is below 6.2 or 7.1, and "2" is
//! [`LaneField::X_BOUND`] = 8 where X or X3 is subtracted.

use core::arch::x86_64::*;

use crate::curve::ifma::field::{Factor, LaneField};

/// Eight affine points, and a mask of those to be negated.
#[derive(Clone, Copy)]
pub(crate) struct LaneAffine<F, const L: usize> {
    pub(crate) x: Factor<F, L>,
    pub(crate) y: Factor<F, L>,
    pub(crate) negative: __mmask8,
}

/// Eight points in XYZZ coordinates.
#[derive(Clone, Copy)]
pub(crate) struct LaneXyzz<F, const L: usize> {
    pub(crate) x: Factor<F, L>,
    pub(crate) y: Factor<F, L>,
    pub(crate) zz: Factor<F, L>,
    pub(crate) zzz: Factor<F, L>,
}

impl<F: LaneField<L>, const L: usize> LaneAffine<F, L> {
    /// The sums of two affine points each (4M + 2S).
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn add_affine(&self, other: &Self) -> LaneXyzz<F, L> {
        let y1 = self.y.negate(self.negative);
        let p = other.x.to_sum().sub(self.x.to_sum()).plus_p(2).carry();
        let r = other.y.to_sum().negate(other.negative).sub(y1.to_sum()).plus_p(4).carry();
        let [pp, rr] = Factor::square_two(&p, &r);
        let pp = pp.carry();
        let [ppp, q] = Factor::mul_two([&p, &pp], [&self.x, &pp]);
        let x = rr.sub(ppp).sub(q.double()).plus_p(5).fold();
        let q_x = q.sub(x.to_sum()).plus_p(F::X_BOUND).carry();
        let minus_ppp = ppp.negate(0xff).plus_p(2).carry();
        LaneXyzz { x, y: r.mul_add(&q_x, &y1, &minus_ppp).carry(), zz: pp, zzz: ppp.carry() }
    }
}

impl<F: LaneField<L>, const L: usize> LaneXyzz<F, L> {
    /// The sums with an affine point each (8M + 2S). Two of the products share a reduction.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn add_affine(&self, other: &LaneAffine<F, L>) -> Self {
        let [u, s] = Factor::mul_two([&other.x, &self.zz], [&other.y, &self.zzz]);
        let p = u.sub(self.x.to_sum()).plus_p(F::X_BOUND).carry();
        let r = s.negate(other.negative).sub(self.y.to_sum()).plus_p(6).carry();
        let [pp, rr] = Factor::square_two(&p, &r);
        let pp = pp.carry();
        let [ppp, q] = Factor::mul_two([&p, &pp], [&self.x, &pp]);
        let ppp_factor = ppp.carry();
        let [zz, zzz] = Factor::mul_two([&self.zz, &pp], [&self.zzz, &ppp_factor]);
        let x = rr.sub(ppp).sub(q.double()).plus_p(5).fold();
        let q_x = q.sub(x.to_sum()).plus_p(F::X_BOUND).carry();
        let minus_ppp = ppp.negate(0xff).plus_p(2).carry();
        Self { x, y: r.mul_add(&q_x, &self.y, &minus_ppp).carry(), zz: zz.carry(), zzz: zzz.carry() }
    }

    /// The sum of all eight points, in lane 0.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(crate) fn sum_of_lanes(&self) -> Self {
        self.add_halves().add_spread::<2>().add_spread::<1>()
    }

    /// For each lane a below 4, the sum of points a and a + 4, in lane a ("add-2008-s", 12M + 2S).
    ///
    /// The products of a pair are divided between its two lanes, "low" and "high"; `cross` swaps
    /// them.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_halves(&self) -> Self {
        const HIGH: __mmask8 = 0b1111_0000;
        let lanes = _mm512_set_epi64(3, 2, 1, 0, 7, 6, 5, 4);
        let (zz_cross, zzz_cross) = (self.zz.permute(lanes), self.zzz.permute(lanes));

        // U1 = X1·ZZ2, U2 = X2·ZZ1; S1 = Y1·ZZZ2, S2 = Y2·ZZZ1.
        let [u, s] = Factor::mul_two([&self.x, &zz_cross], [&self.y, &zzz_cross]);
        let p = u.permute(lanes).sub(u).plus_p(2); // U2 − U1 in low
        let r = s.sub(s.permute(lanes)).plus_p(4); // S2 − S1 in high
        let p_r = p.blend(r, HIGH).carry();
        // PP, R²; ZZ1·ZZ2, ZZZ1·ZZZ2.
        let [squares, z] =
            Factor::mul_two([&p_r, &p_r], [&self.zz.blend(self.zzz, HIGH), &zz_cross.blend(zzz_cross, HIGH)]);
        let (z, pp) = (z.carry(), squares.blend(squares.permute(lanes), HIGH).carry());
        let u1 = u.permute(lanes).carry();
        let products = p_r.blend(u1, HIGH).mul(&pp); // PPP = P·PP, Q = U1·PP
        let (ppp, q) = (products, products.permute(lanes));
        let x = squares.permute(lanes).sub(ppp).sub(q.double()).plus_p(5).fold();

        let q_x = q.sub(x.to_sum()).plus_p(F::X_BOUND).carry();
        let (ppp, ppp_cross) = (ppp.carry(), ppp.permute(lanes).carry());
        let s1 = s.permute(lanes).carry();
        // R·(Q − X3), S1·PPP; ZZZ3 = ZZZ1·ZZZ2·PPP, ZZ3 = ZZ1·ZZ2·PP.
        let [y, zs] = Factor::mul_two(
            [&p_r.permute(lanes).blend(s1, HIGH), &q_x.blend(ppp_cross, HIGH)],
            [&z.permute(lanes), &ppp.blend(pp, HIGH)],
        );
        Self {
            x,
            y: y.sub(y.permute(lanes)).plus_p(2).carry(),
            zz: zs.permute(lanes).carry(),
            zzz: zs.carry(),
        }
    }

    /// For each lane a below D, the sum of points a and a + D, in lane a.
    ///
    /// Four lanes work on a pair, a + D·j for j = 0 … 3, so that four multiplications of vectors do
    /// the fourteen of "add-2008-s". [`group`] names lanes by j.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_spread<const D: i64>(&self) -> Self {
        let odd: __mmask8 = if D == 2 { 0b1100_1100 } else { 0b1010 }; // j = 1 and 3
        let swap = group::<D>([1, 0, 3, 2]);
        let all = |j| group::<D>([j; 4]);

        // X1, X2, Y1, Y2 by ZZ2, ZZ1, ZZZ2, ZZZ1: U1, U2, S1, S2.
        let xy = self.x.permute_two(group::<D>([0, 1, 8, 9]), self.y);
        let z_cross = self.zz.permute_two(group::<D>([1, 0, 9, 8]), self.zzz);
        let us = xy.mul(&z_cross);
        let p_r = us.permute(swap).sub(us).plus_p(2).carry(); // P = U2 − U1 in 0, R = S2 − S1 in 2
        let us = us.carry();

        // PP, ZZ1·ZZ2, R², ZZZ1·ZZZ2.
        let z1 = self.zz.permute_two(group::<D>([0, 0, 8, 8]), self.zzz);
        let z2 = self.zz.permute_two(group::<D>([1, 1, 9, 9]), self.zzz);
        let squares = p_r.blend(z1, odd).mul(&p_r.blend(z2, odd));
        let squares_factor = squares.carry();

        // By PP: PPP = P·PP, ZZ3 = ZZ1·ZZ2·PP, Q = U1·PP.
        let left = p_r.permute_two(group::<D>([0, 9, 0, 0]), squares_factor);
        let left = left.permute_two(group::<D>([0, 1, 8, 8]), us);
        let products = left.mul(&squares_factor.permute(all(0)));
        let (ppp, q) = (products.permute(all(0)), products.permute(all(2)));
        let x = squares.permute(all(2)).sub(ppp).sub(q.double()).plus_p(5).fold();

        // R·(Q − X3), S1·PPP, ZZZ3 = ZZZ1·ZZZ2·PPP.
        let left = p_r.permute_two(group::<D>([2, 10, 0, 0]), us);
        let left = left.permute_two(group::<D>([0, 1, 11, 11]), squares_factor);
        let q_x = q.sub(x.to_sum()).plus_p(F::X_BOUND).carry();
        let first: __mmask8 = if D == 2 { 0b11 } else { 0b1 }; // j = 0
        let last = left.mul(&ppp.carry().blend(q_x, first));
        Self {
            x,
            y: last.sub(last.permute(swap)).plus_p(2).carry(),
            zz: products.permute(all(1)).carry(),
            zzz: last.permute(all(2)).carry(),
        }
    }
}

/// The lanes of a permutation in which group j takes its lanes from group `from`\[j\]. A group is D
/// lanes, and 8 + i is group i of the second operand of a permutation of two.
#[inline]
#[target_feature(enable = "avx512f")]
fn group<const D: i64>(from: [i64; 4]) -> __m512i {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // 0 to 7
    let lane = |i: i64| {
        let (group, rest) = (from[(i / D) as usize % 4], i % D);
        (group & 8) | ((group & 7) * D + rest)
    };
    _mm512_set_epi64(lane(7), lane(6), lane(5), lane(4), lane(3), lane(2), lane(1), lane(0))
}

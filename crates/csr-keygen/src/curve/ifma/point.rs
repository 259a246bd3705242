//! Eight points at once: the XYZZ formulas of [`super::super::point`] on lanes, and the sum of all eight.
//!
//! # Bounds
//!
//! In multiples of p, for the 256-bit primes, where R ≈ 16·p: a product of bounds a and b has a·b/16 + 1, and
//! every factor must lie in [0, 16). A table's coordinates are below 1 in the one-scalar comb and below 16 in the
//! batch's; the larger result of both is given.
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
//! The first addition takes coordinates below 2: P < 4, R < 6, PP < 2, PPP < 1.5, Q < 1.3, X3 before folding < 8.3,
//! Y3 < 2.5. The tree: P < 3.2, R < 5.3, PP < 1.7, PPP < 1.4, X3 before folding < 7.8, Y3 < 4.1, a difference of two
//! products plus 2.
//!
//! For P-384, R ≈ 2^32·p makes every product's bound 1.01 (2.01 with a table's coordinate in the batch) and the
//! factor's limit 2^32, so X3 is not folded: it is below 6.2 or 7.1, and "2" is [`LaneField::X_BOUND`] = 8 where X
//! or X3 is subtracted.

use core::arch::x86_64::*;

use super::field::{Factor, LaneField};

/// Eight affine points and which of them are to be negated.
#[derive(Clone, Copy)]
pub(super) struct Affine<F, const L: usize> {
    pub(super) x: Factor<F, L>,
    pub(super) y: Factor<F, L>,
    pub(super) negative: __mmask8,
}

/// Eight points in XYZZ coordinates.
#[derive(Clone, Copy)]
pub(super) struct Xyzz<F, const L: usize> {
    pub(super) x: Factor<F, L>,
    pub(super) y: Factor<F, L>,
    pub(super) zz: Factor<F, L>,
    pub(super) zzz: Factor<F, L>,
}

impl<F: LaneField<L>, const L: usize> Affine<F, L> {
    /// The sums of two affine points each, 4M + 2S.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add_affine(&self, other: &Self) -> Xyzz<F, L> {
        let y1 = self.y.negate(self.negative);
        let p = other.x.to_sum().sub(self.x.to_sum()).plus_p(2).carry();
        let r = other.y.to_sum().negate(other.negative).sub(y1.to_sum()).plus_p(4).carry();
        let pp = p.square().carry();
        let ppp = p.mul(&pp);
        let q = self.x.mul(&pp);
        let x = r.square().sub(ppp).sub(q.double()).plus_p(5).fold();
        let q_x = q.sub(x.to_sum()).plus_p(F::X_BOUND).carry();
        let minus_ppp = ppp.negate(0xff).plus_p(2).carry();
        Xyzz { x, y: r.mul_add(&q_x, &y1, &minus_ppp).carry(), zz: pp, zzz: ppp.carry() }
    }
}

impl<F: LaneField<L>, const L: usize> Xyzz<F, L> {
    /// The sums with an affine point each, 8M + 2S, two of the products sharing a reduction.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn add_affine(&self, other: &Affine<F, L>) -> Self {
        let p = other.x.mul(&self.zz).sub(self.x.to_sum()).plus_p(F::X_BOUND).carry();
        let r = other.y.mul(&self.zzz).negate(other.negative).sub(self.y.to_sum()).plus_p(6).carry();
        let pp = p.square().carry();
        let ppp = p.mul(&pp);
        let q = self.x.mul(&pp);
        let x = r.square().sub(ppp).sub(q.double()).plus_p(5).fold();
        let q_x = q.sub(x.to_sum()).plus_p(F::X_BOUND).carry();
        let minus_ppp = ppp.negate(0xff).plus_p(2).carry();
        Self {
            x,
            y: r.mul_add(&q_x, &self.y, &minus_ppp).carry(),
            zz: self.zz.mul(&pp).carry(),
            zzz: self.zzz.mul(&ppp.carry()).carry(),
        }
    }

    /// The sum of all eight points, in lane 0.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    pub(super) fn sum_of_lanes(&self) -> Self {
        self.add_across::<4>().add_across::<2>().add_across::<1>()
    }

    /// For each pair of lanes a and b = a + D, the sum of points a and b in lane a ("add-2008-s", 12M + 2S).
    ///
    /// The products of a pair are shared out between its two lanes, so that there are 6M + 1S to wait for.
    /// "low" and "high" below are the lanes a and b; `cross` swaps them.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn add_across<const D: i64>(&self) -> Self {
        let lanes = _mm512_set_epi64(7 ^ D, 6 ^ D, 5 ^ D, 4 ^ D, 3 ^ D, 2 ^ D, 1 ^ D, D);
        let high: __mmask8 = match D {
            4 => 0b1111_0000,
            2 => 0b1100_1100,
            _ => 0b1010_1010,
        };
        let (zz_cross, zzz_cross) = (self.zz.permute(lanes), self.zzz.permute(lanes));

        let u = self.x.mul(&zz_cross); // U1 = X1·ZZ2, U2 = X2·ZZ1
        let s = self.y.mul(&zzz_cross); // S1 = Y1·ZZZ2, S2 = Y2·ZZZ1
        let z = self.zz.blend(self.zzz, high).mul(&zz_cross.blend(zzz_cross, high)).carry(); // ZZ1·ZZ2, ZZZ1·ZZZ2

        let p = u.permute(lanes).sub(u).plus_p(2); // U2 − U1 in low
        let r = s.sub(s.permute(lanes)).plus_p(4); // S2 − S1 in high
        let p_r = p.blend(r, high).carry();
        let squares = p_r.square(); // PP, R²
        let pp = squares.blend(squares.permute(lanes), high).carry();
        let u1 = u.permute(lanes).carry();
        let products = p_r.blend(u1, high).mul(&pp); // PPP = P·PP, Q = U1·PP
        let (ppp, q) = (products, products.permute(lanes));
        let x = squares.permute(lanes).sub(ppp).sub(q.double()).plus_p(5).fold();

        let q_x = q.sub(x.to_sum()).plus_p(F::X_BOUND).carry();
        let (ppp, ppp_cross) = (ppp.carry(), ppp.permute(lanes).carry());
        let s1 = s.permute(lanes).carry();
        let y = p_r.permute(lanes).blend(s1, high).mul(&q_x.blend(ppp_cross, high)); // R·(Q − X3), S1·PPP
        let zs = z.permute(lanes).mul(&ppp.blend(pp, high)); // ZZZ3 = ZZZ1·ZZZ2·PPP, ZZ3 = ZZ1·ZZ2·PP
        Self {
            x,
            y: y.sub(y.permute(lanes)).plus_p(2).carry(),
            zz: zs.permute(lanes).carry(),
            zzz: zs.carry(),
        }
    }
}

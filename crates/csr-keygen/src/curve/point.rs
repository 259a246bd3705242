//! Points in XYZZ coordinates: x = X/ZZ, y = Y/ZZZ, ZZ³ = ZZZ². Formulas "madd-2008-s",
//! "mmadd-2008-s" and "mdbl-2008-s-1" of the Explicit-Formulas Database (hyperelliptic.org/EFD),
//! for y² = x³ − 3x + b.
//!
//! The additions are incomplete: for equal or opposite operands they give ZZ = ZZZ = 0. `comb`
//! shows why that happens in one place only, and handles it there.

use zeroize::Zeroize;

use crate::curve::residue::{Modulus, Residue};

/// An affine point; never the point at infinity.
pub(crate) struct Affine<M, const N: usize> {
    pub(crate) x: Residue<M, N>,
    pub(crate) y: Residue<M, N>,
}

impl<M, const N: usize> Clone for Affine<M, N> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M, const N: usize> Copy for Affine<M, N> {}

/// A point in XYZZ coordinates.
pub(crate) struct Xyzz<M, const N: usize> {
    pub(crate) x: Residue<M, N>,
    pub(crate) y: Residue<M, N>,
    pub(crate) zz: Residue<M, N>,
    pub(crate) zzz: Residue<M, N>,
}

impl<M, const N: usize> Zeroize for Xyzz<M, N> {
    fn zeroize(&mut self) {
        self.x.zeroize();
        self.y.zeroize();
        self.zz.zeroize();
        self.zzz.zeroize();
    }
}

impl<M: Modulus<N>, const N: usize> Affine<M, N> {
    /// The sum of two affine points (4M + 2S).
    #[inline(always)]
    pub(crate) fn add_affine(&self, other: &Self) -> Xyzz<M, N> {
        let (p, r) = (other.x.sub(self.x), other.y.sub(self.y));
        let pp = p.square();
        let ppp = p.mul(pp);
        let q = self.x.mul(pp);
        let x = r.square().sub(ppp).sub(q.double());
        Xyzz { x, y: Residue::difference_of_products(r, q.sub(x), self.y, ppp), zz: pp, zzz: ppp }
    }

    /// All ones if y² = x³ − 3x + b.
    pub(crate) fn on_curve_mask(&self, b: Residue<M, N>) -> u64 {
        let x = self.x;
        let right = x.square().mul(x).sub(x.double().add(x)).add(b);
        self.y.square().sub(right).zero_mask()
    }

    /// Twice an affine point (4M + 3S).
    pub(crate) fn double(&self) -> Xyzz<M, N> {
        let u = self.y.double();
        let v = u.square();
        let w = u.mul(v);
        let s = self.x.mul(v);
        // 3x² + a with a = −3: 3·(x − 1)·(x + 1).
        let product = self.x.sub(Residue::ONE).mul(self.x.add(Residue::ONE));
        let m = product.double().add(product);
        let x = m.square().sub(s.double());
        Xyzz { x, y: m.mul(s.sub(x)).sub(w.mul(self.y)), zz: v, zzz: w }
    }
}

impl<M: Modulus<N>, const N: usize> Xyzz<M, N> {
    /// The sum with an affine point (8M + 2S).
    #[inline(always)]
    pub(crate) fn add_affine(&self, other: &Affine<M, N>) -> Self {
        let p = other.x.mul(self.zz).sub(self.x);
        let r = other.y.mul(self.zzz).sub(self.y);
        let pp = p.square();
        let ppp = p.mul(pp);
        let q = self.x.mul(pp);
        let x = r.square().sub(ppp).sub(q.double());
        Self {
            x,
            y: Residue::difference_of_products(r, q.sub(x), self.y, ppp),
            zz: self.zz.mul(pp),
            zzz: self.zzz.mul(ppp),
        }
    }

    /// `other` if `mask` is all ones, `self` if it is zero.
    pub(crate) fn select(&self, other: &Self, mask: u64) -> Self {
        Self {
            x: self.x.select(other.x, mask),
            y: self.y.select(other.y, mask),
            zz: self.zz.select(other.zz, mask),
            zzz: self.zzz.select(other.zzz, mask),
        }
    }

    /// The affine point, with one inversion.
    pub(crate) fn to_affine(&self, invert: impl FnOnce(Residue<M, N>) -> Residue<M, N>) -> Affine<M, N> {
        self.to_affine_with(invert(self.zzz))
    }

    /// With ZZ = Z² and ZZZ = Z³, Z⁻¹ = ZZ·ZZZ⁻¹.
    fn to_affine_with(&self, zzz_inverse: Residue<M, N>) -> Affine<M, N> {
        let z_inverse = self.zz.mul(zzz_inverse);
        Affine { x: self.x.mul(z_inverse.square()), y: self.y.mul(zzz_inverse) }
    }

    /// The affine points of several points, none at infinity, with one inversion (Montgomery's
    /// trick): the inverse of the product of all ZZZ gives each single inverse by multiplications.
    pub(crate) fn to_affine_all<const COUNT: usize>(
        points: &[Self; COUNT],
        invert: impl FnOnce(Residue<M, N>) -> Residue<M, N>,
    ) -> [Affine<M, N>; COUNT] {
        let mut before = [Residue::ONE; COUNT];
        let mut product = Residue::ONE;
        for (before, point) in before.iter_mut().zip(points) {
            *before = product;
            product = product.mul(point.zzz);
        }
        let mut inverse = invert(product);
        let mut affine = [Affine { x: Residue::ZERO, y: Residue::ZERO }; COUNT];
        for ((affine, point), before) in affine.iter_mut().zip(points).zip(before).rev() {
            *affine = point.to_affine_with(inverse.mul(before));
            inverse = inverse.mul(point.zzz);
        }
        affine
    }
}

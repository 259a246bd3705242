//! The arithmetic of each backend: multiples of the base point, and inverses.
//!
//! AVX2 has no multiplication that would beat 64-bit integers at this size: that backend takes the portable
//! multiples, and the inversion that x86-64 has beyond safe Rust.

use super::mont::{Modulus, Residue};
use super::params::CurveParams;
use super::point::Xyzz;
use super::portable;
use crate::Backend;
#[cfg(target_arch = "x86_64")]
use crate::ct;
use crate::safegcd::{Masks, Moves};

impl Backend {
    /// Eight multiples k·G at once, 1 ≤ k < n.
    pub(super) fn base_multiples<C: CurveParams<N>, const N: usize>(
        self,
        scalars: &[[u64; N]; 8],
    ) -> [Xyzz<C::Field, N>; 8] {
        #[cfg(target_arch = "x86_64")]
        if let Self::Ifma(ifma) = self {
            let mut points = C::base_multiples(ifma, scalars);
            for (point, k) in points.iter_mut().zip(scalars) {
                if ct::public(point.zz.zero_mask()) != 0 {
                    *point = portable::mul_base::<C, N>(k);
                }
            }
            return points;
        }
        scalars.each_ref().map(|k| portable::mul_base::<C, N>(k))
    }

    /// k·G for 1 ≤ k < n.
    pub(super) fn base_multiple<C: CurveParams<N>, const N: usize>(self, k: &[u64; N]) -> Xyzz<C::Field, N> {
        #[cfg(target_arch = "x86_64")]
        if let Self::Ifma(ifma) = self {
            let point = C::base_multiple(ifma, k);
            if ct::public(point.zz.zero_mask()) == 0 {
                return point;
            }
        }
        portable::mul_base::<C, N>(k)
    }

    /// x⁻¹, and 0 for x = 0.
    pub(super) fn invert<M: Modulus<N>, const N: usize>(self, x: Residue<M, N>) -> Residue<M, N> {
        match self {
            Self::Portable => x.invert::<Masks>(),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(ifma) => ifma.invert(x),
            _ => x.invert::<Moves>(),
        }
    }

    /// x⁻¹ and y⁻¹, each modulo its own prime.
    pub(super) fn invert_both<M: Modulus<N>, O: Modulus<N>, const N: usize>(
        self,
        x: Residue<M, N>,
        y: Residue<O, N>,
    ) -> (Residue<M, N>, Residue<O, N>) {
        match self {
            Self::Portable => x.invert_both::<Masks, O>(y),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(ifma) => ifma.invert_both(x, y),
            _ => x.invert_both::<Moves, O>(y),
        }
    }
}

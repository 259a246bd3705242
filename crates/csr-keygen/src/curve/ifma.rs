//! k·G with AVX-512 IFMA (`vpmadd52`): eight residues modulo p in the lanes of a register.
//!
//! ```text
//! one scalar      comb (eight blocks in lanes, lookup, additions) → point (sum of the lanes) → an inversion
//! eight scalars   batch (a scalar a lane, over the portable comb's tables) → one shared inversion
//! arithmetic      field (radix 2^52, sparse Montgomery reduction) → point (XYZZ on lanes); inverse
//! ```
//!
//! [`Ifma`] is the proof that the processor has the instructions: it is made by asking the processor, and every way
//! in takes one. The intrinsics are safe inside functions that enable the features, so `unsafe` remains where such a
//! function is called from outside ([`Ifma`]'s own methods) and where a vector meets memory ([`memory`]).

mod batch;
mod comb;
mod curves;
mod field;
mod inverse;
mod memory;
mod point;

use super::mont::{Modulus, Residue};
use super::point::Xyzz;
use crate::backend::Ifma;
use comb::LaneCurve;

/// The ways in, for each curve.
pub(super) trait Accelerated<const N: usize>: Sized {
    /// k·G for 1 ≤ k < n. ZZ = 0 for the exceptional scalars ([`comb`]), of which there are at most two.
    fn base_multiple(ifma: Ifma, k: &[u64; N]) -> Xyzz<Self::Field, N>
    where
        Self: super::params::CurveParams<N>;

    /// The same for eight scalars; ZZ = 0 for [`super::portable`]'s exceptional one.
    fn base_multiples(ifma: Ifma, scalars: &[[u64; N]; 8]) -> [Xyzz<Self::Field, N>; 8]
    where
        Self: super::params::CurveParams<N>;
}

impl Ifma {
    #[allow(unsafe_code)]
    fn mul_base<C: LaneCurve<N, L>, const N: usize, const L: usize>(self, k: &[u64; N]) -> Xyzz<C::Field, N> {
        // SAFETY: `self` exists only where the processor has the features that the function enables.
        unsafe { comb::mul_base::<C, N, L>(k) }
    }

    #[allow(unsafe_code)]
    fn mul_base_eight<C: LaneCurve<N, L>, const N: usize, const L: usize>(
        self,
        scalars: &[[u64; N]; 8],
    ) -> [Xyzz<C::Field, N>; 8] {
        // SAFETY: `self` exists only where the processor has the features that the function enables.
        unsafe { batch::mul_base::<C, N, L>(scalars) }
    }

    /// x⁻¹, and 0 for x = 0.
    #[allow(unsafe_code)]
    pub(super) fn invert<M: Modulus<N>, const N: usize>(self, x: Residue<M, N>) -> Residue<M, N> {
        // SAFETY: `self` exists only where the processor has the features that the function enables.
        unsafe { inverse::invert(x) }
    }

    /// x⁻¹ and y⁻¹, each modulo its own prime.
    #[allow(unsafe_code)]
    pub(super) fn invert_both<M: Modulus<N>, O: Modulus<N>, const N: usize>(
        self,
        x: Residue<M, N>,
        y: Residue<O, N>,
    ) -> (Residue<M, N>, Residue<O, N>) {
        // SAFETY: `self` exists only where the processor has the features that the function enables.
        unsafe { inverse::invert_both(x, y) }
    }
}

//! k·G with AVX-512 IFMA (`vpmadd52`): eight residues modulo p in the lanes of a register.
//!
//! ```text
//! one scalar      one_scalar (eight blocks in lanes, lookup, additions) → lane_point (sum of the lanes) → an inversion
//! eight scalars   eight_scalars (one per lane, over the portable comb's tables) → one shared inversion
//! arithmetic      field (radix 2^52, sparse Montgomery reduction) → lane_point (XYZZ on lanes); inverse
//! ```
//!
//! [`Ifma`] is the proof that the processor has the instructions. It can be made only by asking the
//! processor, and every entry point takes one. The intrinsics are safe inside functions that enable
//! the features, so `unsafe` remains only where such a function is called from outside, which
//! [`Ifma`]'s own methods do.

mod eight_scalars;
mod field;
mod inverse;
mod lane_point;
mod one_scalar;

use crate::backend::Ifma;
use crate::curve::params::{Accelerated, CurveParams, P256, P384, Sm2};
use crate::curve::point::Xyzz;
use crate::curve::residue::{Modulus, Residue};
use crate::curve::windows;
use field::{LaneField, MASK};
use one_scalar::{Entry, LaneCurve};

impl Ifma {
    /// k·G for one scalar.
    #[allow(unsafe_code)]
    fn base_multiple<C: LaneCurve<N, L>, const N: usize, const L: usize>(
        self,
        k: &[u64; N],
    ) -> Xyzz<C::Field, N> {
        // SAFETY: `self` exists only if the processor has the features that the function enables.
        unsafe { one_scalar::base_multiple::<C, N, L>(k) }
    }

    /// k·G for eight scalars.
    #[allow(unsafe_code)]
    fn base_multiples<C: LaneCurve<N, L>, const N: usize, const L: usize>(
        self,
        scalars: &[[u64; N]; 8],
    ) -> [Xyzz<C::Field, N>; 8] {
        // SAFETY: `self` exists only if the processor has the features that the function enables.
        unsafe { eight_scalars::base_multiples::<C, N, L>(scalars) }
    }

    /// x⁻¹, and 0 for x = 0.
    #[allow(unsafe_code)]
    pub(crate) fn invert<M: Modulus<N>, const N: usize>(self, x: Residue<M, N>) -> Residue<M, N> {
        // SAFETY: `self` exists only if the processor has the features that the function enables.
        unsafe { inverse::invert(x) }
    }

    /// x⁻¹ and y⁻¹, each modulo its own prime.
    #[allow(unsafe_code)]
    pub(crate) fn invert_both<M: Modulus<N>, O: Modulus<N>, const N: usize>(
        self,
        x: Residue<M, N>,
        y: Residue<O, N>,
    ) -> (Residue<M, N>, Residue<O, N>) {
        // SAFETY: `self` exists only if the processor has the features that the function enables.
        unsafe { inverse::invert_both(x, y) }
    }
}

// The three primes and tables in the form that the lanes need.

/// p = 2^256 − 2^224 + 2^192 + 2^96 − 1.
#[derive(Clone, Copy)]
pub(crate) struct P256Prime;
impl LaneField<5> for P256Prime {
    const TERMS: &'static [(usize, u64)] = &[(1, 1 << 44), (3, 1 << 36), (4, (1 << 48) - (1 << 16))];
    const MINUS: &'static [usize] = &[0];
    const DIGIT_SHIFT: u32 = 52;
    const X_BOUND: i64 = 2;
    // 2^224 − 2^192 − 2^96 + 1
    const FOLD: &'static [(usize, u32, i64)] = &[(4, 16, 1), (3, 36, -1), (1, 44, -1), (0, 0, 1)];
}

/// p = 2^256 − 2^224 − 2^96 + 2^64 − 1; −2^96 + 2^64 is (2^52 − 2^44 + 2^12)·2^52 − 2^104.
#[derive(Clone, Copy)]
pub(crate) struct Sm2Prime;
impl LaneField<5> for Sm2Prime {
    const TERMS: &'static [(usize, u64)] =
        &[(1, (1 << 52) - (1 << 44) + (1 << 12)), (4, (1 << 48) - (1 << 16))];
    const MINUS: &'static [usize] = &[0, 2];
    const DIGIT_SHIFT: u32 = 52;
    const X_BOUND: i64 = 2;
    // 2^224 + 2^96 − 2^64 + 1
    const FOLD: &'static [(usize, u32, i64)] = &[(4, 16, 1), (1, 44, 1), (1, 12, -1), (0, 0, 1)];
}

/// p = 2^384 − 2^128 − 2^96 + 2^32 − 1; −2^128 − 2^96 is (2^52 − 2^44)·2^52 + (2^52 − 2^24 −
/// 1)·2^104 − 2^156.
#[derive(Clone, Copy)]
pub(crate) struct P384Prime;
impl LaneField<8> for P384Prime {
    const TERMS: &'static [(usize, u64)] =
        &[(0, (1 << 32) - 1), (1, (1 << 52) - (1 << 44)), (2, MASK - (1 << 24)), (7, 1 << 20)];
    const MINUS: &'static [usize] = &[3];
    const DIGIT_SHIFT: u32 = 32;
    const X_BOUND: i64 = 8;
    const FOLD: &'static [(usize, u32, i64)] = &[];
}

impl LaneCurve<4, 5> for P256 {
    type Prime = P256Prime;
    const BLOCKS: [usize; 8] = [0, 2, 6, 4, 1, 3, 7, 5];
    const ENTRIES: &'static [Entry<4>] = &windows::P256_LANES.0;
    const ROUNDS: usize = 7;
    const WIDE: usize = 4;
}

impl LaneCurve<4, 5> for Sm2 {
    type Prime = Sm2Prime;
    const BLOCKS: [usize; 8] = [0, 3, 2, 4, 1, 5, 7, 6];
    const ENTRIES: &'static [Entry<4>] = &windows::SM2_LANES.0;
    const ROUNDS: usize = 7;
    const WIDE: usize = 4;
}

impl LaneCurve<6, 8> for P384 {
    type Prime = P384Prime;
    const BLOCKS: [usize; 8] = [0, 2, 6, 4, 1, 3, 7, 5];
    const ENTRIES: &'static [Entry<6>] = &windows::P384_LANES.0;
    const ROUNDS: usize = 10;
    const WIDE: usize = 8;
}

macro_rules! accelerated {
    ($curve:ty, $words:literal, $limbs:literal) => {
        impl Accelerated<$words> for $curve {
            fn base_multiple(
                ifma: Ifma,
                k: &[u64; $words],
            ) -> Xyzz<<Self as CurveParams<$words>>::Field, $words> {
                ifma.base_multiple::<Self, $words, $limbs>(k)
            }

            fn base_multiples(
                ifma: Ifma,
                scalars: &[[u64; $words]; 8],
            ) -> [Xyzz<<Self as CurveParams<$words>>::Field, $words>; 8] {
                ifma.base_multiples::<Self, $words, $limbs>(scalars)
            }
        }
    };
}
accelerated!(P256, 4, 5);
accelerated!(P384, 6, 8);
accelerated!(Sm2, 4, 5);

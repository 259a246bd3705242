//! Multiples of the base point and inverses on each backend, and the portable comb.
//!
//! AVX2 has no multiplication that would beat 64-bit integers at this size. That backend uses the
//! portable comb, and the inversion in assembly.
//!
//! # The comb
//!
//! k·G in safe Rust on any architecture: a signed comb with one table of multiples per window, so
//! that there are additions only and no doublings.
//!
//! # Exceptional cases
//!
//! Windows are added from the lowest. Before window i the sum is v·G with |v| < 2^(w·i), because
//! all digits have |d_j| < 2^w, and the next point is d·2^(w·i)·G with d odd. So v ≠ ±d·2^(w·i) as
//! integers, and all of |v ± d·2^(w·i)| < 2^(w·(i+1)), which is below n for every window but the
//! last: no addition meets equal or opposite points before it. In the last window the sum of both
//! is k, not a multiple of n, so they are not opposite. They are equal modulo n for the one odd k
//! (if it is below n) with d·2^(w·i) − v = n, which exists on all three curves. The last addition
//! therefore also computes the doubling, and takes it, under a mask, if both operands are equal.

use core::hint::black_box;

use crate::Backend;
#[cfg(target_arch = "x86_64")]
use crate::ct;
use crate::curve::params::{CurveParams, Field};
use crate::curve::point::{Affine, Xyzz};
use crate::curve::residue::{Modulus, Residue};
use crate::curve::windows::{ENTRIES, OddScalar, WIDTH};
use crate::safegcd::{Masks, Moves};

impl Backend {
    /// Eight multiples k·G at once, 1 ≤ k < n.
    pub(crate) fn base_multiples<C: CurveParams<N>, const N: usize>(
        self,
        scalars: &[[u64; N]; 8],
    ) -> [Xyzz<C::Field, N>; 8] {
        #[cfg(target_arch = "x86_64")]
        if let Self::Ifma(ifma) = self {
            let mut points = C::base_multiples(ifma, scalars);
            for (point, k) in points.iter_mut().zip(scalars) {
                if ct::public(point.zz.zero_mask()) != 0 {
                    *point = comb_multiple::<C, N>(k);
                }
            }
            return points;
        }
        scalars.each_ref().map(|k| comb_multiple::<C, N>(k))
    }

    /// k·G for 1 ≤ k < n.
    pub(crate) fn base_multiple<C: CurveParams<N>, const N: usize>(self, k: &[u64; N]) -> Xyzz<C::Field, N> {
        #[cfg(target_arch = "x86_64")]
        if let Self::Ifma(ifma) = self {
            let point = C::base_multiple(ifma, k);
            if ct::public(point.zz.zero_mask()) == 0 {
                return point;
            }
        }
        comb_multiple::<C, N>(k)
    }

    /// x⁻¹, and 0 for x = 0.
    pub(crate) fn invert<M: Modulus<N>, const N: usize>(self, x: Residue<M, N>) -> Residue<M, N> {
        match self {
            Self::Portable => x.invert::<Masks>(),
            #[cfg(target_arch = "x86_64")]
            Self::Ifma(ifma) => ifma.invert(x),
            _ => x.invert::<Moves>(),
        }
    }

    /// x⁻¹ and y⁻¹, each modulo its own prime.
    pub(crate) fn invert_both<M: Modulus<N>, O: Modulus<N>, const N: usize>(
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

/// k·G for 1 ≤ k < n.
fn comb_multiple<C: CurveParams<N>, const N: usize>(k: &[u64; N]) -> Xyzz<C::Field, N> {
    let scalar = OddScalar::new(k, &C::Order::LIMBS);
    let (total, last) = add_windows::<C, N>(&scalar);
    // The operands of the last addition were not opposite, so ZZ = 0 means that they were equal.
    // Without the barrier the compiler skipped the doubling by a branch, as valgrind found.
    let equal = black_box(total.zz.zero_mask());
    let mut result = total.select(&last.double(), equal);
    result.y = result.y.select(result.y.negate(), scalar.negate);
    result
}

/// The sum of all windows, and the point of the last one.
fn add_windows<C: CurveParams<N>, const N: usize>(
    scalar: &OddScalar<N>,
) -> (Xyzz<C::Field, N>, Affine<C::Field, N>) {
    let count = C::TABLE.len();
    let mut sum = lookup::<C, N>(scalar, 0).add_affine(&lookup::<C, N>(scalar, 1));
    for i in 2..count - 1 {
        sum = sum.add_affine(&lookup::<C, N>(scalar, i));
    }
    let last = lookup::<C, N>(scalar, count - 1);
    (sum.add_affine(&last), last)
}

/// Whether the last addition is a doubling.
#[cfg(test)]
pub(crate) fn meets_equal_points<C: CurveParams<N>, const N: usize>(k: &[u64; N]) -> bool {
    add_windows::<C, N>(&OddScalar::new(k, &C::Order::LIMBS)).0.zz.zero_mask() != 0
}

/// The point of digit `i`. The whole window is read, whatever the index.
#[inline(always)]
fn lookup<C: CurveParams<N>, const N: usize>(scalar: &OddScalar<N>, i: usize) -> Affine<C::Field, N> {
    let window = &C::TABLE[i];
    let digit = scalar.digit(i, C::TABLE.len(), WIDTH);
    // For small x, only x = 0 has the top bit of x − 1 set.
    let masks: [u64; ENTRIES] =
        core::array::from_fn(|j| 0u64.wrapping_sub((j as u64 ^ digit.index).wrapping_sub(1) >> 63));
    // The barrier hides from the compiler that exactly one mask is set.
    let masks = black_box(masks);
    let read = |entries: &[u64; ENTRIES]| {
        entries.iter().zip(&masks).fold(0, |word, (entry, mask)| word | (entry & mask))
    };
    let [x, y] =
        window.0.each_ref().map(|coordinate| Field::<C, N>::from_montgomery(coordinate.each_ref().map(read)));
    Affine { x, y: y.select(y.negate(), digit.negative) }
}

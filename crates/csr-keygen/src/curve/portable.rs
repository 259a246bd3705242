//! k·G in safe Rust on any architecture: a signed comb with one table of multiples for each window, so that
//! there are additions only and no doublings.
//!
//! # Exceptional cases
//!
//! Windows are added from the lowest. Before window i the sum is v·G with |v| < 2^(w·i), because a sum of
//! digits |d_j| < 2^w is; the next point is d·2^(w·i)·G with d odd. So v ≠ ±d·2^(w·i) as integers, and all of
//! |v ± d·2^(w·i)| < 2^(w·(i+1)), which is below n for every window but the last: no addition meets equal or
//! opposite points there. In the last window the sum of both is k, not a multiple of n, so they aren't opposite.
//! They are equal modulo n for the one odd k (if it is below n) with d·2^(w·i) − v = n. It exists on all three
//! curves: the last addition therefore computes the doubling too and takes it, under a mask, where both
//! operands are equal.

use core::hint::black_box;

use super::mont::Modulus;
use super::params::{CurveParams, Field};
use super::point::{Affine, Xyzz};
use super::recode::OddScalar;
use super::tables;

/// k·G for 1 ≤ k < n.
pub(super) fn mul_base<C: CurveParams<N>, const N: usize>(k: &[u64; N]) -> Xyzz<C::Field, N> {
    let scalar = OddScalar::new(k, &C::Order::LIMBS);
    let (total, last) = add_windows::<C, N>(&scalar);
    // The operands of the last addition were not opposite, so ZZ = 0 says that they were equal.
    // Opaque: valgrind found that the compiler skipped the doubling by a branch.
    let equal = black_box(total.zz.zero_mask());
    let mut result = total.select(&last.double(), equal);
    result.y = result.y.select(result.y.negate(), scalar.negate);
    result
}

/// The sum of all windows, and the last one's point.
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
pub(super) fn meets_equal_points<C: CurveParams<N>, const N: usize>(k: &[u64; N]) -> bool {
    add_windows::<C, N>(&OddScalar::new(k, &C::Order::LIMBS)).0.zz.zero_mask() != 0
}

/// The point of digit `i`: reads the whole window, whatever the index.
#[inline(always)]
fn lookup<C: CurveParams<N>, const N: usize>(scalar: &OddScalar<N>, i: usize) -> Affine<C::Field, N> {
    let window = &C::TABLE[i];
    let digit = scalar.digit(i, C::TABLE.len(), tables::WIDTH);
    // x − 1 has its top bit set for x = 0 alone, x being small.
    let masks: [u64; tables::ENTRIES] =
        core::array::from_fn(|j| 0u64.wrapping_sub((j as u64 ^ digit.index).wrapping_sub(1) >> 63));
    // Opaque: the compiler cannot tell that exactly one mask is set, nor which.
    let masks = black_box(masks);
    let read = |entries: &[u64; tables::ENTRIES]| {
        entries.iter().zip(&masks).fold(0, |word, (entry, mask)| word | (entry & mask))
    };
    let [x, y] =
        window.0.each_ref().map(|coordinate| Field::<C, N>::from_montgomery(coordinate.each_ref().map(read)));
    Affine { x, y: y.select(y.negate(), digit.negative) }
}

//! Numbers that begin as zeros, made on the heap.
//!
//! Those of an exponentiation take up to 100 KiB. `Box::new` may build them on the stack first, in
//! a frame that stays while secrets are computed: then these are deeper than the stack is wiped.

#[cfg(target_arch = "x86_64")]
use super::blocks::{BlockScratch, Limbs, RadixInverse};
#[cfg(target_arch = "x86_64")]
use super::ifma_rows::RowNumbers;
use super::{Kernel, Moduli};
use crate::rsa::montgomery::DoubleWidth;

/// A type that may begin as zeros.
///
/// # Safety
///
/// Bytes that are all zero must be a value of the type.
pub(crate) unsafe trait Zeros {}

// SAFETY: no bytes.
unsafe impl Zeros for () {}
// SAFETY: an integer.
unsafe impl Zeros for u64 {}
// SAFETY: nothing but values of `T`.
unsafe impl<T: Zeros, const N: usize> Zeros for [T; N] {}
// SAFETY: nothing but values of `A` and `B`.
unsafe impl<A: Zeros, B: Zeros> Zeros for (A, B) {}
// SAFETY: an array of integers.
unsafe impl Zeros for DoubleWidth {}
// SAFETY: two numbers, which are `Zeros`, and an array of integers.
unsafe impl<K: Kernel> Zeros for Moduli<K> {}
// SAFETY: arrays of integers.
#[cfg(target_arch = "x86_64")]
unsafe impl<const N: usize, const L: usize> Zeros for Limbs<N, L> {}
// SAFETY: arrays of integers.
#[cfg(target_arch = "x86_64")]
unsafe impl<const N: usize, const L: usize> Zeros for RadixInverse<N, L> {}
// SAFETY: arrays of integers.
#[cfg(target_arch = "x86_64")]
unsafe impl<const N: usize, const L: usize, const B: usize> Zeros for BlockScratch<N, L, B> {}
// SAFETY: an array of integers.
#[cfg(target_arch = "x86_64")]
unsafe impl<const V: usize, const C: usize> Zeros for RowNumbers<V, C> {}

/// Zeros on the heap, which were never on the stack.
pub(crate) fn zeros<T: Zeros>() -> Box<T> {
    // SAFETY: `T` is `Zeros`.
    unsafe { Box::new_zeroed().assume_init() }
}

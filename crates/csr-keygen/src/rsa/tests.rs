//! One suite for every backend, with `num-bigint` and the `rsa` crate as oracles.

mod check;
mod generation;
pub(crate) mod imported_keys;
mod kernels;
mod known_draws;
mod outcomes;
mod powers;
#[allow(clippy::cast_precision_loss, reason = "a report")]
mod report;
mod schemes;
pub(crate) mod signing;
mod tampered;
mod words;

use num_bigint::BigUint;

use super::*;

pub(crate) fn to_big(words: &[u64]) -> BigUint {
    BigUint::from_slice(
        &words.iter().flat_map(|x| [(*x & 0xffff_ffff) as u32, (*x >> 32) as u32]).collect::<Vec<_>>(),
    )
}

pub(crate) fn from_big(number: &BigUint, len: usize) -> Vec<u64> {
    let mut words: Vec<u64> = number.iter_u64_digits().collect();
    words.resize(len, 0);
    words
}

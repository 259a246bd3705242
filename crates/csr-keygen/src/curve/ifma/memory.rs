//! Loads and stores of vectors: the one place that handles raw pointers.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

/// The words as lanes.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn load(words: &[u64; 8]) -> __m512i {
    // SAFETY: `words` is 64 readable bytes; the instruction asks for no alignment.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

/// The lanes of a vector as words.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn store(vector: __m512i) -> [u64; 8] {
    let mut words = [0; 8];
    // SAFETY: `words` is 64 writable bytes; the instruction asks for no alignment.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), vector) };
    words
}

//! Where vectors meet memory, and the optimization barriers: the only raw loads, stores and empty
//! assembly of the crate.
//!
//! The intrinsics for arithmetic are safe inside functions that enable the features. Loads and
//! stores take raw pointers; here they take references to arrays of the vector's size.
//!
//! # Barriers
//!
//! [`equal_512`] and [`equal_256`] make masks that the compiler cannot see through, for tables that
//! are read whole. The compiler would fuse a load and a masked move into one masked load, whose
//! time depends on the mask: `dudect` saw a difference of six cycles in 24,000 in the keys of
//! P-384. `.ci/secrecy` looks for such loads.
//!
//! MemorySanitizer takes what assembly writes for defined, so the barriers are absent under it.

#![allow(unsafe_code, reason = "raw pointers of loads and stores; an empty piece of assembly is a barrier")]

use core::arch::x86_64::*;

/// A vector of the eight words.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn load_512(words: &[u64; 8]) -> __m512i {
    // SAFETY: the reference covers the 64 bytes that are read; the instruction needs no alignment.
    unsafe { _mm512_loadu_si512(words.as_ptr().cast()) }
}

/// Writes the vector to the eight words.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn store_512(words: &mut [u64; 8], value: __m512i) {
    // SAFETY: the reference covers the 64 bytes that are written; the instruction needs no
    // alignment.
    unsafe { _mm512_storeu_si512(words.as_mut_ptr().cast(), value) }
}

/// The lanes of a vector as words.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn to_words_512(value: __m512i) -> [u64; 8] {
    let mut words = [0; 8];
    store_512(&mut words, value);
    words
}

/// A vector of the four words.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn load_256(words: &[u64; 4]) -> __m256i {
    // SAFETY: the reference covers the 32 bytes that are read; the instruction needs no alignment.
    unsafe { _mm256_loadu_si256(words.as_ptr().cast()) }
}

/// Writes the vector to the four words.
#[inline]
#[target_feature(enable = "avx2")]
pub(crate) fn store_256(words: &mut [u64; 4], value: __m256i) {
    // SAFETY: the reference covers the 32 bytes that are written; the instruction needs no
    // alignment.
    unsafe { _mm256_storeu_si256(words.as_mut_ptr().cast(), value) }
}

/// A vector of the two words.
#[inline]
#[target_feature(enable = "sse2")]
pub(crate) fn load_128(words: &[u64; 2]) -> __m128i {
    // SAFETY: the reference covers the 16 bytes that are read; the instruction needs no alignment.
    unsafe { _mm_loadu_si128(words.as_ptr().cast()) }
}

/// All ones in the lanes where a = b. The compiler cannot see through the result.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn equal_512(a: __m512i, b: __m512i) -> __m512i {
    let equal = _mm512_maskz_set1_epi64(_mm512_cmpeq_epi64_mask(a, b), -1);
    #[cfg(not(feature = "ct-msan"))]
    let equal = {
        let mut equal = equal;
        // SAFETY: there is no instruction.
        unsafe {
            core::arch::asm!("/* {0} */", inout(zmm_reg) equal, options(pure, nomem, nostack, preserves_flags));
        }
        equal
    };
    equal
}

/// All ones in the lanes where a = b. The compiler cannot see through the result.
#[inline]
#[target_feature(enable = "avx512f,avx512vl")]
pub(crate) fn equal_256(a: __m256i, b: __m256i) -> __m256i {
    let equal = _mm256_cmpeq_epi64(a, b);
    #[cfg(not(feature = "ct-msan"))]
    let equal = {
        let mut equal = equal;
        // SAFETY: there is no instruction.
        unsafe {
            core::arch::asm!("/* {0} */", inout(ymm_reg) equal, options(pure, nomem, nostack, preserves_flags));
        }
        equal
    };
    equal
}

/// `value`, scheduled after `earlier`: the compiler places the users of the result behind the
/// computation of `earlier`.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn scheduled_after(value: __m512i, earlier: __m512i) -> __m512i {
    let _ = earlier;
    #[cfg(not(feature = "ct-msan"))]
    let value = {
        let mut value = value;
        // SAFETY: there is no instruction.
        unsafe {
            core::arch::asm!(
                "/* {0} {1} */", inout(zmm_reg) value, in(zmm_reg) earlier,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        value
    };
    value
}

/// The word, kept in an integer register: the compiler cannot move the computation behind it into
/// vector registers.
#[cfg(not(feature = "ct-msan"))]
#[inline(always)]
pub(crate) fn integer_barrier(mut word: i64) -> i64 {
    // SAFETY: there is no instruction.
    unsafe {
        core::arch::asm!("/* {0} */", inout(reg) word, options(pure, nomem, nostack, preserves_flags));
    }
    word
}

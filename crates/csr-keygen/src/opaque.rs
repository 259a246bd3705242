//! Which lanes are equal, as vectors that the compiler cannot see through: for tables that are read whole under masks.
//!
//! Of a load and a move under a mask register it makes one masked load. That leaves to the processor what it reads, and takes a few
//! cycles more or less depending on the mask: `dudect` saw six of them in 24 000, in the keys of P-384. `.ci/secrecy`
//! looks for such loads.

#![allow(unsafe_code, reason = "an empty piece of assembly is opaque")]

use core::arch::x86_64::*;

/// All ones in the lanes where a = b.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn equal_512(a: __m512i, b: __m512i) -> __m512i {
    let equal = _mm512_maskz_set1_epi64(_mm512_cmpeq_epi64_mask(a, b), -1);
    // The sanitizer takes what assembly gives for defined.
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

/// All ones in the lanes where a = b.
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

/// `value`, once `earlier` is there: the compiler puts what needs it behind what makes `earlier`.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn after(value: __m512i, earlier: __m512i) -> __m512i {
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

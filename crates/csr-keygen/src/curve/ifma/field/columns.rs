//! Products of residues in columns, and their reduction; the bounds are stated with [`super`].

use core::arch::x86_64::*;
use core::marker::PhantomData;

use super::{BITS, LaneField, MASK, Sum, shift_left, shift_right};
use crate::int::fixed::unrolled;

/// Whether the 32 registers hold the columns of two products.
pub(super) const fn two_fit<const L: usize>() -> bool {
    2 * 2 * L <= 24
}

/// t += a·b in columns: all low halves of a row, then all high halves, so that the next addition to a column is L
/// instructions away and the four cycles of `vpmadd52` stay hidden.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn accumulate<const L: usize, const K: usize>(
    t: &mut [[__m512i; 16]; K],
    a: [&[__m512i; L]; K],
    b: [&[__m512i; L]; K],
) {
    unrolled!(J < L => {
        unrolled!(I < L => {
            for k in 0..K {
                t[k][I + J] = _mm512_madd52lo_epu64(t[k][I + J], a[k][I], b[k][J]);
            }
        });
        unrolled!(I < L => {
            for k in 0..K {
                t[k][I + J + 1] = _mm512_madd52hi_epu64(t[k][I + J + 1], a[k][I], b[k][J]);
            }
        });
    });
}

/// a² in columns: the products off the diagonal once, doubled.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn squares<const L: usize, const K: usize>(a: [&[__m512i; L]; K]) -> [[__m512i; 16]; K] {
    let mut t = [[_mm512_setzero_si512(); 16]; K];
    unrolled!(I < L => {
        unrolled!(J < L => {
            if I < J {
                for k in 0..K {
                    t[k][I + J] = _mm512_madd52lo_epu64(t[k][I + J], a[k][I], a[k][J]);
                }
            }
        });
        unrolled!(J < L => {
            if I < J {
                for k in 0..K {
                    t[k][I + J + 1] = _mm512_madd52hi_epu64(t[k][I + J + 1], a[k][I], a[k][J]);
                }
            }
        });
    });
    unrolled!(I < L => {
        for k in 0..K {
            let [low, high] = [t[k][2 * I], t[k][2 * I + 1]].map(|column| _mm512_add_epi64(column, column));
            t[k][2 * I] = _mm512_madd52lo_epu64(low, a[k][I], a[k][I]);
            t[k][2 * I + 1] = _mm512_madd52hi_epu64(high, a[k][I], a[k][I]);
        }
    });
    t
}

/// t/R mod p in the upper L columns.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(super) fn reduce<F: LaneField<L>, const L: usize, const K: usize>(
    mut t: [[__m512i; 16]; K],
) -> [Sum<F, L>; K] {
    let mask = _mm512_set1_epi64(MASK.cast_signed());
    unrolled!(I < L => {
        let mut digits = [_mm512_setzero_si512(); K];
        for k in 0..K {
            // vpmadd52 reads the low 52 bits only.
            digits[k] = if F::DIGIT_SHIFT < BITS {
                _mm512_add_epi64(t[k][I], shift_left(t[k][I], F::DIGIT_SHIFT as usize))
            } else {
                t[k][I]
            };
        }
        unrolled!(J < F::TERMS.len() => {
            let (offset, constant) = F::TERMS[J];
            let factor = _mm512_set1_epi64(constant.cast_signed());
            for k in 0..K {
                t[k][I + offset] = _mm512_madd52lo_epu64(t[k][I + offset], digits[k], factor);
                t[k][I + offset + 1] = if constant.is_power_of_two() {
                    // The high half of digit·2^n; shifts have units of their own.
                    let high = shift_right(_mm512_and_si512(digits[k], mask), (BITS - constant.ilog2()) as usize);
                    _mm512_add_epi64(t[k][I + offset + 1], high)
                } else {
                    _mm512_madd52hi_epu64(t[k][I + offset + 1], digits[k], factor)
                };
            }
        });
        unrolled!(J < F::MINUS.len() => {
            let offset = F::MINUS[J];
            // At offset 0 it clears the low 52 bits, which the shift drops anyway.
            if offset > 0 {
                for k in 0..K {
                    let digit = _mm512_and_si512(digits[k], mask);
                    t[k][I + offset] = _mm512_sub_epi64(t[k][I + offset], digit);
                }
            }
        });
        for t in &mut t {
            t[I + 1] = _mm512_add_epi64(t[I + 1], _mm512_srai_epi64::<BITS>(t[I]));
        }
    });
    t.map(|t| {
        let mut result = [_mm512_setzero_si512(); L];
        unrolled!(I < L => {
            result[I] = t[I + L];
        });
        Sum(result, PhantomData)
    })
}

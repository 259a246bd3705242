//! Products of residues in columns, and their reduction. The bounds are those of
//! [`field`](crate::curve::ifma::field).

use core::arch::x86_64::*;
use core::marker::PhantomData;

use crate::limbs::unrolled;

/// A prime's shape in radix 2^52.
pub(crate) trait LaneField<const L: usize>: Copy + 'static {
    /// p = Σ `TERMS`.1·2^(52·`TERMS`.0) − Σ 2^(52·`MINUS`).
    const TERMS: &'static [(usize, u64)];
    const MINUS: &'static [usize];
    /// The digit is t·(1 + 2^`DIGIT_SHIFT`) mod 2^52: −p⁻¹ mod 2^52 is 1 (shift 52) or 1 + 2^32.
    const DIGIT_SHIFT: u32;
    /// A multiple of p that no X exceeds.
    const X_BOUND: i64;
    /// 2^256 − p as signed multiples of limbs, (limb, shift, sign), for the 256-bit primes, whose R
    /// leaves little room. Empty for P-384, whose R is 2^32·p.
    const FOLD: &'static [(usize, u32, i64)];
}

/// The bits of a limb.
pub(crate) const BITS: u32 = 52;
pub(crate) const MASK: u64 = (1 << BITS) - 1;

/// Eight lazily added residues, with signed limbs and no carries.
#[derive(Clone, Copy)]
pub(crate) struct Sum<F, const L: usize>(pub(crate) [__m512i; L], pub(crate) PhantomData<F>);

/// Whether the 32 registers hold the columns of two products.
pub(crate) const fn two_fit<const L: usize>() -> bool {
    2 * 2 * L <= 24
}

/// t += a·b in columns: all low halves of a row, then all high halves, so that the next addition to
/// a column is L instructions away, which hides the latency of four cycles of `vpmadd52`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn accumulate<const L: usize, const K: usize>(
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

/// a² in columns. Products off the diagonal are computed once and doubled.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn squares<const L: usize, const K: usize>(a: [&[__m512i; L]; K]) -> [[__m512i; 16]; K] {
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

/// t/R mod p, from the upper L columns after the reduction.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn reduce<F: LaneField<L>, const L: usize, const K: usize>(
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

/// A shift by a count that is constant at the call.
#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn shift_left(value: __m512i, count: usize) -> __m512i {
    _mm512_sllv_epi64(value, _mm512_set1_epi64(count as i64))
}

#[inline]
#[target_feature(enable = "avx512f")]
pub(crate) fn shift_right(value: __m512i, count: usize) -> __m512i {
    _mm512_srlv_epi64(value, _mm512_set1_epi64(count as i64))
}

//! Inverses by [`safegcd`](crate::safegcd) with matrices applied in lanes: the divsteps keep the
//! integer units busy, and the vector units do the rest beside them.
//!
//! # Representation
//!
//! The lanes are f, g, d, e of one inversion and f, g, d, e of another (or unused). A number is
//! stored as Σ limb_i·2^(52·i) − sign·2^(52·L), in L limbs of 52 bits. |f|, |g| ≤ 2^(64·N). A batch
//! takes |d|, |e| ≤ D to at most D + M, and there are 10 batches for 256 bits and 15 for 384, so
//! |d|, |e| ≤ 16·M < 2^(64·N + 4): L = 5 and 8.
//!
//! # A matrix
//!
//! ```text
//! (a·x + b·y + m·M)/2^60    x = f, y = g, M = 0 or x = d, y = e;  (a, b) = (u, v) in one lane and (q, r) in the next
//! ```
//!
//! with the m in [0, 2^60) that makes the sum a multiple of 2^60. The products are of unsigned
//! numbers, but a and b have signs: 2^61 is added to them and 2^61·(x + y) subtracted from the sum.
//! The multipliers have two digits, the upper one of 10 bits (8 bits for m). A column collects
//! twelve halves of products, each below 2^52, and loses at most 2^62 for 2^61·(x + y) and, in one
//! column, |a| + |b| ≤ 2^60 for the signs of x and y, so its magnitude stays below 2^63. Carries
//! run once. Dividing by 2^60 removes a column and 8 bits.
//!
//! The divsteps do not depend on this. They need the lowest 60 bits of f and g, which follow from
//! the lowest 120 by integer arithmetic. A matrix is applied while the next one is computed, a part
//! beside each run of 20 divsteps.

use core::arch::x86_64::*;
use core::array;
use core::marker::PhantomData;

use zeroize::Zeroize;

use crate::curve::ifma::field::{self, MASK};
use crate::curve::residue::{Modulus, Residue};
use crate::limbs::unrolled;
use crate::safegcd::{self, Batch, Divstep, Matrix, Moves, signed};
use crate::vector::{load_512 as load, to_words_512};

/// L for 384 bits.
const MAX_LIMBS: usize = 8;

type LimbWords = [u64; MAX_LIMBS];
/// The columns of a sum, before the carries.
type InversionColumns = [__m512i; MAX_LIMBS + 2];

/// Twice f, g, d, e: an inversion modulo M beside one modulo O.
struct InversionLanes<M, O, const N: usize> {
    limbs: [__m512i; MAX_LIMBS],
    /// All ones for a negative number.
    sign: __m512i,
    moduli: PhantomData<(M, O)>,
}

/// x⁻¹, and 0 for x = 0.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn invert<M: Modulus<N>, const N: usize>(x: Residue<M, N>) -> Residue<M, N> {
    crate::stack::align();
    let (inverse, _) = run::<M, M, 1, N>(x, Residue::ZERO);
    inverse
}

/// x⁻¹ and y⁻¹.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn invert_both<M: Modulus<N>, O: Modulus<N>, const N: usize>(
    x: Residue<M, N>,
    y: Residue<O, N>,
) -> (Residue<M, N>, Residue<O, N>) {
    crate::stack::align();
    run::<M, O, 2, N>(x, y)
}

/// The first K of the two inversions.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn run<M: Modulus<N>, O: Modulus<N>, const K: usize, const N: usize>(
    x: Residue<M, N>,
    y: Residue<O, N>,
) -> (Residue<M, N>, Residue<O, N>) {
    let mut lanes = InversionLanes::<M, O, N>::new(&x.to_montgomery(), &y.to_montgomery());
    let mask = signed::mask();
    let low = lanes.words_from_bit_0().map(|word| word.cast_signed() & mask);
    let (mut f, mut g): ([i64; K], [i64; K]) =
        (array::from_fn(|i| low[4 * i]), array::from_fn(|i| low[4 * i + 1]));
    let mut state = [Moves::START; K];
    // No matrix to apply yet: a multiple of the identity.
    let mut matrices = [Matrix::multiple(1 << safegcd::BITS); K];
    let mut columns = [_mm512_setzero_si512(); MAX_LIMBS + 2];
    for _ in 0..safegcd::batches(64 * N, true) {
        let mut batch = Batch::new(f, g);
        for i in 0..safegcd::RUNS {
            // The lanes apply the matrices of the previous batch, a part beside each run.
            match i {
                0 => columns = lanes.products::<false, K>(&matrices),
                1 => columns = InversionLanes::<M, O, N>::clear(columns),
                _ => lanes.shift(columns),
            }
            batch.run::<Moves>(i, &mut state);
        }
        matrices = batch.matrices;
        let above = lanes.words_from_bit_60();
        for (i, matrix) in matrices.iter().enumerate() {
            let above = |lane: usize| above[4 * i + lane].cast_signed();
            (f[i], g[i]) = signed::lowest([f[i], above(0)], [g[i], above(1)], matrix, mask);
        }
    }
    lanes.shift(InversionLanes::<M, O, N>::clear(lanes.products::<false, K>(&matrices)));
    let negative = to_words_512(lanes.sign);
    lanes.shift(InversionLanes::<M, O, N>::clear(lanes.products::<true, K>(&[Matrix::multiple(1); K])));
    let mut limbs = lanes.limbs.map(|limb| to_words_512(limb));
    let inverses = (lane(&limbs, 2, negative[0]), lane(&limbs, 6, negative[4]));
    limbs.zeroize();
    inverses
}

/// The residue in a lane, negated if the mask is set.
fn lane<M: Modulus<N>, const N: usize>(
    limbs: &[[u64; 8]; MAX_LIMBS],
    lane: usize,
    negative: u64,
) -> Residue<M, N> {
    let residue = Residue::from_52_bit_limbs(&limbs.map(|limb| limb[lane]));
    residue.select(residue.negate(), core::hint::black_box(negative))
}

impl<M: Modulus<N>, O: Modulus<N>, const N: usize> InversionLanes<M, O, N> {
    /// L.
    const LIMBS: usize = (64 * N + 4).div_ceil(52);
    /// M and O in the lanes of d and e, and −M⁻¹ and −O⁻¹ mod 2^60 in two digits.
    const MODULI: [[u64; 8]; MAX_LIMBS] = {
        let (m, o): (LimbWords, LimbWords) = (field::limbs(&M::LIMBS), field::limbs(&O::LIMBS));
        let mut lanes = [[0; 8]; MAX_LIMBS];
        let mut i = 0;
        while i < MAX_LIMBS {
            lanes[i] = [0, 0, m[i], m[i], 0, 0, o[i], o[i]];
            i += 1;
        }
        lanes
    };
    const NEGATED_INVERSES: [[u64; 8]; 2] = {
        let (m, o) = (Residue::<M, N>::NEG_INV, Residue::<O, N>::NEG_INV);
        let (m1, o1) = (m >> 52 & 0xff, o >> 52 & 0xff);
        let (m0, o0) = (m & MASK, o & MASK);
        [[0, 0, m0, m0, 0, 0, o0, o0], [0, 0, m1, m1, 0, 0, o1, o1]]
    };

    /// f = M, g = x·R, d = 0. At the end d·x·R = ±e, and d is divided by 2^60 once more, so e =
    /// R²·2^60 makes it ±x⁻¹·R.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn new(x: &[u64; N], y: &[u64; N]) -> Self {
        let (m, o): (LimbWords, LimbWords) = (field::limbs(&M::LIMBS), field::limbs(&O::LIMBS));
        let (x, y): (LimbWords, LimbWords) = (field::limbs(x), field::limbs(y));
        let first: LimbWords = const { field::limbs(&Residue::<M, N>::two_to(2 * 64 * N + safegcd::BITS)) };
        let second: LimbWords = const { field::limbs(&Residue::<O, N>::two_to(2 * 64 * N + safegcd::BITS)) };
        let mut limbs = [_mm512_setzero_si512(); MAX_LIMBS];
        for i in 0..Self::LIMBS {
            limbs[i] = load(&[m[i], x[i], 0, first[i], o[i], y[i], 0, second[i]]);
        }
        Self { limbs, sign: _mm512_setzero_si512(), moduli: PhantomData }
    }

    /// Every number's lowest 64 bits.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn words_from_bit_0(&self) -> [u64; 8] {
        to_words_512(_mm512_or_si512(self.limbs[0], _mm512_slli_epi64::<52>(self.limbs[1])))
    }

    /// Every number's 64 bits from bit 60 on.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn words_from_bit_60(&self) -> [u64; 8] {
        to_words_512(_mm512_or_si512(
            _mm512_srli_epi64::<8>(self.limbs[1]),
            _mm512_slli_epi64::<44>(self.limbs[2]),
        ))
    }

    /// a·x + b·y. The `LAST` time, 16·M is added to make d positive, so that (d + m·M)/2^60 is in
    /// [0, 2·M).
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn products<const LAST: bool, const K: usize>(&self, matrices: &[Matrix; K]) -> InversionColumns {
        let (a, b) = coefficients(matrices);
        let bias = _mm512_set1_epi64(1 << 61);
        let (a0, b0) = (_mm512_add_epi64(a, bias), _mm512_add_epi64(b, bias));
        let (a1, b1) = (_mm512_srli_epi64::<52>(a0), _mm512_srli_epi64::<52>(b0));

        let mut c = [_mm512_setzero_si512(); MAX_LIMBS + 2];
        unrolled!(I < Self::LIMBS => {
            if LAST {
                c[I] = _mm512_add_epi64(c[I], _mm512_slli_epi64::<4>(load(&Self::MODULI[I])));
            }
            let (x, y) = (even(self.limbs[I]), odd(self.limbs[I]));
            c[I] = low(low(c[I], a0, x), b0, y);
            c[I + 1] = high(high(low(low(c[I + 1], a1, x), b1, y), a0, x), b0, y);
            c[I + 2] = high(high(c[I + 2], a1, x), b1, y);
            c[I + 1] = _mm512_sub_epi64(c[I + 1], _mm512_slli_epi64::<9>(_mm512_add_epi64(x, y)));
        });
        let signs =
            _mm512_add_epi64(_mm512_and_si512(a, even(self.sign)), _mm512_and_si512(b, odd(self.sign)));
        c[Self::LIMBS] = _mm512_sub_epi64(c[Self::LIMBS], signs);
        c
    }

    /// Adds m·M.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn clear(mut c: InversionColumns) -> InversionColumns {
        let (n0, n1) = (load(&Self::NEGATED_INVERSES[0]), load(&Self::NEGATED_INVERSES[1]));
        let zero = _mm512_setzero_si512();
        let next = _mm512_add_epi64(c[1], _mm512_srli_epi64::<52>(c[0]));
        let m0 = low(zero, n0, c[0]);
        let m1 = high(low(low(zero, n0, next), n1, c[0]), n0, c[0]);
        let m1 = _mm512_and_si512(m1, _mm512_set1_epi64(0xff));
        unrolled!(I < Self::LIMBS => {
            let modulus = load(&Self::MODULI[I]);
            c[I] = low(c[I], m0, modulus);
            c[I + 1] = high(low(c[I + 1], m1, modulus), m0, modulus);
            c[I + 2] = high(c[I + 2], m1, modulus);
        });
        c
    }

    /// Runs the carries, and divides by 2^60.
    #[inline]
    #[target_feature(enable = "avx512f,avx512ifma")]
    fn shift(&mut self, mut c: InversionColumns) {
        let mask = _mm512_set1_epi64(MASK.cast_signed());
        c[1] = _mm512_add_epi64(c[1], _mm512_srai_epi64::<52>(c[0]));
        unrolled!(I < Self::LIMBS => {
            c[I + 2] = _mm512_add_epi64(c[I + 2], _mm512_srai_epi64::<52>(c[I + 1]));
            let lower = _mm512_srli_epi64::<8>(_mm512_and_si512(c[I + 1], mask));
            let upper = _mm512_and_si512(_mm512_slli_epi64::<44>(c[I + 2]), mask);
            self.limbs[I] = _mm512_or_si512(lower, upper);
        });
        self.sign = _mm512_srai_epi64::<63>(c[Self::LIMBS + 1]);
    }
}

/// (u, q, u, q) of each matrix, and (v, r, v, r).
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn coefficients<const K: usize>(matrices: &[Matrix; K]) -> (__m512i, __m512i) {
    let none = Matrix::multiple(0);
    let (one, two) = (&matrices[0], matrices.get(1).unwrap_or(&none));
    (
        _mm512_set_epi64(two.q, two.u, two.q, two.u, one.q, one.u, one.q, one.u),
        _mm512_set_epi64(two.r, two.v, two.r, two.v, one.r, one.v, one.r, one.v),
    )
}

/// Each even lane, copied to the odd lane after it.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn even(x: __m512i) -> __m512i {
    _mm512_unpacklo_epi64(x, x)
}

/// Each odd lane, copied to the even lane before it.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn odd(x: __m512i) -> __m512i {
    _mm512_unpackhi_epi64(x, x)
}

/// sum + the low 52 bits of a·b, for the low 52 bits of a and b.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn low(sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
    _mm512_madd52lo_epu64(sum, a, b)
}

/// sum + the high 52 bits of a·b, for the low 52 bits of a and b.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn high(sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
    _mm512_madd52hi_epu64(sum, a, b)
}

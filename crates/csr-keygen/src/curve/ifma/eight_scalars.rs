//! k·G for eight scalars at once, one scalar per lane.
//!
//! This runs over the portable comb's tables with that comb's digits, order and exceptional case: a
//! lane whose last addition meets equal points ends with ZZ = 0. A row of a table is one word of
//! all 32 entries, which fill four registers, and a two-register permutation picks every lane's
//! entry. No memory is read by index, and nothing is scanned.
//!
//! The tables' coordinates are Montgomery forms for 2^(64·N). Shifted left by 52·L − 64·N bits they
//! are the lanes' forms for 2^(52·L), unreduced: below 16·p, or 2^32·p for P-384. The bounds in
//! `lane_point` allow that in the additions to a running sum. The first two points are multiplied
//! by 1, which leaves them below 2·p.

use core::arch::x86_64::*;

use crate::curve::ifma::field::{self, Factor};
use crate::curve::ifma::lane_point::LaneAffine;
use crate::curve::ifma::one_scalar::LaneCurve;
use crate::curve::point::Xyzz;
use crate::curve::residue::{Modulus, Residue};
use crate::curve::windows::{ENTRIES, OddScalar, WIDTH, Window};
use crate::vector::load_512 as load;

/// The points of eight scalars, 1 ≤ k < n. ZZ = 0 for an exceptional scalar.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn base_multiples<C: LaneCurve<N, L>, const N: usize, const L: usize>(
    scalars: &[[u64; N]; 8],
) -> [Xyzz<C::Field, N>; 8] {
    crate::stack::align();
    let scalars = scalars.each_ref().map(|k| OddScalar::new(k, &C::Order::LIMBS));
    let mut halves = [_mm512_setzero_si512(); N];
    for (word, half) in halves.iter_mut().enumerate() {
        *half = load(&scalars.each_ref().map(|scalar| scalar.half[word]));
    }

    let one = Factor::splat(field::limbs(&Residue::<C::Field, N>::two_to(52 * L)));
    let reduced = |mut point: LaneAffine<C::Prime, L>| {
        (point.x, point.y) = (point.x.mul(&one).carry(), point.y.mul(&one).carry());
        point
    };
    let windows = C::TABLE;
    let (first, second) = (lookup::<C, N, L>(windows, 0, &halves), lookup::<C, N, L>(windows, 1, &halves));
    let mut sum = reduced(first).add_affine(&reduced(second));
    for i in 2..windows.len() {
        sum = sum.add_affine(&lookup::<C, N, L>(windows, i, &halves));
    }

    let scale = Factor::splat(field::limbs(&Residue::<C::Field, N>::ONE.to_montgomery()));
    let x = sum.x.mul(&scale).carry().to_lanes();
    let y = sum.y.mul(&scale).carry().to_lanes();
    let zz = sum.zz.mul(&scale).carry().to_lanes();
    let zzz = sum.zzz.mul(&scale).carry().to_lanes();
    core::array::from_fn(|lane| {
        let [x, y, zz, zzz] = [&x, &y, &zz, &zzz].map(|lanes| Residue::from_52_bit_limbs(&lanes[lane]));
        Xyzz { x, y: y.select(y.negate(), scalars[lane].negate), zz, zzz }
    })
}

/// Every lane's point of window `i`.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn lookup<C: LaneCurve<N, L>, const N: usize, const L: usize>(
    windows: &[Window<N>],
    i: usize,
    halves: &[__m512i; N],
) -> LaneAffine<C::Prime, L> {
    let (word, shift) = (i * WIDTH / 64, i * WIDTH % 64);
    let count = |bits: usize| _mm_cvtsi64_si128(bits as i64);
    let mut window = _mm512_srl_epi64(halves[word], count(shift));
    if shift + WIDTH > 64 && word + 1 < N {
        window = _mm512_or_si512(window, _mm512_sll_epi64(halves[word + 1], count(64 - shift)));
    }
    let top = _mm512_set1_epi64(1 << (WIDTH - 1));
    if i + 1 == windows.len() {
        window = _mm512_or_si512(window, top);
    }
    let negative = _mm512_testn_epi64_mask(window, top);
    let index = _mm512_mask_xor_epi64(window, negative, window, _mm512_set1_epi64(-1));

    let upper = _mm512_test_epi64_mask(index, _mm512_set1_epi64(16));
    let mut words = [[_mm512_setzero_si512(); N]; 2];
    for (words, rows) in words.iter_mut().zip(&windows[i].0) {
        for (word, row) in words.iter_mut().zip(rows) {
            *word = pick(row, index, upper);
        }
    }
    let shift = 52 * L - 64 * N;
    LaneAffine { x: Factor::from_words(&words[0], shift), y: Factor::from_words(&words[1], shift), negative }
}

/// In every lane, the entry named by the low five bits of `index`. `upper` has bit 4.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn pick(row: &[u64; ENTRIES], index: __m512i, upper: __mmask8) -> __m512i {
    if cfg!(feature = "ct-msan") {
        // The sanitizer reports every permutation by a secret, although it is no address.
        let index = _mm512_and_si512(index, _mm512_set1_epi64(31));
        let mut chosen = _mm512_setzero_si512();
        for (j, entry) in row.iter().enumerate() {
            let here = _mm512_cmpeq_epi64_mask(index, _mm512_set1_epi64(j as i64));
            chosen = _mm512_mask_mov_epi64(chosen, here, _mm512_set1_epi64(entry.cast_signed()));
        }
        return chosen;
    }
    let (quarters, _) = row.as_chunks::<8>();
    let low = _mm512_permutex2var_epi64(load(&quarters[0]), index, load(&quarters[1]));
    let high = _mm512_permutex2var_epi64(load(&quarters[2]), index, load(&quarters[3]));
    _mm512_mask_mov_epi64(low, upper, high)
}

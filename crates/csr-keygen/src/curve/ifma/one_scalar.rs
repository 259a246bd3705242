//! k·G with one scalar over eight lanes.
//!
//! The scalar is cut into eight blocks of N·8 bits (32, or 48 for P-384), one per lane, and each
//! block into windows ("rounds"): four of 5 bits and three of 4, for P-384 eight of 5 and two of 4.
//! In a round every lane looks up the multiple of its own block's base, 2^e·G, that its window
//! names, and adds it to the lane's sum. At the end the eight sums are added. The digits are those
//! of `windows`, for windows of mixed widths: the sum there telescopes all the same.
//!
//! # Exceptional cases
//!
//! *In a lane* the sum before a round is v·G with |v| < 2^e, and the next point is d·2^e·G with d
//! odd, so v ≠ ±d·2^e as integers. Modulo n: n is odd, so |v ± d·2^e| = n could only happen in the
//! lane of block 0, whose numbers are too small.
//!
//! *Between lanes* the sums over disjoint sets A and B of blocks meet. v_A ± v_B is not 0, because
//! the highest block of all outweighs the others, and it is below 2·n in magnitude. So the only way
//! to fail is v_A ± v_B = ±n. Then ±n is a sum of odd digits, one per block of A ∪ B. A ∪ B
//! contains block 0, or the sum would be even. It is not {0, 1} or {0, 1, 2, 3}, whose sums are too
//! small. Any other set of two or four blocks lacks a block b ≤ 3 and contains all below it, so
//! that block b of n would be all zeros or all ones, which no block in the lower half of the three
//! n is. That leaves the last addition, where A ∪ B is all blocks. There v_A + v_B = k, no multiple
//! of n. And v_A − v_B = ±n determines all digits, because n's own odd digits are unique: let B be
//! the set without block 7; then k = n − 2·(n's part on B), which is below n only if n's highest
//! digit in B is positive. The order of the blocks makes it negative: it is block 5's for P-256,
//! block 6's for SM2. For P-384 only blocks 0 and 1 of n have negative digits, so one odd k (and
//! n − k) remains. A test goes through all sets that meet.
//!
//! In every case, equal or opposite operands end in ZZ = 0, which every later product keeps. Then
//! the portable comb computes the point again. That this happened tells an observer only that k is
//! this one scalar.

use core::arch::x86_64::*;

use crate::curve::ifma::field::{self, Factor, LaneField};
use crate::curve::ifma::lane_point::{LaneAffine, LaneXyzz};
use crate::curve::params::CurveParams;
use crate::curve::point::Xyzz;
use crate::curve::residue::{Modulus, Residue};
use crate::curve::windows::OddScalar;
use crate::vector::{equal_512, load_512 as load};

/// x and y of one entry for all lanes, by word and lane.
pub(crate) type Entry<const N: usize> = [[[u64; 8]; N]; 2];

/// The constants of a curve that the lanes need.
pub(crate) trait LaneCurve<const N: usize, const L: usize>: CurveParams<N> {
    /// The field's prime in radix 2^52.
    type Prime: LaneField<L>;
    /// The block of each lane.
    const BLOCKS: [usize; 8];
    /// For each round its entries: (2·j + 1)·2^(bit)·G of the lane's block, x·2^(52·L) mod p in
    /// packed words.
    const ENTRIES: &'static [Entry<N>];
    /// The number of rounds, and how many of them have windows of 5 bits instead of 4.
    const ROUNDS: usize;
    const WIDE: usize;
}

/// k·G for 1 ≤ k < n. ZZ = 0 for the exceptional scalars.
#[target_feature(enable = "avx512f,avx512ifma")]
pub(crate) fn base_multiple<C: LaneCurve<N, L>, const N: usize, const L: usize>(
    k: &[u64; N],
) -> Xyzz<C::Field, N> {
    crate::stack::align();
    let scalar = OddScalar::new(k, &C::Order::LIMBS);
    let blocks = load(&core::array::from_fn(|lane| scalar.block(C::BLOCKS[lane])));

    let mut sum = lookup::<C, N, L>(0, blocks).add_affine(&lookup::<C, N, L>(1, blocks));
    for round in 2..C::ROUNDS {
        sum = sum.add_affine(&lookup::<C, N, L>(round, blocks));
    }
    let mut result = leave_lanes::<C, N, L>(&sum.sum_of_lanes());
    result.y = result.y.select(result.y.negate(), scalar.negate);
    result
}

/// The points of a round. All of its entries are read, whatever the windows.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn lookup<C: LaneCurve<N, L>, const N: usize, const L: usize>(
    round: usize,
    blocks: __m512i,
) -> LaneAffine<C::Prime, L> {
    let wide = round.min(C::WIDE);
    let narrow = round - wide;
    let first = 16 * wide + 8 * narrow;
    let width = if round < C::WIDE { 5 } else { 4 };
    let count = 1 << (width - 1);

    let window = _mm512_srl_epi64(blocks, _mm_cvtsi64_si128((5 * wide + 4 * narrow) as i64));
    let top = _mm512_set1_epi64(count);
    let negative = _mm512_testn_epi64_mask(window, top);
    let complemented = _mm512_mask_xor_epi64(window, negative, window, _mm512_set1_epi64(-1));
    let index = _mm512_and_si512(complemented, _mm512_set1_epi64(count - 1));

    let mut words = [[_mm512_setzero_si512(); N]; 2];
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)] // 8 or 16
    let entries = &C::ENTRIES[first..][..count as usize];
    for (j, entry) in entries.iter().enumerate() {
        let here = equal_512(index, _mm512_set1_epi64(j as i64));
        for coordinate in 0..2 {
            for word in 0..N {
                let read = load(&entry[coordinate][word]);
                words[coordinate][word] =
                    _mm512_or_si512(words[coordinate][word], _mm512_and_si512(read, here));
            }
        }
    }
    LaneAffine { x: Factor::from_words(&words[0], 0), y: Factor::from_words(&words[1], 0), negative }
}

/// The point in lane 0, for the portable arithmetic.
///
/// One multiplication of all four coordinates by 2^(64·N) turns the Montgomery form for 2^(52·L)
/// into the one for 2^(64·N), and leaves less than 2·p.
#[inline]
#[target_feature(enable = "avx512f,avx512ifma")]
fn leave_lanes<C: LaneCurve<N, L>, const N: usize, const L: usize>(
    sum: &LaneXyzz<C::Prime, L>,
) -> Xyzz<C::Field, N> {
    let lane_0 = _mm512_setzero_si512();
    let four = sum.x.permute(lane_0);
    let four = four.blend(sum.y.permute(lane_0), 0b0010);
    let four = four.blend(sum.zz.permute(lane_0), 0b0100);
    let four = four.blend(sum.zzz.permute(lane_0), 0b1000);
    let scale = Factor::splat(field::limbs(&Residue::<C::Field, N>::ONE.to_montgomery()));
    let lanes = four.mul(&scale).carry().to_lanes();
    let residue = |lane: usize| Residue::from_52_bit_limbs(&lanes[lane]);
    Xyzz { x: residue(0), y: residue(1), zz: residue(2), zzz: residue(3) }
}

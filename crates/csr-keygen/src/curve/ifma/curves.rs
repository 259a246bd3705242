//! The three primes and tables as the lanes want them.

use super::super::params::{CurveParams, P256, P384, Sm2};
use super::super::point::Xyzz;
use super::super::tables;
use super::Accelerated;
use super::comb::{Entry, LaneCurve};
use super::field::{LaneField, MASK};
use crate::backend::Ifma;

/// p = 2^256 − 2^224 + 2^192 + 2^96 − 1.
#[derive(Clone, Copy)]
pub(in super::super) struct P256Prime;
impl LaneField<5> for P256Prime {
    const TERMS: &'static [(usize, u64)] = &[(1, 1 << 44), (3, 1 << 36), (4, (1 << 48) - (1 << 16))];
    const MINUS: &'static [usize] = &[0];
    const DIGIT_SHIFT: u32 = 52;
    const X_BOUND: i64 = 2;
    // 2^224 − 2^192 − 2^96 + 1
    const FOLD: &'static [(usize, u32, i64)] = &[(4, 16, 1), (3, 36, -1), (1, 44, -1), (0, 0, 1)];
}

/// p = 2^256 − 2^224 − 2^96 + 2^64 − 1; −2^96 + 2^64 is (2^52 − 2^44 + 2^12)·2^52 − 2^104.
#[derive(Clone, Copy)]
pub(in super::super) struct Sm2Prime;
impl LaneField<5> for Sm2Prime {
    const TERMS: &'static [(usize, u64)] =
        &[(1, (1 << 52) - (1 << 44) + (1 << 12)), (4, (1 << 48) - (1 << 16))];
    const MINUS: &'static [usize] = &[0, 2];
    const DIGIT_SHIFT: u32 = 52;
    const X_BOUND: i64 = 2;
    // 2^224 + 2^96 − 2^64 + 1
    const FOLD: &'static [(usize, u32, i64)] = &[(4, 16, 1), (1, 44, 1), (1, 12, -1), (0, 0, 1)];
}

/// p = 2^384 − 2^128 − 2^96 + 2^32 − 1; −2^128 − 2^96 is (2^52 − 2^44)·2^52 + (2^52 − 2^24 − 1)·2^104 − 2^156.
#[derive(Clone, Copy)]
pub(in super::super) struct P384Prime;
impl LaneField<8> for P384Prime {
    const TERMS: &'static [(usize, u64)] =
        &[(0, (1 << 32) - 1), (1, (1 << 52) - (1 << 44)), (2, MASK - (1 << 24)), (7, 1 << 20)];
    const MINUS: &'static [usize] = &[3];
    const DIGIT_SHIFT: u32 = 32;
    const X_BOUND: i64 = 8;
    const FOLD: &'static [(usize, u32, i64)] = &[];
}

impl LaneCurve<4, 5> for P256 {
    type Prime = P256Prime;
    const BLOCKS: [usize; 8] = [0, 2, 6, 4, 1, 3, 7, 5];
    const ENTRIES: &'static [Entry<4>] = &tables::P256_LANES.0;
    const ROUNDS: usize = 7;
    const WIDE: usize = 4;
}

impl LaneCurve<4, 5> for Sm2 {
    type Prime = Sm2Prime;
    const BLOCKS: [usize; 8] = [0, 3, 2, 4, 1, 5, 7, 6];
    const ENTRIES: &'static [Entry<4>] = &tables::SM2_LANES.0;
    const ROUNDS: usize = 7;
    const WIDE: usize = 4;
}

impl LaneCurve<6, 8> for P384 {
    type Prime = P384Prime;
    const BLOCKS: [usize; 8] = [0, 2, 6, 4, 1, 3, 7, 5];
    const ENTRIES: &'static [Entry<6>] = &tables::P384_LANES.0;
    const ROUNDS: usize = 10;
    const WIDE: usize = 8;
}

macro_rules! accelerated {
    ($curve:ty, $words:literal, $limbs:literal) => {
        impl Accelerated<$words> for $curve {
            fn base_multiple(
                ifma: Ifma,
                k: &[u64; $words],
            ) -> Xyzz<<Self as CurveParams<$words>>::Field, $words> {
                ifma.mul_base::<Self, $words, $limbs>(k)
            }

            fn base_multiples(
                ifma: Ifma,
                scalars: &[[u64; $words]; 8],
            ) -> [Xyzz<<Self as CurveParams<$words>>::Field, $words>; 8] {
                ifma.mul_base_eight::<Self, $words, $limbs>(scalars)
            }
        }
    };
}
accelerated!(P256, 4, 5);
accelerated!(P384, 6, 8);
accelerated!(Sm2, 4, 5);

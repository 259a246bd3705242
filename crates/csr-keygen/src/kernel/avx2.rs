//! The AVX2 kernel: four lanes, radix 2^28, `vpmuludq` (32 × 32 → 64 bits).
//!
//! | prime bits | limbs N | R | spare bits |
//! |---|---|---|---|
//! | 1024 | 40 | 2^1120 | 96 |
//! | 1536 | 56 | 2^1568 | 32 |
//! | 2048 | 76 | 2^2128 | 80 |
//!
//! Limbs are below 2^28 between multiplications. R ≥ 2^32·n, so that values below 5n multiply to a result below 2.01n, and
//! below 4.02n when doubled.
//!
//! # Bounds of a column
//!
//! Sums of two limbs have 29 bits, doubled ones 30: they fit the 32 that `vpmuludq` reads, without carries. So the
//! formula of [`super::blocks`] holds column by column, and arithmetic modulo 2^64 may pass through any value: a
//! finished column is N products of x·y and N of m·f or m·n, each below 2^56, and a carry below 2^36, together below
//! 2·76·2^56 + 2^36 < 2^63.3. The doubling happens on limbs, after the carry.
//!
//! # Schedule
//!
//! That of [`super::blocks`], with blocks of four limbs: seven columns and the eight limbs of two blocks fit the sixteen
//! registers.

use core::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_blendv_epi8, _mm256_cmpeq_epi64, _mm256_loadu_si256,
    _mm256_mul_epu32, _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_srli_epi64, _mm256_storeu_si256,
    _mm256_sub_epi64,
};

use super::limbs::{self, Inverse, Limbs, Row};
use super::{Kernel, MAX_LANES, Modulus, TABLE};
use crate::backend::Avx2;

const LANES: usize = 4;
/// Limbs of a block, and columns of a product of two.
const BLOCK: usize = 4;
const WIDE: usize = 2 * BLOCK - 1;
/// The chains of carries through the result: of the columns, and of the doubled limbs.
const CARRIES: usize = 2;
const RADIX: i32 = 28;
/// The mask of a limb.
const LIMB: i64 = (1 << RADIX) - 1;

type Vector = __m256i;
/// All ones in the lanes that are doubled.
type Double = Vector;

/// Working space of a multiplication.
type Scratch<const N: usize, const L: usize> = limbs::Scratch<N, L, BLOCK>;

#[inline]
#[target_feature(enable = "avx2")]
fn load(row: &Row<LANES>) -> Vector {
    // SAFETY: the reference covers the 32 bytes that are read; the load asks for no alignment.
    unsafe { _mm256_loadu_si256(row.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(row: &mut Row<LANES>, value: Vector) {
    // SAFETY: the reference covers the 32 bytes that are written; the store asks for no alignment.
    unsafe { _mm256_storeu_si256(row.as_mut_ptr().cast(), value) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn zero() -> Vector {
    _mm256_setzero_si256()
}

#[inline]
#[target_feature(enable = "avx2")]
fn one() -> Vector {
    _mm256_set1_epi64x(1)
}

#[inline]
#[target_feature(enable = "avx2")]
fn never() -> Double {
    zero()
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(a: Vector, b: Vector) -> Vector {
    _mm256_add_epi64(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn sub(a: Vector, b: Vector) -> Vector {
    _mm256_sub_epi64(a, b)
}

super::blocks::multiplication_by_blocks!("avx2", 4);

/// a + b, limbs below 2^29.
#[inline]
#[target_feature(enable = "avx2")]
fn sum(a: &Block, b: &Block) -> Block {
    let mut sum = *a;
    for i in 0..BLOCK {
        sum[i] = add(a[i], b[i]);
    }
    sum
}

/// Adds products a_i·b_j to the column before the colon, one after the other: of loops over the columns the
/// compiler makes loops over memory.
macro_rules! add_products {
    ($acc:ident, $a:ident, $b:ident; $($column:literal: $($i:literal $j:literal),*;)*) => {
        $($($acc[$column] = add($acc[$column], _mm256_mul_epu32($a[$i], $b[$j]));)*)*
    };
}

/// acc += a·b.
#[inline]
#[target_feature(enable = "avx2")]
fn product(acc: &mut Wide, a: &Block, b: &Block) {
    add_products!(acc, a, b;
        0: 0 0;
        1: 0 1, 1 0;
        2: 0 2, 1 1, 2 0;
        3: 0 3, 1 2, 2 1, 3 0;
        4: 1 3, 2 2, 3 1;
        5: 2 3, 3 2;
        6: 3 3;
    );
}

/// acc += a². Doubled limbs have 30 bits: nothing is put off to be doubled later.
#[inline]
#[target_feature(enable = "avx2")]
fn square_of_block(acc: &mut Wide, _once: &mut Wide, a: &Block) {
    let b = sum(a, a);
    add_products!(acc, a, b; 1: 0 1; 2: 0 2; 3: 0 3, 1 2; 4: 1 3; 5: 2 3;);
    add_products!(acc, a, a; 0: 0 0; 2: 1 1; 4: 2 2; 6: 3 3;);
}

/// a².
#[inline]
#[target_feature(enable = "avx2")]
fn own_square(a: &Block) -> Wide {
    let mut acc = [zero(); WIDE];
    square_of_block(&mut acc, &mut [zero(); WIDE], a);
    acc
}

/// The last block: acc += digits·low, so that the lower half of acc becomes a multiple of 2^112; and what it is
/// multiplied by.
#[inline]
#[target_feature(enable = "avx2")]
fn digits(acc: &mut Wide, n0: Vector, low: &Block) -> (Block, Vector) {
    let limb_mask = _mm256_set1_epi64x(LIMB);
    macro_rules! digit {
        ($c0:literal $c1:literal $c2:literal $c3:literal) => {{
            let m = _mm256_and_si256(_mm256_mul_epu32(acc[$c0], n0), limb_mask);
            let cleared = add(acc[$c0], _mm256_mul_epu32(m, low[0]));
            acc[$c0] = cleared;
            acc[$c1] = add(acc[$c1], _mm256_mul_epu32(m, low[1]));
            if $c1 < BLOCK {
                acc[$c1] = add(acc[$c1], _mm256_srli_epi64::<RADIX>(cleared));
            }
            acc[$c2] = add(acc[$c2], _mm256_mul_epu32(m, low[2]));
            acc[$c3] = add(acc[$c3], _mm256_mul_epu32(m, low[3]));
            m
        }};
    }
    let digits = [digit!(0 1 2 3), digit!(1 2 3 4), digit!(2 3 4 5), digit!(3 4 5 6)];
    // Whole: acc[3] ends with 28 zeros.
    (digits, _mm256_srli_epi64::<RADIX>(acc[BLOCK - 1]))
}

/// The lower half of acc as limbs, and its carry.
#[inline]
#[target_feature(enable = "avx2")]
fn split(acc: &Wide) -> (Block, Vector) {
    let mut block = [zero(); BLOCK];
    let mut carry = zero();
    for i in 0..BLOCK {
        let sum = add(acc[i], carry);
        carry = _mm256_srli_epi64::<RADIX>(sum);
        block[i] = _mm256_and_si256(sum, _mm256_set1_epi64x(LIMB));
    }
    (block, carry)
}

/// The upper half of a level, for the next one.
#[inline]
#[target_feature(enable = "avx2")]
fn upper(acc: &Wide) -> Block {
    [acc[4], acc[5], acc[6], zero()]
}

/// The lower half of a level with the carries of the blocks before, as limbs, doubled by the mask.
#[inline]
#[target_feature(enable = "avx2")]
fn finish(acc: &Wide, double: Double, carry: &mut [Vector; CARRIES]) -> Block {
    let limb_mask = _mm256_set1_epi64x(LIMB);
    let mut block = [zero(); BLOCK];
    for i in 0..BLOCK {
        let sum = add(acc[i], carry[0]);
        carry[0] = _mm256_srli_epi64::<RADIX>(sum);
        let once = _mm256_and_si256(sum, limb_mask);
        let doubled = add(add(once, _mm256_and_si256(once, double)), carry[1]);
        carry[1] = _mm256_srli_epi64::<RADIX>(doubled);
        block[i] = _mm256_and_si256(doubled, limb_mask);
    }
    block
}

/// out ← table[digit], lane by lane; every entry is read.
#[target_feature(enable = "avx2")]
fn select<const N: usize>(out: &mut Limbs<N, LANES>, table: &[Limbs<N, LANES>; TABLE], digits: &Row<LANES>) {
    let digits = load(digits);
    for (limb, out) in out.0.iter_mut().enumerate() {
        let mut value = _mm256_setzero_si256();
        for (entry, index) in table.iter().zip(0..) {
            let here = _mm256_cmpeq_epi64(digits, _mm256_set1_epi64x(index));
            value = _mm256_blendv_epi8(value, load(&entry.0[limb]), here);
        }
        store(out, value);
    }
}

/// N limbs in four lanes; holds the proof that the processor has the instructions.
#[derive(Clone, Copy)]
pub(crate) struct Avx2Kernel<const N: usize>(pub(crate) Avx2);

impl<const N: usize> Kernel for Avx2Kernel<N> {
    const LANES: usize = LANES;
    const RADIX: u32 = 28;
    const LIMBS: usize = N;
    type Num = Limbs<N, LANES>;
    type Prepared = Inverse<N, LANES>;
    type Scratch = Scratch<N, LANES>;

    fn zero() -> Limbs<N, LANES> {
        Limbs::ZERO
    }

    fn prepared() -> Self::Prepared {
        Inverse::ZERO
    }

    fn scratch() -> Self::Scratch {
        Scratch::ZERO
    }

    fn limb(num: &Limbs<N, LANES>, lane: usize, index: usize) -> u64 {
        num.0[index][lane]
    }

    fn set_limb(num: &mut Limbs<N, LANES>, lane: usize, index: usize, limb: u64) {
        num.0[index][lane] = limb;
    }

    fn prepare(self, modulus: &mut Modulus<Self>) {
        // SAFETY: an `Avx2` exists only where the processor has the feature.
        unsafe { invert_radix(&mut modulus.prepared, &modulus.n, lanes(&modulus.n0)) }
    }

    fn square(self, x: &mut Limbs<N, LANES>, modulus: &Modulus<Self>, double: u8, t: &mut Self::Scratch) {
        let double = [0, 1, 2, 3].map(|lane| 0u64.wrapping_sub(u64::from(double >> lane & 1)));
        // SAFETY: as in `prepare`.
        unsafe { square(x, &modulus.n, &modulus.prepared, lanes(&modulus.n0), load(&double), t) }
    }

    fn multiply(
        self,
        x: &mut Limbs<N, LANES>,
        y: &Limbs<N, LANES>,
        modulus: &Modulus<Self>,
        t: &mut Self::Scratch,
    ) {
        // SAFETY: as in `prepare`.
        unsafe { multiply(x, y, &modulus.n, &modulus.prepared, lanes(&modulus.n0), t) }
    }

    fn select(self, out: &mut Limbs<N, LANES>, table: &[Limbs<N, LANES>; TABLE], digits: &[u64; MAX_LANES]) {
        // SAFETY: as in `prepare`.
        unsafe { select(out, table, lanes(digits)) }
    }
}

/// The first four of the most lanes that there are.
fn lanes(row: &[u64; MAX_LANES]) -> &Row<LANES> {
    row.first_chunk().unwrap_or_else(|| unreachable!())
}

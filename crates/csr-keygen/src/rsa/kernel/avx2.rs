//! The AVX2 kernel for one number per lane: four lanes, radix 2^28, `vpmuludq` (32 × 32 → 64 bits).
//!
//! | prime bits | limbs N | R | spare bits |
//! |---|---|---|---|
//! | 1024 | 40 | 2^1120 | 96 |
//! | 1536 | 56 | 2^1568 | 32 |
//! | 2048 | 76 | 2^2128 | 80 |
//!
//! Limbs are below 2^28 between multiplications. Because R ≥ 2^32·n, values below 5n multiply to a
//! result below 2.01n, and below 4.02n when doubled.
//!
//! # Bounds of a column
//!
//! Sums of two limbs have 29 bits, doubled ones 30. They fit the 32 bits that `vpmuludq` reads,
//! without carries. So the formula of `blocks` holds column by column, and arithmetic modulo 2^64
//! may pass through any value. A finished column is N products of x·y, N of m·f or m·n, each below
//! 2^56, and a carry below 2^36: together below 2·76·2^56 + 2^36 < 2^63.3. The doubling is applied
//! to limbs, after the carry.
//!
//! # Schedule
//!
//! That of `blocks`, with blocks of four limbs: seven columns and the eight limbs of two blocks fit
//! the sixteen registers.

use core::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_blendv_epi8, _mm256_cmpeq_epi64, _mm256_mul_epu32,
    _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_srli_epi64, _mm256_sub_epi64,
};

use crate::backend::Avx2;
use crate::rsa::kernel::blocks::{self, BlockScratch, Limbs, RadixInverse, Row};
use crate::rsa::kernel::{Kernel, MAX_LANES, Moduli, TABLE};
use crate::vector::{load_256 as load, store_256 as store};

const LANES: usize = 4;
/// The limbs of a block, and the columns of a product of two blocks.
const BLOCK: usize = 4;
const WIDE: usize = 2 * BLOCK - 1;
/// The chains of carries through the result: one of the columns, one of the doubled limbs.
const CARRIES: usize = 2;
const RADIX: i32 = 28;
/// The mask of a limb.
const LIMB: i64 = (1 << RADIX) - 1;

#[inline]
#[target_feature(enable = "avx2")]
fn zero() -> __m256i {
    _mm256_setzero_si256()
}

#[inline]
#[target_feature(enable = "avx2")]
fn one() -> __m256i {
    _mm256_set1_epi64x(1)
}

#[inline]
#[target_feature(enable = "avx2")]
fn never() -> __m256i {
    zero()
}

#[inline]
#[target_feature(enable = "avx2")]
fn add(a: __m256i, b: __m256i) -> __m256i {
    _mm256_add_epi64(a, b)
}

#[inline]
#[target_feature(enable = "avx2")]
fn sub(a: __m256i, b: __m256i) -> __m256i {
    _mm256_sub_epi64(a, b)
}

blocks::multiplication_by_blocks!("avx2", 4, __m256i, __m256i);

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

/// Adds products a_i·b_j to the column before the colon, one statement each: the compiler turns
/// loops over the columns into loops over memory.
macro_rules! add_products {
    ($acc:ident, $a:ident, $b:ident; $($column:literal: $($i:literal $j:literal),*;)*) => {
        $($($acc[$column] = add($acc[$column], _mm256_mul_epu32($a[$i], $b[$j]));)*)*
    };
}

/// acc += a·b.
#[inline]
#[target_feature(enable = "avx2")]
fn product(acc: &mut Columns, a: &Block, b: &Block) {
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

/// acc += a². Doubled limbs have 30 bits, so nothing is left to be doubled later.
#[inline]
#[target_feature(enable = "avx2")]
fn square_of_block(acc: &mut Columns, _once: &mut Columns, a: &Block) {
    let b = sum(a, a);
    add_products!(acc, a, b; 1: 0 1; 2: 0 2; 3: 0 3, 1 2; 4: 1 3; 5: 2 3;);
    add_products!(acc, a, a; 0: 0 0; 2: 1 1; 4: 2 2; 6: 3 3;);
}

/// a².
#[inline]
#[target_feature(enable = "avx2")]
fn own_square(a: &Block) -> Columns {
    let mut acc = [zero(); WIDE];
    square_of_block(&mut acc, &mut [zero(); WIDE], a);
    acc
}

/// The digits of the last block, and the carry: acc += digits·low makes the lower half of acc a
/// multiple of 2^112, and the carry is that multiple.
#[inline]
#[target_feature(enable = "avx2")]
fn digits(acc: &mut Columns, n0: __m256i, low: &Block) -> (Block, __m256i) {
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
    // Exact: acc[3] ends with 28 zeros.
    (digits, _mm256_srli_epi64::<RADIX>(acc[BLOCK - 1]))
}

/// The lower half of acc as limbs, and its carry.
#[inline]
#[target_feature(enable = "avx2")]
fn split(acc: &Columns) -> (Block, __m256i) {
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
fn upper(acc: &Columns) -> Block {
    [acc[4], acc[5], acc[6], zero()]
}

/// The lower half of a level as limbs, doubled by the mask, with the carries from the blocks below.
#[inline]
#[target_feature(enable = "avx2")]
fn finish(acc: &Columns, double: __m256i, carry: &mut [__m256i; CARRIES]) -> Block {
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

/// out ← table[digit], lane by lane. Every entry is read.
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

/// The kernel for N limbs in four lanes. It holds the proof that the processor has the
/// instructions.
#[derive(Clone, Copy)]
pub(crate) struct Avx2Kernel<const N: usize>(pub(crate) Avx2);

impl<const N: usize> Kernel for Avx2Kernel<N> {
    const LANES: usize = LANES;
    const RADIX: u32 = 28;
    const LIMBS: usize = BlockScratch::<N, LANES, BLOCK>::LIMBS;
    type Num = Limbs<N, LANES>;
    type Prepared = RadixInverse<N, LANES>;
    type Scratch = BlockScratch<N, LANES, BLOCK>;

    fn limb(num: &Limbs<N, LANES>, lane: usize, index: usize) -> u64 {
        num.0[index][lane]
    }

    fn set_limb(num: &mut Limbs<N, LANES>, lane: usize, index: usize, limb: u64) {
        num.0[index][lane] = limb;
    }

    fn prepare(self, moduli: &mut Moduli<Self>) {
        // SAFETY: an `Avx2` exists only if the processor has the feature.
        unsafe { invert_radix(&mut moduli.prepared, &moduli.n, lanes(&moduli.n0)) }
    }

    fn square(self, x: &mut Limbs<N, LANES>, moduli: &Moduli<Self>, double: u8, t: &mut Self::Scratch) {
        let double = [0, 1, 2, 3].map(|lane| 0u64.wrapping_sub(u64::from(double >> lane & 1)));
        // SAFETY: as in `prepare`.
        unsafe { square(x, &moduli.n, &moduli.prepared, lanes(&moduli.n0), load(&double), t) }
    }

    fn multiply(
        self,
        x: &mut Limbs<N, LANES>,
        y: &Limbs<N, LANES>,
        moduli: &Moduli<Self>,
        t: &mut Self::Scratch,
    ) {
        // SAFETY: as in `prepare`.
        unsafe { multiply(x, y, &moduli.n, &moduli.prepared, lanes(&moduli.n0), t) }
    }

    fn select(self, out: &mut Limbs<N, LANES>, table: &[Limbs<N, LANES>; TABLE], digits: &[u64; MAX_LANES]) {
        // SAFETY: as in `prepare`.
        unsafe { select(out, table, lanes(digits)) }
    }
}

/// The first four lanes.
fn lanes(row: &[u64; MAX_LANES]) -> &Row<LANES> {
    row.first_chunk().unwrap_or_else(|| unreachable!())
}

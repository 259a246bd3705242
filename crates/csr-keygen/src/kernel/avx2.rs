//! The AVX2 kernel: four lanes, radix 2^28, `vpmuludq` (32 × 32 → 64 bits).
//!
//! | prime bits | limbs N | R | spare bits |
//! |---|---|---|---|
//! | 1024 | 40 | 2^1120 | 96 |
//! | 1536 | 55 | 2^1540 | 4 |
//! | 2048 | 75 | 2^2100 | 52 |
//!
//! Limbs are below 2^28 between multiplications. R ≥ 16n, so that values below 4n multiply to a result below 2n, and
//! below 4n when doubled.
//!
//! # Bounds of a column
//!
//! A column sums at most N products of x·y (a square's cross products, doubled, and its diagonal come to the same)
//! and N of m·n, each below 2^56, and a carry below 2^36: 2·75·2^56 + 2^36 < 2^63.3. The doubling happens on limbs,
//! after the carry.
//!
//! # Schedule
//!
//! As in [`super::ifma`], with five limbs in registers and a window of five columns: a product falls in one column
//! here. Sixteen registers hold the limbs, the window, the digit and the products under way.

use core::arch::x86_64::{
    __m256i, _mm256_add_epi64, _mm256_and_si256, _mm256_blendv_epi8, _mm256_cmpeq_epi64, _mm256_loadu_si256,
    _mm256_mul_epu32, _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_srli_epi64, _mm256_storeu_si256,
};

use zeroize::Zeroize;

use super::{Kernel, MAX_LANES, Modulus, TABLE};
use crate::backend::Avx2;

const LANES: usize = 4;
/// Limbs of a factor that stay in registers.
const BLOCK: usize = 5;
const RADIX: i32 = 28;
/// The mask of a limb.
const LIMB: i64 = (1 << RADIX) - 1;
/// Columns of the longest product, and one more that the last window reads.
const COLUMNS: usize = 2 * 75 + 1;

/// One limb or column of every lane.
type Row = [u64; LANES];
type Vector = __m256i;

/// N limbs of every lane.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Limbs<const N: usize>([Row; N]);

/// The columns of a product.
#[repr(C, align(64))]
pub(crate) struct Columns([Row; COLUMNS]);

impl<const N: usize> Zeroize for Limbs<N> {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Zeroize for Columns {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(row: &Row) -> Vector {
    // SAFETY: the reference covers the 32 bytes that are read; the load asks for no alignment.
    unsafe { _mm256_loadu_si256(row.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(row: &mut Row, value: Vector) {
    // SAFETY: the reference covers the 32 bytes that are written; the store asks for no alignment.
    unsafe { _mm256_storeu_si256(row.as_mut_ptr().cast(), value) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load_block(rows: &[Row]) -> [Vector; BLOCK] {
    let rows = &rows[..BLOCK];
    [load(&rows[0]), load(&rows[1]), load(&rows[2]), load(&rows[3]), load(&rows[4])]
}

/// Five neighbouring columns, in registers; named, because an array that is shifted in a loop goes through
/// memory.
#[derive(Clone, Copy)]
struct Window {
    c0: Vector,
    c1: Vector,
    c2: Vector,
    c3: Vector,
    c4: Vector,
}

impl Window {
    #[inline]
    #[target_feature(enable = "avx2")]
    fn zero() -> Self {
        let z = _mm256_setzero_si256();
        Self { c0: z, c1: z, c2: z, c3: z, c4: z }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn shift(&mut self, incoming: Vector) {
        *self = Self { c0: self.c1, c1: self.c2, c2: self.c3, c3: self.c4, c4: incoming };
    }

    /// Adds the digit's products with limbs 0 to TO − 1 of a block; its limb 0 meets column 0.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn add_products<const TO: usize>(&mut self, digit: Vector, block: &[Vector; BLOCK]) {
        if TO > 0 {
            self.c0 = _mm256_add_epi64(self.c0, _mm256_mul_epu32(digit, block[0]));
        }
        if TO > 1 {
            self.c1 = _mm256_add_epi64(self.c1, _mm256_mul_epu32(digit, block[1]));
        }
        if TO > 2 {
            self.c2 = _mm256_add_epi64(self.c2, _mm256_mul_epu32(digit, block[2]));
        }
        if TO > 3 {
            self.c3 = _mm256_add_epi64(self.c3, _mm256_mul_epu32(digit, block[3]));
        }
        if TO > 4 {
            self.c4 = _mm256_add_epi64(self.c4, _mm256_mul_epu32(digit, block[4]));
        }
    }

    /// Takes the lowest column away: it is written, or added to what is there.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn emit<const ADD: bool>(&mut self, column: &mut Row) {
        store(column, if ADD { _mm256_add_epi64(load(column), self.c0) } else { self.c0 });
        self.shift(_mm256_setzero_si256());
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn flush(self, columns: &mut [Row]) {
        let columns = &mut columns[..BLOCK];
        store(&mut columns[0], self.c0);
        store(&mut columns[1], self.c1);
        store(&mut columns[2], self.c2);
        store(&mut columns[3], self.c3);
        store(&mut columns[4], self.c4);
    }
}

/// The products of different limbs, once each.
#[inline]
#[target_feature(enable = "avx2")]
fn cross_products<const N: usize, const FIRST: bool>(t: &mut Columns, x: &Limbs<N>, start: usize) {
    let a = load_block(&x.0[start..]);
    let t = &mut t.0[2 * start..];
    let mut w = Window::zero();
    // Inside the block, limb j meets limbs 0 to j − 1; column 0 of the window is column j.
    macro_rules! triangle {
        ($j:literal) => {
            w.add_products::<$j>(a[$j], &a);
            if FIRST { w.emit::<false>(&mut t[$j]) } else { w.emit::<true>(&mut t[$j]) }
        };
    }
    triangle!(1);
    triangle!(2);
    triangle!(3);
    triangle!(4);
    for (digit, column) in x.0[start + BLOCK..].iter().zip(&mut t[BLOCK..]) {
        w.add_products::<BLOCK>(load(digit), &a);
        if FIRST { w.emit::<false>(column) } else { w.emit::<true>(column) }
    }
    w.flush(&mut t[N - start..]);
}

/// The products of five limbs of x with all of y.
#[inline]
#[target_feature(enable = "avx2")]
fn products<const N: usize, const FIRST: bool>(t: &mut Columns, x: &Limbs<N>, y: &Limbs<N>, start: usize) {
    let a = load_block(&x.0[start..]);
    let t = &mut t.0[start..];
    let mut w = Window::zero();
    for (digit, column) in y.0.iter().zip(&mut *t) {
        w.add_products::<BLOCK>(load(digit), &a);
        if FIRST { w.emit::<false>(column) } else { w.emit::<true>(column) }
    }
    w.flush(&mut t[N..]);
}

/// A column of the finished product. A square doubles the cross products here and adds the limb's own square to
/// the even columns.
#[inline]
#[target_feature(enable = "avx2")]
fn first_read<const N: usize, const SQUARE: bool>(t: &Columns, x: &Limbs<N>, column: usize) -> Vector {
    let value = load(&t.0[column]);
    if !SQUARE {
        return value;
    }
    let doubled = _mm256_add_epi64(value, value);
    if column % 2 == 1 {
        return doubled;
    }
    let limb = load(&x.0[column / 2]);
    _mm256_add_epi64(doubled, _mm256_mul_epu32(limb, limb))
}

/// Five steps of the reduction, from column `start`: columns `start` to `start` + 4 become zero, and `start` + 5
/// onwards receive the products.
#[inline]
#[target_feature(enable = "avx2")]
fn reduce_block<const N: usize, const SQUARE: bool>(
    x: &Limbs<N>,
    n: &Limbs<N>,
    n0: Vector,
    t: &mut Columns,
    start: usize,
) {
    let limb_mask = _mm256_set1_epi64x(LIMB);
    // Columns below this one were read and stored by the block before.
    let known = if start == 0 { 0 } else { start + N - 1 };
    macro_rules! column {
        ($index:expr) => {{
            let index = $index;
            if index < known { load(&t.0[index]) } else { first_read::<N, SQUARE>(t, x, index) }
        }};
    }
    let mut w = Window {
        c0: column!(start),
        c1: column!(start + 1),
        c2: column!(start + 2),
        c3: column!(start + 3),
        c4: column!(start + 4),
    };
    // The digits, one a column, with the lowest five limbs of n.
    let low = load_block(&n.0);
    let mut digits = [_mm256_setzero_si256(); BLOCK];
    for (i, digit) in digits.iter_mut().enumerate() {
        let m = _mm256_and_si256(_mm256_mul_epu32(w.c0, n0), limb_mask);
        w.add_products::<BLOCK>(m, &low);
        w.c1 = _mm256_add_epi64(w.c1, _mm256_srli_epi64::<RADIX>(w.c0));
        *digit = m;
        w.shift(column!(start + i + BLOCK));
    }
    for j in BLOCK..N {
        w.add_products::<BLOCK>(load(&n.0[j]), &digits);
        let lowest = w.c0;
        let incoming = if j + 1 < N { column!(start + j + BLOCK) } else { _mm256_setzero_si256() };
        w.shift(incoming);
        store(&mut t.0[start + j], lowest);
    }
    let t = &mut t.0[start + N..];
    store(&mut t[0], w.c0);
    store(&mut t[1], w.c1);
    store(&mut t[2], w.c2);
    store(&mut t[3], w.c3);
}

#[inline]
#[target_feature(enable = "avx2")]
fn reduce<const N: usize, const SQUARE: bool>(
    x: &mut Limbs<N>,
    n: &Limbs<N>,
    n0: &Row,
    double: Vector,
    t: &mut Columns,
) {
    let n0 = load(n0);
    for start in (0..N).step_by(BLOCK) {
        reduce_block::<N, SQUARE>(x, n, n0, t, start);
    }
    let limb_mask = _mm256_set1_epi64x(LIMB);
    let (mut carry, mut doubling_carry) = (_mm256_setzero_si256(), _mm256_setzero_si256());
    for (limb, column) in x.0.iter_mut().zip(&t.0[N..]) {
        let sum = _mm256_add_epi64(load(column), carry);
        carry = _mm256_srli_epi64::<RADIX>(sum);
        let once = _mm256_and_si256(sum, limb_mask);
        let doubled =
            _mm256_add_epi64(_mm256_add_epi64(once, _mm256_and_si256(once, double)), doubling_carry);
        doubling_carry = _mm256_srli_epi64::<RADIX>(doubled);
        store(limb, _mm256_and_si256(doubled, limb_mask));
    }
}

#[target_feature(enable = "avx2")]
fn square<const N: usize>(x: &mut Limbs<N>, n: &Limbs<N>, n0: &Row, double: &Row, t: &mut Columns) {
    store(&mut t.0[0], _mm256_setzero_si256());
    cross_products::<N, true>(t, x, 0);
    for start in (BLOCK..N).step_by(BLOCK) {
        cross_products::<N, false>(t, x, start);
    }
    store(&mut t.0[2 * N - 1], _mm256_setzero_si256());
    reduce::<N, true>(x, n, n0, load(double), t);
}

#[target_feature(enable = "avx2")]
fn multiply<const N: usize>(x: &mut Limbs<N>, y: &Limbs<N>, n: &Limbs<N>, n0: &Row, t: &mut Columns) {
    products::<N, true>(t, x, y, 0);
    for start in (BLOCK..N).step_by(BLOCK) {
        products::<N, false>(t, x, y, start);
    }
    reduce::<N, false>(x, n, n0, _mm256_setzero_si256(), t);
}

/// out ← table[digit], lane by lane; every entry is read.
#[target_feature(enable = "avx2")]
fn select<const N: usize>(out: &mut Limbs<N>, table: &[Limbs<N>; TABLE], digits: &Row) {
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
    #[expect(clippy::cast_possible_truncation, reason = "N is at most 75")]
    const BITS: u32 = 28 * N as u32;
    const RADIX: u32 = 28;
    const LIMBS: usize = N;
    type Num = Limbs<N>;
    type Scratch = Columns;

    fn zero() -> Limbs<N> {
        Limbs([[0; LANES]; N])
    }

    fn scratch() -> Columns {
        Columns([[0; LANES]; COLUMNS])
    }

    fn limb(num: &Limbs<N>, lane: usize, index: usize) -> u64 {
        num.0[index][lane]
    }

    fn set_limb(num: &mut Limbs<N>, lane: usize, index: usize, limb: u64) {
        num.0[index][lane] = limb;
    }

    fn square(self, x: &mut Limbs<N>, modulus: &Modulus<Self>, double: u8, t: &mut Columns) {
        let double = [0, 1, 2, 3].map(|lane| 0u64.wrapping_sub(u64::from(double >> lane & 1)));
        // SAFETY: an `Avx2` exists only where the processor has the feature.
        unsafe { square(x, &modulus.n, lanes(&modulus.n0), &double, t) }
    }

    fn multiply(self, x: &mut Limbs<N>, y: &Limbs<N>, modulus: &Modulus<Self>, t: &mut Columns) {
        // SAFETY: as in `square`.
        unsafe { multiply(x, y, &modulus.n, lanes(&modulus.n0), t) }
    }

    fn select(self, out: &mut Limbs<N>, table: &[Limbs<N>; TABLE], digits: &[u64; MAX_LANES]) {
        // SAFETY: as in `square`.
        unsafe { select(out, table, lanes(digits)) }
    }
}

/// The first four of the most lanes that there are.
fn lanes(row: &[u64; MAX_LANES]) -> &Row {
    row.first_chunk().unwrap_or_else(|| unreachable!())
}

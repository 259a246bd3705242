//! Integers of N words of 64 bits, least significant first: carries, sums, products.
//!
//! The curves' residues and RSA's portable kernel spend their time here. No function branches on a
//! value or indexes by one.

/// Repeats statements with a constant counter from 0 up to the limit, at most 8: straight-line
/// code, independent of the optimizer's decisions on loops.
macro_rules! unrolled {
    ($i:ident < $limit:expr => $body:block) => {
        unrolled!(@ $i $limit, $body, 0 1 2 3 4 5 6 7)
    };
    (@ $i:ident $limit:expr, $body:block, $($value:literal)*) => {
        $({
            const $i: usize = $value;
            #[allow(clippy::absurd_extreme_comparisons)] // at the ends of the counters
            if $i < $limit $body
        })*
    };
}
pub(crate) use unrolled;

/// A product: its lower and its upper words.
pub(crate) type WideProduct<const N: usize> = [[u64; N]; 2];

/// a·b, by rows.
#[inline(always)]
pub(crate) fn product<const N: usize>(a: &[u64; N], b: &[u64; N]) -> WideProduct<N> {
    let (mut low, mut sum) = ([0; N], [0; N]);
    unrolled!(I < N => {
        low[I] = multiply_add_row(&mut sum, a, b[I], 0);
    });
    [low, sum]
}

/// sum + a·b + c: returns the lowest word, and leaves the others in `sum`.
#[inline(always)]
pub(crate) fn multiply_add_row<const N: usize>(sum: &mut [u64; N], a: &[u64; N], b: u64, c: u64) -> u64 {
    let (low, mut above) = multiply_add(sum[0], a[0], b, c);
    for j in 1..N {
        (sum[j - 1], above) = multiply_add(sum[j], a[j], b, above);
    }
    sum[N - 1] = above;
    low
}

/// a²: the products off the diagonal, computed once and doubled, and the squares.
#[inline(always)]
#[allow(unused_assignments)] // in the last of the repeated statements
pub(crate) fn square<const N: usize>(a: &[u64; N]) -> WideProduct<N> {
    let mut wide = [[0; N]; 2];
    let words = wide.as_flattened_mut();
    unrolled!(I < N => {
        let mut above = 0;
        for j in I + 1..N {
            (words[I + j], above) = multiply_add(words[I + j], a[I], a[j], above);
        }
        words[I + N] = above;
    });
    let (mut before, mut carry) = (0, 0);
    unrolled!(I < N => {
        let (low, high) = multiply_add(0, a[I], a[I], 0);
        let doubled = [words[2 * I] << 1 | before >> 63, words[2 * I + 1] << 1 | words[2 * I] >> 63];
        before = words[2 * I + 1];
        (words[2 * I], carry) = add_carry(doubled[0], low, carry);
        (words[2 * I + 1], carry) = add_carry(doubled[1], high, carry);
    });
    wide
}

/// a·b as its lower N words and the highest one: all products first, then one chain of carries.
#[inline(always)]
pub(crate) fn multiply_row<const N: usize>(a: &[u64; N], b: u64) -> ([u64; N], u64) {
    let products = a.map(|a| multiply_add(0, a, b, 0));
    let mut row = [0; N];
    let (mut above, mut carry) = (0, 0);
    for (word, (low, high)) in row.iter_mut().zip(products) {
        (*word, carry) = add_carry(above, low, carry);
        above = high;
    }
    (row, above + carry)
}

/// a + b and the carry.
#[inline(always)]
pub(crate) fn add<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], u64) {
    let mut sum = [0; N];
    let mut carry = 0;
    for (word, (&a, &b)) in sum.iter_mut().zip(a.iter().zip(b)) {
        (*word, carry) = add_carry(a, b, carry);
    }
    (sum, carry)
}

/// a − b and the borrow.
#[inline(always)]
pub(crate) fn subtract<const N: usize>(a: &[u64; N], b: &[u64; N]) -> ([u64; N], u64) {
    let mut difference = [0; N];
    let mut borrow = 0;
    for (word, (&a, &b)) in difference.iter_mut().zip(a.iter().zip(b)) {
        (*word, borrow) = subtract_borrow(a, b, borrow);
    }
    (difference, borrow)
}

/// a + (b & mask), modulo 2^(64·N).
#[inline(always)]
pub(crate) fn add_masked<const N: usize>(a: &[u64; N], b: &[u64; N], mask: u64) -> [u64; N] {
    let (sum, _) = add(a, &b.map(|word| word & mask));
    sum
}

/// The value t + top·2^(64·N) < 2·m, reduced below m.
#[inline(always)]
pub(crate) fn subtract_if_not_below<const N: usize>(t: &[u64; N], top: u64, m: &[u64; N]) -> [u64; N] {
    let (reduced, borrow) = subtract(t, m);
    let (_, below) = subtract_borrow(top, 0, borrow);
    add_masked(&reduced, m, 0u64.wrapping_sub(below))
}

/// All ones if every word is zero, else zero.
pub(crate) fn zero_mask<const N: usize>(words: &[u64; N]) -> u64 {
    let any = words.iter().fold(0, |any, word| any | word);
    // The top bit of x | −x is set for every x but zero.
    ((any | any.wrapping_neg()) >> 63).wrapping_sub(1)
}

/// t + a·b + carry as (low, high); never overflows.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)] // the two halves of a 128-bit word
fn multiply_add(t: u64, a: u64, b: u64, carry: u64) -> (u64, u64) {
    let wide = u128::from(a) * u128::from(b) + u128::from(t) + u128::from(carry);
    (wide as u64, (wide >> 64) as u64)
}

// On x86-64 these are intrinsics: the compiler splits a sum with a constant into comparisons and
// increments, and the subtraction of a modulus then takes three times the instructions.
// MemorySanitizer does not know the intrinsics.

/// a + b + carry as (sum, carry).
#[inline(always)]
pub(crate) fn add_carry(a: u64, b: u64, carry: u64) -> (u64, u64) {
    #[cfg(all(target_arch = "x86_64", not(feature = "ct-msan")))]
    {
        let mut sum = 0;
        let carry = core::arch::x86_64::_addcarry_u64(u8::from(carry != 0), a, b, &mut sum);
        (sum, u64::from(carry))
    }
    #[cfg(not(all(target_arch = "x86_64", not(feature = "ct-msan"))))]
    {
        let (sum, carry) = a.carrying_add(b, carry != 0);
        (sum, u64::from(carry))
    }
}

/// a − b − borrow as (difference, borrow).
#[inline(always)]
pub(crate) fn subtract_borrow(a: u64, b: u64, borrow: u64) -> (u64, u64) {
    #[cfg(all(target_arch = "x86_64", not(feature = "ct-msan")))]
    {
        let mut difference = 0;
        let borrow = core::arch::x86_64::_subborrow_u64(u8::from(borrow != 0), a, b, &mut difference);
        (difference, u64::from(borrow))
    }
    #[cfg(not(all(target_arch = "x86_64", not(feature = "ct-msan"))))]
    {
        let (difference, borrow) = a.borrowing_sub(b, borrow != 0);
        (difference, u64::from(borrow))
    }
}

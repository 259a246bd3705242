//! Trial division with AVX-512 IFMA: the method of [`sieve`](crate::rsa::sieve) in radix 2^52.
//!
//! Three primes below 2^17 make a product P < 2^51, and eight products fill a vector. A limb takes
//! two multiply-adds and three other instructions per vector, in a chain of nine cycles. Four
//! vectors side by side fill those nine cycles on a processor that issues one multiply-add per
//! cycle; where it issues two, eight vectors are needed. Most candidates fail at the first few
//! primes, so the first group has four vectors and the others eight.

use core::arch::x86_64::{
    _mm512_add_epi64, _mm512_cmple_epu64_mask, _mm512_madd52hi_epu64, _mm512_madd52lo_epu64,
    _mm512_set1_epi64, _mm512_setzero_si512, _mm512_srli_epi64,
};
use std::sync::LazyLock;

use crate::backend::Ifma;
use crate::ct;
use crate::rsa::int::inverse_mod_2_64;
use crate::rsa::sieve;
use crate::vector::load_512 as load;

const LANES: usize = 8;
const PRIMES: usize = 3;
/// The vectors of the first group, and of every other one.
const FIRST: usize = 4;
const VECTORS: usize = 8;
const LIMB: u64 = (1 << 52) - 1;
/// The limbs of a 2048-bit candidate.
const MAX_LIMBS: usize = 40;

/// One vector of products, and for each product's three primes p⁻¹ mod 2^52 and ⌊(2^52 − 1)/p⌋.
#[repr(C, align(64))]
#[derive(Clone, Copy)]
struct IfmaProducts {
    product: [u64; LANES],
    negated_inverse: [u64; LANES],
    inverse: [[u64; LANES]; PRIMES],
    limit: [[u64; LANES]; PRIMES],
}

static ALL: LazyLock<Vec<IfmaProducts>> = LazyLock::new(|| {
    let primes = sieve::odd_primes(2 * sieve::BOUND);
    let mut all: Vec<_> = primes.chunks(LANES * PRIMES).map(products).collect();
    // Whole groups: the last one is filled with vectors of the groups before.
    let whole = FIRST + (all.len() - FIRST).next_multiple_of(VECTORS);
    all.extend_from_within(..whole - all.len());
    all
});

/// The products of one vector. Unused places repeat the first prime.
fn products(primes: &[u64]) -> IfmaProducts {
    let prime = |lane: usize, i: usize| primes.get(i * LANES + lane).copied().unwrap_or(primes[0]);
    let product: [u64; LANES] = core::array::from_fn(|lane| (0..PRIMES).map(|i| prime(lane, i)).product());
    let inverse = |i: usize| core::array::from_fn(|lane| inverse_mod_2_64(prime(lane, i)) & LIMB);
    let limit = |i: usize| core::array::from_fn(|lane| LIMB / prime(lane, i));
    IfmaProducts {
        product,
        negated_inverse: product.map(|p| inverse_mod_2_64(p).wrapping_neg() & LIMB),
        inverse: core::array::from_fn(inverse),
        limit: core::array::from_fn(limit),
    }
}

/// The groups that hold the 6541 odd primes below 2^16, after the first.
const GROUPS_BELOW_BOUND: usize = (6541usize.div_ceil(LANES * PRIMES) - FIRST).div_ceil(VECTORS);

/// The first group and the others. The bound is [`sieve::BOUND`] for 1024-bit candidates and twice
/// that for longer ones, whose exponentiation costs more in proportion.
fn groups_for(words: usize) -> (&'static [IfmaProducts; FIRST], &'static [[IfmaProducts; VECTORS]]) {
    let (first, others) = ALL.split_first_chunk().unwrap_or_else(|| unreachable!());
    let groups = others.as_chunks().0;
    (first, if words <= 16 { &groups[..GROUPS_BELOW_BOUND] } else { groups })
}

/// Whether a small prime divides the candidate.
pub(crate) fn has_small_factor(_: Ifma, candidate: &[u64]) -> bool {
    let mut limbs = [0; MAX_LIMBS];
    let count = (64 * candidate.len()).div_ceil(52);
    for (index, limb) in limbs[..count].iter_mut().enumerate() {
        let (word, bit) = (index * 52 / 64, index * 52 % 64);
        let above = candidate.get(word + 1).map_or(0, |x| x << 1 << (63 - bit));
        *limb = (candidate[word] >> bit | above) & LIMB;
    }
    let limbs = &limbs[..count];
    let (first, others) = groups_for(candidate.len());
    // SAFETY: an `Ifma` exists only if the processor has the features.
    unsafe { group_divides(first, limbs) || others.iter().any(|group| group_divides(group, limbs)) }
}

/// Whether a prime of the group divides the number of these limbs.
///
/// r ≤ P + 1 throughout: (r + limb + q·P)/2^52 < (2^52 + P + 1 + 2^52·P)/2^52. The low halves of
/// r + limb and of q·P add up to 0 or 2^52, so their carry is (r + limb)/2^52, rounded up.
#[target_feature(enable = "avx512f,avx512ifma")]
fn group_divides<const V: usize>(group: &[IfmaProducts; V], limbs: &[u64]) -> bool {
    let zero = _mm512_setzero_si512();
    let limb_mask = _mm512_set1_epi64(LIMB.cast_signed());
    let (mut product, mut negated_inverse) = ([zero; V], [zero; V]);
    for i in 0..V {
        product[i] = load(&group[i].product);
        negated_inverse[i] = load(&group[i].negated_inverse);
    }
    let mut r = [zero; V];
    for limb in limbs {
        let limb = _mm512_set1_epi64(limb.cast_signed());
        for i in 0..V {
            let y = _mm512_add_epi64(r[i], limb);
            let q = _mm512_madd52lo_epu64(zero, y, negated_inverse[i]);
            let carry = _mm512_srli_epi64::<52>(_mm512_add_epi64(y, limb_mask));
            r[i] = _mm512_madd52hi_epu64(carry, q, product[i]);
        }
    }
    let mut divisible = 0;
    for (r, products) in r.into_iter().zip(group) {
        for (inverse, limit) in products.inverse.iter().zip(&products.limit) {
            let quotient = _mm512_madd52lo_epu64(zero, r, load(inverse));
            divisible |= _mm512_cmple_epu64_mask(quotient, load(limit));
        }
    }
    // A candidate with a factor is discarded, and primes have none, so the verdict may be public.
    ct::public(divisible) != 0
}

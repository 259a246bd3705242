//! Trial division with AVX2: the method of [`sieve`](crate::rsa::sieve) in radix 2^32.
//!
//! Two primes below 2^16 make a product P < 2^32. Four products fill a vector, because `vpmuludq`
//! reads the lower halves of four 64-bit lanes. A sum r + limb + q·P fits a lane, carries included.
//! A limb takes two multiplications and three other instructions per vector, in a chain of some
//! eleven cycles, which eight vectors side by side fill. Four would be slower than the portable
//! code.

use core::arch::x86_64::{
    _mm256_add_epi64, _mm256_cmpeq_epi32, _mm256_min_epu32, _mm256_movemask_epi8, _mm256_mul_epu32,
    _mm256_or_si256, _mm256_set1_epi64x, _mm256_setzero_si256, _mm256_srli_epi64,
};
use std::sync::LazyLock;

use crate::backend::Avx2;
use crate::ct;
use crate::rsa::int::inverse_mod_2_64;
use crate::rsa::sieve;
use crate::vector::load_256 as load;

const LANES: usize = 4;
const VECTORS: usize = 8;
const PRIMES: usize = 2;
/// The primes of a group.
const GROUP: usize = LANES * VECTORS * PRIMES;
const LIMB: u64 = (1 << 32) - 1;

/// One vector of products, and for each product's two primes p⁻¹ mod 2^32 and ⌊(2^32 − 1)/p⌋.
#[repr(C, align(64))]
struct Avx2Products {
    product: [u64; LANES],
    negated_inverse: [u64; LANES],
    inverse: [[u64; LANES]; PRIMES],
    limit: [[u64; LANES]; PRIMES],
}

static GROUPS: LazyLock<Vec<[Avx2Products; VECTORS]>> = LazyLock::new(|| {
    let primes = sieve::odd_primes(sieve::BOUND);
    primes.chunks(GROUP).map(|group| core::array::from_fn(|vector| products(group, vector))).collect()
});

/// The products of one vector of the group. Unused places repeat the group's first prime.
fn products(group: &[u64], vector: usize) -> Avx2Products {
    let prime = |lane: usize, i: usize| {
        let place = (i * VECTORS + vector) * LANES + lane;
        group.get(place).copied().unwrap_or(group[0])
    };
    let product: [u64; LANES] = core::array::from_fn(|lane| (0..PRIMES).map(|i| prime(lane, i)).product());
    let inverse = |i: usize| core::array::from_fn(|lane| inverse_mod_2_64(prime(lane, i)) & LIMB);
    let limit = |i: usize| core::array::from_fn(|lane| LIMB / prime(lane, i));
    Avx2Products {
        product,
        negated_inverse: product.map(|p| inverse_mod_2_64(p).wrapping_neg() & LIMB),
        inverse: core::array::from_fn(inverse),
        limit: core::array::from_fn(limit),
    }
}

/// Whether a prime below [`sieve::BOUND`] divides the candidate.
pub(crate) fn has_small_factor(_: Avx2, candidate: &[u64]) -> bool {
    // SAFETY: an `Avx2` exists only if the processor has the feature.
    GROUPS.iter().any(|group| unsafe { group_divides(group, candidate) })
}

/// Whether a prime of the group divides the number of these words.
///
/// r ≤ P throughout: r + limb + q·P ≤ P + (2^32 − 1)·(P + 1) < 2^32·(P + 1), and P ≤ 65519·65521
/// makes that less than 2^64.
#[target_feature(enable = "avx2")]
fn group_divides(group: &[Avx2Products; VECTORS], words: &[u64]) -> bool {
    let (mut product, mut negated_inverse) =
        ([_mm256_setzero_si256(); VECTORS], [_mm256_setzero_si256(); VECTORS]);
    for i in 0..VECTORS {
        product[i] = load(&group[i].product);
        negated_inverse[i] = load(&group[i].negated_inverse);
    }
    let mut r = [_mm256_setzero_si256(); VECTORS];
    for word in words {
        for limb in [word & LIMB, word >> 32] {
            let limb = _mm256_set1_epi64x(limb.cast_signed());
            for i in 0..VECTORS {
                let y = _mm256_add_epi64(r[i], limb);
                let q = _mm256_mul_epu32(y, negated_inverse[i]);
                r[i] = _mm256_srli_epi64::<32>(_mm256_add_epi64(y, _mm256_mul_epu32(q, product[i])));
            }
        }
    }
    let mut divisible = _mm256_setzero_si256();
    for (r, products) in r.into_iter().zip(group) {
        for (inverse, limit) in products.inverse.iter().zip(&products.limit) {
            let quotient = _mm256_mul_epu32(r, load(inverse));
            // Compared in the lower halves: quotient ≤ limit if it is the lesser of both.
            let lesser = _mm256_min_epu32(quotient, load(limit));
            let small = _mm256_cmpeq_epi32(lesser, quotient);
            divisible = _mm256_or_si256(divisible, small);
        }
    }
    const LOWER_HALVES: i32 = 0x0f0f_0f0f;
    // A candidate with a factor is discarded, and primes have none, so the verdict may be public.
    ct::public(_mm256_movemask_epi8(divisible) & LOWER_HALVES) != 0
}

//! Trial division by the odd primes below a bound, without residue tables: one candidate at a time,
//! several products of primes side by side.
//!
//! Primes are packed into products P. A candidate is reduced modulo P from its lowest limb by
//! Montgomery's rule, r ← (r + limb + q·P)/2^radix with q = −(r + limb)/P mod 2^radix. The result,
//! candidate·2^(−radix·limbs) mod P up to one multiple of P, is divisible by a prime p of P exactly
//! if the candidate is. An odd p divides r < 2^radix exactly if r·p⁻¹ mod 2^radix ≤ ⌊(2^radix −
//! 1)/p⌋: the inverse maps the multiples of p, and no others, to small numbers.
//!
//! The division stops at the first group with a factor. That reveals only which candidates were
//! rejected.
//!
//! This file is the portable version; `avx2_sieve` and `ifma_sieve` are the vector ones.

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the call of a target-feature function")]
pub(crate) mod avx2_sieve;
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the call of a target-feature function")]
pub(crate) mod ifma_sieve;

use std::sync::LazyLock;

use crate::ct;
use crate::rsa::int::inverse_mod_2_64;

/// Candidates of 1024 bits are divided by the primes below this. The number of survivors falls with
/// 1/ln(bound), the cost grows with the number of primes; the optimum is flat from 2^15 to 2^17.
pub(crate) const BOUND: usize = 1 << 16;

/// The odd primes below a bound.
pub(crate) fn odd_primes(bound: usize) -> Vec<u64> {
    let mut composite = vec![false; bound];
    let mut primes = Vec::new();
    for n in (3..bound).step_by(2) {
        if composite[n] {
            continue;
        }
        primes.push(n as u64);
        for multiple in (n * n..bound).step_by(2 * n) {
            composite[multiple] = true;
        }
    }
    primes
}

/// At most four primes whose product is below 2^64.
struct Product {
    /// P and −P⁻¹ mod 2^64.
    product: u64,
    negated_inverse: u64,
    /// p⁻¹ mod 2^64 and ⌊(2^64 − 1)/p⌋. Unused places repeat the first prime.
    primes: [(u64, u64); 4],
}

/// Products that are reduced side by side, to hide the latency of the multiplications.
const INTERLEAVED: usize = 4;

fn product(primes: &[u64]) -> Product {
    let at = |i: usize| primes.get(i).copied().unwrap_or(primes[0]);
    let product = primes.iter().product::<u64>();
    Product {
        product,
        negated_inverse: inverse_mod_2_64(product).wrapping_neg(),
        primes: [0, 1, 2, 3].map(|i| (inverse_mod_2_64(at(i)), u64::MAX / at(i))),
    }
}

/// Four primes per product below [`BOUND`], three from there to twice the bound, whose product is
/// below 2^51.
static PRODUCTS: LazyLock<Vec<Product>> = LazyLock::new(|| {
    let primes = odd_primes(2 * BOUND);
    let (below, above) = primes.split_at(PRIMES_BELOW_BOUND);
    // Whole groups of products: an incomplete last one repeats the first product.
    let whole = |primes: &[u64], size: usize| {
        let count = primes.len().div_ceil(size);
        let mut products: Vec<_> = primes.chunks(size).map(product).collect();
        products.extend((count..count.next_multiple_of(INTERLEAVED)).map(|_| product(&primes[..size])));
        products
    };
    let mut products = whole(below, 4);
    products.extend(whole(above, 3));
    products
});

/// The number of odd primes below [`BOUND`].
const PRIMES_BELOW_BOUND: usize = 6541;
const GROUPS_BELOW_BOUND: usize = PRIMES_BELOW_BOUND.div_ceil(4 * INTERLEAVED);

/// The groups for a candidate of that many words: primes below [`BOUND`] for 1024 bits, below twice
/// that for longer candidates, whose exponentiation costs more.
fn groups_for(words: usize) -> &'static [[Product; INTERLEAVED]] {
    let groups = PRODUCTS.as_chunks().0;
    if words <= 16 { &groups[..GROUPS_BELOW_BOUND] } else { groups }
}

/// Whether a small prime divides the candidate. Radix 2^64.
pub(crate) fn has_small_factor(candidate: &[u64]) -> bool {
    groups_for(candidate.len()).iter().any(|group| {
        let mut r = [0u64; INTERLEAVED];
        for word in candidate {
            for (r, p) in r.iter_mut().zip(group) {
                let (y, carry) = r.overflowing_add(*word);
                let q = y.wrapping_mul(p.negated_inverse);
                let (_, high) = q.carrying_mul(p.product, 0);
                // The low halves cancel and carry one unless both are zero. The result is at most
                // P + 1 < 2^64.
                *r = high + u64::from(carry) + u64::from(y != 0);
            }
        }
        let mut divisible = 0u8;
        for (r, p) in r.iter().zip(group) {
            for (inverse, limit) in &p.primes {
                divisible |= u8::from(r.wrapping_mul(*inverse) <= *limit);
            }
        }
        // A candidate with a factor is discarded, and primes have none, so the verdict may be
        // public.
        ct::public(divisible) != 0
    })
}

#[cfg(test)]
mod tests;

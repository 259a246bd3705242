//! Trial division by the odd primes below a bound, without residue tables: one candidate at a time, several
//! products of primes side by side.
//!
//! Primes are packed to products P. A candidate is reduced modulo P from its lowest limb by Montgomery's rule, r ←
//! (r + limb + q·P)/2^radix with q = −(r + limb)/P mod 2^radix; the result, candidate·2^(−radix·limbs) mod P up to
//! one multiple of P, is divisible by a prime p of P exactly where the candidate is. An odd p divides r < 2^radix
//! where r·p⁻¹ mod 2^radix ≤ ⌊(2^radix − 1)/p⌋: multiples of p are the numbers that the inverse keeps small.
//!
//! It leaves at the first group with a factor. That shows only which candidates were rejected.

use std::sync::LazyLock;

use crate::ct;
use crate::int::inverse_mod_2_64;

/// Primes below this are tried. The survivors' number falls with 1/ln(bound), the cost grows with the number of
/// primes: flat from 2^15 to 2^17.
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

/// Four primes below 2^16, whose product is below 2^64.
struct Product {
    /// P and −P⁻¹ mod 2^64.
    product: u64,
    negated_inverse: u64,
    /// p⁻¹ mod 2^64 and ⌊(2^64 − 1)/p⌋.
    primes: [(u64, u64); 4],
}

/// Products that are reduced side by side, to hide the latency of the multiplications.
const INTERLEAVED: usize = 4;

static PRODUCTS: LazyLock<Vec<[Product; INTERLEAVED]>> = LazyLock::new(|| {
    let primes = odd_primes(BOUND);
    let product = |four: &[u64]| {
        let at = |i: usize| four.get(i).copied().unwrap_or(four[0]);
        let product = four.iter().product::<u64>();
        Product {
            product,
            negated_inverse: inverse_mod_2_64(product).wrapping_neg(),
            primes: [0, 1, 2, 3].map(|i| (inverse_mod_2_64(at(i)), u64::MAX / at(i))),
        }
    };
    primes
        .chunks(4 * INTERLEAVED)
        .map(|group| {
            core::array::from_fn(|i| {
                product(group.get(4 * i..(4 * i + 4).min(group.len())).unwrap_or(&group[..1]))
            })
        })
        .collect()
});

/// Whether a prime below [`BOUND`] divides the candidate. Portable: radix 2^64.
pub(crate) fn has_small_factor(candidate: &[u64]) -> bool {
    PRODUCTS.iter().any(|group| {
        let mut r = [0u64; INTERLEAVED];
        for word in candidate {
            for (r, p) in r.iter_mut().zip(group) {
                let (y, carry) = r.overflowing_add(*word);
                let q = y.wrapping_mul(p.negated_inverse);
                let (_, high) = q.carrying_mul(p.product, 0);
                // The low halves cancel, and carry one unless both are zero. At most P + 1 < 2^64.
                *r = high + u64::from(carry) + u64::from(y != 0);
            }
        }
        let mut divisible = 0u8;
        for (r, p) in r.iter().zip(group) {
            for (inverse, limit) in &p.primes {
                divisible |= u8::from(r.wrapping_mul(*inverse) <= *limit);
            }
        }
        // A factor is the end of a candidate; that there is none is true of every prime.
        ct::public(divisible) != 0
    })
}

//! Signs of a weak key: its numbers belong together and its primes are prime, but others can factor
//! the modulus.

use std::sync::LazyLock;

use crate::rsa::int::{self, Words, make_odd};
use crate::rsa::montgomery::{self, DoubleWidth};
use crate::rsa::sieve::odd_primes;

/// The multipliers for which the primes must be apart.
const MULTIPLIERS: core::ops::RangeInclusive<u64> = 1..=8;

/// 1 if |p − q| > 2^(nlen/2 − 100) (FIPS 186-5 A.1.3 step 5.5), and |b·p − a·q|, too, for small a and
/// b. Fermat's method, with Lehman's multipliers a·b, factors n in (b·p − a·q)²/√(64·a·b·n) steps.
pub(crate) fn multiples_are_apart(p: &[u64], q: &[u64], modulus_bits: usize) -> u64 {
    let bound = modulus_bits / 2 - 100;
    let coprime = |(a, b): &(u64, u64)| (2..=*MULTIPLIERS.end()).all(|k| a % k != 0 || b % k != 0);
    MULTIPLIERS.flat_map(|a| MULTIPLIERS.map(move |b| (a, b))).filter(coprime).fold(1, |apart, (a, b)| {
        let (mut difference, subtrahend) = (multiple(p, b), multiple(q, a));
        let same = int::equal(&difference, &subtrahend);
        let negative = int::mask(int::sub(&mut difference, &subtrahend));
        // The complement of a negative number is its absolute value minus one.
        difference.iter_mut().for_each(|x| *x ^= negative);
        let mut one = int::zero(difference.len());
        one[0] = 1;
        int::sub_masked(&mut difference, &one, !negative);
        let above =
            (difference[bound / 64] >> (bound % 64)) | int::is_zero(&difference[bound / 64 + 1..]) ^ 1;
        apart & (1 ^ same) & (1 ^ int::is_zero_word(above))
    })
}

/// x·factor, one word longer.
fn multiple(x: &[u64], factor: u64) -> Words {
    let mut out = int::zero(x.len() + 1);
    out[x.len()] = int::mul_word(&mut out[..x.len()], x, factor, 0);
    out
}

/// A number is smooth if all its prime factors are below this. Pollard's p − 1 method (1974) and
/// Williams's p + 1 method (1982) factor n at once if p − 1 or p + 1 is smooth.
const SMOOTH_BOUND: usize = 1 << 16;

/// The products of the odd primes below the bound, four per word.
static PRODUCTS: LazyLock<Vec<u64>> =
    LazyLock::new(|| odd_primes(SMOOTH_BOUND).chunks(4).map(|primes| primes.iter().product()).collect());

/// 1 if p − 1 or p + 1 is smooth, for a prime p. It is constant in time, because almost all primes
/// are accepted.
pub(crate) fn has_smooth_neighbour(p: &[u64]) -> u64 {
    let (mut below, mut above) = (int::less_one(p), int::copy(p));
    // There is no carry: 2^(64·len) − 1 is not prime.
    let mut one = int::zero(p.len());
    one[0] = 1;
    int::add(&mut above, &one);
    is_smooth(&mut below) | is_smooth(&mut above)
}

/// 1 if x > 0 is smooth, which is the case if its odd part divides a power of the product of those
/// primes (Bernstein, "How to find smooth parts of integers", 2004). Montgomery's factors 2^-64 don't
/// change what the odd part divides.
fn is_smooth(x: &mut Words) -> u64 {
    make_odd(x);
    let n0 = montgomery::negated_inverse(x);
    let mut product = int::zero(x.len());
    product[0] = 1;
    PRODUCTS.iter().for_each(|word| multiply_word(&mut product, *word, x, n0));
    // No prime divides x more than 64·len times, so this power is high enough.
    let (mut square, mut wide) = (int::zero(x.len()), DoubleWidth::new());
    for _ in 0..(64 * x.len()).ilog2() + 1 {
        montgomery::square(&mut square, &product, x, n0, &mut wide);
        core::mem::swap(&mut product, &mut square);
    }
    int::is_zero(&product)
}

/// a ← a·b/2^64 mod n.
fn multiply_word(a: &mut [u64], b: u64, n: &[u64], n0: u64) {
    let multiple = a[0].wrapping_mul(b).wrapping_mul(n0);
    let (mut of_a, mut of_n, mut word);
    (word, of_a) = a[0].carrying_mul_add(b, 0, 0);
    (_, of_n) = n[0].carrying_mul_add(multiple, word, 0);
    for i in 1..a.len() {
        (word, of_a) = a[i].carrying_mul_add(b, of_a, 0);
        (a[i - 1], of_n) = n[i].carrying_mul_add(multiple, of_n, word);
    }
    let last = a.len() - 1;
    let carry;
    (a[last], carry) = of_a.overflowing_add(of_n);
    montgomery::subtract_once(a, u64::from(carry), n);
}

/// The product M of CVE-2017-15361 contains the odd primes below this, for every size of key.
const ROCA_PRIMES: usize = 168;

/// Whether one c gives n ≡ 65537^c modulo every small prime. That holds for the keys of
/// CVE-2017-15361, whose primes are k·M + (65537^a mod M), where M is the product of the first 39
/// primes or more (Nemec et al., "The Return of Coppersmith's Attack", CCS 2017, §2). For other moduli
/// it has a probability of about 2^-150. n is public.
pub(crate) fn has_roca_fingerprint(n: &[u64]) -> bool {
    let residue = |prime: u64| {
        n.iter().rev().fold(0, |rest: u64, word| {
            let both = u128::from(rest) << 64 | u128::from(*word);
            u64::try_from(both % u128::from(prime)).unwrap_or_default()
        })
    };
    // The order of 65537 and the logarithm of n modulo each prime.
    let logarithms: Option<Vec<(u64, u64)>> = odd_primes(ROCA_PRIMES)
        .into_iter()
        .map(|prime| {
            let generator = 65_537 % prime;
            let powers = || core::iter::successors(Some(1), move |power| Some(power * generator % prime));
            let order = powers().zip(0..).skip(1).find(|(power, _)| *power == 1)?.1;
            let target = residue(prime);
            let (_, logarithm) = powers().zip(0..order).find(|(power, _)| *power == target)?;
            Some((order, logarithm))
        })
        .collect();
    // They belong to one c if every two agree modulo the gcd of their orders.
    logarithms.is_some_and(|all| {
        all.iter().all(|(order, log)| {
            all.iter()
                .all(|(other_order, other_log)| log.abs_diff(*other_log) % gcd(*order, *other_order) == 0)
        })
    })
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

//! Trial division on every backend against its definition.

use num_bigint::BigUint;
use rand_core::{Rng, SeedableRng};

use super::*;
use crate::Backend;
use crate::rsa::miller_rabin::is_probable_prime;
use crate::rsa::tests::{from_big, to_big};

type Prng = chacha20::ChaCha20Rng;
type TrialDivision = Box<dyn Fn(&[u64]) -> bool>;

/// Every implementation of trial division that this processor runs, with the number of odd primes
/// by which it divides candidates of that many words.
fn implementations(words: usize) -> Vec<(&'static str, TrialDivision, usize)> {
    const BELOW_TWICE_THE_BOUND: usize = 12_250;
    let by_length = |short: usize| if words <= 16 { short } else { BELOW_TWICE_THE_BOUND };
    let mut all: Vec<(_, TrialDivision, _)> =
        vec![("portable", Box::new(has_small_factor), by_length(PRIMES_BELOW_BOUND))];
    #[cfg(target_arch = "x86_64")]
    if let Some(token) = crate::Avx2::new() {
        let divide = move |n: &[u64]| avx2_sieve::has_small_factor(token, n);
        all.push(("avx2", Box::new(divide), PRIMES_BELOW_BOUND));
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(token) = crate::Ifma::new() {
        let divide = move |n: &[u64]| ifma_sieve::has_small_factor(token, n);
        // Whole groups: 276 vectors of 24 primes each.
        all.push(("ifma", Box::new(divide), by_length(276 * 24)));
    }
    all
}

/// A prime that leaves room for a factor of 18 bits.
fn large_prime(words: usize, rng: &mut Prng) -> BigUint {
    loop {
        let mut number: Vec<u64> = (0..words).map(|_| rng.next_u64()).collect();
        number[0] |= 1;
        number[words - 1] = number[words - 1] >> 18 | 1 << 45;
        let bytes = to_big(&number).to_bytes_be();
        if !has_small_factor(&number)
            && is_probable_prime(Backend::best(), &bytes, 5, rng).is_ok_and(|is_prime| is_prime)
        {
            return to_big(&number);
        }
    }
}

#[test]
fn every_small_prime_is_found_alone_and_no_other() {
    let mut rng = Prng::seed_from_u64(10);
    let primes = odd_primes(4 * BOUND);
    assert_eq!((primes[0], primes[PRIMES_BELOW_BOUND - 1]), (3, 65521));
    for words in [16, 24, 32] {
        let large = large_prime(words, &mut rng);
        for (name, divides, count) in implementations(words) {
            assert!(!divides(&from_big(&large, words)), "{name}");
            for (i, prime) in primes.iter().enumerate() {
                let multiple = from_big(&(&large * *prime), words);
                assert_eq!(divides(&multiple), i < count, "{name}, {words} words, {prime}");
            }
        }
    }
}

#[test]
fn random_numbers_are_divided_as_the_definition_says() {
    let mut rng = Prng::seed_from_u64(11);
    let primes = odd_primes(4 * BOUND);
    for words in [16, 24, 32] {
        let implementations = implementations(words);
        for _ in 0..200 {
            let number: Vec<u64> = (0..words).map(|_| rng.next_u64()).collect();
            let big = to_big(&number);
            let first = primes.iter().position(|prime| &big % *prime == BigUint::ZERO);
            for (name, divides, count) in &implementations {
                assert_eq!(divides(&number), first.is_some_and(|i| i < *count), "{name}, {words} words");
            }
        }
    }
}

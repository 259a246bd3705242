//! Exponentiation and the base-2 filter of every backend against an independent big-integer
//! library.

use num_bigint::BigUint;
use rand_core::{Rng, SeedableRng};

use crate::Backend;
use crate::rsa::engine;
use crate::rsa::kernel::exponentiation::Power;
use crate::rsa::miller_rabin::passes_round;
use crate::rsa::sieve;
use crate::rsa::size::ModulusSize;
use crate::rsa::tests::{from_big, to_big};

/// The number of batches of eight: `CSR_POWER_BATCHES`, by default a few.
fn batches() -> usize {
    std::env::var("CSR_POWER_BATCHES").ok().and_then(|value| value.parse().ok()).unwrap_or(2)
}

fn exponentiations(size: ModulusSize) {
    let len = size.prime_words();
    let mut rng = chacha20::ChaCha20Rng::seed_from_u64(u64::from(size.bits()));
    let mut engines: Vec<_> = Backend::available()
        .into_iter()
        .flat_map(|backend| {
            [engine::new(backend, size), engine::for_signing(backend, size)].map(|e| (backend, e))
        })
        .collect();
    let mut random = || (0..len).map(|_| rng.next_u64()).collect::<Vec<_>>();
    for batch in 0..batches() {
        let (mut moduli, mut bases, mut exponents, mut expected) = (vec![], vec![], vec![], vec![]);
        for job in 0..8 {
            let mut n = random();
            n[len - 1] |= 0b11 << 62;
            n[0] |= 1;
            let big = to_big(&n);
            let base = match (batch % 4, job) {
                (0, 0) => BigUint::ZERO,
                (0, 1) => BigUint::from(1u32),
                (0, 2) => &big - 1u32,
                _ => to_big(&random()) % &big,
            };
            let exponent = match (batch % 4, job) {
                (1, 0) => vec![0; len],
                (1, 1) => vec![u64::MAX; len],
                (1, 2) => from_big(&BigUint::from(1u32), len),
                _ => random(),
            };
            expected.push(base.modpow(&to_big(&exponent), &big));
            moduli.push(n);
            bases.push(base);
            exponents.push(exponent);
        }
        for (backend, engine) in &mut engines {
            let forms: Vec<_> = bases
                .iter()
                .zip(&moduli)
                .map(|(base, n)| from_big(&((base << engine.form_bits()) % to_big(n)), len))
                .collect();
            let mut results = vec![vec![0; len]; 8];
            let mut jobs: Vec<_> = (results.iter_mut().enumerate())
                .map(|(i, result)| Power {
                    modulus: &moduli[i],
                    base: &forms[i],
                    exponent: &exponents[i],
                    result,
                })
                .collect();
            engine.power(&mut jobs);
            for i in 0..8 {
                let (result, n) = (to_big(&results[i]), to_big(&moduli[i]));
                assert!(result <= n, "bound, {}", backend.name());
                assert_eq!(result % n, expected[i], "{}", backend.name());
            }
        }
    }
}

#[test]
fn exponentiations_of_2048_bit_keys_agree_with_num_bigint() {
    exponentiations(ModulusSize::Bits2048);
}

#[test]
fn exponentiations_of_3072_bit_keys_agree_with_num_bigint() {
    exponentiations(ModulusSize::Bits3072);
}

#[test]
fn exponentiations_of_4096_bit_keys_agree_with_num_bigint() {
    exponentiations(ModulusSize::Bits4096);
}

/// The leading bits of a candidate, on which the start value of the filter depends.
#[derive(Debug, Clone, Copy)]
enum Top {
    /// The top two bits, as key generation sets them.
    Two,
    All,
    One,
}

/// A random number of `len` words with the given residue modulo 8.
fn candidate(top: Top, residue: u64, len: usize, rng: &mut chacha20::ChaCha20Rng) -> Vec<u64> {
    let mut n: Vec<u64> = (0..len).map(|_| rng.next_u64()).collect();
    n[len - 1] = match top {
        Top::Two => n[len - 1] | 0b11 << 62,
        Top::All => n[len - 1] | !(u64::MAX >> 12),
        Top::One => n[len - 1] >> 12 | 1 << 63,
    };
    n[0] = n[0] & !7 | residue;
    n
}

fn prime_like(top: Top, residue: u64, len: usize, rng: &mut chacha20::ChaCha20Rng) -> Vec<u64> {
    loop {
        let n = candidate(top, residue, len, rng);
        let bytes = to_big(&n).to_bytes_be();
        if !sieve::has_small_factor(&n) && passes_round(Backend::best(), &bytes, &[3]).unwrap() {
            return n;
        }
    }
}

/// A prime and a composite of each kind and residue modulo 8, one per call and in full batches.
#[test]
fn filter_agrees_with_its_definition() {
    let mut rng = chacha20::ChaCha20Rng::seed_from_u64(5);
    for size in [ModulusSize::Bits2048, ModulusSize::Bits3072, ModulusSize::Bits4096] {
        let len = size.prime_words();
        let mut numbers = Vec::new();
        for top in [Top::Two, Top::All, Top::One] {
            for residue in [1, 3, 5, 7] {
                numbers.push(prime_like(top, residue, len, &mut rng));
                numbers.push(candidate(top, residue, len, &mut rng));
            }
        }
        let expected: Vec<bool> = numbers
            .iter()
            .map(|n| {
                let big = to_big(n);
                let power = BigUint::from(2u32).modpow(&((&big - 1u32) >> 1), &big);
                let symbol = if [1, 7].contains(&(n[0] & 7)) { BigUint::from(1u32) } else { big - 1u32 };
                power == symbol
            })
            .collect();
        assert_eq!(expected, [true, false].repeat(12), "{size:?}");
        for backend in Backend::available() {
            let mut engine = engine::new(backend, size);
            for lanes in [1, engine.lanes()] {
                for (numbers, expected) in numbers.chunks(lanes).zip(expected.chunks(lanes)) {
                    let numbers: Vec<_> = numbers.iter().map(Vec::as_slice).collect();
                    let passed = engine.filter(&numbers);
                    let passed: Vec<_> = (0..lanes).map(|lane| passed >> lane & 1 == 1).collect();
                    assert_eq!(passed, expected, "{size:?}, {}", backend.name());
                }
            }
        }
    }
}

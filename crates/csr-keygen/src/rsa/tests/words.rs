//! Greatest common divisors, inverses and odd parts of run-time lengths against `num-bigint`.

use chacha20::ChaCha20Rng;
use num_bigint::BigUint;
use rand_core::{Rng, SeedableRng};

use crate::rsa::int::{gcd, invert, make_odd};

fn big(words: &[u64]) -> BigUint {
    words.iter().rev().fold(BigUint::ZERO, |number, &word| (number << 64u32) + word)
}

fn words(number: &BigUint, len: usize) -> Vec<u64> {
    let mut words = number.to_u64_digits();
    words.resize(len, 0);
    words
}

/// Random odd numbers with their top bit set, as primes have it, and the extremes.
fn moduli(rng: &mut ChaCha20Rng, len: usize) -> Vec<Vec<u64>> {
    let mut moduli = vec![vec![u64::MAX; len], vec![0; len]];
    for _ in 0..30 {
        moduli.push((0..len).map(|_| rng.next_u64()).collect());
    }
    for modulus in &mut moduli {
        modulus[0] |= 1;
        modulus[len - 1] |= 1 << 63;
    }
    moduli
}

#[test]
fn inverses_agree_with_num_bigint() {
    let mut rng = ChaCha20Rng::seed_from_u64(61);
    let mut missing = 0;
    for len in [1, 4, 16, 24, 32] {
        for modulus in moduli(&mut rng, len) {
            let n = big(&modulus);
            let largest = (BigUint::from(1u8) << (64 * len)) - 1u8; // below 2n
            let random = words(&(big(&vec![rng.next_u64(); len]) % &n), len);
            let ends = [BigUint::from(1u8), BigUint::from(2u8), &n - 1u8, (&n + 1u8).min(largest.clone())];
            for a in ends.into_iter().chain([big(&random), largest]) {
                let mut inverse = vec![0; len];
                let found = invert(&mut inverse, &words(&a, len), &modulus);
                let expected = a.modinv(&n);
                assert_eq!(found == 1, expected.is_some(), "{a} modulo {n}");
                match expected {
                    Some(expected) => assert_eq!(big(&inverse), expected, "{a} modulo {n}"),
                    None => missing += 1,
                }
            }
        }
    }
    assert!(missing > 0, "no number without an inverse was tried");
}

#[test]
fn gcds_agree_with_num_bigint() {
    let mut rng = ChaCha20Rng::seed_from_u64(62);
    for len in [1, 16, 24, 32] {
        let numbers = moduli(&mut rng, len);
        for pair in numbers.windows(2) {
            // Odd multiples of an odd factor.
            let factor = BigUint::from(rng.next_u64() >> 40 | 1);
            let multiple = |words: &[u64]| {
                let whole = big(words) / &factor;
                (&whole - (&whole + 1u8) % 2u8) * &factor
            };
            let (a, b) = (multiple(&pair[0]), multiple(&pair[1]));
            let mut euclid = (a.clone(), b.clone());
            while euclid.1 != BigUint::ZERO {
                euclid = (euclid.1.clone(), euclid.0 % euclid.1);
            }
            let mut out = vec![0; len];
            gcd(&mut out, &words(&a, len), &words(&b, len));
            assert_eq!(big(&out), euclid.0, "gcd({a}, {b})");
        }
    }
}

#[test]
fn make_odd_removes_every_factor_of_2() {
    for len in [1usize, 4, 16, 24, 88] {
        for twos in 0..64 * len {
            // One odd part that fills the words, and 1.
            for odd in [(BigUint::from(1u8) << (64 * len - twos)) - 1u8, BigUint::from(1u8)] {
                let mut number = words(&(&odd << twos), len);
                assert_eq!((make_odd(&mut number), big(&number)), (twos as u64, odd), "{len} words");
            }
        }
    }
}

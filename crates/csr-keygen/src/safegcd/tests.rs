//! Batches against divsteps one by one, gcds and inverses of run-time lengths against `num-bigint`. The curves' inverses
//! have tests of their own.

use chacha20::ChaCha20Rng;
use num_bigint::BigUint;
use rand_core::{Rng, SeedableRng};

use super::*;
use crate::int::safegcd::{gcd, invert};

/// 60 divsteps as the paper writes them, on whole numbers, with twice δ.
fn one_by_one(delta: &mut i64, f: &mut i128, g: &mut i128) -> [i128; 4] {
    let [mut u, mut v, mut q, mut r] = [1, 0, 0, 1];
    for _ in 0..BITS {
        if *delta > 0 && *g & 1 == 1 {
            *delta = 2 - *delta;
            (*f, *g) = (*g, (*g - *f) / 2);
            (u, v, q, r) = (2 * q, 2 * r, q - u, r - v);
        } else {
            *delta += 2;
            let odd = *g & 1;
            *g = (*g + odd * *f) / 2;
            (u, v, q, r) = (2 * u, 2 * v, q + odd * u, r + odd * v);
        }
    }
    [u, v, q, r]
}

#[expect(clippy::cast_possible_truncation, reason = "the low words are what a batch takes")]
fn check_batches<S: Divstep>(mut pairs: [(i128, i128); 2]) {
    let (mut deltas, mut state) = ([1; 2], [S::START; 2]);
    for _ in 0..3 {
        let batch = divsteps::<S, 2>(&mut state, pairs.map(|(f, _)| f as i64), pairs.map(|(_, g)| g as i64));
        for (i, (f, g)) in pairs.iter_mut().enumerate() {
            let expected = one_by_one(&mut deltas[i], f, g);
            let Matrix { u, v, q, r } = batch[i];
            assert_eq!([u, v, q, r].map(i128::from), expected);
        }
    }
}

#[test]
fn batches_do_what_divsteps_do_one_by_one() {
    let mut rng = ChaCha20Rng::seed_from_u64(60);
    let mut number = |odd| {
        let words = u128::from(rng.next_u64()) << 64 | u128::from(rng.next_u64());
        words.cast_signed() >> (2 + rng.next_u64() % 120) | odd
    };
    let ends = [(1, 0), (-1, 0), (1, 1 << 120), (-1, -1), (3, -(1 << 59)), (i128::MAX >> 2, i128::MIN >> 2)];
    for i in 0..20_000 {
        let random = (number(1), number(0));
        let other = *ends.get(i).unwrap_or(&(number(1), number(0)));
        check_batches::<Masks>([random, other]);
        check_batches::<Moves>([other, random]);
    }
}

fn big(words: &[u64]) -> BigUint {
    words.iter().rev().fold(BigUint::ZERO, |number, &word| (number << 64u32) + word)
}

fn words(number: &BigUint, len: usize) -> Vec<u64> {
    let mut words = number.to_u64_digits();
    words.resize(len, 0);
    words
}

/// Random odd numbers with their top bit set, as primes have it, and the ends.
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
fn long_inverses_agree_with_num_bigint() {
    let mut rng = ChaCha20Rng::seed_from_u64(61);
    let mut missing = 0;
    for len in [1, 4, 16, 24, 32] {
        for modulus in moduli(&mut rng, len) {
            let n = big(&modulus);
            let largest = (BigUint::from(1u8) << (64 * len)) - 1u8; // 2n is above
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
fn long_gcds_are_right() {
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

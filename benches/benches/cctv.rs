//! `cctv/BITS`: C2SP CCTV's fixed sequence of candidates for a modulus of that size, from its first to its second
//! prime, through every step between a draw and a prime: trial division, a filter, Miller–Rabin.
//!
//! The same work for everybody and in every run, whereas `keygen` is a lottery. The peers' primality tests get the
//! candidates as their own big numbers, made before; `csr` reads them from bytes.

#![deny(unsafe_code)]
#![allow(clippy::expect_used, reason = "a bench whose peer fails has nothing to go on with")]

use std::path::PathBuf;
use std::time::Duration;

use criterion::{Criterion, SamplingMode};
use csr_keygen::Backend;
use csr_keygen::rsa::ModulusSize;
use csr_keygen::testing::primes_among;
use getrandom::SysRng;

/// Counts the primes of the sequence.
type Count = Box<dyn FnMut() -> usize>;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .measurement_time(Duration::from_secs(5))
        .warm_up_time(Duration::from_secs(1))
        .configure_from_args();
    for size in [ModulusSize::Bits2048, ModulusSize::Bits3072, ModulusSize::Bits4096] {
        let Some(candidates) = sequence(size) else { continue };
        let mut group = criterion.benchmark_group(format!("cctv/{}", size.bits()));
        group.sampling_mode(SamplingMode::Flat);
        for (id, mut count) in functions(size, &candidates) {
            let mut checked = false;
            group.bench_function(id, |bencher| {
                if !checked {
                    assert_eq!(count(), 2, "{id}");
                    checked = true;
                }
                bencher.iter(&mut count);
            });
        }
        group.finish();
    }
    Criterion::default().configure_from_args().final_summary();
}

/// The vectors lie beside the repository; see the README.
fn sequence(size: ModulusSize) -> Option<Vec<Vec<u8>>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors");
    let path = folder.join(format!("rsa.bench.{}.txt", size.bits()));
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("NOT RUN: cctv/{}: no {}", size.bits(), path.display());
        return None;
    };
    let byte = |line: &str, i: usize| u8::from_str_radix(&line[2 * i..2 * i + 2], 16).expect("hex");
    Some(text.split_whitespace().map(|line| (0..line.len() / 2).map(|i| byte(line, i)).collect()).collect())
}

fn functions(size: ModulusSize, candidates: &[Vec<u8>]) -> Vec<(&'static str, Count)> {
    let mut functions: Vec<(&'static str, Count)> = Vec::new();
    for backend in Backend::available() {
        let id = match backend.name() {
            "ifma" => "csr-ifma",
            "avx2" => "csr-avx2",
            _ => "csr-portable",
        };
        let candidates = candidates.to_vec();
        functions.push((
            id,
            Box::new(move || {
                let candidates = candidates.iter().map(Vec::as_slice);
                primes_among(backend, size, candidates, &mut SysRng).expect("candidates").len()
            }),
        ));
    }
    functions.push(("aws-lc", aws_lc::count(candidates)));
    #[cfg(feature = "system-peers")]
    functions.extend([("openssl", openssl(candidates)), ("gmp", gmp(candidates))]);
    functions.push(("crypto-primes", crypto_primes(candidates)));
    functions
}

/// `BN_is_prime_fasttest_ex` with trial division. OpenSSL does at least 64 rounds (128 above 2048 bits) on what
/// comes from outside, which the two primes pay for.
#[cfg(feature = "system-peers")]
fn openssl(candidates: &[Vec<u8>]) -> Count {
    use openssl::bn::{BigNum, BigNumContext};
    let numbers: Vec<_> =
        candidates.iter().map(|bytes| BigNum::from_slice(bytes).expect("a number")).collect();
    let mut context = BigNumContext::new().expect("a context");
    Box::new(move || {
        let is_prime = |n: &&BigNum| n.is_prime_fasttest(5, &mut context, true).expect("a verdict");
        numbers.iter().filter(is_prime).count()
    })
}

/// `mpz_probab_prime_p`: trial division and Baillie–PSW, one round beyond it.
#[cfg(feature = "system-peers")]
fn gmp(candidates: &[Vec<u8>]) -> Count {
    use rug::Integer;
    use rug::integer::{IsPrime, Order};
    let numbers: Vec<_> = candidates.iter().map(|bytes| Integer::from_digits(bytes, Order::MsfBe)).collect();
    Box::new(move || numbers.iter().filter(|n| n.is_probably_prime(25) != IsPrime::No).count())
}

/// `is_prime`: Miller–Rabin to base 2 and a strong Lucas test.
fn crypto_primes(candidates: &[Vec<u8>]) -> Count {
    use crypto_bigint::BoxedUint;
    use crypto_primes::{Flavor, is_prime};
    let number = |bytes: &Vec<u8>| {
        BoxedUint::from_be_slice(bytes, 8 * u32::try_from(bytes.len()).expect("short")).expect("a number")
    };
    let numbers: Vec<_> = candidates.iter().map(number).collect();
    Box::new(move || numbers.iter().filter(|n| is_prime(Flavor::Any, *n)).count())
}

/// `BN_primality_test` with trial division and the rounds that AWS-LC takes for a key of its own.
#[expect(unsafe_code, reason = "aws-lc-rs has no numbers, only the bindings below it have")]
mod aws_lc {
    use aws_lc_sys::{BIGNUM, BN_CTX, BN_CTX_free, BN_CTX_new, BN_bin2bn, BN_free, BN_primality_test};

    /// `BN_prime_checks_for_generation`.
    const CHECKS: i32 = 0;

    struct Numbers {
        context: *mut BN_CTX,
        numbers: Vec<*mut BIGNUM>,
    }

    impl Drop for Numbers {
        fn drop(&mut self) {
            // SAFETY: each was made by AWS-LC and is freed once.
            unsafe {
                self.numbers.iter().for_each(|n| BN_free(*n));
                BN_CTX_free(self.context);
            }
        }
    }

    impl Numbers {
        fn is_prime(&self, n: *const BIGNUM) -> bool {
            let mut verdict = 0;
            // SAFETY: number and context are live; there is no callback.
            let done = unsafe {
                BN_primality_test(&raw mut verdict, n, CHECKS, self.context, 1, core::ptr::null_mut())
            };
            assert_eq!(done, 1);
            verdict == 1
        }
    }

    pub(super) fn count(candidates: &[Vec<u8>]) -> super::Count {
        // SAFETY: the bytes are read before the call returns; a null result fails the assertion.
        let number =
            |bytes: &Vec<u8>| unsafe { BN_bin2bn(bytes.as_ptr(), bytes.len(), core::ptr::null_mut()) };
        // SAFETY: it takes nothing.
        let context = unsafe { BN_CTX_new() };
        let all = Numbers { context, numbers: candidates.iter().map(number).collect() };
        assert!(!context.is_null() && all.numbers.iter().all(|n| !n.is_null()), "out of memory");
        Box::new(move || all.numbers.iter().filter(|n| all.is_prime(**n)).count())
    }
}

//! Reports of where the time of a key goes:
//! `cargo test --release -p csr-keygen -- --ignored --nocapture report_`.

use std::time::Instant;

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;

use super::*;
use crate::rsa::kernel::exponentiation::Power;

fn least(repeats: usize, mut f: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        f();
        start.elapsed().as_nanos() as f64 / 1000.0
    };
    (0..repeats).map(time).fold(f64::MAX, f64::min)
}

#[test]
#[ignore = "a report, not a test"]
fn report_stages() {
    for backend in Backend::available() {
        for size in ModulusSize::ALL {
            let mut engine = engine::new(backend, size);
            let rng = ChaCha20Rng::seed_from_u64(1);
            let mut search =
                KeySearch::new(0, size, Box::new(BulkSource::new(rng, size)), ChaCha20Rng::seed_from_u64(0));
            let survivors: Vec<_> = (0..8).map(|_| search.next_survivor(&*engine).unwrap()).collect();
            let numbers: Vec<&[u64]> = survivors.iter().map(|x| x.words()).collect();
            let lanes = engine.lanes();
            let filter = least(50, || {
                engine.filter(&numbers[..lanes]);
            });
            let mut powers = |count: usize| {
                let mut results = vec![vec![0; numbers[0].len()]; count];
                least(50, || {
                    let mut jobs: Vec<_> = results
                        .iter_mut()
                        .zip(numbers.iter().cycle())
                        .map(|(result, n)| Power { modulus: n, base: numbers[0], exponent: n, result })
                        .collect();
                    engine.power(&mut jobs);
                })
            };
            let (eight, four) = (powers(8), powers(4));
            let (mut sieve, mut draws, mut survivors) = (f64::MAX, 0, 0);
            for _ in 0..200 {
                let (start, before) = (Instant::now(), search.draws());
                while search.draws() < before + 300 {
                    search.next_survivor(&*engine).unwrap();
                    survivors += 1;
                }
                let count = search.draws() - before;
                sieve = sieve.min(start.elapsed().as_nanos() as f64 / 1000.0 / count as f64);
                draws += count;
            }
            let key = generate_with(backend, size, &mut ChaCha20Rng::seed_from_u64(2)).unwrap();
            let (p, q) = (int::read(key.p(), 32), int::read(key.q(), 32));
            let len = size.prime_words();
            let assemble = least(20, || drop(key::assemble(size, &p[..len], &q[..len]).unwrap()));
            let check = least(20, || key.check().unwrap());
            println!(
                "{:8} {:?}: filter of {lanes} {filter:.0} µs, 8 powers {eight:.0}, 4 powers {four:.0}, \
                 draw and trial division {:.3} per candidate, {:.2} candidates per survivor, assemble {assemble:.1}, \
                 check {check:.1}",
                backend.name(),
                size,
                sieve,
                draws as f64 / f64::from(survivors),
            );
        }
    }
}

#[test]
#[ignore = "a report, not a test"]
fn report_signatures() {
    for backend in Backend::available() {
        for size in ModulusSize::ALL {
            let key = generate_with(backend, size, &mut ChaCha20Rng::seed_from_u64(2)).unwrap();
            let (signer, digest) = (key.signer(), [0x5a; 32]);
            let mut rng = ChaCha20Rng::seed_from_u64(3);
            let time = least(2000, || drop(signer.sign_digest_with(backend, &digest, &mut rng).unwrap()));
            println!("{:8} {size:?}: signature {time:.1} µs", backend.name());
        }
    }
}

/// The mean number of candidates per prime, n ≡ 7 (mod 8), is half the mean of ln n: these
/// candidates are an eighth of the numbers and a quarter of the primes. n is uniform from
/// 0.75·2^bits to 2^bits, where the mean of ln n is bits·ln 2 − 0.137.
#[test]
#[ignore = "half a minute: `-- --ignored candidates_per_prime`"]
fn candidates_per_prime_are_as_expected() {
    for (size, primes) in
        [(ModulusSize::Bits2048, 20_000), (ModulusSize::Bits3072, 6000), (ModulusSize::Bits4096, 2000)]
    {
        let mut engine = engine::new(Backend::best(), size);
        let rng = ChaCha20Rng::seed_from_u64(11);
        let mut search =
            KeySearch::new(0, size, Box::new(BulkSource::new(rng, size)), ChaCha20Rng::seed_from_u64(0));
        let mut found = 0u32;
        while found < primes {
            let survivors: Vec<_> =
                (0..engine.lanes()).map(|_| search.next_survivor(&*engine).unwrap()).collect();
            let numbers: Vec<&[u64]> = survivors.iter().map(|x| x.words()).collect();
            let passed = engine.filter(&numbers);
            for (lane, survivor) in survivors.into_iter().enumerate() {
                if passed >> lane & 1 == 1 {
                    // Otherwise the search would end at the limit of candidates.
                    search.accept(survivor);
                    found += 1;
                }
            }
            while search.has_pair() {
                search.drop_pair();
            }
        }
        let each = search.draws() as f64 / f64::from(found);
        let expected = (f64::from(size.prime_bits()) * core::f64::consts::LN_2 - 0.137) / 2.0;
        // The wait for a prime is nearly geometric, so the deviation of the mean is the mean over
        // √found.
        let deviation = expected / f64::from(found).sqrt();
        println!(
            "{size:?}: {each:.1} candidates per prime, of {found}; {expected:.1} ± {deviation:.1} expected"
        );
        assert!((each - expected).abs() < 4.0 * deviation);
    }
}

//! The outcome of given draws: which of them make the key, which are discarded, when the search
//! gives up.

use num_bigint::BigUint;
use rand_core::SeedableRng;

use super::*;
use crate::rsa::tests::known_draws::*;
use crate::rsa::tests::tampered::Tampered;

/// The primes of the key from these draws, repeated endlessly.
fn outcome(backend: Backend, draws: &[BigUint]) -> Result<[BigUint; 2], Error> {
    let source = Box::new(Draws(draws.iter().cloned().cycle()));
    one_key(&mut *engine::new(backend, SIZE), SIZE, source, bases())
        .map(|key| [key.p(), key.q()].map(BigUint::from_bytes_be))
}

/// Everything but the search, which would take a hundred times as long: Miri runs this in half an
/// hour.
#[test]
fn primes_drawn_first_make_the_key() {
    for backend in Backend::available() {
        assert_eq!(outcome(backend, &primes()).unwrap(), primes(), "{}", backend.name());
    }
}

#[test]
fn pseudoprime_passes_the_filter_and_fails_miller_rabin() {
    let pseudoprime = parse(PSEUDOPRIME);
    let as_words = int::read(&pseudoprime.to_bytes_be(), 16);
    let [p, q] = primes();
    for backend in Backend::available() {
        let mut engine = engine::new(backend, SIZE);
        assert!(!engine.has_small_factor(&as_words));
        assert_eq!(engine.filter(&[&as_words]), 1, "{}", backend.name());
        for draws in [[&pseudoprime, &p, &q], [&p, &pseudoprime, &q]] {
            let key = outcome(backend, &draws.map(Clone::clone)).unwrap();
            assert_eq!(key, primes(), "{}", backend.name());
        }
    }
}

/// Every round decides: here one result at a time is falsified.
#[test]
fn one_failed_round_discards_its_prime() {
    let [p, q] = primes();
    for backend in Backend::available() {
        for (prime, round) in primes().iter().flat_map(|prime| (0..5).map(move |round| (prime, round))) {
            let prime = int::read(&prime.to_bytes_be(), 16);
            let mut seen = 0;
            let mut engine = Tampered::new(backend, SIZE, |jobs| {
                let rounds = jobs
                    .iter_mut()
                    .filter(|job| *job.modulus == *prime && *job.exponent == *int::half(&prime));
                for job in rounds {
                    job.flip = (seen == round).then_some(3);
                    seen += 1;
                }
            });
            let source = Box::new(Draws(primes().into_iter().cycle()));
            let key = one_key(&mut engine, SIZE, source, bases()).unwrap();
            let found = [key.p(), key.q()].map(BigUint::from_bytes_be);
            assert_eq!(found, [q.clone(), p.clone()], "round {round}, {}", backend.name());
        }
    }
}

/// Pairs that are tested together do not affect each other.
#[test]
fn pair_that_makes_no_key_does_not_affect_its_neighbours() {
    let ([p, q], pseudoprime) = (primes(), parse(PSEUDOPRIME));
    let works = [
        (vec![p.clone(), close_to(&p), q.clone(), third()], [q.clone(), third()]),
        (vec![p.clone(), q.clone()], primes()),
        (vec![pseudoprime.clone(), p.clone(), q.clone()], primes()),
        (vec![q.clone(), p.clone()], [q.clone(), p.clone()]),
        (vec![p.clone(), pseudoprime, q.clone()], primes()),
        (vec![q.clone(), third()], [q.clone(), third()]),
    ];
    for backend in Backend::available() {
        let draws = works.iter().enumerate().map(|(index, (draws, _))| {
            let source = Box::new(Draws(draws.iter().cloned().cycle()));
            Ok(KeySearch::new(index, SIZE, source, ChaCha20Rng::seed_from_u64(index as u64)))
        });
        let keys = find_keys(&mut *engine::new(backend, SIZE), SIZE, draws).unwrap();
        let found: Vec<_> = keys.iter().map(|key| [key.p(), key.q()].map(BigUint::from_bytes_be)).collect();
        let expected: Vec<_> = works.iter().map(|(_, key)| key.clone()).collect();
        assert_eq!(found, expected, "{}", backend.name());
    }
}

/// Table B.1 of FIPS 186-5: five rounds for primes of 1024 bits, four for longer ones.
#[test]
fn every_prime_of_a_key_has_had_its_rounds_with_different_bases() {
    for (size, rounds) in [(ModulusSize::Bits2048, 5), (ModulusSize::Bits3072, 4), (ModulusSize::Bits4096, 4)]
    {
        let mut seen = Vec::new();
        let mut engine = Tampered::new(Backend::best(), size, |jobs| {
            seen.extend(jobs.iter().map(|job| {
                (job.modulus.to_vec(), job.base.to_vec(), *job.exponent == *int::half(job.modulus))
            }));
        });
        let mut rng = ChaCha20Rng::seed_from_u64(14);
        let source = BulkSource::new(&mut rng, size);
        let key = one_key(&mut engine, size, Box::new(source), bases()).unwrap();
        for prime in [key.p(), key.q()] {
            let prime = int::read(prime, prime.len() / 8);
            let bases: std::collections::BTreeSet<_> = seen
                .iter()
                .filter(|(modulus, _, is_round)| *modulus == *prime && *is_round)
                .map(|(_, base, _)| base)
                .collect();
            assert_eq!(bases.len(), rounds, "{size:?}");
        }
    }
}

/// Each pair consists of two primes that only together make no key.
#[test]
fn pairs_that_make_no_key_are_replaced() {
    let [p, q] = primes();
    let [three, _] = multiples_of_3();
    let e_divides = ending(&q, b"6210c95e7");
    for (fault, draws) in [
        ("too close", vec![p.clone(), close_to(&p)]),
        ("equal", vec![p.clone(), three, p.clone()]),
        ("e divides q − 1", vec![p.clone(), e_divides.clone()]),
        ("e divides p − 1", vec![e_divides, p.clone()]),
        ("a common factor", sharing_a_factor().to_vec()),
    ] {
        let draws: Vec<_> = draws.into_iter().chain([q.clone(), third()]).collect();
        let key = outcome(Backend::best(), &draws).unwrap();
        assert_eq!(key, [q.clone(), third()], "{fault}");
    }
}

#[test]
fn common_factor_below_the_bound_is_accepted() {
    let [_, q] = primes();
    // 2^31 − 1 divides p − 1 and q − 1.
    let share = [third(), ending(&q, b"e3600a99118c7")];
    assert_eq!(outcome(Backend::best(), &share).unwrap(), share);
}

/// A.1.3 step 5.8: at most 10·nlen candidates for q.
#[test]
fn prime_that_is_found_too_late_is_the_new_p() {
    let [p, q] = primes();
    let key = |waiting: usize| {
        let waste = multiples_of_3().into_iter().cycle().take(waiting);
        let tail = [q.clone(), third()].into_iter().cycle();
        let source = Draws(core::iter::once(p.clone()).chain(waste).chain(tail));
        let key = one_key(&mut *engine::new(Backend::best(), SIZE), SIZE, Box::new(source), bases()).unwrap();
        [key.p(), key.q()].map(BigUint::from_bytes_be)
    };
    assert_eq!(key(20_479), primes());
    assert_eq!(key(20_480), [q.clone(), third()]);
}

#[test]
fn search_without_a_prime_ends() {
    let error = outcome(Backend::best(), &multiples_of_3()).unwrap_err();
    assert_eq!(error, Error::CandidateLimit);
}

#[test]
fn search_with_pairs_that_make_no_key_ends() {
    let [p, _] = primes();
    let [three, _] = multiples_of_3();
    assert_eq!(outcome(Backend::best(), &[p, three]).unwrap_err(), Error::CandidateLimit);
}

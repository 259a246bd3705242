//! What becomes of given draws: which of them make the key, which are dropped, when the search gives up.

use num_bigint::BigUint;
use rand_core::SeedableRng;

use super::tampered::Tampered;
use super::*;

const SIZE: ModulusSize = ModulusSize::Bits2048;

/// Two primes as candidates are drawn, ≡ 7 (mod 8) and with their top two bits set.
const PRIMES: [&[u8; 256]; 2] = [
    b"d9030bfbaed24cb6cf2b248af67ef83b5ec0ebe22303e4e76891dbf2a7cb074d\
      556f1bf3b34d80fcd4e17352030065cf05301fa09ef424c6b36d3222e4587768\
      6d4613e6294c464f7ce9f083ebe565b4fb7f9cbf3be66033740a8d2f1c7a7d5b\
      c633ff298ef3ce9262781e779e3a5f3f953faad29f79c8535838eb9ffb01233f",
    b"edc8da89885b4a276d65d37b6a1311ff958308352dd818b2ad371adcacdbeaef\
      fa5fa9c24ba9238f008687cc7bae09ad86dcabf996245e5171436cfc4de22343\
      27570a072f8d4be9650378911bc44c6c76683d2880e2311e8c8813250384670f\
      7cba77b5422d543e9a492d77e3300bc22073b4ea48db4ef7cf4e31e61eeb5fe7",
];

/// r·(4r − 3), both of them prime: 2^((n−1)/2) is 1 modulo this n, too. One base in eight takes it for a prime.
const PSEUDOPRIME: &[u8; 256] = b"e0023936f4cf101e0720e1ead41776f0097cf842b63b958b0a74236222c20a8b\
      440862b7848b7167a8a0ac662181db5e0b7c0b9d4e30409e903e2d8c9f853914\
      2ad75bd2fb182bf7f78304921fdf9062c229b67e42de81cf67077a185e030dd2\
      e5e3c0884bca901fdf4a74b33981d7cc4f5e40e59d0307dd969c027d011390c7";

fn parse(hex: &[u8]) -> BigUint {
    BigUint::parse_bytes(hex, 16).unwrap()
}

fn primes() -> [BigUint; 2] {
    PRIMES.map(|hex| parse(hex))
}

/// The number with other digits at its end.
fn ending(number: &BigUint, digits: &[u8]) -> BigUint {
    let bits = 4 * digits.len();
    (number >> bits << bits) + parse(digits)
}

/// A third one: too close to the first to make a key with it.
fn third() -> BigUint {
    ending(&primes()[0], b"8ec4581bb8e07")
}

/// The next prime with the shape of a candidate after the first.
fn close_to(p: &BigUint) -> BigUint {
    p + 1952u32
}

/// Two primes; 2147483659, the first prime above 2^31, divides both less one, and their gcd has the factor 2 besides.
fn sharing_a_factor() -> [BigUint; 2] {
    let [p, q] = primes();
    [ending(&p, b"8ee3e1431048f"), ending(&q, b"e36719d2f589f")]
}

/// Two numbers with the shape of candidates that 3 divides.
fn multiples_of_3() -> [BigUint; 2] {
    // 8·rest ≡ −rest (mod 3), and leaves the low three bits.
    primes().map(|prime| &prime + 8u32 * (&prime % 3u32))
}

/// A source of given draws, which fails after the last.
struct Draws<I>(I);

impl<I: Iterator<Item = BigUint>> Source for Draws<I> {
    fn draw(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        let draw = self.0.next().ok_or(Error::RandomSource("no more draws".into()))?;
        bytes.copy_from_slice(&draw.to_bytes_be());
        Ok(())
    }
}

fn bases() -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(12)
}

/// The primes of the key that these draws give, in turn and over and over.
fn outcome(backend: Backend, draws: &[BigUint]) -> Result<[BigUint; 2], Error> {
    let source = Box::new(Draws(draws.iter().cloned().cycle()));
    one_key(backend, SIZE, source, bases()).map(|key| [key.p(), key.q()].map(BigUint::from_bytes_be))
}

/// All of a key's way but the search, which takes a hundred times as long: what Miri can run, in half an hour.
#[test]
fn primes_drawn_first_make_the_key() {
    for backend in Backend::available() {
        assert_eq!(outcome(backend, &primes()).unwrap(), primes(), "{}", backend.name());
    }
}

#[test]
fn the_filter_takes_a_pseudoprime_and_miller_rabin_drops_it() {
    let pseudoprime = parse(PSEUDOPRIME);
    let as_words = words::read(&pseudoprime.to_bytes_be(), 16);
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

/// Every round decides: the one whose result is not what it is for a prime.
#[test]
fn one_failed_round_drops_its_prime() {
    let [p, q] = primes();
    for backend in Backend::available() {
        for (prime, round) in primes().iter().flat_map(|prime| (0..5).map(move |round| (prime, round))) {
            let prime = words::read(&prime.to_bytes_be(), 16);
            let mut seen = 0;
            let mut engine = Tampered::new(backend, SIZE, |jobs| {
                let rounds = jobs
                    .iter_mut()
                    .filter(|job| *job.modulus == *prime && *job.exponent == *words::half(&prime));
                for job in rounds {
                    job.flip = (seen == round).then_some(3);
                    seen += 1;
                }
            });
            let source = Box::new(Draws(primes().into_iter().cycle()));
            let key = one_key_on(&mut engine, SIZE, source, bases()).unwrap();
            let found = [key.p(), key.q()].map(BigUint::from_bytes_be);
            assert_eq!(found, [q.clone(), p.clone()], "round {round}, {}", backend.name());
        }
    }
}

/// Pairs that are judged together: what becomes of one is nothing to the others.
#[test]
fn a_pair_that_makes_no_key_leaves_its_neighbours_alone() {
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
            Ok(Work::new(index, SIZE, source, ChaCha20Rng::seed_from_u64(index as u64)))
        });
        let keys = fleet::run(&mut *engine::new(backend, SIZE), SIZE, draws).unwrap();
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
                (job.modulus.to_vec(), job.base.to_vec(), *job.exponent == *words::half(job.modulus))
            }));
        });
        let mut rng = ChaCha20Rng::seed_from_u64(14);
        let source = Bulk::new(&mut rng, size.prime_bits() as usize / 8);
        let key = one_key_on(&mut engine, size, Box::new(source), bases()).unwrap();
        for prime in [key.p(), key.q()] {
            let prime = words::read(prime, prime.len() / 8);
            let bases: std::collections::BTreeSet<_> = seen
                .iter()
                .filter(|(modulus, _, is_round)| *modulus == *prime && *is_round)
                .map(|(_, base, _)| base)
                .collect();
            assert_eq!(bases.len(), rounds, "{size:?}");
        }
    }
}

/// Each pair is of two primes: what is wrong with it shows once they are together.
#[test]
fn pairs_that_make_no_key_are_drawn_anew() {
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
fn a_common_factor_below_the_bound_is_kept() {
    let [_, q] = primes();
    // 2^31 − 1 divides both less one.
    let share = [third(), ending(&q, b"e3600a99118c7")];
    assert_eq!(outcome(Backend::best(), &share).unwrap(), share);
}

/// A.1.3 step 5.8: 10·nlen candidates for q, and no more.
#[test]
fn a_prime_that_is_found_too_late_is_the_new_p() {
    let [p, q] = primes();
    let key = |waiting: usize| {
        let waste = multiples_of_3().into_iter().cycle().take(waiting);
        let tail = [q.clone(), third()].into_iter().cycle();
        let source = Draws(core::iter::once(p.clone()).chain(waste).chain(tail));
        let key = one_key(Backend::best(), SIZE, Box::new(source), bases()).unwrap();
        [key.p(), key.q()].map(BigUint::from_bytes_be)
    };
    assert_eq!(key(20_479), primes());
    assert_eq!(key(20_480), [q.clone(), third()]);
}

#[test]
fn a_search_without_a_prime_ends() {
    let error = outcome(Backend::best(), &multiples_of_3()).unwrap_err();
    assert_eq!(error, Error::CandidateLimit);
}

#[test]
fn a_search_with_pairs_that_make_no_key_ends() {
    let [p, _] = primes();
    let [three, _] = multiples_of_3();
    assert_eq!(outcome(Backend::best(), &[p, three]).unwrap_err(), Error::CandidateLimit);
}

/// The pairwise test has the exponents dP and dQ.
#[test]
fn a_key_that_does_not_sign_is_not_returned() {
    for backend in Backend::available() {
        let mut engine = Tampered::new(backend, SIZE, |jobs| {
            for job in jobs.iter_mut().filter(|job| *job.exponent != *words::half(job.modulus)) {
                job.flip = Some(500);
            }
        });
        let source = Box::new(Draws(primes().into_iter().cycle()));
        let error = one_key_on(&mut engine, SIZE, source, bases()).unwrap_err();
        assert_eq!(error, Error::KeyCheck("a signature did not verify"), "{}", backend.name());
    }
}

/// Each condition alone: the numbers are made to hold all the others before it.
#[test]
fn a_damaged_key_does_not_pass_the_check() {
    let refused = |reason, damage: &dyn Fn(&mut RsaKey)| {
        let mut key = known_key();
        key.check().unwrap();
        damage(&mut key);
        assert_eq!(key.check(), Err(Error::KeyCheck(reason)));
    };
    let with_primes = |reason, [p, q]: [BigUint; 2]| {
        refused(reason, &|key| {
            key.n = (&p * &q).to_bytes_be();
            (key.p, key.q) = (Zeroizing::new(p.to_bytes_be()), Zeroizing::new(q.to_bytes_be()));
        });
    };
    let [p, q] = primes();
    refused("the modulus is short", &|key| key.n[0] &= 0x7f);
    refused("p·q is not n", &|key| key.n[100] ^= 1);
    refused("p·q is not n", &|key| key.p[100] ^= 1);
    refused("p·q is not n", &|key| key.q[100] ^= 1);
    with_primes("a prime is short or not 7 modulo 8", [&p - 4u32, q.clone()]);
    with_primes("a prime is short or not 7 modulo 8", [p.clone(), &q - 4u32]);
    // The second highest bit is clear; the other one is so large that n is long enough.
    let one = BigUint::from(1u32);
    with_primes("a prime is short or not 7 modulo 8", [&p - (&one << 1022), (&one << 1024) - &one]);
    with_primes("p and q are close", [p.clone(), close_to(&p)]);
    refused("d is short", &|key| key.d[..128].fill(0));
    with_primes("p−1 and q−1 have a large common factor", sharing_a_factor());
    refused("e·d is not 1 modulo p−1 and q−1", &|key| key.d[100] ^= 1);
    refused("dP or dQ is too large", &|key| key.dp.copy_from_slice(&key.p));
    refused("dP or dQ is too large", &|key| key.dq.copy_from_slice(&key.q));
    refused("dP or dQ is wrong", &|key| key.dp[100] ^= 1);
    refused("dP or dQ is wrong", &|key| key.dq[100] ^= 1);
    refused("qInv is too large", &|key| key.qinv.copy_from_slice(&key.p));
    refused("qInv is wrong", &|key| key.qinv[100] ^= 1);
    // d and a multiple of λ(n): an inverse of e, too, which signs.
    let multiple: BigUint = ((p - 1u32) * (q - 1u32)) >> 1;
    refused("d is not below λ(n)", &|key| {
        let d: BigUint = BigUint::from_bytes_be(&key.d) + &multiple;
        key.d = Zeroizing::new(d.to_bytes_be());
    });
}

fn known_key() -> RsaKey {
    let [p, q] = primes().map(|prime| words::read(&prime.to_bytes_be(), 16));
    key::assemble(SIZE, &p, &q).unwrap()
}

/// Two exponentiations: Miri runs this in minutes.
#[test]
fn the_key_of_known_primes_signs() {
    use sha2::{Digest, Sha256};
    let key = known_key();
    key.check().unwrap();
    let n = BigUint::from_bytes_be(key.modulus());
    for backend in Backend::available() {
        let mut rng = ChaCha20Rng::seed_from_u64(13);
        let signature = SigningKey::new(&key).on(backend).sign_pkcs1v15_sha256(b"message", &mut rng).unwrap();
        let encoded = BigUint::from_bytes_be(&signature).modpow(&PUBLIC_EXPONENT.into(), &n).to_bytes_be();
        assert!(encoded.ends_with(&Sha256::digest(b"message")), "{}", backend.name());
    }
}

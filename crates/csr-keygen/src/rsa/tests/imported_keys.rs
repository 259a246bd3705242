//! Imported keys: which are accepted and sign, and why the others are refused.

use chacha20::ChaCha20Rng;
use num_bigint::BigUint;
use rand_core::SeedableRng;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier;
use sha2::{Digest, Sha256};

use super::*;
use crate::rsa::any_size::AnySizeKey;
use crate::rsa::import::{ImportedSigner, KeyParts};
use crate::rsa::tests::known_draws::{PSEUDOPRIME, parse, primes};
use crate::rsa::tests::signing::{components, keys};
use crate::rsa::tests::tampered::flip;

/// A key's numbers, big-endian.
#[derive(Clone)]
pub(crate) struct Numbers {
    n: Vec<u8>,
    e: Vec<u8>,
    d: Vec<u8>,
    p: Vec<u8>,
    q: Vec<u8>,
    dp: Vec<u8>,
    dq: Vec<u8>,
    qinv: Vec<u8>,
}

/// The modulus of d.
#[derive(Clone, Copy)]
enum Modulo {
    Lambda,
    Phi,
}

impl Numbers {
    /// The key of two primes, or of numbers in their place.
    pub(super) fn new(p: &BigUint, q: &BigUint, e: u64) -> Self {
        Self::with(p, q, &e.into(), Modulo::Lambda)
    }

    fn with(p: &BigUint, q: &BigUint, e: &BigUint, modulo: Modulo) -> Self {
        let modulus = order(p, q, modulo);
        Self::with_d(p, q, e, &e.modinv(&modulus).expect("e has an inverse"))
    }

    fn with_d(p: &BigUint, q: &BigUint, e: &BigUint, d: &BigUint) -> Self {
        let qinv = q.modinv(p).unwrap_or_default();
        let modulo = |prime: &BigUint| d % (prime - 1u32).max(1u32.into());
        let numbers = [&(p * q), e, d, p, q, &modulo(p), &modulo(q), &qinv];
        let [n, e, d, p, q, dp, dq, qinv] = numbers.map(BigUint::to_bytes_be);
        Self { n, e, d, p, q, dp, dq, qinv }
    }

    pub(crate) fn components(&self) -> Components<'_> {
        let Self { n, e, d, p, q, dp, dq, qinv } = self;
        Components { n, e, d, p, q, dp, dq, qinv }
    }

    fn import_on(&self, backend: Backend) -> Result<ImportedKey, Error> {
        ImportedKey::new_with(backend, &self.components(), &mut ChaCha20Rng::seed_from_u64(1))
    }

    pub(super) fn import(&self) -> Result<ImportedKey, Error> {
        self.import_on(Backend::default())
    }

    fn altered(&self, alter: impl FnOnce(&mut Self)) -> Result<ImportedKey, Error> {
        let mut altered = self.clone();
        alter(&mut altered);
        altered.import()
    }

    /// Imports, signs, and lets another implementation verify.
    fn signs(&self, name: &str) {
        let key = self.import().unwrap_or_else(|error| panic!("{name}: {error}"));
        self.verify(
            &key.sign_digest(&Sha256::digest(b"message"), &mut ChaCha20Rng::seed_from_u64(2)).unwrap(),
        );
    }

    fn verify(&self, signature: &[u8]) {
        let [n, e] = [&self.n, &self.e].map(|bytes| rsa::BoxedUint::from_be_slice_vartime(bytes));
        let verifier = VerifyingKey::<Sha256>::new(rsa::PublicKey::new_unchecked(n, e));
        verifier.verify(b"message", &Signature::try_from(signature).unwrap()).unwrap();
    }
}

/// λ(n) or φ(n).
fn order(p: &BigUint, q: &BigUint, modulo: Modulo) -> BigUint {
    let (p, q) = (p - 1u32, q - 1u32);
    match modulo {
        Modulo::Lambda => &p * &q / gcd(&p, &q),
        Modulo::Phi => p * q,
    }
}

fn gcd(a: &BigUint, b: &BigUint) -> BigUint {
    if *b == BigUint::ZERO { a.clone() } else { gcd(b, &(a % b)) }
}

/// The primes of a known key, or numbers in their place.
fn known(name: &str) -> [BigUint; 2] {
    let line = include_str!("imported_keys/known_keys.txt")
        .lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
        .unwrap_or_else(|| panic!("no key {name}"));
    let (p, q) = line.split_once(' ').unwrap();
    [p, q].map(|hex| parse(hex.as_bytes()))
}

pub(crate) fn known_key(name: &str) -> Numbers {
    let [p, q] = known(name);
    Numbers::new(&p, &q, 65537)
}

fn weak(reason: &'static str) -> Error {
    Error::WeakKey(reason)
}

fn inconsistent(reason: &'static str) -> Error {
    Error::InconsistentKey(reason)
}

const COMPOSITE: [&str; 2] = ["prime1 is not a prime number", "prime2 is not a prime number"];
const CLOSE: &str =
    "prime1 and prime2 are too close to each other, so that Fermat's method factors the modulus";

/// Every size of key that is generated; the signatures of PKCS#1 v1.5 are unique.
#[test]
fn every_generated_key_is_imported_and_signs_the_same() {
    let mut rng = ChaCha20Rng::seed_from_u64(3);
    let more: Vec<RsaKey> = (0..4).map(|_| generate(ModulusSize::Bits2048, &mut rng).unwrap()).collect();
    for key in keys().iter().chain(&more) {
        let expected = key.sign_digest(&Sha256::digest(b"message"), &mut rng).unwrap();
        for backend in Backend::available() {
            let imported = ImportedKey::new_with(backend, &components(key), &mut rng).unwrap();
            assert!(matches!(imported.signer, ImportedSigner::Lanes(_)));
            assert_eq!(imported.modulus_bits(), key.size().bits());
            assert_eq!(imported.sign_digest(&Sha256::digest(b"message"), &mut rng).unwrap(), expected);
        }
    }
}

#[test]
fn sound_keys_of_other_tools_are_accepted_and_sign() {
    for name in [
        "python_rsa",
        "third",
        "odd_size",
        "odd_size_swapped",
        "one_modulo_four",
        "many_twos",
        "below_sqrt2",
        "just_apart",
        "bits2560",
        "bits4608",
    ] {
        known_key(name).signs(name);
    }
}

#[test]
fn primes_may_have_either_order_and_d_either_modulus() {
    let [p, q] = primes();
    for (p, q) in [(&p, &q), (&q, &p)] {
        for modulo in [Modulo::Lambda, Modulo::Phi] {
            Numbers::with(p, q, &65537u32.into(), modulo).signs("d");
        }
    }
    // Any other number of that residue below n.
    let [e, lambda] = [65537u32.into(), order(&p, &q, Modulo::Lambda)];
    let d = e.modinv(&lambda).unwrap();
    let count = (&p * &q - &d) / &lambda;
    Numbers::with_d(&p, &q, &e, &(&d + &count * &lambda)).signs("the largest d");
    let above = Numbers::with_d(&p, &q, &e, &(d + (count + 1u32) * lambda));
    assert_eq!(above.import().unwrap_err(), inconsistent("privateExponent is not below the modulus"));
}

#[test]
fn public_exponents_are_odd_and_of_2_to_256_bits() {
    let [p, q] = primes();
    let one = BigUint::from(1u32);
    let longest = (1u32..).step_by(2).map(|k| (&one << 256) - k);
    let invertible = |e: &BigUint| gcd(e, &order(&p, &q, Modulo::Phi)) == one;
    let longest = longest.into_iter().find(invertible).unwrap();
    let longer = (1u32..).step_by(2).map(|k| (&one << 256) + k).find(invertible).unwrap();
    let with = |e: &BigUint| Numbers::with(&p, &q, e, Modulo::Lambda);
    let smallest = [3u32, 5, 7, 11].map(BigUint::from).into_iter().find(invertible).unwrap();
    with(&smallest).signs("a small e");
    with(&longest).signs("the longest e");
    assert_eq!(
        with(&longer).import().unwrap_err(),
        Error::UnsuitableKey("the public exponent must have at most 256 bits")
    );
    for e in [0u32, 1, 2, 65536] {
        let d = order(&p, &q, Modulo::Lambda) + 1u32;
        let error = Numbers::with_d(&p, &q, &e.into(), &d).import().unwrap_err();
        assert_eq!(error, weak("publicExponent must be odd and at least 3"), "{e}");
    }
}

/// A d of Wiener's attack goes with an e as long as n: its weakness is named before its length.
#[test]
fn private_exponents_of_half_the_modulus_or_less_are_refused() {
    let [p, q] = primes();
    let lambda = order(&p, &q, Modulo::Lambda);
    let one = BigUint::from(1u32);
    let invertible = |d: &BigUint| gcd(d, &lambda) == one;
    let key = |d: BigUint| Numbers::with_d(&p, &q, &d.modinv(&lambda).unwrap(), &d);
    let below = (1u32..).step_by(2).map(|k| (&one << 1024) - k).find(invertible).unwrap();
    let above = (1u32..).step_by(2).map(|k| (&one << 1024) + k).find(invertible).unwrap();
    let wiener = (1u32..).step_by(2).map(|k| (&one << 500) + k).find(invertible).unwrap();
    let short =
        weak("privateExponent has no more than half the modulus's bits, so that Wiener's method finds it");
    assert_eq!(key(wiener).import().unwrap_err(), short);
    assert_eq!(key(below).import().unwrap_err(), short);
    // Above the bound it is e that is refused.
    assert!(matches!(key(above).import().unwrap_err(), Error::UnsuitableKey(_)));
}

/// On every backend, and also with primes that the lanes don't support.
#[test]
fn composite_primes_are_refused() {
    let [carmichael, good] = known("carmichael");
    let pseudoprime = parse(PSEUDOPRIME);
    let [p, q] = known("bits4608");
    for (first, second, which) in [
        (&carmichael, &good, 0),
        (&good, &carmichael, 1),
        (&pseudoprime, &good, 0),
        (&good, &pseudoprime, 1),
        // 2·5·… less one and more: what is left of a prime with one bit flipped.
        (&(&p + 4u32), &q, 0),
        (&p, &(&q + 4u32), 1),
    ] {
        // e = 65537 need not have an inverse modulo the real order: the primes are checked first.
        let key = Numbers::with_d(first, second, &65537u32.into(), &((first * second) >> 1));
        for backend in Backend::available() {
            assert_eq!(key.import_on(backend).unwrap_err(), weak(COMPOSITE[which]), "{}", backend.name());
        }
    }
    let even = &good + 1u32;
    for (first, second, which) in [(&even, &good, 0), (&good, &even, 1)] {
        let key = Numbers::with_d(first, second, &65537u32.into(), &((first * second) >> 1));
        assert_eq!(key.import().unwrap_err(), weak(COMPOSITE[which]));
    }
}

/// A Carmichael number's key holds together, and signs.
#[test]
fn carmichael_keys_hold_together_otherwise() {
    let [carmichael, good] = known("carmichael");
    let key = Numbers::new(&carmichael, &good, 65537);
    assert_eq!(key.import().unwrap_err(), weak(COMPOSITE[0]));
    let message: BigUint = BigUint::from(1u32) << 1000;
    let [n, e, d] = [&key.n, &key.e, &key.d].map(|bytes| BigUint::from_bytes_be(bytes));
    assert_eq!(message.modpow(&d, &n).modpow(&e, &n), message);
}

#[test]
fn primes_are_at_least_a_third_of_the_modulus() {
    let short = [
        "prime1 has less than a third of the modulus's bits",
        "prime2 has less than a third of the modulus's bits",
    ];
    let [p, q] = known("below_third");
    assert_eq!(Numbers::new(&p, &q, 65537).import().unwrap_err(), weak(short[0]));
    assert_eq!(Numbers::new(&q, &p, 65537).import().unwrap_err(), weak(short[1]));
    let one = Numbers::with_d(&1u32.into(), &(p * q), &65537u32.into(), &(BigUint::from(1u32) << 2000));
    assert_eq!(one.import().unwrap_err(), weak(short[0]));
}

#[test]
fn close_primes_are_refused() {
    for name in ["neighbours", "just_too_close", "four_thirds"] {
        let [p, q] = known(name);
        for (p, q) in [(&p, &q), (&q, &p)] {
            assert_eq!(Numbers::new(p, q, 65537).import().unwrap_err(), weak(CLOSE), "{name}");
        }
    }
    let [p, _] = primes();
    let square = Numbers::with_d(&p, &p, &65537u32.into(), &((&p * &p) >> 1)).import().unwrap_err();
    assert_eq!(square, weak("prime1 and prime2 are the same, so that the modulus is a square"));
}

#[test]
fn roca_moduli_are_refused_by_name() {
    let roca = weak("its modulus has the form of CVE-2017-15361 (ROCA)");
    assert_eq!(known_key("roca").import().unwrap_err(), roca);
    // One such prime is not the fingerprint.
    let ([p, _], [q, _]) = (known("roca"), primes());
    Numbers::new(&p, &q, 65537).signs("one prime of ROCA's form");
}

#[test]
fn primes_beside_smooth_numbers_are_refused() {
    let smooth = [
        "prime1 - 1 or prime1 + 1 has small prime factors only, so that the modulus is easy to factor",
        "prime2 - 1 or prime2 + 1 has small prime factors only, so that the modulus is easy to factor",
    ];
    for name in ["smooth_below", "smooth_above"] {
        let [p, q] = known(name);
        let key = |p, q| Numbers::with(p, q, &exponent_for(p, q, 65537), Modulo::Lambda);
        assert_eq!(key(&p, &q).import().unwrap_err(), weak(smooth[0]), "{name}");
        assert_eq!(key(&q, &p).import().unwrap_err(), weak(smooth[1]), "{name}");
    }
}

/// The first valid e for the primes, from a given number on.
fn exponent_for(p: &BigUint, q: &BigUint, from: u32) -> BigUint {
    let phi = order(p, q, Modulo::Phi);
    let candidates = (from..).step_by(2).map(BigUint::from);
    candidates.into_iter().find(|e| gcd(e, &phi) == BigUint::from(1u32)).unwrap()
}

/// Any change of one number, by one bit or by an added number.
#[test]
fn altered_numbers_are_refused_and_named() {
    let [p, q] = primes();
    let whole = Numbers::new(&p, &q, 65537);
    let product = inconsistent("prime1 times prime2 is not the modulus");
    let d = inconsistent("privateExponent times publicExponent is not 1 modulo prime1 - 1");
    let large_d = inconsistent("privateExponent is not below the modulus");
    let d_of_q = inconsistent("privateExponent times publicExponent is not 1 modulo prime2 - 1");
    let [dp, dq] = [
        "exponent1 is not privateExponent modulo prime1 - 1",
        "exponent2 is not privateExponent modulo prime2 - 1",
    ]
    .map(inconsistent);
    let qinv = inconsistent("coefficient is not the inverse of prime2 modulo prime1");
    type Field = fn(&mut Numbers) -> &mut Vec<u8>;
    let fields: [(Field, &Error); 7] = [
        (|key| &mut key.n, &product),
        (|key| &mut key.p, &product),
        (|key| &mut key.q, &product),
        (|key| &mut key.d, &d),
        (|key| &mut key.dp, &dp),
        (|key| &mut key.dq, &dq),
        (|key| &mut key.qinv, &qinv),
    ];
    for (field, error) in fields {
        for (byte, bit) in [(0, 0), (1, 7), (60, 3)] {
            let refused = whole.altered(|key| field(key)[byte + 1] ^= 1 << bit).unwrap_err();
            assert_eq!(refused, *error);
        }
        let last = |key: &mut Numbers| *field(key).last_mut().unwrap() ^= 2;
        assert_eq!(whole.altered(last).unwrap_err(), *error);
        let longer = whole.altered(|key| field(key).extend([0; 200])).unwrap_err();
        assert_eq!(longer, if *error == d { large_d.clone() } else { error.clone() });
    }
    // Congruent, but not the number that RFC 8017 requires.
    let number = |bytes: &[u8]| BigUint::from_bytes_be(bytes);
    let plus = |bytes: &[u8], modulus: BigUint| (number(bytes) + modulus).to_bytes_be();
    assert_eq!(whole.altered(|key| key.dp = plus(&key.dp, &p - 1u32)).unwrap_err(), dp);
    assert_eq!(whole.altered(|key| key.dq = plus(&key.dq, &q - 1u32)).unwrap_err(), dq);
    assert_eq!(whole.altered(|key| key.qinv = plus(&key.qinv, p.clone())).unwrap_err(), qinv);
    // Right modulo p − 1 only.
    let more = (0u32..)
        .map(|k| number(&whole.d) + (&p - 1u32) * (k + 1))
        .find(|d| (d - number(&whole.d)) % (&q - 1u32) != BigUint::ZERO);
    assert_eq!(whole.altered(|key| key.d = more.unwrap().to_bytes_be()).unwrap_err(), d_of_q);
    assert_eq!(whole.altered(|key| (key.p, key.q) = (key.q.clone(), key.p.clone())).unwrap_err(), dp);
    assert_eq!(whole.altered(|key| core::mem::swap(&mut key.dp, &mut key.dq)).unwrap_err(), dp);
    assert_eq!(whole.altered(|key| key.e = vec![3]).unwrap_err(), d);
    assert_eq!(whole.altered(|key| key.p.clear()).unwrap_err(), product);
    assert_eq!(whole.altered(|key| key.q.clear()).unwrap_err(), product);
}

#[test]
fn moduli_are_of_2048_to_8192_bits() {
    let size = Error::UnsuitableKey("the modulus must have 2048 to 8192 bits");
    for (bits, taken) in [(0, false), (2047, false), (2048, true), (8192, true), (8193, false)] {
        let n: BigUint = BigUint::from(1u32) << bits >> 1;
        let key = Numbers { n: n.to_bytes_be(), ..known_key("python_rsa") };
        assert_eq!(key.import().unwrap_err() != size, taken, "{bits}");
    }
}

#[test]
fn leading_zeros_of_an_imported_number_do_not_matter() {
    let [p, q] = primes();
    let mut key = Numbers::new(&p, &q, 65537);
    let expected =
        key.import().unwrap().sign_digest(&Sha256::digest(b"message"), &mut ChaCha20Rng::seed_from_u64(5));
    let Numbers { n, e, d, p, q, dp, dq, qinv } = &mut key;
    for number in [n, e, d, p, q, dp, dq, qinv] {
        number.splice(..0, [0; 300]);
    }
    let imported = key.import().unwrap();
    assert_eq!(
        imported.sign_digest(&Sha256::digest(b"message"), &mut ChaCha20Rng::seed_from_u64(6)),
        expected
    );
}

#[test]
fn debug_of_imported_key_shows_no_secret() {
    assert_eq!(format!("{:?}", known_key("odd_size").import().unwrap()), "ImportedKey { bits: 2049, .. }");
}

/// Keys that only the any-size arithmetic takes, and generated ones forced through it.
#[test]
fn any_size_arithmetic_gives_the_signatures_of_the_lanes() {
    for key in keys() {
        let [n, d] = [key.modulus(), key.private_exponent()].map(BigUint::from_bytes_be);
        let any_size = any_size(&components(key));
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        for message in [BigUint::ZERO, 1u32.into(), BigUint::from_bytes_be(key.p()), &n - 1u32, &n >> 1] {
            let words = int::read(&message.to_bytes_be(), key.modulus().len() / 8);
            let signature = any_size.private_op(&words, &mut rng).unwrap();
            assert_eq!(BigUint::from_bytes_be(&signature), message.modpow(&d, &n));
        }
    }
}

/// The key as one of any size.
fn any_size(key: &Components<'_>) -> AnySizeKey {
    let mut parts = KeyParts::read(key).unwrap();
    // An exponent that the lanes don't support, with leading zeros.
    parts.e.insert(0, 0);
    let ImportedSigner::AnySize(key) = parts.into_key().signer else { panic!("in lanes") };
    *key
}

#[test]
fn any_size_arithmetic_releases_no_signature_after_a_fault() {
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let numbers = known_key("odd_size");
    let message = int::half(&any_size(&numbers.components()).n.n);
    for trial in 0..20 {
        let mut key = any_size(&numbers.components());
        let bit = 41 * trial + 3;
        let [p, q] = &mut key.primes;
        match trial % 5 {
            0 => flip(&mut p.modulus.n, bit),
            1 => flip(&mut q.modulus.n, bit),
            2 => flip(&mut p.exponent, bit),
            3 => flip(&mut q.exponent, bit),
            _ => flip(&mut key.qinv, bit),
        }
        assert_eq!(key.private_op(&message, &mut rng), Err(Error::SignatureFault), "{trial}");
        let key = any_size(&numbers.components());
        let mut signature = key.power_d(&message, &mut rng);
        assert!(key.release(&signature, &message).is_ok());
        flip(&mut signature, bit);
        assert_eq!(key.release(&signature, &message), Err(Error::SignatureFault), "{trial}");
    }
}

/// How many keys are altered: `CSR_ALTERED_KEYS`, or a few.
fn altered_keys() -> usize {
    std::env::var("CSR_ALTERED_KEYS").ok().and_then(|x| x.parse().ok()).unwrap_or(20)
}

/// The `rsa` crate's verdict on keys with random faults. It computes the CRT values itself, and
/// ignores the given ones.
#[test]
fn keys_that_another_implementation_refuses_are_refused() {
    let mut rng = ChaCha20Rng::seed_from_u64(10);
    let mut random = int::zero(3);
    let (mut both, mut accepted) = (0, 0);
    for i in 0..altered_keys() {
        let [p, q] = known(["many_twos", "odd_size", "below_sqrt2", "one_modulo_four"][i % 4]);
        let mut key = Numbers::with(&p, &q, &exponent_for(&p, &q, [65537, 3, 17][i % 3]), Modulo::Lambda);
        int::fill(&mut rng, &mut random);
        let Numbers { n, e, d, p, q, .. } = &mut key;
        let number = [n, e, d, p, q][(random[0] % 5) as usize].as_mut_slice();
        if i % 4 != 0 {
            let bit = (random[1] % (8 * number.len() as u64)) as usize;
            number[bit / 8] ^= 1 << (bit % 8);
        }
        let theirs = rsa::PrivateKey::from_components(
            rsa::BoxedUint::from_be_slice_vartime(&key.n),
            rsa::BoxedUint::from_be_slice_vartime(&key.e),
            rsa::BoxedUint::from_be_slice_vartime(&key.d),
            [&key.p, &key.q].map(|prime| rsa::BoxedUint::from_be_slice_vartime(prime)).to_vec(),
        );
        let theirs = theirs.and_then(|key| key.validate());
        match (key.import(), theirs) {
            (Ok(_), Ok(())) => accepted += 1,
            (Err(_), Err(_)) => both += 1,
            (ours, theirs) => panic!("{i}: {ours:?}, {theirs:?}"),
        }
    }
    assert!(both > 0 && accepted > 0, "{both} refused, {accepted} accepted");
}

use chacha20::ChaCha20Rng;
use num_bigint::BigUint;
use rand_core::{SeedableRng, TryCryptoRng, TryRng};
use sha2::{Digest, Sha256};

use super::*;

/// A source that gives the same byte for ever, or nothing but errors.
struct Broken(Option<u8>);

#[derive(Debug, thiserror::Error)]
#[error("no entropy")]
struct NoEntropy;

impl TryRng for Broken {
    type Error = NoEntropy;
    fn try_next_u32(&mut self) -> Result<u32, NoEntropy> {
        unreachable!("keys are drawn as bytes")
    }
    fn try_next_u64(&mut self) -> Result<u64, NoEntropy> {
        unreachable!("keys are drawn as bytes")
    }
    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), NoEntropy> {
        dst.fill(self.0.ok_or(NoEntropy)?);
        Ok(())
    }
}
impl TryCryptoRng for Broken {}

#[test]
fn a_failing_source_is_an_error_and_no_key() {
    let error = generate(ModulusSize::Bits2048, &mut Broken(None)).unwrap_err();
    assert_eq!(error, Error::RandomSource("no entropy".into()));
}

#[test]
fn a_stuck_source_is_an_error_and_no_key() {
    for byte in [0x00, 0xff, 0x5a] {
        let error = generate(ModulusSize::Bits2048, &mut Broken(Some(byte))).unwrap_err();
        assert_eq!(error, Error::StuckSource, "{byte:#04x}");
    }
}

#[test]
fn keys_of_every_size_have_the_exact_length_and_pass_the_whole_check() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    for size in [ModulusSize::Bits2048, ModulusSize::Bits3072, ModulusSize::Bits4096] {
        let key = generate(size, &mut rng).unwrap();
        assert_eq!(key.modulus().len() * 8, size.bits() as usize);
        assert!(key.modulus()[0] >= 0x80);
        for prime in [key.p(), key.q()] {
            assert!(prime[0] >= 0xc0, "top two bits");
            assert_eq!(prime[prime.len() - 1] & 7, 7, "low three bits");
        }
        key.check().unwrap();
    }
}

#[test]
fn the_same_stream_gives_the_same_key() {
    let key = |seed| generate(ModulusSize::Bits2048, &mut ChaCha20Rng::seed_from_u64(seed)).unwrap();
    assert_eq!(key(7).modulus(), key(7).modulus());
    assert_ne!(key(7).modulus(), key(8).modulus());
}

#[test]
fn debug_shows_no_secret() {
    let key = generate(ModulusSize::Bits2048, &mut ChaCha20Rng::seed_from_u64(2)).unwrap();
    assert_eq!(format!("{key:?}"), "RsaKey { size: Bits2048, .. }");
}

#[test]
fn a_damaged_key_does_not_pass_the_check() {
    let damage: [fn(&mut RsaKey); 5] = [
        |key| key.p[100] ^= 1,
        |key| key.d[100] ^= 1,
        |key| key.dp[100] ^= 1,
        |key| key.dq[100] ^= 1,
        |key| key.qinv[100] ^= 1,
    ];
    for break_it in damage {
        let mut key = generate(ModulusSize::Bits2048, &mut ChaCha20Rng::seed_from_u64(3)).unwrap();
        break_it(&mut key);
        assert!(matches!(key.check(), Err(Error::KeyCheck(_))));
    }
}

#[test]
fn every_backend_makes_the_same_key() {
    for size in [ModulusSize::Bits2048, ModulusSize::Bits3072, ModulusSize::Bits4096] {
        let key = |backend| generate_with(backend, size, &mut ChaCha20Rng::seed_from_u64(4)).unwrap();
        let expected = key(Backend::Portable);
        for backend in Backend::available() {
            assert_eq!(*key(backend).private_exponent(), *expected.private_exponent(), "{}", backend.name());
        }
    }
}

#[test]
fn a_batch_makes_the_keys_that_its_seeds_make_one_by_one() {
    for backend in Backend::available() {
        let keys =
            generate_batch(backend, ModulusSize::Bits2048, 11, &mut ChaCha20Rng::seed_from_u64(5)).unwrap();
        assert_eq!(keys.len(), 11);
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        for key in &keys {
            let mut seed = [0; 32];
            rng.try_fill_bytes(&mut seed).unwrap();
            let single = generate(ModulusSize::Bits2048, &mut ChaCha20Rng::from_seed(seed)).unwrap();
            assert_eq!(key.modulus(), single.modulus(), "{}", backend.name());
        }
    }
}

#[test]
fn an_empty_batch_is_no_key() {
    let keys = generate_batch(Backend::best(), ModulusSize::Bits2048, 0, &mut Broken(None)).unwrap();
    assert!(keys.is_empty());
}

#[test]
fn a_stuck_source_fails_the_batch() {
    let error =
        generate_batch(Backend::best(), ModulusSize::Bits2048, 3, &mut Broken(Some(0x5a))).unwrap_err();
    assert_eq!(error, Error::StuckSource);
}

#[test]
fn a_failing_source_fails_the_batch() {
    let error = generate_batch(Backend::best(), ModulusSize::Bits2048, 3, &mut Broken(None)).unwrap_err();
    assert_eq!(error, Error::RandomSource("no entropy".into()));
}

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

/// A source whose draws are these primes, one after the other.
struct Primes(core::iter::Cycle<core::array::IntoIter<BigUint, 2>>);

fn primes() -> [BigUint; 2] {
    PRIMES.map(|hex| BigUint::parse_bytes(hex, 16).unwrap())
}

impl Source for Primes {
    fn draw(&mut self, bytes: &mut [u8]) -> Result<(), Error> {
        bytes.copy_from_slice(&self.0.next().unwrap().to_bytes_be());
        Ok(())
    }
}

/// All of a key's way but the search, which takes a hundred times as long: what Miri can run, in half an hour.
#[test]
fn primes_drawn_first_make_the_key() {
    for backend in Backend::available() {
        let source = Box::new(Primes(primes().into_iter().cycle()));
        let bases = ChaCha20Rng::seed_from_u64(12);
        let key = one_key(backend, ModulusSize::Bits2048, source, bases).unwrap();
        assert_eq!([key.p(), key.q()].map(BigUint::from_bytes_be), primes(), "{}", backend.name());
    }
}

/// Two exponentiations: Miri runs this in minutes.
#[test]
fn the_key_of_known_primes_signs() {
    let [p, q] = primes().map(|prime| words::read(&prime.to_bytes_be(), 16));
    let key = key::assemble(ModulusSize::Bits2048, &p, &q).unwrap();
    key.check().unwrap();
    let n = BigUint::from_bytes_be(key.modulus());
    for backend in Backend::available() {
        let mut rng = ChaCha20Rng::seed_from_u64(13);
        let signature = SigningKey::new(&key).on(backend).sign_pkcs1v15_sha256(b"message", &mut rng).unwrap();
        let encoded = BigUint::from_bytes_be(&signature).modpow(&PUBLIC_EXPONENT.into(), &n).to_bytes_be();
        assert!(encoded.ends_with(&Sha256::digest(b"message")), "{}", backend.name());
    }
}

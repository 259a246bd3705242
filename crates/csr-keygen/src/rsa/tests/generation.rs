//! Generation: random sources that fail or repeat themselves, sizes, backends, batches.

use chacha20::ChaCha20Rng;
use rand_core::{SeedableRng, TryCryptoRng, TryRng};

use super::*;

/// A source that always returns the same byte, or always fails.
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
fn failing_source_is_an_error_and_no_key() {
    let error = generate(ModulusSize::Bits2048, &mut Broken(None)).unwrap_err();
    assert_eq!(error, Error::RandomSource("no entropy".into()));
}

#[test]
fn stuck_source_is_an_error_and_no_key() {
    for byte in [0x00, 0xff, 0x5a] {
        let error = generate(ModulusSize::Bits2048, &mut Broken(Some(byte))).unwrap_err();
        assert_eq!(error, Error::StuckSource, "{byte:#04x}");
    }
}

/// A source that restarts at every call.
struct Restarting;

impl TryRng for Restarting {
    type Error = core::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        unreachable!("keys are drawn as bytes")
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        unreachable!("keys are drawn as bytes")
    }
    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Self::Error> {
        ChaCha20Rng::seed_from_u64(15).try_fill_bytes(dst)
    }
}
impl TryCryptoRng for Restarting {}

#[test]
fn source_that_repeats_itself_at_every_call_is_stuck() {
    let size = ModulusSize::Bits2048;
    assert_eq!(generate(size, &mut Restarting).unwrap_err(), Error::StuckSource);
    let error = generate_batch_with(Backend::best(), size, 1, &mut Restarting).unwrap_err();
    assert_eq!(error, Error::StuckSource);
}

#[test]
fn keys_of_every_size_have_the_exact_length_and_pass_the_whole_check() {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    for size in ModulusSize::ALL {
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
fn same_stream_gives_the_same_key() {
    let key = |seed| generate(ModulusSize::Bits2048, &mut ChaCha20Rng::seed_from_u64(seed)).unwrap();
    assert_eq!(key(7).modulus(), key(7).modulus());
    assert_ne!(key(7).modulus(), key(8).modulus());
}

#[test]
fn debug_of_rsa_key_shows_no_secret() {
    let key = generate(ModulusSize::Bits2048, &mut ChaCha20Rng::seed_from_u64(2)).unwrap();
    assert_eq!(format!("{key:?}"), "RsaKey { size: Bits2048, .. }");
}

#[test]
fn every_backend_makes_the_same_key() {
    for size in ModulusSize::ALL {
        let key = |backend| generate_with(backend, size, &mut ChaCha20Rng::seed_from_u64(4)).unwrap();
        let expected = key(Backend::Portable);
        for backend in Backend::available() {
            assert_eq!(*key(backend).private_exponent(), *expected.private_exponent(), "{}", backend.name());
        }
    }
}

#[test]
fn batch_makes_the_keys_that_its_seeds_make_one_by_one() {
    for backend in Backend::available() {
        let keys =
            generate_batch_with(backend, ModulusSize::Bits2048, 11, &mut ChaCha20Rng::seed_from_u64(5))
                .unwrap();
        assert_eq!(keys.len(), 11);
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let mut seed = [0; 32];
        rng.try_fill_bytes(&mut seed).unwrap();
        for key in &keys {
            rng.try_fill_bytes(&mut seed).unwrap();
            let single = generate(ModulusSize::Bits2048, &mut ChaCha20Rng::from_seed(seed)).unwrap();
            assert_eq!(key.modulus(), single.modulus(), "{}", backend.name());
        }
    }
}

#[test]
fn empty_batch_needs_no_randomness() {
    let keys = generate_batch_with(Backend::best(), ModulusSize::Bits2048, 0, &mut Broken(None)).unwrap();
    assert!(keys.is_empty());
}

#[test]
fn stuck_source_fails_the_batch() {
    for count in [1, 3] {
        let error =
            generate_batch_with(Backend::best(), ModulusSize::Bits2048, count, &mut Broken(Some(0x5a)))
                .unwrap_err();
        assert_eq!(error, Error::StuckSource);
    }
}

#[test]
fn failing_source_fails_the_batch() {
    let error =
        generate_batch_with(Backend::best(), ModulusSize::Bits2048, 3, &mut Broken(None)).unwrap_err();
    assert_eq!(error, Error::RandomSource("no entropy".into()));
}

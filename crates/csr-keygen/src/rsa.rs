//! RSA keys by FIPS 186-5 A.1.3 (random probable primes), e = 65537, by the process of c2sp.org/det-keygen.
//!
//! ```text
//! source (draws) ── search (trial division) ── engine.filter (base 2, lanes) ── verdict (Miller–Rabin, lanes;
//! key::assemble; key check; pairwise test) ── RsaKey
//! ```
//!
//! Every candidate is a fresh draw of the random source with its top two and its low three bits set; the first
//! prime is p, the next is q. [`generate`] draws from any generator; [`from_seed`] from HMAC_DRBG-SHA-256, which
//! makes the key a function of the seed. The result does not depend on the [`Backend`].

mod any_size;
mod blinding;
mod crt;
mod fleet;
mod import;
mod key;
mod search;
mod sign;
mod source;
mod verdict;
pub(crate) mod words;

use chacha20::ChaCha20Rng;
use rand_core::{SeedableRng, TryCryptoRng};
use zeroize::Zeroizing;

pub use import::{Components, ImportedKey};
pub use key::RsaKey;
pub use sign::SigningKey;

use crate::drbg::DetKeygen;
use crate::engine::{self, Engine};
use crate::{Backend, Error, stack};
use fleet::Work;
use source::{Bulk, Source};

/// The public exponent of every generated key, F4 = 2^16 + 1.
pub const PUBLIC_EXPONENT: u32 = 65_537;

/// The size of the modulus n.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ModulusSize {
    /// 2048 bits: two primes of 1024 bits.
    Bits2048,
    /// 3072 bits: two primes of 1536 bits.
    Bits3072,
    /// 4096 bits: two primes of 2048 bits.
    Bits4096,
}

impl ModulusSize {
    /// The length of n in bits (nlen in FIPS 186-5).
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Bits2048 => 2048,
            Self::Bits3072 => 3072,
            Self::Bits4096 => 4096,
        }
    }

    /// The length of each prime in bits: half the modulus.
    #[must_use]
    pub const fn prime_bits(self) -> u32 {
        self.bits() / 2
    }

    /// Miller–Rabin rounds with random bases, FIPS 186-5 Table B.1 (error probability 2^-112 or less for
    /// 1024-bit primes, 2^-128 for the larger ones).
    pub(crate) const fn miller_rabin_rounds(self) -> u32 {
        match self {
            Self::Bits2048 => 5,
            Self::Bits3072 | Self::Bits4096 => 4,
        }
    }

    /// How many pairs of primes fill whole batches of eight: with the pairwise test's two, twelve
    /// exponentiations a pair for 2048 bits and ten for the others.
    const fn pairs_to_a_whole_batch(self) -> usize {
        match self {
            Self::Bits2048 => 2,
            Self::Bits3072 | Self::Bits4096 => 4,
        }
    }
}

/// Generates an RSA private key: both primes from fresh draws of `rng`, d modulo λ(n), checked whole.
///
/// Takes from `rng` 32 bytes for the Miller–Rabin bases, then a draw of `size.prime_bits() / 8` bytes for each
/// candidate, thirty-two draws at a time and so some more than the key needs.
///
/// # Errors
///
/// [`Error::RandomSource`] and [`Error::StuckSource`] when `rng` fails or repeats itself,
/// [`Error::CandidateLimit`] when it yields no key, [`Error::KeyCheck`] when the finished key is not
/// consistent (a hardware fault). There is no key then.
pub fn generate<R: TryCryptoRng + ?Sized>(size: ModulusSize, rng: &mut R) -> Result<RsaKey, Error> {
    generate_with(Backend::default(), size, rng)
}

/// [`generate`] on a backend of the caller's choice: the same key from the same `rng`.
///
/// # Errors
///
/// As [`generate`].
pub fn generate_with<R: TryCryptoRng + ?Sized>(
    backend: Backend,
    size: ModulusSize,
    rng: &mut R,
) -> Result<RsaKey, Error> {
    stack::wiped::<{ stack::DEEP }, _>(|| {
        let bases = seeded_from(rng)?;
        let source = Bulk::new(rng, size.prime_bits() as usize / 8);
        one_key(backend, size, Box::new(source), bases)
    })
}

/// Generates `count` keys that share the lanes of the vector units: for 2048 bits faster a key than [`generate`], for
/// longer ones about as fast.
///
/// Each key comes from a ChaCha20 generator of its own, seeded with 32 bytes of `rng`, and is the key that
/// [`generate`] makes with that generator. 32 bytes before the first key's are only compared with them, so that a
/// source that is stuck shows even with one key.
///
/// # Errors
///
/// As [`generate`]; one failure and there is no key at all.
pub fn generate_batch<R: TryCryptoRng + ?Sized>(
    backend: Backend,
    size: ModulusSize,
    count: usize,
    rng: &mut R,
) -> Result<Vec<RsaKey>, Error> {
    stack::wiped::<{ stack::DEEP }, _>(|| {
        let mut previous: Option<Zeroizing<[u8; 32]>> = None;
        let works = (0..count).map(|index| {
            let before = previous.take().map_or_else(|| draw_seed(rng), Ok)?;
            let seed = draw_seed(rng)?;
            source::ensure_new(&*seed, &*before)?;
            let mut rng = ChaCha20Rng::from_seed(*seed);
            previous = Some(seed);
            let bases = seeded_from(&mut rng)?;
            let source = Bulk::new(rng, size.prime_bits() as usize / 8);
            Ok(Work::new(index, size, Box::new(source), bases))
        });
        fleet::run(&mut *engine::new(backend, size), size, works)
    })
}

/// Derives the RSA private key of a seed, by c2sp.org/det-keygen.
///
/// <div class="warning">
///
/// The key is exactly as secret as its seed: whoever has the seed has the key, and a seed with less than 192
/// bits of entropy can be searched for. A key that need not be made again comes from [`generate`].
///
/// </div>
///
/// # Errors
///
/// [`Error::Seed`] for a seed below 16 bytes, [`Error::KeyCheck`] when the finished key is not consistent (a hardware
/// fault). [`Error::CandidateLimit`] and [`Error::StuckSource`] would be the seed's fault, but no such seed is known.
pub fn from_seed(backend: Backend, size: ModulusSize, seed: &[u8]) -> Result<RsaKey, Error> {
    if seed.len() < crate::MIN_SEED_OCTETS {
        return Err(Error::Seed(crate::SHORT_SEED));
    }
    #[expect(clippy::cast_possible_truncation, reason = "at most 4096")]
    let bits = (size.bits() as u16).to_be_bytes();
    stack::wiped::<{ stack::DEEP }, _>(|| derive(backend, size, seed, bits))
}

fn derive(backend: Backend, size: ModulusSize, seed: &[u8], bits: [u8; 2]) -> Result<RsaKey, Error> {
    let drbg = DetKeygen::new(&[seed, b"det RSA key gen", &bits]);
    // The bases need be unknown to nobody, only unrelated to the candidates: another personalization.
    let mut bases_seed = Zeroizing::new([0; 32]);
    DetKeygen::new(&[seed, b"csr-keygen Miller-Rabin bases", &bits]).generate(&mut *bases_seed);
    one_key(backend, size, Box::new(drbg), ChaCha20Rng::from_seed(*bases_seed))
}

fn one_key<'s>(
    backend: Backend,
    size: ModulusSize,
    source: Box<dyn Source + 's>,
    bases: ChaCha20Rng,
) -> Result<RsaKey, Error> {
    one_key_on(&mut *engine::new(backend, size), size, source, bases)
}

fn one_key_on<'s>(
    engine: &mut dyn Engine,
    size: ModulusSize,
    source: Box<dyn Source + 's>,
    bases: ChaCha20Rng,
) -> Result<RsaKey, Error> {
    let work = Work::new(0, size, source, bases);
    fleet::run(engine, size, [Ok(work)])?.pop().ok_or(Error::CandidateLimit)
}

/// A generator of its own, from 32 bytes of the caller's.
pub(crate) fn seeded_from<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<ChaCha20Rng, Error> {
    Ok(ChaCha20Rng::from_seed(*draw_seed(rng)?))
}

fn draw_seed<R: TryCryptoRng + ?Sized>(rng: &mut R) -> Result<Zeroizing<[u8; 32]>, Error> {
    let mut seed = Zeroizing::new([0; 32]);
    source::fill(rng, &mut *seed)?;
    Ok(seed)
}

#[cfg(test)]
mod check_tests;
#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "tests")]
mod import_tests;
#[cfg(test)]
mod known_draws;
#[cfg(test)]
mod outcome_tests;
#[cfg(test)]
#[allow(clippy::cast_precision_loss, reason = "a report")]
mod report;
#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "tests")]
mod sign_tests;
#[cfg(test)]
mod tampered;
#[cfg(test)]
mod tests;

//! RSA keys by FIPS 186-5 A.1.3 (random probable primes), e = 65537, by the process of
//! c2sp.org/det-keygen.
//!
//! # From a draw to a key
//!
//! | step | FIPS 186-5 | where |
//! |---|---|---|
//! | draw: every candidate is a fresh draw with its top two and low three bits set | A.1.3 steps 4.2–4.4, 5.2–5.4 | `search` |
//! | sieve: trial division by the primes below 2^16 or 2^17 | | `search` calls `sieve` |
//! | filter: 2^((n−1)/2) = (2/n), eight candidates side by side; not counted as a round | | `search` calls `engine` |
//! | limit: at most 10·nlen candidates for q, then a new start | A.1.3 steps 4.7, 5.8 | `search` |
//! | Miller–Rabin: 5 or 4 rounds with random bases for each of p and q | B.3.1, Table B.1 | `miller_rabin` |
//! | key: \|p − q\|, gcd(p−1, q−1), d = e⁻¹ mod lcm(p−1, q−1), CRT values | A.1.1, A.1.3 steps 4.5, 5.5, 5.6 | `key::assemble` |
//! | check: every number of the finished key, then a signature that must verify | A.1.1 | `RsaKey::check`, `miller_rabin` |
//!
//! So a key is followed from its first draw to its check in four files: this one, `search`,
//! `miller_rabin` and `key`. The first prime found is p, the next one q. A pair that makes no key
//! is drawn anew.
//!
//! [`generate`] draws from any generator. [`from_seed`] draws from HMAC_DRBG-SHA-256, which makes
//! the key a function of the seed. The result does not depend on the [`Backend`].
//!
//! # Below
//!
//! ```text
//! engine   the operations of a backend ── kernel (Montgomery products in lanes), sieve (trial division)
//! sign     padding (PKCS #1 v1.5, PSS) ── crt (blinded halves, recombination, check)
//! import   checks of imported keys: miller_rabin, weak ── signatures: sign, or any_size for other shapes
//! int      constant-time arithmetic on words ── montgomery (portable products, moduli of any length)
//! ```

mod any_size;
mod crt;
mod engine;
mod import;
mod int;
mod kernel;
mod key;
pub(crate) mod miller_rabin;
mod montgomery;
mod padding;
mod search;
mod sieve;
mod sign;
mod size;
pub(crate) mod testing;

use chacha20::ChaCha20Rng;
use rand_core::{SeedableRng, TryCryptoRng};
use zeroize::Zeroizing;

pub use import::{Components, ImportedKey, has_roca_fingerprint};
pub use key::RsaKey;
pub use padding::Scheme;
pub use sign::RsaSigner;
pub use size::{ModulusSize, PUBLIC_EXPONENT};

use crate::drbg::{self, DetKeygen};
use crate::random::{SeededGenerators, seeded_from};
use crate::{Backend, Error, stack};
use engine::Engine;
use search::{BulkSource, KeySearch, Source, find_keys};

/// Generates an RSA private key: both primes from fresh draws of `rng`, d modulo λ(n), the whole
/// key checked.
///
/// Takes from `rng` 32 bytes for the Miller–Rabin bases, then a draw of `size.prime_bits() / 8`
/// bytes for each candidate, thirty-two draws at a time and so some more than the key needs.
///
/// # Errors
///
/// [`Error::RandomSource`] and [`Error::StuckSource`] if `rng` fails or repeats itself,
/// [`Error::CandidateLimit`] if it yields no key, [`Error::KeyCheck`] if the finished key is not
/// consistent (a hardware fault). No key is returned then.
pub fn generate<R: TryCryptoRng + ?Sized>(size: ModulusSize, rng: &mut R) -> Result<RsaKey, Error> {
    generate_with(Backend::default(), size, rng)
}

/// [`generate`] on a chosen backend: the same key from the same `rng`.
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
        one_key(&mut *engine::new(backend, size), size, Box::new(BulkSource::new(rng, size)), bases)
    })
}

/// Generates `count` keys that share the lanes of the vector units. For 2048 bits that is faster
/// per key than [`generate`], for longer keys about as fast.
///
/// Each key comes from a ChaCha20 generator of its own, seeded with 32 bytes of `rng`, and is the
/// key that [`generate`] makes with that generator. The 32 bytes before those of the first key are
/// only compared with them, so that a stuck source is noticed even with one key.
///
/// # Errors
///
/// As [`generate`]. After one failure no key is returned.
pub fn generate_batch<R: TryCryptoRng + ?Sized>(
    size: ModulusSize,
    count: usize,
    rng: &mut R,
) -> Result<Vec<RsaKey>, Error> {
    generate_batch_with(Backend::default(), size, count, rng)
}

/// [`generate_batch`] on a chosen backend: the same keys from the same `rng`.
///
/// # Errors
///
/// As [`generate_batch`].
pub fn generate_batch_with<R: TryCryptoRng + ?Sized>(
    backend: Backend,
    size: ModulusSize,
    count: usize,
    rng: &mut R,
) -> Result<Vec<RsaKey>, Error> {
    stack::wiped::<{ stack::DEEP }, _>(|| {
        let mut generators = SeededGenerators::new(rng);
        let searches = (0..count).map(|index| {
            let mut rng = generators.next_generator()?;
            let bases = seeded_from(&mut rng)?;
            Ok(KeySearch::new(index, size, Box::new(BulkSource::new(rng, size)), bases))
        });
        find_keys(&mut *engine::new(backend, size), size, searches)
    })
}

/// Derives the RSA private key of a seed, by c2sp.org/det-keygen.
///
/// <div class="warning">
///
/// The key is exactly as secret as its seed: anyone who has the seed has the key, and a seed with
/// less than 192 bits of entropy can be searched for. Use [`generate`] for a key that need not be
/// derived again.
///
/// </div>
///
/// # Errors
///
/// [`Error::Seed`] for a seed of less than 16 octets, [`Error::KeyCheck`] if the finished key is
/// not consistent (a hardware fault). [`Error::CandidateLimit`] and [`Error::StuckSource`] would be
/// the seed's fault, but no such seed is known.
pub fn from_seed(size: ModulusSize, seed: &[u8]) -> Result<RsaKey, Error> {
    from_seed_with(Backend::default(), size, seed)
}

/// [`from_seed`] on a chosen backend: the same key.
///
/// # Errors
///
/// As [`from_seed`].
pub fn from_seed_with(backend: Backend, size: ModulusSize, seed: &[u8]) -> Result<RsaKey, Error> {
    drbg::check_seed(seed)?;
    #[expect(clippy::cast_possible_truncation, reason = "at most 4096")]
    let bits = (size.bits() as u16).to_be_bytes();
    stack::wiped::<{ stack::DEEP }, _>(|| {
        let drbg = DetKeygen::new(&[seed, b"det RSA key gen", &bits]);
        // The bases need not be secret, only unrelated to the candidates: another personalization.
        let mut bases_seed = Zeroizing::new([0; 32]);
        DetKeygen::new(&[seed, b"csr-keygen Miller-Rabin bases", &bits]).generate(&mut *bases_seed);
        let bases = ChaCha20Rng::from_seed(*bases_seed);
        one_key(&mut *engine::new(backend, size), size, Box::new(drbg), bases)
    })
}

fn one_key<'s>(
    engine: &mut dyn Engine,
    size: ModulusSize,
    source: Box<dyn Source + 's>,
    bases: ChaCha20Rng,
) -> Result<RsaKey, Error> {
    let search = KeySearch::new(0, size, source, bases);
    find_keys(engine, size, [Ok(search)])?.pop().ok_or(Error::CandidateLimit)
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "tests")]
pub(crate) mod tests;

//! RSA keys by FIPS 186-5 A.1.3 (random probable primes), e = 65537.
//!
//! ```text
//! generate ── prime::search (p, q) ── key::assemble (d mod λ, CRT values) ── key::check
//! ```
//!
//! [`prime`] is the seam: everything that finds primes lives behind it, so that a faster engine replaces one file.

mod key;
mod prime;

use rand_core::TryCryptoRng;

pub use key::RsaKey;

use crate::Error;
use prime::PrimeSource;

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
    const fn miller_rabin_rounds(self) -> u32 {
        match self {
            Self::Bits2048 => 5,
            Self::Bits3072 | Self::Bits4096 => 4,
        }
    }
}

/// How often the whole key is started again before the random source is blamed. One start fails with a
/// probability of about 2^-14 (e divides a totient); the candidate bound is reached far less often still.
const MAX_STARTS: u32 = 16;

/// Generates an RSA private key: both primes from fresh draws of `rng`, d modulo λ(n), checked whole.
///
/// Takes from `rng` 32 bytes for the Miller–Rabin bases, then one draw of `size.prime_bits() / 8` bytes for
/// each candidate.
///
/// # Errors
///
/// [`Error::RandomSource`] and [`Error::StuckSource`] when `rng` fails or repeats itself,
/// [`Error::CandidateLimit`] when it yields no primes, [`Error::KeyCheck`] when the finished key is not
/// consistent (a hardware fault). There is no key then.
pub fn generate<R: TryCryptoRng + ?Sized>(size: ModulusSize, rng: &mut R) -> Result<RsaKey, Error> {
    let mut source = PrimeSource::new(size, rng)?;
    for _ in 0..MAX_STARTS {
        let Some(p) = source.next_prime(5 * size.bits())? else { continue };
        let Some(q) = source.next_prime(10 * size.bits())? else { continue };
        if let Some(key) = key::assemble(size, &p, &q) {
            key.check()?;
            return Ok(key);
        }
    }
    Err(Error::CandidateLimit)
}

#[cfg(test)]
mod tests;

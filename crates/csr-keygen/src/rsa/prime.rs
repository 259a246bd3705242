//! The prime search: fresh draws, trial division, Miller–Rabin (FIPS 186-5 A.1.3 steps 4 and 5, B.3.1).

use chacha20::ChaCha20Rng;
use crypto_bigint::{BoxedUint, Odd};
use crypto_primes::hazmat::{MillerRabin, Primality};
use rand_core::{SeedableRng, TryCryptoRng};
use zeroize::{Zeroize, Zeroizing};

use super::ModulusSize;
use crate::Error;

/// Draws candidates from the caller's random source, and Miller–Rabin bases from a generator of its own so
/// that the bases don't disturb the candidate stream.
pub(super) struct PrimeSource<'r, R: ?Sized> {
    size: ModulusSize,
    rng: &'r mut R,
    bases: ChaCha20Rng,
    draw: Zeroizing<Vec<u8>>,
    previous: Zeroizing<Vec<u8>>,
}

impl<'r, R: TryCryptoRng + ?Sized> PrimeSource<'r, R> {
    pub(super) fn new(size: ModulusSize, rng: &'r mut R) -> Result<Self, Error> {
        let mut seed = Zeroizing::new([0; 32]);
        fill(rng, &mut *seed)?;
        let len = size.prime_bits() as usize / 8;
        Ok(Self {
            size,
            rng,
            bases: ChaCha20Rng::from_seed(*seed),
            draw: Zeroizing::new(vec![0; len]),
            previous: Zeroizing::new(vec![0; len]),
        })
    }

    /// The next prime among at most `limit` candidates, or `None` when the limit is reached (FIPS 186-5 A.1.3
    /// steps 4.7 and 5.8: start again).
    pub(super) fn next_prime(&mut self, limit: u32) -> Result<Option<Odd<BoxedUint>>, Error> {
        for _ in 0..limit {
            let candidate = self.next_candidate()?;
            if self.is_probable_prime(&candidate) {
                return Ok(Some(candidate));
            }
        }
        Ok(None)
    }

    /// One fresh draw with the top two and the low three bits set (c2sp.org/det-keygen). The top bits make
    /// p, q ≥ 1.5·2^(k−1) > √2·2^(k−1), so that the modulus has its full length (A.1.3 steps 4.4 and 5.5).
    fn next_candidate(&mut self) -> Result<Odd<BoxedUint>, Error> {
        core::mem::swap(&mut self.draw, &mut self.previous);
        fill(self.rng, &mut self.draw)?;
        if *self.draw == *self.previous {
            return Err(Error::StuckSource);
        }
        let mut words = BoxedUint::from_be_slice(&self.draw, self.size.prime_bits())
            .map_err(|_| Error::KeyCheck("a draw does not have the length of a prime"))?;
        let limbs = words.as_mut_words();
        let top = limbs.len() - 1;
        limbs[top] |= 0b11 << (crypto_bigint::Word::BITS - 2);
        limbs[0] |= 0b111;
        let odd = Odd::new(words.clone()).into_option();
        words.zeroize();
        odd.ok_or(Error::KeyCheck("a candidate is even"))
    }

    /// Trial division, base 2 as a filter, then the rounds of FIPS 186-5 B.3.1 with random bases. A rejected
    /// candidate may be told from another by the time it took; the accepted one takes every step.
    fn is_probable_prime(&mut self, candidate: &Odd<BoxedUint>) -> bool {
        if SMALL_PRIMES.iter().any(|p| candidate.rem_limb(*p) == crypto_bigint::Limb::ZERO) {
            return false;
        }
        let test = MillerRabin::new(candidate.clone());
        let passes = |verdict: Primality| verdict.is_probably_prime();
        passes(test.test_base_two())
            && (0..self.size.miller_rabin_rounds()).all(|_| passes(test.test_random_base(&mut self.bases)))
    }
}

fn fill<R: TryCryptoRng + ?Sized>(rng: &mut R, bytes: &mut [u8]) -> Result<(), Error> {
    rng.try_fill_bytes(bytes).map_err(|e| Error::RandomSource(e.to_string()))
}

/// The odd primes below 2^11.
static SMALL_PRIMES: [crypto_bigint::NonZero<crypto_bigint::Limb>; 308] = small_primes();

const fn small_primes() -> [crypto_bigint::NonZero<crypto_bigint::Limb>; 308] {
    let mut table = [crypto_bigint::NonZero::<crypto_bigint::Limb>::MAX; 308];
    let (mut n, mut count) = (3, 0);
    while count < table.len() {
        let mut divisor = 3;
        while divisor * divisor <= n && n % divisor != 0 {
            divisor += 2;
        }
        if divisor * divisor > n {
            table[count] = crypto_bigint::NonZero::<crypto_bigint::Limb>::new_unwrap(crypto_bigint::Limb(n));
            count += 1;
        }
        n += 2;
    }
    table
}

//! The search's work on a fixed sequence of candidates, for benches and tests.

use rand_core::TryCryptoRng;

use crate::random::seeded_from;
use crate::rsa::engine::{self, Engine};
use crate::rsa::int::{self, Words};
use crate::rsa::miller_rabin::{ImportedNumber, pass_rounds};
use crate::rsa::size::ModulusSize;
use crate::{Backend, Error};

/// The places of the primes in a sequence of odd big-endian candidates that have a prime's length
/// and their top bit set: trial division, base-2 filter and Miller–Rabin as key generation runs
/// them, in the same batches. It measures that on a fixed sequence such as C2SP CCTV's.
///
/// # Errors
///
/// [`Error::RandomSource`] if `rng` fails, [`Error::UnsuitableKey`] for a candidate of another
/// shape.
pub fn primes_among<'c, R: TryCryptoRng + ?Sized>(
    backend: Backend,
    size: ModulusSize,
    candidates: impl IntoIterator<Item = &'c [u8]>,
    rng: &mut R,
) -> Result<Vec<usize>, Error> {
    let mut bases = seeded_from(rng)?;
    let mut engine = engine::new(backend, size);
    let bytes = size.prime_bytes();
    let (mut batch, mut passed) = (Vec::with_capacity(engine.lanes()), Vec::new());
    let mut filter = |engine: &mut dyn Engine, batch: &mut Vec<(usize, Words)>| {
        let numbers: Vec<&[u64]> = batch.iter().map(|(_, words)| &words[..]).collect();
        let verdicts = if numbers.is_empty() { 0 } else { engine.filter(&numbers) };
        let verdicts = (0..).map(|lane| verdicts >> lane & 1 == 1);
        passed.extend(batch.drain(..).zip(verdicts).filter_map(|(number, passes)| passes.then_some(number)));
    };
    for (index, candidate) in candidates.into_iter().enumerate() {
        if candidate.len() != bytes || candidate[0] < 0x80 || candidate[bytes - 1] & 1 == 0 {
            return Err(Error::UnsuitableKey("a candidate must be odd and as long as a prime"));
        }
        let words = int::read(candidate, size.prime_words());
        if !engine.has_small_factor(&words) {
            batch.push((index, words));
            if batch.len() == engine.lanes() {
                filter(&mut *engine, &mut batch);
            }
        }
    }
    filter(&mut *engine, &mut batch);

    let rounds = size.miller_rabin_rounds();
    let (places, numbers): (Vec<_>, Vec<_>) =
        passed.iter().map(|(place, n)| (*place, ImportedNumber::new(n, size.prime_bits() as usize))).unzip();
    let jobs: Vec<_> = numbers
        .iter()
        .flat_map(|number| core::iter::repeat_n(number, rounds))
        .map(|number| (number, number.random_base(&mut bases)))
        .collect();
    let verdicts = pass_rounds(&mut *engine, &jobs);
    let is_prime = |verdicts: &[bool]| verdicts.iter().all(|passes| *passes);
    Ok(places
        .into_iter()
        .zip(verdicts.chunks(rounds))
        .filter_map(|(place, verdicts)| is_prime(verdicts).then_some(place))
        .collect())
}

//! Miller–Rabin (FIPS 186-5 B.3.1), and the test of whole pairs: from candidates that passed the
//! filter to a key.
//!
//! One round with the base b on n = 2^a·m + 1 computes z = b^m and passes if z is 1, or if one of
//! z, z², …, z^(2^(a−1)) is n − 1. The engine computes b^m. Candidates are ≡ 3 (mod 4), so that a =
//! 1 and z alone decides; the squarings serve imported numbers.
//!
//! An imported prime that passes is accepted, so it is as secret as a generated one: nothing of it
//! decides a branch in [`first_composite`] but its length, and a if that is above [`SQUARINGS`].

use chacha20::ChaCha20Rng;
use rand_core::TryCryptoRng;

use crate::random::seeded_from;
use crate::rsa::crt::KeyNumbers;
use crate::rsa::engine::{self, Engine};
use crate::rsa::int::{self, Words};
use crate::rsa::kernel::exponentiation::Power;
use crate::rsa::key::{self, RsaKey};
use crate::rsa::montgomery::{AnySizeModulus, DoubleWidth, power_of_two};
use crate::rsa::size::ModulusSize;
use crate::{Backend, Error, ct};

/// The outcome of a pair.
pub(crate) enum Verdict {
    /// Both are prime, and the finished key passed every check.
    Key(RsaKey),
    /// Both are prime but make no key: both are drawn anew.
    Restart,
    /// One is composite (0 or 1); the other is kept.
    Composite(usize),
}

/// A pair under test, with the random source of its bases.
pub(crate) struct Pair<'p> {
    pub(crate) p: &'p [u64],
    pub(crate) q: &'p [u64],
    pub(crate) bases: &'p mut ChaCha20Rng,
}

/// One exponentiation that owns its numbers.
struct Job<'n> {
    modulus: &'n [u64],
    /// In the engine's Montgomery form.
    base: Words,
    exponent: Words,
    result: Words,
}

impl<'n> Job<'n> {
    fn new(modulus: &'n [u64], base: Words, exponent: Words) -> Self {
        Self { modulus, base, exponent, result: int::zero(modulus.len()) }
    }
}

/// Steps 4.4 and 4.5 of B.3.1 on z = b^m. The squares of step 4.5 are those of an imported number;
/// a candidate, n ≡ 3 (mod 4), has none.
fn accepts(n: &[u64], z: &[u64], imported: Option<&ImportedNumber>) -> bool {
    let mut passes = int::equals_word(z, 1) | int::equal(z, &int::less_one(n));
    if let Some(number) = imported {
        passes |= number.squares_reach_minus_one(z);
    }
    // Primes always pass and rejects are discarded, so the verdict may be public.
    ct::public(passes) == 1
}

fn run(engine: &mut dyn Engine, jobs: &mut [Job<'_>]) {
    let mut powers: Vec<_> = jobs
        .iter_mut()
        .map(|job| Power {
            modulus: job.modulus,
            base: &job.base,
            exponent: &job.exponent,
            result: &mut job.result,
        })
        .collect();
    engine.power(&mut powers);
}

/// Tests several pairs together, so that they share lanes.
///
/// The Miller–Rabin rounds of all pairs (their number is that of Table B.1) fill whole batches
/// first. The remaining rounds run beside the pairwise tests of the assembled keys.
pub(crate) fn test_pairs(
    engine: &mut dyn Engine,
    size: ModulusSize,
    pairs: &mut [Pair<'_>],
) -> Vec<Result<Verdict, Error>> {
    let rounds = size.miller_rabin_rounds();
    let mut jobs = Vec::new();
    for pair in pairs.iter_mut() {
        for prime in [pair.p, pair.q] {
            for _ in 0..rounds {
                jobs.push(Job::new(prime, random_form(pair.bases, prime), int::half(prime)));
            }
        }
    }
    let whole = jobs.len() / engine.lanes() * engine.lanes();
    run(engine, &mut jobs[..whole]);

    let mut keys: Vec<_> = pairs.iter().map(|pair| key::assemble(size, pair.p, pair.q)).collect();
    let mut messages = Vec::new();
    let first_of_pairwise = jobs.len();
    for (key, pair) in keys.iter().zip(pairs.iter_mut()) {
        let Some(key) = key else { continue };
        let mut message = int::zero(2 * pair.p.len());
        int::fill(pair.bases, &mut message);
        // Below n, which has its top bit set.
        let top = message.len() - 1;
        message[top] >>= 1;
        let numbers = KeyNumbers::from_key(key);
        for (mut half, prime) in numbers.halves().into_iter().zip([pair.p, pair.q]) {
            let base = half.in_form(&message, engine.form_bits());
            jobs.push(Job::new(prime, base, int::copy(half.exponent)));
        }
        messages.push(message);
    }
    run(engine, &mut jobs[whole..]);

    let (tests, signatures) = jobs.split_at(first_of_pairwise);
    let mut signed = messages.iter().zip(signatures.chunks(2));
    let mut verdicts = Vec::with_capacity(pairs.len());
    for (key, tests) in keys.iter_mut().zip(tests.chunks(2 * rounds)) {
        let key = key.take();
        let signature = key.as_ref().and_then(|_| signed.next());
        let (of_p, of_q) = tests.split_at(rounds);
        let is_prime = |tests: &[Job<'_>]| tests.iter().all(|job| accepts(job.modulus, &job.result, None));
        verdicts.push(if !is_prime(of_p) {
            Ok(Verdict::Composite(0))
        } else if !is_prime(of_q) {
            Ok(Verdict::Composite(1))
        } else if let (Some(key), Some((message, parts))) = (key, signature) {
            check(engine, key, message, parts)
        } else {
            Ok(Verdict::Restart)
        });
    }
    verdicts
}

/// Checks the whole key, and that a signature made with its CRT values verifies with n and e (the
/// pairwise test).
fn check(engine: &mut dyn Engine, key: RsaKey, message: &[u64], parts: &[Job<'_>]) -> Result<Verdict, Error> {
    key.check()?;
    let numbers = KeyNumbers::from_key(&key);
    let [mut half_p, _] = numbers.halves();
    let signature = numbers.combine(&mut half_p, &parts[0].result, &parts[1].result);
    if numbers.verifies(engine, &signature, message) {
        Ok(Verdict::Key(key))
    } else {
        Err(Error::KeyCheck("a signature did not verify"))
    }
}

/// The Montgomery form of a random base for a candidate (B.3.1 steps 4.1 and 4.2): as many bits as
/// n, drawn again if it is not below n.
///
/// The draw is taken for the form of the base: that maps the residues one to one, so the base is as
/// uniform. The bases 0, 1 and n − 1, which the standard draws again, have a probability below
/// 2^−1020. The number of draws reveals nothing but n's leading bits, to the precision of a few
/// coin tosses.
fn random_form(rng: &mut ChaCha20Rng, n: &[u64]) -> Words {
    let mut base = int::zero(n.len());
    loop {
        int::fill(rng, &mut base);
        if ct::public(int::less(&base, n)) == 1 {
            return base;
        }
    }
}

// Imported numbers.

/// The rounds for each prime of an imported key. The counts of Table B.1 are for numbers drawn at
/// random. Whoever made these may have meant to deceive, and then a composite passes a round with a
/// probability of up to 1/4.
const ROUNDS: usize = 8;
/// The rounds of each of two primes that run side by side in eight lanes.
const ROUNDS_AT_ONCE: usize = 4;
/// The squares of z that are computed for every number. Only one prime in 2^32 has a larger a.
const SQUARINGS: u64 = 32;

/// An odd number n > 1 from elsewhere, n − 1 = 2^a·m.
pub(crate) struct ImportedNumber {
    modulus: AnySizeModulus,
    m: Words,
    a: u64,
    /// n − 1 in the form of `modulus`.
    minus_one: Words,
}

impl ImportedNumber {
    /// An odd n > 1 of that many bits. Only its length is public.
    pub(crate) fn new(n: &[u64], bits: usize) -> Self {
        let modulus = AnySizeModulus::new(n, bits);
        let mut minus_one = int::copy(n);
        int::sub(&mut minus_one, &modulus.one);
        let mut m = int::less_one(n);
        let a = int::make_odd(&mut m);
        Self { modulus, m, a, minus_one }
    }

    /// A base as steps 4.1 and 4.2 draw it, 1 < b < n − 1, in the form of `modulus`: as many bits
    /// as n, drawn again if out of range.
    ///
    /// As in [`random_form`], the draw is taken for the form. The number of draws reveals nothing
    /// but n's leading bits, to the precision of a few coin tosses: of a key's prime, no draw is
    /// 0, 1 or n − 1 but with a probability below 2^−680.
    pub(crate) fn random_base(&self, rng: &mut ChaCha20Rng) -> Words {
        let AnySizeModulus { n, bits, one, .. } = &self.modulus;
        let mut base = int::zero(n.len());
        loop {
            int::fill(rng, &mut base);
            int::keep_bits(&mut base, *bits);
            let trivial = int::is_zero(&base) | int::equal(&base, one) | int::equal(&base, &self.minus_one);
            if ct::public(int::less(&base, n) & (1 ^ trivial)) == 1 {
                return base;
            }
        }
    }

    /// One round without an engine, for numbers that the engines are too short for.
    fn passes_alone(&self, base: &[u64]) -> bool {
        let power = self.modulus.powers(&[(base, &self.m)]);
        accepts(&self.modulus.n, &self.modulus.plain(&power), Some(self))
    }

    /// 1 if one of z², z⁴, …, z^(2^(a−1)) is n − 1.
    fn squares_reach_minus_one(&self, z: &[u64]) -> u64 {
        let mut power = self.modulus.form_of(z);
        let (mut square, mut wide) = (int::zero(power.len()), DoubleWidth::new());
        // That a is so large may be public, and then how large.
        let is_large = ct::public(int::less_word(SQUARINGS, self.a)) == 1;
        let squares = if is_large { ct::public(self.a) } else { SQUARINGS };
        (1..squares).fold(0, |reached, i| {
            self.modulus.square(&mut square, &power, &mut wide);
            core::mem::swap(&mut power, &mut square);
            reached | int::equal(&power, &self.minus_one) & int::less_word(i, self.a)
        })
    }
}

/// One round for each imported number and base: whether it passes.
pub(crate) fn pass_rounds(engine: &mut dyn Engine, rounds: &[(&ImportedNumber, Words)]) -> Vec<bool> {
    let mut jobs: Vec<_> = rounds
        .iter()
        .map(|(ImportedNumber { modulus, m, .. }, base)| {
            let mut radix = int::zero(modulus.n.len());
            power_of_two(&mut radix, engine.form_bits() as usize, &modulus.n);
            Job::new(&modulus.n, modulus.product(base, &radix), int::copy(m))
        })
        .collect();
    run(engine, &mut jobs);
    let passes = |(job, (number, _)): (&Job<'_>, &(&ImportedNumber, Words))| {
        accepts(job.modulus, &job.result, Some(*number))
    };
    jobs.iter().zip(rounds).map(passes).collect()
}

/// The index of the first of two odd numbers above 3 that is not prime, or `None` if both are.
/// Their lengths in words are equal; those in bits are given.
pub(crate) fn first_composite(
    backend: Backend,
    numbers: [&[u64]; 2],
    bits: [usize; 2],
    rng: &mut ChaCha20Rng,
) -> Option<usize> {
    let size = size_for(numbers[0].len());
    let len = size.map_or(numbers[0].len(), ModulusSize::prime_words);
    let numbers = [0, 1].map(|i| {
        let mut padded = int::zero(len);
        padded[..numbers[i].len()].copy_from_slice(numbers[i]);
        ImportedNumber::new(&padded, bits[i])
    });
    let Some(size) = size else {
        let mut is_prime =
            |number: &ImportedNumber| (0..ROUNDS).all(|_| number.passes_alone(&number.random_base(rng)));
        return numbers.iter().position(|number| !is_prime(number));
    };
    let mut engine = engine::new(backend, size);
    (0..ROUNDS / ROUNDS_AT_ONCE).find_map(|_| {
        let both = numbers.iter().flat_map(|number| [number; ROUNDS_AT_ONCE]);
        let rounds: Vec<_> = both.map(|number| (number, number.random_base(rng))).collect();
        let passed = pass_rounds(&mut *engine, &rounds);
        passed.chunks(ROUNDS_AT_ONCE).position(|passed| passed.contains(&false))
    })
}

// Numbers of any parity, for tests.

/// The longest number that [`is_probable_prime`] and [`passes_round`] take, in bits.
pub const MAX_PRIME_BITS: u32 = 2048;

/// Whether the big-endian number passes `rounds` rounds of Miller–Rabin with random bases (FIPS
/// 186-5 B.3.1), at least one. A composite passes one round with a probability of at most 1/4, even
/// if it was chosen to deceive.
///
/// The number's length, its parity and the verdict are public, and whether it is 1, 2 or 3: this is
/// not for secret primes. Those of an imported key are tested without such branches.
///
/// # Errors
///
/// [`Error::RandomSource`] if `rng` fails, [`Error::UnsuitableKey`] for a number above
/// [`MAX_PRIME_BITS`].
pub fn is_probable_prime<R: TryCryptoRng + ?Sized>(
    backend: Backend,
    number: &[u8],
    rounds: u32,
    rng: &mut R,
) -> Result<bool, Error> {
    let (size, n) = parse(number)?;
    // 2 and 3 have no base between 1 and n − 1.
    if n[0] & 1 == 0 || int::equals_word(&n, 1) == 1 || int::equals_word(&n, 3) == 1 {
        return Ok(int::equals_word(&n, 2) | int::equals_word(&n, 3) == 1);
    }
    let number = ImportedNumber::new(&n, int::bit_length(number));
    let mut bases = seeded_from(rng)?;
    let mut engine = engine::new(backend, size);
    Ok((0..rounds.max(1)).all(|_| {
        let base = number.random_base(&mut bases);
        pass_rounds(&mut *engine, &[(&number, base)])[0]
    }))
}

/// One Miller–Rabin round with the given base, 0 < base < number: whether the odd number may be
/// prime. Even numbers and 1 are not.
///
/// # Errors
///
/// [`Error::UnsuitableKey`] for a number above [`MAX_PRIME_BITS`] or a base out of range.
pub fn passes_round(backend: Backend, number: &[u8], base: &[u8]) -> Result<bool, Error> {
    let (size, n) = parse(number)?;
    if n[0] & 1 == 0 || int::equals_word(&n, 1) == 1 {
        return Ok(false);
    }
    let out_of_range = Error::UnsuitableKey("the base must be above 0 and below the number");
    let Some(base) = int::at_most(8 * n.len(), base) else { return Err(out_of_range) };
    let base = int::read(base, n.len());
    if int::is_zero(&base) == 1 || int::less(&base, &n) == 0 {
        return Err(out_of_range);
    }
    let number = ImportedNumber::new(&n, int::bit_length(number));
    let base = number.modulus.form_of(&base);
    Ok(pass_rounds(&mut *engine::new(backend, size), &[(&number, base)])[0])
}

/// The number in as many words as an engine takes, and the engine's size.
fn parse(number: &[u8]) -> Result<(ModulusSize, Words), Error> {
    let number = int::trimmed(number);
    let size = size_for(number.len().div_ceil(8))
        .ok_or(Error::UnsuitableKey("a number must have at most 2048 bits"))?;
    Ok((size, int::read(number, size.prime_words())))
}

/// The shortest size whose primes have at least that many words.
fn size_for(words: usize) -> Option<ModulusSize> {
    ModulusSize::ALL.into_iter().find(|size| words <= size.prime_words())
}

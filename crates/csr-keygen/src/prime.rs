//! Primality of single numbers, on a backend of the caller's choice.
//!
//! Key generation does not go through here: it tests candidates by the batch. This is for numbers from elsewhere,
//! which may be chosen to deceive: it takes as many Miller–Rabin rounds as it is told to.

use chacha20::ChaCha20Rng;
use rand_core::TryCryptoRng;

use crate::int;
use crate::int::context::{Context, power_of_two};
use crate::kernel::lanes::Power;
use crate::rsa::ModulusSize;
use crate::rsa::words::{self, Words};
use crate::{Backend, Error, engine};

/// The longest number that is taken, in bits.
pub const MAX_BITS: u32 = 2048;

/// Whether the big-endian number passes `rounds` rounds of Miller–Rabin with random bases (FIPS 186-5 B.3.1), one at
/// least. A composite passes one round with a probability of at most 1/4, whoever chose it.
///
/// The number's length is public and so is the verdict; the time tells its leading bits, too, by how often a draw for
/// a base is not below it, for numbers ≢ 3 (mod 4) the number of trailing zeros of n − 1, and which powers were 1.
///
/// # Errors
///
/// [`Error::RandomSource`] when `rng` fails, [`Error::UnsuitableKey`] for a number above [`MAX_BITS`].
pub fn is_probable_prime<R: TryCryptoRng + ?Sized>(
    backend: Backend,
    number: &[u8],
    rounds: u32,
    rng: &mut R,
) -> Result<bool, Error> {
    let n = parse(number)?;
    // 2 and 3 leave no base between 1 and n − 1.
    if n[0] & 1 == 0 || int::equals_word(&n, 1) == 1 || int::equals_word(&n, 3) == 1 {
        return Ok(int::equals_word(&n, 2) | int::equals_word(&n, 3) == 1);
    }
    let mut bases = crate::rsa::seeded_from(rng)?;
    let mut engine = engine::new(backend, size_for(&n));
    for _ in 0..rounds.max(1) {
        let base = random_base(&mut bases, &n);
        if !round_each(&mut *engine, &[(&n, base)])[0] {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The places of the primes in a sequence of odd candidates of a prime's length with their top bit set, big-endian:
/// trial division, base-2 filter and Miller–Rabin as key generation runs them, in the same batches. For measuring
/// that on a fixed sequence, such as C2SP CCTV's.
///
/// # Errors
///
/// [`Error::RandomSource`] when `rng` fails, [`Error::UnsuitableKey`] for a candidate of another shape.
pub fn primes_among<'c, R: TryCryptoRng + ?Sized>(
    backend: Backend,
    size: ModulusSize,
    candidates: impl IntoIterator<Item = &'c [u8]>,
    rng: &mut R,
) -> Result<Vec<usize>, Error> {
    let mut bases = crate::rsa::seeded_from(rng)?;
    let mut engine = engine::new(backend, size);
    let (bytes, len) = (size.prime_bits() as usize / 8, size.prime_bits() as usize / 64);
    let (mut batch, mut passed) = (Vec::with_capacity(engine.lanes()), Vec::new());
    let mut filter = |engine: &mut dyn engine::Engine, batch: &mut Vec<(usize, Words)>| {
        let numbers: Vec<&[u64]> = batch.iter().map(|(_, words)| &words[..]).collect();
        let verdicts = if numbers.is_empty() { 0 } else { engine.filter(&numbers) };
        let verdicts = (0..).map(|lane| verdicts >> lane & 1 == 1);
        passed.extend(batch.drain(..).zip(verdicts).filter_map(|(number, passes)| passes.then_some(number)));
    };
    for (index, candidate) in candidates.into_iter().enumerate() {
        if candidate.len() != bytes || candidate[0] < 0x80 || candidate[bytes - 1] & 1 == 0 {
            return Err(Error::UnsuitableKey("a candidate is even or has another length"));
        }
        let words = words::read(candidate, len);
        if !engine.has_small_factor(&words) {
            batch.push((index, words));
            if batch.len() == engine.lanes() {
                filter(&mut *engine, &mut batch);
            }
        }
    }
    filter(&mut *engine, &mut batch);

    let rounds = size.miller_rabin_rounds() as usize;
    let jobs: Vec<(&[u64], Words)> = passed
        .iter()
        .flat_map(|(_, n)| core::iter::repeat_n(&n[..], rounds))
        .map(|n| (n, random_base(&mut bases, n)))
        .collect();
    let verdicts = round_each(&mut *engine, &jobs);
    let prime = |((index, _), verdicts): (&(usize, Words), &[bool])| {
        verdicts.iter().all(|passes| *passes).then_some(*index)
    };
    Ok(passed.iter().zip(verdicts.chunks(rounds)).filter_map(prime).collect())
}

/// A base as B.3.1 steps 4.1 and 4.2 draw it: 1 < b < n − 1, from draws of n's length.
fn random_base(rng: &mut ChaCha20Rng, n: &[u64]) -> Words {
    let mut base = words::zero(n.len());
    loop {
        words::fill(rng, &mut base);
        truncate_to(&mut base, n);
        let mut negated = words::copy(n);
        int::sub(&mut negated, &base);
        let small = int::is_zero(&base) | int::equals_word(&base, 1) | int::equals_word(&negated, 1);
        if int::less(&base, n) & (1 ^ small) == 1 {
            return base;
        }
    }
}

/// One Miller–Rabin round with the given base, 0 < base < number: whether the odd number may be prime. Even
/// numbers and 1 are not.
///
/// # Errors
///
/// [`Error::UnsuitableKey`] for a number above [`MAX_BITS`] or a base out of range.
pub fn miller_rabin(backend: Backend, number: &[u8], base: &[u8]) -> Result<bool, Error> {
    let n = parse(number)?;
    if n[0] & 1 == 0 || int::equals_word(&n, 1) == 1 {
        return Ok(false);
    }
    let out_of_range = Error::UnsuitableKey("the base is not between 0 and the number");
    let Some(base) = words::at_most(8 * n.len(), base) else { return Err(out_of_range) };
    let base = words::read(base, n.len());
    if int::is_zero(&base) == 1 || int::less(&base, &n) == 0 {
        return Err(out_of_range);
    }
    Ok(round_each(&mut *engine::new(backend, size_for(&n)), &[(&n, base)])[0])
}

/// The number in as many words as an engine takes.
fn parse(number: &[u8]) -> Result<Words, Error> {
    let number = words::trimmed(number);
    let len = match number.len() {
        0..=128 => 16,
        129..=192 => 24,
        193..=256 => 32,
        _ => return Err(Error::UnsuitableKey("longer than 2048 bits")),
    };
    Ok(words::read(number, len))
}

fn size_for(n: &[u64]) -> ModulusSize {
    match n.len() {
        16 => ModulusSize::Bits2048,
        24 => ModulusSize::Bits3072,
        _ => ModulusSize::Bits4096,
    }
}

/// Clears the bits of `base` above the highest of n.
fn truncate_to(base: &mut [u64], n: &[u64]) {
    let mut below = false;
    for (b, n) in base.iter_mut().zip(n).rev() {
        if !below {
            *b &= u64::MAX.checked_shr(n.leading_zeros()).unwrap_or(0);
            below = *n != 0;
        }
    }
}

/// B.3.1 steps 4.3 to 4.7, one round for each number and base: b^m by the engine, the squarings that follow for
/// n ≢ 3 (mod 4) one by one.
fn round_each(engine: &mut dyn engine::Engine, rounds: &[(&[u64], Words)]) -> Vec<bool> {
    let prepared: Vec<_> = rounds
        .iter()
        .map(|(n, base)| {
            let (mut form, mut radix) = (words::zero(n.len()), words::zero(n.len()));
            power_of_two(&mut radix, engine.form_bits() as usize, n);
            Context::new(n).product(&mut form, base, &radix);
            // n − 1 = 2^a·m.
            let mut m = words::copy(n);
            m[0] -= 1;
            let mut a = 0;
            while m[0] & 1 == 0 {
                int::shift_right(&mut m, 1);
                a += 1;
            }
            (form, m, a)
        })
        .collect();
    let mut powers: Vec<_> = rounds.iter().map(|(n, _)| words::zero(n.len())).collect();
    let mut jobs: Vec<_> = rounds
        .iter()
        .zip(&prepared)
        .zip(&mut powers)
        .map(|(((n, _), (form, m, _)), result)| Power { modulus: n, base: form, exponent: m, result })
        .collect();
    engine.power(&mut jobs);
    rounds.iter().zip(&prepared).zip(&powers).map(|(((n, _), (_, _, a)), z)| passes(n, z, *a)).collect()
}

/// Steps 4.4 and 4.5: whether z = b^m is 1, or one of z, z², …, z^(2^(a−1)) is n − 1.
fn passes(n: &[u64], z: &[u64], a: u32) -> bool {
    if int::equals_word(z, 1) == 1 {
        return true;
    }
    let mut z = words::copy(z);
    let mut modulo = (a > 1).then(|| Context::new(n));
    for i in 0..a {
        let mut negated = words::copy(n);
        int::sub(&mut negated, &z);
        if int::equals_word(&negated, 1) == 1 {
            return true;
        }
        if let Some(modulo) = modulo.as_mut().filter(|_| i + 1 < a) {
            let x = words::copy(&z);
            modulo.product(&mut z, &x, &x);
        }
    }
    false
}

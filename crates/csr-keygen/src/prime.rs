//! Primality of single numbers, on a backend of the caller's choice.
//!
//! Key generation does not go through here: it tests candidates by the batch. This is for numbers from elsewhere,
//! which may be chosen to deceive: it takes as many Miller–Rabin rounds as it is told to.

use rand_core::TryCryptoRng;
use zeroize::Zeroizing;

use crate::int;
use crate::int::context::{Context, power_of_two};
use crate::kernel::lanes::Power;
use crate::rsa::ModulusSize;
use crate::rsa::words::{self, Words};
use crate::{Backend, Error, engine};

/// The longest number that is taken, in bits.
pub const MAX_BITS: u32 = 2048;

/// Whether the big-endian number passes `rounds` rounds of Miller–Rabin with random bases (FIPS 186-5 B.3.1). A
/// composite passes one round with a probability of at most 1/4, whoever chose it.
///
/// The number's length is public and so is the verdict; the time of a round depends on nothing else for numbers
/// ≡ 3 (mod 4), and on the number of trailing zeros of n − 1 for others.
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
    let mut base = words::zero(n.len());
    for _ in 0..rounds {
        // B.3.1 steps 4.1 and 4.2: 1 < b < n − 1, from draws of n's length.
        loop {
            words::fill(&mut bases, &mut base);
            truncate_to(&mut base, &n);
            let mut negated = words::copy(&n);
            int::sub(&mut negated, &base);
            let small = int::is_zero(&base) | int::equals_word(&base, 1) | int::equals_word(&negated, 1);
            if int::less(&base, &n) & (1 ^ small) == 1 {
                break;
            }
        }
        if !round(&mut *engine, &n, &base) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// One Miller–Rabin round with the given base, 0 < base < number: whether the odd number may be prime. Even
/// numbers and 1 are not.
///
/// # Errors
///
/// [`Error::UnsuitableKey`] for a number above [`MAX_BITS`].
pub fn miller_rabin(backend: Backend, number: &[u8], base: &[u8]) -> Result<bool, Error> {
    let n = parse(number)?;
    if n[0] & 1 == 0 || int::equals_word(&n, 1) == 1 {
        return Ok(false);
    }
    let base = words::read(base, n.len());
    Ok(round(&mut *engine::new(backend, size_for(&n)), &n, &base))
}

/// The number in as many words as an engine takes.
fn parse(number: &[u8]) -> Result<Words, Error> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let number = &number[zeros..];
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

/// B.3.1 steps 4.3 to 4.7: b^m by the engine, the squarings that follow for n ≢ 3 (mod 4) one by one.
fn round(engine: &mut dyn engine::Engine, n: &[u64], base: &[u64]) -> bool {
    let mut modulo = Context::new(n);
    let (mut form, mut radix) = (words::zero(n.len()), words::zero(n.len()));
    power_of_two(&mut radix, engine.form_bits() as usize, n);
    modulo.product(&mut form, base, &radix);

    // n − 1 = 2^a·m.
    let mut m = words::copy(n);
    m[0] -= 1;
    let mut a = 0;
    while m[0] & 1 == 0 {
        int::shift_right(&mut m, 1);
        a += 1;
    }
    let mut power = words::zero(n.len());
    engine.power(&mut [Power { modulus: n, base: &form, exponent: &m, result: &mut power }]);
    let is_minus_one = |x: &[u64]| {
        let mut negated = words::copy(n);
        int::sub(&mut negated, x);
        int::equals_word(&negated, 1) == 1
    };
    if int::equals_word(&power, 1) == 1 {
        return true;
    }
    for _ in 0..a {
        if is_minus_one(&power) {
            return true;
        }
        let x: Zeroizing<Vec<u64>> = power.clone();
        modulo.product(&mut power, &x, &x);
    }
    false
}

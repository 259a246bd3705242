//! Miller–Rabin (FIPS 186-5 B.3.1) on the primes of a key from elsewhere. What passes is accepted: the time says nothing
//! of it, unlike that of [`crate::prime`].

use chacha20::ChaCha20Rng;

use crate::engine::{self, Engine};
use crate::int::mont::Wide;
use crate::kernel::lanes::Power;
use crate::rsa::ModulusSize;
use crate::rsa::any_size::{Modulus, keep_bits};
use crate::rsa::words::{self, Words};
use crate::{Backend, ct, int};

/// Rounds for each prime. The counts of Table B.1, 4 and 5, are for numbers drawn at random; whoever made these may have
/// meant to deceive, and then a round is passed with a probability of up to 1/4.
const ROUNDS: usize = 8;
/// Rounds of each prime side by side in eight lanes.
const ROUNDS_AT_ONCE: usize = 4;
/// So often a power is squared, whatever the prime; one prime in 2^32 has more factors of 2 below it.
const SQUARINGS: u64 = 32;

/// The first of two odd numbers above 3 that is not prime, if one is not. Both have one length in words.
pub(super) fn first_composite(
    backend: Backend,
    primes: [&[u64]; 2],
    bits: [usize; 2],
    rng: &mut ChaCha20Rng,
) -> Option<usize> {
    let (len, size) = match primes[0].len() {
        0..=16 => (16, Some(ModulusSize::Bits2048)),
        17..=24 => (24, Some(ModulusSize::Bits3072)),
        25..=32 => (32, Some(ModulusSize::Bits4096)),
        len => (len, None),
    };
    let candidates = [0, 1].map(|i| Candidate::new(primes[i], len, bits[i]));
    let all_pass = |candidate: &Candidate, powers: &[Words]| {
        let passes = powers.iter().fold(1, |passes, power| passes & candidate.passes(power));
        // A prime passes always; what does not is refused.
        ct::public(passes) == 1
    };
    let Some(size) = size else {
        return candidates.iter().position(|candidate| {
            !(0..ROUNDS).all(|_| {
                let base = candidate.random_base(rng);
                all_pass(candidate, &[candidate.modulus.powers(&[(&base, &candidate.odd)])])
            })
        });
    };
    let mut engine = engine::new(backend, size);
    for _ in 0..ROUNDS / ROUNDS_AT_ONCE {
        let powers = powers_in_lanes(&mut *engine, &candidates, rng);
        let of_each = powers.chunks(ROUNDS_AT_ONCE);
        if let Some(first) = candidates.iter().zip(of_each).position(|(c, powers)| !all_pass(c, powers)) {
            return Some(first);
        }
    }
    None
}

/// Random bases to the power of m, in the form of [`Modulus`].
fn powers_in_lanes(
    engine: &mut dyn Engine,
    candidates: &[Candidate; 2],
    rng: &mut ChaCha20Rng,
) -> Vec<Words> {
    let jobs = || candidates.iter().flat_map(|candidate| [candidate; ROUNDS_AT_ONCE]);
    let bases: Vec<Words> = jobs().map(|candidate| candidate.random_base(rng)).collect();
    let mut results: Vec<Words> = jobs().map(|candidate| words::zero(candidate.odd.len())).collect();
    let mut powers: Vec<Power<'_>> = jobs()
        .zip(bases.iter().zip(&mut results))
        .map(|(candidate, (base, result))| Power {
            modulus: &candidate.modulus.n,
            base,
            exponent: &candidate.odd,
            result,
        })
        .collect();
    engine.power(&mut powers);
    drop(powers);
    jobs().zip(&results).map(|(candidate, power)| candidate.modulus.form_of(power)).collect()
}

/// A number w under test, w − 1 = 2^a·m.
struct Candidate {
    modulus: Modulus,
    bits: usize,
    /// m.
    odd: Words,
    twos: u64,
    /// w − 1 in form.
    minus_one: Words,
}

impl Candidate {
    fn new(w: &[u64], len: usize, bits: usize) -> Self {
        let mut padded = words::zero(len);
        padded[..w.len()].copy_from_slice(w);
        let modulus = Modulus::new(&padded, bits);
        let mut minus_one = words::copy(&padded);
        int::sub(&mut minus_one, &modulus.one);
        padded[0] -= 1;
        let twos = make_odd(&mut padded);
        Self { modulus, bits, odd: padded, twos, minus_one }
    }

    /// A base as steps 4.1 and 4.2 draw it: as many bits as w, drawn again where it is not below w.
    ///
    /// The number drawn is taken for the base's Montgomery form, which maps the residues one to one: it is as uniform.
    /// The bases 0, 1 and w − 1, which the standard draws again, have a probability below 2^−680. How often a draw was
    /// not below w tells nothing but its leading bits, to the precision of a coin thrown a few times.
    fn random_base(&self, rng: &mut ChaCha20Rng) -> Words {
        let mut base = words::zero(self.modulus.n.len());
        loop {
            words::fill(rng, &mut base);
            keep_bits(&mut base, self.bits);
            if ct::public(int::less(&base, &self.modulus.n)) == 1 {
                return base;
            }
        }
    }

    /// Steps 4.4 and 4.5: 1 where z = b^m is 1, or one of z, z², …, z^(2^(a−1)) is w − 1.
    fn passes(&self, z: &[u64]) -> u64 {
        let mut passes = int::equal(z, &self.modulus.one);
        let (mut z, mut square, mut wide) = (words::copy(z), words::zero(z.len()), Wide::new());
        let more = ct::public(less_word(SQUARINGS, self.twos)) == 1;
        for i in 0..if more { ct::public(self.twos) } else { SQUARINGS } {
            passes |= int::equal(&z, &self.minus_one) & less_word(i, self.twos);
            self.modulus.square(&mut square, &z, &mut wide);
            core::mem::swap(&mut z, &mut square);
        }
        passes
    }
}

/// 1 where x < y, for words below 2^63.
fn less_word(x: u64, y: u64) -> u64 {
    x.wrapping_sub(y) >> 63
}

/// x ← the odd part of x > 0; how many factors of 2 that took.
pub(super) fn make_odd(x: &mut [u64]) -> u64 {
    let mut half = words::copy(x);
    (0..64 * x.len()).fold(0, |twos, _| {
        let even = 1 ^ (x[0] & 1);
        half.copy_from_slice(x);
        int::shift_right(&mut half, 1);
        int::copy_masked(x, &half, int::mask(even));
        twos + even
    })
}

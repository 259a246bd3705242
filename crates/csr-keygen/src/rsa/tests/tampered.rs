//! An engine whose exponentiations a test can observe and falsify.

use crate::Backend;
use crate::rsa::engine::{self, Engine};
use crate::rsa::int::{self, Words};
use crate::rsa::kernel::exponentiation::Power;
use crate::rsa::size::ModulusSize;

/// One exponentiation before it runs.
pub(super) struct Exponentiation<'n> {
    pub(super) modulus: &'n [u64],
    pub(super) base: Words,
    pub(super) exponent: Words,
    /// The bit of the result that is flipped afterwards.
    pub(super) flip: Option<usize>,
}

/// A backend's engine that shows the exponentiations of each call to a test first.
pub(super) struct Tampered<F> {
    engine: Box<dyn Engine>,
    inspect: F,
}

impl<F: FnMut(&mut [Exponentiation<'_>])> Tampered<F> {
    pub(super) fn new(backend: Backend, size: ModulusSize, inspect: F) -> Self {
        Self { engine: engine::new(backend, size), inspect }
    }

    pub(super) fn for_signing(backend: Backend, size: ModulusSize, inspect: F) -> Self {
        Self { engine: engine::for_signing(backend, size), inspect }
    }
}

impl<F: FnMut(&mut [Exponentiation<'_>])> Engine for Tampered<F> {
    fn lanes(&self) -> usize {
        self.engine.lanes()
    }

    fn form_bits(&self) -> u32 {
        self.engine.form_bits()
    }

    fn has_small_factor(&self, candidate: &[u64]) -> bool {
        self.engine.has_small_factor(candidate)
    }

    fn filter(&mut self, candidates: &[&[u64]]) -> u8 {
        self.engine.filter(candidates)
    }

    fn power(&mut self, jobs: &mut [Power<'_>]) {
        let mut seen: Vec<_> = jobs
            .iter()
            .map(|job| Exponentiation {
                modulus: job.modulus,
                base: int::copy(job.base),
                exponent: int::copy(job.exponent),
                flip: None,
            })
            .collect();
        (self.inspect)(&mut seen);
        let mut altered: Vec<_> = jobs
            .iter_mut()
            .zip(&seen)
            .map(|(job, seen)| Power {
                modulus: seen.modulus,
                base: &seen.base,
                exponent: &seen.exponent,
                result: &mut *job.result,
            })
            .collect();
        self.engine.power(&mut altered);
        for (job, seen) in jobs.iter_mut().zip(&seen) {
            if let Some(bit) = seen.flip {
                flip(job.result, bit);
            }
        }
    }

    fn public_power(&mut self, out: &mut [u64], base: &[u64], n: &[u64]) {
        self.engine.public_power(out, base, n);
    }
}

/// Flips one bit of a number.
pub(super) fn flip(number: &mut [u64], bit: usize) {
    let bit = bit % (64 * number.len());
    number[bit / 64] ^= 1 << (bit % 64);
}

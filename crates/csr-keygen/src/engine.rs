//! What key generation and signing ask of a backend.

use crate::backend::Backend;
#[cfg(target_arch = "x86_64")]
use crate::backend::Ifma;
#[cfg(target_arch = "x86_64")]
use crate::kernel::ifma::IfmaKernel;
#[cfg(target_arch = "x86_64")]
use crate::kernel::ifma_sieve;
use crate::kernel::lanes::{Lanes, Power};
use crate::kernel::portable::Portable;
use crate::kernel::{Kernel, sieve};
use crate::rsa::ModulusSize;

/// A backend made ready for primes of one size. Owns the memory that its numbers live in, and wipes it on drop.
pub(crate) trait Engine {
    /// How many candidates one filter batch takes.
    fn lanes(&self) -> usize;
    /// log2 R of the Montgomery form that [`Power::base`] is in.
    fn form_bits(&self) -> u32;
    /// Whether a small prime divides the candidate.
    fn has_small_factor(&self, candidate: &[u64]) -> bool;
    /// The base-2 filter on at most `lanes()` candidates; bit i is set where candidate i passes.
    fn filter(&mut self, candidates: &[&[u64]]) -> u8;
    /// Any number of exponentiations.
    fn power(&mut self, jobs: &mut [Power<'_>]);
}

/// The engine of a backend for one size.
pub(crate) fn new(backend: Backend, size: ModulusSize) -> Box<dyn Engine> {
    match (backend, size) {
        (Backend::Portable, ModulusSize::Bits2048) => Box::new(Single(Lanes::new(Portable::<16>))),
        (Backend::Portable, ModulusSize::Bits3072) => Box::new(Single(Lanes::new(Portable::<24>))),
        (Backend::Portable, ModulusSize::Bits4096) => Box::new(Single(Lanes::new(Portable::<32>))),
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), size) => match size {
            ModulusSize::Bits2048 => vector(token, IfmaKernel::<20, 8>(token), IfmaKernel::<20, 4>(token)),
            ModulusSize::Bits3072 => vector(token, IfmaKernel::<30, 8>(token), IfmaKernel::<30, 4>(token)),
            ModulusSize::Bits4096 => vector(token, IfmaKernel::<40, 8>(token), IfmaKernel::<40, 4>(token)),
        },
        #[cfg(not(target_arch = "x86_64"))]
        (Backend::Ifma(_), _) => unreachable!("no Ifma value exists on this architecture"),
    }
}

/// The engine of a backend for a few exponentiations of one size: no wider than p and q need.
pub(crate) fn for_signing(backend: Backend, size: ModulusSize) -> Box<dyn Engine> {
    match (backend, size) {
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits2048) => {
            Box::new(Single(Lanes::new(IfmaKernel::<20, 4>(token))))
        }
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits3072) => {
            Box::new(Single(Lanes::new(IfmaKernel::<30, 4>(token))))
        }
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits4096) => {
            Box::new(Single(Lanes::new(IfmaKernel::<40, 4>(token))))
        }
        (backend, size) => new(backend, size),
    }
}

/// One kernel, and trial division by portable code.
struct Single<K: Kernel>(Lanes<K>);

impl<K: Kernel> Engine for Single<K> {
    fn lanes(&self) -> usize {
        K::LANES
    }

    fn form_bits(&self) -> u32 {
        K::BITS
    }

    fn has_small_factor(&self, candidate: &[u64]) -> bool {
        sieve::has_small_factor(candidate)
    }

    fn filter(&mut self, candidates: &[&[u64]]) -> u8 {
        self.0.filter(candidates)
    }

    fn power(&mut self, jobs: &mut [Power<'_>]) {
        for batch in jobs.chunks_mut(K::LANES) {
            self.0.power(batch);
        }
    }
}

/// Full-width registers, and half-width ones at half the price for what would leave half the lanes empty.
#[cfg(target_arch = "x86_64")]
struct Vector<K: Kernel, H: Kernel> {
    token: Ifma,
    full: Lanes<K>,
    half: Lanes<H>,
}

#[cfg(target_arch = "x86_64")]
fn vector<K: Kernel + 'static, H: Kernel + 'static>(token: Ifma, full: K, half: H) -> Box<dyn Engine> {
    const { assert!(K::BITS == H::BITS) };
    Box::new(Vector { token, full: Lanes::new(full), half: Lanes::new(half) })
}

#[cfg(target_arch = "x86_64")]
impl<K: Kernel, H: Kernel> Engine for Vector<K, H> {
    fn lanes(&self) -> usize {
        K::LANES
    }

    fn form_bits(&self) -> u32 {
        K::BITS
    }

    fn has_small_factor(&self, candidate: &[u64]) -> bool {
        ifma_sieve::has_small_factor(self.token, candidate)
    }

    fn filter(&mut self, candidates: &[&[u64]]) -> u8 {
        self.full.filter(candidates)
    }

    fn power(&mut self, jobs: &mut [Power<'_>]) {
        for batch in jobs.chunks_mut(K::LANES) {
            if batch.len() <= H::LANES { self.half.power(batch) } else { self.full.power(batch) }
        }
    }
}

//! The operations that key generation and signing need of a backend, and the kernels that each
//! backend uses.

use crate::backend::Backend;
#[cfg(target_arch = "x86_64")]
use crate::backend::{Avx2, Ifma};
#[cfg(target_arch = "x86_64")]
use crate::rsa::kernel::avx2::Avx2Kernel;
use crate::rsa::kernel::exponentiation::{Exponentiator, Power};
#[cfg(target_arch = "x86_64")]
use crate::rsa::kernel::ifma_lanes::IfmaKernel;
#[cfg(target_arch = "x86_64")]
use crate::rsa::kernel::ifma_rows::RowKernel;
use crate::rsa::kernel::{Kernel, Portable};
use crate::rsa::sieve;
#[cfg(target_arch = "x86_64")]
use crate::rsa::sieve::{avx2_sieve, ifma_sieve};
use crate::rsa::size::ModulusSize;

/// A backend prepared for primes of one size. It owns the memory that its numbers live in, and
/// wipes it on drop.
pub(crate) trait Engine {
    /// The candidates per filter batch.
    fn lanes(&self) -> usize;
    /// log2 R of the Montgomery form that [`Power::base`] is in.
    fn form_bits(&self) -> u32;
    /// Whether a small prime divides the candidate.
    fn has_small_factor(&self, candidate: &[u64]) -> bool;
    /// The base-2 filter on at most `lanes()` candidates. Bit i is set if candidate i passes.
    fn filter(&mut self, candidates: &[&[u64]]) -> u8;
    /// Any number of exponentiations.
    fn power(&mut self, jobs: &mut [Power<'_>]);
    /// out = base^65537 mod n, at most n. The numbers are public and as long as the modulus.
    fn public_power(&mut self, out: &mut [u64], base: &[u64], n: &[u64]);
}

/// The engine of a backend for one size.
pub(crate) fn new(backend: Backend, size: ModulusSize) -> Box<dyn Engine> {
    match (backend, size) {
        (Backend::Portable, ModulusSize::Bits2048) => single(Portable::<16>, Portable::<32>),
        (Backend::Portable, ModulusSize::Bits3072) => single(Portable::<24>, Portable::<48>),
        (Backend::Portable, ModulusSize::Bits4096) => single(Portable::<32>, Portable::<64>),
        // A modulus of 4096 bits would overflow the columns of radix 2^28.
        #[cfg(target_arch = "x86_64")]
        (Backend::Avx2(token), ModulusSize::Bits2048) => avx2::<40, 32>(token),
        #[cfg(target_arch = "x86_64")]
        (Backend::Avx2(token), ModulusSize::Bits3072) => avx2::<56, 48>(token),
        #[cfg(target_arch = "x86_64")]
        (Backend::Avx2(token), ModulusSize::Bits4096) => avx2::<76, 64>(token),
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits2048) => ifma::<20, 40>(token),
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits3072) => ifma::<30, 60>(token),
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits4096) => ifma::<40, 80>(token),
        #[cfg(not(target_arch = "x86_64"))]
        (Backend::Avx2(_) | Backend::Ifma(_), _) => unreachable!("no such value exists on this architecture"),
    }
}

/// The engine of a backend with the lowest latency for a signature: two exponentiations and the
/// check.
pub(crate) fn for_signing(backend: Backend, size: ModulusSize) -> Box<dyn Engine> {
    match (backend, size) {
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits2048) => {
            single(RowKernel::<20, 5, 2>(token), RowKernel::<40, 5, 1>(token))
        }
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits3072) => {
            single(RowKernel::<30, 8, 2>(token), RowKernel::<60, 8, 1>(token))
        }
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits4096) => {
            single(RowKernel::<40, 10, 2>(token), RowKernel::<80, 10, 1>(token))
        }
        (backend, size) => new(backend, size),
    }
}

/// One kernel for primes, one for the modulus, and one function for trial division.
struct KernelEngine<K: Kernel, N: Kernel, S: Fn(&[u64]) -> bool> {
    primes: Exponentiator<K>,
    modulus: N,
    has_small_factor: S,
}

/// An engine with portable trial division.
fn single<K: Kernel + 'static, N: Kernel + 'static>(kernel: K, modulus: N) -> Box<dyn Engine> {
    let primes = Exponentiator::new(kernel);
    Box::new(KernelEngine { primes, modulus, has_small_factor: sieve::has_small_factor })
}

/// AVX2 with L limbs per prime and W words per modulus.
#[cfg(target_arch = "x86_64")]
fn avx2<const L: usize, const W: usize>(token: Avx2) -> Box<dyn Engine> {
    let has_small_factor = move |candidate: &[u64]| avx2_sieve::has_small_factor(token, candidate);
    let primes = Exponentiator::new(Avx2Kernel::<L>(token));
    Box::new(KernelEngine { primes, modulus: Portable::<W>, has_small_factor })
}

impl<K: Kernel, N: Kernel, S: Fn(&[u64]) -> bool> Engine for KernelEngine<K, N, S> {
    fn lanes(&self) -> usize {
        K::LANES
    }

    fn form_bits(&self) -> u32 {
        K::bits()
    }

    fn has_small_factor(&self, candidate: &[u64]) -> bool {
        (self.has_small_factor)(candidate)
    }

    fn filter(&mut self, candidates: &[&[u64]]) -> u8 {
        self.primes.filter(candidates)
    }

    fn power(&mut self, jobs: &mut [Power<'_>]) {
        for batch in jobs.chunks_mut(K::LANES) {
            self.primes.power(batch);
        }
    }

    fn public_power(&mut self, out: &mut [u64], base: &[u64], n: &[u64]) {
        Exponentiator::new(self.modulus).power_e(out, base, n);
    }
}

/// IFMA with L limbs per prime and M limbs per modulus: full-width registers, and half-width ones
/// at half the cost for batches that would leave half the lanes empty.
#[cfg(target_arch = "x86_64")]
struct IfmaEngine<const L: usize, const M: usize> {
    token: Ifma,
    full: Exponentiator<IfmaKernel<L, 8>>,
    half: Exponentiator<IfmaKernel<L, 4>>,
}

#[cfg(target_arch = "x86_64")]
fn ifma<const L: usize, const M: usize>(token: Ifma) -> Box<dyn Engine> {
    Box::new(IfmaEngine::<L, M> {
        token,
        full: Exponentiator::new(IfmaKernel(token)),
        half: Exponentiator::new(IfmaKernel(token)),
    })
}

#[cfg(target_arch = "x86_64")]
impl<const L: usize, const M: usize> Engine for IfmaEngine<L, M> {
    fn lanes(&self) -> usize {
        8
    }

    fn form_bits(&self) -> u32 {
        <IfmaKernel<L, 8> as Kernel>::bits()
    }

    fn has_small_factor(&self, candidate: &[u64]) -> bool {
        ifma_sieve::has_small_factor(self.token, candidate)
    }

    fn filter(&mut self, candidates: &[&[u64]]) -> u8 {
        self.full.filter(candidates)
    }

    fn power(&mut self, jobs: &mut [Power<'_>]) {
        for batch in jobs.chunks_mut(8) {
            if batch.len() <= 4 { self.half.power(batch) } else { self.full.power(batch) }
        }
    }

    fn public_power(&mut self, out: &mut [u64], base: &[u64], n: &[u64]) {
        Exponentiator::new(IfmaKernel::<M, 4>(self.token)).power_e(out, base, n);
    }
}

//! What key generation and signing ask of a backend.

use crate::backend::Backend;
#[cfg(target_arch = "x86_64")]
use crate::backend::{Avx2, Ifma};
#[cfg(target_arch = "x86_64")]
use crate::kernel::avx2::Avx2Kernel;
#[cfg(target_arch = "x86_64")]
use crate::kernel::ifma::IfmaKernel;
#[cfg(target_arch = "x86_64")]
use crate::kernel::ifma_along::AlongKernel;
use crate::kernel::lanes::{Lanes, Power};
use crate::kernel::portable::Portable;
use crate::kernel::{Kernel, sieve};
#[cfg(target_arch = "x86_64")]
use crate::kernel::{avx2_sieve, ifma_sieve};
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
    /// out = base^65537 mod n, at most n, for public numbers of the modulus's length.
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
        (Backend::Ifma(token), ModulusSize::Bits2048) => vector::<20, 40>(token),
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits3072) => vector::<30, 60>(token),
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits4096) => vector::<40, 80>(token),
        #[cfg(not(target_arch = "x86_64"))]
        (Backend::Avx2(_) | Backend::Ifma(_), _) => unreachable!("no such value exists on this architecture"),
    }
}

/// The engine of a backend for the two exponentiations of a signature, and its check: what has them done soonest.
pub(crate) fn for_signing(backend: Backend, size: ModulusSize) -> Box<dyn Engine> {
    match (backend, size) {
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits2048) => {
            single(AlongKernel::<20, 5, 2>(token), AlongKernel::<40, 5, 1>(token))
        }
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits3072) => {
            single(AlongKernel::<30, 8, 2>(token), AlongKernel::<60, 8, 1>(token))
        }
        #[cfg(target_arch = "x86_64")]
        (Backend::Ifma(token), ModulusSize::Bits4096) => {
            single(AlongKernel::<40, 10, 2>(token), AlongKernel::<80, 10, 1>(token))
        }
        (backend, size) => new(backend, size),
    }
}

/// One kernel for primes, one for the modulus, and one way of trial division.
struct Single<K: Kernel, N: Kernel, S: Fn(&[u64]) -> bool> {
    lanes: Lanes<K>,
    modulus: N,
    has_small_factor: S,
}

/// With trial division by portable code.
fn single<K: Kernel + 'static, N: Kernel + 'static>(kernel: K, modulus: N) -> Box<dyn Engine> {
    Box::new(Single { lanes: Lanes::new(kernel), modulus, has_small_factor: sieve::has_small_factor })
}

/// AVX2 with L limbs a prime, and W words a modulus.
#[cfg(target_arch = "x86_64")]
fn avx2<const L: usize, const W: usize>(token: Avx2) -> Box<dyn Engine> {
    let has_small_factor = move |candidate: &[u64]| avx2_sieve::has_small_factor(token, candidate);
    Box::new(Single { lanes: Lanes::new(Avx2Kernel::<L>(token)), modulus: Portable::<W>, has_small_factor })
}

impl<K: Kernel, N: Kernel, S: Fn(&[u64]) -> bool> Engine for Single<K, N, S> {
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
        self.lanes.filter(candidates)
    }

    fn power(&mut self, jobs: &mut [Power<'_>]) {
        for batch in jobs.chunks_mut(K::LANES) {
            self.lanes.power(batch);
        }
    }

    fn public_power(&mut self, out: &mut [u64], base: &[u64], n: &[u64]) {
        Lanes::new(self.modulus).power_e(out, base, n);
    }
}

/// IFMA with L limbs a prime and M limbs a modulus: full-width registers, and half-width ones at half the price
/// for what would leave half the lanes empty.
#[cfg(target_arch = "x86_64")]
struct Vector<const L: usize, const M: usize> {
    token: Ifma,
    full: Lanes<IfmaKernel<L, 8>>,
    half: Lanes<IfmaKernel<L, 4>>,
}

#[cfg(target_arch = "x86_64")]
fn vector<const L: usize, const M: usize>(token: Ifma) -> Box<dyn Engine> {
    Box::new(Vector::<L, M> {
        token,
        full: Lanes::new(IfmaKernel(token)),
        half: Lanes::new(IfmaKernel(token)),
    })
}

#[cfg(target_arch = "x86_64")]
impl<const L: usize, const M: usize> Engine for Vector<L, M> {
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
        Lanes::new(IfmaKernel::<M, 4>(self.token)).power_e(out, base, n);
    }
}

//! What is left of a key in the process's memory once it is dropped: nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

use std::fs::File;
use std::os::unix::fs::FileExt;

use csr_keygen::Backend;
use csr_keygen::rsa::{self, ModulusSize, RsaKey, SigningKey};
use rand_core::{SeedableRng, TryRng};

/// What is searched for is kept under this mask, so that it is not found there.
const MASK: u8 = 0xa5;
/// So many octets of a secret, from its middle, in both orders.
const SAMPLE: usize = 16;

type Samples = Vec<[u8; SAMPLE]>;

fn sample(samples: &mut Samples, secret: &[u8]) {
    let middle = secret.len() / 2 - SAMPLE / 2;
    let mut masked: [u8; SAMPLE] = core::array::from_fn(|i| secret[middle + i] ^ MASK);
    samples.push(masked);
    masked.reverse();
    samples.push(masked);
}

fn sample_key(samples: &mut Samples, key: &RsaKey) {
    for secret in [key.p(), key.q()] {
        sample(samples, secret);
    }
}

/// How many of the samples are somewhere in this process's writable memory.
fn found(samples: &Samples) -> usize {
    let memory = File::open("/proc/self/mem").unwrap();
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut found = vec![false; samples.len()];
    // So large that it lies apart from what is searched; only its beginning is used.
    let mut buffer = vec![0; 1 << 22];
    let page = &mut buffer[..1 << 16];
    for line in maps.lines().filter(|line| line.contains(" rw-p ")) {
        let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let [mut at, end] = [start, end].map(|x| u64::from_str_radix(x, 16).unwrap());
        while at + SAMPLE as u64 <= end {
            let len = page.len().min(usize::try_from(end - at).unwrap());
            // Not what was read before.
            let own = page.as_ptr() as u64;
            if memory.read_exact_at(&mut page[..len], at).is_ok()
                && (at + len as u64 <= own || own + (1 << 16) <= at)
            {
                for window in page[..len].windows(SAMPLE) {
                    for (found, sample) in found.iter_mut().zip(samples) {
                        if window[0] ^ MASK == sample[0]
                            && window.iter().zip(sample).all(|(x, y)| x ^ MASK == *y)
                        {
                            *found = true;
                        }
                    }
                }
            }
            at += (len - SAMPLE + 1) as u64;
        }
    }
    page.fill(0);
    found.iter().filter(|found| **found).count()
}

/// A generator that notes what it gives as seeds.
struct Noting<'s>(chacha20::ChaCha20Rng, &'s mut Samples);

impl TryRng for Noting<'_> {
    type Error = core::convert::Infallible;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        self.0.try_next_u32()
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        self.0.try_next_u64()
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        self.0.try_fill_bytes(bytes)?;
        if bytes.len() == 32 {
            sample(self.1, bytes);
        }
        Ok(())
    }
}
impl rand_core::TryCryptoRng for Noting<'_> {}

#[test]
fn nothing_is_left_of_rsa_keys() {
    let mut rng = chacha20::ChaCha20Rng::from_seed([3; 32]);
    for backend in Backend::available() {
        let name = backend.name();
        let key = rsa::generate_with(backend, ModulusSize::Bits2048, &mut rng).unwrap();
        let mut samples = Samples::new();
        sample_key(&mut samples, &key);
        assert!(found(&samples) > 0, "the search finds a key that is there");
        drop(key);
        assert_eq!(found(&samples), 0, "{name}: generated");

        let key = rsa::generate_with(backend, ModulusSize::Bits2048, &mut rng).unwrap();
        let mut samples = Samples::new();
        sample_key(&mut samples, &key);
        let signing = SigningKey::new(&key).on(backend);
        drop(key);
        signing.sign_pkcs1v15_sha256(b"message", &mut rng).unwrap();
        drop(signing);
        assert_eq!(found(&samples), 0, "{name}: signed with");

        let mut samples = Samples::new();
        let key = rsa::from_seed(backend, ModulusSize::Bits2048, &[9; 32]).unwrap();
        sample_key(&mut samples, &key);
        drop(key);
        assert_eq!(found(&samples), 0, "{name}: derived from a seed");

        let (mut samples, mut seeds) = (Samples::new(), Samples::new());
        let source = chacha20::ChaCha20Rng::from_seed([4; 32]);
        let keys =
            rsa::generate_batch(backend, ModulusSize::Bits2048, 2, &mut Noting(source, &mut seeds)).unwrap();
        keys.iter().for_each(|key| sample_key(&mut samples, key));
        drop(keys);
        samples.append(&mut seeds);
        assert_eq!(found(&samples), 0, "{name}: a batch and its seeds");
    }
}

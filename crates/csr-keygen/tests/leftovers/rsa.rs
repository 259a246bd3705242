use csr_keygen::Backend;
use csr_keygen::rsa::{self, ModulusSize, RsaKey};
use rand_core::TryRng;

use super::search::{Samples, page, sample};

fn sample_key(samples: &mut Samples, key: &RsaKey) {
    for secret in [key.p(), key.q()] {
        sample(samples, secret);
    }
}

/// A generator that records the seeds it gives.
struct Recording<'s>(getrandom::SysRng, &'s mut Samples);

impl TryRng for Recording<'_> {
    type Error = getrandom::Error;
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
impl rand_core::TryCryptoRng for Recording<'_> {}

#[test]
fn nothing_is_left_of_rsa_keys() {
    let mut page = page();
    // It buffers nothing, whereas a generator in the test would still hold the last draws.
    let mut rng = getrandom::SysRng;
    for backend in Backend::available() {
        let name = backend.name();
        let key = rsa::generate_with(backend, ModulusSize::Bits2048, &mut rng).unwrap();
        let mut samples = Samples::new();
        sample_key(&mut samples, &key);
        assert!(page.found(&samples) > 0, "the search finds a key that is there");
        drop(key);
        assert_eq!(page.found(&samples), 0, "{name}: generated");

        let key = rsa::generate_with(backend, ModulusSize::Bits2048, &mut rng).unwrap();
        let mut samples = Samples::new();
        sample_key(&mut samples, &key);
        let signer = key.signer();
        drop(key);
        signer.sign_digest_with(backend, &[0x5a; 32], &mut rng).unwrap();
        drop(signer);
        assert_eq!(page.found(&samples), 0, "{name}: signed with");

        let mut samples = Samples::new();
        let key = rsa::from_seed_with(backend, ModulusSize::Bits2048, &[9; 32]).unwrap();
        sample_key(&mut samples, &key);
        drop(key);
        assert_eq!(page.found(&samples), 0, "{name}: derived from a seed");

        let (mut samples, mut seeds) = (Samples::new(), Samples::new());
        let mut source = Recording(getrandom::SysRng, &mut seeds);
        let keys = rsa::generate_batch_with(backend, ModulusSize::Bits2048, 2, &mut source).unwrap();
        keys.iter().for_each(|key| sample_key(&mut samples, key));
        drop(keys);
        assert_eq!(page.found(&samples), 0, "{name}: a batch");
        assert_eq!(page.found(&seeds), 0, "{name}: the seeds of a batch");
    }
}

//! Signatures: verified by the `rsa` crate, edge messages, injected faults, keys of another shape.

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier;
use sha2::{Digest, Sha256};

use super::*;
use crate::rsa::tests::tampered::{Tampered, flip};

/// One key per size, made once.
pub(super) fn keys() -> &'static [RsaKey; 3] {
    static KEYS: std::sync::LazyLock<[RsaKey; 3]> = std::sync::LazyLock::new(|| {
        ModulusSize::ALL.map(|size| generate(size, &mut ChaCha20Rng::seed_from_u64(6)).unwrap())
    });
    &KEYS
}

pub(crate) fn components(key: &RsaKey) -> Components<'_> {
    Components {
        n: key.modulus(),
        e: &[1, 0, 1],
        d: key.private_exponent(),
        p: key.p(),
        q: key.q(),
        dp: key.dp(),
        dq: key.dq(),
        qinv: key.q_inverse(),
    }
}

#[test]
fn signatures_verify_with_an_independent_implementation() {
    let mut rng = ChaCha20Rng::seed_from_u64(7);
    for key in keys() {
        let public =
            rsa::PublicKey::new(rsa::BoxedUint::from_be_slice_vartime(key.modulus()), PUBLIC_EXPONENT.into())
                .unwrap();
        let verifier = VerifyingKey::<Sha256>::new(public);
        for backend in Backend::available() {
            for message in [&b""[..], b"abc", &[0xff; 1000]] {
                let digest = Sha256::digest(message);
                let signer = ImportedKey::new_with(backend, &components(key), &mut rng).unwrap();
                let signature = signer.sign_digest_with(backend, &digest, &mut rng).unwrap();
                verifier.verify(message, &Signature::try_from(&signature[..]).unwrap()).unwrap();
                // PKCS#1 v1.5 signatures are unique: blinding does not change them.
                assert_eq!(signature, key.sign_digest(&digest, &mut rng).unwrap());
            }
        }
    }
}

#[test]
fn edge_messages_are_signed_or_refused() {
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    for key in keys() {
        for backend in Backend::available() {
            let signer = key.signer();
            let len = signer.signature_len();
            let mut one = vec![0; len];
            one[len - 1] = 1;
            assert_eq!(signer.private_op_with(backend, &one, &mut rng).unwrap(), one);
            assert_eq!(signer.private_op_with(backend, &[], &mut rng).unwrap(), vec![0; len]);
            // A multiple of one prime makes one half zero.
            for prime in [key.p(), key.q()] {
                signer.private_op_with(backend, prime, &mut rng).unwrap();
            }
            let mut below = key.modulus().to_vec();
            assert_eq!(signer.private_op_with(backend, &below, &mut rng), Err(Error::MessageRange));
            below[len - 1] -= 1;
            // (−1)^d = −1, because d is odd.
            assert_eq!(signer.private_op_with(backend, &below, &mut rng).unwrap(), below);
            assert_eq!(
                signer.private_op_with(backend, &vec![0xff; len + 1], &mut rng),
                Err(Error::MessageRange)
            );
        }
    }
}

/// The number of faults that a test tries: `CSR_FAULT_TRIALS`, by default a few.
fn fault_trials() -> usize {
    std::env::var("CSR_FAULT_TRIALS").ok().and_then(|x| x.parse().ok()).unwrap_or(90)
}

/// The kinds are tried in turn; the place is random.
#[derive(Clone, Copy)]
struct Fault {
    kind: usize,
    place: usize,
}

/// Trials with a key of each size on each backend.
fn for_each_trial(trial: impl Fn(RsaSigner, Backend, Fault, &mut ChaCha20Rng) -> Result<Vec<u8>, Error>) {
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let backends = Backend::available();
    for i in 0..fault_trials() {
        let (key, backend) = (&keys()[i / backends.len() % 3], backends[i % backends.len()]);
        let mut place = int::zero(1);
        int::fill(&mut rng, &mut place);
        let fault = Fault { kind: i / backends.len() / 3, place: (place[0] >> 1) as usize };
        let result = trial(key.signer(), backend, fault, &mut rng);
        assert_eq!(result, Err(Error::SignatureFault), "trial {i}, {:?}, {}", key.size(), backend.name());
    }
}

#[test]
fn no_signature_is_released_after_a_fault_in_the_key() {
    for_each_trial(|mut signer, backend, fault, rng| {
        let numbers = &mut signer.numbers;
        let values = [&mut numbers.p, &mut numbers.q, &mut numbers.dp, &mut numbers.dq, &mut numbers.qinv];
        flip(values[fault.kind % 5], fault.place);
        signer.sign_digest_with(backend, &[0x5a; 32], rng)
    });
}

/// Faults in blinded bases, exponents and results.
#[test]
fn no_signature_is_released_after_a_fault_in_an_exponentiation() {
    for_each_trial(|signer, backend, fault, rng| {
        let sign = |fault: Option<Fault>, rng: &mut ChaCha20Rng| {
            let mut engine = Tampered::for_signing(backend, signer.size, |jobs| {
                let Some(Fault { kind, place }) = fault else { return };
                let job = &mut jobs[kind / 3 % jobs.len()];
                match kind % 3 {
                    0 => flip(&mut job.base, place),
                    1 => flip(&mut job.exponent, place),
                    _ => job.flip = Some(place),
                }
            });
            let message = int::half(&signer.numbers.n);
            let signature = signer.power_d(&mut engine, &message, rng);
            signer.release(&mut engine, &signature, &message)
        };
        assert!(sign(None, rng).is_ok());
        sign(Some(fault), rng)
    });
}

/// Faults in Garner's h, which times q is most of the signature, and in the sum.
#[test]
fn no_signature_is_released_after_a_fault_in_the_recombination() {
    for_each_trial(|signer, backend, Fault { kind, place }, rng| {
        let mut engine = engine::for_signing(backend, signer.size);
        let message = int::half(&signer.numbers.n);
        let mut signature = signer.power_d(&mut *engine, &message, rng);
        assert!(signer.release(&mut *engine, &signature, &message).is_ok());
        if kind % 2 == 0 {
            flip(&mut signature, place);
        } else {
            let mut bit = int::zero(signer.numbers.p.len());
            flip(&mut bit, place);
            let mut product = int::zero(signature.len());
            int::mul(&mut product, &bit, &signer.numbers.q);
            int::add(&mut signature, &product);
        }
        signer.release(&mut *engine, &signature, &message)
    });
}

#[test]
fn debug_of_rsa_signer_shows_no_secret() {
    assert_eq!(format!("{:?}", keys()[0].signer()), "RsaSigner { size: Bits2048, .. }");
}

#[test]
fn digest_must_have_32_octets() {
    let signer = keys()[0].signer();
    for actual in [0, 20, 31, 33, 48] {
        let error = signer.sign_digest(&vec![1; actual], &mut ChaCha20Rng::seed_from_u64(11)).unwrap_err();
        assert_eq!(error, Error::DigestLength { expected: &[32], actual });
    }
}

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier;

use sha2::Sha256;

use super::tampered::{Tampered, flip};
use super::*;
use crate::int;

/// One key a size, made once.
pub(super) fn keys() -> &'static [RsaKey; 3] {
    static KEYS: std::sync::LazyLock<[RsaKey; 3]> = std::sync::LazyLock::new(|| {
        [ModulusSize::Bits2048, ModulusSize::Bits3072, ModulusSize::Bits4096]
            .map(|size| generate(size, &mut ChaCha20Rng::seed_from_u64(6)).unwrap())
    });
    &KEYS
}

pub(super) fn components(key: &RsaKey) -> Components<'_> {
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
                let signer = ImportedKey::new_with(backend, &components(key), &mut rng).unwrap();
                let signature = signer.sign_pkcs1v15_sha256(message, &mut rng).unwrap();
                verifier.verify(message, &Signature::try_from(&signature[..]).unwrap()).unwrap();
                // PKCS#1 v1.5 signatures are unique: blinding leaves no trace.
                assert_eq!(signature, key.sign_pkcs1v15_sha256(message, &mut rng).unwrap());
            }
        }
    }
}

#[test]
fn edge_messages_are_signed_or_refused() {
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    for key in keys() {
        for backend in Backend::available() {
            let signer = SigningKey::new(key).on(backend);
            let len = signer.signature_len();
            let mut one = vec![0; len];
            one[len - 1] = 1;
            assert_eq!(signer.private_op(&one, &mut rng).unwrap(), one);
            assert_eq!(signer.private_op(&[], &mut rng).unwrap(), vec![0; len]);
            // Multiples of one prime: one half is zero.
            for prime in [key.p(), key.q()] {
                signer.private_op(prime, &mut rng).unwrap();
            }
            let mut below = key.modulus().to_vec();
            assert_eq!(signer.private_op(&below, &mut rng), Err(Error::MessageRange));
            below[len - 1] -= 1;
            // (−1)^d = −1: d is odd.
            assert_eq!(signer.private_op(&below, &mut rng).unwrap(), below);
            assert_eq!(signer.private_op(&vec![0xff; len + 1], &mut rng), Err(Error::MessageRange));
        }
    }
}

/// How many faults a test tries: `CSR_FAULT_TRIALS`, or a few.
fn fault_trials() -> usize {
    std::env::var("CSR_FAULT_TRIALS").ok().and_then(|x| x.parse().ok()).unwrap_or(90)
}

/// The kinds are tried in turn, the place is random.
#[derive(Clone, Copy)]
struct Fault {
    kind: usize,
    place: usize,
}

/// A key of each size on each backend.
fn for_each_trial(trial: impl Fn(SigningKey, Fault, &mut ChaCha20Rng) -> Result<Vec<u8>, Error>) {
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    let backends = Backend::available();
    for i in 0..fault_trials() {
        let (key, backend) = (&keys()[i / backends.len() % 3], backends[i % backends.len()]);
        let mut place = words::zero(1);
        words::fill(&mut rng, &mut place);
        let fault = Fault { kind: i / backends.len() / 3, place: (place[0] >> 1) as usize };
        let result = trial(SigningKey::new(key).on(backend), fault, &mut rng);
        assert_eq!(result, Err(Error::SignatureFault), "trial {i}, {:?}, {}", key.size(), backend.name());
    }
}

#[test]
fn no_signature_leaves_after_a_fault_in_the_key() {
    for_each_trial(|mut signer, fault, rng| {
        let numbers = &mut signer.numbers;
        let values = [&mut numbers.p, &mut numbers.q, &mut numbers.dp, &mut numbers.dq, &mut numbers.qinv];
        flip(values[fault.kind % 5], fault.place);
        signer.sign_pkcs1v15_sha256(b"message", rng)
    });
}

/// Blinded bases, exponents, and what comes of them.
#[test]
fn no_signature_leaves_after_a_fault_in_an_exponentiation() {
    for_each_trial(|signer, fault, rng| {
        let sign = |fault: Option<Fault>, rng: &mut ChaCha20Rng| {
            let mut engine = Tampered::for_signing(signer.backend, signer.size, |jobs| {
                let Some(Fault { kind, place }) = fault else { return };
                let job = &mut jobs[kind / 3 % jobs.len()];
                match kind % 3 {
                    0 => flip(&mut job.base, place),
                    1 => flip(&mut job.exponent, place),
                    _ => job.flip = Some(place),
                }
            });
            let message = words::half(&signer.numbers.n);
            let signature = signer.power_d(&mut engine, &message, rng);
            signer.release(&mut engine, &signature, &message)
        };
        assert!(sign(None, rng).is_ok());
        sign(Some(fault), rng)
    });
}

/// Garner's h times q is most of the signature: a fault in it, or in the sum.
#[test]
fn no_signature_leaves_after_a_fault_in_the_recombination() {
    for_each_trial(|signer, Fault { kind, place }, rng| {
        let mut engine = engine::for_signing(signer.backend, signer.size);
        let message = words::half(&signer.numbers.n);
        let mut signature = signer.power_d(&mut *engine, &message, rng);
        assert!(signer.release(&mut *engine, &signature, &message).is_ok());
        if kind % 2 == 0 {
            flip(&mut signature, place);
        } else {
            let mut bit = words::zero(signer.numbers.p.len());
            flip(&mut bit, place);
            let mut product = words::zero(signature.len());
            int::mul(&mut product, &bit, &signer.numbers.q);
            int::add(&mut signature, &product);
        }
        signer.release(&mut *engine, &signature, &message)
    });
}

#[test]
fn debug_of_a_signing_key_shows_no_secret() {
    assert_eq!(format!("{:?}", SigningKey::new(&keys()[0])), "SigningKey { size: Bits2048, .. }");
}

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier;

use sha2::Sha256;

use super::*;

/// One key a size, made once.
fn keys() -> &'static [RsaKey; 3] {
    static KEYS: std::sync::LazyLock<[RsaKey; 3]> = std::sync::LazyLock::new(|| {
        [ModulusSize::Bits2048, ModulusSize::Bits3072, ModulusSize::Bits4096]
            .map(|size| generate(size, &mut ChaCha20Rng::seed_from_u64(6)).unwrap())
    });
    &KEYS
}

fn components(key: &RsaKey) -> Components<'_> {
    Components {
        n: key.modulus(),
        e: &[1, 0, 1],
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
                let signer = SigningKey::from_components(&components(key)).unwrap().on(backend);
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

/// A bit flipped in any CRT value: no signature leaves. `CSR_FAULT_TRIALS` sets how many.
#[test]
fn no_signature_leaves_after_a_fault() {
    let trials = std::env::var("CSR_FAULT_TRIALS").ok().and_then(|x| x.parse().ok()).unwrap_or(60);
    let mut rng = ChaCha20Rng::seed_from_u64(9);
    for trial in 0..trials {
        let backend = Backend::available()[trial % Backend::available().len()];
        let mut signer = SigningKey::new(&keys()[0]).on(backend);
        let mut word = words::zero(1);
        words::fill(&mut rng, &mut word);
        let numbers = &mut signer.numbers;
        let value = match trial % 5 {
            0 => &mut numbers.dp,
            1 => &mut numbers.dq,
            2 => &mut numbers.qinv,
            3 => &mut numbers.p,
            _ => &mut numbers.q,
        };
        let bit = word[0] as usize % (64 * value.len());
        value[bit / 64] ^= 1 << (bit % 64);
        let result = signer.sign_pkcs1v15_sha256(b"message", &mut rng);
        assert_eq!(result, Err(Error::SignatureFault), "trial {trial}, bit {bit}");
    }
}

#[test]
fn keys_of_another_shape_are_refused() {
    let key = &keys()[0];
    let whole = components(key);
    let refused = |key: Components<'_>| {
        assert!(matches!(SigningKey::from_components(&key), Err(Error::UnsuitableKey(_))));
    };
    refused(Components { e: &[3], ..whole });
    refused(Components { p: key.q(), ..whole });
    refused(Components { n: &key.modulus()[1..], ..whole });
    refused(Components { n: keys()[1].modulus(), ..whole });
    refused(Components { dp: key.modulus(), ..whole });
    refused(Components { p: &[7], ..whole });
    refused(Components { dp: key.p(), ..whole });
    refused(Components { dq: key.q(), ..whole });
    refused(Components { qinv: key.p(), ..whole });
    assert!(SigningKey::from_components(&whole).is_ok());
}

#[test]
fn leading_zeros_of_a_component_do_not_matter() {
    let key = &keys()[0];
    let whole = components(key);
    let padded = |bytes: &[u8]| [&[0; 9], bytes].concat();
    let [n, e, p, q, dp, dq, qinv] =
        [whole.n, whole.e, whole.p, whole.q, whole.dp, whole.dq, whole.qinv].map(padded);
    let padded = Components { n: &n, e: &e, p: &p, q: &q, dp: &dp, dq: &dq, qinv: &qinv };
    let signature = |key: &Components<'_>| {
        let mut rng = ChaCha20Rng::seed_from_u64(10);
        SigningKey::from_components(key).unwrap().sign_pkcs1v15_sha256(b"message", &mut rng).unwrap()
    };
    assert_eq!(signature(&padded), signature(&whole));
}

#[test]
fn debug_of_a_signing_key_shows_no_secret() {
    assert_eq!(format!("{:?}", SigningKey::new(&keys()[0])), "SigningKey { size: Bits2048, .. }");
}

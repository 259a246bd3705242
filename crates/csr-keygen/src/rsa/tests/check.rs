//! The check of a finished key, and the pairwise test.

use num_bigint::BigUint;
use rand_core::SeedableRng;
use sha2::{Digest, Sha256};

use super::*;
use crate::rsa::tests::known_draws::*;
use crate::rsa::tests::tampered::Tampered;

/// Only the pairwise test has the exponents dP and dQ.
#[test]
fn key_that_does_not_sign_is_not_returned() {
    for backend in Backend::available() {
        let mut engine = Tampered::new(backend, SIZE, |jobs| {
            for job in jobs.iter_mut().filter(|job| *job.exponent != *int::half(job.modulus)) {
                job.flip = Some(500);
            }
        });
        let source = Box::new(Draws(primes().into_iter().cycle()));
        let error = one_key(&mut engine, SIZE, source, bases()).unwrap_err();
        assert_eq!(error, Error::KeyCheck("a signature did not verify"), "{}", backend.name());
    }
}

/// Each condition alone: the numbers satisfy all the conditions before it.
#[test]
fn damaged_key_does_not_pass_the_check() {
    let refused = |reason, damage: &dyn Fn(&mut RsaKey)| {
        let mut key = known_key();
        key.check().unwrap();
        damage(&mut key);
        assert_eq!(key.check(), Err(Error::KeyCheck(reason)));
    };
    let with_primes = |reason, [p, q]: [BigUint; 2]| {
        refused(reason, &|key| {
            key.n = (&p * &q).to_bytes_be();
            (key.p, key.q) = (Zeroizing::new(p.to_bytes_be()), Zeroizing::new(q.to_bytes_be()));
        });
    };
    let [p, q] = primes();
    refused("the modulus is short", &|key| key.n[0] &= 0x7f);
    refused("p·q is not n", &|key| key.n[100] ^= 1);
    refused("p·q is not n", &|key| key.p[100] ^= 1);
    refused("p·q is not n", &|key| key.q[100] ^= 1);
    with_primes("a prime is short or not 7 modulo 8", [&p - 4u32, q.clone()]);
    with_primes("a prime is short or not 7 modulo 8", [p.clone(), &q - 4u32]);
    // The second highest bit is clear; the other prime is so large that n has its full length.
    let one = BigUint::from(1u32);
    with_primes("a prime is short or not 7 modulo 8", [&p - (&one << 1022), (&one << 1024) - &one]);
    with_primes("p and q are close", [p.clone(), close_to(&p)]);
    refused("d is short", &|key| key.d[..128].fill(0));
    with_primes("p−1 and q−1 have a large common factor", sharing_a_factor());
    refused("e·d is not 1 modulo p−1 and q−1", &|key| key.d[100] ^= 1);
    refused("dP or dQ is too large", &|key| key.dp.copy_from_slice(&key.p));
    refused("dP or dQ is too large", &|key| key.dq.copy_from_slice(&key.q));
    refused("dP or dQ is wrong", &|key| key.dp[100] ^= 1);
    refused("dP or dQ is wrong", &|key| key.dq[100] ^= 1);
    refused("qInv is too large", &|key| key.qinv.copy_from_slice(&key.p));
    refused("qInv is wrong", &|key| key.qinv[100] ^= 1);
    // d plus a multiple of λ(n) is an inverse of e, too, and signs.
    let multiple: BigUint = ((p - 1u32) * (q - 1u32)) >> 1;
    refused("d is not below λ(n)", &|key| {
        let d: BigUint = BigUint::from_bytes_be(&key.d) + &multiple;
        key.d = Zeroizing::new(d.to_bytes_be());
    });
}

fn known_key() -> RsaKey {
    let [p, q] = primes().map(|prime| int::read(&prime.to_bytes_be(), 16));
    key::assemble(SIZE, &p, &q).unwrap()
}

/// Only two exponentiations, so that Miri runs this in minutes.
#[test]
fn key_of_known_primes_signs() {
    let key = known_key();
    key.check().unwrap();
    let n = BigUint::from_bytes_be(key.modulus());
    for backend in Backend::available() {
        let mut rng = ChaCha20Rng::seed_from_u64(13);
        let signature = key.sign_digest_with(backend, &Sha256::digest(b"message"), &mut rng).unwrap();
        let encoded = BigUint::from_bytes_be(&signature).modpow(&PUBLIC_EXPONENT.into(), &n).to_bytes_be();
        assert!(encoded.ends_with(&Sha256::digest(b"message")), "{}", backend.name());
    }
}

//! Signatures: verified by RustCrypto, and the retries.

use p256::ecdsa::signature::hazmat::PrehashVerifier;
use zeroize::Zeroizing;

use super::*;
use crate::Digest;
use crate::curve::params::{self, CurveParams, Scalar};
use crate::curve::residue::Residue;
use crate::curve::scalar::NonceSource;
use crate::curve::signature as schemes;
use crate::safegcd::Masks;

/// Whether RustCrypto's verifier accepts a signature.
fn verifies(key: &CurveKey, digest: &[u8], signature: &Signature) -> bool {
    let both = [signature.r(), signature.s()].concat();
    match key.curve() {
        Curve::P256 => {
            let signature = p256::ecdsa::Signature::from_slice(&both).unwrap();
            let verifier = p256::ecdsa::VerifyingKey::from_sec1_bytes(key.public_point()).unwrap();
            verifier.verify_prehash(digest, &signature).is_ok()
        }
        Curve::P384 => {
            let signature = p384::ecdsa::Signature::from_slice(&both).unwrap();
            let verifier = p384::ecdsa::VerifyingKey::from_sec1_bytes(key.public_point()).unwrap();
            verifier.verify_prehash(digest, &signature).is_ok()
        }
        Curve::Sm2 => {
            let signature = sm2::dsa::Signature::from_slice(&both).unwrap();
            let verifier = sm2::dsa::VerifyingKey::from_sec1_bytes("id", key.public_point()).unwrap();
            verifier.verify_prehash(digest, &signature).is_ok()
        }
    }
}

fn signatures_verify(seed: u64, count: usize) {
    for curve in CURVES {
        for backend in Backend::available() {
            let mut rng = rng(seed);
            for _ in 0..count {
                let key = generate_with(backend, curve, &mut rng).unwrap();
                let mut digest = random_octets(&mut rng, curve.octets());
                let signature = key.sign_digest_with(backend, &digest, &mut rng).unwrap();
                assert!(verifies(&key, &digest, &signature), "{backend:?} {curve:?}");
                digest[7] ^= 1;
                assert!(!verifies(&key, &digest, &signature), "the verifier accepts anything");
            }
        }
    }
}

#[test]
fn signatures_verify_with_rustcrypto() {
    signatures_verify(1, 1_000);
}

#[test]
#[ignore = "a long run: set CSR_ROUNDS"]
fn many_signatures_verify_with_rustcrypto() {
    signatures_verify(2, rounds(100_000));
}

#[test]
fn signatures_of_extreme_digests_verify() {
    for curve in CURVES {
        let key = generate(curve, &mut rng(3)).unwrap();
        for digest in [vec![0; curve.octets()], vec![0xff; curve.octets()], order(curve)] {
            let signature = key.sign_digest(&digest, &mut rng(4)).unwrap();
            // A digest that is zero modulo n is valid.
            assert!(verifies(&key, &digest, &signature));
        }
    }
}

fn hashes_and_backends() -> impl Iterator<Item = (Digest, Backend)> {
    let with_backends = |hash| Backend::available().into_iter().map(move |backend| (hash, backend));
    Digest::ALL.into_iter().flat_map(with_backends)
}

#[test]
fn ecdsa_signatures_of_every_digest_verify_with_rustcrypto() {
    for curve in [Curve::P256, Curve::P384] {
        for (hash, backend) in hashes_and_backends() {
            let key = generate(curve, &mut rng(3)).unwrap();
            for message in 0..20u8 {
                let verify = |digest: &[u8], signature: &Signature| verifies(&key, digest, signature);
                let signature =
                    hash.of(&[message], |digest| key.sign_digest_with(backend, digest, &mut rng(4))).unwrap();
                assert!(hash.of(&[message], |digest| verify(digest, &signature)), "{curve:?} {hash}");
                assert!(!hash.of(&[message, 0], |digest| verify(digest, &signature)));
            }
        }
    }
}

/// FIPS 186-5 §6.4.1: the rightmost octets of a digest that is longer than the order don't count, and a shorter one is a
/// smaller number.
#[test]
fn digest_counts_up_to_the_length_of_the_order() {
    let sign = |curve, digest: &[u8]| {
        generate(curve, &mut rng(3)).unwrap().sign_digest(digest, &mut rng(4)).unwrap()
    };
    let of = |octets, last| {
        let mut digest = vec![0x5a; octets];
        digest[octets - 1] = last;
        digest
    };
    let usual = sign(Curve::P256, &[0x5a; 32]);
    assert_eq!(sign(Curve::P256, &of(48, 1)), usual);
    assert_eq!(sign(Curve::P256, &of(64, 2)), usual);
    assert_ne!(sign(Curve::P256, &of(32, 1)), usual);
    assert_eq!(sign(Curve::P384, &of(64, 1)), sign(Curve::P384, &[0x5a; 48]));
    assert_eq!(
        sign(Curve::P384, &[0x5a; 32]),
        sign(Curve::P384, &[[0; 16].as_slice(), &[0x5a; 32]].concat())
    );
}

#[test]
fn digests_of_another_length_are_refused() {
    for (curve, expected) in
        [(Curve::P256, &[32, 48, 64][..]), (Curve::P384, &[32, 48, 64]), (Curve::Sm2, &[32])]
    {
        let key = generate(curve, &mut rng(3)).unwrap();
        for actual in (0..100).filter(|length| !expected.contains(length)) {
            let error = key.sign_digest(&vec![1; actual], &mut rng(4)).unwrap_err();
            assert_eq!(error, Error::DigestLength { expected, actual });
        }
    }
}

#[test]
fn refused_digest_is_told_the_right_lengths() {
    let message = |curve| {
        let error = generate(curve, &mut rng(3)).unwrap().sign_digest(&[1; 20], &mut rng(4));
        error.unwrap_err().to_string()
    };
    assert_eq!(message(Curve::P384), "the digest must have 32, 48 or 64 octets, not 20");
    assert_eq!(message(Curve::Sm2), "the digest must have 32 octets, not 20");
}

/// Returns prepared nonces.
struct Prepared<const N: usize>(Vec<[u64; N]>);
impl<C, const N: usize> NonceSource<C, N> for Prepared<N> {
    fn next_nonce(&mut self) -> Result<Zeroizing<[u64; N]>, Error> {
        Ok(Zeroizing::new(self.0.remove(0)))
    }
}

/// x of k·G modulo n.
fn commitment<C: CurveParams<N>, const N: usize>(k: &[u64; N]) -> Scalar<C, N> {
    let point = Backend::Portable.base_multiple::<C, N>(k).to_affine(Residue::invert::<Masks>);
    Residue::from_integer(&point.x.to_integer())
}

#[test]
fn sm2_nonce_that_gives_a_zero_is_discarded() {
    type S = Scalar<params::Sm2, 4>;
    let (d, k, next) = ([5, 6, 7, 8], [11, 12, 13, 14], [21, 22, 23, 24]);
    let x = commitment::<params::Sm2, 4>(&k);
    let nonce = S::from_integer(&k);
    let d_inverse = S::from_integer(&d).invert::<Masks>();
    for (e, why) in
        [(x.negate(), "r = 0"), (nonce.negate().sub(x), "r + k = n"), (nonce.mul(d_inverse).sub(x), "s = 0")]
    {
        let sign =
            |nonces| schemes::sm2::<params::Sm2, 4>(Backend::best(), &d, e, &mut Prepared(nonces)).unwrap();
        assert_eq!(sign(vec![k, next]), sign(vec![next]), "{why}");
    }
}

#[test]
fn ecdsa_nonce_that_gives_a_zero_is_discarded() {
    let (d, k, next) = ([5, 6, 7, 8], [11, 12, 13, 14], [21, 22, 23, 24]);
    let r = commitment::<params::P256, 4>(&k);
    let e = r.mul(Residue::from_integer(&d)).negate(); // s = 0
    let sign =
        |nonces| schemes::ecdsa::<params::P256, 4>(Backend::best(), &d, e, &mut Prepared(nonces)).unwrap();
    assert_eq!(sign(vec![k, next]), sign(vec![next]));
    // No k with x(k·G) = 0 modulo n is known; r = 0 takes the same path.
}

#[test]
fn backends_give_the_same_signatures() {
    for curve in CURVES {
        let key = generate(curve, &mut rng(5)).unwrap();
        let digest = vec![0x77; curve.octets()];
        let signatures: Vec<_> = Backend::available()
            .into_iter()
            .map(|backend| key.sign_digest_with(backend, &digest, &mut rng(6)).unwrap())
            .collect();
        assert!(signatures.iter().all(|s| *s == signatures[0]));
    }
}

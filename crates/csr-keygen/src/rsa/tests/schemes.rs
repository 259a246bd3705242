//! Signatures of every scheme: verified by the `rsa` crate, and compared with NIST's.

use chacha20::ChaCha20Rng;
use rand_core::SeedableRng;
use rsa::traits::SignatureScheme;
use sha2::{Sha256, Sha384, Sha512};

use super::*;
use crate::Digest;
use crate::rsa::import::ImportedSigner;
use crate::rsa::padding;
use crate::rsa::tests::imported_keys::{Numbers, known_key};
use crate::rsa::tests::known_draws::parse;
use crate::rsa::tests::signing::{components, keys};

const MESSAGE: &[u8] = b"message";

fn schemes() -> impl Iterator<Item = Scheme> {
    Digest::ALL.into_iter().flat_map(|digest| [Scheme::Pkcs1v15(digest), Scheme::Pss(digest)])
}

/// Whether the `rsa` crate accepts a signature; a salt of PSS must be as long as the digest.
fn verifies(modulus: &[u8], scheme: Scheme, message: &[u8], signature: &[u8]) -> bool {
    let n = rsa::BoxedUint::from_be_slice_vartime(modulus);
    let key = rsa::PublicKey::new_unchecked(n, PUBLIC_EXPONENT.into());
    scheme.digest().of(message, |digest| {
        let salt = digest.len();
        let verified = match scheme {
            Scheme::Pkcs1v15(Digest::Sha256) => {
                rsa::Pkcs1v15Sign::new::<Sha256>().verify(&key, digest, signature)
            }
            Scheme::Pkcs1v15(Digest::Sha384) => {
                rsa::Pkcs1v15Sign::new::<Sha384>().verify(&key, digest, signature)
            }
            Scheme::Pkcs1v15(Digest::Sha512) => {
                rsa::Pkcs1v15Sign::new::<Sha512>().verify(&key, digest, signature)
            }
            Scheme::Pss(Digest::Sha256) => {
                rsa::Pss::<Sha256>::new_with_salt(salt).verify(&key, digest, signature)
            }
            Scheme::Pss(Digest::Sha384) => {
                rsa::Pss::<Sha384>::new_with_salt(salt).verify(&key, digest, signature)
            }
            Scheme::Pss(Digest::Sha512) => {
                rsa::Pss::<Sha512>::new_with_salt(salt).verify(&key, digest, signature)
            }
        };
        verified.is_ok()
    })
}

/// Signs with every scheme, twice.
fn signs_with_every_scheme(
    name: &str,
    modulus: &[u8],
    sign: impl Fn(Scheme, &[u8], &mut ChaCha20Rng) -> Result<Vec<u8>, Error>,
) {
    let mut rng = ChaCha20Rng::seed_from_u64(21);
    for scheme in schemes() {
        let mut make = || scheme.digest().of(MESSAGE, |digest| sign(scheme, digest, &mut rng)).unwrap();
        let mut signature = make();
        assert_eq!(signature.len(), modulus.len(), "{name} {scheme:?}");
        assert!(verifies(modulus, scheme, MESSAGE, &signature), "{name} {scheme:?}");
        assert!(!verifies(modulus, scheme, b"another", &signature), "{name} {scheme:?}");
        for other in schemes().filter(|other| *other != scheme) {
            assert!(!verifies(modulus, other, MESSAGE, &signature), "{name} {scheme:?} as {other:?}");
        }
        // Only PSS has a salt.
        assert_eq!(make() == signature, matches!(scheme, Scheme::Pkcs1v15(_)), "{name} {scheme:?}");
        signature[modulus.len() / 2] ^= 1;
        assert!(!verifies(modulus, scheme, MESSAGE, &signature), "{name} {scheme:?}");
    }
}

#[test]
fn generated_keys_sign_with_every_scheme() {
    for key in keys() {
        let imported = ImportedKey::new(&components(key), &mut ChaCha20Rng::seed_from_u64(20)).unwrap();
        for backend in Backend::available() {
            let name = backend.name();
            let signer = key.signer();
            signs_with_every_scheme(name, key.modulus(), |scheme, digest, rng| {
                signer.sign_with(backend, scheme, digest, rng)
            });
            signs_with_every_scheme(name, key.modulus(), |scheme, digest, rng| {
                imported.sign_with(backend, scheme, digest, rng)
            });
        }
    }
}

/// `odd_size` has 2049 bits, so that what PSS signs is one octet shorter than the modulus.
#[test]
fn imported_keys_of_any_size_sign_with_every_scheme() {
    for name in ["third", "python_rsa", "odd_size", "bits2560", "bits4608"] {
        let numbers = known_key(name);
        let key = ImportedKey::new(&numbers.components(), &mut ChaCha20Rng::seed_from_u64(20)).unwrap();
        assert!(matches!(key.signer, ImportedSigner::AnySize(_)), "{name}");
        signs_with_every_scheme(name, numbers.components().n, |scheme, digest, rng| {
            key.sign(scheme, digest, rng)
        });
    }
}

#[test]
fn backends_give_the_same_pss_signature() {
    let signer = keys()[0].signer();
    let mut signatures = Backend::available().into_iter().map(|backend| {
        let mut rng = ChaCha20Rng::seed_from_u64(22);
        signer.sign_with(backend, Scheme::Pss(Digest::Sha384), &[0x5a; 48], &mut rng).unwrap()
    });
    let first = signatures.next().unwrap();
    assert!(signatures.all(|other| other == first));
}

/// NIST's salt has ten octets, so the encoding and the private-key operation are called by themselves.
#[test]
fn pss_signatures_are_those_of_nist() {
    let vectors = include_str!("schemes/cavp_pss.txt");
    let line = |name| {
        let line = vectors.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')).unwrap();
        let (first, second) = line.split_once(' ').unwrap();
        [first, second].map(|hex| parse(hex.as_bytes()))
    };
    let [p, q] = line("key");
    let key = Numbers::new(&p, &q, PUBLIC_EXPONENT.into()).import().unwrap();
    let ImportedSigner::Lanes(signer) = &key.signer else { panic!("2048 bits") };
    let salt = [0x11, 0x22, 0x33, 0x44, 0x55, 0x54, 0x32, 0x16, 0x78, 0x90];
    for hash in Digest::ALL {
        let [message, signature] = line(hash.as_str()).map(|number| number.to_bytes_be());
        let encoded = hash.of(&message, |digest| padding::pss(hash, digest, &salt, 2047));
        for backend in Backend::available() {
            let made =
                signer.private_op_with(backend, &encoded, &mut ChaCha20Rng::seed_from_u64(23)).unwrap();
            assert_eq!(made, signature, "{hash} {}", backend.name());
        }
    }
}

/// RFC 8017 §9.1.1 step 11: the 8·emLen − emBits leftmost bits are zero.
#[test]
fn pss_encoding_is_one_bit_shorter_than_the_modulus() {
    for bits in 2047..2064 {
        for salt in 0..=u8::MAX {
            let encoded = padding::pss(Digest::Sha256, &[0x5a; 32], &[salt; 32], bits);
            assert_eq!(encoded.len(), bits.div_ceil(8));
            assert!(int::bit_length(&encoded) <= bits, "{bits}");
        }
    }
}

/// Fails at a draw, counted from 0.
struct FailingAt(usize);

impl rand_core::TryRng for FailingAt {
    type Error = core::fmt::Error;
    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Err(core::fmt::Error)
    }
    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Err(core::fmt::Error)
    }
    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        bytes.fill(9);
        self.0 = self.0.checked_sub(1).ok_or(core::fmt::Error)?;
        Ok(())
    }
}
impl TryCryptoRng for FailingAt {}

#[test]
fn no_signature_is_made_without_a_salt_or_without_blinding() {
    let any_size = known_key("third").import().unwrap();
    let lanes = ImportedKey::new(&components(&keys()[0]), &mut ChaCha20Rng::seed_from_u64(20)).unwrap();
    for key in [any_size, lanes] {
        for scheme in schemes() {
            let draws = if let Scheme::Pss(_) = scheme { 2 } else { 1 };
            let sign = |at| key.sign(scheme, &vec![1; scheme.digest().octets()], &mut FailingAt(at));
            for at in 0..draws {
                assert!(matches!(sign(at), Err(Error::RandomSource(_))), "{scheme:?} {at}");
            }
            assert!(sign(draws).is_ok(), "{scheme:?}");
        }
    }
}

#[test]
fn digest_must_have_the_length_of_its_hash_function() {
    let key = known_key("third").import().unwrap();
    let mut rng = ChaCha20Rng::seed_from_u64(11);
    for scheme in schemes() {
        let expected = scheme.digest().octets();
        for actual in [0, 32, 48, 64, 65].into_iter().filter(|length| *length != expected) {
            for result in [
                keys()[0].signer().sign(scheme, &vec![1; actual], &mut rng),
                key.sign(scheme, &vec![1; actual], &mut rng),
            ] {
                assert_eq!(result, Err(Error::DigestLength { expected: scheme.digest().lengths(), actual }));
            }
        }
    }
}

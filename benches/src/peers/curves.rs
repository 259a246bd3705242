//! Signatures on the curves with a key that is ready.

use std::hint::black_box;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair};
use csr_core::PrivateKeyAlgo;
use csr_keygen::Backend;
use csr_keygen::curve::{self, Curve, CurveKey};
use getrandom::SysRng;
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use sha2::{Digest, Sha256, Sha384};
use sm3::Sm3;

/// As long as the part of a small CSR that is signed.
const MESSAGE: [u8; 300] = [0x5a; 300];
/// The identity that SM2 signatures bind unless agreed otherwise (GM/T 0009).
const SM2_IDENTITY: &str = "1234567812345678";

/// The engine's name of the curve.
#[must_use]
pub fn named(algorithm: PrivateKeyAlgo) -> Option<Curve> {
    match algorithm {
        PrivateKeyAlgo::EcP256 => Some(Curve::P256),
        PrivateKeyAlgo::EcP384 => Some(Curve::P384),
        PrivateKeyAlgo::Sm2 => Some(Curve::Sm2),
        _ => None,
    }
}

type Sign = Box<dyn Fn() -> Vec<u8>>;
type Verify = Box<dyn Fn(&[u8]) -> bool>;

/// A peer that signs the same message of 300 octets as everyone.
pub struct Signer {
    /// The function id in criterion.
    pub id: &'static str,
    sign: Sign,
    verify: Verify,
}

impl Signer {
    /// Makes a signature and drops it.
    pub fn run(&self) {
        drop(black_box((self.sign)()));
    }

    /// Asserts that a signature verifies, by RustCrypto.
    pub fn check(&self) {
        assert!((self.verify)(&(self.sign)()), "{}: the signature does not hold", self.id);
    }
}

/// Everyone who signs on the curve, all with the same key. `csr` draws 32 octets from the operating system for its
/// nonce, `rustcrypto`'s is deterministic; `openssl` gives DER, the others r ‖ s.
#[must_use]
pub fn signers(algorithm: PrivateKeyAlgo) -> Vec<Signer> {
    let Some(curve) = named(algorithm) else { return vec![] };
    let key = curve::generate(curve, &mut SysRng).expect("a key");
    let signer = |id, sign: Sign| {
        let key = key.clone();
        Signer { id, sign, verify: Box::new(move |signature| verifies(&key, signature)) }
    };
    let mut signers =
        vec![signer("csr", own(Backend::best(), &key)), signer("csr-portable", own(Backend::Portable, &key))];
    if let Some(sign) = aws_lc_rs(&key) {
        signers.push(signer("aws-lc-rs", sign));
    }
    #[cfg(feature = "system-peers")]
    signers.push(signer("openssl", openssl::signer(&key)));
    signers.push(signer("rustcrypto", rustcrypto(&key)));
    signers
}

fn own(backend: Backend, key: &CurveKey) -> Sign {
    let (key, za) = (key.clone(), Sm3::new_with_prefix(za(key, SM2_IDENTITY)));
    Box::new(move || {
        let sign = |digest: &[u8]| key.sign_digest_with(backend, digest, &mut SysRng).expect("a signature");
        let signature = match key.curve() {
            Curve::P256 => sign(&Sha256::digest(MESSAGE)),
            Curve::P384 => sign(&Sha384::digest(MESSAGE)),
            Curve::Sm2 => sign(&za.clone().chain_update(MESSAGE).finalize()),
        };
        [signature.r(), signature.s()].concat()
    })
}

/// ZA (GB/T 32918.2 §5.5), which RustCrypto's signing key has ready, too.
fn za(key: &CurveKey, identity: &str) -> [u8; 32] {
    const CURVE: [u128; 8] = [
        0xFFFF_FFFE_FFFF_FFFF_FFFF_FFFF_FFFF_FFFF,
        0xFFFF_FFFF_0000_0000_FFFF_FFFF_FFFF_FFFC,
        0x28E9_FA9E_9D9F_5E34_4D5A_9E4B_CF65_09A7,
        0xF397_89F5_15AB_8F92_DDBC_BD41_4D94_0E93,
        0x32C4_AE2C_1F19_8119_5F99_0446_6A39_C994,
        0x8FE3_0BBF_F266_0BE1_715A_4589_334C_74C7,
        0xBC37_36A2_F4F6_779C_59BD_CEE3_6B69_2153,
        0xD0A9_877C_C62A_4740_02DF_32E5_2139_F0A0,
    ];
    let bits = u16::try_from(8 * identity.len()).expect("a short identity");
    let mut za = Sm3::new_with_prefix(bits.to_be_bytes()).chain_update(identity);
    CURVE.iter().for_each(|half| za.update(half.to_be_bytes()));
    za.chain_update(&key.public_point()[1..]).finalize().into()
}

fn aws_lc_rs(key: &CurveKey) -> Option<Sign> {
    let algorithm = match key.curve() {
        Curve::P256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
        Curve::Sm2 => return None,
    };
    let key = EcdsaKeyPair::from_private_key_and_public_key(algorithm, key.scalar(), key.public_point())
        .expect("a key");
    Some(Box::new(move || key.sign(&SystemRandom::new(), &MESSAGE).expect("a signature").as_ref().to_vec()))
}

fn rustcrypto(key: &CurveKey) -> Sign {
    match key.curve() {
        Curve::P256 => {
            let key = p256::ecdsa::SigningKey::from_slice(key.scalar()).expect("a key");
            Box::new(move || {
                let signature: p256::ecdsa::Signature = key.sign(&MESSAGE);
                signature.to_bytes().to_vec()
            })
        }
        Curve::P384 => {
            let key = p384::ecdsa::SigningKey::from_slice(key.scalar()).expect("a key");
            Box::new(move || {
                let signature: p384::ecdsa::Signature = key.sign(&MESSAGE);
                signature.to_bytes().to_vec()
            })
        }
        Curve::Sm2 => {
            let secret = sm2::SecretKey::from_slice(key.scalar()).expect("a key");
            let key = sm2::dsa::SigningKey::new(SM2_IDENTITY, &secret).expect("a key");
            Box::new(move || {
                let signature: sm2::dsa::Signature = key.sign(&MESSAGE);
                signature.to_bytes().to_vec()
            })
        }
    }
}

/// r ‖ s or DER.
fn verifies(key: &CurveKey, signature: &[u8]) -> bool {
    let point = key.public_point();
    match key.curve() {
        Curve::P256 => {
            let signature = p256::ecdsa::Signature::from_slice(signature)
                .or_else(|_| p256::ecdsa::Signature::from_der(signature))
                .expect("r and s");
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).expect("a point");
            key.verify(&MESSAGE, &signature).is_ok()
        }
        Curve::P384 => {
            let signature = p384::ecdsa::Signature::from_slice(signature)
                .or_else(|_| p384::ecdsa::Signature::from_der(signature))
                .expect("r and s");
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).expect("a point");
            key.verify(&MESSAGE, &signature).is_ok()
        }
        Curve::Sm2 => {
            let signature = sm2::dsa::Signature::from_slice(signature)
                .or_else(|_| {
                    sm2::dsa::DerSignature::try_from(signature).and_then(sm2::dsa::Signature::try_from)
                })
                .expect("r and s");
            // OpenSSL before 4.0 binds the empty identity.
            [SM2_IDENTITY, ""].into_iter().any(|identity| {
                let key = sm2::dsa::VerifyingKey::from_sec1_bytes(identity, point).expect("a point");
                key.verify(&MESSAGE, &signature).is_ok()
            })
        }
    }
}

#[cfg(feature = "system-peers")]
mod openssl {
    use openssl::bn::{BigNum, BigNumContext};
    use openssl::ec::{EcGroup, EcKey, EcPoint};
    use openssl::hash::MessageDigest;
    use openssl::nid::Nid;
    use openssl::pkey::{PKey, Private};
    use openssl::sign::Signer;

    use super::{Curve, CurveKey, MESSAGE, Sign};

    pub(super) fn signer(key: &CurveKey) -> Sign {
        let digest = match key.curve() {
            Curve::P256 => MessageDigest::sha256(),
            Curve::P384 => MessageDigest::sha384(),
            Curve::Sm2 => MessageDigest::sm3(),
        };
        let key = private_key(key);
        Box::new(move || {
            Signer::new(digest, &key).and_then(|mut s| s.sign_oneshot_to_vec(&MESSAGE)).expect("a signature")
        })
    }

    fn group(curve: Curve) -> EcGroup {
        EcGroup::from_curve_name(match curve {
            Curve::P256 => Nid::X9_62_PRIME256V1,
            Curve::P384 => Nid::SECP384R1,
            Curve::Sm2 => Nid::SM2,
        })
        .expect("a curve")
    }

    fn point(key: &CurveKey, group: &EcGroup) -> EcPoint {
        let mut context = BigNumContext::new().expect("a context");
        EcPoint::from_bytes(group, key.public_point(), &mut context).expect("a point")
    }

    pub(super) fn private_key(key: &CurveKey) -> PKey<Private> {
        let group = group(key.curve());
        let scalar = BigNum::from_slice(key.scalar()).expect("a number");
        let key = EcKey::from_private_components(&group, &scalar, &point(key, &group)).expect("a key");
        PKey::from_ec_key(key).expect("a key")
    }
}

#[cfg(all(test, feature = "system-peers"))]
mod tests {
    use ::openssl::bn::BigNum;
    use ::openssl::ecdsa::EcdsaSig;
    use ::openssl::hash::MessageDigest;
    use ::openssl::pkey::{PKey, Private};
    use ::openssl::sign::Verifier;

    use super::openssl::private_key;
    use super::*;

    /// `CSR_ROUNDS` signatures a curve and backend, 50 unless told, of a new message each and by a new key every 50.
    #[test]
    fn openssl_accepts_signatures() {
        let rounds = std::env::var("CSR_ROUNDS").map_or(50, |rounds| rounds.parse().expect("a number"));
        for curve in [Curve::P256, Curve::P384, Curve::Sm2] {
            for backend in Backend::available() {
                let mut key = None;
                for round in 0..rounds {
                    // OpenSSL takes longer to read a key than to verify.
                    if round % 50 == 0 {
                        let fresh = curve::generate_with(backend, curve, &mut SysRng).expect("a key");
                        key = Some((private_key(&fresh), fresh)); // the verifier reads its public half
                    }
                    let (peer, key) = key.as_ref().expect("made in the first round");
                    let mut message = [0; 32];
                    getrandom::fill(&mut message).expect("octets");
                    assert!(accepts(peer, key, backend, &message), "{curve:?}, {}", backend.name());
                }
            }
        }
    }

    fn accepts(peer: &PKey<Private>, key: &CurveKey, backend: Backend, message: &[u8]) -> bool {
        // OpenSSL before 4.0 binds the empty identity.
        let identity = if ::openssl::version::number() < 0x4000_0000 { "" } else { SM2_IDENTITY };
        let digest = match key.curve() {
            Curve::P256 => Sha256::digest(message).to_vec(),
            Curve::P384 => Sha384::digest(message).to_vec(),
            Curve::Sm2 => Sm3::new_with_prefix(za(key, identity)).chain_update(message).finalize().to_vec(),
        };
        let signature = key.sign_digest_with(backend, &digest, &mut SysRng).expect("a signature");
        let number = |octets| BigNum::from_slice(octets).expect("a number");
        let signature =
            EcdsaSig::from_private_components(number(signature.r()), number(signature.s())).expect("r and s");
        match key.curve() {
            Curve::P256 | Curve::P384 => {
                signature.verify(&digest, &*peer.ec_key().expect("an EC key")).expect("a verdict")
            }
            Curve::Sm2 => {
                let der = signature.to_der().expect("DER");
                let mut verifier = Verifier::new(MessageDigest::sm3(), peer).expect("a verifier");
                verifier.verify_oneshot(&der, message).expect("a verdict")
            }
        }
    }
}

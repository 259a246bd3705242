//! `rustcrypto`: the `rsa`, `p256`, `p384` and `sm2` crates as a user would call them, over the operating
//! system's generator, with CSRs encoded by `x509-cert`. RSA signatures are blinded; the others are
//! deterministic.

use csr_core::PrivateKeyAlgo;
use der::Decode;
use getrandom::SysRng;
use p256::elliptic_curve::Generate;
use rsa::pkcs8::EncodePublicKey;
use rsa::signature::{Keypair, RandomizedSigner, SignatureEncoding, Signer};
use sha2::Sha256;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::rsa_bits;
use crate::{CsrMaker, Keygen, pkcs10};

const ID: &str = "rustcrypto";
/// The identity that SM2 signatures bind unless agreed otherwise (GM/T 0009).
const SM2_IDENTITY: &str = "1234567812345678";

type RsaSigningKey = rsa::pkcs1v15::SigningKey<Sha256>;

/// `rsa::PrivateKey::new`; `SigningKey` of `p256` and `p384`, which holds both halves; `SecretKey` and
/// `PublicKey` of `sm2`.
#[must_use]
pub fn keygen(algorithm: PrivateKeyAlgo) -> Keygen {
    match (algorithm, rsa_bits(algorithm)) {
        (_, Some(bits)) => {
            Keygen::new(ID, move || rsa_key(bits), |key: &rsa::PrivateKey| spki(key.as_public_key()))
        }
        (PrivateKeyAlgo::EcP384, _) => Keygen::new(ID, p384_key, |key| spki(key.verifying_key())),
        (PrivateKeyAlgo::Sm2, _) => Keygen::new(
            ID,
            || {
                let secret = sm2_key();
                let public = secret.public_key();
                (secret, public)
            },
            |(_, public)| spki(public),
        ),
        _ => Keygen::new(ID, p256_key, |key| spki(key.verifying_key())),
    }
}

/// A key as in [`keygen`], its signature over what `x509-cert` encodes.
#[must_use]
pub fn csr_maker(algorithm: PrivateKeyAlgo) -> CsrMaker {
    match (algorithm, rsa_bits(algorithm)) {
        (_, Some(bits)) => CsrMaker::new(ID, move || rsa_csr(bits)),
        (PrivateKeyAlgo::EcP384, _) => CsrMaker::new(ID, p384_csr),
        (PrivateKeyAlgo::Sm2, _) => CsrMaker::new(ID, sm2_csr),
        _ => CsrMaker::new(ID, p256_csr),
    }
}

fn rsa_key(bits: u32) -> rsa::PrivateKey {
    rsa::PrivateKey::new(&mut SysRng, bits as usize).expect("a key")
}

fn p256_key() -> p256::ecdsa::SigningKey {
    p256::ecdsa::SigningKey::try_generate_from_rng(&mut SysRng).expect("a key")
}

fn p384_key() -> p384::ecdsa::SigningKey {
    p384::ecdsa::SigningKey::try_generate_from_rng(&mut SysRng).expect("a key")
}

fn sm2_key() -> sm2::SecretKey {
    sm2::SecretKey::try_generate_from_rng(&mut SysRng).expect("a key")
}

fn rsa_csr(bits: u32) -> Vec<u8> {
    let key = RsaSigningKey::new(rsa_key(bits));
    pkcs10::request(info(&key.verifying_key()), pkcs10::sha256_with_rsa(), |message| {
        key.try_sign_with_rng(&mut SysRng, message).expect("a signature").to_vec()
    })
    .expect("a CSR")
}

fn p256_csr() -> Vec<u8> {
    let key = p256_key();
    pkcs10::request(info(key.verifying_key()), pkcs10::identifier("1.2.840.10045.4.3.2", None), |message| {
        let signature: p256::ecdsa::DerSignature = key.sign(message);
        signature.to_vec()
    })
    .expect("a CSR")
}

fn p384_csr() -> Vec<u8> {
    let key = p384_key();
    pkcs10::request(info(key.verifying_key()), pkcs10::identifier("1.2.840.10045.4.3.3", None), |message| {
        let signature: p384::ecdsa::DerSignature = key.sign(message);
        signature.to_vec()
    })
    .expect("a CSR")
}

fn sm2_csr() -> Vec<u8> {
    let key = sm2::dsa::SigningKey::new(SM2_IDENTITY, &sm2_key()).expect("a key");
    pkcs10::request(info(key.verifying_key()), pkcs10::identifier("1.2.156.10197.1.501", None), |message| {
        let signature: sm2::dsa::Signature = key.sign(message);
        sm2::dsa::DerSignature::from(signature).to_vec()
    })
    .expect("a CSR")
}

fn spki(key: &impl EncodePublicKey) -> Vec<u8> {
    key.to_public_key_der().expect("SPKI").to_vec()
}

fn info(key: &impl EncodePublicKey) -> SubjectPublicKeyInfoOwned {
    let document = key.to_public_key_der().expect("SPKI");
    SubjectPublicKeyInfoOwned::from_der(document.as_bytes()).expect("what it wrote")
}

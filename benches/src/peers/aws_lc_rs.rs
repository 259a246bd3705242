//! `aws-lc-rs`: AWS-LC's assembly through its own crate. It has no SM2 and no CSRs: those are encoded with
//! `x509-cert` and signed with it.

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    KeyPair, RSA_PKCS1_SHA256,
};
use csr_core::PrivateKeyAlgo;
use der::asn1::{Any, BitString, ObjectIdentifier};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::{CsrMaker, Keygen, pkcs10};

const ID: &str = "aws-lc-rs";

/// `rsa::KeyPair::generate` or `EcdsaKeyPair::generate`.
#[must_use]
pub fn keygen(algorithm: PrivateKeyAlgo) -> Option<Keygen> {
    if let Some(size) = key_size(algorithm) {
        let info = |key: &RsaKeyPair| key.public_key().as_der().expect("SPKI").as_ref().to_vec();
        return Some(Keygen::new(ID, move || RsaKeyPair::generate(size).expect("a key"), info));
    }
    let curve = Curve::of(algorithm)?;
    let info = |key: &EcdsaKeyPair| key.public_key().as_der().expect("SPKI").as_ref().to_vec();
    Some(Keygen::new(ID, move || EcdsaKeyPair::generate(curve.signing).expect("a key"), info))
}

/// A key as in [`keygen`], its `sign` over what `x509-cert` encodes.
#[must_use]
pub fn csr_maker(algorithm: PrivateKeyAlgo) -> Option<CsrMaker> {
    if let Some(size) = key_size(algorithm) {
        return Some(CsrMaker::new(ID, move || rsa_csr(size)));
    }
    let curve = Curve::of(algorithm)?;
    Some(CsrMaker::new(ID, move || ecdsa_csr(&curve)))
}

fn rsa_csr(size: KeySize) -> Vec<u8> {
    let key = RsaKeyPair::generate(size).expect("a key");
    let algorithm = pkcs10::identifier("1.2.840.113549.1.1.1", Some(Any::null()));
    pkcs10::request(public_key(algorithm, key.public_key().as_ref()), pkcs10::sha256_with_rsa(), |message| {
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).expect("a signature");
        signature
    })
    .expect("a CSR")
}

fn ecdsa_csr(curve: &Curve) -> Vec<u8> {
    let key = EcdsaKeyPair::generate(curve.signing).expect("a key");
    let named = ObjectIdentifier::new(curve.oid).expect("a constant");
    let algorithm = pkcs10::identifier("1.2.840.10045.2.1", Some(Any::from(named)));
    let signing = pkcs10::identifier(curve.signature_oid, None);
    pkcs10::request(public_key(algorithm, key.public_key().as_ref()), signing, |message| {
        key.sign(&SystemRandom::new(), message).expect("a signature").as_ref().to_vec()
    })
    .expect("a CSR")
}

fn public_key(algorithm: x509_cert::spki::AlgorithmIdentifierOwned, key: &[u8]) -> SubjectPublicKeyInfoOwned {
    SubjectPublicKeyInfoOwned { algorithm, subject_public_key: BitString::from_bytes(key).expect("octets") }
}

fn key_size(algorithm: PrivateKeyAlgo) -> Option<KeySize> {
    match algorithm {
        PrivateKeyAlgo::Rsa2048 => Some(KeySize::Rsa2048),
        PrivateKeyAlgo::Rsa3072 => Some(KeySize::Rsa3072),
        PrivateKeyAlgo::Rsa4096 => Some(KeySize::Rsa4096),
        PrivateKeyAlgo::EcP256 | PrivateKeyAlgo::EcP384 | PrivateKeyAlgo::Sm2 => None,
    }
}

struct Curve {
    signing: &'static EcdsaSigningAlgorithm,
    oid: &'static str,
    signature_oid: &'static str,
}

impl Curve {
    fn of(algorithm: PrivateKeyAlgo) -> Option<Self> {
        match algorithm {
            PrivateKeyAlgo::EcP256 => Some(Self {
                signing: &ECDSA_P256_SHA256_ASN1_SIGNING,
                oid: "1.2.840.10045.3.1.7",
                signature_oid: "1.2.840.10045.4.3.2",
            }),
            PrivateKeyAlgo::EcP384 => Some(Self {
                signing: &ECDSA_P384_SHA384_ASN1_SIGNING,
                oid: "1.3.132.0.34",
                signature_oid: "1.2.840.10045.4.3.3",
            }),
            _ => None,
        }
    }
}

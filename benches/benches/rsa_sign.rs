//! `sign/RSA_BITS`: one RSASSA-PKCS1-v1_5 signature with SHA-256 of a short message, with a key that is ready.
//! All blind; `csr`, `aws-lc-rs` and `openssl` also verify before they release.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a bench whose peer fails has nothing to go on with")]

use std::time::Duration;

use aws_lc_rs::rsa::{KeyPair, KeySize};
use criterion::Criterion;
use csr_keygen::rsa::{self as csr_rsa, ImportedKey, ModulusSize};
use getrandom::SysRng;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::sign::{Signer, Verifier};
use rsa::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::signature::{RandomizedSigner, SignatureEncoding};
use sha2::Digest;

const MESSAGE: &[u8] = b"as long as the part of a request that is signed, or so; it is hashed";

type Sign = Box<dyn Fn() -> Vec<u8>>;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(50)
        .measurement_time(Duration::from_secs(3))
        .warm_up_time(Duration::from_millis(500))
        .configure_from_args();
    for (size, peer_size) in [
        (ModulusSize::Bits2048, KeySize::Rsa2048),
        (ModulusSize::Bits3072, KeySize::Rsa3072),
        (ModulusSize::Bits4096, KeySize::Rsa4096),
    ] {
        let mut group = criterion.benchmark_group(format!("sign/RSA_{}", size.bits()));
        let (public, functions) = functions(size, peer_size);
        for (id, sign) in functions {
            let mut verifier = Verifier::new(MessageDigest::sha256(), &public).expect("a verifier");
            assert!(verifier.verify_oneshot(&sign(), MESSAGE).expect("a verdict"), "{id}");
            group.bench_function(id, |bencher| bencher.iter(&sign));
        }
        group.finish();
    }
    Criterion::default().configure_from_args().final_summary();
}

/// Everybody signs with the same key, which OpenSSL made.
fn functions(
    size: ModulusSize,
    peer_size: KeySize,
) -> (PKey<openssl::pkey::Private>, Vec<(&'static str, Sign)>) {
    let key = Rsa::generate(size.bits()).expect("a key");
    let pkey = PKey::from_rsa(key.clone()).expect("a key");

    let parts = key.clone();
    let bytes = |part: Option<&openssl::bn::BigNumRef>| part.expect("a part").to_vec();
    let csr = ImportedKey::new(
        &csr_rsa::Components {
            n: &parts.n().to_vec(),
            e: &parts.e().to_vec(),
            d: &parts.d().to_vec(),
            p: &bytes(parts.p()),
            q: &bytes(parts.q()),
            dp: &bytes(parts.dmp1()),
            dq: &bytes(parts.dmq1()),
            qinv: &bytes(parts.iqmp()),
        },
        &mut SysRng,
    )
    .expect("a key");

    let der = pkey.private_key_to_pkcs8().expect("PKCS#8");
    let rustcrypto_key = rsa::PrivateKey::from_pkcs8_der(&der).expect("a key");
    let rustcrypto_der = rustcrypto_key.to_pkcs8_der().expect("PKCS#8");
    let aws = KeyPair::from_pkcs8(rustcrypto_der.as_bytes()).expect("a key");
    assert_eq!(aws.public_modulus_len(), peer_size.len());
    let rustcrypto = rsa::pkcs1v15::SigningKey::<sha2::Sha256>::new(rustcrypto_key);

    let signer = pkey.clone();
    let functions: Vec<(&'static str, Sign)> = vec![
        (
            "csr",
            Box::new(move || {
                csr.sign_digest(&sha2::Sha256::digest(MESSAGE), &mut SysRng).expect("a signature")
            }),
        ),
        (
            "aws-lc-rs",
            Box::new(move || {
                let mut signature = vec![0; aws.public_modulus_len()];
                let random = aws_lc_rs::rand::SystemRandom::new();
                aws.sign(&aws_lc_rs::signature::RSA_PKCS1_SHA256, &random, MESSAGE, &mut signature)
                    .expect("a signature");
                signature
            }),
        ),
        (
            "openssl",
            Box::new(move || {
                let mut signer = Signer::new(MessageDigest::sha256(), &signer).expect("a signer");
                signer.sign_oneshot_to_vec(MESSAGE).expect("a signature")
            }),
        ),
        (
            "rustcrypto",
            Box::new(move || {
                rustcrypto.try_sign_with_rng(&mut SysRng, MESSAGE).expect("a signature").to_vec()
            }),
        ),
    ];
    (pkey, functions)
}

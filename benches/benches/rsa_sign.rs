//! `sign/RSA_BITS`: one RSASSA-PKCS1-v1_5 signature with SHA-256 of a short message, with a key that is ready.
//! All blind; `csr`, `aws-lc-rs` and `openssl` also verify before they release.

#![forbid(unsafe_code)]
#![allow(clippy::expect_used, reason = "a bench whose peer fails has nothing to go on with")]

use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey};
use criterion::Criterion;
use csr_keygen::rsa::{Components, ImportedKey};
use getrandom::SysRng;
use rsa::pkcs1::{EncodeRsaPrivateKey, RsaPrivateKeyRef};
use rsa::pkcs8::DecodePrivateKey;
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
    for (bits, size) in [(2048, KeySize::Rsa2048), (3072, KeySize::Rsa3072), (4096, KeySize::Rsa4096)] {
        let mut group = criterion.benchmark_group(format!("sign/RSA_{bits}"));
        let key = KeyPair::generate(size).expect("a key");
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref().to_vec());
        for (id, sign) in functions(key) {
            assert!(public.verify(MESSAGE, &sign()).is_ok(), "{id}");
            group.bench_function(id, |bencher| bencher.iter(&sign));
        }
        group.finish();
    }
    Criterion::default().configure_from_args().final_summary();
}

/// Everybody signs with the same key, which `aws-lc-rs` made.
fn functions(aws: KeyPair) -> Vec<(&'static str, Sign)> {
    let pkcs8 = AsDer::<Pkcs8V1Der<'_>>::as_der(&aws).expect("PKCS#8");
    let key = rsa::PrivateKey::from_pkcs8_der(pkcs8.as_ref()).expect("a key");
    let pkcs1 = key.to_pkcs1_der().expect("PKCS#1");
    let parts = pkcs1.decode_msg::<RsaPrivateKeyRef<'_>>().expect("PKCS#1");
    let csr = ImportedKey::new(
        &Components {
            n: parts.modulus.as_bytes(),
            e: parts.public_exponent.as_bytes(),
            d: parts.private_exponent.as_bytes(),
            p: parts.prime1.as_bytes(),
            q: parts.prime2.as_bytes(),
            dp: parts.exponent1.as_bytes(),
            dq: parts.exponent2.as_bytes(),
            qinv: parts.coefficient.as_bytes(),
        },
        &mut SysRng,
    )
    .expect("a key");
    let rustcrypto = rsa::pkcs1v15::SigningKey::<sha2::Sha256>::new(key);

    vec![
        (
            "csr",
            Box::new(move || {
                csr.sign_digest(&sha2::Sha256::digest(MESSAGE), &mut SysRng).expect("a signature")
            }),
        ),
        #[cfg(feature = "system-peers")]
        ("openssl", openssl(pkcs8.as_ref())),
        (
            "aws-lc-rs",
            Box::new(move || {
                let mut signature = vec![0; aws.public_modulus_len()];
                let random = aws_lc_rs::rand::SystemRandom::new();
                aws.sign(&RSA_PKCS1_SHA256, &random, MESSAGE, &mut signature).expect("a signature");
                signature
            }),
        ),
        (
            "rustcrypto",
            Box::new(move || {
                rustcrypto.try_sign_with_rng(&mut SysRng, MESSAGE).expect("a signature").to_vec()
            }),
        ),
    ]
}

#[cfg(feature = "system-peers")]
fn openssl(pkcs8: &[u8]) -> Sign {
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::sign::Signer;
    let key = PKey::private_key_from_pkcs8(pkcs8).expect("a key");
    Box::new(move || {
        let mut signer = Signer::new(MessageDigest::sha256(), &key).expect("a signer");
        signer.sign_oneshot_to_vec(MESSAGE).expect("a signature")
    })
}

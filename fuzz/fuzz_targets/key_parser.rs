//! A private key from a file, with and without a pass phrase. What is accepted can be written in every format
//! that holds such a key, and each gives the same key again.

#![no_main]

use std::sync::atomic::{AtomicU8, Ordering};

use chacha20::ChaCha20Rng;
use csr_core::{Error, KeyAlgorithm, KeyFormat, KeyPair};
use der::{Decode, pem};
use libfuzzer_sys::fuzz_target;
use rand_core::SeedableRng;

/// The pass phrase of the encrypted seeds.
const PASSPHRASE: &[u8] = b"fuzz";

fuzz_target!(|data: &[u8]| {
    let plain = KeyPair::import(data, None);
    if let Ok(key) = &plain {
        assert_exports(key);
    }
    if !is_cheap(data) {
        return;
    }
    match (plain, KeyPair::import(data, Some(PASSPHRASE))) {
        (Ok(plain), again) => {
            assert_same(&plain, &again.expect("a key that is not encrypted needs no pass phrase"))
        }
        (Err(_), Ok(decrypted)) => assert_exports(&decrypted),
        (Err(_), Err(_)) => {}
    }
});

fn assert_exports(key: &KeyPair) {
    let is_rsa = matches!(key.algorithm(), KeyAlgorithm::Rsa { .. });
    for format in [KeyFormat::Pkcs8, KeyFormat::Pkcs1, KeyFormat::Sec1] {
        let fits = match format {
            KeyFormat::Pkcs8 => true,
            KeyFormat::Pkcs1 => is_rsa,
            KeyFormat::Sec1 => !is_rsa,
        };
        if fits {
            let (der, pem) = (key.to_der(format).expect("DER"), key.to_pem(format).expect("PEM"));
            assert_same(key, &KeyPair::import(&der, None).expect("our DER is read"));
            let again = KeyPair::import(pem.as_bytes(), None).expect("our PEM is read");
            assert_same(key, &again);
            assert_eq!(again.to_der(format).expect("DER"), der);
        } else {
            assert!(matches!(key.to_der(format), Err(Error::KeyFormat { .. })));
        }
    }
    if first_of_its_kind(key) {
        assert_encrypted_export(key);
    }
}

fn assert_same(key: &KeyPair, again: &KeyPair) {
    assert_eq!(key.algorithm(), again.algorithm());
    assert_eq!(key.public_key_info().expect("SPKI"), again.public_key_info().expect("SPKI"));
}

/// 600,000 iterations for every key would be all that the fuzzer does: once for each algorithm in a run.
fn first_of_its_kind(key: &KeyPair) -> bool {
    static SEEN: AtomicU8 = AtomicU8::new(0);
    let bit = match key.algorithm() {
        KeyAlgorithm::Rsa { .. } => 1,
        KeyAlgorithm::EcP256 => 2,
        KeyAlgorithm::EcP384 => 4,
        KeyAlgorithm::Sm2 => 8,
    };
    SEEN.fetch_or(bit, Ordering::Relaxed) & bit == 0
}

fn assert_encrypted_export(key: &KeyPair) {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let encrypted = key.to_encrypted_pem(PASSPHRASE, &mut rng).expect("it encrypts");
    assert_same(key, &KeyPair::import(encrypted.as_bytes(), Some(PASSPHRASE)).expect("and decrypts"));
    assert!(KeyPair::import(encrypted.as_bytes(), Some(b"other")).is_err());
    assert!(KeyPair::import(encrypted.as_bytes(), None).is_err());
}

/// Whether deriving the decryption key takes no more than the work of 10,000 iterations; a text whose encrypted
/// block another PEM reader does not read is taken for dear.
fn is_cheap(data: &[u8]) -> bool {
    const LABEL: &[u8] = b"ENCRYPTED PRIVATE KEY";
    if data.first() == Some(&0x30) {
        return is_cheap_der(data);
    }
    if !data.windows(LABEL.len()).any(|window| window == LABEL) {
        return true;
    }
    pem::decode_vec(data).is_ok_and(|(label, der)| label.as_bytes() == LABEL && is_cheap_der(&der))
}

fn is_cheap_der(der: &[u8]) -> bool {
    let Ok(info) = pkcs8::EncryptedPrivateKeyInfoRef::from_der(der) else { return true };
    let Some(parameters) = info.encryption_algorithm.pbes2() else { return true };
    match &parameters.kdf {
        pkcs8::pkcs5::pbes2::Kdf::Pbkdf2(kdf) => kdf.iteration_count <= 10_000,
        pkcs8::pkcs5::pbes2::Kdf::Scrypt(kdf) => {
            let memory = kdf.cost_parameter.saturating_mul(u64::from(kdf.block_size));
            memory.saturating_mul(u64::from(kdf.parallelization)) <= 1024
        }
        _ => false,
    }
}

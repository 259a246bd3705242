//! A private key from a file, with and without a pass phrase. What is accepted can be written in every format
//! that holds such a key, and each gives the same key again; so does the same structure under any label of PEM.

#![no_main]

use std::sync::atomic::{AtomicU8, Ordering};

use chacha20::ChaCha20Rng;
use csr_core::{Error, KeyAlgorithm, KeyFormat, KeyImportError, KeyPair};
use der::asn1::AnyRef;
use der::{Decode, SliceReader, Tag, Tagged, pem};
use libfuzzer_sys::fuzz_target;
use rand_core::SeedableRng;

/// The pass phrase of the encrypted seeds.
const PASSPHRASE: &[u8] = b"fuzz";

/// Of the structures that a key may have, any may stand under any of these.
const LABELS: [&str; 4] = ["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "SM2 PRIVATE KEY"];

fuzz_target!(|data: &[u8]| {
    let plain = KeyPair::import(data, None);
    if let Ok(key) = &plain {
        assert_exports(key);
        assert_same_under_every_label(key, data, None);
    }
    if !is_cheap(data) {
        return;
    }
    match (plain, KeyPair::import(data, Some(PASSPHRASE))) {
        (Ok(plain), again) => {
            assert_same(&plain, &again.expect("a key that is not encrypted needs no pass phrase"))
        }
        (Err(error), Ok(decrypted)) => {
            assert_eq!(error, KeyImportError::PassphraseNeeded);
            assert_exports(&decrypted);
            assert_same_under_every_label(&decrypted, data, Some(PASSPHRASE));
        }
        (Err(KeyImportError::PassphraseNeeded), Err(error)) => assert!(
            !matches!(
                error,
                KeyImportError::NoKey
                    | KeyImportError::NotAKey(_)
                    | KeyImportError::Malformed(_)
                    | KeyImportError::Inconsistent(_)
            ),
            "tells what is wrong with the plaintext: {error}"
        ),
        (Err(without), Err(with)) => assert_eq!(without, with),
    }
});

/// The DER of an accepted file, and that DER in PEM under another label.
fn assert_same_under_every_label(key: &KeyPair, data: &[u8], passphrase: Option<&[u8]>) {
    let der = match pem::decode_vec(data) {
        Ok((_, der)) => der,
        Err(_) if data.first() == Some(&0x30) && AnyRef::from_der(data).is_ok() => data.to_vec(),
        // A PEM text that another reader does not read.
        Err(_) => return,
    };
    assert_same(key, &KeyPair::import(&der, passphrase).expect("the DER is read"));
    for label in LABELS {
        let text = pem::encode_string(label, pem::LineEnding::LF, &der).expect("PEM");
        assert_same(key, &KeyPair::import(text.as_bytes(), passphrase).expect("under any label"));
    }
}

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
    assert_eq!(key.public_key_info(), again.public_key_info());
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
    let encrypted = key.to_encrypted_pem_with_rng(PASSPHRASE, &mut rng).expect("it encrypts");
    assert_same(key, &KeyPair::import(encrypted.as_bytes(), Some(PASSPHRASE)).expect("and decrypts"));
    assert!(KeyPair::import(encrypted.as_bytes(), Some(b"other")).is_err());
    assert!(KeyPair::import(encrypted.as_bytes(), None).is_err());
}

/// Whether deriving the decryption key takes no more than the work of 10,000 iterations; a text that another PEM
/// reader does not read is taken for dear. `DEK-Info` costs nothing.
fn is_cheap(data: &[u8]) -> bool {
    let contains = |part: &[u8]| data.windows(part.len()).any(|window| window == part);
    if contains(b"Proc-Type: 4,ENCRYPTED") || !contains(b"-----") {
        return is_cheap_der(data);
    }
    pem::decode_vec(data).is_ok_and(|(_, der)| is_cheap_der(&der))
}

/// Whether the counts in the parameters of an encryption have a small product.
fn is_cheap_der(der: &[u8]) -> bool {
    let mut work: u128 = 1;
    let mut reader = match SliceReader::new(der) {
        Ok(reader) => reader,
        Err(_) => return true,
    };
    // EncryptedPrivateKeyInfo, and line ends behind it; the AlgorithmIdentifier in it.
    let Ok(outer) = AnyRef::decode(&mut reader) else { return true };
    let Some((Tag::Sequence, algorithm)) = elements(outer.value()).first().copied() else { return true };
    let mut rest = elements(algorithm);
    while let Some((tag, value)) = rest.pop() {
        match tag {
            Tag::Sequence => rest.extend(elements(value)),
            Tag::Integer => work = work.saturating_mul(number(value)),
            _ => {}
        }
    }
    // An iteration count with a key length of 32.
    work <= 320_000
}

fn elements(bytes: &[u8]) -> Vec<(Tag, &[u8])> {
    let Ok(mut reader) = SliceReader::new(bytes) else { return Vec::new() };
    let next = || AnyRef::decode(&mut reader).ok().map(|element| (element.tag(), element.value()));
    std::iter::from_fn(next).collect()
}

fn number(value: &[u8]) -> u128 {
    match value {
        [] => 1,
        _ if value.len() > 16 => u128::MAX,
        _ => value.iter().fold(0, |number, byte| number << 8 | u128::from(*byte)).max(1),
    }
}

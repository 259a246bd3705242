//! Nothing of a private key is left in the process's memory after it was made, written, read again
//! and dropped.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../csr-keygen/tests/leftovers/search.rs"]
mod search;

use csr_core::{CreateCsrDraft, Csr, CsrSpec, KeyFormat, KeyPair, PrivateKeyAlgo};
use search::{Samples, page, sample};
use zeroize::Zeroizing;

/// Samples a secret number of the key, and its PEM.
fn sample_key(samples: &mut Samples, key: &KeyPair) {
    let pem = key.to_pem(KeyFormat::Pkcs8).unwrap();
    let lines: Vec<&str> = pem.lines().collect();
    // An EC key's scalar is in the first half of the second line, an RSA key's primes are after the
    // middle.
    let line = if lines.len() < 10 { lines[2] } else { lines[lines.len() * 2 / 3] };
    sample(samples, &line.as_bytes()[..26]);
    let der = key.to_der(KeyFormat::Pkcs8).unwrap();
    let secret = if lines.len() < 10 { &der[42..68] } else { &der[der.len() * 2 / 3..][..64] };
    sample(samples, secret);
}

#[test]
fn nothing_is_left_of_keys() {
    for algorithm in ["EC_P256", "EC_P384", "SM2", "RSA_2048"] {
        let request = format!(
            r#"{{"name":"n","domain_name":"example.com","private_key_algo":"{algorithm}","usage":"PERSONAL"}}"#
        );
        let request = CreateCsrDraft::from_json(request.as_bytes()).unwrap();
        let mut page = page();
        let created = csr_core::create(request).unwrap();
        let mut samples = Samples::new();
        sample_key(&mut samples, &created.key);
        assert!(page.found(&samples) > 0, "the search finds a key that is there");
        let moved = std::hint::black_box(created.key);
        let pem = moved.to_pem(KeyFormat::Pkcs8).unwrap();
        let encrypted = moved.to_encrypted_pem("secret").unwrap();
        drop(moved);
        assert!(page.found(&samples) > 0, "the search finds a PEM that is there");
        drop(pem);
        assert_eq!(page.found(&samples), 0, "{algorithm}: created and written");

        let read = KeyPair::import(encrypted.as_bytes(), Some(b"secret")).unwrap();
        let der = read.to_der(KeyFormat::Pkcs8).unwrap();
        let pem = read.to_pem(KeyFormat::Pkcs8).unwrap();
        let again = [KeyPair::import(&der, None).unwrap(), KeyPair::import(pem.as_bytes(), None).unwrap()];
        drop((read, der, pem, again));
        assert_eq!(page.found(&samples), 0, "{algorithm}: read");
    }
}

/// Samples every secret number of an RSA key in three places each, in the forms of PKCS#1 and of
/// words.
fn sample_rsa_numbers(samples: &mut Samples, key: &KeyPair) {
    let der = key.to_der(KeyFormat::Pkcs1).unwrap();
    let numbers = pkcs1::RsaPrivateKeyRef::try_from(&der[..]).unwrap();
    for number in [
        numbers.private_exponent,
        numbers.prime1,
        numbers.prime2,
        numbers.exponent1,
        numbers.exponent2,
        numbers.coefficient,
    ] {
        let third = number.as_bytes().len() / 3;
        number.as_bytes().chunks_exact(third).for_each(|part| sample(samples, part));
    }
}

/// A form of an RSA key: its name, its encoder, and the pass phrase.
type Form =
    (&'static str, fn(&KeyPair) -> Result<Zeroizing<Vec<u8>>, csr_core::Error>, Option<&'static [u8]>);

const SECRET: &[u8] = b"secret";

const FORMS: [Form; 6] = [
    ("PKCS#1 DER", |key| key.to_der(KeyFormat::Pkcs1), None),
    ("PKCS#1 PEM", |key| key.to_pem(KeyFormat::Pkcs1).map(bytes), None),
    ("PKCS#8 DER", |key| key.to_der(KeyFormat::Pkcs8), None),
    ("PKCS#8 PEM", |key| key.to_pem(KeyFormat::Pkcs8).map(bytes), None),
    ("encrypted DER", |key| key.to_encrypted_der(SECRET), Some(SECRET)),
    ("encrypted PEM", |key| key.to_encrypted_pem(SECRET).map(bytes), Some(SECRET)),
];

#[expect(clippy::needless_pass_by_value, reason = "wiped when it is dropped here")]
fn bytes(pem: Zeroizing<String>) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(pem.as_bytes().to_vec())
}

#[test]
fn nothing_is_left_of_imported_rsa_keys() {
    let mut page = page();
    let spec = CsrSpec::builder().domain("example.com").build().unwrap();
    for (name, write, passphrase) in FORMS {
        let generated = KeyPair::generate(PrivateKeyAlgo::Rsa2048).unwrap();
        let mut samples = Samples::new();
        sample_rsa_numbers(&mut samples, &generated);
        let written = write(&generated).unwrap();
        drop(generated);
        if passphrase.is_some() {
            assert_eq!(page.found(&samples), 0, "{name}: encrypted");
        }

        let imported = KeyPair::import(&written, passphrase).unwrap();
        drop(written);
        assert!(page.found(&samples) > 0, "{name}: the search finds a key that is there");
        Csr::sign(&spec, &imported).unwrap();
        drop(imported);
        assert_eq!(page.found(&samples), 0, "{name}: imported, signed with, dropped");
    }
}

/// Refused keys are wiped too, such as a key whose last number is wrong.
#[test]
fn nothing_is_left_of_a_refused_rsa_key() {
    let mut page = page();
    let generated = KeyPair::generate(PrivateKeyAlgo::Rsa2048).unwrap();
    let mut samples = Samples::new();
    sample_rsa_numbers(&mut samples, &generated);
    let mut written = generated.to_der(KeyFormat::Pkcs1).unwrap();
    drop(generated);
    *written.last_mut().unwrap() ^= 1;
    assert!(page.found(&samples) > 0, "the search finds a key that is there");
    KeyPair::import(&written, None).unwrap_err();
    drop(written);
    assert_eq!(page.found(&samples), 0);
}

/// A modulus of a size that the engine doesn't support, and an exponent other than 65537.
#[test]
fn nothing_is_left_of_rsa_keys_of_any_size() {
    let mut page = page();
    let spec = CsrSpec::builder().domain("example.com").build().unwrap();
    for name in ["rsa2049.pem", "rsa2048-e3.pem", "rsa8192.pem"] {
        let path = format!("{}/tests/data/keys/{name}", env!("CARGO_MANIFEST_DIR"));
        let read = || KeyPair::import(&Zeroizing::new(std::fs::read(&path).unwrap()), None).unwrap();
        let imported = read();
        let mut samples = Samples::new();
        sample_rsa_numbers(&mut samples, &imported);
        Csr::sign(&spec, &imported).unwrap();
        drop(imported);
        assert_eq!(page.found(&samples), 0, "{name}");
    }
}

/// Both the private key and its encryption key, which is derived by MD5 or SHA-1.
#[test]
fn nothing_is_left_of_keys_in_old_encryption() {
    // The digests that make up the decryption keys, from the pass phrase and the salts of these files.
    const LEGACY_AES_256_1: [u8; 16] = hex(b"0818a76642ef5d24b70888506976ebca");
    const LEGACY_AES_256_2: [u8; 16] = hex(b"a1142ba41e364a64827ae935dbe80f7f");
    const LEGACY_DES3: [u8; 16] = hex(b"1821c08fb53936267fb540eae40389ca");
    const PKCS12_DES3: [u8; 20] = hex(b"d109e2a3743d23565d9a7d91f20c0e74e5495e19");

    let mut page = page();
    for (name, digests) in [
        ("p256-legacy-aes-256.pem", &[&LEGACY_AES_256_1[..], &LEGACY_AES_256_2][..]),
        ("rsa2048-legacy-des3.pem", &[&LEGACY_DES3[..]]),
        ("p256-encrypted-pkcs12-des3.pem", &[&PKCS12_DES3]),
    ] {
        let path = format!("{}/tests/data/keys/{name}", env!("CARGO_MANIFEST_DIR"));
        let encrypted = std::fs::read(&path).unwrap();
        let mut samples = Samples::new();
        digests.iter().for_each(|digest| sample(&mut samples, digest));
        let import = || KeyPair::import(&encrypted, Some(SECRET)).unwrap();
        let imported = import();
        assert_eq!(page.found(&samples), 0, "{name}: the decryption key");
        sample_key(&mut samples, &imported);
        assert!(page.found(&samples) > 0, "{name}: the search finds a key that is there");
        drop(imported);
        drop(import());
        assert_eq!(page.found(&samples), 0, "{name}");
    }
}

/// Of keys whose public keys only are told, too.
#[test]
fn nothing_is_left_of_keys_that_are_inspected() {
    const ED25519: [u8; 32] = hex(b"271ba55e02e3476155c1b756ee933b685ceb9978bed94e2add77d5fa37dbe25d");
    const P521: [u8; 32] = hex(b"a6edb86876a943ac66edd93d6fb0e859a5dce0c3956a32871eaba034b4989493");
    let mut page = page();
    for (name, secret) in [("ed25519-pkcs8.pem", &ED25519), ("p521-pkcs8.pem", &P521)] {
        let path = format!("{}/tests/data/keys/{name}", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::read(&path).unwrap();
        let mut samples = Samples::new();
        sample(&mut samples, secret);
        let copy = std::hint::black_box(secret.to_vec());
        assert!(page.found(&samples) > 0, "{name}: the search finds a key that is there");
        drop(Zeroizing::new(copy));
        drop(csr_core::inspect::read_any(&file, None).unwrap());
        assert_eq!(page.found(&samples), 0, "{name}");
    }
}

/// Made from a constant, so that it is in no writable memory.
const fn hex<const N: usize>(text: &[u8]) -> [u8; N] {
    const fn digit(digit: u8) -> u8 {
        if digit > b'9' { digit - b'a' + 10 } else { digit - b'0' }
    }
    assert!(text.len() == 2 * N);
    let mut bytes = [0; N];
    let mut at = 0;
    while at < N {
        bytes[at] = digit(text[2 * at]) << 4 | digit(text[2 * at + 1]);
        at += 1;
    }
    bytes
}

//! What is left of a private key in the process's memory once it was made, written, read again and dropped: nothing.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../csr-keygen/tests/leftovers/search.rs"]
mod search;

use csr_core::{CreateCsrRequest, KeyFormat, KeyPair};
use search::{Samples, page, sample};

/// Samples a secret number of the key, and its PEM.
fn sample_key(samples: &mut Samples, key: &KeyPair) {
    let pem = key.to_pem(KeyFormat::Pkcs8).unwrap();
    let lines: Vec<&str> = pem.lines().collect();
    // An EC key's scalar is in the first half of the second line, an RSA key's primes are behind the middle.
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
        let request = CreateCsrRequest::from_json(request.as_bytes()).unwrap();
        let created = csr_core::create(&request).unwrap();
        let mut samples = Samples::new();
        sample_key(&mut samples, &created.key);
        assert!(page().found(&samples) > 0, "the search finds a key that is there");
        let moved = std::hint::black_box(created.key);
        let pem = moved.to_pem(KeyFormat::Pkcs8).unwrap();
        let encrypted = moved.to_encrypted_pem(b"secret", &mut csr_core::fresh_rng().unwrap()).unwrap();
        drop(moved);
        assert!(page().found(&samples) > 0, "the search finds a PEM that is there");
        drop(pem);
        assert_eq!(page().found(&samples), 0, "{algorithm}: created and written");

        let read = KeyPair::import(encrypted.as_bytes(), Some(b"secret")).unwrap();
        let der = read.to_der(KeyFormat::Pkcs8).unwrap();
        let pem = read.to_pem(KeyFormat::Pkcs8).unwrap();
        let again = [KeyPair::import(&der, None).unwrap(), KeyPair::import(pem.as_bytes(), None).unwrap()];
        drop((read, der, pem, again));
        assert_eq!(page().found(&samples), 0, "{algorithm}: read");
    }
}

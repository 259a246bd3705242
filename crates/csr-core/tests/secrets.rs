//! No error shows any part of a misplaced or mangled private key.

mod planted;
#[path = "planted/readers.rs"]
mod readers;

use csr_core::{KeyFormat, KeyPair, inspect};
use planted::{SECRETS, assert_nothing_leaks, fixed, mangled};
use proptest::prelude::*;
use readers::errors;

#[test]
fn no_error_shows_a_planted_key_in_a_known_form() {
    for input in fixed() {
        assert_nothing_leaks(errors(&input).as_bytes());
    }
}

/// Proves that the check itself works.
#[test]
fn search_for_secrets_finds_them() {
    for secret in &*SECRETS {
        for form in &secret.forms {
            let piece = &form[form.len() / 2..][..45];
            let spaced: Vec<u8> = piece.iter().flat_map(|byte| [*byte, b' ']).collect();
            for shown in [piece, &spaced] {
                assert!(std::panic::catch_unwind(|| assert_nothing_leaks(shown)).is_err());
            }
        }
    }
    assert_nothing_leaks(b"-----BEGIN PRIVATE KEY-----\nthe PEM block \"PRIVATE KEY\" is not valid base64\n");
}

/// The forms that PEM takes in variables, YAML, editors and consoles, alone and inside a text.
#[test]
fn mangled_keys_are_read_as_the_same_key() {
    let utf16 =
        |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<_>>();
    for secret in &*SECRETS {
        let pem = String::from_utf8(secret.forms[0].clone()).unwrap();
        let der = KeyPair::import(pem.as_bytes(), None).unwrap().to_der(KeyFormat::Pkcs8).unwrap();
        let mut inputs: Vec<Vec<u8>> = Vec::new();
        for line_end in ["", " ", "\r", "\r\n", "\\n", "\\r\\n", "\t\n", "\u{a0}\n", "\n\n", "\n    "] {
            let text = pem.replace('\n', line_end);
            let marked = format!("\u{feff}{text}");
            inputs.extend([
                text.clone().into(),
                marked.clone().into(),
                format!("PRIVATE_KEY=\"{text}\"\n").into(),
                format!("some text {text}{} more", pem.replace("PRIVATE KEY", "CERTIFICATE")).into(),
            ]);
            for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
                inputs.extend([utf16(&text, bytes), utf16(&marked, bytes)]);
            }
        }
        for input in inputs {
            let key = KeyPair::import(&input, None);
            let key = key.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&input)));
            assert_eq!(key.to_der(KeyFormat::Pkcs8).unwrap(), der);
        }
    }
}

#[test]
fn mangled_requests_are_read_as_the_same_request() {
    let pem = include_str!("data/inspect/ec-p256.pem");
    let expected = inspect(pem.as_bytes()).unwrap().sha256;
    for line_end in ["", " ", "\r", "\r\n", "\\n", "\\r\\n", "\t\n", "\u{a0}\n", "\n    "] {
        let text = format!("\u{feff}{}", pem.replace('\n', line_end));
        let mut inputs = vec![text.clone().into_bytes(), format!("csr: '{text}' # comment").into_bytes()];
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            inputs.push(text.encode_utf16().flat_map(bytes).collect());
            inputs.push(text.encode_utf16().skip(1).flat_map(bytes).collect());
        }
        for input in inputs {
            assert_eq!(inspect(&input).unwrap().sha256, expected, "{}", String::from_utf8_lossy(&input));
        }
    }
}

#[test]
fn labels_of_many_blocks_give_a_short_message() {
    let text: String =
        (0..10_000).map(|n| format!("-----BEGIN BLOCK {n}-----\nAQID\n-----END BLOCK {n}-----\n")).collect();
    assert!(inspect(text.as_bytes()).unwrap_err().to_string().len() < 400);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_error_shows_a_planted_key(program in proptest::collection::vec(any::<u8>(), 2..40)) {
        assert_nothing_leaks(errors(&mangled(&program)).as_bytes());
    }
}

//! Nothing of a private key is left in the process's memory after it was read from mangled PEM or
//! UTF-16, or refused in a wrong place.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../../csr-keygen/tests/leftovers/search.rs"]
mod search;

use csr_core::{CreateCsrDraft, KeyFormat, KeyPair, PrivateKeyAlgo, inspect};
use csr_model::UploadCsrRequest;
use search::{Samples, page, sample};
use zeroize::Zeroizing;

/// `pem` with other line ends and with text around it, in a buffer that does not grow.
fn mangled(pem: &str, line_end: &[u8], before: &[u8], after: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(2 * pem.len() + before.len() + after.len()));
    text.extend_from_slice(before);
    for byte in pem.bytes() {
        if byte == b'\n' { text.extend_from_slice(line_end) } else { text.push(byte) }
    }
    text.extend_from_slice(after);
    text
}

fn utf16(text: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut made = Zeroizing::new(Vec::with_capacity(2 * text.len()));
    made.extend(text.iter().flat_map(|byte| [*byte, 0]));
    made
}

#[test]
fn nothing_is_left_of_mangled_and_refused_keys() {
    for algorithm in [PrivateKeyAlgo::EcP256, PrivateKeyAlgo::Rsa2048] {
        let pem = KeyPair::generate(algorithm).unwrap().to_pem(KeyFormat::Pkcs8).unwrap();
        let mut samples = Samples::new();
        let lines: Vec<&str> = pem.lines().collect();
        let line = if lines.len() < 10 { lines[2] } else { lines[lines.len() * 2 / 3] };
        sample(&mut samples, &line.as_bytes()[..26]);
        drop(lines);
        assert!(page().found(&samples) > 0, "the search finds a key that is there");

        for line_end in [&b" "[..], b"", b"\r", b"\\n", b"\t\n"] {
            let text = mangled(&pem, line_end, b"", b"");
            let wide = utf16(&text);
            for input in [&text, &wide] {
                KeyPair::import(input, None).unwrap();
                inspect(input).unwrap_err();
            }
        }
        for (before, after) in [
            (&b"\""[..], &b"\""[..]),
            (b"[\"", b"\"]"),
            (b"{\"", b"\": 1}"),
            (b"{\"usage\": \"", b"\"}"),
            (b"{\"usage\": {\"", b"\": 1}}"),
            (b"{\"csr\": 1, \"private_key\": \"", b"\"}"),
            (b"{\"private_key\": \"", b"\\ud800\"}"),
            (b"{\"name\": \"", b""),
            (b"-----BEGIN ", b"-----"),
        ] {
            let body = mangled(&pem, b"\\n", before, after);
            let wide = utf16(&body);
            for body in [&body, &wide] {
                drop(CreateCsrDraft::from_json(body).and_then(CreateCsrDraft::into_request).unwrap_err());
                drop(UploadCsrRequest::from_json(body).unwrap_err());
                drop(KeyPair::import(body, None));
            }
        }
        drop(pem);
        assert_eq!(page().found(&samples), 0, "{algorithm}");
    }
}

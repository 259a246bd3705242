//! Any text as the identity of an SM2 signer. What is signed with it verifies with it and, unless it is one of the two
//! that are tried by themselves, with nothing else; too long a one is refused, and one that holds a private key.

#![no_main]

use std::sync::LazyLock;

use chacha20::ChaCha20Rng;
use csr_core::{Csr, CsrSpec, KeyPair, Reason, SignatureStatus, Sm2Identity};
use csr_fuzz::names;
use libfuzzer_sys::fuzz_target;
use rand_core::SeedableRng;

static KEY: LazyLock<KeyPair> = LazyLock::new(|| {
    KeyPair::import(include_bytes!("../seeds/key_parser/sm2-pkcs8.pem"), None)
        .expect("the seed is a good key")
});

fuzz_target!(|data: &[u8]| {
    let bytes = Sm2Identity::new(data);
    assert_eq!(bytes.is_ok(), data.len() <= Sm2Identity::MAX_LEN);
    if let Ok(identity) = bytes {
        assert_eq!(identity.as_bytes(), data);
        names::assert_plain(&identity.to_string());
    }

    let text = String::from_utf8_lossy(data);
    let spec = CsrSpec::builder().domain("example.com").sm2_identity(&text).build();
    let Ok(identity) = Sm2Identity::new(text.as_bytes()) else { return assert!(spec.is_err()) };
    let spec = match spec {
        Ok(spec) => spec,
        Err(faults) => {
            return assert!(faults.iter().all(|fault| fault.reason == Reason::PrivateKey), "{faults}");
        }
    };
    let csr =
        Csr::sign_with_rng(&spec, &KEY, &mut ChaCha20Rng::from_seed([7; 32])).expect("it can be signed");
    let inspection = csr_core::inspect(csr.as_der()).expect("it is a CSR");

    let usual = [Sm2Identity::DEFAULT, Sm2Identity::EMPTY].contains(&identity);
    let valid = SignatureStatus::Valid { sm2_identity: Some(identity.clone()) };
    let alone = if usual { valid.clone() } else { SignatureStatus::Invalid { holds_with: None } };
    assert_eq!(inspection.verify(Some(&text)), valid);
    assert_eq!(inspection.verify(None), alone);
    let holds_with = usual.then(|| identity.clone());
    for other in others(&text) {
        assert_ne!(*other, *text);
        let invalid = SignatureStatus::Invalid { holds_with: holds_with.clone() };
        assert_eq!(inspection.verify(Some(&other)), invalid, "{other:?}");
    }
});

/// The identity with a character more, one less, another in its place, and in front.
fn others(text: &str) -> Vec<String> {
    let mut others = vec![format!("{text}a"), format!("\0{text}"), format!("{text}{text}x")];
    let mut chars: Vec<char> = text.chars().collect();
    if let Some(last) = chars.pop() {
        others.push(chars.iter().collect());
        chars.push(if last == 'x' { 'y' } else { 'x' });
        others.push(chars.iter().collect());
    }
    others
}

//! Every fixture's signature holds, or is said not to be supported; a changed one does not hold.
#![expect(clippy::unwrap_used, reason = "tests")]

mod inspect_fixtures;

use csr_core::inspect::Warning;
use csr_core::{SignatureStatus, Sm2Identity, inspect};
use inspect_fixtures::{UNSUPPORTED, VALID, der, find, pem};

#[test]
fn every_fixture_that_is_supported_holds() {
    for name in VALID {
        let status = inspect(&pem(name)).unwrap().verify(Some("alice@example.com"));
        assert!(status.is_valid(), "{name}: {status:?}");
    }
}

#[test]
fn every_other_fixture_is_unsupported() {
    for (name, expected) in UNSUPPORTED {
        let status = inspect(&pem(name)).unwrap().verify(None);
        assert_eq!(status, SignatureStatus::Unsupported { algorithm: (*expected).to_owned() }, "{name}");
    }
}

#[test]
fn pem_and_der_read_the_same() {
    for name in VALID {
        let (from_pem, from_der) = (inspect(&pem(name)).unwrap(), inspect(&der(name)).unwrap());
        assert_eq!(serde_json::to_string(&from_pem).unwrap(), serde_json::to_string(&from_der).unwrap());
    }
}

#[test]
fn sm2_says_which_identity_matched() {
    let matched = |name, given: Option<&str>| inspect(&pem(name)).unwrap().verify(given);
    let valid = |identity| SignatureStatus::Valid { sm2_identity: Some(identity) };
    let alice = || Sm2Identity::new("alice@example.com").unwrap();

    assert_eq!(matched("sm2-default", None), valid(Sm2Identity::DEFAULT));
    assert_eq!(matched("sm2-default", Some("alice@example.com")), valid(Sm2Identity::DEFAULT));
    assert_eq!(matched("sm2-empty", None), valid(Sm2Identity::EMPTY));
    assert_eq!(matched("sm2-custom", Some("alice@example.com")), valid(alice()));
    assert_eq!(matched("sm2-custom", None), SignatureStatus::Invalid);
    assert_eq!(matched("sm2-custom", Some(&"a".repeat(9000))), SignatureStatus::Invalid);
    assert_eq!(
        serde_json::to_string(&matched("sm2-default", None)).unwrap(),
        r#"{"status":"valid","sm2_identity":"1234567812345678"}"#
    );
    assert_eq!(serde_json::to_string(&matched("ec-p256", None)).unwrap(), r#"{"status":"valid"}"#);
}

#[test]
fn a_flipped_bit_of_the_message_or_the_signature_does_not_hold() {
    for name in VALID {
        let good = der(name);
        let mut flips = vec![good.len() - 1, good.len() - 20];
        flips.extend(find(&good, b"example"));
        for at in flips {
            for bit in [0x01, 0x04] {
                let mut bad = good.clone();
                bad[at] ^= bit;
                let status = inspect(&bad).unwrap().verify(Some("alice@example.com"));
                assert_eq!(status, SignatureStatus::Invalid, "{name}, bit {bit:#x} of byte {at}");
            }
        }
    }
}

#[test]
fn a_flipped_bit_of_the_key_does_not_hold() {
    for name in VALID {
        let good = der(name);
        let inspection = inspect(&good).unwrap();
        let key = inspection.public_key_der();
        let at = find(&good, key).unwrap() + key.len() - 1;
        let mut bad = good;
        bad[at] ^= 0x01;
        let inspection = inspect(&bad).unwrap();
        assert_eq!(inspection.verify(Some("alice@example.com")), SignatureStatus::Invalid, "{name}");
        // Half of all x are on the curve, so a change there may give another valid key.
        if !["ed25519", "ec-compressed"].contains(name) {
            assert!(inspection.warnings.contains(&Warning::InvalidPublicKey), "{name}");
        }
    }
}

/// The signature algorithm is outside what is signed, so anybody can change it.
#[test]
fn an_algorithm_of_another_family_than_the_key_does_not_hold() {
    let mut bad = der("ec-p256");
    let ecdsa_sha256 = [0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02];
    let at = find(&bad, &ecdsa_sha256).unwrap();
    let sm2_sm3 = [0x06, 0x08, 0x2A, 0x81, 0x1C, 0xCF, 0x55, 0x01, 0x83, 0x75];
    bad[at..at + 10].copy_from_slice(&sm2_sm3);
    assert_eq!(
        inspect(&bad).unwrap().verify(None),
        SignatureStatus::Unsupported { algorithm: "SM2-with-SM3 with a key of EC P-256".to_owned() }
    );

    let mut bad = der("rsa-2048");
    let sha256_with_rsa = [0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0B];
    let at = find(&bad, &sha256_with_rsa).unwrap();
    bad[at + 8] = 0x0C;
    let inspection = inspect(&bad).unwrap();
    assert_eq!(inspection.signature_algorithm.name, "sha384WithRSAEncryption");
    assert_eq!(inspection.verify(None), SignatureStatus::Invalid);
}

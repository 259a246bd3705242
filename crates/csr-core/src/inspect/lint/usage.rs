//! What the certificate may be used for.

use super::{Findings, Problem, Purpose, rule};
use crate::inspect::{ExtensionValue, Inspection, PublicKeyAlgorithm};
use crate::oid::KeyPurpose;
use crate::spec::{ExtendedKeyUsage, KeyUsage};

pub(super) fn check(inspection: &Inspection, purpose: Purpose, findings: &mut Findings) {
    if purpose == Purpose::Authority {
        findings.add(Problem::Authority, rule::BASIC_CONSTRAINTS);
    }
    if purpose != Purpose::TlsServer {
        return;
    }
    let algorithm = &inspection.public_key.algorithm;
    for extension in &inspection.extensions {
        match &extension.value {
            ExtensionValue::KeyUsage(usages) => check_key_usage(usages, algorithm, findings),
            ExtensionValue::ExtendedKeyUsage(purposes) => check_purposes(purposes, findings),
            _ => {}
        }
    }
}

fn check_key_usage(usages: &[KeyUsage], algorithm: &PublicKeyAlgorithm, findings: &mut Findings) {
    use KeyUsage::{DataEncipherment, DigitalSignature, KeyAgreement, KeyEncipherment};
    let is_rsa = matches!(algorithm, PublicKeyAlgorithm::Rsa | PublicKeyAlgorithm::RsaPss);
    let permitted: &[KeyUsage] = if is_rsa {
        &[DigitalSignature, KeyEncipherment, DataEncipherment]
    } else {
        &[DigitalSignature, KeyAgreement]
    };
    for usage in usages.iter().filter(|usage| !permitted.contains(usage)) {
        let problem = Problem::KeyUsage { usage: *usage, algorithm: algorithm.clone() };
        findings.add(problem, rule::KEY_USAGE);
    }
    let is_enough = usages.contains(&DigitalSignature) || is_rsa && usages.contains(&KeyEncipherment);
    // A warning tells of an extension without a bit.
    if !is_enough && !usages.is_empty() {
        findings.add(Problem::NoUsage { usage: DigitalSignature }, rule::KEY_USAGE);
    }
}

fn check_purposes(purposes: &[ExtendedKeyUsage], findings: &mut Findings) {
    for purpose in purposes {
        match purpose {
            ExtendedKeyUsage::ServerAuth => {}
            ExtendedKeyUsage::ClientAuth => findings.add(Problem::ClientAuth, rule::CHROME),
            // Others are not recommended, but permitted.
            ExtendedKeyUsage::Other(oid) if KeyPurpose::of(oid) != Some(KeyPurpose::AnyExtendedKeyUsage) => {}
            other => findings.add(Problem::Purpose { purpose: other.clone() }, rule::PURPOSES),
        }
    }
}

//! Any bytes as a CSR. Reading, showing and verifying never panic; what is shown has no control characters in it;
//! and where `x509-cert`, which is stricter, accepts the same DER, it finds the same key, names and extensions.

#![no_main]

use csr_core::SignatureStatus;
use csr_core::inspect::{GeneralName, Inspection, Value};
use csr_fuzz::{names, request};
use der::{Decode, Encode, pem};
use libfuzzer_sys::fuzz_target;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName as OtherName;
use x509_cert::request::{CertReq, ExtensionReq};

fuzz_target!(|data: &[u8]| {
    let inspection = match csr_core::inspect(data) {
        Ok(inspection) => inspection,
        Err(error) => return names::assert_plain(&error.to_string()),
    };
    let first = inspection.verify(None);
    // A given identity is the only one that an SM2 signature may hold with; others have none.
    let given = inspection.verify(Some("another identity"));
    match &first {
        SignatureStatus::Valid { sm2_identity: Some(identity) } => {
            assert_eq!(given, SignatureStatus::Invalid { holds_with: Some(identity.clone()) });
        }
        SignatureStatus::Valid { sm2_identity: None } => assert_eq!(given, first),
        _ => assert!(matches!(given, SignatureStatus::Valid { .. }) || given == first),
    }
    assert_shown(&inspection, data.len());

    let der = match pem::decode_vec(data) {
        Ok((_, der)) => der,
        Err(_) => data.to_vec(),
    };
    if let Ok(other) = CertReq::from_der(&der) {
        assert_eq!(csr_core::inspect(&der).map(|again| again.sha256), Ok(inspection.sha256.clone()));
        assert_agree(&inspection, &other);
    }
});

fn assert_shown(inspection: &Inspection, length: usize) {
    assert!(!format!("{inspection:?}").is_empty());
    let json = serde_json::to_string_pretty(inspection).expect("it serialises");
    // Two bytes make an entry that takes some 150; of larger input, only so many entries are listed.
    assert!(json.len() < 4096 + 100 * length, "{} bytes of JSON for {length}", json.len());
    names::assert_plain(&inspection.subject.to_string());
    inspection.sans.iter().for_each(|san| names::assert_plain(&san.to_string()));
    inspection.warnings.iter().for_each(|warning| names::assert_plain(&warning.to_string()));
    inspection.malformed.iter().for_each(|piece| names::assert_plain(&piece.to_string()));
    inspection.lint().iter().for_each(|finding| names::assert_plain(&finding.to_string()));
    inspection.extensions.iter().for_each(|extension| names::assert_plain(&extension.value.to_string()));
    let values = inspection.attributes.iter().flat_map(|attribute| &attribute.values);
    values.for_each(|value| names::assert_plain(&value.to_string()));
}

fn assert_agree(inspection: &Inspection, other: &CertReq) {
    assert_eq!(inspection.public_key_der(), other.info.public_key.to_der().expect("SPKI"));
    assert_eq!(inspection.public_key.oid.to_string(), other.info.public_key.algorithm.oid.to_string());
    assert_eq!(inspection.signature_algorithm.oid.to_string(), other.algorithm.oid.to_string());

    let subject = &inspection.subject.attributes;
    let others: Vec<_> = other
        .info
        .subject
        .iter_rdn()
        .enumerate()
        .flat_map(|(at, rdn)| rdn.iter().map(move |a| (at, a)))
        .collect();
    assert_eq!(subject.len(), others.len());
    for (ours, (rdn, theirs)) in subject.iter().zip(others) {
        assert_eq!((ours.rdn, ours.oid.to_string()), (rdn, theirs.oid.to_string()));
        if let Some(text) = request::text_of(theirs) {
            assert_eq!(ours.value, Value::Text(text));
        }
    }
    assert_extensions(inspection, other);
}

fn assert_extensions(inspection: &Inspection, other: &CertReq) {
    let mut extensions = Vec::new();
    for attribute in other.info.attributes.iter() {
        if attribute.oid.to_string() != "1.2.840.113549.1.9.14" {
            continue;
        }
        for value in attribute.values.iter() {
            let Ok(request) = value.decode_as::<ExtensionReq>() else { return };
            extensions.extend(request.0);
        }
    }
    // Microsoft's attribute for the same purpose, which `x509-cert` does not know, may add more.
    for theirs in &extensions {
        let oid = theirs.extn_id;
        assert!(
            inspection
                .extensions
                .iter()
                .any(|ours| ours.oid == oid.into() && ours.critical == theirs.critical)
        );
        if oid.to_string() != "2.5.29.17" {
            continue;
        }
        let Ok(SubjectAltName(sans)) = SubjectAltName::from_der(theirs.extn_value.as_bytes()) else {
            continue;
        };
        for name in sans {
            assert!(inspection.sans.iter().any(|ours| is_same(ours, &name)), "{name:?}");
        }
    }
}

fn is_same(ours: &GeneralName, theirs: &OtherName) -> bool {
    match (ours, theirs) {
        (GeneralName::Dns(ours), OtherName::DnsName(theirs)) => ours == theirs.as_str(),
        (GeneralName::Email(ours), OtherName::Rfc822Name(theirs)) => ours == theirs.as_str(),
        (GeneralName::Uri(ours), OtherName::UniformResourceIdentifier(theirs)) => ours == theirs.as_str(),
        (GeneralName::Ip(std::net::IpAddr::V4(ours)), OtherName::IpAddress(theirs)) => {
            ours.octets().as_slice() == theirs.as_bytes()
        }
        (GeneralName::Ip(std::net::IpAddr::V6(ours)), OtherName::IpAddress(theirs)) => {
            ours.octets().as_slice() == theirs.as_bytes()
        }
        (GeneralName::RegisteredId(ours), OtherName::RegisteredId(theirs)) => *ours == (*theirs).into(),
        (GeneralName::DirectoryName(ours), OtherName::DirectoryName(theirs)) => {
            ours.attributes.len() == theirs.iter_rdn().map(|rdn| rdn.len()).sum::<usize>()
        }
        (GeneralName::OtherName { oid, .. }, OtherName::OtherName(theirs)) => *oid == theirs.type_id.into(),
        (GeneralName::Other { .. } | GeneralName::Malformed { .. }, _) => true,
        _ => false,
    }
}

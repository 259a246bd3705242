//! rcgen, which reads a CSR to make a certificate of it.

use std::fs;
use std::path::Path;

use csr_core::PrivateKeyAlgo;
use rcgen::{CertificateSigningRequestParams, DnType, DnValue, OtherNameValue, SanType};

use super::{OneReading, names};
use crate::{Reading, Result};

/// It refuses a CSR whose signature does not hold.
pub(super) fn read(file: &Path) -> Result<OneReading> {
    let params = match CertificateSigningRequestParams::from_pem(&fs::read_to_string(file)?) {
        Ok(read) => read.params,
        Err(refusal) => return Ok(Err(refusal.to_string())),
    };
    let subject = params.distinguished_name.iter().map(|(r#type, value)| attribute(r#type, value));
    let sans = params.subject_alt_names.iter().map(san);
    Ok(Ok(Reading {
        subject: subject.collect::<Result<_>>()?,
        sans: sans.collect::<Result<_>>()?,
        ..Reading::default()
    }))
}

fn attribute(r#type: &DnType, value: &DnValue) -> Result<String> {
    let dotted;
    let r#type = match r#type {
        DnType::CountryName => "C",
        DnType::StateOrProvinceName => "ST",
        DnType::LocalityName => "L",
        DnType::OrganizationName => "O",
        DnType::OrganizationalUnitName => "OU",
        DnType::CommonName => "CN",
        DnType::CustomDnType(arcs) => {
            dotted = arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
            &dotted
        }
        other => return Err(format!("what is the type {other:?}?").into()),
    };
    let value = match value {
        DnValue::Utf8String(text) => text,
        DnValue::PrintableString(text) => text.as_str(),
        DnValue::Ia5String(text) => text.as_str(),
        other => return Err(format!("what is the value {other:?}?").into()),
    };
    Ok(names::attribute(false, r#type, value))
}

fn san(name: &SanType) -> Result<String> {
    Ok(match name {
        SanType::DnsName(name) => format!("DNS:{name}"),
        SanType::Rfc822Name(name) => format!("email:{name}"),
        SanType::URI(name) => format!("URI:{name}"),
        SanType::IpAddress(address) => format!("IP:{address}"),
        SanType::OtherName((arcs, OtherNameValue::Utf8String(text))) => {
            let dotted = arcs.iter().map(u64::to_string).collect::<Vec<_>>().join(".");
            format!("otherName:{dotted}={text}")
        }
        other => return Err(format!("what is the name {other:?}?").into()),
    })
}

/// What it shows of a SAN that it reads.
pub(super) fn shown_san(san: &str) -> String {
    super::openssl::shown_san(san)
}

/// The extensions that it takes.
const EXTENSIONS: [&str; 4] = ["2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.37"];

/// Whether it reads all of this. It refuses joined attributes, directoryName, registeredID, an otherName that is no UTF8String,
/// any other extension, PSS, and another hash function than a curve's own; and of two attributes of a type it keeps one.
pub(super) fn reads(algorithm: PrivateKeyAlgo, reading: &Reading) -> bool {
    let types: Vec<_> = reading.subject.iter().filter_map(|attribute| attribute.split('=').next()).collect();
    let reads_subject = types
        .iter()
        .enumerate()
        .all(|(index, r#type)| !r#type.starts_with('+') && !types[..index].contains(r#type));
    let reads_san = |san: &String| match san.split_once(':') {
        Some(("otherName", other)) => other.split_once('=').is_some_and(|(_, der)| der.starts_with("0c")),
        Some((kind, _)) => kind != "dirName" && kind != "RID",
        None => false,
    };
    let reads_detail = |detail: &String| match detail.split(' ').collect::<Vec<_>>()[..] {
        ["extension", r#type, ..] => EXTENSIONS.contains(&r#type),
        _ => true,
    };
    let signature = reading.signature_algorithm.as_deref().unwrap_or_default();
    let reads_signature = match algorithm {
        PrivateKeyAlgo::EcP256 => signature == "1.2.840.10045.4.3.2",
        PrivateKeyAlgo::EcP384 => signature == "1.2.840.10045.4.3.3",
        _ => signature.ends_with(" NULL"),
    };
    reads_subject
        && reading.sans.iter().all(reads_san)
        && reading.details.iter().flatten().all(reads_detail)
        && reads_signature
}

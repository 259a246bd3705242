//! Requested extensions (RFC 5280 section 4.2, RFC 2985 section 5.4.2).

use std::fmt;

use serde::Serialize;

use super::error::{InspectError, Part};
use super::general_name::GeneralName;
use super::oid;
use super::reader::Reader;
use super::warning::Warning;
use crate::spec::KeyUsage;
use crate::tag;

/// One requested extension.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Extension {
    /// Its identifier.
    pub oid: String,
    /// Its name, as in `keyUsage`, if it is a known one.
    pub name: Option<&'static str>,
    /// Whether it is critical.
    pub critical: bool,
    /// What it says.
    pub value: ExtensionValue,
}

/// What an extension says.
///
/// Serialised as an object of `type` and `value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExtensionValue {
    /// The uses' names in RFC 5280 section 4.2.1.3.
    KeyUsage(Vec<&'static str>),
    /// The purposes' names, as in `serverAuth`, dotted where there is none.
    ExtendedKeyUsage(Vec<String>),
    /// Basic constraints.
    BasicConstraints {
        /// Whether the subject is a certificate authority.
        ca: bool,
        /// How many intermediate authorities may follow.
        path_len: Option<u64>,
    },
    /// TLS extension numbers (RFC 7633); 5 is must-staple.
    TlsFeature(Vec<u64>),
    /// The key identifier in lower-case hexadecimal.
    SubjectKeyIdentifier(String),
    /// How many names there are; the names themselves are the inspection's `sans`.
    SubjectAltName(usize),
    /// Any other extension's value in lower-case hexadecimal.
    Hex(String),
}

impl fmt::Display for ExtensionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyUsage(uses) => f.write_str(&uses.join(", ")),
            Self::ExtendedKeyUsage(purposes) => f.write_str(&purposes.join(", ")),
            Self::BasicConstraints { ca, path_len: None } => write!(f, "CA: {ca}"),
            Self::BasicConstraints { ca, path_len: Some(length) } => {
                write!(f, "CA: {ca}, path length {length}")
            }
            Self::TlsFeature(features) => {
                let names = features.iter().map(|feature| match feature {
                    5 => "status_request (must-staple)".to_owned(),
                    17 => "status_request_v2".to_owned(),
                    other => other.to_string(),
                });
                f.write_str(&names.collect::<Vec<_>>().join(", "))
            }
            Self::SubjectAltName(1) => f.write_str("1 name"),
            Self::SubjectAltName(count) => write!(f, "{count} names"),
            Self::SubjectKeyIdentifier(hex) | Self::Hex(hex) => f.write_str(hex),
        }
    }
}

/// Reads `Extensions`, appending to what earlier attributes gave.
pub(super) fn read_all(
    reader: &mut Reader<'_>,
    extensions: &mut Vec<Extension>,
    sans: &mut Vec<GeneralName>,
    warnings: &mut Vec<Warning>,
) -> Result<(), InspectError> {
    let mut sequence = reader.at(Part::Extensions).nested(tag::SEQUENCE)?;
    if sequence.is_empty() {
        warnings.push(Warning::EmptyExtensionRequest);
    }
    while !sequence.is_empty() {
        extensions.push(read(sequence.nested(tag::SEQUENCE)?, sans, warnings)?);
    }
    Ok(())
}

/// `SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`; an explicit FALSE
/// is tolerated.
fn read(
    mut reader: Reader<'_>,
    sans: &mut Vec<GeneralName>,
    warnings: &mut Vec<Warning>,
) -> Result<Extension, InspectError> {
    let oid = oid::read(&mut reader)?;
    let critical = reader.boolean_or_false()?;
    let bytes = reader.element(tag::OCTET_STRING)?.value;
    reader.finish()?;

    let name = oid::extension(&oid);
    let mut contents = Reader::new(Part::Extension(name.unwrap_or("of an unknown kind")), bytes);
    let value = match name {
        Some("keyUsage") => ExtensionValue::KeyUsage(key_usage(&mut contents)?),
        Some("extKeyUsage") => ExtensionValue::ExtendedKeyUsage(key_purposes(&mut contents)?),
        Some("basicConstraints") => basic_constraints(&mut contents)?,
        Some("tlsFeature") => ExtensionValue::TlsFeature(tls_features(&mut contents)?),
        Some("subjectKeyIdentifier") => {
            let identifier = contents.element(tag::OCTET_STRING)?.value;
            ExtensionValue::SubjectKeyIdentifier(hex::lower::encode_string(identifier))
        }
        Some("subjectAltName") => {
            let names = GeneralName::read_all(&mut contents, warnings)?;
            let count = names.len();
            sans.extend(names);
            ExtensionValue::SubjectAltName(count)
        }
        _ => {
            let hex = hex::lower::encode_string(bytes);
            return Ok(Extension { oid, name, critical, value: ExtensionValue::Hex(hex) });
        }
    };
    contents.finish()?;
    Ok(Extension { oid, name, critical, value })
}

/// RFC 5280 section 4.2.1.3: bit 0 is the highest of the first byte.
fn key_usage(reader: &mut Reader<'_>) -> Result<Vec<&'static str>, InspectError> {
    let [unused @ 0..=7, bits @ ..] = reader.element(tag::BIT_STRING)?.value else {
        return reader.fault("the BIT STRING is not well formed");
    };
    if bits.is_empty() && *unused != 0 {
        return reader.fault("the BIT STRING is not well formed");
    }
    let is_set = |bit: usize| bits.get(bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
    Ok((0..).zip(KeyUsage::ALL).filter(|(bit, _)| is_set(*bit)).map(|(_, usage)| usage.as_str()).collect())
}

/// RFC 5280 section 4.2.1.12.
fn key_purposes(reader: &mut Reader<'_>) -> Result<Vec<String>, InspectError> {
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let mut purposes = Vec::new();
    while !sequence.is_empty() {
        let oid = oid::read(&mut sequence)?;
        purposes.push(oid::key_purpose(&oid).map_or(oid, str::to_owned));
    }
    Ok(purposes)
}

/// RFC 5280 section 4.2.1.9.
fn basic_constraints(reader: &mut Reader<'_>) -> Result<ExtensionValue, InspectError> {
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let ca = sequence.boolean_or_false()?;
    let path_len = if sequence.is_empty() { None } else { Some(sequence.number()?) };
    sequence.finish()?;
    Ok(ExtensionValue::BasicConstraints { ca, path_len })
}

/// RFC 7633 section 4.1.
fn tls_features(reader: &mut Reader<'_>) -> Result<Vec<u64>, InspectError> {
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let mut features = Vec::new();
    while !sequence.is_empty() {
        features.push(sequence.number()?);
    }
    Ok(features)
}

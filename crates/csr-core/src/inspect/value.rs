//! The values of attributes and `otherName`s: strings, and the structures that are known.

use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::asn1::{Element, Oid, ReadError, Reader, ascii, tag, text};
use crate::name::Escaped;
use crate::oid::{AttributeType, OtherNameType};

/// An ASN.1 value for people to read.
///
/// Serialised as an object whose one key says which it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Value {
    /// The characters of a string type, exactly as they are: a terminal should not see them unescaped.
    Text(String),
    /// A `KRB5PrincipalName` (RFC 4556 §3.2.2).
    KerberosPrincipal {
        /// The realm.
        realm: String,
        /// The components of the principal's name.
        name: Vec<String>,
    },
    /// A `HardwareModuleName` (RFC 4108 §5).
    HardwareModule {
        /// The type of hardware.
        hardware_type: Oid,
        /// Its serial number.
        serial_number: Raw,
    },
    /// A `PermanentIdentifier` (RFC 4043 §2).
    PermanentIdentifier {
        /// The identifier.
        identifier: Option<String>,
        /// Who assigned it.
        assigner: Option<Oid>,
    },
    /// What made the request on Windows ([MS-WCCE] §2.2.2.7.4).
    ClientInfo {
        /// Which program made it, as a number that Microsoft assigned.
        client_id: u64,
        /// The machine's name.
        machine: String,
        /// The user's name.
        user: String,
        /// The program's name.
        process: String,
    },
    /// The provider that made the key on Windows ([MS-WCCE] §2.2.2.7.2).
    CspProvider {
        /// 1 for key exchange, 2 for signatures.
        key_spec: u64,
        /// The provider's name.
        provider: String,
    },
    /// An enrolment's name and value on Windows ([MS-WCCE] §2.2.2.7.10).
    NameValuePair {
        /// The name.
        name: String,
        /// The value.
        value: String,
    },
    /// A whole certificate.
    Certificate {
        /// The SHA-256 fingerprint of its DER, in lower-case hexadecimal.
        sha256: String,
    },
    /// An INTEGER of up to 128 bits, in decimal.
    Integer(String),
    /// A BOOLEAN.
    Boolean(bool),
    /// An OBJECT IDENTIFIER.
    Oid(Oid),
    /// NULL.
    Null(()),
    /// The whole DER element: not a string, or one that does not decode.
    #[serde(untagged)]
    Raw(Raw),
}

/// The text with characters that must not reach a terminal escaped, or `#` and the hexadecimal form.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Escaped(text).fmt(f),
            Self::KerberosPrincipal { realm, name } => {
                write!(f, "{}@{}", Escaped(&name.join("/")), Escaped(realm))
            }
            Self::HardwareModule { hardware_type, serial_number } => {
                write!(f, "hardware {hardware_type}, serial number {serial_number}")
            }
            Self::PermanentIdentifier { identifier, assigner } => {
                f.write_str("identifier ")?;
                match identifier {
                    Some(identifier) => Escaped(identifier).fmt(f)?,
                    None => f.write_str("(none)")?,
                }
                assigner.iter().try_for_each(|assigner| write!(f, ", assigned by {assigner}"))
            }
            Self::ClientInfo { client_id, machine, user, process } => {
                let (machine, user, process) = (Escaped(machine), Escaped(user), Escaped(process));
                write!(f, "client {client_id}, machine {machine}, user {user}, process {process}")
            }
            Self::CspProvider { key_spec, provider } => {
                write!(f, "{}, key spec {key_spec}", Escaped(provider))
            }
            Self::NameValuePair { name, value } => write!(f, "{} = {}", Escaped(name), Escaped(value)),
            Self::Integer(number) => f.write_str(number),
            Self::Boolean(value) => value.fmt(f),
            Self::Oid(oid) => oid.fmt(f),
            Self::Null(()) => f.write_str("null"),
            Self::Certificate { sha256 } => write!(f, "certificate, SHA-256 {sha256}"),
            Self::Raw(raw) => raw.fmt(f),
        }
    }
}

impl Value {
    /// A string, or the whole element.
    pub(super) fn of(element: &Element<'_>) -> Self {
        match text(element) {
            Some(text) => Self::Text(text),
            None => Self::Raw(Raw::of(element.raw)),
        }
    }

    /// A string, a number, a truth value or an identifier, or the whole element.
    fn of_any_type(element: &Element<'_>) -> Self {
        let read = match element.tag {
            tag::INTEGER => integer(element).map(|number| Self::Integer(number.to_string())),
            tag::BOOLEAN => Reader::new(element.raw).boolean_or_false().ok().map(Self::Boolean),
            tag::OBJECT_IDENTIFIER => Oid::from_bytes(element.value).map(Self::Oid),
            tag::NULL if element.value.is_empty() => Some(Self::Null(())),
            _ => None,
        };
        read.unwrap_or_else(|| Self::of(element))
    }
}

/// An INTEGER of up to 128 bits in its shortest form (X.690 §8.3).
pub(super) fn integer(element: &Element<'_>) -> Option<i128> {
    let bytes = element.value;
    let is_shortest = match bytes {
        [] => false,
        [0, second, ..] => second & 0x80 != 0,
        [0xFF, second, ..] => second & 0x80 == 0,
        _ => true,
    };
    let negative = bytes.first().is_some_and(|first| first & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    (is_shortest && bytes.len() <= 16)
        .then(|| bytes.iter().fold(start, |number: i128, byte| number << 8 | i128::from(*byte)))
}

/// Bytes that are not read any further.
///
/// Serialised as an object with `hex` or `long`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Raw {
    /// All of them in lower-case hexadecimal, up to [`Self::SHOWN`] bytes.
    Hex(String),
    /// What stands for more bytes than that.
    Long {
        /// How many bytes there are.
        bytes: usize,
        /// Their SHA-256, in lower-case hexadecimal.
        sha256: String,
    },
}

impl Raw {
    /// The most bytes that are shown in hexadecimal.
    pub const SHOWN: usize = 4096;

    pub(super) fn of(bytes: &[u8]) -> Self {
        if bytes.len() <= Self::SHOWN {
            Self::Hex(hex::lower::encode_string(bytes))
        } else {
            Self::Long { bytes: bytes.len(), sha256: sha256(bytes) }
        }
    }
}

/// `#` and the hexadecimal form, or how many bytes there are and their SHA-256.
impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hex(hex) => write!(f, "#{hex}"),
            Self::Long { bytes, sha256 } => write!(f, "({} bytes, SHA-256 {sha256})", Thousands(*bytes)),
        }
    }
}

/// Displays the name of an identifier, or the identifier where it has none.
pub(super) struct Label<'a, N>(pub(super) Option<N>, pub(super) &'a Oid);

impl<N: fmt::Display> fmt::Display for Label<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(Some(name), _) => name.fmt(f),
            Self(None, oid) => oid.fmt(f),
        }
    }
}

/// Displays a number with commas between its thousands.
pub(super) struct Thousands(pub(super) usize);

impl fmt::Display for Thousands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            fmt::Write::write_char(f, digit)?;
        }
        Ok(())
    }
}

/// In lower-case hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex::lower::encode_string(&Sha256::digest(bytes))
}

/// The value of an `otherName` of this type.
pub(super) fn other_name(
    name: Option<OtherNameType>,
    element: &Element<'_>,
    reader: &mut Reader<'_>,
) -> Result<Value, ReadError> {
    match name {
        Some(OtherNameType::KerberosPrincipalName) => kerberos_principal(reader.nested(tag::SEQUENCE)?),
        Some(OtherNameType::HardwareModuleName) => hardware_module(reader.nested(tag::SEQUENCE)?),
        Some(OtherNameType::PermanentIdentifier) => permanent_identifier(reader.nested(tag::SEQUENCE)?),
        // The security identifier is the text of an OCTET STRING ([MS-WCCE] §2.2.2.7.7.4).
        Some(OtherNameType::MsNtdsObjectSid) => match ascii(reader.element(tag::OCTET_STRING)?.value) {
            Some(text) => Ok(Value::Text(text)),
            None => Err(ReadError("the identifier is not ASCII")),
        },
        Some(OtherNameType::MsNtdsReplication) => {
            Ok(Value::Raw(Raw::of(reader.element(tag::OCTET_STRING)?.value)))
        }
        Some(_) if text(element).is_none() => Err(ReadError("the value is not a string that decodes")),
        _ => Ok(Value::of_any_type(element)),
    }
}

/// The value of a request's attribute of this type.
pub(super) fn attribute(
    name: Option<AttributeType>,
    element: &Element<'_>,
    reader: &mut Reader<'_>,
) -> Result<Value, ReadError> {
    match name {
        Some(AttributeType::MsRequestClientInfo) => client_info(reader.nested(tag::SEQUENCE)?),
        Some(AttributeType::MsEnrollmentCspProvider) => csp_provider(reader.nested(tag::SEQUENCE)?),
        Some(AttributeType::MsEnrollmentNameValuePair) => name_value_pair(reader.nested(tag::SEQUENCE)?),
        Some(AttributeType::MsRenewalCertificate) => {
            let sha256 = sha256(reader.element(tag::SEQUENCE)?.raw);
            Ok(Value::Certificate { sha256 })
        }
        Some(
            AttributeType::ChallengePassword | AttributeType::UnstructuredName | AttributeType::MsOsVersion,
        ) if text(element).is_none() => Err(ReadError("the value is not a string that decodes")),
        _ => Ok(Value::of_any_type(element)),
    }
}

/// RFC 4556 §3.2.2, RFC 4120 §5.2.2.
fn kerberos_principal(mut principal: Reader<'_>) -> Result<Value, ReadError> {
    let realm = general_string(&mut principal.nested(tag::constructed(0))?)?;
    let mut name = principal.nested(tag::constructed(1))?.nested(tag::SEQUENCE)?;
    name.nested(tag::constructed(0))?.element(tag::INTEGER)?;
    let mut components = name.nested(tag::constructed(1))?.nested(tag::SEQUENCE)?;
    let mut names = Vec::new();
    while !components.is_empty() {
        names.push(general_string(&mut components)?);
    }
    name.finish()?;
    principal.finish()?;
    Ok(Value::KerberosPrincipal { realm, name: names })
}

fn general_string(reader: &mut Reader<'_>) -> Result<String, ReadError> {
    match ascii(reader.element(tag::GENERAL_STRING)?.value) {
        Some(text) => Ok(text),
        None => Err(ReadError("a GeneralString is not ASCII")),
    }
}

/// RFC 4108 §5.
fn hardware_module(mut name: Reader<'_>) -> Result<Value, ReadError> {
    let hardware_type = name.oid()?;
    let serial_number = Raw::of(name.element(tag::OCTET_STRING)?.value);
    name.finish()?;
    Ok(Value::HardwareModule { hardware_type, serial_number })
}

/// RFC 4043 §2.
fn permanent_identifier(mut name: Reader<'_>) -> Result<Value, ReadError> {
    let identifier = if name.is_next(tag::UTF8_STRING) { Some(string(&mut name)?) } else { None };
    let assigner = if name.is_empty() { None } else { Some(name.oid()?) };
    name.finish()?;
    Ok(Value::PermanentIdentifier { identifier, assigner })
}

/// [MS-WCCE] §2.2.2.7.4.
fn client_info(mut info: Reader<'_>) -> Result<Value, ReadError> {
    let client_id = info.number()?;
    let (machine, user, process) = (string(&mut info)?, string(&mut info)?, string(&mut info)?);
    info.finish()?;
    Ok(Value::ClientInfo { client_id, machine, user, process })
}

/// [MS-WCCE] §2.2.2.7.2: a number, the name and an unused signature.
fn csp_provider(mut provider: Reader<'_>) -> Result<Value, ReadError> {
    let value = Value::CspProvider { key_spec: provider.number()?, provider: string(&mut provider)? };
    provider.optional(tag::BIT_STRING)?;
    provider.finish()?;
    Ok(value)
}

/// [MS-WCCE] §2.2.2.7.10.
fn name_value_pair(mut pair: Reader<'_>) -> Result<Value, ReadError> {
    let value = Value::NameValuePair { name: string(&mut pair)?, value: string(&mut pair)? };
    pair.finish()?;
    Ok(value)
}

pub(super) fn string(reader: &mut Reader<'_>) -> Result<String, ReadError> {
    match text(&reader.any()?) {
        Some(text) => Ok(text),
        None => Err(ReadError("a value is not a string that decodes")),
    }
}

use std::fmt;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::reader::Element;

/// An ASN.1 value for people to read.
///
/// Serialised as an object whose one key says which it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Value {
    /// The characters of a string type, exactly as they are: a terminal should not see them unescaped.
    Text(String),
    /// A `KRB5PrincipalName` (RFC 4556 section 3.2.2).
    KerberosPrincipal {
        /// The realm.
        realm: String,
        /// The components of the principal's name.
        name: Vec<String>,
    },
    /// A `HardwareModuleName` (RFC 4108 section 5).
    HardwareModule {
        /// The type of hardware.
        hardware_type: String,
        /// Its serial number.
        serial_number: Raw,
    },
    /// A `PermanentIdentifier` (RFC 4043 section 2).
    PermanentIdentifier {
        /// The identifier.
        identifier: Option<String>,
        /// Who assigned it.
        assigner: Option<String>,
    },
    /// What made the request on Windows ([MS-WCCE] section 2.2.2.7.4).
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
    /// The provider that made the key on Windows ([MS-WCCE] section 2.2.2.7.2).
    CspProvider {
        /// 1 for key exchange, 2 for signatures.
        key_spec: u64,
        /// The provider's name.
        provider: String,
    },
    /// An enrolment's name and value on Windows ([MS-WCCE] section 2.2.2.7.10).
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
    /// The whole DER element: not a string, or one that does not decode.
    #[serde(untagged)]
    Raw(Raw),
}

/// The text with unprintable characters escaped, or `#` and the hexadecimal form.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Printable(text).fmt(f),
            Self::KerberosPrincipal { realm, name } => {
                write!(f, "{}@{}", Printable(&name.join("/")), Printable(realm))
            }
            Self::HardwareModule { hardware_type, serial_number } => {
                write!(f, "hardware {hardware_type}, serial number {serial_number}")
            }
            Self::PermanentIdentifier { identifier, assigner } => {
                f.write_str("identifier ")?;
                match identifier {
                    Some(identifier) => Printable(identifier).fmt(f)?,
                    None => f.write_str("(none)")?,
                }
                assigner.iter().try_for_each(|assigner| write!(f, ", assigned by {assigner}"))
            }
            Self::ClientInfo { client_id, machine, user, process } => {
                let (machine, user, process) = (Printable(machine), Printable(user), Printable(process));
                write!(f, "client {client_id}, machine {machine}, user {user}, process {process}")
            }
            Self::CspProvider { key_spec, provider } => {
                write!(f, "{}, key spec {key_spec}", Printable(provider))
            }
            Self::NameValuePair { name, value } => write!(f, "{} = {}", Printable(name), Printable(value)),
            Self::Certificate { sha256 } => write!(f, "certificate, SHA-256 {sha256}"),
            Self::Raw(raw) => raw.fmt(f),
        }
    }
}

impl Value {
    pub(super) fn of(element: &Element<'_>) -> Self {
        match text(element) {
            Some(text) => Self::Text(text),
            None => Self::Raw(Raw::of(element.raw)),
        }
    }
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
            Self::Long { bytes: bytes.len(), sha256: hex::lower::encode_string(&Sha256::digest(bytes)) }
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

/// The type that a string in a subject has. Prints as X.680 calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub enum StringType {
    /// `UTF8String`
    #[serde(rename = "UTF8String")]
    Utf8,
    /// `NumericString`
    #[serde(rename = "NumericString")]
    Numeric,
    /// `PrintableString`
    #[serde(rename = "PrintableString")]
    Printable,
    /// `TeletexString`, read as ISO 8859-1 as OpenSSL reads it.
    #[serde(rename = "TeletexString")]
    Teletex,
    /// `IA5String`
    #[serde(rename = "IA5String")]
    Ia5,
    /// `VisibleString`
    #[serde(rename = "VisibleString")]
    Visible,
    /// `UniversalString`
    #[serde(rename = "UniversalString")]
    Universal,
    /// `BMPString`
    #[serde(rename = "BMPString")]
    Bmp,
    /// Any other type.
    #[serde(rename = "other")]
    Other,
}

impl StringType {
    /// X.680 table 8.
    pub(super) fn of(element: &Element<'_>) -> Self {
        match element.tag {
            0x0C => Self::Utf8,
            0x12 => Self::Numeric,
            0x13 => Self::Printable,
            0x14 => Self::Teletex,
            0x16 => Self::Ia5,
            0x1A => Self::Visible,
            0x1C => Self::Universal,
            0x1E => Self::Bmp,
            _ => Self::Other,
        }
    }
}

impl fmt::Display for StringType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Utf8 => "UTF8String",
            Self::Numeric => "NumericString",
            Self::Printable => "PrintableString",
            Self::Teletex => "TeletexString",
            Self::Ia5 => "IA5String",
            Self::Visible => "VisibleString",
            Self::Universal => "UniversalString",
            Self::Bmp => "BMPString",
            Self::Other => "value of another type",
        })
    }
}

/// Strings of a seven-bit type may hold any ASCII here: many tools do not keep to the smaller alphabets.
pub(super) fn text(element: &Element<'_>) -> Option<String> {
    let bytes = element.value;
    match StringType::of(element) {
        StringType::Utf8 => String::from_utf8(bytes.to_vec()).ok(),
        StringType::Numeric | StringType::Printable | StringType::Ia5 | StringType::Visible => ascii(bytes),
        StringType::Teletex => Some(bytes.iter().copied().map(char::from).collect()),
        StringType::Bmp => {
            let (units, []) = bytes.as_chunks() else { return None };
            char::decode_utf16(units.iter().map(|unit| u16::from_be_bytes(*unit)))
                .collect::<Result<_, _>>()
                .ok()
        }
        StringType::Universal => {
            let (units, []) = bytes.as_chunks() else { return None };
            units.iter().map(|unit| char::from_u32(u32::from_be_bytes(*unit))).collect()
        }
        StringType::Other => None,
    }
}

pub(super) fn ascii(bytes: &[u8]) -> Option<String> {
    bytes.is_ascii().then(|| bytes.iter().copied().map(char::from).collect())
}

/// Whether a character must not reach a terminal as it is: controls, which start escape sequences, and what
/// reorders, hides or breaks text.
#[must_use]
pub fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

/// Displays a text with its unprintable characters as `\u{…}`.
pub(super) struct Printable<'a>(pub(super) &'a str);

impl fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_unprintable(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                fmt::Write::write_char(f, character)?;
            }
        }
        Ok(())
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

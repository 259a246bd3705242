use std::fmt;

use serde::Serialize;

use super::reader::Element;

/// An ASN.1 value for people to read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Value {
    /// The characters of a string type, exactly as they are: a terminal should not see them unescaped.
    Text(String),
    /// The whole DER element in lower-case hexadecimal: not a string, or one that does not decode.
    Hex(String),
}

/// The text with unprintable characters escaped, or `#` and the hexadecimal form.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Printable(text).fmt(f),
            Self::Hex(hex) => write!(f, "#{hex}"),
        }
    }
}

impl Value {
    pub(super) fn of(element: &Element<'_>) -> Self {
        match text(element) {
            Some(text) => Self::Text(text),
            None => Self::Hex(hex::lower::encode_string(element.raw)),
        }
    }
}

/// The type that a string in a subject has.
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

/// Strings of a seven-bit type may hold any ASCII here: many tools do not keep to the smaller alphabets.
fn text(element: &Element<'_>) -> Option<String> {
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

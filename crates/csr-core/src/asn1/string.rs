//! The string types that names and attributes are made of (X.680 §41).

use std::fmt;

use serde::Serialize;

use super::{Element, tag};
use crate::Reason;

/// The type of a string. Prints as X.680 calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
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
    /// The type with this tag (X.680 table 8).
    pub(crate) const fn of(tag: u8) -> Self {
        match tag {
            tag::UTF8_STRING => Self::Utf8,
            tag::NUMERIC_STRING => Self::Numeric,
            tag::PRINTABLE_STRING => Self::Printable,
            tag::TELETEX_STRING => Self::Teletex,
            tag::IA5_STRING => Self::Ia5,
            tag::VISIBLE_STRING => Self::Visible,
            tag::UNIVERSAL_STRING => Self::Universal,
            tag::BMP_STRING => Self::Bmp,
            _ => Self::Other,
        }
    }

    /// Whether the type's alphabet has every character of the text (X.680 §41.2 and §41.4). Types other than these two hold
    /// whatever [`text`] decodes.
    pub(crate) fn has_characters_of(self, text: &str) -> bool {
        match self {
            Self::Printable => is_printable_string(text),
            Self::Numeric => text.bytes().all(|byte| byte.is_ascii_digit() || byte == b' '),
            _ => true,
        }
    }
}

impl StringType {
    /// Refuses a text that a string of this type cannot hold.
    pub(crate) fn check(self, text: &str) -> Result<(), Reason> {
        let holds = |c: char| match self {
            Self::Printable | Self::Numeric => self.has_characters_of(c.encode_utf8(&mut [0; 4])),
            Self::Ia5 => c.is_ascii(),
            Self::Bmp => u32::from(c) <= 0xFFFF,
            _ => true,
        };
        let outside = text.chars().find(|c| !holds(*c));
        outside
            .map_or(Ok(()), |character| Err(Reason::NotInAlphabet { character, string_type: self.as_str() }))
    }

    /// Its name behind the article: `an IA5String`.
    pub(crate) fn with_article(self) -> String {
        let article = if self == Self::Ia5 { "an" } else { "a" };
        format!("{article} {self}")
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF8String",
            Self::Numeric => "NumericString",
            Self::Printable => "PrintableString",
            Self::Teletex => "TeletexString",
            Self::Ia5 => "IA5String",
            Self::Visible => "VisibleString",
            Self::Universal => "UniversalString",
            Self::Bmp => "BMPString",
            Self::Other => "value of another type",
        }
    }
}

impl fmt::Display for StringType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether a PrintableString can hold the text (X.680 §41.4).
fn is_printable_string(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&b))
}

/// The characters of an element, if it is a string that decodes. Strings of a seven-bit type may hold any ASCII, because
/// many tools ignore the smaller alphabets.
pub(crate) fn text(element: &Element<'_>) -> Option<String> {
    let bytes = element.value;
    match StringType::of(element.tag) {
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

pub(crate) fn ascii(bytes: &[u8]) -> Option<String> {
    bytes.is_ascii().then(|| bytes.iter().copied().map(char::from).collect())
}

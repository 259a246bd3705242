//! Distinguished names (RFC 5280 section 4.1.2.4) and their one-line form (RFC 4514).

use std::fmt::{self, Write};

use serde::Serialize;

use super::error::InspectError;
use super::oid;
use super::reader::Reader;
use super::value::{StringType, Value, is_unprintable};
use super::warning::Warning;
use crate::tag;

/// A distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Name {
    /// The name as RFC 4514 writes it: last attribute first, reserved and unprintable characters escaped.
    pub one_line: String,
    /// The attributes in the order in which they stand in the request.
    pub attributes: Vec<NameAttribute>,
}

/// One attribute of a distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NameAttribute {
    /// The attribute's type.
    pub oid: String,
    /// The type's short name: `C`, `ST`, `L`, `O`, `OU`, `CN`, `emailAddress` …
    pub name: Option<&'static str>,
    /// The value.
    pub value: Value,
    /// How the value is encoded.
    pub string_type: StringType,
    /// Which relative distinguished name it belongs to, from 0; attributes of a multi-valued one share it.
    pub rdn: usize,
}

/// The one-line form.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.one_line)
    }
}

impl Name {
    /// Reads `RDNSequence ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }`.
    pub(super) fn read(reader: &mut Reader<'_>, warnings: &mut Vec<Warning>) -> Result<Self, InspectError> {
        let part = reader.part();
        let mut attributes = Vec::new();
        let mut sequence = reader.nested(tag::SEQUENCE)?;
        let mut rdn = 0;
        let mut in_order = true;
        while !sequence.is_empty() {
            let mut set = sequence.nested(tag::SET)?;
            if set.is_empty() {
                return set.fault("a relative distinguished name is empty");
            }
            let mut previous: &[u8] = &[];
            while !set.is_empty() {
                let element = set.element(tag::SEQUENCE)?;
                in_order &= previous <= element.raw;
                previous = element.raw;
                attributes.push(NameAttribute::read(Reader::new(part, element.value), rdn)?);
            }
            rdn += 1;
        }
        if !in_order {
            warnings.push(Warning::SetOrder { part });
        }
        Ok(Self { one_line: one_line(&attributes), attributes })
    }
}

impl NameAttribute {
    fn read(mut reader: Reader<'_>, rdn: usize) -> Result<Self, InspectError> {
        let oid = oid::read(&mut reader)?;
        let value = reader.any()?;
        reader.finish()?;
        Ok(Self {
            name: oid::subject_attribute(&oid),
            oid,
            value: Value::of(&value),
            string_type: StringType::of(&value),
            rdn,
        })
    }
}

/// RFC 4514 section 2.1; types that its table lacks are written by their usual short names.
fn one_line(attributes: &[NameAttribute]) -> String {
    let mut line = String::new();
    for rdn in attributes.chunk_by(|a, b| a.rdn == b.rdn).rev() {
        if !line.is_empty() {
            line.push(',');
        }
        for (index, attribute) in rdn.iter().enumerate() {
            if index > 0 {
                line.push('+');
            }
            line.push_str(attribute.name.unwrap_or(&attribute.oid));
            line.push('=');
            match &attribute.value {
                Value::Text(text) => push_escaped(&mut line, text),
                Value::Hex(hex) => {
                    line.push('#');
                    line.push_str(hex);
                }
            }
        }
    }
    line
}

/// RFC 4514 section 2.4. Unprintable characters become the hexadecimal pairs of their UTF-8 bytes.
fn push_escaped(line: &mut String, text: &str) {
    let last = text.chars().count().saturating_sub(1);
    for (index, character) in text.chars().enumerate() {
        let reserved = match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => true,
            ' ' => index == 0 || index == last,
            '#' => index == 0,
            _ => false,
        };
        if is_unprintable(character) {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a String does not fail.
                let _ = write!(line, "\\{byte:02X}");
            }
            continue;
        }
        if reserved {
            line.push('\\');
        }
        line.push(character);
    }
}

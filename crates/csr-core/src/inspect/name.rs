//! Distinguished names (RFC 5280 section 4.1.2.4) and their one-line form (RFC 4514).

use std::fmt::{self, Write};

use serde::Serialize;

use super::error::InspectError;
use super::notes::{List, Notes};
use super::oid;
use super::reader::{Element, Reader, reason};
use super::value::{Raw, StringType, Value, is_unprintable};
use super::warning::Warning;
use crate::tag;

/// A distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Name {
    /// The name as RFC 4514 writes it: last attribute first, those of a multi-valued relative name joined by `+`,
    /// reserved and unprintable characters escaped. It is cut, and ends in `…`, where the forms of all of a request's
    /// names have more than 1 MiB.
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
    /// The relative distinguished names, in order: each one attribute, or several of a multi-valued one.
    pub fn relative_names(&self) -> impl DoubleEndedIterator<Item = &[NameAttribute]> {
        self.attributes.chunk_by(|a, b| a.rdn == b.rdn)
    }

    /// Reads `RDNSequence ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }`. Pieces of it that are
    /// malformed are noted, and the others read.
    pub(super) fn read(reader: &mut Reader<'_>, list: List, notes: &mut Notes) -> Result<Self, InspectError> {
        let part = reader.part();
        let mut name = Self { one_line: String::new(), attributes: Vec::new() };
        let mut in_order = true;
        for (rdn, set) in reader.nested(tag::SEQUENCE)?.elements_of(tag::SET).enumerate() {
            let set = match set {
                Ok(set) if set.value.is_empty() => {
                    notes.malformed(part, "a relative distinguished name is empty", set.raw);
                    continue;
                }
                Ok(set) => Reader::new(part, set.value),
                Err(broken) => {
                    notes.malformed(part, broken.reason, broken.bytes);
                    continue;
                }
            };
            let mut previous: &[u8] = &[];
            for element in set.elements_of(tag::SEQUENCE) {
                let element = match element {
                    Ok(element) => element,
                    Err(broken) => {
                        notes.malformed(part, broken.reason, broken.bytes);
                        continue;
                    }
                };
                in_order &= previous <= element.raw;
                previous = element.raw;
                if notes.has_room(list) {
                    name.attributes.extend(NameAttribute::read(reader, &element, rdn, notes));
                }
            }
        }
        if !in_order {
            notes.warn(Warning::SetOrder { part });
        }
        name.one_line = name.one_line(notes.one_line());
        notes.count_one_line(name.one_line.len());
        Ok(name)
    }

    /// RFC 4514 section 2.1, cut where it is longer than `max`; types that its table lacks are written by their usual
    /// short names.
    fn one_line(&self, max: usize) -> String {
        let mut line = String::new();
        for rdn in self.relative_names().rev() {
            if !line.is_empty() {
                line.push(',');
            }
            for (index, attribute) in rdn.iter().enumerate() {
                if index > 0 {
                    line.push('+');
                }
                line.push_str(attribute.label());
                line.push('=');
                match &attribute.value {
                    Value::Text(text) => push_escaped(&mut line, text, max),
                    // Writing to a String does not fail.
                    other => drop(write!(line, "{other}")),
                }
                if line.len() > max {
                    line.truncate(line.floor_char_boundary(max));
                    line.push('…');
                    return line;
                }
            }
        }
        line
    }
}

impl NameAttribute {
    /// The type's short name, or the identifier where there is none.
    #[must_use]
    pub fn label(&self) -> &str {
        self.name.unwrap_or(&self.oid)
    }

    /// `None`, and a note, where there is no type.
    fn read(of: &Reader<'_>, element: &Element<'_>, rdn: usize, notes: &mut Notes) -> Option<Self> {
        let mut reader = Reader::new(of.part(), element.value);
        let oid = match oid::read(&mut reader) {
            Ok(oid) => oid,
            Err(error) => {
                notes.malformed(of.part(), reason(&error), element.raw);
                return None;
            }
        };
        let name = oid::subject_attribute(&oid);
        let rest = reader.rest();
        let read = reader.any().and_then(|value| reader.finish().map(|()| value));
        let (value, string_type, fault) = match read {
            Ok(value) => {
                let (read, string_type) = (Value::of(&value), StringType::of(&value));
                let fault = match (&read, name) {
                    (Value::Text(_), _) => None,
                    (_, Some(_)) if string_type == StringType::Other => Some("it is not a string"),
                    (_, None) if string_type == StringType::Other => None,
                    _ => Some("the string does not decode"),
                };
                (read, string_type, fault)
            }
            Err(error) => (Value::Raw(Raw::of(rest)), StringType::Other, Some(reason(&error))),
        };
        if let Some(reason) = fault {
            notes.warn(Warning::MalformedValue { oid: oid.clone(), name, reason });
        }
        Some(Self { oid, name, value, string_type, rdn })
    }
}

/// RFC 4514 section 2.4. Unprintable characters become the hexadecimal pairs of their UTF-8 bytes.
fn push_escaped(line: &mut String, text: &str, max: usize) {
    let last = text.char_indices().next_back().map_or(0, |(index, _)| index);
    for (index, character) in text.char_indices() {
        if line.len() > max {
            return;
        }
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

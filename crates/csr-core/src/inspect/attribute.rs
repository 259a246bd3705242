//! The request's attributes (RFC 2986 §4.1, RFC 2985 §5.4).

use std::collections::HashSet;
use std::fmt;

use csr_model::Excerpt;
use serde::Serialize;

use super::extension::{self, Extension};
use super::general_name::GeneralName;
use super::name::lists_names;
use super::notes::{List, Notes};
use super::value::{self, Label, Raw, Value};
use super::warning::{Part, Warning};
use crate::asn1::{Element, Oid, ReadError, Reader, tag};
use crate::oid::AttributeType;

/// An attribute other than the extension request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Attribute {
    /// Its type.
    pub oid: Oid,
    /// The type's name, as in `challengePassword`, if it is a known one.
    pub name: Option<AttributeType>,
    /// Its values. A malformed value is given as the bytes from there on.
    pub values: Vec<Value>,
}

impl Attribute {
    /// The type's name, or the identifier where there is none.
    #[must_use]
    pub fn label(&self) -> impl fmt::Display {
        Label(self.name, &self.oid)
    }

    /// Notes alternative names in an attribute of the request: its own values, or a `SAN` of Windows' enrolment, which only
    /// Microsoft's certificate authority reads, and only if configured to. A challenge password may look like anything,
    /// and is not quoted.
    fn check(&self, notes: &mut Notes) {
        if self.name == Some(AttributeType::ChallengePassword) {
            return;
        }
        let is_san = self.name == Some(AttributeType::SubjectAltName);
        for value in &self.values {
            let text = match value {
                Value::NameValuePair { name, value } if name.eq_ignore_ascii_case("SAN") => {
                    Excerpt::of(value)
                }
                Value::Text(text) if is_san || lists_names(text) => Excerpt::of(text),
                other if is_san => Excerpt::of(&other.to_string()),
                _ => continue,
            };
            notes.warn(Warning::MisplacedSan { attribute: self.label().to_string(), value: text });
        }
    }
}

/// The content of the attributes.
#[derive(Default)]
pub(super) struct Attributes {
    pub(super) others: Vec<Attribute>,
    pub(super) extensions: Vec<Extension>,
    pub(super) sans: Vec<GeneralName>,
}

impl Attributes {
    /// Reads what `attributes [0] IMPLICIT SET OF Attribute` holds.
    pub(super) fn read(set: Reader<'_>, notes: &mut Notes) -> Self {
        let mut attributes = Self::default();
        let mut seen = HashSet::new();
        let mut in_order = true;
        let mut previous: &[u8] = &[];
        for element in set.elements_of(tag::SEQUENCE) {
            let element = match element {
                Ok(element) => element,
                Err(broken) => {
                    notes.malformed(Part::Attributes, broken.reason, broken.bytes);
                    continue;
                }
            };
            in_order &= previous <= element.raw;
            previous = element.raw;
            let Some(oid) = attributes.read_one(&element, notes) else { continue };
            if !seen.insert(oid.clone()) {
                notes.warn(Warning::DuplicateAttribute { oid });
            }
        }
        if !in_order {
            notes.warn(Warning::SetOrder { part: Part::Attributes });
        }
        extension::warn_of_duplicates(&attributes.extensions, notes);
        attributes
    }

    /// Reads `SEQUENCE { type OBJECT IDENTIFIER, values SET OF ANY }` and gives its type, if it has one.
    fn read_one(&mut self, element: &Element<'_>, notes: &mut Notes) -> Option<Oid> {
        let mut reader = Reader::new(element.value);
        let oid = match reader.oid() {
            Ok(oid) => oid,
            Err(ReadError(reason)) => {
                notes.malformed(Part::Attributes, reason, element.raw);
                return None;
            }
        };
        let name = AttributeType::of(&oid);
        let mut attribute = Attribute { oid: oid.clone(), name, values: Vec::new() };
        let malformed = |reason| Warning::MalformedAttribute { oid: oid.clone(), name, reason };
        let rest = reader.rest();
        let set = match reader.nested(tag::SET) {
            Ok(set) if set.is_empty() => {
                notes.warn(malformed("it has no value"));
                set
            }
            Ok(set) => set,
            Err(ReadError(reason)) => {
                notes.warn(malformed(reason));
                if notes.has_room(List::Attributes) {
                    attribute.values.push(Value::Raw(Raw::of(rest)));
                    self.others.push(attribute);
                }
                return Some(oid);
            }
        };
        if let Err(ReadError(reason)) = reader.finish() {
            notes.warn(malformed(reason));
        }
        let is_request = name.is_some_and(AttributeType::is_extension_request);
        let mut count = 0;
        for value in set.elements() {
            count += 1;
            match value {
                Ok(value) if is_request => {
                    extension::read_all(&value, &mut self.extensions, &mut self.sans, notes);
                }
                Ok(value) if notes.has_room(List::Attributes) => {
                    let mut contents = Reader::new(value.raw);
                    let read = value::attribute(name, &value, &mut contents);
                    attribute.values.push(read.unwrap_or_else(|ReadError(reason)| {
                        notes.warn(malformed(reason));
                        Value::Raw(Raw::of(value.raw))
                    }));
                }
                Ok(_) => {}
                Err(broken) => {
                    notes.warn(malformed(broken.reason));
                    if is_request {
                        notes.malformed(Part::Extensions, broken.reason, broken.bytes);
                    } else if notes.has_room(List::Attributes) {
                        attribute.values.push(Value::Raw(Raw::of(broken.bytes)));
                    }
                }
            }
        }
        if count > 1 && (is_request || name == Some(AttributeType::ChallengePassword)) {
            notes.warn(Warning::SeveralValues { oid: oid.clone() });
        }
        // An attribute without values, or whose values are too many to be listed, is an entry, too.
        if !is_request && (!attribute.values.is_empty() || notes.has_room(List::Attributes)) {
            attribute.check(notes);
            self.others.push(attribute);
        }
        Some(oid)
    }
}

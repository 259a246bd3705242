//! The request's attributes (RFC 2986 section 4.1, RFC 2985 section 5.4).

use std::collections::HashSet;

use serde::Serialize;

use super::error::Part;
use super::extension::{self, Extension};
use super::general_name::GeneralName;
use super::notes::{List, Notes};
use super::reader::{Element, Reader, reason};
use super::value::{Raw, Value};
use super::warning::Warning;
use super::{known, oid, subject};
use crate::tag;

/// An attribute other than the extension request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Attribute {
    /// Its type.
    pub oid: String,
    /// The type's name, as in `challengePassword`, if it is a known one.
    pub name: Option<&'static str>,
    /// Its values. Of a malformed one, the bytes from there on.
    pub values: Vec<Value>,
}

/// What the attributes hold.
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
        let mut seen = HashSet::new();
        for extension in &attributes.extensions {
            if !seen.insert(&extension.oid) {
                notes.warn(Warning::DuplicateExtension { oid: extension.oid.clone() });
            }
        }
        attributes
    }

    /// Reads `SEQUENCE { type OBJECT IDENTIFIER, values SET OF ANY }` and gives its type, if it has one.
    fn read_one(&mut self, element: &Element<'_>, notes: &mut Notes) -> Option<String> {
        let mut reader = Reader::new(Part::Attributes, element.value);
        let oid = match oid::read(&mut reader) {
            Ok(oid) => oid,
            Err(error) => {
                notes.malformed(Part::Attributes, reason(&error), element.raw);
                return None;
            }
        };
        let name = oid::request_attribute(&oid);
        let mut attribute = Attribute { oid: oid.clone(), name, values: Vec::new() };
        let malformed = |reason| Warning::MalformedAttribute { oid: oid.clone(), name, reason };
        let rest = reader.rest();
        let set = match reader.nested(tag::SET) {
            Ok(set) if set.is_empty() => {
                notes.warn(malformed("it has no value"));
                set
            }
            Ok(set) => set,
            Err(error) => {
                notes.warn(malformed(reason(&error)));
                if notes.has_room(List::Attributes) {
                    attribute.values.push(Value::Raw(Raw::of(rest)));
                    self.others.push(attribute);
                }
                return Some(oid);
            }
        };
        if let Err(error) = reader.finish() {
            notes.warn(malformed(reason(&error)));
        }
        let is_request = matches!(name, Some("extensionRequest" | "msExtensionRequest"));
        let mut count = 0;
        for value in set.elements() {
            count += 1;
            match value {
                Ok(value) if is_request => {
                    extension::read_all(&value, &mut self.extensions, &mut self.sans, notes);
                }
                Ok(value) if notes.has_room(List::Attributes) => {
                    let mut contents = Reader::new(Part::Attributes, value.raw);
                    attribute.values.push(known::attribute(name, &value, &mut contents).unwrap_or_else(
                        |error| {
                            notes.warn(malformed(reason(&error)));
                            Value::Raw(Raw::of(value.raw))
                        },
                    ));
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
        if count > 1 && (is_request || name == Some("challengePassword")) {
            notes.warn(Warning::SeveralValues { oid: oid.clone() });
        }
        // An attribute without values, or whose values are too many to be listed, is an entry, too.
        if !is_request && (!attribute.values.is_empty() || notes.has_room(List::Attributes)) {
            subject::check_attribute(&attribute, notes);
            self.others.push(attribute);
        }
        Some(oid)
    }
}

//! The request's attributes (RFC 2986 section 4.1, RFC 2985 section 5.4).

use std::collections::HashSet;

use serde::Serialize;

use super::error::{InspectError, Part};
use super::extension::{self, Extension};
use super::general_name::GeneralName;
use super::oid;
use super::reader::Reader;
use super::value::Value;
use super::warning::Warning;
use crate::tag;

/// An attribute other than the extension request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Attribute {
    /// Its type.
    pub oid: String,
    /// The type's name, as in `challengePassword`, if it is a known one.
    pub name: Option<&'static str>,
    /// Its values.
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
    pub(super) fn read(mut set: Reader<'_>, warnings: &mut Vec<Warning>) -> Result<Self, InspectError> {
        let mut attributes = Self::default();
        let mut seen = HashSet::new();
        let mut in_order = true;
        let mut previous: &[u8] = &[];
        while !set.is_empty() {
            let element = set.element(tag::SEQUENCE)?;
            in_order &= previous <= element.raw;
            previous = element.raw;
            let oid = attributes.read_one(Reader::new(set.part(), element.value), warnings)?;
            if !seen.insert(oid.clone()) {
                warnings.push(Warning::DuplicateAttribute { oid });
            }
        }
        if !in_order {
            warnings.push(Warning::SetOrder { part: Part::Attributes });
        }
        let mut seen = HashSet::new();
        for extension in &attributes.extensions {
            if !seen.insert(&extension.oid) {
                warnings.push(Warning::DuplicateExtension { oid: extension.oid.clone() });
            }
        }
        Ok(attributes)
    }

    /// Reads `SEQUENCE { type OBJECT IDENTIFIER, values SET OF ANY }` and gives its type.
    fn read_one(
        &mut self,
        mut reader: Reader<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Result<String, InspectError> {
        let oid = oid::read(&mut reader)?;
        let mut set = reader.nested(tag::SET)?;
        reader.finish()?;
        let name = oid::request_attribute(&oid);
        if matches!(name, Some("extensionRequest" | "msExtensionRequest")) {
            while !set.is_empty() {
                extension::read_all(&mut set, &mut self.extensions, &mut self.sans, warnings)?;
            }
            return Ok(oid);
        }
        let mut values = Vec::new();
        while !set.is_empty() {
            values.push(Value::of(&set.any()?));
        }
        self.others.push(Attribute { oid: oid.clone(), name, values });
        Ok(oid)
    }
}

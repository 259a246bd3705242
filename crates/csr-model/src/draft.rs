//! A request as it arrives: any field may be missing, of another type, or there twice. Reading it this way first
//! lets the conversion name every faulty field at once; serde alone would stop at the first.

mod raw;

use core::fmt;
use core::str::FromStr;
use std::collections::BTreeMap;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::error::Category;
use zeroize::Zeroizing;

use self::raw::RawField;
use crate::{RequestError, Violation, Violations, utf8};

/// The fields of all requests. Whatever else a body has is not kept.
const FIELDS: [&str; 11] = [
    "name",
    "domain_name",
    "sans",
    "private_key_algo",
    "usage",
    "company_country",
    "company_province",
    "company_city",
    "company_name",
    "csr",
    "private_key",
];

const WANTED: &str = "must be a JSON object with the request's fields";

/// The fields of a JSON object, and what was found wrong with those that were taken.
pub(crate) struct Draft {
    fields: BTreeMap<&'static str, Field>,
    faults: Vec<Violation>,
}

impl Draft {
    /// Reads a JSON text and turns it into a request.
    pub(crate) fn read<T: TryFrom<Self, Error = Violations>>(json: &[u8]) -> Result<T, RequestError> {
        T::try_from(Self::parse(json)?).map_err(RequestError::Violations)
    }

    /// Reads a JSON text, in UTF-8 or UTF-16, with or without a byte order mark (RFC 8259 §8.1 lets a reader ignore it).
    pub(crate) fn parse(json: &[u8]) -> Result<Self, RequestError> {
        let json = &*utf8(json);
        check_is_object(json)?;
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let draft = deserializer.deserialize_map(DraftVisitor);
        let draft = draft.and_then(|draft| deserializer.end().map(|()| draft));
        draft.map_err(|error| {
            let syntax = match error.classify() {
                // The message quotes what it is about.
                Category::Data => format!("faulty at line {} column {}", error.line(), error.column()),
                _ => error.to_string(),
            };
            RequestError::Json(format!("{WANTED}: {syntax}"))
        })
    }

    /// A field that may be absent, which reads as `""`.
    pub(crate) fn optional(&mut self, name: &'static str) -> String {
        match self.fields.remove(name).unwrap_or(Field::Absent) {
            Field::Absent => String::new(),
            Field::Text(mut text) => core::mem::take(&mut text),
            Field::NoCharacter => self
                .fault(name, r"must not have an escape that stands for no character, such as \ud800 alone"),
            Field::Other(found) => self.fault(name, format!("must be a string, not {found}")),
            Field::Twice => self.fault(name, "is given twice"),
        }
    }

    /// A field that must be there.
    pub(crate) fn required(&mut self, name: &'static str) -> String {
        match self.fields.get(name) {
            None | Some(Field::Absent) => self.fault(name, "is required"),
            Some(_) => self.optional(name),
        }
    }

    /// A field that must hold one of a closed list of names.
    pub(crate) fn named<T: FromStr<Err: fmt::Display>>(&mut self, name: &'static str) -> Option<T> {
        let before = self.faults.len();
        let text = Zeroizing::new(self.required(name));
        if self.faults.len() > before {
            return None;
        }
        text.parse().map_err(|e: T::Err| self.fault(name, e.to_string())).ok()
    }

    /// What was wrong.
    pub(crate) fn into_faults(self) -> Vec<Violation> {
        self.faults
    }

    fn fault(&mut self, name: &'static str, fault: impl Into<String>) -> String {
        self.faults.push(Violation::new(name, fault));
        String::new()
    }
}

/// Refuses another type of JSON before serde_json, which would quote it, and keep a copy that nobody wipes.
fn check_is_object(json: &[u8]) -> Result<(), RequestError> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let start = json.iter().take_while(|byte| is_blank(byte)).count();
    let found = match json.get(start) {
        Some(b'"') => "a string",
        Some(b'[') => "a list",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        Some(b'-' | b'0'..=b'9') => "a number",
        _ => return Ok(()),
    };
    let (before, _) = json.split_at(start);
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    Err(RequestError::Json(format!("{WANTED}, not {found} (line {line} column {column})")))
}

struct DraftVisitor;

impl<'de> Visitor<'de> for DraftVisitor {
    type Value = Draft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the request's fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Draft, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((RawField(name), RawField(field))) = map.next_entry()? {
            let Field::Text(name) = name else { continue };
            if let Some(name) = FIELDS.iter().find(|known| **known == *name) {
                fields.entry(*name).and_modify(|first| *first = Field::Twice).or_insert(field);
            }
        }
        Ok(Draft { fields, faults: Vec::new() })
    }
}

/// A field that should hold a string.
enum Field {
    /// Not there, or `null`.
    Absent,
    /// Wiped if nobody takes it: it may be a private key.
    Text(Zeroizing<String>),
    /// A string with half a surrogate pair in it.
    NoCharacter,
    /// Of another type: its name.
    Other(&'static str),
    Twice,
}

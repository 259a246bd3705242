//! The only reader of JSON requests. A field may be missing, of another type, or given twice; all such faults are
//! reported together, where serde alone would stop at the first. [`json_fields`] reads objects whose fields have other
//! types, too.

mod raw;

use core::fmt;
use core::str::FromStr;
use std::collections::BTreeMap;

use serde::Deserializer;
use serde::de::{MapAccess, Visitor};
use serde_json::error::Category;
use zeroize::Zeroizing;

use self::raw::RawField;
use crate::{Fault, Faults, Field, Reason, UnknownName, fault, utf8};

/// The fields of all requests. Other fields of a body are ignored.
const FIELDS: [Field; 11] = [
    Field::Name,
    Field::DomainName,
    Field::Sans,
    Field::PrivateKeyAlgo,
    Field::Usage,
    Field::Country,
    Field::Province,
    Field::City,
    Field::Organization,
    Field::Csr,
    Field::PrivateKey,
];

/// The fields of a JSON object, and the faults of those that were taken.
pub(crate) struct Fields {
    values: BTreeMap<Field, Value>,
    faults: Vec<Fault>,
}

impl Fields {
    /// Reads a JSON text, in UTF-8 or UTF-16, with or without a byte order mark (RFC 8259 §8.1 lets a reader ignore it).
    pub(crate) fn parse(json: &[u8]) -> Result<Self, Faults> {
        let mut values = BTreeMap::new();
        for_each_field(&utf8(json), |name, value| {
            let known = name.and_then(|name| FIELDS.iter().find(|known| known.as_str() == *name));
            if let Some(field) = known {
                values
                    .entry(*field)
                    .and_modify(|first| *first = Value::Twice)
                    .or_insert_with(|| value.read());
            }
        })?;
        Ok(Self { values, faults: Vec::new() })
    }

    /// A field that may be absent. Absent and faulty fields read as `""`.
    pub(crate) fn optional(&mut self, field: Field) -> String {
        let reason = match self.values.remove(&field).unwrap_or(Value::Absent) {
            Value::Absent => return String::new(),
            Value::Text(mut text) => return core::mem::take(&mut text),
            Value::LoneSurrogate => Reason::LoneSurrogate,
            Value::Other(found) => Reason::NotAString(found),
            Value::Twice => Reason::GivenTwice,
        };
        self.faults.push(Fault::new(field, "", reason));
        String::new()
    }

    /// A field that must be present.
    pub(crate) fn required(&mut self, field: Field) -> String {
        if let None | Some(Value::Absent) = self.values.get(&field) {
            self.faults.push(Fault::new(field, "", Reason::Missing));
        }
        self.optional(field)
    }

    /// A field that must hold one of a closed list of names.
    pub(crate) fn named<T: FromStr<Err = UnknownName>>(&mut self, field: Field) -> Option<T> {
        let before = self.faults.len();
        let text = Zeroizing::new(self.required(field));
        if self.faults.len() > before {
            return None;
        }
        let unknown = |UnknownName { known, .. }| {
            self.faults.push(Fault::new(field, &text, Reason::NotOneOf(known)));
        };
        text.parse().map_err(unknown).ok()
    }

    /// The faults found.
    pub(crate) fn into_faults(self) -> Vec<Fault> {
        self.faults
    }

    /// Fails if there are faults: those of the fields' form, and these of their content.
    pub(crate) fn check(self, further: impl Iterator<Item = Fault>) -> Result<(), Faults> {
        let Self { mut faults, .. } = self;
        fault::add_of_other_fields(&mut faults, further);
        Faults::check(faults)
    }
}

fn not_an_object(why: String) -> Faults {
    Fault::new(Field::Body, "", Reason::NotAnObject(why)).into()
}

/// Refuses another type of JSON before serde_json, which would quote it, and keep a copy that nobody wipes.
fn check_is_object(json: &[u8]) -> Result<(), Faults> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let start = json.iter().take_while(|byte| is_blank(byte)).count();
    let (before, value) = json.split_at(start);
    let word = value.split(|byte| is_blank(byte)).next().unwrap_or_default();
    let found = match (value, word) {
        ([b'"', ..], _) => "a string",
        ([b'[', ..], _) => "a list",
        (_, b"true" | b"false") => "a boolean",
        (_, b"null") => "null",
        ([b'0'..=b'9', ..] | [b'-', b'0'..=b'9', ..], _) => "a number",
        _ => return Ok(()),
    };
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
    Err(not_an_object(format!(", not {found} (line {line} column {column})")))
}

/// Reads an object, and calls the function with the name, unless half a surrogate pair is in it, and the value of each
/// field.
fn for_each_field<'a>(
    json: &'a [u8],
    each: impl FnMut(Option<Zeroizing<String>>, RawField<'a>),
) -> Result<(), Faults> {
    check_is_object(json)?;
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let read = deserializer.deserialize_map(FieldsVisitor(each));
    read.and_then(|()| deserializer.end()).map_err(|error| {
        let syntax = match error.classify() {
            // The message quotes what it is about.
            Category::Data => format!("faulty at line {} column {}", error.line(), error.column()),
            _ => error.to_string(),
        };
        not_an_object(format!(": {syntax}"))
    })
}

struct FieldsVisitor<F>(F);

impl<'de, F: FnMut(Option<Zeroizing<String>>, RawField<'de>)> Visitor<'de> for FieldsVisitor<F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the request's fields")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, value)) = map.next_entry::<RawField<'de>, RawField<'de>>()? {
            (self.0)(name.text(), value);
        }
        Ok(())
    }
}

/// The value of a field of any type. Texts are wiped on drop: they may be secrets.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonValue {
    /// `null`.
    Null,
    /// A string.
    Text(Zeroizing<String>),
    /// A list of strings.
    Texts(Vec<Zeroizing<String>>),
    /// `true` or `false`.
    Boolean(bool),
    /// A number, as it is written.
    Number(Box<str>),
    /// A string, or a list of strings, with half a surrogate pair in it.
    LoneSurrogate,
    /// A list that does not only have strings, or an object; its name.
    Other(&'static str),
    /// The field is given more than once.
    Twice,
}

/// Reads a JSON object in UTF-8 whose fields may be of any type: their names and values, in the order given. A name with
/// half a surrogate pair in it is `None`.
///
/// ```
/// use csr_model::{JsonValue, json_fields};
///
/// let fields = json_fields(br#"{"san": ["a.example"], "ca": true, "ca": false}"#)?;
/// assert_eq!(fields.len(), 2);
/// assert!(fields[0].1 == JsonValue::Texts(vec!["a.example".to_owned().into()]));
/// assert!(fields[1].1 == JsonValue::Twice);
/// # Ok::<(), csr_model::Faults>(())
/// ```
///
/// # Errors
///
/// [`Faults`] of [`Field::Body`] if the text is not one JSON object.
pub fn json_fields(json: &[u8]) -> Result<Vec<(Option<Zeroizing<String>>, JsonValue)>, Faults> {
    let mut fields: Vec<(Option<Zeroizing<String>>, JsonValue)> = Vec::new();
    // Of many fields, hardly any is known, so that the caller refuses them all the same.
    const COMPARED: usize = 128;
    for_each_field(json, |name, value| {
        let is_same = |(known, _): &&mut (Option<Zeroizing<String>>, _)| name.is_some() && *known == name;
        match fields.iter_mut().take(COMPARED).find(is_same) {
            Some((_, first)) => *first = JsonValue::Twice,
            None => fields.push((name, value.read_any())),
        }
    })?;
    Ok(fields)
}

/// A field's value, which should be a string.
enum Value {
    /// Missing, or `null`.
    Absent,
    /// Wiped unless taken: it may be a private key.
    Text(Zeroizing<String>),
    /// A string with half a surrogate pair in it.
    LoneSurrogate,
    /// JSON of another type, by name.
    Other(&'static str),
    Twice,
}

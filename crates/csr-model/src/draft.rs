//! A request as it arrives: any field may be missing, of another type, or there twice. Reading it this way first
//! lets the conversion name every faulty field at once; serde alone would stop at the first.

mod raw;

use core::fmt;
use core::marker::PhantomData;
use core::str::FromStr;
use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use zeroize::Zeroizing;

use crate::{RequestError, Violation, Violations};

/// The fields of a JSON object, and what was found wrong with those that were taken.
pub(crate) struct Draft {
    fields: BTreeMap<String, Field>,
    faults: Vec<Violation>,
}

impl Draft {
    /// Reads a JSON text and turns it into a request.
    pub(crate) fn read<T: TryFrom<Self, Error = Violations>>(json: &[u8]) -> Result<T, RequestError> {
        T::try_from(Self::parse(json)?).map_err(RequestError::Violations)
    }

    /// Reads a JSON text.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, RequestError> {
        let mut deserializer = serde_json::Deserializer::from_slice(json);
        let draft = deserializer.deserialize_map(DraftVisitor::<raw::RawField>(PhantomData));
        let draft = draft.and_then(|draft| deserializer.end().map(|()| draft));
        draft.map_err(|e| RequestError::Json(e.to_string()))
    }

    /// A field that may be absent, which reads as `""`.
    pub(crate) fn optional(&mut self, name: &'static str) -> String {
        match self.fields.remove(name).unwrap_or(Field::Absent) {
            Field::Absent => String::new(),
            Field::Text(mut text) => core::mem::take(&mut text),
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
        let text = self.required(name);
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

impl<'de> Deserialize<'de> for Draft {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DraftVisitor::<Field>(PhantomData))
    }
}

/// Reads fields as `F` does.
struct DraftVisitor<F>(PhantomData<F>);

impl<'de, F: Deserialize<'de> + Into<Field>> Visitor<'de> for DraftVisitor<F> {
    type Value = Draft;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the request's fields")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Draft, A::Error> {
        let mut fields = BTreeMap::new();
        while let Some((name, field)) = map.next_entry::<String, F>()? {
            fields.entry(name).and_modify(|first| *first = Field::Twice).or_insert_with(|| field.into());
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
    /// Of another type: its name.
    Other(&'static str),
    Twice,
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FieldVisitor)
    }
}

struct FieldVisitor;

impl<'de> Visitor<'de> for FieldVisitor {
    type Value = Field;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_str<E>(self, text: &str) -> Result<Field, E> {
        Ok(Field::Text(Zeroizing::new(text.to_owned())))
    }
    fn visit_string<E>(self, text: String) -> Result<Field, E> {
        Ok(Field::Text(Zeroizing::new(text)))
    }
    fn visit_unit<E>(self) -> Result<Field, E> {
        Ok(Field::Absent)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Field, E> {
        Ok(Field::Other("a boolean"))
    }
    fn visit_u64<E>(self, _: u64) -> Result<Field, E> {
        Ok(Field::Other("a number"))
    }
    fn visit_i64<E>(self, _: i64) -> Result<Field, E> {
        Ok(Field::Other("a number"))
    }
    fn visit_f64<E>(self, _: f64) -> Result<Field, E> {
        Ok(Field::Other("a number"))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Field, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Field::Other("a list"))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Field, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Field::Other("an object"))
    }
}

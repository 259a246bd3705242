//! A request as it arrives: any field may be missing or of another type. Reading it this way first lets the
//! conversion name every faulty field at once; serde alone would stop at the first.

use core::fmt;
use core::str::FromStr;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::Violation;

/// A field that should hold a string.
#[derive(Default)]
pub(crate) enum Field {
    /// Not there, or `null`.
    #[default]
    Absent,
    Text(String),
    /// There, but of another type: its name.
    Other(&'static str),
}

impl Field {
    /// The text, or `""` where it is absent.
    pub(crate) fn optional(self, field: &'static str, faults: &mut Vec<Violation>) -> String {
        match self {
            Self::Absent => String::new(),
            Self::Text(text) => text,
            Self::Other(found) => {
                faults.push(Violation::new(field, format!("must be a string, not {found}")));
                String::new()
            }
        }
    }

    /// The text; an absent field is a fault.
    pub(crate) fn required(self, field: &'static str, faults: &mut Vec<Violation>) -> String {
        if matches!(self, Self::Absent) {
            faults.push(Violation::new(field, "is required"));
        }
        self.optional(field, faults)
    }

    /// The text as one of a closed list of names.
    pub(crate) fn name<T: FromStr<Err: fmt::Display>>(
        self,
        field: &'static str,
        faults: &mut Vec<Violation>,
    ) -> Option<T> {
        let Self::Text(text) = self else {
            self.required(field, faults);
            return None;
        };
        text.parse().map_err(|e: T::Err| faults.push(Violation::new(field, e.to_string()))).ok()
    }
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
        Ok(Field::Text(text.to_owned()))
    }
    fn visit_string<E>(self, text: String) -> Result<Field, E> {
        Ok(Field::Text(text))
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

//! Flags whose values have a form of their own: `TYPE=VALUE` for the subject, `OID=TYPE:VALUE` for names, extensions and
//! attributes.

use std::path::Path;
use std::sync::Arc;

use csr_core::{CsrSpecBuilder, Field, Oid, Reason, SubjectAttribute, der_of_text};
use csr_model::Excerpt;

use super::Fault;
use crate::args::Content as Flags;
use crate::input;

/// What such values ask for, without those that have a fault. A clone shares the values.
#[derive(Clone, Default)]
pub(crate) struct Typed {
    subject: Values<SubjectValue>,
    other_names: Values<(Oid, Vec<u8>)>,
    registered_ids: Values<Oid>,
    extensions: Values<(Oid, bool, Vec<u8>)>,
    attributes: Values<(Oid, Vec<u8>)>,
}

/// The values that parse, each with its place among those given: the builder counts only these, the user counts all.
type Values<T> = Arc<Vec<(usize, T)>>;

/// An attribute of the subject.
struct SubjectValue {
    attribute: Option<SubjectAttribute>,
    oid: Oid,
    value: String,
    is_joined: bool,
}

/// Whether a value may be the path of a file of DER.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Files {
    Read,
    Refused,
}

impl Typed {
    /// Parses the values of these flags again, and adds the faults of their form.
    pub(crate) fn update(
        &mut self,
        given: &Flags,
        files: Files,
        is_changed: impl Fn(&str) -> bool,
        faults: &mut Vec<Fault>,
    ) {
        let mut each = Each { is_changed, faults };
        each.parse(&mut self.subject, "--subject", &given.subject, |given| {
            let joined = given.strip_prefix('+');
            let (attribute, oid, value) = subject(joined.unwrap_or(given))?;
            Ok(SubjectValue { attribute, oid, value: value.to_owned(), is_joined: joined.is_some() })
        });
        each.parse(&mut self.other_names, "--san-other-name", &given.san_other_name, |given| {
            oid_and_der(given, files)
        });
        each.parse(&mut self.registered_ids, "--san-registered-id", &given.san_registered_id, oid);
        each.parse(&mut self.extensions, "--extension", &given.extension, |given| {
            let (oid, value) = oid_and_rest(given)?;
            let critical = value.strip_prefix("critical,");
            Ok((oid, critical.is_some(), der(critical.unwrap_or(value), files)?))
        });
        each.parse(&mut self.attributes, "--attribute", &given.attribute, |given| oid_and_der(given, files));
    }

    /// Adds the values.
    pub(super) fn add_to(&self, builder: CsrSpecBuilder) -> CsrSpecBuilder {
        let builder =
            self.subject.iter().fold(builder, |b, (_, SubjectValue { oid, value, is_joined, .. })| {
                if *is_joined {
                    b.joined_subject_attribute(oid.clone(), value)
                } else {
                    b.subject_attribute(oid.clone(), value)
                }
            });
        let builder =
            self.other_names.iter().fold(builder, |b, (_, (oid, der))| b.other_name(oid.clone(), &**der));
        let builder = self.registered_ids.iter().fold(builder, |b, (_, oid)| b.registered_id(oid.clone()));
        let builder = self
            .extensions
            .iter()
            .fold(builder, |b, (_, (oid, critical, der))| b.extension(oid.clone(), *critical, &**der));
        self.attributes.iter().fold(builder, |b, (_, (oid, der))| b.attribute(oid.clone(), &**der))
    }

    /// The place among those given of a value that the builder counts.
    pub(super) fn place(&self, field: Field, index: usize) -> usize {
        let place = match field {
            Field::Subject => self.subject.get(index).map(|(place, _)| *place),
            Field::SanOtherName => self.other_names.get(index).map(|(place, _)| *place),
            Field::Extension => self.extensions.get(index).map(|(place, _)| *place),
            Field::Attribute => self.attributes.get(index).map(|(place, _)| *place),
            _ => None,
        };
        place.unwrap_or(index)
    }

    /// The company fields that the subject gives by their types.
    pub(super) fn company_fields(&self) -> impl Iterator<Item = Field> {
        self.subject.iter().filter_map(|(_, value)| company_field(value.attribute?))
    }

    /// Whether attributes of the subject are given by their types.
    pub(super) fn has_subject(&self) -> bool {
        !self.subject.is_empty()
    }
}

struct Each<'a, C> {
    is_changed: C,
    faults: &'a mut Vec<Fault>,
}

impl<C: Fn(&str) -> bool> Each<'_, C> {
    fn parse<T>(
        &mut self,
        values: &mut Values<T>,
        flag: &'static str,
        given: &[String],
        parse: impl Fn(&str) -> Result<T, String>,
    ) {
        if !(self.is_changed)(flag) {
            return;
        }
        let mut parsed = Vec::new();
        for (index, given) in given.iter().enumerate() {
            match parse(given) {
                Ok(value) => parsed.push((index, value)),
                Err(message) => {
                    self.faults.push(Fault { flag, index: Some(index), message, hint: None });
                }
            }
        }
        *values = Arc::new(parsed);
    }
}

/// The company field that an attribute of the subject holds.
pub(super) const fn company_field(attribute: SubjectAttribute) -> Option<Field> {
    Some(match attribute {
        SubjectAttribute::Country => Field::Country,
        SubjectAttribute::Province => Field::Province,
        SubjectAttribute::Locality => Field::City,
        SubjectAttribute::Organization => Field::Organization,
        _ => return None,
    })
}

/// The type and the value of an attribute of the subject.
fn subject(given: &str) -> Result<(Option<SubjectAttribute>, Oid, &str), String> {
    let (label, value) =
        given.split_once('=').ok_or("must be TYPE=VALUE, such as O=Example Ltd or serialNumber=A-7")?;
    match label.parse::<SubjectAttribute>() {
        Ok(attribute) => Ok((Some(attribute), attribute.into(), value)),
        Err(unknown) => {
            let oid = label.parse().map_err(|_| format!("{} {unknown}", Excerpt::of(label)))?;
            Ok((None, oid, value))
        }
    }
}

fn oid_and_rest(given: &str) -> Result<(Oid, &str), String> {
    let (dotted, rest) = given.split_once('=').ok_or("must be OID=TYPE:VALUE, such as 1.2.3.4=utf8:text")?;
    Ok((oid(dotted)?, rest))
}

fn oid_and_der(given: &str, files: Files) -> Result<(Oid, Vec<u8>), String> {
    let (oid, value) = oid_and_rest(given)?;
    Ok((oid, der(value, files)?))
}

fn oid(dotted: &str) -> Result<Oid, String> {
    dotted.parse().map_err(|why| format!("{} {why}", Excerpt::of(dotted)))
}

/// The files that values `OID=[critical,]TYPE:VALUE` are read from, with their flags.
pub(crate) fn files_of_values(given: &Flags) -> impl Iterator<Item = (&'static str, &Path)> {
    let lists = [
        ("--san-other-name", &given.san_other_name),
        ("--extension", &given.extension),
        ("--attribute", &given.attribute),
    ];
    lists.into_iter().flat_map(|(flag, values)| {
        values.iter().filter_map(|value| file(value)).map(move |path| (flag, path))
    })
}

fn file(given: &str) -> Option<&Path> {
    let (_, value) = given.split_once('=')?;
    path(value.strip_prefix("critical,").unwrap_or(value))
}

fn path(value: &str) -> Option<&Path> {
    let (r#type, path) = value.split_once(':')?;
    r#type.eq_ignore_ascii_case("file").then(|| Path::new(path))
}

/// The DER of `TYPE:VALUE`; with the type `file`, which only flags have, the value is the path of a file of DER.
fn der(given: &str, files: Files) -> Result<Vec<u8>, String> {
    match path(given) {
        Some(path) if files == Files::Read => {
            input::read(path).map(|bytes| bytes.to_vec()).map_err(|why| format!("{why:#}"))
        }
        Some(_) => {
            Err("must hold the value itself, such as base64:…, because only flags read files".to_owned())
        }
        None => der_of_text(given).map_err(|why| match why {
            Reason::NotTyped if files == Files::Read => format!("{why} or file"),
            _ => why.to_string(),
        }),
    }
}

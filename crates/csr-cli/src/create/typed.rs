//! Flags whose values have a form of their own: `TYPE=VALUE` for the subject, `OID=TYPE:VALUE` for names, extensions and
//! attributes.

use std::collections::HashMap;
use std::path::Path;

use csr_core::{CsrSpecBuilder, Field, Oid, Reason, SubjectAttribute, der_of_text};
use csr_model::Excerpt;

use crate::args::Content as Flags;
use crate::failure::Refusals;
use crate::input;

/// Which of a flag's values the builder got: it counts only those, the user counts all.
pub(super) type Places = HashMap<Field, Vec<usize>>;

/// Adds what such flags ask for, and collects the faults of their form.
pub(super) fn add(builder: CsrSpecBuilder, flags: &Flags, faults: &mut Refusals) -> (CsrSpecBuilder, Places) {
    let mut typed = Typed { builder, places: Places::new(), faults };
    typed.each(Field::Subject, "--subject", &flags.subject, |given| {
        let joined = given.strip_prefix('+');
        let (oid, value) = subject(joined.unwrap_or(given))?;
        Ok(move |builder: CsrSpecBuilder| match joined {
            Some(_) => builder.joined_subject_attribute(oid, value),
            None => builder.subject_attribute(oid, value),
        })
    });
    typed.each(Field::SanOtherName, "--san-other-name", &flags.san_other_name, |given| {
        let (oid, der) = oid_and_der(given)?;
        Ok(|builder: CsrSpecBuilder| builder.other_name(oid, der))
    });
    typed.each(Field::SanOtherName, "--san-registered-id", &flags.san_registered_id, |given| {
        let oid = oid(given)?;
        Ok(|builder: CsrSpecBuilder| builder.registered_id(oid))
    });
    typed.each(Field::Extension, "--extension", &flags.extension, |given| {
        let (oid, value) = oid_and_rest(given)?;
        let critical = value.strip_prefix("critical,");
        let der = der(critical.unwrap_or(value))?;
        Ok(move |builder: CsrSpecBuilder| builder.extension(oid, critical.is_some(), der))
    });
    typed.each(Field::Attribute, "--attribute", &flags.attribute, |given| {
        let (oid, der) = oid_and_der(given)?;
        Ok(|builder: CsrSpecBuilder| builder.attribute(oid, der))
    });
    (typed.builder, typed.places)
}

struct Typed<'a> {
    builder: CsrSpecBuilder,
    places: Places,
    faults: &'a mut Refusals,
}

impl Typed<'_> {
    /// Adds those of the values that parse, by what the parser returns.
    fn each<'v, A: FnOnce(CsrSpecBuilder) -> CsrSpecBuilder>(
        &mut self,
        field: Field,
        flag: &str,
        values: &'v [String],
        parse: impl Fn(&'v str) -> Result<A, String>,
    ) {
        for (index, given) in values.iter().enumerate() {
            match parse(given) {
                Ok(add) => {
                    self.builder = add(std::mem::take(&mut self.builder));
                    self.places.entry(field).or_default().push(index);
                }
                Err(why) => self.faults.push(format_args!("{flag}[{index}]: {why}")),
            }
        }
    }
}

/// The company fields that `--subject` gives by their types.
pub(super) fn company_fields(given: &[String]) -> Vec<Field> {
    let field = |given: &String| {
        let (label, _) = given.split_once('=')?;
        company_field(label.strip_prefix('+').unwrap_or(label).parse().ok()?)
    };
    given.iter().filter_map(field).collect()
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
fn subject(given: &str) -> Result<(Oid, &str), String> {
    let (label, value) =
        given.split_once('=').ok_or("must be TYPE=VALUE, such as O=Example Ltd or serialNumber=A-7")?;
    match label.parse::<SubjectAttribute>() {
        Ok(attribute) => Ok((attribute.into(), value)),
        Err(unknown) => {
            label.parse().map(|oid| (oid, value)).map_err(|_| format!("{} {unknown}", Excerpt::of(label)))
        }
    }
}

fn oid_and_rest(given: &str) -> Result<(Oid, &str), String> {
    let (dotted, rest) = given.split_once('=').ok_or("must be OID=TYPE:VALUE, such as 1.2.3.4=utf8:text")?;
    Ok((oid(dotted)?, rest))
}

fn oid_and_der(given: &str) -> Result<(Oid, Vec<u8>), String> {
    let (oid, value) = oid_and_rest(given)?;
    Ok((oid, der(value)?))
}

fn oid(dotted: &str) -> Result<Oid, String> {
    dotted.parse().map_err(|why| format!("{} {why}", Excerpt::of(dotted)))
}

/// The file that a whole `OID=[critical,]TYPE:VALUE` is read from.
pub(super) fn file(given: &str) -> Option<&Path> {
    let (_, value) = given.split_once('=')?;
    path(value.strip_prefix("critical,").unwrap_or(value))
}

fn path(value: &str) -> Option<&Path> {
    let (r#type, path) = value.split_once(':')?;
    r#type.eq_ignore_ascii_case("file").then(|| Path::new(path))
}

/// The DER of `TYPE:VALUE`; with the type `file`, which only the command has, the value is the path of a file of DER.
fn der(given: &str) -> Result<Vec<u8>, String> {
    match path(given) {
        Some(path) => input::read(path).map(|bytes| bytes.to_vec()).map_err(|why| format!("{why:#}")),
        None => der_of_text(given).map_err(|why| match why {
            Reason::NotTyped => format!("{why} or file"),
            _ => why.to_string(),
        }),
    }
}

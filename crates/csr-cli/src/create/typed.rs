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
    typed.each(Field::Subject, "--subject", &flags.subject, |builder, given| {
        let joined = given.strip_prefix('+');
        let (oid, value) = subject(joined.unwrap_or(given))?;
        Ok(match joined {
            Some(_) => builder.joined_subject_attribute(oid, value),
            None => builder.subject_attribute(oid, value),
        })
    });
    typed.each(Field::SanOtherName, "--san-other-name", &flags.san_other_name, |builder, given| {
        let (oid, value) = oid_and_rest(given)?;
        Ok(builder.other_name(oid, der(value)?))
    });
    typed.each(Field::SanOtherName, "--san-registered-id", &flags.san_registered_id, |builder, given| {
        Ok(builder.registered_id(oid(given)?))
    });
    typed.each(Field::Extension, "--extension", &flags.extension, |builder, given| {
        let (oid, value) = oid_and_rest(given)?;
        let critical = value.strip_prefix("critical,");
        Ok(builder.extension(oid, critical.is_some(), der(critical.unwrap_or(value))?))
    });
    typed.each(Field::Attribute, "--attribute", &flags.attribute, |builder, given| {
        let (oid, value) = oid_and_rest(given)?;
        Ok(builder.attribute(oid, der(value)?))
    });
    (typed.builder, typed.places)
}

struct Typed<'a> {
    builder: CsrSpecBuilder,
    places: Places,
    faults: &'a mut Refusals,
}

impl Typed<'_> {
    fn each(
        &mut self,
        field: Field,
        flag: &str,
        values: &[String],
        add: impl Fn(CsrSpecBuilder, &str) -> Result<CsrSpecBuilder, String>,
    ) {
        for (index, given) in values.iter().enumerate() {
            match add(self.builder.clone(), given) {
                Ok(builder) => {
                    self.builder = builder;
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

fn oid(dotted: &str) -> Result<Oid, String> {
    dotted.parse().map_err(|why| format!("{} {why}", Excerpt::of(dotted)))
}

/// The DER of `TYPE:VALUE`; with the type `file`, which only the command has, the value is the path of a file of DER.
fn der(given: &str) -> Result<Vec<u8>, String> {
    match given.split_once(':') {
        // Another flag may read it.
        Some((r#type, path))
            if r#type.eq_ignore_ascii_case("file") && input::is_standard_input(Path::new(path)) =>
        {
            Err("must name a file after `file:`, not standard input".to_owned())
        }
        Some((r#type, path)) if r#type.eq_ignore_ascii_case("file") => {
            input::read(Path::new(path)).map(|bytes| bytes.to_vec()).map_err(|why| format!("{why:#}"))
        }
        _ => der_of_text(given).map_err(|why| match why {
            Reason::NotTyped => format!("{why} or file"),
            _ => why.to_string(),
        }),
    }
}

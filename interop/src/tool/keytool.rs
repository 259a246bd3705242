//! The JDK's keytool.

use std::collections::BTreeMap;
use std::path::Path;

use super::java;
use super::names::{attribute, directory_name};
use crate::reading::{canonical_san, columns};
use crate::{Reading, Readings, Result};

pub(super) fn read(folder: &Path) -> Result<Readings> {
    let output = java::run_class("ReadWithKeytool", &[folder])?;
    let mut readings = Readings::new();
    let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in output.lines() {
        let [name, what, value] = columns(line)?;
        if what == "refused" {
            readings.insert(name.to_owned(), Err(value.to_owned()));
        } else {
            texts.entry(name).or_default().push(value);
        }
    }
    for (name, lines) in texts {
        readings.entry(name.to_owned()).or_insert(Ok(reading(&lines)?));
    }
    Ok(readings)
}

/// keytool reads a request only if its signature holds.
fn reading(lines: &[&str]) -> Result<Reading> {
    let subject = lines.iter().find_map(|line| line.strip_prefix("Subject: ")).ok_or("no subject")?;
    let mut sans = Vec::new();
    let mut lines = lines.iter();
    if lines.any(|line| *line == "SubjectAlternativeName [") {
        for line in lines.map_while(|line| line.strip_prefix("  ")) {
            sans.push(san(line)?);
        }
    }
    Ok(Reading { subject: attributes(subject)?, sans, ..Reading::default() })
}

/// Of an otherName it shows the type alone. A directoryName stands without its kind.
fn san(line: &str) -> Result<String> {
    Ok(match line.split_once(": ") {
        Some(("DNSName", name)) => format!("DNS:{name}"),
        Some(("IPAddress", name)) => canonical_san(&format!("IP:{name}"))?,
        Some(("RFC822Name", name)) => format!("email:{name}"),
        Some(("URIName", name)) => format!("URI:{name}"),
        Some(("OIDName", name)) => format!("RID:{name}"),
        Some(("Other-Name", name)) => {
            let r#type = name.strip_prefix("Unrecognized ObjectIdentifier: ").ok_or("an otherName's type")?;
            format!("otherName:{type}=")
        }
        _ => directory_name(attributes(line)?),
    })
}

/// What it shows of a SAN of this reading.
pub(super) fn shown_san(san: &str) -> String {
    match san.split_once('=') {
        Some((other_name, _)) if san.starts_with("otherName:") => format!("{other_name}="),
        _ => san.to_owned(),
    }
}

/// Undoes RFC 1779 as the JDK writes it, which begins with the last attribute. A value with syntax in it stands
/// between quotes, with `"` and `\` escaped. A value that begins and ends with a quote gets no further ones: here
/// it is told by having nothing inside that would need them.
fn attributes(subject: &str) -> Result<Vec<String>> {
    const TYPES: [&str; 15] = [
        "C=",
        "ST=",
        "L=",
        "O=",
        "OU=",
        "CN=",
        "EMAILADDRESS=",
        "SERIALNUMBER=",
        "UID=",
        "DC=",
        "STREET=",
        "T=",
        "SURNAME=",
        "GIVENNAME=",
        "DNQ=",
    ];
    let is_type = |text: &str| {
        let dotted = text.strip_prefix("OID.").and_then(|rest| rest.split_once('='));
        TYPES.iter().any(|kind| text.starts_with(kind))
            || dotted.is_some_and(|(oid, _)| oid.bytes().all(|b| b.is_ascii_digit() || b == b'.'))
    };
    let mut all: Vec<Vec<String>> = vec![Vec::new()];
    let mut rest = subject;
    while !rest.is_empty() {
        let (kind, value) = rest.split_once('=').ok_or("an attribute without `=`")?;
        let next = |from: usize| {
            let ends_with = |separator: &str| {
                let mut places = value[from..].match_indices(separator).map(|(at, _)| from + at);
                places.find(|at| is_type(&value[at + separator.len()..])).map(|at| (at, separator.len()))
            };
            ends_with(", ").into_iter().chain(ends_with(" + ")).min()
        };
        let (end, separator) = match value.strip_prefix('"') {
            Some(quoted) => next(1 + closing_quote(quoted).ok_or("an open quote")?),
            None => next(0),
        }
        .unwrap_or((value.len(), 2));
        rest = value.get(end + separator..).unwrap_or_default();
        let relative = all.last_mut().ok_or("no relative name")?;
        relative.push(attribute(!relative.is_empty(), kind, &unquoted(&value[..end])));
        if separator == 2 {
            all.push(Vec::new());
        }
    }
    Ok(all.into_iter().rev().flatten().collect())
}

fn closing_quote(quoted: &str) -> Option<usize> {
    let mut escaped = false;
    quoted.char_indices().find_map(|(at, character)| {
        let closes = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        closes.then_some(at)
    })
}

fn unquoted(value: &str) -> String {
    let quoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let inner = quoted.filter(|inner| needs_quotes(inner)).unwrap_or(value);
    let mut plain = String::new();
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        plain.push(if character == '\\' { characters.next().unwrap_or(character) } else { character });
    }
    plain
}

fn needs_quotes(value: &str) -> bool {
    value.contains(|c| ",+=<>#;\\\"".contains(c))
        || value.starts_with(' ')
        || value.ends_with(' ')
        || value.contains("  ")
}

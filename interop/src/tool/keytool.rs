//! The JDK's keytool.

use std::collections::BTreeMap;
use std::path::Path;

use super::java;
use crate::reading::{canonical_san, columns};
use crate::{Reading, Readings, Result};

pub(super) fn read(folder: &Path) -> Result<Readings> {
    let output = java::run_class("ReadWithKeytool", folder)?;
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
            let (kind, name) = line.split_once(": ").ok_or("a SAN without a kind")?;
            let kind = match kind {
                "DNSName" => "DNS",
                "IPAddress" => "IP",
                "RFC822Name" => "email",
                "URIName" => "URI",
                other => other,
            };
            sans.push(canonical_san(&format!("{kind}:{name}"))?);
        }
    }
    Ok(Reading { subject: attributes(subject)?, sans, ..Reading::default() })
}

/// Undoes RFC 1779 as the JDK writes it, which begins with the last attribute. A value with syntax in it stands
/// between quotes, with `"` and `\` escaped. A value that begins and ends with a quote gets no further ones: here
/// it is told by having nothing inside that would need them.
fn attributes(subject: &str) -> Result<Vec<String>> {
    const TYPES: [&str; 7] = ["C=", "ST=", "L=", "O=", "OU=", "CN=", "EMAILADDRESS="];
    let mut all = Vec::new();
    let mut rest = subject;
    while !rest.is_empty() {
        let (kind, value) = rest.split_once('=').ok_or("an attribute without `=`")?;
        let next = |from: usize| {
            value[from..]
                .match_indices(", ")
                .map(|(at, _)| from + at)
                .find(|at| TYPES.iter().any(|kind| value[at + 2..].starts_with(kind)))
        };
        let end = match value.strip_prefix('"') {
            Some(quoted) => next(1 + closing_quote(quoted).ok_or("an open quote")?),
            None => next(0),
        }
        .unwrap_or(value.len());
        rest = value.get(end + 2..).unwrap_or_default();
        let kind = if kind == "EMAILADDRESS" { "emailAddress" } else { kind };
        all.push(format!("{kind}={}", unquoted(&value[..end])));
    }
    all.reverse();
    Ok(all)
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

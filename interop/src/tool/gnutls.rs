//! GnuTLS `certtool`.

use std::path::Path;
use std::process::Command;

use super::names::{directory_name, relative_names};
use super::{OneReading, said};
use crate::reading::{canonical_san, upn};
use crate::{Reading, Result};

pub(super) fn read(file: &Path) -> Result<OneReading> {
    let output = said(Command::new("certtool").args(["--crq-info", "--infile"]).arg(file))?;
    let text = String::from_utf8(output.stdout)?;
    let verdict = text.lines().find_map(|line| line.strip_prefix("Self signature: ")).unwrap_or_default();
    if !output.status.success() || verdict != "verified" {
        return Ok(Err(format!("{verdict} {}", String::from_utf8_lossy(&output.stderr))));
    }
    let subject = text.lines().find_map(|line| line.strip_prefix("\tSubject: ")).unwrap_or_default();
    let pin = text.lines().find_map(|line| line.strip_prefix("\t\tsha256:"));
    let mut lines = text.lines();
    let mut sans = Vec::new();
    if lines.any(|line| line.starts_with("\t\t\tSubject Alternative Name (")) {
        for line in lines.map_while(|line| line.strip_prefix("\t\t\t\t")) {
            let next = san(line, sans.last_mut())?;
            sans.extend(next);
        }
    }
    Ok(Ok(Reading {
        subject: relative_names(subject)?.into_iter().rev().flatten().collect(),
        sans,
        public_key: Some(pin.ok_or("no public key")?.to_owned()),
        values: Some(values(&text)?),
        ..Reading::default()
    }))
}

/// `DNSname: xn--… (what it reads as)`. An otherName that it doesn't know takes three lines.
fn san(line: &str, last: Option<&mut String>) -> Result<Option<String>> {
    let (kind, name) = line.split_once(": ").ok_or("a SAN without a kind")?;
    let first = name.split(' ').next().unwrap_or_default();
    Ok(Some(match kind {
        "DNSname" => format!("DNS:{first}"),
        "IPAddress" => canonical_san(&format!("IP:{first}"))?,
        "RFC822Name" => format!("email:{first}"),
        "URI" => format!("URI:{first}"),
        "User Principal Name" => upn(name),
        "Registered ID" => format!("RID:{name}"),
        "directoryName" => directory_name(relative_names(name)?.into_iter().rev().flatten()),
        "otherName OID" => format!("otherName:{name}="),
        "otherName DER" => {
            last.ok_or("a value without its type")?.push_str(name);
            return Ok(None);
        }
        "otherName ASCII" => return Ok(None),
        other => format!("{other}:{name}"),
    }))
}

/// `Unknown extension OID (critical):` or `Unknown attribute OID:`, and two lines below it the DER.
fn values(text: &str) -> Result<Vec<String>> {
    let mut values = Vec::new();
    let mut what = None;
    for line in text.lines().map(str::trim_start) {
        if let Some(unknown) = line.strip_prefix("Unknown ") {
            what = Some(unknown.split([' ', ':']).take(2).collect::<Vec<_>>().join(" "));
        } else if let Some(digits) = line.strip_prefix("Hexdump: ") {
            values.push(format!("{} {digits}", what.take().ok_or("a value without its type")?));
        }
    }
    values.sort();
    Ok(values)
}

/// The types that it knows, of which it shows the meaning instead of the DER.
const MEANING_SHOWN: [&str; 2] = ["extension 2.5.29.30 ", "extension 2.5.29.32 "];

/// Whether it shows this value, as DER.
pub(super) fn shows_value(value: &str) -> bool {
    !MEANING_SHOWN.iter().any(|known| value.starts_with(known))
}

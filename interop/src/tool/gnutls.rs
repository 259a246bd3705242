//! GnuTLS `certtool`.

use std::path::Path;
use std::process::Command;

use super::{OneReading, said};
use crate::reading::canonical_san;
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
            sans.push(san(line)?);
        }
    }
    Ok(Ok(Reading {
        subject: attributes(subject)?,
        sans,
        public_key: Some(pin.ok_or("no public key")?.to_owned()),
        ..Reading::default()
    }))
}

/// `DNSname: xn--… (what it reads as)`.
fn san(line: &str) -> Result<String> {
    let (kind, name) = line.split_once(": ").ok_or("a SAN without a kind")?;
    let name = name.split(' ').next().unwrap_or_default();
    let kind = match kind {
        "DNSname" => "DNS",
        "IPAddress" => "IP",
        "RFC822Name" => "email",
        other => other,
    };
    canonical_san(&format!("{kind}:{name}"))
}

/// Undoes RFC 4514, which begins with the last attribute.
fn attributes(subject: &str) -> Result<Vec<String>> {
    let mut all = vec![String::new()];
    let mut characters = subject.chars();
    while let Some(character) = characters.next() {
        match (character, all.last_mut()) {
            (',', _) => all.push(String::new()),
            ('\\', Some(last)) => last.push(characters.next().ok_or("a lone backslash")?),
            (_, Some(last)) => last.push(character),
            (_, None) => {}
        }
    }
    all.retain(|attribute| !attribute.is_empty());
    all.reverse();
    for attribute in &mut all {
        if let Some(address) = attribute.strip_prefix("EMAIL=") {
            *attribute = format!("emailAddress={address}");
        }
    }
    Ok(all)
}

use std::collections::BTreeMap;

use crate::{Error, Result};

/// What a tool reads from a CSR whose signature it has verified.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// `TYPE=value`, in the CSR's order; the value bare of any quoting. `+` stands before an attribute that forms one
    /// relative name with the one before it.
    pub subject: Vec<String>,
    /// `DNS:`, `IP:`, `email:` or `URI:` and the name, in the CSR's order; `otherName:OID=` and the value's DER in
    /// hexadecimal; `dirName:` and the attributes as in `subject`, a `/` before each; `RID:` and an identifier.
    pub sans: Vec<String>,
    /// The SHA-256 of the SubjectPublicKeyInfo, in hexadecimal; `None` where the tool doesn't show the key.
    pub public_key: Option<String>,
    /// The object identifier of the signature algorithm, with ` NULL` for parameters that are NULL.
    pub signature_algorithm: Option<String>,
    /// Attributes and extensions with their content, sorted.
    pub details: Option<Vec<String>>,
    /// `extension` or `attribute`, the type and the DER in hexadecimal of what has no detail of its own, sorted.
    pub values: Option<Vec<String>>,
}

/// Every CSR of a folder by its name: what the tool reads in it, or why it refuses it.
pub type Readings = BTreeMap<String, core::result::Result<Reading, String>>;

/// Where what was read is not what was expected; what a tool doesn't show is not compared.
#[must_use]
pub fn differences(expected: &Reading, read: &Reading) -> Vec<String> {
    let mut found = Vec::new();
    if expected.subject != read.subject {
        found.push(format!("subject: expected {:?}, read {:?}", expected.subject, read.subject));
    }
    if expected.sans != read.sans {
        found.push(format!("SANs: expected {:?}, read {:?}", expected.sans, read.sans));
    }
    let mut compare = |what: &str, expected: Option<String>, read: Option<String>| {
        if read.is_some() && expected != read {
            found.push(format!("{what}: expected {expected:?}, read {read:?}"));
        }
    };
    compare("public key", expected.public_key.clone(), read.public_key.clone());
    compare("signature algorithm", expected.signature_algorithm.clone(), read.signature_algorithm.clone());
    let joined = |details: &Option<Vec<String>>| details.as_ref().map(|all| all.join(" | "));
    compare("details", joined(&expected.details), joined(&read.details));
    compare("values", joined(&expected.values), joined(&read.values));
    found
}

/// The lines of the scripts in `python/` and `java/`: the CSR's name, what is told, the value; tabs between.
/// A value has no tabs or line ends, because a [`csr_core::CsrSpec`] takes no control characters.
pub(crate) fn parse_lines(text: &str) -> Result<Readings> {
    let mut readings = Readings::new();
    for line in text.lines() {
        let [name, what, value] = columns(line)?;
        let reading = readings.entry(name.to_owned()).or_insert_with(|| Ok(Reading::default()));
        if what == "refused" {
            *reading = Err(value.to_owned());
            continue;
        }
        let Ok(reading) = reading else { continue };
        let value = value.to_owned();
        match what {
            "subject" => reading.subject.push(value),
            "san" => reading.sans.push(canonical_san(&value)?),
            "public_key" => reading.public_key = Some(value),
            "signature_algorithm" => reading.signature_algorithm = Some(value),
            "detail" => reading.details.get_or_insert_default().push(value),
            "value" => reading.values.get_or_insert_default().push(value),
            "accepted" => {
                reading.details = Some(Vec::new());
                reading.values = Some(Vec::new());
            }
            _ => return Err(format!("what is `{what}`, in {line:?}?").into()),
        }
    }
    for reading in readings.values_mut().flatten() {
        reading.details.iter_mut().chain(&mut reading.values).for_each(|lines| lines.sort());
    }
    Ok(readings)
}

/// The three columns of a line.
pub(crate) fn columns(line: &str) -> Result<[&str; 3]> {
    let columns: Vec<&str> = line.splitn(3, '\t').collect();
    columns.try_into().map_err(|_| Error::from(format!("a line without three columns: {line:?}")))
}

/// A user principal name, as an otherName whose value is a UTF8String of less than 128 octets.
pub(crate) fn upn(name: &str) -> String {
    let digits = hex::lower::encode_string(name.as_bytes());
    format!("otherName:1.3.6.1.4.1.311.20.2.3=0c{:02x}{digits}", name.len())
}

/// Tools write an IPv6 address in different ways.
pub(crate) fn canonical_san(san: &str) -> Result<String> {
    Ok(match san.strip_prefix("IP:") {
        Some(address) => {
            format!("IP:{}", address.parse::<std::net::IpAddr>().map_err(|e| format!("{san}: {e}"))?)
        }
        None => san.to_owned(),
    })
}

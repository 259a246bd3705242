//! A list of names separated by `;`, as the API's `sans`. In front of an entry of another kind stands `email:`, `uri:`, `upn:`,
//! `dir:` (a name of RFC 4514), `rid:` (an identifier) or `other:` (an identifier, `=` and a typed value). What is accepted keeps
//! every rule for names, parses to itself again, stands once and in the order given, and comes out of the encoded CSR unchanged.

#![no_main]

use std::collections::{HashMap, HashSet};

use csr_core::{CsrSpec, CsrSpecBuilder, Field, Oid, Reason, San, SubjectAttribute, der_of_text};
use csr_fuzz::{names, request};
use libfuzzer_sys::fuzz_target;

type Parsed = (Field, Result<San, Reason>);

fuzz_target!(|data: &[u8]| {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let mut builder = CsrSpec::builder();
    let mut parsed = Vec::new();
    for entry in text.split(';') {
        let (next, entry) = add(builder, entry);
        builder = next;
        parsed.extend(entry);
    }
    match builder.build() {
        Err(faults) if parsed.iter().all(|entry| matches!(entry, Entry::Blank)) => {
            assert!(matches!(faults.as_slice(), [fault] if fault.reason == Reason::Missing));
        }
        Err(faults) => {
            let mut counts = HashMap::new();
            let mut refused = Vec::new();
            for entry in &parsed {
                let field = entry.field();
                let count = counts.entry(field).or_insert(0);
                if let Entry::Name((_, Err(reason))) = entry {
                    refused.push((field, Some(*count), reason));
                }
                *count += 1;
            }
            // Faults are told by field.
            refused.sort_by_key(|(field, index, _)| (*field, *index));
            let told: Vec<_> = faults.iter().map(|fault| (fault.field, fault.index, &fault.reason)).collect();
            assert_eq!(told, refused);
            let shown = faults.to_string();
            assert!(!shown.contains(char::is_control), "{shown:?}");
        }
        Ok(spec) => {
            let mut seen = HashSet::new();
            let mut expected: Vec<San> = Vec::new();
            for entry in parsed {
                if let Entry::Name((_, san)) = entry {
                    expected.push(san.expect("every entry of an accepted list is good"));
                }
            }
            expected.retain(|san| seen.insert(san.clone()));
            assert_eq!(spec.sans(), expected);
            let first_dns = expected.iter().find(|san| matches!(san, San::Dns(_))).map(ToString::to_string);
            assert_eq!(spec.subject().common_name(), first_dns.filter(|name| name.len() <= 64));
            let others = spec.subject().attributes().iter().any(|a| !a.is(SubjectAttribute::CommonName));
            assert!(!others);
            for san in &expected {
                // Values of a directoryName that are given in hexadecimal may be anything.
                if !matches!(san, San::DirectoryName(_)) || !text.contains('#') {
                    names::assert_normalised(san);
                }
            }
            request::assert_round_trip(&spec);
        }
    }
});

enum Entry {
    /// It is ignored, and counted.
    Blank,
    Name(Parsed),
}

impl Entry {
    fn field(&self) -> Field {
        match self {
            Self::Blank => Field::Sans,
            Self::Name((field, _)) => *field,
        }
    }
}

/// Gives the builder an entry; nothing if it is no value that the builder takes.
fn add(builder: CsrSpecBuilder, entry: &str) -> (CsrSpecBuilder, Option<Entry>) {
    let (kind, name) = entry.split_once(':').unwrap_or_default();
    let (builder, field, san) = match kind {
        "email" => (builder.email(name), Field::SanEmail, San::email(name)),
        "uri" => (builder.uri(name), Field::SanUri, San::uri(name)),
        "upn" => (builder.upn(name), Field::SanUpn, San::upn(name)),
        "dir" => (builder.directory_name(name), Field::SanDirectoryName, San::directory_name(name)),
        "rid" => match name.parse::<Oid>() {
            Ok(oid) if request::is_readable(&oid) => {
                (builder.registered_id(oid.clone()), Field::SanOtherName, Ok(San::RegisteredId(oid)))
            }
            _ => return (builder, None),
        },
        "other" => {
            let (oid, value) = name.split_once('=').unwrap_or_default();
            let Some(oid) = oid.parse::<Oid>().ok().filter(request::is_readable) else {
                return (builder, None);
            };
            match der_of_text(value) {
                Ok(der) => {
                    let san = San::other_name(oid.clone(), der.clone());
                    (builder.other_name(oid, der), Field::SanOtherName, san)
                }
                // Octets that are no DER.
                Err(_) => {
                    let san = San::other_name(oid.clone(), value);
                    (builder.other_name(oid, value), Field::SanOtherName, san)
                }
            }
        }
        _ => {
            let host = entry.trim_matches(' ');
            let builder = builder.san(entry);
            if host.is_empty() {
                return (builder, Some(Entry::Blank));
            }
            (builder, Field::Sans, San::host(host))
        }
    };
    (builder, Some(Entry::Name((field, san))))
}

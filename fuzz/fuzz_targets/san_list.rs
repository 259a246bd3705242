//! A list of names separated by `;`, as the API's `sans`; `email:` or `uri:` in front makes an entry one of that
//! kind. What is accepted keeps every rule for names, parses to itself again, stands once and in the order
//! given, and comes out of the encoded CSR unchanged.

#![no_main]

use std::collections::HashSet;

use csr_core::{CsrSpec, Field, Reason, San};
use csr_fuzz::{names, request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let mut builder = CsrSpec::builder();
    let mut parsed: Vec<(&str, Result<San, Reason>)> = Vec::new();
    for entry in text.split(';') {
        if let Some(address) = entry.strip_prefix("email:") {
            builder = builder.email(address);
            parsed.push((address, San::email(address)));
        } else if let Some(uri) = entry.strip_prefix("uri:") {
            builder = builder.uri(uri);
            parsed.push((uri, San::uri(uri)));
        } else {
            builder = builder.san(entry);
            let host = entry.trim_matches(' ');
            if !host.is_empty() {
                parsed.push((host, San::host(host)));
            }
        }
    }
    match builder.build() {
        Err(faults) if parsed.is_empty() => {
            assert!(matches!(faults.as_slice(), [fault] if fault.reason == Reason::Missing));
        }
        Err(faults) => {
            let refused: Vec<_> = parsed.iter().filter_map(|(_, san)| san.as_ref().err()).collect();
            let told: Vec<_> = faults.as_slice().iter().map(|fault| &fault.reason).collect();
            assert_eq!(told, refused);
            assert!(faults.as_slice().iter().all(|f| f.field == Field::Sans && f.index.is_some()));
        }
        Ok(spec) => {
            let mut seen = HashSet::new();
            let expected: Vec<San> = parsed
                .into_iter()
                .map(|(_, san)| san.expect("every entry of an accepted list is good"))
                .filter(|san| seen.insert(san.clone()))
                .collect();
            assert_eq!(spec.sans(), expected);
            spec.sans().iter().for_each(names::assert_normalised);
            request::assert_round_trip(&spec);
        }
    }
});

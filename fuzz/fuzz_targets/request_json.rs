//! JSON of a create request, by the one reader. What it accepts has the fields that `serde_json` finds, and is the same
//! after another trip through JSON; what `CheckedRequest` accepts becomes a signed CSR with exactly those names.

#![no_main]

use csr_core::{CheckedRequest, CreateCsrDraft, San, Usage};
use csr_fuzz::{names, request};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::Value;

fuzz_target!(|data: &[u8]| -> Corpus {
    let read = CreateCsrDraft::from_json(data);
    let given = match read.clone().and_then(CreateCsrDraft::into_request) {
        Ok(given) => given,
        Err(faults) => {
            // What the reader quotes is bounded and printable.
            let shown = faults.to_string();
            assert!(shown.len() < 2_000 && !shown.contains(char::is_control), "{shown:?}");
            if let Ok(draft) = read {
                let checked = CheckedRequest::new(draft).expect_err("a faulty draft is refused");
                assert!(faults.iter().all(|fault| checked.iter().any(|told| told == fault)));
            }
            return Corpus::Keep;
        }
    };
    let json = serde_json::to_value(&given).expect("a request can be written");
    let again = CreateCsrDraft::from_json(json.to_string().as_bytes()).and_then(CreateCsrDraft::into_request);
    assert_eq!(again.as_ref(), Ok(&given));
    // Neither UTF-16 nor a byte order mark is for serde_json.
    if let Ok(Value::Object(body)) = serde_json::from_slice(data) {
        for (field, value) in json.as_object().expect("a request is an object") {
            let other = body.get(field).filter(|other| !other.is_null());
            assert_eq!(other.unwrap_or(&Value::from("")), value, "{field}");
        }
    }

    match CheckedRequest::new(given.clone()) {
        Err(faults) => assert!(!faults.as_slice().is_empty() && !faults.to_string().is_empty()),
        Ok(checked) => {
            let spec = checked.spec();
            let first = spec.sans().first().expect("the domain is the first SAN");
            assert_eq!(San::host(&given.domain_name).as_ref(), Ok(first));
            // A domain that no common name can hold is an alternative name alone.
            let fits = matches!(first, San::Dns(name) if name.as_str().len() <= 64);
            assert_eq!(spec.subject().common_name(), fits.then(|| first.to_string()));
            spec.sans().iter().for_each(names::assert_normalised);
            if given.usage == Usage::Enterprise {
                assert_eq!(spec.subject().attributes().len(), 4 + usize::from(fits));
            }
            request::assert_round_trip(spec);
        }
    }
    Corpus::Keep
});

//! JSON of a create request. What the model accepts is the same after another trip through JSON; what
//! `CsrSpec::from_request` accepts becomes a signed CSR with exactly those names.

#![no_main]

use csr_core::{CreateCsrRequest, CsrSpec, San, Usage};
use csr_fuzz::{names, request};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    let Ok(given) = serde_json::from_slice::<CreateCsrRequest>(data) else { return Corpus::Keep };
    let json = serde_json::to_vec(&given).expect("a request can be written");
    assert_eq!(serde_json::from_slice::<CreateCsrRequest>(&json).expect("and read"), given);

    let limits = given.validate();
    if let Err(violations) = &limits {
        assert!(!violations.as_slice().is_empty());
    }
    match CsrSpec::from_request(&given) {
        Err(faults) => assert!(!faults.as_slice().is_empty() && !faults.to_string().is_empty()),
        Ok(spec) => {
            let first = spec.sans().first().expect("the domain is the first SAN");
            assert_eq!(San::host(&given.domain_name).as_ref(), Ok(first));
            spec.sans().iter().for_each(names::assert_normalised);
            if given.usage == Usage::Enterprise {
                assert_eq!(spec.subject().attributes().count(), 5);
            }
            request::assert_round_trip(&spec);
        }
    }
    Corpus::Keep
});

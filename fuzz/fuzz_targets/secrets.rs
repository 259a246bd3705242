//! A planted private key, mangled by a program of mutations, through every reader of the library, and those of the façade
//! for queries and signatures: no error shows 20 octets of it.

#![no_main]

use csr_facade::fuzzing;
use http::header::{AUTHORIZATION, HeaderName};
use http::{HeaderValue, Request};
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/csr-core/tests/planted/mod.rs"]
mod planted;
#[path = "../../crates/csr-core/tests/planted/readers.rs"]
mod readers;

fuzz_target!(|program: &[u8]| {
    let mangled = planted::mangled(program);
    planted::assert_nothing_leaks(readers::errors(&mangled).as_bytes());
    planted::assert_nothing_leaks(facade_errors(&mangled).as_bytes());
});

/// What the façade says of an input in the query of a list, and in the headers and the body of a signed request.
fn facade_errors(input: &[u8]) -> String {
    let mut told = Vec::new();
    let text = String::from_utf8_lossy(input);
    for parameter in ["", "limit=", "offset=", "name=%ff", "private_key_algo="] {
        let refused = fuzzing::list_query(&format!("{parameter}{text}")).err();
        told.extend(refused.map(|faults| faults.to_string()));
    }
    let sdk = "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=";
    let headers = [
        (AUTHORIZATION, [sdk.as_bytes(), input].concat()),
        (AUTHORIZATION, [b"SDK-HMAC-SHA256 ", input].concat()),
        (AUTHORIZATION, input.to_vec()),
        (HeaderName::from_static("x-sdk-date"), input.to_vec()),
        (HeaderName::from_static("x-sdk-content-sha256"), input.to_vec()),
    ];
    for (name, value) in headers {
        let Ok(value) = HeaderValue::from_bytes(&value) else { continue };
        let mut request = Request::new(()).into_parts().0;
        let signature = HeaderValue::from_static(
            "SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=00",
        );
        request.headers.insert(AUTHORIZATION, signature);
        request.headers.insert("host", HeaderValue::from_static("localhost"));
        request.headers.insert("x-sdk-date", HeaderValue::from_static("20261124T001530Z"));
        request.headers.insert(name, value);
        // 2026-11-24T00:15:30Z.
        told.extend(fuzzing::verify(&request, input, 1_795_479_330, b"not a secret").err());
    }
    told.join("\n")
}

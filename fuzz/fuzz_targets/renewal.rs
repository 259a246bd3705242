//! Any bytes as a file to renew. Taking its content over never panics; what is said of the rest has no control characters;
//! and what was taken over can be built, signed and read again as the same, with nothing left out.

#![no_main]

use csr_core::inspect::{Item, read_any};
use csr_core::{CsrSpec, Renewal, RenewalError};
use csr_fuzz::{names, request};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|data: &[u8]| -> Corpus {
    let mut renewals = Vec::new();
    if let Ok(csr) = csr_core::inspect(data) {
        renewals.push(CsrSpec::from_csr(&csr));
    }
    match read_any(data, None) {
        Ok(contents) => {
            for item in &contents.items {
                match item {
                    Item::CertificateRequest(csr) => renewals.push(CsrSpec::from_csr(csr)),
                    Item::Certificate(certificate) => renewals.push(CsrSpec::from_certificate(certificate)),
                    _ => {}
                }
            }
        }
        Err(error) => names::assert_plain(&error.to_string()),
    }
    let corpus = if renewals.is_empty() { Corpus::Reject } else { Corpus::Keep };
    renewals.into_iter().for_each(assert_renews);
    corpus
});

fn assert_renews(renewal: Result<Renewal, RenewalError>) {
    let Renewal { spec, left_out, .. } = match renewal {
        Ok(renewal) => renewal,
        Err(error) => return names::assert_plain(&error.to_string()),
    };
    left_out.iter().for_each(|part| names::assert_plain(&part.to_string()));
    spec.sans().iter().for_each(|san| names::assert_plain(&san.to_string()));
    names::assert_plain(&spec.subject().to_string());
    assert_eq!(spec.to_builder().build().as_ref(), Ok(&spec));

    // The key that signs here has no identity, which a CSR's own may have had.
    let spec = spec.to_builder().sm2_identity("1234567812345678").build().expect("only the identity is new");
    let csr = request::sign(&spec);
    let inspection = csr_core::inspect(csr.as_der()).expect("our CSR is read");
    assert!(inspection.verify(None).is_valid());
    let again = CsrSpec::from_csr(&inspection).expect("our CSR can be renewed");
    assert_eq!(again.spec, spec);
    assert!(again.left_out.is_empty(), "{:?}", again.left_out);
}

//! Every reader of the library, and its errors for refused input.

use core::fmt::{Debug, Display};

use csr_core::inspect::read_any;
use csr_core::{
    CheckedRequest, CreateCsrDraft, CsrSpec, EmailAddress, KeyPair, PrivateKeyAlgo, San, Sm2Identity,
    UriName, Usage, inspect,
};
use csr_model::{UpdateCsrRequest, UploadCsrRequest};

/// `Display` and `Debug` of every error for this input.
pub(crate) fn errors(input: &[u8]) -> String {
    let mut shown = Errors::default();
    for passphrase in [None, Some(&b"pass phrase"[..])] {
        shown.add(KeyPair::import(input, passphrase));
        shown.add(read_any(input, passphrase));
    }
    shown.add(inspect(input));
    shown.add(UpdateCsrRequest::from_json(input));
    if let Some(upload) = shown.add(UploadCsrRequest::from_json(input)) {
        shown.add(inspect(upload.csr().as_bytes()));
        shown.add(KeyPair::import(upload.private_key().unwrap_or_default().as_bytes(), None));
        shown.0 += &format!("{upload:?}").replace(&format!("{:?}", upload.name()), "");
    }
    if let Some(draft) = shown.add(CreateCsrDraft::from_json(input)) {
        shown.add(draft.clone().into_request());
        shown.add(CheckedRequest::new(draft.clone()));
        shown.add(CheckedRequest::new(draft.within_api_limits()));
    }

    let text = &String::from_utf8_lossy(input);
    shown.add(text.parse::<PrivateKeyAlgo>());
    shown.add(text.parse::<Usage>());
    shown.add(San::host(text));
    shown.add(EmailAddress::parse(text));
    shown.add(UriName::parse(text));
    shown.add(Sm2Identity::new(input));
    let builder = || CsrSpec::builder().san("a.example");
    for builder in [
        CsrSpec::builder().domain(text),
        builder().sans(text.split(';')),
        builder().email(text),
        builder().uri(text),
        builder().country(text),
        builder().province(text),
        builder().city(text),
        builder().organization(text),
        builder().organizational_unit(text),
        builder().email_address(text),
        builder().challenge_password(text),
        builder().sm2_identity(text),
    ] {
        shown.add(builder.build());
    }
    shown.0
}

#[derive(Default)]
struct Errors(String);

impl Errors {
    fn add<T, E: Display + Debug>(&mut self, read: Result<T, E>) -> Option<T> {
        read.map_err(|error| self.0 += &format!("{error}\n{error:?}\n")).ok()
    }
}

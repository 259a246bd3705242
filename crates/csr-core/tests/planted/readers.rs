//! Every reader of the library, and its errors for refused input.

use core::fmt::{Debug, Display};

use csr_core::{
    CreateCsrRequest, CsrSpec, EmailAddress, KeyPair, PrivateKeyAlgo, San, Sm2Identity, UriName, Usage,
    inspect,
};
use csr_model::{UpdateCsrRequest, UploadCsrRequest};

/// `Display` and `Debug` of every error for this input.
pub(crate) fn errors(input: &[u8]) -> String {
    let mut shown = Errors::default();
    for passphrase in [None, Some(&b"pass phrase"[..])] {
        shown.add(KeyPair::import(input, passphrase));
    }
    shown.add(inspect(input));
    shown.add(UpdateCsrRequest::from_json(input).map(|request| request.validate()));
    shown.add(UploadCsrRequest::from_json(input).map(|request| request.validate()));
    if let Some((upload, violations)) = shown.add(UploadCsrRequest::read(input)) {
        shown.add(violations.map_or(Ok(()), Err));
        shown.add(inspect(upload.csr.as_bytes()));
        shown.add(KeyPair::import(upload.private_key.as_bytes(), None));
        shown.0 += &format!("{upload:?}").replace(&format!("{:?}", upload.name), "");
    }
    shown.add(CreateCsrRequest::from_json(input));
    if let Some((create, violations)) = shown.add(CreateCsrRequest::read(input)) {
        shown.add(violations.map_or(Ok(()), Err));
        shown.add(create.validate());
        shown.add(CsrSpec::from_request(&create));
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

//! The fingerprint of a specification: SHA-256 over an encoding of all that it holds.
//!
//! Fingerprints are kept, in the manifests of batches among others, so the encoding never changes for what a
//! specification can hold today. It is unambiguous: a list begins with its length, octets with theirs, and what has several
//! forms with the number of its form.

use std::net::IpAddr;

use sha2::{Digest as _, Sha256};

use super::{CsrSpec, RequestedAttribute, RequestedExtension};
use crate::Digest;
use crate::name::{AttributeTypeAndValue, OtherName, San, Subject};
use crate::signing::SignatureParameters;

impl CsrSpec {
    /// The SHA-256 fingerprint of everything in the specification, the signature's parameters included. It is the same in
    /// every version of this crate, equal for equal specifications, and different for different ones.
    ///
    /// ```
    /// use csr_core::CsrSpec;
    ///
    /// let spec = |domain| CsrSpec::builder().domain(domain).build();
    /// assert_eq!(spec("Example.com")?.fingerprint(), spec("example.com")?.fingerprint());
    /// assert_ne!(spec("example.org")?.fingerprint(), spec("example.com")?.fingerprint());
    /// # Ok::<(), csr_core::Faults>(())
    /// ```
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        // Here and below without `..`: what a specification gains must not be left out by oversight.
        let Self { subject, sans, extensions, attributes, signature } = self;
        let mut encoding = Encoding(Sha256::new_with_prefix("csr specification 1"));
        encoding.subject(subject);
        encoding.list(sans, Encoding::san);
        encoding.list(extensions, Encoding::extension);
        encoding.list(attributes, Encoding::attribute);
        encoding.signature(signature);
        encoding.0.finalize().into()
    }
}

/// An encoding, hashed as it is written.
struct Encoding(Sha256);

impl Encoding {
    fn octets(&mut self, octets: impl AsRef<[u8]>) {
        let octets = octets.as_ref();
        self.length(octets.len());
        self.0.update(octets);
    }

    fn length(&mut self, length: usize) {
        self.0.update((length as u64).to_be_bytes());
    }

    fn list<T>(&mut self, items: &[T], item: impl Fn(&mut Self, &T)) {
        self.length(items.len());
        items.iter().for_each(|each| item(self, each));
    }

    /// The number of a form, or a BOOLEAN.
    fn number(&mut self, number: impl Into<u8>) {
        self.0.update([number.into()]);
    }

    fn subject(&mut self, subject: &Subject) {
        self.list(subject.attributes(), |encoding, attribute| {
            let AttributeTypeAndValue { oid, der, is_joined } = attribute;
            encoding.octets(oid);
            encoding.octets(der);
            encoding.number(*is_joined);
        });
    }

    fn san(&mut self, san: &San) {
        match san {
            San::Dns(name) => self.form(1, name.as_str()),
            San::Ip(IpAddr::V4(address)) => self.form(2, address.octets()),
            San::Ip(IpAddr::V6(address)) => self.form(3, address.octets()),
            San::Email(address) => self.form(4, address.as_str()),
            San::Uri(uri) => self.form(5, uri.as_str()),
            San::OtherName(OtherName { r#type, der }) => {
                self.form(6, r#type);
                self.octets(der);
            }
            San::DirectoryName(name) => {
                self.number(7);
                self.subject(name);
            }
            San::RegisteredId(oid) => self.form(8, oid),
        }
    }

    fn form(&mut self, number: u8, content: impl AsRef<[u8]>) {
        self.number(number);
        self.octets(content);
    }

    fn extension(&mut self, RequestedExtension { oid, critical, der }: &RequestedExtension) {
        self.octets(oid);
        self.number(*critical);
        self.octets(der);
    }

    fn attribute(&mut self, RequestedAttribute { oid, values }: &RequestedAttribute) {
        self.octets(oid);
        self.list(values, |encoding, value| encoding.octets(value));
    }

    fn signature(&mut self, SignatureParameters { digest, pss, sm2_identity }: &SignatureParameters) {
        self.number(match digest {
            None => 0,
            Some(Digest::Sha256) => 1,
            Some(Digest::Sha384) => 2,
            Some(Digest::Sha512) => 3,
        });
        self.number(*pss);
        self.octets(sm2_identity.as_bytes());
    }
}

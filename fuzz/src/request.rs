//! A CSR as `x509-cert` reads it, compared with what should be in it.

use std::net::IpAddr;
use std::sync::LazyLock;

use chacha20::ChaCha20Rng;
use csr_core::{Csr, CsrSpec, KeyPair, Oid, San, Subject};
use der::asn1::{Ia5StringRef, ObjectIdentifier, PrintableStringRef, Utf8StringRef};
use der::{Decode, Encode, Tag, Tagged};
use p256::ecdsa::signature::Verifier;
use rand_core::SeedableRng;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::request::{CertReq, ExtensionReq};

/// The one key that the targets sign with.
static KEY: LazyLock<KeyPair> = LazyLock::new(|| {
    KeyPair::import(include_bytes!("../seeds/key_parser/p256-pkcs8.pem"), None)
        .expect("the seed is a good key")
});

/// A CSR for an accepted specification.
///
/// # Panics
///
/// When it cannot be signed.
#[must_use]
pub fn sign(spec: &CsrSpec) -> Csr {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    Csr::sign_with_rng(spec, &KEY, &mut rng).expect("an accepted specification can be signed")
}

/// Signs a CSR for an accepted specification, and checks that it holds exactly what the specification says, in
/// the only encoding that DER allows, under a signature that verifies.
///
/// # Panics
///
/// When anything of that is not so.
pub fn assert_round_trip(spec: &CsrSpec) {
    let csr = sign(spec);
    let request = CertReq::from_der(csr.as_der()).expect("our CSR decodes");
    assert_eq!(request.to_der().expect("it encodes again"), csr.as_der());

    assert_eq!(subject_of(&request.info.subject), expected_subject(spec.subject()));
    let asked = Asked::read(&request);
    assert_eq!(asked.sans.len(), spec.sans().len());
    asked.sans.iter().zip(spec.sans()).for_each(|(theirs, ours)| assert_same_name(theirs, ours));
    assert_eq!(asked.sans_are_critical, spec.subject().is_empty() && !spec.sans().is_empty());
    let extensions = spec.extensions().iter();
    let extensions: Vec<_> = extensions.map(|e| (e.oid.to_string(), e.critical, e.der.clone())).collect();
    assert_eq!(asked.extensions, extensions);
    let attributes = spec.attributes().iter().map(|a| (a.oid.to_string(), a.values.clone()));
    let mut attributes: Vec<_> = attributes.collect();
    attributes.sort();
    assert_eq!(asked.attributes, attributes);

    let spki = &request.info.public_key;
    let key =
        p256::ecdsa::VerifyingKey::from_sec1_bytes(spki.subject_public_key.raw_bytes()).expect("a point");
    let signature = p256::ecdsa::DerSignature::try_from(request.signature.raw_bytes()).expect("DER r and s");
    key.verify(&request.info.to_der().expect("it encodes"), &signature).expect("the signature verifies");
}

/// Whether `x509-cert` reads the identifier: its arcs have 32 bits, and all of them 39 octets.
#[must_use]
pub fn is_readable(oid: &Oid) -> bool {
    oid.to_string().parse::<ObjectIdentifier>().is_ok()
}

/// The attributes of a name, each with its relative name's number, its type and its text.
///
/// # Panics
///
/// When a value is not a string of a type that we write, or a relative name is empty.
#[must_use]
pub fn subject_of(name: &Name) -> Vec<(usize, String, String)> {
    let mut all = Vec::new();
    for (at, rdn) in name.iter_rdn().enumerate() {
        assert!(!rdn.is_empty());
        all.extend(rdn.iter().map(|a| (at, a.oid.to_string(), text_of(a).expect("a string"))));
    }
    all
}

/// The text of an attribute of one of the string types that we write.
#[must_use]
pub fn text_of(attribute: &AttributeTypeAndValue) -> Option<String> {
    let value = &attribute.value;
    match value.tag() {
        Tag::Utf8String => value.decode_as::<Utf8StringRef<'_>>().ok().map(|s| s.as_str().to_owned()),
        Tag::PrintableString => {
            value.decode_as::<PrintableStringRef<'_>>().ok().map(|s| s.as_str().to_owned())
        }
        Tag::Ia5String => value.decode_as::<Ia5StringRef<'_>>().ok().map(|s| s.as_str().to_owned()),
        _ => None,
    }
}

fn expected_subject(subject: &Subject) -> Vec<(usize, String, String)> {
    let mut next = 0;
    let attributes = subject.attributes().iter();
    attributes
        .map(|attribute| {
            next += usize::from(!attribute.is_joined());
            (next - 1, attribute.oid().to_string(), attribute.text().expect("a string"))
        })
        .collect()
}

/// What a CSR holds beside subject and key.
#[derive(Debug, Default)]
struct Asked {
    sans: Vec<GeneralName>,
    sans_are_critical: bool,
    extensions: Vec<(String, bool, Vec<u8>)>,
    /// Sorted.
    attributes: Vec<(String, Vec<Vec<u8>>)>,
}

impl Asked {
    /// There must be at most one extension request and one list of names, neither empty.
    fn read(request: &CertReq) -> Self {
        let mut asked = Self::default();
        let mut has_request = false;
        for attribute in request.info.attributes.iter() {
            let values = attribute.values.iter();
            if attribute.oid.to_string() != "1.2.840.113549.1.9.14" {
                let values = values.map(|value| value.to_der().expect("it encodes")).collect();
                asked.attributes.push((attribute.oid.to_string(), values));
                continue;
            }
            assert!(!core::mem::replace(&mut has_request, true));
            assert_eq!(values.len(), 1);
            for value in values {
                let extensions: ExtensionReq = value.decode_as().expect("an extension request");
                assert!(!extensions.0.is_empty());
                extensions.0.iter().for_each(|extension| asked.extension(extension));
            }
        }
        asked.attributes.sort();
        asked
    }

    fn extension(&mut self, extension: &Extension) {
        let value = extension.extn_value.as_bytes();
        if extension.extn_id.to_string() == "2.5.29.17" {
            assert!(self.sans.is_empty());
            let SubjectAltName(names) = SubjectAltName::from_der(value).expect("names");
            assert!(!names.is_empty());
            self.sans = names;
            self.sans_are_critical = extension.critical;
        } else {
            self.extensions.push((extension.extn_id.to_string(), extension.critical, value.to_vec()));
        }
    }
}

fn assert_same_name(theirs: &GeneralName, ours: &San) {
    let is_same = match (theirs, ours) {
        (GeneralName::DnsName(theirs), San::Dns(ours)) => theirs.as_str() == ours.as_str(),
        (GeneralName::IpAddress(theirs), San::Ip(IpAddr::V4(ours))) => theirs.as_bytes() == ours.octets(),
        (GeneralName::IpAddress(theirs), San::Ip(IpAddr::V6(ours))) => theirs.as_bytes() == ours.octets(),
        (GeneralName::Rfc822Name(theirs), San::Email(ours)) => theirs.as_str() == ours.as_str(),
        (GeneralName::UniformResourceIdentifier(theirs), San::Uri(ours)) => theirs.as_str() == ours.as_str(),
        (GeneralName::RegisteredId(theirs), San::RegisteredId(ours)) => {
            theirs.to_string() == ours.to_string()
        }
        (GeneralName::OtherName(theirs), San::OtherName(ours)) => {
            theirs.type_id.to_string() == ours.oid().to_string()
                && theirs.value.to_der().expect("it encodes") == ours.as_der()
        }
        (GeneralName::DirectoryName(theirs), San::DirectoryName(ours)) => {
            is_same_directory_name(theirs, ours)
        }
        _ => false,
    };
    assert!(is_same, "{theirs:?} {ours:?}");
}

/// Values that are given as hexadecimal digits may be of any type; those that are no strings of ours are not compared.
fn is_same_directory_name(theirs: &Name, ours: &Subject) -> bool {
    let mut ours = ours.attributes().iter();
    let all_same = theirs.iter_rdn().all(|rdn| {
        rdn.iter().enumerate().all(|(index, theirs)| {
            ours.next().is_some_and(|ours| {
                ours.is_joined() == (index > 0)
                    && ours.oid().to_string() == theirs.oid.to_string()
                    && text_of(theirs).is_none_or(|text| ours.text() == Some(text))
            })
        })
    });
    all_same && ours.next().is_none()
}

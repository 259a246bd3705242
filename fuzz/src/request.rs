//! A CSR as `x509-cert` reads it, compared with what should be in it.

use std::sync::LazyLock;

use chacha20::ChaCha20Rng;
use csr_core::{Csr, CsrSpec, KeyPair, San, Subject, SubjectAttribute};
use der::asn1::{Ia5StringRef, PrintableStringRef, Utf8StringRef};
use der::{Decode, Encode, Tag, Tagged};
use p256::ecdsa::signature::Verifier;
use rand_core::SeedableRng;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::Name;
use x509_cert::request::{CertReq, ExtensionReq};

/// The one key that the targets sign with.
static KEY: LazyLock<KeyPair> = LazyLock::new(|| {
    KeyPair::import(include_bytes!("../seeds/key_parser/p256-pkcs8.pem"), None)
        .expect("the seed is a good key")
});

/// Signs a CSR for an accepted specification, and checks that it holds exactly what the specification says, in
/// the only encoding that DER allows, under a signature that verifies.
///
/// # Panics
///
/// When anything of that is not so.
pub fn assert_round_trip(spec: &CsrSpec) {
    let mut rng = ChaCha20Rng::from_seed([7; 32]);
    let csr = Csr::sign_with_rng(spec, &KEY, &mut rng).expect("an accepted specification can be signed");
    let request = CertReq::from_der(csr.as_der()).expect("our CSR decodes");
    assert_eq!(request.to_der().expect("it encodes again"), csr.as_der());

    assert_eq!(subject_of(&request.info.subject), expected_subject(spec.subject()));
    assert_eq!(sans_of(&request), spec.sans().iter().map(expected_san).collect::<Vec<_>>());

    let spki = &request.info.public_key;
    let key =
        p256::ecdsa::VerifyingKey::from_sec1_bytes(spki.subject_public_key.raw_bytes()).expect("a point");
    let signature = p256::ecdsa::DerSignature::try_from(request.signature.raw_bytes()).expect("DER r and s");
    key.verify(&request.info.to_der().expect("it encodes"), &signature).expect("the signature verifies");
}

/// The attributes of a name as pairs of object identifier and text, one to a RelativeDistinguishedName.
///
/// # Panics
///
/// When an RDN does not hold exactly one attribute, or its value is not a string of a type that we write.
#[must_use]
pub fn subject_of(name: &Name) -> Vec<(String, String)> {
    name.iter_rdn()
        .map(|rdn| {
            assert_eq!(rdn.len(), 1);
            let attribute = rdn.iter().next().expect("one attribute");
            (attribute.oid.to_string(), text_of(attribute).expect("a string"))
        })
        .collect()
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

fn expected_subject(subject: &Subject) -> Vec<(String, String)> {
    let oid = |attribute| match attribute {
        SubjectAttribute::Country => "2.5.4.6",
        SubjectAttribute::Province => "2.5.4.8",
        SubjectAttribute::Locality => "2.5.4.7",
        SubjectAttribute::Organization => "2.5.4.10",
        SubjectAttribute::OrganizationalUnit => "2.5.4.11",
        SubjectAttribute::CommonName => "2.5.4.3",
        SubjectAttribute::EmailAddress => "1.2.840.113549.1.9.1",
        other => panic!("{other} is in no specification"),
    };
    subject.attributes().map(|(attribute, value)| (oid(attribute).to_owned(), value.to_owned())).collect()
}

/// The subject alternative names of a CSR, each as its kind and its octets.
///
/// # Panics
///
/// When there is more than one extension request or more than one list of names, or a list that is empty.
#[must_use]
pub fn sans_of(request: &CertReq) -> Vec<(&'static str, Vec<u8>)> {
    let mut lists = Vec::new();
    for attribute in request.info.attributes.iter() {
        if attribute.oid.to_string() != "1.2.840.113549.1.9.14" {
            continue;
        }
        assert_eq!(attribute.values.len(), 1);
        for value in attribute.values.iter() {
            let extensions: ExtensionReq = value.decode_as().expect("an extension request");
            assert!(!extensions.0.is_empty());
            for extension in extensions.0 {
                if extension.extn_id.to_string() == "2.5.29.17" {
                    lists.push(SubjectAltName::from_der(extension.extn_value.as_bytes()).expect("names"));
                }
            }
        }
    }
    assert!(lists.len() <= 1);
    let names: Vec<_> = lists.iter().flat_map(|list| &list.0).map(general_name).collect();
    assert!(lists.is_empty() || !names.is_empty());
    names
}

fn general_name(name: &GeneralName) -> (&'static str, Vec<u8>) {
    match name {
        GeneralName::DnsName(text) => ("dns", text.as_bytes().to_vec()),
        GeneralName::IpAddress(octets) => ("ip", octets.as_bytes().to_vec()),
        GeneralName::Rfc822Name(text) => ("email", text.as_bytes().to_vec()),
        GeneralName::UniformResourceIdentifier(text) => ("uri", text.as_bytes().to_vec()),
        other => panic!("we don't write {other:?}"),
    }
}

fn expected_san(san: &San) -> (&'static str, Vec<u8>) {
    match san {
        San::Dns(name) => ("dns", name.as_str().as_bytes().to_vec()),
        San::Ip(std::net::IpAddr::V4(address)) => ("ip", address.octets().to_vec()),
        San::Ip(std::net::IpAddr::V6(address)) => ("ip", address.octets().to_vec()),
        San::Email(address) => ("email", address.as_str().as_bytes().to_vec()),
        San::Uri(uri) => ("uri", uri.as_str().as_bytes().to_vec()),
        other => panic!("a kind of name that this target does not know: {other:?}"),
    }
}

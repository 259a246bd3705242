//! `CertificationRequestInfo` (RFC 2986 §4.1), from a specification and a key.

use const_oid::AssociatedOid;
use const_oid::db::{rfc2985, rfc3280, rfc4519};
use der::Encode;
use der::asn1::{
    Any, Ia5String, Ia5StringRef, ObjectIdentifier, OctetString, PrintableStringRef, SetOfVec, Utf8StringRef,
};
use x509_cert::attr::{Attribute, AttributeTypeAndValue};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{self, KeyUsages, SubjectAltName};
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::request::{CertReqInfo, ExtensionReq, Version};

use crate::name::{San, Subject, SubjectAttribute, text};
use crate::{CsrSpec, Error, KeyPair, KeyUsage};

/// The part of the CSR that is signed. `attributes` is there even when it is empty (`a0 00`), and has no
/// extensionRequest without an extension in it: Extensions is a SEQUENCE of at least one (RFC 5280 §4.1).
pub(super) fn certification_request_info(spec: &CsrSpec, key: &KeyPair) -> Result<CertReqInfo, Error> {
    // Without `..`: what a specification holds must not be left out of the CSR by oversight.
    let CsrSpec {
        subject,
        sans,
        key_usage,
        extended_key_usage,
        basic_constraints,
        must_staple,
        challenge_password,
        sm2_identity: _,
    } = spec;

    let mut extensions = Vec::new();
    if let Some(constraints) = basic_constraints {
        let value =
            pkix::BasicConstraints { ca: constraints.ca, path_len_constraint: constraints.path_length };
        extensions.push(extension(true, &value)?);
    }
    if !key_usage.is_empty() {
        let bits =
            key_usage.iter().copied().map(key_usage_bit).fold(Default::default(), |all, bit| all | bit);
        extensions.push(extension(true, &pkix::KeyUsage(bits))?);
    }
    if !extended_key_usage.is_empty() {
        let purposes = extended_key_usage.iter().map(|purpose| purpose.oid()).collect();
        extensions.push(extension(false, &pkix::ExtendedKeyUsage(purposes))?);
    }
    if !sans.is_empty() {
        let names = sans.iter().map(general_name).collect::<der::Result<_>>()?;
        // RFC 5280 §4.2.1.6: critical where the subject says nothing.
        extensions.push(extension(subject.is_empty(), &SubjectAltName(names))?);
    }
    if *must_staple {
        extensions.push(tls_feature()?);
    }

    let mut attributes = SetOfVec::new();
    if !extensions.is_empty() {
        attributes.insert(ExtensionReq(extensions).try_into()?)?;
    }
    if let Some(password) = challenge_password {
        let values = SetOfVec::try_from([challenge_password_value(&password.0)?])?;
        attributes.insert(Attribute { oid: rfc2985::PKCS_9_AT_CHALLENGE_PASSWORD, values })?;
    }
    let public_key = key.subject_public_key_info()?;
    Ok(CertReqInfo { version: Version::V1, subject: name(subject)?, public_key, attributes })
}

/// One RelativeDistinguishedName an attribute. C is a PrintableString, emailAddress an IA5String; the others
/// are UTF8Strings (RFC 5280 §4.1.2.4, RFC 2985 §5.2.1).
fn name(subject: &Subject) -> der::Result<Name> {
    let mut rdns = RdnSequence::default();
    for (attribute, value) in subject.attributes() {
        let (oid, value) = match attribute {
            SubjectAttribute::Country => (rfc4519::C, Any::from(PrintableStringRef::new(value)?)),
            SubjectAttribute::Province => (rfc4519::ST, Any::from(Utf8StringRef::new(value)?)),
            SubjectAttribute::Locality => (rfc4519::L, Any::from(Utf8StringRef::new(value)?)),
            SubjectAttribute::Organization => (rfc4519::O, Any::from(Utf8StringRef::new(value)?)),
            SubjectAttribute::OrganizationalUnit => (rfc4519::OU, Any::from(Utf8StringRef::new(value)?)),
            SubjectAttribute::CommonName => (rfc4519::CN, Any::from(Utf8StringRef::new(value)?)),
            SubjectAttribute::EmailAddress => (rfc3280::EMAIL_ADDRESS, Any::from(Ia5StringRef::new(value)?)),
        };
        let mut rdn = SetOfVec::new();
        rdn.insert(AttributeTypeAndValue { oid, value })?;
        rdns.push(RelativeDistinguishedName::from(rdn));
    }
    // The crate's other way to a Name parses a joined string, where a comma in a value starts an attribute.
    Ok(Name::hazmat_from_rdn_sequence(rdns))
}

fn general_name(san: &San) -> der::Result<GeneralName> {
    Ok(match san {
        San::Dns(name) => GeneralName::DnsName(Ia5String::new(name.as_str())?),
        San::Ip(address) => GeneralName::from(*address),
        San::Email(address) => GeneralName::Rfc822Name(Ia5String::new(address.as_str())?),
        San::Uri(uri) => GeneralName::UniformResourceIdentifier(Ia5String::new(uri.as_str())?),
    })
}

fn extension<T: Encode + AssociatedOid>(critical: bool, value: &T) -> der::Result<Extension> {
    Ok(Extension { extn_id: T::OID, critical, extn_value: OctetString::new(value.to_der()?)? })
}

const fn key_usage_bit(usage: KeyUsage) -> KeyUsages {
    match usage {
        KeyUsage::DigitalSignature => KeyUsages::DigitalSignature,
        KeyUsage::NonRepudiation => KeyUsages::NonRepudiation,
        KeyUsage::KeyEncipherment => KeyUsages::KeyEncipherment,
        KeyUsage::DataEncipherment => KeyUsages::DataEncipherment,
        KeyUsage::KeyAgreement => KeyUsages::KeyAgreement,
        KeyUsage::KeyCertSign => KeyUsages::KeyCertSign,
        KeyUsage::CrlSign => KeyUsages::CRLSign,
        KeyUsage::EncipherOnly => KeyUsages::EncipherOnly,
        KeyUsage::DecipherOnly => KeyUsages::DecipherOnly,
    }
}

/// `id-pe-tlsfeature` (RFC 7633 §6): a SEQUENCE OF INTEGER; 5 is the TLS extension `status_request`.
fn tls_feature() -> der::Result<Extension> {
    const ID_PE_TLSFEATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.24");
    const STATUS_REQUEST: u8 = 5;
    let features = OctetString::new(vec![STATUS_REQUEST].to_der()?)?;
    Ok(Extension { extn_id: ID_PE_TLSFEATURE, critical: false, extn_value: features })
}

/// challengePassword is a DirectoryString: PrintableString where it can hold the text, as RFC 2985 §5.4.1
/// wants, else UTF8String.
fn challenge_password_value(password: &str) -> der::Result<Any> {
    Ok(if text::is_printable(password) {
        Any::from(PrintableStringRef::new(password)?)
    } else {
        Any::from(Utf8StringRef::new(password)?)
    })
}

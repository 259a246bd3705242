//! `CertificationRequestInfo` (RFC 2986 §4.1), from a specification and a key.

use const_oid::db::{rfc2985, rfc3280, rfc4519, rfc5280};
use der::asn1::ObjectIdentifier;
use std::net::IpAddr;

use crate::encoder::Encoder;
use crate::name::{San, Subject, SubjectAttribute, text};
use crate::tag;
use crate::{CsrSpec, KeyUsage};

/// `id-pe-tlsfeature` (RFC 7633 §6).
const ID_PE_TLSFEATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.24");
/// The TLS extension that `id-pe-tlsfeature` names: `status_request` (RFC 7633 §4).
const STATUS_REQUEST: u8 = 5;

/// The signed part of the CSR, as DER; `public_key_info` is DER, too. `attributes` is present even
/// if it is empty (`a0 00`). It has an extensionRequest only with an extension in it, because
/// Extensions is a SEQUENCE of at least one (RFC 5280 §4.1).
pub(super) fn certification_request_info(spec: &CsrSpec, public_key_info: &[u8]) -> Vec<u8> {
    Encoder::encode(|encoder| {
        encoder.sequence(|info| {
            info.unsigned(&[0]); // v1
            name(info, &spec.subject);
            info.raw(public_key_info);
            info.set_of(tag::constructed(0), attributes(spec));
        });
    })
}

/// One RelativeDistinguishedName per attribute. C is a PrintableString, emailAddress an IA5String;
/// the others are UTF8Strings (RFC 5280 §4.1.2.4, RFC 2985 §5.2.1).
fn name(encoder: &mut Encoder, subject: &Subject) {
    encoder.sequence(|name| {
        for (attribute, value) in subject.attributes() {
            let (oid, string) = match attribute {
                SubjectAttribute::Country => (rfc4519::C, tag::PRINTABLE_STRING),
                SubjectAttribute::Province => (rfc4519::ST, tag::UTF8_STRING),
                SubjectAttribute::Locality => (rfc4519::L, tag::UTF8_STRING),
                SubjectAttribute::Organization => (rfc4519::O, tag::UTF8_STRING),
                SubjectAttribute::OrganizationalUnit => (rfc4519::OU, tag::UTF8_STRING),
                SubjectAttribute::CommonName => (rfc4519::CN, tag::UTF8_STRING),
                SubjectAttribute::EmailAddress => (rfc3280::EMAIL_ADDRESS, tag::IA5_STRING),
            };
            name.element(tag::SET, |rdn| {
                rdn.sequence(|pair| {
                    pair.oid(oid);
                    pair.primitive(string, value.as_bytes());
                });
            });
        }
    });
}

fn attributes(spec: &CsrSpec) -> Vec<Vec<u8>> {
    let mut attributes = Vec::new();
    let extensions = Encoder::encode(|encoder| extensions(encoder, spec));
    if !extensions.is_empty() {
        attributes.push(attribute(rfc2985::PKCS_9_AT_EXTENSION_REQUEST, |value| {
            value.primitive(tag::SEQUENCE, &extensions);
        }));
    }
    if let Some(password) = &spec.challenge_password {
        let password = &password.0;
        // A DirectoryString: a PrintableString if that can hold the text, as RFC 2985 §5.4.1
        // requires, otherwise a UTF8String.
        let string = if text::is_printable(password) { tag::PRINTABLE_STRING } else { tag::UTF8_STRING };
        attributes.push(attribute(rfc2985::PKCS_9_AT_CHALLENGE_PASSWORD, |value| {
            value.primitive(string, password.as_bytes());
        }));
    }
    attributes
}

/// An Attribute with one value (RFC 2986 §4.1).
fn attribute(oid: ObjectIdentifier, value: impl FnOnce(&mut Encoder)) -> Vec<u8> {
    Encoder::encode(|encoder| {
        encoder.sequence(|attribute| {
            attribute.oid(oid);
            attribute.element(tag::SET, value);
        });
    })
}

fn extensions(extensions: &mut Encoder, spec: &CsrSpec) {
    // Without `..`, so that no part of a specification is left out of the CSR by oversight.
    let CsrSpec {
        subject,
        sans,
        key_usage,
        extended_key_usage,
        basic_constraints,
        must_staple,
        challenge_password: _,
        sm2_identity: _,
    } = spec;

    if let Some(constraints) = basic_constraints {
        extension(extensions, rfc5280::ID_CE_BASIC_CONSTRAINTS, true, |value| {
            value.sequence(|basic| {
                if constraints.ca {
                    basic.primitive(tag::BOOLEAN, &[0xff]); // FALSE is the default, which DER leaves out
                }
                if let Some(length) = constraints.path_length {
                    basic.unsigned(&[length]);
                }
            });
        });
    }
    if !key_usage.is_empty() {
        extension(extensions, rfc5280::ID_CE_KEY_USAGE, true, |value| {
            value.named_bits(key_usage.iter().copied().map(key_usage_bit));
        });
    }
    if !extended_key_usage.is_empty() {
        extension(extensions, rfc5280::ID_CE_EXT_KEY_USAGE, false, |value| {
            value.sequence(|purposes| {
                extended_key_usage.iter().for_each(|purpose| purposes.oid(purpose.oid()))
            });
        });
    }
    if !sans.is_empty() {
        // RFC 5280 §4.2.1.6: critical if the subject is empty.
        extension(extensions, rfc5280::ID_CE_SUBJECT_ALT_NAME, subject.is_empty(), |value| {
            value.sequence(|names| sans.iter().for_each(|san| general_name(names, san)));
        });
    }
    if *must_staple {
        // RFC 7633 §6: a SEQUENCE OF INTEGER.
        extension(extensions, ID_PE_TLSFEATURE, false, |value| {
            value.sequence(|features| features.unsigned(&[STATUS_REQUEST]));
        });
    }
}

/// An Extension (RFC 5280 §4.1).
fn extension(
    extensions: &mut Encoder,
    oid: ObjectIdentifier,
    critical: bool,
    value: impl FnOnce(&mut Encoder),
) {
    extensions.sequence(|extension| {
        extension.oid(oid);
        if critical {
            extension.primitive(tag::BOOLEAN, &[0xff]);
        }
        extension.element(tag::OCTET_STRING, value);
    });
}

/// A GeneralName (RFC 5280 §4.2.1.6).
fn general_name(names: &mut Encoder, san: &San) {
    match san {
        San::Email(address) => names.primitive(tag::primitive(1), address.as_str().as_bytes()),
        San::Dns(name) => names.primitive(tag::primitive(2), name.as_str().as_bytes()),
        San::Uri(uri) => names.primitive(tag::primitive(6), uri.as_str().as_bytes()),
        San::Ip(IpAddr::V4(address)) => names.primitive(tag::primitive(7), &address.octets()),
        San::Ip(IpAddr::V6(address)) => names.primitive(tag::primitive(7), &address.octets()),
    }
}

/// The number of a bit of KeyUsage (RFC 5280 §4.2.1.3).
const fn key_usage_bit(usage: KeyUsage) -> u32 {
    match usage {
        KeyUsage::DigitalSignature => 0,
        KeyUsage::NonRepudiation => 1,
        KeyUsage::KeyEncipherment => 2,
        KeyUsage::DataEncipherment => 3,
        KeyUsage::KeyAgreement => 4,
        KeyUsage::KeyCertSign => 5,
        KeyUsage::CrlSign => 6,
        KeyUsage::EncipherOnly => 7,
        KeyUsage::DecipherOnly => 8,
    }
}

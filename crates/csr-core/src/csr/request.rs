//! `CertificationRequestInfo` (RFC 2986 §4.1), from a specification and a key.

use std::net::IpAddr;

use crate::asn1::{StringType, Writer, tag};
use crate::name::{GeneralNameKind, San, Subject};
use crate::oid::{AttributeType, ExtensionType};
use crate::{CsrSpec, KeyUsage};

/// The TLS extension that `id-pe-tlsfeature` names: `status_request` (RFC 7633 §4).
const STATUS_REQUEST: u8 = 5;

/// The signed part of the CSR, as DER; `public_key_info` is DER, too. `attributes` is present even
/// if it is empty (`a0 00`). It has an extensionRequest only with an extension in it, because
/// Extensions is a SEQUENCE of at least one (RFC 5280 §4.1).
pub(super) fn certification_request_info(spec: &CsrSpec, public_key_info: &[u8]) -> Vec<u8> {
    Writer::der(|writer| {
        writer.sequence(|info| {
            info.unsigned(&[0]); // v1
            name(info, &spec.subject);
            info.raw(public_key_info);
            info.set_of(tag::constructed(0), attributes(spec));
        });
    })
}

/// One RelativeDistinguishedName per attribute. A value has the type that its attribute prescribes, a PrintableString for C
/// and an IA5String for emailAddress; DirectoryStrings are UTF8Strings (RFC 5280 §4.1.2.4).
fn name(writer: &mut Writer, subject: &Subject) {
    writer.sequence(|name| {
        for (attribute, value) in subject.attributes() {
            name.element(tag::SET, |rdn| {
                rdn.sequence(|pair| {
                    pair.oid(attribute.oid());
                    pair.string(attribute.string_type().unwrap_or(StringType::Utf8), value);
                });
            });
        }
    });
}

fn attributes(spec: &CsrSpec) -> Vec<Vec<u8>> {
    let mut attributes = Vec::new();
    let extensions = Writer::der(|writer| extensions(writer, spec));
    if !extensions.is_empty() {
        attributes.push(attribute(AttributeType::ExtensionRequest, |value| {
            value.primitive(tag::SEQUENCE, &extensions);
        }));
    }
    if let Some(password) = &spec.challenge_password {
        let password = &password.0;
        // A DirectoryString: PrintableString where it can hold the text, as RFC 2985 §5.4.1 wants, else UTF8String.
        let is_printable = StringType::Printable.has_characters_of(password);
        let string = if is_printable { StringType::Printable } else { StringType::Utf8 };
        attributes.push(attribute(AttributeType::ChallengePassword, |value| {
            value.string(string, password);
        }));
    }
    attributes
}

/// An Attribute of one value (RFC 2986 §4.1).
fn attribute(r#type: AttributeType, value: impl FnOnce(&mut Writer)) -> Vec<u8> {
    Writer::der(|writer| {
        writer.sequence(|attribute| {
            attribute.oid(r#type.oid());
            attribute.element(tag::SET, value);
        });
    })
}

fn extensions(extensions: &mut Writer, spec: &CsrSpec) {
    // Without `..`: what a specification holds must not be left out of the CSR by oversight.
    let CsrSpec {
        subject,
        sans,
        key_usage,
        extended_key_usage,
        basic_constraints,
        must_staple,
        challenge_password: _,
        signature: _,
    } = spec;

    if let Some(constraints) = basic_constraints {
        extension(extensions, ExtensionType::BasicConstraints, true, |value| {
            value.sequence(|basic| {
                if constraints.ca {
                    basic.boolean(true); // FALSE is the default, which DER leaves out
                }
                if let Some(length) = constraints.path_length {
                    basic.unsigned(&[length]);
                }
            });
        });
    }
    if !key_usage.is_empty() {
        extension(extensions, ExtensionType::KeyUsage, true, |value| {
            value.named_bits(key_usage.iter().copied().map(key_usage_bit));
        });
    }
    if !extended_key_usage.is_empty() {
        extension(extensions, ExtensionType::ExtendedKeyUsage, false, |value| {
            value.sequence(|purposes| {
                extended_key_usage.iter().for_each(|purpose| purposes.oid(purpose.oid()))
            });
        });
    }
    if !sans.is_empty() {
        // RFC 5280 §4.2.1.6: critical where the subject says nothing.
        extension(extensions, ExtensionType::SubjectAltName, subject.is_empty(), |value| {
            value.sequence(|names| sans.iter().for_each(|san| general_name(names, san)));
        });
    }
    if *must_staple {
        // RFC 7633 §6: a SEQUENCE OF INTEGER.
        extension(extensions, ExtensionType::TlsFeature, false, |value| {
            value.sequence(|features| features.unsigned(&[STATUS_REQUEST]));
        });
    }
}

/// An Extension (RFC 5280 §4.1).
fn extension(
    extensions: &mut Writer,
    r#type: ExtensionType,
    critical: bool,
    value: impl FnOnce(&mut Writer),
) {
    extensions.sequence(|extension| {
        extension.oid(r#type.oid());
        if critical {
            extension.boolean(true);
        }
        extension.element(tag::OCTET_STRING, value);
    });
}

/// A GeneralName (RFC 5280 §4.2.1.6).
fn general_name(names: &mut Writer, san: &San) {
    let mut name = |kind: GeneralNameKind, content: &[u8]| names.primitive(kind.tag(), content);
    match san {
        San::Email(address) => name(GeneralNameKind::Rfc822Name, address.as_str().as_bytes()),
        San::Dns(dns) => name(GeneralNameKind::DnsName, dns.as_str().as_bytes()),
        San::Uri(uri) => name(GeneralNameKind::Uri, uri.as_str().as_bytes()),
        San::Ip(IpAddr::V4(address)) => name(GeneralNameKind::IpAddress, &address.octets()),
        San::Ip(IpAddr::V6(address)) => name(GeneralNameKind::IpAddress, &address.octets()),
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

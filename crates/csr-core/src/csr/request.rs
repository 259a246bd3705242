//! `CertificationRequestInfo` (RFC 2986 §4.1), from a specification and a key.

use crate::CsrSpec;
use crate::asn1::{Oid, Writer, tag};
use crate::oid::{AttributeType, ExtensionType};
use crate::spec::RequestedAttribute;

/// Writes the signed part of the CSR; `public_key_info` is DER. `attributes` is present even if it is
/// empty (`a0 00`). It has an extensionRequest only with an extension in it, because Extensions is a
/// SEQUENCE of at least one (RFC 5280 §4.1).
pub(super) fn certification_request_info(writer: &mut Writer, spec: &CsrSpec, public_key_info: &[u8]) {
    let has_extensions = !(spec.sans.is_empty() && spec.extensions.is_empty());
    let extension_request = has_extensions.then_some(Attribute::ExtensionRequest);
    let attributes = extension_request.into_iter().chain(spec.attributes.iter().map(Attribute::Other));
    writer.sequence(|info| {
        info.unsigned(&[0]); // v1
        spec.subject.write(info);
        info.raw(public_key_info);
        info.set_of(tag::constructed(0), attributes, |set, attribute| attribute.write(set, spec));
    });
}

/// An Attribute (RFC 2986 §4.1).
enum Attribute<'a> {
    ExtensionRequest,
    Other(&'a RequestedAttribute),
}

impl Attribute<'_> {
    fn write(self, set: &mut Writer, spec: &CsrSpec) {
        set.sequence(|attribute| match self {
            Self::ExtensionRequest => {
                attribute.oid(AttributeType::ExtensionRequest.oid());
                attribute.element(tag::SET, |set| set.sequence(|request| extensions(request, spec)));
            }
            Self::Other(RequestedAttribute { oid, values }) => {
                attribute.oid(oid);
                attribute.set_of(tag::SET, values, |set, value| set.raw(value));
            }
        });
    }
}

/// The names stand behind the basic constraints and key usages, and before the rest.
fn extensions(extensions: &mut Writer, spec: &CsrSpec) {
    // Without `..`: what a specification holds must not be left out of the CSR by oversight.
    let CsrSpec { subject, sans, extensions: others, attributes: _, signature: _ } = spec;
    const BEFORE_NAMES: [ExtensionType; 3] =
        [ExtensionType::BasicConstraints, ExtensionType::KeyUsage, ExtensionType::ExtendedKeyUsage];
    let is_before_names =
        |oid: &Oid| BEFORE_NAMES.iter().any(|before| before.oid().as_bytes() == oid.as_bytes());
    let names_at = others.iter().take_while(|extension| is_before_names(&extension.oid)).count();
    let (before, after) = others.split_at(names_at);
    for other in before {
        extension(extensions, &other.oid, other.critical, |value| value.raw(&other.der));
    }
    if !sans.is_empty() {
        // RFC 5280 §4.2.1.6: critical where the subject says nothing.
        extension(extensions, ExtensionType::SubjectAltName.oid(), subject.is_empty(), |value| {
            value.sequence(|names| sans.iter().for_each(|san| san.write(names)));
        });
    }
    for other in after {
        extension(extensions, &other.oid, other.critical, |value| value.raw(&other.der));
    }
}

/// An Extension (RFC 5280 §4.1).
fn extension(
    extensions: &mut Writer,
    oid: impl AsRef<[u8]>,
    critical: bool,
    value: impl FnOnce(&mut Writer),
) {
    extensions.sequence(|extension| {
        extension.oid(oid);
        if critical {
            extension.boolean(true);
        }
        extension.element(tag::OCTET_STRING, value);
    });
}

//! Extensions (RFC 5280 §4.2), also requested ones (RFC 2985 §5.4.2).

mod access;
mod policy;

use std::collections::HashSet;
use std::fmt;

use serde::Serialize;

pub use self::access::{AccessDescription, AuthorityKeyIdentifier, DistributionPoint};
pub use self::policy::{AddressRange, NameConstraints, Policy, PolicyQualifier, Subtree};

use super::general_name::GeneralName;
use super::notes::{List, Notes};
use super::value::{Label, Raw, Thousands, integer, string};
use super::warning::{Part, Warning};
use crate::asn1::{Element, Oid, ReadError, Reader, StringType, tag, text};
use crate::certificate::CertificateExtension;
use crate::name::Escaped;
use crate::oid::{Encryption, ExtensionType};
use crate::spec::{ExtendedKeyUsage, KeyUsage};

/// One extension, of a certificate or requested for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Extension {
    /// Its identifier.
    pub oid: Oid,
    /// Its name, as in `keyUsage`, if it is a known one.
    pub name: Option<ExtensionType>,
    /// Whether it is critical.
    pub critical: bool,
    /// Its value.
    pub value: ExtensionValue,
}

impl Extension {
    /// The extension's name, or the identifier where there is none.
    #[must_use]
    pub fn label(&self) -> impl fmt::Display {
        Label(self.name, &self.oid)
    }

    /// Reads the value of a certificate's extension, and adds its names to `sans`.
    pub(super) fn of(
        extension: CertificateExtension<'_>,
        sans: &mut Vec<GeneralName>,
        notes: &mut Notes,
    ) -> Self {
        let CertificateExtension { oid, critical, value: bytes } = extension;
        let name = ExtensionType::of(&oid);
        let malformed = |reason| Warning::MalformedExtension { oid: oid.clone(), name, reason };
        let read = read_value(name, bytes, sans, notes, &malformed);
        let value = ExtensionValue::or_bytes(read, bytes, notes, &malformed);
        Self { oid, name, critical, value }
    }
}

impl ExtensionValue {
    /// What was read, or the bytes and a note.
    fn or_bytes(
        read: Result<Self, ReadError>,
        bytes: &[u8],
        notes: &mut Notes,
        malformed: &dyn Fn(&'static str) -> Warning,
    ) -> Self {
        read.unwrap_or_else(|ReadError(reason)| {
            notes.warn(malformed(reason));
            Self::Malformed { reason, bytes: Raw::of(bytes) }
        })
    }
}

/// Why the value of a known extension is not as its standard says.
pub(crate) fn why_malformed(extension: &CertificateExtension<'_>) -> Option<&'static str> {
    let name = ExtensionType::of(&extension.oid);
    let unnoted = |reason| Warning::MalformedExtension { oid: extension.oid.clone(), name, reason };
    let read = read_value(name, extension.value, &mut Vec::new(), &mut Notes::new(), &unnoted);
    read.err().map(|ReadError(reason)| reason)
}

/// Notes extensions that occur more than once.
pub(super) fn warn_of_duplicates(extensions: &[Extension], notes: &mut Notes) {
    let mut seen = HashSet::new();
    for extension in extensions {
        if !seen.insert(&extension.oid) {
            notes.warn(Warning::DuplicateExtension { oid: extension.oid.clone() });
        }
    }
}

/// The value of an extension.
///
/// Serialised as an object of `type` and `value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
#[non_exhaustive]
pub enum ExtensionValue {
    /// The uses of the key; bits without a meaning are left out.
    KeyUsage(Vec<KeyUsage>),
    /// The purposes of the key.
    ExtendedKeyUsage(Vec<ExtendedKeyUsage>),
    /// Basic constraints.
    BasicConstraints {
        /// Whether the subject is a certificate authority.
        ca: bool,
        /// How many intermediate authorities may follow.
        path_len: Option<u64>,
    },
    /// TLS extension numbers (RFC 7633); 5 is must-staple.
    TlsFeature(Vec<u64>),
    /// The key identifier in lower-case hexadecimal.
    SubjectKeyIdentifier(String),
    /// How many names there are; the names themselves are the inspection's `sans`.
    SubjectAltName(usize),
    /// Certificate policies, or Microsoft's application policies, whose identifiers are those of key purposes and are shown
    /// by their names.
    Policies(Vec<Policy>),
    /// How many certificates may follow before policies matter.
    PolicyConstraints {
        /// before an explicit policy is required,
        require_explicit_policy: Option<u64>,
        /// before policies are not mapped any more.
        inhibit_policy_mapping: Option<u64>,
    },
    /// The names that an authority may certify.
    NameConstraints(NameConstraints),
    /// The services of an authority, or of the subject.
    InformationAccess(Vec<AccessDescription>),
    /// Where revocation lists are.
    DistributionPoints(Vec<DistributionPoint>),
    /// The key that signs the certificate.
    AuthorityKeyIdentifier(AuthorityKeyIdentifier),
    /// Other names than the subject's alternative ones: those of the issuer, or of an account in Active Directory.
    Names(Vec<GeneralName>),
    /// Netscape's types of certificates; bits without a meaning are left out.
    NetscapeCertType(Vec<&'static str>),
    /// The algorithms for mail, best first.
    Capabilities(Vec<Capability>),
    /// The name of a certificate template of Microsoft's, version 1.
    TemplateName(String),
    /// A certificate template of Microsoft's, version 2.
    Template {
        /// Its identifier.
        oid: Oid,
        /// Its major version.
        major: Option<u64>,
        /// Its minor version.
        minor: Option<u64>,
    },
    /// A comment.
    Comment(String),
    /// A value that is a single UTF8String.
    Utf8(String),
    /// A value that is a single PrintableString.
    Printable(String),
    /// A value that is a single IA5String.
    Ia5(String),
    /// A value that is a single BMPString.
    Bmp(String),
    /// A value that is a single INTEGER of up to 128 bits, in decimal.
    Integer(String),
    /// A value that is a single BOOLEAN.
    Boolean(bool),
    /// A value that is a single OBJECT IDENTIFIER.
    Oid(Oid),
    /// A value that is NULL.
    Null,
    /// Any other extension's value in lower-case hexadecimal, up to [`Raw::SHOWN`] bytes.
    Hex(String),
    /// Stands for a value of more bytes than that.
    Long {
        /// How many bytes there are.
        bytes: usize,
        /// Their SHA-256, in lower-case hexadecimal.
        sha256: String,
    },
    /// A value that violates the extension's standard.
    Malformed {
        /// What is wrong with it.
        reason: &'static str,
        /// The bytes.
        #[serde(flatten)]
        bytes: Raw,
    },
}

impl From<Raw> for ExtensionValue {
    fn from(raw: Raw) -> Self {
        match raw {
            Raw::Hex(hex) => Self::Hex(hex),
            Raw::Long { bytes, sha256 } => Self::Long { bytes, sha256 },
        }
    }
}

impl fmt::Display for ExtensionValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyUsage(uses) => f.write_str(&listed(uses)),
            Self::ExtendedKeyUsage(purposes) => f.write_str(&listed(purposes)),
            Self::Policies(policies) => f.write_str(&listed(policies)),
            Self::PolicyConstraints { require_explicit_policy: policy, inhibit_policy_mapping: mapping } => {
                let policy = policy.map(|count| format!("explicit policy after {count}"));
                let mapping = mapping.map(|count| format!("no policy mapping after {count}"));
                f.write_str(&listed(policy.into_iter().chain(mapping)))
            }
            Self::NameConstraints(constraints) => constraints.fmt(f),
            Self::InformationAccess(services) => f.write_str(&listed(services)),
            Self::DistributionPoints(points) => {
                let points: Vec<_> = points.iter().map(ToString::to_string).collect();
                f.write_str(&points.join("; "))
            }
            Self::AuthorityKeyIdentifier(identifier) => identifier.fmt(f),
            Self::Names(names) => f.write_str(&listed(names)),
            Self::NetscapeCertType(types) => f.write_str(&listed(types)),
            Self::Capabilities(capabilities) => f.write_str(&listed(capabilities)),
            Self::Utf8(text) => write!(f, "utf8:{}", Escaped(text)),
            Self::Printable(text) => write!(f, "printable:{}", Escaped(text)),
            Self::Ia5(text) => write!(f, "ia5:{}", Escaped(text)),
            Self::Bmp(text) => write!(f, "bmp:{}", Escaped(text)),
            Self::Integer(number) => write!(f, "integer:{number}"),
            Self::Boolean(value) => write!(f, "boolean:{value}"),
            Self::Oid(oid) => write!(f, "oid:{oid}"),
            Self::Null => f.write_str("null"),
            Self::BasicConstraints { ca, path_len: None } => write!(f, "CA: {ca}"),
            Self::BasicConstraints { ca, path_len: Some(length) } => {
                write!(f, "CA: {ca}, path length {length}")
            }
            Self::TlsFeature(features) => {
                f.write_str(&listed(features.iter().map(|feature| match feature {
                    5 => "status_request (must-staple)".to_owned(),
                    17 => "status_request_v2".to_owned(),
                    other => other.to_string(),
                })))
            }
            Self::SubjectAltName(1) => f.write_str("1 name"),
            Self::SubjectAltName(count) => write!(f, "{} names", Thousands(*count)),
            Self::TemplateName(text) | Self::Comment(text) => Escaped(text).fmt(f),
            Self::Template { oid, major, minor } => {
                oid.fmt(f)?;
                major.iter().try_for_each(|major| write!(f, ", version {major}"))?;
                minor.iter().try_for_each(|minor| write!(f, ".{minor}"))
            }
            Self::Long { bytes, sha256 } => write!(f, "({} bytes, SHA-256 {sha256})", Thousands(*bytes)),
            Self::Malformed { reason, bytes } => write!(f, "malformed, {reason}: {bytes}"),
            Self::SubjectKeyIdentifier(hex) | Self::Hex(hex) => f.write_str(hex),
        }
    }
}

fn listed(values: impl IntoIterator<Item = impl fmt::Display>) -> String {
    let texts: Vec<_> = values.into_iter().map(|value| value.to_string()).collect();
    texts.join(", ")
}

/// An algorithm for mail (RFC 8551 §2.5.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Capability {
    /// Its name, or the identifier where it has none.
    pub algorithm: String,
    /// Its parameters, as DER.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Raw>,
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.algorithm)?;
        self.parameters.iter().try_for_each(|parameters| write!(f, " {parameters}"))
    }
}

/// Reads `Extensions ::= SEQUENCE OF Extension`, appending to what earlier attributes gave.
pub(super) fn read_all(
    request: &Element<'_>,
    extensions: &mut Vec<Extension>,
    sans: &mut Vec<GeneralName>,
    notes: &mut Notes,
) {
    let sequence = match Reader::new(request.raw).nested(tag::SEQUENCE) {
        Ok(sequence) => sequence,
        Err(ReadError(reason)) => return notes.malformed(Part::Extensions, reason, request.raw),
    };
    if sequence.is_empty() {
        notes.warn(Warning::EmptyExtensionRequest);
    }
    for element in sequence.elements_of(tag::SEQUENCE) {
        match element {
            Ok(element) if notes.has_room(List::Extensions) => {
                extensions.extend(read(&element, sans, notes));
            }
            Ok(_) => {}
            Err(broken) => notes.malformed(Part::Extensions, broken.reason, broken.bytes),
        }
    }
}

/// `SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`; an explicit FALSE
/// is tolerated. `None`, and a note, where there is no identifier.
fn read(element: &Element<'_>, sans: &mut Vec<GeneralName>, notes: &mut Notes) -> Option<Extension> {
    let mut reader = Reader::new(element.value);
    let oid = match reader.oid() {
        Ok(oid) => oid,
        Err(ReadError(reason)) => {
            notes.malformed(Part::Extensions, reason, element.raw);
            return None;
        }
    };
    let name = ExtensionType::of(&oid);
    let malformed = |reason| Warning::MalformedExtension { oid: oid.clone(), name, reason };
    let mut critical = false;
    if reader.is_next(tag::BOOLEAN) {
        // As BER reads it: what is not FALSE is TRUE.
        critical = reader.clone().any().is_ok_and(|element| element.value.iter().any(|byte| *byte != 0));
        let mut strict = reader.clone();
        if let Err(ReadError(reason)) = strict.boolean_or_false() {
            notes.warn(malformed(reason));
        }
        // Where the framing is broken, the value is, too.
        let _ = reader.any();
    }
    let rest = reader.rest();
    let (read, bytes) = match reader.element(tag::OCTET_STRING) {
        Ok(octets) => (read_value(name, octets.value, sans, notes, &malformed), octets.value),
        Err(error) => (Err(error), rest),
    };
    let value = ExtensionValue::or_bytes(read, bytes, notes, &malformed);
    if let Err(ReadError(reason)) = reader.finish() {
        notes.warn(malformed(reason));
    }
    Some(Extension { oid, name, critical, value })
}

fn read_value(
    name: Option<ExtensionType>,
    bytes: &[u8],
    sans: &mut Vec<GeneralName>,
    notes: &mut Notes,
    malformed: &dyn Fn(&'static str) -> Warning,
) -> Result<ExtensionValue, ReadError> {
    let Some(name) = name else { return Ok(single(bytes).unwrap_or_else(|| Raw::of(bytes).into())) };
    let mut contents = Reader::new(bytes);
    let value = match name {
        ExtensionType::KeyUsage => {
            let usages = key_usage(&mut contents)?;
            if usages.is_empty() {
                notes.warn(Warning::EmptyKeyUsage);
            }
            ExtensionValue::KeyUsage(usages)
        }
        ExtensionType::ExtendedKeyUsage => {
            let purposes = key_purposes(&mut contents)?;
            if purposes.is_empty() {
                notes.warn(Warning::EmptyExtension { name });
            }
            ExtensionValue::ExtendedKeyUsage(purposes)
        }
        ExtensionType::BasicConstraints => {
            let constraints = basic_constraints(&mut contents)?;
            if matches!(constraints, ExtensionValue::BasicConstraints { ca: false, path_len: Some(_) }) {
                notes.warn(Warning::PathLengthWithoutCa);
            }
            constraints
        }
        ExtensionType::TlsFeature => ExtensionValue::TlsFeature(tls_features(&mut contents)?),
        ExtensionType::SubjectKeyIdentifier => {
            let identifier = contents.element(tag::OCTET_STRING)?.value;
            if identifier.len() > Raw::SHOWN {
                return Err(ReadError("the identifier is too long"));
            }
            ExtensionValue::SubjectKeyIdentifier(hex::lower::encode_string(identifier))
        }
        ExtensionType::CertificatePolicies | ExtensionType::MsApplicationPolicies => {
            ExtensionValue::Policies(policy::policies(&mut contents, notes)?)
        }
        ExtensionType::PolicyConstraints => {
            let [require_explicit_policy, inhibit_policy_mapping] =
                policy::policy_constraints(&mut contents)?;
            ExtensionValue::PolicyConstraints { require_explicit_policy, inhibit_policy_mapping }
        }
        ExtensionType::InhibitAnyPolicy => ExtensionValue::Integer(contents.number()?.to_string()),
        ExtensionType::NameConstraints => {
            ExtensionValue::NameConstraints(policy::name_constraints(&mut contents, notes)?)
        }
        ExtensionType::AuthorityInfoAccess | ExtensionType::SubjectInfoAccess => {
            ExtensionValue::InformationAccess(access::information_access(&mut contents, notes)?)
        }
        ExtensionType::CrlDistributionPoints | ExtensionType::FreshestCrl => {
            ExtensionValue::DistributionPoints(access::distribution_points(&mut contents, notes)?)
        }
        ExtensionType::AuthorityKeyIdentifier => {
            let identifier = access::authority_key_identifier(&mut contents, notes)?;
            ExtensionValue::AuthorityKeyIdentifier(identifier)
        }
        // [MS-WCCE] §2.2.2.7.7.4: the security identifier is an otherName.
        ExtensionType::IssuerAltName | ExtensionType::MsNtdsSecurity => {
            ExtensionValue::Names(access::general_names(contents.nested(tag::SEQUENCE)?, notes)?)
        }
        ExtensionType::NetscapeCertType => {
            let bits = contents.element(tag::BIT_STRING)?.value;
            ExtensionValue::NetscapeCertType(set_bits(bits, &NETSCAPE_CERT_TYPES)?)
        }
        ExtensionType::SmimeCapabilities => ExtensionValue::Capabilities(capabilities(&mut contents, notes)?),
        ExtensionType::MsCertificateTemplateName => ExtensionValue::TemplateName(string(&mut contents)?),
        ExtensionType::MsCertificateTemplate => template(&mut contents)?,
        ExtensionType::NetscapeComment => ExtensionValue::Comment(string(&mut contents)?),
        ExtensionType::SignedCertificateTimestamps
        | ExtensionType::PrecertificatePoison
        | ExtensionType::QcStatements
        | ExtensionType::MsCaVersion
        | ExtensionType::MsPreviousCaCertificateHash => return Ok(Raw::of(bytes).into()),
        ExtensionType::SubjectAltName => {
            let names = contents.nested(tag::SEQUENCE)?;
            if names.is_empty() {
                notes.warn(Warning::EmptyExtension { name });
            }
            // The names are shown even if something follows them.
            if let Err(ReadError(reason)) = contents.finish() {
                notes.warn(malformed(reason));
            }
            return Ok(ExtensionValue::SubjectAltName(GeneralName::read_all(names, sans, notes)));
        }
    };
    contents.finish()?;
    Ok(value)
}

/// The value of an extension without a name, if it is one element of a type that users can write.
fn single(bytes: &[u8]) -> Option<ExtensionValue> {
    let mut reader = Reader::new(bytes);
    let element = reader.any().ok()?;
    reader.finish().ok()?;
    let text = text(&element);
    Some(match (StringType::of(element.tag), element.tag) {
        (StringType::Utf8, _) => ExtensionValue::Utf8(text?),
        (StringType::Printable, _) => ExtensionValue::Printable(text?),
        (StringType::Ia5, _) => ExtensionValue::Ia5(text?),
        (StringType::Bmp, _) => ExtensionValue::Bmp(text?),
        (_, tag::INTEGER) => ExtensionValue::Integer(integer(&element)?.to_string()),
        (_, tag::BOOLEAN) => ExtensionValue::Boolean(Reader::new(bytes).boolean_or_false().ok()?),
        (_, tag::OBJECT_IDENTIFIER) => ExtensionValue::Oid(Oid::from_bytes(element.value)?),
        (_, tag::NULL) if element.value.is_empty() => ExtensionValue::Null,
        _ => return None,
    })
}

/// RFC 8551 §2.5.2: `SEQUENCE OF SEQUENCE { capabilityID OBJECT IDENTIFIER, parameters ANY OPTIONAL }`.
fn capabilities(reader: &mut Reader<'_>, notes: &mut Notes) -> Result<Vec<Capability>, ReadError> {
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let mut all = Vec::new();
    while !sequence.is_empty() {
        notes.take_entry()?;
        let mut capability = sequence.nested(tag::SEQUENCE)?;
        let oid = capability.oid()?;
        let algorithm = Label(Encryption::of(&oid), &oid).to_string();
        let parameters = if capability.is_empty() { None } else { Some(Raw::of(capability.any()?.raw)) };
        ends(&capability)?;
        all.push(Capability { algorithm, parameters });
    }
    Ok(all)
}

/// Fails if bytes remain in a structure inside an extension.
fn ends(fields: &Reader<'_>) -> Result<(), ReadError> {
    fields.finish().map_err(|_| ReadError("a structure has a field too many"))
}

/// RFC 5280 §4.2.1.3.
fn key_usage(reader: &mut Reader<'_>) -> Result<Vec<KeyUsage>, ReadError> {
    set_bits(reader.element(tag::BIT_STRING)?.value, &KeyUsage::ALL)
}

/// Netscape's certificate types, in the order of their bits; the fifth has no meaning.
const NETSCAPE_CERT_TYPES: [&str; 8] =
    ["sslClient", "sslServer", "smime", "objectSigning", "reserved", "sslCA", "smimeCA", "objectSigningCA"];

/// The meanings of the bits that are set in the value of a BIT STRING. Bit 0 is the highest of the first byte (X.690 §8.6.2).
fn set_bits<T: Copy>(value: &[u8], meanings: &[T]) -> Result<Vec<T>, ReadError> {
    let [unused @ 0..=7, bits @ ..] = value else {
        return Err(ReadError("the BIT STRING is not well formed"));
    };
    if bits.is_empty() && *unused != 0 {
        return Err(ReadError("the BIT STRING is not well formed"));
    }
    let is_set = |bit: usize| bits.get(bit / 8).is_some_and(|byte| byte & (0x80 >> (bit % 8)) != 0);
    Ok((0..).zip(meanings).filter(|(bit, _)| is_set(*bit)).map(|(_, meaning)| *meaning).collect())
}

/// RFC 5280 §4.2.1.12.
fn key_purposes(reader: &mut Reader<'_>) -> Result<Vec<ExtendedKeyUsage>, ReadError> {
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let mut purposes = Vec::new();
    while !sequence.is_empty() {
        purposes.push(sequence.oid()?.into());
    }
    Ok(purposes)
}

/// RFC 5280 §4.2.1.9.
fn basic_constraints(reader: &mut Reader<'_>) -> Result<ExtensionValue, ReadError> {
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let ca = sequence.boolean_or_false()?;
    let path_len = if sequence.is_empty() { None } else { Some(sequence.number()?) };
    sequence.finish()?;
    Ok(ExtensionValue::BasicConstraints { ca, path_len })
}

/// RFC 7633 §4.1.
fn tls_features(reader: &mut Reader<'_>) -> Result<Vec<u64>, ReadError> {
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let mut features = Vec::new();
    while !sequence.is_empty() {
        features.push(sequence.number()?);
    }
    Ok(features)
}

/// [MS-WCCE] §2.2.2.7.7.2: `SEQUENCE { templateID, templateMajorVersion OPTIONAL, templateMinorVersion OPTIONAL }`.
fn template(reader: &mut Reader<'_>) -> Result<ExtensionValue, ReadError> {
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let oid = sequence.oid()?;
    let major = if sequence.is_empty() { None } else { Some(sequence.number()?) };
    let minor = if sequence.is_empty() { None } else { Some(sequence.number()?) };
    sequence.finish()?;
    Ok(ExtensionValue::Template { oid, major, minor })
}

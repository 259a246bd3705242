use std::fmt;

use csr_model::Excerpt;

use super::value::{Label, Thousands};
use crate::Reason;
use crate::asn1::{Oid, StringType};
use crate::name::GeneralNameKind;
use crate::oid::{AttributeType, ExtensionType, SubjectAttribute};

/// The most entries that are listed of each of a request's lists: the subject's attributes, the names, the extensions
/// and the other attributes' values.
pub(super) const LISTED: usize = 20_000;

/// The part of a certificate signing request or certificate that an error or a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The outermost structure, `CertificationRequest`.
    Request,
    /// `CertificationRequestInfo`, what is signed.
    RequestInfo,
    /// The version number.
    Version,
    /// The subject.
    Subject,
    /// `SubjectPublicKeyInfo`.
    PublicKey,
    /// The attributes.
    Attributes,
    /// The list of requested extensions.
    Extensions,
    /// The extension `subjectAltName`.
    SubjectAltName,
    /// The signature algorithm.
    SignatureAlgorithm,
    /// The signature.
    Signature,
    /// The outermost structure of a certificate, `Certificate`.
    Certificate,
    /// `TBSCertificate`, what is signed of a certificate.
    TbsCertificate,
    /// The serial number of a certificate.
    SerialNumber,
    /// The issuer of a certificate.
    Issuer,
    /// The validity of a certificate.
    Validity,
    /// The extensions of a certificate.
    CertificateExtensions,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request => "certificate signing request",
            Self::RequestInfo => "certification request info",
            Self::Version => "version",
            Self::Subject => "subject",
            Self::PublicKey => "public key",
            Self::Attributes => "attributes",
            Self::Extensions => "extension request",
            Self::SubjectAltName => "extension subjectAltName",
            Self::SignatureAlgorithm => "signature algorithm",
            Self::Signature => "signature",
            Self::Certificate => "certificate",
            Self::TbsCertificate => "to-be-signed certificate",
            Self::SerialNumber => "serial number",
            Self::Issuer => "issuer",
            Self::Validity => "validity",
            Self::CertificateExtensions => "extensions",
        })
    }
}

/// Something about a readable request that a certificate authority may refuse, or that weakens it.
///
/// What it quotes of the request is an [`Excerpt`], so its text is bounded and printable.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The PEM holds further requests, which were not read.
    FurtherRequests,
    /// The version is not 0 (RFC 2986 §4.1).
    Version(u64),
    /// The attributes are missing, where RFC 2986 §4.1 wants them present even when empty.
    AttributesAbsent,
    /// An extensionRequest without extensions, where RFC 5280 §4.1 wants at least one.
    EmptyExtensionRequest,
    /// The elements of a SET OF are not in the order of DER (X.690 §11.6).
    SetOrder {
        /// Where.
        part: Part,
    },
    /// An attribute occurs more than once.
    DuplicateAttribute {
        /// Its type.
        oid: Oid,
    },
    /// An extension occurs more than once (RFC 5280 §4.2).
    DuplicateExtension {
        /// Its identifier.
        oid: Oid,
    },
    /// Neither a subject nor a subject alternative name says whom the certificate is for.
    NoNames,
    /// An RSA modulus below 2048 bits.
    SmallRsaKey {
        /// Its size.
        bits: u32,
    },
    /// The public key is a point that is not on its curve, or otherwise no key of its algorithm.
    InvalidPublicKey,
    /// The public key is a compressed point, which many tools cannot read.
    CompressedPoint,
    /// A signature over a hash whose collisions are known.
    WeakHash {
        /// The signature algorithm.
        algorithm: String,
    },
    /// The parameters of an `AlgorithmIdentifier` are not NULL or absent as its standard requires.
    Parameters {
        /// Whose parameters: the public key's or the signature algorithm's.
        part: Part,
    },
    /// A public exponent below 65537 (FIPS 186-5 §5.1).
    SmallExponent {
        /// The exponent.
        exponent: u64,
    },
    /// A piece of which not even the type can be read; the inspection's `malformed` shows it.
    Malformed {
        /// Where.
        part: Part,
        /// What is wrong there.
        reason: &'static str,
    },
    /// An extension that is not as its standard says.
    MalformedExtension {
        /// Its identifier.
        oid: Oid,
        /// Its name, if it is a known one.
        name: Option<ExtensionType>,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An attribute of the request that is not as its standard says.
    MalformedAttribute {
        /// Its type.
        oid: Oid,
        /// The type's name, if it is a known one.
        name: Option<AttributeType>,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// An attribute of a distinguished name whose value is not as its standard says.
    MalformedValue {
        /// The attribute's type.
        oid: Oid,
        /// The type's short name, if it is a known one.
        name: Option<SubjectAttribute>,
        /// What is wrong with the value.
        reason: &'static str,
    },
    /// A subject alternative name that is not as its kind says.
    MalformedName {
        /// The kind in RFC 5280: `dNSName`, `iPAddress` …
        kind: GeneralNameKind,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// A list of the request is longer than what is shown of it.
    NotListed {
        /// Which list.
        part: Part,
    },
    /// An attribute that must have one value has several (RFC 2985 sections 5.4.1 and 5.4.2).
    SeveralValues {
        /// Its type.
        oid: Oid,
    },
    /// An extension that must hold an entry and holds none.
    EmptyExtension {
        /// Its name.
        name: ExtensionType,
    },
    /// A key usage extension without a bit that has a meaning (RFC 5280 §4.2.1.3).
    EmptyKeyUsage,
    /// Basic constraints with a path length, but not for a certificate authority (RFC 5280 §4.2.1.9).
    PathLengthWithoutCa,
    /// A subject alternative name without contents.
    EmptyName {
        /// The kind in RFC 5280.
        kind: GeneralNameKind,
    },
    /// A dNSName that is an IP address.
    AddressAsDnsName {
        /// The address.
        value: Excerpt,
    },
    /// A subject alternative name that breaks a rule for its kind (RFC 5280 §4.2.1.6).
    BadName {
        /// The kind in RFC 5280.
        kind: GeneralNameKind,
        /// The name.
        value: Excerpt,
        /// The rule.
        reason: Reason,
    },
    /// Alternative names that stand in the subject or in an attribute of the request, where no extension is.
    MisplacedSan {
        /// The attribute's type, by its short name where it has one.
        attribute: String,
        /// What it holds.
        value: Excerpt,
    },
    /// A country in the subject that is no code of ISO 3166-1.
    Country {
        /// The attribute's short name.
        name: SubjectAttribute,
        /// The value.
        value: Excerpt,
    },
    /// A value in the subject that is longer than RFC 5280 Appendix A or X.520 allows.
    LongValue {
        /// The attribute's short name.
        name: SubjectAttribute,
        /// How many characters it has.
        found: usize,
        /// How many it may have.
        max: usize,
    },
    /// A value in the subject that is empty or blank.
    EmptyValue {
        /// The attribute's type, by its short name where it has one.
        name: String,
    },
    /// A value in the subject with characters that don't print: controls, or such as reorder or hide text.
    UnprintableValue {
        /// The attribute's type, by its short name where it has one.
        name: String,
    },
    /// A value in the subject of another string type than its attribute has (RFC 5280 Appendix A).
    StringTypeOf {
        /// The attribute's short name.
        name: SubjectAttribute,
        /// The type that it has.
        found: StringType,
        /// The type that it must have.
        required: StringType,
    },
    /// A string in the subject with a character that its type does not have (X.680 §41).
    Alphabet {
        /// The attribute's type, by its short name where it has one.
        name: String,
        /// The string's type.
        string_type: StringType,
    },
    /// Further warnings of a kind of which several differ; only the first ones are told.
    MoreOfKind {
        /// The kind.
        code: &'static str,
    },
}

impl Warning {
    /// The warning's name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FurtherRequests => "further_requests",
            Self::Version(_) => "version",
            Self::AttributesAbsent => "attributes_absent",
            Self::EmptyExtensionRequest => "empty_extension_request",
            Self::SetOrder { .. } => "set_order",
            Self::DuplicateAttribute { .. } => "duplicate_attribute",
            Self::DuplicateExtension { .. } => "duplicate_extension",
            Self::NoNames => "no_names",
            Self::SmallRsaKey { .. } => "small_rsa_key",
            Self::InvalidPublicKey => "invalid_public_key",
            Self::CompressedPoint => "compressed_point",
            Self::WeakHash { .. } => "weak_hash",
            Self::Parameters { .. } => "parameters",
            Self::SmallExponent { .. } => "small_exponent",
            Self::Malformed { .. } => "malformed",
            Self::MalformedExtension { .. } => "malformed_extension",
            Self::MalformedAttribute { .. } => "malformed_attribute",
            Self::MalformedValue { .. } => "malformed_value",
            Self::MalformedName { .. } => "malformed_name",
            Self::NotListed { .. } => "not_listed",
            Self::SeveralValues { .. } => "several_values",
            Self::EmptyExtension { .. } => "empty_extension",
            Self::EmptyKeyUsage => "empty_key_usage",
            Self::PathLengthWithoutCa => "path_length_without_ca",
            Self::EmptyName { .. } => "empty_name",
            Self::AddressAsDnsName { .. } => "address_as_dns_name",
            Self::BadName { .. } => "bad_name",
            Self::MisplacedSan { .. } => "misplaced_san",
            Self::Country { .. } => "country",
            Self::LongValue { .. } => "long_value",
            Self::EmptyValue { .. } => "empty_value",
            Self::UnprintableValue { .. } => "unprintable_value",
            Self::StringTypeOf { .. } => "string_type",
            Self::Alphabet { .. } => "alphabet",
            Self::MoreOfKind { code } => code,
        }
    }

    /// Whether it means that a name of the subject, or a subject alternative name, may not have been read.
    pub(super) fn hides_names(&self) -> bool {
        match self {
            Self::Malformed { .. } | Self::MalformedValue { .. } | Self::MalformedName { .. } => true,
            Self::MalformedExtension { name, .. } => *name == Some(ExtensionType::SubjectAltName),
            Self::MalformedAttribute { name, .. } => name.is_some_and(AttributeType::is_extension_request),
            Self::NotListed { part } => *part != Part::Attributes,
            // What it is about is not known.
            Self::MoreOfKind { code } => code.starts_with("malformed"),
            _ => false,
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FurtherRequests => f.write_str("the input holds further requests, which were not read"),
            Self::Version(version) => write!(f, "the version number must be 0, not {version}"),
            Self::AttributesAbsent => f.write_str("the attributes must be present, even if they are empty"),
            Self::EmptyExtensionRequest => f.write_str("the extension request is empty"),
            Self::SetOrder { part } => write!(f, "{part}: a SET is not in DER order"),
            Self::DuplicateAttribute { oid } => write!(f, "the attribute {oid} occurs more than once"),
            Self::DuplicateExtension { oid } => write!(f, "the extension {oid} occurs more than once"),
            Self::NoNames => f.write_str("there is neither a subject nor a subject alternative name"),
            Self::SmallRsaKey { bits } => {
                write!(f, "the RSA key must have at least 2048 bits, not {bits}")
            }
            Self::InvalidPublicKey => f.write_str("the public key is not valid for its algorithm"),
            Self::CompressedPoint => f.write_str("the public key is a compressed point"),
            Self::WeakHash { algorithm } => {
                write!(f, "the signature algorithm {algorithm} uses a broken hash")
            }
            Self::Parameters { part } => {
                write!(f, "the parameters of the {part} violate its standard")
            }
            Self::SmallExponent { exponent } => {
                write!(f, "the RSA key's public exponent must be 65537 or more, not {exponent}")
            }
            Self::Malformed { part, reason } => write!(f, "a part of the {part} is malformed: {reason}"),
            Self::MalformedExtension { oid, name, reason } => {
                write!(f, "the extension {} is malformed: {reason}", Label(*name, oid))
            }
            Self::MalformedAttribute { oid, name, reason } => {
                write!(f, "the attribute {} is malformed: {reason}", Label(*name, oid))
            }
            Self::MalformedValue { oid, name, reason } => {
                write!(f, "the value of {} is malformed: {reason}", Label(*name, oid))
            }
            Self::MalformedName { kind, reason } => write!(f, "the {kind} is malformed: {reason}"),
            Self::NotListed { part } => {
                write!(f, "an entry of the {part} after the first {} is not shown", Thousands(LISTED))
            }
            Self::SeveralValues { oid } => {
                write!(f, "the attribute {oid} must have one value, not several")
            }
            Self::EmptyExtension { name } => write!(f, "the extension {name} is empty"),
            Self::EmptyKeyUsage => f.write_str("the extension keyUsage must have at least one usage"),
            Self::PathLengthWithoutCa => {
                f.write_str("the extension basicConstraints must have a path length only for a CA")
            }
            Self::EmptyName { kind } => write!(f, "the {kind} is empty"),
            Self::AddressAsDnsName { value } => {
                write!(f, "the dNSName {value} is an IP address, which must be an iPAddress")
            }
            Self::BadName { kind, value, reason } => write!(f, "the {kind} {value} {reason}"),
            Self::MisplacedSan { attribute, value } => write!(
                f,
                "{attribute} holds alternative names, {value}, which belong in the extension subjectAltName"
            ),
            Self::Country { name, value } => {
                write!(
                    f,
                    "{name} {value} must be a country code of two capital letters (ISO 3166-1), such as GB"
                )
            }
            Self::LongValue { name, found, max } => {
                write!(
                    f,
                    "{name} has {} characters; at most {} are allowed",
                    Thousands(*found),
                    Thousands(*max)
                )
            }
            Self::EmptyValue { name } => write!(f, "{name} is empty"),
            Self::UnprintableValue { name } => {
                write!(f, "{name} has characters that control, reorder or hide text")
            }
            Self::StringTypeOf { name, found, required } => {
                write!(f, "{name} must be {}, not {}", required.with_article(), found.with_article())
            }
            Self::Alphabet { name, string_type } => {
                write!(f, "{name} has a character that {} cannot hold", string_type.with_article())
            }
            Self::MoreOfKind { code } => write!(f, "a further warning of the kind {code}"),
        }
    }
}

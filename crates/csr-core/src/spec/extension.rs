//! The extensions that a CSR can ask for beside its names.

use core::fmt;
use core::str::FromStr;

use serde::{Serialize, Serializer};

use crate::asn1::{Oid, OidError, StringType, Writer};
use crate::certificate::CertificateExtension;
use crate::inspect;
use crate::oid::{AttributeType, ExtensionType, KeyPurpose};

/// A bit of the key usage extension (RFC 5280 §4.2.1.3), numbered as there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyUsage {
    /// `digitalSignature` (0).
    DigitalSignature,
    /// `nonRepudiation` (1), also called contentCommitment.
    NonRepudiation,
    /// `keyEncipherment` (2).
    KeyEncipherment,
    /// `dataEncipherment` (3).
    DataEncipherment,
    /// `keyAgreement` (4).
    KeyAgreement,
    /// `keyCertSign` (5).
    KeyCertSign,
    /// `cRLSign` (6).
    CrlSign,
    /// `encipherOnly` (7).
    EncipherOnly,
    /// `decipherOnly` (8).
    DecipherOnly,
}

impl KeyUsage {
    /// All of them, in the order of their bits.
    pub const ALL: [Self; 9] = [
        Self::DigitalSignature,
        Self::NonRepudiation,
        Self::KeyEncipherment,
        Self::DataEncipherment,
        Self::KeyAgreement,
        Self::KeyCertSign,
        Self::CrlSign,
        Self::EncipherOnly,
        Self::DecipherOnly,
    ];

    /// The name in RFC 5280 §4.2.1.3, as in `digitalSignature`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DigitalSignature => "digitalSignature",
            Self::NonRepudiation => "nonRepudiation",
            Self::KeyEncipherment => "keyEncipherment",
            Self::DataEncipherment => "dataEncipherment",
            Self::KeyAgreement => "keyAgreement",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
            Self::EncipherOnly => "encipherOnly",
            Self::DecipherOnly => "decipherOnly",
        }
    }
}

/// The name in RFC 5280 §4.2.1.3.
impl fmt::Display for KeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The name in RFC 5280 §4.2.1.3.
impl Serialize for KeyUsage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A purpose of the extended key usage extension (RFC 5280 §4.2.1.12). Prints as its name there, as in `serverAuth`; any
/// other purpose by its usual name, or dotted where it has none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ExtendedKeyUsage {
    /// `id-kp-serverAuth`.
    ServerAuth,
    /// `id-kp-clientAuth`.
    ClientAuth,
    /// `id-kp-codeSigning`.
    CodeSigning,
    /// `id-kp-emailProtection`.
    EmailProtection,
    /// `id-kp-timeStamping`.
    TimeStamping,
    /// `id-kp-OCSPSigning`.
    OcspSigning,
    /// Any other purpose, by its object identifier.
    Other(Oid),
}

impl ExtendedKeyUsage {
    /// Those that have a variant of their own.
    pub const NAMED: [Self; 6] = [
        Self::ServerAuth,
        Self::ClientAuth,
        Self::CodeSigning,
        Self::EmailProtection,
        Self::TimeStamping,
        Self::OcspSigning,
    ];

    /// The purpose that a variant is for; else the identifier that was given.
    fn named(&self) -> Result<KeyPurpose, &Oid> {
        Ok(match self {
            Self::ServerAuth => KeyPurpose::ServerAuth,
            Self::ClientAuth => KeyPurpose::ClientAuth,
            Self::CodeSigning => KeyPurpose::CodeSigning,
            Self::EmailProtection => KeyPurpose::EmailProtection,
            Self::TimeStamping => KeyPurpose::TimeStamping,
            Self::OcspSigning => KeyPurpose::OcspSigning,
            Self::Other(oid) => return Err(oid),
        })
    }

    /// Its object identifier.
    #[must_use]
    pub fn oid(&self) -> Oid {
        self.named().map_or_else(Oid::clone, |purpose| purpose.oid().into())
    }
}

/// A purpose that has a variant becomes that.
impl From<Oid> for ExtendedKeyUsage {
    fn from(oid: Oid) -> Self {
        let purpose = KeyPurpose::of(&oid);
        let named = Self::NAMED.into_iter().find(|named| named.named().ok() == purpose);
        named.unwrap_or(Self::Other(oid))
    }
}

/// Text that is neither the name of an [`ExtendedKeyUsage`] nor an object identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of {}, or an object identifier, which {not_an_oid}", ExtendedKeyUsage::NAMED.map(|usage| usage.to_string()).join(", "))]
#[non_exhaustive]
pub struct ExtendedKeyUsageError {
    /// Why it is not an object identifier.
    #[source]
    pub not_an_oid: OidError,
}

/// Reads a name that [`Display`](fmt::Display) prints, in upper or lower case, or an object identifier.
///
/// ```
/// use csr_core::ExtendedKeyUsage;
///
/// assert_eq!("serverauth".parse(), Ok(ExtendedKeyUsage::ServerAuth));
/// assert_eq!("1.3.6.1.5.5.7.3.2".parse(), Ok(ExtendedKeyUsage::ClientAuth));
/// assert_eq!("msSmartcardLogin".parse::<ExtendedKeyUsage>()?.to_string(), "msSmartcardLogin");
/// assert!("server".parse::<ExtendedKeyUsage>().is_err());
/// # Ok::<(), csr_core::ExtendedKeyUsageError>(())
/// ```
impl FromStr for ExtendedKeyUsage {
    type Err = ExtendedKeyUsageError;

    fn from_str(text: &str) -> Result<Self, ExtendedKeyUsageError> {
        match KeyPurpose::named(text) {
            Some(purpose) => Ok(Oid::from(purpose.oid()).into()),
            None => text.parse().map(Oid::into).map_err(|not_an_oid| ExtendedKeyUsageError { not_an_oid }),
        }
    }
}

impl fmt::Display for ExtendedKeyUsage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.named().or_else(|oid| KeyPurpose::of(oid).ok_or(oid)) {
            Ok(purpose) => purpose.fmt(f),
            Err(oid) => oid.fmt(f),
        }
    }
}

/// As it prints.
impl Serialize for ExtendedKeyUsage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The basic constraints extension (RFC 5280 §4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BasicConstraints {
    /// Whether the holder is to be a certification authority.
    pub ca: bool,
    /// How many intermediate CAs may follow; only for a CA.
    pub path_length: Option<u8>,
}

/// An extension that a CSR asks for (RFC 5280 §4.1), other than the subject alternative names.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RequestedExtension {
    /// Its type.
    pub oid: Oid,
    /// Whether software that does not know it must refuse the certificate.
    pub critical: bool,
    /// Its value in DER.
    pub der: Vec<u8>,
}

impl RequestedExtension {
    pub(crate) fn new(oid: Oid, critical: bool, der: Vec<u8>) -> Self {
        Self { oid, critical, der }
    }

    fn of(r#type: ExtensionType, critical: bool, value: impl FnOnce(&mut Writer)) -> Self {
        Self::new(r#type.oid().into(), critical, Writer::der(value))
    }

    /// RFC 5280 §4.2.1.9.
    pub(super) fn basic_constraints(constraints: BasicConstraints) -> Self {
        Self::of(ExtensionType::BasicConstraints, true, |value| {
            value.sequence(|basic| {
                if constraints.ca {
                    basic.boolean(true); // FALSE is the default, which DER leaves out
                }
                if let Some(length) = constraints.path_length {
                    basic.unsigned(&[length]);
                }
            });
        })
    }

    /// RFC 5280 §4.2.1.3.
    pub(super) fn key_usage(usages: &[KeyUsage]) -> Self {
        Self::of(ExtensionType::KeyUsage, true, |value| {
            value.named_bits(usages.iter().map(|usage| *usage as u32));
        })
    }

    /// RFC 5280 §4.2.1.12.
    pub(super) fn extended_key_usage(purposes: &[ExtendedKeyUsage]) -> Self {
        Self::of(ExtensionType::ExtendedKeyUsage, false, |value| {
            value.sequence(|sequence| purposes.iter().for_each(|purpose| sequence.oid(purpose.oid())));
        })
    }

    /// RFC 7633 §6: a SEQUENCE OF INTEGER.
    pub(super) fn must_staple() -> Self {
        Self::of(ExtensionType::TlsFeature, false, |value| {
            value.sequence(|features| features.unsigned(&[STATUS_REQUEST]));
        })
    }

    /// Why it is not as its standard says, if its type is a known one.
    pub(super) fn why_malformed(&self) -> Option<&'static str> {
        let Self { oid, critical, der } = self;
        inspect::why_malformed(&CertificateExtension { oid: oid.clone(), critical: *critical, value: der })
    }

    /// Its type, if it is a known one.
    pub(crate) fn known(&self) -> Option<ExtensionType> {
        ExtensionType::of(&self.oid)
    }
}

/// The TLS extension that `id-pe-tlsfeature` names: `status_request` (RFC 7633 §4).
const STATUS_REQUEST: u8 = 5;

/// An attribute of a CSR (RFC 2986 §4.1), other than the requested extensions. `Debug` leaves a challenge password out.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct RequestedAttribute {
    /// Its type.
    pub oid: Oid,
    /// Its values in DER, sorted. Those that are made here have one.
    pub values: Vec<Vec<u8>>,
}

impl RequestedAttribute {
    pub(crate) fn new(oid: Oid, mut values: Vec<Vec<u8>>) -> Self {
        values.sort();
        Self { oid, values }
    }

    /// A DirectoryString: PrintableString where it can hold the text, as RFC 2985 §5.4.1 wants, else UTF8String.
    pub(super) fn challenge_password(password: &str) -> Self {
        let is_printable = StringType::Printable.has_characters_of(password);
        let string = if is_printable { StringType::Printable } else { StringType::Utf8 };
        let value = Writer::der(|writer| writer.string(string, password));
        Self::new(AttributeType::ChallengePassword.oid().into(), vec![value])
    }

    /// Its type, if it is a known one.
    pub(crate) fn known(&self) -> Option<AttributeType> {
        AttributeType::of(&self.oid)
    }
}

impl fmt::Debug for RequestedAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RequestedAttribute");
        shown.field("oid", &self.oid);
        match self.known() {
            Some(AttributeType::ChallengePassword) => shown.finish_non_exhaustive(),
            _ => shown.field("values", &self.values).finish(),
        }
    }
}

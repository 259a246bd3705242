//! Reading and verifying any PKCS#10 certificate signing request (RFC 2986), ours or not; and what certificates and keys
//! there are in a file ([`read_any`]).
//!
//! A request's signature is verified over the bytes of the input; nothing is encoded again. Deviations that other tools tolerate
//! are read, and reported as [`Warning`]s.

mod attribute;
mod certificate;
mod contents;
mod extension;
mod general_name;
mod lint;
mod name;
mod notes;
mod value;
mod warning;

use csr_model::PrivateKeyAlgo;
use serde::Serialize;

pub use self::attribute::Attribute;
pub use self::certificate::{CertificateInspection, Validity};
pub use self::contents::{
    Contents, ContentsError, Item, PrivateKeyInspection, PublicKeyInspection, read_any,
};
pub(crate) use self::extension::why_malformed;
pub use self::extension::{
    AccessDescription, AddressRange, AuthorityKeyIdentifier, Capability, DistributionPoint, Extension,
    ExtensionValue, NameConstraints, Policy, PolicyQualifier, Subtree,
};
pub use self::general_name::GeneralName;
pub use self::lint::{Finding, Problem, RsaWeakness};
pub use self::name::{Name, NameAttribute};
pub use self::notes::{CountedWarning, Malformed};
pub use self::value::{Raw, Value};
pub use self::warning::{Part, Warning};
pub use crate::algorithm::SignatureAlgorithm;
pub use crate::asn1::StringType;
pub use crate::name::{Escaped, GeneralNameKind, must_escape};
pub use crate::oid::{AccessMethod, AttributeType, ExtensionType, OtherNameType};
pub use crate::public_key::PublicKeyAlgorithm;
pub use crate::verify::SignatureStatus;

use self::attribute::Attributes;
use self::notes::{List, Notes};
use self::value::sha256;
use crate::algorithm::AlgorithmIdentifier;
use crate::asn1::{Oid, ReadError, Reader, tag, without_line_ends};
use crate::pem::{self, Label, PemError};
use crate::public_key::{Key, PublicKey};
use crate::{KeyPair, OtherFile, key, verify};

/// A certificate signing request as read.
///
/// It lists at most 20,000 entries each of the subject, the names, the extensions and the attributes, and at most 1,000
/// malformed pieces and names; a warning counts the rest. A list inside an extension, such as its key purposes, is
/// complete. Unparsed values of more bytes than [`Raw::SHOWN`] are given as their length and hash.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Inspection {
    /// The subject.
    pub subject: Name,
    /// The subject alternative names.
    pub sans: Vec<GeneralName>,
    /// Every requested extension.
    pub extensions: Vec<Extension>,
    /// The attributes other than the extension request.
    pub attributes: Vec<Attribute>,
    /// The pieces of the subject, attributes and extensions whose type cannot be read.
    pub malformed: Vec<Malformed>,
    /// The public key.
    pub public_key: PublicKeyInfo,
    /// The algorithm that signed the request.
    pub signature_algorithm: SignatureAlgorithm,
    /// The SHA-256 fingerprint of the whole request in DER, in lower-case hexadecimal.
    pub sha256: String,
    /// What a certificate authority may object to. Equal warnings are counted; of one `code`, at most eight different ones
    /// are listed, and a further one counts the rest.
    pub warnings: Vec<CountedWarning>,
    #[serde(skip)]
    signed: Signed,
}

/// A description of the public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PublicKeyInfo {
    /// The algorithm.
    pub algorithm: PublicKeyAlgorithm,
    /// The algorithm's identifier.
    pub oid: Oid,
    /// The size of the modulus or of the curve, if known.
    pub bits: Option<u32>,
    /// The SHA-256 fingerprint of the `SubjectPublicKeyInfo`, in lower-case hexadecimal.
    pub sha256: String,
}

/// Why a certificate signing request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// The input is neither a DER structure nor a text with a PEM block.
    #[error("neither DER nor PEM: expected a certificate signing request in one of them")]
    UnknownFormat,
    /// Another kind of file. The text names it.
    #[error("this is {0}, not a certificate signing request: give the request, as PEM or DER")]
    NotACsr(&'static str),
    /// The base64 of a DER file.
    #[error("this is {}", OtherFile::Base64)]
    Base64,
    /// The PEM around the request is broken.
    #[error(transparent)]
    Pem(PemError),
    /// None of the PEM blocks is a certificate signing request.
    #[error("no CERTIFICATE REQUEST among the PEM blocks, only {}", listed(found))]
    NotARequest {
        /// The different labels of the first blocks.
        found: Vec<Label>,
    },
    /// The DER violates RFC 2986.
    #[error("malformed {part}: {reason}")]
    Malformed {
        /// Where.
        part: Part,
        /// What is wrong there.
        reason: &'static str,
    },
}

fn listed(labels: &[Label]) -> String {
    labels.iter().map(Label::to_string).collect::<Vec<_>>().join(", ")
}

/// The input of verification.
#[derive(Debug, Clone)]
struct Signed {
    /// The DER of `CertificationRequestInfo`.
    message: Vec<u8>,
    key: PublicKey,
    algorithm: AlgorithmIdentifier,
    signature: Vec<u8>,
    /// The whole request.
    der: Vec<u8>,
}

/// Reads a certificate signing request in DER or PEM (labels `CERTIFICATE REQUEST` and `NEW CERTIFICATE REQUEST`).
///
/// If a PEM text contains several requests, the first is read.
///
/// ```
/// use csr_core::inspect::PublicKeyAlgorithm;
///
/// # let pem = include_bytes!("../tests/data/inspect/ec-p256.pem");
/// let request = csr_core::inspect(pem)?;
/// assert_eq!(request.subject.to_string(), "CN=example.com,O=Example Ltd,C=CN");
/// assert_eq!(request.public_key.algorithm, PublicKeyAlgorithm::EcP256);
/// assert!(request.signature_status().is_valid());
/// # Ok::<(), csr_core::InspectError>(())
/// ```
///
/// # Errors
/// [`InspectError`], which names the part of the request that is malformed: the outer structure, the public key, the
/// signature or its algorithm. Data after the request's end is an error, except for line ends and blanks. A malformed part of the subject, the
/// attributes or the extensions is not an error: it is shown as bytes with a warning, and the rest is read.
pub fn inspect(input: &[u8]) -> Result<Inspection, InspectError> {
    let input = &*csr_model::utf8(input);
    let mut notes = Notes::new();
    if is_der(input) {
        return read_or_name(without_line_ends(input), notes);
    }
    let block = match pem::find(input, is_request) {
        Ok(Some(block)) => block,
        Ok(None) => return Err(InspectError::NotARequest { found: labels(input) }),
        Err(PemError::NoBlock) => {
            return Err(instead_of_csr(input).unwrap_or(InspectError::UnknownFormat));
        }
        Err(error) => return Err(InspectError::Pem(error)),
    };
    if pem::blocks(input).flatten().filter(|block| is_request(block.label())).nth(1).is_some() {
        notes.warn(Warning::FurtherRequests);
    }
    read_or_name(&block.decode().map_err(InspectError::Pem)?, notes)
}

/// Reads a request in DER, or names the kind of file it is instead.
fn read_or_name(der: &[u8], notes: Notes) -> Result<Inspection, InspectError> {
    Inspection::read(der, notes).map_err(|error| instead_of_csr(der).unwrap_or(error))
}

/// The kind of a file that is not a request, if it is known.
fn instead_of_csr(file: &[u8]) -> Option<InspectError> {
    match key::other_file(file) {
        Some(OtherFile::Csr) => None,
        // Of a request perhaps.
        Some(OtherFile::Base64) => Some(InspectError::Base64),
        Some(other) => Some(InspectError::NotACsr(other.kind())),
        None => key::is_private_key(file).then_some(InspectError::NotACsr(key::PRIVATE_KEY)),
    }
}

/// The different labels of the blocks, as many as a message can show.
fn labels(text: &[u8]) -> Vec<Label> {
    const SHOWN: usize = 8;
    let mut found = Vec::new();
    for block in pem::blocks(text).flatten() {
        if found.len() < SHOWN && !found.contains(block.label()) {
            found.push(block.label().clone());
        }
    }
    found
}

fn is_request(label: &Label) -> bool {
    matches!(label.as_str(), Some("CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST"))
}

/// A SEQUENCE of 128 bytes or more, as every request is, begins with two bytes that no text begins with.
fn is_der(input: &[u8]) -> bool {
    matches!(input, [tag::SEQUENCE, 0x80..=0xFF, ..])
}

impl Inspection {
    /// Whether the request's signature holds. An SM2 signature binds an identity of the signer
    /// ([`Sm2Identity`](crate::Sm2Identity)): the default identity is tried, then the empty one, and the result says
    /// which one matched.
    #[must_use]
    pub fn signature_status(&self) -> SignatureStatus {
        self.verify(None)
    }

    /// Whether the request's signature holds. An SM2 signature is checked with this identity of the signer only; if it
    /// does not hold, [`SignatureStatus::Invalid`] says whether it does with the default or the empty one. Without an
    /// identity, this is [`signature_status`](Self::signature_status).
    #[must_use]
    pub fn verify(&self, sm2_identity: Option<&str>) -> SignatureStatus {
        let Signed { message, key, algorithm, signature, der: _ } = &self.signed;
        verify::verify_signature(key, algorithm, message, signature, sm2_identity)
    }

    /// The warnings that a name in the subject or a subject alternative name could not be read. If there are none,
    /// `subject` and `sans` are complete.
    pub fn unread_names(&self) -> impl Iterator<Item = &CountedWarning> {
        self.warnings.iter().filter(|counted| counted.warning.hides_names())
    }

    /// The request in DER, without anything that surrounded it in the input.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.signed.der
    }

    /// What `CertificationRequestInfo` holds.
    pub(crate) fn request_info(&self) -> &[u8] {
        let mut whole = Reader::new(&self.signed.message);
        whole.any().map_or(&[], |info| info.value)
    }

    /// The request in PEM (RFC 7468 §7), encoded again from [`as_der`](Self::as_der) with LF line ends.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::encode("CERTIFICATE REQUEST", &self.signed.der).to_string()
    }

    /// The DER of the `SubjectPublicKeyInfo`, as in the request.
    #[must_use]
    pub fn public_key_der(&self) -> &[u8] {
        self.signed.key.der()
    }

    /// The API's algorithm of the public key; `None` if it is another one.
    #[must_use]
    pub fn private_key_algo(&self) -> Option<PrivateKeyAlgo> {
        self.signed.key.private_key_algo()
    }

    /// Whether the request is for this key: the public keys are equal, even if their encodings differ.
    #[must_use]
    pub fn is_for(&self, key: &KeyPair) -> bool {
        let info = key.public_key_info();
        let other = PublicKey::read(&mut Reader::new(&info));
        other.is_ok_and(|other| self.signed.key.is_same(&other))
    }

    /// Reads `CertificationRequest ::= SEQUENCE { certificationRequestInfo, signatureAlgorithm, signature }`
    /// (RFC 2986 §4.2).
    fn read(der: &[u8], mut notes: Notes) -> Result<Self, InspectError> {
        let mut outer = Reader::new(der);
        let mut request = outer.nested(tag::SEQUENCE).map_err(in_part(Part::Request))?;
        outer.finish().map_err(in_part(Part::Request))?;
        let message = request.element(tag::SEQUENCE).map_err(in_part(Part::RequestInfo))?;
        let algorithm = AlgorithmIdentifier::read(&mut request).map_err(in_part(Part::SignatureAlgorithm))?;
        let signature = request.bytes_of_bit_string().map_err(in_part(Part::Signature))?.to_vec();
        request.finish().map_err(in_part(Part::Request))?;

        let info = Info::read(Reader::new(message.value), &mut notes)?;
        let public_key = describe(&info.key, &mut notes);
        let signature_algorithm = algorithm.signature_algorithm();
        if algorithm.has_weak_hash() {
            notes.warn(Warning::WeakHash { algorithm: signature_algorithm.name.clone() });
        }
        if !algorithm.has_required_parameters() {
            notes.warn(Warning::Parameters { part: Part::SignatureAlgorithm });
        }
        let Attributes { others: attributes, extensions, sans } = info.attributes;
        if info.subject.attributes.is_empty() && sans.is_empty() {
            notes.warn(Warning::NoNames);
        }
        Ok(Self {
            subject: info.subject,
            sans,
            extensions,
            attributes,
            malformed: notes.malformed,
            public_key,
            signature_algorithm,
            sha256: sha256(der),
            warnings: notes.warnings,
            signed: Signed {
                message: message.raw.to_vec(),
                key: info.key,
                algorithm,
                signature,
                der: der.to_vec(),
            },
        })
    }
}

fn in_part(part: Part) -> impl Fn(ReadError) -> InspectError {
    move |ReadError(reason)| InspectError::Malformed { part, reason }
}

/// Describes the key, and notes what is wrong with it.
fn describe(key: &PublicKey, notes: &mut Notes) -> PublicKeyInfo {
    if !key.has_required_parameters() {
        notes.warn(Warning::Parameters { part: Part::PublicKey });
    }
    if !key.is_valid() {
        notes.warn(Warning::InvalidPublicKey);
    }
    if let Key::Rsa(rsa) | Key::RsaPss(rsa) = &key.key {
        if rsa.bits < 2048 {
            notes.warn(Warning::SmallRsaKey { bits: rsa.bits });
        }
        if let Some(exponent) = rsa.exponent.filter(|exponent| *exponent < 65_537) {
            notes.warn(Warning::SmallExponent { exponent });
        }
    }
    if key.is_compressed() {
        notes.warn(Warning::CompressedPoint);
    }
    PublicKeyInfo {
        algorithm: key.algorithm(),
        oid: key.identifier.oid.clone(),
        bits: key.bits(),
        sha256: sha256(key.der()),
    }
}

struct Info {
    subject: Name,
    key: PublicKey,
    attributes: Attributes,
}

impl Info {
    /// Reads what `CertificationRequestInfo ::= SEQUENCE { version, subject, subjectPKInfo, attributes [0] }` holds
    /// (RFC 2986 §4.1).
    fn read(mut info: Reader<'_>, notes: &mut Notes) -> Result<Self, InspectError> {
        let version = info.element(tag::INTEGER).map_err(in_part(Part::Version))?;
        match Reader::new(version.raw).number() {
            Ok(0) => {}
            Ok(version) => notes.warn(Warning::Version(version)),
            Err(ReadError(reason)) => notes.malformed(Part::Version, reason, version.raw),
        }
        let subject = Name::read(&mut info, Part::Subject, List::Subject, notes);
        let subject = subject.map_err(in_part(Part::Subject))?;
        subject.check(notes);
        let key = PublicKey::read(&mut info).map_err(in_part(Part::PublicKey))?;
        let attributes = info.optional(tag::constructed(0)).map_err(in_part(Part::Attributes))?;
        let attributes = match attributes {
            Some(set) => Attributes::read(Reader::new(set.value), notes),
            None => {
                notes.warn(Warning::AttributesAbsent);
                Attributes::default()
            }
        };
        info.finish().map_err(in_part(Part::RequestInfo))?;
        Ok(Self { subject, key, attributes })
    }
}

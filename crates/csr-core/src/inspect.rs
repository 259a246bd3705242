//! Reading and verifying any PKCS#10 certificate signing request (RFC 2986), ours or not.
//!
//! What is signed is verified as it stands in the input; nothing is encoded again. Deviations that other tools
//! tolerate are read and told as [`Warning`]s.

mod algorithm;
mod attribute;
mod error;
mod extension;
mod general_name;
mod name;
mod oid;
mod public_key;
mod reader;
mod value;
mod verify;
mod warning;

use csr_model::PrivateKeyAlgo;
use serde::Serialize;
use sha2::{Digest, Sha256};

pub use self::algorithm::SignatureAlgorithm;
pub use self::attribute::Attribute;
pub use self::error::{InspectError, Part};
pub use self::extension::{Extension, ExtensionValue};
pub use self::general_name::GeneralName;
pub use self::name::{Name, NameAttribute};
pub use self::public_key::PublicKeyInfo;
pub use self::value::{StringType, Value, is_unprintable};
pub use self::verify::SignatureStatus;
pub use self::warning::Warning;

use self::algorithm::AlgorithmIdentifier;
use self::attribute::Attributes;
use self::public_key::SubjectPublicKey;
pub(crate) use self::public_key::bit_length;
use self::reader::Reader;
use crate::KeyPair;
use crate::pem::{self, Label};
use crate::tag;

/// A certificate signing request as read.
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
    /// The public key.
    pub public_key: PublicKeyInfo,
    /// The algorithm that signed the request.
    pub signature_algorithm: SignatureAlgorithm,
    /// The SHA-256 fingerprint of the whole request in DER, in lower-case hexadecimal.
    pub sha256: String,
    /// What a certificate authority may object to.
    pub warnings: Vec<Warning>,
    #[serde(skip)]
    signed: Signed,
}

/// What verifying needs.
#[derive(Debug, Clone)]
struct Signed {
    /// The DER of `CertificationRequestInfo`.
    message: Vec<u8>,
    key: SubjectPublicKey,
    algorithm: AlgorithmIdentifier,
    signature: Vec<u8>,
}

/// Reads a certificate signing request in DER or PEM (labels `CERTIFICATE REQUEST` and `NEW CERTIFICATE REQUEST`).
///
/// Of a PEM text with several requests the first is read.
///
/// ```
/// # let pem = include_bytes!("../tests/data/inspect/ec-p256.pem");
/// let request = csr_core::inspect(pem)?;
/// assert_eq!(request.subject.to_string(), "CN=example.com,O=Example Ltd,C=CN");
/// assert_eq!(request.public_key.algorithm, "EC P-256");
/// assert!(request.verify(None).is_valid());
/// # Ok::<(), csr_core::InspectError>(())
/// ```
///
/// # Errors
/// [`InspectError`], which names the part of the request that is malformed. Data after the request's end is an error.
pub fn inspect(input: &[u8]) -> Result<Inspection, InspectError> {
    let input = &*csr_model::utf8(input);
    let mut warnings = Vec::new();
    if is_der(input) {
        return Inspection::read(input, warnings);
    }
    let Some(block) = pem::find(input, is_request)? else {
        return Err(InspectError::NotARequest { found: labels(input) });
    };
    if pem::blocks(input).flatten().filter(|block| is_request(block.label())).nth(1).is_some() {
        warnings.push(Warning::FurtherRequests);
    }
    Inspection::read(&block.decode()?, warnings)
}

/// The labels of the blocks, each once, no more than a message can show.
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
    /// Whether the request's signature holds.
    ///
    /// An SM2 signature enters the signer's identity: `sm2_identity` is tried first if given, then the default one,
    /// then the empty one, and the answer says which matched.
    #[must_use]
    pub fn verify(&self, sm2_identity: Option<&str>) -> SignatureStatus {
        let Signed { message, key, algorithm, signature } = &self.signed;
        verify::verify_signature(key, algorithm, message, signature, sm2_identity)
    }

    /// The DER of the `SubjectPublicKeyInfo`, as it stands in the request.
    #[must_use]
    pub fn public_key_der(&self) -> &[u8] {
        &self.signed.key.der
    }

    /// Which of the API's algorithms the public key is of; `None` when it is of none of them.
    #[must_use]
    pub fn private_key_algo(&self) -> Option<PrivateKeyAlgo> {
        self.signed.key.private_key_algo(self.public_key.bits)
    }

    /// Whether the request is for this key: the public keys are the same, even if they are not written the same.
    #[must_use]
    pub fn is_for(&self, key: &KeyPair) -> bool {
        let Ok(info) = key.public_key_info() else { return false };
        let other = SubjectPublicKey::read(&mut Reader::new(Part::PublicKey, &info));
        other.is_ok_and(|other| self.signed.key.is_same(&other))
    }

    /// Reads `CertificationRequest ::= SEQUENCE { certificationRequestInfo, signatureAlgorithm, signature }`
    /// (RFC 2986 section 4.2).
    fn read(der: &[u8], mut warnings: Vec<Warning>) -> Result<Self, InspectError> {
        let mut outer = Reader::new(Part::Request, der);
        let mut request = outer.nested(tag::SEQUENCE)?;
        outer.finish()?;
        let message = request.at(Part::RequestInfo).element(tag::SEQUENCE)?;
        let algorithm = AlgorithmIdentifier::read(request.at(Part::SignatureAlgorithm))?;
        let signature = request.at(Part::Signature).bytes_of_bit_string()?.to_vec();
        request.at(Part::Request).finish()?;

        let info = Info::read(Reader::new(Part::RequestInfo, message.value), &mut warnings)?;
        let public_key = info.key.describe(&mut warnings)?;
        let signature_algorithm = algorithm.signature_algorithm();
        if algorithm.has_weak_hash() {
            warnings.push(Warning::WeakHash { algorithm: signature_algorithm.name.clone() });
        }
        if !algorithm.has_required_parameters() {
            warnings.push(Warning::Parameters { part: Part::SignatureAlgorithm });
        }
        let Attributes { others: attributes, extensions, sans } = info.attributes;
        if info.subject.attributes.is_empty() && sans.is_empty() {
            warnings.push(Warning::NoNames);
        }
        Ok(Self {
            subject: info.subject,
            sans,
            extensions,
            attributes,
            public_key,
            signature_algorithm,
            sha256: hex::lower::encode_string(&Sha256::digest(der)),
            warnings,
            signed: Signed { message: message.raw.to_vec(), key: info.key, algorithm, signature },
        })
    }
}

struct Info {
    subject: Name,
    key: SubjectPublicKey,
    attributes: Attributes,
}

impl Info {
    /// Reads what `CertificationRequestInfo ::= SEQUENCE { version, subject, subjectPKInfo, attributes [0] }` holds
    /// (RFC 2986 section 4.1).
    fn read(mut info: Reader<'_>, warnings: &mut Vec<Warning>) -> Result<Self, InspectError> {
        let version = info.at(Part::Version).number()?;
        if version != 0 {
            warnings.push(Warning::Version(version));
        }
        let subject = Name::read(info.at(Part::Subject), warnings)?;
        let key = SubjectPublicKey::read(info.at(Part::PublicKey))?;
        let attributes = match info.at(Part::Attributes).optional(tag::constructed(0))? {
            Some(set) => Attributes::read(Reader::new(Part::Attributes, set.value), warnings)?,
            None => {
                warnings.push(Warning::AttributesAbsent);
                Attributes::default()
            }
        };
        info.at(Part::RequestInfo).finish()?;
        Ok(Self { subject, key, attributes })
    }
}

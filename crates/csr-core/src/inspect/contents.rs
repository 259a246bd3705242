//! What a file is: a certificate signing request, a certificate, a key, or several of them.

use serde::Serialize;

use super::certificate::CertificateInspection;
use super::notes::{CountedWarning, Notes};
use super::{InspectError, Inspection, Part, PublicKeyInfo, describe, is_der, labels, listed};
use crate::asn1::{ReadError, Reader, tag, without_line_ends};
use crate::certificate;
use crate::key::{self, KeyImportError, OtherFile};
use crate::pem::{self, Block, Label, PemError};
use crate::public_key::PublicKey;

/// What a file holds.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Contents {
    /// The keys, requests and certificates, in their order; at least one.
    pub items: Vec<Item>,
    /// How many certificates follow the first one, usually the rest of its chain. They are not read.
    pub further_certificates: usize,
}

/// A key, request or certificate.
///
/// Serialised as the fields of what it is, and `kind`.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Item {
    /// A certificate signing request (RFC 2986).
    CertificateRequest(Box<Inspection>),
    /// An X.509 certificate (RFC 5280).
    Certificate(Box<CertificateInspection>),
    /// A private key, in a form that [`KeyPair::import`](crate::KeyPair::import) reads; it may be encrypted, weak, or of
    /// an algorithm that nothing is signed with here.
    PrivateKey(Box<PrivateKeyInspection>),
    /// A public key: a `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7) or an `RSAPublicKey` (RFC 8017 A.1.1).
    PublicKey(Box<PublicKeyInspection>),
}

/// What may be told of a private key.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct PrivateKeyInspection {
    /// The cipher or scheme that it is encrypted with, by OpenSSL's name; `None` if it is not encrypted.
    pub encryption: Option<String>,
    /// Its public key; `None` if it is encrypted and no pass phrase was given.
    pub public_key: Option<PublicKeyInfo>,
    /// What is weak about it.
    pub warnings: Vec<CountedWarning>,
    #[serde(skip)]
    key: Option<PublicKey>,
}

/// A public key alone.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct PublicKeyInspection {
    /// The key. The fingerprint of an `RSAPublicKey` is that of the `SubjectPublicKeyInfo` around it.
    pub public_key: PublicKeyInfo,
    /// What is malformed or weak about it.
    pub warnings: Vec<CountedWarning>,
    #[serde(skip)]
    key: PublicKey,
}

/// Why a file cannot be read. Of the file, it shows only labels and identifiers of algorithms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContentsError {
    /// The input is neither a DER structure nor a text with a PEM block.
    #[error("neither DER nor PEM: give a key, certificate signing request or certificate in one of them")]
    UnknownFormat,
    /// A DER structure of an unknown kind.
    #[error(
        "this is neither a key nor a certificate signing request nor a certificate; the file may be damaged or cut off"
    )]
    UnknownStructure,
    /// Another kind of file.
    #[error("this is {}{}", .0.kind(), .0.how_to_read())]
    Other(OtherFile),
    /// The PEM is broken.
    #[error(transparent)]
    Pem(PemError),
    /// None of the PEM blocks is a key, request or certificate.
    #[error(
        "no key, certificate signing request or certificate among the PEM blocks, only {}",
        listed(found)
    )]
    NothingKnown {
        /// The different labels of the first blocks.
        found: Vec<Label>,
    },
    /// A certificate signing request that cannot be read.
    #[error(transparent)]
    Request(InspectError),
    /// A certificate or public key violates RFC 5280.
    #[error("malformed {part}: {reason}")]
    Malformed {
        /// Where.
        part: Part,
        /// What is wrong there.
        reason: &'static str,
    },
    /// A private key that cannot be read.
    #[error(transparent)]
    Key(KeyImportError),
    /// More keys and requests than a file usually has.
    #[error("the file must hold at most {} keys and requests: split it", ITEMS_MAX)]
    TooMany,
}

/// Decrypting a key may take seconds.
const ITEMS_MAX: usize = 16;

/// Reads whatever keys, certificate signing requests and certificates a file holds, in DER or PEM.
///
/// The structure decides what it is; the label of a PEM block counts only where the structure is unknown. All keys and
/// requests are read, and the first certificate. Other PEM blocks without a key, such as `EC PARAMETERS`, are skipped.
/// An encrypted key is read with the pass phrase; without one, only its encryption is told.
///
/// ```
/// use csr_core::inspect::{Item, read_any};
///
/// # let file = include_bytes!("../../tests/data/keys/p256-sec1.der");
/// let contents = read_any(file, None)?;
/// assert!(matches!(contents.items[..], [Item::PrivateKey(_)]));
/// # Ok::<(), csr_core::inspect::ContentsError>(())
/// ```
///
/// # Errors
///
/// [`ContentsError`], for the first key, request or certificate that cannot be read, or the kind of the file if it holds
/// none.
pub fn read_any(input: &[u8], passphrase: Option<&[u8]>) -> Result<Contents, ContentsError> {
    let input = &*csr_model::utf8(input);
    let der = without_line_ends(input);
    if is_der(input) || Kind::of(der).is_some_and(|kind| kind.is_item()) {
        let kind = Kind::of(der).or_else(|| Kind::of_damaged(der)).ok_or(ContentsError::UnknownStructure)?;
        let item = Item::read(kind, der, passphrase)?;
        return Ok(Contents { items: vec![item], further_certificates: 0 });
    }
    let mut contents = Contents { items: Vec::new(), further_certificates: 0 };
    let (mut blocks, mut other) = (0, None);
    for block in pem::blocks(input) {
        let block = block.map_err(ContentsError::Pem)?;
        blocks += 1;
        contents.add(&block, passphrase, &mut other)?;
    }
    if blocks == 0 {
        return Err(key::other_file(input).map_or(ContentsError::UnknownFormat, ContentsError::Other));
    }
    match other {
        _ if !contents.items.is_empty() => Ok(contents),
        Some(other) => Err(ContentsError::Other(other)),
        None => Err(ContentsError::NothingKnown { found: labels(input) }),
    }
}

impl Contents {
    /// Adds what a PEM block holds. What has no key is skipped; the first kind of that is put in `other`.
    fn add(
        &mut self,
        block: &Block<'_>,
        passphrase: Option<&[u8]>,
        other: &mut Option<OtherFile>,
    ) -> Result<(), ContentsError> {
        let labelled = key::labelled(block.label());
        let is_private = block.label().is_private_key();
        if !is_private && labelled.is_none_or(OtherFile::has_no_key) {
            *other = other.or(labelled);
            return Ok(());
        }
        let der = block.decode().map_err(ContentsError::Pem)?;
        let kind = match Kind::of(&der) {
            // Ciphertext, or a kind of key that only its label tells.
            _ if block.headers().encrypted || is_private && labelled.is_some() => Kind::PrivateKey,
            Some(kind) => kind,
            None if is_private => Kind::PrivateKey,
            None => labelled.map_or(Kind::PrivateKey, Kind::Other),
        };
        let is_certificate = |item: &Item| matches!(item, Item::Certificate(_));
        if matches!(kind, Kind::Other(OtherFile::Certificate)) && self.items.iter().any(is_certificate) {
            self.further_certificates += 1;
            return Ok(());
        }
        if self.items.len() == ITEMS_MAX {
            return Err(ContentsError::TooMany);
        }
        let item = match kind {
            Kind::PrivateKey if is_private => {
                Item::private_key(key::encryption_of_block(block, &der), passphrase, || {
                    key::public_key_info_of_block(block, passphrase)
                })?
            }
            kind => Item::read(kind, certificate_of(block.label(), &der), passphrase)?,
        };
        self.items.push(item);
        Ok(())
    }
}

/// What OpenSSL calls a trusted certificate is followed by what it is trusted for.
fn certificate_of<'a>(label: &Label, der: &'a [u8]) -> &'a [u8] {
    match label.as_str() {
        Some("TRUSTED CERTIFICATE") => Reader::new(der).any().map_or(der, |first| first.raw),
        _ => der,
    }
}

/// The kind of a DER structure.
#[derive(Clone, Copy)]
enum Kind {
    PrivateKey,
    Other(OtherFile),
}

impl Kind {
    fn of(der: &[u8]) -> Option<Self> {
        match key::other_file(der) {
            Some(other) => Some(Self::Other(other)),
            None => key::is_private_key(der).then_some(Self::PrivateKey),
        }
    }

    /// By the beginnings of a request and of a certificate, which both are `SEQUENCE { SEQUENCE { … } … }`.
    fn of_damaged(der: &[u8]) -> Option<Self> {
        let signed = Reader::new(der).nested(tag::SEQUENCE).ok()?.nested(tag::SEQUENCE).ok()?;
        if signed.is_next(tag::constructed(0)) {
            Some(Self::Other(OtherFile::Certificate))
        } else if signed.is_next(tag::INTEGER) {
            Some(Self::Other(OtherFile::Csr))
        } else {
            None
        }
    }

    /// Whether it is what an [`Item`] can be.
    fn is_item(&self) -> bool {
        matches!(
            self,
            Self::PrivateKey | Self::Other(OtherFile::Csr | OtherFile::Certificate | OtherFile::PublicKey)
        )
    }
}

impl Item {
    fn read(kind: Kind, der: &[u8], passphrase: Option<&[u8]>) -> Result<Self, ContentsError> {
        let malformed = |part, reason| ContentsError::Malformed { part, reason };
        match kind {
            Kind::PrivateKey => {
                Self::private_key(key::encryption(der), passphrase, || key::public_key_info(der, passphrase))
            }
            Kind::Other(OtherFile::Csr) => Inspection::read(der, Notes::new())
                .map(|request| Self::CertificateRequest(Box::new(request)))
                .map_err(ContentsError::Request),
            Kind::Other(OtherFile::Certificate) => CertificateInspection::read(der)
                .map(|certificate| Self::Certificate(Box::new(certificate)))
                .map_err(|certificate::Malformed(part, reason)| malformed(part, reason)),
            Kind::Other(OtherFile::PublicKey) => PublicKeyInspection::read(der)
                .map(|key| Self::PublicKey(Box::new(key)))
                .map_err(|ReadError(reason)| malformed(Part::PublicKey, reason)),
            Kind::Other(other) => Err(ContentsError::Other(other)),
        }
    }

    fn private_key(
        encryption: Option<String>,
        passphrase: Option<&[u8]>,
        public_key_info: impl FnOnce() -> Result<Vec<u8>, KeyImportError>,
    ) -> Result<Self, ContentsError> {
        let mut notes = Notes::new();
        let key = match (&encryption, passphrase) {
            (Some(_), None) => None,
            _ => {
                let info = public_key_info().map_err(ContentsError::Key)?;
                let key = PublicKey::read(&mut Reader::new(&info));
                Some(key.map_err(|ReadError(reason)| ContentsError::Malformed {
                    part: Part::PublicKey,
                    reason,
                })?)
            }
        };
        Ok(Self::PrivateKey(Box::new(PrivateKeyInspection {
            encryption,
            public_key: key.as_ref().map(|key| describe(key, &mut notes)),
            warnings: notes.warnings,
            key,
        })))
    }

    /// What it is, as in "a certificate".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CertificateRequest(_) => OtherFile::Csr.kind(),
            Self::Certificate(_) => OtherFile::Certificate.kind(),
            Self::PrivateKey(_) => key::PRIVATE_KEY,
            Self::PublicKey(_) => OtherFile::PublicKey.kind(),
        }
    }

    /// What it is, for programs: the `kind` that it is serialised with.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::CertificateRequest(_) => "certificate_request",
            Self::Certificate(_) => "certificate",
            Self::PrivateKey(_) => "private_key",
            Self::PublicKey(_) => "public_key",
        }
    }

    /// Its public key; `None` for an encrypted key without a pass phrase.
    #[must_use]
    pub fn public_key(&self) -> Option<&PublicKeyInfo> {
        match self {
            Self::CertificateRequest(request) => Some(&request.public_key),
            Self::Certificate(certificate) => Some(&certificate.public_key),
            Self::PrivateKey(key) => key.public_key.as_ref(),
            Self::PublicKey(key) => Some(&key.public_key),
        }
    }

    /// Whether both have the same public key, even if its encodings differ: a point may be compressed, and the
    /// algorithm's parameters may be absent. `false` if either is not known.
    #[must_use]
    pub fn has_same_key(&self, other: &Self) -> bool {
        self.key().zip(other.key()).is_some_and(|(one, other)| one.is_same(other))
    }

    fn key(&self) -> Option<&PublicKey> {
        match self {
            Self::CertificateRequest(request) => Some(&request.signed.key),
            Self::Certificate(certificate) => Some(&certificate.key),
            Self::PrivateKey(key) => key.key.as_ref(),
            Self::PublicKey(key) => Some(&key.key),
        }
    }
}

impl PublicKeyInspection {
    fn read(der: &[u8]) -> Result<Self, ReadError> {
        let is_pkcs1 = Reader::new(der).nested(tag::SEQUENCE)?.is_next(tag::INTEGER);
        let info = if is_pkcs1 { key::rsa_public_key_info(der) } else { der.to_vec() };
        let mut reader = Reader::new(&info);
        let key = PublicKey::read(&mut reader)?;
        reader.finish()?;
        let mut notes = Notes::new();
        Ok(Self { public_key: describe(&key, &mut notes), warnings: notes.warnings, key })
    }
}

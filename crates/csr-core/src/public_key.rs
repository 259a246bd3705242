//! The public key (RFC 5280 §4.1.2.7, RFC 5480, RFC 8017 A.1.1), parsed once into the form that verifies signatures.

use core::fmt;
use std::borrow::Cow;

use csr_model::PrivateKeyAlgo;
use rsa::BoxedUint;
use serde::{Serialize, Serializer};

use crate::algorithm::AlgorithmIdentifier;
use crate::asn1::{ReadError, Reader, bit_length, tag};
use crate::oid::{self, KeyType};

/// The algorithm of a public key. Prints as in `RSA`, `EC P-256`, `SM2` or `Ed25519`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PublicKeyAlgorithm {
    /// RSA (RFC 8017).
    Rsa,
    /// RSA for RSASSA-PSS only (RFC 4055 §3.1).
    RsaPss,
    /// NIST P-256.
    EcP256,
    /// NIST P-384.
    EcP384,
    /// NIST P-521.
    EcP521,
    /// SM2.
    Sm2,
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// An unsupported algorithm: its name, or its identifier if it has no name.
    Other(String),
}

impl fmt::Display for PublicKeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Rsa => "RSA",
            Self::RsaPss => "RSA-PSS",
            Self::EcP256 => "EC P-256",
            Self::EcP384 => "EC P-384",
            Self::EcP521 => "EC P-521",
            Self::Sm2 => "SM2",
            Self::Ed25519 => "Ed25519",
            Self::Other(name) => name,
        })
    }
}

/// As it prints.
impl Serialize for PublicKeyAlgorithm {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// `SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }`.
#[derive(Debug, Clone)]
pub(crate) struct PublicKey {
    pub(crate) identifier: AlgorithmIdentifier,
    pub(crate) key: Key,
    /// The contents of the BIT STRING.
    octets: Vec<u8>,
    /// The whole structure.
    der: Vec<u8>,
}

/// A key that can verify signatures, or the name of an unsupported one.
#[derive(Debug, Clone)]
pub(crate) enum Key {
    Rsa(RsaKey),
    RsaPss(RsaKey),
    /// `None`, here and below, if the octets are not a point on the curve.
    P256(Option<p256::PublicKey>),
    P384(Option<p384::PublicKey>),
    P521(Option<p521::PublicKey>),
    Sm2(Option<sm2::PublicKey>),
    Ed25519(Option<ed25519_dalek::VerifyingKey>),
    Other {
        name: String,
        bits: Option<u32>,
    },
}

/// `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }`.
#[derive(Debug, Clone)]
pub(crate) struct RsaKey {
    /// The length of the modulus in bits.
    pub(crate) bits: u32,
    /// The public exponent, if it is below 2⁶⁴.
    pub(crate) exponent: Option<u64>,
    pub(crate) usable: Result<rsa::PublicKey, Unusable>,
}

/// The reason why an RSA key cannot verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// It would take too long. The text names the part that is too large.
    Unsupported(String),
    /// The numbers do not form an RSA key.
    Invalid,
}

impl PublicKey {
    /// The next element. A key that is invalid for its algorithm is read too, except for an RSA key that is not DER.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        let element = reader.element(tag::SEQUENCE)?;
        let mut sequence = Reader::new(element.value);
        let identifier = AlgorithmIdentifier::read(&mut sequence)?;
        let octets = sequence.bytes_of_bit_string()?.to_vec();
        sequence.finish()?;
        let key = Key::read(&identifier, &octets)?;
        Ok(Self { identifier, key, octets, der: element.raw.to_vec() })
    }

    /// The structure as it was read.
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) fn algorithm(&self) -> PublicKeyAlgorithm {
        match &self.key {
            Key::Rsa(_) => PublicKeyAlgorithm::Rsa,
            Key::RsaPss(_) => PublicKeyAlgorithm::RsaPss,
            Key::P256(_) => PublicKeyAlgorithm::EcP256,
            Key::P384(_) => PublicKeyAlgorithm::EcP384,
            Key::P521(_) => PublicKeyAlgorithm::EcP521,
            Key::Sm2(_) => PublicKeyAlgorithm::Sm2,
            Key::Ed25519(_) => PublicKeyAlgorithm::Ed25519,
            Key::Other { name, .. } => PublicKeyAlgorithm::Other(name.clone()),
        }
    }

    /// The modulus and the public exponent of an RSA key, big-endian without leading zeros.
    pub(crate) fn rsa_numbers(&self) -> Option<[&[u8]; 2]> {
        match &self.key {
            Key::Rsa(_) | Key::RsaPss(_) => Reader::new(&self.octets).two_naturals().ok(),
            _ => None,
        }
    }

    /// The size of the modulus or of the curve, if known.
    pub(crate) fn bits(&self) -> Option<u32> {
        match &self.key {
            Key::Rsa(key) | Key::RsaPss(key) => Some(key.bits),
            Key::P256(_) | Key::Sm2(_) | Key::Ed25519(_) => Some(256),
            Key::P384(_) => Some(384),
            Key::P521(_) => Some(521),
            Key::Other { bits, .. } => *bits,
        }
    }

    pub(crate) fn private_key_algo(&self) -> Option<PrivateKeyAlgo> {
        match &self.key {
            Key::Rsa(RsaKey { bits: 2048, .. }) => Some(PrivateKeyAlgo::Rsa2048),
            Key::Rsa(RsaKey { bits: 3072, .. }) => Some(PrivateKeyAlgo::Rsa3072),
            Key::Rsa(RsaKey { bits: 4096, .. }) => Some(PrivateKeyAlgo::Rsa4096),
            Key::P256(_) => Some(PrivateKeyAlgo::EcP256),
            Key::P384(_) => Some(PrivateKeyAlgo::EcP384),
            Key::Sm2(_) => Some(PrivateKeyAlgo::Sm2),
            _ => None,
        }
    }

    /// Whether both are the same key; parameters and the form of a point may differ.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.key, &other.key) {
            (Key::P256(Some(one)), Key::P256(Some(other))) => one == other,
            (Key::P384(Some(one)), Key::P384(Some(other))) => one == other,
            (Key::P521(Some(one)), Key::P521(Some(other))) => one == other,
            (Key::Sm2(Some(one)), Key::Sm2(Some(other))) => one == other,
            _ => self.algorithm() == other.algorithm() && self.compressed() == other.compressed(),
        }
    }

    /// The octets, with a point that is not decoded in its compressed form (SEC 1 §2.3.3): the last bit of y, and x.
    fn compressed(&self) -> Cow<'_, [u8]> {
        let is_curve = matches!(self.key_type(), Some(KeyType::Ec | KeyType::Sm2));
        match self.octets.split_first() {
            Some((4 | 6 | 7, point)) if is_curve && point.len() >= 2 && point.len() % 2 == 0 => {
                let (x, y) = point.split_at(point.len() / 2);
                Cow::Owned([&[2 | (y[y.len() - 1] & 1)], x].concat())
            }
            _ => Cow::Borrowed(&self.octets),
        }
    }

    /// Whether the key is valid for its algorithm, if that is supported. An unsupported size does not make it invalid.
    pub(crate) fn is_valid(&self) -> bool {
        match &self.key {
            Key::Rsa(key) | Key::RsaPss(key) => !matches!(key.usable, Err(Unusable::Invalid)),
            Key::P256(key) => key.is_some(),
            Key::P384(key) => key.is_some(),
            Key::P521(key) => key.is_some(),
            Key::Sm2(key) => key.is_some(),
            Key::Ed25519(key) => key.is_some_and(|key| !key.is_weak()),
            Key::Other { .. } => true,
        }
    }

    /// Whether it is a compressed point (SEC 1 §2.3.3).
    pub(crate) fn is_compressed(&self) -> bool {
        let is_point = matches!(self.key, Key::P256(_) | Key::P384(_) | Key::P521(_) | Key::Sm2(_));
        (is_point || self.key_type() == Some(KeyType::Ec)) && matches!(self.octets.first(), Some(2 | 3))
    }

    /// NULL for RSA (RFC 3279 §2.3.1), a curve's name for EC (RFC 5480 §2.1.1), absent for Ed25519 (RFC 8410 §3).
    pub(crate) fn has_required_parameters(&self) -> bool {
        match self.key_type() {
            Some(KeyType::Rsa) => self.identifier.is_null(),
            Some(KeyType::Ed25519) => self.identifier.parameters.is_none(),
            Some(KeyType::Ec) => self.identifier.named_curve().is_some(),
            _ => true,
        }
    }

    fn key_type(&self) -> Option<KeyType> {
        KeyType::of(&self.identifier.oid)
    }
}

impl Key {
    fn read(identifier: &AlgorithmIdentifier, octets: &[u8]) -> Result<Self, ReadError> {
        let other = |name: &str, bits| Self::Other { name: name.to_owned(), bits };
        Ok(match KeyType::of(&identifier.oid) {
            Some(KeyType::Rsa) => Self::Rsa(RsaKey::read(octets)?),
            Some(KeyType::RsaPss) => Self::RsaPss(RsaKey::read(octets)?),
            Some(KeyType::Sm2) => Self::Sm2(sm2::PublicKey::from_sec1_bytes(octets).ok()),
            Some(KeyType::Ed25519) => {
                let key = octets.try_into().ok().and_then(|octets| {
                    // Whether it is a point; whether that is weak is another question.
                    ed25519_dalek::VerifyingKey::from_bytes(octets).ok()
                });
                Self::Ed25519(key)
            }
            Some(KeyType::Ec) => match identifier.named_curve() {
                Some(curve) => Self::on_curve(curve.as_ref(), octets)
                    .unwrap_or_else(|| other(&format!("EC {curve}"), None)),
                None if identifier.parameters.is_some() => other("EC with explicit parameters", None),
                None => other("EC without parameters", None),
            },
            Some(known) => other(known.as_str(), (known == KeyType::Ed448).then_some(456)),
            None => other(&identifier.oid.to_string(), None),
        })
    }

    /// `None` for a curve that is not known.
    fn on_curve(curve: &[u8], point: &[u8]) -> Option<Self> {
        Some(if curve == oid::P256.as_bytes() {
            Self::P256(p256::PublicKey::from_sec1_bytes(point).ok())
        } else if curve == oid::P384.as_bytes() {
            Self::P384(p384::PublicKey::from_sec1_bytes(point).ok())
        } else if curve == oid::P521.as_bytes() {
            Self::P521(p521::PublicKey::from_sec1_bytes(point).ok())
        } else if curve == oid::SM2P256V1.as_bytes() {
            Self::Sm2(sm2::PublicKey::from_sec1_bytes(point).ok())
        } else {
            let (name, bits) = oid::other_curve(curve)?;
            Self::Other { name: format!("EC {name}"), bits: Some(bits) }
        })
    }
}

impl RsaKey {
    fn read(octets: &[u8]) -> Result<Self, ReadError> {
        let [modulus, exponent] = Reader::new(octets).two_naturals()?;
        Ok(Self {
            bits: bit_length(modulus),
            exponent: (exponent.len() <= 8).then(|| number(exponent)),
            usable: usable(modulus, exponent),
        })
    }
}

/// A modulus of 1024 to 8192 bits and a public exponent of at most 33, so that verification time is bounded.
fn usable(modulus: &[u8], exponent: &[u8]) -> Result<rsa::PublicKey, Unusable> {
    let (bits, exponent_bits) = (bit_length(modulus), bit_length(exponent));
    if !(1024..=8192).contains(&bits) {
        return Err(Unusable::Unsupported(format!("a modulus of {bits} bits")));
    }
    if exponent_bits > 33 {
        return Err(Unusable::Unsupported(format!("a public exponent of {exponent_bits} bits")));
    }
    let modulus = BoxedUint::from_be_slice_vartime(modulus);
    rsa::PublicKey::new(modulus, BoxedUint::from(number(exponent))).map_err(|_| Unusable::Invalid)
}

/// A big-endian number of at most eight octets.
fn number(octets: &[u8]) -> u64 {
    octets.iter().fold(0, |number, octet| number << 8 | u64::from(*octet))
}

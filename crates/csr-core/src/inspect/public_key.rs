//! The public key (RFC 5280 section 4.1.2.7, RFC 5480, RFC 8017 Appendix A.1.1).

use csr_model::PrivateKeyAlgo;
use ecdsa::elliptic_curve::sec1::{FromSec1Point, ModulusSize, ToSec1Point};
use ecdsa::elliptic_curve::{AffinePoint, CurveArithmetic, FieldBytesSize, PublicKey};
use serde::Serialize;

use super::algorithm::AlgorithmIdentifier;
use super::error::{InspectError, Part};
use super::notes::Notes;
use super::oid;
use super::reader::Reader;
use super::verify;
use super::warning::Warning;
use crate::key::bit_length;
use crate::sm2_id::SM2_CURVE;
use crate::tag;

/// The public key in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PublicKeyInfo {
    /// `RSA`, `EC P-256`, `EC P-384`, `SM2`, `Ed25519` …; the identifier where there is no name.
    pub algorithm: String,
    /// The algorithm's identifier.
    pub oid: String,
    /// The size of the modulus or of the curve, where known.
    pub bits: Option<u32>,
    /// The SHA-256 fingerprint of the `SubjectPublicKeyInfo`, in lower-case hexadecimal.
    pub sha256: String,
}

/// The algorithms that signatures are verified with, and the others by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyKind {
    Rsa,
    RsaPss,
    P256,
    P384,
    P521,
    Sm2,
    Ed25519,
    Other { name: String, bits: Option<u32> },
}

/// `SubjectPublicKeyInfo ::= SEQUENCE { algorithm AlgorithmIdentifier, subjectPublicKey BIT STRING }`.
#[derive(Debug, Clone)]
pub(super) struct SubjectPublicKey {
    pub(super) algorithm: AlgorithmIdentifier,
    pub(super) kind: KeyKind,
    /// The contents of the BIT STRING.
    pub(super) key: Vec<u8>,
    /// The whole structure.
    pub(super) der: Vec<u8>,
}

impl SubjectPublicKey {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, InspectError> {
        let element = reader.element(tag::SEQUENCE)?;
        let mut sequence = Reader::new(reader.part(), element.value);
        let algorithm = AlgorithmIdentifier::read(&mut sequence)?;
        let key = sequence.bytes_of_bit_string()?.to_vec();
        sequence.finish()?;
        Ok(Self { kind: kind(&algorithm), algorithm, key, der: element.raw.to_vec() })
    }

    /// The key in words, and what is wrong with it.
    pub(super) fn describe(&self, notes: &mut Notes) -> Result<PublicKeyInfo, InspectError> {
        if !self.has_required_parameters() {
            notes.warn(Warning::Parameters { part: Part::PublicKey });
        }
        if !verify::is_valid_key(self) {
            notes.warn(Warning::InvalidPublicKey);
        }
        let bits = match &self.kind {
            KeyKind::Rsa | KeyKind::RsaPss => {
                let numbers = self.rsa()?;
                let bits = bit_length(numbers.modulus);
                if bits < 2048 {
                    notes.warn(Warning::SmallRsaKey { bits });
                }
                let exponent = numbers.small_exponent();
                if let Some(exponent) = exponent.filter(|exponent| *exponent < 65_537) {
                    notes.warn(Warning::SmallExponent { exponent });
                }
                Some(bits)
            }
            KeyKind::P256 | KeyKind::Sm2 | KeyKind::Ed25519 => Some(256),
            KeyKind::P384 => Some(384),
            KeyKind::P521 => Some(521),
            KeyKind::Other { bits, .. } => *bits,
        };
        if self.is_on_weierstrass_curve() && matches!(self.key.first(), Some(2 | 3)) {
            notes.warn(Warning::CompressedPoint);
        }
        Ok(PublicKeyInfo {
            algorithm: self.name().to_owned(),
            oid: self.algorithm.oid.clone(),
            bits,
            sha256: super::sha256(&self.der),
        })
    }

    pub(super) fn name(&self) -> &str {
        match &self.kind {
            KeyKind::Rsa => "RSA",
            KeyKind::RsaPss => "RSA-PSS",
            KeyKind::P256 => "EC P-256",
            KeyKind::P384 => "EC P-384",
            KeyKind::P521 => "EC P-521",
            KeyKind::Sm2 => "SM2",
            KeyKind::Ed25519 => "Ed25519",
            KeyKind::Other { name, .. } => name,
        }
    }

    /// `bits` is the size of the modulus or of the curve.
    pub(super) fn private_key_algo(&self, bits: Option<u32>) -> Option<PrivateKeyAlgo> {
        match (&self.kind, bits) {
            (KeyKind::Rsa, Some(2048)) => Some(PrivateKeyAlgo::Rsa2048),
            (KeyKind::Rsa, Some(3072)) => Some(PrivateKeyAlgo::Rsa3072),
            (KeyKind::Rsa, Some(4096)) => Some(PrivateKeyAlgo::Rsa4096),
            (KeyKind::P256, _) => Some(PrivateKeyAlgo::EcP256),
            (KeyKind::P384, _) => Some(PrivateKeyAlgo::EcP384),
            (KeyKind::Sm2, _) => Some(PrivateKeyAlgo::Sm2),
            _ => None,
        }
    }

    /// Whether both are the same key; parameters and the form of a point may differ.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind
            && (self.key == other.key || self.point().is_some_and(|p| Some(p) == other.point()))
    }

    /// The uncompressed point (SEC 1 section 2.3.3) of a key on one of the curves that private keys are read of.
    fn point(&self) -> Option<Vec<u8>> {
        match self.kind {
            KeyKind::P256 => uncompressed::<p256::NistP256>(&self.key),
            KeyKind::P384 => uncompressed::<p384::NistP384>(&self.key),
            KeyKind::Sm2 => uncompressed::<sm2::Sm2>(&self.key),
            _ => None,
        }
    }

    /// `RSAPublicKey ::= SEQUENCE { modulus INTEGER, publicExponent INTEGER }`.
    pub(super) fn rsa(&self) -> Result<RsaNumbers<'_>, InspectError> {
        let mut reader = Reader::new(Part::PublicKey, &self.key);
        let mut sequence = reader.nested(tag::SEQUENCE)?;
        reader.finish()?;
        let numbers = RsaNumbers { modulus: sequence.natural()?, exponent: sequence.natural()? };
        sequence.finish()?;
        Ok(numbers)
    }

    fn is_on_weierstrass_curve(&self) -> bool {
        matches!(self.kind, KeyKind::P256 | KeyKind::P384 | KeyKind::P521 | KeyKind::Sm2)
            || self.algorithm.oid == EC_PUBLIC_KEY
    }

    /// NULL for RSA (RFC 3279 section 2.3.1), a curve's name for EC (RFC 5480 section 2.1.1), absent for Ed25519
    /// (RFC 8410 section 3).
    fn has_required_parameters(&self) -> bool {
        match self.kind {
            KeyKind::Rsa => self.algorithm.is_null(),
            KeyKind::Ed25519 => self.algorithm.parameters.is_none(),
            _ if self.algorithm.oid == EC_PUBLIC_KEY => curve(&self.algorithm).is_some(),
            _ => true,
        }
    }
}

fn uncompressed<C>(point: &[u8]) -> Option<Vec<u8>>
where
    C: CurveArithmetic,
    AffinePoint<C>: FromSec1Point<C> + ToSec1Point<C>,
    FieldBytesSize<C>: ModulusSize,
{
    let key = PublicKey::<C>::from_sec1_bytes(point).ok()?;
    Some(key.to_sec1_point(false).as_bytes().to_vec())
}

/// Big-endian, without leading zeros.
pub(super) struct RsaNumbers<'a> {
    pub(super) modulus: &'a [u8],
    pub(super) exponent: &'a [u8],
}

impl RsaNumbers<'_> {
    /// The public exponent, where it is below 2⁶⁴.
    pub(super) fn small_exponent(&self) -> Option<u64> {
        (self.exponent.len() <= 8)
            .then(|| self.exponent.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }
}

const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";

fn kind(algorithm: &AlgorithmIdentifier) -> KeyKind {
    let other = |name: &str, bits| KeyKind::Other { name: name.to_owned(), bits };
    match algorithm.oid.as_str() {
        "1.2.840.113549.1.1.1" => KeyKind::Rsa,
        "1.2.840.113549.1.1.10" => KeyKind::RsaPss,
        EC_PUBLIC_KEY => match curve(algorithm) {
            Some(curve) => curve_kind(&curve),
            None if algorithm.parameters.is_some() => other("EC with explicit parameters", None),
            None => other("EC without parameters", None),
        },
        SM2_CURVE => KeyKind::Sm2,
        "1.3.101.112" => KeyKind::Ed25519,
        "1.3.101.113" => other("Ed448", Some(456)),
        "1.2.840.10040.4.1" => other("DSA", None),
        "2.16.840.1.101.3.4.3.17" => other("ML-DSA-44", None),
        "2.16.840.1.101.3.4.3.18" => other("ML-DSA-65", None),
        "2.16.840.1.101.3.4.3.19" => other("ML-DSA-87", None),
        oid => other(oid, None),
    }
}

/// The namedCurve of RFC 5480 section 2.1.1.
fn curve(algorithm: &AlgorithmIdentifier) -> Option<String> {
    let mut parameters = Reader::new(Part::PublicKey, algorithm.parameters.as_deref()?);
    oid::read(&mut parameters).ok()
}

/// RFC 5480 section 2.1.1.1, SEC 2, RFC 5639 and GM/T 0006.
fn curve_kind(oid: &str) -> KeyKind {
    let (name, bits) = match oid {
        "1.2.840.10045.3.1.7" => return KeyKind::P256,
        "1.3.132.0.34" => return KeyKind::P384,
        "1.3.132.0.35" => return KeyKind::P521,
        SM2_CURVE => return KeyKind::Sm2,
        "1.2.840.10045.3.1.1" => ("EC P-192", Some(192)),
        "1.3.132.0.33" => ("EC P-224", Some(224)),
        "1.3.132.0.10" => ("EC secp256k1", Some(256)),
        "1.3.36.3.3.2.8.1.1.7" => ("EC brainpoolP256r1", Some(256)),
        "1.3.36.3.3.2.8.1.1.11" => ("EC brainpoolP384r1", Some(384)),
        "1.3.36.3.3.2.8.1.1.13" => ("EC brainpoolP512r1", Some(512)),
        other => return KeyKind::Other { name: format!("EC {other}"), bits: None },
    };
    KeyKind::Other { name: name.to_owned(), bits }
}

//! `AlgorithmIdentifier` (RFC 5280 §4.1.1.2), and the signature algorithm it stands for.

use core::fmt;

use serde::Serialize;

use crate::Digest;
use crate::asn1::{Oid, ReadError, Reader, Writer, tag};
use crate::oid::{self, SignatureType};

/// The algorithm that signed the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SignatureAlgorithm {
    /// Its identifier.
    pub oid: Oid,
    /// Its name, as in `ecdsa-with-SHA256` or `RSASSA-PSS with SHA-256`; or the identifier if it has no name.
    pub name: String,
    /// For a supported RSASSA-PSS: the length of the salt in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub salt_length: Option<usize>,
}

/// The name, and the salt if there is one, as in `RSASSA-PSS with SHA-256, salt of 32 bytes`.
impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match self.salt_length {
            Some(0) => f.write_str(", no salt"),
            Some(1) => f.write_str(", salt of 1 byte"),
            Some(length) => write!(f, ", salt of {length} bytes"),
            None => Ok(()),
        }
    }
}

impl SignatureAlgorithm {
    /// Whether it is SM2 with SM3, whose signatures hold for a single identity.
    #[must_use]
    pub fn is_sm2(&self) -> bool {
        SignatureType::of(&self.oid) == Some(SignatureType::Sm2WithSm3)
    }
}

/// `SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }`.
#[derive(Debug, Clone)]
pub(crate) struct AlgorithmIdentifier {
    pub(crate) oid: Oid,
    /// The whole DER element.
    pub(crate) parameters: Option<Vec<u8>>,
}

/// The computation that verifies a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheme {
    /// RFC 8017 §8.2.
    Pkcs1(Digest),
    /// The same with SHA-1, which is verified but never made.
    Pkcs1WithSha1,
    /// RFC 8017 §8.1, with MGF1 over the same hash.
    Pss(Pss),
    /// FIPS 186-5 §6.4.
    Ecdsa(Digest),
    /// RFC 8032.
    Ed25519,
    /// GB/T 32918.2 with SM3.
    Sm2,
    /// An unsupported algorithm.
    Other,
}

/// RSASSA-PSS with MGF1 over the hash function of the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pss {
    pub(crate) hash: Digest,
    pub(crate) salt_len: usize,
}

impl Pss {
    /// Writes the AlgorithmIdentifier with RSASSA-PSS-params (RFC 4055 §3.1; its hash functions have NULL parameters,
    /// §2.1). No field has its default but trailerField, which DER leaves out.
    pub(crate) fn write(self, writer: &mut Writer) {
        let hash = |writer: &mut Writer| {
            writer.algorithm(oid::digest_oid(self.hash), |parameters| parameters.primitive(tag::NULL, &[]));
        };
        writer.algorithm(SignatureType::RsaPss.oid(), |parameters| {
            parameters.sequence(|fields| {
                fields.element(tag::constructed(0), hash);
                fields.element(tag::constructed(1), |mask| mask.algorithm(oid::MGF1, hash));
                fields.element(tag::constructed(2), |salt| salt.unsigned(&self.salt_len.to_be_bytes()));
            });
        });
    }
}

const NULL: &[u8] = &[tag::NULL, 0];

impl AlgorithmIdentifier {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, ReadError> {
        let mut sequence = reader.nested(tag::SEQUENCE)?;
        let oid = sequence.oid()?;
        let parameters = if sequence.is_empty() { None } else { Some(sequence.any()?.raw.to_vec()) };
        sequence.finish()?;
        Ok(Self { oid, parameters })
    }

    fn signature_type(&self) -> Option<SignatureType> {
        SignatureType::of(&self.oid)
    }

    pub(crate) fn scheme(&self) -> Scheme {
        match self.signature_type() {
            Some(SignatureType::Sha1WithRsa) => Scheme::Pkcs1WithSha1,
            Some(SignatureType::Sha256WithRsa) => Scheme::Pkcs1(Digest::Sha256),
            Some(SignatureType::Sha384WithRsa) => Scheme::Pkcs1(Digest::Sha384),
            Some(SignatureType::Sha512WithRsa) => Scheme::Pkcs1(Digest::Sha512),
            Some(SignatureType::RsaPss) => self.pss().map_or(Scheme::Other, Scheme::Pss),
            Some(SignatureType::EcdsaWithSha256) => Scheme::Ecdsa(Digest::Sha256),
            Some(SignatureType::EcdsaWithSha384) => Scheme::Ecdsa(Digest::Sha384),
            Some(SignatureType::EcdsaWithSha512) => Scheme::Ecdsa(Digest::Sha512),
            Some(SignatureType::Ed25519) => Scheme::Ed25519,
            Some(SignatureType::Sm2WithSm3) => Scheme::Sm2,
            _ => Scheme::Other,
        }
    }

    /// The name of the signature algorithm.
    pub(crate) fn signature_algorithm(&self) -> SignatureAlgorithm {
        let (name, salt_length) = match (self.signature_type(), self.scheme()) {
            (_, Scheme::Pss(Pss { hash, salt_len })) => (format!("RSASSA-PSS with {hash}"), Some(salt_len)),
            (Some(SignatureType::RsaPss), _) if self.is_pss_with_sha1() => {
                ("RSASSA-PSS with SHA-1".to_owned(), None)
            }
            (Some(known), _) => (known.to_string(), None),
            (None, _) => (self.oid.to_string(), None),
        };
        SignatureAlgorithm { oid: self.oid.clone(), name, salt_length }
    }

    /// Whether the signature's hash is MD5 or SHA-1.
    pub(crate) fn has_weak_hash(&self) -> bool {
        match self.signature_type() {
            Some(SignatureType::RsaPss) => self.is_pss_with_sha1(),
            other => other.is_some_and(SignatureType::has_weak_hash),
        }
    }

    /// Whether the parameters are those of a signature: NULL for RSA PKCS#1 v1.5 (RFC 4055 §5), a structure for
    /// RSASSA-PSS (§3.1), absent for ECDSA (RFC 5758 §3.2), Ed25519 (RFC 8410 §3) and SM2 (as for ECDSA; OpenSSL and GmSSL
    /// do the same).
    pub(crate) fn has_required_parameters(&self) -> bool {
        match self.scheme() {
            Scheme::Pkcs1(_) | Scheme::Pkcs1WithSha1 => self.is_null(),
            Scheme::Pss(_) => true,
            Scheme::Ecdsa(_) | Scheme::Ed25519 | Scheme::Sm2 => self.parameters.is_none(),
            Scheme::Other => {
                self.signature_type() != Some(SignatureType::RsaPss) || self.parameters.is_some()
            }
        }
    }

    /// Whether the parameters are NULL.
    pub(crate) fn is_null(&self) -> bool {
        self.parameters.as_deref() == Some(NULL)
    }

    /// The curve that the parameters name (RFC 5480 §2.1.1).
    pub(crate) fn named_curve(&self) -> Option<Oid> {
        Reader::new(self.parameters.as_deref()?).oid().ok()
    }

    /// The parameters as those of RSASSA-PSS (RFC 4055 §3.1), if the combination is supported:
    /// SHA-256, SHA-384 or SHA-512 for both message and MGF1. Every default of that structure means SHA-1.
    pub(crate) fn pss(&self) -> Option<Pss> {
        let mut reader = Reader::new(self.parameters.as_deref()?);
        let mut sequence = reader.nested(tag::SEQUENCE).ok()?;
        let mut hash_field = sequence.nested(tag::constructed(0)).ok()?;
        let hash = Self::read(&mut hash_field).ok()?.pss_hash()?;
        let mut mask_field = sequence.nested(tag::constructed(1)).ok()?;
        let mask = Self::read(&mut mask_field).ok()?;
        if mask.oid != Oid::from(oid::MGF1) {
            return None;
        }
        let mut mask_hash = Reader::new(mask.parameters.as_deref()?);
        if Self::read(&mut mask_hash).ok()?.pss_hash()? != hash {
            return None;
        }
        let mut optional = |number, default| match sequence.is_next(tag::constructed(number)) {
            true => sequence.nested(tag::constructed(number)).and_then(|mut field| field.number()).ok(),
            false => Some(default),
        };
        let (salt_len, trailer) = (optional(2, 20)?, optional(3, 1)?);
        let whole =
            sequence.is_empty() && reader.is_empty() && hash_field.is_empty() && mask_field.is_empty();
        (whole && trailer == 1).then_some(Pss { hash, salt_len: usize::try_from(salt_len).ok()? })
    }

    /// RFC 4055 §3.1: the hash algorithm's default is SHA-1, so DER leaves it out.
    fn is_pss_with_sha1(&self) -> bool {
        let parameters = self.parameters.as_deref().unwrap_or_default();
        Reader::new(parameters)
            .nested(tag::SEQUENCE)
            .is_ok_and(|sequence| !sequence.is_next(tag::constructed(0)))
    }

    fn pss_hash(&self) -> Option<Digest> {
        if self.parameters.is_some() && !self.is_null() {
            return None;
        }
        oid::digest_named(&self.oid)
    }
}

//! Signature algorithms: which one an `AlgorithmIdentifier` (RFC 5280 section 4.1.1.2) means.

use serde::Serialize;

use super::error::{InspectError, Part};
use super::oid;
use super::reader::Reader;
use crate::sm2_id::SM2_WITH_SM3;
use crate::tag;

/// The algorithm that signed the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SignatureAlgorithm {
    /// Its identifier.
    pub oid: String,
    /// Its name, as in `ecdsa-with-SHA256`; the identifier where there is none.
    pub name: String,
}

impl SignatureAlgorithm {
    /// Whether it is SM2 with SM3, whose signature holds for one identity only.
    #[must_use]
    pub fn is_sm2(&self) -> bool {
        self.oid == SM2_WITH_SM3
    }
}

/// `SEQUENCE { algorithm OBJECT IDENTIFIER, parameters ANY OPTIONAL }`.
#[derive(Debug, Clone)]
pub(super) struct AlgorithmIdentifier {
    pub(super) oid: String,
    /// The whole DER element.
    pub(super) parameters: Option<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

/// What to compute in order to verify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    /// RFC 8017 section 8.2.
    Pkcs1(Hash),
    /// RFC 8017 section 8.1, with MGF1 over the same hash.
    Pss(Pss),
    /// FIPS 186-5 section 6.4.
    Ecdsa(Hash),
    /// RFC 8032.
    Ed25519,
    /// GB/T 32918.2 with SM3.
    Sm2,
    /// None that is verified here.
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pss {
    pub(super) hash: Hash,
    pub(super) salt_len: usize,
}

const RSASSA_PSS: &str = "1.2.840.113549.1.1.10";
const NULL: &[u8] = &[tag::NULL, 0];

impl AlgorithmIdentifier {
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, InspectError> {
        let mut sequence = reader.nested(tag::SEQUENCE)?;
        let oid = oid::read(&mut sequence)?;
        let parameters = if sequence.is_empty() { None } else { Some(sequence.any()?.raw.to_vec()) };
        sequence.finish()?;
        Ok(Self { oid, parameters })
    }

    pub(super) fn scheme(&self) -> Scheme {
        match self.oid.as_str() {
            "1.2.840.113549.1.1.5" => Scheme::Pkcs1(Hash::Sha1),
            "1.2.840.113549.1.1.11" => Scheme::Pkcs1(Hash::Sha256),
            "1.2.840.113549.1.1.12" => Scheme::Pkcs1(Hash::Sha384),
            "1.2.840.113549.1.1.13" => Scheme::Pkcs1(Hash::Sha512),
            RSASSA_PSS => self.pss().map_or(Scheme::Other, Scheme::Pss),
            "1.2.840.10045.4.3.2" => Scheme::Ecdsa(Hash::Sha256),
            "1.2.840.10045.4.3.3" => Scheme::Ecdsa(Hash::Sha384),
            "1.2.840.10045.4.3.4" => Scheme::Ecdsa(Hash::Sha512),
            "1.3.101.112" => Scheme::Ed25519,
            SM2_WITH_SM3 => Scheme::Sm2,
            _ => Scheme::Other,
        }
    }

    pub(super) fn signature_algorithm(&self) -> SignatureAlgorithm {
        let name = match self.oid.as_str() {
            "1.2.840.113549.1.1.4" => "md5WithRSAEncryption",
            "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
            "1.2.840.113549.1.1.14" => "sha224WithRSAEncryption",
            "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
            "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
            "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
            RSASSA_PSS => match self.pss() {
                Some(Pss { hash: Hash::Sha256, .. }) => "RSASSA-PSS with SHA-256",
                Some(Pss { hash: Hash::Sha384, .. }) => "RSASSA-PSS with SHA-384",
                Some(Pss { hash: Hash::Sha512, .. }) => "RSASSA-PSS with SHA-512",
                _ if self.is_pss_with_sha1() => "RSASSA-PSS with SHA-1",
                _ => "RSASSA-PSS",
            },
            "1.2.840.10045.4.1" => "ecdsa-with-SHA1",
            "1.2.840.10045.4.3.1" => "ecdsa-with-SHA224",
            "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
            "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
            "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
            "1.2.840.10040.4.3" => "dsa-with-SHA1",
            "2.16.840.1.101.3.4.3.2" => "dsa-with-SHA256",
            "2.16.840.1.101.3.4.3.17" => "ML-DSA-44",
            "2.16.840.1.101.3.4.3.18" => "ML-DSA-65",
            "2.16.840.1.101.3.4.3.19" => "ML-DSA-87",
            "1.3.101.112" => "Ed25519",
            "1.3.101.113" => "Ed448",
            SM2_WITH_SM3 => "SM2-with-SM3",
            oid => oid,
        };
        SignatureAlgorithm { oid: self.oid.clone(), name: name.to_owned() }
    }

    /// Whether the hash is MD5 or SHA-1.
    pub(super) fn has_weak_hash(&self) -> bool {
        match self.oid.as_str() {
            "1.2.840.113549.1.1.4" | "1.2.840.113549.1.1.5" | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" => {
                true
            }
            RSASSA_PSS => self.is_pss_with_sha1(),
            _ => false,
        }
    }

    /// NULL for RSA PKCS#1 v1.5 (RFC 4055 section 5), a structure for RSASSA-PSS (section 3.1), absent for ECDSA
    /// (RFC 5758 section 3.2), Ed25519 (RFC 8410 section 3) and SM2 (as for ECDSA; OpenSSL and GmSSL do the same).
    pub(super) fn has_required_parameters(&self) -> bool {
        match self.scheme() {
            Scheme::Pkcs1(_) => self.is_null(),
            Scheme::Pss(_) => true,
            Scheme::Ecdsa(_) | Scheme::Ed25519 | Scheme::Sm2 => self.parameters.is_none(),
            Scheme::Other => self.oid != RSASSA_PSS || self.parameters.is_some(),
        }
    }

    pub(super) fn is_null(&self) -> bool {
        self.parameters.as_deref() == Some(NULL)
    }

    /// The parameters as those of RSASSA-PSS (RFC 4055 section 3.1), if this is a combination that is verified here:
    /// SHA-256, SHA-384 or SHA-512 for message and MGF1 alike. Every default of that structure means SHA-1.
    pub(super) fn pss(&self) -> Option<Pss> {
        let mut reader = Reader::new(Part::SignatureAlgorithm, self.parameters.as_deref()?);
        let mut sequence = reader.nested(tag::SEQUENCE).ok()?;
        let mut hash_field = sequence.nested(tag::constructed(0)).ok()?;
        let hash = Self::read(&mut hash_field).ok()?.pss_hash()?;
        let mut mask_field = sequence.nested(tag::constructed(1)).ok()?;
        let mask = Self::read(&mut mask_field).ok()?;
        if mask.oid != "1.2.840.113549.1.1.8" {
            return None;
        }
        let mut mask_hash = Reader::new(Part::SignatureAlgorithm, mask.parameters.as_deref()?);
        if Self::read(&mut mask_hash).ok()?.pss_hash()? != hash {
            return None;
        }
        let salt_len = if sequence.is_next(tag::constructed(2)) {
            sequence.nested(tag::constructed(2)).ok()?.number().ok()?
        } else {
            20
        };
        let trailer = if sequence.is_next(tag::constructed(3)) {
            sequence.nested(tag::constructed(3)).ok()?.number().ok()?
        } else {
            1
        };
        let whole =
            sequence.is_empty() && reader.is_empty() && hash_field.is_empty() && mask_field.is_empty();
        (whole && trailer == 1).then_some(Pss { hash, salt_len: usize::try_from(salt_len).ok()? })
    }

    /// RFC 4055 section 3.1: the hash algorithm's default is SHA-1, so DER leaves it out.
    fn is_pss_with_sha1(&self) -> bool {
        let parameters = self.parameters.as_deref().unwrap_or_default();
        Reader::new(Part::SignatureAlgorithm, parameters)
            .nested(tag::SEQUENCE)
            .is_ok_and(|sequence| !sequence.is_next(tag::constructed(0)))
    }

    fn pss_hash(&self) -> Option<Hash> {
        if self.parameters.is_some() && !self.is_null() {
            return None;
        }
        Some(match self.oid.as_str() {
            "2.16.840.1.101.3.4.2.1" => Hash::Sha256,
            "2.16.840.1.101.3.4.2.2" => Hash::Sha384,
            "2.16.840.1.101.3.4.2.3" => Hash::Sha512,
            _ => return None,
        })
    }
}

//! What a certificate says (RFC 5280 §4.1).

use csr_model::PrivateKeyAlgo;
use serde::Serialize;

use super::extension::{self, Extension};
use super::general_name::GeneralName;
use super::name::Name;
use super::notes::{CountedWarning, List, Malformed, Notes};
use super::value::{Raw, sha256};
use super::warning::{Part, Warning};
use super::{PublicKeyInfo, describe};
use crate::algorithm::SignatureAlgorithm;
use crate::asn1::{Element, ReadError, Reader, tag};
use crate::certificate::{self, Certificate};
use crate::public_key::PublicKey;

/// A certificate as read. Its signature is not checked, which would need the issuer's key.
///
/// Its lists are bounded as those of an [`Inspection`](super::Inspection).
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct CertificateInspection {
    /// The version of X.509: 1, 2 or 3.
    pub version: u64,
    /// The bytes of the serial number in lower-case hexadecimal.
    pub serial_number: String,
    /// Who issued it.
    pub issuer: Name,
    /// From when and until when it is valid.
    pub validity: Validity,
    /// The subject.
    pub subject: Name,
    /// The subject alternative names.
    pub sans: Vec<GeneralName>,
    /// Every extension.
    pub extensions: Vec<Extension>,
    /// The pieces whose type cannot be read.
    pub malformed: Vec<Malformed>,
    /// The public key.
    pub public_key: PublicKeyInfo,
    /// The algorithm that signed the certificate.
    pub signature_algorithm: SignatureAlgorithm,
    /// The SHA-256 fingerprint of the whole certificate in DER, in lower-case hexadecimal.
    pub sha256: String,
    /// What is malformed or weak.
    pub warnings: Vec<CountedWarning>,
    #[serde(skip)]
    pub(super) key: PublicKey,
    #[serde(skip)]
    der: Vec<u8>,
}

/// The validity of a certificate (RFC 5280 §4.1.2.5), in the form of RFC 3339, such as `2027-02-28T23:59:59Z`. A time
/// that cannot be read is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Validity {
    /// The first second.
    pub not_before: Option<String>,
    /// The last second.
    pub not_after: Option<String>,
}

impl CertificateInspection {
    /// Reads a certificate in DER.
    pub(super) fn read(der: &[u8]) -> Result<Self, certificate::Malformed> {
        let raw = Certificate::read(der)?;
        if raw.serial_number.len() > Raw::SHOWN {
            return Err(certificate::Malformed(Part::SerialNumber, "it is too long"));
        }
        let mut notes = Notes::new();
        let mut time = |element: &Element<'_>| {
            let time = time(element);
            if time.is_none() {
                notes.malformed(Part::Validity, "a time is not as RFC 5280 wants it", element.raw);
            }
            time
        };
        let validity = Validity { not_before: time(&raw.not_before), not_after: time(&raw.not_after) };
        let name = |element: &Element<'_>, part, list, notes: &mut Notes| {
            Name::read(&mut Reader::new(element.raw), part, list, notes)
                .map_err(|ReadError(reason)| certificate::Malformed(part, reason))
        };
        let issuer = name(&raw.issuer, Part::Issuer, List::Issuer, &mut notes)?;
        let subject = name(&raw.subject, Part::Subject, List::Subject, &mut notes)?;
        let (mut extensions, mut sans) = (Vec::new(), Vec::new());
        for found in raw.extensions() {
            match found {
                Ok(found) if notes.has_room(List::CertificateExtensions) => {
                    extensions.push(Extension::of(found, &mut sans, &mut notes));
                }
                Ok(_) => {}
                Err(broken) => notes.malformed(Part::CertificateExtensions, broken.reason, broken.bytes),
            }
        }
        extension::warn_of_duplicates(&extensions, &mut notes);
        let public_key = describe(&raw.public_key, &mut notes);
        let signature_algorithm = raw.signature_algorithm.signature_algorithm();
        if raw.signature_algorithm.has_weak_hash() {
            notes.warn(Warning::WeakHash { algorithm: signature_algorithm.name.clone() });
        }
        Ok(Self {
            version: raw.version.saturating_add(1),
            serial_number: hex::lower::encode_string(raw.serial_number),
            issuer,
            validity,
            subject,
            sans,
            extensions,
            malformed: notes.malformed,
            public_key,
            signature_algorithm,
            sha256: sha256(raw.der),
            warnings: notes.warnings,
            key: raw.public_key,
            der: der.to_vec(),
        })
    }

    /// The API's algorithm of the public key; `None` if it is another one.
    #[must_use]
    pub fn private_key_algo(&self) -> Option<PrivateKeyAlgo> {
        self.key.private_key_algo()
    }

    /// The certificate in DER.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }
}

/// `YYMMDDHHMMSSZ` for the years 1950 to 2049 or `YYYYMMDDHHMMSSZ` (RFC 5280 §4.1.2.5.1 and §4.1.2.5.2) as RFC 3339
/// writes it.
fn time(element: &Element<'_>) -> Option<String> {
    let text = core::str::from_utf8(element.value).ok()?;
    let digits = text.strip_suffix('Z').filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    let (year, rest) = match (element.tag, digits.len()) {
        (tag::UTC_TIME, 12) if digits < "50" => (format!("20{}", &digits[..2]), &digits[2..]),
        (tag::UTC_TIME, 12) => (format!("19{}", &digits[..2]), &digits[2..]),
        (tag::GENERALIZED_TIME, 14) => (digits[..4].to_owned(), &digits[4..]),
        _ => return None,
    };
    let pair = |at: usize, allowed: core::ops::RangeInclusive<&str>| {
        rest.get(at..at + 2).filter(|pair| allowed.contains(pair))
    };
    let (month, day) = (pair(0, "01"..="12")?, pair(2, "01"..="31")?);
    // 60 is a leap second.
    let (hour, minute, second) = (pair(4, "00"..="23")?, pair(6, "00"..="59")?, pair(8, "00"..="60")?);
    Some(format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_rfc_3339_does() {
        let read = |tag, text: &str| {
            let value = text.as_bytes();
            time(&Element { tag, value, raw: value })
        };
        for (tag, text, expected) in [
            (tag::UTC_TIME, "260228235959Z", "2026-02-28T23:59:59Z"),
            (tag::UTC_TIME, "491231000000Z", "2049-12-31T00:00:00Z"),
            (tag::UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z"),
            (tag::GENERALIZED_TIME, "99991231235959Z", "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(read(tag, text).as_deref(), Some(expected), "{text}");
        }
        for text in [
            "",
            "Z",
            "2602282359Z",
            "260228235959",
            "260228235959+0100",
            "261328235959Z",
            "260200235959Z",
            "260228240000Z",
            "260228236000Z",
            "260228235961Z",
            "2602282359\u{661}Z",
            "20260228235959Z",
        ] {
            assert_eq!(read(tag::UTC_TIME, text), None, "{text}");
        }
        assert_eq!(read(tag::GENERALIZED_TIME, "260228235959Z"), None);
        assert_eq!(read(tag::INTEGER, "260228235959Z"), None);
    }
}

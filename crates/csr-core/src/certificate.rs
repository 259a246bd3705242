//! X.509 certificates (RFC 5280 §4.1), read as far as their framing goes.
//!
//! The signature is not verified, and what the parts mean is left to their readers.

use crate::algorithm::AlgorithmIdentifier;
use crate::asn1::{Broken, Element, Oid, ReadError, Reader, tag};
use crate::inspect::Part;
use crate::public_key::PublicKey;

/// A certificate whose parts still stand as in its DER.
pub(crate) struct Certificate<'a> {
    /// As encoded: 2 for version 3.
    pub(crate) version: u64,
    /// The bytes of the INTEGER, which some issuers made negative.
    pub(crate) serial_number: &'a [u8],
    /// The algorithm that signed the certificate.
    pub(crate) signature_algorithm: AlgorithmIdentifier,
    /// A `Name`.
    pub(crate) issuer: Element<'a>,
    /// A UTCTime or GeneralizedTime, usually.
    pub(crate) not_before: Element<'a>,
    pub(crate) not_after: Element<'a>,
    /// A `Name`.
    pub(crate) subject: Element<'a>,
    pub(crate) public_key: PublicKey,
    /// What `Extensions ::= SEQUENCE OF Extension` holds.
    extensions: Reader<'a>,
    /// The whole certificate.
    pub(crate) der: &'a [u8],
}

/// An extension whose value is not read yet.
pub(crate) struct CertificateExtension<'a> {
    pub(crate) oid: Oid,
    pub(crate) critical: bool,
    /// The contents of `extnValue`.
    pub(crate) value: &'a [u8],
}

/// Where a certificate is malformed, and why.
pub(crate) struct Malformed(pub(crate) Part, pub(crate) &'static str);

impl<'a> Certificate<'a> {
    /// Reads `Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }`.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = Reader::new(der);
        let mut certificate = outer.nested(tag::SEQUENCE).map_err(at(Part::Certificate))?;
        outer.finish().map_err(at(Part::Certificate))?;
        let signed = certificate.nested(tag::SEQUENCE).map_err(at(Part::TbsCertificate))?;
        let algorithm = AlgorithmIdentifier::read(&mut certificate).map_err(at(Part::SignatureAlgorithm))?;
        certificate.bytes_of_bit_string().map_err(at(Part::Signature))?;
        certificate.finish().map_err(at(Part::Certificate))?;
        Self::read_signed(signed, algorithm, der)
    }

    /// Reads `TBSCertificate ::= SEQUENCE { version [0], serialNumber, signature, issuer, validity, subject,
    /// subjectPublicKeyInfo, issuerUniqueID [1], subjectUniqueID [2], extensions [3] }`.
    fn read_signed(
        mut signed: Reader<'a>,
        signature_algorithm: AlgorithmIdentifier,
        der: &'a [u8],
    ) -> Result<Self, Malformed> {
        let version = match signed.optional(tag::constructed(0)).map_err(at(Part::Version))? {
            Some(version) => whole(version.value, Reader::number).map_err(at(Part::Version))?,
            None => 0,
        };
        let serial_number = signed.element(tag::INTEGER).map_err(at(Part::SerialNumber))?.value;
        // The same algorithm as outside (RFC 5280 §4.1.2.3).
        signed.element(tag::SEQUENCE).map_err(at(Part::SignatureAlgorithm))?;
        let issuer = signed.element(tag::SEQUENCE).map_err(at(Part::Issuer))?;
        let mut validity = signed.nested(tag::SEQUENCE).map_err(at(Part::Validity))?;
        let not_before = validity.any().map_err(at(Part::Validity))?;
        let not_after = validity.any().map_err(at(Part::Validity))?;
        validity.finish().map_err(at(Part::Validity))?;
        let subject = signed.element(tag::SEQUENCE).map_err(at(Part::Subject))?;
        let public_key = PublicKey::read(&mut signed).map_err(at(Part::PublicKey))?;
        for identifier in [1, 2] {
            signed.optional(tag::primitive(identifier)).map_err(at(Part::TbsCertificate))?;
        }
        let extensions =
            match signed.optional(tag::constructed(3)).map_err(at(Part::CertificateExtensions))? {
                Some(tagged) => whole(tagged.value, |reader| reader.nested(tag::SEQUENCE))
                    .map_err(at(Part::CertificateExtensions))?,
                None => Reader::new(&[]),
            };
        signed.finish().map_err(at(Part::TbsCertificate))?;
        Ok(Self {
            version,
            serial_number,
            signature_algorithm,
            issuer,
            not_before,
            not_after,
            subject,
            public_key,
            extensions,
            der,
        })
    }

    /// The extensions in their order. One that is malformed is given as its bytes, and does not end them if its length
    /// is sound.
    pub(crate) fn extensions(
        &self,
    ) -> impl Iterator<Item = Result<CertificateExtension<'a>, Broken<'a>>> + use<'a> {
        self.extensions.clone().elements_of(tag::SEQUENCE).map(|element| {
            let element = element?;
            CertificateExtension::read(element.value)
                .map_err(|ReadError(reason)| Broken { reason, bytes: element.raw })
        })
    }
}

impl<'a> CertificateExtension<'a> {
    /// Reads what `Extension ::= SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }` holds.
    pub(crate) fn read(contents: &'a [u8]) -> Result<Self, ReadError> {
        let mut reader = Reader::new(contents);
        let oid = reader.oid()?;
        let critical = reader.boolean_or_false()?;
        let value = reader.element(tag::OCTET_STRING)?.value;
        reader.finish()?;
        Ok(Self { oid, critical, value })
    }
}

/// Reads bytes to their end.
fn whole<'a, T>(
    bytes: &'a [u8],
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, ReadError>,
) -> Result<T, ReadError> {
    let mut reader = Reader::new(bytes);
    let value = read(&mut reader)?;
    reader.finish()?;
    Ok(value)
}

fn at(part: Part) -> impl Fn(ReadError) -> Malformed {
    move |ReadError(reason)| Malformed(part, reason)
}

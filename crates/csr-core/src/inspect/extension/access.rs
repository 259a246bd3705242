//! Extensions that say where something else is: an authority's services, revocation lists and key, and further names.

use std::fmt;

use serde::Serialize;

use super::{ends, listed};
use crate::asn1::{Oid, ReadError, Reader, tag};
use crate::inspect::general_name::GeneralName;
use crate::inspect::notes::Notes;
use crate::inspect::value::{Label, Raw};
use crate::oid::AccessMethod;

/// One service of an authority or a subject (RFC 5280 §4.2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AccessDescription {
    /// What is there.
    pub oid: Oid,
    /// Its name, as in `ocsp` or `caIssuers`, if it is a known one.
    pub method: Option<AccessMethod>,
    /// Where.
    pub location: GeneralName,
}

/// Method and location, as in `ocsp URI:http://ocsp.example.com`.
impl fmt::Display for AccessDescription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", Label(self.method, &self.oid), self.location)
    }
}

/// Where a revocation list is (RFC 5280 §4.2.1.13).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DistributionPoint {
    /// The full names of the place.
    pub full_name: Vec<GeneralName>,
    /// The relative name of the place, as DER.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relative_name: Option<Raw>,
    /// The reasons that the list covers; all if there are none.
    pub reasons: Vec<&'static str>,
    /// Who issues the list, if not the certificate's issuer.
    pub crl_issuer: Vec<GeneralName>,
}

impl fmt::Display for DistributionPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&listed(&self.full_name))?;
        self.relative_name.iter().try_for_each(|name| write!(f, "relative name {name}"))?;
        if !self.reasons.is_empty() {
            write!(f, " (reasons {})", listed(&self.reasons))?;
        }
        if !self.crl_issuer.is_empty() {
            write!(f, " (issued by {})", listed(&self.crl_issuer))?;
        }
        Ok(())
    }
}

/// The key that signed a certificate (RFC 5280 §4.2.1.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuthorityKeyIdentifier {
    /// The key's identifier in lower-case hexadecimal.
    pub key_identifier: Option<String>,
    /// The names of the issuer of the authority's certificate.
    pub issuer: Vec<GeneralName>,
    /// The serial number of the authority's certificate in lower-case hexadecimal.
    pub serial_number: Option<String>,
}

impl fmt::Display for AuthorityKeyIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts: Vec<String> = self.key_identifier.iter().cloned().collect();
        if !self.issuer.is_empty() {
            parts.push(format!("issuer {}", listed(&self.issuer)));
        }
        parts.extend(self.serial_number.iter().map(|number| format!("serial number {number}")));
        f.write_str(&parts.join(", "))
    }
}

/// `AuthorityInfoAccessSyntax ::= SEQUENCE OF AccessDescription` (RFC 5280 §4.2.2.1); SubjectInfoAccess is the same.
pub(super) fn information_access(
    reader: &mut Reader<'_>,
    notes: &mut Notes,
) -> Result<Vec<AccessDescription>, ReadError> {
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let mut all = Vec::new();
    while !sequence.is_empty() {
        notes.take_entry()?;
        let mut description = sequence.nested(tag::SEQUENCE)?;
        let oid = description.oid()?;
        let location = GeneralName::read_one(&description.any()?, notes)?;
        description.finish()?;
        all.push(AccessDescription { method: AccessMethod::of(&oid), oid, location });
    }
    Ok(all)
}

/// `CRLDistributionPoints ::= SEQUENCE OF DistributionPoint` (RFC 5280 §4.2.1.13).
pub(super) fn distribution_points(
    reader: &mut Reader<'_>,
    notes: &mut Notes,
) -> Result<Vec<DistributionPoint>, ReadError> {
    const REASONS: [&str; 9] = [
        "unused",
        "keyCompromise",
        "cACompromise",
        "affiliationChanged",
        "superseded",
        "cessationOfOperation",
        "certificateHold",
        "privilegeWithdrawn",
        "aACompromise",
    ];
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let mut all = Vec::new();
    while !sequence.is_empty() {
        notes.take_entry()?;
        let mut fields = sequence.nested(tag::SEQUENCE)?;
        let mut point = DistributionPoint {
            full_name: Vec::new(),
            relative_name: None,
            reasons: Vec::new(),
            crl_issuer: Vec::new(),
        };
        if let Some(name) = fields.optional(tag::constructed(0))? {
            let mut choice = Reader::new(name.value);
            if choice.is_next(tag::constructed(0)) {
                point.full_name = general_names(choice.nested(tag::constructed(0))?, notes)?;
            } else {
                point.relative_name = Some(Raw::of(choice.element(tag::constructed(1))?.raw));
            }
            ends(&choice)?;
        }
        if let Some(reasons) = fields.optional(tag::primitive(1))? {
            point.reasons = super::set_bits(reasons.value, &REASONS)?;
        }
        if let Some(issuer) = fields.optional(tag::constructed(2))? {
            point.crl_issuer = general_names(Reader::new(issuer.value), notes)?;
        }
        ends(&fields)?;
        all.push(point);
    }
    Ok(all)
}

/// `AuthorityKeyIdentifier ::= SEQUENCE { keyIdentifier [0], authorityCertIssuer [1], authorityCertSerialNumber [2] }`, all
/// OPTIONAL (RFC 5280 §4.2.1.1).
pub(super) fn authority_key_identifier(
    reader: &mut Reader<'_>,
    notes: &mut Notes,
) -> Result<AuthorityKeyIdentifier, ReadError> {
    let mut fields = reader.nested(tag::SEQUENCE)?;
    let hex = |value: &[u8]| {
        let is_short = value.len() <= Raw::SHOWN;
        is_short.then(|| hex::lower::encode_string(value)).ok_or(ReadError("the identifier is too long"))
    };
    let key_identifier = fields.optional(tag::primitive(0))?.map(|field| hex(field.value)).transpose()?;
    let issuer = match fields.optional(tag::constructed(1))? {
        Some(names) => general_names(Reader::new(names.value), notes)?,
        None => Vec::new(),
    };
    let serial_number = fields.optional(tag::primitive(2))?.map(|field| hex(field.value)).transpose()?;
    ends(&fields)?;
    Ok(AuthorityKeyIdentifier { key_identifier, issuer, serial_number })
}

/// What `GeneralNames ::= SEQUENCE OF GeneralName` holds.
pub(super) fn general_names(
    mut sequence: Reader<'_>,
    notes: &mut Notes,
) -> Result<Vec<GeneralName>, ReadError> {
    let mut names = Vec::new();
    while !sequence.is_empty() {
        notes.take_entry()?;
        names.push(GeneralName::read_one(&sequence.any()?, notes)?);
    }
    Ok(names)
}

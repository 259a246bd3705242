//! Extensions about policies and the names that an authority may certify.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::{ends, listed};
use crate::asn1::{Element, Oid, ReadError, Reader, tag};
use crate::inspect::general_name::GeneralName;
use crate::inspect::notes::Notes;
use crate::inspect::value::{Label, Raw, string};
use crate::name::{Escaped, GeneralNameKind};
use crate::oid::{KeyPurpose, QualifierType};

/// A certificate policy, or Microsoft's application policy, with its qualifiers.
///
/// Serialised as an object of `policy` and `qualifiers`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// The policy's identifier.
    pub oid: Oid,
    /// What is said about it.
    pub qualifiers: Vec<PolicyQualifier>,
}

impl Policy {
    /// The name of a key purpose, which application policies are; else the identifier.
    #[must_use]
    pub fn label(&self) -> impl fmt::Display {
        Label(KeyPurpose::of(&self.oid), &self.oid)
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.label().fmt(f)?;
        if self.qualifiers.is_empty() { Ok(()) } else { write!(f, " ({})", listed(&self.qualifiers)) }
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut policy = serializer.serialize_struct("Policy", 2)?;
        policy.serialize_field("policy", &self.label().to_string())?;
        policy.serialize_field("qualifiers", &self.qualifiers)?;
        policy.end()
    }
}

/// What is said about a policy (RFC 5280 §4.2.1.4).
///
/// Serialised as an object of `type` and `value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
#[non_exhaustive]
pub enum PolicyQualifier {
    /// The URI of the certification practice statement.
    Cps(String),
    /// A notice for people.
    UserNotice {
        /// Whose notices the numbers are of.
        organization: Option<String>,
        /// The numbers of notices.
        numbers: Vec<u64>,
        /// The text.
        text: Option<String>,
    },
    /// Another qualifier.
    Other {
        /// Its type.
        oid: Oid,
        /// Its value, as DER.
        #[serde(flatten)]
        bytes: Raw,
    },
}

impl fmt::Display for PolicyQualifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cps(uri) => write!(f, "CPS {}", Escaped(uri)),
            Self::UserNotice { organization, numbers, text } => {
                f.write_str("notice")?;
                text.iter().try_for_each(|text| write!(f, " \"{}\"", Escaped(text)))?;
                if !numbers.is_empty() {
                    write!(f, " number {}", listed(numbers))?;
                }
                organization.iter().try_for_each(|name| write!(f, " of {}", Escaped(name)))
            }
            Self::Other { oid, bytes } => write!(f, "{oid} {bytes}"),
        }
    }
}

/// The names below which an authority may and may not certify (RFC 5280 §4.2.1.10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NameConstraints {
    /// Names of these kinds must be below one of these.
    pub permitted: Vec<Subtree>,
    /// No name may be below these.
    pub excluded: Vec<Subtree>,
}

impl fmt::Display for NameConstraints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [("permitted", &self.permitted), ("excluded", &self.excluded)];
        let parts = parts.into_iter().filter(|(_, names)| !names.is_empty());
        let parts: Vec<_> = parts.map(|(label, names)| format!("{label} {}", listed(names))).collect();
        f.write_str(&parts.join("; "))
    }
}

/// A name of name constraints. An address has a mask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Subtree {
    /// A range of addresses.
    Addresses(AddressRange),
    /// Any other name.
    Name(GeneralName),
}

impl fmt::Display for Subtree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Addresses(range) => write!(f, "IP:{range}"),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// Addresses that agree with one in all bits of a mask. Prints as in `10.0.0.0/8` (RFC 4632 §3.1, RFC 4291 §2.3), or with the
/// mask where that is no prefix.
///
/// Serialised as an object of `type`, which is `ip`, and `value`, which is that text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddressRange {
    /// The address.
    pub address: IpAddr,
    /// The mask.
    pub mask: IpAddr,
}

impl AddressRange {
    /// The address and the mask, of 4 or of 16 bytes each.
    fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        let (address, mask) = bytes.split_at(bytes.len() / 2);
        let read = |half: &[u8]| {
            let v4 = <[u8; 4]>::try_from(half).map(|octets| Ipv4Addr::from(octets).into());
            v4.or_else(|_| <[u8; 16]>::try_from(half).map(|octets| Ipv6Addr::from(octets).into()))
                .map_err(|_| ReadError("a range of addresses has neither 8 nor 32 bytes"))
        };
        Ok(Self { address: read(address)?, mask: read(mask)? })
    }

    /// The length of the prefix that the mask is, if it is one.
    fn prefix(&self) -> Option<u32> {
        let (ones, bits) = match self.mask {
            IpAddr::V4(mask) => (mask.to_bits().leading_ones(), mask.to_bits().count_ones()),
            IpAddr::V6(mask) => (mask.to_bits().leading_ones(), mask.to_bits().count_ones()),
        };
        (ones == bits).then_some(ones)
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.prefix() {
            Some(prefix) => write!(f, "{}/{prefix}", self.address),
            None => write!(f, "{}/{}", self.address, self.mask),
        }
    }
}

impl Serialize for AddressRange {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut range = serializer.serialize_struct("AddressRange", 2)?;
        range.serialize_field("type", "ip")?;
        range.serialize_field("value", &self.to_string())?;
        range.end()
    }
}

/// `CertificatePolicies ::= SEQUENCE OF SEQUENCE { policyIdentifier, policyQualifiers SEQUENCE OF … OPTIONAL }` (RFC 5280
/// §4.2.1.4); Microsoft's application policies are the same.
pub(super) fn policies(reader: &mut Reader<'_>, notes: &mut Notes) -> Result<Vec<Policy>, ReadError> {
    let mut sequence = reader.nested(tag::SEQUENCE)?;
    let mut policies = Vec::new();
    while !sequence.is_empty() {
        notes.take_entry()?;
        let mut policy = sequence.nested(tag::SEQUENCE)?;
        let oid = policy.oid()?;
        let mut qualifiers = Vec::new();
        if !policy.is_empty() {
            let mut all = policy.nested(tag::SEQUENCE)?;
            while !all.is_empty() {
                notes.take_entry()?;
                qualifiers.push(qualifier(all.nested(tag::SEQUENCE)?)?);
            }
        }
        ends(&policy)?;
        policies.push(Policy { oid, qualifiers });
    }
    Ok(policies)
}

/// `SEQUENCE { policyQualifierId, qualifier ANY DEFINED BY policyQualifierId }`.
fn qualifier(mut fields: Reader<'_>) -> Result<PolicyQualifier, ReadError> {
    let oid = fields.oid()?;
    let qualifier = match QualifierType::of(&oid) {
        Some(QualifierType::Cps) => PolicyQualifier::Cps(string(&mut fields)?),
        Some(QualifierType::UserNotice) => user_notice(fields.nested(tag::SEQUENCE)?)?,
        None => PolicyQualifier::Other { oid, bytes: Raw::of(fields.any()?.raw) },
    };
    ends(&fields)?;
    Ok(qualifier)
}

/// `UserNotice ::= SEQUENCE { noticeRef SEQUENCE { organization, noticeNumbers SEQUENCE OF INTEGER } OPTIONAL, explicitText
/// OPTIONAL }`.
fn user_notice(mut fields: Reader<'_>) -> Result<PolicyQualifier, ReadError> {
    let (mut organization, mut numbers) = (None, Vec::new());
    if fields.is_next(tag::SEQUENCE) {
        let mut reference = fields.nested(tag::SEQUENCE)?;
        organization = Some(string(&mut reference)?);
        let mut all = reference.nested(tag::SEQUENCE)?;
        while !all.is_empty() {
            numbers.push(all.number()?);
        }
        ends(&reference)?;
    }
    let text = if fields.is_empty() { None } else { Some(string(&mut fields)?) };
    ends(&fields)?;
    Ok(PolicyQualifier::UserNotice { organization, numbers, text })
}

/// `NameConstraints ::= SEQUENCE { permittedSubtrees [0] OPTIONAL, excludedSubtrees [1] OPTIONAL }` (RFC 5280 §4.2.1.10).
pub(super) fn name_constraints(
    reader: &mut Reader<'_>,
    notes: &mut Notes,
) -> Result<NameConstraints, ReadError> {
    let mut fields = reader.nested(tag::SEQUENCE)?;
    let mut subtrees = |number| match fields.optional(tag::constructed(number))? {
        Some(trees) => subtrees(Reader::new(trees.value), notes),
        None => Ok(Vec::new()),
    };
    let (permitted, excluded) = (subtrees(0)?, subtrees(1)?);
    ends(&fields)?;
    Ok(NameConstraints { permitted, excluded })
}

/// What `GeneralSubtrees ::= SEQUENCE OF SEQUENCE { base GeneralName, … }` holds. PKIX does not use the minimum and the maximum.
fn subtrees(mut sequence: Reader<'_>, notes: &mut Notes) -> Result<Vec<Subtree>, ReadError> {
    let mut all = Vec::new();
    while !sequence.is_empty() {
        notes.take_entry()?;
        let mut subtree = sequence.nested(tag::SEQUENCE)?;
        all.push(base(&subtree.any()?, notes)?);
        ends(&subtree)?;
    }
    Ok(all)
}

fn base(element: &Element<'_>, notes: &mut Notes) -> Result<Subtree, ReadError> {
    if GeneralNameKind::of(element.tag) == GeneralNameKind::IpAddress {
        return AddressRange::read(element.value).map(Subtree::Addresses);
    }
    GeneralName::read_one(element, notes).map(Subtree::Name)
}

/// `PolicyConstraints ::= SEQUENCE { requireExplicitPolicy [0] OPTIONAL, inhibitPolicyMapping [1] OPTIONAL }`, numbers of
/// certificates (RFC 5280 §4.2.1.11).
pub(super) fn policy_constraints(reader: &mut Reader<'_>) -> Result<[Option<u64>; 2], ReadError> {
    let mut fields = reader.nested(tag::SEQUENCE)?;
    let mut number = |tag_number| match fields.optional(tag::primitive(tag_number))?.map(|field| field.value)
    {
        None => Ok(None),
        Some([high @ 0..=0x7F, low @ ..]) if low.len() < 8 => {
            Ok(Some(low.iter().fold(u64::from(*high), |number, octet| number << 8 | u64::from(*octet))))
        }
        Some(_) => Err(ReadError("a number of certificates is negative or too large")),
    };
    let numbers = [number(0)?, number(1)?];
    ends(&fields)?;
    Ok(numbers)
}

//! Subject alternative names (RFC 5280 section 4.2.1.6).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use csr_model::Excerpt;
use serde::Serialize;

use super::error::{InspectError, Part};
use super::name::Name;
use super::notes::{List, Notes};
use super::reader::{Element, Reader, reason};
use super::value::{Printable, Raw, Value, ascii};
use super::warning::Warning;
use super::{known, oid};
use crate::name::{DnsName, EmailAddress, UriName};
use crate::{Reason, tag};

/// One subject alternative name.
///
/// Serialised as an object of `type` and `value`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
#[non_exhaustive]
pub enum GeneralName {
    /// A `dNSName`.
    Dns(String),
    /// An `iPAddress` of 4 or 16 bytes.
    Ip(IpAddr),
    /// An `rfc822Name`.
    Email(String),
    /// A `uniformResourceIdentifier`.
    Uri(String),
    /// A `directoryName`.
    DirectoryName(Name),
    /// A `registeredID`, dotted.
    RegisteredId(String),
    /// An `otherName`.
    OtherName {
        /// Its type.
        oid: String,
        /// The type's name, as in `userPrincipalName`, if it is a known one.
        name: Option<&'static str>,
        /// Its value.
        value: Value,
    },
    /// One of the two choices that nobody uses.
    Other {
        /// The choice's name in RFC 5280: `x400Address` or `ediPartyName`.
        kind: &'static str,
        /// The whole DER element.
        #[serde(flatten)]
        bytes: Raw,
    },
    /// One that is not as its choice says.
    Malformed {
        /// The choice's name in RFC 5280, or `general name` where there is no such choice.
        kind: &'static str,
        /// What is wrong with it.
        reason: &'static str,
        /// The whole DER element; where its length is wrong, all that follows, too.
        #[serde(flatten)]
        bytes: Raw,
    },
}

/// Kind and value, as in `DNS:example.com`, with unprintable characters escaped.
impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "DNS:{}", Printable(name)),
            Self::Ip(address) => write!(f, "IP:{address}"),
            Self::Email(address) => write!(f, "email:{}", Printable(address)),
            Self::Uri(uri) => write!(f, "URI:{}", Printable(uri)),
            Self::DirectoryName(name) => write!(f, "dirName:{name}"),
            Self::RegisteredId(oid) => write!(f, "RID:{oid}"),
            Self::OtherName { oid, name, value } => {
                write!(f, "otherName:{}:{value}", name.unwrap_or(oid))
            }
            Self::Other { kind, bytes } => write!(f, "{kind}:{bytes}"),
            Self::Malformed { kind, reason, bytes } => write!(f, "{kind} (malformed, {reason}): {bytes}"),
        }
    }
}

impl GeneralName {
    /// Reads what `GeneralNames ::= SEQUENCE OF GeneralName` holds, and gives the number of names.
    pub(super) fn read_all(sequence: Reader<'_>, names: &mut Vec<Self>, notes: &mut Notes) -> usize {
        let mut count = 0;
        for element in sequence.elements() {
            count += 1;
            if !notes.has_room(List::Names) {
                continue;
            }
            let name = match element {
                Ok(element) => Self::read(&element, notes),
                Err(broken) => Err(("general name", broken.reason, broken.bytes)),
            };
            match name {
                Ok(name) => {
                    name.check(notes);
                    names.push(name);
                }
                Err((kind, reason, bytes)) => {
                    notes.warn(Warning::MalformedName { kind, reason });
                    if notes.has_room_for_malformed() {
                        names.push(Self::Malformed { kind, reason, bytes: Raw::of(bytes) });
                    }
                }
            }
        }
        count
    }

    /// The tags are IMPLICIT but for `directoryName`, whose `Name` is a CHOICE. What cannot be read is given as its
    /// kind, the reason and the bytes.
    fn read<'a>(
        element: &Element<'a>,
        notes: &mut Notes,
    ) -> Result<Self, (&'static str, &'static str, &'a [u8])> {
        let mut contents = Reader::new(Part::Extension("subjectAltName"), element.value);
        let other = |kind| Ok(Self::Other { kind, bytes: Raw::of(element.raw) });
        let (kind, read) = match element.tag {
            0xA0 => ("otherName", other_name(contents)),
            0x81 => ("rfc822Name", ia5_string(&contents).map(Self::Email)),
            0x82 => ("dNSName", ia5_string(&contents).map(Self::Dns)),
            0xA3 => ("x400Address", other("x400Address")),
            0xA4 => {
                let name = Name::read(&mut contents, List::Names, notes);
                let read = name.and_then(|name| contents.finish().map(|()| Self::DirectoryName(name)));
                ("directoryName", read)
            }
            0xA5 => ("ediPartyName", other("ediPartyName")),
            0x86 => ("uniformResourceIdentifier", ia5_string(&contents).map(Self::Uri)),
            0x87 => ("iPAddress", ip_address(&contents).map(Self::Ip)),
            0x88 => {
                let oid = oid::dotted(element.value);
                let read = oid.map_or_else(|| contents.fault("it is not well formed"), Ok);
                ("registeredID", read.map(Self::RegisteredId))
            }
            tag if tag & 0xC0 != 0x80 => {
                ("general name", contents.fault("a general name has no context-specific tag"))
            }
            tag if tag & 0x1F > 8 => ("general name", contents.fault("a general name has an unknown tag")),
            _ => ("general name", contents.fault("a general name is of another encoding than its tag says")),
        };
        read.map_err(|error| (kind, reason(&error), element.raw))
    }

    /// Notes what a certificate authority may object to.
    fn check(&self, notes: &mut Notes) {
        let (kind, text, reason) = match self {
            Self::Dns(name) => ("dNSName", name, check_dns_name(name)),
            Self::Email(address) if address.len() <= LONG => {
                ("rfc822Name", address, EmailAddress::parse(address).err())
            }
            Self::Uri(uri) if uri.len() <= LONG => {
                ("uniformResourceIdentifier", uri, UriName::parse(uri).err())
            }
            _ => return,
        };
        let value = Excerpt::of(text);
        if text.is_empty() {
            notes.warn(Warning::EmptyName { kind });
        } else if kind == "dNSName" && is_address(text) {
            notes.warn(Warning::AddressAsDnsName { value });
        } else if let Some(reason) = reason {
            notes.warn(Warning::BadName { kind, value, reason });
        }
    }
}

/// Longer names are not checked: a reason may quote what it is about.
const LONG: usize = 1024;

fn check_dns_name(name: &str) -> Option<Reason> {
    if name.len() > LONG { Some(Reason::NameTooLong(name.len())) } else { DnsName::parse(name).err() }
}

/// Whether a dNSName is an address, perhaps in brackets or with a prefix's length.
fn is_address(name: &str) -> bool {
    let name = name.split_once('/').map_or(name, |(address, _)| address);
    name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
}

fn ia5_string(contents: &Reader<'_>) -> Result<String, InspectError> {
    match ascii(contents.rest()) {
        Some(text) => Ok(text),
        None => contents.fault("it holds other characters than ASCII"),
    }
}

/// `OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }`.
fn other_name(mut contents: Reader<'_>) -> Result<GeneralName, InspectError> {
    let oid = oid::read(&mut contents)?;
    let mut explicit = contents.nested(tag::constructed(0))?;
    contents.finish()?;
    let mut value = explicit.clone();
    let element = explicit.any()?;
    explicit.finish()?;
    let name = oid::other_name(&oid);
    let value = known::other_name(name, &element, &mut value)?;
    Ok(GeneralName::OtherName { oid, name, value })
}

fn ip_address(contents: &Reader<'_>) -> Result<IpAddr, InspectError> {
    let bytes = contents.rest();
    if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        return Ok(IpAddr::V4(Ipv4Addr::from(octets)));
    }
    match <[u8; 16]>::try_from(bytes) {
        Ok(octets) => Ok(IpAddr::V6(Ipv6Addr::from(octets))),
        Err(_) => contents.fault("it has neither 4 nor 16 bytes"),
    }
}

//! Subject alternative names (RFC 5280 §4.2.1.6).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use csr_model::Excerpt;
use serde::Serialize;

use super::name::Name;
use super::notes::{List, Notes};
use super::value::{self, Label, Raw, Value};
use super::warning::{Part, Warning};
use crate::Reason;
use crate::asn1::{Element, Oid, ReadError, Reader, ascii, tag};
use crate::name::{DnsName, EmailAddress, Escaped, GeneralNameKind, UriName};
use crate::oid::OtherNameType;

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
    RegisteredId(Oid),
    /// An `otherName`.
    OtherName {
        /// Its type.
        oid: Oid,
        /// The type's name, as in `userPrincipalName`, if it is a known one.
        name: Option<OtherNameType>,
        /// Its value.
        value: Value,
    },
    /// One of the two choices that nobody uses.
    Other {
        /// Which one: `x400Address` or `ediPartyName`.
        kind: GeneralNameKind,
        /// The whole DER element.
        #[serde(flatten)]
        bytes: Raw,
    },
    /// One that is not as its choice says.
    Malformed {
        /// Which choice it claims to be.
        kind: GeneralNameKind,
        /// What is wrong with it.
        reason: &'static str,
        /// The whole DER element; where its length is wrong, all that follows, too.
        #[serde(flatten)]
        bytes: Raw,
    },
}

/// Kind and value, as in `DNS:example.com`, with characters that must not reach a terminal escaped.
impl fmt::Display for GeneralName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => write!(f, "DNS:{}", Escaped(name)),
            Self::Ip(address) => write!(f, "IP:{address}"),
            Self::Email(address) => write!(f, "email:{}", Escaped(address)),
            Self::Uri(uri) => write!(f, "URI:{}", Escaped(uri)),
            Self::DirectoryName(name) => write!(f, "dirName:{name}"),
            Self::RegisteredId(oid) => write!(f, "RID:{oid}"),
            Self::OtherName { oid, name, value } => {
                write!(f, "otherName:{}:{value}", Label(*name, oid))
            }
            Self::Other { kind, bytes } => write!(f, "{kind}:{bytes}"),
            Self::Malformed { kind, reason, bytes } => write!(f, "{kind} (malformed, {reason}): {bytes}"),
        }
    }
}

impl GeneralName {
    /// A host or a mail address in the form that people read; see [`DnsName::readable`].
    #[must_use]
    pub fn readable(&self) -> Option<String> {
        match self {
            Self::Dns(host) => readable_host(host),
            Self::Email(address) => readable_address(address),
            _ => None,
        }
    }

    /// Reads what `GeneralNames ::= SEQUENCE OF GeneralName` holds, and gives the number of names.
    pub(super) fn read_all(sequence: Reader<'_>, names: &mut Vec<Self>, notes: &mut Notes) -> usize {
        let mut count = 0;
        for element in sequence.elements() {
            count += 1;
            if !notes.has_room(List::Names) {
                continue;
            }
            let name = match element {
                Ok(element) => Self::read(&element, Part::SubjectAltName, notes),
                Err(broken) => Err((GeneralNameKind::Unknown, broken.reason, broken.bytes)),
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

    /// Reads a name of another extension, without noting what is odd about it.
    pub(super) fn read_one(element: &Element<'_>, notes: &mut Notes) -> Result<Self, ReadError> {
        Self::read(element, Part::Extensions, notes).map_err(|(_, reason, _)| ReadError(reason))
    }

    /// What cannot be read is given as its kind, the reason and the bytes.
    fn read<'a>(
        element: &Element<'a>,
        part: Part,
        notes: &mut Notes,
    ) -> Result<Self, (GeneralNameKind, &'static str, &'a [u8])> {
        let kind = GeneralNameKind::of(element.tag);
        let mut contents = Reader::new(element.value);
        let read = match kind {
            GeneralNameKind::OtherName => other_name(contents),
            GeneralNameKind::Rfc822Name => ia5_string(element.value).map(Self::Email),
            GeneralNameKind::DnsName => ia5_string(element.value).map(Self::Dns),
            GeneralNameKind::Uri => ia5_string(element.value).map(Self::Uri),
            GeneralNameKind::IpAddress => ip_address(element.value).map(Self::Ip),
            GeneralNameKind::X400Address | GeneralNameKind::EdiPartyName => {
                Ok(Self::Other { kind, bytes: Raw::of(element.raw) })
            }
            GeneralNameKind::DirectoryName => {
                let name = Name::read(&mut contents, part, List::Names, notes);
                name.and_then(|name| contents.finish().map(|()| Self::DirectoryName(name)))
            }
            GeneralNameKind::RegisteredId => {
                let oid = Oid::from_bytes(element.value).ok_or(ReadError("it is not well formed"));
                oid.map(Self::RegisteredId)
            }
            GeneralNameKind::Unknown => Err(ReadError(if !tag::is_context_specific(element.tag) {
                "a general name has no context-specific tag"
            } else if tag::number(element.tag) > 8 {
                "a general name has an unknown tag"
            } else {
                "a general name is of another encoding than its tag says"
            })),
        };
        read.map_err(|ReadError(reason)| (kind, reason, element.raw))
    }

    /// Notes what a certificate authority may object to.
    fn check(&self, notes: &mut Notes) {
        let (kind, text, reason) = match self {
            Self::Dns(name) => (GeneralNameKind::DnsName, name, check_dns_name(name)),
            Self::Email(address) if address.len() <= LONG => {
                (GeneralNameKind::Rfc822Name, address, EmailAddress::parse(address).err())
            }
            Self::Uri(uri) if uri.len() <= LONG => (GeneralNameKind::Uri, uri, UriName::parse(uri).err()),
            _ => return,
        };
        let value = Excerpt::of(text);
        if text.is_empty() {
            notes.warn(Warning::EmptyName { kind });
        } else if kind == GeneralNameKind::DnsName && is_address(text) {
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

/// The form of an ASCII host that people read.
pub(super) fn readable_host(host: &str) -> Option<String> {
    if !host.is_ascii() || host.len() > LONG { None } else { DnsName::parse(host).ok()?.readable() }
}

/// The form of an ASCII mail address whose domain people read otherwise.
pub(super) fn readable_address(address: &str) -> Option<String> {
    if !address.is_ascii() || address.len() > LONG {
        return None;
    }
    let address = EmailAddress::parse(address).ok()?;
    let (local, domain) = address.as_str().rsplit_once('@')?;
    Some(format!("{local}@{}", readable_host(domain)?))
}

/// Whether a dNSName is an address, perhaps in brackets or with a prefix's length.
fn is_address(name: &str) -> bool {
    let name = name.split_once('/').map_or(name, |(address, _)| address);
    name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().is_ok()
}

fn ia5_string(contents: &[u8]) -> Result<String, ReadError> {
    ascii(contents).ok_or(ReadError("it holds other characters than ASCII"))
}

/// `OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }`.
fn other_name(mut contents: Reader<'_>) -> Result<GeneralName, ReadError> {
    let oid = contents.oid()?;
    let mut explicit = contents.nested(tag::constructed(0))?;
    contents.finish()?;
    let mut value = explicit.clone();
    let element = explicit.any()?;
    explicit.finish()?;
    let name = OtherNameType::of(&oid);
    let value = value::other_name(name, &element, &mut value)?;
    Ok(GeneralName::OtherName { oid, name, value })
}

fn ip_address(contents: &[u8]) -> Result<IpAddr, ReadError> {
    if let Ok(octets) = <[u8; 4]>::try_from(contents) {
        return Ok(IpAddr::V4(Ipv4Addr::from(octets)));
    }
    match <[u8; 16]>::try_from(contents) {
        Ok(octets) => Ok(IpAddr::V6(Ipv6Addr::from(octets))),
        Err(_) => Err(ReadError("it has neither 4 nor 16 bytes")),
    }
}

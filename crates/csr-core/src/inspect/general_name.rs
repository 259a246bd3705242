//! Subject alternative names (RFC 5280 section 4.2.1.6).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Serialize;

use super::error::InspectError;
use super::name::Name;
use super::oid;
use super::reader::{Element, Reader};
use super::value::{Printable, ascii};
use super::warning::Warning;
use crate::tag;

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
    /// Any other choice, or one whose contents are not what its type says.
    Other {
        /// The choice's name in RFC 5280: `otherName`, `x400Address`, `ediPartyName` …
        kind: &'static str,
        /// The whole DER element in lower-case hexadecimal.
        hex: String,
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
            Self::Other { kind, hex } => write!(f, "{kind}:#{hex}"),
        }
    }
}

impl GeneralName {
    /// Reads `GeneralNames ::= SEQUENCE OF GeneralName`.
    pub(super) fn read_all(
        reader: &mut Reader<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Vec<Self>, InspectError> {
        let mut names = Vec::new();
        let mut sequence = reader.nested(tag::SEQUENCE)?;
        while !sequence.is_empty() {
            let element = sequence.any()?;
            let contents = Reader::new(sequence.part(), element.value);
            names.push(Self::read(&element, contents, warnings)?);
        }
        Ok(names)
    }

    /// The tags are IMPLICIT but for `directoryName`, whose `Name` is a CHOICE.
    fn read(
        element: &Element<'_>,
        mut contents: Reader<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, InspectError> {
        let known = match element.tag {
            0x81 => ascii(element.value).map(Self::Email),
            0x82 => ascii(element.value).map(Self::Dns),
            0xA4 => {
                let name = Name::read(&mut contents, warnings)?;
                contents.finish()?;
                Some(Self::DirectoryName(name))
            }
            0x86 => ascii(element.value).map(Self::Uri),
            0x87 => ip_address(element.value).map(Self::Ip),
            0x88 => oid::dotted(element.value).map(Self::RegisteredId),
            _ => None,
        };
        let kind = match element.tag & 0x1F {
            _ if element.tag & 0xC0 != 0x80 => {
                return contents.fault("a general name has no context-specific tag");
            }
            0 => "otherName",
            1 => "rfc822Name",
            2 => "dNSName",
            3 => "x400Address",
            4 => "directoryName",
            5 => "ediPartyName",
            6 => "uniformResourceIdentifier",
            7 => "iPAddress",
            8 => "registeredID",
            _ => return contents.fault("a general name has an unknown tag"),
        };
        Ok(known.unwrap_or_else(|| Self::Other { kind, hex: hex::lower::encode_string(element.raw) }))
    }
}

fn ip_address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        return Some(IpAddr::V4(Ipv4Addr::from(octets)));
    }
    <[u8; 16]>::try_from(bytes).ok().map(|octets| IpAddr::V6(Ipv6Addr::from(octets)))
}

//! Subject alternative names (RFC 5280 §4.2.1.6).

use core::fmt;
use std::net::IpAddr;

use csr_model::Excerpt;
use serde::{Serialize, Serializer};

use super::dns::Underscores;
use super::{DnsName, EmailAddress, Subject, UriName, mistake, text};
use crate::Reason;
use crate::asn1::{self, Element, Oid, ReadError, Reader, StringType, Writer, tag};
use crate::oid::{OtherNameType, SubjectAttribute};

/// Which choice of `GeneralName` (RFC 5280 §4.2.1.6) a name is. Prints as the RFC calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GeneralNameKind {
    /// `otherName`.
    OtherName,
    /// `rfc822Name`.
    Rfc822Name,
    /// `dNSName`.
    DnsName,
    /// `x400Address`.
    X400Address,
    /// `directoryName`.
    DirectoryName,
    /// `ediPartyName`.
    EdiPartyName,
    /// `uniformResourceIdentifier`.
    Uri,
    /// `iPAddress`.
    IpAddress,
    /// `registeredID`.
    RegisteredId,
    /// None of these. Prints as `general name`.
    Unknown,
}

impl GeneralNameKind {
    /// In the order of their tag numbers.
    const ALL: [Self; 9] = [
        Self::OtherName,
        Self::Rfc822Name,
        Self::DnsName,
        Self::X400Address,
        Self::DirectoryName,
        Self::EdiPartyName,
        Self::Uri,
        Self::IpAddress,
        Self::RegisteredId,
    ];

    /// Its tag. All are IMPLICIT but that of `directoryName`, whose `Name` is a CHOICE.
    pub(crate) const fn tag(self) -> u8 {
        let number = self as u8;
        match self {
            Self::OtherName | Self::X400Address | Self::DirectoryName | Self::EdiPartyName => {
                tag::constructed(number)
            }
            _ => tag::primitive(number),
        }
    }

    /// Which one has this tag.
    pub(crate) fn of(tag: u8) -> Self {
        Self::ALL.into_iter().find(|kind| kind.tag() == tag).unwrap_or(Self::Unknown)
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::OtherName => "otherName",
            Self::Rfc822Name => "rfc822Name",
            Self::DnsName => "dNSName",
            Self::X400Address => "x400Address",
            Self::DirectoryName => "directoryName",
            Self::EdiPartyName => "ediPartyName",
            Self::Uri => "uniformResourceIdentifier",
            Self::IpAddress => "iPAddress",
            Self::RegisteredId => "registeredID",
            Self::Unknown => "general name",
        }
    }
}

impl fmt::Display for GeneralNameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The name.
impl Serialize for GeneralNameKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A subject alternative name, checked and normalised.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum San {
    /// `dNSName`.
    Dns(DnsName),
    /// `iPAddress`: 4 octets or 16.
    Ip(IpAddr),
    /// `rfc822Name`.
    Email(EmailAddress),
    /// `uniformResourceIdentifier`.
    Uri(UriName),
    /// `otherName`.
    OtherName(OtherName),
    /// `directoryName`.
    DirectoryName(Subject),
    /// `registeredID`.
    RegisteredId(Oid),
}

/// A name of any type, which an object identifier says (RFC 5280 §4.2.1.6).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OtherName {
    pub(crate) r#type: Oid,
    /// The value in DER.
    pub(crate) der: Vec<u8>,
}

impl San {
    /// A host in the form of the API's `domain_name` and `sans`: an IP address becomes an
    /// `iPAddress`, anything else must be a DNS name.
    ///
    /// # Errors
    ///
    /// The first rule that the name breaks.
    pub fn host(given: &str) -> Result<Self, Reason> {
        Self::host_with(given, Underscores::Refused)
    }

    pub(crate) fn host_with(given: &str, underscores: Underscores) -> Result<Self, Reason> {
        match given.parse() {
            Ok(address) => Ok(Self::Ip(address)),
            Err(_) => DnsName::parse_with(given, underscores)
                .map(Self::Dns)
                .map_err(|reason| mistake::in_host(given).unwrap_or(reason)),
        }
    }

    /// An `rfc822Name`: `local-part@domain` in ASCII. The domain may be internationalised, and is
    /// normalised.
    ///
    /// # Errors
    ///
    /// The first rule that the address breaks.
    pub fn email(given: &str) -> Result<Self, Reason> {
        EmailAddress::parse(given).map(Self::Email)
    }

    /// A `uniformResourceIdentifier`: an absolute URI of RFC 3986.
    ///
    /// # Errors
    ///
    /// The first rule that the URI breaks.
    pub fn uri(given: &str) -> Result<Self, Reason> {
        UriName::parse(given).map(Self::Uri)
    }

    /// A user principal name of Active Directory, such as `user@example.com`: an `otherName` whose value is a UTF8String
    /// ([MS-WCCE] §2.2.2.7.7.4 and RFC 4556 call its type id-ms-san-upn).
    ///
    /// # Errors
    ///
    /// [`Reason::NotAUpn`], [`Reason::PrivateKey`], or the first rule for texts that it breaks.
    pub fn upn(given: &str) -> Result<Self, Reason> {
        text::check_controls(given)?;
        text::check_public(given)?;
        match given.split_once('@') {
            Some((user, realm))
                if !user.is_empty()
                    && !realm.is_empty()
                    && !realm.contains('@')
                    && !given.contains(char::is_whitespace) => {}
            _ => return Err(Reason::NotAUpn),
        }
        let der = Writer::der(|writer| writer.string(StringType::Utf8, given));
        Ok(Self::OtherName(OtherName { r#type: OtherNameType::UserPrincipalName.oid().into(), der }))
    }

    /// An `otherName` of any type, with its value in DER.
    ///
    /// # Errors
    ///
    /// [`Reason::NotDer`], [`Reason::PrivateKey`].
    pub fn other_name(r#type: Oid, der: impl Into<Vec<u8>>) -> Result<Self, Reason> {
        let der = der.into();
        asn1::check_public(&der)?;
        Ok(Self::OtherName(OtherName { r#type, der }))
    }

    /// A `directoryName`, as RFC 4514 writes it: `CN=Example,O=Example Ltd,C=GB`.
    ///
    /// # Errors
    ///
    /// [`Reason::NotADistinguishedName`], or the first rule that one of its values breaks.
    pub fn directory_name(given: &str) -> Result<Self, Reason> {
        Subject::parse(given).map(Self::DirectoryName)
    }

    /// The common name that it can be, too: a DNS name of at most 64 characters. An address there is refused by many
    /// authorities.
    pub(crate) fn common_name(&self) -> Option<&str> {
        let (max, _) = SubjectAttribute::CommonName.upper_bound()?;
        match self {
            Self::Dns(name) => Some(name.as_str()).filter(|name| name.len() <= max),
            _ => None,
        }
    }

    /// Writes a `GeneralName`.
    pub(crate) fn write(&self, names: &mut Writer) {
        let mut name = |kind: GeneralNameKind, content: &[u8]| names.primitive(kind.tag(), content);
        match self {
            Self::Email(address) => name(GeneralNameKind::Rfc822Name, address.as_str().as_bytes()),
            Self::Dns(dns) => name(GeneralNameKind::DnsName, dns.as_str().as_bytes()),
            Self::Uri(uri) => name(GeneralNameKind::Uri, uri.as_str().as_bytes()),
            Self::Ip(IpAddr::V4(address)) => name(GeneralNameKind::IpAddress, &address.octets()),
            Self::Ip(IpAddr::V6(address)) => name(GeneralNameKind::IpAddress, &address.octets()),
            Self::RegisteredId(oid) => name(GeneralNameKind::RegisteredId, oid.as_bytes()),
            Self::OtherName(OtherName { r#type, der }) => {
                names.element(GeneralNameKind::OtherName.tag(), |other| {
                    other.oid(r#type);
                    other.primitive(tag::constructed(0), der);
                });
            }
            Self::DirectoryName(name) => {
                names.element(GeneralNameKind::DirectoryName.tag(), |explicit| name.write(explicit));
            }
        }
    }

    /// Reads a `GeneralName` of a CSR or certificate, which must be one that could be given. Underscores in host names are
    /// taken: some authority took them, too.
    pub(crate) fn read(element: &Element<'_>) -> Result<Self, NotTaken> {
        let text = || asn1::ascii(element.value).ok_or(ReadError("it holds other characters than ASCII"));
        let mut contents = Reader::new(element.value);
        Ok(match GeneralNameKind::of(element.tag) {
            GeneralNameKind::Rfc822Name => Self::email(&text()?)?,
            GeneralNameKind::DnsName => Self::Dns(DnsName::parse_with(&text()?, Underscores::Allowed)?),
            GeneralNameKind::Uri => Self::uri(&text()?)?,
            GeneralNameKind::IpAddress => {
                let v4 = <[u8; 4]>::try_from(element.value).map(IpAddr::from);
                let v6 = <[u8; 16]>::try_from(element.value).map(IpAddr::from);
                Self::Ip(v4.or(v6).map_err(|_| ReadError("it has neither 4 nor 16 bytes"))?)
            }
            GeneralNameKind::RegisteredId => {
                let oid = Oid::from_bytes(element.value);
                Self::RegisteredId(oid.ok_or(ReadError("an OBJECT IDENTIFIER is not well formed"))?)
            }
            GeneralNameKind::OtherName => {
                let r#type = contents.oid()?;
                let mut value = contents.nested(tag::constructed(0))?;
                contents.finish()?;
                let der = value.any()?.raw.to_vec();
                value.finish()?;
                if let Err(Reason::NotDer(reason)) = asn1::check_whole(&der) {
                    return Err(ReadError(reason).into());
                }
                Self::OtherName(OtherName { r#type, der })
            }
            GeneralNameKind::DirectoryName => {
                let name = Subject::read(&mut contents)?;
                contents.finish()?;
                Self::DirectoryName(name)
            }
            _ => return Err(NotTaken::OtherKind),
        })
    }
}

/// Why a name that a CSR or certificate holds cannot be in a new CSR.
pub(crate) enum NotTaken {
    OtherKind,
    Malformed(ReadError),
    Refused(Reason),
}

impl NotTaken {
    /// The reason; a text that broke a rule is quoted.
    pub(crate) fn of(&self, text: &str) -> String {
        match self {
            Self::OtherKind => "no CSR is made with names of this kind".to_owned(),
            Self::Malformed(ReadError(reason)) => format!("it is malformed: {reason}"),
            Self::Refused(reason) => format!("{} {reason}", Excerpt::of(text)),
        }
    }
}

impl From<ReadError> for NotTaken {
    fn from(error: ReadError) -> Self {
        Self::Malformed(error)
    }
}

impl From<Reason> for NotTaken {
    fn from(reason: Reason) -> Self {
        Self::Refused(reason)
    }
}

impl OtherName {
    /// Its type.
    #[must_use]
    pub fn oid(&self) -> &Oid {
        &self.r#type
    }

    /// Its value in DER.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }
}

/// Type and value: the characters of a string, other values as their DER in hexadecimal.
impl fmt::Display for OtherName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match OtherNameType::of(&self.r#type) {
            Some(name) => name.fmt(f)?,
            None => self.r#type.fmt(f)?,
        }
        match Reader::new(&self.der).any().ok().and_then(|element| asn1::text(&element)) {
            Some(text) => write!(f, ":{}", super::Escaped(&text)),
            None => write!(f, ":#{}", hex::lower::encode_string(&self.der)),
        }
    }
}

impl fmt::Display for San {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) => name.fmt(f),
            Self::Ip(address) => address.fmt(f),
            Self::Email(address) => f.pad(address.as_str()),
            Self::Uri(uri) => f.pad(uri.as_str()),
            Self::OtherName(name) => name.fmt(f),
            Self::DirectoryName(name) => name.fmt(f),
            Self::RegisteredId(oid) => oid.fmt(f),
        }
    }
}

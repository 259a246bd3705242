//! Distinguished names (RFC 5280 §4.1.2.4), and what a certificate authority may object to in a subject (RFC 5280
//! Appendix A, X.520).

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use csr_model::Excerpt;
use serde::Serialize;

use super::general_name::{readable_address, readable_host};
use super::notes::{List, Notes};
use super::value::{Label, Raw, Value};
use super::warning::{Part, Warning};
use crate::asn1::{Element, Oid, ReadError, Reader, StringType, tag};
use crate::name::text::OneLine;
use crate::name::{country, must_escape};
use crate::oid::SubjectAttribute;

/// A distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Name {
    /// The name as RFC 4514 writes it: last attribute first, those of a multi-valued relative name joined by `+`,
    /// reserved characters and those that must not reach a terminal escaped. It is cut, and ends in `…`, where the forms of all of a request's
    /// names have more than 1 MiB.
    pub one_line: String,
    /// The attributes in the order in which they stand in the request.
    pub attributes: Vec<NameAttribute>,
}

/// One attribute of a distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NameAttribute {
    /// The attribute's type.
    pub oid: Oid,
    /// The type's short name: `C`, `ST`, `L`, `O`, `OU`, `CN`, `emailAddress` …
    pub name: Option<SubjectAttribute>,
    /// The value.
    pub value: Value,
    /// How the value is encoded.
    pub string_type: StringType,
    /// Which relative distinguished name it belongs to, from 0; attributes of a multi-valued one share it.
    pub rdn: usize,
}

/// The one-line form.
impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.one_line)
    }
}

impl Name {
    /// The relative distinguished names, in order: each one attribute, or several of a multi-valued one.
    pub fn relative_names(&self) -> impl DoubleEndedIterator<Item = &[NameAttribute]> {
        self.attributes.chunk_by(|a, b| a.rdn == b.rdn)
    }

    /// Reads `RDNSequence ::= SEQUENCE OF SET OF SEQUENCE { type OBJECT IDENTIFIER, value ANY }`. Pieces of it that are
    /// malformed are noted, and the others read.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        part: Part,
        list: List,
        notes: &mut Notes,
    ) -> Result<Self, ReadError> {
        let mut name = Self { one_line: String::new(), attributes: Vec::new() };
        let mut in_order = true;
        for (rdn, set) in reader.nested(tag::SEQUENCE)?.elements_of(tag::SET).enumerate() {
            let set = match set {
                Ok(set) if set.value.is_empty() => {
                    notes.malformed(part, "a relative distinguished name is empty", set.raw);
                    continue;
                }
                Ok(set) => Reader::new(set.value),
                Err(broken) => {
                    notes.malformed(part, broken.reason, broken.bytes);
                    continue;
                }
            };
            let mut previous: &[u8] = &[];
            for element in set.elements_of(tag::SEQUENCE) {
                let element = match element {
                    Ok(element) => element,
                    Err(broken) => {
                        notes.malformed(part, broken.reason, broken.bytes);
                        continue;
                    }
                };
                in_order &= previous <= element.raw;
                previous = element.raw;
                if notes.has_room(list) {
                    name.attributes.extend(NameAttribute::read(part, &element, rdn, notes));
                }
            }
        }
        if !in_order {
            notes.warn(Warning::SetOrder { part });
        }
        name.one_line = name.one_line(notes.one_line());
        notes.count_one_line(name.one_line.len());
        Ok(name)
    }

    /// RFC 4514 §2.1, cut where it is longer than `max`; types that its table lacks are written by their usual short names.
    fn one_line(&self, max: usize) -> String {
        let mut line = OneLine::new(max);
        let attributes = self.relative_names().rev().flat_map(|rdn| rdn.iter().enumerate());
        for (index, attribute) in attributes {
            let (is_joined, label) = (index > 0, attribute.label());
            match &attribute.value {
                Value::Text(text) => line.text(is_joined, label, text),
                other => line.other(is_joined, label, other),
            }
            if line.is_full() {
                break;
            }
        }
        line.finish()
    }

    /// Notes what is wrong with a subject's values.
    pub(super) fn check(&self, notes: &mut Notes) {
        self.attributes.iter().for_each(|attribute| attribute.check(notes));
    }
}

impl NameAttribute {
    /// The type's short name, or the identifier where there is none.
    #[must_use]
    pub fn label(&self) -> impl fmt::Display {
        Label(self.name, &self.oid)
    }

    /// A host as common name, or a mail address, in the form that people read; see [`DnsName::readable`](crate::DnsName::readable).
    #[must_use]
    pub fn readable(&self) -> Option<String> {
        match (&self.value, self.name) {
            (Value::Text(host), Some(SubjectAttribute::CommonName)) => readable_host(host),
            (Value::Text(address), Some(SubjectAttribute::EmailAddress)) => readable_address(address),
            _ => None,
        }
    }

    /// `None`, and a note, where there is no type.
    fn read(part: Part, element: &Element<'_>, rdn: usize, notes: &mut Notes) -> Option<Self> {
        let mut reader = Reader::new(element.value);
        let oid = match reader.oid() {
            Ok(oid) => oid,
            Err(ReadError(reason)) => {
                notes.malformed(part, reason, element.raw);
                return None;
            }
        };
        let name = SubjectAttribute::of(&oid);
        let rest = reader.rest();
        let read = reader.any().and_then(|value| reader.finish().map(|()| value));
        let (value, string_type, fault) = match read {
            Ok(value) => {
                let (read, string_type) = (Value::of(&value), StringType::of(value.tag));
                let fault = match (&read, name) {
                    (Value::Text(_), _) => None,
                    (_, Some(_)) if string_type == StringType::Other => Some("it is not a string"),
                    (_, None) if string_type == StringType::Other => None,
                    _ => Some("the string does not decode"),
                };
                (read, string_type, fault)
            }
            Err(ReadError(reason)) => (Value::Raw(Raw::of(rest)), StringType::Other, Some(reason)),
        };
        if let Some(reason) = fault {
            notes.warn(Warning::MalformedValue { oid: oid.clone(), name, reason });
        }
        Some(Self { oid, name, value, string_type, rdn })
    }

    /// Notes what is wrong with the value.
    fn check(&self, notes: &mut Notes) {
        let Self { oid: _, name, value, string_type, rdn: _ } = self;
        let label = || self.label().to_string();
        let Value::Text(text) = value else { return };
        if *name == Some(SubjectAttribute::SubjectAltName) || lists_names(text) {
            let attribute = format!("the subject's {}", self.label());
            notes.warn(Warning::MisplacedSan { attribute, value: Excerpt::of(text) });
        }
        if text.chars().all(|c| c.is_whitespace() || must_escape(c)) {
            notes.warn(Warning::EmptyValue { name: label() });
        } else if text.contains(must_escape) {
            notes.warn(Warning::UnprintableValue { name: label() });
        } else if !string_type.has_characters_of(text) {
            notes.warn(Warning::Alphabet { name: label(), string_type: *string_type });
        }
        let Some(name) = *name else { return };
        let is_country = matches!(name, SubjectAttribute::Country | SubjectAttribute::JurisdictionCountry);
        if is_country && !country::is_country_code(text) {
            notes.warn(Warning::Country { name, value: Excerpt::of(text) });
        }
        if let Some(required) = name.string_type()
            && *string_type != required
        {
            notes.warn(Warning::StringTypeOf { name, found: *string_type, required });
        }
        let found = text.chars().count();
        if let Some((max, _)) = name.upper_bound()
            && found > max
        {
            notes.warn(Warning::LongValue { name, found, max });
        }
    }
}

/// Whether a text lists alternative names as configuration files of OpenSSL or Windows do: `DNS:a.example`,
/// `DNS.1=a.example`, `…/subjectAltName=…`, `dns=a.example&dns=b.example`.
pub(super) fn lists_names(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("subjectaltname")
        || text.contains("dns name=")
        || text.split([',', ';', '/', '&', ' ', '\n', '\r', '\t']).any(is_listed_name)
}

/// One entry of such a list, in small letters.
fn is_listed_name(entry: &str) -> bool {
    let Some((kind, value)) = entry.split_once([':', '=']) else { return false };
    let kind = match kind.split_once('.') {
        Some((kind, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => kind,
        _ => kind,
    };
    match kind {
        "ip" => is_address(value),
        "dns" | "uri" | "upn" | "san" => !value.is_empty(),
        _ => false,
    }
}

/// Whether a text is an IP address, perhaps in brackets or with a port.
fn is_address(text: &str) -> bool {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    bare.parse::<IpAddr>().is_ok() || text.parse::<SocketAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::lists_names;

    #[test]
    fn lists_of_alternative_names_are_recognised() {
        for text in [
            "DNS:a.example",
            "www.example.com/subjectAltName=DNS.1=a.example,DNS.2=b.example",
            "a.example, dns=b.example",
            "dns=a.example&ipaddress=192.0.2.1",
            "IP:192.0.2.1",
            "IP.2=2001:db8::1",
            "IP:[2001:db8::1]",
            "IP:10.0.0.1:443",
            "SAN:dns=a.example",
            "DNS Name=a.example",
        ] {
            assert!(lists_names(text), "{text}");
        }
        for text in [
            "a.example",
            "dns.example.com",
            "dns.example.com:53",
            "https://san.example.com:8443/",
            "Sandy: a bay",
            "DNS",
            "DNS:",
            "dns-1:53",
            "ip",
            "a/ip=z",
            "Uri",
        ] {
            assert!(!lists_names(text), "{text}");
        }
    }
}

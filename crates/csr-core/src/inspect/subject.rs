//! What a certificate authority may object to in a subject (RFC 5280 Appendix A, X.520), and names that stand in it
//! although no one looks for them there.

use std::net::IpAddr;

use csr_model::Excerpt;

use super::attribute::Attribute;
use super::name::{Name, NameAttribute};
use super::notes::Notes;
use super::value::{StringType, Value, is_unprintable};
use super::warning::Warning;
use crate::name::country;
use crate::name::text::is_printable;

const SUBJECT_ALT_NAME: &str = "2.5.29.17";
const CHALLENGE_PASSWORD: &str = "1.2.840.113549.1.9.7";

/// Notes what is wrong with the subject's values.
pub(super) fn check(subject: &Name, notes: &mut Notes) {
    for attribute in &subject.attributes {
        check_value(attribute, notes);
    }
}

/// Notes alternative names that stand in an attribute of the request: its own values, or a `SAN` of Windows' enrolment,
/// which is read by a certificate authority of one maker, if it is told to. A challenge password may look like anything,
/// and is not quoted.
pub(super) fn check_attribute(attribute: &Attribute, notes: &mut Notes) {
    if attribute.oid == CHALLENGE_PASSWORD {
        return;
    }
    for value in &attribute.values {
        let text = match value {
            Value::NameValuePair { name, value } if name.eq_ignore_ascii_case("SAN") => Some(value),
            Value::Text(text) if attribute.oid == SUBJECT_ALT_NAME || lists_names(text) => Some(text),
            _ => None,
        };
        let attribute = attribute.name.unwrap_or(&attribute.oid).to_owned();
        match (text, value) {
            (Some(text), _) => notes.warn(Warning::MisplacedSan { attribute, value: Excerpt::of(text) }),
            (None, other) if attribute == "subjectAltName" => {
                notes.warn(Warning::MisplacedSan { attribute, value: Excerpt::of(&other.to_string()) });
            }
            _ => {}
        }
    }
}

fn check_value(attribute: &NameAttribute, notes: &mut Notes) {
    let NameAttribute { name, value, string_type, .. } = attribute;
    let label = || attribute.label().to_owned();
    let Value::Text(text) = value else { return };
    if attribute.oid == SUBJECT_ALT_NAME || lists_names(text) {
        let attribute = format!("the subject's {}", attribute.label());
        notes.warn(Warning::MisplacedSan { attribute, value: Excerpt::of(text) });
    }
    if text.chars().all(|c| c.is_whitespace() || is_unprintable(c)) {
        notes.warn(Warning::EmptyValue { name: label() });
    } else if text.contains(is_unprintable) {
        notes.warn(Warning::UnprintableValue { name: label() });
    } else if !has_alphabet_of(*string_type, text) {
        notes.warn(Warning::Alphabet { name: label(), string_type: *string_type });
    }
    let Some(name) = *name else { return };
    if matches!(name, "C" | "jurisdictionC") && !country::is_country_code(text) {
        notes.warn(Warning::Country { name, value: Excerpt::of(text) });
    }
    if let Some(required) = required_type(name)
        && *string_type != required
    {
        notes.warn(Warning::StringTypeOf { name, found: *string_type, required });
    }
    let found = text.chars().count();
    if let Some(max) = longest(name)
        && found > max
    {
        notes.warn(Warning::LongValue { name, found, max });
    }
}

/// X.680 sections 41.2 and 41.4. What a type of more characters holds has decoded.
fn has_alphabet_of(string_type: StringType, text: &str) -> bool {
    match string_type {
        StringType::Printable => is_printable(text),
        StringType::Numeric => text.bytes().all(|byte| byte.is_ascii_digit() || byte == b' '),
        _ => true,
    }
}

/// RFC 5280 Appendix A.1 and the EV guidelines section 9.2; every other value is a DirectoryString.
fn required_type(name: &str) -> Option<StringType> {
    Some(match name {
        "C" | "serialNumber" | "dnQualifier" | "jurisdictionC" => StringType::Printable,
        "emailAddress" | "DC" => StringType::Ia5,
        _ => return None,
    })
}

/// In characters: RFC 5280 Appendix A.1 (`ub-…`), X.520 (2001) Annex C where that has none, RFC 2985 section 5.
fn longest(name: &str) -> Option<usize> {
    Some(match name {
        "CN" | "O" | "OU" | "title" | "serialNumber" => 64,
        "L" | "ST" | "street" | "businessCategory" | "pseudonym" | "jurisdictionL" | "jurisdictionST" => 128,
        "postalCode" => 40,
        "description" => 1024,
        "emailAddress" | "unstructuredName" | "unstructuredAddress" => 255,
        "UID" => 256,
        "name" | "SN" | "GN" | "initials" | "generationQualifier" => 32_768,
        _ => return None,
    })
}

/// Whether a text lists alternative names as configuration files of OpenSSL or Windows do: `DNS:a.example`,
/// `DNS.1=a.example`, `…/subjectAltName=…`, `dns=a.example&dns=b.example`.
fn lists_names(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    text.contains("subjectaltname")
        || text.contains("dns name=")
        || text.split([',', ';', '/', '&', ' ', '\n', '\r', '\t']).any(is_listed_name)
}

/// One entry of such a list, in small letters.
fn is_listed_name(entry: &str) -> bool {
    let Some((kind, value)) = entry.split_once([':', '=']) else { return false };
    match kind.split_once('.').map_or(kind, |(kind, _number)| kind) {
        "ip" => value.parse::<IpAddr>().is_ok(),
        "dns" | "uri" | "upn" | "san" => !value.is_empty(),
        _ => false,
    }
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
            "SAN:dns=a.example",
            "DNS Name=a.example",
        ] {
            assert!(lists_names(text), "{text}");
        }
        for text in
            ["a.example", "dns.example.com", "Sandy: a bay", "DNS", "DNS:", "dns-1:53", "ip", "a/ip=z", "Uri"]
        {
            assert!(!lists_names(text), "{text}");
        }
    }
}

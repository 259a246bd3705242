//! The fields of a subject, separated by `|`: domain, C, ST, L, O, OU, emailAddress, challenge password; `E` as
//! the ninth asks for an ENTERPRISE. Those behind it are `OU:` and a further unit, `CN:` and a common name, `-` for no common
//! name, `TYPE=VALUE` and `+TYPE=VALUE`. What is accepted keeps the rules of its type, stands in the subject in the order given,
//! and comes out of the encoded CSR unchanged.

#![no_main]

use csr_core::{CsrSpec, EmailAddress, Oid, San, Subject, SubjectAttribute, Usage};
use csr_fuzz::{names, request};
use libfuzzer_sys::fuzz_target;

const COMMON_NAME: &str = "2.5.4.3";

/// Relative names, each of types and texts.
type RelativeNames = Vec<Vec<(String, String)>>;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let mut given = text.split('|');
    let domain = given.next().unwrap_or_default();
    let [country, province, city, organization, unit, email, password, usage] =
        core::array::from_fn(|_| given.next().unwrap_or_default());

    let mut builder = CsrSpec::builder()
        .country(country)
        .province(province)
        .city(city)
        .organization(organization)
        .organizational_unit(unit)
        .email_address(email)
        .usage(if usage == "E" { Usage::Enterprise } else { Usage::Personal });
    let mut expected: RelativeNames = Vec::new();
    let mut units = vec![unit];
    let mut by_type: RelativeNames = Vec::new();
    let mut common_name = San::host(domain).ok().map(|host| host.to_string());
    common_name = common_name.filter(|host| host.parse::<std::net::IpAddr>().is_err() && host.len() <= 64);
    for field in given {
        if let Some(unit) = field.strip_prefix("OU:") {
            builder = builder.organizational_unit(unit);
            units.push(unit);
        } else if let Some(text) = field.strip_prefix("CN:") {
            builder = builder.common_name(text);
            common_name = Some(text.to_owned());
        } else if field == "-" {
            builder = builder.no_common_name();
            common_name = None;
        } else if let Some((label, value)) = field.split_once('=') {
            let joined = label.strip_prefix('+');
            let label = joined.unwrap_or(label);
            let attribute = label.parse().map(|attribute: SubjectAttribute| Oid::from(attribute));
            let Ok(oid) = attribute.or_else(|_| label.parse()) else { continue };
            if !request::is_readable(&oid) {
                continue;
            }
            let pair = (oid.to_string(), normalised(&oid.to_string(), value));
            builder = match joined {
                Some(_) => builder.joined_subject_attribute(oid, value),
                None => builder.subject_attribute(oid, value),
            };
            match by_type.last_mut() {
                Some(last) if joined.is_some() => last.push(pair),
                _ => by_type.push(vec![pair]),
            }
        }
    }
    if !domain.is_empty() {
        builder = builder.domain(domain);
    }
    if !password.is_empty() {
        builder = builder.challenge_password(password);
    }
    let Ok(spec) = builder.build() else { return };

    let company =
        [("2.5.4.6", country), ("2.5.4.8", province), ("2.5.4.7", city), ("2.5.4.10", organization)];
    let units = units.into_iter().map(|unit| ("2.5.4.11", unit));
    let mut push = |oid: &str, value: &str| {
        if !value.trim().is_empty() {
            expected.push(vec![(oid.to_owned(), normalised(oid, value))]);
        }
    };
    company.into_iter().chain(units).for_each(|(oid, value)| push(oid, value));
    let has_common_name = by_type.iter().flatten().any(|(oid, _)| oid == COMMON_NAME);
    expected.extend(by_type);
    if let Some(text) = common_name.filter(|_| !has_common_name) {
        expected.push(vec![(COMMON_NAME.to_owned(), text)]);
    }
    if !email.trim().is_empty() {
        expected.push(vec![("1.2.840.113549.1.9.1".to_owned(), normalised("1.2.840.113549.1.9.1", email))]);
    }
    // The order within a relative name is that of DER, which the reading of the CSR checks.
    expected.iter_mut().for_each(|attributes| attributes.sort());
    let mut found = relative_names(spec.subject());
    found.iter_mut().for_each(|attributes| attributes.sort());
    assert_eq!(found, expected);

    assert!(password.chars().count() <= 255);
    names::assert_plain(password);
    if usage == "E" {
        let is_there = |oid: &str| found.iter().flatten().any(|(found, _)| found == oid);
        assert!(["2.5.4.6", "2.5.4.8", "2.5.4.7", "2.5.4.10"].into_iter().all(is_there));
    }
    found.iter().flatten().for_each(|(oid, value)| assert_rules(oid, value));
    assert_eq!(spec.subject().to_string().is_empty(), spec.subject().is_empty());
    request::assert_round_trip(&spec);
});

fn relative_names(subject: &Subject) -> RelativeNames {
    let mut all = RelativeNames::new();
    for attribute in subject.attributes() {
        let pair = (attribute.oid().to_string(), attribute.text().expect("a text was given"));
        match all.last_mut() {
            Some(last) if attribute.is_joined() => last.push(pair),
            _ => all.push(vec![pair]),
        }
    }
    all
}

/// What a value becomes. One that is refused stays.
fn normalised(oid: &str, value: &str) -> String {
    match oid {
        "2.5.4.6" | "1.3.6.1.4.1.311.60.2.1.3" => value.to_ascii_uppercase(),
        "1.2.840.113549.1.9.1" => {
            EmailAddress::parse(value).map_or_else(|_| value.to_owned(), |email| email.as_str().to_owned())
        }
        _ => value.to_owned(),
    }
}

/// The alphabets and upper bounds of RFC 5280 Appendix A.1, RFC 4519 and X.520.
fn assert_rules(oid: &str, value: &str) {
    assert!(!value.is_empty() && value.trim() == value);
    names::assert_plain(value);
    let is_printable = value.bytes().all(|b| b.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&b));
    let max = match oid {
        "2.5.4.6" | "1.3.6.1.4.1.311.60.2.1.3" => {
            assert!(value.bytes().all(|b| b.is_ascii_uppercase()), "{value}");
            2
        }
        COMMON_NAME | "2.5.4.10" | "2.5.4.11" | "2.5.4.12" => 64,
        "2.5.4.5" => {
            assert!(is_printable, "{value}");
            64
        }
        "2.5.4.46" => {
            assert!(is_printable, "{value}");
            usize::MAX
        }
        "2.5.4.7" | "2.5.4.8" | "2.5.4.9" | "2.5.4.15" | "2.5.4.65" => 128,
        "2.5.4.17" => 40,
        "0.9.2342.19200300.100.1.1" => 256,
        "0.9.2342.19200300.100.1.25" => {
            assert!(value.is_ascii(), "{value}");
            usize::MAX
        }
        "1.2.840.113549.1.9.1" => {
            assert!(value.is_ascii() && value.contains('@'), "{value}");
            255
        }
        _ => usize::MAX,
    };
    assert!(value.chars().count() <= max, "{oid} {value}");
}

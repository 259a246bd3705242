//! The fields of a subject, separated by `|`: domain, C, ST, L, O, OU, emailAddress, challenge password; `E` as
//! the ninth asks for an ENTERPRISE. What is accepted keeps the limits of RFC 5280, stands in the subject as it
//! was given, and comes out of the encoded CSR unchanged.

#![no_main]

use csr_core::{CsrSpec, Subject, SubjectAttribute, Usage};
use csr_fuzz::{names, request};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let mut given = text.splitn(9, '|');
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
    if !domain.is_empty() {
        builder = builder.domain(domain);
    }
    if !password.is_empty() {
        builder = builder.challenge_password(password);
    }
    let Ok(spec) = builder.build() else { return };

    let subject = spec.subject();
    let value = |attribute| subject.attributes().find(|(a, _)| *a == attribute).map(|(_, value)| value);
    let as_given = |given: &str, max, attribute| {
        let blank = given.trim().is_empty();
        assert_eq!(value(attribute), if blank { None } else { Some(given) });
        assert!(blank || given.chars().count() <= max);
    };
    as_given(province, 128, SubjectAttribute::Province);
    as_given(city, 128, SubjectAttribute::Locality);
    as_given(organization, 64, SubjectAttribute::Organization);
    as_given(unit, 64, SubjectAttribute::OrganizationalUnit);
    assert_eq!(value(SubjectAttribute::CommonName).is_some(), !domain.is_empty());
    assert_eq!(value(SubjectAttribute::EmailAddress).is_some(), !email.trim().is_empty());
    assert!(password.chars().count() <= 255);
    names::assert_plain(password);
    if usage == "E" {
        assert!([country, province, city, organization].iter().all(|given| !given.trim().is_empty()));
    }
    assert_values(subject);
    request::assert_round_trip(&spec);
});

fn assert_values(subject: &Subject) {
    for (attribute, value) in subject.attributes() {
        assert!(!value.is_empty() && value.trim() == value);
        names::assert_plain(value);
        match attribute {
            SubjectAttribute::Country => {
                assert!(value.len() == 2 && value.bytes().all(|b| b.is_ascii_uppercase()), "{value}");
            }
            SubjectAttribute::CommonName => assert!(value.is_ascii() && value.len() <= 64, "{value}"),
            SubjectAttribute::EmailAddress => assert!(value.is_ascii() && value.contains('@'), "{value}"),
            _ => {}
        }
    }
    assert_eq!(subject.to_string().is_empty(), subject.is_empty());
}

//! What the subject says.

use std::collections::HashSet;

use csr_model::Excerpt;

use super::{Findings, Problem, Purpose, rule};
use crate::Reason;
use crate::inspect::{Inspection, NameAttribute, Value, must_escape};
use crate::name::text::check_content;
use crate::oid::SubjectAttribute;

/// Texts that stand for nothing, in small letters: "any other indication that the value is absent, incomplete, or not
/// applicable", and what OpenSSL fills in by itself.
const PLACEHOLDERS: &[&str] = &[
    "default city",
    "default company ltd",
    "internet widgits pty ltd",
    "n/a",
    "not applicable",
    "null",
    "some-state",
    "undefined",
    "unknown",
];

pub(super) fn check(inspection: &Inspection, purpose: Purpose, findings: &mut Findings) {
    let subject = &inspection.subject;
    for attribute in &subject.attributes {
        if let Value::Text(text) = &attribute.value
            && says_nothing(text)
        {
            let problem =
                Problem::SaysNothing { name: attribute.label().to_string(), value: Excerpt::of(text) };
            findings.add(problem, rule::ORGANIZATION);
        }
    }
    if purpose != Purpose::TlsServer {
        return;
    }
    if subject.attributes.iter().any(is_unit) {
        findings.add(Problem::OrganizationalUnit, rule::ORGANIZATION);
    }
    if subject.relative_names().any(|attributes| attributes.len() > 1) {
        findings.add(Problem::MultiValuedName, rule::NAME_ENCODING);
    }
    let mut seen = HashSet::new();
    for name in subject.attributes.iter().filter_map(|attribute| attribute.name) {
        let may_repeat = matches!(
            name,
            SubjectAttribute::DomainComponent
                | SubjectAttribute::Street
                | SubjectAttribute::OrganizationalUnit
        );
        if !may_repeat && !seen.insert(name) {
            findings.add(Problem::RepeatedAttribute { name }, rule::NAME_ENCODING);
        }
    }
}

fn is_unit(attribute: &NameAttribute) -> bool {
    attribute.name == Some(SubjectAttribute::OrganizationalUnit)
}

fn says_nothing(text: &str) -> bool {
    matches!(check_content(text), Err(Reason::SaysNothing))
        || text.chars().all(must_escape)
        || PLACEHOLDERS.iter().any(|placeholder| text.trim().eq_ignore_ascii_case(placeholder))
}

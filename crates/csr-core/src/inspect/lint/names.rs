//! The subject alternative names of a TLS server, and the common name beside them.

use std::collections::HashSet;
use std::net::IpAddr;

use csr_model::Excerpt;

use super::{Findings, Problem, address, has_extension, rule};
use crate::inspect::{ExtensionType, GeneralName, GeneralNameKind, Inspection, Value};
use crate::oid::SubjectAttribute;

/// The most names that Let's Encrypt and many others take.
const NAMES_MAX: usize = 100;
/// The length of the label of an onion service of version 3.
const ONION_LABEL: usize = 56;

/// Top-level domains that the public DNS does not have: those of RFC 2606, 6761, 6762 and 9476, those that ICANN reserved for
/// private use or does not delegate because of collisions, and those that routers and manuals made common.
const INTERNAL: &[&str] = &[
    "alt",
    "corp",
    "example",
    "home",
    "internal",
    "intranet",
    "invalid",
    "lan",
    "local",
    "localdomain",
    "localhost",
    "mail",
    "private",
    "test",
    "workgroup",
];

pub(super) fn check(inspection: &Inspection, findings: &mut Findings) {
    let names = &inspection.sans;
    if !names.iter().any(|name| matches!(name, GeneralName::Dns(_) | GeneralName::Ip(_))) {
        findings.add(Problem::NoHost, rule::ALTERNATIVE_NAMES);
    }
    if names.len() > NAMES_MAX {
        let problem = Problem::ManyNames { found: names.len(), max: NAMES_MAX };
        findings.add(problem, rule::PRACTICE);
    }
    let mut seen = HashSet::new();
    for name in names {
        check_name(name, findings);
        let shown = match name {
            GeneralName::Dns(host) => format!("DNS:{}", host.to_ascii_lowercase()),
            other => other.to_string(),
        };
        if seen.contains(&shown) {
            findings.add(Problem::DuplicateName { value: Excerpt::of(&shown) }, rule::PRACTICE);
        } else {
            seen.insert(shown);
        }
    }
    let is_empty = inspection.subject.attributes.is_empty();
    let of_names = |critical| {
        let mut extensions = inspection.extensions.iter();
        extensions.any(|e| e.name == Some(ExtensionType::SubjectAltName) && e.critical == critical)
    };
    if is_empty && of_names(false) {
        findings.add(Problem::NotCritical, rule::ALTERNATIVE_NAMES);
    } else if !is_empty && of_names(true) {
        findings.add(Problem::Critical, rule::ALTERNATIVE_NAMES);
    }
    check_common_names(inspection, findings);
}

fn check_name(name: &GeneralName, findings: &mut Findings) {
    let kind = match name {
        GeneralName::Dns(host) => return check_host(host, findings),
        GeneralName::Ip(address) => {
            if let Some(block) = address::reserved_for(*address) {
                let problem = Problem::ReservedAddress { address: *address, block };
                findings.add(problem, rule::ALTERNATIVE_NAMES);
            }
            return;
        }
        GeneralName::Email(_) => GeneralNameKind::Rfc822Name,
        GeneralName::Uri(_) => GeneralNameKind::Uri,
        GeneralName::DirectoryName(_) => GeneralNameKind::DirectoryName,
        GeneralName::RegisteredId(_) => GeneralNameKind::RegisteredId,
        GeneralName::OtherName { .. } => GeneralNameKind::OtherName,
        GeneralName::Other { kind, .. } => *kind,
        // A warning says so.
        GeneralName::Malformed { .. } => return,
    };
    findings.add(Problem::NameKind { kind }, rule::ALTERNATIVE_NAMES);
}

/// What is wrong with a dNSName that is well formed; a warning tells of others.
fn check_host(host: &str, findings: &mut Findings) {
    let value = || Excerpt::of(host);
    let lower = host.trim_end_matches('.').to_ascii_lowercase();
    let bare = lower.strip_prefix("*.").unwrap_or(&lower);
    let last = bare.rsplit('.').next().unwrap_or_default();
    if bare.is_empty() || bare.parse::<IpAddr>().is_ok() {
        return;
    }
    let is_below =
        |zone: &str| bare == zone || bare.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'));
    if is_below("in-addr.arpa") || is_below("ip6.arpa") {
        findings.add(Problem::ReverseZone { value: value() }, rule::REVERSE_ZONES);
    } else if last == "onion" {
        if !is_onion_version_3(bare) {
            findings.add(Problem::OnionName { value: value() }, rule::ONION);
        }
    } else if !lower.contains('.') || INTERNAL.contains(&last) || is_below("home.arpa") {
        findings.add(Problem::InternalName { value: value() }, rule::ALTERNATIVE_NAMES);
    }
    let is_reserved = |label: &str| label.get(2..4) == Some("--") && !label.starts_with("xn--");
    if bare.split('.').any(is_reserved) {
        findings.add(Problem::ReservedLabel { value: value() }, rule::ALTERNATIVE_NAMES);
    }
}

/// Whether the label before `onion` is that of an address of version 3.
fn is_onion_version_3(name: &str) -> bool {
    let label = name.rsplit('.').nth(1).unwrap_or_default();
    label.len() == ONION_LABEL && label.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'2'..=b'7'))
}

/// The common name is a copy of a dNSName, or the text of an address (RFC 5952 for IPv6).
fn check_common_names(inspection: &Inspection, findings: &mut Findings) {
    let names: HashSet<String> = inspection
        .sans
        .iter()
        .filter_map(|name| match name {
            GeneralName::Dns(host) => Some(host.clone()),
            GeneralName::Ip(address) => Some(address.to_string()),
            _ => None,
        })
        .collect();
    let common_names = inspection.subject.attributes.iter().filter_map(|attribute| match &attribute.value {
        Value::Text(text) if attribute.name == Some(SubjectAttribute::CommonName) => Some(text),
        _ => None,
    });
    // Without any names, another finding says so.
    let has_names = has_extension(inspection, ExtensionType::SubjectAltName);
    for text in common_names {
        if text.parse::<IpAddr>().is_ok() {
            let problem = Problem::AddressAsCommonName { value: Excerpt::of(text) };
            findings.add(problem, rule::ADDRESSES_IN_ACME);
        }
        if has_names && !names.contains(text) {
            findings.add(Problem::CommonName { value: Excerpt::of(text) }, rule::COMMON_NAME);
        }
    }
}

//! What a public certificate authority would refuse in a request, or soon will.
//!
//! A [`Warning`] tells any reader what is malformed or odd. A [`Finding`] is about policy: the CA/Browser Forum's
//! requirements, the browsers' root programmes, and keys that others can break. A warning about something that such
//! authorities refuse, too, is a finding as well.
//!
//! A request says by its key purposes what kind of certificate it is for. Without any, it is for a TLS server.

mod address;
mod key;
mod names;
mod problem;
mod subject;
mod usage;
mod weak_rsa;

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

pub use self::problem::{Problem, RsaWeakness};

use super::value::Thousands;
use super::{ExtensionType, ExtensionValue, GeneralNameKind, Inspection, SignatureStatus, Warning};
use crate::oid::KeyPurpose;
use crate::spec::ExtendedKeyUsage;

/// The most findings of one code that differ.
const FINDINGS_OF_A_CODE: usize = 8;

/// The rules, as findings cite them. Those of the Baseline Requirements are of version 2.
mod rule {
    /// For what no document forbids and authorities refuse all the same.
    pub(super) const PRACTICE: &str = "practice of public certificate authorities";
    pub(super) const KEY_SIZES: &str = "TLS Baseline Requirements §6.1.5";
    pub(super) const CODE_SIGNING_KEY_SIZES: &str = "Code Signing Baseline Requirements §6.1.5.2";
    pub(super) const KEY_PARAMETERS: &str = "TLS Baseline Requirements §6.1.6";
    pub(super) const WEAK_KEYS: &str = "TLS Baseline Requirements §6.1.1.3";
    pub(super) const KEY_IDENTIFIER: &str = "TLS Baseline Requirements §7.1.3.1";
    pub(super) const SIGNATURES: &str = "TLS Baseline Requirements §7.1.3.2";
    pub(super) const ALTERNATIVE_NAMES: &str = "TLS Baseline Requirements §7.1.2.7.12";
    pub(super) const REVERSE_ZONES: &str = "TLS Baseline Requirements §4.2.2";
    pub(super) const ONION: &str = "TLS Baseline Requirements Appendix B";
    pub(super) const COMMON_NAME: &str = "TLS Baseline Requirements §7.1.4.3";
    pub(super) const NAME_ENCODING: &str = "TLS Baseline Requirements §7.1.4.1";
    pub(super) const ORGANIZATION: &str = "TLS Baseline Requirements §7.1.2.7.4";
    pub(super) const BASIC_CONSTRAINTS: &str = "TLS Baseline Requirements §7.1.2.7.8";
    pub(super) const PURPOSES: &str = "TLS Baseline Requirements §7.1.2.7.10";
    pub(super) const KEY_USAGE: &str = "TLS Baseline Requirements §7.1.2.7.11";
    pub(super) const CHROME: &str = "Chrome Root Program Policy 1.8";
    pub(super) const ADDRESSES_IN_ACME: &str = "RFC 8738";
    pub(super) const POSSESSION: &str = "RFC 2986 §3";
    pub(super) const PKCS10: &str = "RFC 2986 §4.1";
    pub(super) const PKIX_EXTENSIONS: &str = "RFC 5280 §4.2";
    pub(super) const PKIX_KEY_USAGE: &str = "RFC 5280 §4.2.1.3";
    pub(super) const PKIX_ALTERNATIVE_NAMES: &str = "RFC 5280 §4.2.1.6";
    pub(super) const PKIX_BASIC_CONSTRAINTS: &str = "RFC 5280 §4.2.1.9";
    pub(super) const PKIX_SUBJECT: &str = "RFC 5280 §4.1.2.6";
    pub(super) const PKIX_ATTRIBUTES: &str = "RFC 5280 Appendix A.1";
    pub(super) const POINTS: &str = "RFC 5480 §2.2";
}

/// A problem, the rule that it breaks, and how often there was reason for it.
///
/// Prints as the message with the rule in brackets. Serialised as an object of `code`, `message`, `rule` and `count`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The problem.
    pub problem: Problem,
    /// The rule: a document, with its section where one section says so.
    pub rule: &'static str,
    /// How often, at least once.
    pub count: usize,
}

impl Finding {
    /// The problem's name for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.problem.code()
    }

    /// Whether it says what this warning says, so that a reader needs one of the two.
    #[must_use]
    pub fn covers(&self, warning: &Warning) -> bool {
        match (&self.problem, warning) {
            (Problem::Warning(own), warning) => own == warning,
            (Problem::RsaKeySize { .. }, Warning::SmallRsaKey { .. })
            | (Problem::RsaExponent, Warning::SmallExponent { .. }) => true,
            (Problem::SaysNothing { name, .. }, Warning::EmptyValue { name: other }) => name == other,
            _ => false,
        }
    }
}

/// The message, how often where that is more than once, and the rule, as in `… (3 times) [RFC 5280 §4.2]`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(f)?;
        if self.count > 1 {
            write!(f, " ({} times)", Thousands(self.count))?;
        }
        write!(f, " [{}]", self.rule)
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut finding = serializer.serialize_struct("Finding", 4)?;
        finding.serialize_field("code", self.code())?;
        finding.serialize_field("message", &self.problem.to_string())?;
        finding.serialize_field("rule", self.rule)?;
        finding.serialize_field("count", &self.count)?;
        finding.end()
    }
}

/// The findings so far. Of one code, at most [`FINDINGS_OF_A_CODE`] different ones are listed.
#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, problem: Problem, rule: &'static str) {
        self.add_counted(problem, rule, 1);
    }

    fn add_counted(&mut self, problem: Problem, rule: &'static str, count: usize) {
        let code = problem.code();
        let known = self.0.iter().filter(|known| known.code() == code).count();
        let is_more = matches!(problem, Problem::MoreOfKind { .. });
        let problem = if known < FINDINGS_OF_A_CODE || is_more || self.0.iter().any(|k| k.problem == problem)
        {
            problem
        } else {
            Problem::MoreOfKind { code }
        };
        match self.0.iter_mut().find(|known| known.problem == problem) {
            Some(known) => known.count += count,
            None => self.0.push(Finding { problem, rule, count }),
        }
    }
}

/// The kind of certificate that a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    TlsServer,
    CodeSigning,
    /// A subordinate certificate authority.
    Authority,
    /// Mail, clients and whatever else has rules of its own.
    Other,
}

impl Purpose {
    fn of(inspection: &Inspection) -> Self {
        let values = || inspection.extensions.iter().map(|extension| &extension.value);
        if values().any(|value| matches!(value, ExtensionValue::BasicConstraints { ca: true, .. })) {
            return Self::Authority;
        }
        let mut purposes = values()
            .filter_map(|value| match value {
                ExtensionValue::ExtendedKeyUsage(purposes) => Some(purposes),
                _ => None,
            })
            .flatten()
            .peekable();
        let is_any = |usage: &ExtendedKeyUsage| {
            matches!(usage, ExtendedKeyUsage::Other(oid)
                if KeyPurpose::of(oid) == Some(KeyPurpose::AnyExtendedKeyUsage))
        };
        let mut purpose = if purposes.peek().is_none() { Self::TlsServer } else { Self::Other };
        for usage in purposes {
            match usage {
                ExtendedKeyUsage::ServerAuth => return Self::TlsServer,
                usage if is_any(usage) => return Self::TlsServer,
                ExtendedKeyUsage::CodeSigning | ExtendedKeyUsage::TimeStamping => {
                    purpose = Self::CodeSigning;
                }
                _ => {}
            }
        }
        purpose
    }
}

impl Inspection {
    /// What a public certificate authority would refuse in the request, or soon will: the size and the weaknesses of its key,
    /// its names, its subject, its usages, and the [`Warning`]s that such authorities don't accept. Empty if nothing was found.
    ///
    /// Requests for something else than a TLS server, as their key purposes say, are not held to the rules for servers' names
    /// and usages. Whether a domain has a public suffix, is delegated or belongs to anyone is not looked up. Of one code, at
    /// most eight different findings are listed, and a further one counts the rest.
    ///
    /// ```
    /// # let pem = include_bytes!("../../tests/data/inspect/rsa-1024.pem");
    /// let findings = csr_core::inspect(pem)?.lint();
    /// assert_eq!(findings[0].code(), "rsa_key_size");
    /// assert_eq!(findings[0].rule, "TLS Baseline Requirements §6.1.5");
    /// # Ok::<(), csr_core::InspectError>(())
    /// ```
    #[must_use]
    pub fn lint(&self) -> Vec<Finding> {
        let purpose = Purpose::of(self);
        let mut findings = Findings::default();
        key::check(&self.signed.key, purpose, &mut findings);
        if matches!(self.signature_status(), SignatureStatus::Invalid { .. }) {
            findings.add(Problem::Signature, rule::POSSESSION);
        }
        subject::check(self, purpose, &mut findings);
        if purpose == Purpose::TlsServer {
            names::check(self, &mut findings);
        }
        usage::check(self, purpose, &mut findings);
        let mut codes = Vec::new();
        for counted in &self.warnings {
            if let Some(rule) = rule_of(&counted.warning, &codes) {
                codes.push(counted.warning.code());
                findings.add_counted(Problem::Warning(counted.warning.clone()), rule, counted.count);
            }
        }
        findings.0
    }
}

/// The rule that a warning is about, if public authorities refuse such a request and no other finding says so. `codes` are
/// those of earlier warnings for which there is one.
fn rule_of(warning: &Warning, codes: &[&str]) -> Option<&'static str> {
    Some(match warning {
        Warning::WeakHash { .. } => rule::SIGNATURES,
        Warning::InvalidPublicKey => rule::KEY_PARAMETERS,
        Warning::Parameters { .. } => rule::KEY_IDENTIFIER,
        Warning::CompressedPoint => rule::POINTS,
        Warning::Malformed { .. } | Warning::MalformedAttribute { .. } => rule::PKCS10,
        Warning::DuplicateExtension { .. }
        | Warning::MalformedExtension { .. }
        | Warning::EmptyExtension { .. } => rule::PKIX_EXTENSIONS,
        Warning::EmptyKeyUsage => rule::PKIX_KEY_USAGE,
        Warning::PathLengthWithoutCa => rule::PKIX_BASIC_CONSTRAINTS,
        Warning::MalformedName { kind, .. } | Warning::EmptyName { kind } | Warning::BadName { kind, .. } => {
            match kind {
                GeneralNameKind::DnsName | GeneralNameKind::IpAddress => rule::ALTERNATIVE_NAMES,
                _ => rule::PKIX_ALTERNATIVE_NAMES,
            }
        }
        Warning::AddressAsDnsName { .. } => rule::ALTERNATIVE_NAMES,
        Warning::MisplacedSan { .. } => rule::PKIX_ALTERNATIVE_NAMES,
        Warning::MalformedValue { .. }
        | Warning::Country { .. }
        | Warning::LongValue { .. }
        | Warning::StringTypeOf { .. }
        | Warning::Alphabet { .. } => rule::PKIX_ATTRIBUTES,
        Warning::NoNames => rule::PKIX_SUBJECT,
        Warning::UnprintableValue { .. } | Warning::NotListed { .. } => rule::PRACTICE,
        Warning::MoreOfKind { code } if codes.contains(code) => rule::PRACTICE,
        _ => return None,
    })
}

/// Whether an extension of this type is requested.
fn has_extension(inspection: &Inspection, name: ExtensionType) -> bool {
    inspection.extensions.iter().any(|extension| extension.name == Some(name))
}

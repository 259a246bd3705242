//! The content of a CSR, for people or programs.

use csr_core::inspect::{
    AttributeType, CertificateInspection, Extension, ExtensionValue, Finding, GeneralName, Name,
    NameAttribute, PrivateKeyInspection, PublicKeyAlgorithm, PublicKeyInfo,
};
use csr_core::{Inspection, SignatureStatus, Sm2Identity};
use serde::Serialize;

use crate::output::Page;

/// The JSON form: the fields of the inspection, and whether the signature holds.
#[derive(Serialize)]
pub(crate) struct Json<'a> {
    #[serde(flatten)]
    inspection: &'a Inspection,
    signature: SignatureStatus,
    #[serde(skip_serializing_if = "Option::is_none")]
    lint: Option<&'a [Finding]>,
}

impl<'a> Json<'a> {
    pub(crate) fn new(inspection: &'a Inspection, signature: SignatureStatus) -> Self {
        Self { inspection, signature, lint: None }
    }

    /// Adds the findings, if they were asked for.
    pub(crate) fn with_lint(self, lint: Option<&'a [Finding]>) -> Self {
        Self { lint, ..self }
    }
}

/// Subject, names and extensions.
pub(crate) fn content(page: &mut Page, inspection: &Inspection) {
    name(page, "Subject", &inspection.subject);
    names_and_extensions(page, &inspection.sans, &inspection.extensions);
}

/// A distinguished name.
fn name(page: &mut Page, label: &str, name: &Name) {
    if name.attributes.is_empty() {
        page.row(label, ["(empty)"]);
    }
    page.row(
        label,
        // A multi-valued relative name takes one line.
        name.relative_names().map(|rdn| {
            let value = |a: &NameAttribute| match rdn {
                [_] => with_readable(&a.value, a.readable()),
                // A value that holds the joint must not look like two.
                _ => a.value.to_string().replace('+', r"\+"),
            };
            let attributes: Vec<_> = rdn.iter().map(|a| format!("{} = {}", a.label(), value(a))).collect();
            attributes.join(" + ")
        }),
    );
}

fn names_and_extensions(page: &mut Page, sans: &[GeneralName], extensions: &[Extension]) {
    page.row("Names", sans.iter().map(|name| with_readable(name, name.readable())));
    page.row(
        "Extensions",
        extensions.iter().filter(|e| e.critical || !lists_names(&e.value)).map(|e| {
            let critical = if e.critical { " (critical)" } else { "" };
            format!("{}{critical}: {}", e.label(), e.value)
        }),
    );
}

/// A name, and the form of it that people read, if that is another.
fn with_readable(name: &impl std::fmt::Display, readable: Option<String>) -> String {
    readable.map_or_else(|| name.to_string(), |readable| format!("{name} ({readable})"))
}

/// Whether the names already show what the extension holds.
fn lists_names(value: &ExtensionValue) -> bool {
    matches!(value, ExtensionValue::SubjectAltName(_))
}

/// The attributes, including a challenge password.
pub(crate) fn attributes(page: &mut Page, inspection: &Inspection) {
    attributes_but(page, inspection, None);
}

/// The attributes but for a challenge password.
pub(crate) fn attributes_without_password(page: &mut Page, inspection: &Inspection) {
    attributes_but(page, inspection, Some(AttributeType::ChallengePassword));
}

fn attributes_but(page: &mut Page, inspection: &Inspection, hidden: Option<AttributeType>) {
    page.row(
        "Attributes",
        inspection.attributes.iter().filter(|a| a.name.is_none() || a.name != hidden).map(|a| {
            let values: Vec<_> = a.values.iter().map(ToString::to_string).collect();
            format!("{}: {}", a.label(), values.join(", "))
        }),
    );
}

/// All of a certificate.
pub(crate) fn certificate(page: &mut Page, certificate: &CertificateInspection) {
    let time = |time: &Option<String>| time.clone().unwrap_or_else(|| "(malformed)".to_owned());
    let validity = &certificate.validity;
    name(page, "Subject", &certificate.subject);
    page.row("Names", certificate.sans.iter().map(|name| with_readable(name, name.readable())));
    name(page, "Issuer", &certificate.issuer);
    page.row("Serial number", [&certificate.serial_number]);
    page.row("Valid", [format!("{} to {}", time(&validity.not_before), time(&validity.not_after))]);
    names_and_extensions(page, &[], &certificate.extensions);
    page.row("Malformed", &certificate.malformed);
    public_key(page, &certificate.public_key);
    page.row("Signature", [format!("{}: not checked", certificate.signature_algorithm.name)]);
    page.row("Certificate", [format!("SHA-256 {}", certificate.sha256)]);
    page.row("Warnings", &certificate.warnings);
}

/// How a private key is encrypted, after what it is; nothing if it is not.
pub(crate) fn encryption(key: &PrivateKeyInspection) -> String {
    key.encryption.as_ref().map_or_else(String::new, |cipher| format!(", encrypted with {cipher}"))
}

/// That a certificate is the first of several, after what it is; nothing if it is alone.
pub(crate) fn chain(further_certificates: usize) -> String {
    match further_certificates {
        0 => String::new(),
        further => format!(", the first of {}", further + 1),
    }
}

/// The algorithm of a public key, and its size.
pub(crate) fn algorithm(key: &PublicKeyInfo) -> String {
    let bits = key.bits.map_or_else(String::new, |bits| format!(", {bits} bits"));
    format!("{}{bits}", key.algorithm)
}

/// The warnings, and the findings if they were asked for. A warning that is a finding, too, is shown as that.
pub(crate) fn warnings(page: &mut Page, inspection: &Inspection, lint: Option<&[Finding]>) {
    let findings = lint.unwrap_or_default();
    let is_finding = |warning| findings.iter().any(|finding| finding.covers(warning));
    page.row("Warnings", inspection.warnings.iter().filter(|counted| !is_finding(&counted.warning)));
    if lint.is_some_and(<[_]>::is_empty) {
        page.row("Lint", ["nothing found"]);
    }
    page.row("Lint", findings);
}

/// The public key and its fingerprint.
pub(crate) fn public_key(page: &mut Page, key: &PublicKeyInfo) {
    page.row("Public key", [algorithm(key), format!("SHA-256 {}", key.sha256)]);
}

/// The signature's algorithm, and whether it holds.
pub(crate) fn signature(
    page: &mut Page,
    inspection: &Inspection,
    signature: &SignatureStatus,
    given: Option<&str>,
) {
    let verdict = verdict(inspection, signature, given);
    page.row("Signature", [format!("{}: {verdict}", inspection.signature_algorithm)]);
}

/// Whether the signature holds, in words. `given` is the SM2 identity that the user requires.
pub(crate) fn verdict(inspection: &Inspection, signature: &SignatureStatus, given: Option<&str>) -> String {
    match signature {
        SignatureStatus::Valid { sm2_identity: None } => "holds".to_owned(),
        SignatureStatus::Valid { sm2_identity: Some(identity) } => {
            format!("holds with the SM2 identity {identity}")
        }
        SignatureStatus::Invalid { holds_with }
            if inspection.public_key.algorithm == PublicKeyAlgorithm::Sm2 =>
        {
            match (given.map(shown), holds_with) {
                (None, _) => "does NOT hold with the SM2 identities 1234567812345678 and (empty); \
                              pass another with --sm2-id"
                    .to_owned(),
                (Some(given), None) => format!("does NOT hold with the SM2 identity {given}"),
                (Some(given), Some(other)) => {
                    format!("does NOT hold with the SM2 identity {given}; it holds with {other}")
                }
            }
        }
        SignatureStatus::Invalid { .. } => "does NOT hold".to_owned(),
        SignatureStatus::Unsupported { algorithm } => {
            format!("cannot be checked: {algorithm} is not supported")
        }
        _ => "cannot be checked".to_owned(),
    }
}

/// A given SM2 identity, shown in the same form as those that match.
fn shown(given: &str) -> String {
    match Sm2Identity::new(given) {
        Ok(identity) => identity.to_string(),
        Err(error) => format!("that is given ({error})"),
    }
}

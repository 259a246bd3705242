//! What a CSR holds, told to people or programs.

use csr_core::{Inspection, SignatureStatus};
use serde::Serialize;

use crate::output::Page;

/// The JSON form: the inspection's own fields, and whether the signature holds.
#[derive(Serialize)]
pub(crate) struct Json<'a> {
    #[serde(flatten)]
    inspection: &'a Inspection,
    signature: SignatureStatus,
}

impl<'a> Json<'a> {
    pub(crate) fn of(inspection: &'a Inspection, signature: SignatureStatus) -> Self {
        Self { inspection, signature }
    }
}

/// Subject, names and extensions.
pub(crate) fn content(page: &mut Page, inspection: &Inspection) {
    if inspection.subject.attributes.is_empty() {
        page.row("Subject", ["(empty)"]);
    }
    page.row(
        "Subject",
        inspection.subject.attributes.iter().map(|a| format!("{} = {}", a.name.unwrap_or(&a.oid), a.value)),
    );
    page.row("Names", &inspection.sans);
    page.row(
        "Extensions",
        inspection.extensions.iter().filter(|e| e.critical || e.name != Some("subjectAltName")).map(|e| {
            let critical = if e.critical { " (critical)" } else { "" };
            format!("{}{critical}: {}", e.name.unwrap_or(&e.oid), e.value)
        }),
    );
}

/// The attributes, a challenge password among them.
pub(crate) fn attributes(page: &mut Page, inspection: &Inspection) {
    page.row(
        "Attributes",
        inspection.attributes.iter().map(|a| {
            let values: Vec<_> = a.values.iter().map(ToString::to_string).collect();
            format!("{}: {}", a.name.unwrap_or(&a.oid), values.join(", "))
        }),
    );
}

/// The public key and its fingerprint.
pub(crate) fn public_key(page: &mut Page, inspection: &Inspection) {
    let key = &inspection.public_key;
    let bits = key.bits.map_or_else(String::new, |bits| format!(", {bits} bits"));
    page.row("Public key", [format!("{}{bits}", key.algorithm), format!("SHA-256 {}", key.sha256)]);
}

/// The signature's algorithm, and whether it holds.
pub(crate) fn signature(page: &mut Page, inspection: &Inspection, signature: &SignatureStatus) {
    page.row(
        "Signature",
        [format!("{}: {}", inspection.signature_algorithm.name, verdict(inspection, signature))],
    );
}

/// Whether the signature holds, in words.
pub(crate) fn verdict(inspection: &Inspection, signature: &SignatureStatus) -> String {
    match signature {
        SignatureStatus::Valid { sm2_identity: None } => "holds".to_owned(),
        SignatureStatus::Valid { sm2_identity: Some(identity) } => {
            format!("holds with the SM2 identity {identity}")
        }
        SignatureStatus::Invalid if inspection.public_key.algorithm == "SM2" => {
            "does NOT hold with the SM2 identities that were tried; --sm2-id names another".to_owned()
        }
        SignatureStatus::Invalid => "does NOT hold".to_owned(),
        SignatureStatus::Unsupported { algorithm } => {
            format!("cannot be judged: {algorithm} is not supported")
        }
        _ => "cannot be judged".to_owned(),
    }
}

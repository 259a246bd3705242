//! `csr inspect` and `csr verify`.

use std::process::ExitCode;

use anyhow::{Context, Result};
use csr_core::inspect::{Finding, Warning};
use csr_core::{Inspection, SignatureStatus};
use serde::Serialize;

use crate::args::{InspectArgs, ReadArgs};
use crate::failure::{DOES_NOT_HOLD, note};
use crate::output::{self, Page};
use crate::{input, report};

/// The exit status of `inspect --lint` if there are findings.
const FOUND: u8 = 1;

pub(crate) fn inspect(args: &InspectArgs) -> Result<ExitCode> {
    let InspectArgs { read: args, lint } = args;
    let (inspection, signature) = read(args)?;
    let findings = lint.then(|| inspection.lint());
    if args.json {
        output::json(&report::Json::new(&inspection, signature).with_lint(findings.as_deref()))?;
    } else {
        page(&inspection, &signature, args.sm2_id.as_deref(), findings.as_deref()).print()?;
    }
    let is_found = findings.is_some_and(|findings| !findings.is_empty());
    Ok(if is_found { ExitCode::from(FOUND) } else { ExitCode::SUCCESS })
}

pub(crate) fn verify(args: &ReadArgs) -> Result<ExitCode> {
    let (inspection, signature) = read(args)?;
    let algorithm = &inspection.signature_algorithm;
    let verdict = report::verdict(&inspection, &signature, args.sm2_id.as_deref());
    let verdict = format!("{}: the signature ({algorithm}) {verdict}", input::name(&args.file));
    if inspection.warnings.iter().any(|found| found.warning == Warning::FurtherRequests) {
        note(&format!("{}: {}", input::name(&args.file), Warning::FurtherRequests));
    }
    let status = match signature {
        SignatureStatus::Valid { .. } => Some(ExitCode::SUCCESS),
        SignatureStatus::Invalid { .. } => Some(ExitCode::from(DOES_NOT_HOLD)),
        _ => None,
    };
    if args.json {
        let public_key_sha256 = &inspection.public_key.sha256;
        let signature_algorithm = &algorithm.name;
        output::json(&Verdict { signature: &signature, signature_algorithm, public_key_sha256 })?;
    } else if status.is_some() {
        let mut page = Page::default();
        page.line(&verdict);
        page.print()?;
    }
    status.context(verdict)
}

/// The JSON form; the help of `verify` documents its fields.
#[derive(Serialize)]
struct Verdict<'a> {
    #[serde(flatten)]
    signature: &'a SignatureStatus,
    signature_algorithm: &'a str,
    public_key_sha256: &'a str,
}

fn read(args: &ReadArgs) -> Result<(Inspection, SignatureStatus)> {
    let bytes = input::read(&args.file)?;
    let inspection = csr_core::inspect(&bytes).with_context(|| input::name(&args.file))?;
    let signature = inspection.verify(args.sm2_id.as_deref());
    Ok((inspection, signature))
}

fn page(
    inspection: &Inspection,
    signature: &SignatureStatus,
    sm2_id: Option<&str>,
    lint: Option<&[Finding]>,
) -> Page {
    let mut page = Page::default();
    page.line("Certificate signing request (PKCS#10)");
    page.line("");
    report::content(&mut page, inspection);
    report::attributes(&mut page, inspection);
    report::malformed(&mut page, inspection);
    report::public_key(&mut page, inspection);
    report::signature(&mut page, inspection, signature, sm2_id);
    page.row("Whole CSR", [format!("SHA-256 {}", inspection.sha256)]);
    report::warnings(&mut page, inspection, lint);
    page
}

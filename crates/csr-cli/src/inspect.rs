//! `csr inspect` and `csr verify`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow};
use csr_core::inspect::{Finding, Item, Warning, read_any};
use csr_core::{InspectError, Inspection, SignatureStatus};
use serde::Serialize;

use crate::args::{InspectArgs, ReadArgs};
use crate::failure::{self, FOUND_FAULTS, Refusals, note};
use crate::output::{self, Page};
use crate::{given, input, report};

/// The exit status of `inspect --lint` if there are findings.
const FOUND: u8 = 1;

pub(crate) fn inspect(args: &InspectArgs) -> Result<ExitCode> {
    let InspectArgs { read: args, lint } = args;
    let files = input::files(&args.files, "inspect")?;
    let mut faults = Refusals::default();
    let mut read = read_all(&files);
    if *lint {
        faults.extend(found(&mut read).filter_map(|found| found.lint().err()));
    }
    let sm2_id = args.sm2_id.as_deref();
    match &read[..] {
        [Ok(only)] if files.len() == 1 => {
            if args.json {
                only.print_json(sm2_id)?;
            } else {
                only.page(None, sm2_id).print()?;
            }
        }
        // What has failed alone is reported as any other failure.
        [Err(_)] => {}
        several if args.json => {
            let entries = several.iter().map(|read| match read {
                Ok(found) => Entry::Read(found.json(true, sm2_id)),
                Err(failed) => Entry::Failed(failed.json()),
            });
            output::json(&entries.collect::<Vec<_>>())?;
        }
        several => {
            let found = several.iter().filter_map(|read| read.as_ref().ok());
            let mut pages = found.map(|found| found.page(Some(&input::name(found.path)), sm2_id)).peekable();
            if pages.peek().is_some() {
                Page::joined(pages).print()?;
            }
        }
    }
    let has_findings = |found: &mut Found<'_>| found.findings.as_ref().is_some_and(|f| !f.is_empty());
    let status = if found(&mut read).any(has_findings) { ExitCode::from(FOUND) } else { ExitCode::SUCCESS };
    faults.extend(read.into_iter().filter_map(Result::err).map(|failed| failed.message));
    faults.check()?;
    Ok(status)
}

/// A part of a file, or why the file cannot be read.
type Read<'a> = Result<Found<'a>, Failed<'a>>;

fn read_all(files: &[PathBuf]) -> Vec<Read<'_>> {
    let read = |path| match Found::read(path) {
        Ok(found) => found.into_iter().map(Ok).collect(),
        Err(error) => vec![Err(Failed::new(path, &error))],
    };
    files.iter().flat_map(|path| read(path)).collect()
}

fn found<'a, 'b>(read: &'b mut [Read<'a>]) -> impl Iterator<Item = &'b mut Found<'a>> {
    read.iter_mut().filter_map(|read| read.as_mut().ok())
}

/// A file that cannot be read.
struct Failed<'a> {
    path: &'a Path,
    message: String,
}

impl<'a> Failed<'a> {
    fn new(path: &'a Path, error: &anyhow::Error) -> Self {
        Self { path, message: format!("{error:#}") }
    }

    fn json(&self) -> JsonFailed {
        // There may be no such file: a key may stand in the place of its path.
        let file = given::without_secrets(&self.path.display().to_string()).into_owned();
        JsonFailed { file, error: failure::as_json(&self.message) }
    }
}

/// An entry of the list for several files.
#[derive(Serialize)]
#[serde(untagged)]
enum Entry<T> {
    Read(T),
    Failed(JsonFailed),
}

#[derive(Serialize)]
struct JsonFailed {
    file: String,
    error: serde_json::Value,
}

/// Why `inspect` refuses this.
#[cfg(all(test, unix))]
pub(crate) fn refusal(args: &ReadArgs) -> Option<anyhow::Error> {
    let files = match input::files(&args.files, "inspect") {
        Ok(files) => files,
        Err(error) => return Some(error),
    };
    let failed = read_all(&files).into_iter().filter_map(Result::err);
    let mut faults = Refusals::default();
    faults.extend(failed.map(|failed| failed.message));
    faults.check().err().map(Into::into)
}

/// What a file holds.
struct Found<'a> {
    path: &'a Path,
    item: Item,
    /// How many more certificates the file holds.
    further_certificates: usize,
    /// What a public certificate authority would refuse of a CSR, with `--lint`.
    findings: Option<Vec<Finding>>,
}

/// The JSON form; the help of `inspect` documents its fields.
#[derive(Serialize)]
struct Json<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(flatten)]
    item: &'a Item,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<SignatureStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lint: Option<&'a [Finding]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    further_certificates: Option<usize>,
}

impl<'a> Found<'a> {
    /// The CSR of a file, or else its certificate and keys.
    fn read(path: &'a Path) -> Result<Vec<Self>> {
        let bytes = input::read(path)?;
        let contents = read_any(&bytes, None);
        if let Ok(request) = csr_core::inspect(&bytes) {
            let is_other = |item: &&Item| !matches!(item, Item::CertificateRequest(_));
            if let Some(other) = contents.as_ref().ok().and_then(|held| held.items.iter().find(is_other)) {
                let (name, kind) = (input::name(path), other.kind());
                note(&format!("{name}: holds {kind}, too; `csr match` says whether it belongs to the CSR"));
            }
            let item = Item::CertificateRequest(Box::new(request));
            return Ok(vec![Self { path, item, further_certificates: 0, findings: None }]);
        }
        let contents = contents.with_context(|| input::name(path))?;
        let further_certificates = contents.further_certificates;
        let found = |item| Self { path, item, further_certificates, findings: None };
        Ok(contents.items.into_iter().map(found).collect())
    }

    /// Looks for what a public certificate authority would refuse. Only a CSR can be asked.
    fn lint(&mut self) -> Result<(), String> {
        match &self.item {
            Item::CertificateRequest(request) => {
                self.findings = Some(request.lint());
                Ok(())
            }
            other => Err(format!("--lint: {} is {}: give CSRs only", input::name(self.path), other.kind())),
        }
    }

    fn print_json(&self, sm2_id: Option<&str>) -> Result<()> {
        match &self.item {
            Item::CertificateRequest(request) => {
                let json = report::Json::new(request, request.verify(sm2_id));
                output::json(&json.with_lint(self.findings.as_deref()))
            }
            _ => output::json(&self.json(false, sm2_id)),
        }
    }

    fn json(&self, names_file: bool, sm2_id: Option<&str>) -> Json<'_> {
        let signature = match &self.item {
            Item::CertificateRequest(request) => Some(request.verify(sm2_id)),
            _ => None,
        };
        let is_certificate = matches!(self.item, Item::Certificate(_));
        Json {
            file: names_file.then(|| self.path.display().to_string()),
            item: &self.item,
            signature,
            lint: self.findings.as_deref(),
            further_certificates: is_certificate.then_some(self.further_certificates),
        }
    }

    fn page(&self, name: Option<&str>, sm2_id: Option<&str>) -> Page {
        let mut page = Page::default();
        let title = match &self.item {
            Item::CertificateRequest(_) => "Certificate signing request (PKCS#10)".to_owned(),
            Item::Certificate(_) => {
                "Certificate (X.509)".to_owned() + &report::chain(self.further_certificates)
            }
            Item::PrivateKey(key) => "Private key".to_owned() + &report::encryption(key),
            Item::PublicKey(_) => "Public key".to_owned(),
            other => other.kind().to_owned(),
        };
        page.line(&name.map_or_else(|| title.clone(), |name| format!("{name}: {title}")));
        page.line("");
        match &self.item {
            Item::CertificateRequest(request) => {
                let signature = request.verify(sm2_id);
                report::content(&mut page, request);
                report::attributes(&mut page, request);
                page.row("Malformed", &request.malformed);
                report::public_key(&mut page, &request.public_key);
                report::signature(&mut page, request, &signature, sm2_id);
                page.row("Whole CSR", [format!("SHA-256 {}", request.sha256)]);
                report::warnings(&mut page, request, self.findings.as_deref());
            }
            Item::Certificate(certificate) => report::certificate(&mut page, certificate),
            Item::PrivateKey(key) => {
                match &key.public_key {
                    Some(public_key) => report::public_key(&mut page, public_key),
                    None => page.row("Public key", ["not known without the pass phrase"]),
                }
                page.row("Warnings", &key.warnings);
            }
            Item::PublicKey(key) => {
                report::public_key(&mut page, &key.public_key);
                page.row("Warnings", &key.warnings);
            }
            _ => {}
        }
        page
    }
}

pub(crate) fn verify(args: &ReadArgs) -> Result<ExitCode> {
    let files = input::files(&args.files, "verify")?;
    let mut faults = Refusals::default();
    let mut status = ExitCode::SUCCESS;
    let mut page = Page::default();
    let mut verdicts = Vec::new();
    for path in &files {
        let name = input::name(path);
        let inspection = match request(path) {
            Ok(inspection) => inspection,
            Err(error) => {
                let failed = Failed::new(path, &error);
                verdicts.push(Entry::Failed(failed.json()));
                faults.push(failed.message);
                continue;
            }
        };
        let signature = inspection.verify(args.sm2_id.as_deref());
        if inspection.warnings.iter().any(|found| found.warning == Warning::FurtherRequests) {
            note(&format!("{name}: {}", Warning::FurtherRequests));
        }
        let algorithm = &inspection.signature_algorithm;
        let verdict = report::verdict(&inspection, &signature, args.sm2_id.as_deref());
        let verdict = format!("{name}: the signature ({algorithm}) {verdict}");
        match signature {
            SignatureStatus::Valid { .. } => page.line(&verdict),
            SignatureStatus::Invalid { .. } => {
                status = ExitCode::from(FOUND_FAULTS);
                page.line(&verdict);
            }
            _ => faults.push(verdict),
        }
        verdicts.push(Entry::Read(Verdict {
            file: (files.len() > 1).then(|| path.display().to_string()),
            signature,
            signature_algorithm: inspection.signature_algorithm.name,
            public_key_sha256: inspection.public_key.sha256,
        }));
    }
    match &verdicts[..] {
        [Entry::Failed(_)] => {}
        [only] if args.json => output::json(only)?,
        several if args.json => output::json(&several)?,
        _ => page.print()?,
    }
    faults.check()?;
    Ok(status)
}

/// The JSON form; the help of `verify` documents its fields.
#[derive(Serialize)]
struct Verdict {
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(flatten)]
    signature: SignatureStatus,
    signature_algorithm: String,
    public_key_sha256: String,
}

fn request(path: &Path) -> Result<Inspection> {
    let bytes = input::read(path)?;
    let inspection = csr_core::inspect(&bytes).map_err(|error| match error {
        InspectError::NotACsr(_) | InspectError::NotARequest { .. } => {
            anyhow!("{error} (`csr verify` checks CSRs only; `csr inspect` shows other files)")
        }
        other => other.into(),
    });
    inspection.with_context(|| input::name(path))
}

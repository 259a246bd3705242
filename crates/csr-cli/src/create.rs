//! `csr create`: everything is checked, then a key is made, then files are written.

mod ask;
mod content;
mod key;
mod summary;
mod target;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use csr_core::{Csr, CsrSpec, KeyAlgorithm};

use self::content::Content;
use crate::args::CreateArgs;
use crate::content::{SM2_ID_UNUSED, files_of_values};
use crate::failure::{self, Refusals};
use crate::files::NewFile;
use crate::input;
use crate::profile::Profile;
use key::KeySource;
use summary::Summary;
use target::Target;

pub(crate) use ask::{complete, is_wanted};

pub(crate) fn run(args: &CreateArgs) -> Result<ExitCode> {
    let Checked { spec, profile, notes, target, source } = check(args)?;
    let (key, exported) = source.into_key()?;
    if args.content.sm2_id.is_some() && key.algorithm() != KeyAlgorithm::Sm2 {
        failure::note(SM2_ID_UNUSED);
    }
    let csr = Csr::sign(&spec, &key)?;
    let encoded = if args.der { csr.as_der().to_vec() } else { csr.to_pem().into_bytes() };

    if let Target::Files { folder, csr: csr_path, key: key_path } = &target {
        let mut files = vec![NewFile { path: csr_path.clone(), contents: &encoded, secret: false }];
        if let Some((path, contents)) = key_path.as_ref().zip(exported.as_deref()) {
            files.push(NewFile { path: path.clone(), contents, secret: true });
        }
        folder.write(&files, args.force)?;
    }
    notes.iter().for_each(|note| failure::note(note));
    let exported = exported.as_deref();
    let summary =
        Summary { args, csr: &csr, key: &key, profile: &profile, notes: &notes, target: &target, exported };
    match (summary.print(), &target) {
        // The work is done: a retry would find the files in its way.
        (Err(error), Target::Files { .. }) => {
            failure::note(&format!("the files are written, but this summary could not be: {error:#}"));
        }
        (told, _) => told?,
    }
    Ok(ExitCode::SUCCESS)
}

struct Checked {
    spec: CsrSpec,
    profile: Profile,
    notes: Vec<String>,
    target: Target,
    source: KeySource,
}

/// Reads and checks everything that was given; nothing is made or written yet.
fn check(args: &CreateArgs) -> Result<Checked> {
    let mut faults = Refusals::default();
    let from_standard_input = reads_standard_input(args);
    if from_standard_input.len() > 1 {
        let flags = from_standard_input.join(" and ");
        faults.push(format_args!("{flags} cannot be read from the same standard input"));
        return Err(faults.into());
    }
    let content = Content::read(args, &mut faults);
    let target = Target::check(args, &content, &mut faults);
    let source = KeySource::check(args, &content, &mut faults);
    faults.check()?;
    let (Some(spec), Some(target), Some(source)) = (content.spec, target, source) else {
        anyhow::bail!("a fault went unnoticed; please report this");
    };
    Ok(Checked { spec, profile: content.profile, notes: content.notes, target, source })
}

/// The flags that take standard input for their file.
fn reads_standard_input(args: &CreateArgs) -> Vec<&'static str> {
    let files = [
        ("--request", &args.request),
        ("--config", &args.config),
        ("--from", &args.content.from),
        ("--key", &args.key),
        ("--passphrase-file", &args.passphrase.file),
        ("--challenge-password-file", &args.content.challenge_password_file),
    ];
    let is_read = |path: &Option<PathBuf>| path.as_deref().is_some_and(input::is_standard_input);
    let values = files_of_values(&args.content)
        .filter(|(_, path)| input::is_standard_input(path))
        .map(|(flag, _)| flag);
    files.into_iter().filter(|(_, path)| is_read(path)).map(|(flag, _)| flag).chain(values).collect()
}

/// Why this is refused, before anything is made.
#[cfg(all(test, unix))]
pub(crate) fn refusal(args: &CreateArgs) -> Option<anyhow::Error> {
    check(args).err()
}

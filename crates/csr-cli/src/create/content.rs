//! What goes into the CSR: from flags, or from a request of the API.

use std::path::Path;

use anyhow::Context;
use csr_core::{CheckedRequest, CreateCsrDraft, CsrSpec, Fault, Field, PrivateKeyAlgo, Reason, San, Usage};
use csr_model::CsrContent;

use crate::args::{self, CreateArgs};
use crate::content::{self, Files, Hint, Old, Typed, Wanted};
use crate::failure::Refusals;
use crate::input;
use crate::profile::{self, Profile};

/// A missing part was faulty, except that flags give no name.
#[derive(Default)]
pub(super) struct Content {
    pub(super) spec: Option<CsrSpec>,
    /// The algorithm of a new key.
    pub(super) algorithm: Option<PrivateKeyAlgo>,
    /// The request's name for the CSR.
    pub(super) name: Option<String>,
    /// The values that the organization profile gave.
    pub(super) profile: Profile,
    /// What the user should know.
    pub(super) notes: Vec<String>,
}

impl Content {
    pub(super) fn read(args: &CreateArgs, faults: &mut Refusals) -> Self {
        let Some(path) = &args.request else { return Self::of_flags(args, faults) };
        let draft = faults.take_chain(read_draft(path).context("--request"));
        draft.map(|draft| Self::of_request(draft, args.config.as_deref(), faults)).unwrap_or_default()
    }

    fn of_request(draft: CreateCsrDraft, config: Option<&Path>, faults: &mut Refusals) -> Self {
        let CsrContent { usage, company, .. } = draft.content();
        let missing = profile::of_company(company).into_iter().filter(|(_, given)| given.is_empty());
        let missing = missing.map(|(field, _)| field).collect();
        let (profile, unused) = profile_for(usage, config, missing, faults);
        let draft = draft.completed_from(&profile.company());
        // The API's limits are no reason to refuse a CSR here.
        let refused = draft.api_faults().into_iter();
        let notes = refused.map(|fault| format!("{fault}; the API would refuse this request"));
        let mut notes: Vec<_> = unused.into_iter().chain(notes).collect();
        let (algorithm, name) = (draft.private_key_algo(), draft.name().map(str::to_owned));
        let checked = CheckedRequest::new(draft);
        let is_new = |fault: &&Fault| !profile.explains(fault);
        let checked = checked.map_err(|found| faults.extend_fields(found.iter().filter(is_new))).ok();
        let spec = checked.map(|checked| checked.into_parts().1);
        notes.extend(spec.as_ref().and_then(without_common_name));
        Self { spec, algorithm, name, profile, notes }
    }

    fn of_flags(args: &CreateArgs, faults: &mut Refusals) -> Self {
        let flags = &args.content;
        let names_something = args.names_something();
        if !names_something {
            faults.push(NO_NAME);
        }
        if args.names.first.is_some() && flags.domain.is_some() {
            faults.push("--domain: DOMAIN gives the domain already: give one of them");
        }
        let password = flags.challenge_password_file.as_deref().and_then(|path| {
            faults.take_chain(content::challenge_password(path).context("--challenge-password-file"))
        });
        let old = flags.from.as_deref().and_then(|path| faults.take_chain(Old::read(path).context("--from")));
        let is_old_missing = flags.from.is_some() && old.is_none();
        let algorithm = match (&old, args.algorithm, &args.key) {
            (Some(old), None, None) => faults.take_chain(old.algorithm().context("--from")),
            (None, None, None) if is_old_missing => None,
            (_, algorithm, _) => Some(algorithm.unwrap_or(args::DEFAULT_ALGORITHM)),
        };
        let new_key = algorithm.filter(|_| args.key.is_none());
        let builder = old.as_ref().map_or_else(CsrSpec::builder, |old| old.builder(new_key));
        let (mut typed, mut mistyped) = (Typed::default(), Vec::new());
        typed.update(flags, Files::Read, |_| true, &mut mistyped);
        faults.extend(mistyped.into_iter().map(|fault| as_typed(fault, args)));
        let missing = content::missing_company_fields(flags, &typed, old.as_ref());
        let (profile, unused) =
            profile_for(Some(flags.usage), args.config.as_deref(), missing.clone(), faults);
        let wanted = Wanted {
            domain: args.domain().map(|(_, domain)| domain),
            names: &args.names.further,
            given: flags,
            typed: &typed,
            company: content::company(flags, &profile, &missing),
            challenge_password: password.as_ref().map(|password| password.as_str()),
            digest: args.digest,
            pss: args.pss,
        };
        // NO_NAME tells more, and a file that cannot be read may hold what is missing.
        let is_reported = |fault: &Fault| match (fault.field, &fault.reason) {
            (Field::DomainName, Reason::Missing) => is_old_missing || !names_something,
            (_, Reason::MissingForEnterprise) => is_old_missing || profile.explains(fault),
            _ => false,
        };
        let is_new = |fault: &&Fault| !is_reported(fault);
        let spec = wanted.build(builder).map_err(|found| {
            let new = found.iter().filter(is_new);
            faults.extend(new.map(|fault| as_typed(content::Fault::new(fault, &typed), args)));
        });
        let spec = spec.ok().filter(|_| !is_old_missing);
        let is_own = flags.no_common_name || flags.common_name.is_some();
        let left_out = spec.as_ref().filter(|_| !is_own).and_then(without_common_name);
        let of_old = old.as_ref().zip(spec.as_ref());
        let of_old = of_old.map(|(old, spec)| [old.notes(new_key), old.notes_on(spec)].concat());
        let notes = unused.into_iter().chain(of_old.into_iter().flatten()).chain(left_out).collect();
        Self { spec, algorithm, name: None, profile, notes }
    }
}

/// The missing fields from the profile, for an ENTERPRISE only, and a note about a profile that is not used.
fn profile_for(
    usage: Option<Usage>,
    config: Option<&Path>,
    missing: Vec<Field>,
    faults: &mut Refusals,
) -> (Profile, Option<String>) {
    if usage == Some(Usage::Enterprise) {
        return (Profile::read(config, missing, faults), None);
    }
    let unused = config.filter(|_| usage == Some(Usage::Personal));
    (
        Profile::default(),
        unused.map(|_| {
            "--config: not used, as only an ENTERPRISE CSR takes the profile: add --usage ENTERPRISE"
                .to_owned()
        }),
    )
}

fn read_draft(path: &Path) -> anyhow::Result<CreateCsrDraft> {
    let bytes = input::read(path)?;
    CreateCsrDraft::from_json(&bytes).map_err(|refused| {
        let why: Vec<_> = refused.iter().map(Fault::message).collect();
        anyhow::anyhow!("{} {}", input::name(path), why.join("; "))
    })
}

/// Why the CSR has no common name although it names a host.
fn without_common_name(spec: &CsrSpec) -> Option<String> {
    let host = spec.host_without_common_name()?;
    let why = match host {
        San::Ip(_) => "an address is no common name",
        _ => "it has over 64 characters",
    };
    Some(format!("{host} is an alternative name only: {why}"))
}

/// The only fault of a command line that names nothing.
const NO_NAME: &str = "DOMAIN: is required, as in `csr create example.com`; --common-name, --subject, --san, --from FILE or --request FILE can \
     stand in for it";

/// A fault under the name of the argument that caused it.
fn as_typed(fault: content::Fault, args: &CreateArgs) -> String {
    let content::Fault { flag, index, message, hint } = fault;
    let (argument, index) = match (flag, index) {
        ("--san", Some(index)) => match index.checked_sub(args.names.further.len()) {
            Some(index) => ("--san", Some(index)),
            None => ("SAN", Some(index)),
        },
        ("--domain", _) => (args.domain().map_or("DOMAIN", |(argument, _)| argument), None),
        other => other,
    };
    let hint = match hint {
        Some(Hint::Email) => "; a mail address is given by --san-email",
        Some(Hint::AllowUnderscore) => "; --allow-underscore takes it",
        Some(Hint::Profile) => "; CSR_COUNTRY and the like or --config can give the company, too",
        Some(Hint::Uri) => "; a URI is given by --san-uri",
        None => "",
    };
    match index {
        Some(index) => format!("{argument}[{index}]: {message}{hint}"),
        None => format!("{argument}: {message}{hint}"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    fn faults_of(request: &str) -> String {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, request).unwrap();
        let cli = Cli::parse_from(["csr", "create", "--request", file.path().to_str().unwrap()]);
        let Command::Create(args) = cli.command else { panic!("another command") };
        let mut faults = Refusals::default();
        Content::read(&args, &mut faults);
        faults.to_string()
    }

    #[test]
    fn a_faulty_form_does_not_keep_the_rest_from_being_checked() {
        let request = r#"{"name": "n", "domain_name": "_", "sans": 7, "private_key_algo": "EC_P256",
            "usage": "ENTERPRISE", "company_country": "China", "company_province": "Beijing", "company_city": ["x"]}"#;
        assert_eq!(
            faults_of(request),
            "domain_name: \"_\" contains `_`, which host names don't have; \
             sans: must be a string, not a number; \
             company_country: \"China\" must be a two-letter code from ISO 3166-1: give CN; \
             company_city: must be a string, not a list; company_name: is required when usage is ENTERPRISE"
        );
    }
}

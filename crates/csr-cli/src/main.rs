//! `csr` makes private keys and certificate signing requests on your own machine. It is a thin front for `csr-core`,
//! which has every rule.

#![forbid(unsafe_code)]

mod args;
mod batch;
mod content;
mod create;
mod failure;
mod files;
mod given;
mod input;
mod inspect;
mod key_form;
mod manual;
mod memory;
mod output;
mod passphrase;
#[cfg(all(test, unix))]
#[path = "../../csr-core/tests/planted/mod.rs"]
mod planted;
mod profile;
mod report;
mod same_key;
#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod secrets;
#[cfg(feature = "serve")]
mod serve;
mod settings_file;
mod signals;
mod text;
mod variables;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser};

use args::{Cli, Command};
use failure::Form;

fn main() -> ExitCode {
    memory::keep_private();
    let form = Form::of(&Cli::command());
    let done = parse(form).and_then(|cli| match &cli.command {
        Command::Create(args) => create::run(args),
        Command::Batch(args) => batch::run(args),
        Command::Inspect(args) => inspect::inspect(args),
        Command::Verify(args) => inspect::verify(args),
        Command::Match(args) => same_key::run(args),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::serve(args),
        #[cfg(feature = "serve")]
        Command::Access(command) => serve::access(command),
        #[cfg(feature = "serve")]
        Command::Key(command) => serve::key(command),
        #[cfg(feature = "serve")]
        Command::MasterKey(command) => serve::master_key(command),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man { out } => manual::pages(out.as_deref()),
    });
    done.unwrap_or_else(|error| failure::report(&error, form))
}

/// Parses the command line.
fn parse(form: Form) -> Result<Cli> {
    let mut command = variables::guarded(Cli::command());
    let line: Vec<_> = std::env::args_os().collect();
    let mut parse = |line: &[OsString]| {
        check_dashes(line)?;
        let matches = command.try_get_matches_from_mut(line)?;
        Ok((Cli::from_arg_matches(&matches)?, matches))
    };
    let parsed: clap::error::Result<_> = parse(&line);
    let (cli, matches) = parsed.map_err(|error| error.format(&mut command)).unwrap_or_else(|error| {
        if error.kind() == ErrorKind::InvalidUtf8 {
            for name in variables::not_utf8(&command) {
                failure::note(&format!("{}: must be UTF-8", name.display()));
            }
        }
        if error.use_stderr() && failure::report_usage_error(&error, form) {
            std::process::exit(error.exit_code());
        }
        error.exit()
    });
    variables::check(&Cli::command(), &matches)?;
    if let (Command::Create(args), Some((_, given))) = (&cli.command, matches.subcommand())
        && create::is_wanted(args)
    {
        return Ok(Cli::try_parse_from(create::complete(&line, given)?)?);
    }
    Ok(cli)
}

/// Refuses short flags that run together, or have a value glued to them: with those, `-subj` or `-nodes` of OpenSSL would
/// be taken for what nobody meant.
fn check_dashes(line: &[OsString]) -> clap::error::Result<()> {
    let words = line.iter().skip(1).map(|word| word.to_string_lossy()).take_while(|word| word != "--");
    for word in words {
        let is_short =
            word.strip_prefix('-').is_some_and(|flag| flag.starts_with(|c: char| c.is_alphabetic()));
        if is_short && word.chars().count() > 2 {
            let hint = if word == "-subj" { "; a subject is given by --subject TYPE=VALUE" } else { "" };
            let text = format!(
                "{word}: a flag of several letters begins with two dashes, and a short flag stands apart from its value{hint}\n"
            );
            return Err(clap::Error::raw(ErrorKind::UnknownArgument, text));
        }
    }
    Ok(())
}

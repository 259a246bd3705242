//! `csr` makes private keys and certificate signing requests on your own machine. It is a thin front for `csr-core`,
//! which has every rule.

#![forbid(unsafe_code)]

mod args;
mod create;
mod failure;
mod files;
mod given;
mod input;
mod inspect;
mod manual;
mod memory;
mod output;
mod passphrase;
#[cfg(all(test, unix))]
#[path = "../../csr-core/tests/planted/mod.rs"]
mod planted;
mod report;
mod same_key;
#[cfg(all(test, unix))]
#[allow(clippy::unwrap_used, reason = "tests")]
mod secrets;
#[cfg(feature = "serve")]
mod serve;
mod signals;
mod text;
mod variables;

use std::process::ExitCode;

use anyhow::Result;
use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

use args::{Cli, Command};

fn main() -> ExitCode {
    memory::keep_private();
    let done = parse().and_then(|cli| match &cli.command {
        Command::Create(args) => create::run(args),
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
    done.unwrap_or_else(|error| failure::report(&error))
}

/// Parses the command line.
fn parse() -> Result<Cli> {
    let mut command = variables::guarded(Cli::command());
    let parsed = command
        .try_get_matches_from_mut(std::env::args_os())
        .and_then(|matches| Ok((Cli::from_arg_matches(&matches)?, matches)));
    let (cli, matches) = parsed.map_err(|error| error.format(&mut command)).unwrap_or_else(|error| {
        if error.kind() == ErrorKind::InvalidUtf8 {
            for name in variables::not_utf8(&command) {
                failure::note(&format!("{}: must be UTF-8", name.display()));
            }
        }
        if error.use_stderr() && failure::report_usage_error(&error.to_string()) {
            std::process::exit(error.exit_code());
        }
        error.exit()
    });
    variables::check(&Cli::command(), &matches)?;
    Ok(cli)
}

//! `csr`: private keys and certificate signing requests on your own machine. A thin front of `csr-core`, where
//! every rule lives.

#![forbid(unsafe_code)]

mod args;
mod create;
mod failure;
mod files;
mod input;
mod inspect;
mod manual;
mod output;
mod passphrase;
mod report;
mod serve;
mod signals;
mod text;

use std::ffi::OsStr;
use std::io::Write;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};
use csr_core::inspect::is_unprintable;

use args::{Cli, Command};
use text::printable;

fn main() -> ExitCode {
    let done = match &parse().command {
        Command::Create(args) => create::run(args),
        Command::Inspect(args) => inspect::inspect(args),
        Command::Verify(args) => inspect::verify(args),
        Command::Serve(args) => serve::serve(args),
        Command::Access(command) => serve::access(command),
        Command::Key(command) => serve::key(command),
        Command::MasterKey(command) => serve::master_key(command),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man { out } => manual::pages(out.as_deref()),
    };
    done.unwrap_or_else(|error| failure::report(&error))
}

/// Parses the command line. What it quotes of arguments that drive a terminal is made harmless.
fn parse() -> Cli {
    let mut command = without_empty_variables(Cli::command());
    let matches = command.try_get_matches_from_mut(std::env::args_os());
    let parsed = matches.and_then(|matches| Cli::from_arg_matches(&matches));
    parsed.map_err(|error| error.format(&mut command)).unwrap_or_else(|error| {
        let quotes_hostile = std::env::args_os().any(|arg| arg.to_string_lossy().contains(is_unprintable));
        if error.use_stderr() && quotes_hostile {
            for line in error.to_string().lines() {
                // Where standard error itself is gone, there is nobody left to tell.
                let _ = writeln!(std::io::stderr(), "{}", printable(line));
            }
            std::process::exit(error.exit_code());
        }
        if error.kind() == ErrorKind::InvalidUtf8 {
            std::env::vars_os()
                .filter(|(name, value)| {
                    name.to_string_lossy().starts_with("CSR_") && value.to_str().is_none()
                })
                .for_each(|(name, _)| failure::note(&format!("{}: is not UTF-8", name.display())));
        }
        error.exit()
    })
}

/// A variable that is set to nothing counts as not set, as compose files and unit files write it.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    fn is_empty(name: &OsStr) -> bool {
        std::env::var_os(name).is_some_and(|value| value.is_empty())
    }
    command
        .mut_args(|arg| if arg.get_env().is_some_and(is_empty) { arg.env("").hide_env(true) } else { arg })
        .mut_subcommands(without_empty_variables)
}

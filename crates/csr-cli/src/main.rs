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
mod text;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command};

fn main() -> ExitCode {
    let done = match &Cli::parse().command {
        Command::Create(args) => create::run(args),
        Command::Inspect(args) => inspect::inspect(args),
        Command::Verify(args) => inspect::verify(args),
        Command::Completions { shell } => manual::completions(*shell),
        Command::Man { out } => manual::pages(out.as_deref()),
    };
    done.unwrap_or_else(|error| failure::report(&error))
}

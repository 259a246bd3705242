//! Completions and manual pages, generated from the definition of the command line.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Command, CommandFactory};
use clap_complete::Shell;

use crate::args::Cli;
use crate::files::Folder;
use crate::output;

pub(crate) fn completions(shell: Shell) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "csr", &mut script);
    output::raw(&script)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn pages(out: Option<&Path>) -> Result<ExitCode> {
    match out {
        Some(folder) => {
            Folder::open(folder).context("--out")?;
            clap_mangen::generate_to(documented(Cli::command()), folder)
                .with_context(|| format!("--out: cannot write manual pages to {}", folder.display()))?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(documented(Cli::command())).render(&mut page)?;
            output::raw(&page)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The command with a long help for every option: where one is hidden from the short help and has no other, a manual page
/// would say nothing.
fn documented(command: Command) -> Command {
    let with_long_help = |arg: clap::Arg| match (arg.get_long_help(), arg.get_help().cloned()) {
        (None, Some(help)) => arg.long_help(help),
        _ => arg,
    };
    command.mut_args(with_long_help).mut_subcommands(documented)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn manual_page_describes_every_option() {
        let command = Cli::command();
        let create = command.find_subcommand("create").unwrap().clone();
        let mut page = Vec::new();
        clap_mangen::Man::new(documented(create)).render(&mut page).unwrap();
        let page = String::from_utf8(page).unwrap();
        for text in ["Leave the common name out", "Write DER instead of PEM", "Ask for key usages"] {
            assert!(page.contains(text), "{text}");
        }
    }
}

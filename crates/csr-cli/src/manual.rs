//! Completions and manual pages, generated from the definition of the command line.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::CommandFactory;
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
            clap_mangen::generate_to(Cli::command(), folder)
                .with_context(|| format!("--out: cannot write manual pages to {}", folder.display()))?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page)?;
            output::raw(&page)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

//! The scripts in `python/`.

use std::env;
use std::path::Path;
use std::process::Command;

use super::run;
use crate::reading::parse_lines;
use crate::{Readings, Result};

fn python() -> Command {
    Command::new(env::var_os("CSR_PYTHON").unwrap_or_else(|| "python3".into()))
}

/// Why there is no Python with this module, if there is none.
pub(crate) fn missing(module: &str) -> Option<String> {
    run(python().args(["-c", &format!("import {module}")]))
        .is_err()
        .then(|| format!("no Python that has `{module}` (CSR_PYTHON names one)"))
}

/// A script of ours, to be given its arguments.
pub(crate) fn script(name: &str) -> Command {
    let mut command = python();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(name);
    command.env("PYTHONUTF8", "1").arg("-B").arg(script);
    command
}

/// A module's own command, to be given its arguments.
pub(crate) fn module(name: &str) -> Command {
    let mut command = python();
    command.env("PYTHONUTF8", "1").args(["-m", name]);
    command
}

pub(super) fn read(name: &str, folder: &Path) -> Result<Readings> {
    parse_lines(&run(script(name).arg(folder))?)
}

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

pub(super) fn missing(module: &str) -> Option<String> {
    run(python().args(["-c", &format!("import {module}")]))
        .is_err()
        .then(|| format!("no Python that has `{module}` (CSR_PYTHON names one)"))
}

pub(super) fn read(script: &str, folder: &Path) -> Result<Readings> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("python").join(script);
    parse_lines(&run(python().env("PYTHONUTF8", "1").arg("-B").arg(script).arg(folder))?)
}

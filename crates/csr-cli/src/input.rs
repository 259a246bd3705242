//! Reading what the user points at: bounded, from a file or standard input.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, Result, bail};
use zeroize::Zeroizing;

/// The most that is read of anything. A CSR of ten thousand names has about 300 KB.
const LIMIT: u64 = 4 << 20;

/// The name under which standard input is read.
const STANDARD_INPUT: &str = "-";

pub(crate) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == STANDARD_INPUT
}

/// What to call the input in a message.
pub(crate) fn name(path: &Path) -> String {
    if is_standard_input(path) { "standard input".into() } else { path.display().to_string() }
}

/// Reads all of a file, or of standard input for `-`; it may be a secret.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let bytes = if is_standard_input(path) {
        bounded(io::stdin().lock())
    } else {
        File::open(path).map_err(Into::into).and_then(bounded)
    };
    bytes.with_context(|| format!("cannot read {}", name(path)))
}

/// The first line of a file, or of standard input for `-`, without its end; it is a secret.
pub(crate) fn first_line(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = read(path)?;
    let end = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
    bytes.truncate(end);
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    if bytes.is_empty() {
        bail!("the first line of {} is empty", name(path));
    }
    Ok(bytes)
}

fn bounded(source: impl Read) -> Result<Zeroizing<Vec<u8>>> {
    // Room for any key from the start: growing would leave copies of it behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 << 10));
    source.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        bail!("it has more than {} MiB", LIMIT >> 20);
    }
    if bytes.is_empty() {
        bail!("it is empty");
    }
    Ok(bytes)
}

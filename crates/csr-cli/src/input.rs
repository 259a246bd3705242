//! Reads input, of bounded size, from a file or standard input.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use csr_core::private_file::{NotPrivate, check_private_file};
use zeroize::Zeroizing;

/// The most that is read from any input. A CSR with ten thousand names has about 300 KB.
const LIMIT: u64 = 4 << 20;

/// The path that means standard input.
const STANDARD_INPUT: &str = "-";

pub(crate) fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == STANDARD_INPUT
}

/// The files that a command reads: those given, or standard input, unless nothing is piped into that.
pub(crate) fn files(given: &[PathBuf], command: &str) -> Result<Vec<PathBuf>> {
    if given.is_empty() {
        if io::stdin().is_terminal() {
            bail!("FILE: name a file to read, or pipe it in: `csr {command} FILE`, `csr {command} <FILE`");
        }
        return Ok(vec![STANDARD_INPUT.into()]);
    }
    if given.iter().filter(|path| is_standard_input(path)).count() > 1 {
        bail!("FILE: `-` may be given only once, because standard input can be read only once");
    }
    Ok(given.to_vec())
}

/// The name of the input in a message.
pub(crate) fn name(path: &Path) -> String {
    if is_standard_input(path) { "standard input".into() } else { path.display().to_string() }
}

/// Reads a whole file, or standard input for `-`. The content may be a secret.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let bytes = if is_standard_input(path) {
        bounded(io::stdin().lock())
    } else {
        File::open(path).map_err(Into::into).and_then(bounded)
    };
    bytes.with_context(|| format!("cannot read {}", name(path)))
}

/// Reads a file as [`read`] does, and checks that nobody else can read it, because it holds a secret.
pub(crate) fn read_private(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    if is_standard_input(path) {
        return read(path);
    }
    let context = || format!("cannot read {}", name(path));
    let file = File::open(path).with_context(context)?;
    check_private_file(path, &file.metadata().with_context(context)?)?;
    bounded(file).with_context(context)
}

/// Checks that nobody else can read the file, if it exists.
pub(crate) fn check_private(path: &Path) -> Result<(), NotPrivate> {
    match fs::metadata(path) {
        Ok(metadata) if !is_standard_input(path) => check_private_file(path, &metadata),
        // The read itself reports a missing file.
        _ => Ok(()),
    }
}

/// Removes UTF-8's byte order mark, which some editors and shells write, and refuses UTF-16.
pub(crate) fn expect_utf8(bytes: &mut Zeroizing<Vec<u8>>) -> Result<()> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        bail!("must be UTF-8, not UTF-16: convert it, for example with `iconv -f UTF-16 -t UTF-8`");
    }
    if bytes.starts_with("\u{feff}".as_bytes()) {
        bytes.drain(..3);
    }
    Ok(())
}

/// The first line of a secret file, without its line end, or of standard input for `-`. Nobody else may be able to read the
/// file.
pub(crate) fn first_line(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = read_private(path)?;
    expect_utf8(&mut bytes)?;
    let end = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
    bytes.truncate(end);
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    if bytes.is_empty() {
        bail!("the first line of {} must not be empty", name(path));
    }
    if bytes.contains(&0) {
        bail!("must be UTF-8 text, but the first line contains a NUL, as in UTF-16");
    }
    Ok(bytes)
}

fn bounded(source: impl Read) -> Result<Zeroizing<Vec<u8>>> {
    // Room for any key from the start: a buffer that grows leaves unwiped copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(64 << 10));
    source.take(LIMIT + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LIMIT {
        bail!("it must have at most {} MiB", LIMIT >> 20);
    }
    if bytes.is_empty() {
        bail!("it is empty");
    }
    Ok(bytes)
}

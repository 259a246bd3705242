//! Writes to standard output. A failure is an error, not a panic.

use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;
use clap::builder::styling::Style;
#[cfg(unix)]
use nix::{
    fcntl::{FcntlArg, OFlag, fcntl},
    sys::stat::{FileStat, fstat, stat},
};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::text::{printable, printable_json};

const HEADING: Style = Style::new().bold();

/// Writes bytes to standard output as they are.
pub(crate) fn raw(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    Ok(out.flush()?)
}

/// Writes a line with a secret to standard output. No copy stays in memory: standard output doesn't buffer what ends a line.
#[cfg(feature = "serve")]
pub(crate) fn secret_line(secret: &str) -> Result<()> {
    raw(Zeroizing::new([secret, "\n"].concat()).as_bytes())
}

/// Whether standard output was closed when the command started. Rust's runtime then opens `/dev/null` in its place, for
/// reading and writing; a shell's `>/dev/null` opens it for writing only.
#[cfg(unix)]
pub(crate) fn was_closed() -> bool {
    let device = |found: nix::Result<FileStat>| found.map(|found| found.st_rdev);
    let flags = fcntl(io::stdout(), FcntlArg::F_GETFL).map(OFlag::from_bits_retain);
    device(fstat(io::stdout())) == device(stat("/dev/null"))
        && flags.is_ok_and(|flags| flags & OFlag::O_ACCMODE == OFlag::O_RDWR)
}

#[cfg(not(unix))]
pub(crate) fn was_closed() -> bool {
    false
}

/// Whether standard output holds JSON already, or part of it. It takes one value only.
static HOLDS_JSON: AtomicBool = AtomicBool::new(false);

pub(crate) fn holds_json() -> bool {
    HOLDS_JSON.load(Ordering::Relaxed)
}

/// Keeps standard output for lines of JSON: a failure is reported on standard error only.
pub(crate) fn keep_for_lines() {
    HOLDS_JSON.store(true, Ordering::Relaxed);
}

/// Writes a value to standard output as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    // It may hold a private key, and a buffer that grows leaves unwiped copies behind.
    let mut json = Zeroizing::new(Vec::with_capacity(256 << 10));
    serde_json::to_writer_pretty(&mut *json, value)?;
    json.push(b'\n');
    HOLDS_JSON.store(true, Ordering::Relaxed);
    raw(Zeroizing::new(printable_json(std::str::from_utf8(&json)?).into_owned()).as_bytes())
}

/// A page of text for people: lines, and rows of a label with its values.
#[derive(Default)]
pub(crate) struct Page(String);

impl Page {
    pub(crate) fn line(&mut self, text: &str) {
        self.0.push_str(&printable(text));
        self.0.push('\n');
    }

    /// A label with its values, one per line. Nothing if there are no values.
    pub(crate) fn row<T: ToString>(&mut self, label: &str, values: impl IntoIterator<Item = T>) {
        let mut label = label;
        for value in values {
            let value = value.to_string();
            self.0.push_str(&format!("  {HEADING}{label:<14}{HEADING:#}{}\n", printable(&value)));
            label = "";
        }
    }

    /// The pages with an empty line between them.
    pub(crate) fn joined(pages: impl IntoIterator<Item = Self>) -> Self {
        let texts: Vec<_> = pages.into_iter().map(|page| page.0).collect();
        Self(texts.join("\n"))
    }

    /// Writes the page to standard output.
    pub(crate) fn print(&self) -> Result<()> {
        self.write(&mut anstream::stdout().lock())
    }

    /// Writes the page to standard error. If that fails, there is nowhere left to report to.
    pub(crate) fn print_aside(&self) {
        let _ = self.write(&mut anstream::stderr().lock());
    }

    fn write(&self, out: &mut impl Write) -> Result<()> {
        out.write_all(self.0.as_bytes())?;
        Ok(out.flush()?)
    }
}

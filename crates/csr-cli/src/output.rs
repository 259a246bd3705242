//! Writing to standard output: a failure is an error, not a panic.

use std::io::{self, Write};

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

/// Writes a line with a secret to standard output. No copy of it is left in memory: what ends a line is not buffered.
#[cfg(feature = "serve")]
pub(crate) fn secret_line(secret: &str) -> Result<()> {
    raw(Zeroizing::new([secret, "\n"].concat()).as_bytes())
}

/// Whether standard output was closed when the command was started. Rust's runtime has opened `/dev/null` in its
/// place then, for reading too, as no shell's `>/dev/null` does.
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

/// Writes a value to standard output as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    // It may hold a private key: a buffer that grew would leave copies of it behind.
    let mut json = Zeroizing::new(Vec::with_capacity(256 << 10));
    serde_json::to_writer_pretty(&mut *json, value)?;
    json.push(b'\n');
    raw(Zeroizing::new(printable_json(std::str::from_utf8(&json)?).into_owned()).as_bytes())
}

/// A page of text for people: lines, and rows of a label and what it labels.
#[derive(Default)]
pub(crate) struct Page(String);

impl Page {
    pub(crate) fn line(&mut self, text: &str) {
        self.0.push_str(&printable(text));
        self.0.push('\n');
    }

    /// A label with values, one a line; nothing where there are none.
    pub(crate) fn row<T: ToString>(&mut self, label: &str, values: impl IntoIterator<Item = T>) {
        let mut label = label;
        for value in values {
            let value = value.to_string();
            self.0.push_str(&format!("  {HEADING}{label:<14}{HEADING:#}{}\n", printable(&value)));
            label = "";
        }
    }

    /// Writes the page to standard output.
    pub(crate) fn print(&self) -> Result<()> {
        self.write(&mut anstream::stdout().lock())
    }

    /// Writes the page to standard error. Where that is gone, there is nobody left to tell.
    pub(crate) fn print_aside(&self) {
        let _ = self.write(&mut anstream::stderr().lock());
    }

    fn write(&self, out: &mut impl Write) -> Result<()> {
        out.write_all(self.0.as_bytes())?;
        Ok(out.flush()?)
    }
}

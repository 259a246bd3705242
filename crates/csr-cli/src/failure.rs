//! Errors and notes, as the user sees them.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::builder::styling::{AnsiColor, Style};

use csr_core::inspect::must_escape;

use crate::given;
use crate::text::printable;

/// The exit status of `verify` for a signature that does not hold.
pub(crate) const DOES_NOT_HOLD: u8 = 1;
/// The exit status of `match` for files that don't belong together.
pub(crate) const DOES_NOT_MATCH: u8 = 1;
/// The exit status if the command refuses or fails.
pub(crate) const FAILED: u8 = 2;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Yellow.on_default().bold();

/// Every fault of what the user asked for, one per line. Never empty when returned as an error.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Vec<String>);

impl Refusals {
    pub(crate) fn push(&mut self, fault: impl fmt::Display) {
        self.0.push(fault.to_string());
    }

    /// Returns the value, or adds the fault.
    pub(crate) fn take<T, E: fmt::Display>(&mut self, result: Result<T, E>) -> Option<T> {
        result.map_err(|fault| self.push(fault)).ok()
    }

    /// Returns the value, or adds the error with all its causes as one fault.
    pub(crate) fn take_chain<T>(&mut self, result: anyhow::Result<T>) -> Option<T> {
        self.take(result.map_err(|error| format!("{error:#}")))
    }

    pub(crate) fn extend(&mut self, faults: impl IntoIterator<Item = String>) {
        self.0.extend(faults);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn check(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for Refusals {}

/// Prints the error to standard error, unless a reader such as `| head` has closed the pipe: that needs no message.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let io_error = error.downcast_ref::<io::Error>();
    if io_error.is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::from(FAILED);
    }
    let faults = match error.downcast_ref::<Refusals>() {
        Some(Refusals(faults)) => faults.clone(),
        None => vec![format!("{error:#}")],
    };
    let hidden = faults.iter().filter(|fault| print("error", ERROR, fault)).count();
    if hidden > 0 {
        note(HIDDEN_NOTE);
    }
    ExitCode::from(FAILED)
}

/// Prints to standard error what the user should know although nothing has failed.
pub(crate) fn note(text: &str) {
    print("note", NOTE, text);
}

/// Prints clap's message about the command line, made safe, if it quotes a secret or text that drives a terminal.
/// Returns whether it printed.
pub(crate) fn report_usage_error(message: &str) -> bool {
    let shown = given::without_secrets(message);
    let hidden = shown != message;
    if !hidden && !given::texts().iter().any(|text| text.contains(must_escape)) {
        return false;
    }
    // clap's tip would explain how to pass the secret nonetheless.
    for line in shown.lines().filter(|line| !(hidden && line.starts_with("  tip: "))) {
        // If standard error itself fails, there is nowhere left to report to.
        let _ = writeln!(io::stderr(), "{}", printable(line));
    }
    if hidden {
        note(HIDDEN_NOTE);
    }
    true
}

const HIDDEN_NOTE: &str = "an argument or variable looks like a key or another secret and is not shown; flags such as \
    --key take the path of the file that holds it, or `-` for standard input";

/// Prints a message, and returns whether part of it was hidden.
fn print(kind: &str, style: Style, text: &str) -> bool {
    let shown = given::without_secrets(text);
    // If standard error itself fails, there is nowhere left to report to.
    let _ = writeln!(anstream::stderr(), "{style}{kind}:{style:#} {}", printable(&shown));
    shown != text
}

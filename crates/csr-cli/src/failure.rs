//! What goes wrong, and how it is told.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::builder::styling::{AnsiColor, Style};

use csr_core::inspect::must_escape;

use crate::given;
use crate::text::printable;

/// The exit status of `verify` for a signature that does not hold.
pub(crate) const DOES_NOT_HOLD: u8 = 1;
/// The exit status of everything that is refused or fails.
pub(crate) const FAILED: u8 = 2;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Yellow.on_default().bold();

/// Everything that is wrong with what was asked for, each fault a line. Never empty when it is an error.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<String>);

impl Faults {
    pub(crate) fn push(&mut self, fault: impl fmt::Display) {
        self.0.push(fault.to_string());
    }

    /// Takes the value, or notes the fault.
    pub(crate) fn take<T, E: fmt::Display>(&mut self, result: Result<T, E>) -> Option<T> {
        result.map_err(|fault| self.push(fault)).ok()
    }

    /// Takes the value, or notes the fault and everything that caused it.
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

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl std::error::Error for Faults {}

/// Tells on standard error what went wrong. A reader that went away (`| head`) needs no telling.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    let io_error = error.downcast_ref::<io::Error>();
    if io_error.is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::from(FAILED);
    }
    let faults = match error.downcast_ref::<Faults>() {
        Some(Faults(faults)) => faults.clone(),
        None => vec![format!("{error:#}")],
    };
    let hidden = faults.iter().filter(|fault| say("error", ERROR, fault)).count();
    if hidden > 0 {
        note(HIDDEN_NOTE);
    }
    ExitCode::from(FAILED)
}

/// Tells on standard error what the user should know; nothing has gone wrong.
pub(crate) fn note(text: &str) {
    say("note", NOTE, text);
}

/// Tells what is wrong with the command line, in clap's words, if these quote what must be hidden or drives a terminal.
/// Says whether it did.
pub(crate) fn usage_told_harmlessly(message: &str) -> bool {
    let shown = given::without_secrets(message);
    let hidden = shown != message;
    if !hidden && !given::texts().iter().any(|text| text.contains(must_escape)) {
        return false;
    }
    // clap's tip would be about how to give it nonetheless.
    for line in shown.lines().filter(|line| !(hidden && line.starts_with("  tip: "))) {
        // Where standard error itself is gone, there is nobody left to tell.
        let _ = writeln!(io::stderr(), "{}", printable(line));
    }
    if hidden {
        note(HIDDEN_NOTE);
    }
    true
}

const HIDDEN_NOTE: &str = "an argument or variable looks like a key or another secret and is not shown; flags such as \
    --key take the path of the file that holds it, or `-` for standard input";

/// Says whether something was hidden.
fn say(kind: &str, style: Style, text: &str) -> bool {
    let shown = given::without_secrets(text);
    // Where standard error itself is gone, there is nobody left to tell.
    let _ = writeln!(anstream::stderr(), "{style}{kind}:{style:#} {}", printable(&shown));
    shown != text
}

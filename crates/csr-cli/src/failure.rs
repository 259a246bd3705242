//! Errors and notes, as the user sees them.

use std::env;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::Command;
use clap::builder::styling::{AnsiColor, Style};
use clap::error::{ContextKind, ContextValue};
use csr_core::inspect::must_escape;
use csr_core::{Fault, Field};
use serde::Serialize;

use crate::given;
use crate::output;
use crate::text::printable;

/// The exit status if the command did its work and found faults: a signature that does not hold, files that don't belong
/// together, a batch that is not whole or has faulty requests.
pub(crate) const FOUND_FAULTS: u8 = 1;
/// The exit status if the command refuses or fails.
pub(crate) const FAILED: u8 = 2;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Yellow.on_default().bold();

/// Every fault of what the user asked for, one per line. Never empty when returned as an error.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Vec<Refusal>);

/// A fault. The text begins with what it is about: an argument, a variable or a field of a request.
#[derive(Debug, Clone)]
struct Refusal {
    text: String,
    /// The field of the request.
    field: Option<Field>,
}

impl From<String> for Refusal {
    fn from(text: String) -> Self {
        Self { text, field: None }
    }
}

impl Refusals {
    pub(crate) fn push(&mut self, fault: impl fmt::Display) {
        self.0.push(fault.to_string().into());
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
        self.0.extend(faults.into_iter().map(Refusal::from));
    }

    /// Adds a fault of a field of a request.
    pub(crate) fn push_field(&mut self, field: Field, message: impl fmt::Display) {
        self.0.push(Refusal { text: format!("{field}: {message}"), field: Some(field) });
    }

    /// Adds the faults of a request of the API.
    pub(crate) fn extend_fields<'a>(&mut self, faults: impl IntoIterator<Item = &'a Fault>) {
        let faults = faults.into_iter();
        self.0.extend(faults.map(|fault| Refusal { text: fault.to_string(), field: Some(fault.field) }));
    }

    /// The faults without what they are about.
    pub(crate) fn messages(&self) -> String {
        let texts: Vec<_> = self.0.iter().map(|fault| given::without_secrets(&fault.text)).collect();
        let messages: Vec<_> =
            texts.iter().map(|text| printable(JsonFault::new(text, None).message)).collect();
        messages.join("; ")
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Adds other faults.
    pub(crate) fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// The faults, one by one.
    #[cfg(test)]
    pub(crate) fn texts(&self) -> Vec<String> {
        self.0.iter().map(|fault| fault.text.clone()).collect()
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
        let texts: Vec<_> = self.0.iter().map(|fault| fault.text.as_str()).collect();
        f.write_str(&texts.join("; "))
    }
}

impl std::error::Error for Refusals {}

/// How a failure is reported, besides the lines on standard error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    /// One object on standard output, where programs expect the result.
    Json,
}

impl Form {
    /// The form that the command line asks for, even if it cannot be parsed.
    pub(crate) fn of(root: &Command) -> Self {
        let words: Vec<_> = env::args_os().skip(1).take_while(|word| word != "--").collect();
        let mut called = root;
        for word in &words {
            let Some(below) = called.find_subcommand(word) else { break };
            called = below;
        }
        let has_json = called.get_arguments().any(|arg| arg.get_long() == Some("json"));
        if has_json && words.iter().any(|word| word == "--json") { Self::Json } else { Self::Text }
    }
}

/// Prints the error to standard error, unless a reader such as `| head` has closed the pipe: that needs no message.
pub(crate) fn report(error: &anyhow::Error, form: Form) -> ExitCode {
    let io_error = error.downcast_ref::<io::Error>();
    if io_error.is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe) {
        return ExitCode::from(FAILED);
    }
    let faults = match error.downcast_ref::<Refusals>() {
        Some(Refusals(faults)) => faults.clone(),
        None => vec![format!("{error:#}").into()],
    };
    let hidden = faults.iter().filter(|fault| print("error", ERROR, &fault.text)).count();
    if hidden > 0 {
        note(HIDDEN_NOTE);
    }
    report_as_json(&faults, form);
    ExitCode::from(FAILED)
}

/// Prints to standard error what the user should know although nothing has failed.
pub(crate) fn note(text: &str) {
    print("note", NOTE, text);
}

/// Prints clap's message about the command line, made safe, if it quotes a secret or text that drives a terminal.
/// Returns whether it printed.
pub(crate) fn report_usage_error(error: &clap::Error, form: Form) -> bool {
    let message = error.to_string();
    let shown = given::without_secrets(&message);
    let hidden = shown != message;
    report_as_json(&[in_one_line(error, &shown, hidden).into()], form);
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

/// clap's message behind the argument that it is about, without the usage, and without its tip if something is hidden.
fn in_one_line(error: &clap::Error, shown: &str, hidden: bool) -> String {
    let lines: Vec<_> = shown
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage: ") && !line.starts_with("For more information"))
        .filter(|line| !(line.is_empty() || hidden && line.starts_with("tip: ")))
        .collect();
    let message = lines.join(" ").replace(" tip: ", "; tip: ");
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(arg)) => {
            let is_shown = |word: &&str| is_flag(word) && given::without_secrets(word) == *word;
            let flag = arg.split([' ', '=', '[']).next().filter(is_shown);
            flag.map_or_else(|| message.to_owned(), |flag| format!("{flag}: {message}"))
        }
        _ => message.to_owned(),
    }
}

/// A fault in JSON; the help documents its fields.
#[derive(Serialize)]
struct JsonFault<'a> {
    #[serde(flatten)]
    place: Option<Place<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
    message: &'a str,
}

/// What a fault is about.
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Place<'a> {
    Flag(&'a str),
    Argument(&'a str),
    Field(&'a str),
    Variable(&'a str),
}

fn is_flag(word: &str) -> bool {
    word.strip_prefix("--").is_some_and(|name| {
        !name.is_empty() && name.bytes().all(|b| b == b'-' || b.is_ascii_lowercase() || b.is_ascii_digit())
    })
}

impl<'a> JsonFault<'a> {
    fn new(text: &'a str, field: Option<Field>) -> Self {
        let whole = Self { place: None, index: None, message: text };
        let Some((head, message)) = text.split_once(": ") else { return whole };
        let indexed = head.strip_suffix(']').and_then(|head| head.split_once('['));
        let (name, index) = match indexed {
            Some((name, index)) => (name, index.parse().ok()),
            None => (head, None),
        };
        let is_variable = |name: &str| name.bytes().all(|b| b == b'_' || b.is_ascii_uppercase());
        let place = match name {
            name if field.is_some_and(|field| field.as_str() == name) => Place::Field(name),
            name if is_flag(name) => Place::Flag(name),
            name if name.starts_with("CSR_") && is_variable(name) => Place::Variable(name),
            "DOMAIN" | "SAN" => Place::Argument(name),
            _ => return whole,
        };
        Self { place: Some(place), index, message }
    }
}

/// A fault of a field of a record, or of a flag that gives its default, in JSON.
pub(crate) fn json_fault<'a>(
    name: Option<&'a str>,
    index: Option<usize>,
    message: &'a str,
) -> impl Serialize + use<'a> {
    let place = name.map(|name| if is_flag(name) { Place::Flag(name) } else { Place::Field(name) });
    JsonFault { place, index, message }
}

/// Writes the faults to standard output, unless it holds the result already.
fn report_as_json(faults: &[Refusal], form: Form) {
    if form == Form::Text || output::holds_json() {
        return;
    }
    // If standard output fails, the lines on standard error tell the same.
    let _ = output::json(&serde_json::json!({ "error": json_of(faults) }));
}

fn json_of(faults: &[Refusal]) -> serde_json::Value {
    let texts: Vec<_> =
        faults.iter().map(|fault| (given::without_secrets(&fault.text), fault.field)).collect();
    let faults: Vec<_> = texts.iter().map(|(text, field)| JsonFault::new(text, *field)).collect();
    serde_json::json!({ "faults": faults })
}

/// A fault as the value of `error`, for output that holds more than that.
pub(crate) fn as_json(fault: &str) -> serde_json::Value {
    json_of(&[fault.to_owned().into()])
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

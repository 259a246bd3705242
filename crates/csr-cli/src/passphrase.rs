//! Pass phrases: from a file, an environment variable or a prompt, never from an argument.

use std::env;
use std::fmt::Display;
use std::io::ErrorKind;

use anyhow::{Context, Result, bail};
use zeroize::Zeroizing;

use crate::args::Passphrase;
use crate::given::without_secrets;
use crate::signals::Held;
use crate::text::printable;
use crate::{failure, input};

/// The pass phrase to encrypt a new key with. The prompt asks twice.
pub(crate) fn to_encrypt(source: &Passphrase) -> Result<Zeroizing<Vec<u8>>> {
    if let Some(given) = without_prompt(source)? {
        return Ok(given);
    }
    let ask = || {
        let first = prompt("Pass phrase for the new key: ")?;
        if first.is_empty() {
            return Ok(Err("the pass phrase must not be empty"));
        }
        let again = prompt("Again: ")?;
        Ok(if again == first { Ok(first) } else { Err("the two pass phrases must be the same") })
    };
    repeatedly(ask, |_| true)?.map_err(|why| anyhow::anyhow!("--encrypt: {why}"))
}

/// Opens an encrypted key with its pass phrase. A prompt says the name, and asks again after a wrong pass phrase.
pub(crate) fn to_decrypt<T, E: Display>(
    source: &Passphrase,
    name: &str,
    open: impl Fn(&[u8]) -> Result<T, E>,
    is_wrong: impl Fn(&E) -> bool,
) -> Result<Result<T, E>> {
    match without_prompt(source)? {
        Some(given) => Ok(open(&given)),
        None => ask(name, open, is_wrong),
    }
}

/// [`to_decrypt`] with a prompt.
pub(crate) fn ask<T, E: Display>(
    name: &str,
    open: impl Fn(&[u8]) -> Result<T, E>,
    is_wrong: impl Fn(&E) -> bool,
) -> Result<Result<T, E>> {
    let question = format!("Pass phrase of {}: ", printable(&without_secrets(name)));
    repeatedly(|| Ok(open(&prompt(&question)?)), is_wrong)
}

/// Asks again after an answer that may only be mistyped.
fn repeatedly<T, E: Display>(
    ask: impl Fn() -> Result<Result<T, E>>,
    may_be_mistyped: impl Fn(&E) -> bool,
) -> Result<Result<T, E>> {
    const TIMES: usize = 3;
    for _ in 1..TIMES {
        match ask()? {
            Err(error) if may_be_mistyped(&error) => failure::note(&format!("{error}; try again")),
            answer => return Ok(answer),
        }
    }
    ask()
}

/// The pass phrase from a file or variable; `None` where the user must be asked.
pub(crate) fn without_prompt(source: &Passphrase) -> Result<Option<Zeroizing<Vec<u8>>>> {
    if let Some(path) = &source.file {
        return input::first_line(path).map(Some).context("--passphrase-file");
    }
    let Some(variable) = &source.env else { return Ok(None) };
    let Some(value) = env::var_os(variable) else {
        // Quoted only if it is clearly a name: people pass the pass phrase itself.
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        if !variable.chars().all(is_name) {
            bail!(
                "--passphrase-env: must name an environment variable that holds the pass phrase; no variable has this name"
            );
        }
        bail!("--passphrase-env: the variable {variable} is not set");
    };
    let mut value = Zeroizing::new(value.into_encoded_bytes());
    input::expect_utf8(&mut value).with_context(|| format!("--passphrase-env: {variable}"))?;
    if value.is_empty() {
        bail!("--passphrase-env: the variable {variable} must not be empty");
    }
    Ok(Some(value))
}

/// Asks on the terminal, without echo, even if standard input is a pipe.
fn prompt(question: &str) -> Result<Zeroizing<Vec<u8>>> {
    let answer = {
        // On Ctrl-C `rpassword` raises the signal before it restores the terminal.
        let _held = Held::interrupt()?;
        rpassword::prompt_password(question)
    };
    match answer {
        Ok(answer) => Ok(Zeroizing::new(answer.into_bytes())),
        // Ctrl-D, or Ctrl-C while the signal is ignored.
        Err(error) if matches!(error.kind(), ErrorKind::UnexpectedEof | ErrorKind::Interrupted) => {
            bail!("no pass phrase was given")
        }
        Err(error) => Err(error).context(
            "there is no terminal to ask for the pass phrase: use --passphrase-file or --passphrase-env",
        ),
    }
}

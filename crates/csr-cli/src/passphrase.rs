//! Pass phrases: from a file, an environment variable or a prompt, never from an argument.

use std::env;
use std::io::ErrorKind;

use anyhow::{Context, Result, bail};
use zeroize::Zeroizing;

use crate::args::Passphrase;
use crate::given::without_secrets;
use crate::input;
use crate::signals::Held;
use crate::text::printable;

/// The pass phrase to encrypt a new key with. The prompt asks twice.
pub(crate) fn to_encrypt(source: &Passphrase) -> Result<Zeroizing<Vec<u8>>> {
    if let Some(given) = without_prompt(source)? {
        return Ok(given);
    }
    let first = prompt("Pass phrase for the new key: ")?;
    if first.is_empty() {
        bail!("--encrypt: the pass phrase must not be empty");
    }
    if prompt("Again: ")? != first {
        bail!("--encrypt: the two pass phrases must be the same");
    }
    Ok(first)
}

/// The pass phrase that opens an encrypted key.
pub(crate) fn to_decrypt(source: &Passphrase) -> Result<Zeroizing<Vec<u8>>> {
    to_read(source, "the key")
}

/// The pass phrase that opens the key in the named file.
pub(crate) fn to_read(source: &Passphrase, name: &str) -> Result<Zeroizing<Vec<u8>>> {
    match without_prompt(source)? {
        Some(given) => Ok(given),
        None => prompt(&format!("Pass phrase of {}: ", printable(&without_secrets(name)))),
    }
}

fn without_prompt(source: &Passphrase) -> Result<Option<Zeroizing<Vec<u8>>>> {
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

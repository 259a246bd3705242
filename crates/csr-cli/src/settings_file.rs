//! Reads a settings file, in TOML.

use std::path::Path;

use anyhow::{Context, Result};
use csr_model::Excerpt;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::input;

/// Parses the content of a settings file, whose path was given by this flag or variable. The error names the line, and
/// quotes no value: it may be a secret.
pub(crate) fn parse<T: DeserializeOwned>(
    given_by: &'static str,
    path: &Path,
    mut content: Zeroizing<Vec<u8>>,
) -> Result<T> {
    input::expect_utf8(&mut content).context(given_by)?;
    let text = str::from_utf8(&content).context("must be UTF-8").context(given_by)?;
    // The parser's message quotes the faulty line, which may hold the database's password.
    toml::from_str(text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        anyhow::anyhow!("{}, line {line}: {}", input::name(path), without_values(error.message()))
    })
}

/// The parser's message, in words that don't need Rust, without the value that it quotes: that may be meant for another
/// setting. An unknown setting is quoted as an excerpt only, because the file may be no settings file at all.
fn without_values(message: &str) -> String {
    let setting = message.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, expected "));
    if let Some((name, expected)) = setting {
        return format!("unknown field {}, expected {expected}", Excerpt::of(name));
    }
    let variant = message.strip_prefix("unknown variant `").and_then(|rest| rest.rsplit_once("`, expected "));
    let message = match (variant, message.split_once(" string \"")) {
        (Some((_, expected)), _) => format!("unknown variant, expected {expected}"),
        (None, Some((before, rest))) => {
            format!("{before} string{}", rest.rsplit_once('"').map_or("", |(_, after)| after))
        }
        (None, None) => message.to_owned(),
    };
    message.replace("expected usize", "expected a number from 0")
}

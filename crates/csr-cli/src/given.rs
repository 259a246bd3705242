//! What the user gave on the command line, in the environment and in the settings: kept out of messages where it may be a
//! secret, as when a key stands in the place of its file's path.

use std::borrow::Cow;
use std::collections::HashSet;
use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Mutex;

use csr_facade::CsrId;
use csr_model::may_be_secret;

/// What stands for what is left out of a message.
const HIDDEN: &str = "(hidden: it may be a secret)";
/// As many characters in a row of a text that may be a secret are never shown.
const RUN: usize = 20;

/// The paths in the file of settings.
static SETTINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Takes note of a path in the file of settings.
pub(crate) fn add(path: &Path) {
    SETTINGS.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(path.to_string_lossy().into());
}

/// The arguments, the variables that stand for flags, and the paths in the file of settings.
pub(crate) fn texts() -> Vec<String> {
    let is_ours = |name: &OsString| name == "RUST_LOG" || name.to_string_lossy().starts_with("CSR_");
    let variables = env::vars_os().filter(|(name, _)| is_ours(name)).map(|(_, value)| value);
    let mut texts: Vec<String> =
        env::args_os().skip(1).chain(variables).map(|text| text.to_string_lossy().into()).collect();
    texts.extend(SETTINGS.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).iter().cloned());
    texts
}

/// The message without what was given and may be a secret.
pub(crate) fn without_secrets(message: &str) -> Cow<'_, str> {
    let mut secrets = texts();
    secrets.retain(|text| is_secret(text));
    without(message, &secrets)
}

fn without<'a>(message: &'a str, secrets: &[String]) -> Cow<'a, str> {
    let secrets: Vec<Vec<char>> = secrets.iter().map(|secret| secret.chars().collect()).collect();
    let runs: HashSet<&[char]> = secrets.iter().flat_map(|secret| secret.windows(RUN)).collect();
    let chars: Vec<char> = message.chars().collect();
    let mut is_hidden = vec![false; chars.len()];
    for (at, run) in chars.windows(RUN).enumerate() {
        if runs.contains(run) {
            is_hidden[at..at + RUN].fill(true);
        }
    }
    if !is_hidden.contains(&true) {
        return Cow::Borrowed(message);
    }
    let mut rest = chars.iter();
    let shown = is_hidden.chunk_by(|a, b| a == b).map(|same| {
        let text: String = rest.by_ref().take(same.len()).collect();
        if same[0] { HIDDEN.to_owned() } else { text }
    });
    Cow::Owned(shown.collect())
}

/// Whether a text that was given may be a secret: neither a path that leads somewhere, nor the id of a CSR.
fn is_secret(text: &str) -> bool {
    let value =
        text.strip_prefix("--").and_then(|flag| flag.split_once('=')).map_or(text, |(_, value)| value);
    may_be_secret(text) && !is_path(value) && value.parse::<CsrId>().is_err()
}

/// Whether the text is the path of a file that is there, or of one in a folder that is. Its folders may have any names.
fn is_path(text: &str) -> bool {
    let path = Path::new(text);
    let there = path.ancestors().find(|part| !part.as_os_str().is_empty() && part.exists());
    let rest = there.and_then(|there| path.strip_prefix(there).ok());
    rest.is_some_and(|rest| !may_be_secret(&rest.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0aIYiG7O9Sn0mXKc";

    #[test]
    fn a_message_shows_no_20_characters_of_a_secret() {
        let secrets = [format!("-----BEGIN PRIVATE KEY-----\n{KEY}\n{KEY}\n")];
        let part: String = KEY.chars().skip(5).take(RUN).collect();
        assert_eq!(
            without(&format!("a {}b {part}c", secrets[0]), &secrets),
            format!("a {HIDDEN}b {HIDDEN}c")
        );
        assert_eq!(without(&format!("例 {KEY}"), &secrets), format!("例 {HIDDEN}"));
        for harmless in ["", "cannot read", &part[1..]] {
            assert_eq!(without(harmless, &secrets), harmless);
        }
    }

    #[test]
    fn a_path_that_leads_somewhere_is_no_secret() {
        let folder = tempfile::Builder::new().prefix(&KEY[..40]).tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        assert!(may_be_secret(path));
        assert!(!is_secret(path) && !is_secret(&format!("--key={path}/missing.key")));
        assert!(is_secret(&format!("{path}/{KEY}")));
        for secret in
            [KEY.to_owned(), format!("/{KEY}"), format!("--key={KEY}"), format!("-----BEGIN X-----\n{KEY}")]
        {
            assert!(is_secret(&secret), "{secret}");
        }
        assert!(!is_secret("3f2504e04f8941d39a0c0305e82c3301"), "the id of a CSR");
    }
}

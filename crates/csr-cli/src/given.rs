//! Texts that the user gave as arguments, environment variables or settings. Messages hide those that may be a secret,
//! such as a key pasted in place of the path of its file.

use std::borrow::Cow;
use std::collections::HashSet;
use std::env;
use std::ffi::OsString;
use std::ops::Range;
use std::path::Path;
use std::sync::Mutex;

use csr_model::{Excerpt, may_be_secret};
use percent_encoding::percent_decode_str;

/// Replaces hidden text in a message.
const HIDDEN: &str = "(hidden: it may be a secret)";
/// Messages never show this many consecutive letters and digits of a text that may be a secret.
const RUN: usize = 20;

/// The paths and the database's URL from the settings file, and the answers to questions.
static SETTINGS: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Records a path or URL from the settings file, or an answer to a question.
pub(crate) fn add(setting: &str) {
    SETTINGS.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(setting.to_owned());
}

/// The arguments, the environment variables that replace flags, and what [`add`] recorded.
pub(crate) fn texts() -> Vec<String> {
    let is_ours = |name: &OsString| name == "RUST_LOG" || name.to_string_lossy().starts_with("CSR_");
    let variables = env::vars_os().filter(|(name, _)| is_ours(name)).map(|(_, value)| value);
    let mut texts: Vec<String> =
        env::args_os().skip(1).chain(variables).map(|text| text.to_string_lossy().into()).collect();
    texts.extend(SETTINGS.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).iter().cloned());
    texts
}

/// Hides every given text in the message that may be a secret.
pub(crate) fn without_secrets(message: &str) -> Cow<'_, str> {
    without_secrets_of(message, texts())
}

/// The message without those of the texts that may be secrets.
pub(crate) fn without_secrets_of(message: &str, texts: Vec<String>) -> Cow<'_, str> {
    let mut secrets = texts;
    secrets.retain(|text| is_secret(text));
    let decoded = secrets.iter().map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned());
    secrets.extend(decoded.collect::<Vec<_>>());
    without(message, &secrets)
}

/// Texts that are quoted exactly as given are hidden whole.
fn without<'a>(message: &'a str, secrets: &[String]) -> Cow<'a, str> {
    let quoted = secrets.iter().filter(|secret| message.contains(secret.as_str()));
    let rest = quoted.fold(Cow::Borrowed(message), |rest, secret| Cow::Owned(rest.replace(secret, HIDDEN)));
    match without_essence(&rest, secrets) {
        Cow::Borrowed(_) => rest,
        Cow::Owned(shown) => Cow::Owned(shown),
    }
}

/// Compares letters and digits only, because clap drops control characters from what it quotes, and others escape them.
fn without_essence<'a>(message: &'a str, secrets: &[String]) -> Cow<'a, str> {
    let secrets: Vec<Vec<char>> =
        secrets.iter().map(|secret| essence(secret).into_iter().map(|(_, c)| c).collect()).collect();
    let runs: HashSet<&[char]> = secrets.iter().flat_map(|secret| secret.windows(RUN)).collect();
    let (places, chars): (Vec<usize>, Vec<char>) = essence(message).into_iter().unzip();
    let mut hidden: Vec<Range<usize>> = Vec::new();
    for (at, run) in chars.windows(RUN).enumerate() {
        if runs.contains(run) {
            let (start, end) = (places[at], places[at + RUN - 1] + 1);
            match hidden.last_mut() {
                Some(last) if start <= last.end => last.end = end,
                _ => hidden.push(start..end),
            }
        }
    }
    if hidden.is_empty() {
        return Cow::Borrowed(message);
    }
    let (mut shown, mut rest) = (String::new(), 0);
    for Range { start, end } in hidden {
        shown.push_str(&message[rest..start]);
        shown.push_str(HIDDEN);
        rest = end;
    }
    shown.push_str(&message[rest..]);
    Cow::Owned(shown)
}

/// The letters and digits of a text with their positions, except those in escapes (`\n`, `\u{b}`).
fn essence(text: &str) -> Vec<(usize, char)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let at = text.len() - rest.len();
        rest = &rest[c.len_utf8()..];
        if c == '\\' {
            let code = rest.strip_prefix("u{").and_then(|code| code.split_once('}'));
            // What stands between is escaped or dropped itself.
            let next = rest.trim_start_matches(|c: char| c != '\\' && !c.is_ascii_alphanumeric());
            rest = match code {
                Some((digits, after)) if digits.len() <= 6 => after,
                _ => next.strip_prefix(['n', 'r', 't', '0']).unwrap_or(rest),
            };
        } else if c.is_ascii_alphanumeric() {
            found.push((at, c));
        }
    }
    found
}

/// Whether a given text may be a secret: it looks like one or like no name, and is neither an existing path nor the id of
/// a CSR.
fn is_secret(text: &str) -> bool {
    let value =
        text.strip_prefix("--").and_then(|flag| flag.split_once('=')).map_or(text, |(_, value)| value);
    let looks_secret = may_be_secret(text) || is_hexadecimal(text);
    (looks_secret || !has_the_form_of_a_name(value)) && !is_path(value) && !is_csr_id(value)
}

/// Whether an excerpt shows the text whole, or each folder and file of a path: words of moderate length, or a longer
/// file name with an extension.
fn has_the_form_of_a_name(text: &str) -> bool {
    let is_shown = |part: &str| Excerpt::of(part).as_str() == Some(&*part.escape_debug().to_string());
    let is_joined = |c: char| matches!(c, '-' | '_' | '.');
    let is_plain = |part: &str| part.chars().all(|c| c.is_ascii_alphanumeric() || is_joined(c));
    let is_words = |part: &str| is_plain(part) && part.split(is_joined).all(|word| word.len() < RUN);
    let is_file = |name: &str| {
        let extension = name.rsplit_once('.').map(|(_, extension)| extension);
        is_plain(name) && extension.is_some_and(|extension| (1..=5).contains(&extension.len()))
    };
    is_shown(text) || text.split('/').all(|part| is_shown(part) || is_words(part) || is_file(part))
}

/// Whether so many consecutive hexadecimal digits appear that a message must not show them, ignoring
/// blanks and invisible characters.
fn is_hexadecimal(text: &str) -> bool {
    let mut digits = 0;
    let is_shown = |c: &char| c.is_alphanumeric() || c.is_ascii_punctuation();
    text.chars().filter(is_shown).any(|c| {
        digits = if c.is_ascii_hexdigit() { digits + 1 } else { 0 };
        digits == RUN
    })
}

#[cfg(feature = "serve")]
fn is_csr_id(text: &str) -> bool {
    text.parse::<csr_facade::CsrId>().is_ok()
}

/// Without the server, no argument is the id of a CSR.
#[cfg(not(feature = "serve"))]
fn is_csr_id(_: &str) -> bool {
    false
}

/// Whether the text is the path of an existing file, or of a new one in an existing folder. Existing folders may have any
/// names.
fn is_path(text: &str) -> bool {
    let path = Path::new(text);
    // Everything is under the root and the present folder, so these say nothing.
    let existing = path.ancestors().find(|part| part.parent().is_some() && part.exists());
    let rest = existing.and_then(|existing| path.strip_prefix(existing).ok());
    rest.is_some_and(|rest| !may_be_secret(&rest.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0aIYiG7O9Sn0mXKc";

    #[test]
    fn message_shows_no_20_characters_of_a_secret() {
        let secrets = [format!("-----BEGIN PRIVATE KEY-----\n{KEY}\n{KEY}\n")];
        let part: String = KEY.chars().skip(5).take(RUN).collect();
        assert_eq!(
            without(&format!("a {}b {part}c", secrets[0]), &secrets),
            format!("a {HIDDEN}b {HIDDEN}c")
        );
        assert_eq!(without(&format!("例 {KEY}"), &secrets), format!("例 {HIDDEN}"));
        for between in ["\u{b}", "\\u{b}", "\\n", ".", "\u{200b}", "%0a"] {
            let pieces: Vec<String> =
                KEY.as_bytes().chunks(18).map(|piece| String::from_utf8_lossy(piece).into()).collect();
            let secrets = [pieces.join(if between == "%0a" { "\n" } else { between })];
            for quoted in [pieces.join(""), pieces.join(between).replace("%0a", " ")] {
                assert_eq!(without(&format!("a {quoted}"), &secrets), format!("a {HIDDEN}"), "{between:?}");
            }
        }
        for harmless in ["", "cannot read", &part[1..]] {
            assert_eq!(without(harmless, &secrets), harmless);
        }
    }

    #[test]
    fn existing_path_is_no_secret() {
        let folder = tempfile::Builder::new().prefix(&KEY[..40]).tempdir().unwrap();
        let path = folder.path().to_str().unwrap();
        assert!(may_be_secret(path));
        assert!(!is_secret(path) && !is_secret(&format!("--key={path}/missing.key")));
        assert!(is_secret(&format!("{path}/{KEY}")));
        for secret in [
            KEY.to_owned(),
            format!("/{KEY}"),
            format!("--key={KEY}"),
            format!("-----BEGIN X-----\n{KEY}"),
            "{\"name\": \"1c0125a80508a8863eab69248\"}".to_owned(),
            "0100301306072 a8648ce".to_owned(),
        ] {
            assert!(is_secret(&secret), "{secret}");
        }
        for secret in
            ["{\"name\":\"MIIEvwIBADANBgkqhkiG\"}", "MIIEvwIBADANBgkqhkiG", "/MIIEvwIBADANBgkqhkiG/x"]
        {
            assert!(is_secret(secret), "{secret}");
        }
        for harmless in [
            "1c0125a80508a8863ea.key",
            "2001:0db8:85a3:08d3:1319:8a2e:0370:7348",
            "20261129121841.csr",
            "certificateofmycompany2026.csr",
            "nowhere/of-a-company/certificateofmycompany2026.csr",
            "--out=/nonexistent/folder/with/many/parts",
            "例え.jp",
        ] {
            assert!(!is_secret(harmless), "{harmless}");
        }
        #[cfg(feature = "serve")]
        assert!(!is_secret("3f2504e04f8941d39a0c0305e82c3301"), "the id of a CSR");
    }
}

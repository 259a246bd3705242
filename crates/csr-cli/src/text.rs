//! Makes other people's text safe for a terminal.

use std::borrow::Cow;
use std::fmt::Write;

use csr_core::inspect::{Escaped, must_escape};

/// The text on one line, with characters that must not reach a terminal written as `\u{…}`.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    if text.contains(must_escape) { Cow::Owned(Escaped(text).to_string()) } else { Cow::Borrowed(text) }
}

/// JSON with the same characters written as `\uXXXX`. Except for line breaks, they occur in strings only.
pub(crate) fn printable_json(json: &str) -> Cow<'_, str> {
    if !json.contains(must_escape) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if c == '\n' || !must_escape(c) {
            out.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a String does not fail.
            let _ = write!(out, "\\u{unit:04x}");
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_drives_a_terminal_is_escaped() {
        assert_eq!(printable("\x1b[31mred\u{9b}2J\r\n"), r"\u{1b}[31mred\u{9b}2J\u{d}\u{a}");
        assert_eq!(printable("a\u{202e}b\u{200b}"), r"a\u{202e}b\u{200b}");
        assert_eq!(printable("例え, Inc."), "例え, Inc.");
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({ "a": "\u{9b}\u{202e}\u{e0001}\x7f\x1b例" });
        let json = serde_json::to_string_pretty(&value).unwrap();
        let safe = printable_json(&json);
        assert!(!safe.contains(|c: char| c != '\n' && must_escape(c)));
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), value);
    }
}

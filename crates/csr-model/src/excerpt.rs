use core::fmt;

/// How many characters of an input a message shows, including the `…` for the rest.
const SHOWN: usize = 81;
/// The most consecutive characters that are shown of possible key material.
const RUN: usize = 19;
/// How many characters of a longer run are shown.
const RUN_SHOWN: usize = 16;
/// [`RUN`] + 1 characters of base64 change between capitals, small letters and digits 12 times on
/// average. Words, even without the blanks between them, change four or five times.
const CHANGES: usize = 8;
/// This many characters of base64 in pieces, whatever separates them, with this many changes, are
/// no names: the words of `John.Smith2@Mail1.Example.org` change nine times.
const PIECES: usize = 24;
const CHANGES_IN_PIECES: usize = 12;

/// A piece of input in a form that a message may quote. It is the only way to show input in an
/// error, a log line or an answer.
///
/// People paste keys in place of names, and pass key files as request files, so refused input may
/// be a secret. An excerpt is therefore bounded and printable, and never shows 20 consecutive
/// characters of possible base64 or hexadecimal. A text that is a PEM block, or that looks like
/// base64 in pieces, isn't shown at all.
///
/// `Display` puts it in quotes.
///
/// ```
/// use csr_model::Excerpt;
///
/// assert_eq!(Excerpt::of("my_host.example.com").to_string(), r#""my_host.example.com""#);
/// assert_eq!(Excerpt::of("a\u{202e}b\n").to_string(), r#""a\u{202e}b\n""#);
/// assert_eq!(Excerpt::of(&"a".repeat(64)).to_string(), r#""aaaaaaaaaaaaaaaa…""#);
/// assert_eq!(Excerpt::of("-----BEGIN PRIVATE KEY-----").to_string(), "(a text that may be a secret)");
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Excerpt(Option<Box<str>>);

impl Excerpt {
    /// The excerpt of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        // The part that is cut off could show that the rest is a secret.
        Self((!may_be_secret(text)).then(|| bounded(text).into()))
    }

    /// The shown text, escaped and without quotes; `None` if nothing is shown.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl fmt::Display for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(text) => write!(f, "\"{text}\""),
            None => f.write_str("(a text that may be a secret)"),
        }
    }
}

impl fmt::Debug for Excerpt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whether a text is PEM, or contains possible key material: a run that no name has, or base64 in
/// pieces. [`Excerpt`] uses this, as does code that must show a longer text (a path or a whole
/// message).
#[must_use]
pub fn may_be_secret(text: &str) -> bool {
    const MARKS: [&str; 4] = ["-----", "PRIVATE KEY", "PRIVATE-KEY", "SECRET-KEY"];
    MARKS.iter().any(|mark| text.contains(mark))
        || is_broken_base64(text)
        || is_hex_dump(text)
        || is_list_of_bytes(text)
}

/// Whether more consecutive hexadecimal digits appear than an IPv6 address or a UUID has, ignoring
/// what separates them. Commas, semicolons and slashes end a run: they separate addresses and folders.
fn is_hex_dump(text: &str) -> bool {
    const DIGITS_MAX: usize = 32;
    let (mut digits, mut separators) = (0, 0);
    for c in text.chars() {
        match c {
            c if c.is_ascii_hexdigit() => digits += 1,
            ',' | ';' | '/' => (digits, separators) = (0, 0),
            c if c.is_alphanumeric() => (digits, separators) = (0, 0),
            _ => separators += 1,
        }
        if digits > DIGITS_MAX && separators > 0 {
            return true;
        }
    }
    false
}

/// Whether more consecutive numbers of one to three digits, decimal or hexadecimal, appear than a
/// list of addresses has. Programs print bytes in this form.
fn is_list_of_bytes(text: &str) -> bool {
    const NUMBERS_MAX: usize = 24;
    let (mut numbers, mut digits) = (0, 0);
    for c in text.chars() {
        match c {
            c if c.is_ascii_hexdigit() => digits += 1,
            c if c.is_ascii_alphabetic() => (numbers, digits) = (0, 0),
            _ => {
                numbers = match digits {
                    0 => numbers,
                    1..=3 => numbers + 1,
                    _ => 0,
                };
                digits = 0;
            }
        }
        if numbers > NUMBERS_MAX {
            return true;
        }
    }
    false
}

/// Whether 20 consecutive characters of base64 appear when the remains of line ends are ignored, or
/// some more when all characters that base64 lacks are ignored.
fn is_broken_base64(text: &str) -> bool {
    let mut in_lines = Run::<RUN>::default();
    let mut in_pieces = Run::<PIECES>::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let class = match c {
            'A'..='Z' => Some(Class::Capital),
            'a'..='z' => Some(Class::Small),
            '0'..='9' => Some(Class::Digit),
            // Paths and names of several words have many of these, and base64 has few.
            '+' | '/' | '=' | '-' | '_' => None,
            '\\' => {
                // An escaped line end.
                chars.next_if(|next| matches!(next, 'n' | 'r' | 't'));
                continue;
            }
            '"' | '\'' | ',' | '\u{feff}' | '\0' => continue,
            c if c.is_whitespace() => continue,
            _ => {
                in_lines = Run::default();
                continue;
            }
        };
        in_lines.push(class);
        in_pieces.push(class);
        if in_lines.changes() >= CHANGES || in_pieces.changes() >= CHANGES_IN_PIECES && in_pieces.is_mixed() {
            return true;
        }
    }
    false
}

#[derive(PartialEq, Clone, Copy)]
enum Class {
    Capital,
    Small,
    Digit,
}

/// The last `LENGTH` characters of possible base64.
struct Run<const LENGTH: usize> {
    length: usize,
    last: Option<Class>,
    classes: [Option<Class>; LENGTH],
    /// Whether each differed in class from the one before it.
    changes: [bool; LENGTH],
}

impl<const LENGTH: usize> Default for Run<LENGTH> {
    fn default() -> Self {
        Self { length: 0, last: None, classes: [None; LENGTH], changes: [false; LENGTH] }
    }
}

impl<const LENGTH: usize> Run<LENGTH> {
    fn push(&mut self, class: Option<Class>) {
        let at = self.length % LENGTH;
        self.changes[at] = class.is_some() && self.last.is_some() && class != self.last;
        self.classes[at] = class;
        self.length += 1;
        self.last = class.or(self.last);
    }

    /// How often the class changes in a full run; 0 in a shorter one.
    fn changes(&self) -> usize {
        if self.length < LENGTH { 0 } else { self.changes.iter().filter(|change| **change).count() }
    }

    /// Whether there are both capitals and small letters, which an address doesn't have.
    fn is_mixed(&self) -> bool {
        [Class::Capital, Class::Small].iter().all(|class| self.classes.contains(&Some(*class)))
    }
}

/// The escaped text: at most [`SHOWN`] characters, and only the beginnings of long runs.
fn bounded(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let words = Words::at(rest);
        if words.length == 0 {
            shown.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            let (run, after) = rest.split_at(words.length);
            if words.may_be_shown() {
                shown.push_str(run);
            } else {
                let beginning = run.char_indices().filter(|(_, c)| is_run(*c)).nth(RUN_SHOWN);
                shown.push_str(beginning.map_or(run, |(end, _)| run[..end].trim_end()));
                shown.push('…');
            }
            rest = after;
        }
        if shown.len() > 4 * SHOWN {
            break;
        }
    }
    let escaped = shown.chars().map(|c| c.escape_debug().to_string());
    let mut bounded = String::new();
    for character in escaped {
        if bounded.chars().count() + character.chars().count() >= SHOWN {
            bounded.push('…');
            break;
        }
        bounded.push_str(&character);
    }
    bounded
}

/// The characters of base64, base64url and hexadecimal.
fn is_run(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '-' | '_')
}

/// Runs that only the remains of line ends separate. Together they count as one.
struct Words<'a> {
    words: Vec<&'a str>,
    /// The runs, with the text between them.
    length: usize,
}

impl<'a> Words<'a> {
    /// The runs at the beginning of the text.
    fn at(text: &'a str) -> Self {
        let (mut words, mut length, mut rest) = (Vec::new(), 0, text);
        loop {
            let end = rest.find(|c| !is_run(c)).unwrap_or(rest.len());
            if end == 0 {
                return Self { words, length };
            }
            let (word, after) = rest.split_at(end);
            words.push(word);
            length = text.len() - after.len();
            rest = without_blanks(after);
        }
    }

    /// Whether they are short, or a host's name, or words of a language.
    fn may_be_shown(&self) -> bool {
        let length: usize = self.words.iter().map(|word| word.len()).sum();
        length <= RUN || self.words.iter().all(|word| has_the_form_of_a_host(word)) && self.are_prose(length)
    }

    /// Whether they are capitalised or not, or all capitals, or numbers, and neither hexadecimal nor small pieces.
    fn are_prose(&self, length: usize) -> bool {
        const LENGTH_MEAN: usize = 3;
        let is_one = |part: &str| {
            let rest = part.strip_prefix(|c: char| c.is_ascii_uppercase()).unwrap_or(part);
            rest.bytes().all(|byte| byte.is_ascii_lowercase())
                || part.bytes().all(|byte| byte.is_ascii_uppercase())
                || part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let [_, _, ..] = self.words[..] else { return true };
        let parts = || self.words.iter().flat_map(|word| word.split('-'));
        let is_hex = self.words.iter().all(|word| word.bytes().all(|byte| byte.is_ascii_hexdigit()));
        !is_hex && length >= LENGTH_MEAN * parts().count() && parts().all(is_one)
    }
}

/// The text without the separators of words, or of pieces of base64, at its beginning.
fn without_blanks(mut text: &str) -> &str {
    let is_blank = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '\u{feff}' | '\0');
    loop {
        let rest = text.trim_start_matches(is_blank);
        let rest =
            rest.strip_prefix('\\').map_or(rest, |rest| rest.strip_prefix(['n', 'r', 't']).unwrap_or(rest));
        if rest.len() == text.len() {
            return text;
        }
        text = rest;
    }
}

/// Whether a run is short, or small letters and digits with hyphens in between.
fn has_the_form_of_a_host(run: &str) -> bool {
    let is_host = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    run.len() <= RUN || (run.chars().all(is_host) && run.split('-').all(|part| part.len() <= RUN))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0aIYiG7O9Sn0mXKc\n\
        e6KwMsUWkqVqGXqJk0tWyqGTzgahRANCAASTcRjGqFvQ3tPdQFsXgG0Vq0hGZo8K\n\
        RGYvBqbG0k6vQvUu9L1zQ7p1wSdb3yqTjT7lq9n7sQvXl2bL9A2mC0hT";

    #[test]
    fn names_are_shown_whole() {
        for name in [
            "",
            "www.example.com",
            "a-host-of-several-words-1.internal.example.com",
            "例え.jp",
            "Example Company of Some Length, Incorporated and Limited",
            "Huawei Technologies Company Limited",
            "someone@mail.example.org",
            "ip-10-0-12-34.us-west-2.compute.internal",
            "2001:db8:85a3:8d3:1319:8a2e:370:7348",
            "2001:0db8:85a3:08d3:1319:8a2e:0370:7348",
            "spiffe://example.org/ns/prod/sa/web",
            "192.0.2.1;192.0.2.2;192.0.2.3;192.0.2.4;198.51.100.255;2001:db8::1",
            "John.Smith2@Mail1.Example.org",
            "CN=*.Example.com,O=My Co 2,L=Paris",
            "2001:0DB8:85A3:08D3:1319:8A2E:0370:7348",
        ] {
            assert_eq!(Excerpt::of(name).as_str(), Some(name));
        }
    }

    /// Checks that no 20 consecutive characters of the key are shown, with or without blanks,
    /// whatever becomes of the line ends.
    #[test]
    fn no_20_characters_of_a_key_are_shown() {
        let one_line = KEY.replace('\n', "");
        let hex: String = one_line.bytes().map(|byte| format!("{byte:02x}")).collect();
        let pieces = |text: &str, size: usize, between: &str| {
            let chars: Vec<char> = text.chars().collect();
            chars.chunks(size).map(String::from_iter).collect::<Vec<_>>().join(between)
        };
        let mut mangled = vec![KEY.to_owned(), one_line.clone(), hex.clone(), hex.to_uppercase()];
        for between in [" ", "\r", "\\n", "\\r\\n", "\", \"", ".", ";", "@", "例"] {
            mangled.extend([1, 2, 3, 4, 10, 19, 20, 32, 64].map(|size| pieces(&one_line, size, between)));
            mangled.extend([1, 2, 3, 4, 8, 19, 32].map(|size| pieces(&hex, size, between)));
            for start in (0..one_line.len() - 30).step_by(7) {
                let short = &one_line[start..start + 20 + start % 10];
                mangled.extend([1, 2, 4, 10].map(|size| pieces(short, size, between)));
                mangled.extend([1, 2, 4, 10].map(|size| pieces(&hex[2 * start..][..24], size, between)));
            }
        }
        for between in [":", "-", ":\n    "] {
            let pairs = hex.as_bytes().chunks(2).map(|pair| core::str::from_utf8(pair).unwrap_or_default());
            assert!(may_be_secret(&pairs.collect::<Vec<_>>().join(between)), "{between:?}");
        }
        let bytes = one_line.bytes().map(|byte| byte.to_string()).collect::<Vec<_>>();
        for between in [", ", ",", ".", " ", ";", "|", "\n  "] {
            assert!(may_be_secret(&format!("[{}]", bytes.join(between))), "{between:?}");
        }
        for text in mangled {
            let shown = Excerpt::of(&text).to_string();
            let together = shown.replace(char::is_whitespace, "").replace("\\n", "").replace(['\\', '"'], "");
            let only_base64 = together.replace(|c: char| !is_run(c), "");
            if text.len() > 60 {
                let pieces = (0..=one_line.len() - 30).any(|at| only_base64.contains(&one_line[at..at + 30]));
                assert!(!pieces, "{shown}");
            }
            for view in [&shown, &together] {
                for secret in [&one_line, &hex, &hex.to_uppercase()] {
                    assert!(
                        (0..=secret.len() - 20).all(|at| !view.contains(&secret[at..at + 20])),
                        "{shown}"
                    );
                }
            }
        }
    }

    #[test]
    fn only_the_beginning_of_possible_keys_is_shown() {
        for (text, shown) in [
            ("McDonald Restaurants of GmbH Ltd", "McDonald Restaura…"),
            ("0 5 0 0 0 4 8 2 0 4 a 9 3 0 8 2 0 4 a 5 0 2", "0 5 0 0 0 4 8 2 0 4 a 9 3 0 8 2…"),
            ("1234 5678 9012 3456 7890 1234", "1234 5678 9012 3456…"),
        ] {
            assert_eq!(Excerpt::of(text).as_str(), Some(shown));
        }
    }

    #[test]
    fn excerpt_is_bounded_and_printable() {
        let shown = Excerpt::of(&"a.".repeat(1 << 20)).to_string();
        assert!(shown.chars().count() <= SHOWN + 2, "{shown}");
        assert_eq!(Excerpt::of("\u{1b}[31m\u{9b}\0").to_string(), r#""\u{1b}[31m\u{9b}\0""#);
    }
}

//! Texts of `--count`, with the item's number in them.

use std::fmt::Write;
use std::str::FromStr;

use csr_model::Excerpt;

/// A text with places for the number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::batch) struct Template(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// With at least so many digits.
    Number(usize),
}

/// The longest number, `u64::MAX`, has 20 digits.
const DIGITS_MAX: usize = 20;

impl Template {
    /// `{n}`, with at least so many digits.
    pub(in crate::batch) fn number(digits: usize) -> Self {
        Self(vec![Piece::Number(digits)])
    }

    pub(in crate::batch) fn has_number(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Number(_)))
    }

    /// The text for the item of this number.
    pub(in crate::batch) fn render(&self, number: u64) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Number(digits) => {
                    // Writing to a String does not fail.
                    let _ = write!(text, "{number:0digits$}");
                }
            }
        }
        text
    }
}

impl FromStr for Template {
    type Err = String;

    fn from_str(template: &str) -> Result<Self, String> {
        let (mut pieces, mut text, mut rest) = (Vec::new(), String::new(), template);
        while let Some(at) = rest.find(['{', '}']) {
            text.push_str(&rest[..at]);
            let brace = &rest[at..];
            if let Some(after) = brace.strip_prefix("{{") {
                text.push('{');
                rest = after;
            } else if let Some(after) = brace.strip_prefix("}}") {
                text.push('}');
                rest = after;
            } else {
                let place = brace.strip_prefix('{').and_then(|place| place.split_once('}'));
                let Some((digits, after)) = place.and_then(|(place, after)| Some((digits(place)?, after)))
                else {
                    let remedy = "must have {n}, or {n:06} for six digits, between braces; {{ and }} are single braces";
                    return Err(format!("{} {remedy}", Excerpt::of(template)));
                };
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(Piece::Number(digits));
                rest = after;
            }
        }
        text.push_str(rest);
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        Ok(Self(pieces))
    }
}

/// The least number of digits that `n` or `n:06` asks for.
fn digits(place: &str) -> Option<usize> {
    let format = place.strip_prefix('n')?;
    if format.is_empty() {
        return Some(0);
    }
    let digits =
        format.strip_prefix(":0").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
    digits.parse().ok().filter(|digits| (1..=DIGITS_MAX).contains(digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn template_renders_numbers_and_braces() {
        for (template, text) in [
            ("device-{n:06}.example.com", "device-000042.example.com"),
            ("{n}", "42"),
            ("{n:01}-{n:03}", "42-042"),
            ("{{n}}", "{n}"),
            ("{{{n}}}", "{42}"),
            ("plain", "plain"),
            ("", ""),
        ] {
            let parsed: Template = template.parse().unwrap();
            assert_eq!(parsed.render(42), text);
            assert_eq!(parsed.has_number(), template.contains("{n") && template != "{{n}}");
        }
        assert_eq!(Template::number(4).render(42), "0042");
        assert_eq!(Template::number(2).render(u64::MAX), u64::MAX.to_string());
    }

    #[test]
    fn braces_of_a_template_hold_a_number_only() {
        for template in
            ["{", "}", "{x}", "{n", "n}", "{n:}", "{n:6}", "{n:0}", "{n:021}", "{n:0-1}", "{}", "a{{b}c"]
        {
            let refused = template.parse::<Template>().unwrap_err();
            assert!(refused.contains("must have {n}"), "{template}: {refused}");
        }
    }
}

//! Fields from the JSON text itself: serde_json unescapes a string in a buffer of its own, which nobody wipes, and the
//! string may be a private key.

use serde::de::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::{JsonValue, Value};

/// A field's value, or its name, as it is written.
pub(super) struct RawField<'a>(&'a str);

impl<'de> Deserialize<'de> for RawField<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(<&RawValue>::deserialize(deserializer)?.get()))
    }
}

impl RawField<'_> {
    /// The text of a string; `None` if it has half a surrogate pair, or is no string.
    pub(super) fn text(&self) -> Option<Zeroizing<String>> {
        unescape(self.0)
    }

    /// The value of a field that should be a string.
    pub(super) fn read(&self) -> Value {
        match self.0.as_bytes().first() {
            Some(b'"') => self.text().map_or(Value::LoneSurrogate, Value::Text),
            Some(b'n') => Value::Absent,
            Some(b't' | b'f') => Value::Other("a boolean"),
            Some(b'[') => Value::Other("a list"),
            Some(b'{') => Value::Other("an object"),
            _ => Value::Other("a number"),
        }
    }

    /// The value of a field that may be of any type.
    pub(super) fn read_any(&self) -> JsonValue {
        match self.0.as_bytes().first() {
            Some(b't') => JsonValue::Boolean(true),
            Some(b'f') => JsonValue::Boolean(false),
            Some(b'[') => self.list(),
            Some(b'-' | b'0'..=b'9') => JsonValue::Number(self.0.into()),
            _ => match self.read() {
                Value::Absent => JsonValue::Null,
                Value::Text(text) => JsonValue::Text(text),
                Value::LoneSurrogate => JsonValue::LoneSurrogate,
                Value::Other(found) => JsonValue::Other(found),
                Value::Twice => JsonValue::Twice,
            },
        }
    }

    fn list(&self) -> JsonValue {
        const OTHERS: JsonValue = JsonValue::Other("a list of other values than strings");
        let Ok(entries) = serde_json::from_str::<Vec<RawField<'_>>>(self.0) else { return OTHERS };
        let mut texts = Vec::with_capacity(entries.len());
        for entry in entries {
            match entry.read() {
                Value::Text(text) => texts.push(text),
                Value::LoneSurrogate => return JsonValue::LoneSurrogate,
                _ => return OTHERS,
            }
        }
        JsonValue::Texts(texts)
    }
}

/// The text of a JSON string (RFC 8259 §7) that is well formed, but perhaps for half a surrogate pair.
fn unescape(json: &str) -> Option<Zeroizing<String>> {
    let mut rest = json.strip_prefix('"')?.strip_suffix('"')?;
    // What an escape stands for is shorter than the escape: the buffer does not grow and leaves no copy.
    let mut text = Zeroizing::new(String::with_capacity(rest.len()));
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let (character, after) = match escape.split_at_checked(1)? {
            ("b", after) => ('\u{8}', after),
            ("f", after) => ('\u{c}', after),
            ("n", after) => ('\n', after),
            ("r", after) => ('\r', after),
            ("t", after) => ('\t', after),
            ("u", after) => utf16(after)?,
            (itself, after) => (itself.chars().next()?, after),
        };
        text.push(character);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

/// The character of four hexadecimal digits, or of two such escapes.
fn utf16(escape: &str) -> Option<(char, &str)> {
    let unit = |escape: &str| {
        let (digits, after) = escape.split_at_checked(4)?;
        Some((u16::from_str_radix(digits, 16).ok()?, after.len()))
    };
    let (first, left) = unit(escape)?;
    let mut after = &escape[escape.len() - left..];
    let mut units = vec![first];
    if (0xd800..0xdc00).contains(&first) {
        let (second, left) = unit(after.strip_prefix("\\u")?)?;
        units.push(second);
        after = &after[after.len() - left..];
    }
    let character = char::decode_utf16(units).next()?.ok()?;
    Some((character, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_as_serde_json_reads_them() {
        for json in [
            r#""""#,
            r#""a""#,
            r#""-----BEGIN\nKEY\r\n""#,
            r#""\"\\\/\b\f\n\r\t""#,
            r#""é\u00e9\u4e2d\ud83d\ude00😀\u0000""#,
            r#""\\u0041\\""#,
        ] {
            let expected: String = serde_json::from_str(json).unwrap_or_default();
            assert_eq!(unescape(json).as_deref(), Some(&expected), "{json}");
        }
        for json in [r#""\ud83d""#, r#""\ude00""#, r#""\ud83d\n""#, r#""\ud83d\u0041""#] {
            assert!(serde_json::from_str::<String>(json).is_err() && unescape(json).is_none(), "{json}");
        }
    }
}

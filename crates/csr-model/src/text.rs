use core::ops::Deref;

use zeroize::Zeroizing;

/// The text if it has at most `max` characters, otherwise its beginning with `…` as the last
/// character.
///
/// ```
/// assert_eq!(csr_model::shortened("example", 7), "example");
/// assert_eq!(csr_model::shortened("examples", 7), "exampl…");
/// assert_eq!(csr_model::shortened("examples", 0), "");
/// ```
#[must_use]
pub fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max.saturating_sub(1)).chain(['…']).take(max).collect()
}

/// The result of [`utf8`].
pub enum Utf8<'a> {
    /// The input, without its byte order mark if it had one.
    Same(&'a [u8]),
    /// Decoded from UTF-16. Wiped on drop: it may be a private key.
    Decoded(Zeroizing<Vec<u8>>),
}

impl Deref for Utf8<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Same(input) => input,
            Self::Decoded(text) => text,
        }
    }
}

/// Returns the text of a file as UTF-8. The file may be UTF-16, as PowerShell and Exchange write
/// it, and may begin with a byte order mark. Anything else, including binary files, is left as it
/// is.
///
/// UTF-16 without a mark is recognised by its first two characters, which must be ASCII (RFC 4627
/// §3). Invalid units become a byte that is not UTF-8, so that the parser refuses it.
///
/// ```
/// let utf16: Vec<u8> = "{\"é".encode_utf16().flat_map(u16::to_le_bytes).collect();
/// assert_eq!(&*csr_model::utf8(&utf16), "{\"é".as_bytes());
/// assert_eq!(&*csr_model::utf8(b"\xef\xbb\xbf{}"), b"{}");
/// assert_eq!(&*csr_model::utf8(b"\x30\x82\x01"), b"\x30\x82\x01");
/// ```
#[must_use]
pub fn utf8(input: &[u8]) -> Utf8<'_> {
    type Unit = fn([u8; 2]) -> u16;
    let (unit, text): (Unit, &[u8]) = match input {
        [0xef, 0xbb, 0xbf, text @ ..] => return Utf8::Same(text),
        [0xff, 0xfe, text @ ..] => (u16::from_le_bytes, text),
        [0xfe, 0xff, text @ ..] => (u16::from_be_bytes, text),
        [1..=0x7f, 0, 1..=0x7f, 0, ..] => (u16::from_le_bytes, input),
        [0, 1..=0x7f, 0, 1..=0x7f, ..] => (u16::from_be_bytes, input),
        _ => return Utf8::Same(input),
    };
    let (units, odd) = text.as_chunks::<2>();
    // A unit becomes at most three bytes, so the buffer does not grow and leaves no copy.
    let mut decoded = Zeroizing::new(Vec::with_capacity(3 * units.len() + odd.len()));
    for character in char::decode_utf16(units.iter().map(|bytes| unit(*bytes))) {
        match character {
            Ok(character) => decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            Err(_) => decoded.push(0xff),
        }
    }
    // A line end added by a tool for 8-bit characters.
    decoded.extend_from_slice(odd);
    Utf8::Decoded(decoded)
}

//! RFC 1421 headers at the beginning of a block's body.

use super::blank::{split_line, without_blanks};

/// The headers of a block that describe its encryption (RFC 1421 §4.6).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Headers {
    /// Whether there is `Proc-Type: 4,ENCRYPTED`: then the block's bytes are encrypted, with
    /// OpenSSL's own key derivation.
    pub(crate) encrypted: bool,
    /// `DEK-Info`, if it is present and well formed.
    pub(crate) dek_info: Option<DekInfo>,
}

/// `DEK-Info: CIPHER,IV`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DekInfo {
    /// The cipher by OpenSSL's name, if OpenSSL has it.
    pub(crate) cipher: Option<&'static str>,
    /// The initialisation vector, whose first 8 bytes are the salt.
    pub(crate) iv: Vec<u8>,
}

/// The ciphers that OpenSSL and similar tools write here, with their block lengths.
const CIPHERS: &[(&str, usize)] = &[
    ("AES-128-CBC", 16),
    ("AES-192-CBC", 16),
    ("AES-256-CBC", 16),
    ("ARIA-128-CBC", 16),
    ("ARIA-192-CBC", 16),
    ("ARIA-256-CBC", 16),
    ("BF-CBC", 8),
    ("CAMELLIA-128-CBC", 16),
    ("CAMELLIA-192-CBC", 16),
    ("CAMELLIA-256-CBC", 16),
    ("CAST5-CBC", 8),
    ("DES-CBC", 8),
    ("DES-EDE-CBC", 8),
    ("DES-EDE3-CBC", 8),
    ("IDEA-CBC", 8),
    ("RC2-40-CBC", 8),
    ("RC2-64-CBC", 8),
    ("RC2-CBC", 8),
    ("SEED-CBC", 16),
    ("SM4-CBC", 16),
    // OpenSSL can write keys in these modes.
    ("AES-128-CFB", 16),
    ("AES-192-CFB", 16),
    ("AES-256-CFB", 16),
    ("AES-128-OFB", 16),
    ("AES-192-OFB", 16),
    ("AES-256-OFB", 16),
    ("AES-128-CTR", 16),
    ("AES-192-CTR", 16),
    ("AES-256-CTR", 16),
    ("DES-EDE3-CFB", 8),
    ("DES-EDE3-OFB", 8),
];

/// More headers than any file has.
const MAX: usize = 32;

impl Headers {
    /// The headers, and the text after them. They are distinguished from base64, which has no
    /// colon, even without line ends: `Proc-Type` and `DEK-Info` by their values, others by their
    /// line, or else by the two blanks that an empty line becomes, or by their first word.
    pub(super) fn read(body: &[u8]) -> (Self, &[u8]) {
        let mut headers = Self::default();
        let mut rest = body;
        for _ in 0..MAX {
            let text = without_blanks(rest);
            let indent = rest.len() - text.len();
            if let Some(after) = proc_type(text) {
                headers.encrypted = true;
                rest = after;
            } else if let Some((dek_info, after)) = dek_info(text) {
                headers.dek_info = Some(dek_info);
                rest = after;
            } else if let Some((_, value)) = named(text, b':') {
                rest = after_value(value, indent_of(&rest[..indent]));
            } else {
                return (headers, text);
            }
        }
        (headers, rest)
    }
}

fn field<'a>(text: &'a [u8], name: &str) -> Option<&'a [u8]> {
    text.strip_prefix(name.as_bytes()).map(without_blanks)
}

fn proc_type(text: &[u8]) -> Option<&[u8]> {
    let version = field(text, "Proc-Type:")?;
    field(field(field(version, "4")?, ",")?, "ENCRYPTED")
}

fn dek_info(text: &[u8]) -> Option<(DekInfo, &[u8])> {
    let (name, value) = named(field(text, "DEK-Info:")?, b',')?;
    let cipher = CIPHERS.iter().find(|(cipher, _)| cipher.as_bytes().eq_ignore_ascii_case(name));
    // Without line ends, the following base64 may look like a part of it.
    let digits_max = cipher.map_or(32, |(_, block)| 2 * block);
    let value = without_blanks(value);
    let digits = value.iter().take(digits_max).take_while(|byte| byte.is_ascii_hexdigit()).count();
    let (digits, rest) = value.split_at(digits);
    let iv = hex::mixed::decode_vec(digits)
        .ok()
        .filter(|iv| cipher.is_none_or(|(_, block)| iv.len() == *block))?;
    Some((DekInfo { cipher: cipher.map(|(cipher, _)| *cipher), iv }, rest))
}

/// The name at the beginning of `text`, up to `end`, and the text after it.
fn named(text: &[u8], end: u8) -> Option<(&[u8], &[u8])> {
    const LENGTH_MAX: usize = 64;
    let length =
        text.iter().take(LENGTH_MAX).position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'-')?;
    let (name, rest) = text.split_at(length);
    Some((name, rest.strip_prefix(&[end])?))
}

/// The text after the value of a header with this indentation.
fn after_value(value: &[u8], indent: usize) -> &[u8] {
    let Some((_, mut rest)) = split_line(value) else {
        // Everything is on one line.
        let value = without_blanks(value);
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let end = value.windows(2).position(|pair| pair.iter().all(is_blank));
        return &value[end.or_else(|| value.iter().position(is_blank)).unwrap_or(value.len())..];
    };
    // Continuations are indented more than their header.
    while let Some((line, after)) = split_line(rest) {
        let text = without_blanks(line);
        if text.is_empty() || indent_of(&line[..line.len() - text.len()]) <= indent {
            break;
        }
        rest = after;
    }
    rest
}

fn indent_of(blanks: &[u8]) -> usize {
    blanks.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

//! PEM (RFC 7468, and RFC 1421 section 4.6 for legacy encrypted keys): found in any text, written in 64 columns.
//!
//! The blocks may be private keys, so every buffer that holds a body is wiped.

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

/// What is wrong with a PEM text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PemError {
    /// No line of the form `-----BEGIN …-----`.
    #[error("no PEM block found")]
    NoBlock,
    /// A block that nothing closes.
    #[error("the PEM block {label:?} has no END line")]
    NoEnd {
        /// The block's label.
        label: String,
    },
    /// A block that the END line of another label closes.
    #[error("the PEM block {begin:?} ends as {end:?}")]
    MismatchedEnd {
        /// The label of the BEGIN line.
        begin: String,
        /// The label of the END line.
        end: String,
    },
    /// The body is not base64 with the right padding.
    #[error("the PEM block {label:?} is not valid base64")]
    Base64 {
        /// The block's label.
        label: String,
    },
    /// A legacy encrypted block (`Proc-Type: 4,ENCRYPTED`), which needs OpenSSL's own key derivation.
    #[error(
        "the PEM block {label:?} is encrypted in the legacy form (Proc-Type: 4,ENCRYPTED): convert it to PKCS#8"
    )]
    LegacyEncrypted {
        /// The block's label.
        label: String,
    },
}

/// A block as found; nothing of its body is decoded yet.
#[derive(Clone, Copy)]
pub(crate) struct Block<'a> {
    label: &'a str,
    body: &'a [u8],
}

impl<'a> Block<'a> {
    pub(crate) fn label(&self) -> &'a str {
        self.label
    }

    /// The bytes that the block carries.
    pub(crate) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, PemError> {
        let (encrypted, data) = self.headers_and_data();
        if encrypted {
            return Err(PemError::LegacyEncrypted { label: self.label.to_owned() });
        }
        let mut base64 = Zeroizing::new(Vec::with_capacity(data.len()));
        base64.extend(data.iter().copied().filter(|byte| !byte.is_ascii_whitespace()));
        let mut decoded = Zeroizing::new(vec![0; base64.len() / 4 * 3 + 3]);
        let length = Base64::decode(base64.as_slice(), &mut decoded)
            .map_err(|_| PemError::Base64 { label: self.label.to_owned() })?
            .len();
        decoded.truncate(length);
        Ok(decoded)
    }

    /// RFC 1421 headers are lines with a colon, and their indented continuations, up to a blank line.
    fn headers_and_data(&self) -> (bool, &'a [u8]) {
        let mut rest = self.body;
        let mut encrypted = false;
        let mut in_headers = false;
        while let Some((line, after)) = next_line(rest) {
            let text = line.trim_ascii();
            if text.contains(&b':') {
                in_headers = true;
                encrypted |= text.starts_with(b"Proc-Type:") && text.ends_with(b"ENCRYPTED");
            } else if !in_headers {
                break;
            } else if text.is_empty() {
                return (encrypted, after);
            } else if !line.starts_with(b" ") && !line.starts_with(b"\t") {
                break;
            }
            rest = after;
        }
        (encrypted, rest)
    }
}

/// Every block of `text`, in order; whatever stands between blocks is skipped.
///
/// An error ends the iteration.
pub(crate) fn blocks(text: &[u8]) -> impl Iterator<Item = Result<Block<'_>, PemError>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let found = next_block(&mut rest).transpose();
        if matches!(found, Some(Err(_))) {
            rest = &[];
        }
        found
    })
}

/// The first block whose label `wanted` accepts.
///
/// # Errors
/// Every [`PemError`] of the text before that block's end; [`PemError::NoBlock`] when there is no block at all.
/// `Ok(None)` says that there are blocks, of other labels.
pub(crate) fn find(text: &[u8], wanted: impl Fn(&str) -> bool) -> Result<Option<Block<'_>>, PemError> {
    let mut any = false;
    for block in blocks(text) {
        let block = block?;
        any = true;
        if wanted(block.label()) {
            return Ok(Some(block));
        }
    }
    if any { Ok(None) } else { Err(PemError::NoBlock) }
}

fn next_block<'a>(rest: &mut &'a [u8]) -> Result<Option<Block<'a>>, PemError> {
    let label = loop {
        let Some((line, after)) = next_line(rest) else { return Ok(None) };
        *rest = after;
        if let Some(label) = boundary(line, b"-----BEGIN ") {
            break label;
        }
    };
    let body = *rest;
    let no_end = || PemError::NoEnd { label: label.to_owned() };
    loop {
        let (line, after) = next_line(rest).ok_or_else(no_end)?;
        if boundary(line, b"-----BEGIN ").is_some() {
            return Err(no_end());
        }
        if let Some(end) = boundary(line, b"-----END ") {
            if end != label {
                return Err(PemError::MismatchedEnd { begin: label.to_owned(), end: end.to_owned() });
            }
            let body = &body[..body.len() - rest.len()];
            *rest = after;
            return Ok(Some(Block { label, body }));
        }
        *rest = after;
    }
}

/// The label of an encapsulation boundary (RFC 7468 section 3); blanks around it and a byte order mark are tolerated.
fn boundary<'a>(line: &'a [u8], start: &[u8]) -> Option<&'a str> {
    let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
    let label = line.trim_ascii().strip_prefix(start)?.strip_suffix(b"-----")?;
    std::str::from_utf8(label).ok().map(str::trim)
}

fn next_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    if text.is_empty() {
        return None;
    }
    match text.iter().position(|byte| *byte == b'\n') {
        Some(at) => Some((&text[..at], &text[at + 1..])),
        None => Some((text, &[])),
    }
}

/// `der` as one PEM block: 64 columns, LF, a final LF.
pub(crate) fn encode(label: &str, der: &[u8]) -> Zeroizing<String> {
    const BYTES_PER_LINE: usize = 48;
    let lines = der.len().div_ceil(BYTES_PER_LINE);
    let boundaries = "-----BEGIN -----\n-----END -----\n".len() + 2 * label.len();
    let mut text = Zeroizing::new(String::with_capacity(boundaries + lines * 65));
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    for chunk in der.chunks(BYTES_PER_LINE) {
        let line = Zeroizing::new(Base64::encode_string(chunk));
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

#[cfg(test)]
mod tests;

//! PEM (RFC 7468, and RFC 1421 §4.6 for legacy encrypted keys): found in any text, and written in
//! 64 columns.
//!
//! The blocks may be private keys. So every buffer for a body has its final size from the start and
//! is wiped, and errors hold nothing of the input but a [`Label`].
//!
//! This module reads blocks itself, because neither crate can. Measured on a key in 17 forms that variables, editors and consoles produce,
//! with an allocator that searches freed memory:
//!
//! - `pem` 4.0 reads 15 of them (not UTF-16, nor `\n` as two characters), leaves the base64 in
//!   freed memory five times per key, because it cannot read into the caller's buffer, and quotes any
//!   text in place of a label.
//! - `pem-rfc7468` 1.0 leaves nothing behind, but reads 3 of them: a single block in which only
//!   line ends are wrong. Its errors hold no labels.

mod blank;
mod encode;
mod headers;
mod label;

use base64ct::{Base64, Encoding};
use zeroize::Zeroizing;

use blank::without_blanks;
pub(crate) use encode::encode;
pub(crate) use headers::Headers;
pub use label::Label;

/// A fault of a PEM text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PemError {
    /// There is no `-----BEGIN …-----`.
    #[error("no PEM block found")]
    NoBlock,
    /// `-----BEGIN` is not followed by a label and five dashes.
    #[error(
        "a BEGIN line is damaged: it must read like -----BEGIN PRIVATE KEY-----, with five dashes at each end"
    )]
    DamagedBegin,
    /// A block has no END line.
    #[error("{} has no END line; the file may be cut off", titled(label))]
    NoEnd {
        /// The block's label.
        label: Label,
    },
    /// A block ends with the END line of another label.
    #[error("{} ends as {end}", titled(begin))]
    MismatchedEnd {
        /// The label of the BEGIN line.
        begin: Label,
        /// The label of the END line.
        end: Label,
    },
    /// The body is not base64 with correct padding.
    #[error("{} is not valid base64", titled(label))]
    Base64 {
        /// The block's label.
        label: Label,
    },
}

fn titled(label: &Label) -> String {
    match label.as_str() {
        Some(_) => format!("the PEM block {label}"),
        None => format!("a PEM block with {label}"),
    }
}

/// A block whose body is not decoded yet.
#[derive(Clone)]
pub(crate) struct Block<'a> {
    label: Label,
    headers: Headers,
    base64: &'a [u8],
}

impl Block<'_> {
    pub(crate) fn label(&self) -> &Label {
        &self.label
    }

    /// How the bytes are encrypted, if they are (`Proc-Type`, `DEK-Info`).
    pub(crate) fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The decoded bytes of the block; ciphertext if [`Headers::encrypted`].
    pub(crate) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, PemError> {
        let not_base64 = || PemError::Base64 { label: self.label.clone() };
        let mut base64 = Zeroizing::new(Vec::with_capacity(self.base64.len()));
        let mut rest = without_blanks(self.base64);
        while let [byte, after @ ..] = rest {
            if *byte == b'\\' {
                return Err(not_base64());
            }
            base64.push(*byte);
            rest = without_blanks(after);
        }
        let mut decoded = Zeroizing::new(vec![0; base64.len() / 4 * 3 + 3]);
        let length = Base64::decode(base64.as_slice(), &mut decoded).map_err(|_| not_base64())?.len();
        decoded.truncate(length);
        Ok(decoded)
    }
}

/// All blocks of `text`, in order. Text between blocks is skipped.
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
/// Every [`PemError`] of the text before that block's end; [`PemError::NoBlock`] if there is no
/// block at all. `Ok(None)` means that all blocks have other labels.
pub(crate) fn find(text: &[u8], wanted: impl Fn(&Label) -> bool) -> Result<Option<Block<'_>>, PemError> {
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
        let Some(found) = next_boundary(rest) else { return Ok(None) };
        *rest = found.after;
        if found.kind == Kind::Begin {
            break found.label.ok_or(PemError::DamagedBegin)?;
        }
    };
    let (body, end) = match next_boundary(rest) {
        Some(Boundary { before, kind: Kind::End, label: Some(end), after }) => {
            *rest = after;
            (before, end)
        }
        _ => return Err(PemError::NoEnd { label }),
    };
    if end != label {
        return Err(PemError::MismatchedEnd { begin: label, end });
    }
    // More than five dashes.
    let dashes = body.iter().take_while(|byte| **byte == b'-').count();
    let (headers, base64) = Headers::read(&body[dashes..]);
    Ok(Some(Block { label, headers, base64 }))
}

#[derive(PartialEq)]
enum Kind {
    Begin,
    End,
}

/// An encapsulation boundary (RFC 7468 §3), with the text before and after it.
struct Boundary<'a> {
    before: &'a [u8],
    kind: Kind,
    /// `None` if no label followed by five dashes comes next.
    label: Option<Label>,
    after: &'a [u8],
}

const DASHES: &[u8] = b"-----";

/// The first boundary, at any place in a line.
fn next_boundary(text: &[u8]) -> Option<Boundary<'_>> {
    let mut rest = text;
    loop {
        let dashes = position(rest, DASHES)?;
        let before = &text[..text.len() - rest.len() + dashes];
        rest = &rest[dashes..];
        rest = &rest[rest.iter().take_while(|byte| **byte == b'-').count()..];
        let word = without_blanks(rest);
        let (kind, after_word) = match word {
            [b'B', b'E', b'G', b'I', b'N', after @ ..] => (Kind::Begin, after),
            [b'E', b'N', b'D', after @ ..] => (Kind::End, after),
            _ => continue,
        };
        let label = without_blanks(after_word);
        if label.len() == after_word.len() {
            continue;
        }
        // Longer than any label.
        const LENGTH_MAX: usize = 64;
        let length = position(&label[..label.len().min(LENGTH_MAX + DASHES.len())], DASHES)
            .filter(|length| !label[..*length].iter().any(|byte| matches!(byte, b'\n' | b'\r')));
        let (label, after) = match length {
            Some(length) => (Some(Label::new(&label[..length])), &label[length + DASHES.len()..]),
            None => (None, label),
        };
        return Some(Boundary { before, kind, label, after });
    }
}

fn position(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests;

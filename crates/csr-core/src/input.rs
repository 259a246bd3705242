//! Cleans up files from editors and terminals.

use der::{Reader, SliceReader};

/// A DER structure, without the line ends and similar bytes that a text editor or a terminal has
/// appended.
pub(crate) fn without_line_ends(input: &[u8]) -> &[u8] {
    let length = || -> der::Result<usize> {
        let mut reader = SliceReader::new(input)?;
        reader.tlv_bytes().map(<[u8]>::len)
    };
    match length() {
        Ok(length) if input[length..].iter().all(|byte| b"\r\n\0\x1a \t".contains(byte)) => &input[..length],
        _ => input,
    }
}

//! Text in UTF-8 or UTF-16, as UTF-8: a stream of what `csr_model::utf8` does at once.

use std::io::{self, Read};

/// Reads as UTF-8 what may be UTF-16, with or without a byte order mark. Without one, UTF-16 is recognised by its first two
/// characters, which must be ASCII (RFC 4627 §3). Units that are no character become a byte that is not UTF-8.
pub(super) struct Utf8Reader<R> {
    source: R,
    /// `None` until the first bytes are read.
    encoding: Option<Encoding>,
    /// Read, and not yet decoded.
    raw: Vec<u8>,
    /// The half of a surrogate pair whose other half has not been read.
    high: Option<u16>,
    /// Decoded, and not yet taken from this position on.
    decoded: Vec<u8>,
    taken: usize,
}

#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16(fn([u8; 2]) -> u16),
}

/// How much is read at once.
const CHUNK: usize = 32 << 10;

impl<R: Read> Utf8Reader<R> {
    pub(super) fn new(source: R) -> Self {
        Self { source, encoding: None, raw: Vec::new(), high: None, decoded: Vec::new(), taken: 0 }
    }

    /// Reads some more; `false` at the end.
    fn fill(&mut self) -> io::Result<bool> {
        let before = self.raw.len();
        self.raw.resize(before + CHUNK, 0);
        let read = loop {
            match self.source.read(&mut self.raw[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        self.raw.truncate(before + *read.as_ref().unwrap_or(&0));
        Ok(read? > 0)
    }

    fn detect(&mut self) -> io::Result<Encoding> {
        // A record that fits into less is no record.
        while self.raw.len() < 4 && self.fill()? {}
        let (encoding, mark) = match self.raw[..] {
            [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
            [0xff, 0xfe, ..] => (Encoding::Utf16(u16::from_le_bytes), 2),
            [0xfe, 0xff, ..] => (Encoding::Utf16(u16::from_be_bytes), 2),
            [1..=0x7f, 0, 1..=0x7f, 0, ..] => (Encoding::Utf16(u16::from_le_bytes), 0),
            [0, 1..=0x7f, 0, 1..=0x7f, ..] => (Encoding::Utf16(u16::from_be_bytes), 0),
            _ => (Encoding::Utf8, 0),
        };
        self.raw.drain(..mark);
        Ok(encoding)
    }

    /// Decodes what was read. Half a character is kept for later, unless this is the end.
    fn decode(&mut self, unit: fn([u8; 2]) -> u16, is_end: bool) {
        const INVALID: u8 = 0xff;
        self.decoded.clear();
        self.taken = 0;
        let (pairs, odd) = self.raw.as_chunks::<2>();
        let new = pairs.iter().map(|bytes| unit(*bytes));
        for character in char::decode_utf16(self.high.take().into_iter().chain(new)) {
            // Only the last unit can be half a character that goes on.
            if let Some(lone) = self.high.take() {
                debug_assert!((0xd800..0xe000).contains(&lone));
                self.decoded.push(INVALID);
            }
            match character {
                Ok(character) => {
                    self.decoded.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Err(lone) => self.high = Some(lone.unpaired_surrogate()),
            }
        }
        let odd = odd.to_vec();
        let is_low = self.high.is_some_and(|high| (0xdc00..0xe000).contains(&high));
        if self.high.is_some() && (is_end || is_low) {
            self.high = None;
            self.decoded.push(INVALID);
        }
        self.raw.clear();
        if is_end {
            // A line end added by a tool for 8-bit characters.
            self.decoded.extend_from_slice(&odd);
        } else {
            self.raw.extend_from_slice(&odd);
        }
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let encoding = match self.encoding {
            Some(encoding) => encoding,
            None => {
                let detected = self.detect()?;
                *self.encoding.insert(detected)
            }
        };
        let Encoding::Utf16(unit) = encoding else {
            if self.raw.is_empty() {
                return self.source.read(buffer);
            }
            let length = buffer.len().min(self.raw.len());
            buffer[..length].copy_from_slice(&self.raw[..length]);
            self.raw.drain(..length);
            return Ok(length);
        };
        // What detection read is decoded first; after that, each turn reads some.
        while self.taken == self.decoded.len() {
            let has_more = if self.raw.len() >= 2 { true } else { self.fill()? };
            self.decode(unit, !has_more);
            if !has_more && self.decoded.is_empty() {
                return Ok(0);
            }
        }
        let rest = &self.decoded[self.taken..];
        let length = buffer.len().min(rest.len());
        buffer[..length].copy_from_slice(&rest[..length]);
        self.taken += length;
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives its bytes in pieces of this length.
    struct Pieces<'a>(&'a [u8], usize);

    impl Read for Pieces<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(buffer.len()).min(self.0.len());
            let (piece, rest) = self.0.split_at(length);
            buffer[..length].copy_from_slice(piece);
            self.0 = rest;
            Ok(length)
        }
    }

    fn read(bytes: &[u8], piece: usize) -> Vec<u8> {
        let mut text = Vec::new();
        Utf8Reader::new(Pieces(bytes, piece)).read_to_end(&mut text).unwrap();
        text
    }

    proptest! {
        #[test]
        fn stream_is_decoded_as_a_whole_text_is(
            bytes in prop_oneof![
                proptest::collection::vec(any::<u8>(), 0..40),
                any::<(bool, bool, String)>().prop_map(|(big, marked, text)| {
                    let text = if marked { format!("\u{feff}{text}") } else { format!("id{text}") };
                    let unit = if big { u16::to_be_bytes } else { u16::to_le_bytes };
                    text.encode_utf16().flat_map(unit).collect()
                }),
                proptest::collection::vec(0xd7f0u16..0xe010, 0..20)
                    .prop_map(|units| [0xfeff].into_iter().chain(units).flat_map(u16::to_le_bytes).collect()),
            ],
            piece in 1usize..9,
        ) {
            prop_assert_eq!(read(&bytes, piece), &*csr_model::utf8(&bytes));
        }
    }
}

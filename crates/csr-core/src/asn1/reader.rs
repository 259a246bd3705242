//! Reading DER one element at a time.

use super::oid::Oid;
use super::tag;

/// One element. If the tag number is above 30, `tag` is only its first byte.
#[derive(Clone, Copy)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
    /// Tag, length and value.
    pub(crate) raw: &'a [u8],
}

/// A piece that cannot be read, and the reason.
pub(crate) struct Broken<'a> {
    pub(crate) reason: &'static str,
    pub(crate) bytes: &'a [u8],
}

const ANOTHER_TYPE: &str = "an element of another type stands here";

/// The reason why a [`Reader`] refuses its input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadError(pub(crate) &'static str);

/// Reads the elements of a byte string in order.
#[derive(Clone)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(der: &'a [u8]) -> Self {
        Self(der)
    }

    /// The bytes not read yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the next element has this tag.
    pub(crate) fn is_next(&self, tag: u8) -> bool {
        self.0.first() == Some(&tag)
    }

    /// The next element, of any tag.
    pub(crate) fn any(&mut self) -> Result<Element<'a>, ReadError> {
        let all = self.0;
        let tag = self.byte()?;
        if tag::number(tag) == 0x1f {
            while self.byte()? & 0x80 != 0 {}
        }
        let length = self.length()?;
        let Some((value, rest)) = self.0.split_at_checked(length) else {
            return Err(ReadError("ends before its stated length"));
        };
        self.0 = rest;
        Ok(Element { tag, value, raw: &all[..all.len() - rest.len()] })
    }

    /// The next element, which must have this tag.
    pub(crate) fn element(&mut self, tag: u8) -> Result<Element<'a>, ReadError> {
        if self.is_empty() {
            return Err(ReadError("ends where another element must stand"));
        }
        if !self.is_next(tag) {
            return Err(ReadError(ANOTHER_TYPE));
        }
        self.any()
    }

    /// The next element if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, ReadError> {
        if self.is_next(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// The remaining elements. A malformed one ends them with the reason and the bytes from there on.
    pub(crate) fn elements(mut self) -> impl Iterator<Item = Result<Element<'a>, Broken<'a>>> {
        std::iter::from_fn(move || {
            let bytes = self.0;
            if bytes.is_empty() {
                return None;
            }
            Some(self.any().map_err(|error| {
                self.0 = &[];
                Broken { reason: error.0, bytes }
            }))
        })
    }

    /// [`Self::elements`], which must all have this tag.
    pub(crate) fn elements_of(self, tag: u8) -> impl Iterator<Item = Result<Element<'a>, Broken<'a>>> {
        self.elements().map(move |element| match element {
            Ok(element) if element.tag != tag => Err(Broken { reason: ANOTHER_TYPE, bytes: element.raw }),
            other => other,
        })
    }

    /// A reader of the content of the next element, which must have this tag.
    pub(crate) fn nested(&mut self, tag: u8) -> Result<Self, ReadError> {
        Ok(Self(self.element(tag)?.value))
    }

    /// Fails if bytes remain.
    pub(crate) fn finish(&self) -> Result<(), ReadError> {
        if self.is_empty() { Ok(()) } else { Err(ReadError("data stands after its end")) }
    }

    /// A BIT STRING of whole bytes.
    pub(crate) fn bytes_of_bit_string(&mut self) -> Result<&'a [u8], ReadError> {
        match self.element(tag::BIT_STRING)?.value {
            [0, bytes @ ..] => Ok(bytes),
            _ => Err(ReadError("the BIT STRING is not of whole bytes")),
        }
    }

    /// `BOOLEAN DEFAULT FALSE`.
    pub(crate) fn boolean_or_false(&mut self) -> Result<bool, ReadError> {
        match self.optional(tag::BOOLEAN)?.map(|element| element.value) {
            None | Some([0]) => Ok(false),
            Some([0xFF]) => Ok(true),
            Some(_) => Err(ReadError("a BOOLEAN is neither TRUE nor FALSE")),
        }
    }

    /// A non-negative INTEGER of any size: its big-endian bytes without leading zeros.
    pub(crate) fn natural(&mut self) -> Result<&'a [u8], ReadError> {
        match self.element(tag::INTEGER)?.value {
            [0] => Ok(&[]),
            [0, low @ ..] if low.first().is_some_and(|byte| byte & 0x80 != 0) => Ok(low),
            [high, ..] if *high & 0x80 != 0 => Err(ReadError("an INTEGER is negative")),
            [] | [0, ..] => Err(ReadError("an INTEGER is not in its shortest form")),
            bytes => Ok(bytes),
        }
    }

    /// An INTEGER from 0 to 2⁶⁴ − 1.
    pub(crate) fn number(&mut self) -> Result<u64, ReadError> {
        let bytes = self.natural()?;
        if bytes.len() > 8 {
            return Err(ReadError("an INTEGER is too large"));
        }
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    /// An OBJECT IDENTIFIER.
    pub(crate) fn oid(&mut self) -> Result<Oid, ReadError> {
        let content = self.element(tag::OBJECT_IDENTIFIER)?.value;
        Oid::from_bytes(content).ok_or(ReadError("an OBJECT IDENTIFIER is not well formed"))
    }

    /// The INTEGERs r and s of `SEQUENCE { r INTEGER, s INTEGER }` and the like.
    pub(crate) fn two_naturals(&mut self) -> Result<[&'a [u8]; 2], ReadError> {
        let mut sequence = self.nested(tag::SEQUENCE)?;
        self.finish()?;
        let naturals = [sequence.natural()?, sequence.natural()?];
        sequence.finish()?;
        Ok(naturals)
    }

    fn byte(&mut self) -> Result<u8, ReadError> {
        let Some((first, rest)) = self.0.split_first() else {
            return Err(ReadError("ends in the middle of an element"));
        };
        self.0 = rest;
        Ok(*first)
    }

    /// X.690 sections 8.1.3 and 10.1: definite, in the shortest form.
    fn length(&mut self) -> Result<usize, ReadError> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(usize::from(first));
        }
        if first == 0x80 || first > 0x84 {
            return Err(ReadError("a length is indefinite or too large"));
        }
        let mut length: u32 = 0;
        for _ in 0x80..first {
            length = length << 8 | u32::from(self.byte()?);
        }
        let shortest = match first {
            0x81 => length >= 0x80,
            _ => length >> (8 * (u32::from(first) - 0x81)) != 0,
        };
        if !shortest {
            return Err(ReadError("a length is not in its shortest form"));
        }
        usize::try_from(length).map_err(|_| ReadError("a length is indefinite or too large"))
    }
}

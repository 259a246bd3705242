//! DER (X.690) read one element at a time.
//!
//! The `der` crate is too strict for requests that others made: it knows no `UniversalString`, holds object
//! identifiers of at most 39 bytes and refuses a `SET OF` in another order.

use super::error::{InspectError, Part};
use crate::tag;

/// One element. Of a tag number above 30, `tag` is the first byte only.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) value: &'a [u8],
    /// Tag, length and value.
    pub(super) raw: &'a [u8],
}

/// A piece that cannot be read, and why.
pub(super) struct Broken<'a> {
    pub(super) reason: &'static str,
    pub(super) bytes: &'a [u8],
}

const ANOTHER_TYPE: &str = "an element of another type stands here";

/// Why a [`Reader`] failed.
pub(super) fn reason(error: &InspectError) -> &'static str {
    match error {
        InspectError::Malformed { reason, .. } => reason,
        _ => "cannot be read",
    }
}

/// What is left to read of one part of the request.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
    part: Part,
}

impl<'a> Reader<'a> {
    pub(super) fn new(part: Part, der: &'a [u8]) -> Self {
        Self { rest: der, part }
    }

    pub(super) fn part(&self) -> Part {
        self.part
    }

    /// The same reader, saying from here on that it reads `part`.
    pub(super) fn at(&mut self, part: Part) -> &mut Self {
        self.part = part;
        self
    }

    pub(super) fn fault<T>(&self, reason: &'static str) -> Result<T, InspectError> {
        Err(InspectError::Malformed { part: self.part, reason })
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether the next element has this tag.
    pub(super) fn is_next(&self, tag: u8) -> bool {
        self.rest.first() == Some(&tag)
    }

    /// The next element, whatever it is.
    pub(super) fn any(&mut self) -> Result<Element<'a>, InspectError> {
        let all = self.rest;
        let tag = self.byte()?;
        if tag & 0x1F == 0x1F {
            while self.byte()? & 0x80 != 0 {}
        }
        let length = self.length()?;
        let Some((value, rest)) = self.rest.split_at_checked(length) else {
            return self.fault("ends before its stated length");
        };
        self.rest = rest;
        Ok(Element { tag, value, raw: &all[..all.len() - rest.len()] })
    }

    /// The next element, which must have this tag.
    pub(super) fn element(&mut self, tag: u8) -> Result<Element<'a>, InspectError> {
        if self.is_empty() {
            return self.fault("ends where another element must stand");
        }
        if !self.is_next(tag) {
            return self.fault(ANOTHER_TYPE);
        }
        self.any()
    }

    /// The next element if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, InspectError> {
        if self.is_next(tag) { self.any().map(Some) } else { Ok(None) }
    }

    /// The elements that are left, where a malformed one is no reason to read none of them: each in turn, or what is
    /// wrong from there on.
    pub(super) fn elements(mut self) -> impl Iterator<Item = Result<Element<'a>, Broken<'a>>> {
        std::iter::from_fn(move || {
            let bytes = self.rest;
            if bytes.is_empty() {
                return None;
            }
            Some(self.any().map_err(|error| {
                self.rest = &[];
                Broken { reason: reason(&error), bytes }
            }))
        })
    }

    /// [`Self::elements`] that must all have this tag.
    pub(super) fn elements_of(self, tag: u8) -> impl Iterator<Item = Result<Element<'a>, Broken<'a>>> {
        self.elements().map(move |element| match element {
            Ok(element) if element.tag != tag => Err(Broken { reason: ANOTHER_TYPE, bytes: element.raw }),
            other => other,
        })
    }

    /// A reader of what the next element, which must have this tag, holds.
    pub(super) fn nested(&mut self, tag: u8) -> Result<Self, InspectError> {
        Ok(Self::new(self.part, self.element(tag)?.value))
    }

    /// Nothing may be left.
    pub(super) fn finish(&self) -> Result<(), InspectError> {
        if self.is_empty() { Ok(()) } else { self.fault("data stands after its end") }
    }

    /// A BIT STRING of whole bytes.
    pub(super) fn bytes_of_bit_string(&mut self) -> Result<&'a [u8], InspectError> {
        match self.element(tag::BIT_STRING)?.value {
            [0, bytes @ ..] => Ok(bytes),
            _ => self.fault("the BIT STRING is not of whole bytes"),
        }
    }

    /// `BOOLEAN DEFAULT FALSE`.
    pub(super) fn boolean_or_false(&mut self) -> Result<bool, InspectError> {
        match self.optional(tag::BOOLEAN)?.map(|element| element.value) {
            None | Some([0]) => Ok(false),
            Some([0xFF]) => Ok(true),
            Some(_) => self.fault("a BOOLEAN is neither TRUE nor FALSE"),
        }
    }

    /// An INTEGER of any size that is not negative: its big-endian bytes without leading zeros.
    pub(super) fn natural(&mut self) -> Result<&'a [u8], InspectError> {
        match self.element(tag::INTEGER)?.value {
            [0] => Ok(&[]),
            [0, low @ ..] if low.first().is_some_and(|byte| byte & 0x80 != 0) => Ok(low),
            [high, ..] if *high & 0x80 != 0 => self.fault("an INTEGER is negative"),
            [] | [0, ..] => self.fault("an INTEGER is not in its shortest form"),
            bytes => Ok(bytes),
        }
    }

    /// An INTEGER from 0 to 2⁶⁴ − 1.
    pub(super) fn number(&mut self) -> Result<u64, InspectError> {
        let bytes = self.natural()?;
        if bytes.len() > 8 {
            return self.fault("an INTEGER is too large");
        }
        Ok(bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn byte(&mut self) -> Result<u8, InspectError> {
        let Some((first, rest)) = self.rest.split_first() else {
            return self.fault("ends in the middle of an element");
        };
        self.rest = rest;
        Ok(*first)
    }

    /// X.690 sections 8.1.3 and 10.1: definite, in the shortest form.
    fn length(&mut self) -> Result<usize, InspectError> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(usize::from(first));
        }
        if first == 0x80 || first > 0x84 {
            return self.fault("a length is indefinite or too large");
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
            return self.fault("a length is not in its shortest form");
        }
        usize::try_from(length).or_else(|_| self.fault("a length is indefinite or too large"))
    }
}

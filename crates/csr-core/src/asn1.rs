//! DER (X.690): every tag, length and value that this crate reads or writes without the `der` crate.
//!
//! | who | uses | why |
//! |---|---|---|
//! | `csr`, `key` for public keys, signatures and private keys of the curves | [`Writer`] | one buffer, written in one pass |
//! | `inspect`, `certificate`, `public_key`, `verify` | [`Reader`] | continues after a malformed element, and says what is wrong with it |
//! | `key/import`, `key/export` for RSA | the `der` crate, by `pkcs8`, `pkcs1` and `sec1` | key files have standard structures, which these crates read strictly and wipe |
//!
//! The `der` crate is too strict for requests from other tools: it has no `UniversalString`, limits object identifiers to
//! 39 bytes and refuses a `SET OF` in another order. When writing, it also measures a structure once per level of nesting.

mod oid;
mod reader;
mod string;
mod typed;
mod writer;

use der::{Reader as _, SliceReader};

pub use oid::{Oid, OidError};
pub(crate) use reader::{Broken, Element, ReadError, Reader};
pub use string::StringType;
pub(crate) use string::{ascii, text};
pub use typed::der_of_text;
pub(crate) use typed::{check_public, check_whole};
pub(crate) use writer::Writer;

/// Tags of X.680 §8.6, as the first octet of an element (X.690 §8.1.2).
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const NUMERIC_STRING: u8 = 0x12;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const TELETEX_STRING: u8 = 0x14;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const VISIBLE_STRING: u8 = 0x1a;
    pub(crate) const GENERAL_STRING: u8 = 0x1b;
    pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
    pub(crate) const BMP_STRING: u8 = 0x1e;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// `[number] IMPLICIT` of a primitive type.
    pub(crate) const fn primitive(number: u8) -> u8 {
        0x80 | number
    }

    /// `[number]` around another element, or `[number] IMPLICIT` of a constructed type.
    pub(crate) const fn constructed(number: u8) -> u8 {
        0xa0 | number
    }

    /// Whether the tag is of the context-specific class, as those of [`primitive`] and [`constructed`] are.
    pub(crate) const fn is_context_specific(tag: u8) -> bool {
        tag & 0xc0 == 0x80
    }

    /// Whether the element contains others.
    pub(crate) const fn is_constructed(tag: u8) -> bool {
        tag & 0x20 != 0
    }

    /// The tag number; 31 if further octets hold it.
    pub(crate) const fn number(tag: u8) -> u8 {
        tag & 0x1f
    }
}

/// A DER structure without the line ends that a text editor or a terminal has appended to it.
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

/// The bit length of a big-endian number, without leading zeros.
pub(crate) fn bit_length(number: &[u8]) -> u32 {
    let Some(first) = number.iter().position(|octet| *octet != 0) else { return 0 };
    let number = &number[first..];
    u32::try_from(number.len() * 8).unwrap_or(u32::MAX) - number[0].leading_zeros()
}

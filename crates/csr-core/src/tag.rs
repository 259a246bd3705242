//! Tags of X.680 §8.6, as the first octet of an element (X.690 §8.1.2).

pub(crate) const BOOLEAN: u8 = 0x01;
pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const NULL: u8 = 0x05;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const UTF8_STRING: u8 = 0x0c;
pub(crate) const PRINTABLE_STRING: u8 = 0x13;
pub(crate) const IA5_STRING: u8 = 0x16;
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

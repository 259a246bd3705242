//! Values given as text: `TYPE:VALUE`.

use base64ct::{Base64, Encoding};

use super::{Element, Oid, Reader, StringType, Writer, tag};
use crate::{Reason, key};

/// The DER of a value given as `TYPE:VALUE`. TYPE is `hex` or `base64` of DER, a string type (`utf8`, `printable`, `ia5`,
/// `bmp`), `integer` (decimal, of up to 127 bits), `boolean` (`TRUE` or `FALSE`), `oid` (dotted) or `null`, which has no VALUE
/// and needs no colon.
///
/// ```
/// assert_eq!(csr_core::der_of_text("utf8:Hi")?, [0x0c, 2, b'H', b'i']);
/// assert_eq!(csr_core::der_of_text("hex:05 00")?, csr_core::der_of_text("null")?);
/// # Ok::<(), csr_core::Reason>(())
/// ```
///
/// # Errors
///
/// [`Reason::NotTyped`], [`Reason::NotOfType`], [`Reason::NotInAlphabet`], [`Reason::NotDer`].
pub fn der_of_text(text: &str) -> Result<Vec<u8>, Reason> {
    let (r#type, value) = text.split_once(':').unwrap_or((text, ""));
    let string = |string_type: StringType| {
        string_type.check(value).map(|()| Writer::der(|writer| writer.string(string_type, value)))
    };
    match r#type.to_ascii_lowercase().as_str() {
        "hex" => {
            let digits: String = value.chars().filter(|c| !matches!(c, ' ' | ':')).collect();
            let der = hex::mixed::decode_vec(&digits);
            whole(der.map_err(|_| Reason::NotOfType("two hexadecimal digits for each octet, after `hex:`"))?)
        }
        "base64" => {
            let der = Base64::decode_vec(value);
            whole(der.map_err(|_| Reason::NotOfType("base64 with its padding, after `base64:`"))?)
        }
        "utf8" => string(StringType::Utf8),
        "printable" => string(StringType::Printable),
        "ia5" => string(StringType::Ia5),
        "bmp" => string(StringType::Bmp),
        "integer" => {
            let number: i128 = value.parse().map_err(|_| {
                Reason::NotOfType(
                    "a whole number of up to 38 digits, after `integer:`; give a longer one as `hex:`",
                )
            })?;
            Ok(Writer::der(|writer| writer.integer(number)))
        }
        "boolean" => match value.to_ascii_lowercase().as_str() {
            "true" => Ok(Writer::der(|writer| writer.boolean(true))),
            "false" => Ok(Writer::der(|writer| writer.boolean(false))),
            _ => Err(Reason::NotOfType("TRUE or FALSE, after `boolean:`")),
        },
        "oid" => {
            let oid = value.parse::<Oid>();
            let oid = oid.map_err(|_| {
                Reason::NotOfType("an object identifier such as 1.3.6.1.5.5.7.3.1, after `oid:`")
            })?;
            Ok(Writer::der(|writer| writer.oid(oid)))
        }
        "null" if value.is_empty() => Ok(Writer::der(|writer| writer.primitive(tag::NULL, &[]))),
        "null" => Err(Reason::NotOfType("`null` alone")),
        _ => Err(Reason::NotTyped),
    }
}

fn whole(der: Vec<u8>) -> Result<Vec<u8>, Reason> {
    check_whole(&der).map(|()| der)
}

/// Structures nested deeper than this are refused.
const DEPTH_MAX: usize = 64;

/// Checks that these octets are one DER value, and all that is in it.
pub(crate) fn check_whole(der: &[u8]) -> Result<(), Reason> {
    let mut reader = Reader::new(der);
    let element = reader.any().map_err(|error| Reason::NotDer(error.0))?;
    reader.finish().map_err(|error| Reason::NotDer(error.0))?;
    check_content(&element)?;
    let mut open = vec![(element.tag, Reader::new(element.value))];
    while let Some((tag, reader)) = open.last_mut() {
        if !tag::is_constructed(*tag) || reader.is_empty() {
            open.pop();
            continue;
        }
        let inner = reader.any().map_err(|error| Reason::NotDer(error.0))?;
        if open.len() == DEPTH_MAX {
            return Err(Reason::NotDer("it is nested too deeply"));
        }
        check_content(&inner)?;
        open.push((inner.tag, Reader::new(inner.value)));
    }
    Ok(())
}

/// Checks the types that DER gives one form only (X.690 sections 8.3.2, 8.8 and 11.1).
fn check_content(element: &Element<'_>) -> Result<(), Reason> {
    let fault = match (element.tag, element.value) {
        (0, _) => "its type has the number 0, which is none",
        (tag::BOOLEAN, value) if !matches!(value, [0] | [0xFF]) => "a BOOLEAN is neither TRUE nor FALSE",
        (tag::INTEGER, [] | [0, 0..=0x7F, ..] | [0xFF, 0x80..=0xFF, ..]) => {
            "an INTEGER is not in its shortest form"
        }
        (tag::NULL, [_, ..]) => "a NULL has contents",
        _ => return Ok(()),
    };
    Err(Reason::NotDer(fault))
}

/// [`check_whole`], and that it is no private key: it would be in a CSR for others to read.
pub(crate) fn check_public(der: &[u8]) -> Result<(), Reason> {
    check_whole(der)?;
    if key::der_holds_private_key(der) { Err(Reason::PrivateKey) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_is_encoded() {
        for (text, der) in [
            ("hex:0500", &[5, 0][..]),
            ("HEX:30:03:02:01:05", &[0x30, 3, 2, 1, 5]),
            ("base64:BQA=", &[5, 0]),
            ("utf8:é:", &[0x0c, 3, 0xc3, 0xa9, b':']),
            ("utf8:", &[0x0c, 0]),
            ("printable:A b", &[0x13, 3, b'A', b' ', b'b']),
            ("ia5:a@b", &[0x16, 3, b'a', b'@', b'b']),
            ("bmp:aé", &[0x1e, 4, 0, b'a', 0, 0xe9]),
            ("integer:0", &[2, 1, 0]),
            ("integer:127", &[2, 1, 0x7f]),
            ("integer:128", &[2, 2, 0, 0x80]),
            ("integer:-1", &[2, 1, 0xff]),
            ("integer:-129", &[2, 2, 0xff, 0x7f]),
            ("boolean:TRUE", &[1, 1, 0xff]),
            ("boolean:false", &[1, 1, 0]),
            ("oid:2.5.29.17", &[6, 3, 0x55, 0x1d, 0x11]),
            ("null", &[5, 0]),
            ("null:", &[5, 0]),
        ] {
            assert_eq!(der_of_text(text).unwrap(), der, "{text}");
        }
    }

    #[test]
    fn what_is_not_one_value_of_its_type_is_refused() {
        for text in [
            "",
            "utf",
            "text:a",
            "hex:",
            "hex:05",
            "hex:0500 0500",
            "hex:050",
            "hex:zz",
            "hex:30020500ff",
            "hex:30030500",
            "hex:0000",
            "hex:010101",
            "hex:0200",
            "hex:02020005",
            "hex:0202ff80",
            "hex:3003050100",
            "hex:30800000",
            "base64:BQA",
            "base64:*",
            "printable:a@b",
            "ia5:é",
            "bmp:😀",
            "integer:",
            "integer:1.5",
            "integer:0x10",
            "boolean:1",
            "oid:1",
            "oid:serverAuth",
            "null:x",
        ] {
            assert!(der_of_text(text).is_err(), "{text}");
        }
        let deep =
            (0..100).fold(vec![5, 0], |der, _| Writer::der(|writer| writer.primitive(tag::SEQUENCE, &der)));
        assert_eq!(check_whole(&deep), Err(Reason::NotDer("it is nested too deeply")));
    }
}

//! Object identifiers of any length found in certificates (X.660, X.690 §8.19). `crate::oid` lists the known ones.

use core::fmt;
use core::str::FromStr;

use der::asn1::ObjectIdentifier;
use serde::{Serialize, Serializer};

/// An object identifier, with arcs of up to 128 bits: `2.25` takes a UUID as its next arc (X.667 §7).
///
/// ```
/// use csr_core::Oid;
///
/// let oid: Oid = "2.25.329800735698586629295641978511506172918".parse()?;
/// assert_eq!(oid.to_string(), "2.25.329800735698586629295641978511506172918");
/// assert_eq!("2.999.1".parse::<Oid>()?.as_bytes(), [0x88, 0x37, 0x01]);
/// assert!("1.40".parse::<Oid>().is_err());
/// # Ok::<(), csr_core::OidError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Oid(Box<[u8]>);

/// Text that is not an object identifier in dotted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OidError {
    /// Not numbers separated by dots, or a number with a leading zero.
    #[error("must be numbers separated by dots, such as 1.3.6.1.5.5.7.3.1")]
    NotDotted,
    /// Fewer than two arcs.
    #[error("must have at least two arcs, such as 2.999")]
    TooShort,
    /// The first arc is not 0, 1 or 2, or the second is over 39 under 0 or 1 (X.660 §7.6).
    #[error("must begin with 0, 1 or 2; under 0 and 1 the second arc is at most 39")]
    NoSuchRoot,
    /// An arc of more than 128 bits.
    #[error("must have arcs of at most 128 bits")]
    ArcTooLarge,
    /// More than 128 content octets, which nothing here reads.
    #[error("must have at most 128 bytes in DER")]
    TooLong,
}

/// Messages show the dotted form, so the input is bounded. Identifiers in use have fewer bytes.
const READ_MAX: usize = 128;

impl Oid {
    /// From content octets; `None` if they are invalid or too many, or an arc is too large.
    pub(crate) fn from_bytes(content: &[u8]) -> Option<Self> {
        (content.len() <= READ_MAX && dotted(content).is_some()).then(|| Self(content.into()))
    }

    /// The content octets of the OBJECT IDENTIFIER (X.690 §8.19).
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for Oid {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<ObjectIdentifier> for Oid {
    fn from(oid: ObjectIdentifier) -> Self {
        Self(oid.as_bytes().into())
    }
}

impl FromStr for Oid {
    type Err = OidError;

    fn from_str(dotted: &str) -> Result<Self, OidError> {
        let mut arcs = dotted.split('.').map(arc);
        let first = arcs.next().ok_or(OidError::NotDotted)??;
        let second = match arcs.next() {
            Some(second) => second?,
            None => return Err(OidError::TooShort),
        };
        if first > 2 || (first < 2 && second > 39) {
            return Err(OidError::NoSuchRoot);
        }
        let mut bytes = Vec::with_capacity(dotted.len());
        push_base128(&mut bytes, second.checked_add(40 * first).ok_or(OidError::ArcTooLarge)?);
        for arc in arcs {
            push_base128(&mut bytes, arc?);
        }
        if bytes.len() > READ_MAX {
            return Err(OidError::TooLong);
        }
        Ok(Self(bytes.into()))
    }
}

/// A decimal number without leading zeros.
fn arc(digits: &str) -> Result<u128, OidError> {
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    if !is_number || (digits.len() > 1 && digits.starts_with('0')) {
        return Err(OidError::NotDotted);
    }
    digits.parse().map_err(|_| OidError::ArcTooLarge)
}

fn push_base128(bytes: &mut Vec<u8>, arc: u128) {
    let groups = (128 - arc.leading_zeros()).div_ceil(7).max(1);
    for group in (0..groups).rev() {
        let last = if group == 0 { 0 } else { 0x80 };
        #[expect(clippy::cast_possible_truncation, reason = "seven bits")]
        bytes.push((arc >> (7 * group)) as u8 & 0x7F | last);
    }
}

/// The dotted form.
impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&dotted(&self.0).unwrap_or_default())
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Oid({self})")
    }
}

/// In dotted form.
impl Serialize for Oid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Content octets in dotted form; `None` if they are invalid, or an arc is too large.
fn dotted(value: &[u8]) -> Option<String> {
    let mut oid = String::new();
    let mut arc: u128 = 0;
    let mut first_byte_of_arc = true;
    for byte in value {
        if first_byte_of_arc && *byte == 0x80 || arc.leading_zeros() < 7 {
            return None;
        }
        arc = arc << 7 | u128::from(byte & 0x7F);
        first_byte_of_arc = byte & 0x80 == 0;
        if first_byte_of_arc {
            if oid.is_empty() {
                let root = arc.min(80) / 40;
                oid.push_str(&root.to_string());
                arc -= root * 40;
            }
            oid.push('.');
            oid.push_str(&arc.to_string());
            arc = 0;
        }
    }
    (first_byte_of_arc && !value.is_empty()).then_some(oid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_valid_oid_is_written_and_read_the_same() {
        for dotted in [
            "0.0",
            "0.39",
            "1.39.0",
            "2.0",
            "2.5.29.37.0",
            "2.40",
            "2.999.1",
            "1.3.6.1.4.1.311.20.2.2",
            "1.3.6.1.4.1.4294967296.18446744073709551616.1",
            "2.25.340282366920938463463374607431768211455",
            &format!("1.3{}", ".1".repeat(127)),
        ] {
            let oid: Oid = dotted.parse().unwrap();
            assert_eq!(oid.to_string(), dotted);
            assert_eq!(Oid::from_bytes(oid.as_bytes()), Some(oid.clone()));
            if let Ok(known) = ObjectIdentifier::new(dotted) {
                assert_eq!(Oid::from(known), oid);
            }
        }
    }

    #[test]
    fn other_text_is_refused_with_the_reason() {
        for (text, error) in [
            ("", OidError::NotDotted),
            ("1", OidError::TooShort),
            ("1.", OidError::NotDotted),
            (".1", OidError::NotDotted),
            ("1..2", OidError::NotDotted),
            ("1.02", OidError::NotDotted),
            ("1.+2", OidError::NotDotted),
            ("1.2 ", OidError::NotDotted),
            ("serverAuth", OidError::NotDotted),
            ("3.1", OidError::NoSuchRoot),
            ("1.40", OidError::NoSuchRoot),
            ("2.25.340282366920938463463374607431768211456", OidError::ArcTooLarge),
            ("2.340282366920938463463374607431768211455", OidError::ArcTooLarge),
            (&format!("1.3{}", ".1".repeat(128)), OidError::TooLong),
        ] {
            assert_eq!(text.parse::<Oid>(), Err(error), "{text}");
        }
    }
}

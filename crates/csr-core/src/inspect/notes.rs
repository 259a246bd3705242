//! What is noted while a request is read: warnings, pieces that cannot be read, and how much is still listed.
//!
//! Each is bounded, so that what is told of a request grows no faster than the request.

use std::fmt;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::value::{Raw, Thousands};
use super::warning::{LISTED, Part, Warning};
use crate::asn1::ReadError;

/// The most pieces and names that are malformed.
const MALFORMED: usize = 1000;
/// The most warnings of one kind that differ.
const WARNINGS_OF_A_KIND: usize = 8;
/// The most bytes of names' one-line forms.
const ONE_LINE: usize = 1 << 20;

/// A warning, and how often there was reason for it.
///
/// Serialised as an object of `code`, `message` and `count`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CountedWarning {
    /// The warning.
    pub warning: Warning,
    /// How often, at least once.
    pub count: usize,
}

/// The warning, and how often where that is more than once, as in `… (1,234 times)`.
impl fmt::Display for CountedWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.warning.fmt(f)?;
        if self.count > 1 { write!(f, " ({} times)", Thousands(self.count)) } else { Ok(()) }
    }
}

impl Serialize for CountedWarning {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut warning = serializer.serialize_struct("CountedWarning", 3)?;
        warning.serialize_field("code", self.warning.code())?;
        warning.serialize_field("message", &self.warning.to_string())?;
        warning.serialize_field("count", &self.count)?;
        warning.end()
    }
}

/// A piece of a request of which not even the type can be read.
///
/// Serialised as an object of `part`, `reason` and the bytes, `hex` or `long`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Malformed {
    /// Where.
    #[serde(serialize_with = "as_text")]
    pub part: Part,
    /// What is wrong there.
    pub reason: &'static str,
    /// The piece; where a length is wrong, all that follows it.
    #[serde(flatten)]
    pub bytes: Raw,
}

fn as_text<S: Serializer>(part: &Part, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(part)
}

/// Where, why, and the bytes.
impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.part, self.reason, self.bytes)
    }
}

/// A list of the inspection.
#[derive(Debug, Clone, Copy)]
pub(super) enum List {
    Subject,
    Names,
    Extensions,
    Attributes,
    Issuer,
    CertificateExtensions,
}

pub(super) struct Notes {
    pub(super) warnings: Vec<CountedWarning>,
    pub(super) malformed: Vec<Malformed>,
    listed: [usize; 6],
    shown_malformed: usize,
    one_line: usize,
    entries: usize,
}

impl Notes {
    pub(super) fn new() -> Self {
        Self {
            warnings: Vec::new(),
            malformed: Vec::new(),
            listed: [0; 6],
            shown_malformed: 0,
            one_line: ONE_LINE,
            entries: LISTED,
        }
    }

    pub(super) fn warn(&mut self, warning: Warning) {
        if let Some(known) = self.warnings.iter_mut().find(|known| known.warning == warning) {
            known.count += 1;
            return;
        }
        let code = warning.code();
        if self.warnings.iter().filter(|known| known.warning.code() == code).count() < WARNINGS_OF_A_KIND {
            self.warnings.push(CountedWarning { warning, count: 1 });
        } else {
            self.warn_of_more(code);
        }
    }

    fn warn_of_more(&mut self, code: &'static str) {
        let more = Warning::MoreOfKind { code };
        match self.warnings.iter_mut().find(|known| known.warning == more) {
            Some(known) => known.count += 1,
            None => self.warnings.push(CountedWarning { warning: more, count: 1 }),
        }
    }

    /// Notes a piece of which not even the type can be read.
    pub(super) fn malformed(&mut self, part: Part, reason: &'static str, bytes: &[u8]) {
        self.warn(Warning::Malformed { part, reason });
        if self.has_room_for_malformed() {
            self.malformed.push(Malformed { part, reason, bytes: Raw::of(bytes) });
        }
    }

    /// Whether one piece or name more that is malformed is shown. If not, the warning of it counts it.
    pub(super) fn has_room_for_malformed(&mut self) -> bool {
        self.shown_malformed += 1;
        self.shown_malformed <= MALFORMED
    }

    /// Whether one entry more of a list is shown. If not, that is noted.
    pub(super) fn has_room(&mut self, list: List) -> bool {
        let listed = &mut self.listed[list as usize];
        if *listed < LISTED {
            *listed += 1;
            return true;
        }
        let part = match list {
            List::Subject => Part::Subject,
            List::Names => Part::SubjectAltName,
            List::Extensions => Part::Extensions,
            List::Attributes => Part::Attributes,
            List::Issuer => Part::Issuer,
            List::CertificateExtensions => Part::CertificateExtensions,
        };
        self.warn(Warning::NotListed { part });
        false
    }

    /// Counts an entry of a list of structures inside an extension. If too many are shown already, the extension is shown as
    /// bytes.
    pub(super) fn take_entry(&mut self) -> Result<(), ReadError> {
        self.entries = self.entries.checked_sub(1).ok_or(ReadError("it lists more than is shown"))?;
        Ok(())
    }

    /// How long a name's one-line form may be.
    pub(super) fn one_line(&self) -> usize {
        self.one_line
    }

    /// Counts a one-line form that was written.
    pub(super) fn count_one_line(&mut self, length: usize) {
        self.one_line = self.one_line.saturating_sub(length);
    }
}

//! Callers and their rights.

use core::fmt;
use core::str::FromStr;

use csr_model::Excerpt;

/// A right of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// List and show CSRs.
    Read,
    /// Create, rename, delete and upload CSRs.
    Write,
    /// Read private keys.
    ExportKey,
}

impl Right {
    /// All rights.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::ExportKey];

    /// `read`, `write` or `export-key`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::ExportKey => "export-key",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names no right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be one of read, write, export-key, not {0}")]
pub struct UnknownRight(Excerpt);

impl FromStr for Right {
    type Err = UnknownRight;

    fn from_str(text: &str) -> Result<Self, UnknownRight> {
        Self::ALL
            .into_iter()
            .find(|right| right.as_str() == text)
            .ok_or_else(|| UnknownRight(Excerpt::of(text)))
    }
}

/// A set of rights. Prints and parses as `read,write,export-key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Rights(u8);

impl Rights {
    /// Every right.
    #[must_use]
    pub fn all() -> Self {
        Right::ALL.into_iter().collect()
    }

    /// Whether the set contains the right.
    #[must_use]
    pub const fn contains(self, right: Right) -> bool {
        self.0 & (1 << right as u8) != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<I: IntoIterator<Item = Right>>(rights: I) -> Self {
        Self(rights.into_iter().fold(0, |set, right| set | 1 << right as u8))
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> =
            Right::ALL.into_iter().filter(|right| self.contains(*right)).map(Right::as_str).collect();
        f.pad(&names.join(","))
    }
}

impl FromStr for Rights {
    type Err = UnknownRight;

    fn from_str(text: &str) -> Result<Self, UnknownRight> {
        text.split(',').filter(|name| !name.is_empty()).map(|name| name.trim().parse::<Right>()).collect()
    }
}

/// How a caller authenticates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallerKind {
    /// `X-Auth-Token`.
    Token,
    /// An access key and a secret key that signs each request.
    Credential,
}

impl CallerKind {
    /// Both kinds.
    pub const ALL: [Self; 2] = [Self::Token, Self::Credential];

    /// `token` or `credential`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Credential => "credential",
        }
    }
}

/// The id of a caller, for an error. The database may hold any text in its place: a text in the
/// form of an id is no secret, anything else is shown as an excerpt.
pub(crate) fn shown_id(id: &str) -> String {
    let token = id.strip_prefix("t-").is_some_and(|rest| {
        rest.len() == 16 && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    });
    let access_key = id.len() == 20 && id.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'2'..=b'7'));
    if token || access_key { id.to_owned() } else { Excerpt::of(id).to_string() }
}

/// A caller, without secrets, so that it may be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The id for lists and revocations. For a credential it is the access key, for a token `t-`
    /// and 16 hexadecimal digits (not of the token).
    pub id: String,
    /// The operator's note about the caller.
    pub label: String,
    /// Token or credential.
    pub kind: CallerKind,
    /// What it may do.
    pub rights: Rights,
    /// Milliseconds since the Unix epoch.
    pub create_time: i64,
    /// When it was revoked, milliseconds since the Unix epoch.
    pub revoke_time: Option<i64>,
}

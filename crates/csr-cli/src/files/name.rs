use std::fmt;

/// The longest file name that file systems accept (NAME_MAX), less `.csr` or `.key`.
const MAX: usize = 255 - 4;

/// A file name without extension, which cannot lead out of its folder.
pub(crate) struct BaseName(String);

/// Why a text cannot be the name of a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum BaseNameError {
    Empty,
    Separator(char),
    ControlCharacter(char),
    LeadingDot,
    LeadingDash,
    TrailingDot,
    TooLong(usize),
    Reserved,
}

impl BaseName {
    pub(crate) fn new(text: &str) -> Result<Self, BaseNameError> {
        if text.is_empty() {
            return Err(BaseNameError::Empty);
        }
        for c in text.chars() {
            if matches!(c, '/' | '\\') {
                return Err(BaseNameError::Separator(c));
            }
            if csr_core::inspect::must_escape(c) {
                return Err(BaseNameError::ControlCharacter(c));
            }
        }
        // This includes `.` and `..`; the others would be hidden files.
        if text.starts_with('.') {
            return Err(BaseNameError::LeadingDot);
        }
        if text.starts_with('-') {
            return Err(BaseNameError::LeadingDash);
        }
        if text.len() > MAX {
            return Err(BaseNameError::TooLong(text.len()));
        }
        if cfg!(windows) {
            check_windows(text)?;
        }
        Ok(Self(text.to_owned()))
    }

    /// The name for a normalised domain or an IP address.
    pub(crate) fn from_domain(domain: &str) -> Result<Self, BaseNameError> {
        Self::new(&domain.replacen("*", "wildcard", 1).replace(':', "_"))
    }

    /// Checks that every system takes the name, whichever this is.
    pub(crate) fn check_portable(&self) -> Result<(), BaseNameError> {
        if self.0.ends_with(['.', ' ']) {
            return Err(BaseNameError::TrailingDot);
        }
        check_windows(&self.0)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn with_extension(&self, extension: &str) -> String {
        format!("{}.{extension}", self.0)
    }
}

/// A colon opens a stream or a drive, a device name is never a file whatever follows it, and Windows forbids the other
/// characters.
fn check_windows(text: &str) -> Result<(), BaseNameError> {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let stem = text.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = |port: &str| {
        stem.strip_prefix(port)
            .is_some_and(|n| n.chars().count() == 1 && n.contains(|c: char| !c.is_alphabetic()))
    };
    if text.contains([':', '<', '>', '"', '|', '?', '*'])
        || DEVICES.contains(&stem.as_str())
        || numbered("com")
        || numbered("lpt")
    {
        return Err(BaseNameError::Reserved);
    }
    Ok(())
}

impl fmt::Display for BaseNameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("must not be empty"),
            Self::Separator(c) => write!(f, "must be a file name without a folder, but contains `{c}`"),
            Self::ControlCharacter(c) => {
                write!(f, "must be printable, but contains the character U+{:04X}", u32::from(*c))
            }
            Self::LeadingDot => f.write_str("must not start with a dot"),
            Self::LeadingDash => f.write_str("must not start with `-`, as options do"),
            Self::TrailingDot => f.write_str("must not end with a dot or a blank, which Windows drops"),
            Self::TooLong(found) => write!(f, "must have at most {MAX} bytes, but has {found}"),
            Self::Reserved => f.write_str(
                "must be a file name that Windows allows: no device such as CON, and none of : < > \" | ? *",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_escape_or_deceive() {
        let refused = |text: &str| BaseName::new(text).map(|_| ()).unwrap_err();
        assert_eq!(refused(""), BaseNameError::Empty);
        assert_eq!(refused("../key"), BaseNameError::Separator('/'));
        assert_eq!(refused("a\\b"), BaseNameError::Separator('\\'));
        assert_eq!(refused(".."), BaseNameError::LeadingDot);
        assert_eq!(refused(".hidden"), BaseNameError::LeadingDot);
        assert_eq!(refused("-rf"), BaseNameError::LeadingDash);
        assert_eq!(refused("a\0b"), BaseNameError::ControlCharacter('\0'));
        assert_eq!(refused("a\x1b[2Jb"), BaseNameError::ControlCharacter('\x1b'));
        assert_eq!(refused("exe\u{202e}gpj"), BaseNameError::ControlCharacter('\u{202e}'));
        assert_eq!(refused(&"ü".repeat(126)), BaseNameError::TooLong(252));
    }

    #[test]
    fn unusual_but_harmless_names_are_accepted() {
        for text in ["a", "a..b", "my web-server", "例え", &"a".repeat(251)] {
            assert!(BaseName::new(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn domains_give_safe_names() {
        let name = |domain| BaseName::from_domain(domain).unwrap().0;
        assert_eq!(name("example.com"), "example.com");
        assert_eq!(name("*.example.com"), "wildcard.example.com");
        assert_eq!(name("::1"), "__1");
        assert_eq!(name("192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn names_that_windows_reserves_are_refused() {
        for text in ["con", "NUL.txt", "com1", "LPT9.a", "a:b", "c*", "what?"] {
            assert_eq!(check_windows(text), Err(BaseNameError::Reserved), "{text}");
        }
        for text in ["console", "com", "com10", "example.com"] {
            assert_eq!(check_windows(text), Ok(()), "{text}");
        }
    }
}

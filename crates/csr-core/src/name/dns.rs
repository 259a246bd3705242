//! DNS names in the form of certificates: LDH labels (RFC 5280 §4.2.1.6, RFC 1123 §2.1),
//! internationalised names as A-labels (RFC 5890, UTS 46), a wildcard as the whole leftmost label
//! (RFC 6125 §6.4.3).

use core::fmt;
use std::borrow::Cow;

use csr_model::Excerpt;
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use super::{script, text};
use crate::Reason;

/// The longest label (RFC 1035 §2.3.4).
const LABEL_MAX: usize = 63;
/// The longest name as text, without the root's dot (RFC 1035 §2.3.4).
const NAME_MAX: usize = 253;

/// Whether a DNS name may have underscores.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Underscores {
    #[default]
    Refused,
    Allowed,
}

impl Underscores {
    /// What UTS 46 refuses after its mapping.
    const fn deny_list(self) -> AsciiDenyList {
        match self {
            Self::Refused => AsciiDenyList::STD3,
            Self::Allowed => AsciiDenyList::new(true, " !\"#$%&'()*+,/:;<=>?@[\\]^`{|}~"),
        }
    }
}

/// A DNS name in its normalised form: lower-case A-labels, optionally after `*.`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DnsName(String);

impl DnsName {
    /// The name in its form for the CSR.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses and normalises a DNS name. U-labels become A-labels (UTS 46, non-transitional).
    ///
    /// # Errors
    ///
    /// The first rule that the name breaks.
    pub fn parse(given: &str) -> Result<Self, Reason> {
        Self::parse_with(given, Underscores::Refused)
    }

    /// [`parse`](Self::parse), perhaps with underscores, which host names don't have (RFC 1123 §2.1), but names in the DNS
    /// may (RFC 2181 §11).
    pub(crate) fn parse_with(given: &str, underscores: Underscores) -> Result<Self, Reason> {
        text::check_controls(given)?;
        if given.is_empty() {
            return Err(Reason::Missing);
        }
        let (wildcard, host) = match given.strip_prefix("*.") {
            Some(rest) => ("*.", rest),
            None => ("", given),
        };
        let ascii = to_ascii(host, underscores)?;
        check_labels(&ascii)?;
        if !wildcard.is_empty() && !ascii.contains('.') {
            return Err(Reason::WildcardTopLevel);
        }
        let name = [wildcard, &*ascii].concat();
        if name.len() > NAME_MAX {
            return Err(Reason::NameTooLong(name.len()));
        }
        Ok(Self(name))
    }

    /// The name in the form that people read, with U-labels. `None` if it has no A-label, or one whose U-label must not be
    /// shown: it mixes scripts that no language mixes, or looks as if it were in Latin letters (Unicode UTS 39 §5.2).
    ///
    /// ```
    /// use csr_core::DnsName;
    ///
    /// let readable = |name| DnsName::parse(name).ok().and_then(|name| name.readable());
    /// assert_eq!(readable("xn--r8jz45g.jp").as_deref(), Some("例え.jp"));
    /// assert_eq!(readable("example.jp"), None);
    /// assert_eq!(readable("xn--80ak6aa92e.com"), None); // looks like apple.com, in Cyrillic letters
    /// ```
    #[must_use]
    pub fn readable(&self) -> Option<String> {
        let labels = self.0.split('.').map(|label| {
            if !is_a_label(label) {
                return Some(label.into());
            }
            let (unicode, _) = Uts46::new().to_unicode(label.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow);
            script::may_be_shown(&unicode).then_some(unicode)
        });
        has_a_label(&self.0)
            .then(|| labels.collect::<Option<Vec<Cow<'_, str>>>>())
            .flatten()
            .map(|all| all.join("."))
    }
}

impl fmt::Display for DnsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// UTS 46 ToASCII with non-transitional processing. `*` and all other characters that host names
/// don't have are refused after the mapping, so that no full-width twin passes.
fn to_ascii(host: &str, underscores: Underscores) -> Result<Cow<'_, str>, Reason> {
    let forbidden = |c: char| match c {
        '*' => Some(Reason::MisplacedWildcard),
        '_' if underscores == Underscores::Allowed => None,
        '_' => Some(Reason::Underscore),
        _ if c.is_ascii() && !c.is_ascii_alphanumeric() && c != '-' && c != '.' => {
            Some(Reason::ForbiddenCharacter(c))
        }
        _ => None,
    };
    // Checked before the mapping, because a UTS 46 error covers the whole name and doesn't say
    // which dot is at fault.
    if is_plain(host) {
        check_dots(host)?;
        return Ok(Cow::Borrowed(host));
    }
    if let Some(reason) = host.chars().find_map(forbidden) {
        return Err(reason);
    }
    check_dots(host)?;
    let ascii = Uts46::new()
        .to_ascii(host.as_bytes(), underscores.deny_list(), Hyphens::Allow, DnsLength::Ignore)
        .map_err(|_| bad_label(host))?;
    check_round_trip(&ascii, underscores)?;
    Ok(ascii)
}

/// Whether the name is one that UTS 46 maps to itself and finds no fault in: of small ASCII letters, digits, hyphens and
/// dots (§4, "valid" in every version of its table), with no label to decode.
fn is_plain(host: &str) -> bool {
    host.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')) && !has_a_label(host)
}

/// Each `xn--` label must decode, and its U-label must encode to the same label again (RFC 5891
/// §5.3): there is only one way to write a name.
fn check_round_trip(ascii: &str, underscores: Underscores) -> Result<(), Reason> {
    for label in ascii.split('.').filter(|label| is_a_label(label)) {
        let bad = || Reason::BadALabel(Excerpt::of(label));
        let (unicode, decoded) =
            Uts46::new().to_unicode(label.as_bytes(), underscores.deny_list(), Hyphens::Allow);
        decoded.map_err(|_| bad())?;
        let again = Uts46::new()
            .to_ascii(unicode.as_bytes(), underscores.deny_list(), Hyphens::Allow, DnsLength::Ignore)
            .map_err(|_| bad())?;
        if again != label || is_a_label(&unicode) {
            return Err(bad());
        }
    }
    Ok(())
}

fn is_a_label(label: &str) -> bool {
    label.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("xn--"))
}

fn has_a_label(name: &str) -> bool {
    name.split('.').any(is_a_label)
}

/// Finds the `xn--` label that does not decode, if that is the fault.
fn bad_label(host: &str) -> Reason {
    host.split('.')
        .find(|label| {
            is_a_label(label)
                && Uts46::new().to_unicode(label.as_bytes(), AsciiDenyList::STD3, Hyphens::Allow).1.is_err()
        })
        .map_or(Reason::BadUnicodeName, |label| Reason::BadALabel(Excerpt::of(label)))
}

fn check_dots(host: &str) -> Result<(), Reason> {
    if host.starts_with('.') {
        Err(Reason::LeadingDot)
    } else if host.ends_with('.') {
        Err(Reason::TrailingDot)
    } else if host.is_empty() || host.as_bytes().windows(2).any(|pair| pair == b"..") {
        Err(Reason::EmptyLabel)
    } else {
        Ok(())
    }
}

fn check_labels(ascii: &str) -> Result<(), Reason> {
    check_dots(ascii)?;
    for label in ascii.split('.') {
        if label.len() > LABEL_MAX {
            return Err(Reason::LabelTooLong(label.len()));
        }
        if label.starts_with('-') || label.ends_with('-') {
            return Err(Reason::HyphenAtEdge);
        }
    }
    // RFC 1123 §2.1: the last label is not a number, so that a name cannot be taken for an address.
    // Resolvers and browsers also take hexadecimal ones for addresses (the URL standard's "ends in
    // a number").
    let last = ascii.rsplit('.').next().unwrap_or_default();
    let digits = last.strip_prefix("0x").filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if digits.is_some() || last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Reason::BadIpv4);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4_096, failure_persistence: None, ..ProptestConfig::default() })]

        /// What is taken for plain is what UTS 46 leaves as it is.
        #[test]
        fn plain_names_are_not_changed_by_uts_46(host in "[a-z0-9.n-]{1,40}|(x?n?-{0,2}[a-z0-9]{1,9}\\.?){1,6}") {
            for underscores in [Underscores::Refused, Underscores::Allowed] {
                let mapped = Uts46::new().to_ascii(
                    host.as_bytes(),
                    underscores.deny_list(),
                    Hyphens::Allow,
                    DnsLength::Ignore,
                );
                if is_plain(&host) {
                    prop_assert_eq!(mapped.as_deref().ok(), Some(&*host));
                } else {
                    prop_assert!(has_a_label(&host));
                }
            }
        }
    }
}

//! Mail addresses (RFC 5321 §4.1.2) as an rfc822Name can hold them (RFC 5280 §4.2.1.6).

use std::net::IpAddr;

use super::{DnsName, mistake, text};
use crate::Reason;

/// The longest mail address (RFC 5321 §4.5.3.1.3, less the angle brackets).
const EMAIL_MAX: usize = 254;
/// The longest local part (RFC 5321 §4.5.3.1.1).
const EMAIL_LOCAL_MAX: usize = 64;

/// A mail address that an IA5String can hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EmailAddress(String);

impl EmailAddress {
    /// The address in its form for the CSR.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses `local-part@domain`. The local part must be a dot-atom (RFC 5322 §3.2.3), the domain
    /// a DNS name.
    ///
    /// # Errors
    ///
    /// [`Reason::BadEmail`] for the local part; [`Reason::EmailWithoutDomain`], [`Reason::EmailAtAddress`] or
    /// [`Reason::EmailDomain`] with a rule of [`DnsName`] for the domain.
    pub fn parse(given: &str) -> Result<Self, Reason> {
        text::check_controls(given)?;
        if let Some(reason) = mistake::in_email(given) {
            return Err(reason);
        }
        let (local, domain) = given.rsplit_once('@').ok_or(Reason::BadEmail)?;
        let is_atom = |atom: &str| {
            !atom.is_empty()
                && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
        };
        if local.len() > EMAIL_LOCAL_MAX || !local.split('.').all(is_atom) || domain.starts_with('*') {
            return Err(Reason::BadEmail);
        }
        if domain.is_empty() {
            return Err(Reason::EmailWithoutDomain);
        }
        if domain.starts_with('[') || domain.parse::<IpAddr>().is_ok() {
            return Err(Reason::EmailAtAddress);
        }
        let domain = DnsName::parse(domain).map_err(|reason| Reason::EmailDomain(Box::new(reason)))?;
        let address = format!("{local}@{domain}");
        if address.len() > EMAIL_MAX {
            return Err(Reason::TooLong {
                found: address.len(),
                max: EMAIL_MAX,
                rule: "RFC 5321 §4.5.3.1.3",
            });
        }
        Ok(Self(address))
    }
}

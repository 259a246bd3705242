//! URIs as alternative names (RFC 3986, RFC 5280 §4.2.1.6).

use std::net::Ipv6Addr;

use fluent_uri::Uri;

use super::{San, mistake, text};
use crate::Reason;

/// An absolute URI.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UriName(String);

impl UriName {
    /// The URI for the CSR, exactly as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Parses an absolute URI (RFC 3986). With an authority, its host must be a DNS name without a wildcard, or an IP
    /// address (RFC 5280 §4.2.1.6). A name of one label is accepted, because a trust domain of
    /// SPIFFE may be one.
    ///
    /// # Errors
    ///
    /// [`Reason::BadUri`] with the fault, [`Reason::UriHost`] with the fault of the host.
    pub fn parse(given: &str) -> Result<Self, Reason> {
        text::check_controls(given)?;
        if let Some(reason) = mistake::in_uri(given) {
            return Err(reason);
        }
        let uri = Uri::parse(given)
            .map_err(|_| Reason::BadUri("give one such as https://example.com/ (RFC 3986)"))?;
        if uri.authority().is_none() && uri.path().as_str().is_empty() {
            return Err(Reason::BadUri("nothing follows the scheme"));
        }
        if let Some(authority) = uri.authority() {
            let host = authority.host();
            if host.is_empty() {
                return Err(Reason::BadUri("no host follows the `//`"));
            }
            let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
            let checked = match address {
                Some(address) if address.parse::<Ipv6Addr>().is_ok() => Ok(()),
                Some(_) => return Err(Reason::BadUri("in brackets there must be an IPv6 address")),
                // A URI cannot name a wildcard as its host.
                None if host.starts_with('*') => Err(Reason::WildcardInUri),
                None => San::host(host).map(|_| ()),
            };
            checked.map_err(|reason| Reason::UriHost(Box::new(reason)))?;
        }
        Ok(Self(given.to_owned()))
    }
}

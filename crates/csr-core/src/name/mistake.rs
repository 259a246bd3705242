//! Common mistakes in place of a host, so that the refusal can say what to write instead.

use std::net::{IpAddr, Ipv6Addr};

use csr_model::Excerpt;

use super::DnsName;
use crate::Reason;

/// Prefixes of hosts in the configuration and the output of other tools. Prefixes of other kinds of
/// names are in the other lists.
const HOST_PREFIXES: [&str; 8] =
    ["DNS:", "DNS=", "DNS Name=", "dNSName:", "IP:", "IP Address:", "iPAddress:", "CN="];
const EMAIL_PREFIXES: [&str; 3] = ["email:", "mailto:", "rfc822Name:"];
const URI_PREFIXES: [&str; 3] = ["URI:", "URL:", "uniformResourceIdentifier:"];
/// Prefixes of names that are no hosts.
const OTHER_PREFIXES: [&str; 10] = [
    "RID:",
    "Registered ID:",
    "registeredID:",
    "dirName:",
    "directoryName:",
    "otherName:",
    "UPN:",
    "userPrincipalName:",
    "X400Name:",
    "ediPartyName:",
];

/// The likely mistake behind this text in place of a host; `None` if it is unknown.
pub(crate) fn in_host(given: &str) -> Option<Reason> {
    let trimmed = given.trim();
    if trimmed.len() < given.len() {
        return Some(Reason::BlanksAround(host(trimmed)));
    }
    for quote in ['"', '\'', '`'] {
        if let Some(inside) = given.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return Some(Reason::Quoted(host(inside)));
        }
    }
    if let Some((_, rest)) = given.split_once("://") {
        return Some(Reason::Url(host_of_authority(rest)));
    }
    if let Some((prefix, _)) = kind_in_front(given, &OTHER_PREFIXES) {
        return Some(Reason::OtherKind(prefix));
    }
    if let Some((prefix, rest)) =
        kind_in_front(given, HOST_PREFIXES.iter().chain(&EMAIL_PREFIXES).chain(&URI_PREFIXES))
    {
        return Some(Reason::KindInFront { prefix, rest: host(rest.trim()) });
    }
    if given.contains([',', ';', ' ']) {
        let mut names = given.split([',', ';', ' ']).filter(|name| !name.is_empty());
        return names.all(|name| host(name).is_some()).then_some(Reason::SeveralNames);
    }
    if let Some(inside) = given.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return in_address(inside).or_else(|| Some(Reason::BracketedAddress(Some(address(inside)?))));
    }
    if let Some(reason) = in_address(given) {
        return Some(reason);
    }
    if let Some((name, after)) = given.rsplit_once(':') {
        let name = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        let is_port = !after.is_empty() && after.bytes().all(|b| b.is_ascii_digit());
        return (is_port && host(name).is_some()).then(|| Reason::Port(host(name)));
    }
    if let Some((name, _)) = given.split_once(['/', '?', '#']) {
        return host(name).map(|name| Reason::Url(Some(name)));
    }
    None
}

/// The likely mistake behind this text in place of a mail address.
pub(crate) fn in_email(given: &str) -> Option<Reason> {
    let (prefix, _) = kind_in_front(given, &EMAIL_PREFIXES)?;
    Some(Reason::KindInFront { prefix, rest: None })
}

/// The likely mistake behind this text in place of a URI.
pub(crate) fn in_uri(given: &str) -> Option<Reason> {
    let (prefix, _) = kind_in_front(given, &URI_PREFIXES)?;
    Some(Reason::KindInFront { prefix, rest: None })
}

fn kind_in_front(
    given: &str,
    prefixes: impl IntoIterator<Item = &'static &'static str>,
) -> Option<(&'static str, &str)> {
    prefixes.into_iter().find_map(|prefix| {
        let (start, rest) = given.split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some((*prefix, rest))
    })
}

/// The fault of a text that is an address followed by something else.
fn in_address(given: &str) -> Option<Reason> {
    if let Some((before, _)) = given.split_once('%') {
        return address(before).map(|address| Reason::AddressZone(Some(address)));
    }
    let (before, length) = given.split_once('/')?;
    let is_length = length.bytes().all(|b| b.is_ascii_digit()) || length.parse::<IpAddr>().is_ok();
    (is_length && before.parse::<IpAddr>().is_ok()).then_some(Reason::Network)
}

/// The host in the part of a URL after `://`.
fn host_of_authority(rest: &str) -> Option<Excerpt> {
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(inside) = authority.strip_prefix('[') {
        return address(inside.split_once(']')?.0);
    }
    host(authority.split_once(':').map_or(authority, |(host, _)| host))
}

/// The text, if it is a host.
fn host(text: &str) -> Option<Excerpt> {
    let is_host = text.parse::<IpAddr>().is_ok() || DnsName::parse(text).is_ok();
    is_host.then(|| Excerpt::of(text))
}

fn address(text: &str) -> Option<Excerpt> {
    text.parse::<Ipv6Addr>().is_ok().then(|| Excerpt::of(text))
}

#[cfg(test)]
mod tests {
    use crate::name::San;

    #[test]
    fn refused_hosts_say_what_to_give_instead() {
        for (given, message) in [
            ("https://www.example.com/", "is a URL: give only its host, `www.example.com`"),
            ("HTTPS://user:pw@www.example.com:8443/a?b#c", "is a URL: give only its host, `www.example.com`"),
            ("http://[2001:db8::1]:80/", "is a URL: give only its host, `2001:db8::1`"),
            ("https://", "is a URL: give only its host"),
            ("www.example.com/path", "is a URL: give only its host, `www.example.com`"),
            ("DNS:a.example.com", "has `DNS:` in front: remove that, `a.example.com`"),
            ("dns: a.example.com", "has `DNS:` in front: remove that, `a.example.com`"),
            ("IP:192.0.2.7", "has `IP:` in front: remove that, `192.0.2.7`"),
            ("IP Address:192.0.2.7", "has `IP Address:` in front: remove that, `192.0.2.7`"),
            ("CN=example.com", "has `CN=` in front: remove that, `example.com`"),
            ("email:a@example.com", "has `email:` in front: remove that"),
            ("[2001:db8::1]", "is an address in brackets: remove them, `2001:db8::1`"),
            (
                "fe80::1%eth0",
                "is an address with a zone, which certificates cannot hold: \
                remove `%` and the rest, `fe80::1`",
            ),
            (
                "[fe80::1%25eth0]",
                "is an address with a zone, which certificates cannot hold: \
                remove `%` and the rest, `fe80::1`",
            ),
            ("192.0.2.0/24", "is a network: give single addresses, without `/` and the rest"),
            ("192.0.2.0/255.255.255.0", "is a network: give single addresses, without `/` and the rest"),
            ("2001:db8::/32", "is a network: give single addresses, without `/` and the rest"),
            (
                "example.com:443",
                "has a port, which certificates cannot hold: give only the host, `example.com`",
            ),
            ("192.0.2.7:443", "has a port, which certificates cannot hold: give only the host, `192.0.2.7`"),
            (
                "[2001:db8::1]:443",
                "has a port, which certificates cannot hold: give only the host, `2001:db8::1`",
            ),
            ("a.example.com,b.example.com", "contains several names: give each by itself"),
            ("a.example.com b.example.com", "contains several names: give each by itself"),
            ("\"example.com\"", "is in quotes: remove them, `example.com`"),
            (" example.com", "has blanks around it: remove them, `example.com`"),
            (
                "a\u{202e}b.example",
                "must not contain the bidirectional control U+202E, which disguises the order of the text: remove it",
            ),
            ("a b.exa_mple", "contains ' ', which host names don't have"),
            ("a\u{ffff}.example", "must not contain U+FFFF, which is not a character"),
        ] {
            assert_eq!(San::host(given).unwrap_err().to_string(), message, "{given}");
        }
    }
}

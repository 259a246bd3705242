//! Checks the host that a request to a loopback address names. A web page can let its own name
//! point to 127.0.0.1 (DNS rebinding), and could then read in its visitor's browser what is served
//! there. But the browser sends the page's name.
//!
//! `Origin` is ignored: another page's scripts cannot read an answer, and cannot send a token
//! without asking first (`OPTIONS`, which is answered with 404).

use core::str::FromStr;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Version};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::answer::Failure;
use super::serve::Connection;

/// The longest name in the DNS, in characters.
const LONGEST: usize = 253;

/// A host that requests may name: a DNS name, or an IP address in the form of URLs. It has no port,
/// because every port is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HostName(String);

/// The text is no [`HostName`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a host's name without scheme, port and path, such as csr.example.com")]
pub struct MalformedHost;

impl FromStr for HostName {
    type Err = MalformedHost;

    fn from_str(text: &str) -> Result<Self, MalformedHost> {
        let text = text.strip_suffix('.').unwrap_or(text);
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        let address = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
        match address {
            Some(address) => address.parse().map(|address: Ipv6Addr| Self(format!("[{address}]"))),
            None if (1..=LONGEST).contains(&text.len()) && text.chars().all(is_name) => {
                return Ok(Self(text.to_ascii_lowercase()));
            }
            None => return Err(MalformedHost),
        }
        .map_err(|_| MalformedHost)
    }
}

impl HostName {
    /// Whether the name always means the own machine.
    fn is_this_machine(&self) -> bool {
        let address = self.0.trim_start_matches('[').trim_end_matches(']');
        self.0 == "localhost"
            || address.parse().is_ok_and(|address: IpAddr| address.to_canonical().is_loopback())
    }
}

/// Refuses requests that a web page under another name may have sent.
pub(super) async fn check(State(allowed): State<Arc<[HostName]>>, request: Request, next: Next) -> Response {
    let connection = request.extensions().get::<Arc<Connection>>();
    let on_loopback = connection.is_some_and(|connection| connection.is_on_loopback());
    if on_loopback && !names_this_machine(&request, &allowed) {
        return Failure::OtherHost.into_response();
    }
    next.run(request).await
}

/// Whether every host that the request names is this machine or an allowed one. HTTP/1.0 may name
/// none (RFC 9112, §3.2), but no browser leaves it out.
fn names_this_machine<B>(request: &axum::http::Request<B>, allowed: &[HostName]) -> bool {
    let is_good =
        |text: &str| host(text).is_some_and(|host| host.is_this_machine() || allowed.contains(&host));
    let mut headers = request.headers().get_all(HOST).iter().map(HeaderValue::to_str);
    let header = match (headers.next(), headers.next()) {
        (Some(Ok(text)), None) => is_good(text),
        (None, _) => request.version() <= Version::HTTP_10 || request.uri().authority().is_some(),
        _ => false,
    };
    header && request.uri().authority().is_none_or(|authority| is_good(authority.as_str()))
}

/// The host of `host:port`.
fn host(text: &str) -> Option<HostName> {
    let authority: Authority = text.parse().ok()?;
    if text.contains('@') { None } else { authority.host().parse().ok() }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    type Result<T = ()> = core::result::Result<T, Box<dyn std::error::Error>>;

    fn is_allowed(uri: &str, version: Version, hosts: &[&str]) -> Result<bool> {
        let request = Request::get(uri).version(version);
        let request = hosts.iter().fold(request, |request, host| request.header(HOST, *host));
        let allowed = ["csr.example.com".parse()?, "[2001:DB8::1]".parse()?];
        Ok(names_this_machine(&request.body(())?, &allowed))
    }

    #[test]
    fn names_of_this_machine_are_allowed_with_any_port() -> Result {
        for host in [
            "localhost",
            "LOCALHOST:8085",
            "localhost.:1",
            "127.0.0.1",
            "127.0.0.1:8085",
            "127.1.2.3:65535",
            "[::1]",
            "[::1]:8085",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]:80",
            "csr.example.com",
            "CSR.example.com.:443",
            "[2001:db8:0::1]:443",
        ] {
            assert!(is_allowed("/metrics", Version::HTTP_11, &[host])?, "{host}");
            assert!(is_allowed("/metrics", Version::HTTP_10, &[host])?, "{host}");
        }
        assert!(is_allowed("/metrics", Version::HTTP_10, &[])?);
        assert!(is_allowed("http://localhost/metrics", Version::HTTP_11, &["localhost"])?);
        Ok(())
    }

    #[test]
    fn other_names_are_refused() -> Result {
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evil.example:8085",
            "localhost@evil.example",
            "evil.example@localhost",
            "localhost, evil.example",
            "192.0.2.1",
            "0.0.0.0:8085",
            "[::]",
            "[2001:db8::2]",
            "a.csr.example.com",
            "http://localhost",
            "localhost/",
            "[::1",
        ] {
            assert!(!is_allowed("/metrics", Version::HTTP_11, &[host])?, "{host}");
            assert!(!is_allowed("/metrics", Version::HTTP_10, &[host])?, "{host}");
        }
        assert!(!is_allowed("/metrics", Version::HTTP_11, &[])?);
        assert!(!is_allowed("/metrics", Version::HTTP_11, &["localhost", "localhost"])?);
        assert!(!is_allowed("http://evil.example/metrics", Version::HTTP_11, &["localhost"])?);
        assert!(!is_allowed("http://localhost/metrics", Version::HTTP_11, &["evil.example"])?);
        Ok(())
    }

    #[test]
    fn host_names_have_no_scheme_and_no_port() {
        for bad in [
            "",
            "*",
            "*.example.com",
            "http://a",
            "a:80",
            "a/b",
            "a b",
            "[::1]:80",
            "::1",
            "é",
            &*"a".repeat(254),
        ] {
            assert_eq!(bad.parse::<HostName>(), Err(MalformedHost), "{bad}");
        }
    }
}

//! Limits of sizes, numbers and times.

use std::time::Duration;

use super::host::HostName;

/// Limits of sizes, numbers and times.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest body, in bytes.
    pub body: usize,
    /// The time for a TLS handshake, for a request's head, and for the pause before the next
    /// request on a connection.
    pub head_timeout: Duration,
    /// The time for a request's body.
    pub body_timeout: Duration,
    /// The time from a request's head to its answer, including the body.
    pub request_timeout: Duration,
    /// The time in which a client must read more of its answer.
    pub answer_timeout: Duration,
    /// The number of open connections. For another one, the connection that has waited longest for
    /// its client is closed, unless all of them are answering known callers.
    pub connections: usize,
    /// The number of connections that may send heads over 32 KiB at once (up to 2 MiB, the
    /// documented length of a token, and 64 KiB). The others wait.
    pub large_heads: usize,
    /// How long `GET /readyz` reuses a verdict on the store before it checks again, which writes to
    /// the disk.
    pub readiness: Duration,
    /// How long a shutdown waits for the accepted requests.
    pub shutdown: Duration,
    /// The hosts that requests may name beside this machine (`localhost`, 127.0.0.0/8, `[::1]`) if
    /// [`serve`](super::serve) listens on a loopback address, such as the name that a proxy in
    /// front of it passes on. Other hosts are refused with 421, so that no web page can read what
    /// is served by letting its own name point here.
    pub allowed_hosts: Vec<HostName>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 64 * 1024,
            head_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(10),
            request_timeout: Duration::from_secs(60),
            answer_timeout: Duration::from_secs(15),
            connections: 1_024,
            large_heads: 8,
            readiness: Duration::from_secs(5),
            shutdown: Duration::from_secs(30),
            allowed_hosts: Vec::new(),
        }
    }
}

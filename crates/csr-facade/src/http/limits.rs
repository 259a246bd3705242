//! How much of everything, and how long.

use std::time::Duration;

use super::host::HostName;

/// How much of everything, and how long.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The largest body, bytes.
    pub body: usize,
    /// For a TLS handshake, for a request's head, and for the pause before the next request on a connection.
    pub head_timeout: Duration,
    /// For a request's body.
    pub body_timeout: Duration,
    /// From a request's head to its answer, the body included.
    pub request_timeout: Duration,
    /// For a client to read on in its answer.
    pub answer_timeout: Duration,
    /// How many connections are open at once. When one more comes, the one that has been waiting longest for its
    /// client is closed, unless all are answering known callers.
    pub connections: usize,
    /// How many connections may be sending heads over 32 KiB at once (up to 2 MiB and 64 KiB, the token's documented
    /// length); the others wait.
    pub large_heads: usize,
    /// How long a verdict of `GET /readyz` on the store is given again before the store is asked anew, which writes to
    /// its disk.
    pub readiness: Duration,
    /// How long a shutdown waits for the requests that were accepted.
    pub shutdown: Duration,
    /// The hosts that requests may name beside this machine (`localhost`, 127.0.0.0/8, `[::1]`) where [`serve`](super::serve) listens at a
    /// loopback address: what a proxy in front of it passes on. Others are refused with 421, so that no web page reads
    /// what is served by letting its own name point here.
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

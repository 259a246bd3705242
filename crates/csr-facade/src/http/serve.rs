//! The listener: HTTP/1.1 with every limit set, plain or over TLS.
//!
//! What memory callers take before they are known is bounded. A connection holds at most 32 KiB of a request's head, in a
//! buffer of twice that, 16 KiB of hyper's, and the body only where it is needed to know the caller: for a signature, up to
//! [`Limits::body`]. What else nobody known sends is read and thrown away, 8 KiB at a time. So that is at most 160 KiB for
//! each of [`Limits::connections`]; only [`Limits::large_heads`] of them may go on to the 2 MiB that a token may have (6 MiB
//! while the buffer grows), and such a connection is closed after its answer, which frees its buffer. With the defaults:
//! 208 MiB. `tests/memory.rs` measures it. TLS adds its own buffers, 64 KiB a connection.
//!
//! An answer with a private key is sent from where it is and wiped then: hyper makes no copy (`writev`). TLS encrypts it in
//! place, in a buffer of its own.

mod connection;
mod head;
mod registry;
mod stall;

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

pub(super) use self::head::Connection;

use self::connection::Served;
use self::registry::Registry;
use super::limits::Limits;

/// Before accepting again when the system is out of files or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Answers requests on the listener until `shutdown` is ready, then finishes those that were accepted.
///
/// Where the listener is at a loopback address, requests must name this machine, or one of
/// [`Limits::allowed_hosts`], in `Host`.
///
/// # Errors
///
/// When the listener has no address any more. A connection that fails ends alone.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    tls: Option<TlsAcceptor>,
    shutdown: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    let registry = Arc::new(Registry::new(limits.connections));
    let patience = limits.shutdown;
    let (stop, stopped) = watch::channel(());
    let large_heads = Arc::new(Semaphore::new(limits.large_heads));
    let on_loopback = address.ip().to_canonical().is_loopback();
    let served = Arc::new(Served { router, limits, on_loopback, tls, large_heads, stopped });
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    tracing::info!(target: "csr::http", %address, "listening");
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            (stream, peer) = accept(&listener, &registry) => {
                let guard = Arc::clone(&registry).enter();
                let connection = Arc::clone(&served).connection(stream, peer, guard);
                connections.spawn(connection);
            }
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let _ = stop.send(());
    tracing::info!(target: "csr::http", connections = connections.len(), "shutting down");
    let all = async { while connections.join_next().await.is_some() {} };
    if timeout(patience, all).await.is_err() {
        tracing::warn!(target: "csr::http", connections = connections.len(), "connections cut off");
    }
    Ok(())
}

/// The next connection, and a place for it.
async fn accept(listener: &TcpListener, registry: &Registry) -> (TcpStream, std::net::SocketAddr) {
    loop {
        registry.place().await;
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(target: "csr::http", %error, "a connection could not be accepted");
                registry.close_longest_waiting();
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

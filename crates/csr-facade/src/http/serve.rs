//! The listener: HTTP/1.1 with every limit set, plain or over TLS.
//!
//! What memory the connections take is bounded: each holds at most 32 KiB of a request's head (in a buffer of twice
//! that) and a body within its limit; only [`Limits::large_heads`] of them may go on to the 2 MiB that a token may
//! have, and such a connection is closed after its answer, which frees its buffer.

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
use super::Limits;

/// Before accepting again when the system is out of files or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Answers requests on the listener until `shutdown` is ready, then finishes those that were accepted.
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
    let served = Arc::new(Served { router, limits, tls, large_heads, stopped });
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

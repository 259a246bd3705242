//! The listener: HTTP/1.1 with every limit set, plain or over TLS.
//!
//! The memory that callers take before they are known is bounded. A connection holds at most 32 KiB
//! of a request's head in a buffer of twice that size, 16 KiB in hyper's own, and the body only if
//! it is needed to authenticate the caller: for a signature, up to [`Limits::body`]. Everything
//! else that unknown callers send is read and discarded, 8 KiB at a time. Each of
//! [`Limits::connections`] thus takes at most 160 KiB. Only [`Limits::large_heads`] of them may
//! continue to the 2 MiB that a token may have (6 MiB while the buffer grows), and such a
//! connection is closed after its answer, which frees its buffer. With the defaults that is 208 MiB
//! in all. `tests/memory.rs` measures it. TLS adds its own buffers, 64 KiB per connection.
//!
//! An answer with a private key is sent from its own memory and then wiped: hyper makes no copy
//! (`writev`). TLS encrypts it in place, in its own buffer.

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

/// The pause before accepting again if the system is out of files or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Answers requests on the listener until `shutdown` completes, then finishes the accepted ones.
///
/// If the listener has a loopback address, requests must name this machine, or one of
/// [`Limits::allowed_hosts`], in `Host`.
///
/// # Errors
///
/// If the listener has lost its address. A failing connection ends alone.
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

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Request, Response};
use csr_model::limits;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;

use super::head::{Connection, HeadGuard};
use super::registry::Entry;
use super::stall::StallGuard;
use crate::http::context::Peer;
use crate::http::limits::Limits;

/// The longest token, plus the rest of the head.
const LARGEST_HEAD: usize = limits::TOKEN_MAX + 64 * 1024;

/// The state that all connections share.
pub(super) struct Served {
    pub(super) router: Router,
    pub(super) limits: Limits,
    /// Whether the listener has a loopback address.
    pub(super) on_loopback: bool,
    pub(super) tls: Option<TlsAcceptor>,
    pub(super) large_heads: Arc<Semaphore>,
    pub(super) stopped: watch::Receiver<()>,
}

impl Served {
    /// Serves a connection until its end.
    pub(super) async fn connection(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, entry: Entry) {
        // Sends small answers at once. If it fails, they are only sent later.
        let _ = stream.set_nodelay(true);
        let shared = Arc::new(Connection::new(entry, self.on_loopback));
        let served = async {
            match &self.tls {
                None => self.requests(stream, peer, &shared).await,
                Some(tls) => match timeout(self.limits.head_timeout, tls.accept(stream)).await {
                    Ok(Ok(stream)) => self.requests(stream, peer, &shared).await,
                    Ok(Err(error)) => {
                        tracing::debug!(target: "csr::http", %peer, %error, "TLS handshake failed")
                    }
                    Err(_) => tracing::debug!(target: "csr::http", %peer, "TLS handshake timed out"),
                },
            }
        };
        tokio::select! {
            () = served => {}
            () = shared.entry.closed() => {
                tracing::debug!(target: "csr::http", %peer, "closed to make room");
            }
        }
    }

    async fn requests<S>(&self, stream: S, peer: SocketAddr, shared: &Arc<Connection>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let stream = StallGuard::new(stream, self.limits.answer_timeout);
        let io = TokioIo::new(HeadGuard::new(stream, Arc::clone(shared), Arc::clone(&self.large_heads)));
        let service = service_fn(|request| self.answer(request, peer, Arc::clone(shared)));
        let mut builder = http1::Builder::new();
        builder
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head_timeout)
            .max_buf_size(LARGEST_HEAD);
        let mut connection = pin!(builder.serve_connection(io, service));
        let mut stopped = self.stopped.clone();
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            _ = stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(target: "csr::http", %peer, %error, "the connection failed");
        }
    }

    async fn answer(
        &self,
        mut request: Request<Incoming>,
        peer: SocketAddr,
        shared: Arc<Connection>,
    ) -> Result<Response<Body>, Infallible> {
        shared.head_ends();
        request.extensions_mut().insert(Peer(peer.ip()));
        request.extensions_mut().insert(Arc::clone(&shared));
        let mut response = self.router.clone().oneshot(request.map(Body::new)).await?;
        if shared.is_large() {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        shared.is_answered();
        Ok(response)
    }
}

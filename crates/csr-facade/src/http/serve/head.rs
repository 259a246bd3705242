//! Bounds the memory for a request before its caller is known. A head may have 2 MiB, but not on
//! every connection at once, and hyper's buffer must not grow with the speed of its client.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::registry::Entry;

/// A head with more bytes than this is a large head.
const SMALL: usize = 32 * 1024;
/// The most that hyper gets from one read, in bytes. Its buffer begins with 8 KiB, and doubles each
/// time a read fills the space reserved for it, up to the longest head. With one byte less it
/// doesn't grow, however fast a client sends.
const READ: usize = 8 * 1024 - 1;

type Acquire = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send>>;

/// The state that a connection's reader shares with the service of its requests. It is an extension
/// of each request.
pub(in crate::http) struct Connection {
    pub(super) entry: Entry,
    /// Whether the listener has a loopback address.
    on_loopback: bool,
    /// Whether the reader is in a request's head.
    in_head: AtomicBool,
    /// How many bytes of the head were read.
    head: AtomicUsize,
    /// Set after a large head: the connection ends after its answer, which frees the buffer and the
    /// permit.
    large: AtomicBool,
}

impl Connection {
    pub(super) fn new(entry: Entry, on_loopback: bool) -> Self {
        let (in_head, head, large) = (AtomicBool::new(true), AtomicUsize::new(0), AtomicBool::new(false));
        Self { entry, on_loopback, in_head, head, large }
    }

    /// Whether it arrived on a loopback address.
    pub(in crate::http) const fn is_on_loopback(&self) -> bool {
        self.on_loopback
    }

    /// Records that a head was read to its end.
    pub(super) fn head_ends(&self) {
        self.in_head.store(false, Ordering::Relaxed);
        self.head.store(0, Ordering::Relaxed);
        self.entry.waits();
    }

    /// Records that the caller is known. The connection is not closed to make room until the
    /// request is answered.
    pub(in crate::http) fn is_admitted(&self) {
        self.entry.works();
    }

    /// Records that the request is answered.
    pub(super) fn is_answered(&self) {
        self.in_head.store(true, Ordering::Relaxed);
        self.entry.waits();
    }

    /// Whether a head was large.
    pub(in crate::http) fn is_large(&self) -> bool {
        self.large.load(Ordering::Relaxed)
    }
}

/// A stream that is read in small parts, and that continues a large head only with a permit.
pub(super) struct HeadGuard<S> {
    stream: S,
    connection: Arc<Connection>,
    large_heads: Arc<Semaphore>,
    acquire: Option<Acquire>,
    /// Kept until the connection ends.
    permit: Option<OwnedSemaphorePermit>,
}

impl<S> HeadGuard<S> {
    pub(super) fn new(stream: S, connection: Arc<Connection>, large_heads: Arc<Semaphore>) -> Self {
        Self { stream, connection, large_heads, acquire: None, permit: None }
    }

    fn poll_permit(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let large_heads = &self.large_heads;
        let acquire = self.acquire.get_or_insert_with(|| Box::pin(Arc::clone(large_heads).acquire_owned()));
        let permit = ready!(acquire.as_mut().poll(cx)).map_err(io::Error::other)?;
        self.connection.large.store(true, Ordering::Relaxed);
        self.acquire = None;
        self.permit = Some(permit);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for HeadGuard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let in_head = self.connection.in_head.load(Ordering::Relaxed);
        if in_head && self.connection.head.load(Ordering::Relaxed) >= SMALL && self.permit.is_none() {
            ready!(self.poll_permit(cx))?;
        }
        let most = buf.remaining().min(READ);
        let mut part = ReadBuf::new(buf.initialize_unfilled_to(most));
        ready!(Pin::new(&mut self.stream).poll_read(cx, &mut part))?;
        let read = part.filled().len();
        buf.advance(read);
        if in_head {
            self.connection.head.fetch_add(read, Ordering::Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HeadGuard<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, parts)
    }

    /// hyper then sends a body from its own memory, without a copy in hyper's buffer, so that an
    /// answer with a private key is wiped after it was sent.
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

//! A request's head may have 2 MiB, but not on every connection at once.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::registry::Entry;

/// Beyond this, a head is a large one, bytes.
const SMALL: usize = 32 * 1024;

type Acquire = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send>>;

/// What a connection's reader and the service of its requests share. It is an extension of each request.
pub(in crate::http) struct Connection {
    pub(super) entry: Entry,
    /// Whether what is read is a request's head.
    in_head: AtomicBool,
    /// Set when a head was large: the connection ends after its answer, and with it the buffer and the permit.
    large: AtomicBool,
}

impl Connection {
    pub(super) fn new(entry: Entry) -> Self {
        Self { entry, in_head: AtomicBool::new(true), large: AtomicBool::new(false) }
    }

    /// A head was read to its end.
    pub(super) fn head_ends(&self) {
        self.in_head.store(false, Ordering::Relaxed);
        self.entry.waits();
    }

    /// Its caller is known, and the connection is not closed to make room until it is answered.
    pub(in crate::http) fn is_admitted(&self) {
        self.entry.works();
    }

    /// Its request is answered.
    pub(super) fn is_answered(&self) {
        self.in_head.store(true, Ordering::Relaxed);
        self.entry.waits();
    }

    /// Whether a head was large.
    pub(in crate::http) fn is_large(&self) -> bool {
        self.large.load(Ordering::Relaxed)
    }
}

/// A stream that stops reading a large head until it has a permit.
pub(super) struct HeadGuard<S> {
    stream: S,
    connection: Arc<Connection>,
    large_heads: Arc<Semaphore>,
    /// How much of the head was read.
    read: usize,
    acquire: Option<Acquire>,
    /// Kept until the connection ends.
    permit: Option<OwnedSemaphorePermit>,
}

impl<S> HeadGuard<S> {
    pub(super) fn new(stream: S, connection: Arc<Connection>, large_heads: Arc<Semaphore>) -> Self {
        Self { stream, connection, large_heads, read: 0, acquire: None, permit: None }
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
        if !self.connection.in_head.load(Ordering::Relaxed) {
            self.read = 0;
        } else if self.read >= SMALL && self.permit.is_none() {
            ready!(self.poll_permit(cx))?;
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.read += buf.filled().len() - before;
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for HeadGuard<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        // An answer is going out: what is read next is another request.
        self.read = 0;
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

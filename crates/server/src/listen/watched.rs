//! A socket with a deadline for the head of a request.
//!
//! Hyper has one time for both, a head that is on its way and a connection that waits for the next request;
//! the second may be long, the first may not. Here the time counts from a request's first byte to its end.

use hyper::rt::ReadBufCursor;
use hyper_util::rt::TokioIo;
use playhouse_core::clock::{Clock, Timer};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::net::TcpStream;

/// Told by the service when a head is complete.
pub(crate) type HeadSeen = Arc<AtomicBool>;

/// The socket.
pub(crate) struct Watched {
    io: TokioIo<TcpStream>,
    clock: Clock,
    timer: Timer,
    limit: Duration,
    seen: HeadSeen,
}

impl Watched {
    /// Begins with waiting for a first request, which is one that should be on its way.
    pub(crate) fn new(stream: TcpStream, clock: &Clock, limit: Duration, seen: HeadSeen) -> Self {
        let mut timer = clock.timer();
        timer.set(clock.now() + limit);
        Self { io: TokioIo::new(stream), clock: clock.clone(), timer, limit, seen }
    }

    /// The socket, as it is.
    pub(crate) fn into_inner(self) -> TcpStream {
        self.io.into_inner()
    }

    /// Whether the head takes too long; registers the waker for the moment when it does.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.seen.swap(false, Ordering::Relaxed) {
            self.timer.clear();
        }
        self.timer.poll(cx)
    }
}

impl hyper::rt::Read for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        match hyper::rt::Read::poll_read(Pin::new(&mut this.io), cx, buffer) {
            Poll::Ready(read) => {
                if this.timer.deadline().is_none() {
                    this.seen.store(false, Ordering::Relaxed);
                    this.timer.set(this.clock.now() + this.limit);
                }
                Poll::Ready(read)
            }
            Poll::Pending => match this.poll_late(cx) {
                Poll::Ready(()) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
                Poll::Pending => Poll::Pending,
            },
        }
    }
}

impl hyper::rt::Write for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        hyper::rt::Write::poll_write(Pin::new(&mut self.io), cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        hyper::rt::Write::poll_flush(Pin::new(&mut self.io), cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        hyper::rt::Write::poll_shutdown(Pin::new(&mut self.io), cx)
    }

    fn is_write_vectored(&self) -> bool {
        hyper::rt::Write::is_write_vectored(&self.io)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        hyper::rt::Write::poll_write_vectored(Pin::new(&mut self.io), cx, slices)
    }
}

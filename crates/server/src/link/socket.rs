//! What a websocket lies on: a socket of ours, or whatever somebody else's server has upgraded.

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};
use tokio::net::TcpStream;

/// What a websocket lies on. Links are made for each kind of it, so that none pays for what another needs.
pub(crate) trait Socket: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// Whether the system has told of anything to read since the last read found nothing. Registers nobody.
    fn has_news(&self) -> bool;
}

impl Socket for TcpStream {
    fn has_news(&self) -> bool {
        self.try_io(Interest::READABLE, || Ok(())).is_ok()
    }
}

/// TLS, a Unix socket, memory: nobody can know without reading.
impl Socket for TokioIo<Upgraded> {
    fn has_news(&self) -> bool {
        true
    }
}

impl<S: Socket + ?Sized> Socket for Box<S> {
    fn has_news(&self) -> bool {
        (**self).has_news()
    }
}

/// A socket and what is given back when it closes.
pub(crate) struct Permitted<S, P> {
    pub(crate) io: S,
    pub(crate) _permit: P,
}

impl<S: Socket, P: Send + Unpin + 'static> Socket for Permitted<S, P> {
    fn has_news(&self) -> bool {
        self.io.has_news()
    }
}

impl<S: Socket, P: Unpin> AsyncRead for Permitted<S, P> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        read: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(cx, read)
    }
}

impl<S: Socket, P: Unpin> AsyncWrite for Permitted<S, P> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

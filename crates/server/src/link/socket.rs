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

    /// The same socket, whose news wake the worker that calls this at first hand: the one that accepted it need not be
    /// the one of its connection.
    ///
    /// # Errors
    /// The system's, which knows no more such sockets; this one is closed.
    fn settle(self) -> io::Result<Self>
    where
        Self: Sized,
    {
        Ok(self)
    }

    /// [`Socket::settle`] where its kind is not known.
    ///
    /// # Errors
    /// The same.
    fn settle_boxed(self: Box<Self>) -> io::Result<Box<dyn Socket>>;
}

impl Socket for TcpStream {
    fn has_news(&self) -> bool {
        self.try_io(Interest::READABLE, || Ok(())).is_ok()
    }

    fn settle(self) -> io::Result<Self> {
        Self::from_std(self.into_std()?)
    }

    fn settle_boxed(self: Box<Self>) -> io::Result<Box<dyn Socket>> {
        Ok(Box::new((*self).settle()?))
    }
}

/// TLS, a Unix socket, memory: nobody can know without reading, nor move it.
impl Socket for TokioIo<Upgraded> {
    fn has_news(&self) -> bool {
        true
    }

    fn settle_boxed(self: Box<Self>) -> io::Result<Box<dyn Socket>> {
        Ok(self)
    }
}

impl Socket for Box<dyn Socket> {
    fn has_news(&self) -> bool {
        (**self).has_news()
    }

    fn settle(self) -> io::Result<Self> {
        self.settle_boxed()
    }

    fn settle_boxed(self: Box<Self>) -> io::Result<Box<dyn Socket>> {
        (*self).settle_boxed()
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

    fn settle(self) -> io::Result<Self> {
        Ok(Self { io: self.io.settle()?, _permit: self._permit })
    }

    fn settle_boxed(self: Box<Self>) -> io::Result<Box<dyn Socket>> {
        Ok(Box::new((*self).settle()?))
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

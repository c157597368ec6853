//! What a websocket lies on: a socket of ours, or whatever somebody else's server has upgraded.

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, Interest};
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

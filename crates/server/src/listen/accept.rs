//! The loop of one listener.

use super::permit::{FULL, Permit, Permits};
use crate::os;
use futures_util::future::select;
use playhouse_core::clock::Clock;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// What happens to an accepted socket.
pub(crate) trait Accept: Send + Sync + 'static {
    /// Serves it; must not wait.
    fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, permit: Permit);

    /// Whether some of those that a full node refuses must hear it in a way of their own.
    fn has_words_for_late(&self) -> bool;

    /// Refuses it so; must not wait.
    fn refuse_late(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, permit: Permit);
}

/// How many are refused in words of their own at once by each listener; one more gets the canned answer.
const LATE_MAX: usize = 64;

/// A pause after running out of descriptors: what holds them may end meanwhile, and a loop would only burn
/// the time that it needs to.
const PAUSE: Duration = Duration::from_millis(50);

/// One listener, and what its sockets are for.
pub(crate) struct Accepting<T> {
    permits: Permits,
    late: Permits,
    clock: Clock,
    target: Arc<T>,
}

impl<T: Accept> Accepting<T> {
    /// Accepts for this target, as many as there are permits.
    pub(crate) fn new(permits: Permits, clock: Clock, target: Arc<T>) -> Self {
        let late = Permits::new(if target.has_words_for_late() { LATE_MAX } else { 0 });
        Self { permits, late, clock, target }
    }

    /// Accepts until it is told to stop, and then who has come before. Cancel-safe: a socket is either served or not
    /// accepted.
    pub(crate) async fn until(&self, listener: TcpListener, stop: impl Future) {
        // In this order, as those who wait may be so many that nobody is asked whether to stop.
        select(pin!(stop), pin!(self.accept(&listener))).await;
        self.take_waiting(listener).await;
    }

    async fn accept(&self, listener: &TcpListener) -> Infallible {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => self.take(stream, peer),
                Err(error) => pause(&error, &self.clock).await,
            }
        }
    }

    /// Takes those who wait to be accepted: closing the listener would reset them, with all that they have asked.
    async fn take_waiting(&self, listener: TcpListener) {
        // Only the system knows who has come since the runtime has looked.
        let Ok(listener) = listener.into_std() else { return };
        loop {
            match listener.accept() {
                Ok((stream, peer)) => {
                    let stream = stream.set_nonblocking(true).and_then(|()| TcpStream::from_std(stream));
                    stream.into_iter().for_each(|stream| self.take(stream, peer));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                Err(error) => pause(&error, &self.clock).await,
            }
        }
    }

    fn take(&self, stream: TcpStream, peer: SocketAddr) {
        match self.permits.take() {
            Some(permit) => {
                os::tune(&stream);
                self.target.clone().serve(stream, peer, permit);
            }
            None => match self.late.take() {
                Some(permit) => self.target.clone().refuse_late(stream, peer, permit),
                None => refuse(&stream),
            },
        }
    }
}

/// A full node says so and closes; it does not queue.
fn refuse(stream: &TcpStream) {
    // The buffer of a new socket takes these few bytes; if not, the close alone has to tell.
    let _ = stream.try_write(FULL);
}

async fn pause(error: &io::Error, clock: &Clock) {
    if os::is_exhausted(error) {
        tracing::warn!(%error, "no descriptors are left for new connections: raise the limit (ulimit -n)");
        clock.sleep(PAUSE).await;
    } else {
        tracing::debug!(%error, "a client left before it was accepted");
    }
}

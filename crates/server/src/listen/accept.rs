//! The loop of one listener.

use super::permit::{FULL, Permit, Permits};
use crate::os;
use playhouse_core::clock::Clock;
use std::io;
use std::net::SocketAddr;
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

/// Accepts for ever; drop it to stop. Cancel-safe: a socket is either served or not accepted.
pub(crate) async fn accept(listener: TcpListener, permits: Permits, clock: Clock, target: Arc<impl Accept>) {
    let late = Permits::new(if target.has_words_for_late() { LATE_MAX } else { 0 });
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => match permits.take() {
                Some(permit) => {
                    os::tune(&stream);
                    target.clone().serve(stream, peer, permit);
                }
                None => match late.take() {
                    Some(permit) => target.clone().refuse_late(stream, peer, permit),
                    None => refuse(&stream),
                },
            },
            Err(error) => pause(&error, &clock).await,
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

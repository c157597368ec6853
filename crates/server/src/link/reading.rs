//! Reading from a websocket: what is there, up to a budget, through the worker's buffer, item by item.
//!
//! Knows no dialect: what an item means is the affair of whoever takes it.

use super::socket::Socket;
use crate::worker;
use playhouse_node::link::{Flow, Gone};
use playhouse_proto::ws::{self, Decoder, Item, Role, Violation};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;
use tokio::task::coop;

/// How often one turn reads before the next link is served.
const READS_PER_TURN: usize = 4;

/// What looking at bytes came to.
pub(crate) enum Looked {
    /// All of it was looked at.
    All,
    /// Whoever takes the items wants no more for now. The bytes that were not looked at.
    Paused(Vec<u8>),
    /// Nothing that follows counts.
    Ended,
}

/// Decodes bytes and gives the items to `take`, which says whether it wants more, or with `None` that nothing that
/// follows counts.
///
/// # Errors
/// The rule of websockets that the client broke.
pub(crate) fn decode(
    decoder: &mut Decoder,
    mut bytes: &mut [u8],
    mut take: impl FnMut(Item<'_>) -> Option<Flow>,
) -> Result<Looked, Violation> {
    while !bytes.is_empty() {
        let step = decoder.next(bytes)?;
        let used = step.used;
        let flow = step.item.map_or(Some(Flow::More), &mut take);
        bytes = &mut bytes[used..];
        match flow {
            Some(Flow::More) => {}
            Some(Flow::Pause) => return Ok(Looked::Paused(bytes.to_vec())),
            None => return Ok(Looked::Ended),
        }
    }
    Ok(Looked::All)
}

/// Reads what is there and gives it to `look`, which says whether to go on. Wakes its own task, behind those of all other
/// sockets, where there may be more than one turn's share. `is_drained` becomes whether the socket was found empty and the
/// task is registered.
pub(crate) fn turn<S: Socket>(
    io: &mut S,
    is_drained: &mut bool,
    cx: &mut Context<'_>,
    mut look: impl FnMut(&mut [u8]) -> bool,
) -> Poll<Gone> {
    *is_drained = false;
    for _ in 0..READS_PER_TURN {
        let goes_on = worker::with_read(|buffer| {
            let mut read = ReadBuf::new(buffer);
            let filled = Pin::new(&mut *io).poll_read(cx, &mut read);
            // Without budget tokio answers before it asks the socket, and has registered nobody.
            *is_drained = filled.is_pending() && coop::has_budget_remaining();
            match ready!(filled) {
                Ok(()) if read.filled().is_empty() => Poll::Ready(Err(Gone::Lost)),
                Ok(()) => Poll::Ready(Ok(look(read.filled_mut()))),
                Err(_) => Poll::Ready(Err(Gone::Lost)),
            }
        });
        match ready!(goes_on) {
            Ok(true) => {}
            Ok(false) => return Poll::Pending,
            Err(gone) => return Poll::Ready(gone),
        }
    }
    serve_others(cx);
    Poll::Pending
}

/// Wakes this task again, but not before the worker has looked at all other sockets. One who always has more would be polled
/// hundreds of times in a row if its task was simply woken: a runtime looks at sockets when nobody is awake, or now and then.
pub(crate) fn serve_others(cx: &mut Context<'_>) {
    // Its first poll is what notes the waker for later.
    let _ = pin!(tokio::task::yield_now()).poll(cx);
}

/// A decoder for a link that decodes nothing more, in place of one that may hold half a message.
pub(crate) fn spent() -> Decoder {
    Decoder::new(Role::Server, ws::Limits { frame: 0, message: 0, fragments: 0 }, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::io;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::io::{AsyncRead, AsyncWrite};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::runtime::Builder;

    /// Always has more to read.
    struct Flood;

    impl AsyncRead for Flood {
        fn poll_read(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
            read: &mut ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            read.put_slice(b"more");
            Poll::Ready(Ok(()))
        }
    }

    impl AsyncWrite for Flood {
        fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            Poll::Ready(Ok(bytes.len()))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    impl Socket for Flood {
        fn has_news(&self) -> bool {
            true
        }

        fn settle_boxed(self: Box<Self>) -> io::Result<Box<dyn Socket>> {
            Ok(self)
        }
    }

    /// Two ends of a connection.
    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let one = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (one, listener.accept().await.unwrap().0)
    }

    #[test]
    fn one_who_always_has_more_keeps_no_socket_from_being_looked_at() {
        const END: usize = 500;
        let runtime = Builder::new_current_thread().enable_io().event_interval(1_000).build().unwrap();
        let turns = Arc::new(AtomicUsize::new(0));
        let counted = turns.clone();
        let seen = runtime.block_on(async move {
            let (quiet, other) = pair().await;
            let mut is_drained = false;
            let flood = tokio::spawn(poll_fn(move |cx| match counted.fetch_add(1, Ordering::Relaxed) {
                END.. => Poll::Ready(()),
                _ => turn(&mut Flood, &mut is_drained, cx, |_| true).map(drop),
            }));
            other.writable().await.unwrap();
            assert_eq!(other.try_write(b"x").unwrap(), 1);
            let read = tokio::spawn(async move {
                quiet.readable().await.unwrap();
                turns.load(Ordering::Relaxed)
            });
            let seen = read.await.unwrap();
            flood.await.unwrap();
            seen
        });
        assert!(seen < 20, "{seen} turns of one connection before another was read from");
    }
}

//! The end of a websocket: what waits, the last words, and then the client's own, for as long as patience lasts.

use super::socket::Socket;
use super::writing::Writing;
use crate::worker;
use playhouse_core::clock::Moment;
use playhouse_node::link::Gone;
use playhouse_node::outbox::Outbox;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Our last bytes, how many of them are written, and when patience ends.
pub(crate) struct Ending {
    last: Vec<u8>,
    done: usize,
    pub(crate) until: Moment,
    shut: bool,
}

impl Ending {
    pub(crate) fn new(last: Vec<u8>, until: Moment) -> Self {
        Self { last, done: 0, until, shut: false }
    }

    /// Ready when the client has ended its side too, or has gone.
    pub(crate) fn poll<S: Socket>(
        &mut self,
        cx: &mut Context<'_>,
        io: &mut S,
        writing: &mut Writing,
        outbox: &Outbox,
    ) -> Poll<Gone> {
        if ready!(writing.poll(cx, io, outbox)).is_err() {
            return Poll::Ready(Gone::Lost);
        }
        while self.done < self.last.len() {
            match ready!(Pin::new(&mut *io).poll_write(cx, &self.last[self.done..])) {
                Ok(0) | Err(_) => return Poll::Ready(Gone::Lost),
                Ok(written) => self.done += written,
            }
        }
        if !self.shut {
            if ready!(Pin::new(&mut *io).poll_shutdown(cx)).is_err() {
                return Poll::Ready(Gone::Lost);
            }
            self.shut = true;
        }
        // Closing a socket with unread bytes resets it, and a reset would overtake the close frame.
        ready!(worker::poll_discard(cx, io));
        Poll::Ready(Gone::Closed)
    }
}

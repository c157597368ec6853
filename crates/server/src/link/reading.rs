//! Reading from a websocket: what is there, up to a budget, through the worker's buffer, item by item.
//!
//! Knows no dialect: what an item means is the affair of whoever takes it.

use super::socket::Socket;
use crate::worker;
use playhouse_node::link::{Flow, Gone};
use playhouse_proto::ws::{self, Decoder, Item, Role, Violation};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::ReadBuf;
use tokio::task::coop;

/// How often one turn reads before the next link is served.
const READS_PER_TURN: usize = 4;

/// What looking at bytes came to.
pub(super) enum Looked {
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
pub(super) fn decode(
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

/// Reads what is there and gives it to `look`, which says whether to go on. Wakes its own task where there may be more
/// than one turn's share. `is_drained` becomes whether the socket was found empty and the task is registered.
pub(super) fn turn<S: Socket>(
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
    cx.waker().wake_by_ref();
    Poll::Pending
}

/// A decoder for a link that decodes nothing more, in place of one that may hold half a message.
pub(super) fn spent() -> Decoder {
    Decoder::new(Role::Server, ws::Limits { frame: 0, message: 0, fragments: 0 }, None)
}

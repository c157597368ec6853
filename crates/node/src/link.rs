//! The port between a connection and what carries it: one live attachment, fulfilled by `server`.
//!
//! A link is a value that the connection's task polls; it is no task of its own. It can be attached,
//! detached and replaced while the connection lives on.

use crate::outbox::Outbox;
use playhouse_core::clock::Moment;
use playhouse_core::codes::Close;
use playhouse_core::event::ClientEvent;
use std::task::{Context, Poll};

/// Takes what a link read, one event after the other, in order.
pub trait Sink {
    /// Takes an event. After [`Flow::Pause`] the link keeps what it has read and gives nothing more until it
    /// is polled again.
    fn take(&mut self, event: ClientEvent<'_>) -> Flow;
}

/// Whether a sink wants more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    More,
    /// Enough for now: as many verbs wait as may.
    Pause,
}

/// Why a link is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// The client closed it properly, or the close that we began is done.
    Closed,
    /// It broke: reset, cut, or a write failed.
    Lost,
}

/// One live attachment of a connection.
///
/// All methods are called from the connection's task only, and none waits: `Pending` means that the context's
/// waker is registered. Layer traffic that no connection needs to see (pings, pongs, ids) is the link's own;
/// it answers through the outbox, so that the order of what is written is one.
pub trait Link: Send + 'static {
    /// Reads what is there, up to a budget so that no link starves the others (then it wakes itself), and
    /// gives the events to `sink`. `Ready` when the link is over.
    fn poll_read(&mut self, cx: &mut Context<'_>, outbox: &Outbox, sink: &mut dyn Sink) -> Poll<Gone>;

    /// Whether `poll_read` could come to anything. `false` only where the last one was `Pending`, so that the
    /// task will be woken, and nothing has come since: most turns of a member of a room only write. A
    /// connection's task keeps its waker for life.
    fn may_read(&self) -> bool {
        true
    }

    /// Sees to what came for the link itself, whether or not anybody wants to hear more of its client. Asked in every turn.
    /// `Ready` when the link is over.
    fn poll_news(&mut self, cx: &mut Context<'_>) -> Poll<Gone> {
        let _ = cx;
        Poll::Pending
    }

    /// Writes what the outbox holds; `Ready(Ok)` when all of it is written.
    fn poll_write(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<Result<(), Gone>>;

    /// Ends the link in the way its wire form says `close`, after all that was taken is written. Polled
    /// again until `Ready`; it sees to its own deadline through [`Link::deadline`].
    fn poll_close(&mut self, cx: &mut Context<'_>, outbox: &Outbox, close: &'static Close) -> Poll<Gone>;

    /// When the link next wants [`Link::on_deadline`].
    fn deadline(&self) -> Option<Moment>;

    /// Does what is due, such as a ping; the answer says why the connection must end, if it must.
    fn on_deadline(&mut self, now: Moment, outbox: &Outbox) -> Option<&'static Close>;

    /// Tells that reading stops (`true`) or goes on: while we don't read, silence is not death.
    fn set_paused(&mut self, paused: bool, now: Moment);
}

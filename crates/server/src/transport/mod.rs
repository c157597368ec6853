//! Transports: how whole messages travel between a connection and its client, whatever they mean.
//!
//! A transport owns its sockets or requests, its own heartbeat and its own end. It knows no dialect and no layer above
//! it: what it reads it hands over as messages, what it writes are the outbox' frames.

pub(crate) mod engineio;
pub(crate) mod sockjs;
mod websocket;

pub(crate) use websocket::Websocket;

use playhouse_core::clock::Moment;
use playhouse_core::codes::Close;
use playhouse_node::link::{Flow, Gone};
use playhouse_node::outbox::Outbox;
use std::task::{Context, Poll};

/// What a transport has read.
pub(crate) enum Message<'m> {
    /// A text.
    Text(&'m str),
    /// Bytes.
    Binary(&'m [u8]),
    /// Nothing but a sign of life.
    Sign,
}

/// Carries messages, by whatever way. The methods are those of a connection's link, and follow its rules.
pub(crate) trait Transport: Send + 'static {
    /// Reads what is there, up to a budget, and gives it to `hear`. Ready when the transport is over.
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        hear: impl FnMut(Message<'_>) -> Flow,
    ) -> Poll<Gone>;

    /// Sees to what came for the transport itself, whether or not anybody wants to hear more. Ready when it is over.
    fn poll_news(&mut self, cx: &mut Context<'_>) -> Poll<Gone> {
        let _ = cx;
        Poll::Pending
    }

    /// Whether `poll_read` could come to anything.
    fn may_read(&self) -> bool;

    /// Writes what the outbox holds; `Ready(Ok)` when all of it is written.
    fn poll_write(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<Result<(), Gone>>;

    /// Ends in its own way, after all that was taken is written. `last` appends the frames of the last messages; it is
    /// asked once, and not where the client ended it or broke a rule.
    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        close: &'static Close,
        last: impl FnOnce(&mut Vec<u8>),
    ) -> Poll<Gone>;

    /// When it next wants `on_deadline`.
    fn deadline(&self) -> Option<Moment>;

    /// Does what is due; the answer says why the connection must end, if it must.
    fn on_deadline(&mut self, now: Moment, outbox: &Outbox) -> Option<&'static Close>;

    /// Whether its end has begun, so that [`Transport::deadline`] is that of the end.
    fn is_ending(&self) -> bool;

    /// Tells that reading stops (`true`) or goes on: while we don't read, silence is not death.
    fn set_paused(&mut self, paused: bool, now: Moment);
}

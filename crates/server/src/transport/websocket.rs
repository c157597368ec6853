//! A websocket as a transport: frames in, frames out, and its proper end. It has no heartbeat of its own.

use super::{Message, Transport};
use crate::link::ending::Ending;
use crate::link::half_read::HalfRead;
use crate::link::reading::{self, Looked};
use crate::link::writing::Writing;
use crate::link::{Shared, Socket};
use playhouse_core::clock::Moment;
use playhouse_core::codes::{self, Close};
use playhouse_node::guest::Served;
use playhouse_node::link::{Flow, Gone};
use playhouse_node::outbox::Outbox;
use playhouse_proto::ws::{Decoder, Item, Violation, encode};
use std::num::NonZeroU16;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

/// A websocket.
///
/// In this order in memory: what a turn touches that only writes comes first.
#[repr(C)]
pub(crate) struct Websocket<S, P> {
    io: S,
    /// The last reading ended with the socket empty and the task registered.
    is_drained: bool,
    /// The code of an end for which there is none.
    normal: Option<NonZeroU16>,
    /// What was told to [`HalfRead`]; more than four billion bytes are told as so many.
    told_held: u32,
    writing: Writing,
    end: End,
    shared: Arc<Shared>,
    served: Served,
    decoder: Decoder,
    /// Bytes that were read but not looked at, because nobody wanted more.
    held: Vec<u8>,
    /// Given back when the socket closes.
    _permit: P,
}

/// How far the end is.
enum End {
    /// Not begun.
    Open,
    /// The client sent its close frame; ours will carry the same code.
    ByPeer(Option<u16>),
    /// The client broke a rule; the close frame will carry the code.
    Broken(Violation),
    /// Our close frame is on its way, or written. Boxed: it comes once, and its place would be kept from the beginning.
    Ours(Box<Ending>),
}

impl<S: Socket, P: Send + 'static> Websocket<S, P> {
    /// A socket that has been upgraded; `early` is what was read beyond the handshake, `permit` is kept for as long as
    /// the socket is.
    pub(crate) fn new(
        io: S,
        shared: Arc<Shared>,
        served: Served,
        decoder: Decoder,
        early: Vec<u8>,
        permit: P,
    ) -> Self {
        Self {
            io,
            shared,
            served,
            decoder,
            held: early,
            told_held: 0,
            normal: None,
            writing: Writing::default(),
            end: End::Open,
            is_drained: false,
            _permit: permit,
        }
    }

    /// The same, closed with this code where an end has none.
    pub(crate) fn closing_with(mut self, code: u16) -> Self {
        self.close_with(code);
        self
    }

    /// Closes with this code from now on where an end has none.
    pub(crate) fn close_with(&mut self, code: u16) {
        self.normal = NonZeroU16::new(code);
    }

    /// What reads, and what looks at what was read.
    fn halves(&mut self) -> (&mut S, &mut bool, Look<'_>) {
        let look = Look { decoder: &mut self.decoder, held: &mut self.held, end: &mut self.end };
        (&mut self.io, &mut self.is_drained, look)
    }

    /// Tells the node what is half-read here.
    fn tell_held(&mut self) {
        let held = HalfRead::counted(self.decoder.held() + self.held.len());
        let told = u32::try_from(held).unwrap_or(u32::MAX);
        if told != self.told_held {
            self.told_held = told;
            self.shared.half_read.set(&self.served, held);
        }
    }

    /// Frees what was half-read: nothing more will be decoded.
    fn forget_held(&mut self) {
        self.decoder = reading::spent();
        self.held = Vec::new();
        self.tell_held();
    }

    fn read_turn(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        mut hear: impl FnMut(Message<'_>) -> Flow,
    ) -> Poll<Gone> {
        let (io, is_drained, mut look) = self.halves();
        if !look.held.is_empty() {
            let mut held = std::mem::take(look.held);
            if !look.at(&mut held, outbox, &mut hear) {
                return Poll::Pending;
            }
        }
        reading::turn(io, is_drained, cx, |bytes| look.at(bytes, outbox, &mut hear))
    }

    /// The bytes that end it.
    fn last_words(&self, close: &'static Close, last: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        let mut out = Vec::new();
        match &self.end {
            End::Broken(violation) => {
                encode::close(&mut out, Some((violation.code(), &violation.to_string())));
            }
            End::ByPeer(code) => encode::close(&mut out, code.map(|code| (code, ""))),
            End::Open | End::Ours(_) => {
                last(&mut out);
                encode::close(
                    &mut out,
                    close.websocket.or(self.normal.map(NonZeroU16::get)).map(|code| (code, close.text)),
                );
            }
        }
        out
    }
}

/// Looks at what was read.
struct Look<'l> {
    decoder: &'l mut Decoder,
    held: &'l mut Vec<u8>,
    end: &'l mut End,
}

impl Look<'_> {
    /// Looks at bytes; what nobody wants yet is kept. Whether all of it was looked at.
    fn at(&mut self, bytes: &mut [u8], outbox: &Outbox, hear: &mut impl FnMut(Message<'_>) -> Flow) -> bool {
        let end = &mut *self.end;
        match reading::decode(self.decoder, bytes, |item| take(item, end, outbox, hear)) {
            Ok(Looked::All) => return true,
            Ok(Looked::Paused(held)) => *self.held = held,
            Ok(Looked::Ended) => {}
            Err(violation) => {
                *self.end = End::Broken(violation);
                outbox.close(&codes::PROTOCOL);
            }
        }
        false
    }
}

/// Takes an item; `None` when nothing that follows counts.
fn take(
    item: Item<'_>,
    end: &mut End,
    outbox: &Outbox,
    hear: &mut impl FnMut(Message<'_>) -> Flow,
) -> Option<Flow> {
    Some(match item {
        Item::Text(text) => hear(Message::Text(&text)),
        Item::Binary(bytes) => hear(Message::Binary(&bytes)),
        Item::Ping(payload) => {
            outbox.append(|out| encode::pong(out, &payload));
            hear(Message::Sign)
        }
        Item::Pong(_) => hear(Message::Sign),
        Item::Close(said) => {
            *end = End::ByPeer(said.map(|(code, _)| code));
            outbox.close(&codes::LEFT);
            return None;
        }
    })
}

impl<S: Socket, P: Send + 'static> Transport for Websocket<S, P> {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        hear: impl FnMut(Message<'_>) -> Flow,
    ) -> Poll<Gone> {
        if !matches!(self.end, End::Open) {
            return Poll::Pending;
        }
        let turn = self.read_turn(cx, outbox, hear);
        self.tell_held();
        turn
    }

    fn may_read(&self) -> bool {
        !self.is_drained || self.io.has_news()
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<Result<(), Gone>> {
        let written = ready!(self.writing.poll(cx, &mut self.io, outbox));
        let flushed = written.and(ready!(Pin::new(&mut self.io).poll_flush(cx)));
        Poll::Ready(flushed.map_err(|_| Gone::Lost))
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        close: &'static Close,
        last: impl FnOnce(&mut Vec<u8>),
    ) -> Poll<Gone> {
        if !self.is_ending() {
            let last = self.last_words(close, last);
            self.forget_held();
            let until = self.shared.node.clock().now() + self.shared.close_wait;
            self.end = End::Ours(Box::new(Ending::new(last, until)));
        }
        match &mut self.end {
            End::Ours(ending) => ending.poll(cx, &mut self.io, &mut self.writing, outbox),
            End::Open | End::ByPeer(_) | End::Broken(_) => Poll::Ready(Gone::Lost),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        match &self.end {
            End::Ours(ending) => Some(ending.until),
            End::Open | End::ByPeer(_) | End::Broken(_) => None,
        }
    }

    fn on_deadline(&mut self, _: Moment, _: &Outbox) -> Option<&'static Close> {
        None
    }

    fn is_ending(&self) -> bool {
        matches!(self.end, End::Ours(_))
    }

    fn set_paused(&mut self, _: bool, _: Moment) {}
}

impl<S, P> Drop for Websocket<S, P> {
    fn drop(&mut self) {
        self.writing.abandon(self.served.outbox());
        if self.told_held > 0 {
            self.shared.half_read.set(&self.served, 0);
        }
    }
}

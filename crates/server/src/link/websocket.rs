//! A websocket as a link: frames in, frames out, the Primus layer's own traffic, and its proper end.

use super::ending::Ending;
use super::half_read::HalfRead;
use super::reading::{self, Looked};
use super::socket::Socket;
use super::writing::Writing;
use crate::dialect::actionhero::{Frame, read, wants_codes};
use playhouse_core::clock::{Clock, Moment};
use playhouse_core::codes::{self, Close};
use playhouse_core::encoder::Encoder;
use playhouse_core::event::ServerEvent;
use playhouse_core::wire::WireForm;
use playhouse_node::link::{Flow, Gone, Link, Sink};
use playhouse_node::outbox::Outbox;
use playhouse_node::{Connection, Node};
use playhouse_proto::primus::beat::{self, Beat, Do, Told};
use playhouse_proto::primus::control::{self, Control};
use playhouse_proto::ws::{Decoder, Item, Opcode, Violation, encode};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// What all websocket links of a node share.
pub(crate) struct Shared {
    pub(crate) node: Node,
    pub(crate) encoder: Arc<dyn Encoder>,
    pub(crate) half_read: HalfRead,
    pub(crate) beat: beat::Limits,
    /// How long a client may take to answer our close frame.
    pub(crate) close_wait: Duration,
}

/// A websocket.
///
/// In this order in memory: what a turn touches that only writes comes first.
#[repr(C)]
pub(crate) struct WebsocketLink<S, P> {
    io: S,
    /// The last reading ended with the socket empty and the task registered.
    is_drained: bool,
    writing: Writing,
    beat: Beat,
    end: End,
    shared: Arc<Shared>,
    connection: Connection,
    form: WireForm,
    decoder: Decoder,
    /// Bytes that were read but not looked at, because the connection wanted no more.
    held: Vec<u8>,
    /// What was told to [`HalfRead`].
    told_held: usize,
    data_frames: u32,
    with_code: bool,
    /// Given back when the socket closes.
    _permit: P,
}

/// How far the link's end is.
enum End {
    /// Not begun.
    Open,
    /// The client sent its close frame; ours will carry the same code.
    ByPeer(Option<u16>),
    /// The client broke a rule; the close frame will carry the code.
    Broken(Violation),
    /// Our close frame is on its way, or written.
    Ours(Ending),
}

impl<S: Socket, P: Send + 'static> WebsocketLink<S, P> {
    /// A link over a socket that has been upgraded; `early` is what was read beyond the handshake, `permit` is
    /// kept for as long as the socket is.
    pub(crate) fn new(
        io: S,
        shared: Arc<Shared>,
        connection: &Connection,
        decoder: Decoder,
        early: Vec<u8>,
        permit: P,
    ) -> Self {
        let now = millis(&shared.node);
        Self {
            io,
            beat: Beat::open(now, &shared.beat),
            shared,
            connection: connection.clone(),
            form: connection.form(),
            decoder,
            held: early,
            told_held: 0,
            writing: Writing::default(),
            data_frames: 0,
            with_code: wants_codes(connection.request()),
            end: End::Open,
            is_drained: false,
            _permit: permit,
        }
    }

    fn clock(&self) -> &Clock {
        self.shared.node.clock()
    }

    /// What reads, and what looks at what was read.
    fn halves(&mut self) -> (&mut S, &mut bool, Look<'_>) {
        let layer = Layer {
            shared: &self.shared,
            connection: &self.connection,
            beat: &mut self.beat,
            data_frames: &mut self.data_frames,
            with_code: self.with_code,
            end: &mut self.end,
        };
        let look = Look { decoder: &mut self.decoder, held: &mut self.held, layer };
        (&mut self.io, &mut self.is_drained, look)
    }

    /// Tells the node what is half-read here.
    fn tell_held(&mut self) {
        let held = HalfRead::counted(self.decoder.held() + self.held.len());
        if held != self.told_held {
            self.told_held = held;
            self.shared.half_read.set(&self.connection, held);
        }
    }

    /// Frees what was half-read: nothing more will be decoded.
    fn forget_held(&mut self) {
        self.decoder = reading::spent();
        self.held = Vec::new();
        self.tell_held();
    }

    fn read_turn(&mut self, cx: &mut Context<'_>, outbox: &Outbox, sink: &mut dyn Sink) -> Poll<Gone> {
        let (io, is_drained, mut look) = self.halves();
        if !look.held.is_empty() {
            let mut held = std::mem::take(look.held);
            if !look.at(&mut held, outbox, sink) {
                return Poll::Pending;
            }
        }
        reading::turn(io, is_drained, cx, |bytes| look.at(bytes, outbox, sink))
    }

    /// The bytes that end the link.
    fn last_words(&self, close: &'static Close) -> Vec<u8> {
        let mut last = Vec::new();
        match &self.end {
            End::Broken(violation) => {
                encode::close(&mut last, Some((violation.code(), &violation.to_string())));
            }
            End::ByPeer(code) => encode::close(&mut last, code.map(|code| (code, ""))),
            End::Open | End::Ours(_) => {
                self.shared.encoder.encode(self.form, &ServerEvent::Closing(close), &mut last);
            }
        }
        last
    }
}

/// Looks at what was read.
struct Look<'l> {
    decoder: &'l mut Decoder,
    held: &'l mut Vec<u8>,
    layer: Layer<'l>,
}

impl Look<'_> {
    /// Looks at bytes; what the connection does not want yet is kept. Whether all of it was looked at.
    fn at(&mut self, bytes: &mut [u8], outbox: &Outbox, sink: &mut dyn Sink) -> bool {
        match reading::decode(self.decoder, bytes, |item| self.layer.take(item, outbox, sink)) {
            Ok(Looked::All) => return true,
            Ok(Looked::Paused(held)) => *self.held = held,
            Ok(Looked::Ended) => {}
            Err(violation) => {
                *self.layer.end = End::Broken(violation);
                outbox.close(&codes::PROTOCOL);
            }
        }
        false
    }
}

/// The Primus layer of one link: what is its own it answers, the rest goes to the connection.
struct Layer<'l> {
    shared: &'l Shared,
    connection: &'l Connection,
    beat: &'l mut Beat,
    data_frames: &'l mut u32,
    with_code: bool,
    end: &'l mut End,
}

impl Layer<'_> {
    /// Takes an item; `None` when nothing that follows counts.
    fn take(&mut self, item: Item<'_>, outbox: &Outbox, sink: &mut dyn Sink) -> Option<Flow> {
        match item {
            Item::Text(text) => return Some(self.text(&text, outbox, sink)),
            // Primus with a text parser has no binary messages.
            Item::Binary(_) => {}
            Item::Ping(payload) => {
                self.told(Told::Sign);
                outbox.append(|out| encode::pong(out, &payload));
            }
            Item::Pong(_) => self.told(Told::Sign),
            Item::Close(said) => {
                *self.end = End::ByPeer(said.map(|(code, _)| code));
                outbox.close(&codes::LEFT);
                return None;
            }
        }
        Some(Flow::More)
    }

    fn told(&mut self, told: Told) {
        // A sign of life asks for nothing.
        let _ = self.beat.step(millis(&self.shared.node), told, &self.shared.beat);
    }

    fn text(&mut self, text: &str, outbox: &Outbox, sink: &mut dyn Sink) -> Flow {
        match control::parse(text) {
            Some(Control::Pong(_)) => self.told(Told::Sign),
            Some(Control::Ping(number)) => {
                self.told(Told::ClientPing);
                control_frame(outbox, |out| control::pong(out, number));
            }
            Some(Control::IdRequest) => {
                control_frame(outbox, |out| control::id(out, self.connection.id().as_str()));
            }
            None => {
                let node = &self.shared.node;
                // Where nobody looks, nothing is asked.
                let seen = if node.has_incoming() {
                    node.incoming(self.connection, text)
                } else {
                    Some(text.into())
                };
                let Some(text) = &seen else { return Flow::More };
                let number = self.data_frames.saturating_add(1);
                let frame = Frame { text, number, with_code: self.with_code };
                if let Some(event) = read(&frame, node.rng(), node.texts()) {
                    *self.data_frames = frame.number;
                    return sink.take(event);
                }
            }
        }
        Flow::More
    }
}

/// Control strings are small and rare, so they go uncompressed on every link.
fn control_frame(outbox: &Outbox, write: impl FnOnce(&mut Vec<u8>)) {
    outbox.append(|out| {
        let mark = encode::begin(out);
        write(out);
        encode::end(out, mark, Opcode::Text);
    });
}

fn millis(node: &Node) -> u64 {
    node.clock().now().as_millis()
}

impl<S: Socket, P: Send + 'static> Link for WebsocketLink<S, P> {
    fn poll_read(&mut self, cx: &mut Context<'_>, outbox: &Outbox, sink: &mut dyn Sink) -> Poll<Gone> {
        if !matches!(self.end, End::Open) {
            return Poll::Pending;
        }
        let turn = self.read_turn(cx, outbox, sink);
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

    fn poll_close(&mut self, cx: &mut Context<'_>, outbox: &Outbox, close: &'static Close) -> Poll<Gone> {
        if !matches!(self.end, End::Ours(_)) {
            let last = self.last_words(close);
            self.forget_held();
            self.end = End::Ours(Ending::new(last, self.clock().now() + self.shared.close_wait));
        }
        match &mut self.end {
            End::Ours(ending) => ending.poll(cx, &mut self.io, &mut self.writing, outbox),
            End::Open | End::ByPeer(_) | End::Broken(_) => Poll::Ready(Gone::Lost),
        }
    }

    fn deadline(&self) -> Option<Moment> {
        match &self.end {
            End::Ours(ending) => Some(ending.until),
            End::Open | End::ByPeer(_) | End::Broken(_) => {
                self.beat.due().map(|ms| Moment::from_micros(ms.saturating_mul(1000)))
            }
        }
    }

    fn on_deadline(&mut self, now: Moment, outbox: &Outbox) -> Option<&'static Close> {
        match self.beat.step(now.as_millis(), Told::Clock, &self.shared.beat) {
            Do::Nothing => None,
            Do::GiveUp => Some(&codes::SILENT),
            Do::Ping => {
                let unix_ms = self.clock().unix_ms();
                control_frame(outbox, |out| control::ping(out, unix_ms));
                None
            }
        }
    }

    fn set_paused(&mut self, paused: bool, now: Moment) {
        let told = if paused { Told::Paused } else { Told::Resumed };
        // Pausing asks for nothing.
        let _ = self.beat.step(now.as_millis(), told, &self.shared.beat);
    }
}

impl<S, P> Drop for WebsocketLink<S, P> {
    fn drop(&mut self) {
        self.writing.abandon(self.connection.outbox());
        if self.told_held > 0 {
            self.shared.half_read.set(&self.connection, 0);
        }
    }
}

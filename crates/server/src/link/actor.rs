//! A websocket of an actor's client: one task, polled by hand, between the socket and a seat at the actor.
//!
//! Reads into the worker's buffer, gives what the client asks to the seat in order, and writes what the outbox holds once a
//! turn. What the actor tells comes into the outbox by its ear. Knows no path and no HTTP.

use super::ear::{self, Farewell, Hearer, Way};
use super::ending::Ending;
use super::half_read::HalfRead;
use super::reading::{self, Looked};
use super::socket::Socket;
use super::writing::Writing;
use crate::dialect::actors::codes::{self as kinds, Kind};
use crate::dialect::actors::{Asked, Failure, Message, Said};
use bytes::Bytes;
use playhouse_core::actor::{Actors, Arrival, Frame, Purpose, Seat, Which};
use playhouse_core::clock::Timer;
use playhouse_core::codes::{self, Close};
use playhouse_core::value::Value;
use playhouse_node::Node;
use playhouse_node::guest::{Guest, Served};
use playhouse_node::link::{Flow, Gone};
use playhouse_proto::primus::beat::{self, Beat, Do, Told};
use playhouse_proto::ws::{self, Decoder, Item, Role, Violation, encode};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// What all links of actors' clients share.
pub(crate) struct Seating {
    pub(crate) node: Node,
    pub(crate) half_read: HalfRead,
    pub(crate) beat: beat::Limits,
    pub(crate) limits: ws::Limits,
    /// How long a client may take to answer our close frame.
    pub(crate) close_wait: Duration,
}

/// A client whose socket is about to be free.
pub(crate) struct Arriving {
    /// How it is spoken to.
    pub(crate) way: Way,
    /// Where it wants to sit, or why it can't: that is told on the socket.
    pub(crate) wish: Result<Wish, Failure<'static>>,
}

/// Where a client wants to sit.
pub(crate) struct Wish {
    pub(crate) actors: Arc<dyn Actors>,
    pub(crate) which: Which,
    pub(crate) params: Value,
    pub(crate) purpose: Purpose,
}

/// The socket.
///
/// In this order in memory: what a turn touches that only writes comes first.
#[repr(C)]
pub(crate) struct ActorSocket<S, P> {
    io: S,
    /// The last reading ended with the socket empty and the task registered.
    is_drained: bool,
    /// The client has more to read before it is read from.
    is_paused: bool,
    writing: Writing,
    beat: Beat,
    timer: Timer,
    end: End,
    guest: Arc<Guest>,
    ear: Arc<Hearer>,
    /// Given up when the end begins.
    seat: Option<Arc<dyn Seat>>,
    shared: Arc<Seating>,
    decoder: Decoder,
    /// Bytes that were read but not looked at: those that came with the handshake, and those behind a pause.
    held: Vec<u8>,
    /// What was told to [`HalfRead`].
    told_held: usize,
    /// Given back when the socket closes.
    _permit: P,
}

/// How far the end is, and who began it.
enum End {
    /// Not begun.
    Open,
    /// The client sent its close frame; ours will carry the same code.
    ByPeer(Option<u16>),
    /// The client broke a rule of websockets, or sent more than it may.
    Broken(Violation),
    /// The client sent what is no message, or has too many values.
    Unreadable(&'static Kind),
    /// It may not sit down. What is told, as bytes.
    Refused(Vec<u8>),
    /// Our close frame is on its way, or written.
    Ours(Ending),
}

/// What a turn came to.
enum Step {
    Again,
    Wait,
    Over,
}

impl<S: Socket, P: Send + 'static> ActorSocket<S, P> {
    /// Sits down; `early` is what was read beyond the handshake, `permit` is kept for as long as the socket is.
    pub(crate) fn new(io: S, shared: Arc<Seating>, arriving: Arriving, early: Vec<u8>, permit: P) -> Self {
        let (node, way, limit) = (&shared.node, arriving.way, shared.limits.message);
        let guest = node.take_in();
        let token = token(node, way);
        let ear = Arc::new(Hearer::new(guest.clone(), way, limit, token, None));
        let (seat, end) = match arriving.wish {
            Ok(wish) => (Some(wish.sit(ear.clone())), End::Open),
            Err(failure) => {
                guest.outbox().close(&codes::ENDED);
                (None, End::Refused(refusal(way, &failure, limit)))
            }
        };
        Self {
            io,
            is_drained: false,
            is_paused: false,
            writing: Writing::default(),
            beat: Beat::open(node.clock().now().as_millis(), &shared.beat),
            timer: node.clock().timer(),
            end,
            guest,
            ear,
            seat,
            decoder: Decoder::new(Role::Server, shared.limits, None),
            shared,
            held: early,
            told_held: 0,
            _permit: permit,
        }
    }

    fn turn(&mut self, cx: &mut Context<'_>) -> Step {
        if let Poll::Ready(Gone::Closed | Gone::Lost) = self.read(cx) {
            return Step::Over;
        }
        let blocked = match self.write(cx) {
            Poll::Ready(Err(_)) => return Step::Over,
            Poll::Ready(Ok(())) => false,
            Poll::Pending => true,
        };
        // Its pong waits behind all that it has to read first.
        if self.writing.take_freed() {
            sign(&mut self.beat, &self.shared);
        }
        if self.watch(cx) {
            return Step::Again;
        }
        self.shared.node.shed_if_over_budget();
        let outbox = self.guest.outbox();
        if let Some(close) = outbox.closing() {
            self.begin_end(close);
            return Step::Again;
        }
        if self.is_paused && !outbox.is_half_full() {
            return Step::Again;
        }
        let sleeps = if blocked { outbox.register(cx.waker()) } else { outbox.sleep(cx.waker()) };
        // Between the look and the registration it may have been closed.
        if sleeps && outbox.closing().is_none() { Step::Wait } else { Step::Again }
    }

    /// Reads, unless the client has more to read itself: its pongs would be heard if it did.
    fn read(&mut self, cx: &mut Context<'_>) -> Poll<Gone> {
        self.is_paused = self.guest.outbox().is_half_full();
        let has_news = !self.is_drained || !self.held.is_empty() || self.io.has_news();
        if self.is_paused || !has_news || !matches!(self.end, End::Open) {
            return Poll::Pending;
        }
        let (io, is_drained, mut look) = self.halves();
        let mut held = std::mem::take(look.held);
        let turn = if held.is_empty() || look.at(&mut held) {
            reading::turn(io, is_drained, cx, |bytes| look.at(bytes))
        } else {
            Poll::Pending
        };
        // Nobody but this task makes it emptier, so what made it pause is still so.
        self.is_paused = self.guest.outbox().is_half_full() || !self.held.is_empty();
        self.tell_held();
        turn
    }

    /// What reads, and what looks at what was read.
    fn halves(&mut self) -> (&mut S, &mut bool, Look<'_>) {
        let look = Look {
            decoder: &mut self.decoder,
            held: &mut self.held,
            beat: &mut self.beat,
            end: &mut self.end,
            seat: self.seat.as_deref(),
            ear: &self.ear,
            shared: &self.shared,
        };
        (&mut self.io, &mut self.is_drained, look)
    }

    fn write(&mut self, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let written = ready!(self.writing.poll(cx, &mut self.io, self.guest.outbox()));
        Poll::Ready(written.and(ready!(Pin::new(&mut self.io).poll_flush(cx))))
    }

    /// Does what is due and waits for what is due next. Whether there is something to be written now.
    fn watch(&mut self, cx: &mut Context<'_>) -> bool {
        let mut wrote = false;
        while let Some(due) = self.beat.due() {
            self.timer.set(playhouse_core::clock::Moment::from_micros(due.saturating_mul(1000)));
            if self.timer.poll(cx).is_pending() {
                break;
            }
            let now = self.shared.node.clock().now().as_millis();
            let outbox = self.guest.outbox();
            match self.beat.step(now, Told::Clock, &self.shared.beat) {
                Do::Nothing => {}
                Do::Ping => {
                    outbox.append(|out| encode::ping(out, b""));
                    wrote = true;
                }
                Do::GiveUp => {
                    // Who does not read what there is can't hear a ping either.
                    outbox.close(if self.writing.is_blocked() { &codes::SLOW } else { &codes::SILENT });
                    break;
                }
            }
        }
        wrote
    }

    /// The actor hears of the end at once: how long a client takes to answer a close frame is nothing that others should
    /// see.
    fn begin_end(&mut self, close: &'static Close) {
        if let Some(seat) = self.seat.take() {
            seat.leave();
        }
        self.decoder = reading::spent();
        self.held = Vec::new();
        self.tell_held();
        let until = self.shared.node.clock().now() + self.shared.close_wait;
        self.timer.set(until);
        self.end = End::Ours(Ending::new(self.last_words(close), until));
    }

    fn last_words(&mut self, close: &'static Close) -> Vec<u8> {
        let way = self.ear.way();
        let (code, reason): Farewell = match std::mem::replace(&mut self.end, End::Open) {
            End::Refused(bytes) => return bytes,
            End::ByPeer(code) => (code, String::new()),
            End::Unreadable(kind) => ear::closes(way, &Failure::new(kind, "")),
            End::Broken(violation) => broken(way, violation),
            End::Open | End::Ours(_) => match self.ear.farewell() {
                Some(farewell) => farewell.clone(),
                None if matches!(*close, codes::DRAINING | codes::STOPPED) => ear::going_away(),
                None => (close.websocket, close.text.to_owned()),
            },
        };
        let mut last = Vec::new();
        encode::close(&mut last, code.map(|code| (code, &*reason)));
        last
    }

    fn finish(&mut self, cx: &mut Context<'_>) -> Step {
        let End::Ours(ending) = &mut self.end else { return Step::Over };
        let ended = ending.poll(cx, &mut self.io, &mut self.writing, self.guest.outbox());
        if ended.is_ready() || self.timer.poll(cx).is_ready() { Step::Over } else { Step::Wait }
    }

    fn tell_held(&mut self) {
        let held = HalfRead::counted(self.decoder.held() + self.held.len());
        if held != self.told_held {
            self.told_held = held;
            self.shared.half_read.set(&Served::Guest(self.guest.clone()), held);
        }
    }
}

/// Messages that are too long have a name among actors' errors; other rules are those of websockets.
fn broken(way: Way, violation: Violation) -> Farewell {
    match (violation, way) {
        (Violation::FrameTooLarge | Violation::MessageTooLarge, Way::Messages(_)) => {
            ear::closes(way, &Failure::new(&kinds::INCOMING, ""))
        }
        _ => (Some(violation.code()), violation.to_string()),
    }
}

/// What actor-core's clients prove themselves with in other requests: 32 random bytes, more than anybody guesses.
pub(super) fn token(node: &Node, way: Way) -> Box<str> {
    match way {
        Way::Messages(form) if form.has_token() => node.rng().token(32).into(),
        Way::Messages(_) | Way::Raw => "".into(),
    }
}

/// All that one who may not sit down is told.
fn refusal(way: Way, failure: &Failure<'_>, limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    if let Way::Messages(form) = way
        && form.explains_refusals()
    {
        // The server's own refusals are short; one that would be too long is the close frame alone.
        let _ = form.write(&mut out, &Said::Error { failure, id: None }, limit);
    }
    let (code, reason) = ear::closes(way, failure);
    encode::close(&mut out, code.map(|code| (code, &*reason)));
    out
}

impl Wish {
    /// Takes the seat.
    pub(super) fn sit(self, ear: Arc<Hearer>) -> Arc<dyn Seat> {
        let Self { actors, which, params, purpose } = self;
        actors.sit(Arrival { which, params, ear, purpose })
    }
}

/// Looks at what was read.
struct Look<'l> {
    decoder: &'l mut Decoder,
    held: &'l mut Vec<u8>,
    beat: &'l mut Beat,
    end: &'l mut End,
    seat: Option<&'l dyn Seat>,
    ear: &'l Hearer,
    shared: &'l Seating,
}

impl Look<'_> {
    /// Whether what follows counts.
    fn at(&mut self, bytes: &mut [u8]) -> bool {
        let Self { decoder, held, beat, end, seat, ear, shared } = self;
        let outbox = ear.guest.outbox();
        let take = |item: Item<'_>| {
            let message = match item {
                Item::Text(ref text) => Message::Text(text),
                Item::Binary(ref bytes) => Message::Binary(bytes),
                Item::Ping(payload) => {
                    sign(beat, shared);
                    outbox.append(|out| encode::pong(out, &payload));
                    return Some(Flow::More);
                }
                Item::Pong(_) => {
                    sign(beat, shared);
                    return Some(Flow::More);
                }
                Item::Close(said) => {
                    **end = End::ByPeer(said.map(|(code, _)| code));
                    outbox.close(&codes::LEFT);
                    return None;
                }
            };
            let seat = (*seat)?;
            if let Err(kind) = pass(seat, ear, &shared.node, message) {
                **end = End::Unreadable(kind);
                outbox.close(&codes::PROTOCOL);
                return None;
            }
            Some(if outbox.is_half_full() { Flow::Pause } else { Flow::More })
        };
        match reading::decode(decoder, bytes, take) {
            Ok(Looked::All) => true,
            Ok(Looked::Paused(rest)) => {
                **held = rest;
                false
            }
            Ok(Looked::Ended) => false,
            Err(violation) => {
                **end = End::Broken(violation);
                outbox.close(&codes::PROTOCOL);
                false
            }
        }
    }
}

/// A sign of life asks for nothing.
fn sign(beat: &mut Beat, shared: &Seating) {
    let _ = beat.step(shared.node.clock().now().as_millis(), Told::Sign, &shared.beat);
}

/// Passes a message on to the seat.
///
/// # Errors
/// It is none, or has too many values: what that is called.
fn pass(seat: &dyn Seat, ear: &Hearer, node: &Node, message: Message<'_>) -> Result<(), &'static Kind> {
    let form = match ear.way() {
        Way::Messages(form) => form,
        Way::Raw => {
            seat.frame(match message {
                Message::Text(text) => Frame::Text(text.into()),
                Message::Binary(bytes) => Frame::Binary(Bytes::copy_from_slice(bytes)),
            });
            return Ok(());
        }
    };
    let read = ear.form_of(form, message).read(message, node.config().actors.message_values);
    let asked = read.map_err(|unreadable| {
        tracing::debug!(%unreadable, "an actor's client sent what is no message");
        unreadable.kind
    })?;
    ask(seat, ear, node, asked);
    Ok(())
}

/// Asks of a seat what its client asks. A node that stops begins nothing.
pub(super) fn ask(seat: &dyn Seat, ear: &Hearer, node: &Node, asked: Asked<'_>) {
    match asked {
        Asked::Call { id, .. } if node.is_draining() => {
            let failure = Failure::new(&kinds::STOPPING, node.texts().server_shutting_down());
            ear.refuse_call(id, &failure);
        }
        Asked::Call { id, name, args } => {
            ear.guest.begin_call();
            seat.call(id, &name, args);
        }
        Asked::Listen { event, on } => seat.listen(&event, on),
    }
}

impl<S: Socket, P: Send + Unpin + 'static> Future for ActorSocket<S, P> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let socket = &mut *self;
        socket.guest.outbox().awake();
        loop {
            let step = match socket.end {
                End::Ours(_) => socket.finish(cx),
                End::Open | End::ByPeer(_) | End::Broken(_) | End::Unreadable(_) | End::Refused(_) => {
                    socket.turn(cx)
                }
            };
            match step {
                Step::Again => {}
                Step::Wait => return Poll::Pending,
                Step::Over => return Poll::Ready(()),
            }
        }
    }
}

impl<S, P> Drop for ActorSocket<S, P> {
    fn drop(&mut self) {
        if let Some(seat) = self.seat.take() {
            seat.leave();
        }
        self.writing.abandon(self.guest.outbox());
        // What is told from now on is not kept.
        self.guest.outbox().close(&codes::LEFT);
        if self.told_held > 0 {
            self.shared.half_read.set(&Served::Guest(self.guest.clone()), 0);
        }
    }
}

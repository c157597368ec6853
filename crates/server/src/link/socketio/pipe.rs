//! What lies between a session's task and the connection of one of its namespaces: packets one way, frames the other.
//!
//! Both ways are bounded: a connection that takes no more packets stops its session's reading, a session whose outbox is
//! half full takes no more frames.

use super::event::Event;
use crate::dialect::socketio::read;
use crate::link::Shared;
use playhouse_core::clock::Moment;
use playhouse_core::codes::{self, Again, Close};
use playhouse_core::event::ServerEvent;
use playhouse_node::Connection;
use playhouse_node::guest::Guest;
use playhouse_node::link::{Flow, Gone, Link, Sink};
use playhouse_node::outbox::Outbox;
use playhouse_proto::socketio::write;
use playhouse_proto::ws::{Opcode, encode};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll};

/// So many bytes of packets wait for a connection; then its session reads no more.
const PACKETS_MAX: usize = 256 * 1024;

/// The way between a session and one of its connections.
pub(super) struct Pipe {
    /// The session.
    pub(super) engine: Arc<Guest>,
    shared: Arc<Shared>,
    namespace: Box<str>,
    /// Something has come for the connection.
    news: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Option<Connection>,
    events: VecDeque<Event>,
    bytes: usize,
    /// The session has stopped reading because of this.
    is_full: bool,
    /// The connection has more for the session than that takes.
    is_blocked: bool,
    /// The client has asked for the end of its connection.
    is_leaving: bool,
    end: Option<End>,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The client has left the namespace.
    Left,
    /// The session is gone, and the client may come back.
    Lost,
    /// The connection's end, or there never was one, or another session took it over.
    Ours,
}

impl State {
    /// It ends from this side: nobody takes what the client has sent, and nobody waits until somebody does.
    fn finish(&mut self) {
        if self.end.is_none() {
            self.end = Some(End::Ours);
            self.events = VecDeque::new();
            self.bytes = 0;
            self.is_full = false;
        }
    }

    /// The client goes for good. Nobody can take its connection over any more, even before its task sees that: the next
    /// packet may be one that wants to (socketio.md, 4).
    fn leave(&mut self) {
        self.is_leaving = true;
        if let Some(connection) = &self.connection {
            connection.client_leaves();
        }
    }
}

impl End {
    /// What that is to the connection.
    fn gone(self) -> Gone {
        match self {
            Self::Left => Gone::Closed,
            Self::Lost | Self::Ours => Gone::Lost,
        }
    }
}

impl Pipe {
    pub(super) fn new(engine: Arc<Guest>, shared: &Arc<Shared>, namespace: &str) -> Self {
        Self {
            engine,
            shared: shared.clone(),
            namespace: namespace.into(),
            news: AtomicBool::new(false),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds this")
    }

    /// The connection has begun, or is about to come back; `None` if it does not after all.
    pub(super) fn join(&self, connection: Option<Connection>) {
        self.state().connection = connection;
    }

    pub(super) fn end(&self) -> Option<End> {
        self.state().end
    }

    /// Passes the event on that asks for the end.
    pub(super) fn push_last(&self, event: Event) {
        let mut state = self.state();
        if state.end.is_none() {
            state.leave();
        }
        drop(state);
        let _ = self.push(event);
    }

    /// Passes an event on; whether another one may come.
    pub(super) fn push(&self, event: Event) -> Flow {
        let mut state = self.state();
        if state.end.is_some() {
            return Flow::More;
        }
        state.bytes += event.len();
        state.events.push_back(event);
        state.is_full = state.bytes > PACKETS_MAX;
        let flow = if state.is_full { Flow::Pause } else { Flow::More };
        self.wake(state);
        flow
    }

    /// Bytes of packets that wait.
    pub(super) fn held(&self) -> usize {
        self.state().bytes
    }

    /// Whether no more packet may come.
    pub(super) fn is_full(&self) -> bool {
        self.state().is_full
    }

    /// There will be no connection.
    pub(super) fn refuse(&self) {
        self.state().finish();
    }

    /// Whether its connection has much to say that the client does not take.
    pub(super) fn is_untaken(&self) -> bool {
        self.state().connection.as_ref().is_some_and(|connection| connection.outbox().is_half_full())
    }

    /// Tells the connection that its client is gone.
    pub(super) fn gone(&self, end: End) {
        let mut state = self.state();
        if state.end.is_none() {
            if end == End::Left {
                state.leave();
            }
            state.end = Some(if state.is_leaving { End::Left } else { end });
        }
        self.wake(state);
    }

    /// Tells the connection that the session takes frames again, if it has more.
    pub(super) fn unblock(&self) {
        let mut state = self.state();
        if std::mem::take(&mut state.is_blocked) {
            self.wake(state);
        }
    }

    fn wake(&self, state: MutexGuard<'_, State>) {
        self.news.store(true, Ordering::Release);
        let connection = state.connection.clone();
        drop(state);
        if let Some(connection) = connection {
            connection.outbox().wake();
        }
    }

    /// The next event; whether the session may read again.
    fn next(&self) -> (Option<Event>, bool) {
        let mut state = self.state();
        let event = state.events.pop_front();
        state.bytes -= event.as_ref().map_or(0, Event::len);
        let reads_on = state.is_full && state.bytes <= PACKETS_MAX / 2;
        state.is_full &= !reads_on;
        (event, reads_on)
    }
}

/// The session of a connection, as its link.
pub(super) struct PipeLink {
    pipe: Arc<Pipe>,
    connection: Connection,
}

impl PipeLink {
    pub(super) fn new(pipe: Arc<Pipe>, connection: Connection) -> Self {
        Self { pipe, connection }
    }

    /// Gives an event to the connection.
    fn pass(&self, event: &Event, sink: &mut dyn Sink) -> Flow {
        let (id, name, args) = (event.id(), event.name(), event.args());
        let node = &self.pipe.shared.node;
        #[cfg(feature = "fixture")]
        if crate::fixture::is_wanted(node) {
            crate::fixture::event(&self.connection, &self.pipe.namespace, id, name, &args);
            return Flow::More;
        }
        sink.take(read(name.into(), &args, id, node.rng(), node.texts()))
    }

    fn write(&self, cx: &Context<'_>, outbox: &Outbox) -> bool {
        let engine = self.pipe.engine.outbox();
        let most = engine.half();
        if engine.take_over(outbox, most, cx.waker()) {
            return true;
        }
        let mut state = self.pipe.state();
        if state.end.is_some() {
            drop(state);
            discard(outbox);
            return true;
        }
        state.is_blocked = true;
        drop(state);
        // The session may have written it all before it could see this.
        engine.take_over(outbox, most, cx.waker())
    }

    /// What the client is told last, and what becomes of its session.
    fn close(&self, close: &'static Close) {
        let mut last = Vec::new();
        self.pipe.shared.encoder.encode(self.connection.form(), &ServerEvent::Closing(close), &mut last);
        let stays_away = close.again == Again::Never;
        if stays_away {
            packet(&mut last, |out| write::disconnect(out, &self.pipe.namespace));
        }
        let engine = self.pipe.engine.outbox();
        engine.append(|out| out.extend_from_slice(&last));
        self.pipe.state().finish();
        match close {
            // The session stays.
            &codes::ENDED => engine.wake(),
            // The session goes when all its connections have.
            &(codes::DRAINING | codes::STOPPED) => engine.wake(),
            close => engine.close(close),
        }
    }
}

/// Drops what waits for a client that is gone. What it may come back for is kept elsewhere.
fn discard(outbox: &Outbox) {
    while let Some(entry) = outbox.take() {
        outbox.written(entry.len());
    }
}

/// Appends a packet of socket.io in its frame.
pub(super) fn packet(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let mark = encode::begin(out);
    out.push(b'4');
    write(out);
    encode::end(out, mark, Opcode::Text);
}

impl Link for PipeLink {
    fn poll_read(&mut self, _: &mut Context<'_>, _: &Outbox, sink: &mut dyn Sink) -> Poll<Gone> {
        self.pipe.news.store(false, Ordering::Release);
        loop {
            let (event, reads_on) = self.pipe.next();
            if reads_on {
                self.pipe.engine.outbox().wake();
            }
            let Some(event) = event else { break };
            if self.pass(&event, sink) == Flow::Pause {
                self.pipe.news.store(true, Ordering::Release);
                return Poll::Pending;
            }
        }
        self.pipe.end().map_or(Poll::Pending, |end| Poll::Ready(end.gone()))
    }

    /// Its client's end is told after all that came before it. What waits for that client is for nobody, and would keep the
    /// rest from being read.
    fn poll_news(&mut self, _: &mut Context<'_>) -> Poll<Gone> {
        if !self.pipe.news.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        let state = self.pipe.state();
        match state.end {
            Some(end) if state.events.is_empty() => return Poll::Ready(end.gone()),
            Some(_) => {}
            None => return Poll::Pending,
        }
        drop(state);
        discard(self.connection.outbox());
        Poll::Pending
    }

    fn may_read(&self) -> bool {
        self.pipe.news.load(Ordering::Acquire)
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<Result<(), Gone>> {
        if self.write(cx, outbox) { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, outbox: &Outbox, close: &'static Close) -> Poll<Gone> {
        if self.pipe.end().is_none() {
            if !self.write(cx, outbox) {
                return Poll::Pending;
            }
            self.close(close);
        }
        Poll::Ready(Gone::Closed)
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }

    fn on_deadline(&mut self, _: Moment, _: &Outbox) -> Option<&'static Close> {
        None
    }

    fn set_paused(&mut self, _: bool, _: Moment) {}
}

impl Drop for PipeLink {
    /// A connection that lets go of a session which is still there was taken over by another one.
    fn drop(&mut self) {
        let mut state = self.pipe.state();
        if state.connection.is_some() && state.end.is_none() {
            state.finish();
            drop(state);
            self.pipe.engine.outbox().close(&codes::LEFT);
        }
    }
}

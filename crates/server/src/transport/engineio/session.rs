//! A session of engine.io as a transport: on requests or on a websocket, with its heartbeat and its end.

use super::desk::{Desk, Taken};
use super::packets::Packets;
use super::polling::{self, Change, Polling};
use super::{Engine, Place};
use crate::link::Socket;
use crate::transport::{Message, Transport, Websocket};
use playhouse_core::clock::Moment;
use playhouse_core::codes::{self, Close};
use playhouse_node::link::{Flow, Gone};
use playhouse_node::outbox::Outbox;
use playhouse_proto::engineio::beat::{Beat, Do, Told};
use playhouse_proto::engineio::packet::{read_binary, read_text};
use playhouse_proto::ws::{Decoder, Opcode, Role, encode};
use std::sync::Arc;
use std::task::{Context, Poll};

/// What a websocket is closed with where nothing else is to be said.
const NORMAL: u16 = 1000;

/// A session.
pub(crate) struct EngineIo {
    beat: Beat,
    way: Way,
    desk: Arc<Desk>,
    engine: Arc<Engine>,
    /// The end, once it has begun on requests.
    ending: Option<Ending>,
}

/// What carries it.
enum Way {
    Polling(Box<Polling>),
    Websocket(Box<Websocket<Box<dyn Socket>, ()>>),
}

/// An end that waits for GETs.
struct Ending {
    /// Frames that go behind all others.
    last: Vec<u8>,
    until: Moment,
}

impl EngineIo {
    /// A session that requests carry.
    pub(super) fn polling(engine: Arc<Engine>, desk: Arc<Desk>, place: Place) -> Self {
        Self::new(engine, desk, Way::Polling(Box::new(Polling::new(place))))
    }

    /// A session that begins on a websocket; `early` is what was read beyond its handshake.
    pub(super) fn websocket(
        engine: Arc<Engine>,
        desk: Arc<Desk>,
        io: Box<dyn Socket>,
        early: Vec<u8>,
    ) -> Self {
        let way = on_websocket(&engine, &desk, io, early);
        Self::new(engine, desk, way)
    }

    fn new(engine: Arc<Engine>, desk: Arc<Desk>, way: Way) -> Self {
        let now = engine.shared.node.clock().now().as_millis();
        let beat = Beat::open(now, desk.protocol(), &engine.beat);
        Self { beat, way, desk, engine, ending: None }
    }

    /// Takes in what has come for a session that requests carry. `false` when the session is over.
    fn arrive(&mut self) -> bool {
        if !self.desk.take_news() {
            return true;
        }
        let mut state = self.desk.state();
        if let Way::Polling(polling) = &mut self.way {
            polling.arrive(&mut state, &self.desk, &self.engine);
        }
        !state.lost
    }

    /// Hears the websocket that is to take over. `false` when the session is over.
    fn change(&mut self, cx: &mut Context<'_>) -> bool {
        let Way::Polling(polling) = &mut self.way else { return true };
        match polling.hear(cx, &self.desk) {
            Change::None => true,
            Change::End => false,
            Change::Switch(candidate) => {
                polling::answer_with(&self.desk, polling::NOOP);
                let (io, held) = candidate.into_parts();
                self.way = on_websocket(&self.engine, &self.desk, io, held);
                true
            }
        }
    }

    /// Reads what has come by POST; why the session is over, if it is.
    fn read_posts(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        hear: &mut impl FnMut(Message<'_>) -> Flow,
    ) -> Result<(), &'static Close> {
        let Self { beat, way, desk, engine, .. } = self;
        let Way::Polling(polling) = way else { return Ok(()) };
        let mut packets = Packets { engine, protocol: desk.protocol(), beat, outbox };
        polling.read(cx, desk, &mut packets, hear)
    }

    fn read_websocket(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        hear: &mut impl FnMut(Message<'_>) -> Flow,
    ) -> Poll<Gone> {
        let Self { beat, way, desk, engine, .. } = self;
        let Way::Websocket(websocket) = way else { return Poll::Pending };
        let protocol = desk.protocol();
        let mut packets = Packets { engine, protocol, beat, outbox };
        websocket.poll_read(cx, outbox, |message| {
            let packet = match message {
                Message::Text(text) => read_text(protocol, text),
                Message::Binary(bytes) => read_binary(protocol, bytes),
                Message::Sign => return hear(Message::Sign),
            };
            packets.take(packet, hear).unwrap_or_else(|close| {
                outbox.close(close);
                Flow::Pause
            })
        })
    }

    /// The end of a session that requests carry: what is left goes out with the GETs that still come.
    fn end_polling(&self, cx: &mut Context<'_>, outbox: &Outbox, close: &'static Close) -> Poll<Gone> {
        let Some(ending) = self.ending.as_ref().filter(|_| lingers(close)) else {
            let is_left = *close == codes::LEFT;
            polling::answer_with(&self.desk, if is_left { polling::NOOP } else { polling::CLOSE });
            return Poll::Ready(Gone::Closed);
        };
        if self.desk.state().turns.releases() {
            // It ends where its client ends up.
            polling::answer(cx, &self.desk, outbox);
            return Poll::Pending;
        }
        let is_told = polling::answer_last(&self.desk, outbox, &ending.last);
        // A node that stops lets nobody in any more, so no other request can come.
        let is_late = self.engine.shared.node.is_draining() && !self.desk.state().turns.has_get();
        if is_told || is_late { Poll::Ready(Gone::Closed) } else { Poll::Pending }
    }

    /// Begins the end, once.
    fn begin_end(&mut self, close: &'static Close, last: impl FnOnce(&mut Vec<u8>)) {
        if self.ending.is_some() {
            return;
        }
        let mut frames = Vec::new();
        last(&mut frames);
        let node = &self.engine.shared.node;
        let until = node.clock().now() + self.engine.close_timeout;
        self.ending = Some(Ending { last: frames, until });
        if let Way::Polling(polling) = &mut self.way {
            let how = if *close == codes::PROTOCOL { Taken::Malformed } else { Taken::All };
            polling.posted(&self.desk, how);
            // One whose probe was answered has stopped polling, or is about to.
            if !self.desk.state().turns.releases() {
                polling.give_up_candidate(&self.desk);
            }
        }
    }
}

fn on_websocket(engine: &Arc<Engine>, desk: &Desk, io: Box<dyn Socket>, early: Vec<u8>) -> Way {
    let decoder = Decoder::new(Role::Server, engine.messages, None);
    let (shared, served) = (engine.shared.clone(), desk.served().clone());
    Way::Websocket(Box::new(Websocket::new(io, shared, served, decoder, early, ()).closing_with(NORMAL)))
}

/// Whether an end has something to say that its client should hear.
fn lingers(close: &'static Close) -> bool {
    ![&codes::SLOW, &codes::SILENT, &codes::PROTOCOL, &codes::LEFT].contains(&close)
}

impl Transport for EngineIo {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        mut hear: impl FnMut(Message<'_>) -> Flow,
    ) -> Poll<Gone> {
        if let Err(close) = self.read_posts(cx, outbox, &mut hear) {
            outbox.close(close);
            return Poll::Pending;
        }
        if !self.change(cx) {
            return Poll::Ready(Gone::Closed);
        }
        self.read_websocket(cx, outbox, &mut hear)
    }

    fn poll_news(&mut self, cx: &mut Context<'_>) -> Poll<Gone> {
        if !self.arrive() {
            return Poll::Ready(Gone::Lost);
        }
        if self.change(cx) { Poll::Pending } else { Poll::Ready(Gone::Closed) }
    }

    fn may_read(&self) -> bool {
        self.desk.has_news()
            || match &self.way {
                Way::Polling(polling) => polling.may_read(),
                Way::Websocket(websocket) => websocket.may_read(),
            }
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<Result<(), Gone>> {
        match &mut self.way {
            Way::Websocket(websocket) => websocket.poll_write(cx, outbox),
            Way::Polling(_) if polling::answer(cx, &self.desk, outbox) => Poll::Ready(Ok(())),
            Way::Polling(_) => Poll::Pending,
        }
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        close: &'static Close,
        last: impl FnOnce(&mut Vec<u8>),
    ) -> Poll<Gone> {
        let was_polling = matches!(self.way, Way::Polling(_));
        if was_polling {
            self.begin_end(close, last);
            if !self.arrive() || !self.change(cx) {
                return Poll::Ready(Gone::Lost);
            }
            if let Way::Polling(polling) = &mut self.way {
                polling.posted(&self.desk, Taken::All);
                return self.end_polling(cx, outbox, close);
            }
        } else if let Way::Websocket(websocket) = &mut self.way {
            // While its close frames go to and fro nobody finds it any more.
            self.desk.end();
            return websocket.poll_close(cx, outbox, close, last);
        }
        let Way::Websocket(websocket) = &mut self.way else { return Poll::Pending };
        let ending = self.ending.as_ref();
        websocket.poll_close(cx, outbox, close, |out| {
            out.extend(ending.into_iter().flat_map(|ending| &ending.last));
        })
    }

    fn deadline(&self) -> Option<Moment> {
        match (&self.way, &self.ending) {
            (Way::Websocket(websocket), _) if websocket.is_ending() => websocket.deadline(),
            (_, Some(ending)) => Some(ending.until),
            (way, None) => {
                let beat = self.beat.due().map(|ms| Moment::from_micros(ms.saturating_mul(1000)));
                let candidate = match way {
                    Way::Polling(polling) => polling.deadline(),
                    Way::Websocket(_) => None,
                };
                beat.into_iter().chain(candidate).min()
            }
        }
    }

    fn on_deadline(&mut self, now: Moment, outbox: &Outbox) -> Option<&'static Close> {
        if let Way::Polling(polling) = &mut self.way
            && polling.deadline().is_some_and(|until| until <= now)
        {
            polling.give_up_candidate(&self.desk);
        }
        match self.beat.step(now.as_millis(), Told::Clock, &self.engine.beat) {
            Do::Nothing => None,
            Do::GiveUp => Some(&codes::SILENT),
            Do::Ping => {
                outbox.append(|out| encode::whole(out, Opcode::Text, b"2"));
                None
            }
        }
    }

    fn is_ending(&self) -> bool {
        self.ending.is_some()
            || match &self.way {
                Way::Websocket(websocket) => websocket.is_ending(),
                Way::Polling(_) => false,
            }
    }

    fn set_paused(&mut self, paused: bool, now: Moment) {
        let told = if paused { Told::Paused } else { Told::Resumed };
        // Pausing asks for nothing.
        let _ = self.beat.step(now.as_millis(), told, &self.engine.beat);
    }
}

impl Drop for EngineIo {
    fn drop(&mut self) {
        self.engine.sessions.remove(&self.desk);
        if !matches!(self.way, Way::Websocket(_)) {
            polling::answer_with(&self.desk, polling::CLOSE);
        }
        self.desk.end();
    }
}

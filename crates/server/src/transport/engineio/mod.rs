//! engine.io: sessions that requests carry, websockets, and the change from one to the other (engineio.md).
//!
//! `desk` is where the requests of a session and the task of its connection meet; `session` is the transport that the
//! task drives, `candidate` a websocket that is to take it over, `surplus` one that is too many, `packets` what both ways
//! carry.

mod candidate;
mod desk;
mod packets;
mod polling;
mod session;
mod sessions;
mod surplus;
#[cfg(test)]
mod tests;

pub(crate) use desk::{Candidacy, Desk, Get, Polled, Taken, Unsure};
pub(crate) use session::EngineIo;

use crate::link::{Client, Layer, Shared, Socket, SocketIo, Speech, Spoken};
use playhouse_core::wire::{Dialect, Framing, Parser, WireForm};
use playhouse_node::guest::Served;
use playhouse_node::{Opening, Peer};
use playhouse_proto::engineio::beat;
use playhouse_proto::engineio::session::Session;
use playhouse_proto::engineio::{Open, Protocol, Query};
use playhouse_proto::ws;
use playhouse_proto::ws::{Opcode, encode};
use sessions::Sessions;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A body of protocol 3 may have so much, as its clients know no limit.
const BODY_V3_MIN: usize = 10 * 1024 * 1024;

/// engine.io on one mount.
pub(crate) struct Engine {
    shared: Arc<Shared>,
    sessions: Sessions,
    /// Those that requests carry, over all mounts.
    polling: Crowd,
    rider: Rider,
    beat: beat::Limits,
    messages: ws::Limits,
    upgrade_timeout: Duration,
    close_timeout: Duration,
    upgrades: bool,
    max_payload: usize,
}

/// What is spoken over a mount's sessions.
#[derive(Clone)]
pub(crate) enum Rider {
    /// ActionHero's frames.
    Frames,
    /// The same below Primus' layer.
    Primus,
    /// socket.io.
    SocketIo(Arc<SocketIo>),
}

/// How many sessions there are that requests carry, and may be. A clone is the same.
#[derive(Clone)]
pub(crate) struct Crowd(Arc<(AtomicUsize, usize)>);

/// One of them; its place is free when this is dropped.
pub(crate) struct Place(Crowd);

impl Crowd {
    pub(crate) fn new(most: usize) -> Self {
        Self(Arc::new((AtomicUsize::new(0), most)))
    }

    /// A place, if there is one.
    pub(crate) fn enter(&self) -> Option<Place> {
        let (count, most) = &*self.0;
        let more = |count: usize| (count < *most).then_some(count + 1);
        count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).ok()?;
        Some(Place(self.clone()))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Engine {
    /// engine.io, and what is spoken over it.
    pub(crate) fn new(shared: &Arc<Shared>, polling: &Crowd, rider: Rider) -> Self {
        let config = shared.node.config();
        let own = &config.engineio;
        let max_payload = match rider {
            Rider::Primus => config.websocket.server.max_length,
            Rider::Frames | Rider::SocketIo(_) => own.max_payload,
        };
        Self {
            shared: shared.clone(),
            sessions: Sessions::default(),
            polling: polling.clone(),
            rider,
            beat: beat::Limits { interval: millis(own.ping_interval), timeout: millis(own.ping_timeout) },
            messages: ws::Limits {
                frame: max_payload,
                message: max_payload,
                fragments: config.limits.fragments,
            },
            upgrade_timeout: own.upgrade_timeout,
            close_timeout: own.close_timeout,
            upgrades: own.upgrades,
            max_payload,
        }
    }

    /// The session of an id.
    pub(crate) fn find(&self, sid: &str) -> Option<Arc<Desk>> {
        self.sessions.find(sid)
    }

    /// Whether sessions of this protocol are served.
    pub(crate) fn serves(&self, protocol: Protocol) -> bool {
        match (&self.rider, protocol) {
            (Rider::SocketIo(_), Protocol::V3) => false,
            (Rider::SocketIo(_) | Rider::Frames | Rider::Primus, _) => true,
        }
    }

    /// Whether the application is asked before a session begins. Where not, it is when a connection does.
    pub(crate) fn asks_first(&self) -> bool {
        match &self.rider {
            Rider::SocketIo(_) => false,
            Rider::Frames | Rider::Primus => true,
        }
    }

    /// The longest body of a POST, in bytes.
    pub(crate) fn longest_body(&self, protocol: Protocol) -> usize {
        match protocol {
            Protocol::V3 => self.max_payload.max(BODY_V3_MIN),
            Protocol::V4 => self.max_payload,
        }
    }

    /// Whether a session that requests carry may change to a websocket.
    pub(crate) fn upgrades(&self) -> bool {
        self.upgrades
    }

    /// A place for one more session that requests carry.
    pub(crate) fn place(&self) -> Option<Place> {
        self.polling.enter()
    }

    /// Begins a session that requests carry. The answer to the request that begins it is that of a GET: it has the first
    /// packet, and what else is ready.
    pub(crate) fn open_polling(self: &Arc<Self>, query: &Query<'_>, peer: Peer, place: Place) -> Get {
        let mut waits = None;
        self.open((query.protocol, query.b64), peer, Session::default(), |engine, desk| {
            engine.say_open(desk, self.upgrades);
            waits = desk.get().ok();
            EngineIo::polling(engine.clone(), desk.clone(), place)
        });
        waits.expect("the first GET of a session has its turn")
    }

    /// Begins a session on a websocket; `early` is what was read beyond its handshake.
    pub(crate) fn open_websocket(
        self: &Arc<Self>,
        (protocol, base64): (Protocol, bool),
        peer: Peer,
        io: Box<dyn Socket>,
        early: Vec<u8>,
    ) {
        self.open((protocol, base64), peer, Session::on_websocket(), |engine, desk| {
            engine.say_open(desk, false);
            EngineIo::websocket(engine.clone(), desk.clone(), io, early)
        });
    }

    /// Closes a websocket for a session that takes no other.
    pub(crate) fn turn_away(self: &Arc<Self>, io: Box<dyn Socket>) {
        surplus::turn_away(self, io);
    }

    fn open(
        self: &Arc<Self>,
        (protocol, base64): (Protocol, bool),
        peer: Peer,
        turns: Session,
        transport: impl FnOnce(&Arc<Self>, &Arc<Desk>) -> EngineIo,
    ) {
        let node = &self.shared.node;
        let desk = |served| {
            self.sessions.add(node.rng(), |sid| Arc::new(Desk::new(sid, protocol, base64, served, turns)))
        };
        let layer = match &self.rider {
            Rider::Frames => Layer::Bare,
            Rider::Primus => Layer::Primus,
            Rider::SocketIo(io) => {
                let guest = node.take_in();
                let desk = desk(Served::Guest(guest.clone()));
                let client = Client::new(io.clone(), guest, (peer, base64), transport(self, &desk));
                // Refused only by a node that has stopped; then the session is over.
                let _ = node.tasks().spawn("socket.io", client);
                return;
            }
        };
        let form = WireForm {
            dialect: Dialect::ActionHero,
            parser: Parser::Json,
            framing: Framing::EngineIo { is_base64: false },
        };
        node.open(Opening { peer, form, window: None }, |connection| {
            let desk = desk(Served::Connection(connection.clone()));
            #[cfg(feature = "fixture")]
            if crate::fixture::is_wanted(node) {
                return crate::fixture::messages(transport(self, &desk), desk.protocol(), desk.base64());
            }
            let speech = Speech::new(self.shared.clone(), connection, layer).known_as(desk.sid().into());
            Box::new(Spoken::new(speech, transport(self, &desk)))
        });
    }

    /// Queues the first packet.
    fn say_open(&self, desk: &Desk, upgrades: bool) {
        let open = Open {
            sid: desk.sid(),
            upgrades,
            ping_interval_ms: self.beat.interval,
            ping_timeout_ms: self.beat.timeout,
            max_payload: self.max_payload as u64,
        };
        desk.served().outbox().append(|out| {
            let mark = encode::begin(out);
            open.write(out);
            encode::end(out, mark, Opcode::Text);
        });
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

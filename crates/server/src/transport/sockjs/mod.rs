//! SockJS: sessions that requests carry, and websockets (sockjs.md).
//!
//! `desk` is where the requests of a session and the task of its connection meet, `receiving` the request that receives;
//! `session` is the transport that the task drives, `socket` the one on a websocket; `sessions` knows them by their names.

mod desk;
mod ends;
mod receiving;
mod session;
mod sessions;
mod socket;

pub(crate) use desk::{Desk, Refused, Unsent};
pub(crate) use receiving::Receiving;
pub(crate) use sessions::{Found, Reservation};

use crate::link::{Layer, Shared, Socket, Speech, Spoken};
use crate::transport::engineio::{Crowd, Place};
use playhouse_core::clock::Moment;
use playhouse_core::wire::{Dialect, Framing, Parser, WireForm};
use playhouse_node::guest::Served;
use playhouse_node::{Connection, Opening, Peer};
use playhouse_proto::engineio::beat;
use playhouse_proto::sockjs::{Turn, Wrap, frame};
use playhouse_proto::ws;
use playhouse_proto::ws::encode;
use session::Session;
use sessions::Sessions;
use socket::OnSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// A body may have so much, as clients put all that they have gathered into one and know no limit.
const BODY_MIN: usize = 10 * 1024 * 1024;

/// SockJS on one mount.
pub(crate) struct Mount {
    shared: Arc<Shared>,
    sessions: Sessions,
    /// Sessions that requests carry, over all mounts.
    crowd: Crowd,
    /// How many requests wait or stream here.
    receiving: AtomicUsize,
    /// Whether Primus' layer is on top.
    is_primus: bool,
    messages: ws::Limits,
    beat: beat::Limits,
    heartbeat: Duration,
    disconnect_delay: Duration,
    response_limit: usize,
}

impl Mount {
    /// SockJS below Primus' layer or bare.
    pub(crate) fn new(shared: &Arc<Shared>, crowd: &Crowd, is_primus: bool) -> Self {
        let config = shared.node.config();
        let own = &config.sockjs;
        let limit = if is_primus { config.websocket.server.max_length } else { own.message_limit };
        Self {
            shared: shared.clone(),
            sessions: Sessions::default(),
            crowd: crowd.clone(),
            receiving: AtomicUsize::new(0),
            is_primus,
            messages: ws::Limits { frame: limit, message: limit, fragments: config.limits.fragments },
            beat: beat::Limits { interval: millis(own.heartbeat), timeout: millis(own.pong_wait) },
            heartbeat: own.heartbeat,
            disconnect_delay: own.disconnect_delay,
            response_limit: own.response_limit,
        }
    }

    /// Whether Primus' layer is on top.
    pub(crate) fn is_primus(&self) -> bool {
        self.is_primus
    }

    /// The longest message, in bytes.
    pub(crate) fn longest_message(&self) -> usize {
        self.messages.message
    }

    /// The longest body of a request that sends, in bytes.
    pub(crate) fn longest_body(&self) -> usize {
        self.messages.message.max(BODY_MIN)
    }

    /// How many requests wait or stream here.
    pub(crate) fn receiving(&self) -> usize {
        self.receiving.load(Ordering::Relaxed)
    }

    /// What is known of the name that a receiving request gives; one that is unknown is its own from here on.
    pub(crate) fn find(self: &Arc<Self>, name: &str) -> Found {
        Sessions::find(self, name, self.now())
    }

    /// The session of a name.
    pub(crate) fn session(&self, name: &str) -> Option<Arc<Desk>> {
        self.sessions.session(name)
    }

    /// A place for one more session that requests carry.
    pub(crate) fn place(&self) -> Option<Place> {
        self.crowd.enter()
    }

    /// Begins a session that requests carry, with the request that asked for it.
    pub(crate) fn open(
        reservation: Reservation,
        peer: Peer,
        place: Place,
        (wrap, turn): (&Wrap, Option<Turn>),
    ) -> Receiving {
        let mount = reservation.mount().clone();
        let mut receiving = None;
        mount.connect(peer, Framing::SockJs, |connection, speech| {
            let served = Served::Connection(connection.clone());
            let desk = Arc::new(Desk::new(mount.clone(), reservation.name(), served));
            // Before anybody else can find it.
            receiving = desk.receive(wrap, turn).ok();
            reservation.fill(&desk);
            Box::new(Spoken::new(speech, Session::new(desk, place)))
        });
        receiving.expect("nobody else can receive what nobody can find")
    }

    /// Begins a session on a websocket; `early` is what was read beyond its handshake.
    pub(crate) fn open_websocket(
        self: &Arc<Self>,
        is_framed: bool,
        peer: Peer,
        io: Box<dyn Socket>,
        early: Vec<u8>,
    ) {
        let framing = if is_framed { Framing::SockJs } else { Framing::Websocket };
        self.connect(peer, framing, |connection, speech| {
            if is_framed {
                connection.outbox().append(|out| encode::text(out, frame::OPEN.as_bytes()));
            }
            let served = Served::Connection(connection.clone());
            Box::new(Spoken::new(speech, OnSocket::new(self.clone(), served, is_framed, io, early)))
        });
    }

    fn connect(
        &self,
        peer: Peer,
        framing: Framing,
        link: impl FnOnce(&Connection, Speech) -> Box<dyn playhouse_node::link::Link>,
    ) {
        let form = WireForm { dialect: Dialect::ActionHero, parser: Parser::Json, framing };
        let opening = Opening { peer, form, window: None };
        self.shared.node.open(opening, |connection| {
            let layer = if self.is_primus { Layer::Primus } else { Layer::Bare };
            link(connection, Speech::new(self.shared.clone(), connection, layer))
        });
    }

    fn now(&self) -> Moment {
        self.shared.node.clock().now()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

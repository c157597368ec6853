//! The task of one session: it drives the transport, and takes packets to the connections of their namespaces.

use super::SocketIo;
use super::event::Event;
use super::join::{Wish, refusal_data};
use super::pipe::{self, End, Pipe};
use crate::dialect::socketio::is_quit;
use crate::link::HalfRead;
use crate::transport::engineio::EngineIo;
use crate::transport::{Message, Transport};
use playhouse_core::Later;
use playhouse_core::clock::{Moment, Timer};
use playhouse_core::codes::{self, Close};
use playhouse_core::error::Reject;
use playhouse_node::Peer;
use playhouse_node::guest::{Guest, Served};
use playhouse_node::link::{Flow, Gone};
use playhouse_proto::socketio::{Assembly, Body, Malformed, Packet, write};
use smallvec::SmallVec;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A session.
pub(crate) struct Client {
    transport: EngineIo,
    guest: Arc<Guest>,
    timer: Timer,
    ending: Option<&'static Close>,
    is_paused: bool,
    desk: Desk,
}

/// What a session knows of its namespaces.
struct Desk {
    io: Arc<SocketIo>,
    guest: Arc<Guest>,
    peer: Peer,
    is_base64: bool,
    came: Moment,
    /// What was told of what is held beside the link.
    told_held: usize,
    assembly: Assembly,
    spaces: SmallVec<[Space; 1]>,
    /// When the session ends, unless it connects to a namespace before.
    connect_by: Option<Moment>,
}

/// A namespace to which the client is, was or will be connected.
struct Space {
    namespace: u16,
    pipe: Arc<Pipe>,
    joining: Option<Later<'static, Result<(), Reject>>>,
    /// The client has asked for the end: nothing is read until it has come, as what follows is for nobody, or for a
    /// connection after it.
    is_quitting: bool,
}

impl Space {
    /// Whether nothing more is read for now.
    fn is_full(&self) -> bool {
        self.pipe.is_full() || self.is_quitting && self.pipe.end().is_none()
    }
}

enum Step {
    Again,
    Wait,
    Over,
}

impl Client {
    pub(crate) fn new(
        io: Arc<SocketIo>,
        guest: Arc<Guest>,
        (peer, is_base64): (Peer, bool),
        transport: EngineIo,
    ) -> Self {
        let clock = io.shared.node.clock().clone();
        let came = clock.now();
        let connect_by = Some(came + io.connect_timeout);
        let (assembly, spaces) = (Assembly::default(), SmallVec::new());
        let desk = Desk {
            io,
            guest: guest.clone(),
            peer,
            is_base64,
            came,
            told_held: 0,
            assembly,
            spaces,
            connect_by,
        };
        Self { transport, guest, timer: clock.timer(), ending: None, is_paused: false, desk }
    }

    fn turn(&mut self, cx: &mut Context<'_>) -> Step {
        let _ = self.guest.outbox().take_nudge();
        self.desk.join(cx);
        if let Poll::Ready(gone) = self.transport.poll_news(cx) {
            return self.over(gone);
        }
        if let Poll::Ready(gone) = self.read(cx) {
            return self.over(gone);
        }
        self.watch(cx);
        let blocked = match self.transport.poll_write(cx, self.guest.outbox()) {
            Poll::Ready(Err(gone)) => return self.over(gone),
            Poll::Ready(Ok(())) => false,
            Poll::Pending => true,
        };
        if self.guest.outbox().bytes() < self.guest.outbox().half() {
            self.desk.spaces.iter().for_each(|space| space.pipe.unblock());
        }
        if let Some(close) = self.guest.outbox().closing() {
            self.ending = Some(close);
            self.desk.lose();
            return Step::Again;
        }
        let outbox = self.guest.outbox();
        let waits = match blocked {
            true => outbox.register(cx.waker()) && outbox.closing().is_none(),
            false => outbox.sleep(cx.waker()),
        };
        if waits { Step::Wait } else { Step::Again }
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Poll<Gone> {
        let Self { transport, guest, desk, .. } = self;
        let is_full = desk.is_full();
        // While we don't read because others are busy, silence is not death. While we don't read because the client does
        // not, it is: its pongs would be heard if it took what waits for it.
        let is_busy = is_full && !desk.is_untaken();
        if is_busy != self.is_paused {
            self.is_paused = is_busy;
            transport.set_paused(is_busy, desk.io.shared.node.clock().now());
        }
        if is_full || !transport.may_read() {
            return Poll::Pending;
        }
        let read = transport.poll_read(cx, guest.outbox(), |message| desk.hear(&message));
        desk.tell_held();
        read
    }

    fn watch(&mut self, cx: &mut Context<'_>) {
        loop {
            let due = self.transport.deadline().into_iter().chain(self.desk.connect_by).min();
            match due {
                Some(at) => self.timer.set(at),
                None => self.timer.clear(),
            }
            if self.timer.poll(cx).is_pending() {
                return;
            }
            let now = self.desk.io.shared.node.clock().now();
            if self.desk.connect_by.is_some_and(|at| at <= now) {
                self.desk.connect_by = None;
                return self.guest.outbox().close(&codes::LEFT);
            }
            if let Some(close) = self.transport.on_deadline(now, self.guest.outbox()) {
                return self.guest.outbox().close(close);
            }
        }
    }

    fn over(&mut self, _: Gone) -> Step {
        self.guest.outbox().close(&codes::LEFT);
        self.desk.lose();
        Step::Over
    }

    fn finish(&mut self, cx: &mut Context<'_>, close: &'static Close) -> Step {
        let outbox = self.guest.outbox();
        let _ = outbox.take_nudge();
        if self.transport.poll_close(cx, outbox, close, |_| {}).is_ready() {
            return Step::Over;
        }
        match self.transport.deadline() {
            Some(at) => self.timer.set(at),
            None => self.timer.clear(),
        }
        if self.timer.poll(cx).is_ready() {
            return Step::Over;
        }
        if outbox.register(cx.waker()) { Step::Wait } else { Step::Again }
    }
}

impl Desk {
    /// Whether some connection takes no more packets.
    fn is_full(&self) -> bool {
        self.spaces.iter().any(Space::is_full)
    }

    /// Whether much waits that the client does not take.
    fn is_untaken(&self) -> bool {
        let outbox = self.guest.outbox();
        outbox.bytes() >= outbox.half() || self.spaces.iter().any(|space| space.pipe.is_untaken())
    }

    /// Tells the node what is held of packets that are not whole, or not taken.
    fn tell_held(&mut self) {
        let waiting: usize = self.spaces.iter().map(|space| space.pipe.held()).sum();
        let held = HalfRead::counted(self.assembly.held() + waiting);
        if held != self.told_held {
            self.told_held = held;
            self.io.shared.half_read.set_beside(&Served::Guest(self.guest.clone()), held);
        }
    }

    /// Takes a message of the transport.
    fn hear(&mut self, message: &Message<'_>) -> Flow {
        let heard = match message {
            Message::Text(text) => self.text(text),
            Message::Binary(bytes) => self.binary(bytes),
            Message::Sign => Ok(Flow::More),
        };
        heard.unwrap_or_else(|malformed| {
            tracing::debug!(%malformed, "a session of socket.io ends: parse error");
            self.broken()
        })
    }

    /// The client broke the protocol.
    fn broken(&self) -> Flow {
        self.guest.outbox().close(&codes::PROTOCOL);
        Flow::Pause
    }

    fn text(&mut self, text: &str) -> Result<Flow, Malformed> {
        let mut assembly = std::mem::take(&mut self.assembly);
        let taken = assembly.text(text, self.io.limits);
        let flow = taken.map(|packet| packet.map_or(Flow::More, |packet| self.packet(&packet, text)));
        self.assembly = assembly;
        flow
    }

    fn binary(&mut self, bytes: &[u8]) -> Result<Flow, Malformed> {
        let Some(whole) = self.assembly.binary(bytes, self.io.limits)? else { return Ok(Flow::More) };
        let text = whole.into_text();
        let packet = Packet::read(&text, self.io.limits.attachments)?;
        Ok(self.packet(&packet, &text))
    }

    /// Takes a packet that was read from this text.
    fn packet(&mut self, packet: &Packet<'_>, text: &str) -> Flow {
        let Some(namespace) = self.io.place(packet.namespace) else {
            return match packet.body {
                Body::Connect { .. } => {
                    self.refuse(packet.namespace, "Invalid namespace", None);
                    Flow::More
                }
                Body::Disconnect | Body::Event { .. } | Body::Ack { .. } | Body::ConnectError { .. } => {
                    self.broken()
                }
            };
        };
        let place = self.spaces.iter().position(|space| space.namespace == namespace);
        let end = place.map(|place| self.spaces[place].pipe.end());
        match (&packet.body, place, end) {
            (Body::ConnectError { .. }, ..) => self.broken(),
            (Body::Connect { .. }, Some(_), Some(None)) => self.broken(),
            (Body::Connect { data }, place, _) => {
                if let Some(place) = place {
                    self.spaces.remove(place);
                }
                self.connect(namespace, data.map(str::to_owned));
                Flow::More
            }
            (_, None, _) => self.broken(),
            // It was on its way when we ended it.
            (_, Some(_), Some(Some(_))) => Flow::More,
            (Body::Disconnect, Some(place), _) => {
                self.spaces.remove(place).pipe.gone(End::Left);
                Flow::More
            }
            // The server asks nothing of clients.
            (Body::Ack { .. }, Some(_), _) => Flow::More,
            (Body::Event { id, name, args }, Some(place), _) => {
                let space = &mut self.spaces[place];
                let event = Event::new(text, *id, name, args);
                if !is_quit(name) {
                    return space.pipe.push(event);
                }
                space.is_quitting = true;
                space.pipe.push_last(event);
                Flow::Pause
            }
        }
    }

    fn connect(&mut self, namespace: u16, auth: Option<String>) {
        let shared = &self.io.shared;
        let name = self.io.name(namespace);
        let pipe = Arc::new(Pipe::new(self.guest.clone(), shared, name));
        let (io, peer) = (self.io.clone(), self.peer.clone());
        let is_base64 = self.is_base64;
        let wish = Wish { io, namespace, pipe: pipe.clone(), peer, is_base64, came: self.came, auth };
        self.spaces.push(Space {
            namespace,
            pipe,
            joining: Some(Box::pin(wish.fulfil())),
            is_quitting: false,
        });
        // It is begun in this task's next turn, which is now.
        self.guest.outbox().wake();
    }

    /// Begins what was wished for, or refuses it.
    fn join(&mut self, cx: &mut Context<'_>) {
        let mut place = 0;
        while place < self.spaces.len() {
            let space = &mut self.spaces[place];
            let joined = space.joining.as_mut().map(|joining| joining.as_mut().poll(cx));
            place += 1;
            let Some(Poll::Ready(joined)) = joined else { continue };
            space.joining = None;
            match joined {
                Ok(()) => self.connect_by = None,
                // It keeps its place: what the client has sent before it hears of that is on its way.
                Err(reject) => {
                    space.pipe.refuse();
                    let namespace = space.namespace;
                    self.refuse(self.io.name(namespace), &reject.message, Some(&refusal_data(&reject)));
                }
            }
        }
    }

    fn refuse(&self, namespace: &str, message: &str, data: Option<&str>) {
        self.guest.outbox().append(|out| {
            pipe::packet(out, |out| write::connect_error(out, namespace, message, data));
        });
    }

    /// Tells all connections that the session is gone.
    fn lose(&mut self) {
        self.spaces.drain(..).for_each(|space| space.pipe.gone(End::Lost));
    }
}

impl Future for Client {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let client = &mut *self;
        client.guest.outbox().awake();
        loop {
            let step = match client.ending {
                None => client.turn(cx),
                Some(close) => client.finish(cx, close),
            };
            match step {
                Step::Again => {}
                Step::Wait => return Poll::Pending,
                Step::Over => return Poll::Ready(()),
            }
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.desk.lose();
        if self.desk.told_held > 0 {
            let served = Served::Guest(self.guest.clone());
            self.desk.io.shared.half_read.set_beside(&served, 0);
        }
    }
}

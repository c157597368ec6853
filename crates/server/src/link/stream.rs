//! An event stream of actor-core's clients as the body of an answer, and the requests that bring its messages
//! (actors.md, section 11.2).
//!
//! Knows no path and no HTTP but its body.

use super::actor::{self, Seating, Wish};
use super::ear::{Hearer, Way};
use super::in_order::{Bounds, Came, Order};
use crate::dialect::actors::{Asked, Failure, Form, Message, Unreadable, codes as kinds};
use bytes::Bytes;
use playhouse_core::actor::Seat;
use playhouse_core::clock::Timer;
use playhouse_core::codes;
use playhouse_core::secret;
use playhouse_node::Node;
use playhouse_node::outbox::Entry;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::{Mutex as Turns, MutexGuard as Turn, Notify};

/// A line that means nothing, so that a client that has gone is noticed.
const NOTHING: &[u8] = b":\n\n";

/// The event streams of a node, by connection.
#[derive(Default)]
pub(crate) struct Streams(Mutex<HashMap<String, Weak<Inlet>>>);

impl Streams {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Weak<Inlet>>> {
        self.0.lock().expect("nothing panics while it holds the streams")
    }

    /// Where the messages of a connection go in.
    pub(crate) fn find(&self, connection: &str) -> Option<Arc<Inlet>> {
        self.all().get(connection)?.upgrade()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.all().len()
    }
}

/// Where the messages of one connection go in.
pub(crate) struct Inlet {
    form: Form,
    token: Box<str>,
    seated: OnceLock<(Arc<dyn Seat>, Arc<Hearer>)>,
    /// The connection's id, once it has one.
    connection: OnceLock<String>,
    /// Requests take their turns in the order in which they came.
    turns: Turns<()>,
    order: Mutex<Order>,
    /// Rings when calls that waited for others have gone on.
    went_on: Notify,
}

/// For how long a call waits for those made before it. One that is not there by then was lost, or never made on this
/// connection: ids go on counting over reconnections.
const WAIT: Duration = Duration::from_millis(200);

impl Inlet {
    /// Whether somebody is the one whose stream it is.
    pub(crate) fn knows(&self, token: &str) -> bool {
        secret::same(&self.token, token)
    }

    /// Waits until all who came before are done.
    pub(crate) async fn turn(&self) -> Turn<'_, ()> {
        self.turns.lock().await
    }

    /// Gives a message to the seat; a call that others were made before is kept until they are there, for as long as its
    /// request waits for that.
    ///
    /// # Errors
    /// What is wrong with it, or that too much waits.
    pub(crate) fn put(&self, node: &Node, body: &Bytes) -> Result<Option<Early<'_>>, Failure<'static>> {
        let unreadable = |error: Unreadable| Failure::new(error.kind, error.to_string());
        let asked = self.read(node, body).map_err(unreadable)?;
        let Asked::Call { id, .. } = asked else {
            self.ask(node, asked);
            return Ok(None);
        };
        let mut order = self.order();
        let limits = &node.config().actors;
        match order.come(id, body, Bounds { calls: limits.pending_calls, bytes: limits.message_size }) {
            Came::Now => {
                self.ask(node, asked);
                self.go_on(node, &mut order);
                Ok(None)
            }
            Came::Early => Ok(Some(Early { inlet: self, id })),
            Came::Twice => Err(Failure::new(&kinds::MALFORMED, "a call of this id waits already")),
            Came::Crowded => Err(Failure::new(
                &kinds::OVERLOADED,
                "too many calls wait for others that were made before them",
            )),
        }
    }

    fn read<'b>(&self, node: &Node, body: &'b [u8]) -> Result<Asked<'b>, Unreadable> {
        self.form.read(Message::Binary(body), node.config().actors.message_values)
    }

    /// Lets go on what comes next, as far as it is there. Asking waits for nobody, so the order is held meanwhile.
    fn go_on(&self, node: &Node, order: &mut Order) {
        while let Some(body) = order.take() {
            // It was read when it came.
            if let Ok(asked) = self.read(node, &body) {
                self.ask(node, asked);
            }
        }
        self.went_on.notify_waiters();
    }

    fn ask(&self, node: &Node, asked: Asked<'_>) {
        if let Some((seat, ear)) = self.seated.get() {
            actor::ask(&**seat, ear, node, asked);
        }
    }

    fn order(&self) -> MutexGuard<'_, Order> {
        self.order.lock().expect("nothing panics while it holds the order")
    }
}

/// A call that others were made before. When its request goes it is forgotten: its client has given it up.
pub(crate) struct Early<'i> {
    inlet: &'i Inlet,
    id: u64,
}

impl Early<'_> {
    /// Waits until it has gone on, but not for long.
    pub(crate) async fn patience(self, node: &Node) {
        let Self { inlet, id } = &self;
        let gone_on = async {
            loop {
                // Made before the look, so that nothing is missed between the two.
                let went_on = inlet.went_on.notified();
                if !inlet.order().keeps(*id) {
                    return;
                }
                went_on.await;
            }
        };
        if node.clock().timeout(WAIT, gone_on).await.is_err() {
            let mut order = inlet.order();
            if order.keeps(*id) {
                order.skip();
                inlet.go_on(node, &mut order);
            }
        }
    }
}

impl Drop for Early<'_> {
    fn drop(&mut self) {
        self.inlet.order().remove(self.id);
    }
}

/// What an ear needs to say whose stream it hears for.
pub(super) struct Lines {
    inlet: Weak<Inlet>,
    streams: Arc<Streams>,
}

impl Lines {
    /// They are this connection's.
    pub(super) fn are_of(&self, connection: &str) {
        let Some(inlet) = self.inlet.upgrade() else { return };
        self.streams.all().insert(connection.to_owned(), self.inlet.clone());
        // It is told once.
        let _ = inlet.connection.set(connection.to_owned());
    }
}

/// The body of an answer that goes on for as long as the connection.
pub(crate) struct Stream {
    inlet: Arc<Inlet>,
    ear: Arc<Hearer>,
    streams: Arc<Streams>,
    timer: Timer,
    every: Duration,
}

impl Stream {
    /// Sits down.
    pub(crate) fn new(shared: &Seating, streams: &Arc<Streams>, form: Form, wish: Wish) -> Self {
        let (node, way) = (&shared.node, Way::Messages(form));
        let token = actor::token(node, way);
        let inlet = Arc::new(Inlet {
            form,
            token: token.clone(),
            seated: OnceLock::new(),
            connection: OnceLock::new(),
            turns: Turns::new(()),
            order: Mutex::default(),
            went_on: Notify::new(),
        });
        let lines = Lines { inlet: Arc::downgrade(&inlet), streams: streams.clone() };
        let ear = Hearer::new(node.take_in(), way, shared.limits.message, token, Some(lines));
        let ear = Arc::new(ear);
        let seat = wish.sit(ear.clone());
        // Nobody else sets it.
        let _ = inlet.seated.set((seat, ear.clone()));
        let (every, mut timer) = (Duration::from_millis(shared.beat.every), node.clock().timer());
        if !every.is_zero() {
            timer.set(node.clock().now() + every);
        }
        Self { inlet, ear, streams: streams.clone(), timer, every }
    }

    /// For how long its client may confirm nothing of what is sent, which is something in each time between two pings of a
    /// websocket: twice that time. `None` where nobody is pinged.
    pub(crate) fn silence(&self) -> Option<Duration> {
        Some(self.every.saturating_mul(2)).filter(|silence| !silence.is_zero())
    }

    /// The next bytes; `None` when the connection has ended.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let outbox = self.ear.guest.outbox();
        outbox.awake();
        loop {
            if let Some(entry) = outbox.take() {
                outbox.written(entry.len());
                return Poll::Ready(Some(bytes(entry)));
            }
            if outbox.closing().is_some() {
                return Poll::Ready(None);
            }
            if outbox.sleep(cx.waker()) {
                break;
            }
        }
        if self.timer.poll(cx).is_pending() {
            return Poll::Pending;
        }
        let now = self.timer.clock().now();
        self.timer.set(now + self.every);
        Poll::Ready(Some(Bytes::from_static(NOTHING)))
    }
}

fn bytes(entry: Entry) -> Bytes {
    match entry {
        Entry::Shared(bytes) => bytes,
        Entry::Own(bytes) => bytes.into(),
        Entry::Tailed(_) => entry.slices().concat().into(),
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Some((seat, _)) = self.inlet.seated.get() {
            seat.leave();
        }
        self.ear.guest.outbox().close(&codes::LEFT);
        if let Some(connection) = self.inlet.connection.get() {
            self.streams.all().remove(connection);
        }
    }
}

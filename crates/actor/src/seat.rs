//! One connection's place at one actor, and the way in for its calls.

use crate::call::{Call, Input, Job, Then};
use crate::kind::{Actor, Function};
use crate::mailbox::Permit;
use crate::place::Place;
use crate::socket::{Inlet, Socket};
use playhouse_core::actor::{self, ActorError, Ear, Ending, Frame, Spoken, Told};
use playhouse_core::codes;
use playhouse_core::error::Reject;
use playhouse_core::value::Value;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// A seat. Belongs to the place, so it outlives the actor's sleep.
pub(crate) struct Seat<A: Actor> {
    place: Arc<Place<A>>,
    pub(crate) id: Arc<str>,
    pub(crate) params: Value,
    /// `None` for a brief one, and for one that is only remembered from before a crash.
    ear: Option<Arc<dyn Ear>>,
    /// A bit for each event of the actor. Changed by the actor's task only, so that a subscription stands in the order of
    /// what was told before and after it; while the actor sleeps there is nothing to be told.
    listens: AtomicU64,
    /// The same as it will be when all is done that waits.
    wishes: AtomicU64,
    /// How many of these wait.
    unheard: AtomicUsize,
    /// Nothing is told any more.
    over: AtomicBool,
    /// Calls that wait or run.
    calls: AtomicUsize,
    /// Where frames of its client go, if its actor speaks on its websocket itself.
    socket: Option<Inlet>,
    inner: Mutex<Inner<A>>,
}

pub(crate) struct Inner<A: Actor> {
    pub(crate) phase: Phase,
    /// Its state as calls see it; `None` until `before_connect` made it.
    pub(crate) conn: Option<Arc<A::Conn>>,
    /// Its state as it was last kept.
    pub(crate) kept: Option<Arc<A::Conn>>,
    /// Whether the store has a row of it, or is about to.
    pub(crate) has_row: bool,
    /// Why it was sent away, for what it asked for meanwhile.
    pub(crate) refusal: Option<ActorError>,
    /// What was asked before it was seated.
    pub(crate) backlog: VecDeque<Job<A>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not in the map of connections.
    Arriving,
    /// In the map; its connect hook runs.
    Connecting,
    Seated,
    Gone,
}

impl<A: Actor> Seat<A> {
    pub(crate) fn new(place: &Arc<Place<A>>, id: Arc<str>, params: Value, ear: Option<Arc<dyn Ear>>) -> Self {
        let inner = Inner {
            phase: Phase::Arriving,
            conn: None,
            kept: None,
            has_row: false,
            refusal: None,
            backlog: VecDeque::new(),
        };
        Self {
            place: place.clone(),
            id,
            params,
            ear,
            listens: AtomicU64::new(0),
            wishes: AtomicU64::new(0),
            unheard: AtomicUsize::new(0),
            over: AtomicBool::new(false),
            calls: AtomicUsize::new(0),
            socket: None,
            inner: Mutex::new(inner),
        }
    }

    /// The same for a client whose websocket the actor reads itself.
    pub(crate) fn with_socket(mut self, path: String) -> Self {
        self.socket = self.ear.clone().map(|ear| Inlet::new(ear, path));
        self
    }

    /// The actor's end of its websocket, once.
    pub(crate) fn take_socket(&self) -> Option<Socket> {
        self.socket.as_ref()?.take()
    }

    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner<A>> {
        self.inner.lock().expect("nothing panics while it holds a seat")
    }

    pub(crate) fn phase(&self) -> Phase {
        self.inner().phase
    }

    /// What tells it from all other seats, as long as it is there.
    pub(crate) fn address(self: &Arc<Self>) -> usize {
        Arc::as_ptr(self).addr()
    }

    /// Its state as calls see it.
    pub(crate) fn conn(&self) -> Option<Arc<A::Conn>> {
        self.inner().conn.clone()
    }

    /// Takes up that it listens to an event from here on, or not any more.
    pub(crate) fn listen(&self, nth: u8, on: bool) {
        set(&self.listens, nth, on);
        self.unheard.fetch_sub(1, Ordering::Relaxed);
    }

    /// Whether the wish changes anything behind those that wait.
    fn wishes(&self, nth: u8, on: bool) -> bool {
        set(&self.wishes, nth, on) != on
    }

    pub(crate) fn hears(&self, nth: u8) -> bool {
        self.listens.load(Ordering::Relaxed) & (1 << nth) != 0
    }

    /// Whether nothing is told any more.
    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    fn tell(&self, told: Told<'_>) {
        if let Some(ear) = &self.ear
            && !self.is_over()
        {
            ear.hear(told);
        }
    }

    pub(crate) fn seated(&self) {
        self.tell(Told::Seated { actor: &self.place.record.id, connection: &self.id });
    }

    pub(crate) fn event(&self, spoken: &Arc<Spoken>) {
        self.tell(Told::Event(spoken));
    }

    pub(crate) fn reply(&self, call: u64, result: Result<&Value, &ActorError>) {
        self.calls.fetch_sub(1, Ordering::Relaxed);
        self.tell(Told::Reply { call, result });
    }

    /// Ends it from the actor's side; the first ending counts.
    pub(crate) fn end(&self, ending: &Ending) {
        if let Some(ear) = &self.ear
            && !self.over.swap(true, Ordering::AcqRel)
        {
            self.socket.iter().for_each(Inlet::close);
            ear.hear(Told::Ended(ending));
        }
    }
}

/// Sets the bit of an event; what it was.
fn set(bits: &AtomicU64, nth: u8, on: bool) -> bool {
    let bit = 1 << nth;
    let before = match on {
        true => bits.fetch_or(bit, Ordering::Relaxed),
        false => bits.fetch_and(!bit, Ordering::Relaxed),
    };
    before & bit != 0
}

/// The websocket code for who should come back later.
const TRY_LATER: u16 = 1013;

/// What a dialect holds of a seat.
pub(crate) struct Holder<A: Actor>(pub(crate) Arc<Seat<A>>);

impl<A: Actor> Holder<A> {
    fn refuse(&self, number: u64, error: ActorError) {
        let seat = &self.0;
        if seat.phase() == Phase::Seated {
            return seat.reply(number, Err(&error));
        }
        // Nothing is told before it is seated; who asks so much so early is sent away.
        if seat.calls.load(Ordering::Relaxed) > seat.place.host.settings.pending_calls {
            return self.send_away(error);
        }
        seat.place.push_always(Job::Refuse(seat.clone(), number, error));
    }

    fn send_away(&self, error: ActorError) {
        self.0.end(&Ending::Failed(error));
        actor::Seat::leave(self);
    }
}

impl<A: Actor> actor::Seat for Holder<A> {
    fn call(&self, number: u64, action: &str, args: Vec<Value>) {
        let (seat, place) = (&self.0, &self.0.place);
        if seat.is_over() {
            return;
        }
        let settings = &place.host.settings;
        if seat.calls.fetch_add(1, Ordering::Relaxed) >= settings.pending_calls {
            return self.refuse(number, too_many("calls", settings.pending_calls));
        }
        let Some(nth) = place.kind.action_of_clients(action) else {
            return self.refuse(number, place.kind.no_action(action));
        };
        let Some(permit) = Permit::take(place, settings.mailbox) else {
            return self.refuse(number, place.overloaded());
        };
        let function = Function::Action(nth);
        place.push_always(Job::Call(Call {
            function,
            input: Input::Args(args),
            seat: Some(seat.clone()),
            chain: actor::Chain::default(),
            until: place.until(function),
            then: Then::Tell(seat.clone(), number),
            permit: Some(permit),
        }));
    }

    fn listen(&self, event: &str, on: bool) {
        let (seat, place) = (&self.0, &self.0.place);
        let Some(nth) = place.kind.event(event) else { return };
        if seat.is_over() || !seat.wishes(nth, on) {
            return;
        }
        // There is no answer that could refuse one, and to forget one would leave the client deaf.
        let limit = place.host.settings.pending_calls;
        if seat.unheard.fetch_add(1, Ordering::Relaxed) >= limit {
            return self.send_away(too_many("subscriptions", limit));
        }
        place.listen(seat, nth, on);
    }

    fn frame(&self, frame: Frame) {
        let Some(inlet) = &self.0.socket else { return };
        if !self.0.is_over() && !inlet.push(frame) {
            self.0.end(&Ending::Closed(TRY_LATER, "the actor reads too slowly".into()));
            self.leave();
        }
    }

    fn leave(&self) {
        self.0.over.store(true, Ordering::Release);
        self.0.socket.iter().for_each(Inlet::close);
        self.0.place.leave(&self.0);
    }
}

/// The refusal of one more than may wait.
pub(crate) fn too_many(what: &str, limit: usize) -> ActorError {
    let text = format!("{limit} {what} of this connection wait already (`actors.pending_calls`)");
    ActorError::Refused(Reject::of(&codes::TOO_MANY_PENDING, text))
}

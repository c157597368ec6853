//! Jobs: what waits at an actor, and what is to come of each.

use crate::host::Ring;
use crate::kind::{Actor, Function};
use crate::mailbox::Permit;
use crate::seat::Seat;
use crate::socket::Socket;
use playhouse_core::actor::{ActorError, Answer, Chain, HttpAsk};
use playhouse_core::clock::Moment;
use playhouse_core::value::Value;
use std::sync::Arc;
use tokio::sync::oneshot;

/// One thing to do at an actor.
pub(crate) enum Job<A: Actor> {
    /// Run a function.
    Call(Call<A>),
    /// A connection wants a seat.
    Arrive(Arc<Seat<A>>),
    /// A connection has ended.
    Leave(Arc<Seat<A>>),
    /// A connection listens to an event, or not any more.
    Listen(Arc<Seat<A>>, u8, bool),
    /// A call of a connection that can't be made: its answer, in its place.
    Refuse(Arc<Seat<A>>, u64, ActorError),
    /// A short turn inside a read.
    Update(Change<A>),
    /// An alarm has come to its time.
    Alarm(Ring),
    /// End the actor and remove what it kept.
    Destroy(Done),
}

impl<A: Actor> Job<A> {
    /// When it is too late to begin it, where it can be.
    pub(crate) fn until(&self) -> Option<Moment> {
        match self {
            Self::Call(call) if call.until != Moment::NEVER => Some(call.until),
            Self::Call(_)
            | Self::Arrive(_)
            | Self::Leave(_)
            | Self::Listen(..)
            | Self::Refuse(..)
            | Self::Update(_)
            | Self::Alarm(_)
            | Self::Destroy(_) => None,
        }
    }
}

/// Who waits for a destruction.
pub(crate) type Done = oneshot::Sender<Result<(), ActorError>>;

/// A run of a function that is to come.
pub(crate) struct Call<A: Actor> {
    pub(crate) function: Function,
    pub(crate) input: Input,
    pub(crate) seat: Option<Arc<Seat<A>>>,
    /// The actors that the call came through.
    pub(crate) chain: Chain,
    /// When it is too late to begin it. The time of hooks is counted from their begin, so it is never too late for one;
    /// nor is it for what an actor speaks on a websocket, or for an alarm.
    pub(crate) until: Moment,
    pub(crate) then: Then<A>,
    pub(crate) permit: Option<Permit<A>>,
}

/// What a function is given.
pub(crate) enum Input {
    Args(Vec<Value>),
    Request(HttpAsk),
    Socket(Socket),
}

/// What comes of a function's end.
pub(crate) enum Then<A: Actor> {
    /// A connection's call: its answer has this number.
    Tell(Arc<Seat<A>>, u64),
    /// A call from elsewhere.
    Answer(oneshot::Sender<Result<Answer, ActorError>>),
    /// The same of a client that came only for it: its seat is left.
    Brief(Arc<Seat<A>>, oneshot::Sender<Result<Answer, ActorError>>),
    /// A websocket's function: the connection ends with it.
    Spoke(Arc<Seat<A>>),
    /// An alarm: it has ended, or is tried again.
    Rung(u64),
    Nothing,
    /// A hook.
    Created,
    Started,
    Slept,
    Allowed(Arc<Seat<A>>),
    Connected(Arc<Seat<A>>),
    Left(Arc<Seat<A>>),
    Removed(Option<Done>),
    /// An update.
    Notify(Notify),
}

/// Tells who waits for an update what came of it.
pub(crate) type Notify = Box<dyn FnOnce(Result<(), ActorError>) + Send>;

/// A change of the state in one step. Says whether it stands; if not, the state is as before.
pub(crate) type Change<A> = Box<dyn FnOnce(&mut A) -> (bool, Notify) + Send>;

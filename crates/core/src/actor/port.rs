//! The ports between actors and those who speak to them: fulfilled by the crate `actor`, used by dialects, by actions and
//! by actors themselves.

use super::told::{Ear, Frame};
use super::{ActorId, Address};
use crate::Later;
use crate::error::{Fault, Reject};
use crate::store::Record;
use crate::value::Value;
use bytes::Bytes;
use std::sync::Arc;

/// Reaches all actors that a node offers, wherever they live.
pub trait Actors: Send + Sync + 'static {
    /// The names of the kinds of actors that there are, sorted.
    fn names(&self) -> Vec<Arc<str>>;

    /// Finds or makes an actor, without waking it. What is made is durable when this resolves, and can be called.
    fn open(&self, open: Which) -> Later<'_, Result<Found, ActorError>>;

    /// Actors by name, in pages in order of creation. No more than 1,000 at once, however many are asked for.
    fn list(&self, listing: Listing) -> Later<'_, Result<Vec<Record>, ActorError>>;

    /// Ends an actor and removes all that it kept; its connections are closed.
    fn destroy(&self, id: &ActorId) -> Later<'_, Result<(), ActorError>>;

    /// Makes one call and waits for its answer. A caller who stops waiting cancels nothing.
    fn call(&self, call: Call) -> Later<'_, Result<Answer, ActorError>>;

    /// Begins a connection. Never waits: what comes of it is told to the ear, first [`Told::Seated`](super::Told::Seated)
    /// or [`Told::Ended`](super::Told::Ended). What is asked of the seat before is done after.
    fn sit(&self, arrival: Arrival) -> Arc<dyn Seat>;
}

/// Which actor is meant.
#[derive(Clone, Debug)]
pub enum Which {
    /// The one with this id.
    Id(ActorId),
    /// The one with this address; refused with `no_such_actor` if there is none.
    Find(Address),
    /// The same, made with this input if there is none.
    FindOrCreate(Address, Option<Value>),
    /// A new one with this input; refused with `actor_exists` if there is one with this key.
    Create(Address, Option<Value>),
}

/// An actor that was found or made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub record: Record,
    /// Whether it was made now.
    pub created: bool,
}

/// Which actors to list.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Of this name; `None` for all.
    pub name: Option<Arc<str>>,
    /// Behind this [`Record::row`]; 0 for the first.
    pub after: u64,
    /// So many at most.
    pub limit: usize,
}

/// One call.
#[derive(Debug)]
pub struct Call {
    /// Of which actor.
    pub which: Which,
    /// What is asked.
    pub ask: Ask,
    /// Who asks.
    pub caller: Caller,
}

/// What can be asked of an actor.
#[derive(Debug)]
pub enum Ask {
    /// One of its actions.
    Action {
        /// The action's name.
        name: Arc<str>,
        /// Its arguments.
        args: Vec<Value>,
    },
    /// Its `#[http]` function.
    Http(HttpAsk),
}

/// Who makes a call.
#[derive(Debug)]
pub enum Caller {
    /// A client: the call is a brief connection of its own, with these parameters and all hooks.
    Client(Value),
    /// Code of the application: no connection, no hooks.
    Server(Chain),
}

/// The actors that a call came through; none where it came from outside of all.
#[derive(Clone, Debug, Default)]
pub struct Chain {
    /// The latest last.
    pub actors: Vec<ActorId>,
    /// The last of them whose turn waits for the call, be it that one's own or that of a read it waits for.
    pub waits: Option<ActorId>,
}

impl Chain {
    /// The same through one more actor, by a turn of it or by a read.
    #[must_use]
    pub fn through(mut self, actor: &ActorId, turn: bool) -> Self {
        self.actors.push(actor.clone());
        if turn {
            self.waits = Some(actor.clone());
        }
        self
    }
}

/// What a call gave.
#[derive(Debug)]
pub enum Answer {
    /// An action's output.
    Value(Value),
    /// The answer of the `#[http]` function.
    Http(HttpAnswer),
}

/// An HTTP request that an actor answers itself.
#[derive(Clone, Debug, Default)]
pub struct HttpAsk {
    /// Such as `GET`.
    pub method: String,
    /// Path and query as the actor sees them: `/count?q=1`.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// What an actor answers to an HTTP request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HttpAnswer {
    /// 100..=599.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

/// Somebody who wants a seat at an actor.
pub struct Arrival {
    /// At which.
    pub which: Which,
    /// What the client says of itself.
    pub params: Value,
    /// Who hears what the actor tells it.
    pub ear: Arc<dyn Ear>,
    /// What for.
    pub purpose: Purpose,
}

/// What a seat is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Actions and events.
    Actions,
    /// Frames of a websocket that the actor's `#[websocket]` function reads itself; path and query as it sees them.
    Websocket(String),
}

/// One connection's place at one actor. Nothing here waits; what is asked is done in this order.
pub trait Seat: Send + Sync + 'static {
    /// Runs an action; the reply is told to the ear under this number. With more than `actors.pending_calls` running it
    /// is refused at once.
    fn call(&self, number: u64, action: &str, args: Vec<Value>);

    /// Hears an event from now on, or not any more. An event that the actor does not have is never heard.
    fn listen(&self, event: &str, on: bool);

    /// A frame for the `#[websocket]` function.
    fn frame(&self, frame: Frame);

    /// The client has gone, however it did. Nothing is told any more; the disconnect hook runs once.
    fn leave(&self);
}

/// Why an actor did not do it.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ActorError {
    /// The actor's own refusal, for the caller's program: code, message, metadata.
    #[error("{0}")]
    User(Reject),
    /// The framework's, with a code of [`core::codes`](crate::codes).
    #[error("{0}")]
    Refused(Reject),
    /// Ours. The log has the cause under this id; the caller learns nothing of it.
    #[error("internal error (id {0})")]
    Fault(Arc<str>),
}

impl ActorError {
    /// As an action answers it that did not look into it.
    #[must_use]
    pub fn reject(self) -> Reject {
        match self {
            Self::User(reject) | Self::Refused(reject) => reject,
            Self::Fault(id) => Fault::reject(&id),
        }
    }
}

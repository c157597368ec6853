//! What an actor tells a connection, and the port by which it does.

use super::ActorId;
use super::port::ActorError;
use crate::value::Value;
use bytes::Bytes;
use std::sync::{Arc, OnceLock};

/// How many wire forms an event may be written in: each is a place in [`Spoken`].
pub const WRITTEN_FORMS: usize = 8;

/// One thing that an actor tells a connection. A dialect writes it.
#[derive(Clone, Copy, Debug)]
pub enum Told<'a> {
    /// The connection is made; comes first, and once.
    Seated {
        /// At which actor.
        actor: &'a ActorId,
        /// The connection's id.
        connection: &'a str,
    },
    /// The answer to a call.
    Reply {
        /// The call's number.
        call: u64,
        /// Its output, or why there is none.
        result: Result<&'a Value, &'a ActorError>,
    },
    /// An event.
    Event(&'a Arc<Spoken>),
    /// A frame of the `#[websocket]` function.
    Frame(&'a Frame),
    /// The connection has ended; comes last, and once.
    Ended(&'a Ending),
}

/// Why a connection was ended by the actor's side.
#[derive(Clone, Debug)]
pub enum Ending {
    /// It was never made: the actor's refusal, or there is no such actor.
    Refused(ActorError),
    /// The actor's code closed it, with a reason; may be empty.
    Disconnected(Arc<str>),
    /// The `#[websocket]` function closed it with a code of its own.
    Closed(u16, Arc<str>),
    /// The actor was destroyed.
    Destroyed,
    /// The actor can't go on, or the node is stopping: worth coming back.
    Failed(ActorError),
}

/// Hears what an actor tells one connection. Called on the actors' threads: takes it up and returns.
pub trait Ear: Send + Sync + 'static {
    /// Hears one thing.
    fn hear(&self, told: Told<'_>);
}

/// An event on its way to connections, shared by all of them and written once for each wire form.
#[derive(Debug)]
pub struct Spoken {
    /// The event's name.
    pub event: Arc<str>,
    /// Its arguments.
    pub args: Vec<Value>,
    written: [OnceLock<Bytes>; WRITTEN_FORMS],
}

impl Spoken {
    /// An event that nobody has written yet.
    #[must_use]
    pub fn new(event: Arc<str>, args: Vec<Value>) -> Arc<Self> {
        Arc::new(Self { event, args, written: [const { OnceLock::new() }; WRITTEN_FORMS] })
    }

    /// Its frame in a wire form, below [`WRITTEN_FORMS`]; `write` runs for the first who asks.
    pub fn written(&self, form: usize, write: impl FnOnce(&Self) -> Bytes) -> Bytes {
        self.written[form].get_or_init(|| write(self)).clone()
    }
}

/// A websocket message that passes an actor unread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Text.
    Text(Arc<str>),
    /// Bytes.
    Binary(Bytes),
}

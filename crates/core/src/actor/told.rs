//! What an actor tells a connection, and the port by which it does.

use super::ActorId;
use super::port::ActorError;
use crate::value::Value;
use bytes::Bytes;
use std::sync::{Arc, OnceLock};

/// The wire forms that an event is kept in once it is written. All are here, of whichever dialect, as a form that two of
/// them took for theirs would give the clients of one the bytes of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WrittenForm {
    /// rivetkit's in JSON.
    RivetJson,
    /// rivetkit's in CBOR.
    RivetCbor,
    /// rivetkit's in BARE.
    RivetBare,
    /// rivetkit's in BARE from 2.3 on.
    RivetSpelled,
    /// actor-core's in JSON, on a websocket.
    CoreJson,
    /// actor-core's in JSON, on an event stream.
    CoreJsonStream,
    /// actor-core's in CBOR, on a websocket.
    CoreCbor,
    /// actor-core's in CBOR, on an event stream.
    CoreCborStream,
    /// ActionHero's, in frames of a websocket that lack which seat they are for.
    Page,
}

impl WrittenForm {
    /// All of them, in their order.
    pub const ALL: [Self; 9] = [
        Self::RivetJson,
        Self::RivetCbor,
        Self::RivetBare,
        Self::RivetSpelled,
        Self::CoreJson,
        Self::CoreJsonStream,
        Self::CoreCbor,
        Self::CoreCborStream,
        Self::Page,
    ];
}

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
    written: [OnceLock<Bytes>; WrittenForm::ALL.len()],
}

impl Spoken {
    /// An event that nobody has written yet.
    #[must_use]
    pub fn new(event: Arc<str>, args: Vec<Value>) -> Arc<Self> {
        Arc::new(Self { event, args, written: [const { OnceLock::new() }; WrittenForm::ALL.len()] })
    }

    /// Its frame in a wire form; `write` runs for the first who asks.
    pub fn written(&self, form: WrittenForm, write: impl FnOnce(&Self) -> Bytes) -> Bytes {
        self.written[form as usize].get_or_init(|| write(self)).clone()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_has_a_place_of_its_own() {
        let spoken = Spoken::new("said".into(), Vec::new());
        for (nth, form) in WrittenForm::ALL.into_iter().enumerate() {
            let bytes = Bytes::from(vec![u8::try_from(nth).unwrap()]);
            assert_eq!(spoken.written(form, |_| bytes.clone()), bytes, "{form:?} was written by another");
            assert_eq!(spoken.written(form, |_| panic!("it is written already")), bytes);
        }
    }
}

//! What an application may put around rooms: code on joining, leaving, saying, and on each one who hears.

use crate::connection::Connection;
use crate::guard;
use playhouse_core::Later;
use playhouse_core::envelope::Envelope;
use playhouse_core::error::{Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;

/// A message on its way into a room, before it is published.
#[derive(Clone, Debug)]
pub struct Said {
    /// Who says it; `None` for server code.
    pub connection: Option<Connection>,
    /// Where.
    pub room: String,
    /// What: raw JSON.
    pub message: String,
}

impl Said {
    /// The message as a type: a `String` for what clients say.
    ///
    /// # Errors
    /// A fault when it has another form.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_str(&self.message)?)
    }

    /// The same saying with another message.
    ///
    /// # Errors
    /// A fault when the message can't be JSON.
    pub fn with<T: Serialize + ?Sized>(mut self, message: &T) -> Result<Self> {
        self.message = serde_json::to_string(message)?;
        Ok(self)
    }
}

/// What one recipient is to hear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// What was said.
    AsSaid,
    /// Another message: raw JSON.
    Instead(String),
    /// Nothing.
    Nothing,
}

pub(crate) type Passage = Arc<dyn Fn(Connection, String) -> Later<'static, Result<()>> + Send + Sync>;
pub(crate) type Saying = Arc<dyn Fn(Said) -> Later<'static, Result<Said>> + Send + Sync>;
pub(crate) type Details = Arc<dyn Fn(&Connection) -> Result<String> + Send + Sync>;
/// Decides what one recipient hears; called for every recipient, so it must not wait.
pub type Hear = Arc<dyn Fn(&Connection, &Envelope) -> Heard + Send + Sync>;

/// All code around rooms, in the order in which it was added.
#[derive(Default, Clone)]
pub struct RoomHooks {
    pub(crate) join: Vec<Passage>,
    pub(crate) leave: Vec<Passage>,
    pub(crate) say: Vec<Saying>,
    pub(crate) hear: Option<Hear>,
    pub(crate) details: Option<Details>,
}

impl RoomHooks {
    /// Runs before a connection joins a room; an error refuses it.
    pub fn on_join<R>(&mut self, hook: impl Fn(Connection, String) -> R + Send + Sync + 'static)
    where
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.join.push(Arc::new(move |connection, room| Box::pin(hook(connection, room))));
    }

    /// Runs when a connection leaves a room, once for each joining; an error refuses a client's wish to
    /// leave, but nobody who is gone.
    pub fn on_leave<R>(&mut self, hook: impl Fn(Connection, String) -> R + Send + Sync + 'static)
    where
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.leave.push(Arc::new(move |connection, room| Box::pin(hook(connection, room))));
    }

    /// Runs once for each message, on the node where it is said; it may change or refuse it.
    pub fn on_say<R>(&mut self, hook: impl Fn(Said) -> R + Send + Sync + 'static)
    where
        R: Future<Output = Result<Said>> + Send + 'static,
    {
        self.say.push(Arc::new(move |said| Box::pin(hook(said))));
    }

    /// Decides what each recipient hears. It costs an encode for each one whose message it changes. One for
    /// whom it panics hears nothing.
    pub fn on_hear(&mut self, hook: impl Fn(&Connection, &Envelope) -> Heard + Send + Sync + 'static) {
        self.hear = Some(Arc::new(move |connection, envelope| {
            let heard = guard::caught_at_once(|| hook(connection, envelope));
            heard.unwrap_or_else(|fault| {
                // Nobody called, so nobody is told an id: the connection's stands in its place.
                let (id, cause) = (connection.id(), fault.report());
                tracing::error!(connection = %id, %cause, "a hear hook failed");
                Heard::Nothing
            })
        }));
    }

    /// What a member shows to the others beside `id` and `joinedAt`: the fields of a raw JSON object.
    pub fn details(&mut self, make: impl Fn(&Connection) -> Result<String> + Send + Sync + 'static) {
        self.details = Some(Arc::new(move |connection| {
            guard::caught_at_once(|| make(connection)).unwrap_or_else(|fault| Err(Error::Fault(fault)))
        }));
    }
}

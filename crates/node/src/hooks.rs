//! What an application may put around the life of a connection.

use crate::connection::Connection;
use crate::guard;
use playhouse_core::Later;
use playhouse_core::error::{Fault, Result};
use playhouse_core::head::Head;
use std::borrow::Cow;
use std::sync::Arc;

pub(crate) type Authorize = Arc<dyn Fn(Head) -> Later<'static, Result<()>> + Send + Sync>;
pub(crate) type Creating = Arc<dyn Fn(Connection) -> Later<'static, Result<()>> + Send + Sync>;
pub(crate) type Receiving = Arc<dyn Fn(&Connection, &str) -> Incoming + Send + Sync>;
pub(crate) type Destroying = Arc<dyn Fn(Connection) -> Later<'static, ()> + Send + Sync>;

/// What becomes of a message that a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming {
    /// It goes on.
    Pass,
    /// This one goes on in its place.
    Instead(String),
    /// It ends here: nobody answers it.
    Swallow,
}

/// All code around connections, in the order in which it was added.
#[derive(Default, Clone)]
pub struct ConnectionHooks {
    pub(crate) authorize: Vec<Authorize>,
    pub(crate) create: Vec<Creating>,
    pub(crate) receive: Vec<Receiving>,
    pub(crate) destroy: Vec<Destroying>,
}

impl ConnectionHooks {
    /// Decides about a request before a connection is made of it; an error refuses it, by default with 401. A panic
    /// refuses it with 500, and waiting for too long with 504.
    pub fn authorize<R>(&mut self, hook: impl Fn(Head) -> R + Send + Sync + 'static)
    where
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.authorize.push(Arc::new(move |head| Box::pin(hook(head))));
    }

    /// Runs when a connection is made, before anything it sent is looked at; an error, a panic or waiting
    /// for too long ends it.
    pub fn on_create<R>(&mut self, hook: impl Fn(Connection) -> R + Send + Sync + 'static)
    where
        R: Future<Output = Result<()>> + Send + 'static,
    {
        self.create.push(Arc::new(move |connection| Box::pin(hook(connection))));
    }

    /// Sees each message as it came, before a dialect does. A panic is logged, and the message ends there.
    pub fn on_incoming(&mut self, hook: impl Fn(&Connection, &str) -> Incoming + Send + Sync + 'static) {
        self.receive.push(Arc::new(hook));
    }

    /// What all hooks on incoming messages make of one, in their order.
    ///
    /// # Errors
    /// One of them panicked.
    pub(crate) fn seen<'m>(
        &self,
        connection: &Connection,
        message: &'m str,
    ) -> Result<Option<Cow<'m, str>>, Fault> {
        let mut message = Cow::Borrowed(message);
        for hook in &self.receive {
            match guard::caught_at_once(|| hook(connection, &message))? {
                Incoming::Pass => {}
                Incoming::Instead(other) => message = Cow::Owned(other),
                Incoming::Swallow => return Ok(None),
            }
        }
        Ok(Some(message))
    }

    /// Adds the hooks of another one behind its own.
    pub fn append(&mut self, mut other: Self) {
        self.authorize.append(&mut other.authorize);
        self.create.append(&mut other.create);
        self.receive.append(&mut other.receive);
        self.destroy.append(&mut other.destroy);
    }

    /// Runs once when a connection has gone, after it left its rooms. A panic is logged, and the
    /// hooks after it run.
    pub fn on_destroy<R>(&mut self, hook: impl Fn(Connection) -> R + Send + Sync + 'static)
    where
        R: Future<Output = ()> + Send + 'static,
    {
        self.destroy.push(Arc::new(move |connection| Box::pin(hook(connection))));
    }
}

//! What an application may put around the life of a connection.

use crate::connection::Connection;
use playhouse_core::Later;
use playhouse_core::error::Result;
use playhouse_core::head::Head;
use std::sync::Arc;

pub(crate) type Authorize = Arc<dyn Fn(Head) -> Later<'static, Result<()>> + Send + Sync>;
pub(crate) type Creating = Arc<dyn Fn(Connection) -> Later<'static, Result<()>> + Send + Sync>;
pub(crate) type Destroying = Arc<dyn Fn(Connection) -> Later<'static, ()> + Send + Sync>;

/// All code around connections, in the order in which it was added.
#[derive(Default, Clone)]
pub struct ConnectionHooks {
    pub(crate) authorize: Vec<Authorize>,
    pub(crate) create: Vec<Creating>,
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

    /// Runs once when a connection has gone, after it left its rooms. A panic is logged, and the
    /// hooks after it run.
    pub fn on_destroy<R>(&mut self, hook: impl Fn(Connection) -> R + Send + Sync + 'static)
    where
        R: Future<Output = ()> + Send + 'static,
    {
        self.destroy.push(Arc::new(move |connection| Box::pin(hook(connection))));
    }
}

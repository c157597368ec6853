//! The engine for several machines: `Broker`, `Presence` and `Cache` over one Redis (7 or newer, or Valkey).
//!
//! Two connections, one for commands and one for subscriptions, each made again when it is lost (`pipe`).
//! What has an order goes through one queue in batches (`queue`); the rest goes side by side. Owns what stands in
//! Redis and under which names (`keys`), and what is promised while Redis is slow, away, or has forgotten
//! everything. Knows no room's rules and no client: those are the node's.

mod broker;
mod cache;
mod frame;
mod keys;
mod pipe;
mod presence;
mod queue;
mod settings;
mod subscriptions;

pub use settings::{OpenError, Settings};

use crate::broker::Broker;
use crate::cache::Cache;
use crate::pipe::Pipe;
use crate::presence::Presence;
use crate::queue::Queue;
use crate::settings::Ground;
use crate::subscriptions::Subscriptions;
use futures_util::future::BoxFuture;
use playhouse_core::clock::Clock;
use playhouse_core::health::Health;
use playhouse_core::rng::Rng;
use playhouse_core::tasks::Tasks;
use playhouse_core::trouble::Trouble;
use std::sync::{Arc, Mutex};
use tokio::task::JoinHandle;

/// What the engine stands on.
pub struct Parts {
    /// Where time comes from.
    pub clock: Clock,
    /// Where chance comes from.
    pub rng: Rng,
    /// What spawns; not the node's own, as a drain does not wait for an engine.
    pub tasks: Tasks,
    /// Who is told what is wrong.
    pub health: Arc<Health>,
}

/// The engine. It does nothing before [`Redis::start`].
pub struct Redis {
    ground: Arc<Ground>,
    commands: Arc<Pipe>,
    queue: Arc<Queue>,
    subscriptions: Arc<Subscriptions>,
    broker: Arc<Broker>,
    presence: Arc<Presence>,
    cache: Arc<Cache>,
    tasks: Tasks,
    running: Mutex<Vec<JoinHandle<()>>>,
}

impl Redis {
    /// Reads the settings. Connects nowhere yet.
    ///
    /// # Errors
    /// A URL or a file of certificates that can't be used.
    pub fn new(settings: Settings, parts: Parts) -> Result<Self, OpenError> {
        let tasks = parts.tasks.clone();
        let ground = Arc::new(Ground::new(settings, parts)?);
        let commands = Arc::new(Pipe::new("redis", ground.clone()));
        let queue = Arc::new(Queue::new(ground.clone(), commands.clone()));
        let subscriptions = Arc::new(Subscriptions::new(ground.clone()));
        Ok(Self {
            broker: Arc::new(Broker::new(commands.clone(), queue.clone(), subscriptions.clone())),
            presence: Arc::new(Presence::new(ground.clone(), commands.clone(), queue.clone())),
            cache: Arc::new(Cache::new(ground.clone(), commands.clone())),
            ground,
            commands,
            queue,
            subscriptions,
            tasks,
            running: Mutex::default(),
        })
    }

    /// Connects, and goes on connecting whenever the connection is lost. Redis may come up a little later than we:
    /// it is waited for, but not for ever.
    ///
    /// # Errors
    /// Redis can't be reached, or refuses the password: a sentence for the person who started the node.
    pub async fn start(&self) -> Result<(), OpenError> {
        self.commands.first(self.presence.clone()).await?;
        self.subscriptions.pipe().first(self.subscriptions.clone()).await?;
        self.keep(Box::pin(self.commands.clone().keep(self.presence.clone())));
        self.keep(Box::pin(self.subscriptions.pipe().clone().keep(self.subscriptions.clone())));
        self.keep(Box::pin(self.queue.clone().work()));
        self.presence.first().await.map_err(|trouble| self.refused(&trouble))?;
        self.keep(Box::pin(self.presence.clone().keep()));
        Ok(())
    }

    fn refused(&self, trouble: &Trouble) -> OpenError {
        OpenError::Refused { url: self.ground.url(), why: trouble.to_string() }
    }

    fn keep(&self, work: BoxFuture<'static, ()>) {
        if let Ok(task) = self.tasks.spawn_background("redis", work) {
            self.running.lock().expect("nothing panics while it holds this").push(task);
        }
    }

    /// Fan-out between nodes.
    #[must_use]
    pub fn broker(&self) -> Arc<dyn playhouse_core::broker::Broker> {
        self.broker.clone()
    }

    /// Who is in a room, over all nodes.
    #[must_use]
    pub fn presence(&self) -> Arc<dyn playhouse_core::presence::Presence> {
        self.presence.clone()
    }

    /// The application's cache.
    #[must_use]
    pub fn cache(&self) -> Arc<dyn playhouse_core::cache::Cache> {
        self.cache.clone()
    }

    /// The orderly end: this node's members are gone at once and not only with the lease. Nothing works after it.
    pub async fn stop(&self) {
        let running = std::mem::take(&mut *self.running.lock().expect("nothing panics while it holds this"));
        // The lease is not to be renewed behind its end.
        running.iter().for_each(JoinHandle::abort);
        self.presence.leave_all().await;
        self.queue.close();
        self.commands.close();
        self.subscriptions.pipe().close();
    }
}

//! The engine that the configuration asks for: made, started and stopped with the node.

use crate::assemble::Ground;
use playhouse_core::broker::Broker;
use playhouse_core::cache::Cache;
use playhouse_core::config::{self, Config};
use playhouse_core::engine::memory;
use playhouse_core::health::Health;
use playhouse_core::presence::Presence;
use playhouse_core::tasks::Tasks;
use playhouse_redis::Redis;
use std::sync::Arc;

pub use playhouse_redis::OpenError as EngineError;

/// What fulfils the contracts for one node.
pub(crate) struct Engine {
    health: Arc<Health>,
    kind: Kind,
}

enum Kind {
    Embedded { broker: Arc<memory::Broker>, presence: Arc<memory::Presence>, cache: Arc<memory::Cache> },
    Redis(Box<Redis>),
}

impl Engine {
    /// Makes it; it does nothing yet.
    pub(crate) fn of(ground: &Ground) -> Result<Self, EngineError> {
        let health = Arc::new(Health::new(ground.clock.clone()));
        let kind = match ground.config.engine {
            config::Engine::Embedded => Kind::Embedded {
                broker: Arc::new(memory::Broker::new()),
                presence: Arc::new(memory::Presence::new()),
                cache: Arc::new(memory::Cache::new(ground.clock.clone(), ground.config.limits.cache)),
            },
            config::Engine::Redis => Kind::Redis(Box::new(redis(ground, &health)?)),
        };
        Ok(Self { health, kind })
    }

    pub(crate) fn health(&self) -> Arc<Health> {
        self.health.clone()
    }

    pub(crate) fn broker(&self) -> Arc<dyn Broker> {
        match &self.kind {
            Kind::Embedded { broker, .. } => broker.clone(),
            Kind::Redis(redis) => redis.broker(),
        }
    }

    pub(crate) fn presence(&self) -> Arc<dyn Presence> {
        match &self.kind {
            Kind::Embedded { presence, .. } => presence.clone(),
            Kind::Redis(redis) => redis.presence(),
        }
    }

    pub(crate) fn cache(&self) -> Arc<dyn Cache> {
        match &self.kind {
            Kind::Embedded { cache, .. } => cache.clone(),
            Kind::Redis(redis) => redis.cache(),
        }
    }

    /// Connects to what it needs.
    pub(crate) async fn start(&self) -> Result<(), EngineError> {
        match &self.kind {
            Kind::Embedded { .. } => Ok(()),
            Kind::Redis(redis) => redis.start().await,
        }
    }

    /// Says goodbye to the other nodes.
    pub(crate) async fn stop(&self) {
        match &self.kind {
            Kind::Embedded { .. } => {}
            Kind::Redis(redis) => redis.stop().await,
        }
    }
}

fn redis(ground: &Ground, health: &Arc<Health>) -> Result<Redis, EngineError> {
    let Config { redis, .. } = &ground.config;
    let settings = playhouse_redis::Settings {
        url: redis.url.clone(),
        prefix: redis.prefix.clone(),
        lease: redis.lease,
        timeout: redis.timeout,
        ca_file: redis.ca_file.clone(),
        queue: redis.queue,
    };
    let parts = playhouse_redis::Parts {
        clock: ground.clock.clone(),
        rng: ground.rng.clone(),
        // Of its own: a drain waits for the node's tasks, and an engine's never end by themselves.
        tasks: Tasks::new(ground.tasks.background().clone()),
        health: health.clone(),
    };
    Redis::new(settings, parts)
}

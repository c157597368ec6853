//! The engine that the configuration asks for: made, started and stopped with the node.

use crate::assemble::Ground;
use playhouse_core::broker::Broker;
use playhouse_core::cache::Cache;
use playhouse_core::config::{self, Config};
use playhouse_core::engine::memory;
use playhouse_core::engine::together::Side;
use playhouse_core::health::Health;
use playhouse_core::presence::Presence;
use playhouse_core::store::Store;
use playhouse_core::tasks::Tasks;
use playhouse_redis::Redis;
use std::sync::Arc;

pub use playhouse_redis::OpenError as EngineError;

/// What fulfils the contracts for one node.
pub(crate) struct Engine {
    pub(crate) health: Arc<Health>,
    pub(crate) broker: Arc<dyn Broker>,
    pub(crate) presence: Arc<dyn Presence>,
    pub(crate) cache: Arc<dyn Cache>,
    /// Keeps actors; `None` where the engine can't.
    pub(crate) store: Option<Arc<dyn Store>>,
    redis: Option<Box<Redis>>,
    side: Option<Arc<Side>>,
}

impl Engine {
    /// Makes it; it does nothing yet.
    pub(crate) fn of(ground: &Ground) -> Result<Self, EngineError> {
        let health = Arc::new(Health::new(ground.clock.clone()));
        match ground.config.engine {
            config::Engine::Embedded => Ok(Self {
                health,
                broker: Arc::new(memory::Broker::new()),
                presence: Arc::new(memory::Presence::new()),
                cache: Arc::new(memory::Cache::new(ground.clock.clone(), ground.config.limits.cache)),
                store: Some(Arc::new(memory::Store::new())),
                redis: None,
                side: None,
            }),
            config::Engine::Redis => {
                let redis = Box::new(redis(ground, &health)?);
                let (broker, presence, cache) = (redis.broker(), redis.presence(), redis.cache());
                Ok(Self { health, broker, presence, cache, store: None, redis: Some(redis), side: None })
            }
        }
    }

    /// One node's part in what the nodes of a test share.
    pub(crate) fn together(ground: &Ground, side: Arc<Side>) -> Self {
        Self {
            health: Arc::new(Health::new(ground.clock.clone())),
            broker: side.clone(),
            presence: side.clone(),
            cache: side.cache(),
            store: Some(side.store()),
            redis: None,
            side: Some(side),
        }
    }

    /// Connects to what it needs.
    pub(crate) async fn start(&self) -> Result<(), EngineError> {
        match &self.redis {
            Some(redis) => redis.start().await,
            None => Ok(()),
        }
    }

    /// Says goodbye to the other nodes.
    pub(crate) async fn stop(&self) {
        if let Some(redis) = &self.redis {
            redis.stop().await;
        }
        if let Some(side) = &self.side {
            side.leave();
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

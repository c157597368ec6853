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
use playhouse_sqlite::Sqlite;
use std::sync::Arc;

/// Why an engine can't be had.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Redis.
    #[error("{0}")]
    Redis(#[from] playhouse_redis::OpenError),
    /// The embedded one's folder.
    #[error("{0}")]
    Embedded(#[from] playhouse_sqlite::OpenError),
}

/// What fulfils the contracts for one node.
pub(crate) struct Engine {
    pub(crate) health: Arc<Health>,
    pub(crate) broker: Arc<dyn Broker>,
    pub(crate) presence: Arc<dyn Presence>,
    pub(crate) cache: Arc<dyn Cache>,
    /// Keeps actors; `None` where the engine can't.
    pub(crate) store: Option<Arc<dyn Store>>,
    redis: Option<Box<Redis>>,
    sqlite: Option<Sqlite>,
    side: Option<Arc<Side>>,
}

impl Engine {
    /// Makes it; it serves nobody yet. The embedded one keeps things on disk if there are actors to `keep`.
    pub(crate) fn of(ground: &Ground, keep: bool) -> Result<Self, EngineError> {
        let health = Arc::new(Health::new(ground.clock.clone()));
        match ground.config.engine {
            config::Engine::Embedded => {
                let sqlite = if keep { sqlite(ground, &health)? } else { None };
                let in_memory = || memory::Cache::new(ground.clock.clone(), ground.config.limits.cache);
                Ok(Self {
                    health,
                    broker: Arc::new(memory::Broker::new()),
                    presence: Arc::new(memory::Presence::new()),
                    cache: sqlite.as_ref().map_or_else(|| Arc::new(in_memory()) as _, Sqlite::cache),
                    store: sqlite.as_ref().map(Sqlite::store),
                    redis: None,
                    sqlite,
                    side: None,
                })
            }
            config::Engine::Redis => {
                let redis = Box::new(redis(ground, &health)?);
                let (broker, presence, cache) = (redis.broker(), redis.presence(), redis.cache());
                Ok(Self {
                    health,
                    broker,
                    presence,
                    cache,
                    store: None,
                    redis: Some(redis),
                    sqlite: None,
                    side: None,
                })
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
            sqlite: None,
            side: Some(side),
        }
    }

    /// Connects to what it needs.
    pub(crate) async fn start(&self) -> Result<(), EngineError> {
        match &self.redis {
            Some(redis) => Ok(redis.start().await?),
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
        if let Some(sqlite) = &self.sqlite {
            sqlite.close().await;
        }
    }
}

/// The database; `None` where another process has it, and this one can do without.
fn sqlite(ground: &Ground, health: &Arc<Health>) -> Result<Option<Sqlite>, EngineError> {
    let Config { data_dir, actors, limits, .. } = &ground.config;
    let durability = match actors.durability {
        config::Durability::Full => playhouse_sqlite::Durability::Full,
        config::Durability::Relaxed => playhouse_sqlite::Durability::Relaxed,
    };
    let settings = playhouse_sqlite::Settings {
        dir: data_dir.clone(),
        durability,
        cache_limit: limits.cache,
        waiting: actors.file_queue,
        size_limit: actors.file_size.and_then(|bytes| u64::try_from(bytes).ok()),
    };
    let parts = playhouse_sqlite::Parts { clock: ground.clock.clone(), health: health.clone() };
    match Sqlite::open(&settings, parts) {
        Err(held @ playhouse_sqlite::OpenError::Held { .. }) if ground.yields => {
            tracing::warn!("there are no actors in this process: {held}");
            Ok(None)
        }
        opened => Ok(Some(opened?)),
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
    Ok(Redis::new(settings, parts)?)
}

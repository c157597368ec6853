//! The cache over Redis: what an application keeps for a while, shared by all nodes.
//!
//! In Redis stand, under the prefix:
//! - `cache:<key>`, a hash for each key: `v` is the value, `c` the millisecond when it was set. Redis ends it.
//! - `cached`, one sorted set of all keys by the millisecond of their end (`+inf` for never), so that they can be
//!   counted. What has ended stays in it until a write sweeps it out, and is not counted.
//! - `lock:<name>`, a text for each lock that is held: its holder's token. Redis ends it.
//!
//! Each call is one [script](Scripts), so one round trip, and done as a whole or not at all. All times are Redis's
//! own: the clocks of the nodes may differ. How much there may be is Redis's affair (`maxmemory`); one that pushes
//! keys out to make room takes them from here too, and they are counted until their end.

mod scripts;

use crate::pipe::Pipe;
use crate::settings::Ground;
use bytes::Bytes;
use playhouse_core::Later;
use playhouse_core::cache::{self, CacheError, Cached};
use playhouse_core::trouble::Trouble;
use redis::ScriptInvocation;
use scripts::Scripts;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

/// Redis takes no longer text, and closes the connection of whoever sends one, which is that of the whole node.
const VALUE_MAX: usize = 512 << 20;

/// A longer time is cut to this, about 142,000 years: scripts count in floating point, where every millisecond up to
/// twice as many is exact.
const LONGEST_MS: u64 = 1 << 52;

/// The application's cache.
pub(crate) struct Cache {
    ground: Arc<Ground>,
    pipe: Arc<Pipe>,
    scripts: Scripts,
}

impl Cache {
    pub(crate) fn new(ground: Arc<Ground>, pipe: Arc<Pipe>) -> Self {
        Self { ground, pipe, scripts: Scripts::new() }
    }

    fn take(&self, name: &str, token: &str, hold: Duration) -> ScriptInvocation<'_> {
        let mut script = self.scripts.take.key(self.ground.keys.lock(name));
        script.arg(token).arg(whole_ms(hold));
        script
    }

    fn release(&self, name: &str, token: &str) -> ScriptInvocation<'_> {
        let mut script = self.scripts.release.key(self.ground.keys.lock(name));
        script.arg(token);
        script
    }
}

/// Milliseconds count, smaller parts don't.
fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).min(LONGEST_MS)
}

impl cache::Cache for Cache {
    fn get(&self, key: &str) -> Later<'_, Result<Option<Cached>, CacheError>> {
        let script = self.scripts.get.key(self.ground.keys.cached(key));
        Box::pin(async move {
            let found: Option<(Vec<u8>, u64, i64)> =
                self.pipe.call(&script).await.map_err(Trouble::of_reading)?;
            Ok(found.map(|(value, created_at, last)| Cached {
                value: value.into(),
                created_at,
                // Redis tells the last millisecond that a key lives, or -1.
                expires_at: u64::try_from(last).ok().map(|last| last + 1),
            }))
        })
    }

    fn set(
        &self,
        key: &str,
        value: Bytes,
        expires_in: Option<Duration>,
    ) -> Later<'_, Result<(), CacheError>> {
        if value.len() > VALUE_MAX {
            return Box::pin(ready(Err(CacheError::Full(VALUE_MAX))));
        }
        let keys = &self.ground.keys;
        let mut script = self.scripts.set.key(keys.cached(key));
        script.key(keys.cache_index()).arg(key).arg(&value[..]);
        if let Some(time) = expires_in {
            script.arg(whole_ms(time));
        }
        Box::pin(async move { Ok(self.pipe.call(&script).await?) })
    }

    fn remove(&self, key: &str) -> Later<'_, Result<bool, CacheError>> {
        let keys = &self.ground.keys;
        let mut script = self.scripts.remove.key(keys.cached(key));
        script.key(keys.cache_index()).arg(key);
        Box::pin(async move { Ok(self.pipe.call(&script).await?) })
    }

    fn increment(&self, key: &str, by: i64) -> Later<'_, Result<i64, CacheError>> {
        let keys = &self.ground.keys;
        let mut script = self.scripts.increment.key(keys.cached(key));
        script.key(keys.cache_index()).arg(key).arg(by);
        let key: Box<str> = key.into();
        Box::pin(async move {
            let sum: Option<i64> = self.pipe.call(&script).await?;
            sum.ok_or_else(|| CacheError::NoNumber(key.into()))
        })
    }

    fn lock(&self, name: &str, token: &str, hold: Option<Duration>) -> Later<'_, Result<bool, CacheError>> {
        let script = match hold {
            Some(hold) => self.take(name, token, hold),
            None => self.release(name, token),
        };
        Box::pin(async move { Ok(self.pipe.call(&script).await?) })
    }

    fn size(&self) -> Later<'_, Result<usize, CacheError>> {
        let script = self.scripts.size.key(self.ground.keys.cache_index());
        Box::pin(async move { Ok(self.pipe.call(&script).await.map_err(Trouble::of_reading)?) })
    }
}

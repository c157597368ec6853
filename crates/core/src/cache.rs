//! The contract `Cache`: what an application keeps for a while, shared by all nodes.

use crate::Later;
use crate::trouble::Trouble;
use bytes::Bytes;
use std::time::Duration;

/// A value with its times, in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cached {
    /// What was set.
    pub value: Bytes,
    /// When it was set.
    pub created_at: u64,
    /// When it ends; `None` for never.
    pub expires_at: Option<u64>,
}

/// Keys and values of the application.
///
/// Guarantees, each with a test of that name in `core::contract::cache`:
/// - `set_is_seen`: once `set` resolves, `get` returns the value.
/// - `expired_is_gone`: an expired key is never returned, nor counted.
/// - `remove_tells`: `remove` tells whether the key was there.
/// - `increments_are_atomic`: concurrent increments lose nothing; an absent key counts from 0.
/// - `one_lock_holder`: of any number who want a lock one gets it, until it is released by its own token or
///   its time is over.
pub trait Cache: Send + Sync + 'static {
    /// The value of a key.
    fn get(&self, key: &str) -> Later<'_, Result<Option<Cached>, CacheError>>;

    /// Sets a key, for ever or for a time. Milliseconds count, smaller parts don't.
    fn set(&self, key: &str, value: Bytes, expires_in: Option<Duration>)
    -> Later<'_, Result<(), CacheError>>;

    /// Removes a key; `true` if it was there.
    fn remove(&self, key: &str) -> Later<'_, Result<bool, CacheError>>;

    /// Adds to a number and returns the sum; an absent key is 0 and gets no expiry.
    ///
    /// # Errors
    /// [`CacheError::NoNumber`] where the value is not a decimal `i64`.
    fn increment(&self, key: &str, by: i64) -> Later<'_, Result<i64, CacheError>>;

    /// Takes (`Some(duration)`) or releases (`None`) the lock `name` for the holder `token`; `true` if that
    /// worked. Taking a lock that one holds already prolongs it.
    fn lock(&self, name: &str, token: &str, hold: Option<Duration>) -> Later<'_, Result<bool, CacheError>>;

    /// How many keys there are, locks not counted.
    fn size(&self) -> Later<'_, Result<usize, CacheError>>;
}

/// Why the cache could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The engine.
    #[error("{0}")]
    Engine(#[from] Trouble),
    /// `increment` of something that is not a number.
    #[error("the value of `{0}` is not a number")]
    NoNumber(String),
    /// The engine holds as much as it may.
    #[error("the cache is full ({0} bytes)")]
    Full(usize),
}

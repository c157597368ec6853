//! The application's cache with types: values travel as JSON.

use bytes::Bytes;
use playhouse_core::cache::Cached;
use playhouse_core::error::Result;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;

/// What an application keeps for a while, shared by all nodes.
#[derive(Clone)]
pub struct Cache(Arc<dyn playhouse_core::cache::Cache>);

/// A value with its times, in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<T> {
    /// What was set.
    pub value: T,
    /// When it was set.
    pub created_at: u64,
    /// When it ends; `None` for never.
    pub expires_at: Option<u64>,
}

impl Cache {
    pub(crate) fn new(engine: Arc<dyn playhouse_core::cache::Cache>) -> Self {
        Self(engine)
    }

    /// The value of a key.
    ///
    /// # Errors
    /// An engine that can't be reached, or a value of another type.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>> {
        Ok(self.entry(key).await?.map(|entry| entry.value))
    }

    /// The value of a key with its times.
    ///
    /// # Errors
    /// As [`Cache::get`].
    pub async fn entry<T: DeserializeOwned>(&self, key: &str) -> Result<Option<Entry<T>>> {
        let Some(Cached { value, created_at, expires_at }) = self.0.get(key).await? else { return Ok(None) };
        Ok(Some(Entry { value: serde_json::from_slice(&value)?, created_at, expires_at }))
    }

    /// Sets a key, for ever or for a time.
    ///
    /// # Errors
    /// An engine that can't be reached or is full, or a value that can't be JSON.
    pub async fn set<T: Serialize + ?Sized>(
        &self,
        key: &str,
        value: &T,
        expires_in: Option<Duration>,
    ) -> Result<()> {
        let value = Bytes::from(serde_json::to_vec(value)?);
        Ok(self.0.set(key, value, expires_in).await?)
    }

    /// Removes a key; `true` if it was there.
    ///
    /// # Errors
    /// An engine that can't be reached.
    pub async fn remove(&self, key: &str) -> Result<bool> {
        Ok(self.0.remove(key).await?)
    }

    /// Adds to a number and returns the sum; an absent key is 0.
    ///
    /// # Errors
    /// An engine that can't be reached, or a value that is no number.
    pub async fn increment(&self, key: &str, by: i64) -> Result<i64> {
        Ok(self.0.increment(key, by).await?)
    }

    /// Takes or prolongs the lock `name` for the holder `token`; `true` if that worked.
    ///
    /// # Errors
    /// An engine that can't be reached.
    pub async fn lock(&self, name: &str, token: &str, hold: Duration) -> Result<bool> {
        Ok(self.0.lock(name, token, Some(hold)).await?)
    }

    /// Releases the lock `name` of the holder `token`; `false` if it held none.
    ///
    /// # Errors
    /// An engine that can't be reached.
    pub async fn unlock(&self, name: &str, token: &str) -> Result<bool> {
        Ok(self.0.lock(name, token, None).await?)
    }

    /// How many keys there are.
    ///
    /// # Errors
    /// An engine that can't be reached.
    pub async fn size(&self) -> Result<usize> {
        Ok(self.0.size().await?)
    }
}

//! The contract `Cache`: reads by the readers, everything else by the writer, so that what one asks for and what it changes
//! is one step. All times are by the date, as they outlive the process.

pub(crate) mod budget;
pub(crate) mod rows;
pub(crate) mod writes;

use crate::Doors;
use crate::readers::Read;
use crate::store::stored;
use crate::writer::{Job, Write};
use bytes::Bytes;
use playhouse_core::Later;
use playhouse_core::cache::{self, CacheError, Cached};
use playhouse_core::clock::Clock;
use playhouse_core::trouble::Trouble;
use std::sync::Arc;
use std::time::Duration;
use writes::{Ask, Told};

pub(crate) struct Cache {
    doors: Arc<Doors>,
    clock: Clock,
}

type Answer<'a, T> = Later<'a, Result<T, CacheError>>;

impl Cache {
    pub(crate) fn new(doors: Arc<Doors>, clock: Clock) -> Self {
        Self { doors, clock }
    }

    fn now(&self) -> i64 {
        stored(self.clock.unix_ms())
    }

    /// In the call, not when it is polled: from here on it is done, also if nobody waits for it.
    fn write<T: 'static>(&self, ask: Ask, told: fn(Told) -> T) -> Answer<'_, T> {
        let asked = self.doors.writes.ask(|answer| Write::Cache(Job::new(ask, answer)));
        Box::pin(async move {
            let reply = asked.map_err(Trouble::from)?.await;
            let ended = || Err(Trouble::Unknown("the thread that writes has ended".to_owned()).into());
            reply.unwrap_or_else(ended).map(told)
        })
    }

    fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(crate::reply::Answer<Result<T, CacheError>>) -> Read,
    ) -> Answer<'_, T> {
        let asked = self.doors.reads.ask(job);
        Box::pin(async move {
            let reply = asked.map_err(Trouble::from)?.await;
            reply.unwrap_or_else(|| Err(Trouble::Away("the database was closed".to_owned()).into()))
        })
    }
}

/// Milliseconds count, smaller parts don't.
fn whole_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

impl cache::Cache for Cache {
    fn get(&self, key: &str) -> Answer<'_, Option<Cached>> {
        self.read(|answer| Read::Cached(key.into(), self.now(), answer))
    }

    fn set(&self, key: &str, value: Bytes, expires_in: Option<Duration>) -> Answer<'_, ()> {
        self.write(Ask::Set { key: key.into(), value, expires_in: expires_in.map(whole_ms) }, |_| ())
    }

    fn remove(&self, key: &str) -> Answer<'_, bool> {
        self.write(Ask::Remove { key: key.into() }, Told::was)
    }

    fn increment(&self, key: &str, by: i64) -> Answer<'_, i64> {
        self.write(Ask::Increment { key: key.into(), by }, Told::sum)
    }

    fn lock(&self, name: &str, token: &str, hold: Option<Duration>) -> Answer<'_, bool> {
        let (name, token) = (name.into(), token.into());
        let ask = match hold {
            Some(hold) => Ask::Take { name, token, hold: whole_ms(hold) },
            None => Ask::Release { name, token },
        };
        self.write(ask, Told::was)
    }

    fn size(&self) -> Answer<'_, usize> {
        self.read(|answer| Read::Count(self.now(), answer))
    }
}

//! Caches that break one promise each.

use super::failing;
use bytes::Bytes;
use playhouse_core::Later;
use playhouse_core::cache::{Cache, CacheError, Cached};
use playhouse_core::clock::Clock;
use playhouse_core::contract::{Caches, cache};
use playhouse_core::engine::memory;
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    /// Returns what has expired.
    ReturnsExpired,
    /// Counts what has expired.
    CountsExpired,
    /// Forgets the expiry of a key that is incremented.
    IncrementForgets,
    /// Says of every key that is removed that it was there.
    RemoveLies,
    /// Increments in two steps.
    LostIncrement,
    /// Gives a lock to everybody.
    TwoHolders,
    /// Lets everybody release a lock.
    OpenLock,
    /// Never ends a lock.
    EndlessLock,
    /// Refuses its holder who takes a lock again.
    NoProlonging,
}

struct Broken {
    fault: Fault,
    sound: memory::Cache,
    keys: Mutex<HashSet<String>>,
    holders: Mutex<HashMap<String, String>>,
}

type Answer<'a, T> = Later<'a, Result<T, CacheError>>;

impl Broken {
    async fn increment_badly(&self, key: &str, by: i64) -> Result<i64, CacheError> {
        let before = self.sound.get(key).await?.map_or("0".into(), |cached| cached.value);
        if self.fault == Fault::LostIncrement {
            tokio::task::yield_now().await;
        }
        let before = std::str::from_utf8(&before).ok().and_then(|text| text.parse::<i64>().ok());
        let sum = before.ok_or_else(|| CacheError::NoNumber(key.to_owned()))? + by;
        self.sound.set(key, sum.to_string().into(), None).await?;
        Ok(sum)
    }

    async fn release(&self, name: &str, token: &str) -> Result<bool, CacheError> {
        let holder = self.holders.lock().unwrap().get(name).cloned();
        match (self.fault, holder) {
            (Fault::OpenLock, Some(holder)) => self.sound.lock(name, &holder, None).await,
            _ => self.sound.lock(name, token, None).await,
        }
    }

    async fn acquire(&self, name: &str, token: &str, hold: Duration) -> Result<bool, CacheError> {
        let holds = self.holders.lock().unwrap().get(name).is_some_and(|holder| holder == token);
        let hold = match self.fault {
            Fault::EndlessLock => Duration::MAX,
            Fault::NoProlonging if holds => return Ok(false),
            _ => hold,
        };
        let got = self.sound.lock(name, token, Some(hold)).await? || self.fault == Fault::TwoHolders;
        if got {
            self.holders.lock().unwrap().insert(name.to_owned(), token.to_owned());
        }
        Ok(got)
    }
}

impl Cache for Broken {
    fn get(&self, key: &str) -> Answer<'_, Option<Cached>> {
        self.sound.get(key)
    }

    fn set(&self, key: &str, value: Bytes, expires_in: Option<Duration>) -> Answer<'_, ()> {
        self.keys.lock().unwrap().insert(key.to_owned());
        let much = expires_in.map(|time| time.max(Duration::from_secs(60)));
        let expires_in = if self.fault == Fault::ReturnsExpired { much } else { expires_in };
        self.sound.set(key, value, expires_in)
    }

    fn remove(&self, key: &str) -> Answer<'_, bool> {
        self.keys.lock().unwrap().remove(key);
        let removed = self.sound.remove(key);
        Box::pin(async move { Ok(removed.await? || self.fault == Fault::RemoveLies) })
    }

    fn increment(&self, key: &str, by: i64) -> Answer<'_, i64> {
        self.keys.lock().unwrap().insert(key.to_owned());
        let key = key.to_owned();
        Box::pin(async move {
            match self.fault {
                Fault::IncrementForgets | Fault::LostIncrement => self.increment_badly(&key, by).await,
                _ => self.sound.increment(&key, by).await,
            }
        })
    }

    fn lock(&self, name: &str, token: &str, hold: Option<Duration>) -> Answer<'_, bool> {
        let (name, token) = (name.to_owned(), token.to_owned());
        Box::pin(async move {
            match hold {
                Some(hold) => self.acquire(&name, &token, hold).await,
                None => self.release(&name, &token).await,
            }
        })
    }

    fn size(&self) -> Answer<'_, usize> {
        Box::pin(async {
            match self.fault {
                Fault::CountsExpired => Ok(self.keys.lock().unwrap().len()),
                _ => self.sound.size().await,
            }
        })
    }
}

fn broken(fault: Fault) -> Caches {
    let (clock, hand) = Clock::manual();
    let sound = memory::Cache::new(clock, 1 << 20);
    Caches::one(Arc::new(Broken { fault, sound, keys: Mutex::default(), holders: Mutex::default() }))
        .with_hand(hand)
}

#[test]
fn a_broken_promise_is_found() {
    let table: [(Fault, &[&str]); 9] = [
        (Fault::ReturnsExpired, &["expired_is_gone"]),
        (Fault::CountsExpired, &["expired_is_gone"]),
        (Fault::IncrementForgets, &["expired_is_gone"]),
        (Fault::RemoveLies, &["expired_is_gone", "remove_tells"]),
        (Fault::LostIncrement, &["expired_is_gone", "increments_are_atomic"]),
        (Fault::TwoHolders, &["one_lock_holder"]),
        (Fault::OpenLock, &["one_lock_holder"]),
        (Fault::EndlessLock, &["one_lock_holder"]),
        (Fault::NoProlonging, &["one_lock_holder"]),
    ];
    for (fault, expected) in table {
        assert_eq!(failing(cache::ALL, || broken(fault)), expected);
    }
}

#[test]
fn nodes_that_do_not_see_each_other_are_found() {
    let nodes = || {
        let (clock, hand) = Clock::manual();
        let node = || Arc::new(memory::Cache::new(clock.clone(), 1 << 20)) as Arc<dyn Cache>;
        Caches::many(vec![node(), node()]).with_hand(hand)
    };
    assert_eq!(failing(cache::ALL, nodes).len(), cache::ALL.len());
}

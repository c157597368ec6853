//! The memory cache: what an application keeps for a while, within a limit of bytes.
//!
//! Owns values and locks, and frees what ended: on access, and a few at every write. Must not know what the
//! values mean, nor start a task.

use super::Shards;
use super::budget::Budget;
use super::expiring::{Expiring, Full};
use crate::Later;
use crate::cache::{self, CacheError, Cached};
use crate::clock::{Clock, Moment};
use bytes::Bytes;
use std::sync::{Arc, MutexGuard};
use std::time::Duration;

/// Ended entries that a write frees beside its own work. More than it can add, so what ended never piles up;
/// few enough that nobody waits for it.
const SWEPT_PER_WRITE: usize = 16;

/// The cache of one machine.
///
/// Times are measured by the clock's own counting, which no change of the date moves; the date is only what
/// `created_at` and `expires_at` show. A value is copied on its way in, since a slice would keep the whole
/// buffer that it came from, uncounted.
pub struct Cache {
    clock: Clock,
    budget: Arc<Budget>,
    parts: Shards<Part>,
}

/// What one lock guards.
#[derive(Default)]
struct Part {
    values: Expiring<Value>,
    /// Who holds which lock. Apart from the values: a lock and a key of one name don't touch.
    locks: Expiring<Box<str>>,
}

struct Value {
    bytes: Bytes,
    created_at: u64,
    expires_at: Option<u64>,
}

impl From<Full> for CacheError {
    fn from(Full(limit): Full) -> Self {
        Self::Full(limit)
    }
}

impl Part {
    fn set(
        &mut self,
        key: &str,
        value: Value,
        ends_at: Option<Moment>,
        budget: &Arc<Budget>,
    ) -> Result<(), Full> {
        let weight = value.bytes.len();
        self.values.put(key, value, weight, ends_at, budget)
    }

    fn sweep(&mut self, now: Moment, most: usize) {
        self.values.sweep(now, most);
        self.locks.sweep(now, most);
    }
}

impl Cache {
    /// An empty cache that holds at most `limit` bytes: keys, values, locks, and about 224 bytes for each of
    /// them. What would exceed it is refused with [`CacheError::Full`]; nothing is pushed out for it.
    #[must_use]
    pub fn new(clock: Clock, limit: usize) -> Self {
        Self { clock, budget: Budget::new(limit), parts: Shards::new() }
    }

    fn get_now(&self, key: &str) -> Option<Cached> {
        let now = self.clock.now();
        let mut part = self.parts.of(key);
        let Value { bytes, created_at, expires_at } = &part.values.get(key, now)?.value;
        Some(Cached { value: bytes.clone(), created_at: *created_at, expires_at: *expires_at })
    }

    fn set_now(&self, key: &str, value: &Bytes, expires_in: Option<Duration>) -> Result<(), CacheError> {
        let bytes = Bytes::copy_from_slice(value);
        let created_at = self.clock.unix_ms();
        let expires_in = expires_in.map(whole_ms);
        let expires_at = expires_in.map(|ms| created_at.saturating_add(ms));
        self.write(key, |part, now| {
            let value = Value { bytes: bytes.clone(), created_at, expires_at };
            Ok(part.set(key, value, expires_in.map(|ms| after(now, ms)), &self.budget)?)
        })
    }

    fn remove_now(&self, key: &str) -> bool {
        let now = self.clock.now();
        let mut part = self.parts.of(key);
        let was_there = part.values.get(key, now).is_some();
        part.values.remove(key);
        was_there
    }

    fn increment_now(&self, key: &str, by: i64) -> Result<i64, CacheError> {
        self.write(key, |part, now| {
            let found = part.values.get(key, now);
            let (before, created_at, expires_at, ends_at) = match found {
                Some(kept) => {
                    (number(&kept.value.bytes), kept.value.created_at, kept.value.expires_at, kept.ends_at)
                }
                None => (Some(0), self.clock.unix_ms(), None, None),
            };
            let sum = before.and_then(|before| before.checked_add(by));
            let sum = sum.ok_or_else(|| CacheError::NoNumber(key.into()))?;
            let value = Value { bytes: sum.to_string().into(), created_at, expires_at };
            part.set(key, value, ends_at, &self.budget)?;
            Ok(sum)
        })
    }

    fn acquire(&self, name: &str, token: &str, hold: Duration) -> Result<bool, CacheError> {
        self.write(name, |part, now| {
            let holder = part.locks.get(name, now);
            if holder.is_some_and(|holder| *holder.value != *token) {
                return Ok(false);
            }
            let ends_at = after(now, whole_ms(hold));
            part.locks.put(name, token.into(), token.len(), Some(ends_at), &self.budget)?;
            Ok(true)
        })
    }

    fn release(&self, name: &str, token: &str) -> bool {
        let now = self.clock.now();
        let mut part = self.parts.of(name);
        let is_holder = part.locks.get(name, now).is_some_and(|holder| *holder.value == *token);
        if is_holder {
            part.locks.remove(name);
        }
        is_holder
    }

    fn size_now(&self) -> usize {
        let now = self.clock.now();
        let count = |mut part: MutexGuard<'_, Part>| {
            part.sweep(now, usize::MAX);
            part.values.len()
        };
        self.parts.each().map(count).sum()
    }

    /// Does what adds bytes; where they don't fit, once more after everything that ended was freed.
    fn write<T>(
        &self,
        key: &str,
        add: impl Fn(&mut Part, Moment) -> Result<T, CacheError>,
    ) -> Result<T, CacheError> {
        let now = self.clock.now();
        let first = {
            let mut part = self.parts.of(key);
            part.sweep(now, SWEPT_PER_WRITE);
            add(&mut part, now)
        };
        if !matches!(first, Err(CacheError::Full(_))) {
            return first;
        }
        self.parts.each().for_each(|mut part| part.sweep(now, usize::MAX));
        add(&mut self.parts.of(key), now)
    }
}

/// Milliseconds count, smaller parts don't.
fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn after(now: Moment, ms: u64) -> Moment {
    now + Duration::from_millis(ms)
}

/// A decimal number, as `increment` writes it.
fn number(value: &[u8]) -> Option<i64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

impl cache::Cache for Cache {
    fn get(&self, key: &str) -> Later<'_, Result<Option<Cached>, CacheError>> {
        let key: Box<str> = key.into();
        Box::pin(async move { Ok(self.get_now(&key)) })
    }

    fn set(
        &self,
        key: &str,
        value: Bytes,
        expires_in: Option<Duration>,
    ) -> Later<'_, Result<(), CacheError>> {
        let key: Box<str> = key.into();
        Box::pin(async move { self.set_now(&key, &value, expires_in) })
    }

    fn remove(&self, key: &str) -> Later<'_, Result<bool, CacheError>> {
        let key: Box<str> = key.into();
        Box::pin(async move { Ok(self.remove_now(&key)) })
    }

    fn increment(&self, key: &str, by: i64) -> Later<'_, Result<i64, CacheError>> {
        let key: Box<str> = key.into();
        Box::pin(async move { self.increment_now(&key, by) })
    }

    fn lock(&self, name: &str, token: &str, hold: Option<Duration>) -> Later<'_, Result<bool, CacheError>> {
        let (name, token): (Box<str>, Box<str>) = (name.into(), token.into());
        Box::pin(async move {
            match hold {
                Some(hold) => self.acquire(&name, &token, hold),
                None => Ok(self.release(&name, &token)),
            }
        })
    }

    fn size(&self) -> Later<'_, Result<usize, CacheError>> {
        Box::pin(async move { Ok(self.size_now()) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::expiring::ENTRY_BYTES;
    use super::*;
    use crate::clock::Manual;

    const SECOND: Duration = Duration::from_secs(1);

    fn cache(limit: usize) -> (Cache, Manual) {
        let (clock, hand) = Clock::manual();
        (Cache::new(clock, limit), hand)
    }

    fn kept(cache: &Cache) -> usize {
        cache.parts.each().map(|part| part.values.len() + part.locks.len()).sum()
    }

    #[test]
    fn the_limit_counts_keys_values_locks_and_their_keeping() {
        let (cache, _) = cache(2 * (ENTRY_BYTES + 10));
        cache.set_now("a", &Bytes::from_static(b"123456789"), None).unwrap();
        assert!(cache.acquire("lock", "123456", SECOND).unwrap());
        let refused: [Result<(), CacheError>; 4] = [
            cache.set_now("b", &Bytes::new(), None),
            cache.set_now("a", &Bytes::from_static(b"1234567890"), None),
            cache.increment_now("n", 1).map(drop),
            cache.acquire("other", "", SECOND).map(drop),
        ];
        for refused in refused {
            let Err(CacheError::Full(limit)) = refused else { panic!("{refused:?}") };
            assert_eq!(limit, 2 * (ENTRY_BYTES + 10));
        }
        assert_eq!(cache.get_now("a").unwrap().value, "123456789");
        assert!(cache.release("lock", "123456"));
        cache.set_now("b", &Bytes::new(), None).unwrap();
    }

    #[test]
    fn what_ended_makes_room_wherever_it_lies() {
        let (cache, hand) = cache(100 * (ENTRY_BYTES + 10));
        for n in 0..100 {
            cache.set_now(&format!("key {n}"), &Bytes::new(), Some(SECOND)).unwrap();
        }
        let large = Bytes::from(vec![0; 90 * ENTRY_BYTES]);
        assert!(matches!(cache.set_now("large", &large, None), Err(CacheError::Full(_))));
        hand.advance(SECOND);
        cache.set_now("large", &large, None).unwrap();
        assert_eq!(kept(&cache), 1);
    }

    #[test]
    fn writes_free_more_than_they_add() {
        let (cache, hand) = cache(usize::MAX);
        for n in 0..10_000 {
            cache.set_now(&format!("old {n}"), &Bytes::new(), Some(SECOND)).unwrap();
            cache.acquire(&format!("old {n}"), "token", SECOND).unwrap();
        }
        hand.advance(SECOND);
        for n in 0..2_000 {
            cache.set_now(&format!("new {n}"), &Bytes::new(), None).unwrap();
        }
        // All of the old are gone but those of parts that by chance had few writes.
        assert!(kept(&cache) < 2_500, "{}", kept(&cache));
        assert_eq!(cache.size_now(), 2_000);
        assert_eq!(kept(&cache), 2_000);
    }

    #[test]
    fn parts_of_a_millisecond_do_not_count() {
        let (cache, hand) = cache(usize::MAX);
        cache.set_now("a", &Bytes::new(), Some(Duration::from_micros(1_999))).unwrap();
        cache.set_now("b", &Bytes::new(), Some(Duration::from_micros(999))).unwrap();
        assert_eq!(cache.get_now("b"), None);
        let shown = cache.get_now("a").unwrap();
        assert_eq!(shown.expires_at, Some(shown.created_at + 1));
        hand.advance(Duration::from_millis(1));
        assert_eq!(cache.get_now("a"), None);
        cache.set_now("a", &Bytes::new(), Some(Duration::MAX)).unwrap();
        assert_eq!(cache.get_now("a").unwrap().expires_at, Some(u64::MAX));
    }

    #[test]
    fn increment_keeps_the_times_and_refuses_to_overflow() {
        let (cache, hand) = cache(usize::MAX);
        cache.set_now("a", &Bytes::from_static(b"9223372036854775806"), Some(SECOND)).unwrap();
        let before = cache.get_now("a").unwrap();
        hand.advance(Duration::from_millis(10));
        assert_eq!(cache.increment_now("a", 1).unwrap(), i64::MAX);
        assert!(matches!(cache.increment_now("a", 1), Err(CacheError::NoNumber(key)) if key == "a"));
        let value = Bytes::from(i64::MAX.to_string());
        assert_eq!(cache.get_now("a").unwrap(), Cached { value, ..before });
    }

    #[test]
    fn a_value_does_not_keep_the_buffer_it_came_from() {
        let (cache, _) = cache(usize::MAX);
        let buffer = Bytes::from(vec![7; 1 << 16]);
        cache.set_now("a", &buffer.slice(..3), None).unwrap();
        assert!(buffer.is_unique());
    }

    #[test]
    fn threads_count_together_and_share_one_lock() {
        let (cache, _) = cache(usize::MAX);
        let inside = std::sync::Mutex::new(());
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (cache, inside) = (&cache, &inside);
                scope.spawn(move || {
                    let token = format!("thread {thread}");
                    for _ in 0..1_000 {
                        cache.increment_now("count", 1).unwrap();
                        if cache.acquire("lock", &token, SECOND).unwrap() {
                            drop(inside.try_lock().expect("one holder"));
                            assert!(cache.release("lock", &token));
                        }
                    }
                });
            }
        });
        assert_eq!(cache.get_now("count").unwrap().value, "4000");
    }
}

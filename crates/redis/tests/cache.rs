//! The cache over Redis where the contract leaves off: what stays in Redis, numbers and times at their limits, and a
//! Redis that is away, slow, full or has forgotten.
#![expect(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, in the functions that it uses too"
)]

mod kit;

use bytes::Bytes;
use futures_util::future::join_all;
use kit::{Server, prefix, running, settings, until};
use playhouse_core::cache::{Cache, CacheError, Cached};
use playhouse_core::clock::Clock;
use playhouse_core::engine::memory;
use playhouse_core::trouble::Trouble;
use playhouse_redis::Settings;
use redis::Commands as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(600);

/// A node's cache over the shared Redis, and its prefix.
async fn cache() -> (Arc<dyn Cache>, String) {
    let prefix = prefix();
    (running(settings(Server::shared().url(), &prefix)).await.cache(), prefix)
}

/// All that the cache has in Redis under a prefix.
fn standing(prefix: &str) -> Vec<String> {
    let mut keys: Vec<String> = Server::shared().look().keys(format!("{prefix}:*")).unwrap();
    let own = ["cached", "cache:", "lock:"].map(|kind| format!("{prefix}:{kind}"));
    keys.retain(|key| own.iter().any(|own| key.starts_with(own)));
    keys.sort();
    keys
}

fn away<T>(told: &Result<T, CacheError>) -> Option<&str> {
    match told {
        Err(CacheError::Engine(Trouble::Away(why))) => Some(why),
        _ => None,
    }
}

fn unknown<T>(told: &Result<T, CacheError>) -> Option<&str> {
    match told {
        Err(CacheError::Engine(Trouble::Unknown(why))) => Some(why),
        _ => None,
    }
}

#[tokio::test]
async fn what_ended_is_not_counted_and_leaves_nothing_behind() {
    let (cache, prefix) = cache().await;
    let keys: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    for set in join_all(keys.iter().map(|key| cache.set(key, Bytes::new(), Some(SECOND / 5)))).await {
        set.unwrap();
    }
    assert!(cache.lock("lock", "token", Some(SECOND / 5)).await.unwrap());
    until("all have ended", async || cache.size().await.unwrap() == 0).await;
    for n in 0..5 {
        cache.set(&format!("set {n}"), Bytes::new(), Some(LONG)).await.unwrap();
        cache.increment(&format!("counted {n}"), 1).await.unwrap();
    }
    assert_eq!(cache.size().await.unwrap(), 10);
    let index = format!("{prefix}:cached");
    let indexed: Vec<String> = Server::shared().look().zrange(&index, 0, -1).unwrap();
    assert!(indexed.len() == 10 && !indexed.contains(&"0".to_owned()), "{indexed:?}");
    assert_eq!(standing(&prefix).len(), 11);
    for key in indexed {
        assert!(cache.remove(&key).await.unwrap());
    }
    assert_eq!(standing(&prefix), [""; 0]);
}

#[tokio::test]
async fn keys_locks_and_other_applications_do_not_touch() {
    let ((cache, prefix), (other, _)) = (cache().await, cache().await);
    for key in ["a", "cached", "lock:a", "cache:a", ""] {
        assert!(cache.lock(key, "token", Some(LONG)).await.unwrap(), "{key}");
        cache.set(key, key.to_owned().into(), None).await.unwrap();
        assert!(other.lock(key, "another", Some(LONG)).await.unwrap(), "{key}");
    }
    for key in ["a", "cached", "lock:a", "cache:a", ""] {
        assert_eq!(cache.get(key).await.unwrap().unwrap().value, key);
        assert_eq!(other.get(key).await.unwrap(), None);
        assert!(cache.lock(key, "token", None).await.unwrap(), "{key}");
    }
    assert_eq!((cache.size().await.unwrap(), other.size().await.unwrap()), (5, 0));
    assert_eq!(standing(&prefix).len(), 6);
}

#[tokio::test]
async fn what_is_a_number_is_one_in_memory_too() {
    let (redis, _) = cache().await;
    let memory = memory::Cache::new(Clock::system(), 1 << 20);
    let values = "5|-5|0|-0|+0|007|-007|+7|000|00000000000000000000000000001|9007199254740993|-9007199254740993|\
        9223372036854775806|9223372036854775807|9223372036854775808|-9223372036854775807|-9223372036854775808|\
        -9223372036854775809|+9223372036854775807|| 5|5 |5\n|5\0|\0|+|-|+-5|--5|5-|0x10|1e3|1.0|.5|5.|nan|inf|٥|5,0|²";
    for (value, by) in
        values.split('|').flat_map(|value| [1, -1, 0, i64::MAX, i64::MIN].map(|by| (value, by)))
    {
        let mut outcomes = Vec::new();
        for cache in [&*redis, &memory as &dyn Cache] {
            cache.set("key", value.to_owned().into(), None).await.unwrap();
            let sum = cache.increment("key", by).await;
            if let Err(error) = &sum {
                assert!(matches!(error, CacheError::NoNumber(key) if key == "key"), "{error:?}");
            }
            outcomes.push((sum.ok(), cache.get("key").await.unwrap().unwrap().value));
        }
        assert_eq!(outcomes[0], outcomes[1], "{value:?} and {by}: Redis on the left");
    }
    redis.set("key", Bytes::from_static(&[b'5', 0xff]), None).await.unwrap();
    assert!(matches!(redis.increment("key", 1).await, Err(CacheError::NoNumber(_))));
}

#[tokio::test]
async fn increment_keeps_the_times() {
    let (cache, _) = cache().await;
    cache.set("key", Bytes::from_static(b"41"), Some(LONG)).await.unwrap();
    let before = cache.get("key").await.unwrap().unwrap();
    Clock::system().sleep(Duration::from_millis(5)).await;
    assert_eq!(cache.increment("key", 1).await.unwrap(), 42);
    let value = Bytes::from_static(b"42");
    assert_eq!(cache.get("key").await.unwrap(), Some(Cached { value, ..before.clone() }));
    assert_eq!(cache.increment("new", i64::MIN).await.unwrap(), i64::MIN);
    let new = cache.get("new").await.unwrap().unwrap();
    assert!(new.created_at > before.created_at && new.expires_at.is_none(), "{new:?} after {before:?}");
}

#[tokio::test]
async fn no_time_is_too_long_or_too_short() {
    let (cache, _) = cache().await;
    for time in [Duration::MAX, Duration::from_millis(u64::MAX), Duration::from_millis(i64::MAX as u64)] {
        cache.set("key", Bytes::new(), Some(time)).await.unwrap();
        let Cached { created_at, expires_at, .. } = cache.get("key").await.unwrap().unwrap();
        assert_eq!(expires_at, Some(created_at + (1 << 52)));
        assert_eq!(cache.size().await.unwrap(), 1);
        assert!(cache.lock("lock", "ann", Some(time)).await.unwrap());
        assert!(!cache.lock("lock", "bob", Some(time)).await.unwrap());
    }
    for time in [Duration::ZERO, Duration::from_micros(999)] {
        cache.set("key", Bytes::new(), Some(time)).await.unwrap();
        assert_eq!(cache.get("key").await.unwrap(), None);
        assert_eq!(cache.size().await.unwrap(), 0);
        assert!(cache.lock("lock", "ann", Some(time)).await.unwrap());
        assert!(!cache.lock("lock", "ann", None).await.unwrap(), "held for {time:?}");
    }
}

#[tokio::test]
async fn what_redis_would_hang_up_on_is_refused_before() {
    let (cache, _) = cache().await;
    let huge = Bytes::from(vec![0; (512 << 20) + 1]);
    let told = cache.set("key", huge, None).await;
    assert!(matches!(told, Err(CacheError::Full(limit)) if limit == 512 << 20), "{told:?}");
    assert_eq!(cache.get("key").await.unwrap(), None);
}

#[tokio::test]
async fn away_is_told_at_once_and_it_heals() {
    let server = Server::start();
    let patient = Settings { timeout: LONG, ..settings(server.url(), "away") };
    let cache = running(patient).await.cache();
    cache.set("key", Bytes::new(), None).await.unwrap();
    let port = server.port();
    drop(server);
    until("it is known to be away", async || away(&cache.size().await).is_some()).await;
    let since = Instant::now();
    assert!(away(&cache.get("key").await).is_some());
    assert!(away(&cache.set("key", Bytes::new(), None).await).is_some());
    assert!(away(&cache.remove("key").await).is_some());
    assert!(away(&cache.increment("key", 1).await).is_some());
    assert!(away(&cache.lock("key", "token", Some(LONG)).await).is_some());
    assert!(away(&cache.lock("key", "token", None).await).is_some());
    assert!(since.elapsed() < SECOND, "told after {:?}", since.elapsed());
    let _server = Server::again(port);
    until("it is back, and knows nothing", async || matches!(cache.get("key").await, Ok(None))).await;
    assert_eq!(cache.increment("key", 1).await.unwrap(), 1);
}

#[tokio::test]
async fn without_an_answer_reading_is_safe_to_repeat_and_writing_unknown() {
    let server = Server::start();
    let hasty = Settings { timeout: SECOND / 5, ..settings(server.url(), "slow") };
    let cache = running(hasty).await.cache();
    // So that Redis knows the script.
    cache.increment("count", 1).await.unwrap();
    let pause =
        |minutes: u32| redis::cmd("CLIENT").arg("PAUSE").arg(minutes * 60_000).arg("WRITE").to_owned();
    pause(1).exec(&mut server.look()).unwrap();
    assert_eq!(unknown(&cache.set("key", Bytes::new(), None).await), Some("no answer in time"));
    assert_eq!(unknown(&cache.increment("count", 1).await), Some("no answer in time"));
    assert_eq!(unknown(&cache.lock("key", "token", None).await), Some("no answer in time"));
    assert_eq!(away(&cache.get("key").await), Some("no answer in time"));
    assert_eq!(away(&cache.size().await), Some("no answer in time"));
    redis::cmd("CLIENT").arg("UNPAUSE").exec(&mut server.look()).unwrap();
    // Unknown it was: here it was done.
    until("it was done", async || cache.increment("count", 0).await.is_ok_and(|count| count == 2)).await;
}

#[tokio::test]
async fn a_full_redis_refuses_as_a_whole_and_is_read() {
    let server = Server::start();
    let cache = running(settings(server.url(), "full")).await.cache();
    cache.set("key", Bytes::from_static(b"1"), None).await.unwrap();
    let memory =
        |bytes: u32| redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(bytes).exec(&mut server.look());
    memory(1).unwrap();
    for told in [
        cache.set("new", Bytes::new(), Some(LONG)).await.map(|()| 0),
        cache.set("key", Bytes::from_static(b"2"), Some(LONG)).await.map(|()| 0),
        cache.increment("key", 1).await,
        cache.increment("new", 1).await,
        cache.lock("new", "token", Some(LONG)).await.map(i64::from),
    ] {
        assert!(away(&told).is_some_and(|why| why.starts_with("OOM ")), "{told:?}");
    }
    let kept = cache.get("key").await.unwrap().unwrap();
    assert_eq!((&kept.value[..], kept.expires_at, cache.size().await.unwrap()), (&b"1"[..], None, 1));
    assert!(cache.remove("key").await.unwrap());
    memory(0).unwrap();
    assert_eq!(cache.increment("new", 1).await.unwrap(), 1);
}

#[tokio::test]
async fn scripts_that_redis_forgot_are_sent_again() {
    let server = Server::start();
    let cache = running(settings(server.url(), "forgot")).await.cache();
    for sum in 1..=3 {
        assert_eq!(cache.increment("key", 1).await.unwrap(), sum);
        redis::cmd("SCRIPT").arg("FLUSH").exec(&mut server.look()).unwrap();
        assert_eq!(cache.get("key").await.unwrap().unwrap().value, sum.to_string());
    }
}

#[tokio::test]
async fn a_call_is_one_command() {
    let server = Server::start();
    let cache = running(settings(server.url(), "counted")).await.cache();
    let all = async || {
        cache.set("key", Bytes::from_static(b"1"), Some(LONG)).await.unwrap();
        cache.increment("key", 1).await.unwrap();
        cache.get("key").await.unwrap();
        cache.size().await.unwrap();
        cache.remove("key").await.unwrap();
        cache.lock("key", "token", Some(LONG)).await.unwrap();
        cache.lock("key", "token", None).await.unwrap();
    };
    // So that Redis knows the scripts.
    all().await;
    redis::cmd("CONFIG").arg("RESETSTAT").exec(&mut server.look()).unwrap();
    all().await;
    let counts: String = redis::cmd("INFO").arg("commandstats").query(&mut server.look()).unwrap();
    assert!(counts.contains("cmdstat_evalsha:calls=7,"), "{counts}");
    assert!(!counts.contains("cmdstat_script"), "{counts}");
}

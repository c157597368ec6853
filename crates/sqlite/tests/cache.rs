//! The cache's limit, and what of it outlives the process.

#![allow(clippy::unwrap_used)] // Lints can't tell that this is a test.

mod kit;

use bytes::Bytes;
use kit::{Folder, open_at};
use playhouse_core::cache::{Cache, CacheError};
use playhouse_core::clock::Clock;
use playhouse_sqlite::Settings;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// What an entry counts beside its key and value.
const ENTRY: usize = 128;

async fn fill(cache: &dyn Cache, entries: usize, expires_in: Option<Duration>) {
    for n in 0..entries {
        cache.set(&format!("key {n:05}"), Bytes::from_static(&[7; 3]), expires_in).await.unwrap();
    }
}

#[tokio::test]
async fn sessions_outlive_the_process_and_end_in_time() {
    let folder = Folder::new();
    let (clock, hand) = Clock::manual();
    let sqlite = open_at(&folder.settings(), &clock).unwrap();
    let cache = sqlite.cache();
    cache.set("session", "ann".into(), Some(10 * SECOND)).await.unwrap();
    assert_eq!(cache.increment("visits", 3).await.unwrap(), 3);
    assert!(cache.lock("lock", "mine", Some(10 * SECOND)).await.unwrap());
    let before = cache.get("session").await.unwrap();
    sqlite.close().await;
    hand.advance(9 * SECOND);
    let sqlite = open_at(&folder.settings(), &clock).unwrap();
    let cache = sqlite.cache();
    assert_eq!(cache.get("session").await.unwrap(), before);
    assert_eq!(cache.increment("visits", 1).await.unwrap(), 4);
    assert!(!cache.lock("lock", "other", Some(SECOND)).await.unwrap());
    hand.advance(SECOND);
    assert_eq!(cache.get("session").await.unwrap(), None);
    assert!(cache.lock("lock", "other", Some(SECOND)).await.unwrap());
    assert_eq!(cache.size().await.unwrap(), 1);
}

#[tokio::test]
async fn the_limit_counts_what_is_there_also_what_was_there_before() {
    let folder = Folder::new();
    let (clock, hand) = Clock::manual();
    let settings = Settings { cache_limit: 100 * (ENTRY + 12), ..folder.settings() };
    let sqlite = open_at(&settings, &clock).unwrap();
    fill(&*sqlite.cache(), 99, Some(SECOND)).await;
    assert!(sqlite.cache().lock("key 00099", "abc", Some(SECOND)).await.unwrap());
    sqlite.close().await;
    let sqlite = open_at(&settings, &clock).unwrap();
    let cache = sqlite.cache();
    let longer = Bytes::from_static(&[7; 4]);
    let refused = [
        cache.set("new", Bytes::new(), None).await,
        cache.set("key 00000", longer.clone(), None).await,
        cache.increment("n", 1).await.map(drop),
        cache.lock("other", "", Some(SECOND)).await.map(drop),
        cache.set("large", vec![0; 200 * ENTRY].into(), None).await,
    ];
    for refused in refused {
        let Err(CacheError::Full(limit)) = refused else { panic!("{refused:?}") };
        assert_eq!(limit, 100 * (ENTRY + 12));
    }
    assert_eq!(cache.get("key 00000").await.unwrap().unwrap().value, [7; 3][..]);
    cache.set("key 00000", Bytes::from_static(&[8; 3]), Some(SECOND)).await.unwrap();
    assert!(cache.remove("key 00001").await.unwrap());
    cache.set("key 00001", Bytes::from_static(&[8; 3]), None).await.unwrap();
    assert!(cache.lock("key 00099", "abc", None).await.unwrap());
    cache.set("key 00099", Bytes::from_static(&[8; 3]), None).await.unwrap();
    // What ended makes room, all of it where so much is wanted.
    hand.advance(SECOND);
    cache.set("large", vec![0; 90 * ENTRY].into(), None).await.unwrap();
    assert_eq!(cache.size().await.unwrap(), 3);
}

#[tokio::test]
async fn a_value_of_a_cache_that_the_disk_has_no_room_for_is_refused_and_not_counted() {
    let folder = Folder::new();
    let settings = Settings { size_limit: Some(300 << 10), cache_limit: 2 << 20, ..folder.settings() };
    let sqlite = open_at(&settings, &Clock::system()).unwrap();
    let cache = sqlite.cache();
    for _ in 0..10 {
        let refused = cache.set("large", vec![0; 1 << 20].into(), None).await;
        assert!(matches!(refused, Err(CacheError::Engine(_))), "{refused:?}");
    }
    cache.set("small", "value".into(), None).await.unwrap();
    sqlite.close().await;
    let sqlite = open_at(&Settings { size_limit: None, ..settings }, &Clock::system()).unwrap();
    sqlite.cache().set("large", vec![0; 1 << 20].into(), None).await.unwrap();
}

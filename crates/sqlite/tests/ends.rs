//! Closing, dropping, too much to do, and copies.

#![allow(clippy::unwrap_used)] // Lints can't tell that this is a test.

mod kit;

use futures_util::future::join_all;
use kit::{Folder, actor, open, state, write};
use playhouse_core::store::StoreError;
use playhouse_core::trouble::Trouble;
use playhouse_sqlite::{BackupError, OpenError, Settings};
use std::fs;
use std::time::{Duration, Instant};

#[tokio::test]
async fn what_waits_is_written_before_it_closes_and_nothing_works_after() {
    let folder = Folder::new();
    let sqlite = folder.open();
    let (store, cache) = (sqlite.store(), sqlite.cache());
    let keys: Vec<String> = (0..100).map(|n| n.to_string()).collect();
    let records = join_all(keys.iter().map(|key| actor(&*store, key))).await;
    let commits: Vec<_> = records.iter().map(|record| store.commit(write(record, 0, "state"))).collect();
    sqlite.close().await;
    for done in join_all(commits).await {
        done.unwrap();
    }
    let late = store.commit(write(&records[0], 1, "late")).await;
    assert!(matches!(late, Err(StoreError::Engine(Trouble::Away(_)))), "{late:?}");
    assert!(store.load(&records[0].id).await.is_err());
    assert!(cache.get("key").await.is_err());
    assert!(cache.set("key", "value".into(), None).await.is_err());
    assert!(matches!(sqlite.backup(folder.path().join("copy")).await, Err(BackupError::Closed)));
    sqlite.close().await;
    let files = fs::read_dir(folder.settings().dir).unwrap().map(|file| file.unwrap().file_name());
    let mut files: Vec<_> = files.map(|name| name.into_string().unwrap()).collect();
    files.sort();
    assert_eq!(files, ["playhouse.db", "playhouse.lock"]);
    let sqlite = folder.open();
    let store = sqlite.store();
    for record in &records {
        assert_eq!(state(&*store, record).await, (1, b"state".to_vec()));
    }
}

#[tokio::test]
async fn one_that_is_dropped_lets_go() {
    let folder = Folder::new();
    let sqlite = folder.open();
    let store = sqlite.store();
    let record = actor(&*store, "a").await;
    let commit = store.commit(write(&record, 0, "state"));
    drop(sqlite);
    assert!(matches!(open(&folder.settings()), Err(OpenError::Held { .. })), "its store is still there");
    drop(commit);
    drop(store);
    let deadline = Instant::now() + Duration::from_secs(10);
    let again = loop {
        match open(&folder.settings()) {
            Ok(again) => break again,
            Err(OpenError::Held { .. }) if Instant::now() < deadline => std::thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    };
    assert_eq!(state(&*again.store(), &record).await.0, 1, "nobody waited for it, and it was written");
}

#[tokio::test]
async fn who_finds_too_much_waiting_is_refused_and_nothing_was_done() {
    let folder = Folder::new();
    let sqlite = open(&Settings { waiting: 4, ..folder.settings() }).unwrap();
    let store = sqlite.store();
    let mut records = Vec::new();
    for n in 0..200 {
        records.push(actor(&*store, &n.to_string()).await);
    }
    let commits: Vec<_> = records.iter().map(|record| store.commit(write(record, 0, "state"))).collect();
    let mut refused = 0;
    for (record, done) in records.iter().zip(join_all(commits).await) {
        match done {
            Ok(()) => assert_eq!(state(&*store, record).await.0, 1),
            Err(StoreError::Engine(Trouble::Away(why))) => {
                assert!(why.contains("4 requests"), "{why}");
                assert_eq!(state(&*store, record).await.0, 0);
                refused += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert!(refused > 0);
    store.commit(write(&records[0], state(&*store, &records[0]).await.0, "again")).await.unwrap();
}

#[tokio::test]
async fn a_copy_is_a_database_of_one_moment() {
    let folder = Folder::new();
    let sqlite = folder.open();
    let store = sqlite.store();
    let record = actor(&*store, "a").await;
    for version in 0..50 {
        store.commit(write(&record, version, vec![1; 10_000])).await.unwrap();
    }
    let there = Folder::new();
    fs::create_dir(there.settings().dir).unwrap();
    let copy = there.settings().file();
    fs::write(copy.with_file_name("playhouse.db.part"), "left by an earlier end").unwrap();
    let writing = async {
        for version in 50..100 {
            store.commit(write(&record, version, version.to_string())).await.unwrap();
        }
    };
    let (copied, ()) = tokio::join!(sqlite.backup(&copy), writing);
    copied.unwrap();
    assert!(!copy.with_file_name("playhouse.db.part").exists());
    let restored = there.open();
    let (version, bytes) = state(&*restored.store(), &record).await;
    assert!((50..=100).contains(&version), "{version}");
    assert!(version == 50 || bytes == (version - 1).to_string().as_bytes());
    restored.store().commit(write(&record, version, "goes on")).await.unwrap();
    assert_eq!(state(&*store, &record).await.0, 100, "what happens to the copy happens to it alone");
}

#[tokio::test]
async fn a_copy_overwrites_nothing_and_leaves_nothing_half() {
    let folder = Folder::new();
    let sqlite = folder.open();
    let taken = folder.path().join("taken");
    fs::write(&taken, "precious").unwrap();
    let error = sqlite.backup(&taken).await.unwrap_err();
    assert!(matches!(error, BackupError::Exists(_)), "{error}");
    assert_eq!(fs::read(&taken).unwrap(), b"precious");
    let nowhere = folder.path().join("nowhere").join("copy");
    let error = sqlite.backup(&nowhere).await.unwrap_err();
    assert!(error.to_string().contains(&nowhere.display().to_string()), "{error}");
    let own = folder.settings().file();
    assert!(matches!(sqlite.backup(&own).await, Err(BackupError::Exists(_))));
}

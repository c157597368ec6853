//! Files that are full, damaged, foreign, or of another time.

#![allow(clippy::unwrap_used)] // Lints can't tell that this is a test.

mod kit;

use futures_util::future::join_all;
use kit::{Folder, actor, open, state, write};
use playhouse_core::clock::Clock;
use playhouse_core::health::Health;
use playhouse_core::store::{Commit, StoreError};
use playhouse_sqlite::{OpenError, Parts, Settings, Sqlite};
use rusqlite::Connection;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const LARGE: usize = 8_000;

#[tokio::test]
async fn a_full_disk_refuses_writes_and_loses_nothing() {
    let folder = Folder::new();
    let settings = Settings { size_limit: Some(512 << 10), ..folder.settings() };
    let (clock, health) = (Clock::system(), Arc::new(Health::new(Clock::system())));
    let sqlite = Sqlite::open(&settings, Parts { clock, health: health.clone() }).unwrap();
    let store = sqlite.store();
    let first = actor(&*store, "first").await;
    store.commit(write(&first, 0, "small")).await.unwrap();
    let mut written = Vec::new();
    let refused = loop {
        let record = actor(&*store, &written.len().to_string()).await;
        match store.commit(write(&record, 0, [7; LARGE])).await {
            Ok(()) => written.push(record),
            Err(error) => break error,
        }
        assert!(written.len() < 100);
    };
    let StoreError::Unwritable(why) = &refused else { panic!("{refused:?}") };
    assert!(why.contains("full"), "{why}");
    assert!(health.is_ailing("sqlite"));
    for record in &written {
        assert_eq!(state(&*store, record).await, (1, vec![7; LARGE]));
    }
    // All of a batch that has no room are refused, whoever needed it.
    let batch = [write(&first, 1, "other"), write(&written[0], 1, vec![8; 100 * LARGE])];
    let refused = join_all(batch.map(|commit| store.commit(commit))).await;
    assert!(matches!(refused[1], Err(StoreError::Unwritable(_))), "{refused:?}");
    assert_eq!(state(&*store, &first).await.0, 1 + u64::from(refused[0].is_ok()));
    store.commit(Commit { destroys: true, ..write(&written[1], 1, "") }).await.unwrap();
    assert!(!health.is_ailing("sqlite"));
    store.commit(write(&written[2], 1, [9; LARGE])).await.unwrap();
    sqlite.close().await;
    let sqlite = folder.open();
    let store = sqlite.store();
    assert_eq!(state(&*store, &written[0]).await, (1, vec![7; LARGE]));
    assert_eq!(state(&*store, &written[2]).await, (2, vec![9; LARGE]));
    assert!(store.load(&written[1].id).await.unwrap().is_none());
}

/// Opens it, and expects to be refused without a change to the file.
fn refused(settings: &Settings) -> OpenError {
    let before = fs::read(settings.file()).unwrap();
    let error = open(settings).err().unwrap();
    assert!(before == fs::read(settings.file()).unwrap(), "{error}, and the file was changed");
    assert!(error.to_string().contains(&settings.file().display().to_string()), "{error}");
    error
}

/// A database with a hundred actors.
async fn filled(folder: &Folder) -> Settings {
    let sqlite = folder.open();
    let store = sqlite.store();
    for n in 0..100 {
        let record = actor(&*store, &n.to_string()).await;
        store.commit(write(&record, 0, [7; LARGE])).await.unwrap();
    }
    sqlite.close().await;
    folder.settings()
}

#[tokio::test]
async fn a_damaged_file_is_told_and_left_alone() {
    let folder = Folder::new();
    let settings = filled(&folder).await;
    let whole = fs::read(settings.file()).unwrap();
    let scribbled = [&[b'x'; 200], &whole[200..]].concat();
    for damaged in [
        b"no database, but long enough to be taken for one".repeat(100),
        scribbled,
        whole[..whole.len() / 2].to_vec(),
    ] {
        fs::write(settings.file(), damaged).unwrap();
        let error = refused(&settings);
        assert!(matches!(error, OpenError::Damaged { .. }), "{error}");
    }
    // Where only some of it is damaged the rest can be read.
    let sound = whole.len() - 40 * 4_096;
    fs::write(settings.file(), [&whole[..sound], &vec![0xff; 40 * 4_096]].concat()).unwrap();
    let sqlite = folder.open();
    let store = sqlite.store();
    let (mut read, mut damaged) = (0, 0);
    for n in 0..100 {
        match store.load(&playhouse_core::actor::ActorId::new(format!("id-{n}"))).await {
            Ok(Some(_)) => read += 1,
            Err(StoreError::Damaged(_)) => damaged += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(read > 50 && damaged > 0, "{read} could be read, {damaged} not");
}

fn with_file(settings: &Settings, work: impl FnOnce(&Connection)) {
    fs::create_dir_all(&settings.dir).unwrap();
    let conn = Connection::open(settings.file()).unwrap();
    work(&conn);
    conn.close().unwrap();
}

#[tokio::test]
async fn a_file_of_a_newer_version_is_refused() {
    let folder = Folder::new();
    let settings = filled(&folder).await;
    with_file(&settings, |conn| conn.pragma_update(None, "user_version", 99).unwrap());
    let error = refused(&settings);
    assert!(matches!(error, OpenError::Newer { found: 99, known: 1, .. }), "{error}");
}

#[test]
fn a_file_of_another_program_is_refused() {
    let folder = Folder::new();
    let settings = folder.settings();
    with_file(&settings, |conn| conn.execute_batch("CREATE TABLE theirs (a)").unwrap());
    let error = refused(&settings);
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
}

#[tokio::test]
async fn an_empty_file_becomes_a_database() {
    let folder = Folder::new();
    let settings = folder.settings();
    with_file(&settings, |_| ());
    assert_eq!(fs::metadata(settings.file()).unwrap().len(), 0);
    filled(&folder).await;
    with_file(&settings, |conn| {
        let version: i64 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, 1);
    });
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let folder = Folder::new();
    let file = folder.path().join("file");
    fs::write(&file, "text").unwrap();
    for dir in [file.as_path(), &file.join("below"), Path::new("/proc/playhouse")] {
        let error = open(&Settings::new(dir)).err().unwrap();
        assert!(matches!(error, OpenError::Dir { .. }), "{error}");
        assert!(error.to_string().contains(&dir.display().to_string()), "{error}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"text");
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_made_is_for_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    let _sqlite = folder.open();
    assert_eq!(fs::metadata(folder.settings().dir).unwrap().permissions().mode() & 0o777, 0o700);
}

#[cfg(unix)]
#[tokio::test]
async fn what_has_sessions_in_it_is_for_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    // A folder that was there may be open to others.
    let dir = folder.settings().dir;
    fs::create_dir(&dir).unwrap();
    let sqlite = folder.open();
    let store = sqlite.store();
    store.commit(write(&actor(&*store, "a").await, 0, "state")).await.unwrap();
    sqlite.backup(dir.join("copy.db")).await.unwrap();
    for file in ["playhouse.db", "playhouse.db-wal", "playhouse.db-shm", "copy.db"] {
        let mode = fs::metadata(dir.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

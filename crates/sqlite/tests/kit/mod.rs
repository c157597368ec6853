//! Folders of a test's own, and what is done in them again and again.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used)] // Each test file uses some of it; a test may stop at the first surprise.

use playhouse_core::actor::{ActorId, Address};
use playhouse_core::clock::Clock;
use playhouse_core::health::Health;
use playhouse_core::store::{Commit, Fence, New, Open, Opened, Record, StateRow, Store, StoreError};
use playhouse_sqlite::{OpenError, Parts, Settings, Sqlite};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// A folder that is gone with this.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("playhouse-sqlite-{}-{}", std::process::id(), NUMBER.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn settings(&self) -> Settings {
        Settings::new(self.0.join("data"))
    }

    pub fn open(&self) -> Sqlite {
        open(&self.settings()).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn open(settings: &Settings) -> Result<Sqlite, OpenError> {
    open_at(settings, &Clock::system())
}

pub fn open_at(settings: &Settings, clock: &Clock) -> Result<Sqlite, OpenError> {
    let health = Arc::new(Health::new(clock.clone()));
    Sqlite::open(settings, Parts { clock: clock.clone(), health })
}

/// The actor of a key, made if there is none.
pub async fn actor(store: &dyn Store, key: &str) -> Record {
    let new = New { id: ActorId::new(format!("id-{key}")), created_at: 1, input: None };
    match store.open(Open::FindOrCreate(Address::keyed("actor", key), new)).await.unwrap() {
        Opened::Created(record) | Opened::Found(record) => record,
        other @ (Opened::Missing | Opened::Taken(_)) => panic!("{other:?}"),
    }
}

pub fn write(record: &Record, version: u64, bytes: impl Into<Vec<u8>>) -> Commit {
    let state = Some(StateRow { form: 1, bytes: bytes.into().into() });
    Commit { state, ..Commit::of(record, Fence { epoch: 1, counter: 1 }, version) }
}

/// The version and the state of an actor.
pub async fn state(store: &dyn Store, record: &Record) -> (u64, Vec<u8>) {
    let loaded = store.load(&record.id).await.unwrap().unwrap();
    (loaded.version, loaded.state.unwrap_or_default().bytes.to_vec())
}

/// What a store answers once it was closed.
pub fn is_away(error: &StoreError) -> bool {
    matches!(error, StoreError::Engine(_))
}

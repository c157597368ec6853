//! The memory store, which a test can make slow, or make refuse.

use playhouse_core::Later;
use playhouse_core::actor::ActorId;
use playhouse_core::engine::memory;
use playhouse_core::store::{
    Commit, Due, Fence, Loaded, Open, Opened, Query, Record, StateRow, Store, StoreError,
};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

pub(crate) struct Moody {
    inner: memory::Store,
    open: watch::Sender<bool>,
    refusal: Mutex<Option<StoreError>>,
    commits: AtomicUsize,
    tries: AtomicUsize,
}

impl Default for Moody {
    fn default() -> Self {
        Self {
            inner: memory::Store::new(),
            open: watch::Sender::new(true),
            refusal: Mutex::default(),
            commits: AtomicUsize::new(0),
            tries: AtomicUsize::new(0),
        }
    }
}

impl Moody {
    /// Commits wait from now on.
    pub(crate) fn hold(&self) {
        self.open.send_replace(false);
    }

    /// They go on.
    pub(crate) fn go_on(&self) {
        self.open.send_replace(true);
    }

    /// Commits are refused, or not any more.
    pub(crate) fn refuse(&self, refusal: Option<StoreError>) {
        *self.refusal.lock().unwrap() = refusal;
    }

    /// How many were asked for, refused ones included.
    pub(crate) fn tries(&self) -> usize {
        self.tries.load(Ordering::Relaxed)
    }

    /// Makes an actor's state unreadable.
    pub(crate) async fn spoil(&self, id: &ActorId) {
        let loaded = self.inner.load(id).await.unwrap().unwrap();
        let commit = Commit {
            id: id.clone(),
            row: loaded.record.row,
            fence: Fence { epoch: 1, counter: 1 },
            version: loaded.version,
            state: Some(StateRow { form: 1, bytes: "?".into() }),
            alarms: Vec::new(),
            alarms_ended: Vec::new(),
            seats: Vec::new(),
            seats_ended: Vec::new(),
            destroys: false,
        };
        self.inner.commit(commit).await.unwrap();
    }

    /// How many there were.
    pub(crate) fn commits(&self) -> usize {
        self.commits.load(Ordering::Relaxed)
    }
}

impl Store for Moody {
    fn open(&self, open: Open) -> Later<'_, Result<Opened, StoreError>> {
        self.inner.open(open)
    }

    fn load(&self, id: &ActorId) -> Later<'_, Result<Option<Loaded>, StoreError>> {
        self.inner.load(id)
    }

    fn commit(&self, commit: Commit) -> Later<'_, Result<(), StoreError>> {
        Box::pin(async move {
            self.tries.fetch_add(1, Ordering::Relaxed);
            let mut open = self.open.subscribe();
            open.wait_for(|open| *open).await.unwrap();
            let refusal = self.refusal.lock().unwrap().clone();
            if let Some(refusal) = refusal {
                return Err(refusal);
            }
            self.commits.fetch_add(1, Ordering::Relaxed);
            self.inner.commit(commit).await
        })
    }

    fn list(&self, query: Query) -> Later<'_, Result<Vec<Record>, StoreError>> {
        self.inner.list(query)
    }

    fn due(&self, until: u64, n: usize) -> Later<'_, Result<Vec<Due>, StoreError>> {
        self.inner.due(until, n)
    }

    fn epoch(&self) -> Later<'_, Result<u64, StoreError>> {
        self.inner.epoch()
    }
}

//! The memory store, which a test can make slow, or make refuse.

use playhouse_core::Later;
use playhouse_core::actor::{ActorId, Address};
use playhouse_core::engine::memory;
use playhouse_core::store::{
    AlarmRow, Commit, Due, Fence, Loaded, New, Open, Opened, Query, Record, StateRow, Store, StoreError,
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
    loads: AtomicUsize,
    dues: AtomicUsize,
}

impl Default for Moody {
    fn default() -> Self {
        Self {
            inner: memory::Store::new(),
            open: watch::Sender::new(true),
            refusal: Mutex::default(),
            commits: AtomicUsize::new(0),
            tries: AtomicUsize::new(0),
            loads: AtomicUsize::new(0),
            dues: AtomicUsize::new(0),
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

    /// Writes rows of an actor as an earlier process left them.
    pub(crate) async fn left(&self, name: &str, key: &str, state: Option<StateRow>, alarms: Vec<AlarmRow>) {
        let address = Address::keyed(name, key);
        let new = New { id: ActorId::new(format!("{name} {key}")), created_at: 1, input: None };
        let record = match self.inner.open(Open::FindOrCreate(address, new)).await.unwrap() {
            Opened::Created(record) | Opened::Found(record) => record,
            other => panic!("{other:?}"),
        };
        let version = self.inner.load(&record.id).await.unwrap().unwrap().version;
        let commit = Commit { state, alarms, ..Commit::of(&record, Fence::default(), version) };
        self.inner.commit(commit).await.unwrap();
    }

    /// How often an actor was read.
    pub(crate) fn loads(&self) -> usize {
        self.loads.load(Ordering::Relaxed)
    }

    /// How often it was asked for alarms.
    pub(crate) fn dues(&self) -> usize {
        self.dues.load(Ordering::Relaxed)
    }
}

impl Store for Moody {
    fn open(&self, open: Open) -> Later<'_, Result<Opened, StoreError>> {
        self.inner.open(open)
    }

    fn load(&self, id: &ActorId) -> Later<'_, Result<Option<Loaded>, StoreError>> {
        self.loads.fetch_add(1, Ordering::Relaxed);
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

    fn due(&self, after: (u64, u64), until: u64, n: usize) -> Later<'_, Result<Vec<Due>, StoreError>> {
        self.dues.fetch_add(1, Ordering::Relaxed);
        self.inner.due(after, until, n)
    }

    fn epoch(&self) -> Later<'_, Result<u64, StoreError>> {
        self.inner.epoch()
    }
}

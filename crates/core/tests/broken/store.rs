//! Stores that break one promise each.

use super::failing;
use playhouse_core::Later;
use playhouse_core::actor::{ActorId, Address, At, Tags};
use playhouse_core::contract::{Stores, store};
use playhouse_core::engine::memory;
use playhouse_core::store::{
    Commit, Due, Fence, Loaded, Open, Opened, Query, Record, StateRow, Store, StoreError,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    /// Makes an actor for everybody who opens a key before it has heard of the first.
    Twins,
    /// Takes names as they are read.
    AnyCase,
    /// Finds who has a key that is to be created.
    FindsTaken,
    /// Finds the last by tags.
    Newest,
    /// Finds by any of the tags.
    AnyTag,
    /// Cuts states off at the first NUL.
    CutsStates,
    /// Forgets seats.
    NoSeats,
    /// Hands out what an actor was made with for ever.
    InputForEver,
    /// Writes the alarms of a commit that it refuses.
    Half,
    /// Takes commits of whoever comes.
    AnyOwner,
    /// Compares what counts within an epoch first.
    CounterFirst,
    /// Takes commits on whatever version.
    AnyVersion,
    /// Keeps the alarms of those who are destroyed.
    GhostAlarms,
    /// Finds those who were destroyed by their id.
    GhostIds,
    /// Sorts alarms of one moment by number.
    ByNumber,
    /// Goes on with alarms behind the moment, not behind the alarm.
    AfterTime,
    /// Goes on with all alarms of that moment.
    FromTime,
    /// Runs what was given up.
    NoGivingUp,
    /// Lists the last of a page once more.
    Overlaps,
    /// Counts pages by what there is now.
    Slides,
    /// Gives one epoch to all.
    OneEpoch,
}

struct Broken {
    fault: Fault,
    sound: memory::Store,
    epoch: AtomicU64,
    ghosts: std::sync::Mutex<Vec<(Record, Vec<Due>)>>,
}

type Answer<'a, T> = Later<'a, Result<T, StoreError>>;

impl Broken {
    async fn opened(&self, open: Open) -> Result<Opened, StoreError> {
        match (self.fault, open) {
            (Fault::Twins, Open::FindOrCreate(address, new)) => {
                let found = self.sound.open(Open::Find(address.clone())).await?;
                tokio::task::yield_now().await;
                let Opened::Missing = found else { return Ok(found) };
                match self.sound.open(Open::Create(address, new.clone())).await? {
                    Opened::Taken(record) => Ok(Opened::Created(Record { id: new.id, ..record })),
                    made => Ok(made),
                }
            }
            (Fault::AnyCase, Open::FindOrCreate(mut address, new)) => {
                address.name = address.name.to_lowercase().into();
                self.sound.open(Open::FindOrCreate(address, new)).await
            }
            (Fault::FindsTaken, open @ Open::Create(..)) => match self.sound.open(open).await? {
                Opened::Taken(record) => Ok(Opened::Found(record)),
                made => Ok(made),
            },
            (Fault::Newest | Fault::AnyTag, Open::Find(Address { name, at: At::Tags(tags) })) => {
                self.search(name, tags).await
            }
            (Fault::GhostIds, Open::Id(id)) => match self.sound.open(Open::Id(id.clone())).await? {
                Opened::Missing => Ok(self.ghost(&id).map_or(Opened::Missing, Opened::Found)),
                opened => Ok(opened),
            },
            (_, open) => self.sound.open(open).await,
        }
    }

    async fn search(&self, name: Arc<str>, tags: Tags) -> Result<Opened, StoreError> {
        let all = Query { name: Some(name), tags: Some(Tags::new()), after: 0, limit: usize::MAX };
        let mut fitting = self.sound.list(all).await?;
        fitting.retain(|record| {
            let At::Tags(has) = &record.address.at else { return false };
            let mut fits = tags.iter().map(|(tag, value)| has.get(tag) == Some(value));
            if self.fault == Fault::AnyTag {
                tags.is_empty() || fits.any(|fits| fits)
            } else {
                fits.all(|fits| fits)
            }
        });
        let found = if self.fault == Fault::Newest { fitting.pop() } else { fitting.into_iter().next() };
        Ok(found.map_or(Opened::Missing, Opened::Found))
    }

    fn ghost(&self, id: &ActorId) -> Option<Record> {
        let ghosts = self.ghosts.lock().unwrap();
        ghosts.iter().find(|(record, _)| record.id == *id).map(|(record, _)| record.clone())
    }

    async fn committed(&self, mut commit: Commit) -> Result<(), StoreError> {
        let there = self.sound.load(&commit.id).await?;
        match (self.fault, &there) {
            (Fault::AnyOwner, _) => commit.fence = Fence::default(),
            (Fault::CounterFirst, _) => {
                commit.fence = Fence { epoch: commit.fence.counter, counter: commit.fence.epoch };
            }
            (Fault::AnyVersion, Some(there)) => commit.version = there.version,
            (Fault::GhostAlarms | Fault::GhostIds, Some(there)) if commit.destroys => {
                let all = self.sound.due((0, 0), u64::MAX, usize::MAX).await?;
                let due = all.into_iter().filter(|due| due.actor == commit.id).collect();
                self.ghosts.lock().unwrap().push((there.record.clone(), due));
            }
            (Fault::NoSeats, _) => commit.seats.clear(),
            (Fault::NoGivingUp, _) => commit.alarms.iter_mut().for_each(|alarm| alarm.given_up = false),
            _ => {}
        }
        let done = self.sound.commit(commit.clone()).await;
        if let (Fault::Half, Err(StoreError::Outdated), Some(there)) = (self.fault, &done, there) {
            let fence = Fence { epoch: commit.fence.epoch, counter: 1 };
            let half = Commit::of(&there.record, fence, there.version);
            self.sound.commit(Commit { alarms: commit.alarms, ..half }).await?;
        }
        done
    }
}

impl Store for Broken {
    fn open(&self, open: Open) -> Answer<'_, Opened> {
        Box::pin(self.opened(open))
    }

    fn load(&self, id: &ActorId) -> Answer<'_, Option<Loaded>> {
        let id = id.clone();
        Box::pin(async move {
            let mut loaded = self.sound.load(&id).await?;
            match (self.fault, &mut loaded) {
                (Fault::CutsStates, Some(Loaded { state: Some(StateRow { bytes, .. }), .. })) => {
                    bytes.truncate(bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len()));
                }
                (Fault::InputForEver, Some(loaded)) => loaded.input = Some("input".into()),
                _ => {}
            }
            Ok(loaded)
        })
    }

    fn commit(&self, commit: Commit) -> Answer<'_, ()> {
        Box::pin(self.committed(commit))
    }

    fn list(&self, mut query: Query) -> Answer<'_, Vec<Record>> {
        Box::pin(async move {
            if self.fault == Fault::Overlaps {
                query.after = query.after.saturating_sub(1);
            }
            if self.fault == Fault::Slides && query.after > 0 {
                let all = Query { after: 0, limit: usize::MAX, ..query.clone() };
                let behind = usize::try_from(query.after).unwrap();
                return Ok(self.sound.list(all).await?.into_iter().skip(behind).take(query.limit).collect());
            }
            self.sound.list(query).await
        })
    }

    fn due(&self, mut after: (u64, u64), until: u64, n: usize) -> Answer<'_, Vec<Due>> {
        Box::pin(async move {
            match self.fault {
                Fault::AfterTime => after.1 = u64::MAX,
                Fault::FromTime => after.1 = 0,
                _ => {}
            }
            let mut due = self.sound.due(after, until, n).await?;
            match self.fault {
                Fault::ByNumber => due.sort_by_key(|due| (due.due, due.number)),
                Fault::GhostAlarms => {
                    let ghosts = self.ghosts.lock().unwrap();
                    due.extend(
                        ghosts.iter().flat_map(|(_, due)| due).filter(|due| due.due <= until).cloned(),
                    );
                }
                _ => {}
            }
            Ok(due)
        })
    }

    fn epoch(&self) -> Answer<'_, u64> {
        Box::pin(async {
            match self.fault {
                Fault::OneEpoch => Ok(self.epoch.fetch_max(1, Ordering::SeqCst).max(1)),
                _ => self.sound.epoch().await,
            }
        })
    }
}

fn broken(fault: Fault) -> Arc<Broken> {
    Arc::new(Broken {
        fault,
        sound: memory::Store::new(),
        epoch: AtomicU64::new(0),
        ghosts: Default::default(),
    })
}

#[test]
fn a_broken_promise_is_found() {
    let table: [(Fault, &[&str]); 22] = [
        (Fault::None, &[]),
        (Fault::Twins, &["one_actor_per_key"]),
        (Fault::AnyCase, &["one_actor_per_key"]),
        (Fault::FindsTaken, &["a_taken_key_is_told"]),
        (Fault::Newest, &["tags_find_the_oldest"]),
        (Fault::AnyTag, &["tags_find_the_oldest"]),
        (Fault::CutsStates, &["what_is_committed_is_loaded"]),
        (Fault::NoSeats, &["what_is_committed_is_loaded", "a_commit_is_whole"]),
        (Fault::InputForEver, &["a_taken_key_is_told", "what_is_committed_is_loaded", "destroyed_is_gone"]),
        (Fault::Half, &["a_commit_is_whole", "an_old_owner_is_refused"]),
        (Fault::AnyOwner, &["a_commit_is_whole", "an_old_owner_is_refused"]),
        (Fault::CounterFirst, &["an_old_owner_is_refused"]),
        (Fault::AnyVersion, &["a_commit_is_whole", "an_old_owner_is_refused"]),
        (Fault::GhostAlarms, &["a_commit_is_whole", "destroyed_is_gone", "due_in_order"]),
        (Fault::GhostIds, &["destroyed_is_gone"]),
        (Fault::ByNumber, &["due_in_order"]),
        (Fault::AfterTime, &["due_in_order"]),
        (Fault::FromTime, &["due_in_order"]),
        (Fault::NoGivingUp, &["what_is_committed_is_loaded", "due_in_order"]),
        (Fault::Overlaps, &["lists_go_on"]),
        (Fault::Slides, &["lists_go_on"]),
        (Fault::OneEpoch, &["epochs_rise"]),
    ];
    let found = table.map(|(fault, _)| (fault, failing(store::ALL, || Stores::one(broken(fault)))));
    assert_eq!(found, table.map(|(fault, expected)| (fault, expected.to_vec())));
}

#[test]
fn one_that_forgets_when_it_is_closed_is_found() {
    let nodes = || {
        let open = || Box::pin(async { broken(Fault::None) as Arc<dyn Store> }) as Later<'static, _>;
        Stores::one(broken(Fault::None)).with_reopen(open)
    };
    assert_eq!(failing(store::ALL, nodes), ["what_is_committed_is_loaded", "epochs_rise"]);
}

#[test]
fn nodes_that_do_not_see_each_other_are_found() {
    let nodes = || Stores::many(vec![broken(Fault::None), broken(Fault::None)]);
    assert_eq!(failing(store::ALL, nodes).len(), store::ALL.len());
}

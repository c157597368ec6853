//! The contract `Store`: what actors keep, so that it outlives the process.
//!
//! Rows of bytes: what a state means is the actor's affair. All times are milliseconds since 1970. Neither times nor
//! numbers are above `i64::MAX`: engines that count with a sign keep that in the place of more.

use crate::Later;
use crate::actor::{ActorId, Address, Tags};
use crate::trouble::Trouble;
use bytes::Bytes;
use std::sync::Arc;

/// Who owns an actor, so that an earlier owner that still runs can't overwrite what a later one wrote. Compared as a
/// pair: every opening of the store gets an epoch of its own, the counter tells the activations within it apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence {
    /// From [`Store::epoch`], at least 1.
    pub epoch: u64,
    /// Counts the activations of that epoch.
    pub counter: u64,
}

/// What is known of an actor without reading its state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its id; no other actor ever has it.
    pub id: ActorId,
    /// Its name and key, or name and tags.
    pub address: Address,
    /// When it was made.
    pub created_at: u64,
    /// The engine's own number of it, in order of creation, from 1, never given to another; what [`Query::after`] takes
    /// and a commit hands back.
    pub row: u64,
}

/// What [`Store::open`] is asked for.
#[derive(Clone, Debug)]
pub enum Open {
    /// The actor with this id.
    Id(ActorId),
    /// The actor with this address. By tags: the oldest whose tags include all of these.
    Find(Address),
    /// The same, made if there is none.
    FindOrCreate(Address, New),
    /// A new one. By key: only if there is none; by tags: always.
    Create(Address, New),
}

/// An actor that may be made.
#[derive(Clone, Debug)]
pub struct New {
    /// The id it will have.
    pub id: ActorId,
    /// The time now.
    pub created_at: u64,
    /// What its create hook gets; kept until its first commit.
    pub input: Option<Bytes>,
}

/// What came of [`Store::open`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opened {
    /// It was there.
    Found(Record),
    /// It was made now.
    Created(Record),
    /// There is none, and none was asked to be made.
    Missing,
    /// [`Open::Create`] by a key that another actor has.
    Taken(Record),
}

/// An actor's state as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StateRow {
    /// The version of its form, which the application counts.
    pub form: u32,
    /// The state.
    pub bytes: Bytes,
}

/// A call that an actor wants made later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmRow {
    /// Counted by the actor: its name for the alarm.
    pub number: u64,
    /// When.
    pub due: u64,
    /// Which action.
    pub action: Arc<str>,
    /// With which arguments.
    pub args: Bytes,
    /// How often it has failed.
    pub failures: u32,
    /// Why it failed the last time. Not due any more where [`AlarmRow::given_up`].
    pub error: Option<Arc<str>>,
    /// Kept to be seen, never run again.
    pub given_up: bool,
}

/// A connection of an actor that has to hear of its end, even if the process does not live to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatRow {
    /// The connection's id.
    pub id: Arc<str>,
    /// The epoch in which it was made: connections of earlier ones have ended.
    pub epoch: u64,
    /// Its parameters and state.
    pub bytes: Bytes,
}

/// An actor with all that it keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// What it is.
    pub record: Record,
    /// How many commits it has had.
    pub version: u64,
    /// Its state; `None` before its first commit.
    pub state: Option<StateRow>,
    /// What it was made with, until its first commit.
    pub input: Option<Bytes>,
    /// Its alarms, by number.
    pub alarms: Vec<AlarmRow>,
    /// Its connections, in the order of their making.
    pub seats: Vec<SeatRow>,
}

/// What becomes durable together.
#[derive(Clone, Debug)]
pub struct Commit {
    /// Whose.
    pub id: ActorId,
    /// [`Record::row`], of the same actor: engines look for the one or the other, not for both.
    pub row: u64,
    /// By whom. Refused if older than that of the last commit.
    pub fence: Fence,
    /// The version that was read or written last. Refused if the row has another; it is one more afterwards.
    pub version: u64,
    /// The new state, if it changed.
    pub state: Option<StateRow>,
    /// Alarms made or changed. A changed one keeps its place among those of one moment.
    pub alarms: Vec<AlarmRow>,
    /// Numbers of alarms that ended, those made by the same commit among them; unknown ones are passed over.
    pub alarms_ended: Vec<u64>,
    /// Connections made or changed. A changed one keeps its place.
    pub seats: Vec<SeatRow>,
    /// Ids of connections that ended, those made by the same commit among them; unknown ones are passed over.
    pub seats_ended: Vec<Arc<str>>,
    /// Whether this was its last: all that it kept is removed, and its address is free. What else is in the commit does
    /// not matter then.
    pub destroys: bool,
}

impl Commit {
    /// One that writes nothing yet, of the actor `record` by `fence`, on top of what it wrote as `version`.
    #[must_use]
    pub fn of(record: &Record, fence: Fence, version: u64) -> Self {
        Self {
            id: record.id.clone(),
            row: record.row,
            fence,
            version,
            state: None,
            alarms: Vec::new(),
            alarms_ended: Vec::new(),
            seats: Vec::new(),
            seats_ended: Vec::new(),
            destroys: false,
        }
    }
}

/// Which actors [`Store::list`] shows.
#[derive(Clone, Debug)]
pub struct Query {
    /// Of this name.
    pub name: Option<Arc<str>>,
    /// With all of these tags; those with a key have none.
    pub tags: Option<Tags>,
    /// Behind this [`Record::row`]; 0 for the first.
    pub after: u64,
    /// So many at most.
    pub limit: usize,
}

/// An alarm on the way to its time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// When.
    pub due: u64,
    /// Among those of one moment, in the order of their making: the engine's own number, from 1.
    pub sequence: u64,
    /// Whose.
    pub actor: ActorId,
    /// [`AlarmRow::number`].
    pub number: u64,
}

impl Due {
    /// Its place among all alarms, which no other has.
    #[must_use]
    pub fn place(&self) -> (u64, u64) {
        (self.due, self.sequence)
    }
}

/// Actors on disk.
///
/// Guarantees, each with a test of that name in `core::contract::store`; what is said of closing and opening holds for an
/// engine that outlives its process:
/// - `one_actor_per_key`: of any number who open a key at once one makes the actor, and all get the same.
/// - `a_taken_key_is_told`: `Create` makes nothing where the key is taken, and says who has it.
/// - `tags_find_the_oldest`: by tags the oldest actor is found whose tags include all that were asked for; keys and tags
///   never meet.
/// - `what_is_committed_is_loaded`: once `commit` resolves, `load` returns all of it, to the byte, also after the store was
///   closed and opened.
/// - `a_commit_is_whole`: one that is refused has changed nothing.
/// - `an_old_owner_is_refused`: a commit with an older fence or with another version than the row's is `Outdated`, as is
///   one for an actor that is not there.
/// - `destroyed_is_gone`: nothing is found, loaded, listed or due of an actor that was destroyed, and nothing of it comes
///   back with a new actor of the same address.
/// - `due_in_order`: alarms come by time and then in the order of their making, without those that ended or were given up;
///   page by page each comes once, also if others come and go meanwhile.
/// - `lists_go_on`: page by page every actor is listed once, in order of creation, also if others come and go meanwhile.
/// - `epochs_rise`: every call gives a higher one, also after the store was closed and opened.
pub trait Store: Send + Sync + 'static {
    /// Finds or makes an actor.
    fn open(&self, open: Open) -> Later<'_, Result<Opened, StoreError>>;

    /// Reads an actor; `None` if there is none of this id.
    fn load(&self, id: &ActorId) -> Later<'_, Result<Option<Loaded>, StoreError>>;

    /// Writes what came of turns, as a whole. Resolves when it is as durable as the engine was asked to make it. Who stops
    /// waiting does not know whether it was done; the version tells.
    fn commit(&self, commit: Commit) -> Later<'_, Result<(), StoreError>>;

    /// The actors that fit, by [`Record::row`].
    fn list(&self, query: Query) -> Later<'_, Result<Vec<Record>, StoreError>>;

    /// The next alarms, at most `n`, of those due at `until` or before and behind the [`Due::place`] `after`; (0, 0) for the
    /// first.
    fn due(&self, after: (u64, u64), until: u64, n: usize) -> Later<'_, Result<Vec<Due>, StoreError>>;

    /// A new epoch, for who begins to own actors.
    fn epoch(&self) -> Later<'_, Result<u64, StoreError>>;
}

/// Why the store did not do it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// Nothing was done: a later owner has written, or there is no such actor any more.
    #[error("the actor has another owner, or is gone")]
    Outdated,
    /// Nothing was done: the disk is full, the file can't be written.
    #[error("the store can't be written: {0}")]
    Unwritable(String),
    /// What stands there can't be understood.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The engine.
    #[error("{0}")]
    Engine(#[from] Trouble),
}

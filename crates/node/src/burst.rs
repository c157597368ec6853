//! Messages of one topic that come in quick succession, as one run of bytes.
//!
//! A speaker with many messages in flight would cost every member a copy of each. Instead the hub writes each
//! message once behind those before it, and an outbox where these still wait takes the longer run in their place:
//! one shared entry, written from memory that is in the cache since the member before. Knows nothing of queues.

use bytes::Bytes;
use playhouse_core::envelope::Topic;
use playhouse_core::wire::WireForm;
use smallvec::SmallVec;
use std::sync::Mutex;

/// What a burst holds at most: each message copies it once, for all members.
const BYTES_MAX: usize = 16 * 1024;

/// In a smaller room the run's copy costs more than the members' copies do.
const MEMBERS_MIN: usize = 16;

/// A message in one wire form, with those before it.
#[derive(Clone, Debug)]
pub struct Burst {
    /// All frames; the newest is the last.
    all: Bytes,
    /// The run before the newest came, which outboxes may hold. Kept alive here, so that a place in memory
    /// within it can be nothing else.
    before: Bytes,
}

impl Burst {
    /// A message with none before it.
    #[must_use]
    pub fn new(frames: Bytes) -> Self {
        Self { all: frames, before: Bytes::new() }
    }

    /// The message alone.
    #[must_use]
    pub fn newest(&self) -> Bytes {
        self.all.slice(self.before.len()..)
    }

    /// How long the message alone is.
    #[must_use]
    pub fn newest_len(&self) -> usize {
        self.all.len() - self.before.len()
    }

    /// `waiting` and the newest behind it, if `waiting` is the last part, or all, of what came before.
    #[must_use]
    pub fn behind(&self, waiting: &Bytes) -> Option<Bytes> {
        let start = waiting.as_ptr().addr().checked_sub(self.before.as_ptr().addr())?;
        let follows = start < self.before.len() && start + waiting.len() == self.before.len();
        follows.then(|| self.all.slice(start..))
    }
}

type Runs = SmallVec<[(WireForm, Bytes); 2]>;

/// The latest burst of a few topics. There is one of these for each part of the hub and not one for each room, so
/// that rooms which are silent hold nothing.
#[derive(Default)]
pub(crate) struct Latest(Mutex<Option<(Topic, Runs)>>);

impl Latest {
    /// Takes what was said last in this topic, if it is known and some outbox holds it still.
    pub(crate) fn take(&self, topic: &Topic, members: usize) -> Runs {
        if members < MEMBERS_MIN {
            return Runs::new();
        }
        let latest = self.0.lock().expect("nothing panics while it holds this").take();
        let mut runs = latest.filter(|(last, _)| last == topic).map(|(_, runs)| runs).unwrap_or_default();
        runs.retain(|(_, run)| !run.is_unique());
        runs
    }

    /// Keeps what was said now.
    pub(crate) fn put(&self, topic: &Topic, members: usize, bursts: &[(WireForm, Burst)]) {
        if members < MEMBERS_MIN {
            return;
        }
        let runs = bursts.iter().map(|(form, burst)| (*form, burst.all.clone())).collect();
        *self.0.lock().expect("nothing panics while it holds this") = Some((topic.clone(), runs));
    }
}

/// The message that `write` appends, behind what `runs` has in this form.
pub(crate) fn follow(runs: &Runs, form: WireForm, write: impl FnOnce(&mut Vec<u8>)) -> Burst {
    let before =
        runs.iter().find(|(other, _)| *other == form).map(|(_, run)| run.clone()).unwrap_or_default();
    let mut all = Vec::with_capacity(before.len() + 512);
    all.extend_from_slice(&before);
    write(&mut all);
    if all.len() > BYTES_MAX {
        all.drain(..before.len());
        return Burst::new(all.into());
    }
    Burst { all: all.into(), before }
}

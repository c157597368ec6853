//! Messages of one topic that come in quick succession, as one run of bytes.
//!
//! A speaker with many messages in flight would cost every member a copy of each. Instead the hub writes each
//! message once behind those before it, and an outbox where these still wait takes the longer run in their place:
//! one shared entry, written from memory that is in the cache since the member before. Knows nothing of queues.

use bytes::Bytes;
use playhouse_core::envelope::Topic;
use playhouse_core::wire::WireForm;
use smallvec::SmallVec;
use std::cell::OnceCell;
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
    /// The newest in memory of its own, once somebody wants it so.
    alone: OnceCell<Bytes>,
}

impl Burst {
    /// A message with none before it.
    #[must_use]
    pub fn new(frames: Bytes) -> Self {
        Self::behind_run(Bytes::new(), frames)
    }

    fn behind_run(before: Bytes, all: Bytes) -> Self {
        Self { all, before, alone: OnceCell::new() }
    }

    /// The same burst with another message behind it.
    #[cfg(test)]
    pub(crate) fn followed_by(&self, text: &[u8]) -> Self {
        Self::behind_run(self.all.clone(), [&self.all[..], text].concat().into())
    }

    /// The message alone.
    #[must_use]
    pub fn newest(&self) -> Bytes {
        self.all.slice(self.before.len()..)
    }

    /// The message in memory of its own, for who keeps it behind something else: there a slice would hold its whole
    /// run, many times the bytes that are counted. Copied once for all who want it.
    #[must_use]
    pub fn newest_alone(&self) -> Bytes {
        if self.before.is_empty() {
            return self.all.clone();
        }
        self.alone.get_or_init(|| Bytes::copy_from_slice(&self.all[self.before.len()..])).clone()
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

    /// Keeps what was said now, if another message may fit behind it.
    pub(crate) fn put(&self, topic: &Topic, members: usize, bursts: &[(WireForm, Burst)]) {
        if members < MEMBERS_MIN {
            return;
        }
        let open = bursts.iter().filter(|(_, burst)| burst.all.len() < BYTES_MAX);
        let runs = open.map(|(form, burst)| (*form, burst.all.clone())).collect();
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
        // Not in the memory of the run that ends here.
        return Burst::new(Bytes::copy_from_slice(&all[before.len()..]));
    }
    Burst::behind_run(before, all.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_core::wire::{Dialect, Framing, Parser};

    const FORM: WireForm =
        WireForm { dialect: Dialect::ActionHero, parser: Parser::Json, framing: Framing::Websocket };

    fn first() -> Burst {
        Burst::new(b"one".to_vec().into())
    }

    #[test]
    fn what_waits_is_followed_from_where_it_begins() {
        let first = first();
        let second = first.followed_by(b"two");
        let third = second.followed_by(b"three");
        assert_eq!((third.newest(), third.newest_len()), (Bytes::from("three"), 5));
        assert_eq!(second.behind(&first.newest()), Some(Bytes::from("onetwo")));
        assert_eq!(third.behind(&second.all), Some(Bytes::from("onetwothree")));
        // For one who had taken the first before the second came.
        assert_eq!(third.behind(&second.newest()), Some(Bytes::from("twothree")));
    }

    #[test]
    fn what_is_no_end_of_the_burst_is_not_followed() {
        let first = first();
        let second = first.followed_by(b"two");
        let third = second.followed_by(b"three");
        assert_eq!(first.behind(&Bytes::from("zero")), None);
        assert_eq!(third.behind(&second.all.slice(..3)), None, "its end was not heard");
        assert_eq!(third.behind(&first.all), None, "missed the second");
        assert_eq!(third.behind(&Bytes::from("onetwo")), None, "equal, but another's");
        assert_eq!(third.behind(&third.all), None);
    }

    #[test]
    fn a_burst_has_an_end() {
        let say = |runs: &Runs, text: &[u8]| follow(runs, FORM, |out| out.extend_from_slice(text));
        let first = say(&Runs::new(), &[b'x'; BYTES_MAX - 1]);
        let second = say(&[(FORM, first.all.clone())].into_iter().collect(), b"y");
        assert_eq!(second.behind(&first.all).map(|run| run.len()), Some(BYTES_MAX));
        let third = say(&[(FORM, second.all.clone())].into_iter().collect(), b"z");
        assert_eq!((third.behind(&second.all), third.newest()), (None, Bytes::from("z")));
    }

    #[test]
    fn the_newest_alone_holds_nothing_else() {
        let first = first();
        let second = first.followed_by(b"two");
        assert_eq!(first.newest_alone().as_ptr(), first.newest().as_ptr());
        let alone = second.newest_alone();
        assert_eq!((&alone[..], alone.as_ptr()), (&b"two"[..], second.newest_alone().as_ptr()));
        assert!(second.all.is_unique());
    }

    #[test]
    fn what_is_full_is_not_kept() {
        let (latest, topic) = (Latest::default(), Topic::room("a"));
        let full = Burst::new(vec![b'x'; BYTES_MAX].into());
        latest.put(&topic, MEMBERS_MIN, &[(FORM, full.clone())]);
        assert_eq!(latest.take(&topic, MEMBERS_MIN).len(), 0);
    }

    #[test]
    fn what_nobody_holds_any_more_is_forgotten() {
        let (latest, topic) = (Latest::default(), Topic::room("a"));
        let waiting = first();
        let kept = waiting.clone();
        latest.put(&topic, MEMBERS_MIN, &[(FORM, waiting)]);
        assert_eq!(latest.take(&topic, MEMBERS_MIN).len(), 1);
        latest.put(&topic, MEMBERS_MIN, &[(FORM, kept)]);
        assert_eq!(latest.take(&topic, MEMBERS_MIN).len(), 0);
        latest.put(&topic, MEMBERS_MIN, &[(FORM, first())]);
        assert_eq!(latest.take(&Topic::room("b"), MEMBERS_MIN).len(), 0);
    }
}

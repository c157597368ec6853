//! The table of rooms that this node knows, and what it keeps for each.

use super::attachment::Attachment;
use crate::speaker::Speaker;
use playhouse_core::envelope::Topic;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, RwLock};

/// In place of a version: the engine is still making it, for all this node knows.
const UNBORN: u64 = 0;

/// In place of a version: it is in the engine's list, since which version this node has not heard yet.
const SOMETIME: u64 = u64::MAX;

/// What a node keeps for a room.
pub(crate) struct Known {
    pub(crate) name: Arc<str>,
    pub(crate) speaker: Speaker,
    pub(super) attachment: Attachment,
    /// Somebody is removing it: it is still there, but nobody joins it any more.
    removing: AtomicBool,
    /// The version of the list at which it was made, or [`UNBORN`], or [`SOMETIME`].
    born: AtomicU64,
}

impl Known {
    fn new(name: Arc<str>, born: u64) -> Self {
        Self {
            speaker: Speaker::new(Topic::room(&name)),
            name,
            attachment: Attachment::default(),
            removing: AtomicBool::new(false),
            born: AtomicU64::new(born),
        }
    }

    pub(crate) fn topic(&self) -> &Topic {
        self.speaker.topic()
    }

    /// `true` for the one caller who removes it.
    pub(super) fn begin_removal(&self) -> bool {
        !self.removing.swap(true, Ordering::Relaxed)
    }

    /// It stays after all.
    pub(super) fn stay(&self) {
        self.removing.store(false, Ordering::Relaxed);
    }

    /// The engine has made it.
    pub(super) fn is_born(&self, version: u64) {
        self.born.store(version, Ordering::Relaxed);
    }

    /// The engine says that it was there before.
    pub(super) fn is_there(&self) {
        self.born.store(SOMETIME, Ordering::Relaxed);
    }

    /// Whether the engine is still making it, for all this node knows.
    pub(super) fn is_unborn(&self) -> bool {
        self.born.load(Ordering::Relaxed) == UNBORN
    }

    /// Whether it was in the engine's list at that version.
    fn lived_at(&self, version: u64) -> bool {
        match self.born.load(Ordering::Relaxed) {
            UNBORN => false,
            SOMETIME => true,
            born => born <= version,
        }
    }

    /// Whether a room of its name that was made at `version` is another one.
    fn is_before(&self, version: u64) -> bool {
        self.born.load(Ordering::Relaxed) != SOMETIME && self.lived_at(version.saturating_sub(1))
    }
}

/// There are as many rooms as may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// The rooms by name.
#[derive(Default)]
pub(crate) struct Rooms(RwLock<HashMap<Arc<str>, Arc<Known>>>);

impl Rooms {
    /// A room that is there to stay.
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Known>> {
        let known = self.0.read().expect("nothing panics while it holds the rooms").get(name).cloned()?;
        (!known.removing.load(Ordering::Relaxed)).then_some(known)
    }

    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> =
            self.0.read().expect("nothing panics while it holds the rooms").keys().cloned().collect();
        names.sort();
        names
    }

    /// Adds a room, with at most `limit` in all; `None` if it is there. `then` is called while nobody else can change
    /// the table, so that the engine is told of changes in their order.
    pub(crate) fn add<T>(
        &self,
        name: &str,
        limit: usize,
        then: impl FnOnce() -> T,
    ) -> Result<Option<(Arc<Known>, T)>, Full> {
        let mut rooms = self.0.write().expect("nothing panics while it holds the rooms");
        if rooms.contains_key(name) {
            return Ok(None);
        }
        if rooms.len() >= limit {
            return Err(Full);
        }
        let name: Arc<str> = name.into();
        let known = Arc::new(Known::new(name.clone(), UNBORN));
        rooms.insert(name, known.clone());
        Ok(Some((known, then())))
    }

    /// Takes in a room that was made at this version, by whomever. Returns the one that had its name but was another,
    /// which is gone.
    pub(super) fn learn(&self, name: &str, born: u64) -> Option<Arc<Known>> {
        let mut rooms = self.0.write().expect("nothing panics while it holds the rooms");
        if let Some(known) = rooms.get(name)
            && !known.is_before(born)
        {
            known.is_born(born);
            return None;
        }
        let name: Arc<str> = name.into();
        rooms.insert(name.clone(), Arc::new(Known::new(name, born)))
    }

    /// The engine counts anew: all rooms stay, those of its list as what they are there. Returns the others.
    pub(super) fn date_anew(&self, made: &[(String, u64)]) -> Vec<Arc<Known>> {
        let mut rooms = self.0.write().expect("nothing panics while it holds the rooms");
        rooms.values().for_each(|known| known.is_born(UNBORN));
        for (name, born) in made {
            let name: Arc<str> = name.as_str().into();
            rooms.entry(name.clone()).or_insert_with(|| Arc::new(Known::new(name, *born))).is_born(*born);
        }
        rooms.values().filter(|known| known.is_unborn()).cloned().collect()
    }

    /// Removes a room that was destroyed at this version, unless it was made since.
    pub(super) fn forget(&self, name: &str, version: u64) -> Option<Arc<Known>> {
        let mut rooms = self.0.write().expect("nothing panics while it holds the rooms");
        if rooms.get(name)?.lived_at(version) { rooms.remove(name) } else { None }
    }

    /// Removes the rooms that lived at this version and of which `stays` does not hold; returns them.
    pub(super) fn keep_only(&self, version: u64, stays: impl Fn(&str) -> bool) -> Vec<Arc<Known>> {
        let mut rooms = self.0.write().expect("nothing panics while it holds the rooms");
        let goes = |known: &&Arc<Known>| known.lived_at(version) && !stays(&known.name);
        let gone: Vec<_> = rooms.values().filter(goes).cloned().collect();
        gone.iter().for_each(|known| drop(rooms.remove(&known.name)));
        gone
    }

    /// Whether this room is still in the table: not removed, nor another one of its name made since.
    pub(crate) fn has(&self, known: &Arc<Known>) -> bool {
        self.get(&known.name).is_some_and(|there| Arc::ptr_eq(&there, known))
    }

    /// Removes this very room; for the one caller who did, what `then` returns, called as in [`Rooms::add`].
    pub(crate) fn remove<T>(&self, known: &Arc<Known>, then: impl FnOnce() -> T) -> Option<T> {
        let mut rooms = self.0.write().expect("nothing panics while it holds the rooms");
        let is_there = rooms.get(&known.name).is_some_and(|there| Arc::ptr_eq(there, known));
        (is_there && rooms.remove(&known.name).is_some()).then(then)
    }

    /// Undoes a removal that did not come to its end, unless there is another room of that name by now. `true` if it was
    /// out of the table.
    pub(super) fn put_back(&self, known: &Arc<Known>) -> bool {
        known.stay();
        let mut rooms = self.0.write().expect("nothing panics while it holds the rooms");
        let was_out = !rooms.contains_key(&known.name);
        if was_out {
            rooms.insert(known.name.clone(), known.clone());
        }
        was_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(rooms: &Rooms, name: &str) -> Option<Arc<Known>> {
        rooms.add(name, 9, || ()).expect("not full").map(|(known, ())| known)
    }

    #[test]
    fn the_limit_counts_other_rooms_only() {
        let rooms = Rooms::default();
        assert!(rooms.add("a", 1, || ()).is_ok_and(|made| made.is_some()));
        assert!(rooms.add("a", 1, || ()).is_ok_and(|made| made.is_none()));
        assert_eq!(rooms.add("b", 1, || ()).err(), Some(Full));
    }

    #[test]
    fn a_room_made_anew_is_another_one() {
        let rooms = Rooms::default();
        let old = add(&rooms, "a").expect("new");
        assert!(
            rooms.has(&old) && rooms.remove(&old, || ()).is_some() && rooms.remove(&old, || ()).is_none()
        );
        let new = add(&rooms, "a").expect("new");
        assert!(!rooms.has(&old) && rooms.remove(&old, || ()).is_none() && rooms.has(&new));
        assert!(!rooms.put_back(&old));
        assert!(!rooms.has(&old) && rooms.has(&new));
    }

    #[test]
    fn a_room_that_is_being_removed_is_there_but_not_to_be_joined() {
        let rooms = Rooms::default();
        let known = add(&rooms, "a").expect("new");
        assert!(known.begin_removal() && !known.begin_removal());
        assert!(rooms.get("a").is_none() && add(&rooms, "a").is_none());
        known.stay();
        assert!(rooms.has(&known));
    }

    #[test]
    fn what_others_made_and_removed_is_learnt() {
        let rooms = Rooms::default();
        let own = add(&rooms, "a").expect("new");
        assert!(rooms.forget("a", 9).is_none(), "an older one; ours is still being made");
        assert!(rooms.learn("a", 1).is_none(), "our own, seen in the list before its maker was told");
        assert!(rooms.learn("a", 1).is_none() && rooms.has(&own));
        assert!(rooms.learn("b", 2).is_none());
        let former = rooms.learn("a", 3).expect("another room of that name");
        assert!(Arc::ptr_eq(&former, &own) && !rooms.has(&own));
        let unknown = rooms.date_anew(&[("a".to_owned(), 1), ("c".to_owned(), 3)]);
        assert_eq!(unknown.iter().map(|known| &*known.name).collect::<Vec<_>>(), ["b"]);
        assert!(rooms.learn("a", 1).is_none(), "in a new era it is the same");
        assert!(rooms.forget("b", 9).is_none() && rooms.learn("b", 4).is_none(), "as is any other");
        assert!(rooms.forget("b", 3).is_none() && rooms.forget("b", 4).is_some());
        assert_eq!((rooms.keep_only(0, |_| false).len(), rooms.keep_only(1, |_| false).len()), (0, 1));
    }
}

//! The table of rooms that this node knows, and what it keeps for each.

use super::attachment::Attachment;
use playhouse_core::envelope::Topic;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock};

/// What a node keeps for a room.
pub(crate) struct Known {
    pub(crate) name: Arc<str>,
    pub(crate) topic: Topic,
    pub(super) attachment: Attachment,
    /// Numbers this node's envelopes. Held while the broker takes one, so that numbers and places in the
    /// order agree.
    pub(super) last_offset: Mutex<u64>,
}

/// There are as many rooms as may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Full;

/// The rooms by name.
#[derive(Default)]
pub(crate) struct Rooms(RwLock<HashMap<Arc<str>, Arc<Known>>>);

impl Rooms {
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Known>> {
        self.0.read().expect("nothing panics while it holds the rooms").get(name).cloned()
    }

    pub(crate) fn names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> =
            self.0.read().expect("nothing panics while it holds the rooms").keys().cloned().collect();
        names.sort();
        names
    }

    /// Adds a room, with at most `limit` in all; `None` if it is there.
    pub(crate) fn add(&self, name: &str, limit: usize) -> Result<Option<Arc<Known>>, Full> {
        let mut rooms = self.0.write().expect("nothing panics while it holds the rooms");
        if rooms.contains_key(name) {
            return Ok(None);
        }
        if rooms.len() >= limit {
            return Err(Full);
        }
        let name: Arc<str> = name.into();
        let known = Known {
            topic: Topic::room(&name),
            name: name.clone(),
            attachment: Attachment::default(),
            last_offset: Mutex::new(0),
        };
        let known = Arc::new(known);
        rooms.insert(name, known.clone());
        Ok(Some(known))
    }

    /// Whether this room is still in the table: not removed, nor another one of its name made since.
    pub(crate) fn has(&self, known: &Arc<Known>) -> bool {
        self.get(&known.name).is_some_and(|there| Arc::ptr_eq(&there, known))
    }

    /// Removes this very room; `true` for the one caller who did.
    pub(crate) fn remove(&self, known: &Arc<Known>) -> bool {
        let mut rooms = self.0.write().expect("nothing panics while it holds the rooms");
        let is_there = rooms.get(&known.name).is_some_and(|there| Arc::ptr_eq(there, known));
        is_there && rooms.remove(&known.name).is_some()
    }

    /// Undoes a removal that did not come to its end, unless there is another room of that name by now.
    pub(super) fn put_back(&self, known: Arc<Known>) {
        let mut rooms = self.0.write().expect("nothing panics while it holds the rooms");
        rooms.entry(known.name.clone()).or_insert(known);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_counts_other_rooms_only() {
        let rooms = Rooms::default();
        assert!(rooms.add("a", 1).is_ok_and(|made| made.is_some()));
        assert!(rooms.add("a", 1).is_ok_and(|made| made.is_none()));
        assert_eq!(rooms.add("b", 1).err(), Some(Full));
    }

    #[test]
    fn a_room_made_anew_is_another_one() {
        let rooms = Rooms::default();
        let old = rooms.add("a", 9).expect("not full").expect("new");
        assert!(rooms.has(&old) && rooms.remove(&old) && !rooms.remove(&old));
        let new = rooms.add("a", 9).expect("not full").expect("new");
        assert!(!rooms.has(&old) && !rooms.remove(&old) && rooms.has(&new));
        rooms.put_back(old.clone());
        assert!(!rooms.has(&old) && rooms.has(&new));
    }
}

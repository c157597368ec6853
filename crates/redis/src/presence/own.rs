//! What this node has told Redis, or would tell it again: its members, and how it is registered.
//!
//! Redis forgets a node that was silent for too long, and may itself begin anew; then all of this is written again.
//! Holds no connection and waits for nothing.

use bytes::Bytes;
use playhouse_core::id::ConnectionId;
use playhouse_core::presence::Member;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// A member with its number in the order of joining; 0 while Redis has given none.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) number: u64,
    pub(super) details: Bytes,
}

/// One member as it is to stand in Redis; `None` if it is to be gone.
pub(super) type Row = (Arc<str>, ConnectionId, Option<Place>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing of what is here is listed.
    Unregistered,
    /// All of it is being written; what changes meanwhile is noted.
    Registering,
    /// All of it is listed.
    Registered,
}

/// What a change has to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Tell Redis under this incarnation.
    Tell(Arc<str>),
    /// It is told with the registration under way.
    Wait,
    /// There is nobody to tell.
    Refuse,
}

pub(super) struct Own {
    pub(super) phase: Phase,
    pub(super) incarnation: Arc<str>,
    /// All that may be listed: more than the one, where the answer to a registration was lost.
    pub(super) listed: Vec<Arc<str>>,
    /// Redis may hold something else than this.
    pub(super) differs: bool,
    rooms: HashMap<Arc<str>, HashMap<ConnectionId, Place>>,
    changed: Vec<(Arc<str>, ConnectionId)>,
}

impl Own {
    pub(super) fn new() -> Self {
        Self {
            phase: Phase::Unregistered,
            incarnation: "".into(),
            listed: Vec::new(),
            differs: false,
            rooms: HashMap::new(),
            changed: Vec::new(),
        }
    }

    /// Whether Redis holds all of this, as far as is known.
    pub(super) fn is_listed(&self) -> bool {
        self.phase == Phase::Registered && !self.differs
    }

    fn next(&mut self, room: &Arc<str>, id: &ConnectionId) -> Next {
        match self.phase {
            Phase::Registered => Next::Tell(self.incarnation.clone()),
            Phase::Registering => {
                self.changed.push((room.clone(), id.clone()));
                Next::Wait
            }
            Phase::Unregistered => Next::Refuse,
        }
    }

    fn name(&self, room: &str) -> Arc<str> {
        self.rooms.get_key_value(room).map_or_else(|| room.into(), |(name, _)| name.clone())
    }

    /// Adds a member or changes its details. Returns who was there before.
    pub(super) fn join(&mut self, room: &str, member: &Member) -> (Next, Option<Place>) {
        let room = self.name(room);
        let next = self.next(&room, &member.id);
        if next == Next::Refuse {
            return (next, None);
        }
        let members = self.rooms.entry(room).or_default();
        let before = members.get(&member.id).cloned();
        let number = before.as_ref().map_or(0, |place| place.number);
        members.insert(member.id.clone(), Place { number, details: member.details.clone() });
        (next, before)
    }

    /// Removes a member; `false` if it was not there.
    pub(super) fn leave(&mut self, room: &str, id: &ConnectionId) -> (Next, bool) {
        let room = self.name(room);
        let was_there = self.remove(&room, id);
        (self.next(&room, id), was_there)
    }

    fn remove(&mut self, room: &Arc<str>, id: &ConnectionId) -> bool {
        let Entry::Occupied(mut members) = self.rooms.entry(room.clone()) else { return false };
        let was_there = members.get_mut().remove(id).is_some();
        if members.get().is_empty() {
            members.remove();
        }
        was_there
    }

    /// Undoes a joining that came to nothing.
    pub(super) fn put_back(&mut self, room: &str, id: &ConnectionId, before: Option<Place>) {
        let room = self.name(room);
        match before {
            Some(place) => drop(self.rooms.entry(room).or_default().insert(id.clone(), place)),
            None => drop(self.remove(&room, id)),
        }
    }

    /// Takes note of the number that Redis gave.
    pub(super) fn numbered(&mut self, room: &str, id: &ConnectionId, number: u64) {
        if let Some(place) = self.rooms.get_mut(room).and_then(|members| members.get_mut(id)) {
            place.number = number;
        }
    }

    /// Begins a registration: returns all that is to be written.
    pub(super) fn begin(&mut self) -> Vec<Row> {
        self.phase = Phase::Registering;
        self.differs = false;
        self.changed.clear();
        let rows = self.rooms.iter().flat_map(|(room, members)| {
            members.iter().map(|(id, place)| (room.clone(), id.clone(), Some(place.clone())))
        });
        rows.collect()
    }

    /// What has changed since it was asked for last, as it is now.
    pub(super) fn changes(&mut self) -> Vec<Row> {
        let changed = std::mem::take(&mut self.changed);
        let now = |(room, id): (Arc<str>, ConnectionId)| {
            let place = self.rooms.get(&room).and_then(|members| members.get(&id)).cloned();
            (room, id, place)
        };
        changed.into_iter().map(now).collect()
    }

    /// Ends the registration if nothing has changed since the last look.
    pub(super) fn finish(&mut self) -> bool {
        if self.changed.is_empty() {
            self.phase = Phase::Registered;
        }
        self.changed.is_empty()
    }

    /// The registration came to nothing. Whoever was to be told with it is refused and puts back what it changed.
    pub(super) fn fail(&mut self) {
        self.phase = Phase::Unregistered;
        self.changed.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str) -> Member {
        Member { id: ConnectionId::new(id), details: "{}".into() }
    }

    fn registered() -> Own {
        let mut own = Own::new();
        own.begin();
        own.incarnation = "i".into();
        assert!(own.finish());
        own
    }

    #[test]
    fn unregistered_nothing_is_taken() {
        let mut own = Own::new();
        assert_eq!(own.join("a", &member("ann")).0, Next::Refuse);
        assert_eq!(own.begin().len(), 0);
    }

    #[test]
    fn what_changes_while_registering_is_told_at_the_end() {
        let mut own = registered();
        assert_eq!(own.join("a", &member("ann")).0, Next::Tell("i".into()));
        own.numbered("a", &ConnectionId::new("ann"), 7);
        let rows = own.begin();
        assert_eq!(rows[0].2.as_ref().map(|place| place.number), Some(7));
        assert_eq!(own.join("b", &member("bob")).0, Next::Wait);
        assert_eq!(own.leave("a", &ConnectionId::new("ann")), (Next::Wait, true));
        assert!(!own.finish());
        let changes = own.changes();
        let there: Vec<_> = changes.iter().map(|(room, _, place)| (&**room, place.is_some())).collect();
        assert_eq!(there, [("b", true), ("a", false)]);
        assert!(own.finish());
        assert_eq!(own.begin().len(), 1, "rooms without members are forgotten");
    }

    #[test]
    fn a_joining_that_came_to_nothing_is_undone() {
        let mut own = registered();
        let (_, before) = own.join("a", &member("ann"));
        own.put_back("a", &ConnectionId::new("ann"), before);
        assert_eq!(own.begin().len(), 0);
        own.fail();
        assert_eq!(own.leave("a", &ConnectionId::new("ann")), (Next::Refuse, false));
    }
}

//! The memory presence: rooms and their members.
//!
//! Owns who is in which room and since when, relative to the others. Must not know what members show of
//! themselves, nor how they are reached.

use super::{Shards, trim};
use crate::Later;
use crate::id::ConnectionId;
use crate::presence::{self, Member, PresenceError, RoomChanges, RoomMark};
use bytes::Bytes;
use std::collections::HashMap;
use std::future::ready;
use std::sync::atomic::{AtomicU64, Ordering};

/// Who is in a room, on one machine.
///
/// Joining, leaving and counting cost the same in a room of any size. A room that nobody created may have
/// members too; it is no room of [`rooms`](presence::Presence::rooms), and forgotten when the last one leaves.
/// Whoever joins anew keeps their place in the order.
pub struct Presence {
    rooms: Shards<HashMap<Box<str>, Room>>,
    /// How often a room was created or destroyed.
    version: AtomicU64,
}

#[derive(Default)]
struct Room {
    /// Created, at this version of the list, and not destroyed.
    exists: Option<u64>,
    members: HashMap<ConnectionId, Place>,
    /// The number of the next who joins.
    next: u64,
}

struct Place {
    /// Members are listed by it: a map alone has no order, and a list alone would have to be searched.
    number: u64,
    details: Bytes,
}

impl Room {
    fn join(&mut self, member: Member) {
        let Member { id, details } = member;
        if let Some(place) = self.members.get_mut(&id) {
            place.details = details;
            return;
        }
        self.members.insert(id, Place { number: self.next, details });
        self.next += 1;
    }

    fn leave(&mut self, id: &ConnectionId) -> bool {
        let was_there = self.members.remove(id).is_some();
        trim(&mut self.members);
        was_there
    }

    fn is_forgotten(&self) -> bool {
        self.exists.is_none() && self.members.is_empty()
    }
}

impl Presence {
    /// No rooms, nobody in them.
    #[must_use]
    pub fn new() -> Self {
        Self { rooms: Shards::new(), version: AtomicU64::new(0) }
    }

    fn join_now(&self, room: &str, member: Member) {
        let mut rooms = self.rooms.of(room);
        if let Some(room) = rooms.get_mut(room) {
            room.join(member);
        } else {
            rooms.entry(room.into()).or_default().join(member);
        }
    }

    fn leave_now(&self, name: &str, id: &ConnectionId) -> bool {
        let mut rooms = self.rooms.of(name);
        let Some(room) = rooms.get_mut(name) else { return false };
        let was_there = room.leave(id);
        if room.is_forgotten() {
            rooms.remove(name);
            trim(&mut rooms);
        }
        was_there
    }

    fn members_now(&self, room: &str) -> Vec<Member> {
        let mut numbered: Vec<(u64, Member)> = {
            let rooms = self.rooms.of(room);
            let Some(room) = rooms.get(room) else { return Vec::new() };
            let member = |(id, place): (&ConnectionId, &Place)| {
                (place.number, Member { id: id.clone(), details: place.details.clone() })
            };
            room.members.iter().map(member).collect()
        };
        // Sorted without the lock: only a large room takes long, and it is the one that many come to.
        numbered.sort_unstable_by_key(|(number, _)| *number);
        numbered.into_iter().map(|(_, member)| member).collect()
    }

    fn count_now(&self, room: &str) -> usize {
        self.rooms.of(room).get(room).map_or(0, |room| room.members.len())
    }

    fn create(&self, name: &str) -> Option<u64> {
        let mut rooms = self.rooms.of(name);
        let room = rooms.entry(name.into()).or_default();
        if room.exists.is_some() {
            return None;
        }
        room.exists = Some(self.changed());
        room.exists
    }

    fn destroy(&self, name: &str) -> Option<u64> {
        let mut rooms = self.rooms.of(name);
        let room = rooms.remove(name);
        trim(&mut rooms);
        drop(rooms);
        // The members go here, without the lock.
        room?.exists.map(|_| self.changed())
    }

    fn changed(&self) -> u64 {
        self.version.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn rooms_now(&self) -> Vec<(String, u64)> {
        let mut made = Vec::new();
        for rooms in self.rooms.each() {
            let there = rooms.iter().filter_map(|(name, room)| Some((name.to_string(), room.exists?)));
            made.extend(there);
        }
        made.sort_unstable();
        made
    }
}

impl Default for Presence {
    fn default() -> Self {
        Self::new()
    }
}

impl presence::Presence for Presence {
    fn join(&self, room: &str, member: Member) -> Later<'_, Result<(), PresenceError>> {
        let room: Box<str> = room.into();
        Box::pin(async move {
            self.join_now(&room, member);
            Ok(())
        })
    }

    fn leave(&self, room: &str, id: &ConnectionId) -> Later<'_, Result<bool, PresenceError>> {
        let (room, id): (Box<str>, _) = (room.into(), id.clone());
        Box::pin(async move { Ok(self.leave_now(&room, &id)) })
    }

    fn members(&self, room: &str) -> Later<'_, Result<Vec<Member>, PresenceError>> {
        let room: Box<str> = room.into();
        Box::pin(async move { Ok(self.members_now(&room)) })
    }

    fn count(&self, room: &str) -> Later<'_, Result<usize, PresenceError>> {
        let room: Box<str> = room.into();
        Box::pin(async move { Ok(self.count_now(&room)) })
    }

    fn set_room(&self, room: &str, exists: bool) -> Later<'_, Result<Option<u64>, PresenceError>> {
        // In the call, as its place in the order is that of the call.
        let changed = if exists { self.create(room) } else { self.destroy(room) };
        Box::pin(ready(Ok(changed)))
    }

    fn rooms<'a>(&'a self, _: &'a RoomMark) -> Later<'a, Result<RoomChanges, PresenceError>> {
        Box::pin(async move {
            let version = self.version.load(Ordering::Relaxed);
            // Always the whole list: nobody asks who has not made these rooms.
            let (made, mark) = (self.rooms_now(), RoomMark { era: "memory".into(), version });
            Ok(RoomChanges { mark, whole: true, made, gone: Vec::new(), look_again: None })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str) -> Member {
        Member { id: ConnectionId::new(id), details: Bytes::new() }
    }

    #[test]
    fn a_room_that_nobody_created_is_forgotten_when_empty() {
        let presence = Presence::new();
        presence.join_now("lobby", member("ann"));
        assert!(presence.rooms_now().is_empty());
        assert_eq!(presence.count_now("lobby"), 1);
        assert!(presence.leave_now("lobby", &ConnectionId::new("ann")));
        assert!(presence.rooms.each().all(|rooms| rooms.is_empty()));
    }

    #[test]
    fn a_room_created_around_its_members_keeps_them() {
        let presence = Presence::new();
        presence.join_now("lobby", member("ann"));
        assert_eq!(presence.create("lobby"), Some(1));
        assert!(presence.leave_now("lobby", &ConnectionId::new("ann")));
        assert_eq!(presence.rooms_now(), [("lobby".to_owned(), 1)]);
        assert_eq!(presence.destroy("lobby"), Some(2));
        assert!(presence.rooms.each().all(|rooms| rooms.is_empty()));
    }

    #[test]
    fn a_crowd_that_left_leaves_nothing() {
        let presence = Presence::new();
        presence.create("lobby");
        let ids: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
        for id in &ids {
            presence.join_now("lobby", member(id));
            presence.join_now(id, member(id));
        }
        for id in &ids {
            assert!(presence.leave_now("lobby", &ConnectionId::new(id.as_str())));
            assert!(presence.leave_now(id, &ConnectionId::new(id.as_str())));
        }
        assert_eq!(presence.count_now("lobby"), 0);
        let places = presence.rooms.of("lobby")["lobby"].members.capacity();
        assert!(places <= 128, "{places}");
        let rooms: usize = presence.rooms.each().map(|rooms| rooms.capacity()).sum();
        assert!(rooms <= 64 * 128, "{rooms}");
    }

    #[test]
    fn threads_that_join_and_leave_agree_on_who_is_there() {
        let presence = Presence::new();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let presence = &presence;
                scope.spawn(move || {
                    for n in 0..1_000 {
                        let id = format!("{thread}:{}", n % 10);
                        presence.join_now("lobby", member(&id));
                        if n < 995 {
                            assert!(presence.leave_now("lobby", &ConnectionId::new(id)));
                        }
                    }
                });
            }
        });
        assert_eq!(presence.count_now("lobby"), 20);
        assert_eq!(presence.members_now("lobby").len(), 20);
    }
}

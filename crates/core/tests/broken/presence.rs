//! Presences that break one promise each.

use super::failing;
use playhouse_core::Later;
use playhouse_core::contract::{Cut, Presences, presence};
use playhouse_core::engine::memory;
use playhouse_core::id::ConnectionId;
use playhouse_core::presence::{Member, Presence, PresenceError, RoomChanges, RoomMark};
use std::sync::{Arc, Mutex};
use std::time::Duration;

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    /// Lists a member that has left.
    Ghost,
    /// Lists a member that joined again twice.
    Double,
    /// Counts who joins, not who is there.
    Miscount,
    /// Lists members by name.
    Sorted,
    /// Keeps the details of the first join.
    Stale,
    /// Puts who joins again last.
    Moved,
    /// Tells everybody that the room they create is new.
    AlwaysNew,
    /// Keeps the members of a room that is destroyed.
    KeepsMembers,
}

struct Broken {
    fault: Fault,
    sound: memory::Presence,
    more: Mutex<Vec<(String, Member)>>,
}

type Answer<'a, T> = Later<'a, Result<T, PresenceError>>;

impl Broken {
    async fn listed(&self, room: &str) -> Result<Vec<Member>, PresenceError> {
        let mut members = self.sound.members(room).await?;
        let more = self.more.lock().unwrap();
        members.extend(more.iter().filter(|(of, _)| of == room).map(|(_, member)| member.clone()));
        if self.fault == Fault::Sorted {
            members.sort_by(|a, b| a.id.cmp(&b.id));
        }
        Ok(members)
    }

    fn keep(&self, room: &str, member: Member) {
        self.more.lock().unwrap().push((room.to_owned(), member));
    }
}

impl Presence for Broken {
    fn join(&self, room: &str, member: Member) -> Answer<'_, ()> {
        let room = room.to_owned();
        Box::pin(async move {
            let former = self.sound.members(&room).await?.into_iter().find(|former| former.id == member.id);
            match (self.fault, former) {
                (Fault::Double, Some(_)) | (Fault::Miscount, _) => self.keep(&room, member.clone()),
                (Fault::Moved, Some(_)) => drop(self.sound.leave(&room, &member.id).await?),
                (Fault::Stale, Some(former)) => return self.sound.join(&room, former).await,
                _ => {}
            }
            self.sound.join(&room, member).await
        })
    }

    fn leave(&self, room: &str, id: &ConnectionId) -> Answer<'_, bool> {
        let (room, id) = (room.to_owned(), id.clone());
        Box::pin(async move {
            let left = self.sound.members(&room).await?.into_iter().find(|member| member.id == id);
            if let (Fault::Ghost, Some(ghost)) = (self.fault, left) {
                self.keep(&room, ghost);
            }
            self.sound.leave(&room, &id).await
        })
    }

    fn members(&self, room: &str) -> Answer<'_, Vec<Member>> {
        let room = room.to_owned();
        Box::pin(async move {
            match self.fault {
                Fault::Miscount => self.sound.members(&room).await,
                _ => self.listed(&room).await,
            }
        })
    }

    fn count(&self, room: &str) -> Answer<'_, usize> {
        let room = room.to_owned();
        Box::pin(async move {
            match self.fault {
                Fault::Miscount => Ok(self.more.lock().unwrap().len()),
                _ => Ok(self.listed(&room).await?.len()),
            }
        })
    }

    fn set_room(&self, room: &str, exists: bool) -> Answer<'_, Option<u64>> {
        let room = room.to_owned();
        Box::pin(async move {
            if self.fault == Fault::KeepsMembers && !exists {
                let members = self.sound.members(&room).await?;
                members.into_iter().for_each(|member| self.keep(&room, member));
            }
            let changed = self.sound.set_room(&room, exists).await?;
            Ok(changed.or((self.fault == Fault::AlwaysNew && exists).then_some(0)))
        })
    }

    fn rooms<'a>(&'a self, since: &'a RoomMark) -> Answer<'a, RoomChanges> {
        self.sound.rooms(since)
    }
}

fn broken(fault: Fault) -> Presences {
    Presences::one(Arc::new(Broken { fault, sound: memory::Presence::new(), more: Mutex::default() }))
}

#[test]
fn a_broken_promise_is_found() {
    let table: [(Fault, &[&str]); 8] = [
        (Fault::Ghost, &["leave_is_seen", "counts_are_members", "order_of_joining"]),
        (Fault::Double, &["join_again_replaces", "counts_are_members", "order_of_joining"]),
        (Fault::Miscount, &["counts_are_members"]),
        (Fault::Sorted, &["order_of_joining"]),
        (Fault::Stale, &["join_again_replaces"]),
        (Fault::Moved, &["order_of_joining"]),
        (Fault::AlwaysNew, &["rooms_are_one_list"]),
        (Fault::KeepsMembers, &["rooms_are_one_list"]),
    ];
    for (fault, expected) in table {
        assert_eq!(failing(presence::ALL, || broken(fault)), expected);
    }
}

#[test]
fn nodes_that_do_not_see_each_other_are_found() {
    let node = || Arc::new(memory::Presence::new()) as Arc<dyn Presence>;
    let found = failing(presence::ALL, || Presences::many(vec![node(), node()]));
    // All but the one that needs a node to be lost.
    assert_eq!(found.len(), presence::ALL.len() - 1);
}

/// Loses nobody.
struct Deaf;

impl Cut for Deaf {
    fn cut(&self) -> Later<'_, ()> {
        Box::pin(async {})
    }

    fn mend(&self) -> Later<'_, ()> {
        Box::pin(async {})
    }
}

#[test]
fn members_that_outlive_their_node_are_found() {
    let nodes = || {
        let node: Arc<dyn Presence> = Arc::new(memory::Presence::new());
        Presences::many(vec![node.clone(), node]).with_patience(Duration::from_millis(100)).with_cut(Deaf)
    };
    assert_eq!(failing(presence::ALL, nodes), ["the_lost_are_gone_and_back"]);
}

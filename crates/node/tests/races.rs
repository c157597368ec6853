//! Rooms while the engine is slow: joining, leaving, removing and going overtake each other, and nobody stays
//! behind as a ghost or is left out.

mod kit;

use kit::gate::Gate;
use kit::{Setup, World, settle};
use playhouse_core::Later;
use playhouse_core::engine::memory;
use playhouse_core::error::{Error, Reject, Result};
use playhouse_core::id::ConnectionId;
use playhouse_core::presence::{Member, Presence, PresenceError, RoomChanges, RoomMark};
use playhouse_core::trouble::Trouble;
use std::sync::Arc;

/// Memory's presence, each change of which waits for its gate first.
struct Slow {
    inner: memory::Presence,
    join: Gate,
    leave: Gate,
    set_room: Gate,
}

impl Presence for Slow {
    fn join(&self, room: &str, member: Member) -> Later<'_, Result<(), PresenceError>> {
        let room = room.to_owned();
        Box::pin(async move {
            self.join.pass().await;
            self.inner.join(&room, member).await
        })
    }

    fn leave(&self, room: &str, id: &ConnectionId) -> Later<'_, Result<bool, PresenceError>> {
        let (room, id) = (room.to_owned(), id.clone());
        Box::pin(async move {
            self.leave.pass().await;
            self.inner.leave(&room, &id).await
        })
    }

    fn members(&self, room: &str) -> Later<'_, Result<Vec<Member>, PresenceError>> {
        self.inner.members(room)
    }

    fn count(&self, room: &str) -> Later<'_, Result<usize, PresenceError>> {
        self.inner.count(room)
    }

    fn set_room(&self, room: &str, exists: bool) -> Later<'_, Result<Option<u64>, PresenceError>> {
        let room = room.to_owned();
        Box::pin(async move {
            self.set_room.pass().await;
            if room == "broken" {
                return Err(Trouble::Away("as asked".to_owned()).into());
            }
            self.inner.set_room(&room, exists).await
        })
    }

    fn rooms<'a>(&'a self, since: &'a RoomMark) -> Later<'a, Result<RoomChanges, PresenceError>> {
        self.inner.rooms(since)
    }
}

async fn slow(mut setup: Setup) -> (World, Arc<Slow>) {
    let (join, leave, set_room) = (Gate::open(), Gate::open(), Gate::open());
    let slow = Arc::new(Slow { inner: memory::Presence::new(), join, leave, set_room });
    setup.presence = Some(slow.clone());
    (World::new(setup).await, slow)
}

fn code(result: Result<()>) -> String {
    match result {
        Ok(()) => "ok".to_owned(),
        Err(Error::Reject(reject)) => reject.code.into_owned(),
        Err(Error::Fault(fault)) => panic!("{}", fault.report()),
    }
}

async fn nobody_in(world: &World, room: &str) {
    assert_eq!(world.node.hub().topics(), 0);
    assert_eq!(world.node.room(room).count().await.expect("memory is there"), 0);
}

#[tokio::test]
async fn one_who_goes_while_joining_is_nowhere() {
    let (world, slow) = slow(Setup::default()).await;
    let (ann, hand) = world.connect().await;
    let lobby = world.node.room("lobby");
    slow.join.set(false);
    let joining = tokio::spawn({
        let (lobby, ann) = (lobby.clone(), ann.clone());
        async move { lobby.join(&ann).await }
    });
    settle().await;
    hand.cut();
    settle().await;
    assert_eq!(world.node.connection_count(), 0);
    slow.join.set(true);
    assert_eq!(code(joining.await.expect("it ends")), "not_in_room");
    nobody_in(&world, "lobby").await;
    assert_eq!(code(lobby.join(&ann).await), "not_in_room");
    nobody_in(&world, "lobby").await;
}

#[tokio::test]
async fn a_room_removed_while_one_joins_keeps_nobody() {
    let hook = Gate::open();
    let mut setup = Setup::default();
    let waits = hook.clone();
    setup.room_hooks.on_join(move |_, _| {
        let waits = waits.clone();
        async move {
            waits.pass().await;
            Ok(())
        }
    });
    let (world, slow) = slow(setup).await;
    let (ann, hand) = world.connect().await;
    // Held before the connection enters, and after it.
    for (gate, room, heard) in [(&hook, "lobby", 0), (&slow.join, "attic", 1)] {
        let room = world.node.room(room);
        gate.set(false);
        let joining = tokio::spawn({
            let (room, ann) = (room.clone(), ann.clone());
            async move { room.join(&ann).await }
        });
        settle().await;
        assert!(room.remove().await.expect("memory is there"));
        gate.set(true);
        assert_eq!(code(joining.await.expect("it ends")), "no_such_room");
        assert!(ann.rooms().is_empty());
        nobody_in(&world, room.name()).await;
        assert_eq!(hand.read().await.len(), heard);
        assert!(room.add().await.expect("a new room"));
        room.join(&ann).await.expect("the room exists");
        room.say("hi").await.expect("the room exists");
        assert_eq!(hand.read().await, ["said \"hi\""]);
        room.leave(&ann).await.expect("it is in there");
    }
}

#[tokio::test]
async fn of_two_who_remove_a_room_one_says_so() {
    let hook = Gate::open();
    let mut setup = Setup::default();
    let waits = hook.clone();
    setup.room_hooks.on_say(move |said| {
        let waits = waits.clone();
        async move {
            waits.pass().await;
            Ok(said)
        }
    });
    let world = World::new(setup).await;
    let (ann, hand) = world.connect().await;
    let lobby = world.node.room("lobby");
    lobby.join(&ann).await.expect("the room exists");
    hook.set(false);
    let removing = [(); 2].map(|()| {
        let lobby = lobby.clone();
        tokio::spawn(async move { lobby.remove().await.expect("memory is there") })
    });
    settle().await;
    hook.set(true);
    let mut removed = 0;
    for one in removing {
        removed += usize::from(one.await.expect("it ends"));
    }
    assert_eq!(removed, 1);
    assert_eq!(hand.read().await, ["said \"this room has been deleted\""]);
    nobody_in(&world, "lobby").await;
}

#[tokio::test]
async fn a_removal_that_is_refused_or_given_up_leaves_the_room() {
    let mut setup = Setup::default();
    setup.room_hooks.on_say(|said| async move {
        if said.room == "lobby" {
            return Err(Reject::new("keep", "this room stays").into());
        }
        std::future::pending().await
    });
    let world = World::new(setup).await;
    let (ann, _hand) = world.connect().await;
    for room in ["lobby", "attic"] {
        world.node.room(room).join(&ann).await.expect("the room exists");
    }
    assert!(world.node.room("lobby").remove().await.is_err());
    let removing = tokio::spawn({
        let attic = world.node.room("attic");
        async move { attic.remove().await }
    });
    settle().await;
    assert!(!world.node.room("attic").exists());
    removing.abort();
    settle().await;
    for room in ["lobby", "attic"] {
        assert!(world.node.room(room).exists());
        assert_eq!(world.node.room(room).local_members().len(), 1);
    }
}

#[tokio::test]
async fn rooms_that_are_made_at_once_keep_to_the_limit() {
    let mut setup = Setup::default();
    setup.config.limits.rooms = 3;
    let (world, slow) = slow(setup).await;
    assert!(world.node.room("broken").add().await.is_err());
    assert_eq!(world.node.room_names().len(), 2);
    slow.set_room.set(false);
    let adding = ["cellar", "garden"].map(|name| {
        let room = world.node.room(name);
        tokio::spawn(async move { room.add().await.is_ok() })
    });
    settle().await;
    slow.set_room.set(true);
    let mut added = 0;
    for one in adding {
        added += usize::from(one.await.expect("it ends"));
    }
    assert_eq!((added, world.node.room_names().len()), (1, 3));
    assert_eq!(slow.inner.rooms(&RoomMark::default()).await.expect("memory is there").made.len(), 3);
}

#[tokio::test]
async fn who_comes_while_the_last_one_leaves_is_heard() {
    let (world, slow) = slow(Setup::default()).await;
    let (ann, ann_hand) = world.connect().await;
    let (bob, bob_hand) = world.connect().await;
    let lobby = world.node.room("lobby");
    for (second, hand) in [(&bob, &bob_hand), (&ann, &ann_hand)] {
        lobby.join(&ann).await.expect("the room exists");
        slow.leave.set(false);
        let leaving = tokio::spawn({
            let (lobby, ann) = (lobby.clone(), ann.clone());
            async move { lobby.leave(&ann).await }
        });
        settle().await;
        lobby.join(second).await.expect("the room exists");
        slow.leave.set(true);
        leaving.await.expect("it ends").expect("it was in there");
        lobby.say("hi").await.expect("the room exists");
        assert_eq!(hand.read().await, ["said \"hi\""]);
        assert_eq!(lobby.count().await.expect("memory is there"), 1);
        lobby.leave(second).await.expect("it is in there");
    }
}

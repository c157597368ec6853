//! An engine that nodes share, as one over a network. Each node has an access to it, whose doors a test can hold, cut, or
//! let answer late.

use super::gate::Door;
use super::{Setup, World, settle};
use futures_util::FutureExt;
use playhouse_core::Later;
use playhouse_core::broker::{Broker, BrokerError, Inbox, Publishing};
use playhouse_core::clock::{Clock, Manual};
use playhouse_core::engine::memory;
use playhouse_core::envelope::{Envelope, Topic};
use playhouse_core::id::ConnectionId;
use playhouse_core::presence::{Member, Presence, PresenceError, RoomChanges, RoomMark};
use playhouse_core::trouble::Trouble;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// How often nodes look at the list of rooms.
pub const LOOK_AGAIN: Duration = Duration::from_millis(500);

struct Shared {
    hand: Manual,
    list: Mutex<List>,
    /// One for each node: who listens there.
    brokers: Vec<memory::Broker>,
}

struct List {
    era: u32,
    rooms: Arc<memory::Presence>,
    gone: BTreeMap<String, u64>,
    /// Whoever looks is given all of it.
    whole: bool,
}

/// A node's access to the engine.
pub struct Access {
    shared: Arc<Shared>,
    nth: usize,
    pub looks: Door,
    pub sets: Door,
    pub joins: Door,
    pub leaves: Door,
    pub reads: Door,
    pub says: Door,
    pub attaches: Door,
    pub detaches: Door,
}

/// A node and its access.
pub struct Side {
    pub world: World,
    pub access: Arc<Access>,
}

impl Deref for Side {
    type Target = World;

    fn deref(&self) -> &World {
        &self.world
    }
}

impl List {
    fn changes(&self, since: &RoomMark) -> RoomChanges {
        let all = now(self.rooms.rooms(&RoomMark::default()));
        let (mark, era) = (RoomMark { era: format!("era {}", self.era), ..all.mark }, &since.era);
        let whole = self.whole || mark.era != *era;
        let known = if whole { 0 } else { since.version };
        let mut gone: Vec<_> = self.gone.clone().into_iter().collect();
        gone.retain(|(name, version)| *version > known && all.made.iter().all(|(made, _)| made != name));
        let made = all.made.into_iter().filter(|(_, born)| *born > known).collect();
        RoomChanges { mark, whole, made, gone, look_again: Some(LOOK_AGAIN) }
    }

    fn set(&mut self, name: &str, exists: bool) -> Option<u64> {
        let version = now(self.rooms.set_room(name, exists));
        if let (false, Some(version)) = (exists, version) {
            self.gone.insert(name.to_owned(), version);
        }
        version
    }
}

impl Access {
    pub fn hand(&self) -> Manual {
        self.shared.hand.clone()
    }

    pub fn nth(&self) -> usize {
        self.nth
    }

    fn list(&self) -> MutexGuard<'_, List> {
        self.shared.list.lock().expect("no test panics in here")
    }

    fn inner(&self) -> Arc<memory::Presence> {
        self.list().rooms.clone()
    }

    /// The engine begins anew, and empty.
    pub fn forget_everything(&self) {
        let mut list = self.list();
        let (era, rooms) = (list.era + 1, Arc::new(memory::Presence::new()));
        *list = List { era, rooms, gone: BTreeMap::new(), whole: list.whole };
    }

    /// Whoever looks is given the whole list from now on.
    pub fn give_the_whole_list(&self) {
        self.list().whole = true;
    }

    /// Makes or removes a room as another node would.
    pub fn set(&self, room: &str, exists: bool) -> Option<u64> {
        self.list().set(room, exists)
    }

    pub fn rooms(&self) -> Vec<String> {
        let all = now(self.inner().rooms(&RoomMark::default()));
        all.made.into_iter().map(|(name, _)| name).collect()
    }

    pub fn members(&self, room: &str) -> Vec<ConnectionId> {
        now(self.inner().members(room)).into_iter().map(|member| member.id).collect()
    }

    fn doors(&self) -> [&Door; 8] {
        let Self { looks, sets, joins, leaves, reads, says, attaches, detaches, .. } = self;
        [looks, sets, joins, leaves, reads, says, attaches, detaches]
    }

    /// The engine can't be reached from this node.
    pub fn cut(&self) {
        self.doors().iter().for_each(|door| door.fail(away()));
    }

    /// All goes well again.
    pub fn free(&self) {
        self.doors().iter().for_each(|door| door.free());
    }
}

pub fn away() -> Trouble {
    Trouble::Away("as asked".to_owned())
}

pub fn unknown() -> Trouble {
    Trouble::Unknown("as asked".to_owned())
}

/// What memory has ready at once.
fn now<T>(later: Later<'_, Result<T, PresenceError>>) -> T {
    later.now_or_never().expect("memory does not wait").expect("memory is there")
}

impl Presence for Access {
    fn join(&self, room: &str, member: Member) -> Later<'_, Result<(), PresenceError>> {
        let room = room.to_owned();
        let joined = self.joins.call(move || now(self.inner().join(&room, member)));
        Box::pin(async move { Ok(joined.await?) })
    }

    fn leave(&self, room: &str, id: &ConnectionId) -> Later<'_, Result<bool, PresenceError>> {
        let (room, id) = (room.to_owned(), id.clone());
        let left = self.leaves.call(move || now(self.inner().leave(&room, &id)));
        Box::pin(async move { Ok(left.await?) })
    }

    fn members(&self, room: &str) -> Later<'_, Result<Vec<Member>, PresenceError>> {
        let room = room.to_owned();
        let members = self.reads.call(move || now(self.inner().members(&room)));
        Box::pin(async move { Ok(members.await?) })
    }

    fn count(&self, room: &str) -> Later<'_, Result<usize, PresenceError>> {
        let room = room.to_owned();
        let count = self.reads.call(move || now(self.inner().count(&room)));
        Box::pin(async move { Ok(count.await?) })
    }

    fn set_room(&self, room: &str, exists: bool) -> Later<'_, Result<Option<u64>, PresenceError>> {
        let room = room.to_owned();
        let set = self.sets.call(move || self.list().set(&room, exists));
        Box::pin(async move { Ok(set.await?) })
    }

    fn rooms<'a>(&'a self, since: &'a RoomMark) -> Later<'a, Result<RoomChanges, PresenceError>> {
        let changes = self.looks.call(move || self.list().changes(since));
        Box::pin(async move { Ok(changes.await?) })
    }
}

impl Broker for Access {
    fn publish(&self, envelope: Envelope) -> Result<Publishing, BrokerError> {
        let shared = self.shared.clone();
        // Delivered by the first poll.
        let publish = move |broker: &memory::Broker| {
            let publishing = Broker::publish(broker, envelope.clone())?;
            publishing.now_or_never().expect("memory does not wait")
        };
        let said = self.says.call(move || shared.brokers.iter().map(publish).sum::<Result<usize, _>>());
        Ok(Box::pin(async move { said.await? }))
    }

    fn attach(&self, topic: &Topic, inbox: Arc<dyn Inbox>) -> Later<'_, Result<(), BrokerError>> {
        let topic = topic.clone();
        let attached = self.attaches.call(move || self.shared.brokers[self.nth].attach(&topic, inbox));
        Box::pin(async move { attached.await?.await })
    }

    fn detach(&self, topic: &Topic) -> Later<'_, Result<(), BrokerError>> {
        let topic = topic.clone();
        let detached = self.detaches.call(move || self.shared.brokers[self.nth].detach(&topic));
        Box::pin(async move { detached.await?.await })
    }
}

/// The accesses of nodes that share an engine.
pub fn accesses<const N: usize>() -> [Arc<Access>; N] {
    let list = List { era: 1, rooms: Arc::new(memory::Presence::new()), gone: BTreeMap::new(), whole: false };
    let shared = Arc::new(Shared {
        hand: Clock::manual().1,
        list: Mutex::new(list),
        brokers: (0..N).map(|_| memory::Broker::new()).collect(),
    });
    std::array::from_fn(|nth| {
        let shared = shared.clone();
        let [looks, sets, joins, leaves, reads, says, attaches, detaches] =
            std::array::from_fn(|_| Door::default());
        Arc::new(Access { shared, nth, looks, sets, joins, leaves, reads, says, attaches, detaches })
    })
}

/// Two nodes that share an engine.
pub async fn two(a: Setup, b: Setup) -> [Side; 2] {
    let [at_a, at_b] = accesses();
    let a = World::new(Setup { access: Some(at_a.clone()), ..a }).await;
    let b = World::new(Setup { access: Some(at_b.clone()), ..b }).await;
    [Side { world: a, access: at_a }, Side { world: b, access: at_b }]
}

pub async fn two_plain() -> [Side; 2] {
    two(Setup::default(), Setup::default()).await
}

/// Lets each node look once more.
pub async fn look_again(side: &Side) {
    settle().await;
    side.hand.advance(LOOK_AGAIN);
    settle().await;
}

/// Waits for what needs a moment of time, too.
pub async fn soon<T>(side: &Side, future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    for _ in 0..100 {
        settle().await;
        if let Some(done) = (&mut future).now_or_never() {
            return done;
        }
        settle().await;
        side.hand.advance(Duration::from_millis(20));
    }
    panic!("it does not come to its end")
}

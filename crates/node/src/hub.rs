//! The hub: which local connections hear a topic, and the way of an envelope to all of them.
//!
//! An envelope is encoded once per wire form in use; every member's outbox gets the same bytes by reference.
//! Delivery never waits: a member that reads too slowly is closed by its own outbox.

use crate::burst::{self, Burst, Latest};
use crate::connection::Connection;
use crate::outbox::Budget;
use crate::room::{Hear, Heard};
use playhouse_core::bell::Round;
use playhouse_core::broker::Inbox;
use playhouse_core::encoder::Encoder;
use playhouse_core::envelope::{Envelope, Topic};
use playhouse_core::event::ServerEvent;
use playhouse_core::health::Health;
use playhouse_core::wire::WireForm;
use smallvec::SmallVec;
use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, RwLock};
use std::time::Duration;

/// For how long people see that there was a gap.
const GAP_SEEN_FOR: Duration = Duration::from_secs(60);

/// Topics are spread over so many locks, so that rooms don't contend.
const SHARDS: usize = 16;

type Shard = RwLock<HashMap<Topic, Arc<Members>>>;

/// Which local connections hear a topic.
pub struct Hub {
    shards: [Shard; SHARDS],
    latest: [Latest; SHARDS],
    hasher: RandomState,
    encoder: Arc<dyn Encoder>,
    hear: Option<Hear>,
    health: Arc<Health>,
    gaps: AtomicU64,
}

/// The members of one topic on this node.
#[derive(Default)]
struct Members(RwLock<List>);

#[derive(Default)]
struct List {
    all: Vec<Connection>,
    /// Where each stands in `all`, by address: leaving a room of ten thousand is one look, not a search.
    places: HashMap<usize, usize>,
}

impl List {
    fn add(&mut self, connection: &Connection) {
        let place = self.all.len();
        if let Entry::Vacant(vacant) = self.places.entry(connection.address()) {
            vacant.insert(place);
            self.all.push(connection.clone());
        }
    }

    fn remove(&mut self, connection: &Connection) -> bool {
        let Some(place) = self.places.remove(&connection.address()) else { return false };
        self.all.swap_remove(place);
        if let Some(moved) = self.all.get(place) {
            self.places.insert(moved.address(), place);
        }
        true
    }
}

/// What one walk over members has pushed; told to the budget in the end, even if the encoder panics half-way.
struct Added<'a>(usize, &'a Budget);

impl Drop for Added<'_> {
    fn drop(&mut self) {
        self.1.count(self.0);
    }
}

impl Hub {
    /// A hub that has envelopes written by `encoder`; `hear` may change or drop a message per recipient; `health` is
    /// told of gaps.
    #[must_use]
    pub fn new(encoder: Arc<dyn Encoder>, hear: Option<Hear>, health: Arc<Health>) -> Self {
        Self {
            shards: std::array::from_fn(|_| Shard::default()),
            latest: std::array::from_fn(|_| Latest::default()),
            hasher: RandomState::new(),
            encoder,
            hear,
            health,
            gaps: AtomicU64::new(0),
        }
    }

    fn part(&self, topic: &Topic) -> usize {
        usize::try_from(self.hasher.hash_one(topic) % SHARDS as u64).expect("a small number")
    }

    fn shard(&self, topic: &Topic) -> &Shard {
        &self.shards[self.part(topic)]
    }

    fn members(&self, topic: &Topic) -> Option<Arc<Members>> {
        self.shard(topic).read().expect("nothing panics in here").get(topic).cloned()
    }

    /// Lets a connection hear a topic; again is no error.
    pub fn add(&self, topic: &Topic, connection: &Connection) {
        // Under the shard's lock to the end, so that nobody takes the topic away as empty in between.
        let mut shard = self.shard(topic).write().expect("nothing panics in here");
        let members = shard.entry(topic.clone()).or_default();
        members.0.write().expect("nothing panics in here").add(connection);
    }

    /// Lets a connection hear a topic no more. `true` if it was the last on this node.
    pub fn remove(&self, topic: &Topic, connection: &Connection) -> bool {
        let mut shard = self.shard(topic).write().expect("nothing panics in here");
        let Some(members) = shard.get(topic) else { return false };
        let mut list = members.0.write().expect("nothing panics in here");
        let last = list.remove(connection) && list.all.is_empty();
        drop(list);
        if last {
            shard.remove(topic);
        }
        last
    }

    /// The connections that hear a topic.
    #[must_use]
    pub fn connections(&self, topic: &Topic) -> Vec<Connection> {
        let members = self.members(topic);
        members.map_or_else(Vec::new, |members| members.0.read().expect("nothing panics in here").all.clone())
    }

    /// How many topics are heard on this node.
    #[must_use]
    pub fn topics(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().expect("nothing panics in here").len()).sum()
    }

    /// Gaps that the broker has told.
    #[must_use]
    pub fn gaps(&self) -> u64 {
        self.gaps.load(Ordering::Relaxed)
    }

    /// The same message for all.
    fn fan_out(&self, envelope: &Envelope, members: &[Connection], round: &mut Round) {
        let Some(first) = members.first() else { return };
        // Counted once and not for each member: it is a line of memory that all workers write to.
        let mut added = Added(0, first.outbox().budget());
        let latest = &self.latest[self.part(&envelope.topic)];
        let before = latest.take(&envelope.topic, members.len());
        let mut encoded: SmallVec<[(WireForm, Burst); 4]> = SmallVec::new();
        let mut places: SmallVec<[usize; 4]> = SmallVec::new();
        for member in members {
            let form = member.form();
            let place = encoded.iter().position(|(other, _)| *other == form).unwrap_or_else(|| {
                let said = ServerEvent::Said(envelope);
                encoded
                    .push((form, burst::follow(&before, form, |out| self.encoder.encode(form, &said, out))));
                let newest = &encoded[encoded.len() - 1].1.newest();
                places.push(self.encoder.tail_at(form, newest));
                encoded.len() - 1
            });
            let burst = &encoded[place].1;
            let tail = |nth| self.encoder.tail(form, nth);
            added.0 += member.outbox().push_newest(burst, (tail, places[place]), round);
        }
        latest.put(&envelope.topic, members.len(), &encoded);
    }

    /// A message that the application may change or drop for each recipient.
    fn fan_out_one_by_one(&self, envelope: &Envelope, members: &[Connection], hear: &Hear) {
        let mut round = Round::begin();
        let mut unchanged = Vec::with_capacity(members.len());
        for member in members {
            match hear(member, envelope) {
                Heard::AsSaid => unchanged.push(member.clone()),
                Heard::Nothing => {}
                Heard::Instead(payload) => {
                    let changed = Envelope { payload: payload.into(), ..envelope.clone() };
                    self.fan_out(&changed, std::slice::from_ref(member), &mut round);
                }
            }
        }
        self.fan_out(envelope, &unchanged, &mut round);
    }
}

impl Inbox for Hub {
    fn deliver(&self, envelope: &Envelope) {
        let Some(members) = self.members(&envelope.topic) else { return };
        let list = members.0.read().expect("nothing panics in here");
        match &self.hear {
            None => self.fan_out(envelope, &list.all, &mut Round::begin()),
            Some(hear) => {
                // The application's code runs without our lock: it may look at rooms.
                let all = list.all.clone();
                drop(list);
                self.fan_out_one_by_one(envelope, &all, hear);
            }
        }
    }

    fn gap(&self, topic: &Topic) {
        let gaps = self.gaps.fetch_add(1, Ordering::Relaxed) + 1;
        let room = topic.room_name().unwrap_or(topic.as_str());
        self.health.passes("messages", format!("members of `{room}` may have missed some"), GAP_SEEN_FOR);
        // A connection that was lost is a gap for each of thousands of rooms.
        if gaps.is_power_of_two() {
            tracing::warn!(room, gaps, "members may have missed messages");
        }
    }
}

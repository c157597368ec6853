//! One actor with all that it keeps. Knows no other.

use super::super::trim;
use crate::actor::{At, Tags};
use crate::store::{AlarmRow, Commit, Due, Fence, Loaded, Record, SeatRow, StateRow};
use bytes::Bytes;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

pub(super) struct Kept {
    pub(super) record: Record,
    version: u64,
    fence: Fence,
    state: Option<StateRow>,
    input: Option<Bytes>,
    /// By number, each with its place in the order of all alarms.
    alarms: BTreeMap<u64, (u64, AlarmRow)>,
    seats: Seats,
}

/// Connections in the order of their making.
#[derive(Default)]
struct Seats {
    places: HashMap<Arc<str>, u64>,
    rows: BTreeMap<u64, SeatRow>,
    last: u64,
}

impl Kept {
    pub(super) fn new(record: Record, input: Option<Bytes>) -> Self {
        Self {
            record,
            version: 0,
            fence: Fence::default(),
            state: None,
            input,
            alarms: BTreeMap::new(),
            seats: Seats::default(),
        }
    }

    /// Whether its tags include these; one with a key has none.
    pub(super) fn has_tags(&self, wanted: &Tags) -> bool {
        match &self.record.address.at {
            At::Key(_) => false,
            At::Tags(tags) => wanted.iter().all(|(tag, value)| tags.get(tag) == Some(value)),
        }
    }

    /// Whether the commit comes from its owner and stands on what is written here.
    pub(super) fn takes(&self, commit: &Commit) -> bool {
        self.record.id == commit.id && self.version == commit.version && self.fence <= commit.fence
    }

    pub(super) fn apply(&mut self, commit: Commit, last_sequence: &mut u64) {
        (self.version, self.fence, self.input) = (self.version + 1, commit.fence, None);
        if let Some(state) = commit.state {
            self.state = Some(state);
        }
        for alarm in commit.alarms {
            let kept = self.alarms.entry(alarm.number).or_insert_with(|| {
                *last_sequence += 1;
                (*last_sequence, alarm.clone())
            });
            kept.1 = alarm;
        }
        for number in commit.alarms_ended {
            self.alarms.remove(&number);
        }
        commit.seats.into_iter().for_each(|seat| self.seats.put(seat));
        commit.seats_ended.iter().for_each(|id| self.seats.remove(id));
    }

    /// Its alarms that are on the way to their time.
    pub(super) fn due(&self) -> impl Iterator<Item = Due> + '_ {
        let awaited = self.alarms.values().filter(|(_, alarm)| !alarm.given_up);
        awaited.map(|(sequence, alarm)| Due {
            due: alarm.due,
            sequence: *sequence,
            actor: self.record.id.clone(),
            number: alarm.number,
        })
    }

    pub(super) fn loaded(&self) -> Loaded {
        Loaded {
            record: self.record.clone(),
            version: self.version,
            state: self.state.clone(),
            input: self.input.clone(),
            alarms: self.alarms.values().map(|(_, alarm)| alarm.clone()).collect(),
            seats: self.seats.rows.values().cloned().collect(),
        }
    }
}

impl Seats {
    fn put(&mut self, seat: SeatRow) {
        let place = *self.places.entry(seat.id.clone()).or_insert_with(|| {
            self.last += 1;
            self.last
        });
        self.rows.insert(place, seat);
    }

    fn remove(&mut self, id: &str) {
        if let Some(place) = self.places.remove(id) {
            self.rows.remove(&place);
            trim(&mut self.places);
        }
    }
}

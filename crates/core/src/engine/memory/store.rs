//! The memory store: actors that last as long as this process.
//!
//! Owns who there is, what they keep and when their alarms are due. Has no limit of its own: who opens actors counts
//! them. Must not know what a state means, nor the time.

mod index;
mod kept;

use super::locked;
use crate::Later;
use crate::actor::{ActorId, Address, At};
use crate::store::{self, Commit, Due, Loaded, New, Open, Opened, Query, Record, StoreError};
use index::Index;
use kept::Kept;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Mutex;

/// Actors of one machine, gone with its process.
#[derive(Default)]
pub struct Store(Mutex<State>);

#[derive(Default)]
struct State {
    /// By row, hence in order of creation.
    actors: BTreeMap<u64, Kept>,
    index: Index,
    /// Alarms that were not given up, each with its row.
    due: BTreeSet<(Due, u64)>,
    last_row: u64,
    last_sequence: u64,
    epoch: u64,
}

impl Store {
    /// No actors.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl State {
    fn open(&mut self, open: Open) -> Opened {
        match open {
            Open::Id(id) => self.found(self.index.with_id(&id)),
            Open::Find(address) => self.found(self.find(&address)),
            Open::FindOrCreate(address, new) => match self.find(&address) {
                Some(row) => self.found(Some(row)),
                None => self.create(address, new),
            },
            Open::Create(address, new) => match (&address.at, self.find(&address)) {
                (At::Key(_), Some(row)) => Opened::Taken(self.actors[&row].record.clone()),
                (At::Key(_) | At::Tags(_), _) => self.create(address, new),
            },
        }
    }

    fn find(&self, address: &Address) -> Option<u64> {
        match &address.at {
            At::Key(_) => self.index.with_key(address),
            At::Tags(tags) => {
                let rows = self.index.narrowest(&address.name, tags)?;
                rows.iter().copied().find(|row| self.actors[row].has_tags(tags))
            }
        }
    }

    fn found(&self, row: Option<u64>) -> Opened {
        row.map_or(Opened::Missing, |row| Opened::Found(self.actors[&row].record.clone()))
    }

    fn create(&mut self, address: Address, new: New) -> Opened {
        self.last_row += 1;
        let record = Record { id: new.id, address, created_at: new.created_at, row: self.last_row };
        self.index.add(&record);
        self.actors.insert(record.row, Kept::new(record.clone(), new.input));
        Opened::Created(record)
    }

    fn load(&self, id: &ActorId) -> Option<Loaded> {
        Some(self.actors[&self.index.with_id(id)?].loaded())
    }

    fn commit(&mut self, commit: Commit) -> Result<(), StoreError> {
        let kept = self.actors.get_mut(&commit.row).filter(|kept| kept.takes(&commit));
        let kept = kept.ok_or(StoreError::Outdated)?;
        let row = commit.row;
        let touches_alarms = commit.destroys || !(commit.alarms.is_empty() && commit.alarms_ended.is_empty());
        if touches_alarms {
            for due in kept.due() {
                self.due.remove(&(due, row));
            }
        }
        if commit.destroys {
            let kept = self.actors.remove(&row).expect("it was there a moment ago");
            self.index.remove(&kept.record);
            return Ok(());
        }
        kept.apply(commit, &mut self.last_sequence);
        if touches_alarms {
            self.due.extend(kept.due().map(|due| (due, row)));
        }
        Ok(())
    }

    fn list(&self, query: &Query) -> Vec<Record> {
        let behind = (Bound::Excluded(query.after), Bound::Unbounded);
        let fits = |kept: &&Kept| query.tags.as_ref().is_none_or(|tags| kept.has_tags(tags));
        let Some(name) = &query.name else {
            let behind = self.actors.range(behind).map(|(_, kept)| kept);
            return behind.filter(fits).take(query.limit).map(|kept| kept.record.clone()).collect();
        };
        let rows = match &query.tags {
            Some(tags) => self.index.narrowest(name, tags),
            None => self.index.with_name(name),
        };
        let behind = rows.into_iter().flat_map(|rows| rows.range(behind)).map(|row| &self.actors[row]);
        behind.filter(fits).take(query.limit).map(|kept| kept.record.clone()).collect()
    }

    fn due(&self, (due, sequence): (u64, u64), until: u64, n: usize) -> Vec<Due> {
        let first = Due { due, sequence: sequence.saturating_add(1), actor: ActorId::new(""), number: 0 };
        let next = self.due.range((first, 0)..).map(|(due, _)| due).take_while(|due| due.due <= until);
        next.take(n).cloned().collect()
    }
}

impl store::Store for Store {
    fn open(&self, open: Open) -> Later<'_, Result<Opened, StoreError>> {
        Box::pin(async { Ok(locked(&self.0).open(open)) })
    }

    fn load(&self, id: &ActorId) -> Later<'_, Result<Option<Loaded>, StoreError>> {
        let id = id.clone();
        Box::pin(async move { Ok(locked(&self.0).load(&id)) })
    }

    fn commit(&self, commit: Commit) -> Later<'_, Result<(), StoreError>> {
        Box::pin(async { locked(&self.0).commit(commit) })
    }

    fn list(&self, query: Query) -> Later<'_, Result<Vec<Record>, StoreError>> {
        Box::pin(async move { Ok(locked(&self.0).list(&query)) })
    }

    fn due(&self, after: (u64, u64), until: u64, n: usize) -> Later<'_, Result<Vec<Due>, StoreError>> {
        Box::pin(async move { Ok(locked(&self.0).due(after, until, n)) })
    }

    fn epoch(&self) -> Later<'_, Result<u64, StoreError>> {
        Box::pin(async {
            let mut state = locked(&self.0);
            state.epoch += 1;
            Ok(state.epoch)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{AlarmRow, Fence};
    use bytes::Bytes;

    fn address(n: u32) -> Address {
        let tags = [("n".to_owned(), n.to_string()), ("all".to_owned(), String::new())];
        Address { name: "actor".into(), at: At::Tags(tags.into()) }
    }

    fn created(state: &mut State, n: u32) -> Record {
        let new = New { id: ActorId::new(n.to_string()), created_at: 1, input: None };
        let Opened::Created(record) = state.open(Open::FindOrCreate(address(n), new)) else { panic!() };
        record
    }

    #[test]
    fn a_crowd_that_was_destroyed_leaves_nothing() {
        let mut state = State::default();
        let records: Vec<Record> = (0..1_000).map(|n| created(&mut state, n)).collect();
        for record in &records {
            let alarm = AlarmRow {
                number: 1,
                due: 5,
                action: "ring".into(),
                args: Bytes::new(),
                failures: 0,
                error: None,
                given_up: false,
            };
            let mut commit = Commit::of(record, Fence::default(), 0);
            commit.alarms.push(alarm);
            state.commit(commit.clone()).unwrap();
            commit = Commit { version: 1, destroys: true, ..commit };
            state.commit(commit).unwrap();
        }
        assert!(state.actors.is_empty() && state.due.is_empty() && state.index.is_empty());
    }
}

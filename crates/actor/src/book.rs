//! The alarms of one awake actor. Owns what they are; when they ring is the host's affair.

use playhouse_core::store::AlarmRow;
use std::collections::BTreeMap;

/// By number.
#[derive(Default)]
pub(crate) struct Book {
    rows: BTreeMap<u64, AlarmRow>,
    next: u64,
}

/// What a call wants of an alarm.
#[derive(Clone, Debug)]
pub(crate) enum AlarmChange {
    Put(AlarmRow),
    End(u64),
}

/// How many numbers there are for each millisecond: more than alarms can be made in one.
const A_MILLISECOND: u64 = 1_000;

impl Book {
    /// Those of an actor that wakes at a time (milliseconds since 1970).
    pub(crate) fn of(rows: Vec<AlarmRow>, now: u64) -> Self {
        let next = rows.iter().map(|row| row.number + 1).max().unwrap_or(0).max(now * A_MILLISECOND);
        Self { rows: rows.into_iter().map(|row| (row.number, row)).collect(), next }
    }

    /// A number that no alarm of the actor has had: its code may have kept one for later.
    pub(crate) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next - 1
    }

    pub(crate) fn get(&self, number: u64) -> Option<&AlarmRow> {
        self.rows.get(&number)
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &AlarmRow> {
        self.rows.values()
    }

    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(crate) fn apply(&mut self, change: &AlarmChange) {
        match change {
            AlarmChange::Put(row) => {
                self.rows.insert(row.number, row.clone());
            }
            AlarmChange::End(number) => {
                self.rows.remove(number);
            }
        }
    }
}

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

impl Book {
    pub(crate) fn of(rows: Vec<AlarmRow>) -> Self {
        let next = rows.iter().map(|row| row.number + 1).max().unwrap_or(1);
        Self { rows: rows.into_iter().map(|row| (row.number, row)).collect(), next }
    }

    /// A number that no alarm has had while the actor is awake.
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

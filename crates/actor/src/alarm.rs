//! Alarms as an application sees them: calls that an actor has scheduled for itself.

use playhouse_core::store::AlarmRow;

/// Names an alarm of one actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct AlarmId(pub(crate) u64);

/// A call that an actor wants made later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub id: AlarmId,
    /// When it is due, in milliseconds since 1970.
    pub due: u64,
    /// Which action it calls.
    pub action: String,
    /// How often that has failed.
    pub failures: u32,
    /// Why, the last time.
    pub error: Option<String>,
    /// Whether it is kept only to be seen: it has failed as often as it may.
    pub given_up: bool,
}

impl From<&AlarmRow> for Alarm {
    fn from(row: &AlarmRow) -> Self {
        Self {
            id: AlarmId(row.number),
            due: row.due,
            action: row.action.to_string(),
            failures: row.failures,
            error: row.error.as_deref().map(str::to_owned),
            given_up: row.given_up,
        }
    }
}

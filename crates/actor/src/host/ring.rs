//! An alarm on its way to its actor, and back.

use super::Inner as Host;
use super::alarms::Name;
use playhouse_core::actor::ActorId;
use std::sync::Arc;
use std::time::Duration;

/// After what pause an alarm rings again whose actor could not take it; doubled with each attempt up to [`LONGEST_PAUSE`].
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(600);

/// An alarm that has rung; there is one of it at a time. Dropped anywhere before it has ended, it rings again.
pub(crate) struct Ring {
    host: Arc<Host>,
    name: Name,
    /// How often it could not reach its actor.
    tries: u32,
    then: Next,
}

enum Next {
    /// After a pause.
    Again,
    /// At this time.
    At(u64),
    Over,
}

impl Ring {
    pub(super) fn new(host: &Arc<Host>, name: Name, tries: u32) -> Self {
        Self { host: host.clone(), name, tries, then: Next::Again }
    }

    pub(super) fn actor(&self) -> &ActorId {
        &self.name.0
    }

    /// The actor's number of it.
    pub(crate) fn number(&self) -> u64 {
        self.name.1
    }

    /// The actor could be read: from here on the pauses are short again.
    pub(crate) fn arrived(&mut self) {
        self.tries = 0;
    }

    /// It has another time now, or with `None` none any more.
    pub(crate) fn put_off(&mut self, due: Option<u64>) {
        self.then = due.map_or(Next::Over, Next::At);
    }

    /// What was to become of it could not be kept.
    pub(crate) fn undone(&mut self) {
        self.then = Next::Again;
    }

    /// It has ended.
    pub(crate) fn done(mut self) {
        self.then = Next::Over;
    }
}

impl Host {
    /// An alarm whose end was not kept rings once more.
    pub(crate) fn ring_later(&self, actor: &ActorId, number: u64, due: u64) {
        self.alarms.undone(due, actor, number, PAUSE);
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        let again = match self.then {
            Next::Again => {
                let pause = PAUSE.saturating_mul(1 << self.tries.min(16)).min(LONGEST_PAUSE);
                Some((self.host.alarms.after(pause), self.tries + 1))
            }
            Next::At(due) => Some((due, 0)),
            Next::Over => None,
        };
        self.host.alarms.back(self.name.clone(), again);
    }
}

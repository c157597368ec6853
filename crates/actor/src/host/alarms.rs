//! When alarms ring: the next ones of all actors, in the order of their time.
//!
//! Owns the times. What an alarm calls, and whether it still stands, its actor knows.

use super::Inner as Host;
use crate::courtesy;
use playhouse_core::actor::ActorId;
use playhouse_core::clock::Clock;
use playhouse_core::store::Due;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;

/// So many are kept in memory; the store has the rest.
const KEPT: usize = 1_000;

/// After what pause an actor is rung again that could not take the call, or the store asked that did not answer.
const AGAIN: Duration = Duration::from_millis(250);

/// The alarms that ring next.
pub(crate) struct Alarms {
    clock: Clock,
    next: Mutex<Next>,
    changed: Notify,
}

struct Next {
    due: BTreeSet<(u64, ActorId, u64)>,
    /// Later ones than this may be in the store only.
    known_until: u64,
    /// The store is being asked: what is added meanwhile may not be in its answer.
    asking: bool,
    stopped: bool,
}

impl Next {
    /// Leaves the latest to the store. Others of their moment may stay: they are found again there, and ring once.
    fn trim(&mut self) {
        while self.due.len() > 2 * KEPT {
            if let Some(last) = self.due.pop_last() {
                self.known_until = self.known_until.min(last.0.saturating_sub(1));
            }
        }
    }
}

impl Alarms {
    pub(super) fn new(clock: Clock) -> Self {
        let next = Next { due: BTreeSet::new(), known_until: 0, asking: false, stopped: false };
        Self { clock, next: Mutex::new(next), changed: Notify::new() }
    }

    fn next(&self) -> MutexGuard<'_, Next> {
        self.next.lock().expect("nothing panics while it holds the alarms")
    }

    pub(super) fn stop(&self) {
        self.next().stopped = true;
        self.changed.notify_one();
    }

    /// An alarm that the store has from now on.
    pub(crate) fn add(&self, due: u64, actor: &ActorId, number: u64) {
        let mut next = self.next();
        if due > next.known_until && !next.asking {
            return;
        }
        next.due.insert((due, actor.clone(), number));
        next.trim();
        drop(next);
        courtesy::wakes_somebody();
        self.changed.notify_one();
    }

    /// An alarm that could not ring: it rings at its time, or after a pause if that has passed.
    pub(crate) fn again(&self, actor: &ActorId, number: u64, due: u64) {
        let pause = u64::try_from(AGAIN.as_millis()).unwrap_or(u64::MAX);
        self.add(due.max(self.clock.unix_ms() + pause), actor, number);
    }

    /// Takes in what the store says comes next.
    fn learn(&self, all: Vec<Due>) {
        let mut next = self.next();
        next.known_until = match all.last() {
            Some(last) if all.len() >= KEPT => last.due,
            Some(_) | None => u64::MAX,
        };
        next.asking = false;
        next.due.extend(all.into_iter().map(|due| (due.due, due.actor, due.number)));
        next.trim();
    }

    fn ask(&self) {
        self.next().asking = true;
    }

    /// Those whose time has come, or how long there is to wait; `None` when the store has to be asked.
    fn due(&self) -> Option<Result<Vec<(ActorId, u64)>, Duration>> {
        let (mut next, now) = (self.next(), self.clock.unix_ms());
        let mut rings = Vec::new();
        while next.due.first().is_some_and(|(due, ..)| *due <= now) {
            rings.extend(next.due.pop_first().map(|(_, actor, number)| (actor, number)));
        }
        if !rings.is_empty() {
            return Some(Ok(rings));
        }
        match next.due.first() {
            Some((due, ..)) => Some(Err(Duration::from_millis(due - now))),
            None if next.known_until == u64::MAX => Some(Err(Duration::MAX)),
            None => None,
        }
    }

    fn is_stopped(&self) -> bool {
        self.next().stopped
    }
}

/// Rings until the host stops.
pub(super) async fn ring(host: Arc<Host>) {
    while !host.alarms.is_stopped() {
        match host.alarms.due() {
            Some(Ok(rings)) => {
                for (actor, number) in rings {
                    if !host.ring(&actor, number).await {
                        let again =
                            host.clock.unix_ms() + u64::try_from(AGAIN.as_millis()).unwrap_or(u64::MAX);
                        host.alarms.add(again, &actor, number);
                    }
                }
            }
            Some(Err(Duration::MAX)) => host.alarms.changed.notified().await,
            Some(Err(wait)) => {
                // Whichever comes first; a new alarm may be due before.
                let _ = host.clock.timeout(wait, host.alarms.changed.notified()).await;
            }
            None => refill(&host).await,
        }
    }
}

async fn refill(host: &Host) {
    host.alarms.ask();
    match host.store.due(u64::MAX, KEPT).await {
        Ok(all) => host.alarms.learn(all),
        Err(error) => {
            tracing::warn!(%error, "the alarms that come next are not known; the store is asked again");
            host.clock.sleep(AGAIN).await;
        }
    }
}

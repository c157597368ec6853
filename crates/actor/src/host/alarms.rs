//! When alarms ring: the next ones of all actors, in the order of their time.
//!
//! The store is asked page by page, and not again for what it told: what has rung is kept here until it has ended, so that
//! alarms that wait for their actors keep no others from ringing. Owns the times. What an alarm calls, and whether it still
//! stands, its actor knows.

use super::Inner as Host;
use super::ring::Ring;
use crate::courtesy;
use playhouse_core::actor::ActorId;
use playhouse_core::clock::Clock;
use playhouse_core::store::Due;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::Notify;

/// A page; so many of those that have not rung are kept in memory, or twice as many. The store has the rest.
const KEPT: usize = 1_000;

/// After what pause the store is asked again that did not answer.
const AGAIN: Duration = Duration::from_millis(250);

/// Behind all places.
const END: (u64, u64) = (u64::MAX, u64::MAX);

/// An alarm of an actor.
pub(super) type Name = (ActorId, u64);

/// The alarms that ring next.
pub(crate) struct Alarms {
    clock: Clock,
    next: Mutex<Next>,
    changed: Notify,
}

struct Next {
    /// Those that have not rung, by their time.
    due: BTreeSet<(u64, ActorId, u64)>,
    /// Those of `rung` that ring again, by the time of that.
    again: BTreeSet<(u64, ActorId, u64)>,
    /// Those that have rung and not ended. The store does not tell of them any more.
    rung: HashMap<Name, Rung>,
    /// The place of the last that the store told; those behind it may be in the store only.
    known: (u64, u64),
    /// The store is being asked: what is added meanwhile may not be in its answer.
    asking: bool,
    stopped: bool,
    /// Kinds of actors that there are no more, each named once.
    missed: HashSet<Arc<str>>,
}

enum Rung {
    /// Its actor has it, and it is wanted once more at this time.
    Out(Option<u64>),
    /// It rings again at this time, after so many attempts.
    Waits(u64, u32),
}

impl Next {
    /// Leaves the latest to the store. Others of their moment may stay: they are found again there, and ring once.
    fn trim(&mut self) {
        while !self.asking && self.due.len() > 2 * KEPT {
            if let Some((last, ..)) = self.due.pop_last() {
                self.known = self.known.min((last, 0));
            }
        }
    }

    fn wait(&mut self, name: Name, at: u64, tries: u32) {
        self.again.insert((at, name.0.clone(), name.1));
        self.rung.insert(name, Rung::Waits(at, tries));
    }

    /// One that has rung rings once more; `false` if it is none of those.
    fn once_more(&mut self, name: &Name, at: u64) -> bool {
        let before = match self.rung.get_mut(name) {
            None => return false,
            Some(Rung::Out(wanted)) => {
                *wanted = Some(wanted.map_or(at, |wanted| wanted.min(at)));
                return true;
            }
            Some(Rung::Waits(before, _)) => *before,
        };
        if at < before {
            self.again.remove(&(before, name.0.clone(), name.1));
            self.wait(name.clone(), at, 0);
        }
        true
    }

    /// One whose time has come, and after how many attempts.
    fn pop(&mut self, now: u64) -> Option<(Name, u32)> {
        while let Some((_, actor, number)) = pop_until(&mut self.due, now) {
            if let Entry::Vacant(entry) = self.rung.entry((actor.clone(), number)) {
                entry.insert(Rung::Out(None));
                return Some(((actor, number), 0));
            }
        }
        let (_, actor, number) = pop_until(&mut self.again, now)?;
        let name = (actor, number);
        let tries = match self.rung.insert(name.clone(), Rung::Out(None)) {
            Some(Rung::Waits(_, tries)) => tries,
            Some(Rung::Out(_)) | None => 0,
        };
        Some((name, tries))
    }
}

fn pop_until(times: &mut BTreeSet<(u64, ActorId, u64)>, now: u64) -> Option<(u64, ActorId, u64)> {
    if times.first()?.0 <= now { times.pop_first() } else { None }
}

impl Alarms {
    pub(super) fn new(clock: Clock) -> Self {
        let next = Next {
            due: BTreeSet::new(),
            again: BTreeSet::new(),
            rung: HashMap::new(),
            known: (0, 0),
            asking: false,
            stopped: false,
            missed: HashSet::new(),
        };
        Self { clock, next: Mutex::new(next), changed: Notify::new() }
    }

    fn next(&self) -> MutexGuard<'_, Next> {
        self.next.lock().expect("nothing panics while it holds the alarms")
    }

    pub(super) fn stop(&self) {
        self.next().stopped = true;
        self.changed.notify_one();
    }

    /// There may be an earlier one.
    fn ring_anew(&self) {
        courtesy::wakes_somebody();
        self.changed.notify_one();
    }

    /// An alarm that the store has from now on.
    pub(crate) fn add(&self, due: u64, actor: &ActorId, number: u64) {
        let mut next = self.next();
        if !next.once_more(&(actor.clone(), number), due) {
            if due > next.known.0 && !next.asking {
                return;
            }
            next.due.insert((due, actor.clone(), number));
            next.trim();
        }
        drop(next);
        self.ring_anew();
    }

    /// An alarm whose end was not kept: it rings at its time, or after `pause` if that has passed.
    pub(super) fn undone(&self, due: u64, actor: &ActorId, number: u64, pause: Duration) {
        let at = self.after(pause);
        if due > self.clock.unix_ms() {
            return self.add(due, actor, number);
        }
        let (mut next, name) = (self.next(), (actor.clone(), number));
        if !next.once_more(&name, at) {
            next.wait(name, at, 0);
        }
        drop(next);
        self.ring_anew();
    }

    /// One that has rung comes back from its actor: it has ended, or rings again at a time, after so many attempts.
    pub(super) fn back(&self, name: Name, again: Option<(u64, u32)>) {
        let mut next = self.next();
        let wanted = match next.rung.remove(&name) {
            Some(Rung::Out(wanted)) => wanted,
            Some(Rung::Waits(..)) | None => None,
        };
        let (at, tries) = match (again, wanted) {
            (Some((at, tries)), Some(wanted)) => (at.min(wanted), tries),
            (Some((at, tries)), None) => (at, tries),
            (None, Some(wanted)) => (wanted, 0),
            (None, None) => return,
        };
        next.wait(name, at, tries);
        drop(next);
        self.ring_anew();
    }

    /// The time after a pause.
    pub(super) fn after(&self, pause: Duration) -> u64 {
        self.clock.unix_ms() + u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)
    }

    /// There is an alarm of a kind of actors that there is no more.
    pub(super) fn miss(&self, kind: &Arc<str>) {
        if self.next().missed.insert(kind.clone()) {
            tracing::warn!(
                %kind,
                "there are alarms of actors of a kind that there is no more; they stay in the store, and ring when a \
                 program starts that has this kind"
            );
        }
    }

    /// Takes in what the store says comes next.
    fn learn(&self, all: Vec<Due>) {
        let mut next = self.next();
        next.known = match all.last() {
            Some(last) if all.len() >= KEPT => last.place(),
            Some(_) | None => END,
        };
        next.asking = false;
        next.due.extend(all.into_iter().map(|due| (due.due, due.actor, due.number)));
        next.trim();
    }

    /// Begins to ask for what is behind this place.
    fn ask(&self) -> (u64, u64) {
        let mut next = self.next();
        next.asking = true;
        next.known
    }

    fn not_told(&self) {
        self.next().asking = false;
    }

    /// Those whose time has come, or how long there is to wait; `None` when the store has to be asked.
    fn due(&self, host: &Arc<Host>) -> Option<Result<Vec<Ring>, Duration>> {
        let (mut next, now) = (self.next(), self.clock.unix_ms());
        let mut rings = Vec::new();
        while let Some((name, tries)) = next.pop(now) {
            rings.push(Ring::new(host, name, tries));
        }
        if !rings.is_empty() {
            return Some(Ok(rings));
        }
        if next.due.is_empty() && next.known != END {
            return None;
        }
        let first = next.due.first().into_iter().chain(next.again.first()).map(|(at, ..)| at).min();
        Some(Err(first.map_or(Duration::MAX, |at| Duration::from_millis(at - now))))
    }

    fn is_stopped(&self) -> bool {
        self.next().stopped
    }
}

/// Rings until the host stops.
pub(super) async fn ring(host: Arc<Host>) {
    while !host.alarms.is_stopped() {
        match host.alarms.due(&host) {
            Some(Ok(rings)) => {
                for ring in rings {
                    host.ring(ring).await;
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
    let after = host.alarms.ask();
    match host.store.due(after, u64::MAX, KEPT).await {
        Ok(all) => host.alarms.learn(all),
        Err(error) => {
            host.alarms.not_told();
            tracing::warn!(%error, "the alarms that come next are not known; the store is asked again");
            host.clock.sleep(AGAIN).await;
        }
    }
}

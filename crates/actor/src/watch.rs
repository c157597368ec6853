//! Names actors that compute for long without awaiting: each keeps a whole thread from all others.
//!
//! Each thread that polls actors has a slot with what it polls now; somebody on another runtime looks at them.

use playhouse_core::actor::Address;
use playhouse_core::clock::{Clock, Moment};
use playhouse_core::health::Health;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often it is looked, and for how long a poll may take before it is named: within a second of its begin.
const LOOK: Duration = Duration::from_millis(250);
const LONG: Duration = Duration::from_millis(500);

/// The part of [`Health`] that is spoken of.
const PART: &str = "actors";

/// All threads that have polled actors.
pub(crate) struct Watch {
    clock: Clock,
    slots: Mutex<Vec<Arc<Slot>>>,
}

/// What one thread polls.
#[derive(Default)]
struct Slot(Mutex<Option<Busy>>);

struct Busy {
    since: Moment,
    actor: Address,
    function: &'static str,
    named: bool,
}

thread_local! {
    /// This thread's slots, one for each watch: more than one only where a process has several nodes.
    static MINE: RefCell<Vec<(usize, Arc<Slot>)>> = const { RefCell::new(Vec::new()) };
}

/// A poll, until it is dropped.
pub(crate) struct Polling(Arc<Slot>);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch {
    pub(crate) fn new(clock: Clock) -> Arc<Self> {
        Arc::new(Self { clock, slots: Mutex::default() })
    }

    /// This thread polls an actor from now on.
    pub(crate) fn begin(self: &Arc<Self>, actor: &Address) -> Polling {
        let slot = self.mine();
        let busy = Busy { since: self.clock.now(), actor: actor.clone(), function: "", named: false };
        *locked(&slot.0) = Some(busy);
        Polling(slot)
    }

    /// Of the actor that this thread polls, this is polled now.
    pub(crate) fn runs(self: &Arc<Self>, function: &'static str) {
        if let Some(busy) = &mut *locked(&self.mine().0) {
            busy.function = function;
        }
    }

    fn mine(self: &Arc<Self>) -> Arc<Slot> {
        let key = Arc::as_ptr(self).addr();
        MINE.with_borrow_mut(|mine| {
            if let Some((_, slot)) = mine.iter().find(|(watch, _)| *watch == key) {
                return slot.clone();
            }
            let slot = Arc::<Slot>::default();
            locked(&self.slots).push(slot.clone());
            mine.push((key, slot.clone()));
            slot
        })
    }

    /// Looks until the node ends. Has to run where no actor can keep it from it.
    pub(crate) async fn look(self: Arc<Self>, health: Arc<Health>) {
        loop {
            self.clock.sleep(LOOK).await;
            match self.longest() {
                Some(text) => health.ails(PART, text),
                None => drop(health.heals(PART)),
            }
        }
    }

    /// What polls for too long, as a sentence; each is named once in the log.
    fn longest(&self) -> Option<String> {
        let now = self.clock.now();
        let mut all = Vec::new();
        for slot in &*locked(&self.slots) {
            let mut busy = locked(&slot.0);
            let Some(busy) = busy.as_mut().filter(|busy| now.since(busy.since) >= LONG) else { continue };
            let (actor, function) = (&busy.actor, busy.function);
            if !std::mem::replace(&mut busy.named, true) {
                tracing::error!(
                    %actor, action = function,
                    "an actor computes without awaiting: it keeps a thread from all others. Move long work to \
                     `tokio::task::spawn_blocking`, or await now and then"
                );
            }
            all.push(format!("{actor} computes in `{function}` without awaiting"));
        }
        (!all.is_empty()).then(|| all.join("; "))
    }
}

impl Drop for Polling {
    fn drop(&mut self) {
        *locked(&self.0.0) = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_polls_for_long_is_named() {
        let (clock, hand) = Clock::manual();
        let watch = Watch::new(clock);
        let polling = watch.begin(&Address::keyed("counter", "a"));
        watch.runs("spin");
        assert_eq!(watch.longest(), None);
        hand.advance(LONG);
        assert_eq!(watch.longest().unwrap(), "counter[a] computes in `spin` without awaiting");
        drop(polling);
        assert_eq!(watch.longest(), None);
    }
}

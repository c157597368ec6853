//! Which actors wait for which: finds calls that would wait for each other for ever. Within one node.

use playhouse_core::actor::ActorId;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// All waits of turns for other actors, those of the reads that they wait for among them. A read that no turn waits for
/// holds nobody up and is not there.
#[derive(Default)]
pub(crate) struct Waits(Mutex<HashMap<ActorId, Vec<ActorId>>>);

/// One wait, until it is dropped.
pub(crate) struct Waiting {
    waits: Arc<Waits>,
    who: ActorId,
    whom: ActorId,
}

impl Waits {
    /// `who` begins to wait for `whom`; `None` if that one already waits for `who`, over however many.
    pub(crate) fn begin(self: &Arc<Self>, who: &ActorId, whom: &ActorId) -> Option<Waiting> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if leads(&all, whom, who) {
            return None;
        }
        all.entry(who.clone()).or_default().push(whom.clone());
        Some(Waiting { waits: self.clone(), who: who.clone(), whom: whom.clone() })
    }
}

/// Whether `from` waits for `to`. What is waited for is a graph without cycles, so this ends.
fn leads(all: &HashMap<ActorId, Vec<ActorId>>, from: &ActorId, to: &ActorId) -> bool {
    let mut next = vec![from];
    while let Some(actor) = next.pop() {
        if actor == to {
            return true;
        }
        next.extend(all.get(actor).into_iter().flatten());
    }
    false
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let mut all = self.waits.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waited) = all.get_mut(&self.who) {
            if let Some(at) = waited.iter().position(|actor| *actor == self.whom) {
                waited.swap_remove(at);
            }
            if waited.is_empty() {
                all.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_would_wait_for_itself_is_found() {
        let waits = Arc::new(Waits::default());
        let [a, b, c] = ["a", "b", "c"].map(ActorId::new);
        let first = waits.begin(&a, &b).unwrap();
        let _second = waits.begin(&b, &c).unwrap();
        assert!(waits.begin(&c, &a).is_none());
        assert!(waits.begin(&a, &a).is_none());
        drop(first);
        assert!(waits.begin(&c, &a).is_some());
    }
}

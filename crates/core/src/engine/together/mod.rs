//! Several nodes in one process that share all they know: what a test with two nodes stands on. It passes the contract
//! suites with several nodes, so that they behave to each other as over a network.
//!
//! Owns who takes part, and what is left of one who went or vanished. How one node's inboxes hear and how rooms are kept
//! is the memory engine's.

mod broker;
mod presence;

use super::memory;
use crate::clock::{Clock, Moment};
use crate::id::ConnectionId;
use crate::trouble::Trouble;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

/// What nodes of one process share.
#[derive(Clone)]
pub struct Together(Arc<Shared>);

struct Shared {
    clock: Clock,
    /// How long a node that vanished counts as there.
    lease: Duration,
    rooms: memory::Presence,
    cache: Arc<memory::Cache>,
    store: Arc<memory::Store>,
    sides: Mutex<Vec<Arc<Inner>>>,
}

/// One node's access.
pub struct Side {
    shared: Arc<Shared>,
    inner: Arc<Inner>,
}

struct Inner {
    /// Who listens on this node.
    broker: memory::Broker,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Members of this node, by room; those of rooms that are gone may be among them.
    joined: HashSet<(Box<str>, ConnectionId)>,
    /// Since it has no part in anything any more: when its members are forgotten.
    forgotten_at: Option<Moment>,
}

impl Together {
    /// Nobody takes part yet. `lease` is how long a node that vanished counts as there, `cache` how many bytes the cache
    /// that all share may hold.
    #[must_use]
    pub fn new(clock: Clock, lease: Duration, cache: usize) -> Self {
        let cache = Arc::new(memory::Cache::new(clock.clone(), cache));
        let (rooms, store) = (memory::Presence::new(), Arc::new(memory::Store::new()));
        Self(Arc::new(Shared { clock, lease, rooms, cache, store, sides: Mutex::default() }))
    }

    /// An access for one more node.
    #[must_use]
    pub fn side(&self) -> Side {
        let inner = Arc::new(Inner { broker: memory::Broker::new(), state: Mutex::default() });
        self.0.sides().push(inner.clone());
        Side { shared: self.0.clone(), inner }
    }
}

impl Side {
    /// The cache, which is the same for all.
    #[must_use]
    pub fn cache(&self) -> Arc<memory::Cache> {
        self.shared.cache.clone()
    }

    /// The store, which is the same for all.
    #[must_use]
    pub fn store(&self) -> Arc<memory::Store> {
        self.shared.store.clone()
    }

    /// Goes politely: its members are forgotten at once. It can't come back.
    pub fn leave(&self) {
        self.end(self.shared.clock.now());
    }

    /// Goes without a word, as a machine that lost its power: its members are forgotten when its lease is over. It can't
    /// come back.
    pub fn vanish(&self) {
        self.end(self.shared.clock.now() + self.shared.lease);
    }

    fn end(&self, forgotten_at: Moment) {
        self.inner.state().forgotten_at.get_or_insert(forgotten_at);
        self.shared.forget_the_gone();
    }

    /// Whether it takes part.
    fn is_here(&self) -> Result<(), Trouble> {
        if self.inner.is_gone() {
            Err(Trouble::Away("this node has left the others".to_owned()))
        } else {
            Ok(())
        }
    }
}

impl Shared {
    fn sides(&self) -> MutexGuard<'_, Vec<Arc<Inner>>> {
        self.sides.lock().expect("nothing panics while it holds the sides")
    }

    /// All other nodes that take part.
    fn others(&self, than: &Arc<Inner>) -> Vec<Arc<Inner>> {
        let sides = self.sides();
        sides.iter().filter(|side| !Arc::ptr_eq(side, than) && !side.is_gone()).cloned().collect()
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds a side")
    }

    fn is_gone(&self) -> bool {
        self.state().forgotten_at.is_some()
    }
}

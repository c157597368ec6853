//! What is served by this node like a connection but is none of its own: a socket of an actor's client. It has an outbox
//! that counts with all others, and is closed with the connections when the node stops.
//!
//! Knows nothing of what its bytes mean, nor of whom it speaks to.

use crate::connection::Connection;
use crate::outbox::{Budget, Outbox};
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// One guest of a node.
pub struct Guest {
    outbox: Outbox,
    /// Calls that it waits for.
    waiting: AtomicUsize,
    number: u64,
    among: Arc<Guests>,
}

impl Guest {
    /// What waits for its link.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// Says that one more answer is awaited: a node that stops closes it after that.
    pub fn begin_call(&self) {
        self.waiting.fetch_add(1, Ordering::Relaxed);
    }

    /// Says that an answer has come.
    pub fn end_call(&self) {
        let one_less = |waiting: usize| Some(waiting.saturating_sub(1));
        // It always has a next value.
        let _ = self.waiting.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
    }

    /// Whether it waits for an answer that it can still be sent.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0 && self.outbox.closing().is_none()
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.among.all().remove(&self.number);
    }
}

/// The guests of a node.
#[derive(Default)]
pub(crate) struct Guests {
    all: Mutex<HashMap<u64, Weak<Guest>>>,
    next: AtomicU64,
}

impl Guests {
    /// One more, with an outbox for `limit` bytes.
    pub(crate) fn add(self: &Arc<Self>, limit: usize, budget: Arc<Budget>) -> Arc<Guest> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let outbox = Outbox::new(limit, budget);
        let guest = Arc::new(Guest { outbox, waiting: AtomicUsize::new(0), number, among: self.clone() });
        self.all().insert(number, Arc::downgrade(&guest));
        guest
    }

    /// Those who have not gone. Who goes takes the lock: nobody is let go while it is held.
    pub(crate) fn present(&self) -> Vec<Arc<Guest>> {
        let all: Vec<_> = self.all().values().cloned().collect();
        all.iter().filter_map(Weak::upgrade).collect()
    }

    fn all(&self) -> MutexGuard<'_, HashMap<u64, Weak<Guest>>> {
        // A guest may be dropped by who panics.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who has an outbox here.
#[derive(Clone)]
pub enum Served {
    /// A connection.
    Connection(Connection),
    /// A guest.
    Guest(Arc<Guest>),
}

impl Served {
    /// What waits for its link.
    #[must_use]
    pub fn outbox(&self) -> &Outbox {
        match self {
            Self::Connection(connection) => connection.outbox(),
            Self::Guest(guest) => guest.outbox(),
        }
    }
}

impl fmt::Display for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(connection) => connection.id().fmt(f),
            Self::Guest(_) => f.write_str("a client's session"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_core::codes;

    #[test]
    fn guests_are_known_until_they_go() {
        let guests = Arc::new(Guests::default());
        let budget = Arc::new(Budget::new(1_000));
        let (one, other) = (guests.add(100, budget.clone()), guests.add(100, budget.clone()));
        one.outbox().append(|out| out.extend_from_slice(&[0; 60]));
        assert_eq!((guests.present().len(), budget.used()), (2, 60));
        drop(one);
        assert_eq!((guests.present().len(), budget.used()), (1, 0));
        drop(other);
        assert!(guests.all().is_empty());
    }

    #[test]
    fn one_waits_while_it_can_be_answered() {
        let guests = Arc::new(Guests::default());
        let guest = guests.add(100, Arc::new(Budget::new(1_000)));
        guest.end_call();
        guest.begin_call();
        assert!(guest.is_waiting());
        guest.outbox().close(&codes::LEFT);
        assert!(!guest.is_waiting());
    }
}

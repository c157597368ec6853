//! Which rooms a connection is in, in order of joining. The hub holds the other direction.

use std::sync::{Arc, Mutex, MutexGuard};

/// The rooms of one connection.
#[derive(Default)]
pub(crate) struct Membership(Mutex<Vec<Arc<str>>>);

/// Why a room can't be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    AlreadyIn,
    TooMany,
}

impl Membership {
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<str>>> {
        self.0.lock().expect("nothing panics while it holds a list of rooms")
    }

    pub(crate) fn contains(&self, room: &str) -> bool {
        self.lock().iter().any(|name| **name == *room)
    }

    /// Enters a room, with at most `limit` in all. Whoever gets `Ok` is the only one to enter it.
    pub(crate) fn enter(&self, room: &Arc<str>, limit: usize) -> Result<(), Refused> {
        let mut rooms = self.lock();
        if rooms.contains(room) {
            return Err(Refused::AlreadyIn);
        }
        if rooms.len() >= limit {
            return Err(Refused::TooMany);
        }
        rooms.push(room.clone());
        Ok(())
    }

    /// Leaves a room; only one caller gets `true` for a stay, so what follows from leaving happens once.
    pub(crate) fn exit(&self, room: &str) -> bool {
        let mut rooms = self.lock();
        let Some(at) = rooms.iter().position(|name| **name == *room) else { return false };
        rooms.remove(at);
        if rooms.is_empty() {
            *rooms = Vec::new();
        }
        true
    }

    pub(crate) fn list(&self) -> Vec<Arc<str>> {
        self.lock().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn enters_and_leaves_once() {
        let rooms = Membership::default();
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        assert_eq!(rooms.enter(&a, 1), Ok(()));
        assert_eq!(rooms.enter(&a, 1), Err(Refused::AlreadyIn));
        assert_eq!(rooms.enter(&b, 1), Err(Refused::TooMany));
        assert!(rooms.exit("a"));
        assert!(!rooms.exit("a"));
        assert_eq!(rooms.enter(&b, 1), Ok(()));
        assert_eq!(rooms.list(), [b]);
    }
}

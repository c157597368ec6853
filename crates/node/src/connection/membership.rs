//! Which rooms a connection is in, in order of joining. The hub holds the other direction.

use std::sync::{Arc, Mutex, MutexGuard};

/// The rooms of one connection.
#[derive(Default)]
pub(crate) struct Membership(Mutex<State>);

#[derive(Default)]
struct State {
    rooms: Vec<Arc<str>>,
    /// The connection has gone: nothing is entered any more.
    closed: bool,
}

/// Why a room can't be entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    AlreadyIn,
    TooMany,
    Gone,
}

impl Membership {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("nothing panics while it holds a list of rooms")
    }

    pub(crate) fn contains(&self, room: &str) -> bool {
        self.lock().rooms.iter().any(|name| **name == *room)
    }

    /// Enters a room, with at most `limit` in all. Whoever gets `Ok` is the only one to enter it.
    pub(crate) fn enter(&self, room: &Arc<str>, limit: usize) -> Result<(), Refused> {
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Gone);
        }
        if state.rooms.contains(room) {
            return Err(Refused::AlreadyIn);
        }
        if state.rooms.len() >= limit {
            return Err(Refused::TooMany);
        }
        state.rooms.push(room.clone());
        Ok(())
    }

    /// Leaves a room; only one caller gets `true` for a stay, so what follows from leaving happens once.
    pub(crate) fn exit(&self, room: &str) -> bool {
        let mut state = self.lock();
        let Some(at) = state.rooms.iter().position(|name| **name == *room) else { return false };
        state.rooms.remove(at);
        if state.rooms.is_empty() {
            state.rooms = Vec::new();
        }
        true
    }

    /// Ends all entering; answers the rooms that are left to leave. Under one lock, so that nobody enters a
    /// room that whoever closes does not see.
    pub(crate) fn close(&self) -> Vec<Arc<str>> {
        let mut state = self.lock();
        state.closed = true;
        state.rooms.clone()
    }

    pub(crate) fn list(&self) -> Vec<Arc<str>> {
        self.lock().rooms.clone()
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

    #[test]
    fn closed_it_is_left_but_not_entered() {
        let rooms = Membership::default();
        let (a, b): (Arc<str>, Arc<str>) = ("a".into(), "b".into());
        assert_eq!(rooms.enter(&a, 9), Ok(()));
        assert_eq!(rooms.close(), [a]);
        assert_eq!(rooms.enter(&b, 9), Err(Refused::Gone));
        assert!(rooms.exit("a"));
        assert!(rooms.close().is_empty());
    }
}

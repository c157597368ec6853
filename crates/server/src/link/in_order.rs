//! The order of calls that come in requests of their own, often on sockets of their own: they may overtake each other on
//! their way. Their ids say in which order they were made.
//!
//! Owns what came early, as bytes, and how much of it there may be. Knows no seat and no request.

use bytes::Bytes;
use std::collections::BTreeMap;

/// How much of what came early is kept.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) calls: usize,
    /// One call may have more.
    pub(super) bytes: usize,
}

/// What becomes of a call that came.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Came {
    /// It is its turn, or past it.
    Now,
    /// Others were made before it: it is kept.
    Early,
    /// One of this id is kept already.
    Twice,
    /// Others were made before it, and as much is kept as may be.
    Crowded,
}

/// What is kept, and whose turn it is.
#[derive(Debug, Default)]
pub(super) struct Order {
    /// The id of the call that comes next.
    next: u64,
    /// Calls that came before it, unread: what they become takes more memory.
    early: BTreeMap<u64, Bytes>,
    bytes: usize,
}

impl Order {
    /// A call came.
    pub(super) fn come(&mut self, id: u64, message: &Bytes, bounds: Bounds) -> Came {
        if id < self.next {
            return Came::Now;
        }
        if id == self.next {
            self.pass();
            return Came::Now;
        }
        if self.early.contains_key(&id) {
            return Came::Twice;
        }
        let bytes = self.bytes.saturating_add(message.len());
        if self.early.len() >= bounds.calls || (bytes > bounds.bytes && !self.early.is_empty()) {
            return Came::Crowded;
        }
        self.bytes = bytes;
        self.early.insert(id, message.clone());
        Came::Early
    }

    /// Takes what comes next, if it is there.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        let message = self.remove(self.next)?;
        self.pass();
        Some(message)
    }

    /// Does not wait any more for what is missing.
    pub(super) fn skip(&mut self) {
        if let Some(id) = self.early.keys().next() {
            self.next = *id;
        }
    }

    /// Whether a call is still kept.
    pub(super) fn keeps(&self, id: u64) -> bool {
        self.early.contains_key(&id)
    }

    /// Forgets a call, if it is still kept.
    pub(super) fn remove(&mut self, id: u64) -> Option<Bytes> {
        let message = self.early.remove(&id)?;
        self.bytes -= message.len();
        Some(message)
    }

    /// Behind the last id there is none.
    fn pass(&mut self) {
        self.next = self.next.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds { calls: 3, bytes: 10 };

    fn come(order: &mut Order, id: u64, len: usize) -> Came {
        order.come(id, &vec![0; len].into(), BOUNDS)
    }

    #[test]
    fn calls_are_put_in_order() {
        let mut order = Order::default();
        assert_eq!(come(&mut order, 2, 1), Came::Early);
        assert_eq!(come(&mut order, 1, 2), Came::Early);
        assert_eq!(come(&mut order, 2, 1), Came::Twice);
        assert_eq!(order.take(), None);
        assert_eq!(come(&mut order, 0, 3), Came::Now);
        assert_eq!(
            [order.take(), order.take(), order.take()].map(|it| it.map(|it| it.len())),
            [Some(2), Some(1), None]
        );
        assert_eq!(come(&mut order, 1, 1), Came::Now, "what comes late is done");
        assert_eq!(come(&mut order, u64::MAX, 1), Came::Early);
        order.skip();
        assert!(order.take().is_some() && order.take().is_none());
        assert_eq!(come(&mut order, u64::MAX, 1), Came::Now);
    }

    #[test]
    fn what_is_kept_has_bounds() {
        let mut order = Order::default();
        assert_eq!(come(&mut order, 5, 50), Came::Early, "alone it may be longer");
        assert_eq!(come(&mut order, 6, 1), Came::Crowded);
        assert!(order.remove(5).is_some() && !order.keeps(5) && order.remove(5).is_none());
        for id in 5..8 {
            assert_eq!(come(&mut order, id, 3), Came::Early);
        }
        assert_eq!(come(&mut order, 8, 0), Came::Crowded, "three are the most");
        order.remove(6);
        assert_eq!(come(&mut order, 8, 5), Came::Crowded, "ten bytes are the most");
        assert_eq!(come(&mut order, 8, 4), Came::Early);
    }
}

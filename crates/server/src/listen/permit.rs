//! How many connections a node serves at once, and what one more is told.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What a client is told by a node that serves as many as it may. It is written without reading a byte.
pub(crate) const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\n\
    content-type: text/plain\r\ncontent-length: 35\r\nconnection: close\r\n\r\nthe server is full, try again soon\n";

/// Hands out permits up to a limit.
#[derive(Clone)]
pub(crate) struct Permits(Arc<State>);

struct State {
    used: AtomicUsize,
    limit: usize,
}

impl Permits {
    pub(crate) fn new(limit: usize) -> Self {
        Self(Arc::new(State { used: AtomicUsize::new(0), limit }))
    }

    /// A permit, if there is one left.
    pub(crate) fn take(&self) -> Option<Permit> {
        let permit = Permit(self.0.clone());
        (self.0.used.fetch_add(1, Ordering::Relaxed) < self.0.limit).then_some(permit)
    }
}

/// The right to be one of the connections of this node; given back when it is dropped.
pub(crate) struct Permit(Arc<State>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.used.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_as_there_may_be() {
        let permits = Permits::new(2);
        let (first, second) = (permits.take(), permits.take());
        assert!(first.is_some() && second.is_some() && permits.take().is_none());
        drop(first);
        assert!(permits.take().is_some());
    }

    #[test]
    fn the_canned_answer_counts_its_bytes() {
        let text = std::str::from_utf8(FULL).expect("it is ASCII");
        let (head, body) = text.split_once("\r\n\r\n").expect("it has a head");
        assert!(head.contains(&format!("content-length: {}", body.len())));
    }
}

//! What all outboxes of a node hold together, in bytes. Knows no outbox.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many bytes all outboxes of a node hold together.
#[derive(Debug)]
pub struct Budget {
    /// Below zero for a moment where what was pushed is written before it is counted.
    used: AtomicUsize,
    /// What those hold who are closed as slow already: it goes when their links do.
    going: AtomicUsize,
    limit: usize,
}

impl Budget {
    /// A budget of `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { used: AtomicUsize::new(0), going: AtomicUsize::new(0), limit }
    }

    /// Bytes that wait now.
    #[must_use]
    pub fn used(&self) -> usize {
        usize::try_from(self.used.load(Ordering::Relaxed).cast_signed()).unwrap_or(0)
    }

    /// What of it goes with its link.
    pub(super) fn going(&self) -> usize {
        self.going.load(Ordering::Relaxed)
    }

    /// Counts what was pushed.
    pub(crate) fn count(&self, len: usize) {
        self.used.fetch_add(len, Ordering::Relaxed);
    }

    /// Counts what is written, and how much of it was counted as going.
    pub(super) fn count_written(&self, len: usize, gone: usize) {
        self.used.fetch_sub(len, Ordering::Relaxed);
        // All workers write to these; what is rare is not asked of every write.
        if gone > 0 {
            self.going.fetch_sub(gone, Ordering::Relaxed);
        }
    }

    /// Counts what a slow reader gets no more, and what of the rest goes with its link.
    pub(super) fn count_shut(&self, dropped: usize, going: usize) {
        self.used.fetch_sub(dropped, Ordering::Relaxed);
        self.going.fetch_add(going, Ordering::Relaxed);
    }

    /// Whether more waits than may, for those who are not closed for it already.
    #[must_use]
    pub fn is_exceeded(&self) -> bool {
        self.used() > self.limit.saturating_add(self.going())
    }
}

//! A limit in bytes and the shares taken of it.
//!
//! Owns the count. Must not know what the bytes are for.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many bytes, for all who hold shares of it.
pub(super) struct Budget {
    limit: usize,
    // Relaxed throughout: the number guards no other memory.
    used: AtomicUsize,
}

impl Budget {
    pub(super) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self { limit, used: AtomicUsize::new(0) })
    }

    pub(super) fn limit(&self) -> usize {
        self.limit
    }

    /// Takes a share, if so much is left.
    pub(super) fn take(self: &Arc<Self>, bytes: usize) -> Option<Share> {
        self.add(bytes).then(|| Share { budget: Arc::clone(self), bytes })
    }

    fn add(&self, bytes: usize) -> bool {
        let more = |used: usize| used.checked_add(bytes).filter(|used| *used <= self.limit);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.used.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// A part of a budget; dropping it gives it back.
pub(super) struct Share {
    budget: Arc<Budget>,
    bytes: usize,
}

impl Share {
    /// Makes the share this large; `false`, and unchanged, if so much is not left.
    pub(super) fn resize(&mut self, bytes: usize) -> bool {
        if bytes > self.bytes {
            if !self.budget.add(bytes - self.bytes) {
                return false;
            }
        } else {
            self.budget.give_back(self.bytes - bytes);
        }
        self.bytes = bytes;
        true
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.budget.give_back(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(budget: &Budget) -> usize {
        budget.used.load(Ordering::Relaxed)
    }

    #[test]
    fn shares_never_exceed_the_limit() {
        let budget = Budget::new(100);
        let mut first = budget.take(60).unwrap();
        assert!(budget.take(41).is_none());
        assert!(!first.resize(101));
        assert_eq!(used(&budget), 60);
        let second = budget.take(40).unwrap();
        assert!(!first.resize(61));
        drop(second);
        assert!(first.resize(100));
        assert!(first.resize(1));
        assert_eq!(used(&budget), 1);
        drop(first);
        assert_eq!(used(&budget), 0);
    }

    #[test]
    fn a_share_beyond_all_numbers_is_refused() {
        let budget = Budget::new(usize::MAX);
        let _one = budget.take(1).unwrap();
        assert!(budget.take(usize::MAX).is_none());
    }
}

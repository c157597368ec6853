//! What a connection was sent lately: one whose link broke is given again what it missed.
//!
//! Keeps bodies by their numbers, within bounds of its own and of its node. What a client has not got and is kept no more
//! is gone for good, and told so: a log never skips.

use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What one connection's log holds at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLimits {
    /// Messages.
    pub messages: usize,
    /// Their bytes.
    pub bytes: usize,
}

/// What all logs of a node hold, and the answers that are given again, in bytes. A body that many share counts for each of them.
#[derive(Debug)]
pub struct LogBudget {
    used: AtomicUsize,
    limit: usize,
}

impl LogBudget {
    /// A budget of `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { used: AtomicUsize::new(0), limit }
    }

    pub(crate) fn is_exceeded(&self) -> bool {
        // Others may be giving back what they had not taken yet.
        self.used().cast_signed() > self.limit.cast_signed()
    }

    pub(crate) fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// Counts that somebody holds so much now, and no more what it held before.
    pub(crate) fn count(&self, before: usize, now: usize) {
        // Wraps around where it is less.
        self.used.fetch_add(now.wrapping_sub(before), Ordering::Relaxed);
    }
}

/// What an entry takes beside its bytes.
const ENTRY: usize = size_of::<Bytes>();

/// The budget is told of changes by so many bytes: all workers write to it.
const GRAIN: usize = 4096;

/// So often a log is aged before what it holds has been there for as long as anybody could be away.
pub(crate) const AGES: usize = 4;

/// The log of one connection.
pub(super) struct Log {
    /// The number of the first message that is kept.
    first: u64,
    kept: VecDeque<Bytes>,
    bytes: usize,
    limits: LogLimits,
    budget: Arc<LogBudget>,
    /// What the budget knows of.
    told: usize,
    /// The number that was next when it was aged, the last times.
    ages: VecDeque<u64>,
    /// There is no link: what is kept here is all that is kept.
    pub(super) is_all: bool,
}

impl Log {
    /// An empty log; the next message has this number.
    pub(super) fn new(next: u64, limits: LogLimits, budget: Arc<LogBudget>) -> Self {
        Self {
            first: next,
            kept: VecDeque::new(),
            bytes: 0,
            limits,
            budget,
            told: 0,
            ages: VecDeque::new(),
            is_all: false,
        }
    }

    fn next(&self) -> u64 {
        self.first + self.kept.len() as u64
    }

    /// Keeps the next message.
    pub(super) fn push(&mut self, body: Bytes) {
        self.bytes += body.len() + ENTRY;
        self.kept.push_back(body);
        while self.kept.len() > self.limits.messages || self.bytes > self.limits.bytes {
            self.drop_first();
        }
        if self.told.abs_diff(self.bytes) >= GRAIN {
            self.tell();
            if self.budget.is_exceeded() {
                while !self.kept.is_empty() {
                    self.drop_first();
                }
                self.tell();
            }
        }
    }

    fn drop_first(&mut self) {
        if let Some(body) = self.kept.pop_front() {
            self.bytes -= body.len() + ENTRY;
            self.first += 1;
        }
    }

    /// Whether all that follows a message is kept.
    pub(super) fn reaches(&self, from: u64) -> bool {
        from + 1 >= self.first && from < self.next()
    }

    /// What follows a message, with its numbers.
    pub(super) fn after(&self, from: u64) -> impl Iterator<Item = (u64, &Bytes)> {
        let skipped = (from + 1).saturating_sub(self.first);
        let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
        (self.first..).zip(&self.kept).skip(skipped)
    }

    /// Drops what has been here [`AGES`] times.
    pub(super) fn age(&mut self) {
        self.ages.push_back(self.next());
        if self.ages.len() <= AGES {
            return;
        }
        let old = self.ages.pop_front().unwrap_or(self.first);
        while self.first < old && !self.kept.is_empty() {
            self.drop_first();
        }
        if self.kept.is_empty() {
            self.kept = VecDeque::new();
        }
        self.tell();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    fn tell(&mut self) {
        self.budget.count(self.told, self.bytes);
        self.told = self.bytes;
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.budget.count(self.told, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(messages: usize, bytes: usize) -> Log {
        Log::new(1, LogLimits { messages, bytes }, Arc::new(LogBudget::new(1 << 20)))
    }

    fn numbers(log: &Log, from: u64) -> Vec<u64> {
        log.after(from).map(|(number, _)| number).collect()
    }

    #[test]
    fn what_follows_a_message_is_kept_or_it_is_said_that_it_is_not() {
        let mut log = log(3, 1 << 20);
        assert!(log.reaches(0) && !log.reaches(1));
        for text in ["one", "two", "three", "four"] {
            log.push(Bytes::from_static(text.as_bytes()));
        }
        assert_eq!([0, 1, 2, 4, 5].map(|from| log.reaches(from)), [false, true, true, true, false]);
        assert_eq!((numbers(&log, 1), numbers(&log, 3), numbers(&log, 4)), (vec![2, 3, 4], vec![4], vec![]));
        assert_eq!(log.after(3).next().map(|(_, body)| &body[..]), Some(&b"four"[..]));
    }

    #[test]
    fn bytes_are_bounded() {
        let mut log = log(1000, 3 * (100 + ENTRY));
        for _ in 0..10 {
            log.push(vec![0; 100].into());
        }
        assert_eq!(numbers(&log, 7), [8, 9, 10]);
        log.push(vec![0; 10_000].into());
        assert!(log.is_empty() && log.reaches(11) && !log.reaches(10), "one that does not fit is not kept");
    }

    #[test]
    fn what_is_old_goes() {
        let mut log = log(1000, 1 << 20);
        log.push(Bytes::from_static(b"old"));
        for _ in 0..AGES {
            log.age();
        }
        log.push(Bytes::from_static(b"new"));
        log.age();
        assert_eq!(numbers(&log, 1), [2]);
        assert!(!log.reaches(0));
    }

    #[test]
    fn all_logs_share_a_budget() {
        let budget = Arc::new(LogBudget::new(10_000));
        let limits = LogLimits { messages: 1000, bytes: 1 << 20 };
        let mut one = Log::new(1, limits, budget.clone());
        let mut other = Log::new(1, limits, budget.clone());
        one.push(vec![0; 8_000].into());
        other.push(vec![0; 8_000].into());
        assert!(one.reaches(0) && !other.reaches(0), "who finds no room begins anew");
        drop(one);
        other.push(vec![0; 8_000].into());
        assert!(other.reaches(1));
        drop(other);
        assert_eq!(budget.used(), 0);
    }
}

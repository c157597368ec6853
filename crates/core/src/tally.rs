//! How many of something run, counted by all workers at every message without one waiting for another: each
//! counts in a place of its own. Reading is dear, counting is not.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Threads that count in places of their own; more of them share.
const PLACES: usize = 32;

/// A count of what has begun and has not ended. Takes 4 KiB.
#[derive(Debug, Default)]
pub struct Tally {
    places: [Place; PLACES],
}

/// As large as what processors fetch at once, so that no two places are in one piece of it.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Place {
    begun: AtomicU64,
    ended: AtomicU64,
}

impl Tally {
    /// Something has begun.
    pub fn begin(&self) {
        self.place().begun.fetch_add(1, Ordering::Release);
    }

    /// Something that had begun, perhaps on another thread, has ended.
    pub fn end(&self) {
        self.place().ended.fetch_add(1, Ordering::Release);
    }

    /// What runs now, or a little more while others count. Never 0 while something runs that began before this was called: all ends are read before
    /// all beginnings.
    #[must_use]
    pub fn running(&self) -> u64 {
        let sum = |count: fn(&Place) -> &AtomicU64| -> u64 {
            self.places.iter().map(|place| count(place).load(Ordering::Acquire)).sum()
        };
        let ended = sum(|place| &place.ended);
        sum(|place| &place.begun) - ended
    }

    fn place(&self) -> &Place {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local! {
            static NUMBER: Cell<usize> = Cell::new(THREADS.fetch_add(1, Ordering::Relaxed));
        }
        &self.places[NUMBER.get() % PLACES]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn beginnings_and_ends_of_many_threads_meet() {
        let tally = Tally::default();
        tally.begin();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1_000 {
                        tally.begin();
                        tally.end();
                    }
                });
            }
            for _ in 0..1_000 {
                assert!(tally.running() >= 1, "one runs all the time");
            }
        });
        thread::scope(|scope| scope.spawn(|| tally.end()).join().expect("it only counts"));
        assert_eq!(tally.running(), 0);
    }
}

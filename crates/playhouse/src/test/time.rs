//! The clock of a test: it stands still until the test moves it, for all nodes at once.

use super::Test;
use std::time::Duration;

/// Turns of the test's runtime after which everything that can go on without the clock has gone on. A message from
/// client to client takes about ten.
const TURNS: usize = 100;

impl Test {
    /// Lets everything go on that waits for nothing but its turn, then moves the clock of all nodes. It stops wherever a
    /// timer is due and lets everything go on that was woken: what this sets for a time within `duration` comes to its
    /// time too, in order.
    pub async fn advance(&self, duration: Duration) {
        settle().await;
        let hand = &self.nodes.hand;
        let end = hand.now() + duration;
        while let Some(due) = hand.next_deadline().filter(|due| *due < end) {
            hand.advance_to(due);
            settle().await;
        }
        hand.advance_to(end);
        settle().await;
    }

    /// The time as the application sees it: milliseconds since 1970. Begins at 1,700,000,000,000.
    #[must_use]
    pub fn now(&self) -> u64 {
        self.nodes.hand.unix_ms()
    }
}

/// Lets every task that is ready run, and those that they wake.
pub(super) async fn settle() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}

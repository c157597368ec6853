//! Time: the one place that asks the operating system what time it is and that wakes who waits.
//! A closed choice between the system's time and a time that a test moves by hand; not tokio's
//! timers, whose paused form runs ahead while a thread works. Knows nothing of connections or actors.

mod manual;
mod moment;
mod system;
#[cfg(test)]
mod tests;
mod timer;
mod waiting;
mod wheel;

use std::sync::Arc;
use std::time::Duration;

pub use self::manual::Manual;
pub use self::moment::Moment;
pub use self::system::System;
pub use self::timer::{Elapsed, Sleep, Timeout, Timer};

/// Where time comes from. Cloning is cheap; clones and their timers share one time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The system's monotonic time. Timers fire on ticks of 8 ms, never early.
    System(Arc<System>),
    /// A time that stands still until [`Manual::advance`] moves it. Timers fire exactly.
    Manual(Manual),
}

impl Clock {
    /// A clock that follows the system. Starts one thread, which sleeps until the next timer is due and
    /// ends with the last clone of this clock and the last of its timers.
    ///
    /// # Panics
    /// When the operating system refuses the thread; a node without time cannot start.
    #[must_use]
    pub fn system() -> Self {
        Self::System(System::start())
    }

    /// A clock that stands still, and the hand that moves it.
    #[must_use]
    pub fn manual() -> (Self, Manual) {
        let hand = Manual::new();
        (Self::Manual(hand.clone()), hand)
    }

    /// The time now, counted from the making of this clock. Never goes back.
    #[must_use]
    pub fn now(&self) -> Moment {
        match self {
            Self::System(system) => system.now(),
            Self::Manual(manual) => manual.now(),
        }
    }

    /// Milliseconds since 1970-01-01 UTC, for what people and clients see. May jump when the system's
    /// date is set; measure with [`Clock::now`].
    #[must_use]
    pub fn unix_ms(&self) -> u64 {
        match self {
            Self::System(_) => system::unix_ms(),
            Self::Manual(manual) => manual.unix_ms(),
        }
    }

    /// A timer that is not set. It costs nothing until it is set and polled.
    #[must_use]
    pub fn timer(&self) -> Timer {
        Timer::new(self.clone())
    }

    /// Resolves once `duration` has passed, counted from this call.
    pub fn sleep(&self, duration: Duration) -> Sleep {
        Sleep::until(self, self.now() + duration)
    }

    /// Runs `future` for at most `duration`, counted from its first poll; then it is left where it
    /// stands and the answer is [`Elapsed`]. A future that is ready at the last moment wins.
    pub fn timeout<F: Future>(&self, duration: Duration, future: F) -> Timeout<F> {
        Timeout::new(self, duration, future)
    }
}

//! A timer's place in its clock: one `match` over the closed choice of clocks. Owns the number that names
//! the place; knows no deadlines of its own.

use std::task::Waker;

use super::{Clock, Moment};

/// The number of no place.
const NONE: u32 = u32::MAX;

/// The place of one timer in its clock, taken when it first waits.
pub(super) struct Key(u32);

impl Key {
    pub(super) const fn none() -> Self {
        Self(NONE)
    }

    /// Sees to it that `waker` is woken at `at` or earlier.
    pub(super) fn wait(&mut self, clock: &Clock, at: Moment, waker: &Waker) {
        match (clock, self.0) {
            (Clock::System(system), NONE) => self.0 = system.insert(at, waker.clone()),
            (Clock::System(system), key) => system.renew(key, at, waker),
            (Clock::Manual(manual), NONE) => self.0 = manual.insert(at, waker.clone()),
            (Clock::Manual(manual), key) => manual.renew(key, at, waker),
        }
    }

    /// If somebody waits here, they are to be woken at `at` or earlier.
    pub(super) fn hasten(&self, clock: &Clock, at: Moment) {
        match (clock, self.0) {
            (Clock::System(_) | Clock::Manual(_), NONE) => {}
            (Clock::System(system), key) => system.hasten(key, at),
            (Clock::Manual(manual), key) => manual.hasten(key, at),
        }
    }

    /// Gives the place back.
    pub(super) fn release(&mut self, clock: &Clock) {
        match (clock, std::mem::replace(&mut self.0, NONE)) {
            (Clock::System(_) | Clock::Manual(_), NONE) => {}
            (Clock::System(system), key) => system.release(key),
            (Clock::Manual(manual), key) => manual.release(key),
        }
    }
}

impl Clock {
    /// Whether a hand moved this clock past `deadline` just now. The system's clock needs no second look:
    /// its thread finds late registrations at the next tick.
    pub(super) fn passed_meanwhile(&self, deadline: Moment) -> bool {
        match self {
            Self::System(_) => false,
            Self::Manual(manual) => manual.now() >= deadline,
        }
    }
}

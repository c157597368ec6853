//! A point in time of one clock, and arithmetic with durations. Knows no clock.

use std::ops::{Add, AddAssign, Sub};
use std::time::Duration;

/// A point in time: microseconds since its clock was made. Moments of different clocks must not be
/// compared. Arithmetic saturates: a moment beyond 584,000 years is the last one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(u64);

impl Moment {
    /// The moment at which the clock was made.
    pub const START: Self = Self(0);

    /// Later than every moment that a clock shows.
    pub const NEVER: Self = Self(u64::MAX);

    /// The moment `micros` microseconds after the clock was made.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// Microseconds since the clock was made.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// Whole milliseconds since the clock was made.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// The time from `earlier` to `self`; zero where `earlier` is the later one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

/// A duration in microseconds, rounded up: what is waited for must have passed in full.
fn micros_up(duration: Duration) -> u64 {
    let nanos = duration.as_nanos();
    u64::try_from(nanos.div_ceil(1_000)).unwrap_or(u64::MAX)
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros_up(duration)))
    }
}

impl AddAssign<Duration> for Moment {
    fn add_assign(&mut self, duration: Duration) {
        *self = *self + duration;
    }
}

impl Sub<Duration> for Moment {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros_up(duration)))
    }
}

impl Sub for Moment {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        self.since(earlier)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_and_rounds_up() {
        let start = Moment::START;
        assert_eq!((start + Duration::from_nanos(1)).as_micros(), 1);
        assert_eq!((start + Duration::from_millis(3)).as_millis(), 3);
        assert_eq!(start + Duration::MAX, Moment::NEVER);
        assert_eq!(start - Duration::from_secs(1), start);
        assert_eq!(start - Moment::from_micros(5), Duration::ZERO);
        assert_eq!(Moment::from_micros(7) - Moment::from_micros(5), Duration::from_micros(2));
    }
}

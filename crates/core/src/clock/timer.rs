//! What waits for a clock: a timer that can be set again and again, and the two futures made of it.
//! Does not know how the clocks find out who is due.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use pin_project_lite::pin_project;

use super::waiting::Key;
use super::{Clock, Moment};

/// Becomes ready once its deadline has passed. It takes 32 bytes, and 32 more in the clock from the first
/// time it waits until it is dropped.
///
/// Setting it later, or clearing it, touches nothing shared: the clock then wakes its task once at the old
/// deadline, and that poll waits for the new one. So a deadline may be moved at every message.
pub struct Timer {
    clock: Clock,
    /// `Moment::NEVER` where unset.
    deadline: Moment,
    key: Key,
}

impl Timer {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, deadline: Moment::NEVER, key: Key::none() }
    }

    /// Sets the deadline, whether or not there was one. [`Moment::NEVER`] unsets. A task that waits
    /// already is woken at the new deadline if that is earlier than the old one.
    pub fn set(&mut self, deadline: Moment) {
        let sooner = deadline < self.deadline;
        self.deadline = deadline;
        if sooner {
            self.key.hasten(&self.clock, deadline);
        }
    }

    /// Unsets: the timer is pending until it is set again.
    pub fn clear(&mut self) {
        self.deadline = Moment::NEVER;
    }

    /// The deadline, where one is set.
    #[must_use]
    pub fn deadline(&self) -> Option<Moment> {
        (self.deadline != Moment::NEVER).then_some(self.deadline)
    }

    /// The clock this timer belongs to.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Ready once the deadline has passed, and from then on until it is set or cleared. Otherwise pending,
    /// and the task will be woken; pending for ever where unset.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.deadline == Moment::NEVER {
            return Poll::Pending;
        }
        self.poll_at(self.clock.now(), cx)
    }

    /// Like [`Timer::poll`] for a task that has asked the clock already in this turn: `now` must be a
    /// moment of the same clock.
    pub fn poll_at(&mut self, now: Moment, cx: &mut Context<'_>) -> Poll<()> {
        if self.deadline == Moment::NEVER {
            return Poll::Pending;
        }
        if now >= self.deadline {
            return Poll::Ready(());
        }
        self.key.wait(&self.clock, self.deadline, cx.waker());
        // A hand-moved clock may have passed the deadline between the look and the registration.
        if self.clock.passed_meanwhile(self.deadline) {
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.key.release(&self.clock);
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Timer").field("deadline", &self.deadline()).finish_non_exhaustive()
    }
}

/// Resolves at its moment. Made by [`Clock::sleep`].
#[derive(Debug)]
#[must_use = "a future waits only while it is polled"]
pub struct Sleep {
    timer: Timer,
}

impl Sleep {
    /// Resolves once `clock` has reached `deadline`.
    pub fn until(clock: &Clock, deadline: Moment) -> Self {
        let mut timer = clock.timer();
        timer.set(deadline);
        Self { timer }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.timer.poll(cx)
    }
}

/// The time was up before the future was ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the time was up")]
pub struct Elapsed;

pin_project! {
    /// A future and the time it is given. Made by [`Clock::timeout`].
    #[derive(Debug)]
    #[must_use = "a future runs only while it is polled"]
    pub struct Timeout<F> {
        limit: Limit,
        #[pin]
        future: F,
    }
}

/// Most futures are ready at once; only for others the clock is asked.
#[derive(Debug)]
enum Limit {
    Unused(Clock, Duration),
    Running(Sleep),
}

impl<F> Timeout<F> {
    pub(super) fn new(clock: &Clock, duration: Duration, future: F) -> Self {
        Self { limit: Limit::Unused(clock.clone(), duration), future }
    }
}

impl<F: Future> Future for Timeout<F> {
    type Output = Result<F::Output, Elapsed>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let parts = self.project();
        if let Poll::Ready(output) = parts.future.poll(cx) {
            return Poll::Ready(Ok(output));
        }
        if let Limit::Unused(clock, duration) = parts.limit {
            *parts.limit = Limit::Running(clock.sleep(*duration));
        }
        let Limit::Running(sleep) = parts.limit else { return Poll::Pending };
        Pin::new(sleep).poll(cx).map(|()| Err(Elapsed))
    }
}

//! A time that stands still until it is moved: the same calls in the same order wake the same tasks in
//! the same order. For tests and simulations; it starts no thread.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::Duration;

use super::Moment;

/// Names an entry until it is released.
pub(super) type Key = u32;

/// What [`Manual::unix_ms`] shows at the start: 2023-11-14 22:13:20 UTC, a round number that is easy to
/// see in a test's output.
const UNIX_START_MS: u64 = 1_700_000_000_000;

/// The hand of a clock that stands still. Clones move the same time.
#[derive(Clone)]
pub struct Manual(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    now: Moment,
    /// By deadline, then by order of registration.
    queue: BTreeSet<(Moment, u64, Key)>,
    entries: Vec<Entry>,
    free: Vec<Key>,
    registered: u64,
}

/// An entry whose `place` is none has fired, or is free.
#[derive(Default)]
struct Entry {
    place: Option<(Moment, u64)>,
    waker: Option<Waker>,
}

impl Manual {
    pub(super) fn new() -> Self {
        Self(Arc::default())
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Moment {
        self.state().now
    }

    /// Milliseconds since 1970-01-01 UTC. Starts at 1,700,000,000,000 and moves with the hand.
    #[must_use]
    pub fn unix_ms(&self) -> u64 {
        UNIX_START_MS + self.now().as_millis()
    }

    /// The earliest moment at which a timer will wake somebody, if one is waiting. A simulation goes from
    /// one to the next.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Moment> {
        self.state().queue.first().map(|place| place.0)
    }

    /// Moves the time by `duration` and wakes what falls due on the way, in the order of the deadlines
    /// and, among equal ones, of registration. The time shows each deadline while its waker is called.
    pub fn advance(&self, duration: Duration) {
        self.advance_to(self.now() + duration);
    }

    /// Like [`Manual::advance`], to a given moment. A moment that has passed changes nothing.
    pub fn advance_to(&self, end: Moment) {
        while let Some(waker) = self.step(end) {
            waker.wake();
        }
        let mut state = self.state();
        state.now = state.now.max(end);
    }

    /// Goes on to the next deadline up to `end` and takes its waker.
    fn step(&self, end: Moment) -> Option<Waker> {
        let mut state = self.state();
        loop {
            let place = *state.queue.first().filter(|place| place.0 <= end)?;
            state.queue.remove(&place);
            state.now = state.now.max(place.0);
            let entry = &mut state.entries[place.2 as usize];
            entry.place = None;
            if let Some(waker) = entry.waker.take() {
                return Some(waker);
            }
        }
    }

    pub(super) fn insert(&self, at: Moment, waker: Waker) -> Key {
        let mut state = self.state();
        let key = state.claim();
        state.entries[key as usize].waker = Some(waker);
        state.link(key, at);
        key
    }

    pub(super) fn renew(&self, key: Key, at: Moment, waker: &Waker) {
        let mut state = self.state();
        let held = &mut state.entries[key as usize].waker;
        if !held.as_ref().is_some_and(|held| held.will_wake(waker)) {
            *held = Some(waker.clone());
        }
        state.hasten(key, at);
    }

    pub(super) fn hasten(&self, key: Key, at: Moment) {
        self.state().hasten(key, at);
    }

    pub(super) fn release(&self, key: Key) {
        let mut state = self.state();
        state.unlink(key);
        state.free.push(key);
        let waker = state.entries[key as usize].waker.take();
        drop(state);
        drop(waker);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn claim(&mut self) -> Key {
        if let Some(key) = self.free.pop() {
            return key;
        }
        self.entries.push(Entry::default());
        u32::try_from(self.entries.len() - 1).expect("fewer than four billion timers")
    }

    fn hasten(&mut self, key: Key, at: Moment) {
        let entry = &self.entries[key as usize];
        let early_enough = entry.place.is_some_and(|place| place.0 <= at);
        if !early_enough && entry.waker.is_some() {
            self.unlink(key);
            self.link(key, at);
        }
    }

    fn link(&mut self, key: Key, at: Moment) {
        self.registered += 1;
        self.entries[key as usize].place = Some((at, self.registered));
        self.queue.insert((at, self.registered, key));
    }

    fn unlink(&mut self, key: Key) {
        if let Some((at, order)) = self.entries[key as usize].place.take() {
            self.queue.remove(&(at, order, key));
        }
    }
}

impl fmt::Debug for Manual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Manual").field("now", &self.now()).finish_non_exhaustive()
    }
}

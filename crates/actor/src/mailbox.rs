//! Where jobs wait for an actor. Owns the queue and whether somebody takes from it.

use crate::call::Job;
use crate::kind::Actor;
use crate::place::Place;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

/// Jobs and the one who does them.
pub(crate) struct Mailbox<A: Actor> {
    pub(crate) jobs: VecDeque<Job<A>>,
    pub(crate) life: Life,
}

/// Who does the jobs.
pub(crate) enum Life {
    /// Nobody: the next job wakes the actor.
    Asleep,
    /// A task; the waker is there while it waits for jobs.
    Awake(Option<Waker>),
    /// Nobody ever again: the place was given up, another may have been made.
    Gone,
}

/// Counts one call that waits or runs, until it is dropped.
pub(crate) struct Permit<A: Actor>(Arc<Place<A>>);

impl<A: Actor> Permit<A> {
    /// A permit, unless there are `limit` already.
    pub(crate) fn take(place: &Arc<Place<A>>, limit: usize) -> Option<Self> {
        let calls = place.calls();
        if calls.fetch_add(1, Ordering::Relaxed) < limit {
            return Some(Self(place.clone()));
        }
        calls.fetch_sub(1, Ordering::Relaxed);
        None
    }
}

impl<A: Actor> Drop for Permit<A> {
    fn drop(&mut self) {
        self.0.calls().fetch_sub(1, Ordering::Relaxed);
    }
}

/// How many calls wait or run. Relaxed: the number guards no other memory.
pub(crate) type Calls = AtomicUsize;

impl<A: Actor> Mailbox<A> {
    pub(crate) fn new() -> Self {
        Self { jobs: VecDeque::new(), life: Life::Asleep }
    }
}

//! The bytes of bodies that a node holds half-read. Above the limit the largest body is given up, not the
//! one that happens to come next: whoever fills the memory pays for it. Knows no HTTP.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

/// Smaller bodies are not worth counting: their sum is bounded by the number of connections.
const COUNTED_FROM: usize = 16 * 1024;

/// All bodies that are being taken in.
#[derive(Debug)]
pub(super) struct Bodies {
    /// Bytes.
    max: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes of the bodies that stay.
    staying: usize,
    next: u64,
    holders: HashMap<u64, Holder>,
}

#[derive(Debug, Default)]
struct Holder {
    bytes: usize,
    /// It is given up, and its bytes count no more.
    going: bool,
    /// Of the task that waits for more of it.
    waker: Option<Waker>,
}

/// There is no place for a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Crowded;

impl Bodies {
    pub(super) fn new(max: usize) -> Self {
        Self { max, state: Mutex::default() }
    }

    /// The share of a body of which nothing has come yet.
    pub(super) fn share(&self) -> Share<'_> {
        Share { bodies: self, bytes: 0, key: None }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds this")
    }
}

/// What one body holds; given back when this is dropped.
#[derive(Debug)]
pub(super) struct Share<'b> {
    bodies: &'b Bodies,
    bytes: usize,
    /// Where it is counted, if it is.
    key: Option<u64>,
}

impl Share<'_> {
    /// Says that `by` more bytes have come. Where that is too much, the largest body has to go.
    ///
    /// # Errors
    /// That one is this.
    pub(super) fn grow(&mut self, by: usize) -> Result<(), Crowded> {
        self.bytes += by;
        if self.bytes < COUNTED_FROM {
            return Ok(());
        }
        let mut state = self.bodies.state();
        let key = *self.key.get_or_insert_with(|| state.key());
        state.set(key, self.bytes);
        while state.staying > self.bodies.max && state.give_up_largest() {}
        if state.holders.get(&key).is_some_and(|holder| holder.going) { Err(Crowded) } else { Ok(()) }
    }

    /// Ready when another body's growing has this one given up; else the task is woken when that happens.
    pub(super) fn poll_crowded(&mut self, cx: &mut Context<'_>) -> Poll<Crowded> {
        let Some(key) = self.key else { return Poll::Pending };
        let mut state = self.bodies.state();
        match state.holders.get_mut(&key) {
            Some(holder) if holder.going => Poll::Ready(Crowded),
            Some(holder) => {
                holder.waker = Some(cx.waker().clone());
                Poll::Pending
            }
            None => Poll::Pending,
        }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.bodies.state().remove(key);
        }
    }
}

impl State {
    fn key(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn set(&mut self, key: u64, bytes: usize) {
        let holder = self.holders.entry(key).or_default();
        if !holder.going {
            self.staying = self.staying - holder.bytes + bytes;
        }
        holder.bytes = bytes;
    }

    fn remove(&mut self, key: u64) {
        if let Some(holder) = self.holders.remove(&key).filter(|holder| !holder.going) {
            self.staying -= holder.bytes;
        }
    }

    /// Whether there was one.
    fn give_up_largest(&mut self) -> bool {
        let staying = self.holders.values_mut().filter(|holder| !holder.going);
        let Some(largest) = staying.max_by_key(|holder| holder.bytes) else { return false };
        largest.going = true;
        self.staying -= largest.bytes;
        if let Some(waker) = largest.waker.take() {
            waker.wake();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: usize = 1024;

    fn crowded(share: &mut Share<'_>) -> bool {
        share.poll_crowded(&mut Context::from_waker(Waker::noop())).is_ready()
    }

    #[test]
    fn the_largest_goes_and_the_others_stay() {
        let bodies = Bodies::new(100 * KIB);
        let (mut large, mut small, mut newcomer) = (bodies.share(), bodies.share(), bodies.share());
        assert_eq!(large.grow(60 * KIB), Ok(()));
        assert_eq!(small.grow(20 * KIB), Ok(()));
        assert!(!crowded(&mut large));
        assert_eq!(newcomer.grow(30 * KIB), Ok(()));
        assert!(crowded(&mut large) && !crowded(&mut small) && !crowded(&mut newcomer));
        assert_eq!(large.grow(1), Err(Crowded));
        assert_eq!(small.grow(50 * KIB), Ok(()), "what goes counts no more");
        assert_eq!(newcomer.grow(60 * KIB), Err(Crowded), "it is the largest now");
        drop((large, small, newcomer));
        let state = bodies.state();
        assert_eq!((state.staying, state.holders.len()), (0, 0));
    }

    #[test]
    fn small_ones_are_not_counted() {
        let bodies = Bodies::new(0);
        let mut share = bodies.share();
        assert_eq!(share.grow(COUNTED_FROM - 1), Ok(()));
        assert!(!crowded(&mut share));
        assert_eq!(share.grow(1), Err(Crowded));
    }
}

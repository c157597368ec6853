//! What a node holds half-read: bytes of websocket messages and of HTTP bodies whose end has not come.
//!
//! One slow sender of something large costs little; a thousand of them would fill the memory. Above the limit
//! the one that holds most has to go, whichever kind it is, and not the one that happens to come next: whoever
//! fills the memory pays for it. A link is closed; a body is given up, and its request answered so.

use playhouse_core::codes;
use playhouse_node::guest::Served;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

/// Who holds less is not worth counting: their sum is bounded by the number of connections.
const COUNTED_FROM: usize = 16 * 1024;

/// Who holds how much. Cheap to clone; a clone is the same.
#[derive(Clone)]
pub(crate) struct HalfRead(Arc<Inner>);

struct Inner {
    /// Bytes.
    limit: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Bytes of those who stay.
    staying: usize,
    /// Bodies that were counted so far.
    bodies: u64,
    holders: HashMap<Key, Holder>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    /// By the place where its outbox is, which is its own for as long as it is held here.
    Served(usize),
    /// The same, of what is beside its link.
    Beside(usize),
    Body(u64),
}

struct Holder {
    held: usize,
    /// It has to go, and its bytes count no more.
    going: bool,
    owner: Owner,
}

/// Who is told to go.
enum Owner {
    Served(Served),
    /// The task that waits for more of it, if one does.
    Body(Option<Waker>),
}

/// There is no place for a body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Crowded;

impl HalfRead {
    pub(crate) fn new(limit: usize) -> Self {
        Self(Arc::new(Inner { limit, state: Mutex::default() }))
    }

    /// What counts of the bytes that one holds; only a change of it need be told.
    pub(crate) fn counted(held: usize) -> usize {
        if held < COUNTED_FROM { 0 } else { held }
    }

    /// Tells what a link holds now, as it counts.
    pub(crate) fn set(&self, served: &Served, now: usize) {
        let key = Key::Served(std::ptr::from_ref(served.outbox()).addr());
        self.change(&key, now, || Owner::Served(served.clone()));
    }

    /// Tells what one holds beside its link now, as it counts: what was read, and is not whole or not taken.
    pub(crate) fn set_beside(&self, served: &Served, now: usize) {
        let key = Key::Beside(std::ptr::from_ref(served.outbox()).addr());
        self.change(&key, now, || Owner::Served(served.clone()));
    }

    /// The share of a body of which nothing has come yet.
    pub(crate) fn body(&self) -> Share<'_> {
        Share { of: self, bytes: 0, key: None }
    }

    /// Sets what one holds, and has the largest go while that is too much. Whether this one has to.
    fn change(&self, key: &Key, now: usize, owner: impl FnOnce() -> Owner) -> bool {
        let mut state = self.state();
        let _gone = state.set(key, now, owner);
        let mut told = Vec::new();
        while state.staying > self.0.limit {
            let Some(largest) = state.give_up_largest() else { break };
            told.push(largest);
        }
        let goes = state.holders.get(key).is_some_and(|holder| holder.going);
        drop(state);
        told.into_iter().for_each(|owner| owner.go(self.0.limit));
        goes
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().expect("nothing panics while it holds this")
    }
}

impl State {
    /// What is returned is to be dropped outside of the lock: it may be the last of a task's wakers.
    fn set(&mut self, key: &Key, now: usize, owner: impl FnOnce() -> Owner) -> Option<Holder> {
        let before = self.holders.get(key);
        if before.is_none_or(|before| !before.going) {
            self.staying = self.staying + now - before.map_or(0, |before| before.held);
        }
        if now == 0 {
            return self.holders.remove(key);
        }
        let new = || Holder { held: 0, going: false, owner: owner() };
        self.holders.entry(key.clone()).or_insert_with(new).held = now;
        None
    }

    fn body_key(&mut self) -> Key {
        self.bodies += 1;
        Key::Body(self.bodies)
    }

    /// Whom to tell, if one stays.
    fn give_up_largest(&mut self) -> Option<Owner> {
        let staying = self.holders.values_mut().filter(|holder| !holder.going);
        let largest = staying.max_by_key(|holder| holder.held)?;
        largest.going = true;
        self.staying -= largest.held;
        Some(match &mut largest.owner {
            Owner::Served(served) => Owner::Served(served.clone()),
            Owner::Body(waker) => Owner::Body(waker.take()),
        })
    }
}

impl Owner {
    fn go(self, limit: usize) {
        match self {
            Self::Served(served) => {
                tracing::warn!(largest = %served, limit, "too much is half-read: the largest goes");
                served.outbox().close(&codes::CROWDED);
            }
            Self::Body(waker) => {
                tracing::debug!(limit, "too much is half-read: the largest body is given up");
                waker.into_iter().for_each(Waker::wake);
            }
        }
    }
}

/// What one body holds; given back when this is dropped.
pub(crate) struct Share<'h> {
    of: &'h HalfRead,
    bytes: usize,
    /// Where it is counted, if it is.
    key: Option<Key>,
}

impl Share<'_> {
    /// Says that `by` more bytes have come. Where that is too much, the largest has to go.
    ///
    /// # Errors
    /// That one is this.
    pub(crate) fn grow(&mut self, by: usize) -> Result<(), Crowded> {
        self.bytes += by;
        let counted = HalfRead::counted(self.bytes);
        if counted == 0 {
            return Ok(());
        }
        let key = self.key.get_or_insert_with(|| self.of.state().body_key());
        if self.of.change(key, counted, || Owner::Body(None)) { Err(Crowded) } else { Ok(()) }
    }

    /// Ready when another's growing has this one given up; else the task is woken when that happens.
    pub(crate) fn poll_crowded(&mut self, cx: &mut Context<'_>) -> Poll<Crowded> {
        let Some(key) = &self.key else { return Poll::Pending };
        let mut state = self.of.state();
        match state.holders.get_mut(key) {
            Some(holder) if holder.going => Poll::Ready(Crowded),
            Some(holder) => {
                holder.owner = Owner::Body(Some(cx.waker().clone()));
                Poll::Pending
            }
            None => Poll::Pending,
        }
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.of.change(key, 0, || Owner::Body(None));
        }
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
        let all = HalfRead::new(100 * KIB);
        let (mut large, mut small, mut newcomer) = (all.body(), all.body(), all.body());
        assert_eq!(large.grow(60 * KIB), Ok(()));
        assert_eq!(small.grow(20 * KIB), Ok(()));
        assert!(!crowded(&mut large));
        assert_eq!(newcomer.grow(30 * KIB), Ok(()));
        assert!(crowded(&mut large) && !crowded(&mut small) && !crowded(&mut newcomer));
        assert_eq!(large.grow(1), Err(Crowded));
        assert_eq!(small.grow(50 * KIB), Ok(()), "what goes counts no more");
        assert_eq!(newcomer.grow(60 * KIB), Err(Crowded), "it is the largest now");
        drop((large, small, newcomer));
        let state = all.state();
        assert_eq!((state.staying, state.holders.len()), (0, 0));
    }

    #[test]
    fn small_ones_are_not_counted() {
        let all = HalfRead::new(0);
        let mut share = all.body();
        assert_eq!(share.grow(COUNTED_FROM - 1), Ok(()));
        assert!(!crowded(&mut share));
        assert_eq!(share.grow(1), Err(Crowded));
    }
}

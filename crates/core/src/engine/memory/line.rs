//! The way of one topic's envelopes to its inbox: one after the other, and no lock held while it runs.
//!
//! Owns the order, and whose turn it is to deliver. Must not know other topics.

use super::locked;
use crate::broker::{BrokerError, Inbox};
use crate::envelope::{Envelope, Topic};
use std::cell::Cell;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

/// Envelopes of one topic that may wait for their turn. One or two per thread is what happens; more come
/// only from an inbox that answers each message with several, which is a loop.
pub(super) const WAITING_MAX: usize = 1_024;

/// What an inbox is told.
pub(super) enum Word {
    Said(Envelope),
    Gap(Topic),
}

/// One attached topic.
#[derive(Default)]
pub(super) struct Line {
    state: Mutex<State>,
    /// Told when nobody delivers any more.
    idle: Condvar,
}

#[derive(Default)]
struct State {
    /// `None` once detached.
    inbox: Option<Arc<dyn Inbox>>,
    /// What was published, in order. While it holds anything, somebody delivers, sleeps at `idle`, or has
    /// yet to poll what they published.
    waiting: VecDeque<Word>,
    /// Envelopes taken so far; each has the number of those before it.
    taken: u64,
    /// Envelopes delivered so far, hence the number of the one that is next or under way.
    ended: u64,
    /// Somebody delivers; only they set this back.
    busy: bool,
    /// The inbox panicked: something may have been missed.
    missed: bool,
    /// Threads at `idle`. Counted, because telling a condvar costs a system call even when nobody listens.
    sleepers: usize,
    /// Who waits for the end of the delivery under way.
    leaving: Vec<Waker>,
}

thread_local! {
    /// Whether this thread is inside some inbox, hence may wait for nobody: the one it would wait for might
    /// be itself, or wait for it.
    static DELIVERING: Cell<bool> = const { Cell::new(false) };
}

impl Line {
    /// Takes a word. Its place in the order is fixed here; it is delivered when the future is polled, or dropped.
    pub(super) fn take(self: Arc<Self>, word: Word) -> Result<Publishing, BrokerError> {
        let mut state = locked(&self.state);
        if state.waiting.len() >= WAITING_MAX {
            return Err(BrokerError::Full);
        }
        state.waiting.push_back(word);
        let number = state.taken;
        state.taken += 1;
        drop(state);
        Ok(Publishing { line: self, number, carried: false })
    }

    /// Changes the inbox for all deliveries that begin from now on.
    pub(super) fn set_inbox(&self, inbox: Option<Arc<dyn Inbox>>) -> Former {
        let mut state = locked(&self.state);
        state.missed = false;
        let inbox = std::mem::replace(&mut state.inbox, inbox);
        let under_way = (state.busy && inbox.is_some()).then_some(state.ended);
        Former { inbox, under_way }
    }

    /// Sees to it that an envelope is delivered: by this thread, or by another that is at it.
    fn carry(&self, number: u64) {
        let nested = DELIVERING.get();
        let mut state = locked(&self.state);
        if state.busy && nested {
            return;
        }
        state.sleepers += 1;
        let others_turn = |state: &mut State| state.busy && state.ended <= number;
        state = self.idle.wait_while(state, others_turn).expect("nothing panics under an engine's lock");
        state.sleepers -= 1;
        if !state.busy && !state.waiting.is_empty() {
            state.busy = true;
            DELIVERING.set(true);
            self.deliver(state, number);
            DELIVERING.set(nested);
        }
    }

    /// Delivers what waits up to `number`, and what is behind it if no other thread is there to do it. One
    /// that is takes over: nobody becomes the servant of a busy room.
    fn deliver<'a>(&'a self, mut state: MutexGuard<'a, State>, number: u64) {
        while !state.waiting.is_empty() && (state.ended <= number || state.sleepers == 0) {
            let next = state.waiting.pop_front();
            let (inbox, missed) = (state.inbox.clone(), std::mem::take(&mut state.missed));
            drop(state);
            let heard = inbox.zip(next).is_none_or(|(inbox, word)| tell(&*inbox, missed, &word));
            state = locked(&self.state);
            state.missed |= !heard;
            state.ended += 1;
            if !state.leaving.is_empty() {
                let leaving = std::mem::take(&mut state.leaving);
                drop(state);
                leaving.into_iter().for_each(Waker::wake);
                state = locked(&self.state);
            }
        }
        state.busy = false;
        if state.sleepers > 0 {
            drop(state);
            self.idle.notify_all();
        }
    }
}

/// Tells an inbox; `false` if it panicked. That is not the fault of the one who publishes, nor a reason for
/// others to hear nothing.
fn tell(inbox: &dyn Inbox, missed: bool, word: &Word) -> bool {
    let topic = match word {
        Word::Said(envelope) => &envelope.topic,
        Word::Gap(topic) => topic,
    };
    let told = catch_unwind(AssertUnwindSafe(|| {
        if missed {
            inbox.gap(topic);
        }
        match word {
            Word::Said(envelope) => inbox.deliver(envelope),
            Word::Gap(_) if missed => {}
            Word::Gap(topic) => inbox.gap(topic),
        }
    }));
    if told.is_err() {
        tracing::error!(topic = topic.as_str(), "an inbox panicked");
    }
    told.is_ok()
}

/// A word that was taken. Ready at its first poll, which is when it is delivered; dropped instead, it
/// is delivered too, since it has its place in the order.
pub(super) struct Publishing {
    line: Arc<Line>,
    number: u64,
    carried: bool,
}

impl Publishing {
    fn carry(&mut self) {
        if !std::mem::replace(&mut self.carried, true) {
            self.line.carry(self.number);
        }
    }
}

impl Future for Publishing {
    type Output = Result<usize, BrokerError>;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Self::Output> {
        self.carry();
        Poll::Ready(Ok(1))
    }
}

impl Drop for Publishing {
    fn drop(&mut self) {
        self.carry();
    }
}

/// An inbox that was replaced or detached.
#[must_use = "it may still be delivering"]
pub(super) struct Former {
    inbox: Option<Arc<dyn Inbox>>,
    under_way: Option<u64>,
}

impl Former {
    /// Waits for the delivery under way. Not to be called with a lock held: dropping the inbox runs code
    /// that isn't ours.
    pub(super) fn leave(self, line: Arc<Line>) -> Leaving {
        drop(self.inbox);
        Leaving { line, under_way: self.under_way }
    }
}

/// Resolves when a former inbox hears nothing more.
pub(super) struct Leaving {
    line: Arc<Line>,
    under_way: Option<u64>,
}

impl Future for Leaving {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = locked(&self.line.state);
        if self.under_way != Some(state.ended) {
            return Poll::Ready(());
        }
        if !state.leaving.iter().any(|waker| waker.will_wake(cx.waker())) {
            state.leaving.push(cx.waker().clone());
        }
        Poll::Pending
    }
}

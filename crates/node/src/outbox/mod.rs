//! A connection's bounded queue of encoded frames that wait for its link.
//!
//! Owns the limit, the order and the waking of the connection's task. Knows nothing of what the bytes mean.
//! A push takes one short lock and never waits; it wakes the task only where that sleeps, so a thousand
//! pushes to one link are one wake.

mod budget;
mod entry;
mod log;
pub mod scratch;
#[cfg(test)]
mod tests;

pub use budget::Budget;
pub use entry::Entry;
pub(crate) use log::AGES;
pub use log::{LogBudget, LogLimits};

use crate::burst::Burst;
use bytes::Bytes;
use log::Log;
use playhouse_core::bell::{Bell, Round};
use playhouse_core::codes::{self, Close};
use playhouse_core::wire::{Frames, Tail};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;

/// Own replies up to this size are gathered into one buffer; a larger buffer is left to itself so that it
/// need not be moved again.
const GATHER_MAX: usize = 64 * 1024;

/// Shared frames up to this size are copied behind others: an entry of its own takes 40 bytes and two counted
/// references, and the copy would be made for the write anyway.
const COPY_MAX: usize = 1024;

/// What one outbox takes over from another under one lock.
const TAKEN_OVER_AT_ONCE: usize = 256 * 1024;

/// In this order in memory: what a delivery touches stands together.
#[derive(Default)]
#[repr(C)]
struct State {
    /// The task's, from its first sleep on; a wake takes it.
    waker: Option<Waker>,
    closing: Option<&'static Close>,
    /// Messages of rooms so far, for wire forms whose tail counts them.
    said: u64,
    /// What was sent lately, where its client may come back for it.
    log: Option<Box<Log>>,
    /// The latest entry. It stands here and not in the queue because most outboxes never hold another one: then
    /// a delivery touches no memory but this.
    last: Option<Entry>,
    /// The entries before it.
    queue: VecDeque<Entry>,
    /// The size of the one message above the limit that was let in while nothing else waited.
    allowed: usize,
    /// What of the bytes was told to the budget as going.
    going: usize,
}

impl State {
    /// Whether there is no link, so that what is pushed goes into the log alone.
    fn is_absent(&self) -> bool {
        self.log.as_ref().is_some_and(|log| log.is_all)
    }

    /// Counts a message, and keeps it where that is wanted. Its number.
    fn say(&mut self, body: impl FnOnce() -> Bytes) -> u64 {
        self.said += 1;
        if let Some(log) = &mut self.log {
            log.push(body());
        }
        self.said
    }

    /// Queues shared frames. The first stays shared and is written as it is; behind it small ones are copied
    /// together, which costs less than to keep an entry for each and gather them for the write.
    fn add(&mut self, frames: Frames) {
        if frames.len() > COPY_MAX {
            return self.push(match frames.tail.is_empty() {
                true => Entry::Shared(frames.body),
                false => Entry::Tailed(Box::new(frames)),
            });
        }
        match &mut self.last {
            None if frames.tail.is_empty() => self.push(Entry::Shared(frames.body)),
            Some(Entry::Own(bytes)) if bytes.len() < GATHER_MAX => put(bytes, &frames),
            Some(Entry::Shared(last)) if last.len() <= COPY_MAX => {
                let mut bytes = scratch::take();
                bytes.extend_from_slice(last);
                put(&mut bytes, &frames);
                self.last = Some(Entry::Own(bytes));
            }
            Some(Entry::Shared(_)) if frames.tail.is_empty() => self.push(Entry::Shared(frames.body)),
            Some(Entry::Shared(_) | Entry::Tailed(_) | Entry::Own(_)) | None => {
                let mut bytes = scratch::take();
                put(&mut bytes, &frames);
                self.push(Entry::Own(bytes));
            }
        }
    }

    /// Queues a message of a room. One whose predecessors wait here takes their place, as its burst holds them
    /// too: no copy, and no entry of its own.
    fn add_newest(&mut self, burst: &Burst, tail: Tail, at: usize) {
        if let Some(Entry::Shared(last)) = &mut self.last
            && tail.is_empty()
            && let Some(longer) = burst.behind(last)
        {
            *last = longer;
        } else {
            let body = if self.last.is_none() { burst.newest() } else { burst.newest_alone() };
            self.add(Frames::tailed_at(body, tail, at));
        }
    }

    /// The same, unless nobody is there to get them. Their bytes.
    fn add_present(&mut self, frames: Frames) -> usize {
        if self.is_absent() {
            return 0;
        }
        let len = frames.len();
        self.add(frames);
        len
    }

    fn push(&mut self, entry: Entry) {
        if let Some(before) = self.last.replace(entry) {
            self.queue.push_back(before);
        }
    }

    /// Queues what stood in another outbox.
    fn adopt(&mut self, entry: Entry) {
        match (entry, &mut self.last) {
            (Entry::Shared(body), _) => self.add(Frames::shared(body)),
            (Entry::Tailed(frames), _) => self.add(*frames),
            (Entry::Own(bytes), Some(Entry::Own(last))) if last.len() < GATHER_MAX => {
                last.extend_from_slice(&bytes);
                scratch::give(bytes);
            }
            (Entry::Own(bytes), _) => self.push(Entry::Own(bytes)),
        }
    }

    /// Drops all that waits. How many bytes it was.
    fn clear(&mut self) -> usize {
        self.queue.drain(..).chain(self.last.take()).map(|entry| entry.len()).sum()
    }

    fn first(&self) -> Option<&Entry> {
        self.queue.front().or(self.last.as_ref())
    }

    fn take(&mut self) -> Option<Entry> {
        if self.queue.is_empty() { self.last.take() } else { self.queue.pop_front() }
    }

    /// Takes what waits, in order, as long as it is no more than `most` bytes (but at least one entry).
    fn take_up_to(&mut self, most: usize, into: &mut VecDeque<Entry>) {
        let mut taken = 0;
        while let Some(entry) = self.first() {
            if taken > 0 && taken + entry.len() > most {
                break;
            }
            taken += entry.len();
            into.extend(self.take());
        }
        if self.last.is_none() && self.queue.capacity() > IDLE_ENTRIES_MAX {
            self.queue = VecDeque::new();
        }
    }
}

fn put(bytes: &mut Vec<u8>, frames: &Frames) {
    frames.slices().into_iter().for_each(|slice| bytes.extend_from_slice(slice));
}

/// The queue between everybody who has something for a connection and its link.
///
/// In this order in memory: a message to a room of thousands costs each member the cache lines that it touches.
#[repr(C)]
pub struct Outbox {
    /// Whole bytes: what a link has taken counts until it says that it is written. Changed under the lock only;
    /// outside of it so that it can be read without.
    bytes: AtomicUsize,
    /// Whether a push is to wake the task. Set under the lock; the task takes it back without, when a turn
    /// begins: what is pushed after that is seen before it sleeps anew.
    is_asleep: AtomicBool,
    /// The same as `closing` being set, for who only wants to know whether to go on.
    is_closing: AtomicBool,
    /// Somebody called [`Outbox::wake`], and the task has not looked yet.
    is_nudged: AtomicBool,
    limit: AtomicUsize,
    budget: Arc<Budget>,
    /// Where the task lives.
    bell: Option<Bell>,
    state: Mutex<State>,
}

impl Outbox {
    /// An empty outbox for `limit` bytes, which also count in `budget`. A single message larger than the
    /// limit passes when nothing else waits. Its task is one of this worker.
    #[must_use]
    pub fn new(limit: usize, budget: Arc<Budget>) -> Self {
        Self {
            state: Mutex::default(),
            bytes: AtomicUsize::new(0),
            is_asleep: AtomicBool::new(false),
            is_closing: AtomicBool::new(false),
            is_nudged: AtomicBool::new(false),
            limit: AtomicUsize::new(limit),
            budget,
            bell: Bell::here(),
        }
    }

    /// Lets as many bytes wait from now on, if that is more than before.
    pub fn widen(&self, limit: usize) {
        self.limit.fetch_max(limit, Ordering::Relaxed);
    }

    fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds an outbox")
    }

    /// Adds frames; `make` is told the how-manieth room message this is and is not called on an outbox that
    /// is closing. A full outbox closes its connection as [`codes::SLOW`].
    pub fn push(&self, make: impl FnOnce(u64) -> Frames) {
        self.add_and_wake(|state| {
            let frames = make(state.said + 1);
            if frames.is_empty() {
                return 0;
            }
            state.say(|| frames.body.clone());
            state.add_present(frames)
        });
    }

    /// Adds frames that are no message of a room, like [`Outbox::push`].
    pub fn put(&self, frames: Frames) {
        self.add_and_wake(|state| state.add_present(frames));
    }

    /// Adds the newest message of a burst, like [`Outbox::push`]; the task is woken by `round`. What it returns
    /// the caller is to count in the budget, once for all members.
    pub(crate) fn push_newest(
        &self,
        burst: &Burst,
        (tail, at): (impl FnOnce(u64) -> Tail, usize),
        round: &mut Round,
    ) -> usize {
        let (len, waker) = self.add(|state| {
            // In a log for itself: a slice would hold its whole run.
            let tail = tail(state.say(|| burst.newest_alone()));
            let len = burst.newest_len() + tail.len();
            if len == 0 || state.is_absent() {
                return 0;
            }
            state.add_newest(burst, tail, at);
            len
        });
        if let Some(waker) = waker {
            round.wake(waker, self.bell.as_ref());
        }
        len
    }

    /// Takes over what waits in another outbox, in order, as long as less than `most` bytes wait here. Where nothing waits
    /// there it registers who is to be woken. One that is being closed takes nothing. Whether nothing is left there.
    pub fn take_over(&self, other: &Self, most: usize, waker: &Waker) -> bool {
        let mut entries = VecDeque::new();
        while self.bytes() < most && self.closing().is_none() {
            other.next(0, TAKEN_OVER_AT_ONCE, &mut entries, waker);
            if entries.is_empty() {
                return true;
            }
            let len = entries.iter().map(Entry::len).sum();
            self.add_and_wake(|state| {
                entries.drain(..).for_each(|entry| state.adopt(entry));
                len
            });
            // One that is being closed has taken nothing, and nobody else will.
            entries.clear();
            other.written(len);
        }
        other.is_empty()
    }

    /// Lets `write` append own frames, behind everything that waits already.
    pub fn append(&self, write: impl FnOnce(&mut Vec<u8>)) {
        self.add_and_wake(|state| match &mut state.last {
            _ if state.log.as_ref().is_some_and(|log| log.is_all) => 0,
            Some(Entry::Own(bytes)) if bytes.len() < GATHER_MAX => {
                let before = bytes.len();
                write(bytes);
                bytes.len() - before
            }
            Some(Entry::Own(_) | Entry::Tailed(_) | Entry::Shared(_)) | None => {
                let mut bytes = scratch::take();
                write(&mut bytes);
                let len = bytes.len();
                if len > 0 {
                    state.push(Entry::Own(bytes));
                }
                len
            }
        });
    }

    fn add_and_wake(&self, add: impl FnOnce(&mut State) -> usize) {
        let (len, waker) = self.add(add);
        self.budget.count(len);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Lets `add` queue something, counts what it says it was, and sees to the limit. What it returns is not
    /// counted in the budget yet, and to be woken now that the lock is gone.
    fn add(&self, add: impl FnOnce(&mut State) -> usize) -> (usize, Option<Waker>) {
        let mut state = self.lock();
        if state.closing.is_some() {
            return (0, None);
        }
        let len = add(&mut state);
        if len == 0 {
            return (0, None);
        }
        let waited = self.bytes();
        self.bytes.store(waited + len, Ordering::Relaxed);
        if waited == 0 && len > self.limit() {
            state.allowed = len;
        }
        if waited + len > self.limit() + state.allowed {
            self.shut(&mut state, &codes::SLOW);
        }
        (len, self.take_waker(&mut state))
    }

    /// A slow reader gets nothing more: what waits would only delay the news that it was too slow.
    fn shut(&self, state: &mut State, close: &'static Close) {
        state.closing = Some(close);
        self.is_closing.store(true, Ordering::Release);
        if *close == codes::SLOW {
            let dropped = state.clear();
            let left = self.bytes() - dropped;
            self.bytes.store(left, Ordering::Relaxed);
            state.going = left;
            self.budget.count_shut(dropped, left);
        }
    }

    /// Keeps what is sent from now on, for a client that may come back for it.
    pub(crate) fn keep(&self, limits: LogLimits, budget: Arc<LogBudget>) {
        let mut state = self.lock();
        state.log = Some(Box::new(Log::new(state.said + 1, limits, budget)));
    }

    /// There is no link for now: what is numbered is kept, all else is for nobody.
    pub(crate) fn detach(&self) {
        let mut state = self.lock();
        if let Some(log) = &mut state.log {
            log.is_all = true;
        }
        let dropped = state.clear();
        self.drop_waiting(dropped);
    }

    /// Whether all that follows a message is kept, so that its client misses nothing.
    pub(crate) fn reaches(&self, from: u64) -> bool {
        self.lock().log.as_ref().is_some_and(|log| log.reaches(from))
    }

    /// There is a link again, whose client has got all up to a message: queues `first`, then all that follows, which
    /// `finish` gives their tails. `false` when that is kept no more, and nothing has changed.
    #[must_use]
    pub(crate) fn replay(&self, from: u64, first: Vec<u8>, finish: impl Fn(u64, Bytes) -> Frames) -> bool {
        let mut state = self.lock();
        let Some(log) = state.log.as_mut().filter(|log| log.reaches(from)) else { return false };
        log.is_all = false;
        let missed: Vec<_> = log.after(from).map(|(number, body)| (number, body.clone())).collect();
        let dropped = state.clear();
        self.drop_waiting(dropped);
        let mut len = first.len();
        state.push(Entry::Own(first));
        for (number, body) in missed {
            let frames = finish(number, body);
            len += frames.len();
            state.add(frames);
        }
        let waited = self.bytes();
        self.bytes.store(waited + len, Ordering::Relaxed);
        // What was kept for it may be more than may wait.
        state.allowed = state.allowed.max(len);
        drop(state);
        self.budget.count(len);
        true
    }

    /// Forgets what has been kept for long. Whether anything is left.
    pub(crate) fn age(&self) -> bool {
        let mut state = self.lock();
        state.log.as_mut().is_some_and(|log| {
            log.age();
            !log.is_empty()
        })
    }

    /// Whether something is kept.
    pub(crate) fn keeps(&self) -> bool {
        self.lock().log.as_ref().is_some_and(|log| !log.is_empty())
    }

    /// What waited is dropped.
    fn drop_waiting(&self, len: usize) {
        self.bytes.store(self.bytes() - len, Ordering::Relaxed);
        self.budget.count_written(len, 0);
    }

    /// Ends the connection once what waits is written; the first reason given stands. Later pushes are
    /// dropped.
    pub fn close(&self, close: &'static Close) {
        let mut state = self.lock();
        if state.closing.is_none() {
            self.shut(&mut state, close);
        }
        self.wake_asleep(state);
    }

    /// Why the connection is to end, if it is.
    #[must_use]
    pub fn closing(&self) -> Option<&'static Close> {
        if self.is_closing.load(Ordering::Acquire) { self.lock().closing } else { None }
    }

    /// Wakes the connection's task, such as for a link that was attached.
    pub fn wake(&self) {
        let state = self.lock();
        self.is_nudged.store(true, Ordering::Release);
        self.wake_asleep(state);
    }

    /// Whether [`Outbox::wake`] was called since this was asked. While it was, the task does not sleep.
    pub fn take_nudge(&self) -> bool {
        // Most turns find none, and looking costs less than changing. What came with the nudge is seen after it.
        self.is_nudged.load(Ordering::Relaxed) && self.is_nudged.swap(false, Ordering::AcqRel)
    }

    /// Wakes who sleeps, after the lock is gone.
    fn wake_asleep(&self, mut state: MutexGuard<'_, State>) {
        let waker = self.take_waker(&mut state);
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn take_waker(&self, state: &mut State) -> Option<Waker> {
        if !self.is_asleep.load(Ordering::Relaxed) {
            return None;
        }
        self.is_asleep.store(false, Ordering::Relaxed);
        state.waker.take()
    }

    /// What all outboxes of the node hold together.
    pub(crate) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Takes the next entry for writing. Its bytes count until [`Outbox::written`].
    pub fn take(&self) -> Option<Entry> {
        self.lock().take()
    }

    /// Tells that `written` bytes are written and takes what waits, in order, as long as it is no more than
    /// `most` bytes (but at least one entry). Where nothing waits it registers who is to be woken, as
    /// [`Outbox::sleep`] does: so a turn that writes takes the lock twice and not four times.
    pub fn next(&self, written: usize, most: usize, into: &mut VecDeque<Entry>, waker: &Waker) {
        let mut state = self.lock();
        let gone = self.count_written(&mut state, written);
        if !self.try_sleep(&mut state, waker) {
            state.take_up_to(most, into);
        }
        drop(state);
        self.budget.count_written(written, gone);
    }

    /// Tells that `len` bytes of what was taken are written, or given up.
    pub fn written(&self, len: usize) {
        let gone = self.count_written(&mut self.lock(), len);
        self.budget.count_written(len, gone);
    }

    /// Counts what is written; returns how much of it was told to the budget as going.
    fn count_written(&self, state: &mut State, len: usize) -> usize {
        let left = self.bytes() - len;
        self.bytes.store(left, Ordering::Relaxed);
        state.allowed = state.allowed.min(left);
        let gone = len.min(state.going);
        state.going -= gone;
        gone
    }

    /// Whether so much waits that its client should read before it asks for more.
    #[must_use]
    pub fn is_half_full(&self) -> bool {
        self.bytes() > self.half()
    }

    /// Half of the bytes that may wait.
    #[must_use]
    pub fn half(&self) -> usize {
        self.limit() / 2
    }

    /// Tells that a turn begins: what comes from here on is seen before its task sleeps, and wakes nobody.
    pub fn awake(&self) {
        self.is_asleep.store(false, Ordering::Relaxed);
    }

    /// Registers who is to be woken by the next push; `false` if something waits already or the connection
    /// is to end, and then nobody is registered. A task keeps its waker for life.
    #[must_use]
    pub fn sleep(&self, waker: &Waker) -> bool {
        // Whoever makes this false again wakes the task, so an old answer is as good.
        if self.is_asleep.load(Ordering::Relaxed) {
            return true;
        }
        self.try_sleep(&mut self.lock(), waker)
    }

    fn try_sleep(&self, state: &mut State, waker: &Waker) -> bool {
        let may = state.last.is_none() && state.closing.is_none() && !self.is_nudged.load(Ordering::Relaxed);
        if may {
            self.fall_asleep(state, waker);
        }
        may
    }

    fn fall_asleep(&self, state: &mut State, waker: &Waker) {
        if state.waker.as_ref().is_none_or(|known| !known.will_wake(waker)) {
            state.waker = Some(waker.clone());
        }
        self.is_asleep.store(true, Ordering::Relaxed);
    }

    /// Registers who is to be woken by the next push, whatever waits: for a link that can't write now. `false` if
    /// somebody called [`Outbox::wake`] since the turn began.
    #[must_use]
    pub fn register(&self, waker: &Waker) -> bool {
        self.fall_asleep(&mut self.lock(), waker);
        !self.is_nudged.load(Ordering::Relaxed)
    }

    /// Bytes that wait or are being written.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether nothing waits to be taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().last.is_none()
    }
}

/// A queue that was longer gives its memory back when it is empty, as most
/// connections sleep most of the time.
const IDLE_ENTRIES_MAX: usize = 4;

impl Drop for Outbox {
    fn drop(&mut self) {
        let going = self.lock().going;
        self.budget.count_written(self.bytes(), going);
    }
}

//! A session of SockJS that requests carry, as a transport: what is sent is read, who receives is given frames, and its
//! timers and its end.

use super::desk::{Desk, Sent, State};
use super::ends;
use crate::link::{HalfRead, reading};
use crate::transport::engineio::Place;
use crate::transport::{Message, Transport};
use crate::worker;
use playhouse_core::clock::Moment;
use playhouse_core::codes::{self, Close};
use playhouse_node::link::{Flow, Gone};
use playhouse_node::outbox::{Entry, Outbox, scratch};
use playhouse_proto::sockjs::frame;
use std::collections::VecDeque;
use std::sync::{Arc, MutexGuard};
use std::task::{Context, Poll};
use std::time::Duration;

/// A poll is answered with no more than this, but at least one message.
const ANSWER_MAX: usize = 1024 * 1024;

/// The same for a frame of a stream.
const PIECE_MAX: usize = 64 * 1024;

/// How many messages are read before other tasks get their turn.
const MESSAGES_PER_TURN: usize = 512;

/// For how long a node that stops waits for requests that are to hear of it.
const LAST_CALL: Duration = Duration::from_millis(500);

/// For how many times of the disconnect delay the name of an ended session is kept (sockjs.md, 4.9).
const KEPT_FOR: u32 = 3;

/// A session.
pub(super) struct Session {
    desk: Arc<Desk>,
    /// What is being read.
    reading: Option<Box<Sent>>,
    /// What was told to [`HalfRead`].
    told_held: usize,
    /// When a heartbeat is due, or the session is given up where nobody receives.
    due: Moment,
    is_opened: bool,
    /// The end, once it has begun.
    ending: Option<Box<Ending>>,
    _place: Place,
}

/// An end that waits for requests that receive.
struct Ending {
    /// Frames that go behind all others, as they stand in an outbox.
    last: Vec<u8>,
    /// The last frame of all.
    close: Vec<u8>,
    until: Moment,
}

impl Session {
    pub(super) fn new(desk: Arc<Desk>, place: Place) -> Self {
        let due = desk.mount.now() + desk.mount.heartbeat;
        Self { desk, reading: None, told_held: 0, due, is_opened: false, ending: None, _place: place }
    }

    /// Takes in what has come. `false` when the session is over.
    fn arrive(&mut self) -> bool {
        if !self.desk.take_news() {
            return true;
        }
        let desk = self.desk.clone();
        let mut state = desk.state();
        self.follow(&mut state);
        !state.is_lost
    }

    /// Sets the timer by whether somebody receives.
    fn follow(&mut self, state: &mut State) {
        if !std::mem::take(&mut state.has_moved) {
            return;
        }
        let mount = &self.desk.mount;
        let wait = if state.receiver.is_some() { mount.heartbeat } else { mount.disconnect_delay };
        self.due = mount.now() + wait;
    }

    /// Reads on in what was sent, as far as somebody wants to hear it, but no longer than a turn.
    fn read(&mut self, cx: &mut Context<'_>, mut hear: impl FnMut(Message<'_>) -> Flow) {
        for _ in 0..MESSAGES_PER_TURN {
            let Some(sent) = self.next_to_read() else { return };
            match sent.messages.next().map(|text| hear(Message::Text(&text))) {
                Some(Flow::More) => {}
                Some(Flow::Pause) => return,
                None => self.reading.take().into_iter().for_each(|sent| sent.taken()),
            }
        }
        if self.next_to_read().is_some() {
            reading::serve_others(cx);
        }
    }

    /// Tells the node what waits here to be read.
    fn tell_held(&mut self) {
        let held = match &self.reading {
            Some(sent) => HalfRead::counted(sent.bytes + self.desk.state().sent_bytes),
            None => 0,
        };
        if held != self.told_held {
            self.told_held = held;
            self.desk.mount.shared.half_read.set(self.desk.served(), held);
        }
    }

    fn next_to_read(&mut self) -> Option<&mut Sent> {
        if self.reading.is_none() {
            self.reading = self.desk.state().next_sent().map(Box::new);
        }
        self.reading.as_deref_mut()
    }

    /// Gives what waits to who receives, as one frame, `last` behind it where it is the end of it. Whether there was
    /// anything.
    fn give(&self, cx: &mut Context<'_>, state: &mut State, outbox: &Outbox, last: &mut Vec<u8>) -> bool {
        let Some(receiver) = state.free() else { return false };
        let most = if receiver.is_stream() { PIECE_MAX } else { ANSWER_MAX };
        let mut batch = worker::take_batch();
        outbox.next(0, most, &mut batch, cx.waker());
        let written: usize = batch.iter().map(Entry::len).sum();
        if outbox.is_empty() && !last.is_empty() {
            batch.push_back(Entry::Own(std::mem::take(last)));
        }
        let has_any = !batch.is_empty();
        if has_any {
            let frame = merged(&batch);
            receiver.give(&frame, self.desk.mount.response_limit);
        }
        for entry in batch.drain(..) {
            if let Entry::Own(bytes) = entry {
                scratch::give(bytes);
            }
        }
        worker::give_batch(batch);
        outbox.written(written);
        has_any
    }

    /// Gives the open frame, once.
    fn open(&mut self, state: &mut State) {
        if !self.is_opened {
            self.is_opened = state.open(self.desk.mount.response_limit);
        }
    }

    fn begin_end(&mut self, close: &'static Close, last: impl FnOnce(&mut Vec<u8>)) {
        if self.ending.is_some() {
            return;
        }
        let mut frames = Vec::new();
        last(&mut frames);
        let until = self.until(close);
        let close = ends::frame(ends::said(close));
        self.ending = Some(Box::new(Ending { last: frames, close, until }));
        let mut state = self.desk.state();
        state.is_closing = true;
        let unread: Vec<Sent> = std::iter::from_fn(|| state.next_sent()).collect();
        drop(state);
        self.reading.take().into_iter().map(|sent| *sent).chain(unread).for_each(Sent::taken);
        self.tell_held();
    }

    /// When an end is over at the latest: while a node stops, clients ask again at once or not at all.
    fn until(&self, close: &'static Close) -> Moment {
        let mount = &self.desk.mount;
        let longest = if is_leaving(close) { LAST_CALL } else { Duration::MAX };
        mount.now() + mount.disconnect_delay.min(longest)
    }

    /// What is left goes out with the requests that still receive, then the last frame to each of them.
    fn end(&mut self, cx: &mut Context<'_>, outbox: &Outbox, close: &'static Close) -> Poll<Gone> {
        let desk = self.desk.clone();
        let mut state = desk.state();
        if state.is_lost {
            return Poll::Ready(Gone::Lost);
        }
        let lingers = lingers(close);
        loop {
            let Some(receiver) = &state.receiver else {
                return if lingers { Poll::Pending } else { Poll::Ready(Gone::Closed) };
            };
            if !receiver.is_free() {
                return self.wait(state, close);
            }
            if !self.is_opened {
                self.open(&mut state);
                continue;
            }
            let Some(mut ending) = self.ending.take() else { return Poll::Ready(Gone::Lost) };
            let has_given = self.give(cx, &mut state, outbox, &mut ending.last);
            if has_given {
                ending.until = self.until(close);
            } else if let Some(receiver) = state.free() {
                receiver.give_last(&ending.close);
            }
            self.ending = Some(ending);
            // On a node that stops nobody asks again.
            if !has_given && (!lingers || is_leaving(close)) {
                return Poll::Ready(Gone::Closed);
            }
        }
    }

    /// Waits for the receiver to take what it was given; who is ended for being slow is not waited for.
    #[allow(clippy::unused_self, reason = "the end's, like those around it")]
    fn wait(&self, mut state: MutexGuard<'_, State>, close: &'static Close) -> Poll<Gone> {
        if *close == codes::SLOW {
            return Poll::Ready(Gone::Closed);
        }
        state.is_blocked = true;
        Poll::Pending
    }
}

/// Messages as they wait in an outbox, in one frame.
fn merged(batch: &VecDeque<Entry>) -> Vec<u8> {
    let whole: Vec<_> = batch.iter().map(Entry::whole).collect();
    let size: usize = whole.iter().map(|bytes| bytes.len()).sum();
    let mut out = Vec::with_capacity(size);
    let taken = frame::merge(whole.iter().map(AsRef::as_ref), &mut out);
    debug_assert_eq!(taken, size, "an outbox holds messages and nothing else");
    out
}

/// Whether an end waits for requests that are to hear of it.
fn lingers(close: &'static Close) -> bool {
    ![&codes::SLOW, &codes::SILENT, &codes::PROTOCOL, &codes::LEFT].contains(&close)
}

fn is_leaving(close: &'static Close) -> bool {
    [&codes::DRAINING, &codes::STOPPED].contains(&close)
}

impl Transport for Session {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        _: &Outbox,
        hear: impl FnMut(Message<'_>) -> Flow,
    ) -> Poll<Gone> {
        if !self.arrive() {
            return Poll::Ready(Gone::Lost);
        }
        self.read(cx, hear);
        self.tell_held();
        Poll::Pending
    }

    fn may_read(&self) -> bool {
        self.desk.has_news() || self.reading.is_some()
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, outbox: &Outbox) -> Poll<Result<(), Gone>> {
        let desk = self.desk.clone();
        let mut state = desk.state();
        if state.is_lost {
            return Poll::Ready(Err(Gone::Lost));
        }
        self.open(&mut state);
        if self.is_opened && self.give(cx, &mut state, outbox, &mut Vec::new()) {
            self.due = desk.mount.now() + desk.mount.heartbeat;
        }
        if outbox.is_empty() {
            return Poll::Ready(Ok(()));
        }
        state.is_blocked = state.receiver.is_some();
        Poll::Pending
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        close: &'static Close,
        last: impl FnOnce(&mut Vec<u8>),
    ) -> Poll<Gone> {
        self.begin_end(close, last);
        // Nothing of it is news to an end.
        let _ = self.desk.take_news();
        self.end(cx, outbox, close)
    }

    fn deadline(&self) -> Option<Moment> {
        Some(self.ending.as_ref().map_or(self.due, |ending| ending.until))
    }

    fn on_deadline(&mut self, now: Moment, _: &Outbox) -> Option<&'static Close> {
        let desk = self.desk.clone();
        let mut state = desk.state();
        self.follow(&mut state);
        if now < self.due {
            return None;
        }
        if state.receiver.is_none() {
            return Some(&codes::SILENT);
        }
        // One that has not taken the last frame needs no other.
        if let Some(receiver) = state.free() {
            receiver.give(frame::HEARTBEAT.as_bytes(), desk.mount.response_limit);
        }
        self.due = now + desk.mount.heartbeat;
        None
    }

    fn is_ending(&self) -> bool {
        self.ending.is_some()
    }

    fn set_paused(&mut self, _: bool, _: Moment) {}
}

impl Drop for Session {
    fn drop(&mut self) {
        self.reading = None;
        self.tell_held();
        let mount = &self.desk.mount;
        let now = mount.now();
        mount.sessions.end(self.desk.name, now, now + mount.disconnect_delay * KEPT_FOR);
        self.desk.end();
    }
}

//! Where the requests of one session and the task of its connection meet.
//!
//! Requests come on any worker and wait here for their answers; the task alone reads, writes and decides about the
//! session's end. Owns who receives and what was sent. Knows nothing of HTTP.

use super::receiving::{Receiver, Receiving};
use super::sessions::Name;
use super::{Mount, ends};
use playhouse_node::guest::Served;
use playhouse_proto::sockjs::{Messages, Turn, Turns, Wrap, frame};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::oneshot;

/// One session, as its requests see it.
pub(crate) struct Desk {
    pub(super) mount: Arc<Mount>,
    pub(super) name: Name,
    served: Served,
    /// Something has come that the task has not looked at.
    news: AtomicBool,
    state: Mutex<State>,
}

/// Who receives, and what was sent.
#[derive(Default)]
pub(super) struct State {
    pub(super) receiver: Option<Box<Receiver>>,
    received: Turns,
    posted: Turns,
    /// A receiver has come or gone.
    pub(super) has_moved: bool,
    /// The task waits for the receiver to take what it was given.
    pub(super) is_blocked: bool,
    /// Bodies that have come, in this order.
    pub(super) sent: VecDeque<Sent>,
    /// Bytes of those.
    pub(super) sent_bytes: usize,
    /// A receiver was dropped.
    pub(super) is_lost: bool,
    /// The end has begun, and what is sent counts no more.
    pub(super) is_closing: bool,
    is_over: bool,
}

/// The messages of a body that has come.
pub(super) struct Sent {
    pub(super) messages: Messages<Box<[u8]>>,
    pub(super) bytes: usize,
    taken: oneshot::Sender<()>,
}

/// Why a request may not receive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// Another one does.
    Busy,
    /// The session has ended.
    Ended,
}

/// Why messages were not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// The session has ended.
    Ended,
    /// Too much waits to be read.
    Crowded,
}

impl Refused {
    /// The body of the answer, which says so.
    pub(crate) fn body(self, wrap: &Wrap) -> Vec<u8> {
        let mut body = Vec::new();
        wrap.prelude(&mut body);
        wrap.frame(
            &mut body,
            &ends::frame(match self {
                Self::Busy => ends::BUSY,
                Self::Ended => ends::INTERRUPTED,
            }),
        );
        body
    }
}

impl Desk {
    pub(super) fn new(mount: Arc<Mount>, name: Name, served: Served) -> Self {
        Self { mount, name, served, news: AtomicBool::new(false), state: Mutex::default() }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nothing panics while it holds this")
    }

    /// Whether something has come that the task has not looked at.
    pub(super) fn has_news(&self) -> bool {
        self.news.load(Ordering::Acquire)
    }

    /// The same, once for each time.
    pub(super) fn take_news(&self) -> bool {
        self.has_news() && self.news.swap(false, Ordering::AcqRel)
    }

    pub(super) fn served(&self) -> &Served {
        &self.served
    }

    pub(super) fn tell(&self) {
        self.news.store(true, Ordering::Release);
        self.served.outbox().wake();
    }

    /// A request wants to receive. One that came before has been answered, and nobody knows what of it has arrived.
    ///
    /// # Errors
    /// It may not.
    pub(crate) fn receive(self: &Arc<Self>, wrap: &Wrap, turn: Option<Turn>) -> Result<Receiving, Refused> {
        let mut state = self.state();
        if state.is_over || state.is_lost {
            return Err(Refused::Ended);
        }
        if !state.received.is_new(turn) {
            drop(state);
            self.lose();
            return Err(Refused::Ended);
        }
        if state.receiver.is_some() {
            return Err(Refused::Busy);
        }
        state.receiver = Some(Box::new(Receiver::new(wrap.clone())));
        state.has_moved = true;
        drop(state);
        self.tell();
        Ok(Receiving::new(self.clone(), wrap))
    }

    /// Messages have come. Waits until they are read; not if they came before.
    ///
    /// # Errors
    /// They are not.
    pub(crate) async fn send(
        &self,
        messages: Messages<Box<[u8]>>,
        bytes: usize,
        turn: Option<Turn>,
    ) -> Result<(), Unsent> {
        let Some(taken) = self.put(messages, bytes, turn)? else { return Ok(()) };
        taken.await.map_err(|_| Unsent::Ended)
    }

    /// Puts messages where they are read. `None` when nobody will, and nobody need know.
    fn put(
        &self,
        messages: Messages<Box<[u8]>>,
        bytes: usize,
        turn: Option<Turn>,
    ) -> Result<Option<oneshot::Receiver<()>>, Unsent> {
        let mut state = self.state();
        if state.is_over || state.is_lost {
            return Err(Unsent::Ended);
        }
        if state.is_closing {
            return Ok(None);
        }
        if !state.sent.is_empty() && state.sent_bytes + bytes > self.mount.longest_body() {
            return Err(Unsent::Crowded);
        }
        if !state.posted.is_new(turn) {
            return Ok(None);
        }
        let (taken, comes) = oneshot::channel();
        state.sent_bytes += bytes;
        state.sent.push_back(Sent { messages, bytes, taken });
        drop(state);
        self.tell();
        Ok(Some(comes))
    }

    /// A receiver was dropped, and nobody knows what has arrived: the session ends.
    pub(super) fn lose(&self) {
        let mut state = self.state();
        state.is_lost = true;
        let receiver = state.receiver.take();
        drop(state);
        drop(receiver);
        self.tell();
    }

    /// The session is over: whoever waits is told so.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.is_over = true;
        if let Some(receiver) = &mut state.receiver {
            receiver.end(&ends::frame(ends::INTERRUPTED));
        }
        let sent = std::mem::take(&mut state.sent);
        drop(state);
        drop(sent);
    }
}

impl State {
    /// The next messages that were sent.
    pub(super) fn next_sent(&mut self) -> Option<Sent> {
        let sent = self.sent.pop_front()?;
        self.sent_bytes -= sent.bytes;
        Some(sent)
    }

    /// Gives the open frame to who receives.
    pub(super) fn open(&mut self, limit: usize) -> bool {
        match self.free() {
            Some(receiver) => {
                receiver.give(frame::OPEN.as_bytes(), limit);
                true
            }
            None => false,
        }
    }

    /// Who receives, if it can take another frame.
    pub(super) fn free(&mut self) -> Option<&mut Receiver> {
        self.receiver.as_deref_mut().filter(|receiver| receiver.is_free())
    }
}

impl Sent {
    /// They were read.
    pub(super) fn taken(self) {
        // Its client may have gone.
        let _ = self.taken.send(());
    }
}

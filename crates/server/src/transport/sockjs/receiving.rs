//! The request that receives: a poll or a stream, its side and the task's.
//!
//! The task gives one frame, and the next when that is taken: a slow client holds the outbox, whose bounds apply. Knows
//! nothing of HTTP but that a body comes in pieces.

use super::{Desk, Mount};
use bytes::Bytes;
use playhouse_proto::sockjs::Wrap;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The task's side: what the request has yet to take.
pub(super) struct Receiver {
    wrap: Wrap,
    /// What comes before the first frame.
    prelude: Vec<u8>,
    /// A frame.
    piece: Vec<u8>,
    /// Nothing comes behind it.
    is_last: bool,
    /// Bytes of frames so far.
    given: usize,
    waker: Option<Waker>,
}

impl Receiver {
    pub(super) fn new(wrap: Wrap) -> Self {
        let mut prelude = Vec::new();
        wrap.prelude(&mut prelude);
        Self { wrap, prelude, piece: Vec::new(), is_last: false, given: 0, waker: None }
    }

    /// Whether it can take another frame.
    pub(super) fn is_free(&self) -> bool {
        self.piece.is_empty() && !self.is_last
    }

    /// Whether it goes on after a frame.
    pub(super) fn is_stream(&self) -> bool {
        self.wrap.is_stream()
    }

    /// Gives it a frame. A poll ends with it, and a stream when it has had `limit` bytes.
    pub(super) fn give(&mut self, frame: &[u8], limit: usize) {
        self.wrap.frame(&mut self.piece, frame);
        self.given += self.piece.len();
        self.is_last |= !self.is_stream() || self.given >= limit;
        self.wake();
    }

    /// Gives it the last frame.
    pub(super) fn give_last(&mut self, frame: &[u8]) {
        self.wrap.frame(&mut self.piece, frame);
        self.is_last = true;
        self.wake();
    }

    /// Ends it, with this frame unless one is on its way.
    pub(super) fn end(&mut self, frame: &[u8]) {
        if self.is_free() {
            return self.give_last(frame);
        }
        self.is_last = true;
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    fn wait(&mut self, cx: &mut Context<'_>) {
        if self.waker.as_ref().is_none_or(|known| !known.will_wake(cx.waker())) {
            self.waker = Some(cx.waker().clone());
        }
    }
}

/// The request's side. When this is dropped before it has arrived, its client has gone, and the session ends.
pub(crate) struct Receiving {
    /// `None` once it has arrived.
    desk: Option<Arc<Desk>>,
    is_stream: bool,
    /// All was taken.
    is_over: bool,
    /// Bytes of a poll's answer, once that is there.
    length: Option<usize>,
}

impl Receiving {
    pub(super) fn new(desk: Arc<Desk>, wrap: &Wrap) -> Self {
        desk.mount.receiving.fetch_add(1, Ordering::Relaxed);
        Self { desk: Some(desk), is_stream: wrap.is_stream(), is_over: false, length: None }
    }

    /// Waits for the answer of a poll; a stream begins at once.
    pub(crate) async fn begin(&mut self) {
        if !self.is_stream {
            self.length = Some(poll_fn(|cx| self.poll_piece(cx)).await);
        }
    }

    fn poll_piece(&self, cx: &mut Context<'_>) -> Poll<usize> {
        let Some(desk) = &self.desk else { return Poll::Ready(0) };
        let mut state = desk.state();
        match &mut state.receiver {
            Some(receiver) if receiver.is_free() => {
                receiver.wait(cx);
                Poll::Pending
            }
            Some(receiver) => Poll::Ready(receiver.piece.len()),
            None => Poll::Ready(0),
        }
    }

    /// How long the answer is, where that is known.
    pub(crate) fn length(&self) -> Option<usize> {
        self.length
    }

    /// Whether all was taken.
    pub(crate) fn is_over(&self) -> bool {
        self.is_over
    }

    /// For how long its client may confirm nothing, where it streams: a heartbeat is sent twice in that time.
    pub(crate) fn silence(&self) -> Option<Duration> {
        let desk = self.desk.as_ref().filter(|_| self.is_stream)?;
        Some(desk.mount.heartbeat.saturating_mul(2))
    }

    /// The next bytes; `None` when it has ended.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let Some(desk) = self.desk.as_ref().filter(|_| !self.is_over) else { return Poll::Ready(None) };
        let mut state = desk.state();
        let Some(receiver) = &mut state.receiver else { return Poll::Ready(None) };
        if !receiver.prelude.is_empty() {
            return Poll::Ready(Some(std::mem::take(&mut receiver.prelude).into()));
        }
        if receiver.is_free() {
            receiver.wait(cx);
            return Poll::Pending;
        }
        let (piece, is_last) = (std::mem::take(&mut receiver.piece), receiver.is_last);
        if is_last {
            state.receiver = None;
            state.has_moved = true;
        }
        let is_awaited = std::mem::take(&mut state.is_blocked) || is_last;
        drop(state);
        if is_awaited {
            desk.tell();
        }
        self.is_over = is_last;
        Poll::Ready((!piece.is_empty()).then(|| piece.into()))
    }

    /// All of it has arrived, as far as we can know.
    pub(crate) fn arrived(mut self) {
        self.leave();
    }

    /// It is no receiver any more.
    fn leave(&mut self) -> Option<Arc<Desk>> {
        let desk = self.desk.take()?;
        let mount: &Mount = &desk.mount;
        mount.receiving.fetch_sub(1, Ordering::Relaxed);
        Some(desk)
    }
}

impl Drop for Receiving {
    fn drop(&mut self) {
        if let Some(desk) = self.leave() {
            desk.lose();
        }
    }
}

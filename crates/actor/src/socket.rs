//! A websocket that an actor's own function reads and writes: messages in a bounded queue, until one side ends it.

use playhouse_core::actor::{Ear, Frame, Told};
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Messages, and bytes of them, that may wait for the function. Who sends more than it reads is sent away.
const MESSAGES: usize = 1_000;
const BYTES: usize = 8 << 20;

/// A client's websocket, for a `#[websocket]` function. The connection ends when the function does.
pub struct Socket {
    ear: Arc<dyn Ear>,
    path: String,
    queue: Arc<Mutex<Queue>>,
}

/// Where the client's messages come in.
pub(crate) struct Inlet {
    socket: Mutex<Option<Socket>>,
    queue: Arc<Mutex<Queue>>,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<Frame>,
    bytes: usize,
    closed: bool,
    waker: Option<Waker>,
}

impl Socket {
    /// The path and the query that the client asked for.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The client's next message; `None` once it has gone. Cancel-safe: a message is lost by nobody who stops waiting.
    pub async fn next(&mut self) -> Option<Frame> {
        poll_fn(|task| self.poll_next(task)).await
    }

    /// Sends a message. It leaves at once, whatever comes of the function; to who has gone it goes nowhere.
    #[expect(clippy::needless_pass_by_value, reason = "a message is made in its place")]
    pub fn send(&self, frame: Frame) {
        let closed = locked(&self.queue).closed;
        if !closed {
            self.ear.hear(Told::Frame(&frame));
        }
    }

    fn poll_next(&self, task: &Context<'_>) -> Poll<Option<Frame>> {
        let mut queue = locked(&self.queue);
        if let Some(frame) = queue.frames.pop_front() {
            queue.bytes -= size(&frame);
            return Poll::Ready(Some(frame));
        }
        if queue.closed {
            return Poll::Ready(None);
        }
        queue.waker = Some(task.waker().clone());
        Poll::Pending
    }
}

impl Inlet {
    pub(crate) fn new(ear: Arc<dyn Ear>, path: String) -> Self {
        let queue = Arc::<Mutex<Queue>>::default();
        let socket = Socket { ear, path, queue: queue.clone() };
        Self { socket: Mutex::new(Some(socket)), queue }
    }

    /// The function's end, once.
    pub(crate) fn take(&self) -> Option<Socket> {
        self.socket.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Adds a message; `false` if too many wait.
    pub(crate) fn push(&self, frame: Frame) -> bool {
        let mut queue = locked(&self.queue);
        if queue.frames.len() >= MESSAGES || (queue.bytes > 0 && queue.bytes + size(&frame) > BYTES) {
            return false;
        }
        queue.bytes += size(&frame);
        queue.frames.push_back(frame);
        let waker = queue.waker.take();
        drop(queue);
        waker.into_iter().for_each(Waker::wake);
        true
    }

    /// The client has gone.
    pub(crate) fn close(&self) {
        let mut queue = locked(&self.queue);
        queue.closed = true;
        let waker = queue.waker.take();
        drop(queue);
        waker.into_iter().for_each(Waker::wake);
    }
}

fn locked(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

fn size(frame: &Frame) -> usize {
    match frame {
        Frame::Text(text) => text.len(),
        Frame::Binary(bytes) => bytes.len(),
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Socket({})", self.path)
    }
}

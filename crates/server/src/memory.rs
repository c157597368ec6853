//! A node without sockets, for tests: frames go in and out as texts in memory, and the public folder is read from a
//! node that has no server. Everything between, the dialect included, is what a browser meets.

use crate::dialect::Encoders;
use crate::dialect::actionhero::{Frame, read, wants_codes};
use crate::files::PublicFolder;
use playhouse_core::clock::Moment;
use playhouse_core::codes::Close;
use playhouse_core::config::Config;
use playhouse_core::encoder::Encoder;
use playhouse_core::tasks::Tasks;
use playhouse_core::wire::{Dialect, Framing, Parser, WireForm};
use playhouse_node::files::Files;
use playhouse_node::link::{Flow, Gone, Link, Sink};
use playhouse_node::outbox::Outbox;
use playhouse_node::{Connection, Node};
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};
use tokio::sync::Notify;

/// `ActionHero`'s messages, each as its bare JSON.
pub const FORM: WireForm =
    WireForm { dialect: Dialect::ActionHero, parser: Parser::Json, framing: Framing::Http };

/// Who writes messages in [`FORM`].
#[must_use]
pub fn encoder() -> Arc<dyn Encoder> {
    Arc::new(Encoders::new(None))
}

/// The public folder.
///
/// # Errors
/// A sentence that says why it can't be read.
pub fn public_folder(config: &Config, tasks: &Tasks) -> Result<Arc<dyn Files>, String> {
    let folder = PublicFolder::open(config)?;
    folder.read_on(tasks);
    Ok(Arc::new(folder))
}

/// A line between a client and its link.
#[derive(Default)]
pub struct Wire {
    state: Mutex<Ends>,
    heard: Notify,
}

/// What is on the line.
#[derive(Default)]
pub struct Ends {
    /// On the way to the server.
    pub sent: VecDeque<String>,
    /// Arrived at the client.
    pub received: VecDeque<Value>,
    /// The line is cut: by the client, or as the link ended without a word.
    pub is_cut: bool,
    /// Why the server ended it.
    pub closed: Option<&'static Close>,
    waker: Option<Waker>,
}

impl Wire {
    /// The client's look at the line.
    ///
    /// # Panics
    /// Never: nothing panics while it holds a line.
    pub fn ends(&self) -> MutexGuard<'_, Ends> {
        self.state.lock().expect("nothing panics while it holds a wire")
    }

    /// Changes what the server will see, and wakes it.
    pub fn tell(&self, change: impl FnOnce(&mut Ends)) {
        let mut ends = self.ends();
        change(&mut ends);
        let waker = ends.waker.take();
        drop(ends);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Looks at the line until `look` finds what it wants, whenever something has arrived.
    pub async fn found<T>(&self, mut look: impl FnMut(&mut Ends) -> Option<T>) -> T {
        loop {
            // Made before the look, so that nothing which arrives between the two is missed.
            let heard = self.heard.notified();
            if let Some(found) = look(&mut self.ends()) {
                return found;
            }
            heard.await;
        }
    }
}

/// The server's end of a line.
pub struct MemoryLink {
    wire: Arc<Wire>,
    node: Node,
    connection: Connection,
    /// Frames so far.
    frames: u32,
    with_code: bool,
}

impl MemoryLink {
    /// A link at the end of a line.
    #[must_use]
    pub fn new(connection: &Connection, wire: Arc<Wire>) -> Self {
        let with_code = wants_codes(connection.request());
        Self { wire, node: connection.node().clone(), connection: connection.clone(), frames: 0, with_code }
    }

    fn next(&self, cx: &Context<'_>) -> Poll<Result<String, Gone>> {
        let mut ends = self.wire.ends();
        match ends.sent.pop_front() {
            Some(text) => Poll::Ready(Ok(text)),
            None if ends.is_cut => Poll::Ready(Err(Gone::Lost)),
            None => {
                ends.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn deliver(&self, outbox: &Outbox) {
        while let Some(entry) = outbox.take() {
            let bytes = entry.slices().concat();
            outbox.written(entry.len());
            // Without the framing of a websocket, frames stand one behind the other.
            let frames = serde_json::Deserializer::from_slice(&bytes).into_iter::<Value>();
            let frames = frames.map(|frame| frame.expect("the dialect writes JSON"));
            self.wire.ends().received.extend(frames);
            self.wire.heard.notify_waiters();
        }
    }
}

impl Drop for MemoryLink {
    fn drop(&mut self) {
        self.wire.ends().is_cut = true;
        self.wire.heard.notify_waiters();
    }
}

impl Link for MemoryLink {
    fn poll_read(&mut self, cx: &mut Context<'_>, _outbox: &Outbox, sink: &mut dyn Sink) -> Poll<Gone> {
        loop {
            let text = match self.next(cx) {
                Poll::Ready(Ok(text)) => text,
                Poll::Ready(Err(gone)) => return Poll::Ready(gone),
                Poll::Pending => return Poll::Pending,
            };
            let Some(text) = self.node.incoming(&self.connection, &text) else { continue };
            let frame = Frame { text: &text, number: self.frames + 1, with_code: self.with_code };
            let Some(event) = read(&frame, self.node.rng(), self.node.texts()) else { continue };
            self.frames += 1;
            if sink.take(event) == Flow::Pause {
                return Poll::Pending;
            }
        }
    }

    fn poll_write(&mut self, _cx: &mut Context<'_>, outbox: &Outbox) -> Poll<Result<(), Gone>> {
        self.deliver(outbox);
        Poll::Ready(Ok(()))
    }

    fn poll_close(&mut self, _cx: &mut Context<'_>, outbox: &Outbox, close: &'static Close) -> Poll<Gone> {
        self.deliver(outbox);
        self.wire.ends().closed = Some(close);
        self.wire.heard.notify_waiters();
        Poll::Ready(Gone::Closed)
    }

    fn deadline(&self) -> Option<Moment> {
        None
    }

    fn on_deadline(&mut self, _now: Moment, _outbox: &Outbox) -> Option<&'static Close> {
        None
    }

    fn set_paused(&mut self, _paused: bool, _now: Moment) {}
}

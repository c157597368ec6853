//! Connections that outlive their links: by which key a client takes its own over again.
//!
//! A key is a secret: its first part finds a connection, the rest proves that whoever asks may have it. Owns who may; what
//! the client missed is the outbox' log.

mod answers;
mod arriving;

pub(crate) use answers::{Answers, Known};
pub(crate) use arriving::Return;

use crate::connection::{Connection, WeakConnection};
use crate::link::Link;
use crate::node::Node;
use crate::outbox::LogLimits;
use arriving::Arriving;
use playhouse_core::clock::{Clock, Moment};
use playhouse_core::rng::Rng;
use playhouse_core::secret;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

/// For how long, and within which bounds, a client may come back for its connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How long it may be without a link.
    pub time: Duration,
    /// What is kept of what it was sent.
    pub log: LogLimits,
}

/// Random bytes of a key: 24, which are 32 characters. The first 6 bytes find it, the other 144 bits prove it.
const KEY_BYTES: usize = 24;

/// Characters of a key that find its connection.
const FINDS: usize = 8;

/// Who comes so soon after another took a connection over came at once with it: nobody loses a session, notices it and has
/// begun the next one within that time.
const AT_ONCE: Duration = Duration::from_millis(10);

/// The connections of a node that can be taken over.
#[derive(Default)]
pub(crate) struct Recovery {
    keys: Mutex<HashMap<Box<str>, WeakConnection>>,
    absent: AtomicUsize,
}

/// What a connection that can be taken over knows of that.
pub(crate) struct Recoverable {
    pub(crate) window: Window,
    key: Box<str>,
    is_absent: AtomicBool,
    taken: Mutex<Option<Taken>>,
    arriving: Arriving,
    answers: Answers,
}

/// That somebody took it over from the one before.
struct Taken {
    at: Moment,
    /// The last message that this one had got.
    from: u64,
}

impl Recovery {
    /// A key that nobody has.
    fn key(&self, rng: &Rng) -> Box<str> {
        loop {
            let key = rng.token(KEY_BYTES);
            if !self.all().contains_key(&key[..FINDS]) {
                return key.into();
            }
        }
    }

    pub(crate) fn add(&self, connection: &Connection) {
        if let Some(recoverable) = connection.recoverable() {
            self.all().insert(recoverable.key[..FINDS].into(), connection.downgrade());
        }
    }

    pub(crate) fn remove(&self, connection: &Connection) {
        if let Some(recoverable) = connection.recoverable() {
            self.all().remove(&recoverable.key[..FINDS]);
        }
    }

    fn find(&self, key: &str) -> Option<Connection> {
        let found = self.all().get(key.get(..FINDS)?)?.upgrade()?;
        secret::same(&found.recoverable()?.key, key).then_some(found)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Box<str>, WeakConnection>> {
        self.keys.lock().expect("nothing panics while it holds this")
    }

    /// Counts one more who is absent, unless there are as many as may be.
    pub(crate) fn miss(&self, most: usize) -> bool {
        let more = |absent: usize| (absent < most).then_some(absent + 1);
        self.absent.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// One who was absent is so no more.
    pub(crate) fn meet(&self) {
        self.absent.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Recoverable {
    pub(crate) fn new(node: &Node, window: Window) -> Self {
        let key = node.recovery().key(node.rng());
        Self {
            window,
            key,
            is_absent: AtomicBool::new(false),
            taken: Mutex::default(),
            arriving: Arriving::default(),
            answers: Answers::new(node.log_budget()),
        }
    }

    /// Answers that are given again.
    pub(crate) fn answers(&self) -> &Answers {
        &self.answers
    }

    /// The link that has come, if one has.
    pub(crate) fn take_arriving(&self) -> Option<Return> {
        self.arriving.take()
    }

    /// Its client goes for good, and does not come back to it. Another one who has come already stays.
    pub(crate) fn refuse_others(&self) {
        self.arriving.refuse_others();
    }

    /// It is with another link now, and what the one before said of its client's leaving does not count.
    pub(crate) fn accept_others(&self) {
        self.arriving.accept();
    }

    /// Nobody can come back to it any more.
    pub(crate) fn refuse_returns(&self) {
        self.arriving.refuse();
    }

    pub(crate) fn come_back(&self, back: Return) -> Result<(), Return> {
        self.arriving.leave(back)
    }

    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Whether it has no link.
    pub(crate) fn is_absent(&self) -> bool {
        self.is_absent.load(Ordering::Relaxed)
    }

    /// Says whether it has a link; whether it did not say so before. One who lost it may come again at once.
    pub(crate) fn set_absent(&self, absent: bool) -> bool {
        if absent {
            self.let_go();
        }
        self.is_absent.swap(absent, Ordering::Relaxed) != absent
    }

    fn let_go(&self) {
        *self.taken.lock().expect("nothing panics while it holds this") = None;
    }

    /// Whoever took it at this time did not come after all.
    fn give_back(&self, at: Moment) {
        self.taken.lock().expect("nothing panics while it holds this").take_if(|taken| taken.at == at);
    }

    /// Takes it for one who has come at this time; when that was done. Who was there already when another took it comes too late: of two who
    /// come at once one has it, and they do not take it from each other in turns.
    /// One who has got more than that other is its successor in any case.
    fn take(&self, clock: &Clock, came: Moment, from: u64) -> Option<Moment> {
        let mut taken = self.taken.lock().expect("nothing panics while it holds this");
        let is_late = |taken: &Taken| came <= taken.at + AT_ONCE && from <= taken.from;
        if taken.as_ref().is_some_and(is_late) {
            return None;
        }
        let at = clock.now();
        *taken = Some(Taken { at, from });
        Some(at)
    }
}

/// The right to take a connection over. Nothing has happened to it yet.
pub struct Claim {
    connection: Connection,
    from: u64,
    /// When it was claimed.
    at: Moment,
    is_done: bool,
}

impl Node {
    /// Claims the connection of a key for its client, which has got all up to the message of number `from`. `None` where
    /// there is none, what the client missed is not kept, or another one has taken it since this one `came`.
    #[must_use]
    pub fn claim(&self, key: &str, from: u64, came: Moment) -> Option<Claim> {
        let connection = self.recovery().find(key)?;
        let is_there = connection.outbox().closing().is_none() && connection.outbox().reaches(from);
        let at = connection.recoverable().filter(|_| is_there)?.take(self.clock(), came, from)?;
        Some(Claim { connection, from, at, is_done: false })
    }
}

impl Claim {
    /// The connection.
    #[must_use]
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Gives the connection its new link, in place of the one that it may still have. The client is told `first`, then all
    /// that it missed.
    ///
    /// # Errors
    /// The connection has ended meanwhile, or what the client missed is kept no more; the link is given back.
    pub fn attach(mut self, link: Box<dyn Link>, first: Vec<u8>) -> Result<Connection, Box<dyn Link>> {
        let outbox = self.connection.outbox();
        if outbox.closing().is_some() || !outbox.reaches(self.from) {
            return Err(link);
        }
        let back = Return { link, from: self.from, first };
        self.connection.come_back(back).map_err(|back| back.link)?;
        self.is_done = true;
        Ok(self.connection.clone())
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        if !self.is_done
            && let Some(recoverable) = self.connection.recoverable()
        {
            recoverable.give_back(self.at);
        }
    }
}

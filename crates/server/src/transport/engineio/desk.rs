//! Where the requests of one session and the task of its connection meet.
//!
//! Requests come on any worker and wait here for their answers; the task alone reads, writes and decides about the
//! session's end. Owns who waits for what. Knows nothing of HTTP.

use crate::link::Socket;
use bytes::Bytes;
use playhouse_node::guest::Served;
use playhouse_proto::engineio::Protocol;
use playhouse_proto::engineio::packet::Form;
use playhouse_proto::engineio::query::{Known, Refusal, Transport};
use playhouse_proto::engineio::session::{Do, Session, Told};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::oneshot;

/// One session, as its requests see it.
pub(crate) struct Desk {
    sid: Arc<str>,
    protocol: Protocol,
    /// Its client can't take bytes.
    base64: bool,
    served: Served,
    /// Something has come that the task has not looked at.
    news: AtomicBool,
    state: Mutex<State>,
}

/// What has come and what waits.
#[derive(Default)]
pub(super) struct State {
    pub(super) turns: Session,
    /// Where the answer of the GET that waits goes.
    pub(super) get: Option<oneshot::Sender<Polled>>,
    /// A POST whose body has come.
    pub(super) posted: Option<Posted>,
    /// A websocket that has come.
    pub(super) socket: Option<Arrived>,
    /// Requests overlapped, or one was dropped.
    pub(super) lost: bool,
    /// The session is over.
    over: bool,
}

/// The answer to a GET.
#[derive(Debug)]
pub(crate) struct Polled {
    pub(crate) body: Bytes,
    pub(crate) form: Form,
    /// There is something in it that must not be lost.
    pub(super) carries: bool,
}

/// A POST whose body has come.
pub(super) struct Posted {
    pub(super) body: Bytes,
    /// It is said to be bytes.
    pub(super) form: Form,
    pub(super) taken: oneshot::Sender<Taken>,
}

/// What became of a POST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    /// All of it was taken.
    All,
    /// It could not be read.
    Malformed,
}

/// A websocket that has come for a session.
pub(crate) struct Arrived {
    pub(super) io: Box<dyn Socket>,
    /// What was read beyond its handshake.
    pub(super) early: Vec<u8>,
}

impl Desk {
    pub(super) fn new(
        sid: Arc<str>,
        protocol: Protocol,
        base64: bool,
        served: Served,
        turns: Session,
    ) -> Self {
        let state = State { turns, ..State::default() };
        Self { sid, protocol, base64, served, news: AtomicBool::new(false), state: Mutex::new(state) }
    }

    /// Its id: a secret.
    pub(crate) fn sid(&self) -> &str {
        &self.sid
    }

    pub(super) fn protocol(&self) -> Protocol {
        self.protocol
    }

    pub(super) fn base64(&self) -> bool {
        self.base64
    }

    pub(super) fn served(&self) -> &Served {
        &self.served
    }

    /// What a request may know of it. `None` when it is over.
    pub(crate) fn known(&self) -> Option<Known> {
        let state = self.state();
        let transport = if state.turns.is_polling() { Transport::Polling } else { Transport::Websocket };
        (!state.over).then_some(Known { protocol: self.protocol, transport })
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

    fn tell(&self) {
        self.news.store(true, Ordering::Release);
        self.served.outbox().wake();
    }

    /// Tells a request's turn; what can't be leaves the session alone, what must not be ends it.
    fn turn(&self, told: Told, begin: impl FnOnce(&mut State)) -> Result<(), Refusal> {
        let mut state = self.state();
        if state.over {
            return Err(Refusal::Sid);
        }
        match state.turns.step(told) {
            Do::Go => begin(&mut state),
            Do::Clash => {
                state.lost = true;
                drop(state);
                self.tell();
                return Err(Refusal::BadRequest);
            }
            Do::Refuse
            | Do::AnswerProbe
            | Do::Hold
            | Do::Switch
            | Do::CloseSocket
            | Do::End
            | Do::Nothing => return Err(Refusal::BadRequest),
        }
        Ok(())
    }

    /// A GET has come.
    ///
    /// # Errors
    /// It is not its turn.
    pub(crate) fn get(self: &Arc<Self>) -> Result<Get, Refusal> {
        let (answer, answered) = oneshot::channel();
        self.turn(Told::Get, |state| state.get = Some(answer))?;
        self.tell();
        Ok(Get { unsure: Unsure(Some(self.clone())), answered })
    }

    /// A POST has come, or its head.
    ///
    /// # Errors
    /// It is not its turn.
    pub(crate) fn post(self: &Arc<Self>) -> Result<Post, Refusal> {
        self.turn(Told::Post, |_| {})?;
        Ok(Post(Unsure(Some(self.clone()))))
    }

    /// A websocket wants to come.
    ///
    /// # Errors
    /// It is not its turn.
    pub(crate) fn candidate(self: &Arc<Self>) -> Result<Candidacy, Refusal> {
        self.turn(Told::Socket, |_| {})?;
        Ok(Candidacy(Some(self.clone())))
    }

    /// The body of a POST has come. What becomes of it comes there; `None` when the session is over.
    fn posted(&self, body: Bytes, form: Form) -> Option<oneshot::Receiver<Taken>> {
        let (taken, comes) = oneshot::channel();
        let mut state = self.state();
        if state.over {
            return None;
        }
        state.posted = Some(Posted { body, form, taken });
        drop(state);
        self.tell();
        Some(comes)
    }

    /// A request was dropped, and nobody knows what has arrived: the session ends.
    pub(crate) fn lose(&self) {
        self.state().lost = true;
        self.tell();
    }

    /// The session is over: whoever waits is told so.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.over = true;
        let waited = (state.get.take(), state.posted.take(), state.socket.take());
        drop(state);
        drop(waited);
    }
}

/// Something of a session is on its way. When this is dropped before it has arrived, the session ends.
pub(crate) struct Unsure(Option<Arc<Desk>>);

impl Unsure {
    /// It has arrived, as far as we can know.
    pub(crate) fn arrived(&mut self) {
        self.0 = None;
    }
}

impl Drop for Unsure {
    fn drop(&mut self) {
        if let Some(desk) = self.0.take() {
            desk.lose();
        }
    }
}

/// A GET that waits.
pub(crate) struct Get {
    unsure: Unsure,
    answered: oneshot::Receiver<Polled>,
}

impl Get {
    /// Its answer, which is yet to arrive. `None` when the session is over and has nothing to say to it.
    pub(crate) async fn answer(self) -> Option<(Polled, Unsure)> {
        let Self { mut unsure, answered } = self;
        match answered.await {
            Ok(polled) => {
                if !polled.carries {
                    unsure.arrived();
                }
                Some((polled, unsure))
            }
            Err(_) => {
                unsure.arrived();
                None
            }
        }
    }
}

/// A POST whose body comes.
pub(crate) struct Post(Unsure);

impl Post {
    /// Its body has come. Waits until it is taken; `None` when the session is over before.
    pub(crate) async fn body(mut self, body: Bytes, form: Form) -> Option<Taken> {
        let taken = match self.0.0.as_ref().and_then(|desk| desk.posted(body, form)) {
            Some(taken) => taken.await.ok(),
            None => None,
        };
        self.0.arrived();
        taken
    }

    /// It is refused, and none of it counts.
    pub(crate) fn refused(mut self) {
        if let Some(desk) = self.0.0.take() {
            let _ = desk.state().turns.step(Told::PostDone);
            desk.tell();
        }
    }
}

/// The place of a websocket that is on its way. When this is dropped before it has come, another one may.
pub(crate) struct Candidacy(Option<Arc<Desk>>);

impl Candidacy {
    /// It has come.
    pub(crate) fn arrive(mut self, io: Box<dyn Socket>, early: Vec<u8>) {
        if let Some(desk) = self.0.take() {
            desk.state().socket = Some(Arrived { io, early });
            desk.tell();
        }
    }
}

impl Drop for Candidacy {
    fn drop(&mut self) {
        if let Some(desk) = self.0.take() {
            let _ = desk.state().turns.step(Told::SocketLost);
        }
    }
}

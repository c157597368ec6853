//! The sockets of our own listener: requests are answered, and a socket that becomes a websocket is handed over
//! from hyper to the connection's task.
//!
//! The task holds nothing of hyper: the socket is taken out, the head is copied into one block, and the
//! buffer that it was read into goes.

use crate::entrance::{Entrance, Granted, wants_websocket};
use crate::http::{Body, Due, full};
use crate::listen::{
    Accept, Answered, Begun, Held, Holding, Open, Patience, Permit, Requests, StandIn, Watched,
};
use crate::server::{Ear, Phase};
use crate::worker;
use futures_util::FutureExt as _;
use futures_util::future::FusedFuture as _;
use http::header::{CONNECTION, HeaderValue};
use http::request::Parts;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, Version};
use playhouse_node::Node;
use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};

/// Serves accepted sockets.
pub(crate) struct Gate {
    pub(crate) entrance: Entrance,
    pub(crate) http: http1::Builder,
    /// It was [`Phase::Serving`] when this was made, and nobody has looked since.
    pub(crate) phase: watch::Receiver<Phase>,
    /// An [`Ear`] for each socket, as long as some are accepted.
    pub(crate) ears: mpsc::WeakSender<Infallible>,
}

/// Where the service leaves a granted upgrade for the task that owns the socket.
type Slot = Mutex<Option<Granted>>;

/// What hyper is given for a request.
type Answer = Result<Response<Answered<Body>>, Infallible>;

/// For how long a full node waits for the head of a request that it will refuse.
const LATE_WAIT: Duration = Duration::from_secs(1);

/// For how long a connection on which nothing was under way is listened to after a drain has closed it.
const IDLE_WAIT: Duration = Duration::from_millis(250);

impl Accept for Gate {
    fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, permit: Permit) {
        self.begin(stream, peer, permit, Room::Enough);
    }

    fn has_words_for_late(&self) -> bool {
        self.entrance.web.has_actors()
    }

    fn refuse_late(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, permit: Permit) {
        self.begin(stream, peer, permit, Room::None);
    }
}

/// Whether the node has room for a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    Enough,
    /// It came late: what it asks for is looked at only to refuse it in its own way.
    None,
}

impl Gate {
    fn begin(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, permit: Permit, room: Room) {
        let tasks = self.entrance.shared.node.tasks().clone();
        // Now, as long as the worker has its own.
        let ear = self.ears.upgrade();
        // Refused only by a node that has stopped; then the socket closes.
        let _ = tasks.spawn("http", self.speak(stream, peer, (permit, ear), room));
    }

    /// Answers requests until the client leaves or a socket becomes a websocket.
    async fn speak(
        self: Arc<Self>,
        stream: TcpStream,
        peer: SocketAddr,
        (permit, mut ear): (Permit, Option<Ear>),
        room: Room,
    ) {
        let talk = Talk::new(&self, peer, room);
        let mut io = self.watch(stream, room, &talk.requests);
        let close_wait = self.entrance.shared.close_wait;
        let mut phase = self.phase.clone();
        let mut stopping = pin!(phase.wait_for(|phase| *phase != Phase::Serving).fuse());
        let (served, stream, early, wait) = loop {
            // Boxed, so that a task which holds a request has no room for it.
            let mut connection =
                Box::new(self.http.serve_connection(io, service_fn(|request| talk.hear(request))));
            let served = poll_fn(|cx| {
                let served = talk.unless_held(connection.poll_without_shutdown(cx));
                if served.is_ready() {
                    return served;
                }
                let begins = stopping.as_mut().poll(cx).is_ready();
                if begins && talk.requests.is_idle() {
                    // Asked to stop, hyper would close at once, whatever may have come.
                    return Poll::Ready(None);
                }
                if stopping.is_terminated() {
                    ear = None;
                }
                if begins {
                    // What is under way is answered, then the connection closes.
                    Pin::new(&mut *connection).graceful_shutdown();
                    return talk.unless_held(connection.poll_without_shutdown(cx));
                }
                served
            })
            .await;
            let parts = connection.into_parts();
            io = parts.io;
            if let Some(served) = served {
                let (stream, rest) = io.into_inner();
                break (served, stream, [&parts.read_buf[..], &rest].concat(), close_wait);
            }
            io.read_first(&parts.read_buf);
            drop(parts.read_buf);
            let Some(held) = talk.holding.take() else {
                if io.await_unread().await {
                    continue;
                }
                // Nobody waits for an answer there, and a drain should not wait for the client to leave.
                break (Ok(()), io.into_inner().0, Vec::new(), close_wait.min(IDLE_WAIT));
            };
            let left = |cx: &mut Context<'_>| {
                let _ = stopping.as_mut().poll(cx);
                if stopping.is_terminated() {
                    ear = None;
                }
                io.poll_left(cx)
            };
            let Some((answer, open, stand_in)) = held.outlast(left).await else {
                break (Ok(()), io.into_inner().0, Vec::new(), close_wait);
            };
            talk.holding.answer(answer, open);
            io.read_first(stand_in.lines());
        };
        drop(ear);
        let granted = talk.granted().map(|granted| (granted, permit));
        // Boxed, as is the other end: a socket is served for longer than it takes to end it.
        Box::pin(self.end(served, (stream, &early), granted, wait)).await;
    }

    /// Requests have ended: the socket becomes a websocket, or closes, and its client has so long to see that.
    async fn end(
        &self,
        served: hyper::Result<()>,
        (stream, early): (TcpStream, &[u8]),
        granted: Option<(Granted, Permit)>,
        wait: Duration,
    ) {
        match (served, granted) {
            (Ok(()), Some((granted, permit))) => self.entrance.open(stream, early, granted, permit),
            (Ok(()), None) => self.linger(stream, wait).await,
            (Err(error), _) => {
                tracing::debug!(%error, "a client's requests ended badly");
                self.linger(stream, wait).await;
            }
        }
    }

    /// Whether the server has begun to stop. Only looks whether anything was said since: a lock would be every worker's.
    fn is_stopping(&self) -> bool {
        !matches!(self.phase.has_changed(), Ok(false))
    }

    fn watch(&self, stream: TcpStream, room: Room, requests: &Requests) -> Watched {
        let node = &self.entrance.shared.node;
        let http = &node.config().http;
        let head = match room {
            Room::Enough => http.header_timeout,
            Room::None => http.header_timeout.min(LATE_WAIT),
        };
        let patience = Patience { next: http.keep_alive, head, writing: http.body_timeout };
        Watched::new(stream, node.clock(), patience, requests.clone())
    }

    /// Refuses one that a full node has no room for: an actor's client on its websocket, as it takes anything else for
    /// reason to give up, everybody else as always.
    async fn refuse(&self, request: &Parts, peer: &SocketAddr, slot: &Slot) -> Response<Body> {
        let web = &self.entrance.web;
        if !wants_websocket(&request.headers) || !web.is_of_actors(request) {
            return full();
        }
        match Box::pin(self.entrance.grant(request, *peer)).await {
            Ok((response, granted)) => match granted.overfull() {
                Some(granted) => {
                    *slot.lock().expect("nothing panics while it holds this") = Some(granted);
                    response
                }
                None => full(),
            },
            Err(refusal) => refusal,
        }
    }

    /// Ends a socket so that the last answer arrives: closing with unread bytes would reset it.
    async fn linger(&self, mut stream: TcpStream, wait: Duration) {
        let ending = poll_fn(|cx| {
            if ready!(Pin::new(&mut stream).poll_shutdown(cx)).is_err() {
                return Poll::Ready(());
            }
            worker::poll_discard(cx, &mut stream)
        });
        // Who has not heard it by then does not want to.
        let _ = self.entrance.shared.node.clock().timeout(wait, ending).await;
    }

    async fn answer(&self, request: &Parts, body: Incoming, peer: &SocketAddr, slot: &Slot) -> Due {
        let Entrance { web, .. } = &self.entrance;
        if let Some(refusal) = web.unfit(request) {
            return Due::Now(refusal);
        }
        if !wants_websocket(&request.headers) {
            return web.answer(request, body, peer).await;
        }
        // Boxed, as every other request's future would have room for it.
        Due::Now(match Box::pin(self.entrance.grant(request, *peer)).await {
            Ok((response, granted)) => {
                *slot.lock().expect("nothing panics while it holds this") = Some(granted);
                response
            }
            Err(refusal) => refusal,
        })
    }
}

/// One socket's requests.
struct Talk<'g> {
    gate: &'g Gate,
    peer: SocketAddr,
    room: Room,
    requests: Requests,
    holding: Holding<Response<Body>>,
    slot: Slot,
}

impl<'g> Talk<'g> {
    fn new(gate: &'g Gate, peer: SocketAddr, room: Room) -> Self {
        let (requests, holding, slot) = (Requests::default(), Holding::default(), Slot::default());
        Self { gate, peer, room, requests, holding, slot }
    }

    /// Takes a request; or what stands in for one that was held, whose answer is there.
    fn hear(&self, request: Request<Incoming>) -> Begun<impl Future<Output = Answer>> {
        if let Some((answer, open)) = self.holding.answered() {
            let answer = self.last_if_stopping(request.version(), answer);
            return Begun::Ready(Some(Ok(answer.map(|body| open.answered(body)))));
        }
        Begun::new(self.respond(request, self.requests.begin()))
    }

    async fn respond(&self, request: Request<Incoming>, open: Open) -> Answer {
        let (request, body) = request.into_parts();
        let (version, has_body) = (request.version, !body.is_end_stream());
        let Self { gate, peer, slot, .. } = self;
        let mut due = match self.room {
            Room::Enough => gate.answer(&request, body, peer, slot).await,
            Room::None => Due::Now(gate.refuse(&request, peer, slot).await),
        };
        // One whose answer is there already is not worth holding.
        if let Due::Later(answer) = &mut due
            && let Poll::Ready(response) = poll_fn(|cx| Poll::Ready(answer.as_mut().poll(cx))).await
        {
            due = Due::Now(response);
        }
        let response = match due {
            Due::Later(answer) if !has_body => {
                self.holding.hold(Held { answer, open, stand_in: StandIn::of(&request) });
                // It has the buffer that it was read into.
                drop(request);
                return pending().await;
            }
            due => due.come().await,
        };
        if let Some(silence) = response.body().silence() {
            self.requests.set_silence(silence);
        }
        Ok(self.last_if_stopping(version, response).map(|body| open.answered(body)))
    }

    /// While the server stops, an answer is the last of its connection.
    fn last_if_stopping(&self, asked: Version, mut answer: Response<Body>) -> Response<Body> {
        if self.gate.is_stopping() {
            answer.headers_mut().entry(CONNECTION).or_insert(HeaderValue::from_static("close"));
            // In a later version hyper adds that it stays where an old client has asked for that.
            *answer.version_mut() = asked;
        }
        answer
    }

    /// What came of serving; `Ready(None)` where a request is to be held.
    fn unless_held<T>(&self, served: Poll<T>) -> Poll<Option<T>> {
        match served {
            Poll::Ready(served) => Poll::Ready(Some(served)),
            // All answers before it are written, so that nothing of hyper's is lost.
            Poll::Pending if self.holding.has_held() && self.requests.are_at_most(1) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    }

    fn granted(&self) -> Option<Granted> {
        self.slot.lock().expect("nothing panics while it holds this").take()
    }
}

/// Hyper's settings for a node.
pub(crate) fn http_settings(node: &Node) -> http1::Builder {
    let config = node.config();
    let mut http = http1::Builder::new();
    // Times are the socket's affair.
    http.header_read_timeout(None)
        // Header lines: hyper's own 100, for which it has room without asking for memory.
        // A head that fills the buffer is answered by hyper; a smaller one that is too large, by us.
        .max_buf_size(config.limits.headers.max(8 * 1024));
    http
}

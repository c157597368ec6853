//! The sockets of our own listener: requests are answered, and a socket that becomes a websocket is handed over
//! from hyper to the connection's task.
//!
//! The task holds nothing of hyper: the socket is taken out, the head is copied into one block, and the
//! buffer that it was read into goes.

use crate::entrance::{Entrance, Granted, wants_websocket};
use crate::http::{Body, full};
use crate::listen::{Accept, Begun, Patience, Permit, Requests, Watched};
use crate::server::Phase;
use crate::worker;
use http::request::Parts;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use playhouse_node::Node;
use std::convert::Infallible;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Poll, ready};
use std::time::Duration;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::sync::watch;

/// Serves accepted sockets.
pub(crate) struct Gate {
    pub(crate) entrance: Entrance,
    pub(crate) http: http1::Builder,
    pub(crate) phase: watch::Receiver<Phase>,
}

/// Where the service leaves a granted upgrade for the task that owns the socket.
type Slot = Arc<Mutex<Option<Granted>>>;

/// For how long a full node waits for the head of a request that it will refuse.
const LATE_WAIT: Duration = Duration::from_secs(1);

/// For how long a connection on which nothing was under way is listened to after a drain has closed it.
const IDLE_WAIT: Duration = Duration::from_millis(250);

impl Accept for Gate {
    fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, permit: Permit) {
        let tasks = self.entrance.shared.node.tasks().clone();
        // Refused only by a node that has stopped; then the socket closes.
        let _ = tasks.spawn("http", self.speak(stream, peer, permit, Room::Enough));
    }

    fn has_words_for_late(&self) -> bool {
        self.entrance.web.has_actors()
    }

    fn refuse_late(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, permit: Permit) {
        let tasks = self.entrance.shared.node.tasks().clone();
        // As above.
        let _ = tasks.spawn("http", self.speak(stream, peer, permit, Room::None));
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
    /// Answers requests until the client leaves or a socket becomes a websocket.
    async fn speak(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, permit: Permit, room: Room) {
        let (slot, requests) = (Slot::default(), Requests::default());
        let (gate, left, peer, told) = (&*self, &slot, &peer, &requests);
        let service = service_fn(|request: Request<Incoming>| {
            let (open, (request, body)) = (requests.begin(), request.into_parts());
            Begun::new(async move {
                let response = match room {
                    Room::Enough => gate.answer(&request, body, peer, left).await,
                    Room::None => gate.refuse(&request, peer, left).await,
                };
                if let Some(silence) = response.body().silence() {
                    told.set_silence(silence);
                }
                Ok::<_, Infallible>(response.map(|body| open.answered(body)))
            })
        });
        let io =
            Watched::new(stream, self.entrance.shared.node.clock(), self.patience(room), requests.clone());
        let mut connection = self.http.serve_connection(io, service);
        let mut phase = self.phase.clone();
        let mut stopping = pin!(phase.wait_for(|phase| *phase != Phase::Serving));
        let (mut asked, mut idle) = (false, false);
        let served = poll_fn(|cx| {
            if !asked && stopping.as_mut().poll(cx).is_ready() {
                (asked, idle) = (true, requests.is_idle());
                // What is under way is answered, then the connection closes; one that waits closes now.
                Pin::new(&mut connection).graceful_shutdown();
            }
            connection.poll_without_shutdown(cx)
        });
        let served = served.await;
        let parts = connection.into_parts();
        let stream = parts.io.into_inner();
        let granted = slot.lock().expect("nothing panics while it holds this").take();
        let wait = self.entrance.shared.close_wait;
        match (served, granted) {
            (Ok(()), Some(granted)) => self.entrance.open(stream, &parts.read_buf, granted, permit),
            // Nobody waits for an answer there, and a drain should not wait for the client to leave.
            (Ok(()), None) if idle => self.linger(stream, wait.min(IDLE_WAIT)).await,
            (Ok(()), None) => self.linger(stream, wait).await,
            (Err(error), _) => {
                tracing::debug!(%error, "a client's requests ended badly");
                self.linger(stream, wait).await;
            }
        }
    }

    fn patience(&self, room: Room) -> Patience {
        let http = &self.entrance.shared.node.config().http;
        let head = match room {
            Room::Enough => http.header_timeout,
            Room::None => http.header_timeout.min(LATE_WAIT),
        };
        Patience { next: http.keep_alive, head, writing: http.body_timeout }
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

    async fn answer(
        &self,
        request: &Parts,
        body: Incoming,
        peer: &SocketAddr,
        slot: &Slot,
    ) -> Response<Body> {
        let Entrance { web, .. } = &self.entrance;
        if let Some(refusal) = web.unfit(request) {
            return refusal;
        }
        if !wants_websocket(&request.headers) {
            return web.respond(request, body, peer).await;
        }
        // Boxed, as every other request's future would have room for it.
        match Box::pin(self.entrance.grant(request, *peer)).await {
            Ok((response, granted)) => {
                *slot.lock().expect("nothing panics while it holds this") = Some(granted);
                response
            }
            Err(refusal) => refusal,
        }
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

//! From a request to a connection: which requests become websockets, what is checked, and the hand-over of
//! the socket from hyper to the connection's task.
//!
//! The task holds nothing of hyper: the socket is taken out, the head is copied into one block, and the
//! buffer that it was read into goes.

use crate::http::{Body, Web};
use crate::link::{Shared, WebsocketLink};
use crate::listen::{Accept, Begun, Patience, Permit, Requests, Watched};
use crate::server::Phase;
use crate::worker;
use http::HeaderMap;
use http::request::Parts;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, header};
use playhouse_core::wire::{Dialect, Framing, Parser, WireForm};
use playhouse_node::{Node, Opening, Peer};
use playhouse_proto::ws::deflate::{self, Agreed};
use playhouse_proto::ws::{self, Decoder, Role, handshake};
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
    pub(crate) web: Web,
    pub(crate) shared: Arc<Shared>,
    pub(crate) http: http1::Builder,
    pub(crate) limits: ws::Limits,
    pub(crate) compression: bool,
    pub(crate) phase: watch::Receiver<Phase>,
}

/// An upgrade that was granted, until its socket is free.
struct Granted {
    peer: Peer,
    agreed: Option<Agreed>,
}

/// Where the service leaves a granted upgrade for the task that owns the socket.
type Slot = Arc<Mutex<Option<Granted>>>;

/// For how long a connection on which nothing was under way is listened to after a drain has closed it.
const IDLE_WAIT: Duration = Duration::from_millis(250);

impl Accept for Gate {
    fn serve(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, permit: Permit) {
        let tasks = self.shared.node.tasks().clone();
        // Refused only by a node that has stopped; then the socket closes.
        let _ = tasks.spawn("http", self.speak(stream, peer, permit));
    }
}

impl Gate {
    /// Answers requests until the client leaves or a socket becomes a websocket.
    async fn speak(self: Arc<Self>, stream: TcpStream, peer: SocketAddr, permit: Permit) {
        let (slot, requests) = (Slot::default(), Requests::default());
        let (gate, left, peer) = (&*self, &slot, &peer);
        let service = service_fn(|request: Request<Incoming>| {
            let (open, (request, body)) = (requests.begin(), request.into_parts());
            Begun::new(async move {
                let response = gate.answer(&request, body, peer, left).await;
                Ok::<_, Infallible>(response.map(|body| open.answered(body)))
            })
        });
        let io = Watched::new(stream, self.shared.node.clock(), self.patience(), requests.clone());
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
        match (served, granted) {
            (Ok(()), Some(granted)) => self.open(stream, &parts.read_buf, granted, permit),
            // Nobody waits for an answer there, and a drain should not wait for the client to leave.
            (Ok(()), None) if idle => self.linger(stream, self.shared.close_wait.min(IDLE_WAIT)).await,
            (Ok(()), None) => self.linger(stream, self.shared.close_wait).await,
            (Err(error), _) => {
                tracing::debug!(%error, "a client's requests ended badly");
                self.linger(stream, self.shared.close_wait).await;
            }
        }
    }

    fn patience(&self) -> Patience {
        let http = &self.shared.node.config().http;
        Patience { next: http.keep_alive, head: http.header_timeout, writing: http.body_timeout }
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
        let _ = self.shared.node.clock().timeout(wait, ending).await;
    }

    async fn answer(
        &self,
        request: &Parts,
        body: Incoming,
        peer: &SocketAddr,
        slot: &Slot,
    ) -> Response<Body> {
        if let Some(refusal) = self.web.unfit(request) {
            return refusal;
        }
        if !wants_websocket(&request.headers) {
            return self.web.respond(request, body, peer).await;
        }
        // Boxed, as every other request's future would have room for it.
        let upgrade = Box::pin(self.upgrade(request, peer, slot));
        upgrade.await.unwrap_or_else(|refusal| refusal)
    }

    /// Grants an upgrade, or says why not in the way that Primus does.
    async fn upgrade(
        &self,
        request: &Parts,
        peer: &SocketAddr,
        slot: &Slot,
    ) -> Result<Response<Body>, Response<Body>> {
        let web = &self.web;
        let peer = web.admit(&request.method, &request.uri, &request.headers, *peer).await?;
        let values = |name| {
            let values = request.headers.get_all(name).into_iter();
            values.filter_map(|value| value.to_str().ok())
        };
        let version = if request.version >= hyper::Version::HTTP_11 { (1, 1) } else { (1, 0) };
        let accept = handshake::check(request.method.as_str(), version, values)
            .map_err(|refusal| web.unsound(&refusal))?;
        let agreed =
            if self.compression { deflate::negotiate(values("sec-websocket-extensions")) } else { None };
        let mut response = Response::builder()
            .status(101)
            .header(header::UPGRADE, "websocket")
            .header(header::CONNECTION, "Upgrade")
            .header(header::SEC_WEBSOCKET_ACCEPT, &*accept);
        if let Some(agreed) = &agreed {
            response = response.header(header::SEC_WEBSOCKET_EXTENSIONS, agreed.answer());
        }
        *slot.lock().expect("nothing panics while it holds this") = Some(Granted { peer, agreed });
        Ok(response.body(Body::empty()).expect("made of sound parts"))
    }

    /// Makes the connection; what came with the handshake is its first bytes.
    fn open(&self, stream: TcpStream, early: &[u8], granted: Granted, permit: Permit) {
        let framing = match granted.agreed {
            Some(agreed) => Framing::WebsocketDeflate { window: agreed.window() },
            None => Framing::Websocket,
        };
        let opening = Opening {
            peer: granted.peer,
            form: WireForm { dialect: Dialect::ActionHero, parser: Parser::Json, framing },
            window: Duration::ZERO,
        };
        let decoder = Decoder::new(Role::Server, self.limits, granted.agreed);
        self.shared.node.open(opening, |connection| {
            Box::new(WebsocketLink::new(
                stream,
                self.shared.clone(),
                connection,
                decoder,
                early.to_vec(),
                permit,
            ))
        });
    }
}

fn wants_websocket(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::UPGRADE).into_iter();
    handshake::is_wanted(values.filter_map(|value| value.to_str().ok()))
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

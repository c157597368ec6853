//! From a request to a connection: which requests become websockets, what is checked, and the hand-over of
//! the socket from hyper to the connection's task.
//!
//! The task holds nothing of hyper: the socket is taken out, the head is copied into one block, and the
//! buffer that it was read into goes.

use crate::http::{Body, Web};
use crate::link::{Shared, WebsocketLink};
use crate::listen::{Accept, HeadSeen, HyperTimer, Permit, Watched};
use crate::server::Phase;
use crate::worker;
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
use std::sync::atomic::Ordering;
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
    pub(crate) header_timeout: Duration,
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
        let (slot, seen) = (Slot::default(), HeadSeen::default());
        let service = service_fn(|request| {
            seen.store(true, Ordering::Relaxed);
            Box::pin(self.answer(request, peer, &slot))
        });
        let io = Watched::new(stream, self.shared.node.clock(), self.header_timeout, seen.clone());
        let mut connection = self.http.serve_connection(io, service);
        let mut phase = self.phase.clone();
        let mut stopping = pin!(phase.wait_for(|phase| *phase != Phase::Serving));
        let mut asked = false;
        let served = poll_fn(|cx| {
            if !asked && stopping.as_mut().poll(cx).is_ready() {
                asked = true;
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
            (Ok(()), None) => self.linger(stream).await,
            (Err(error), _) => {
                tracing::debug!(%error, "a client's requests ended badly");
                self.linger(stream).await;
            }
        }
    }

    /// Ends a socket so that the last answer arrives: closing with unread bytes would reset it.
    async fn linger(&self, mut stream: TcpStream) {
        let ending = poll_fn(|cx| {
            if ready!(Pin::new(&mut stream).poll_shutdown(cx)).is_err() {
                return Poll::Ready(());
            }
            worker::poll_discard(cx, &mut stream)
        });
        // Who has not heard it by then does not want to.
        let _ = self.shared.node.clock().timeout(self.shared.close_wait, ending).await;
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        slot: &Slot,
    ) -> Result<Response<Body>, Infallible> {
        if !wants_websocket(&request) {
            return Ok(self.web.respond(request, peer).await);
        }
        Ok(self.upgrade(&request, peer, slot).await.unwrap_or_else(|refusal| refusal))
    }

    /// Grants an upgrade, or says why not in the way that Primus does.
    async fn upgrade(
        &self,
        request: &Request<Incoming>,
        peer: SocketAddr,
        slot: &Slot,
    ) -> Result<Response<Body>, Response<Body>> {
        let web = &self.web;
        let peer = web.admit(request.method(), request.uri(), request.headers(), peer).await?;
        let values = |name| {
            let values = request.headers().get_all(name).into_iter();
            values.filter_map(|value| value.to_str().ok())
        };
        let version = if request.version() >= hyper::Version::HTTP_11 { (1, 1) } else { (1, 0) };
        let accept = handshake::check(request.method().as_str(), version, values)
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

fn wants_websocket(request: &Request<Incoming>) -> bool {
    let values = request.headers().get_all(header::UPGRADE).into_iter();
    handshake::is_wanted(values.filter_map(|value| value.to_str().ok()))
}

/// Hyper's settings for a node.
pub(crate) fn http_settings(node: &Node) -> http1::Builder {
    let config = node.config();
    let mut http = http1::Builder::new();
    http.timer(HyperTimer(node.clock().clone()))
        .header_read_timeout(config.http.keep_alive.max(config.http.header_timeout))
        .max_buf_size(config.limits.headers.max(8 * 1024));
    http
}

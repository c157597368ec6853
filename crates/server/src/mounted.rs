//! A node within somebody else's server: requests come in one by one, whoever listens, and sockets that become
//! websockets are taken over from hyper.
//!
//! Runs on the runtime of whoever calls it, on as many threads as that has. Knows no router and no framework.

use crate::client::{Client, PluginScript};
use crate::dialect::Encoders;
use crate::drain::drain;
use crate::entrance::{Entrance, Granted, wants_websocket};
use crate::files::PublicFolder;
use crate::http::{self as web, Body};
use crate::listen::{Answered, Open, Permit, Permits, Requests};
use crate::os;
use bytes::Bytes;
use http::header::{HOST, HeaderValue};
use http::request::Parts;
use http::{Request, Response};
use hyper::body::{Frame, SizeHint};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use hyper_util::server::conn::auto::upgrade::downcast;
use playhouse_core::config::Config;
use playhouse_core::encoder::Encoder;
use playhouse_node::Node;
use playhouse_node::files::Files;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::net::TcpStream;

/// Says in a request's extensions who is at the other end of its socket; whoever listens knows. Without it a
/// client's address is `0.0.0.0` and its port 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// Where clients come from whose address nobody told.
const UNKNOWN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

/// What a node stands on before it is served.
pub struct Footing {
    encoder: Arc<Encoders>,
    folder: Arc<PublicFolder>,
}

impl Footing {
    /// Opens the public folder.
    ///
    /// # Errors
    /// A sentence that says why it can't be read.
    pub fn open(config: &Config) -> Result<Self, String> {
        let folder = PublicFolder::open(config)?;
        Ok(Self { encoder: Arc::new(Encoders::of(config)), folder: Arc::new(folder) })
    }

    /// Who writes events for wire forms.
    #[must_use]
    pub fn encoder(&self) -> Arc<dyn Encoder> {
        self.encoder.clone()
    }

    /// Who reads the public folder.
    #[must_use]
    pub fn files(&self) -> Arc<dyn Files> {
        self.folder.clone()
    }

    /// The server of a node that was made with these, and the client that pages get from it. Writes the client's files:
    /// may block, for the start.
    #[must_use]
    pub fn serve(self, node: &Node, plugins: &[PluginScript]) -> Mounted {
        self.folder.serve_client(|root| Client::make(node, plugins, root));
        let entrance = Entrance::new(node, self.folder, self.encoder);
        let permits = Permits::new(node.config().limits.connections);
        Mounted(Arc::new(Inner { entrance, permits, requests: Requests::default(), node: node.clone() }))
    }
}

/// A node that answers requests of somebody else's server. Cheap to clone; a clone is the same.
#[derive(Clone)]
pub struct Mounted(Arc<Inner>);

struct Inner {
    node: Node,
    entrance: Entrance,
    /// Of websockets; other sockets are the affair of whoever listens.
    permits: Permits,
    requests: Requests,
}

impl Mounted {
    /// Answers a request; one that becomes a websocket is a connection of the node from then on.
    pub async fn answer<B>(self, request: Request<B>) -> Response<Answer>
    where
        B: hyper::body::Body<Data = Bytes>,
    {
        let open = self.0.requests.begin();
        let (mut parts, body) = request.into_parts();
        let peer = parts.extensions.get().map_or(UNKNOWN, |PeerAddress(address)| *address);
        name_host(&mut parts);
        let response = self.0.clone().respond(parts, pin!(body), peer).await;
        Answer::of(response, open)
    }

    /// Stops: nobody new is let in, what runs may finish, connections are closed at a pace.
    pub async fn drain(&self) {
        tracing::info!("stopping: nobody new is let in, running actions may finish");
        self.0.node.drain();
        let web = &self.0.entrance.web;
        drain(&self.0.node, &self.0.requests, || web.streams()).await;
    }
}

impl Inner {
    async fn respond<B>(
        self: Arc<Self>,
        mut parts: Parts,
        body: Pin<&mut B>,
        peer: SocketAddr,
    ) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes>,
    {
        let web = &self.entrance.web;
        if let Some(refusal) = web.unfit(&parts) {
            return refusal;
        }
        // Actors' clients are told in their own way.
        if self.node.is_draining() && !web.is_of_actors(&parts) {
            return web::leaving(self.node.texts().server_shutting_down());
        }
        if !wants_websocket(&parts.headers) {
            return web.respond(&parts, body, &peer).await;
        }
        let upgrade = parts.extensions.remove();
        Box::pin(self.upgrade(&parts, upgrade, peer)).await.unwrap_or_else(|refusal| refusal)
    }

    async fn upgrade(
        self: Arc<Self>,
        parts: &Parts,
        upgrade: Option<OnUpgrade>,
        peer: SocketAddr,
    ) -> Result<Response<Body>, Response<Body>> {
        let (response, granted) = self.entrance.grant(parts, peer).await?;
        let permit = self.permits.take();
        let granted = match &permit {
            Some(_) => granted,
            None => granted.overfull().ok_or_else(web::full)?,
        };
        let Some(upgrade) = upgrade else {
            tracing::error!(
                "a websocket was asked for, but its request comes without hyper's `OnUpgrade`: is the server around \
                 this hyper's, and does everything between pass a request's extensions on?"
            );
            return Err(web::no_upgrades());
        };
        let taking = self.clone().take_over(upgrade, granted, permit);
        match self.node.tasks().spawn("upgrade", taking) {
            Ok(_) => Ok(response),
            Err(_) => Err(web::leaving(self.node.texts().server_shutting_down())),
        }
    }

    /// Waits for the socket, which is free once the answer is written, and begins the connection.
    async fn take_over(self: Arc<Self>, upgrade: OnUpgrade, granted: Granted, permit: Option<Permit>) {
        let patience = self.node.config().websocket.server.connect_timeout;
        match self.node.clock().timeout(patience, upgrade).await {
            Ok(Ok(upgraded)) => self.open(upgraded, granted, permit),
            Ok(Err(error)) if error.is_user() => tracing::error!(
                %error,
                "a websocket was granted, but the server around this does not lend its sockets: with hyper, serve \
                 connections `with_upgrades()`"
            ),
            Ok(Err(error)) => tracing::debug!(%error, "a client left before it was a websocket"),
            Err(_) => tracing::debug!(?patience, "an upgrade was granted but did not come"),
        }
    }

    /// Most servers lend a plain socket, as it is or with what `hyper_util` wraps around it: that is taken out.
    /// What is anything else stays as it is, and costs a call by pointer and a copy more.
    fn open(&self, upgraded: Upgraded, granted: Granted, permit: Option<Permit>) {
        let (socket, early) = match downcast::<TokioIo<TcpStream>>(upgraded) {
            Ok(parts) => (parts.io.into_inner(), parts.read_buf),
            Err(upgraded) => match upgraded.downcast::<TokioIo<TcpStream>>() {
                Ok(parts) => (parts.io.into_inner(), parts.read_buf),
                Err(upgraded) => return self.entrance.open(TokioIo::new(upgraded), &[], granted, permit),
            },
        };
        os::tune(&socket);
        self.entrance.open(socket, &early, granted, permit);
    }
}

/// Requests of HTTP/2 name their host in the target only; everything here looks for it among the headers.
fn name_host(parts: &mut Parts) {
    if parts.headers.contains_key(HOST) {
        return;
    }
    let host = parts.uri.authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
    if let Some(host) = host {
        parts.headers.insert(HOST, host);
    }
}

/// The body of an answer.
pub struct Answer(Answered<Body>);

impl Answer {
    fn of(response: Response<Body>, open: Open) -> Response<Self> {
        response.map(|body| Self(open.answered(body)))
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answer({:?})", hyper::body::Body::size_hint(self))
    }
}

impl hyper::body::Body for Answer {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

//! Everything HTTP of a node except websockets: whose a request is, and its answer. Every error is an answer.
//!
//! Knows no socket: requests come parsed, and leave as answers that somebody else writes.

mod actors;
mod address;
mod api;
mod body;
mod cors;
mod date;
mod departure;
mod engineio;
mod envelope;
mod explorer;
mod files;
mod fingerprint;
mod fit;
mod inputs;
mod json;
mod origin;
mod path;
mod primus;
mod query;
mod receive;
mod sockjs;
mod standard;
#[cfg(test)]
mod tests;

pub(crate) use actors::{Upgrade, overfull};
pub(crate) use address::Address;
pub(crate) use body::Body;
pub(crate) use engineio::Wanted;
pub(crate) use primus::{full, leaving, no_upgrades};
pub(crate) use sockjs::Wanted as WantedOfSockJs;

pub use json::indented;

use self::actors::Front;
use crate::files::PublicFolder;
use crate::link::{HalfRead, Shared, SocketIo};
use crate::transport::engineio::{Crowd, Engine, Rider};
use crate::transport::sockjs::Mount;
use bytes::Bytes;
use explorer::Explorer;
use fingerprint::{Fingerprint, Fingerprints};
use futures_util::FutureExt as _;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode, Uri};
use hyper::body::Body as _;
use origin::OriginRules;
use playhouse_core::Later;
use playhouse_core::clock::Moment;
use playhouse_core::config::RootEndpoint;
use playhouse_core::head::Head;
use playhouse_node::Node;
use primus::Primus;
use standard::Standard;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::Arc;

/// Everything HTTP of one node. Cheap to clone; a clone is the same.
#[derive(Clone)]
pub(crate) struct Web(Arc<Inner>);

struct Inner {
    node: Node,
    folder: Arc<PublicFolder>,
    origins: OriginRules,
    standard: Standard,
    fingerprints: Fingerprints,
    primus: Option<Primus>,
    /// engine.io by itself and below socket.io, and where.
    engines: Vec<(String, Arc<Engine>)>,
    /// SockJS by itself, and where.
    sockjs: Option<(String, Arc<Mount>)>,
    /// Its page for frames.
    sockjs_page: sockjs::Page,
    explorer: Option<Explorer>,
    front: Front,
    /// The inputs that some action declares.
    declared: HashSet<&'static str>,
    half_read: HalfRead,
}

/// When the answer to a request comes.
pub(crate) enum Due {
    /// It is there.
    Now(Response<Body>),
    /// It waits for what may be long in coming. The request is needed no more.
    Later(Later<'static, Response<Body>>),
}

impl Due {
    /// The same, with something done to the answer.
    fn map(self, change: impl FnOnce(Response<Body>) -> Response<Body> + Send + 'static) -> Self {
        match self {
            Self::Now(response) => Self::Now(change(response)),
            Self::Later(response) => Self::Later(Box::pin(response.map(change))),
        }
    }

    /// The answer, once it is there.
    pub(crate) async fn come(self) -> Response<Body> {
        match self {
            Self::Now(response) => response,
            Self::Later(response) => response.await,
        }
    }
}

/// An answer, and the action that made it, if one did.
struct Served {
    response: Response<Body>,
    action: Option<&'static str>,
}

impl Served {
    fn nothing(response: Response<Body>) -> Self {
        Self { response, action: None }
    }
}

/// Whose a request is that is not Primus'.
enum Place<'p> {
    /// The explorer's; the path behind the mount, with its slash.
    Explorer(&'p Explorer, &'p str),
    /// An action's; the path behind the mount.
    Api(&'p str),
    /// A file's; the path in the public folder, still percent-encoded.
    File(&'p str),
}

impl Web {
    /// The web of a node, its files and its actors.
    pub(crate) fn new(shared: &Arc<Shared>, folder: Arc<PublicFolder>) -> Self {
        let (node, half_read) = (shared.node.clone(), shared.half_read.clone());
        folder.read_on(node.tasks());
        let config = node.config();
        let origins = OriginRules::new(config.websocket.server.origins.clone());
        let actions = node.actions().all().into_iter();
        let front = Front::new(&node, &folder, half_read.clone());
        let polling = Crowd::new(config.limits.sessions);
        let socketio = Rider::SocketIo(Arc::new(SocketIo::new(shared)));
        let engines = [(&config.mounts.engineio, Rider::Frames), (&config.mounts.socketio, socketio)];
        let engines = engines.into_iter().filter_map(|(mount, rider)| {
            Some((mount.path()?.to_owned(), Arc::new(Engine::new(shared, &polling, rider))))
        });
        let sockjs = || Arc::new(Mount::new(shared, &polling, false));
        let inner = Inner {
            sockjs: config.mounts.sockjs.path().map(|mount| (mount.to_owned(), sockjs())),
            sockjs_page: sockjs::Page::new(&config.sockjs.client_url),
            front,
            standard: Standard::new(config, &origins),
            fingerprints: Fingerprints::new(config),
            primus: Primus::new(shared, &polling),
            engines: engines.collect(),
            explorer: Explorer::new(config),
            declared: actions.flat_map(|action| action.definition.inputs).map(|input| input.name).collect(),
            half_read,
            folder,
            origins,
            node,
        };
        Self(Arc::new(inner))
    }

    /// Answers one request that is no upgrade. `peer` is the socket's other end.
    pub(crate) async fn respond<B>(&self, request: &Parts, body: B, peer: &SocketAddr) -> Response<Body>
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        self.answer(request, body, peer).await.come().await
    }

    /// The same, but for the wait of those who wait for long.
    pub(crate) async fn answer<B>(&self, request: &Parts, body: B, peer: &SocketAddr) -> Due
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        let began = self.node().clock().now();
        if let Some(engine) = self.engine_of(request) {
            let due = Box::pin(engineio::answer(self, engine, request, body, peer)).await;
            return self.tell_of_session(&request.method, due, began);
        }
        if let Some(asked) = self.sockjs_of(request) {
            let due = Box::pin(sockjs::answer(self, asked, request, body, peer)).await;
            return self.tell_of_session(&request.method, due, began);
        }
        let served = self.serve(request, body, peer, began).await;
        self.tell(request, &served, began);
        Due::Now(served.response)
    }

    /// What is rare or large is boxed: the future of every request has room for all that is not.
    async fn serve<B>(&self, request: &Parts, body: B, peer: &SocketAddr, began: Moment) -> Served
    where
        B: hyper::body::Body<Data = Bytes> + Unpin,
    {
        if let Some((primus, rest)) = self.primus_below(request.uri.path()) {
            return Served::nothing(Box::pin(primus::answer(self, primus, request, rest)).await);
        }
        if self.is_of_actors(request) {
            return Served::nothing(Box::pin(actors::answer(self, request, body, peer)).await);
        }
        if request.method == Method::OPTIONS {
            return Served::nothing(self.options(request));
        }
        match self.place(request.uri.path()) {
            Place::Explorer(explorer, path) => {
                Served::nothing(explorer::answer(self, explorer, request, path))
            }
            Place::Api(route) => api::answer(self, request, body, (peer, began), route).await,
            Place::File(path) => Served::nothing(Box::pin(files::answer(self, request, path)).await),
        }
    }

    fn primus_below<'s, 'p>(&'s self, path: &'p str) -> Option<(&'s Primus, &'p str)> {
        let primus = self.0.primus.as_ref()?;
        primus.below(path).map(|rest| (primus, rest))
    }

    fn explorer_below<'p>(&'p self, path: &'p str) -> Option<(&'p Explorer, &'p str)> {
        let explorer = self.0.explorer.as_ref()?;
        explorer.below(path).map(|rest| (explorer, rest))
    }

    /// actionhero.md, section 5.1.
    fn place<'p>(&'p self, path: &'p str) -> Place<'p> {
        let config = self.node().config();
        // A slash at the end of a file's name says that it is a folder's.
        let full = path.trim_start_matches('/');
        // First, as it has few names and may be wanted below the actions.
        if let Some((explorer, rest)) = self.explorer_below(full) {
            return Place::Explorer(explorer, rest);
        }
        let path = path::bare(path);
        if let Some(route) = config.mounts.api.path().and_then(|mount| path::bare_below(path, mount)) {
            return Place::Api(route);
        }
        if let Some(file) = config.mounts.files.path().and_then(|mount| path::bare_below(full, mount)) {
            return Place::File(file);
        }
        match config.http.root_endpoint_type {
            RootEndpoint::File => Place::File(full),
            RootEndpoint::Api => Place::Api(path),
        }
    }

    /// actionhero.md, section 5.6.
    fn options(&self, request: &Parts) -> Response<Body> {
        let fingerprint = self.fingerprints().of_request(&request.headers, self.node().rng());
        self.standard(&request.headers, &fingerprint, StatusCode::OK, standard::JSON)
    }

    /// An answer without a body, with the headers that all have.
    fn standard(
        &self,
        asked: &HeaderMap,
        fingerprint: &Fingerprint,
        status: StatusCode,
        content_type: &'static str,
    ) -> Response<Body> {
        let now = || self.node().clock().unix_ms();
        let cookie = fingerprint.is_fresh.then(|| self.fingerprints().cookie(&fingerprint.text, now()));
        self.0.standard.answer(asked, self.origins(), status, content_type, cookie)
    }

    /// Says in the log what was answered; what the client sent only where that is asked for.
    fn tell(&self, request: &Parts, served: &Served, began: Moment) {
        if !tracing::enabled!(tracing::Level::INFO) {
            return;
        }
        let ms = self.node().clock().now().since(began).as_millis();
        let status = served.response.status().as_u16();
        let (method, action) = (&request.method, served.action);
        if self.node().config().log.client_values {
            tracing::info!(%method, target = %request.uri, action, status, ms, "request");
        } else {
            tracing::info!(%method, action, status, ms, "request");
        }
    }

    /// The same of a session's request, of which a client makes many. Its target names the session, which is a secret.
    fn tell_of_session(&self, method: &Method, due: Due, began: Moment) -> Due {
        if !tracing::enabled!(tracing::Level::DEBUG) {
            return due;
        }
        let (method, clock) = (method.clone(), self.node().clock().clone());
        due.map(move |response| {
            let (status, ms) = (response.status().as_u16(), clock.now().since(began).as_millis());
            tracing::debug!(%method, status, ms, "request of a session");
            response
        })
    }

    /// The client's address and port; of a trusted proxy's headers where there is one.
    pub(crate) fn address(&self, headers: &HeaderMap, peer: SocketAddr) -> Address {
        address::address(headers, peer, &self.node().config().http.trusted_proxies)
    }

    /// The node.
    pub(crate) fn node(&self) -> &Node {
        &self.0.node
    }

    /// The `origins` setting.
    pub(crate) fn origins(&self) -> &OriginRules {
        &self.0.origins
    }

    fn folder(&self) -> &PublicFolder {
        &self.0.folder
    }

    fn fingerprints(&self) -> &Fingerprints {
        &self.0.fingerprints
    }

    fn declared(&self) -> &HashSet<&'static str> {
        &self.0.declared
    }

    fn half_read(&self) -> &HalfRead {
        &self.0.half_read
    }
}

/// The head of a request in one block, for as long as its connection lasts.
pub(crate) fn head(method: &Method, uri: &Uri, headers: &HeaderMap) -> Head {
    let target = uri.path_and_query().map_or_else(|| uri.path(), |target| target.as_str());
    let lines = || headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    Head::from_lines(method.as_str(), target, lines)
}

/// Makes an answer one to HEAD: its length is told, its body is not sent.
fn without_body(response: &mut Response<Body>) {
    let length = response.body().size_hint().lower();
    // What has not changed has no body for GET either, and its length is another one's.
    if response.status() != StatusCode::NOT_MODIFIED && !response.headers().contains_key(CONTENT_LENGTH) {
        response.headers_mut().insert(CONTENT_LENGTH, length.into());
    }
    *response.body_mut() = Body::empty();
}

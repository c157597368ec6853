//! Primus' own path: its plain HTTP answers, and who may upgrade there (primus.md, sections 1 and 7).

use super::Web;
use super::body::Body;
use super::cors::{Cors, Crossing, refusal};
use super::origin::Verdict;
use super::path;
use crate::link::Shared;
use crate::transport::engineio::{Crowd, Engine, Rider};
use crate::transport::sockjs::Mount;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, PRAGMA, RETRY_AFTER,
};
use http::{Method, Response, StatusCode, Uri};
use playhouse_core::error::Reject;
use playhouse_core::head::Head;
use playhouse_core::json;
use playhouse_node::{Kind, Peer};
use playhouse_proto::primus::spec::Spec;
use playhouse_proto::ws::handshake::Refusal;
use std::net::SocketAddr;
use std::sync::Arc;

/// The version of Primus whose server this is to its clients.
const VERSION: &str = "8.0.9";

/// What is under Primus' path; made once.
pub(super) struct Primus {
    pathname: String,
    spec: Bytes,
    cors: Cors,
    /// engine.io below Primus' layer.
    pub(super) engine: Arc<Engine>,
    /// SockJS likewise.
    pub(super) sockjs: Arc<Mount>,
}

impl Primus {
    /// `None` where Primus is switched off.
    pub(super) fn new(shared: &Arc<Shared>, polling: &Crowd) -> Option<Self> {
        let config = shared.node.config();
        let pathname = config.mounts.primus.path().filter(|_| config.websocket.enabled)?.to_owned();
        let seen = config.mounts.seen_by_clients(&pathname);
        let every = config.websocket.server.ping_interval.unwrap_or_default();
        let spec = Spec {
            ping_interval: u64::try_from(every.as_millis()).unwrap_or(u64::MAX),
            pathname: &seen,
            version: VERSION,
            parser: "json",
            transformer: config.websocket.server.transformer.name(),
        };
        let spec = spec.to_json().into();
        let engine = Arc::new(Engine::new(shared, polling, Rider::Primus));
        let sockjs = Arc::new(Mount::new(shared, polling, true));
        Some(Self { spec, cors: Cors::new(&config.websocket.server), pathname, engine, sockjs })
    }

    /// What of a path comes behind Primus' own.
    pub(super) fn below<'p>(&self, path: &'p str) -> Option<&'p str> {
        path::below(path, &self.pathname)
    }

    /// What everybody may read: the specification and the client library.
    fn public(&self, web: &Web, method: &Method, headers: &HeaderMap, rest: &str) -> Option<Response<Body>> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        let library = match rest {
            "/spec" => return Some(text(StatusCode::OK, "application/json", self.spec.clone().into())),
            "/primus.js" => &web.folder().client()?.primus,
            "/primus.min.js" => &web.folder().client()?.primus_min,
            _ => return None,
        };
        let is_head = *method == Method::HEAD;
        Some(web.folder().fill_with(Response::new(Body::empty()), library, headers, is_head))
    }
}

/// Answers a request that is no upgrade.
pub(super) async fn answer(
    web: &Web,
    primus: &Primus,
    request: &http::request::Parts,
    rest: &str,
) -> Response<Body> {
    let headers = match primus.cors.cross(&request.method, &request.headers, web.origins()) {
        Crossing::Answered(response) => return response,
        Crossing::Pass(headers) => headers,
    };
    let mut response = match primus.public(web, &request.method, &request.headers, rest) {
        Some(public) => public,
        None => uncached(behind_authorization(web, request, rest).await),
    };
    response.headers_mut().extend(headers);
    if request.method == Method::HEAD {
        super::without_body(&mut response);
    }
    response
}

async fn behind_authorization(web: &Web, request: &http::request::Parts, rest: &str) -> Response<Body> {
    if web.node().has_authorization() {
        let head = super::head(&request.method, &request.uri, &request.headers);
        if let Err(reject) = web.node().authorize(&head).await {
            return unauthorized(&reject);
        }
    }
    if matches!(rest, "" | "/") {
        return text(StatusCode::UPGRADE_REQUIRED, "text/plain", "Upgrade Required".into());
    }
    not_found()
}

impl Web {
    /// Decides whether a request that asks for a websocket may have one, and says who it is from.
    ///
    /// # Errors
    /// The answer to give in place of an upgrade; the socket is to be closed after it. 404 outside of Primus'
    /// path, 403 for a page whose origin is not allowed, 401 or the application's own status where it
    /// refuses, 503 while the node is stopping.
    pub(crate) async fn admit(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        peer: SocketAddr,
    ) -> Result<Peer, Response<Body>> {
        self.examine(method, uri, headers, peer).await.map_err(closing)
    }

    async fn examine(
        &self,
        method: &Method,
        uri: &Uri,
        headers: &HeaderMap,
        peer: SocketAddr,
    ) -> Result<Peer, Response<Body>> {
        let Some((primus, rest)) = self.primus_below(uri.path()) else { return Err(not_found()) };
        if let Some(public) = primus.public(self, method, headers, rest) {
            return Err(public);
        }
        if let Verdict::Refused(origin) = self.origins().verdict(headers) {
            self.origins().tell_refused(origin);
            return Err(refusal(origin, method.as_str()));
        }
        if self.node().is_draining() {
            return Err(leaving(self.node().texts().server_shutting_down()));
        }
        let head = super::head(method, uri, headers);
        if self.node().has_authorization() {
            self.node().authorize(&head).await.map_err(|reject| unauthorized(&reject))?;
        }
        Ok(self.lasting_peer(headers, head, peer))
    }

    /// Who a lasting connection is with.
    pub(super) fn lasting_peer(&self, headers: &HeaderMap, head: Head, peer: SocketAddr) -> Peer {
        let address = self.address(headers, peer);
        let fingerprint = self.fingerprints().of_upgrade(&head);
        Peer { kind: Kind::Websocket, ip: address.ip, port: address.port, head, fingerprint }
    }

    /// The answer to an upgrade that breaks the rules of websockets.
    #[allow(clippy::unused_self, reason = "an answer of the web like the others")]
    pub(crate) fn unsound(&self, refused: &Refusal) -> Response<Body> {
        let status = StatusCode::from_u16(refused.status()).expect("of our own table");
        let mut response = text(status, "text/plain", refused.to_string().into());
        for (name, value) in refused.headers() {
            response.headers_mut().insert(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        closing(response)
    }
}

/// The answer of Primus where the application refuses.
pub(super) fn unauthorized(reject: &Reject) -> Response<Body> {
    let mut body = b"{\"error\":".to_vec();
    json::push_str(&mut body, &reject.message);
    body.push(b'}');
    let status = reject.status.and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.filter(|status| !status.is_informational()).unwrap_or(StatusCode::UNAUTHORIZED);
    text(status, "application/json", Bytes::from(body).into())
}

/// The answer of a node that is stopping.
pub(crate) fn leaving(reason: String) -> Response<Body> {
    closing(later("1", reason.into()))
}

/// The answer of a node that has as many websockets as it may.
pub(crate) fn full() -> Response<Body> {
    closing(later("5", "the server is full, try again soon\n".into()))
}

/// The answer where whoever listens gives no socket away.
pub(crate) fn no_upgrades() -> Response<Body> {
    closing(text(StatusCode::NOT_IMPLEMENTED, "text/plain", "no websockets here".into()))
}

fn later(seconds: &'static str, body: Body) -> Response<Body> {
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, "text/plain", body);
    response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    response
}

fn not_found() -> Response<Body> {
    text(StatusCode::NOT_FOUND, "text/plain", "Not Found".into())
}

fn text(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn closing(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn uncached(mut response: Response<Body>) -> Response<Body> {
    let never = HeaderValue::from_static("no-store, no-cache, must-revalidate, max-age=0");
    response.headers_mut().insert(CACHE_CONTROL, never);
    response.headers_mut().insert(PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

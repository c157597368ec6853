//! Requests of engine.io's clients: what is checked of them, in which order, and their answers (engineio.md, 2 to 4 and 9).
//!
//! What a session does with them is `transport::engineio`'s.

use super::body::Body;
use super::origin::Verdict;
use super::primus::leaving;
use super::receive::{self, Bounds, NoBody};
use super::{Due, Web};
use crate::transport::engineio::{Candidacy, Desk, Engine, Get, Polled, Taken};
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, CACHE_CONTROL,
    CONNECTION, CONTENT_TYPE, HeaderMap, HeaderValue, ORIGIN, SET_COOKIE, VARY,
};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use playhouse_node::Peer;
use playhouse_proto::engineio::packet::Form;
use playhouse_proto::engineio::{Protocol, Query, Refusal, Transports, query};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

/// A websocket that was granted to a client of engine.io.
pub(crate) enum Wanted {
    /// A new session.
    Session { engine: Arc<Engine>, protocol: Protocol, base64: bool, peer: Peer },
    /// A session that requests carry so far.
    Upgrade(Candidacy),
    /// A session that takes no other websocket.
    Surplus(Arc<Engine>),
}

/// What a request comes to that is served.
enum Served {
    /// Its answer.
    Answer(Response<Body>),
    /// It waits for its answer.
    Poll(Get),
}

/// What an answer says to other origins.
struct Crossing(HeaderMap);

impl Web {
    /// The engine.io that a request is for, if it is.
    pub(crate) fn engine_of(&self, request: &Parts) -> Option<&Arc<Engine>> {
        let path = request.uri.path();
        if let Some((primus, rest)) = self.primus_below(path) {
            let is_ours =
                matches!(rest, "" | "/") && query::looks_like(request.uri.query().unwrap_or_default());
            return is_ours.then_some(&primus.engine);
        }
        let is_at = |mount: &str| matches!(super::path::below(path, mount), Some("" | "/"));
        self.0.engines.iter().find(|(mount, _)| is_at(mount)).map(|(_, engine)| engine)
    }

    /// Decides about a websocket.
    ///
    /// # Errors
    /// The answer in its place.
    pub(crate) async fn admit_to_engine(
        &self,
        engine: &Arc<Engine>,
        request: &Parts,
        peer: SocketAddr,
    ) -> Result<(Wanted, HeaderMap), Response<Body>> {
        let crossing = self.cross(request).map_err(|why| closing(refusal(&why)))?;
        let wanted = self.wanted(engine, request, peer).await;
        match wanted {
            Ok(wanted) => Ok((wanted, self.cookie(engine))),
            Err(refused) => Err(crossing.on(closing(refused.answer(self)))),
        }
    }

    async fn wanted(
        &self,
        engine: &Arc<Engine>,
        request: &Parts,
        peer: SocketAddr,
    ) -> Result<Wanted, Refused> {
        let query = self.query(engine, request, true)?;
        if let Some(sid) = &query.sid {
            let desk = engine.find(sid);
            query.with_session(desk.as_ref().and_then(|desk| desk.known()))?;
            let desk = desk.filter(|_| engine.upgrades()).ok_or(Refusal::BadRequest)?;
            return match desk.candidate() {
                Ok(candidacy) => Ok(Wanted::Upgrade(candidacy)),
                Err(Refusal::BadRequest) => Ok(Wanted::Surplus(engine.clone())),
                Err(refusal) => Err(refusal.into()),
            };
        }
        query.without_session()?;
        let peer = self.examined(engine, request, peer).await?;
        Ok(Wanted::Session { engine: engine.clone(), protocol: query.protocol, base64: query.b64, peer })
    }

    #[allow(clippy::unused_self, reason = "a look of the web like the others")]
    fn query<'r>(
        &self,
        engine: &Engine,
        request: &'r Parts,
        is_websocket: bool,
    ) -> Result<Query<'r>, Refusal> {
        let text = request.uri.query().unwrap_or_default();
        let query = Query::read(text, is_websocket, request.method == Method::GET, Transports::ALL)?;
        if engine.serves(query.protocol) { Ok(query) } else { Err(Refusal::Protocol) }
    }

    /// Who a new session is with, after the application has agreed.
    async fn examined(&self, engine: &Engine, request: &Parts, peer: SocketAddr) -> Result<Peer, Refused> {
        if self.node().is_draining() {
            return Err(Refused::Leaving);
        }
        let head = super::head(&request.method, &request.uri, &request.headers);
        if engine.asks_first() && self.node().has_authorization() {
            self.node().authorize(&head).await.map_err(|reject| {
                let text = Some(reject.message.into_owned()).filter(|text| !text.is_empty());
                Refused::By(Refusal::Forbidden(text))
            })?;
        }
        Ok(self.lasting_peer(&request.headers, head, peer))
    }

    fn cross(&self, request: &Parts) -> Result<Crossing, Refusal> {
        let asked = &request.headers;
        let mut headers = HeaderMap::new();
        if asked.get(ORIGIN).is_some_and(|origin| origin.as_bytes().iter().any(u8::is_ascii_control)) {
            return Err(Refusal::BadRequest);
        }
        match self.origins().verdict(asked) {
            Verdict::NoOrigin => {}
            Verdict::Refused(origin) => {
                self.origins().tell_refused(origin);
                return Err(Refusal::Forbidden(None));
            }
            Verdict::Allowed(origin) => {
                headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                headers.insert(VARY, HeaderValue::from_static("Origin"));
                if self.node().config().websocket.server.credentials {
                    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
                }
            }
        }
        Ok(Crossing(headers))
    }

    /// What a load balancer needs to send all of a session to this node.
    fn cookie(&self, _: &Engine) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let node = self.node();
        if let Some(name) = &node.config().engineio.cookie {
            let cookie = format!("{name}={}; Path=/; HttpOnly; SameSite=Lax", node.id());
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                headers.insert(SET_COOKIE, cookie);
            }
        }
        headers
    }
}

/// Why a request is not served.
enum Refused {
    By(Refusal),
    Leaving,
    Full,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::By(refusal)
    }
}

impl Refused {
    fn answer(&self, web: &Web) -> Response<Body> {
        match self {
            Self::By(why) => refusal(why),
            Self::Leaving => leaving(web.node().texts().server_shutting_down()),
            Self::Full => super::full(),
        }
    }
}

impl Crossing {
    fn on(self, mut response: Response<Body>) -> Response<Body> {
        response.headers_mut().extend(self.0);
        response
    }
}

/// Answers a request that is no upgrade.
pub(super) async fn answer<B>(
    web: &Web,
    engine: &Arc<Engine>,
    request: &Parts,
    body: B,
    peer: &SocketAddr,
) -> Due
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let crossing = match web.cross(request) {
        Ok(crossing) => crossing,
        Err(why) => return Due::Now(refusal(&why)),
    };
    if request.method == Method::OPTIONS {
        return Due::Now(crossing.on(preflight(&request.headers)));
    }
    match serve(web, engine, request, body, peer).await {
        Ok(Served::Answer(response)) => Due::Now(crossing.on(response)),
        Err(refused) => Due::Now(crossing.on(refused.answer(web))),
        Ok(Served::Poll(get)) => {
            let web = web.clone();
            Due::Later(Box::pin(async move {
                crossing.on(polled(get).await.unwrap_or_else(|refused| refused.answer(&web)))
            }))
        }
    }
}

async fn serve<B>(
    web: &Web,
    engine: &Arc<Engine>,
    request: &Parts,
    body: B,
    peer: &SocketAddr,
) -> Result<Served, Refused>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let query = web.query(engine, request, false)?;
    let Some(sid) = &query.sid else {
        query.without_session()?;
        return handshake(web, engine, &query, request, peer).await.map(Served::Answer);
    };
    let desk = engine.find(sid);
    query.with_session(desk.as_ref().and_then(|desk| desk.known()))?;
    let desk = desk.ok_or(Refusal::Sid)?;
    match request.method {
        Method::GET => {
            // While it has something to send, nobody would notice that the client leaves.
            match take_in(web, engine, query.protocol, false, body).await {
                Ok(_) => Ok(Served::Poll(desk.get()?)),
                Err(why) => {
                    // As with a POST, and with a GET that waits.
                    if !matches!(why, NoBody::TooLarge(_)) {
                        desk.lose();
                    }
                    Ok(Served::Answer(unread(&why)))
                }
            }
        }
        Method::POST => post(web, engine, &desk, request, body).await.map(Served::Answer),
        _ => Err(Refusal::BadRequest.into()),
    }
}

async fn handshake(
    web: &Web,
    engine: &Arc<Engine>,
    query: &Query<'_>,
    request: &Parts,
    peer: &SocketAddr,
) -> Result<Response<Body>, Refused> {
    let place = engine.place().ok_or(Refused::Full)?;
    let peer = web.examined(engine, request, *peer).await?;
    let mut response = polled(engine.open_polling(query, peer, place)).await?;
    response.headers_mut().extend(web.cookie(engine));
    Ok(response)
}

async fn post<B>(
    web: &Web,
    engine: &Engine,
    desk: &Arc<Desk>,
    request: &Parts,
    body: B,
) -> Result<Response<Body>, Refused>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let posting = desk.post()?;
    let protocol = desk.known().map_or(Protocol::V4, |known| known.protocol);
    let is_binary = request.headers.get(CONTENT_TYPE).is_some_and(is_bytes);
    let form = match (is_binary, protocol) {
        (true, Protocol::V3) => Form::Binary,
        // Dropped half-way, so the session ends.
        (true, Protocol::V4) => return Err(Refusal::BadRequest.into()),
        (false, _) => Form::Text,
    };
    let body = match take_in(web, engine, protocol, true, body).await {
        Ok(body) => body,
        Err(why) => {
            if let NoBody::TooLarge(_) = why {
                posting.refused();
            }
            return Ok(unread(&why));
        }
    };
    // What is not taken yet counts with all that is half-read.
    let mut share = web.half_read().body();
    let crowded = share.grow(body.len()).is_err();
    let taken = async { if crowded { None } else { posting.body(body, form).await } };
    let crowd = poll_fn(|cx| share.poll_crowded(cx));
    let taken = match select(pin!(taken), crowd).await {
        Either::Left((taken, _)) => taken,
        Either::Right(_) => None,
    };
    match taken {
        Some(Taken::All) => Ok(text(StatusCode::OK, "text/html", "ok".into())),
        Some(Taken::Malformed) => Err(Refusal::BadRequest.into()),
        None => Err(Refusal::Sid.into()),
    }
}

/// Takes in a body; only drains it unless it is `wanted`.
async fn take_in<B>(
    web: &Web,
    engine: &Engine,
    protocol: Protocol,
    wanted: bool,
    body: B,
) -> Result<Bytes, NoBody>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let node = web.node();
    let bounds = Bounds {
        bytes: engine.longest_body(protocol),
        time: node.config().engineio.request_timeout,
        half_read: web.half_read(),
    };
    receive::receive(body, wanted, bounds, node.clock()).await
}

/// The answer where a body was not taken in.
fn unread(why: &NoBody) -> Response<Body> {
    match why {
        NoBody::TooLarge(_) => too_large(),
        NoBody::TooSlow(_) | NoBody::Broken | NoBody::Crowded => closing(refusal(&Refusal::BadRequest)),
    }
}

fn is_bytes(content_type: &HeaderValue) -> bool {
    let name = content_type.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
    name.trim_ascii().eq_ignore_ascii_case(b"application/octet-stream")
}

/// Waits for the answer to a GET.
async fn polled(get: Get) -> Result<Response<Body>, Refused> {
    let answered = get.answer().await;
    let (Polled { body, form, .. }, unsure) = answered.ok_or(Refusal::Sid)?;
    let content_type = match form {
        Form::Text => "text/plain; charset=UTF-8",
        Form::Binary => "application/octet-stream",
    };
    Ok(text(StatusCode::OK, content_type, Body::unsure(body, unsure)))
}

fn refusal(why: &Refusal) -> Response<Body> {
    let status = StatusCode::from_u16(why.status()).expect("of our own table");
    text(status, "application/json", why.json().into())
}

fn too_large() -> Response<Body> {
    closing(text(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", "the body is too large".into()))
}

fn preflight(asked: &HeaderMap) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, OPTIONS"));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
    if let Some(names) = asked.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    response
}

fn text(status: StatusCode, content_type: &'static str, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn closing(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

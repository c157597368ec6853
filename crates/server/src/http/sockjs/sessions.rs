//! Requests to sessions: those that receive, and those that send (sockjs.md, 4 and 5).

use super::answers::{closing, not_found, text, typed};
use crate::http::body::Body;
use crate::http::receive::{self, Bounds, NoBody};
use crate::http::{Due, Web};
use crate::transport::sockjs::{Found, Mount, Refused, Unsent};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};
use playhouse_proto::sockjs::read::Encoding;
use playhouse_proto::sockjs::{BadCallback, Callback, Kind, Malformed, Messages, Turn, Wrap};
use std::net::SocketAddr;
use std::sync::Arc;

/// Tells proxies to pass on what comes when it comes.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Answers a request to a session.
pub(super) async fn answer<B>(
    web: &Web,
    mount: &Arc<Mount>,
    (name, kind): (&str, Kind),
    request: &Parts,
    body: B,
    peer: &SocketAddr,
) -> Due
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let answered = match wrap(kind, request.uri.query().unwrap_or_default()) {
        Ok(None) => send(web, mount, (name, kind), request, body).await.map(Due::Now),
        Ok(Some(wrap)) => receive(web, mount, (name, wrap), request, body, peer).await,
        Err(bad) => Err(text(StatusCode::INTERNAL_SERVER_ERROR, bad.to_string())),
    };
    answered.unwrap_or_else(Due::Now)
}

/// How a request receives; `None` for one that sends.
fn wrap(kind: Kind, query: &str) -> Result<Option<Wrap>, BadCallback> {
    Ok(Some(match kind {
        Kind::Xhr => Wrap::Xhr,
        Kind::XhrStreaming => Wrap::XhrStreaming,
        Kind::EventSource => Wrap::EventSource,
        Kind::HtmlFile => Wrap::HtmlFile { callback: Callback::read(query)? },
        Kind::Jsonp => Wrap::Jsonp { callback: Callback::read(query)? },
        Kind::XhrSend | Kind::JsonpSend | Kind::Websocket => return Ok(None),
    }))
}

async fn receive<B>(
    web: &Web,
    mount: &Arc<Mount>,
    (name, wrap): (&str, Wrap),
    request: &Parts,
    body: B,
    peer: &SocketAddr,
) -> Result<Due, Response<Body>>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    // While it has something to send, nobody would notice that the client leaves.
    take_in(web, mount, false, body).await?;
    let turn = turn(request);
    let receiving = match mount.find(name) {
        Found::Open(desk) => desk.receive(&wrap, turn),
        Found::Opening => Err(Refused::Busy),
        Found::Ended => Err(Refused::Ended),
        Found::New(reservation) => {
            let place = mount.place().ok_or_else(crate::http::full)?;
            let peer = web.sockjs_peer(mount, request, *peer).await?;
            Ok(Mount::open(reservation, peer, place, (&wrap, turn)))
        }
    };
    Ok(match receiving {
        Err(refused) => Due::Now(received(&wrap, Bytes::from(refused.body(&wrap)).into())),
        Ok(receiving) if wrap.is_stream() => Due::Now(received(&wrap, Body::Receiving(Box::new(receiving)))),
        Ok(mut receiving) => Due::Later(Box::pin(async move {
            receiving.begin().await;
            received(&wrap, Body::Receiving(Box::new(receiving)))
        })),
    })
}

fn received(wrap: &Wrap, body: Body) -> Response<Body> {
    let mut response = typed(StatusCode::OK, wrap.content_type(), body);
    let headers = response.headers_mut();
    if wrap.is_stream() {
        headers.insert(UNBUFFERED, HeaderValue::from_static("no"));
    }
    if matches!(wrap, Wrap::Jsonp { .. }) {
        headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    }
    response
}

async fn send<B>(
    web: &Web,
    mount: &Arc<Mount>,
    (name, kind): (&str, Kind),
    request: &Parts,
    body: B,
) -> Result<Response<Body>, Response<Body>>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let desk = mount.session(name).ok_or_else(not_found)?;
    let body = take_in(web, mount, true, body).await?;
    let messages = match kind {
        Kind::JsonpSend => {
            Messages::jsonp(&body, encoding(&request.headers)).and_then(|all| within(mount, &body, &all))
        }
        Kind::XhrSend
        | Kind::Xhr
        | Kind::XhrStreaming
        | Kind::EventSource
        | Kind::HtmlFile
        | Kind::Jsonp
        | Kind::Websocket => Messages::body(&body).and_then(|all| within(mount, &body, &all)),
    };
    match messages {
        Ok(Some(messages)) => {
            let sent = desk.send(messages, body.len(), turn(request)).await;
            Ok(sent.map_or_else(unsent, |()| taken(kind)))
        }
        Ok(None) => Err(too_large()),
        Err(malformed) => Err(text(StatusCode::INTERNAL_SERVER_ERROR, malformed.to_string())),
    }
}

/// The messages of a body, which is let go; `None` if one of them is too long.
fn within<M: AsRef<[u8]> + Clone>(
    mount: &Mount,
    body: &[u8],
    messages: &Messages<M>,
) -> Result<Option<Messages<Box<[u8]>>>, Malformed> {
    let longest = mount.longest_message();
    // Nothing in a body is longer than that.
    if body.len() > longest {
        let mut all = messages.clone();
        while let Some(message) = all.next() {
            if message.len() > longest {
                return Ok(None);
            }
        }
    }
    Ok(Some(messages.kept()))
}

fn turn(request: &Parts) -> Option<Turn> {
    Turn::read(request.uri.query().unwrap_or_default())
}

fn taken(kind: Kind) -> Response<Body> {
    match kind == Kind::JsonpSend {
        true => text(StatusCode::OK, "ok"),
        false => text(StatusCode::NO_CONTENT, Body::empty()),
    }
}

fn unsent(why: Unsent) -> Response<Body> {
    match why {
        Unsent::Ended => not_found(),
        Unsent::Crowded => text(StatusCode::SERVICE_UNAVAILABLE, "too much waits to be read"),
    }
}

/// Takes in a body; only drains it unless it is `wanted`.
async fn take_in<B>(web: &Web, mount: &Mount, wanted: bool, body: B) -> Result<Bytes, Response<Body>>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let node = web.node();
    let bounds = Bounds {
        bytes: mount.longest_body(),
        time: node.config().sockjs.request_timeout,
        half_read: web.half_read(),
    };
    receive::receive(body, wanted, bounds, node.clock()).await.map_err(|why| {
        let status = match why {
            NoBody::TooLarge(_) => return too_large(),
            NoBody::TooSlow(_) => StatusCode::REQUEST_TIMEOUT,
            NoBody::Broken => StatusCode::BAD_REQUEST,
            NoBody::Crowded => StatusCode::SERVICE_UNAVAILABLE,
        };
        closing(text(status, why.to_string()))
    })
}

fn too_large() -> Response<Body> {
    closing(text(StatusCode::PAYLOAD_TOO_LARGE, "the message is too large"))
}

fn encoding(headers: &HeaderMap) -> Encoding {
    let named = headers.get(CONTENT_TYPE).map_or(&b""[..], HeaderValue::as_bytes);
    let name = named.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    match name.eq_ignore_ascii_case(b"application/x-www-form-urlencoded") {
        true => Encoding::Form,
        false => Encoding::Plain,
    }
}

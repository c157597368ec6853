//! Answers of SockJS that need no session, and the headers of all of them (sockjs.md, 3).

use crate::http::body::Body;
use crate::http::{date, primus};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, COOKIE, EXPIRES,
    HeaderMap, HeaderValue,
};
use http::{Response, StatusCode};
use playhouse_core::clock::Clock;
use playhouse_core::config::Config;
use playhouse_core::error::Reject;
use playhouse_proto::sockjs::Methods;
use std::time::Duration;

/// What is never kept.
const FRESH: &str = "no-store, no-cache, no-transform, must-revalidate, max-age=0";

const PLAIN: &str = "text/plain; charset=UTF-8";

/// How long is kept what does not change, in seconds.
const YEAR: u64 = 31_536_000;

/// The cookie that load balancers want.
const COOKIE_NAME: &str = "JSESSIONID";

pub(super) fn typed(status: StatusCode, content_type: &'static str, body: impl Into<Body>) -> Response<Body> {
    let mut response = fresh(status, body.into());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn fresh(status: StatusCode, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(FRESH));
    response
}

pub(super) fn text(status: StatusCode, body: impl Into<Body>) -> Response<Body> {
    typed(status, PLAIN, body)
}

pub(super) fn json(body: String) -> Response<Body> {
    typed(StatusCode::OK, "application/json; charset=UTF-8", body)
}

pub(super) fn not_found() -> Response<Body> {
    text(StatusCode::NOT_FOUND, "Not Found")
}

/// The answer to a page whose origin may not ask.
pub(super) fn no_origin() -> Response<Body> {
    text(StatusCode::FORBIDDEN, "the page's origin is not allowed")
}

pub(super) fn not_allowed(methods: Methods) -> Response<Body> {
    let mut response = fresh(StatusCode::METHOD_NOT_ALLOWED, Body::empty());
    response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods.allow()));
    response
}

/// The answer to whoever asks for a websocket in another way.
pub(super) fn no_websocket() -> Response<Body> {
    text(StatusCode::BAD_REQUEST, "Can \"Upgrade\" only to \"WebSocket\".")
}

/// The answer where the application refuses.
pub(super) fn unauthorized(is_primus: bool, reject: &Reject) -> Response<Body> {
    let mut response = primus::unauthorized(reject);
    let status = response.status();
    if !is_primus {
        return text(status, reject.message.clone().into_owned());
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(FRESH));
    response
}

/// The same, and nothing more on this connection.
pub(super) fn closing(mut response: Response<Body>) -> Response<Body> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

pub(super) fn preflight(methods: Methods, asked: &HeaderMap, clock: &Clock) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods.allow()));
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from(YEAR));
    if let Some(names) = asked.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
    }
    keep(headers, clock);
    response
}

/// Lets an answer be kept for a year.
pub(super) fn keep(headers: &mut HeaderMap, clock: &Clock) {
    let kept = HeaderValue::try_from(format!("public, max-age={YEAR}")).expect("made of words and numbers");
    headers.insert(CACHE_CONTROL, kept);
    let expires = date::text(Duration::from_millis(clock.unix_ms()) + Duration::from_secs(YEAR));
    headers.insert(EXPIRES, HeaderValue::from_bytes(&expires).expect("a date"));
}

/// The cookie that load balancers want, where that is switched on: as the client has it.
pub(super) fn cookie(config: &Config, asked: &HeaderMap) -> Option<HeaderValue> {
    if !config.sockjs.jsessionid {
        return None;
    }
    let lines = asked.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let sent = pairs.find(|(name, _)| *name == COOKIE_NAME).map(|(_, value)| value);
    let value = sent.filter(|value| !value.is_empty()).unwrap_or("dummy");
    HeaderValue::try_from(format!("{COOKIE_NAME}={value}; path=/")).ok()
}

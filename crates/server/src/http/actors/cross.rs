//! Pages of other origins (actors.md, section 3): the same origins as everywhere, with credentials, as these clients
//! always ask with them.

use super::Body;
use super::answer;
use crate::dialect::actors::{Failure, codes as kinds};
use crate::http::origin::{OriginRules, Verdict};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, HeaderValue, VARY,
};
use http::{Method, Response, StatusCode};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

/// What clients send, where a browser does not say what the page wants to.
const HEADERS: HeaderValue = HeaderValue::from_static(
    "Content-Type, User-Agent, Authorization, x-rivet-encoding, x-rivet-conn-params, x-rivet-token, x-rivet-query, \
     x-rivet-namespace, x-rivet-target, x-rivet-actor",
);

/// For how long a browser may remember what a page may do, in seconds: an hour.
const MAX_AGE: HeaderValue = HeaderValue::from_static("3600");

/// What becomes of a request as far as origins go.
pub(super) enum Crossing {
    /// It is answered.
    Pass(Allowed),
    /// It is answered already: a preflight, or a refusal.
    Answered(Response<Body>),
}

/// The page that may read an answer, if it is one's.
pub(super) struct Allowed(Option<HeaderValue>);

/// Decides about a request.
pub(super) fn cross(method: &Method, asked: &HeaderMap, origins: &OriginRules) -> Crossing {
    let origin = match origins.verdict(asked) {
        Verdict::NoOrigin => return Crossing::Pass(Allowed(None)),
        Verdict::Allowed(origin) => origin,
        Verdict::Refused(origin) => return Crossing::Answered(refused(origins, origin)),
    };
    let allowed = Allowed(Some(origin.clone()));
    if *method != Method::OPTIONS || !asked.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
        return Crossing::Pass(allowed);
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    allowed.add_to(&mut response);
    let headers = response.headers_mut();
    headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    let wanted = asked.get(ACCESS_CONTROL_REQUEST_HEADERS).cloned();
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.unwrap_or(HEADERS));
    headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    Crossing::Answered(response)
}

/// The answer to a page that may not ask; the log has the line that would allow it.
pub(super) fn refused(origins: &OriginRules, origin: &HeaderValue) -> Response<Body> {
    origins.tell_refused(origin);
    let text = "pages of this origin may not ask; allow it in `websocket.server.origins`";
    let mut response = answer::rivet(&Failure::new(&kinds::ORIGIN, text));
    response.headers_mut().insert(VARY, HeaderValue::from_static("Origin"));
    response
}

impl Allowed {
    /// Lets the page read an answer, where the actor has not said itself who may.
    pub(super) fn add_to(&self, response: &mut Response<Body>) {
        let Some(origin) = &self.0 else { return };
        let headers = response.headers_mut();
        let mut add = |name: HeaderName, value: HeaderValue| {
            headers.entry(name).or_insert(value);
        };
        add(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        add(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        add(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("*"));
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
}

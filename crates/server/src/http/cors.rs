//! Cross-origin requests below Primus' path, answered as Primus does (primus.md, section 7). Everything else
//! over HTTP says with its standard headers who may read it.

use super::body::Body;
use super::origin::{OriginRules, Verdict};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, HeaderMap, HeaderValue,
    VARY,
};
use http::{Method, Response, StatusCode};
use playhouse_core::config;

/// The settings for other origins.
pub(super) struct Cors {
    methods: Vec<String>,
    credentials: bool,
    max_age: HeaderValue,
    /// `None` allows what is asked for.
    headers: Option<HeaderValue>,
    exposed: Option<HeaderValue>,
}

/// What becomes of a request as far as origins go.
pub(super) enum Crossing {
    /// It is answered; the answer has these headers besides its own.
    Pass(HeaderMap),
    /// It is answered already: a preflight, or a refusal.
    Answered(Response<Body>),
}

impl Cors {
    pub(super) fn new(server: &config::Server) -> Self {
        Self {
            methods: server.methods.clone(),
            credentials: server.credentials,
            max_age: server.max_age.as_secs().into(),
            headers: joined(&server.headers),
            exposed: server.exposed.as_deref().and_then(joined),
        }
    }

    /// Decides about a request.
    pub(super) fn cross(&self, method: &Method, asked: &HeaderMap, origins: &OriginRules) -> Crossing {
        let origin = match origins.verdict(asked) {
            Verdict::NoOrigin => return Crossing::Pass(HeaderMap::new()),
            Verdict::Refused(origin) => {
                origins.tell_refused(origin);
                return Crossing::Answered(refusal(origin, method.as_str()));
            }
            Verdict::Allowed(origin) => origin,
        };
        let preflight = asked.get(ACCESS_CONTROL_REQUEST_METHOD).filter(|_| *method == Method::OPTIONS);
        let wanted =
            preflight.map_or(Some(method.as_str()), |wanted| wanted.to_str().ok()).unwrap_or_default();
        if !self.methods.iter().any(|allowed| allowed.eq_ignore_ascii_case(wanted)) {
            return Crossing::Answered(refusal(origin, wanted));
        }
        let mut headers = self.allowed(origin, origins);
        if preflight.is_some() {
            return Crossing::Answered(self.preflight(headers, asked));
        }
        if let Some(exposed) = &self.exposed {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed.clone());
        }
        Crossing::Pass(headers)
    }

    fn allowed(&self, origin: &HeaderValue, origins: &OriginRules) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if origins.are_any() && !self.credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            return headers;
        }
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        headers.insert(VARY, HeaderValue::from_static("Origin"));
        if self.credentials {
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
        }
        headers
    }

    fn preflight(&self, mut headers: HeaderMap, asked: &HeaderMap) -> Response<Body> {
        headers.insert(ACCESS_CONTROL_MAX_AGE, self.max_age.clone());
        if let Some(methods) = joined(&self.methods) {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        }
        if let Some(names) = self.headers.as_ref().or_else(|| asked.get(ACCESS_CONTROL_REQUEST_HEADERS)) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names.clone());
        }
        let mut response = Response::new(Body::empty());
        *response.headers_mut() = headers;
        response
    }
}

fn joined(words: &[String]) -> Option<HeaderValue> {
    if words.is_empty() { None } else { HeaderValue::try_from(words.join(", ")).ok() }
}

/// The three lines that Primus answers.
pub(super) fn refusal(origin: &HeaderValue, method: &str) -> Response<Body> {
    let origin = String::from_utf8_lossy(origin.as_bytes());
    let text = format!("Invalid HTTP Access Control (CORS) request:\n  Origin: {origin}\n  Method: {method}");
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_core::config::{Origins, Server};

    fn crossed(server: &Server, method: &str, asked: &[(&'static str, &'static str)]) -> (u16, String) {
        let mut headers = HeaderMap::new();
        for (name, value) in asked {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        let rules = OriginRules::new(server.origins.clone());
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let (status, headers) = match Cors::new(server).cross(&method, &headers, &rules) {
            Crossing::Pass(headers) => (0, headers),
            Crossing::Answered(response) => (response.status().as_u16(), response.headers().clone()),
        };
        let lines = headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        (status, lines.collect::<Vec<_>>().join("\n"))
    }

    fn any() -> Server {
        Server { origins: Origins::Any, ..Server::default() }
    }

    const ORIGIN: (&str, &str) = ("origin", "http://other.example");

    #[test]
    fn a_plain_request_as_recorded() {
        let allowed = "access-control-allow-origin: http://other.example\nvary: Origin\n\
                       access-control-allow-credentials: true";
        assert_eq!(crossed(&any(), "GET", &[ORIGIN]), (0, allowed.to_owned()));
        assert_eq!(crossed(&any(), "GET", &[]), (0, String::new()));
        let exposing =
            Server { exposed: Some(vec!["X-A".into(), "X-B".into()]), credentials: false, ..any() };
        let star = "access-control-allow-origin: *\naccess-control-expose-headers: X-A, X-B";
        assert_eq!(crossed(&exposing, "GET", &[ORIGIN]), (0, star.to_owned()));
    }

    #[test]
    fn a_preflight_as_recorded() {
        let asked =
            [ORIGIN, ("access-control-request-method", "POST"), ("access-control-request-headers", "x-a")];
        let answer = "access-control-allow-origin: http://other.example\nvary: Origin\n\
                      access-control-allow-credentials: true\naccess-control-max-age: 2592000\n\
                      access-control-allow-methods: GET, HEAD, PUT, POST, DELETE, OPTIONS\n\
                      access-control-allow-headers: x-a";
        assert_eq!(crossed(&any(), "OPTIONS", &asked), (200, answer.to_owned()));
        let own = Server { headers: vec!["X-Own".into()], ..any() };
        assert!(crossed(&own, "OPTIONS", &asked).1.ends_with("access-control-allow-headers: X-Own"));
    }

    #[test]
    fn refusals() {
        let refused = (403, "content-type: text/plain".to_owned());
        assert_eq!(crossed(&any(), "PATCH", &[ORIGIN]), refused);
        assert_eq!(
            crossed(&any(), "OPTIONS", &[ORIGIN, ("access-control-request-method", "PATCH")]),
            refused
        );
        assert_eq!(crossed(&any(), "GET", &[("origin", "http://%41")]), refused);
        assert_eq!(crossed(&any(), "GET", &[("origin", "other.example")]), refused);
        assert_eq!(crossed(&Server::default(), "GET", &[ORIGIN, ("host", "h.example")]), refused);
    }

    #[test]
    fn three_lines() {
        let Body::Full(text) = refusal(&HeaderValue::from_static("x"), "GET").into_body() else {
            panic!("text")
        };
        assert_eq!(text, "Invalid HTTP Access Control (CORS) request:\n  Origin: x\n  Method: GET");
    }
}

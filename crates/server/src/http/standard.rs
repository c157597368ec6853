//! The headers of every answer that is not Primus' own: who answers, what other origins may do, and the
//! cookie of a fresh fingerprint (actionhero.md, section 5.4).

use super::body::Body;
use super::origin::{OriginRules, Verdict};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, CONTENT_TYPE,
    HeaderMap, HeaderName, HeaderValue, SET_COOKIE, VARY,
};
use http::{Response, StatusCode};
use playhouse_core::config::Config;
use std::collections::BTreeMap;

/// The type of most answers.
pub(super) const JSON: &str = "application/json; charset=utf-8";

const X_POWERED_BY: HeaderName = HeaderName::from_static("x-powered-by");
const METHODS: HeaderValue = HeaderValue::from_static("HEAD, GET, POST, PUT, PATCH, DELETE, OPTIONS, TRACE");

/// The headers, made once: to clone a map is cheaper than to fill one, as no name is hashed.
pub(super) struct Standard {
    /// Of answers without a cookie.
    known: HeaderMap,
    /// Of answers with one.
    fresh: HeaderMap,
    /// Origins are told apart, so an answer depends on who asks.
    by_origin: bool,
}

impl Standard {
    pub(super) fn new(config: &Config, origins: &OriginRules) -> Self {
        let mut all = configured(&config.http.headers);
        let mut add = |name: HeaderName, value: HeaderValue| {
            if !all.iter().any(|(other, _)| *other == name) {
                all.push((name, value));
            }
        };
        add(ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("Content-Type"));
        add(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        if origins.are_any() {
            add(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        add(X_POWERED_BY, lasting(&config.app.name));
        let by_origin = !all.iter().any(|(name, _)| name == ACCESS_CONTROL_ALLOW_ORIGIN);
        all.retain(|(_, value)| !value.is_empty());
        let mut known = HeaderMap::new();
        for (name, value) in all {
            known.append(name, value);
        }
        let mut fresh = known.clone();
        if !by_origin {
            // What each answer sets itself has its place already. It comes last, also behind origins.
            known.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
            fresh.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
            fresh.insert(SET_COOKIE, HeaderValue::from_static(""));
        }
        Self { known, fresh, by_origin }
    }

    /// An answer without a body. `asked` are the request's headers; `cookie` is the cookie of a fresh
    /// fingerprint.
    pub(super) fn answer(
        &self,
        asked: &HeaderMap,
        origins: &OriginRules,
        status: StatusCode,
        content_type: &'static str,
        cookie: Option<HeaderValue>,
    ) -> Response<Body> {
        let made = if cookie.is_some() { &self.fresh } else { &self.known };
        let mut headers = made.clone();
        if self.by_origin {
            allow_origin(&mut headers, asked, origins);
        }
        if self.by_origin || content_type != JSON {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if let Some(cookie) = cookie {
            headers.insert(SET_COOKIE, cookie);
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

/// A page that is allowed may read the answer; caches must know that others may not.
fn allow_origin(headers: &mut HeaderMap, asked: &HeaderMap, origins: &OriginRules) {
    match origins.verdict(asked) {
        Verdict::Allowed(origin) => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(VARY, HeaderValue::from_static("Origin"));
        }
        Verdict::Refused(_) => {
            headers.insert(VARY, HeaderValue::from_static("Origin"));
        }
        Verdict::NoOrigin => {}
    }
}

/// Headers of the configuration; an empty text is kept for now, as it takes the place of one of ours.
fn configured(headers: &BTreeMap<String, String>) -> Vec<(HeaderName, HeaderValue)> {
    let named =
        headers.iter().filter_map(|(name, text)| Some((HeaderName::try_from(name).ok()?, lasting(text))));
    named.collect()
}

/// A value for the whole life of the process. Cloning one that counts its users would have all workers write
/// to one place in memory at every answer. There are a handful, made once for each server.
fn lasting(text: &str) -> HeaderValue {
    let fits = text.bytes().all(|b| b.is_ascii() && !b.is_ascii_control());
    HeaderValue::from_static(if fits { Box::leak(Box::from(text)) } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_core::config::Origins;

    fn shown(config: &Config, origins: Origins, origin: Option<&'static str>) -> String {
        let rules = OriginRules::new(origins);
        let mut asked = HeaderMap::new();
        if let Some(origin) = origin {
            asked.insert("origin", HeaderValue::from_static(origin));
        }
        let standard = Standard::new(config, &rules);
        let cookie = HeaderValue::from_static("c");
        let answer = standard.answer(&asked, &rules, StatusCode::OK, "text/html", Some(cookie));
        let lines =
            answer.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn config() -> Config {
        let mut config = Config::default();
        config.app.name = "demo".to_owned();
        config
    }

    #[test]
    fn as_recorded_from_the_original() {
        assert_eq!(
            shown(&config(), Origins::Any, None),
            "strict-transport-security: max-age=31536000; includeSubDomains\n\
             access-control-allow-headers: Content-Type\n\
             access-control-allow-methods: HEAD, GET, POST, PUT, PATCH, DELETE, OPTIONS, TRACE\n\
             access-control-allow-origin: *\n\
             x-powered-by: demo\n\
             content-type: text/html\n\
             set-cookie: c"
        );
    }

    #[test]
    fn listed_origins_are_named_and_others_are_not() {
        let list = || Origins::List(vec!["https://a.example".to_owned()]);
        let allowed = shown(&config(), list(), Some("https://a.example"));
        assert!(
            allowed.contains("access-control-allow-origin: https://a.example\nvary: Origin"),
            "{allowed}"
        );
        for (origins, origin) in [(list(), Some("https://b.example")), (Origins::Same, None)] {
            let other = shown(&config(), origins, origin);
            assert!(!other.contains("access-control-allow-origin"), "{other}");
        }
    }

    #[test]
    fn configured_headers_take_the_place_of_ours() {
        let mut config = config();
        config.http.headers = BTreeMap::from(
            [("X-Powered-By", ""), ("access-control-allow-origin", "https://x"), ("X-Own", "1")]
                .map(|(name, text)| (name.to_owned(), text.to_owned())),
        );
        let headers = shown(&config, Origins::Any, None);
        assert!(!headers.contains("x-powered-by") && !headers.contains("strict-transport"), "{headers}");
        assert!(headers.contains("x-own: 1") && headers.contains("access-control-allow-origin: https://x\n"));
    }
}

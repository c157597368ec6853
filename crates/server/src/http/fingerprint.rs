//! Fingerprints: what a client says it is called across connections. They link requests and websockets of
//! one browser, and prove nothing.

use super::{date, query};
use http::header::COOKIE;
use http::{HeaderMap, HeaderName, HeaderValue};
use playhouse_core::config::Config;
use playhouse_core::head::Head;
use playhouse_core::rng::Rng;
use std::sync::Arc;
use std::time::Duration;

/// Bytes of chance in a fresh one: 40 hex digits (actionhero.md, section 5.4).
const BYTES: usize = 20;

/// Where fingerprints come from and how long browsers keep them.
pub(super) struct Fingerprints {
    key: String,
    /// `x-sessionid` where the cookie is `sessionID`; `None` if the key makes no name of a header.
    header: Option<HeaderName>,
    max_age: Duration,
}

/// The fingerprint of one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    pub(super) text: Arc<str>,
    /// Made for this request: the answer carries it as a cookie.
    pub(super) is_fresh: bool,
}

impl Fingerprints {
    pub(super) fn new(config: &Config) -> Self {
        let key = config.http.cookie_key.clone();
        let header = HeaderName::try_from(format!("x-{}", key.to_ascii_lowercase())).ok();
        Self { key, header, max_age: config.http.cookie_max_age }
    }

    /// Of an HTTP request: the cookie, else the header, else a fresh one.
    pub(super) fn of_request(&self, headers: &HeaderMap, rng: &Rng) -> Fingerprint {
        match cookie(headers, &self.key).or_else(|| self.of_header(headers)) {
            Some(text) => Fingerprint { text: text.into(), is_fresh: false },
            None => Fingerprint { text: fresh(rng), is_fresh: true },
        }
    }

    fn of_header<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let text = headers.get(self.header.as_ref()?)?.to_str().ok()?.trim();
        Some(text).filter(|text| !text.is_empty())
    }

    /// Of an upgrade: the query, else the cookie; else none, and the connection's own id serves.
    pub(super) fn of_upgrade(&self, head: &Head) -> Option<Arc<str>> {
        let query = query::first(head.query(), &self.key).filter(|text| !text.is_empty());
        let text = query.or_else(|| head.cookie(&self.key).filter(|text| !text.is_empty()).map(Into::into));
        text.map(Into::into)
    }

    /// The cookie that keeps a fresh one. `now` in milliseconds since 1970.
    pub(super) fn cookie(&self, fingerprint: &str, now: u64) -> HeaderValue {
        let expires = date::text(Duration::from_millis(now) + self.max_age);
        let (key, fingerprint) = (self.key.as_bytes(), fingerprint.as_bytes());
        let cookie = [key, b"=", fingerprint, b";path=/;expires=", &expires, b";"].concat();
        HeaderValue::try_from(cookie).expect("the key is a word, the rest is hex and a date")
    }
}

fn fresh(rng: &Rng) -> Arc<str> {
    let digits = rng.hex::<BYTES>();
    std::str::from_utf8(digits.as_flattened()).expect("hex digits").into()
}

/// The value of a cookie, if it has one.
fn cookie<'h>(headers: &'h HeaderMap, key: &str) -> Option<&'h str> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let values = pairs.filter(|(name, _)| *name == key).map(|(_, value)| value.trim_matches('"'));
    values.into_iter().find(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> Fingerprint {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_static(value));
        }
        Fingerprints::new(&Config::default()).of_request(&map, &Rng::seeded(1))
    }

    #[test]
    fn the_cookie_goes_before_the_header() {
        for (headers, text) in [
            (vec![("cookie", "sessionID=abc")], "abc"),
            (vec![("cookie", "a=1; sessionID=\"abc\"; b=2")], "abc"),
            (vec![("cookie", "a=1"), ("cookie", "sessionID=abc")], "abc"),
            (vec![("cookie", "sessionID=a=b")], "a=b"),
            (vec![("cookie", "sessionID=; sessionID=later")], "later"),
            (vec![("x-sessionid", "head")], "head"),
            (vec![("x-sessionid", "head"), ("cookie", "sessionID=abc")], "abc"),
        ] {
            let expected = Fingerprint { text: text.into(), is_fresh: false };
            assert_eq!(of(&headers), expected, "{headers:?}");
        }
    }

    #[test]
    fn who_brings_none_gets_one() {
        for headers in [
            vec![],
            vec![("cookie", "sessionid=x")],
            vec![("cookie", "xsessionID=x; ; =; sessionID")],
            vec![("cookie", "sessionID=")],
            vec![("x-sessionid", " ")],
        ] {
            let fresh = of(&headers);
            assert!(fresh.is_fresh, "{headers:?}");
            assert_eq!((fresh.text.len(), fresh.text.bytes().all(|b| b.is_ascii_hexdigit())), (40, true));
        }
    }

    #[test]
    fn of_an_upgrade_the_query_goes_before_the_cookie() {
        for (target, cookie, expected) in [
            ("/primus?sessionID=q&_primuscb=x", "sessionID=c", Some("q")),
            ("/primus?sessionID=a%20b&sessionID=z", "", Some("a b")),
            ("/primus?sessionID=", "sessionID=c", Some("c")),
            ("/primus", "sessionID=c", Some("c")),
            ("/primus", "", None),
        ] {
            let head = Head::new("GET", target, [("cookie", cookie.as_bytes())]);
            let fingerprint = Fingerprints::new(&Config::default()).of_upgrade(&head);
            assert_eq!(fingerprint.as_deref(), expected, "{target} {cookie}");
        }
    }

    #[test]
    fn the_cookie_as_the_original_writes_it() {
        let cookie = Fingerprints::new(&Config::default()).cookie("ff", 1_700_000_000_000);
        assert_eq!(cookie, "sessionID=ff;path=/;expires=Tue, 14 Nov 2023 23:13:20 GMT;");
    }
}

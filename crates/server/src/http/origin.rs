//! Which pages may connect and read answers: the `origins` setting, and the log line of a refusal.

use http::header::{HOST, ORIGIN};
use http::{HeaderMap, HeaderValue};
use playhouse_core::config::Origins;
use std::collections::HashSet;
use std::sync::Mutex;

/// How many refused origins are told apart. Whoever opens more pages than that has read the line already.
const TOLD_MAX: usize = 64;

/// An origin is a scheme, a host and a port; what is longer is none.
const ORIGIN_MAX: usize = 300;

/// What the setting says about a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict<'r> {
    /// It comes from no page: there is no `Origin`.
    NoOrigin,
    /// The page may.
    Allowed(&'r HeaderValue),
    /// The page may not.
    Refused(&'r HeaderValue),
}

/// The `origins` setting in force.
pub(crate) struct OriginRules {
    rules: Origins,
    told: Mutex<HashSet<String>>,
}

impl OriginRules {
    pub(super) fn new(rules: Origins) -> Self {
        Self { rules, told: Mutex::default() }
    }

    /// Whether every page may.
    pub(super) fn are_any(&self) -> bool {
        self.rules == Origins::Any
    }

    /// Decides about a request's origin. A request that names two is of neither.
    pub(crate) fn verdict<'r>(&self, headers: &'r HeaderMap) -> Verdict<'r> {
        let Some(origin) = headers.get(ORIGIN) else { return Verdict::NoOrigin };
        let host = headers.get(HOST).and_then(|host| host.to_str().ok());
        let is_one = headers.get_all(ORIGIN).iter().count() == 1;
        let allowed = is_one && origin.to_str().is_ok_and(|text| self.allows(text, host));
        if allowed { Verdict::Allowed(origin) } else { Verdict::Refused(origin) }
    }

    fn allows(&self, origin: &str, host: Option<&str>) -> bool {
        if !is_origin(origin) {
            return false;
        }
        match &self.rules {
            Origins::Any => true,
            Origins::Same => is_own(origin, host),
            Origins::List(list) => is_own(origin, host) || list.contains(&plain(origin)),
        }
    }

    /// Tells the log once of a refused origin, with the line that would allow it.
    pub(crate) fn tell_refused(&self, origin: &HeaderValue) {
        let Ok(origin) = origin.to_str() else { return };
        if !is_origin(origin) || !self.is_new(origin) {
            return;
        }
        let origin = plain(origin);
        let line = self.line_with(&origin);
        tracing::warn!(%origin, "a page of this origin was refused; to allow it, write in playhouse.toml: {line}");
    }

    fn is_new(&self, origin: &str) -> bool {
        let mut told = self.told.lock().expect("nothing panics while it holds this");
        told.len() < TOLD_MAX && told.insert(origin.to_owned())
    }

    fn line_with(&self, origin: &str) -> String {
        let others: &[String] = match &self.rules {
            Origins::List(list) => list,
            Origins::Same | Origins::Any => &[],
        };
        let all = others.iter().map(String::as_str).chain([origin]).map(|origin| format!("{origin:?}"));
        format!("websocket.server.origins = [{}]", all.collect::<Vec<_>>().join(", "))
    }
}

/// Whether a page is of the host that its request went to.
fn is_own(origin: &str, host: Option<&str>) -> bool {
    host.is_some_and(|host| is_of_host(origin, host))
}

/// An origin has a scheme, or is `null`; a percent sign is in none (primus.md, section 7).
fn is_origin(origin: &str) -> bool {
    let letters = !origin.contains('%') && !origin.contains(char::is_control) && origin.len() <= ORIGIN_MAX;
    let scheme =
        origin.split_once("://").is_some_and(|(scheme, host)| !scheme.is_empty() && !host.is_empty());
    letters && (scheme || origin == "null")
}

/// In lower case, without the scheme's own port and a slash at the end: as the setting keeps them.
fn plain(origin: &str) -> String {
    let lower = origin.to_ascii_lowercase();
    let bare = lower.strip_suffix('/').unwrap_or(&lower);
    let own_port = match bare.split_once("://") {
        Some(("http" | "ws", _)) => ":80",
        Some(("https" | "wss", _)) => ":443",
        Some(_) | None => return bare.to_owned(),
    };
    bare.strip_suffix(own_port).unwrap_or(bare).to_owned()
}

/// Whether an origin is of the host that the request went to. The scheme is not compared: behind a proxy
/// that speaks TLS we can't know which one the page was asked for with.
fn is_of_host(origin: &str, host: &str) -> bool {
    let plain = plain(origin);
    let Some((scheme, of_page)) = plain.split_once("://") else { return false };
    let host = host.to_ascii_lowercase();
    let own_port = if matches!(scheme, "https" | "wss") { ":443" } else { ":80" };
    of_page == host.strip_suffix(own_port).unwrap_or(&host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(rules: Origins, origin: &str, host: &str) -> bool {
        OriginRules::new(rules).allows(origin, Some(host))
    }

    fn list() -> Origins {
        Origins::List(vec!["https://a.example".into(), "http://b.example:81".into(), "null".into()])
    }

    #[test]
    fn any_page_with_a_proper_origin() {
        for (origin, allowed) in [
            ("http://other.example", true),
            ("null", true),
            ("file://x", true),
            ("other.example", false),
            ("http://%6fther.example", false),
            ("http://", false),
            ("://x", false),
            ("", false),
        ] {
            assert_eq!(allows(Origins::Any, origin, "h"), allowed, "{origin}");
        }
    }

    #[test]
    fn the_page_of_the_same_host() {
        for (origin, host, allowed) in [
            ("http://h.example", "h.example", true),
            ("https://h.example", "h.example", true),
            ("https://H.example", "h.EXAMPLE:443", true),
            ("http://h.example:80", "h.example", true),
            ("http://h.example:8080", "h.example:8080", true),
            ("http://h.example", "h.example:8080", false),
            ("http://h.example.evil", "h.example", false),
            ("http://evil-h.example", "h.example", false),
            ("null", "h.example", false),
        ] {
            assert_eq!(allows(Origins::Same, origin, host), allowed, "{origin} {host}");
        }
    }

    #[test]
    fn pages_of_the_list_and_of_the_same_host() {
        for (origin, allowed) in [
            ("https://a.example", true),
            ("HTTPS://A.example:443", true),
            ("http://a.example", false),
            ("https://a.example.evil", false),
            ("http://b.example:81", true),
            ("http://b.example", false),
            ("null", true),
            ("http://h.example", true),
        ] {
            assert_eq!(allows(list(), origin, "h.example"), allowed, "{origin}");
        }
    }

    #[test]
    fn without_an_origin_it_is_no_page() {
        let rules = OriginRules::new(Origins::Same);
        assert_eq!(rules.verdict(&HeaderMap::new()), Verdict::NoOrigin);
    }

    #[test]
    fn two_origins_are_refused_even_where_each_is_allowed() {
        let rules = OriginRules::new(Origins::Any);
        let origin = HeaderValue::from_static("http://a.example");
        let mut headers = HeaderMap::new();
        headers.append(ORIGIN, origin.clone());
        assert_eq!(rules.verdict(&headers), Verdict::Allowed(&origin));
        headers.append(ORIGIN, origin.clone());
        assert_eq!(rules.verdict(&headers), Verdict::Refused(&origin));
    }

    #[test]
    fn a_refusal_is_told_once_with_the_line_that_would_allow_it() {
        let rules = OriginRules::new(list());
        assert!(rules.is_new("http://x") && !rules.is_new("http://x"));
        assert_eq!(
            rules.line_with("http://x"),
            r#"websocket.server.origins = ["https://a.example", "http://b.example:81", "null", "http://x"]"#
        );
        for n in 0..200 {
            rules.is_new(&format!("http://{n}"));
        }
        assert_eq!(rules.told.lock().map(|told| told.len()).ok(), Some(TOLD_MAX));
    }
}

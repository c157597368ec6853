//! The head of a request, kept as one block of memory: method, target and headers.
//!
//! A connection keeps the head of its upgrade for its whole life. Hyper's `HeaderMap` would pin the buffer
//! that the request was read into (8 KiB and more); this is one allocation of just what is needed.

use std::fmt;
use std::sync::Arc;

/// Method, path, query and headers of the request that a connection began with.
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    /// `METHOD target\0name\0value\0name\0value\0…`; a NUL can't stand in any of them. Shared, as all
    /// connections of a session of socket.io began with the same request.
    block: Arc<str>,
    /// What its client said of itself behind the request, where the dialect lets it: raw JSON. Boxed twice: most clients say
    /// nothing, and each connection has the place for it.
    auth: Option<Box<Box<str>>>,
}

impl Head {
    /// Copies a head. Header values that are not UTF-8 are left out: no application could read them as text.
    pub fn new<'a>(
        method: &str,
        target: &str,
        headers: impl IntoIterator<Item = (&'a str, &'a [u8]), IntoIter: Clone>,
    ) -> Self {
        let headers = headers.into_iter();
        Self::from_lines(method, target, || headers.clone())
    }

    /// The same with headers that are looked over twice, so that the block is allocated once.
    pub fn from_lines<'a, I>(method: &str, target: &str, headers: impl Fn() -> I) -> Self
    where
        I: Iterator<Item = (&'a str, &'a [u8])>,
    {
        let lines: usize = headers().map(|(name, value)| name.len() + value.len() + 2).sum();
        let mut block = String::with_capacity(method.len() + target.len() + 2 + lines);
        block.push_str(method);
        block.push(' ');
        block.push_str(target);
        block.push('\0');
        for (name, value) in headers() {
            if let Ok(value) = std::str::from_utf8(value) {
                block.push_str(name);
                block.push('\0');
                block.push_str(value);
                block.push('\0');
            }
        }
        Self { block: block.into(), auth: None }
    }

    /// The same with what its client said of itself behind the request, as raw JSON.
    #[must_use]
    pub fn with_auth(mut self, auth: &str) -> Self {
        self.auth = Some(Box::new(auth.into()));
        self
    }

    /// What the client said of itself as it connected to a namespace of socket.io: a raw JSON object. A secret, often.
    #[must_use]
    pub fn auth(&self) -> Option<&str> {
        self.auth.as_deref().map(AsRef::as_ref)
    }

    fn line(&self) -> &str {
        self.block.split('\0').next().unwrap_or_default()
    }

    /// The method, in capitals.
    #[must_use]
    pub fn method(&self) -> &str {
        self.line().split(' ').next().unwrap_or_default()
    }

    /// Path and query as they were sent, still percent-encoded.
    #[must_use]
    pub fn target(&self) -> &str {
        self.line().split_once(' ').map_or("", |(_, target)| target)
    }

    /// The path, still percent-encoded.
    #[must_use]
    pub fn path(&self) -> &str {
        self.target().split('?').next().unwrap_or_default()
    }

    /// The query without its question mark, still percent-encoded.
    #[must_use]
    pub fn query(&self) -> &str {
        self.target().split_once('?').map_or("", |(_, query)| query)
    }

    /// All headers in the order in which they were sent.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut parts = self.block.split('\0').skip(1);
        std::iter::from_fn(move || Some((parts.next().filter(|name| !name.is_empty())?, parts.next()?)))
    }

    /// The first header of that name, in whatever letter case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The value of a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.headers()
            .filter(|(header, _)| header.eq_ignore_ascii_case("cookie"))
            .flat_map(|(_, value)| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value.trim_matches('"'))
    }
}

impl fmt::Debug for Head {
    /// Names what was asked for and not who asks: headers carry secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Head({} {})", self.method(), self.path())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head() -> Head {
        Head::new(
            "GET",
            "/primus?a=1&b=%20",
            [("Host", b"h".as_slice()), ("cookie", b"x=1; sessionID=abc"), ("bad", b"\xff"), ("Empty", b"")],
        )
    }

    #[test]
    fn gives_back_its_parts() {
        let head = head();
        assert_eq!((head.method(), head.path(), head.query()), ("GET", "/primus", "a=1&b=%20"));
        assert_eq!(head.header("HOST"), Some("h"));
        assert_eq!(head.header("empty"), Some(""));
        assert_eq!(head.header("bad"), None);
        assert_eq!(head.headers().count(), 3);
    }

    #[test]
    fn finds_cookies() {
        assert_eq!(head().cookie("sessionID"), Some("abc"));
        assert_eq!(head().cookie("session"), None);
    }

    #[test]
    fn debug_shows_no_secret() {
        assert_eq!(format!("{:?}", head()), "Head(GET /primus)");
    }
}

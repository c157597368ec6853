//! The page that clients load into a frame, as an answer that is kept for a year (sockjs.md, 3).

use super::answers;
use crate::http::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use http::{Response, StatusCode};
use playhouse_core::clock::Clock;
use playhouse_proto::sockjs::page::page;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The page; made once.
pub(in crate::http) struct Page {
    page: Bytes,
    tag: HeaderValue,
}

impl Page {
    /// The page that gets the client from this address.
    pub(in crate::http) fn new(script: &str) -> Self {
        let page = page(script);
        let mut hasher = DefaultHasher::new();
        page.hash(&mut hasher);
        let tag = format!("\"{:016x}\"", hasher.finish());
        Self { page: page.into(), tag: HeaderValue::try_from(tag).expect("hex in quotes") }
    }

    pub(super) fn answer(&self, asked: &HeaderMap, clock: &Clock) -> Response<Body> {
        let mut response = if self.is_known(asked) {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            let mut response = Response::new(Body::from(self.page.clone()));
            let html = HeaderValue::from_static("text/html; charset=UTF-8");
            response.headers_mut().insert(CONTENT_TYPE, html);
            response
        };
        response.headers_mut().insert(ETAG, self.tag.clone());
        answers::keep(response.headers_mut(), clock);
        response
    }

    /// Whether the client has it.
    fn is_known(&self, asked: &HeaderMap) -> bool {
        let lines = asked.get_all(IF_NONE_MATCH).iter().filter_map(|line| line.to_str().ok());
        let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
        tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == self.tag.as_bytes())
    }
}

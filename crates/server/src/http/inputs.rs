//! The parameters of a request: query first, then the body's, later ones win (actionhero.md, section 5.3).

use super::receive::{Bounds, NoBody, receive};
use super::{json, query};
use crate::link::HalfRead;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode};
use hyper::body::Body;
use playhouse_core::clock::Clock;
use playhouse_core::config::Config;
use playhouse_node::action::Params;
use serde_json::value::RawValue;
use std::collections::HashMap;

/// Why a request's parameters can't be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadInput {
    /// The body did not arrive as a whole.
    #[error(transparent)]
    NoBody(#[from] NoBody),
    /// It says that it is JSON and is not.
    #[error("the request's body is not valid JSON: {0}")]
    NotJson(String),
    /// Brackets in brackets.
    #[error("the request's body is JSON nested deeper than {DEPTH_MAX} levels")]
    TooDeep,
}

impl BadInput {
    /// The status that tells it.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::NoBody(NoBody::TooLarge(_)) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::NoBody(NoBody::TooSlow(_)) => StatusCode::REQUEST_TIMEOUT,
            Self::NoBody(NoBody::Crowded) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NoBody(NoBody::Broken) | Self::NotJson(_) | Self::TooDeep => StatusCode::BAD_REQUEST,
        }
    }

    /// Whether the connection can't be used again: the rest of the body would be taken for a request.
    pub(super) fn ends_connection(&self) -> bool {
        matches!(self, Self::NoBody(_))
    }
}

/// Adds the parameters of the query.
pub(super) fn read_query(request: &Parts, config: &Config, params: &mut Params) {
    let limits = query::Limits { pairs: config.limits.query_pairs, depth: config.limits.query_depth };
    query::read(request.uri.query().unwrap_or_default(), limits, params);
}

/// Adds the parameters of the body. `half_read` is what the whole node holds so.
///
/// # Errors
/// What is wrong with the body; `params` stay as they were.
pub(super) async fn read_body<B>(
    request: &Parts,
    body: B,
    (config, clock, half_read): (&Config, &Clock, &HalfRead),
    params: &mut Params,
) -> Result<(), BadInput>
where
    B: Body<Data = Bytes> + Unpin,
{
    let limits = &config.limits;
    let wanted = !matches!(request.method, Method::GET | Method::HEAD) && is_json(&request.headers);
    let bounds = Bounds { bytes: limits.http_fields, time: config.http.body_timeout, half_read };
    let body = receive(body, wanted, bounds, clock).await?;
    if body.is_empty() { Ok(()) } else { add_json(&body, params) }
}

fn is_json(headers: &HeaderMap) -> bool {
    let text = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// Brackets in brackets; what serde reads into a type is bounded by the same number.
const DEPTH_MAX: usize = 128;

/// Adds an object's fields; a list as `payload`. Scalars are ignored.
fn add_json(body: &[u8], params: &mut Params) -> Result<(), BadInput> {
    if json::is_deeper(body, DEPTH_MAX) {
        return Err(BadInput::TooDeep);
    }
    let raw: &RawValue =
        serde_json::from_slice(body).map_err(|error| BadInput::NotJson(error.to_string()))?;
    let raw = raw.get();
    match raw.as_bytes().first() {
        Some(b'[') => params.set_json("payload", raw),
        Some(b'{') => match numbered(raw) {
            Some(list) => params.set_json("payload", list),
            None => params.merge_json(raw),
        },
        Some(_) | None => {}
    }
    Ok(())
}

/// An object with the keys `0..n` is a list in disguise: some clients of the original send lists so.
fn numbered(raw: &str) -> Option<String> {
    let first = raw.strip_prefix('{')?.trim_start();
    if !first.starts_with("\"0\"") && !first.starts_with("\"1\"") {
        return None;
    }
    let fields: HashMap<String, &RawValue> = serde_json::from_str(raw).ok()?;
    let elements: Option<Vec<&str>> =
        (0..fields.len()).map(|n| fields.get(&n.to_string()).map(|value| value.get())).collect();
    Some(format!("[{}]", elements?.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use http::Request;
    use http_body_util::Full;
    use playhouse_node::action::Input;
    use std::time::Duration;

    fn shown(method: &str, target: &str, content_type: &str, body: &'static str) -> Result<String, BadInput> {
        let request = Request::builder().method(method).uri(target).header("content-type", content_type);
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let mut config = Config::default();
        config.limits.http_fields = 1_000;
        let (clock, _hand) = Clock::manual();
        let mut params = Params::default();
        let body = Full::new(Bytes::from_static(body.as_bytes()));
        let about = (&config, &clock, &HalfRead::new(1_000));
        read_query(&parts, &config, &mut params);
        read_body(&parts, body, about, &mut params).now_or_never().expect("all is there")?;
        let texts = params.iter().map(|(name, input)| match input {
            Input::Text(text) => format!("{name}={text}"),
            Input::Json(raw) => format!("{name}:{raw}"),
        });
        Ok(texts.collect::<Vec<_>>().join(" "))
    }

    const JSON: &str = "application/json; charset=utf-8";

    #[test]
    fn bodies_after_the_query() {
        for (body, expected) in [
            (r#"{"b":[1, "x"],"c":true}"#, r#"a=1 b:[1, "x"] c:true"#),
            (r#"{"a":5}"#, "a:5"),
            ("[1,2]", "a=1 payload:[1,2]"),
            (r#"{"0":"x","1":[2]}"#, r#"a=1 payload:["x",[2]]"#),
            (r#"{"1":"x","0":2}"#, r#"a=1 payload:[2,"x"]"#),
            (r#"{"0":"x","2":2}"#, r#"a=1 0:"x" 2:2"#),
            (r#"{"0":"x","n":2}"#, r#"a=1 0:"x" n:2"#),
            ("5", "a=1"),
            ("null", "a=1"),
            ("\"text\"", "a=1"),
            ("", "a=1"),
            ("{}", "a=1"),
        ] {
            assert_eq!(shown("POST", "/?a=1", JSON, body), Ok(expected.to_owned()), "{body}");
        }
    }

    #[test]
    fn bodies_that_nobody_reads() {
        assert_eq!(shown("GET", "/?a=1", JSON, "{bad"), Ok("a=1".to_owned()));
        assert_eq!(shown("POST", "/?a=1", "text/plain", r#"{"b":1}"#), Ok("a=1".to_owned()));
        assert_eq!(shown("POST", "/", "application/x-www-form-urlencoded", "b=1"), Ok(String::new()));
    }

    #[test]
    fn bodies_that_are_wrong() {
        for body in ["{bad", "{\"a\":1", "{} x", "\u{1}"] {
            let error = shown("POST", "/", JSON, body).unwrap_err();
            assert_eq!(
                (error.status(), error.ends_connection()),
                (StatusCode::BAD_REQUEST, false),
                "{error}"
            );
        }
        let deep = |levels| -> &'static str { ("[".repeat(levels) + &"]".repeat(levels)).leak() };
        assert!(shown("PUT", "/", JSON, deep(128)).is_ok());
        assert_eq!(shown("PUT", "/", JSON, deep(129)), Err(BadInput::TooDeep));
        let long: &'static str = " ".repeat(1_001).leak();
        let error = shown("POST", "/", JSON, long).unwrap_err();
        assert_eq!((error.status(), error.ends_connection()), (StatusCode::PAYLOAD_TOO_LARGE, true));
        let slow = BadInput::NoBody(NoBody::TooSlow(Duration::from_secs(1)));
        assert_eq!((slow.status().as_u16(), slow.to_string().contains("1000 ms")), (408, true));
    }
}

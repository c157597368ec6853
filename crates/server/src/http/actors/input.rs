//! What requests carry beside their bodies: connection parameters, which are plain JSON, and encodings.

use crate::dialect::actors::{Failure, codes as kinds, plain};
use http::HeaderMap;
use playhouse_core::value::Value;
use playhouse_proto::actors::Encoding;
use std::borrow::Cow;

/// The most characters of parameters that actor-core's clients may send (actors.md, section 11.2).
pub(super) const CORE_PARAMS_MAX: usize = 8_192;

/// Connection parameters from their JSON, which has no kinds of its own here: `["$BigInt","1"]` is a list.
///
/// # Errors
/// It is none.
pub(super) fn params(json: &str) -> Result<Value, Failure<'static>> {
    let bad = |error| Failure::new(&kinds::PARAMS, format!("the connection parameters: {error}"));
    plain::read(json.as_bytes()).map_err(bad)
}

/// The parameters of a call or a raw request: null without the header.
///
/// # Errors
/// They are no JSON.
pub(super) fn header_params(headers: &HeaderMap) -> Result<Value, Failure<'static>> {
    match headers.get("x-rivet-conn-params") {
        Some(value) => params(&text(value.as_bytes())),
        None => Ok(Value::Null),
    }
}

/// The encoding of a call: JSON without the header.
///
/// # Errors
/// It is none of ours.
pub(super) fn header_encoding(headers: &HeaderMap) -> Result<Encoding, Failure<'static>> {
    let Some(value) = headers.get("x-rivet-encoding") else { return Ok(Encoding::Json) };
    let found = value.to_str().ok().and_then(|name| Encoding::named(name.trim()));
    found.ok_or_else(|| {
        Failure::new(&kinds::ENCODING, "the header `x-rivet-encoding` is none of json, cbor and bare")
    })
}

/// A header's text: UTF-8, or else Latin-1, as `fetch` sends what it can.
pub(super) fn text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|byte| char::from(*byte)).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_utf8_or_latin1() {
        assert_eq!(text("ü".as_bytes()), "ü");
        assert_eq!(text(b"{\"n\":\"\xFC\"}"), "{\"n\":\"ü\"}");
    }

    #[test]
    fn parameters_are_plain() {
        let list = Value::List(vec![Value::text("$BigInt"), Value::text("1")]);
        assert_eq!(params(r#"["$BigInt","1"]"#).unwrap(), list);
        assert!(params("{").unwrap_err().is(&kinds::PARAMS));
        assert!(params(&"[".repeat(1_000)).unwrap_err().is(&kinds::PARAMS));
    }
}

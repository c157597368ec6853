//! What requests carry beside their bodies: connection parameters, which are plain JSON, and encodings.

use crate::dialect::actors::{Failure, codes as kinds, plain};
use http::HeaderMap;
use playhouse_core::config::Config;
use playhouse_core::value::{BadJson, Limits, PARAMS_DEPTH, Value};
use playhouse_proto::actors::Encoding;
use std::borrow::Cow;

/// The most characters of parameters that actor-core's clients may send (actors.md, section 11.2).
pub(super) const CORE_PARAMS_MAX: usize = 8_192;

/// Connection parameters from their JSON, which has no kinds of its own here: `["$BigInt","1"]` is a list.
///
/// # Errors
/// It is none, or too long or deep.
pub(super) fn params(json: &str, config: &Config) -> Result<Value, Failure<'static>> {
    let (len, max) = (json.len(), config.actors.params_size);
    if len > max {
        let text = format!(
            "`params`, the connection parameters, has {len} bytes; {max} are the most (`actors.params_size`)"
        );
        return Err(Failure::new(&kinds::LONG_PARAMS, text));
    }
    let limits = Limits { values: config.actors.message_values, depth: PARAMS_DEPTH };
    let bad = |error: BadJson| {
        Failure::new(&kinds::PARAMS, format!("`params`, the connection parameters: {error}"))
    };
    plain::read(json.as_bytes(), limits).map_err(bad)
}

/// The parameters of a call or a raw request: null without the header.
///
/// # Errors
/// They are no JSON, or too long or deep.
pub(super) fn header_params(headers: &HeaderMap, config: &Config) -> Result<Value, Failure<'static>> {
    match headers.get("x-rivet-conn-params") {
        Some(value) => params(&text(value.as_bytes()), config),
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
        let params = |json: &str| params(json, &Config::default());
        assert_eq!(params(r#"["$BigInt","1"]"#).unwrap(), list);
        assert!(params("{").unwrap_err().is(&kinds::PARAMS));
        assert!(params(&"[".repeat(1_000)).unwrap_err().is(&kinds::PARAMS));
    }

    #[test]
    fn parameters_have_a_size_and_a_depth() {
        let mut config = Config::default();
        config.actors.params_size = 1_024;
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(params(&nested(PARAMS_DEPTH), &config).is_ok());
        let deep = params(&nested(PARAMS_DEPTH + 1), &config).unwrap_err();
        assert!(deep.is(&kinds::PARAMS) && deep.message.contains("deeper than 64"), "{deep:?}");
        let long = |len| params(&format!("\"{}\"", "x".repeat(len)), &config);
        assert!(long(1_022).is_ok());
        let refused = long(1_023).unwrap_err();
        assert!(
            refused.is(&kinds::LONG_PARAMS) && refused.message.contains("`actors.params_size`"),
            "{refused:?}"
        );
    }
}

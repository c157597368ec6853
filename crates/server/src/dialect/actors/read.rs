//! What both families' messages are read with: trees of values whose parts are taken out by name.
//!
//! Knows no message.

use super::codes::{self, Kind};
use super::value;
use playhouse_core::value::{BadJson, DEPTH, Limits, Value};
use playhouse_proto::actors::Encoding;
use playhouse_proto::actors::bare;
use std::fmt;

/// Why a message can't be read. For the log, and for those who get a body back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable {
    /// What such a message is called.
    pub(crate) kind: &'static Kind,
    what: String,
}

impl Unreadable {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self { kind: &codes::MALFORMED, what: what.into() }
    }

    fn too_large(what: impl Into<String>) -> Self {
        Self { kind: &codes::INCOMING, what: what.into() }
    }

    /// Something is not there, or of another kind.
    pub(super) fn lacks(name: &str, wanted: &str) -> Self {
        Self::new(format!("`{name}` must be {wanted}"))
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl From<value::BadValue> for Unreadable {
    fn from(bad: value::BadValue) -> Self {
        match bad {
            value::BadValue::TooMany(_) => Self::too_large(bad.to_string()),
            value::BadValue::Malformed(_) | value::BadValue::Big(_) => Self::new(bad.to_string()),
        }
    }
}

impl From<BadJson> for Unreadable {
    fn from(bad: BadJson) -> Self {
        match bad {
            BadJson::TooMany(_) => Self::too_large(bad.to_string()),
            BadJson::Malformed(_) => Self::new(bad.to_string()),
        }
    }
}

impl From<bare::Malformed> for Unreadable {
    fn from(bad: bare::Malformed) -> Self {
        Self::new(bad.to_string())
    }
}

/// What a message with so many values at most may be.
pub(super) fn limits(values: usize) -> Limits {
    Limits { values, depth: DEPTH }
}

/// A tree of a message that is JSON or CBOR as a whole.
pub(super) fn tree(encoding: Encoding, bytes: &[u8], values: usize) -> Result<Value, Unreadable> {
    match encoding {
        Encoding::Json => Ok(Value::from_json_within(bytes, limits(values))?),
        Encoding::Cbor | Encoding::Bare => Ok(value::read(bytes, values)?),
    }
}

/// Takes a part out of a map.
pub(super) fn part(map: &mut Value, name: &str) -> Option<Value> {
    let Value::Map(entries) = map else { return None };
    let at = entries.iter().position(|(key, _)| key.as_text() == Some(name))?;
    Some(std::mem::take(&mut entries[at].1))
}

/// A text.
pub(super) fn text(map: &mut Value, name: &str) -> Result<String, Unreadable> {
    match part(map, name) {
        Some(Value::Text(text)) => Ok(text.into()),
        _ => Err(Unreadable::lacks(name, "a text")),
    }
}

/// Yes or no.
pub(super) fn flag(map: &mut Value, name: &str) -> Result<bool, Unreadable> {
    match part(map, name) {
        Some(Value::Bool(is)) => Ok(is),
        _ => Err(Unreadable::lacks(name, "true or false")),
    }
}

/// A list of any values.
pub(super) fn list(map: &mut Value, name: &str) -> Result<Vec<Value>, Unreadable> {
    match part(map, name) {
        Some(Value::List(items)) => Ok(items),
        _ => Err(Unreadable::lacks(name, "a list")),
    }
}

/// The id of a call: a whole number of either kind.
pub(super) fn id(map: &mut Value, name: &str) -> Result<u64, Unreadable> {
    let id = match part(map, name) {
        Some(Value::Int(number)) => u64::try_from(number).ok(),
        Some(Value::Big(number)) => u64::try_from(number).ok(),
        Some(Value::Float(number)) => exact(number),
        _ => None,
    };
    id.ok_or_else(|| Unreadable::lacks(name, "a whole number from 0 to 2^64-1"))
}

/// Beyond 2^32 actor-core's ids arrive as doubles; none of theirs is beyond 2^53.
fn exact(number: f64) -> Option<u64> {
    let fits = number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it was looked at")]
    fits.then_some(number as u64)
}

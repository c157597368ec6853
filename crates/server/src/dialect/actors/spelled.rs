//! What rivetkit 2.3 does to values in BARE: kinds are spelled in CBOR as they are in JSON, and read so from it, although CBOR
//! has them. Kinds as they are it reads, too, so that only a list that looks like a spelling has to be told from one.
//!
//! Source: `encodeCborCompat` and `decodeCborCompat` of 2.3.19, as seen on the wire.

use super::read::Unreadable;
use super::{Said, rivet};
use playhouse_core::value::Value;
use playhouse_proto::actors::Encoding;
use std::borrow::Cow;

/// Arguments as their client means them.
pub(super) fn read(args: Vec<Value>) -> Result<Vec<Value>, Unreadable> {
    // As a whole: two arguments of which the first is a text with `$` have one more, as any list of theirs.
    match Value::List(args).unspelled().map_err(|error| Unreadable::new(error.to_string()))? {
        Value::List(args) => Ok(args),
        _ => Err(Unreadable::lacks("args", "a list")),
    }
}

/// Appends a message to a client, without a frame.
pub(super) fn write(encoding: Encoding, out: &mut Vec<u8>, said: &Said<'_>) {
    match *said {
        Said::Response { id, output } => {
            rivet::write(encoding, out, &Said::Response { id, output: &marked(output) });
        }
        Said::Event { name, args } => {
            let args = mark_list(args);
            rivet::write(encoding, out, &Said::Event { name, args: &args });
        }
        Said::Init { .. } | Said::Error { .. } => rivet::write(encoding, out, said),
    }
}

/// The same value with a `$` more in lists that would be read as spellings. Nearly no value has any.
pub(super) fn marked(value: &Value) -> Cow<'_, Value> {
    if has_marks(value) { Cow::Owned(mark(value)) } else { Cow::Borrowed(value) }
}

fn looks_spelled(items: &[Value]) -> bool {
    matches!(items, [Value::Text(name), _] if name.starts_with('$'))
}

fn has_marks(value: &Value) -> bool {
    match value {
        Value::List(items) => looks_spelled(items) || items.iter().any(has_marks),
        Value::Map(entries) => entries.iter().any(|(key, value)| has_marks(key) || has_marks(value)),
        Value::Tagged(_, value) => has_marks(value),
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::Big(_)
        | Value::Text(_)
        | Value::Bytes(_) => false,
    }
}

fn mark(value: &Value) -> Value {
    match value {
        Value::List(items) => Value::List(mark_list(items)),
        Value::Map(entries) => {
            Value::Map(entries.iter().map(|(key, value)| (mark(key), mark(value))).collect())
        }
        Value::Tagged(tag, value) => Value::Tagged(*tag, Box::new(mark(value))),
        plain => plain.clone(),
    }
}

fn mark_list(items: &[Value]) -> Vec<Value> {
    match items {
        [Value::Text(name), second] if name.starts_with('$') => {
            vec![Value::text(&["$", name].concat()), mark(second)]
        }
        items => items.iter().map(mark).collect(),
    }
}

//! Bytes as an input and in a result.

use super::input::check::Length;
use super::shape::{JsonSchema, Schema, SchemaGenerator};
use playhouse_core::value::bytes;
use schemars::json_schema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

/// Bytes: an input, a field of `#[data]`, a part of what is said.
///
/// Clients of socket.io and of actors send and get them as bytes. In JSON they are `{"$base64":"AP8="}`; base64 as a text
/// is taken, too, with or without its padding and also in the alphabet for URLs, so that a query or a form can carry
/// them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Bytes(#[serde(with = "bytes")] pub Vec<u8>);

impl JsonSchema for Bytes {
    fn schema_name() -> Cow<'static, str> {
        "Bytes".into()
    }

    fn schema_id() -> Cow<'static, str> {
        concat!(module_path!(), "::Bytes").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Bytes. In JSON an object with their base64; clients of socket.io send and get bytes.",
            "type": "object",
            "properties": { bytes::KEY: { "type": "string", "contentEncoding": "base64" } },
            "required": [bytes::KEY],
            "additionalProperties": false
        })
    }
}

impl Length for Bytes {
    fn length(&self) -> usize {
        self.0.len()
    }
}

impl Deref for Bytes {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for Bytes {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<&[u8]> for Bytes {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<Bytes> for Vec<u8> {
    fn from(bytes: Bytes) -> Self {
        bytes.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::action::Input;
    use crate::action::input::{Parse, parse};

    #[test]
    fn come_as_json_and_as_a_text() {
        let bytes = Bytes(vec![0xfb, 0xff]);
        assert_eq!(parse(Input::Json(r#"{"$base64":"+/8="}"#)), Ok(bytes.clone()));
        assert_eq!(parse(Input::Text("-_8")), Ok(bytes));
        assert_eq!(parse::<Bytes>(Input::Text("no base64")), Err(Parse::Mismatch));
        assert_eq!(parse::<Bytes>(Input::Json("{}")), Err(Parse::Mismatch));
    }
}

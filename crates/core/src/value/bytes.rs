//! Bytes as a field: `#[serde(with = "playhouse_core::value::bytes")]`.
//!
//! In a format for people (JSON) they are `{"$base64":"AP8="}`, which clients of socket.io get and send as bytes
//! (socketio.md, part 2); among values and in formats of machines they are bytes. Base64 by itself is taken, too: what
//! comes in a query or a form is a text, and may be written for URLs or without its padding there.

use super::mark;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::general_purpose::{self, GeneralPurpose, GeneralPurposeConfig};
use base64::engine::{DecodePaddingMode, Engine};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::fmt;

/// The one key of the object that stands for bytes.
pub const KEY: &str = "$base64";

const LENIENT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LENIENT);
const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LENIENT);

/// Writes bytes.
///
/// # Errors
/// Those of the format.
pub fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_newtype_struct(mark::VALUE, &Inside(bytes))
}

/// The bytes, for a serializer that has seen the mark, or that does not care.
struct Inside<'a>(&'a [u8]);

impl Serialize for Inside<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !serializer.is_human_readable() {
            return serializer.serialize_bytes(self.0);
        }
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(KEY, &general_purpose::STANDARD.encode(self.0))?;
        map.end()
    }
}

/// Reads bytes.
///
/// # Errors
/// When there is anything else.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    deserializer.deserialize_any(Reader)
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Vec<u8>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("bytes: {\"$base64\":\"…\"}, or base64 as a text")
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
        Ok(bytes.to_vec())
    }

    fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
        Ok(bytes)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<u8>, E> {
        let is_for_urls = text.bytes().any(|byte| matches!(byte, b'-' | b'_'));
        let engine = if is_for_urls { FOR_URLS } else { PLAIN };
        engine.decode(text).map_err(|odd| E::custom(format_args!("this is no base64: {odd}")))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<u8>, A::Error> {
        let alone = || A::Error::custom("bytes are an object with the one key `$base64`");
        let (key, text) = map.next_entry::<String, String>()?.ok_or_else(alone)?;
        if key != KEY || map.next_key::<String>()?.is_some() {
            return Err(alone());
        }
        self.visit_str(&text)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<u8>, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = list.next_element()? {
            bytes.push(byte);
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use crate::value::{Value, from_value, to_value};
    use serde::{Deserialize, Serialize};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(transparent)]
    struct Bytes(#[serde(with = "super")] Vec<u8>);

    fn read(json: &str) -> Option<Vec<u8>> {
        serde_json::from_str::<Bytes>(json).ok().map(|bytes| bytes.0)
    }

    #[test]
    fn json_has_one_form_and_takes_more() {
        assert_eq!(serde_json::to_string(&Bytes(vec![0, 255])).unwrap(), r#"{"$base64":"AP8="}"#);
        let taken = [r#"{"$base64":"AP8="}"#, r#""AP8=""#, r#""AP8""#, "[0,255]"];
        assert!(taken.iter().all(|json| read(json) == Some(vec![0, 255])));
        assert_eq!(read(r#""-_8=""#), Some(vec![0xfb, 0xff]));
        assert_eq!(read(r#"{"$base64":""}"#), Some(vec![]));
    }

    #[test]
    fn anything_else_is_refused() {
        let odd = ["null", "5", r#""A""#, r#""%%""#, "{}", r#"{"$base64":5}"#, "[256]"];
        let more =
            [r#"{"base64":"AP8="}"#, r#"{"$base64":"AP8=","a":1}"#, r#"{"$base64":"AP8=","$base64":""}"#];
        for json in odd.into_iter().chain(more) {
            assert_eq!(read(json), None, "{json}");
        }
    }

    #[test]
    fn among_values_they_are_bytes() {
        let bytes = Bytes(vec![1, 2, 3]);
        let value = to_value(&bytes).unwrap();
        assert_eq!(value, Value::Bytes(vec![1, 2, 3]));
        assert_eq!(from_value::<Bytes>(value).unwrap(), bytes);
    }
}

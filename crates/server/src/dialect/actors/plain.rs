//! JSON without kinds of its own: connection parameters, and all of actor-core's messages (actors.md, sections 4.3 and 11.2).

use super::put;
use playhouse_core::json::push_str;
use playhouse_core::value::Value;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Reads a value. `["$BigInt","1"]` is a list here.
///
/// # Errors
/// What is wrong with it, in words.
pub(crate) fn read(json: &[u8]) -> Result<Value, String> {
    let plain: Plain = serde_json::from_slice(json).map_err(|error| error.to_string())?;
    Ok(plain.0)
}

/// A value that is read as it stands, its keys in their order. How deep it may be is serde_json's limit, 128.
struct Plain(Value);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Value, E> {
        Ok(Value::Bool(is))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Int(number))
    }

    #[expect(clippy::cast_precision_loss, reason = "a double is what the number was on its wire")]
    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(i64::try_from(number).map_or(Value::Float(number as f64), Value::Int))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Plain(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((Plain(key), Plain(value))) = map.next_entry()? {
            entries.push((key, value));
        }
        Ok(Value::Map(entries))
    }
}

/// Appends a value. What JSON lacks is written as what is nearest to it: a big integer as its digits, bytes as a list of
/// numbers.
pub(super) fn put_value(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {
            serde_json::to_writer(out, value).expect("a Vec takes every write");
        }
        Value::Text(text) => push_str(out, text),
        Value::Big(number) => push_str(out, &number.to_string()),
        Value::Bytes(bytes) => {
            serde_json::to_writer(out, bytes).expect("a Vec takes every write");
        }
        Value::List(items) => put_list(out, items),
        Value::Map(entries) => put_map(out, entries),
        Value::Tagged(_, value) => put_value(out, value),
    }
}

/// Appends a list of values.
pub(super) fn put_list(out: &mut Vec<u8>, items: &[Value]) {
    out.push(b'[');
    for (nth, item) in items.iter().enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        put_value(out, item);
    }
    out.push(b']');
}

fn put_map(out: &mut Vec<u8>, entries: &[(Value, Value)]) {
    out.push(b'{');
    for (nth, (key, value)) in entries.iter().enumerate() {
        if nth > 0 {
            out.push(b',');
        }
        match key {
            Value::Text(key) => push_str(out, key),
            key => {
                let mut text = Vec::new();
                put_value(&mut text, key);
                push_str(out, &String::from_utf8_lossy(&text));
            }
        }
        put(out, ":");
        put_value(out, value);
    }
    out.push(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for json in [
            r#"[["$x",1],["$$x",1],["$BigInt","1"]]"#,
            r#"{"b":0,"a":[1,-1.5,null,true,"\u0001\""]}"#,
            "4294967296",
        ] {
            let mut out = Vec::new();
            put_value(&mut out, &read(json.as_bytes()).unwrap());
            assert_eq!(String::from_utf8(out).unwrap(), json);
        }
    }

    #[test]
    fn what_json_lacks() {
        let all = Value::List(vec![
            Value::Big(7.into()),
            Value::Bytes(vec![0, 255]),
            Value::Tagged(1, Box::new(0.into())),
        ]);
        let mut out = Vec::new();
        put_value(&mut out, &Value::Map(vec![(1.into(), all)]));
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"1":["7",[0,255],0]}"#);
    }

    #[test]
    fn depth_has_a_limit() {
        assert!(read("[".repeat(100_000).as_bytes()).is_err());
    }
}

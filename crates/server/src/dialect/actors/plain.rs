//! JSON without kinds of its own: connection parameters, and all of actor-core's messages (actors.md, sections 4.3 and 11.2).

use super::put;
use playhouse_core::json::push_str;
use playhouse_core::value::{BadJson, Count, Limits, Value};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Reads a value. `["$BigInt","1"]` is a list here.
///
/// # Errors
/// What is wrong with it, or that it is over a limit.
pub(crate) fn read(json: &[u8], limits: Limits) -> Result<Value, BadJson> {
    let count = Count::new(limits.values);
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let read =
        Reader { limit: limits.depth, depth: limits.depth, count: &count }.deserialize(&mut deserializer);
    let read = read.and_then(|value| deserializer.end().map(|()| value));
    // What the reader says of too many is an error of JSON's, too.
    count.within()?;
    Ok(read?)
}

/// Reads a value as it stands, its keys in their order.
#[derive(Clone, Copy)]
struct Reader<'c> {
    /// How deep it may be in all, and from here. serde_json's own limit is 128.
    limit: usize,
    depth: usize,
    count: &'c Count,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.count.one().map_err(D::Error::custom)?;
        deserializer.deserialize_any(self)
    }
}

impl Reader<'_> {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1);
        let depth =
            depth.ok_or_else(|| E::custom(format_args!("deeper than {} lists and maps", self.limit)))?;
        Ok(Self { depth, ..self })
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
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
        let (inner, mut items) = (self.deeper()?, Vec::new());
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        Ok(Value::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let (inner, mut entries) = (self.deeper()?, Vec::new());
        while let Some((key, value)) = map.next_entry_seed(inner, inner)? {
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
    use playhouse_core::value::DEPTH;

    const LIMITS: Limits = Limits { values: 1_000, depth: DEPTH };

    #[test]
    fn what_is_read_is_written_the_same() {
        for json in [
            r#"[["$x",1],["$$x",1],["$BigInt","1"]]"#,
            r#"{"b":0,"a":[1,-1.5,null,true,"\u0001\""]}"#,
            "4294967296",
        ] {
            let mut out = Vec::new();
            put_value(&mut out, &read(json.as_bytes(), LIMITS).unwrap());
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
        assert!(read("[".repeat(100_000).as_bytes(), LIMITS).is_err());
        let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let flat = Limits { depth: 64, ..LIMITS };
        assert!(read(nested(64).as_bytes(), flat).is_ok());
        let odd = read(nested(65).as_bytes(), flat).unwrap_err().to_string();
        assert!(odd.starts_with("deeper than 64 lists and maps"), "{odd}");
    }

    #[test]
    fn values_are_counted() {
        for (json, values) in [("1", 1), ("[1,[2]]", 4), (r#"{"a":{"b":1}}"#, 5)] {
            assert!(read(json.as_bytes(), Limits { values, ..LIMITS }).is_ok(), "{json}");
            let many = read(json.as_bytes(), Limits { values: values - 1, ..LIMITS });
            assert!(matches!(many, Err(BadJson::TooMany(_))), "{json}");
        }
    }
}

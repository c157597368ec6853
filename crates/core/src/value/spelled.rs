//! Values in serde's own model: what [`Value`] is inside a larger type, in JSON and on the way to another value.
//!
//! In a format for people (JSON) the kinds that it lacks are spelled out: `["$BigInt","12"]`, `["$Uint8Array","AP8="]`,
//! `["$Set",[..]]`, `["$Tag<n>",value]`; a list of two that begins with a text with `$` gets one more `$`. Source:
//! actors.md, section 4.3, and rivetkit 2.3.19 for sets and `["$Undefined",0]`, which is read as nothing (the tag is ours:
//! on that wire it never occurs, as only CBOR has tags).

use super::{BadJson, BigInt, Count, DEPTH, Limits, Value, ValueError, mark};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use compact_str::CompactString;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeTuple, Serializer};
use std::fmt;

/// CBOR's tag of a set.
const SET: u64 = 258;

/// The most digits that a big integer may have in JSON: reading them takes the square of their number.
const DIGITS: usize = 4_096;

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(mark::VALUE, &Inside(self))
    }
}

/// What a value is made of, for a serializer that has seen the mark, or that does not care.
struct Inside<'a>(&'a Value);

impl Serialize for Inside<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let spell = serializer.is_human_readable();
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(v) => serializer.serialize_bool(*v),
            Value::Int(v) => serializer.serialize_i64(*v),
            Value::Float(v) => serializer.serialize_f64(*v),
            Value::Text(v) => serializer.serialize_str(v),
            Value::Big(v) if spell => pair(serializer, "$BigInt", &v.to_string()),
            Value::Big(v) => serializer.serialize_newtype_struct(mark::BIG, &v.to_string()),
            Value::Bytes(v) if spell => pair(serializer, "$Uint8Array", &STANDARD.encode(v)),
            Value::Bytes(v) => serializer.serialize_bytes(v),
            Value::Tagged(SET, v) if spell => pair(serializer, "$Set", &Inside(v)),
            Value::Tagged(tag, v) if spell => pair(serializer, &format!("$Tag{tag}"), &Inside(v)),
            Value::Tagged(tag, v) => {
                serializer.serialize_newtype_struct(mark::TAGGED, &(tag.cast_signed(), Inside(v)))
            }
            Value::List(items) => list(serializer, items, spell),
            Value::Map(entries) => map(serializer, entries, spell),
        }
    }
}

fn pair<S: Serializer>(
    serializer: S,
    name: &str,
    value: &(impl Serialize + ?Sized),
) -> Result<S::Ok, S::Error> {
    let mut pair = serializer.serialize_tuple(2)?;
    pair.serialize_element(name)?;
    pair.serialize_element(value)?;
    pair.end()
}

fn list<S: Serializer>(serializer: S, items: &[Value], spell: bool) -> Result<S::Ok, S::Error> {
    if let ([Value::Text(name), second], true) = (items, spell)
        && name.starts_with('$')
    {
        return pair(serializer, &format!("${name}"), &Inside(second));
    }
    let mut list = serializer.serialize_seq(Some(items.len()))?;
    for item in items {
        list.serialize_element(&Inside(item))?;
    }
    list.end()
}

fn map<S: Serializer>(serializer: S, entries: &[(Value, Value)], spell: bool) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(entries.len()))?;
    for (key, value) in entries {
        match key {
            // JSON has texts for keys only.
            key if spell && key.as_text().is_none() => map.serialize_key(&spelled_key(key))?,
            key => map.serialize_key(&Inside(key))?,
        }
        map.serialize_value(&Inside(value))?;
    }
    map.end()
}

fn spelled_key(key: &Value) -> String {
    match key {
        Value::Int(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(is) => is.to_string(),
        Value::Big(number) => number.to_string(),
        other => String::from_utf8(other.to_json()).unwrap_or_default(),
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let reader = Reader { spelled: true, limit: DEPTH, depth: DEPTH, count: None };
        deserializer.deserialize_newtype_struct(mark::VALUE, reader)
    }
}

/// Reads JSON within limits.
pub(super) fn read_within(json: &[u8], limits: Limits) -> Result<Value, BadJson> {
    within(json, limits, |reader, json| serde::de::DeserializeSeed::deserialize(reader, json))
}

/// The same for a list of values.
pub(super) fn read_list_within(json: &[u8], limits: Limits) -> Result<Vec<Value>, BadJson> {
    within(json, limits, |reader, json| json.deserialize_seq(Items(reader)))
}

type Json<'j> = serde_json::Deserializer<serde_json::de::SliceRead<'j>>;

fn within<'j, T>(
    json: &'j [u8],
    limits: Limits,
    read: impl FnOnce(Reader<'_>, &mut Json<'j>) -> serde_json::Result<T>,
) -> Result<T, BadJson> {
    let Limits { values, depth } = limits;
    let count = Count::new(values);
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let reader = Reader { spelled: true, limit: depth, depth, count: Some(&count) };
    let read = read(reader, &mut deserializer);
    let read = read.and_then(|value| deserializer.end().map(|()| value));
    // What the reader says of too many is an error of JSON's, too.
    count.within()?;
    Ok(read?)
}

/// Reads a list of values, which is no value itself.
struct Items<'c>(Reader<'c>);

impl<'de> Visitor<'de> for Items<'_> {
    type Value = Vec<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<Self::Value, S::Error> {
        let reader = self.0.deeper()?;
        let mut read = Vec::new();
        while let Some(item) = items.next_element_seed(reader)? {
            read.push(item);
        }
        Ok(read)
    }
}

/// Reads what [`Inside`] wrote. `spelled` until it turns out that values themselves are read.
#[derive(Clone, Copy)]
struct Reader<'c> {
    spelled: bool,
    /// How deep it may go in all, and from here.
    limit: usize,
    depth: usize,
    /// Of what comes from outside.
    count: Option<&'c Count>,
}

impl<'de> serde::de::DeserializeSeed<'de> for Reader<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.count.map_or(Ok(()), Count::one).map_err(D::Error::custom)?;
        deserializer.deserialize_any(self)
    }
}

impl Reader<'_> {
    fn deeper<E: serde::de::Error>(self) -> Result<Self, E> {
        let depth = self.depth.checked_sub(1);
        let depth =
            depth.ok_or_else(|| E::custom(format_args!("deeper than {} lists and maps", self.limit)))?;
        Ok(Self { depth, ..self })
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let spelled = deserializer.is_human_readable();
        deserializer.deserialize_any(Self { spelled, ..self })
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, v: bool) -> Result<Value, E> {
        Ok(Value::Bool(v))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Value, E> {
        Ok(Value::Int(v))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Value, E> {
        // What JSON writes without a fraction is a number there, however large.
        #[expect(clippy::cast_precision_loss, reason = "a double is what the number was on its wire")]
        Ok(i64::try_from(v).map_or(Value::Float(v as f64), Value::Int))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Value, E> {
        Ok(Value::Float(v))
    }

    fn visit_str<E>(self, v: &str) -> Result<Value, E> {
        Ok(Value::text(v))
    }

    fn visit_string<E>(self, v: String) -> Result<Value, E> {
        Ok(Value::Text(CompactString::from(v)))
    }

    fn visit_byte_buf<E>(self, v: Vec<u8>) -> Result<Value, E> {
        Ok(Value::Bytes(v))
    }

    fn visit_bytes<E>(self, v: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(v.to_vec()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut items = Vec::with_capacity(seq.size_hint().unwrap_or_default().min(1024));
        while let Some(item) = seq.next_element_seed(inner)? {
            items.push(item);
        }
        if self.spelled { unspell(items).map_err(A::Error::custom) } else { Ok(Value::List(items)) }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut entries = Vec::with_capacity(map.size_hint().unwrap_or_default().min(1024));
        while let Some(key) = map.next_key_seed(inner)? {
            let value = map.next_value_seed(inner)?;
            match key.as_text() {
                Some(mark::BIG) if !self.spelled => return big(&value).map_err(A::Error::custom),
                Some(mark::TAGGED) if !self.spelled => return tagged(value).map_err(A::Error::custom),
                _ => entries.push((key, value)),
            }
        }
        Ok(Value::Map(entries))
    }
}

impl Value {
    /// The value that this one spells: for wires where a client spells kinds that it could write as they are, as rivetkit
    /// 2.3 does in CBOR.
    ///
    /// # Errors
    /// A list that looks like the spelling of a kind, and is none.
    pub fn unspelled(self) -> Result<Self, ValueError> {
        match self {
            Self::List(items) => {
                let items: Result<_, _> = items.into_iter().map(Self::unspelled).collect();
                unspell(items?).map_err(ValueError::new)
            }
            Self::Map(entries) => {
                let each = |(key, value): (Self, Self)| Ok((key.unspelled()?, value.unspelled()?));
                entries.into_iter().map(each).collect::<Result<_, _>>().map(Self::Map)
            }
            Self::Tagged(tag, value) => Ok(Self::Tagged(tag, Box::new(value.unspelled()?))),
            plain @ (Self::Null
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::Big(_)
            | Self::Text(_)
            | Self::Bytes(_)) => Ok(plain),
        }
    }
}

/// Undoes the spelling of a list, where it is one.
fn unspell(mut items: Vec<Value>) -> Result<Value, String> {
    let name = match &items[..] {
        [Value::Text(name), _] if name.starts_with('$') => name.clone(),
        _ => return Ok(Value::List(items)),
    };
    let second = items.pop().unwrap_or_default();
    if let Some(own) = name.strip_prefix('$').filter(|own| own.starts_with('$')) {
        return Ok(Value::List(vec![Value::text(own), second]));
    }
    match (&*name, second.as_text()) {
        ("$BigInt", Some(_)) => big(&second),
        ("$Uint8Array" | "$ArrayBuffer", Some(text)) => STANDARD
            .decode(text)
            .map(Value::Bytes)
            .map_err(|error| format!("`{name}` without base64: {error}")),
        ("$Undefined", _) => Ok(Value::Null),
        ("$Set", _) => Ok(Value::Tagged(SET, Box::new(second))),
        _ => match name.strip_prefix("$Tag").and_then(|tag| tag.parse().ok()) {
            Some(tag) => Ok(Value::Tagged(tag, Box::new(second))),
            None => Err(format!(
                "`{name}` is no kind of value; a list that begins so is written `[\"${name}\", ..]`"
            )),
        },
    }
}

/// The big integer that a text is the digits of.
pub(super) fn big(digits: &Value) -> Result<Value, String> {
    let digits = digits.as_text().unwrap_or_default();
    if digits.len() > DIGITS {
        return Err(format!("a big integer of {} digits; {DIGITS} are the most", digits.len()));
    }
    let number: Result<BigInt, _> = digits.parse();
    number.map(Value::Big).map_err(|_| format!("`{digits}` is no big integer"))
}

/// The tagged value that a pair of tag and value is.
pub(super) fn tagged(pair: Value) -> Result<Value, String> {
    match pair {
        Value::List(pair) => match <[Value; 2]>::try_from(pair) {
            Ok([Value::Int(tag), value]) => Ok(Value::Tagged(tag.cast_unsigned(), Box::new(value))),
            Ok(_) | Err(_) => Err("no tagged value".into()),
        },
        _ => Err("no tagged value".into()),
    }
}

//! The parameters of one call: names and values, each still in the form in which it arrived.

use compact_str::CompactString;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// One value as it arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// Raw JSON.
    Json(&'a str),
    /// Text of a query, a form or a path; it becomes a number or a boolean where the type asks for it.
    Text(&'a str),
}

impl Input<'_> {
    /// Whether the value counts as missing: `null` or an empty text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Json(raw) => matches!(*raw, "null" | "\"\""),
            Self::Text(text) => text.is_empty(),
        }
    }
}

#[derive(Clone, Debug)]
enum Held {
    /// Where it stands in the source.
    Json(Range<u32>),
    Own(Box<str>),
    Text(Box<str>),
}

impl Held {
    fn part(start: usize, len: usize) -> Self {
        let place = |at| u32::try_from(at).expect("it lies in a source of that size");
        Self::Json(place(start)..place(start + len))
    }
}

/// All parameters of a call.
#[derive(Clone, Debug, Default)]
pub struct Params {
    /// The raw JSON object they came in, kept once; the entries point into it.
    source: Box<str>,
    entries: Vec<(CompactString, Held)>,
}

impl Params {
    /// Reads raw JSON. What is not an object has no parameters: a caller that sends a text or a list is told
    /// what it is missing, not that its JSON is of another kind.
    #[must_use]
    pub fn from_json(raw: &str) -> Self {
        let mut params = Self::default();
        params.merge_json(raw);
        params
    }

    /// Adds the fields of a raw JSON object; later ones win. Anything else changes nothing.
    pub fn merge_json(&mut self, raw: &str) {
        let mut deserializer = serde_json::Deserializer::from_str(raw);
        let Ok(fields) = deserializer.deserialize_any(Fields) else { return };
        // The values of the first object are parts of it, so that their place there is enough.
        let base = raw.as_ptr().addr();
        let keeps = self.entries.is_empty() && u32::try_from(raw.len()).is_ok();
        if keeps {
            self.source = raw.into();
            self.entries.reserve_exact(fields.len());
        }
        for (name, value) in fields {
            let start = value.as_ptr().addr() - base;
            let held = if keeps { Held::part(start, value.len()) } else { Held::Own(value.into()) };
            self.put(&name, held);
        }
    }

    /// Adds a text, such as one of a query; replaces a value of that name.
    pub fn set_text(&mut self, name: &str, text: impl Into<Box<str>>) {
        self.put(name, Held::Text(text.into()));
    }

    /// Adds a raw JSON value; replaces a value of that name.
    pub fn set_json(&mut self, name: &str, raw: impl Into<Box<str>>) {
        self.put(name, Held::Own(raw.into()));
    }

    fn put(&mut self, name: &str, held: Held) {
        match self.entries.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = held,
            None => self.entries.push((CompactString::new(name), held)),
        }
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Input<'_>> {
        self.entries.iter().find(|(other, _)| other == name).map(|(_, held)| self.view(held))
    }

    fn view<'a>(&'a self, held: &'a Held) -> Input<'a> {
        match held {
            Held::Json(range) => Input::Json(&self.source[range.start as usize..range.end as usize]),
            Held::Own(raw) => Input::Json(raw),
            Held::Text(text) => Input::Text(text),
        }
    }

    /// All names and values, in the order of their first appearance.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Input<'_>)> {
        self.entries.iter().map(|(name, held)| (name.as_str(), self.view(held)))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The value of a name if it is a text, whatever it arrived in.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        match self.get(name)? {
            Input::Text(text) => Some(Cow::Borrowed(text)),
            Input::Json(raw) => unquote(raw),
        }
    }
}

/// The text that a raw JSON string means; borrowed where it has no escapes. A lone surrogate becomes U+FFFD.
#[must_use]
pub fn unquote(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    match serde_json::from_str::<String>(raw) {
        Ok(text) => Some(Cow::Owned(text)),
        Err(_) => lossy(raw),
    }
}

/// Reads a string whose escapes name half a character.
fn lossy(raw: &str) -> Option<Cow<'_, str>> {
    struct Bytes;
    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }
        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
    }
    let mut deserializer = serde_json::Deserializer::from_str(raw);
    let bytes = deserializer.deserialize_bytes(Bytes).ok()?;
    Some(Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()))
}

/// Reads an object's fields without looking into their values.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    /// Most calls have few parameters; these cost no allocation.
    type Value = SmallVec<[(Cow<'de, str>, &'de str); 8]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = SmallVec::new();
        while let Some(Key(name)) = map.next_key::<Key<'de>>()? {
            if fields.len() < FIELDS_MAX {
                let value: &'de RawValue = map.next_value()?;
                fields.push((name, value.get()));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(fields)
    }
}

/// More fields than any action declares; what is beyond is left out, as undeclared ones are anyway.
const FIELDS_MAX: usize = 1000;

/// A key, borrowed where it has no escapes.
struct Key<'de>(Cow<'de, str>);

impl<'de> serde::Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Key<'de>, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_the_form_in_which_they_came() {
        let mut params = Params::from_json(r#"{"a": {"b": [1, 2]}, "c":"x\n", "a2":null}"#);
        params.set_text("q", "5");
        assert_eq!(params.get("a"), Some(Input::Json(r#"{"b": [1, 2]}"#)));
        assert_eq!(params.text("c").as_deref(), Some("x\n"));
        assert_eq!(params.get("q"), Some(Input::Text("5")));
        assert!(params.get("a2").is_some_and(|input| input.is_empty()));
        assert_eq!(params.get("zzz"), None);
    }

    #[test]
    fn the_last_of_equal_names_counts() {
        let mut params = Params::from_json(r#"{"a":1,"a":2}"#);
        assert_eq!(params.get("a"), Some(Input::Json("2")));
        params.merge_json(r#"{"a":3,"b":4}"#);
        assert_eq!(params.get("a"), Some(Input::Json("3")));
        assert_eq!(params.get("b"), Some(Input::Json("4")));
    }

    #[test]
    fn what_is_no_object_has_no_parameters() {
        for raw in ["null", "5", "\"text\"", "[1]", "true", "", "{"] {
            assert!(Params::from_json(raw).is_empty(), "{raw}");
        }
    }

    #[test]
    fn half_a_character_is_replaced_and_not_refused() {
        assert_eq!(unquote(r#""a\ud800b""#).as_deref().map(|text| text.starts_with('a')), Some(true));
    }
}

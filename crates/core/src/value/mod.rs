//! Values on their way between a client and an actor: what JSON has, and the kinds beside it that the wires of actors
//! carry (bytes, big integers, tagged values).
//!
//! Actors speak in types of their own; [`to_value`] and [`from_value`] are the way from and to them. Knows no wire: how
//! a value is written is its dialect's affair, but for JSON, where it is what serde makes of a value (see `spelled`).

pub mod bytes;
mod count;
mod de;
mod ser;
mod spelled;
#[cfg(test)]
mod tests;

pub use count::{Count, TooMany};
pub use de::from_value;
pub use num_bigint::BigInt;
pub use ser::to_value;

use compact_str::CompactString;
use std::fmt;

/// One value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// Nothing. What a wire calls undefined arrives as this, too.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number. On wires whose numbers are doubles it loses digits beyond 2^53.
    Int(i64),
    /// Any other number, or a whole one beyond `i64`. A whole one is read as an integer where one is wanted.
    Float(f64),
    /// A big integer: of another kind than numbers for clients in JavaScript.
    Big(BigInt),
    /// Text.
    Text(CompactString),
    /// Bytes.
    Bytes(Vec<u8>),
    /// A list.
    List(Vec<Value>),
    /// Keys and values in their order.
    Map(Vec<(Value, Value)>),
    /// A value with a mark of its wire (a CBOR tag: a date, a set, a typed array) that nobody here reads.
    Tagged(u64, Box<Value>),
}

/// How deep lists and maps may stand in each other, on every wire.
pub const DEPTH: usize = 128;

/// How deep parameters of connections may be: what an actor keeps of its connections wraps them, and is to be read again
/// on any wire.
pub const PARAMS_DEPTH: usize = 64;

/// What a value that comes from outside may be at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many values there may be in it, itself counted: one takes much more memory than on its wire.
    pub values: usize,
    /// How deep lists and maps may stand in each other; [`DEPTH`] at most.
    pub depth: usize,
}

/// Why JSON from outside is no value.
#[derive(Debug, thiserror::Error)]
pub enum BadJson {
    /// It has more values than it may.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// It is no JSON, or too deep.
    #[error(transparent)]
    Malformed(#[from] serde_json::Error),
}

/// Why a value is not what was wanted: where, and what was there instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ValueError {
    /// The way to the place: `.user.names[3]`; empty for the whole value.
    pub path: String,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for ValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.trim_start_matches('.') {
            "" => f.write_str(&self.what),
            path => write!(f, "`{path}`: {}", self.what),
        }
    }
}

impl ValueError {
    fn new(what: impl Into<String>) -> Self {
        Self { path: String::new(), what: what.into() }
    }

    /// The same error, seen from outside of a part.
    fn within(mut self, part: fmt::Arguments<'_>) -> Self {
        self.path.insert_str(0, &part.to_string());
        self
    }
}

impl serde::ser::Error for ValueError {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::new(what.to_string())
    }
}

impl serde::de::Error for ValueError {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::new(what.to_string())
    }
}

impl Value {
    /// A text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::Text(CompactString::new(text))
    }

    /// A map with texts as keys.
    pub fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (Self::text(key), value)).collect())
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value of a map at a text key, where it is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Map(entries) = self else { return None };
        entries.iter().find(|(name, _)| name.as_text() == Some(key)).map(|(_, value)| value)
    }

    /// Reads JSON, with the kinds it lacks spelled as [`Value`]'s own JSON spells them.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn from_json(json: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json)
    }

    /// The same for JSON from outside, within limits.
    ///
    /// # Errors
    /// What is wrong with it, or that it is over a limit.
    pub fn from_json_within(json: &[u8], limits: Limits) -> Result<Self, BadJson> {
        spelled::read_within(json, limits)
    }

    /// A JSON list whose items are values, each by itself: the list is none, so that its first text spells nothing.
    ///
    /// # Errors
    /// Those of [`Value::from_json_within`], and that it is no list.
    pub fn list_from_json_within(json: &[u8], limits: Limits) -> Result<Vec<Self>, BadJson> {
        spelled::read_list_within(json, limits)
    }

    /// Its JSON. Kinds that JSON lacks are lists of a name and a text: `["$BigInt","12"]`, `["$Uint8Array","<base64>"]`;
    /// a list that looks like one of these has one more `$` before the name.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a value is always JSON, and a Vec takes every write")
    }

    /// What it is, for people.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "nothing",
            Self::Bool(_) => "true or false",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Big(_) => "a big integer",
            Self::Text(_) => "a text",
            Self::Bytes(_) => "bytes",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
            Self::Tagged(..) => "a value with a tag",
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(is: bool) -> Self {
        Self::Bool(is)
    }
}

/// Names under which serde hands kinds of ours through its own model: no type of an application has such a name.
mod mark {
    /// A [`super::Value`] as it is.
    pub(super) const VALUE: &str = "$playhouse::Value";
    /// A big integer, as its decimal text.
    pub(super) const BIG: &str = "$playhouse::BigInt";
    /// A tagged value, as a pair.
    pub(super) const TAGGED: &str = "$playhouse::Tagged";
}

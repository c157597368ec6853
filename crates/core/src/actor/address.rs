//! What actors are called: an id for ever, a name and a key (or tags) by which they are found.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

pub use crate::id::ActorId;

/// Under which name an actor is found. Two kinds that never meet: an actor made by a key has no tags.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Address {
    /// The actor's name, such as `counter`.
    pub name: Arc<str>,
    /// Which of that name.
    pub at: At,
}

/// Which actor of a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// The only one with this key.
    Key(Key),
    /// One with these tags, of which there may be several (actor-core's way).
    Tags(Tags),
}

/// A list of texts that tells actors of one name apart, as the text that RivetKit's clients make of it: the parts joined
/// by `/`, in each part `\` written `\\`, `/` written `\/`, an empty part `\0`, the empty list `/`. Equal lists are equal
/// texts. Source: actors.md, section 2.8.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Arc<str>);

/// Names and values, sorted by name.
pub type Tags = BTreeMap<String, String>;

/// Why a text or a list is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// Longer than allowed.
    #[error("the key has {0} bytes; {1} are the most (`actors.key_length`)")]
    TooLong(usize, usize),
    /// No engine has to tell what stands behind a NUL.
    #[error("the key has a NUL character at byte {0}")]
    Nul(usize),
    /// No list of parts gives this text; at most its first hundred characters.
    #[error(
        "the key `{0}` is not written as keys are: parts with `/` between them, in a part `\\\\` for `\\` and `\\/` for `/`, \
         `\\0` for an empty part, and `/` for no parts at all"
    )]
    Unwritten(String),
}

/// How much of a key is repeated to who sent it.
const SHOWN: usize = 100;

impl Key {
    /// The key of a list of parts.
    pub fn of<T: AsRef<str>>(parts: impl IntoIterator<Item = T>) -> Self {
        let mut text = String::new();
        let mut parts = parts.into_iter().peekable();
        if parts.peek().is_none() {
            return Self("/".into());
        }
        for (nth, part) in parts.enumerate() {
            if nth > 0 {
                text.push('/');
            }
            push_part(&mut text, part.as_ref());
        }
        Self(text.into())
    }

    /// The key that a client has written out already; no text at all is the empty list.
    ///
    /// # Errors
    /// No list of parts is written so: what looks like the same key would be another.
    pub fn written(text: &str) -> Result<Self, BadKey> {
        let read = Self::stored(text);
        let key = Self::of(read.parts());
        if key == read { Ok(key) } else { Err(BadKey::Unwritten(text.chars().take(SHOWN).collect())) }
    }

    /// The key that an engine has kept.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        if text.is_empty() { Self::of([""; 0]) } else { Self(text.into()) }
    }

    /// As it travels and is stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its parts.
    #[must_use]
    pub fn parts(&self) -> Vec<String> {
        if &*self.0 == "/" {
            return Vec::new();
        }
        let mut parts = vec![String::new()];
        let mut chars = self.0.chars();
        while let Some(char) = chars.next() {
            let part = parts.last_mut().expect("there is always one");
            match char {
                '/' => parts.push(String::new()),
                '\\' => part.extend(chars.next().filter(|char| *char != '0')),
                char => part.push(char),
            }
        }
        parts
    }

    /// Whether it may be used.
    ///
    /// # Errors
    /// Longer than `longest` bytes, or with a NUL.
    pub fn check(&self, longest: usize) -> Result<(), BadKey> {
        if self.0.len() > longest {
            return Err(BadKey::TooLong(self.0.len(), longest));
        }
        self.0.find('\0').map_or(Ok(()), |at| Err(BadKey::Nul(at)))
    }
}

fn push_part(text: &mut String, part: &str) {
    if part.is_empty() {
        text.push_str("\\0");
    }
    for char in part.chars() {
        if matches!(char, '\\' | '/') {
            text.push('\\');
        }
        text.push(char);
    }
}

/// A text is a key of one part.
impl From<&str> for Key {
    fn from(part: &str) -> Self {
        Self::of([part])
    }
}

impl From<&String> for Key {
    fn from(part: &String) -> Self {
        Self::of([part])
    }
}

impl From<String> for Key {
    fn from(part: String) -> Self {
        Self::of([part])
    }
}

impl From<Cow<'_, str>> for Key {
    fn from(part: Cow<'_, str>) -> Self {
        Self::of([part])
    }
}

impl<T: AsRef<str>, const N: usize> From<[T; N]> for Key {
    fn from(parts: [T; N]) -> Self {
        Self::of(parts)
    }
}

impl<T: AsRef<str>> From<&[T]> for Key {
    fn from(parts: &[T]) -> Self {
        Self::of(parts)
    }
}

impl<T: AsRef<str>> From<Vec<T>> for Key {
    fn from(parts: Vec<T>) -> Self {
        Self::of(parts)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.0)
    }
}

impl Address {
    /// The address of a name and a key.
    pub fn keyed(name: impl Into<Arc<str>>, key: impl Into<Key>) -> Self {
        Self { name: name.into(), at: At::Key(key.into()) }
    }
}

/// `counter[a/b]`, for logs.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            At::Key(key) => write!(f, "{}[{}]", self.name, key.0.escape_debug()),
            At::Tags(tags) => write!(f, "{}{tags:?}", self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_rivetkit_writes_them() {
        let rows: [(&[&str], &str); 9] = [
            (&[], "/"),
            (&["a"], "a"),
            (&["a", "b"], "a/b"),
            (&["a/b"], r"a\/b"),
            (&["a\\", "b"], r"a\\/b"),
            (&["a", ""], r"a/\0"),
            (&[""], r"\0"),
            (&["0"], "0"),
            (&["ünï ☃"], "ünï ☃"),
        ];
        for (parts, text) in rows {
            let key = Key::of(parts);
            assert_eq!(key.as_str(), text);
            assert_eq!(key.parts(), parts, "{text}");
        }
    }

    #[test]
    fn a_written_key_is_one_that_a_list_gives() {
        for text in ["/", "a", "a/b", r"a\/b", r"a\\/b", r"a/\0", r"\0", r"\0/\0", r"\\0", "ünï ☃", "."] {
            assert_eq!(Key::written(text).unwrap().as_str(), text);
        }
        assert_eq!(Key::written(""), Ok(Key::of([""; 0])));
        for text in ["a//b", "/a", "a/", "//", "a\\", r"\", r"a\b", r"a\0", r"\0a", r"\0\0", r"a/\0\/"] {
            let bad = Key::written(text).unwrap_err();
            assert_eq!(bad, BadKey::Unwritten(text.into()));
        }
        let long = Key::written(&"a//b".repeat(1_000)).unwrap_err();
        assert!(long.to_string().len() < 300, "{long}");
    }

    #[test]
    fn what_may_not_be_a_key_is_told() {
        assert_eq!(Key::from("a\0b").check(10), Err(BadKey::Nul(1)));
        assert_eq!(Key::from("12345").check(4), Err(BadKey::TooLong(5, 4)));
        assert_eq!(Key::from(["a", "b"]).check(3), Ok(()));
    }
}

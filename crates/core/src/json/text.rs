//! What raw JSON strings mean.

use serde::Deserializer as _;
use serde::de::Visitor;
use std::borrow::Cow;
use std::fmt;

/// The text that a raw JSON string means; borrowed where it has no escapes. A lone surrogate becomes U+FFFD.
#[must_use]
pub fn unquote(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !inner.as_bytes().contains(&b'\\') {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_what_is_none() {
        for (raw, text) in [
            ("\"a\"", Some("a")),
            ("\"\"", Some("")),
            ("\"a\\n\\u0041\"", Some("a\nA")),
            ("\"", None),
            ("5", None),
        ] {
            assert_eq!(unquote(raw).as_deref(), text, "{raw}");
        }
    }

    #[test]
    fn half_a_character_is_replaced_and_not_refused() {
        assert_eq!(unquote(r#""a\ud800b""#).as_deref().map(|text| text.starts_with('a')), Some(true));
    }
}

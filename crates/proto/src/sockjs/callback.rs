//! The name of a function in the page, which htmlfile and jsonp call with each frame (sockjs.md, 5).
//!
//! It must not know how the function is called. What it lets through is safe inside of a script and of HTML.

use crate::percent;

/// The most bytes that a name has. Longer ones served to smuggle programs into other plug-ins.
pub const MAX: usize = 32;

/// A name of 1 to [`MAX`] letters, digits, `-`, `_` and `.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback(Box<str>);

/// Why there is no name. The texts are the protocol's and are answered as they are, with 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCallback {
    /// Neither `c` nor `callback` is in the query, or it is empty.
    #[error("\"callback\" parameter required")]
    Missing,
    /// It is too long, or has other characters.
    #[error("invalid \"callback\" parameter")]
    Invalid,
}

impl Callback {
    /// Finds the name in a query, without its question mark: `c`, or `callback` if there is no `c`. Of a
    /// parameter given twice the first counts.
    ///
    /// # Errors
    /// What to answer.
    pub fn read(query: &str) -> Result<Self, BadCallback> {
        let value = |name| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs.find(|(other, _)| *other == name).map(|(_, value)| value)
        };
        let raw = value("c").or_else(|| value("callback")).unwrap_or_default();
        if raw.is_empty() {
            return Err(BadCallback::Missing);
        }
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        percent::form_decoded(raw)
            .filter(|name| name.len() <= MAX && name.bytes().all(allowed))
            .map(|name| Self(name.into()))
            .ok_or(BadCallback::Invalid)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names() {
        let longest = "x".repeat(MAX);
        let found = |name: &str| Ok(name.to_owned());
        for (query, expected) in [
            ("c=callback", found("callback")),
            ("c=%63allback", found("callback")),
            ("callback=_jp.aB-09", found("_jp.aB-09")),
            ("token=x&c=a&callback=b&c=d", found("a")),
            ("callback=b&c=a", found("a")),
            (&format!("c={longest}"), found(&longest)),
            ("", Err(BadCallback::Missing)),
            ("c", Err(BadCallback::Missing)),
            ("c=", Err(BadCallback::Missing)),
            ("d=x&cc=y&C=z", Err(BadCallback::Missing)),
            ("c=%20", Err(BadCallback::Invalid)),
            ("c=*", Err(BadCallback::Invalid)),
            ("c=abc(", Err(BadCallback::Invalid)),
            ("c=abc%28", Err(BadCallback::Invalid)),
            ("c=a+b", Err(BadCallback::Invalid)),
            ("c=%", Err(BadCallback::Invalid)),
            ("c=%C3%A9", Err(BadCallback::Invalid)),
            ("c=a=b", Err(BadCallback::Invalid)),
            (&format!("c={longest}x"), Err(BadCallback::Invalid)),
        ] {
            let name = Callback::read(query).map(|name| name.as_str().to_owned());
            assert_eq!(name, expected, "{query}");
        }
    }

    #[test]
    fn the_texts_are_the_protocols() {
        assert_eq!(BadCallback::Missing.to_string(), r#""callback" parameter required"#);
        assert_eq!(BadCallback::Invalid.to_string(), r#"invalid "callback" parameter"#);
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(query: String, value: String) {
            let _ = Callback::read(&query);
            let _ = Callback::read(&format!("c={value}"));
        }
    }
}

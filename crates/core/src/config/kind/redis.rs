//! What names a Redis: its URL, and what its keys begin with.

use super::Kind;
use super::text::Text;
use crate::config::raw::{Raw, Wrong, quoted};

/// `redis://` or `rediss://` with a host. Whether all of it has a meaning is for the one who dials to say.
pub(in crate::config) struct RedisUrl;

impl Kind for RedisUrl {
    type Value = String;

    fn words(&self) -> String {
        "a URL such as \"redis://user:password@host:6379/0\", or \"rediss://…\" for TLS".into()
    }

    fn read(&self, raw: &Raw) -> Result<String, Wrong> {
        let text = Text.read(raw)?;
        let Some((scheme, rest)) = text.split_once("://") else { return Err(Wrong::Kind) };
        let known = ["redis", "rediss"].contains(&scheme);
        let odd = |letter: char| letter.is_whitespace() || letter.is_control();
        if known && !host(rest).is_empty() && !text.contains(odd) { Ok(text) } else { Err(Wrong::Kind) }
    }

    /// Without its password: configurations are printed and sent around.
    fn show(&self, value: &String) -> String {
        quoted(&without_password(value))
    }
}

fn host(rest: &str) -> &str {
    let authority = rest.split('/').next().unwrap_or(rest);
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    place.rsplit_once(':').map_or(place, |(host, _)| host)
}

/// A URL as it may be shown to people: `***` in the place of a password.
#[must_use]
pub fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let Some((secret, place)) = rest.rsplit_once('@') else { return url.to_owned() };
    match secret.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:***@{place}"),
        None => url.to_owned(),
    }
}

/// Letters, digits and a few signs: keys stay readable, and none is another application's, as `:` ends the prefix.
pub(in crate::config) struct Prefix;

impl Kind for Prefix {
    type Value = String;

    fn words(&self) -> String {
        "a text of 1 to 64 letters, digits, `-`, `_` or `.`".into()
    }

    fn read(&self, raw: &Raw) -> Result<String, Wrong> {
        let text = Text.read(raw)?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        if (1..=64).contains(&text.len()) && text.bytes().all(fits) { Ok(text) } else { Err(Wrong::Kind) }
    }

    fn show(&self, value: &String) -> String {
        quoted(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<K: Kind<Value = String>>(kind: &K, text: &str) -> Option<String> {
        kind.read(&Raw::Text(text.into())).ok()
    }

    #[test]
    fn urls_have_a_scheme_and_a_host() {
        for url in ["redis://localhost", "redis://:pass@h:1/2", "rediss://u:p@[::1]:6380", "redis://h#x"] {
            assert_eq!(read(&RedisUrl, url).as_deref(), Some(url));
        }
        for url in
            ["", "localhost:6379", "http://h", "redis://", "redis://:6379", "redis://u:p@", "redis://a b"]
        {
            assert_eq!(read(&RedisUrl, url), None, "{url}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("redis://ann:s3:cr@t@h:1/0"), "redis://ann:***@h:1/0");
        assert_eq!(without_password("redis://:secret@h"), "redis://:***@h");
        assert_eq!(without_password("redis://h:1"), "redis://h:1");
    }

    #[test]
    fn prefixes_are_plain() {
        assert_eq!(read(&Prefix, "shop.eu-1").as_deref(), Some("shop.eu-1"));
        for text in ["", "a b", "a:b", "a*", "ä", &"x".repeat(65)] {
            assert_eq!(read(&Prefix, text), None, "{text}");
        }
    }
}

//! Paths and percent-encoding: which part of a path belongs to a mount, and what its letters mean. Knows no
//! mount by name.

use memchr::memchr;
use std::borrow::Cow;

/// What is left of `path` behind `mount`: nothing, or a slash and more. A mount answers for itself and what
/// is below it, never for a longer name: `/primusfoo` is not below `/primus`.
pub(super) fn below<'a>(path: &'a str, mount: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(mount)?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// A path without its leading slashes and without one trailing slash (actionhero.md, section 5.1).
pub(super) fn bare(path: &str) -> &str {
    let path = path.trim_start_matches('/');
    path.strip_suffix('/').unwrap_or(path)
}

/// The same as [`below`] for a path that [`bare`] made: what comes behind the mount, without its slash.
pub(super) fn bare_below<'a>(path: &'a str, mount: &str) -> Option<&'a str> {
    let rest = below(path, mount.trim_start_matches('/'))?;
    Some(rest.strip_prefix('/').unwrap_or(rest))
}

/// Decodes `%41` and the like once. `None` where a percent sign is followed by anything else, or where the
/// bytes are not UTF-8.
pub(crate) fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    let Some(first) = memchr(b'%', text.as_bytes()) else { return Some(Cow::Borrowed(text)) };
    let mut out = Vec::with_capacity(text.len());
    out.extend_from_slice(&text.as_bytes()[..first]);
    let mut rest = &text.as_bytes()[first..];
    while let Some((byte, after)) = rest.split_first() {
        if *byte != b'%' {
            out.push(*byte);
            rest = after;
            continue;
        }
        let ([high, low], after) = after.split_first_chunk()?;
        out.push(digit(*high)? << 4 | digit(*low)?);
        rest = after;
    }
    String::from_utf8(out).ok().map(Cow::Owned)
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        b'A'..=b'F' => Some(letter - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_never_answers_for_a_longer_name() {
        assert_eq!(below("/primus", "/primus"), Some(""));
        assert_eq!(below("/primus/spec", "/primus"), Some("/spec"));
        assert_eq!(below("/primusfoo", "/primus"), None);
        assert_eq!(below("/", "/primus"), None);
    }

    #[test]
    fn slashes_at_the_ends_do_not_count() {
        for (path, rest) in [
            ("/api", Some("")),
            ("/api/", Some("")),
            ("//api/x/", Some("x")),
            ("/api//x", Some("/x")),
            ("/api/x/y", Some("x/y")),
            ("/apix", None),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(bare_below(bare(path), "/api"), rest, "{path}");
        }
    }

    #[test]
    fn decodes_once_or_not_at_all() {
        for (text, decoded) in [
            ("plain", Some("plain")),
            ("%2e%2E/", Some("../")),
            ("%252e", Some("%2e")),
            ("%C3%A9", Some("é")),
            ("a+b", Some("a+b")),
            ("%", None),
            ("%4", None),
            ("%zz", None),
            ("%ff", None),
        ] {
            assert_eq!(percent_decoded(text).as_deref(), decoded, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_decoded_or_refused(text: String) {
            let _ = percent_decoded(&text);
        }
    }
}

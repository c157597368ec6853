//! Percent-encoding (RFC 3986, 2.1): what the letters of a path or a query mean.
//!
//! It must not know which part of an address it is given.

use std::borrow::Cow;

use memchr::memchr;

/// Decodes `%41` and the like once. `None` where a percent sign is followed by anything else, or where the
/// bytes are not UTF-8.
#[must_use]
pub fn decoded(text: &str) -> Option<Cow<'_, str>> {
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

/// The same for a value of a form or a query, where `+` is a blank.
#[must_use]
pub fn form_decoded(text: &str) -> Option<Cow<'_, str>> {
    match memchr(b'+', text.as_bytes()) {
        None => decoded(text),
        Some(_) => decoded(&text.replace('+', " ")).map(|text| Cow::Owned(text.into_owned())),
    }
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
    fn decodes_once_or_not_at_all() {
        for (text, expected) in [
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
            assert_eq!(decoded(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_plus_is_a_blank_in_forms() {
        for (text, expected) in
            [("", Some("")), ("a+b", Some("a b")), ("a%2Bb+", Some("a+b ")), ("é", Some("é")), ("+%", None)]
        {
            assert_eq!(form_decoded(text).as_deref(), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_decoded_or_refused(text: String) {
            let _ = decoded(&text);
            let _ = form_decoded(&text);
        }
    }
}

//! JSON strings, read and written.
//!
//! It must not check JSON: what is read here has been gone over by [`json`](super::json), and anything else gives some
//! text or none.

use std::borrow::Cow;

use super::json::plain;

/// The text that a sound JSON string means; borrowed where it has no escapes. Half a character becomes U+FFFD.
/// `None` for what has no quotes.
pub(super) fn unquote(raw: &str) -> Option<Cow<'_, str>> {
    let mut rest = raw.strip_prefix('"')?.strip_suffix('"')?;
    if !rest.contains('\\') {
        return Some(Cow::Borrowed(rest));
    }
    let mut text = String::with_capacity(rest.len());
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let mut letters = escape.chars();
        match letters.next() {
            Some('u') => {
                rest = push_units(&mut text, escape);
                continue;
            }
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{C}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some(letter) => text.push(letter),
            None => {}
        }
        rest = letters.as_str();
    }
    text.push_str(rest);
    Some(Cow::Owned(text))
}

/// Appends the characters of a run of `uXXXX` with backslashes between them; two may be halves of one character.
/// What follows the run.
fn push_units<'a>(text: &mut String, escape: &'a str) -> &'a str {
    let mut rest = escape;
    let mut next = escape.strip_prefix('u');
    let units = std::iter::from_fn(|| {
        let (digits, behind) = next?.split_at_checked(4)?;
        let unit = u16::from_str_radix(digits, 16).ok()?;
        rest = behind;
        next = behind.strip_prefix("\\u");
        Some(unit)
    });
    text.extend(char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)));
    // Unsound escapes never come here; one that did must not be read for ever.
    if rest.len() == escape.len() { &escape[1..] } else { rest }
}

/// Appends `text` as a JSON string, quotes included.
pub(super) fn push_str(out: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (as_is, special) = rest.split_at(plain(rest, 0));
        out.extend_from_slice(as_is);
        let Some((byte, behind)) = special.split_first() else { break };
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            control => {
                out.extend_from_slice(b"\\u00");
                out.extend([HEX[usize::from(control >> 4)], HEX[usize::from(control & 15)]]);
            }
        }
        rest = behind;
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_strings_mean() {
        let table = [
            (r#""""#, Some("")),
            (r#""é😀""#, Some("é😀")),
            (r#""\"\\\/\b\f\n\r\t""#, Some("\"\\/\u{8}\u{c}\n\r\t")),
            (r#""\u0041b\u00e9\ud83d\ude00!""#, Some("Abé😀!")),
            (r#""\ud83d""#, Some("\u{FFFD}")),
            (r#""\ud83dx\ude00""#, Some("\u{FFFD}x\u{FFFD}")),
            (r#""\ud83d\n\u0041""#, Some("\u{FFFD}\nA")),
            ("\"", None),
            ("5", None),
            ("{\"a\":\"b\"}", None),
        ];
        for (raw, text) in table {
            assert_eq!(unquote(raw).as_deref(), text, "{raw}");
        }
        assert!(matches!(unquote("\"plain\""), Some(Cow::Borrowed("plain"))));
    }

    proptest! {
        #[test]
        fn strings_round_trip(text: String) {
            let mut out = Vec::new();
            push_str(&mut out, &text);
            let raw = String::from_utf8(out).expect("text");
            prop_assert_eq!(serde_json::from_str::<String>(&raw).ok(), Some(text.clone()));
            prop_assert_eq!(unquote(&raw).map(Cow::into_owned), Some(text));
        }

        #[test]
        fn unsound_strings_end(text in "[\\\\u\"0-9a-fé]{0,24}") {
            let _ = (unquote(&text), unquote(&format!("\"{text}\"")));
        }
    }
}

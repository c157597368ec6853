//! What clients send: JSON arrays of strings, each a message (sockjs.md, 1 and 5).
//!
//! Owns the check that a body is sound as a whole, and the way through it, one message at a time. It must not
//! know what a message means, nor look into those that are no strings.

use std::borrow::Cow;

use memchr::memchr2;
use serde_json::value::RawValue;

use crate::percent;

/// Why there is nothing to read. The texts are the protocol's and are answered as they are, with 500; the
/// session lives on. On a websocket they end the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The body is empty or no array.
    #[error("Payload expected.")]
    NoPayload,
    /// It is no JSON, or not in UTF-8.
    #[error("Broken JSON encoding.")]
    BrokenJson,
}

/// How a body of `jsonp_send` is encoded, by its content type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/x-www-form-urlencoded`: the array is the field `d`.
    Form,
    /// Anything else: the body is the array.
    Plain,
}

/// The messages of a body, in order. The body has been found sound, and is kept beside the place of the next
/// message: who must pause calls [`next`](Self::next) later. Going through it takes linear time and no memory
/// but that of the message at hand.
#[derive(Clone, Debug)]
pub struct Messages<B> {
    body: B,
    at: usize,
}

impl<B: AsRef<[u8]>> Messages<B> {
    /// Reads the body of `xhr_send`, whatever its content type.
    ///
    /// # Errors
    /// What to answer.
    pub fn body(body: B) -> Result<Self, Malformed> {
        let bytes = body.as_ref();
        if bytes.is_empty() {
            return Err(Malformed::NoPayload);
        }
        check(bytes)?;
        let start = after_space(bytes, 0);
        match bytes.get(start) {
            Some(b'[') => Ok(Self { body, at: start + 1 }),
            _ => Err(Malformed::NoPayload),
        }
    }

    /// Reads a message of a framed websocket: a string may stand alone, and an empty one is no message.
    ///
    /// # Errors
    /// The connection is to be cut.
    pub fn websocket(text: B) -> Result<Self, Malformed> {
        let bytes = text.as_ref();
        if bytes.is_empty() {
            return Ok(Self { body: text, at: 0 });
        }
        let start = after_space(bytes, 0);
        if bytes.get(start) != Some(&b'"') {
            return Self::body(text);
        }
        check(bytes)?;
        Ok(Self { body: text, at: start })
    }

    /// The next message. An element that is no string is given as its JSON text. Halves of surrogate pairs
    /// that stand alone become U+FFFD, as in every encoder of JavaScript.
    #[expect(clippy::should_implement_trait, reason = "messages borrow from the body, which is in here")]
    pub fn next(&mut self) -> Option<Cow<'_, str>> {
        let bytes = self.body.as_ref();
        let start = after_space(bytes, self.at);
        let rest = bytes.get(start..)?;
        let len = match rest.first()? {
            b']' => return None,
            b'"' => string_len(rest),
            _ => value_len(rest),
        };
        let (element, rest) = rest.split_at_checked(len)?;
        // In a sound text a comma or the end comes next. Nothing is behind a string that stands alone.
        let gap = after_space(rest, 0);
        self.at = start + len + gap + usize::from(rest.get(gap) == Some(&b','));
        Some(match element {
            [b'"', inside @ .., b'"'] => unescaped(inside),
            value => String::from_utf8_lossy(value),
        })
    }

    /// The messages that are left, with a copy of what they need: for a body that will not be there later.
    #[must_use]
    pub fn kept(&self) -> Messages<Box<[u8]>> {
        let left = self.body.as_ref().get(self.at..).unwrap_or_default();
        Messages { body: left.into(), at: 0 }
    }
}

impl<'a> Messages<Cow<'a, [u8]>> {
    /// Reads the body of `jsonp_send`. Of a field given twice the first counts.
    ///
    /// # Errors
    /// What to answer.
    pub fn jsonp(body: &'a [u8], encoding: Encoding) -> Result<Self, Malformed> {
        match encoding {
            Encoding::Plain => Self::body(Cow::Borrowed(body)),
            Encoding::Form => {
                let body = simdutf8::basic::from_utf8(body).map_err(|_| Malformed::BrokenJson)?;
                let field = body.split('&').find_map(|field| field.strip_prefix("d="));
                let array = percent::form_decoded(field.unwrap_or_default()).ok_or(Malformed::BrokenJson)?;
                Self::body(match array {
                    Cow::Borrowed(array) => Cow::Borrowed(array.as_bytes()),
                    Cow::Owned(array) => Cow::Owned(array.into_bytes()),
                })
            }
        }
    }
}

/// Whether the bytes are one JSON text in UTF-8. Nothing is built of it, and nesting takes a byte for each open
/// bracket, not the stack.
fn check(bytes: &[u8]) -> Result<(), Malformed> {
    let text = simdutf8::basic::from_utf8(bytes).map_err(|_| Malformed::BrokenJson)?;
    serde_json::from_str::<&RawValue>(text).map(|_| ()).map_err(|_| Malformed::BrokenJson)
}

fn after_space(bytes: &[u8], at: usize) -> usize {
    let space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().position(|byte| !space(byte)).unwrap_or(rest.len())
}

/// The length of the string that the text begins with, its quotes included.
fn string_len(text: &[u8]) -> usize {
    let mut at = 1;
    while let Some(found) = memchr2(b'"', b'\\', text.get(at..).unwrap_or_default()) {
        match text[at + found] {
            b'"' => return at + found + 1,
            _ => at += found + 2,
        }
    }
    text.len()
}

/// The length of the value that the text begins with, which is no string.
fn value_len(text: &[u8]) -> usize {
    let (mut at, mut depth) = (0, 0_usize);
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => at += string_len(&text[at..]) - 1,
            b'[' | b'{' => depth += 1,
            b']' | b'}' if depth == 1 => return at + 1,
            b']' | b'}' | b',' | b' ' | b'\t' | b'\n' | b'\r' if depth == 0 => return at,
            b']' | b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// What a string says; `inside` is what stands between its quotes.
fn unescaped(inside: &[u8]) -> Cow<'_, str> {
    if memchr::memchr(b'\\', inside).is_none() {
        return String::from_utf8_lossy(inside);
    }
    let text = String::from_utf8_lossy(inside);
    let mut out = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some((run, escape)) = rest.split_once('\\') {
        out.push_str(run);
        let (character, after) = escaped(escape);
        out.push(character);
        rest = after;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character of an escape, without its backslash, and what follows.
fn escaped(text: &str) -> (char, &str) {
    let mut characters = text.chars();
    let character = match characters.next() {
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unit_or_pair(characters.as_str()),
        Some(other) => other,
        None => char::REPLACEMENT_CHARACTER,
    };
    (character, characters.as_str())
}

/// The character of four digits, or of two times four with `\u` between them.
fn unit_or_pair(text: &str) -> (char, &str) {
    let Some((high, after)) = unit(text) else { return (char::REPLACEMENT_CHARACTER, text) };
    let low = after.strip_prefix("\\u").and_then(unit);
    match (high, low) {
        (0xD800..=0xDBFF, Some((low @ 0xDC00..=0xDFFF, after))) => {
            let code = 0x1_0000 + ((high & 0x3FF) << 10 | low & 0x3FF);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), after)
        }
        _ => (char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER), after),
    }
}

fn unit(text: &str) -> Option<(u32, &str)> {
    let (digits, after) = text.split_at_checked(4)?;
    Some((u32::from_str_radix(digits, 16).ok()?, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all<B: AsRef<[u8]>>(messages: Result<Messages<B>, Malformed>) -> Result<Vec<String>, Malformed> {
        let mut messages = messages?;
        let mut found = Vec::new();
        while let Some(message) = messages.next() {
            found.push(message.into_owned());
        }
        assert!(messages.next().is_none(), "the end is the end");
        Ok(found)
    }

    type Expected<'a> = Result<&'a [&'a str], Malformed>;

    fn same(found: &Result<Vec<String>, Malformed>, expected: Expected<'_>, body: &str) {
        let expected = expected.map(|texts| texts.iter().map(ToString::to_string).collect());
        assert_eq!(*found, expected, "{body}");
    }

    const NO_PAYLOAD: Expected<'_> = Err(Malformed::NoPayload);
    const BROKEN: Expected<'_> = Err(Malformed::BrokenJson);

    /// What is the same in a body and on a websocket.
    const ARRAYS: &[(&str, Expected<'_>)] = &[
        (r#"["x"]"#, Ok(&["x"])),
        (r#"["a","b"]"#, Ok(&["a", "b"])),
        ("[]", Ok(&[])),
        (" [ ] ", Ok(&[])),
        ("\r\n[ \"a\" ,\t\"b\" ]\n", Ok(&["a", "b"])),
        (r#"["",""]"#, Ok(&["", ""])),
        (r#"["%61bc"]"#, Ok(&["%61bc"])),
        (r#"["[\"in\",\"side\"]"]"#, Ok(&[r#"["in","side"]"#])),
        (r#"["\"\\\/\b\f\n\r\t\u00e9\u2028é"]"#, Ok(&["\"\\/\u{8}\u{c}\n\r\té\u{2028}é"])),
        (r#"["\ud83d\ude00 \uD83D\uDE00"]"#, Ok(&["😀 😀"])),
        (r#"["\ud800"]"#, Ok(&["\u{FFFD}"])),
        (r#"["\ud800\ud800x\udc00\n","\ud800\u0041"]"#, Ok(&["\u{FFFD}\u{FFFD}x\u{FFFD}\n", "\u{FFFD}A"])),
        (r#"["\ud800\ud83d\ude00"]"#, Ok(&["\u{FFFD}😀"])),
        (r#"["\\"]"#, Ok(&["\\"])),
        (r#"[1,-2.5e3,true,false,null]"#, Ok(&["1", "-2.5e3", "true", "false", "null"])),
        (
            r#"[{"a":"]}\"","b":[1,{}]} , [[],"]"],"x"]"#,
            Ok(&[r#"{"a":"]}\"","b":[1,{}]}"#, r#"[[],"]"]"#, "x"]),
        ),
        ("[1 ,2\n]", Ok(&["1", "2"])),
        (r#"{"a":"b"}"#, NO_PAYLOAD),
        ("1", NO_PAYLOAD),
        ("null", NO_PAYLOAD),
        (r#"["x"#, BROKEN),
        (r#"["x""#, BROKEN),
        (r#"["x",]"#, BROKEN),
        (r#"["x"]]"#, BROKEN),
        (r#"["x"]["y"]"#, BROKEN),
        (r#"["x" "y"]"#, BROKEN),
        ("[\"a\nb\"]", BROKEN),
        (r#"["\x"]"#, BROKEN),
        (r#"["\u12"]"#, BROKEN),
        (r#"["first",oops]"#, BROKEN),
        ("['x']", BROKEN),
        ("[", BROKEN),
        (" ", BROKEN),
        ("\u{FEFF}[]", BROKEN),
        ("x", BROKEN),
    ];

    #[test]
    fn bodies() {
        let others: [(&str, Expected<'_>); 2] = [("", NO_PAYLOAD), (r#""x""#, NO_PAYLOAD)];
        for (body, expected) in ARRAYS.iter().chain(&others) {
            same(&all(Messages::body(body)), *expected, body);
            same(&all(Messages::jsonp(body.as_bytes(), Encoding::Plain)), *expected, body);
        }
    }

    #[test]
    fn websockets() {
        let others: [(&str, Expected<'_>); 5] = [
            ("", Ok(&[])),
            (r#""x""#, Ok(&["x"])),
            (" \"a\\\"b\" \n", Ok(&["a\"b"])),
            (r#""x","y""#, BROKEN),
            (r#""x"#, BROKEN),
        ];
        for (text, expected) in ARRAYS.iter().chain(&others) {
            same(&all(Messages::websocket(text)), *expected, text);
        }
    }

    #[test]
    fn forms() {
        let table: [(&str, Expected<'_>); 11] = [
            ("d=%5B%22x%22%5D", Ok(&["x"])),
            ("d=[\"a+b\",\"a%2Bb\"]", Ok(&["a b", "a+b"])),
            ("d=%5B%22%C3%A9%22%5D&d=x", Ok(&["é"])),
            ("a=b&d=[]&c", Ok(&[])),
            ("d=[\"x\"]", Ok(&["x"])),
            ("", NO_PAYLOAD),
            ("d=", NO_PAYLOAD),
            ("p=p", NO_PAYLOAD),
            ("d=1", NO_PAYLOAD),
            ("d=%5B%22x", BROKEN),
            ("d=%5", BROKEN),
        ];
        for (body, expected) in table {
            same(&all(Messages::jsonp(body.as_bytes(), Encoding::Form)), expected, body);
        }
    }

    #[test]
    fn bytes_that_are_no_text() {
        let body: &[u8] = b"[\"\xFF\"]";
        assert_eq!(all(Messages::body(body)), Err(Malformed::BrokenJson));
        assert_eq!(all(Messages::jsonp(b"d=\xFF", Encoding::Form)), Err(Malformed::BrokenJson));
    }

    #[test]
    fn who_pauses_goes_on_later() {
        let mut messages = Messages::body(r#"["a", {"b":1}, "c"]"#).expect("sound");
        assert_eq!(messages.next().as_deref(), Some("a"));
        let mut kept = messages.kept();
        assert_eq!(kept.next().as_deref(), Some(r#"{"b":1}"#));
        assert_eq!(all(Ok(kept.kept())), Ok(vec!["c".to_owned()]));
        assert_eq!(messages.next().as_deref(), Some(r#"{"b":1}"#));
        assert_eq!(all(Ok(messages)), Ok(vec!["c".to_owned()]));
        let alone = Messages::websocket("\"x\" ").expect("sound");
        assert_eq!(all(Ok(alone.kept().kept())), Ok(vec!["x".to_owned()]));
    }

    #[test]
    fn the_texts_are_the_protocols() {
        assert_eq!(Malformed::NoPayload.to_string(), "Payload expected.");
        assert_eq!(Malformed::BrokenJson.to_string(), "Broken JSON encoding.");
    }
}

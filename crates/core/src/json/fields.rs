//! The fields of a raw JSON object, one after the other: keys unescaped, values as they stand.
//!
//! Why by hand: this is done twice for every action, and taking raw values apart with `serde_json` was 45 % of what a
//! small action cost. What is accepted is what `serde_json` accepts; a property test holds it to that.

use super::unquote;
use smallvec::SmallVec;
use std::borrow::Cow;

/// The text is no JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no valid JSON")]
pub struct Invalid;

/// An object's fields. The text is known to be JSON only once [`Fields::each`] has come to its end.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    text: &'a str,
    /// Behind the first bracket.
    from: usize,
}

impl<'a> Fields<'a> {
    /// The fields of `text`; `None` where that does not begin as an object.
    #[must_use]
    pub fn of(text: &'a str) -> Option<Self> {
        let from = after(text.as_bytes(), blanks(text.as_bytes(), 0), b'{').ok()?;
        Some(Self { text, from })
    }

    /// Gives every field to `take`: its key, and its value as it stands.
    ///
    /// # Errors
    /// When the text is no JSON, perhaps after some fields were given.
    pub fn each(self, mut take: impl FnMut(Cow<'a, str>, &'a str)) -> Result<(), Invalid> {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let mut at = blanks(bytes, self.from);
        if bytes.get(at) != Some(&b'}') {
            loop {
                let (key, end) = key(text, at)?;
                let from = blanks(bytes, after(bytes, blanks(bytes, end), b':')?);
                let end = value(bytes, from)?;
                take(key, &text[from..end]);
                at = blanks(bytes, end);
                let Ok(next) = after(bytes, at, b',') else { break };
                at = blanks(bytes, next);
            }
        }
        at = blanks(bytes, after(bytes, at, b'}')?);
        if at == bytes.len() { Ok(()) } else { Err(Invalid) }
    }

    /// Whether the text is JSON.
    #[must_use]
    pub fn are_valid(self) -> bool {
        self.each(|_, _| {}).is_ok()
    }
}

/// A key and its end.
#[inline]
fn key(text: &str, at: usize) -> Result<(Cow<'_, str>, usize), Invalid> {
    let bytes = text.as_bytes();
    let from = after(bytes, at, b'"')?;
    let stop = plain_end(bytes, from);
    if bytes.get(stop) == Some(&b'"') {
        return Ok((Cow::Borrowed(&text[from..stop]), stop + 1));
    }
    let end = string(bytes, stop)?;
    Ok((unquote(&text[at..end]).ok_or(Invalid)?, end))
}

// From here on every function goes over one thing: it is told where that begins, and tells where it ends. Places
// and not slices, and no state, so that all of it stays in registers.

type End = Result<usize, Invalid>;

fn blanks(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\t' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

fn after(bytes: &[u8], at: usize, byte: u8) -> End {
    if bytes.get(at) == Some(&byte) { Ok(at + 1) } else { Err(Invalid) }
}

/// A value with all that is in it.
#[inline]
fn value(bytes: &[u8], at: usize) -> End {
    match bytes.get(at) {
        Some(b'{' | b'[') => nested(bytes, at),
        Some(b'"') => string(bytes, at + 1),
        Some(b'-' | b'0'..=b'9') => number(bytes, at),
        Some(b't') => word(bytes, at, b"true"),
        Some(b'f') => word(bytes, at, b"false"),
        Some(b'n') => word(bytes, at, b"null"),
        Some(_) | None => Err(Invalid),
    }
}

/// An object or a list; apart from the rest, which is small enough to be part of its callers. A bracket in another
/// costs a byte, and no stack.
#[inline(never)]
fn nested(bytes: &[u8], mut at: usize) -> End {
    let mut outer = SmallVec::<[u8; 32]>::new();
    let mut open = None;
    loop {
        // Here a value begins.
        match bytes.get(at) {
            Some(bracket @ (b'{' | b'[')) => {
                let end = if *bracket == b'{' { b'}' } else { b']' };
                at = blanks(bytes, at + 1);
                if bytes.get(at) != Some(&end) {
                    outer.extend(open.replace(end));
                    at = label(bytes, at, end)?;
                    continue;
                }
                at += 1;
            }
            Some(_) | None => at = value(bytes, at)?,
        }
        // Here it has ended: what was open may end too, until another begins.
        loop {
            let Some(end) = open else { return Ok(at) };
            at = blanks(bytes, at);
            if let Ok(next) = after(bytes, at, b',') {
                at = label(bytes, blanks(bytes, next), end)?;
                break;
            }
            at = after(bytes, at, end)?;
            open = outer.pop();
        }
    }
}

/// The key and colon before a value, where that is in an object.
fn label(bytes: &[u8], at: usize, end: u8) -> End {
    if end == b']' {
        return Ok(at);
    }
    let at = blanks(bytes, string(bytes, after(bytes, at, b'"')?)?);
    Ok(blanks(bytes, after(bytes, at, b':')?))
}

/// A string from behind its first quote.
#[inline]
fn string(bytes: &[u8], mut at: usize) -> End {
    loop {
        at = plain_end(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at = escape(bytes, at + 1)?,
            Some(_) | None => return Err(Invalid),
        }
    }
}

/// What follows a backslash.
fn escape(bytes: &[u8], at: usize) -> End {
    match bytes.get(at) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 1),
        Some(b'u') => {
            let digits = bytes.get(at + 1..at + 5).ok_or(Invalid)?;
            if digits.iter().all(u8::is_ascii_hexdigit) { Ok(at + 5) } else { Err(Invalid) }
        }
        Some(_) | None => Err(Invalid),
    }
}

fn number(bytes: &[u8], at: usize) -> End {
    let at = after(bytes, at, b'-').unwrap_or(at);
    let mut at = match bytes.get(at) {
        Some(b'0') => at + 1,
        Some(_) | None => digits(bytes, at)?,
    };
    if let Ok(fraction) = after(bytes, at, b'.') {
        at = digits(bytes, fraction)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let sign = at + 1;
        at = digits(bytes, after(bytes, sign, b'+').or(after(bytes, sign, b'-')).unwrap_or(sign))?;
    }
    Ok(at)
}

fn digits(bytes: &[u8], from: usize) -> End {
    let mut at = from;
    while let Some(b'0'..=b'9') = bytes.get(at) {
        at += 1;
    }
    if at > from { Ok(at) } else { Err(Invalid) }
}

fn word(bytes: &[u8], at: usize, word: &[u8]) -> End {
    if bytes[at..].starts_with(word) { Ok(at + word.len()) } else { Err(Invalid) }
}

/// Where a string is first more than plain: at a quote, a backslash or a control character; looks at eight bytes at a
/// time.
#[inline]
fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let stops = stops(u64::from_le_bytes(*eight));
        if stops != 0 {
            return at + stops.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while let Some(b' ' | b'!' | b'#'..=b'[' | b']'..) = bytes.get(at) {
        at += 1;
    }
    at
}

/// The high bit of every byte that is not plain. Borrows may set bits above the lowest that is right, never below it.
fn stops(eight: u64) -> u64 {
    const LOW: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let below = |word: u64, limit: u64| word.wrapping_sub(LOW * limit) & !word;
    // This turns a quote into the next after the control characters, and them into each other.
    let quote_or_control = below(eight ^ (LOW * 0x02), 0x21);
    let backslash = below(eight ^ (LOW * u64::from(b'\\')), 1);
    (quote_or_control | backslash) & HIGH
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::value::RawValue;

    type All<'a> = Vec<(Cow<'a, str>, &'a str)>;

    fn all(text: &str) -> Option<Result<All<'_>, Invalid>> {
        let mut all = Vec::new();
        Fields::of(text)
            .map(|fields| fields.each(|key, value| all.push((key, value))))
            .map(|end| end.map(|()| all))
    }

    /// The same by `serde_json`: whether it is JSON, and whether an object.
    fn reference(text: &str) -> Option<Result<(), Invalid>> {
        let is_object = text.trim_start_matches([' ', '\n', '\t', '\r']).starts_with('{');
        is_object.then(|| serde_json::from_str::<&RawValue>(text).map(|_| ()).map_err(|_| Invalid))
    }

    #[test]
    fn fields_as_they_stand() {
        let text = " {\"a\" : {\"b\":[1, {}]}, \"c\\u0041\":\"x\\\"}\" ,\"\":[] , \"a\":-1.5e+3} ";
        let wanted = [("a", "{\"b\":[1, {}]}"), ("cA", "\"x\\\"}\""), ("", "[]"), ("a", "-1.5e+3")];
        let fields = all(text).and_then(Result::ok).expect("it is an object");
        assert_eq!(fields.iter().map(|(key, raw)| (&**key, *raw)).collect::<Vec<_>>(), wanted);
        assert_eq!(all("{}"), Some(Ok(Vec::new())));
        assert_eq!(all("[1]"), None);
    }

    #[test]
    fn what_is_no_json_is_found_out() {
        for text in [
            "{",
            "{}}",
            "{} {}",
            "{,}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "{\"a\":01}",
            "{\"a\":1.}",
            "{\"a\":-}",
            "{\"a\":1e}",
            "{\"a\":tru}",
            "{\"a\":truee}",
            "{\"a\":\"\\x\"}",
            "{\"a\":\"\\u12g4\"}",
            "{\"a\":\"\n\"}",
            "{\"a\":[1,]}",
            "{\"a\":[}",
            "{\"a\":{\"b\"}}",
            "{a:1}",
            "{\"a\":\"\\",
            "{\"a\":\"\\u12",
            "{\"a\":\"x",
        ] {
            assert_eq!(all(text), Some(Err(Invalid)), "{text}");
            assert_eq!(reference(text), Some(Err(Invalid)), "{text}");
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = format!("{{\"a\":{}{}}}", "[{\"b\":".repeat(100_000) + "1", "}]".repeat(100_000));
        assert!(matches!(all(&deep), Some(Ok(fields)) if fields.len() == 1));
    }

    #[test]
    fn every_byte_ends_a_plain_stretch_where_it_should() {
        for byte in 0..=u8::MAX {
            for place in 0..17 {
                let mut bytes = [b'a'; 17];
                bytes[place] = byte;
                let wanted = if matches!(byte, b'"' | b'\\' | 0..0x20) { place } else { 17 };
                assert_eq!(plain_end(&bytes, 0), wanted, "{byte} at {place}");
            }
        }
    }

    /// Pieces of which objects, and what nearly is one, are made.
    fn piece() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\"a\"",
            "\"\\u00e9\\ud800\"",
            "\"k\":",
            "\"longer than eight\"",
            "0",
            "-",
            "1",
            ".5",
            "e+1",
            "true",
            "false",
            "null",
            "nul",
            " ",
            "\n",
            "é",
            "\u{1}",
            "{}",
            "[]",
        ])
    }

    proptest! {
        #[test]
        fn what_serde_json_accepts_is_accepted(pieces in prop::collection::vec(piece(), 0..24)) {
            let text = format!("{{{}", pieces.concat());
            prop_assert_eq!(all(&text).map(|all| all.map(|_| ())), reference(&text));
        }

        #[test]
        fn valid_objects_come_whole(keys in prop::collection::vec(("\\PC{0,12}", "\\PC{0,20}", any::<f64>()), 0..6)) {
            let fields: Vec<_> = keys.iter().map(|(key, text, number)| {
                let value = serde_json::json!([text, { "n": number }]).to_string();
                (serde_json::to_string(key).expect("a text"), value)
            }).collect();
            let object = fields.iter().map(|(key, value)| format!("{key}:{value}")).collect::<Vec<_>>().join(" , ");
            let text = format!("{{{object}}}");
            let found = all(&text).and_then(Result::ok).expect("it is an object");
            prop_assert_eq!(found.len(), keys.len());
            for ((key, value), ((wanted, ..), (_, raw))) in found.iter().zip(keys.iter().zip(&fields)) {
                prop_assert_eq!((&**key, *value), (wanted.as_str(), raw.as_str()));
            }
        }
    }
}

//! A walk over JSON text that finds where values end, and what is no JSON.
//!
//! It must not build values, nor know what strings mean (see [`text`](super::text)) or what a packet is. Places
//! and not slices, no recursion and no memory of its own, since this is gone once for every message. What is
//! accepted is what `serde_json` accepts as a raw value, up to its depth; property tests hold it to that.

use super::Malformed;

/// How many brackets may be inside of each other, the outermost included; as `serde_json`.
pub(super) const DEPTH: u32 = 127;

/// The place behind what was gone over.
type End = Result<usize, Malformed>;

/// Gives every element of the list `text` to `take`, as it stands. What was given counts only if all ends well.
pub(super) fn list<'a>(text: &'a str, mut take: impl FnMut(&'a str)) -> Result<(), Malformed> {
    let bytes = text.as_bytes();
    let open = blanks(bytes, 0);
    if bytes.get(open) != Some(&b'[') {
        return Err(Malformed::NotList);
    }
    let mut at = blanks(bytes, open + 1);
    if bytes.get(at) != Some(&b']') {
        loop {
            let end = value(bytes, at, DEPTH - 1)?;
            take(&text[at..end]);
            at = blanks(bytes, end);
            if bytes.get(at) != Some(&b',') {
                break;
            }
            at = blanks(bytes, at + 1);
        }
    }
    over(bytes, after(bytes, at, b']')?)
}

/// Whether `text` is an object.
pub(super) fn object(text: &str) -> Result<(), Malformed> {
    let bytes = text.as_bytes();
    let open = blanks(bytes, 0);
    if bytes.get(open) != Some(&b'{') {
        return Err(Malformed::NotObject);
    }
    over(bytes, value(bytes, open, DEPTH)?)
}

/// Nothing but blanks follows.
fn over(bytes: &[u8], at: usize) -> Result<(), Malformed> {
    if blanks(bytes, at) == bytes.len() { Ok(()) } else { Err(Malformed::NotJson) }
}

/// Behind the blanks that begin at `at`.
pub(super) fn blanks(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\t' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

fn after(bytes: &[u8], at: usize, byte: u8) -> End {
    if bytes.get(at) == Some(&byte) { Ok(at + 1) } else { Err(Malformed::NotJson) }
}

#[inline]
fn value(bytes: &[u8], at: usize, depth: u32) -> End {
    match bytes.get(at) {
        Some(b'{' | b'[') => nested(bytes, at, depth),
        Some(_) | None => scalar(bytes, at),
    }
}

/// Which brackets are open: a bit for each, the innermost the lowest, set for an object.
struct Open {
    objects: u128,
    depth: u32,
    /// At most 128.
    limit: u32,
}

impl Open {
    fn begin(&mut self, object: bool) -> Result<(), Malformed> {
        if self.depth == self.limit {
            return Err(Malformed::TooDeep);
        }
        self.objects = self.objects << 1 | u128::from(object);
        self.depth += 1;
        Ok(())
    }

    fn end(&mut self) {
        self.objects >>= 1;
        self.depth -= 1;
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn closing(&self) -> u8 {
        if self.in_object() { b'}' } else { b']' }
    }

    /// Over the key and colon before a value, where that is in an object.
    fn label(&self, bytes: &[u8], at: usize) -> End {
        if !self.in_object() {
            return Ok(at);
        }
        let at = blanks(bytes, string(bytes, after(bytes, at, b'"')?)?);
        Ok(blanks(bytes, after(bytes, at, b':')?))
    }
}

/// A list or an object, with all that is in it.
fn nested(bytes: &[u8], mut at: usize, limit: u32) -> End {
    let mut open = Open { objects: 0, depth: 0, limit };
    loop {
        // Here a value begins.
        match bytes.get(at) {
            Some(bracket @ (b'{' | b'[')) => {
                open.begin(*bracket == b'{')?;
                at = blanks(bytes, at + 1);
                if bytes.get(at) != Some(&open.closing()) {
                    at = open.label(bytes, at)?;
                    continue;
                }
            }
            Some(_) | None => at = scalar(bytes, at)?,
        }
        // Here it has ended, or is empty and will: what is around it may end too, until another begins.
        loop {
            at = blanks(bytes, at);
            if bytes.get(at) == Some(&b',') {
                at = open.label(bytes, blanks(bytes, at + 1))?;
                break;
            }
            at = after(bytes, at, open.closing())?;
            open.end();
            if open.depth == 0 {
                return Ok(at);
            }
        }
    }
}

#[inline]
fn scalar(bytes: &[u8], at: usize) -> End {
    match bytes.get(at) {
        Some(b'"') => string(bytes, at + 1),
        Some(b'-' | b'0'..=b'9') => number(bytes, at),
        Some(b't') => word(bytes, at, b"true"),
        Some(b'f') => word(bytes, at, b"false"),
        Some(b'n') => word(bytes, at, b"null"),
        Some(_) | None => Err(Malformed::NotJson),
    }
}

fn word(bytes: &[u8], at: usize, word: &[u8]) -> End {
    if bytes[at..].starts_with(word) { Ok(at + word.len()) } else { Err(Malformed::NotJson) }
}

fn number(bytes: &[u8], at: usize) -> End {
    let at = after(bytes, at, b'-').unwrap_or(at);
    let mut at = if bytes.get(at) == Some(&b'0') { at + 1 } else { digits(bytes, at)? };
    if let Ok(fraction) = after(bytes, at, b'.') {
        at = digits(bytes, fraction)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        let signed = matches!(bytes.get(at + 1), Some(b'+' | b'-'));
        at = digits(bytes, at + 1 + usize::from(signed))?;
    }
    Ok(at)
}

/// At least one.
fn digits(bytes: &[u8], from: usize) -> End {
    let mut at = from;
    while let Some(b'0'..=b'9') = bytes.get(at) {
        at += 1;
    }
    if at > from { Ok(at) } else { Err(Malformed::NotJson) }
}

/// A string, from behind its first quote.
fn string(bytes: &[u8], mut at: usize) -> End {
    loop {
        at = plain(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at = escape(bytes, at + 1)?,
            Some(_) | None => return Err(Malformed::NotJson),
        }
    }
}

/// Behind what needs no second look: up to a quote, a backslash or a control character.
pub(super) fn plain(bytes: &[u8], mut at: usize) -> usize {
    let stops = |byte: u8| byte < 0x20 || byte == b'"' || byte == b'\\';
    // All sixteen are looked at before anything is decided, so that it becomes a few vector instructions.
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        if block.iter().fold(false, |found, byte| found | stops(*byte)) {
            break;
        }
        at += 16;
    }
    while bytes.get(at).is_some_and(|byte| !stops(*byte)) {
        at += 1;
    }
    at
}

/// What follows a backslash.
fn escape(bytes: &[u8], at: usize) -> End {
    match bytes.get(at) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 1),
        Some(b'u') => match bytes.get(at + 1..at + 5) {
            Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => Ok(at + 5),
            Some(_) | None => Err(Malformed::NotJson),
        },
        Some(_) | None => Err(Malformed::NotJson),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;
    use serde_json::value::RawValue;

    use super::*;

    fn elements(text: &str) -> Result<Vec<&str>, Malformed> {
        let mut all = Vec::new();
        list(text, |element| all.push(element)).map(|()| all)
    }

    #[test]
    fn elements_as_they_stand() {
        let text = " [ \"a\" ,{\"b\" : [1, {} ,[ ]]}\n,-1.5e+3,\t[],\"\\\"]\",null ] ";
        let wanted = ["\"a\"", "{\"b\" : [1, {} ,[ ]]}", "-1.5e+3", "[]", "\"\\\"]\"", "null"];
        assert_eq!(elements(text), Ok(wanted.to_vec()));
        assert_eq!(elements("[]"), Ok(vec![]));
        assert_eq!(elements(" [ ] "), Ok(vec![]));
    }

    #[test]
    fn what_is_no_json_is_found_out() {
        // One value between blanks; `_` is a line end.
        let values = r#" 01 1. - 1e 1e+ .5 +1 tru truee nul "\x" "\u12g4" "_" "\ "\u12 "x 'x' [1,] [,1] [ [} { {] {,}
            {"a"} {"a":} {"a":1,} {"a"1} {a:1} {1:1} [1[]] [1"a"] ["a":1] NaN undefined"#;
        let values = values.split_ascii_whitespace().map(|value| value.replace('_', "\n"));
        for value in values.chain(["", "\u{a0}1", "\u{feff}1", "1 2"].map(str::to_owned)) {
            for text in
                [format!("[1,{value}]"), format!("[[{value},1]]"), format!("[{{\"k\":{value},\"l\":1}}]")]
            {
                assert_eq!(elements(&text), Err(Malformed::NotJson), "{text}");
                assert!(serde_json::from_str::<Value>(&text).is_err(), "{text}");
            }
        }
        for text in ["[1", "[1,", "[1]]", "[1][", "[1] 1", "[1],", "[]\0"] {
            assert_eq!(elements(text), Err(Malformed::NotJson), "{text}");
        }
        assert_eq!(elements("{}"), Err(Malformed::NotList));
        assert_eq!(object("[]"), Err(Malformed::NotObject));
        assert_eq!(object("{}}"), Err(Malformed::NotJson));
    }

    #[test]
    fn as_deep_as_serde_json() {
        let deep = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
        let mixed = |depth: usize| ["{\"a\":[".repeat(depth), "]}".repeat(depth)].concat();
        for (text, sound) in [(deep(127), true), (deep(128), false), (deep(100_000), false)] {
            assert_eq!(elements(&text).err(), (!sound).then_some(Malformed::TooDeep));
            assert_eq!(serde_json::from_str::<Value>(&text).is_ok(), sound);
        }
        for (text, sound) in [(mixed(63), true), (mixed(64), false), (mixed(100_000), false)] {
            assert_eq!(object(&text).err(), (!sound).then_some(Malformed::TooDeep));
            assert_eq!(serde_json::from_str::<Value>(&text).is_ok(), sound);
        }
        assert_eq!(object(&["{\"a\":".repeat(127), "0".into(), "}".repeat(127)].concat()), Ok(()));
        assert_eq!(elements(&"[".repeat(127)), Err(Malformed::NotJson));
    }

    #[test]
    fn every_byte_ends_a_plain_stretch_where_it_should() {
        for byte in 0..=u8::MAX {
            for place in 0..35 {
                let mut bytes = [b'a'; 35];
                bytes[place] = byte;
                let wanted = if matches!(byte, b'"' | b'\\' | 0..0x20) { place } else { 35 };
                assert_eq!(plain(&bytes, 0), wanted, "{byte} at {place}");
            }
        }
    }

    /// Pieces of which lists, and what nearly is one, are made; between blanks.
    const PIECES: &str = r#"{ } [ ] , , : " \ "a" "\u00e9\ud800" "k": "k":1 "longer_than_sixteen_bytes" 0 - 1 .5 e+1
        true false null nul é {} []"#;

    fn piece() -> impl Strategy<Value = &'static str> {
        let blanks_and_control = [" ", "\n", "\u{1}"];
        prop::sample::select(PIECES.split_ascii_whitespace().chain(blanks_and_control).collect::<Vec<_>>())
    }

    proptest! {
        #[test]
        fn what_serde_json_accepts_is_accepted(pieces in prop::collection::vec(piece(), 0..16), closed: bool) {
            let text = format!("[{}{}", pieces.concat(), if closed { "]" } else { "" });
            let reference = serde_json::from_str::<Vec<&RawValue>>(&text);
            let reference = reference.map(|all| all.into_iter().map(RawValue::get).collect::<Vec<_>>());
            prop_assert_eq!(elements(&text).ok(), reference.ok());
            let text = format!("{{{}{}", pieces.concat(), if closed { "}" } else { "" });
            prop_assert_eq!(object(&text).is_ok(), serde_json::from_str::<&RawValue>(&text).is_ok());
        }
    }
}

//! JSON text as text: how deep it is, how it looks with line breaks. Looks at letters, never at values, so
//! that nothing a client sent can make it recurse.

/// Whether brackets are nested deeper than `max`. For text that may be no JSON at all.
pub(super) fn is_deeper(text: &[u8], max: usize) -> bool {
    let mut depth = 0_usize;
    let mut letters = text.iter();
    while let Some(letter) = letters.next() {
        match letter {
            b'"' => skip_string(&mut letters),
            b'{' | b'[' => {
                depth += 1;
                if depth > max {
                    return true;
                }
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

fn skip_string(letters: &mut std::slice::Iter<'_, u8>) {
    while let Some(letter) = letters.next() {
        match letter {
            b'\\' => {
                letters.next();
            }
            b'"' => return,
            _ => {}
        }
    }
}

/// Levels that are indented; what is deeper stands as far to the right as this. Indentation grows with the
/// square of the depth, and no person reads on there.
const INDENTED_MAX: usize = 100;

/// JSON with every element on a line of its own, indented by `blanks` a level, as `JSON.stringify` does it.
#[must_use]
pub fn indented(text: &[u8], blanks: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(letter) = text.get(at) {
        match letter {
            b'"' => {
                let end = string_end(text, at);
                out.extend_from_slice(&text[at..end]);
                at = end;
                continue;
            }
            b'{' | b'[' => {
                out.push(*letter);
                match next_letter(text, at + 1) {
                    Some(close) if matches!(text[close], b'}' | b']') => {
                        out.push(text[close]);
                        at = close;
                    }
                    Some(_) | None => {
                        depth += 1;
                        break_line(&mut out, depth, blanks);
                    }
                }
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                break_line(&mut out, depth, blanks);
                out.push(*letter);
            }
            b',' => {
                out.push(b',');
                break_line(&mut out, depth, blanks);
            }
            b':' => out.extend_from_slice(b": "),
            b' ' | b'\t' | b'\n' | b'\r' => {}
            other => out.push(*other),
        }
        at += 1;
    }
    out
}

fn break_line(out: &mut Vec<u8>, depth: usize, blanks: usize) {
    out.push(b'\n');
    out.resize(out.len() + depth.min(INDENTED_MAX) * blanks, b' ');
}

/// Where a string that begins at `start` is over.
fn string_end(text: &[u8], start: usize) -> usize {
    let mut letters = text[start + 1..].iter();
    skip_string(&mut letters);
    text.len() - letters.len()
}

fn next_letter(text: &[u8], from: usize) -> Option<usize> {
    text[from..].iter().position(|letter| !letter.is_ascii_whitespace()).map(|offset| from + offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_javascript_indents_it() {
        let text = r#"{"a":1,"b":[1,"x,{]\"",{}],"c":[],"d":{"e":null}}"#;
        let expected = "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    \"x,{]\\\"\",\n    {}\n  ],\n  \"c\": [],\n  \"d\": {\n    \"e\": null\n  }\n}";
        assert_eq!(String::from_utf8(indented(text.as_bytes(), 2)).as_deref(), Ok(expected));
        let spaced = " { \"a\" : [ ] ,\n\t\"b\": { } } ";
        assert_eq!(indented(spaced.as_bytes(), 1), b"{\n \"a\": [],\n \"b\": {}\n}");
        for plain in ["5", "\"x\"", "null", "{}", "[]"] {
            assert_eq!(indented(plain.as_bytes(), 2), plain.as_bytes());
        }
    }

    #[test]
    fn depth_counts_brackets_outside_of_strings() {
        assert!(!is_deeper(b"[[1]]", 2));
        assert!(is_deeper(b"[[[1]]]", 2));
        assert!(!is_deeper(br#"["[[[[\"[["]"#, 2));
        assert!(!is_deeper(b"[1],[2],[3]", 1));
        let deep = "[".repeat(100_000);
        assert!(is_deeper(deep.as_bytes(), 128));
        assert!(indented(deep.as_bytes(), 2).len() < 100_000 * 300);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_taken(bytes: Vec<u8>) {
            is_deeper(&bytes, 3);
            let _ = indented(&bytes, 2);
        }

        #[test]
        fn the_value_stays_the_same(raw in r#"[\[\]{}",:0-9a \\]{0,40}"#) {
            if let Ok(value) = serde_json::from_str::<serde_json::Value>(&raw) {
                let again: serde_json::Value = serde_json::from_slice(&indented(raw.as_bytes(), 2)).unwrap();
                proptest::prop_assert_eq!(value, again);
            }
        }
    }
}

//! The little JSON that the layer writes itself, and the escape that all of its messages need.
//!
//! It must not parse JSON, nor build messages of an application.

/// Appends `text` as it stands between the quotes of a JSON string, U+2028 and U+2029 escaped.
pub fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let mut utf8 = [0; 4];
    for character in text.chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\u{0}'..='\u{1F}' | '\u{2028}' | '\u{2029}' => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(character)).as_bytes());
            }
            _ => out.extend_from_slice(character.encode_utf8(&mut utf8).as_bytes()),
        }
    }
}

/// Escapes U+2028 and U+2029 in the JSON text that begins at `from`, as Primus does for everything it sends:
/// old browsers take them for line ends inside of a script. In sound JSON they stand only in strings.
///
/// Texts have them hardly ever, so the way without any is one scan for their first byte.
pub fn escape_separators(out: &mut Vec<u8>, from: usize) {
    let Some(first) = separator(&out[from..]) else { return };
    let tail = out.split_off(from + first);
    let mut rest = tail.as_slice();
    while let Some(at) = separator(rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(if rest[at + 2] == 0xA8 { b"\\u2028" } else { b"\\u2029" });
        rest = &rest[at + 3..];
    }
    out.extend_from_slice(rest);
}

/// Where the first U+2028 (E2 80 A8) or U+2029 (E2 80 A9) begins.
fn separator(text: &[u8]) -> Option<usize> {
    memchr::memchr_iter(0xE2, text).find(|at| matches!(text[*at..], [0xE2, 0x80, 0xA8 | 0xA9, ..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators() {
        let table = [
            ("", ""),
            (r#"{"a":"b"}"#, r#"{"a":"b"}"#),
            ("\"a\u{2028}b\"", "\"a\\u2028b\""),
            ("\"\u{2029}\u{2028}\u{2029}\"", "\"\\u2029\\u2028\\u2029\""),
            ("\"“quoted” … €\u{2027}\u{202A}\"", "\"“quoted” … €\u{2027}\u{202A}\""),
        ];
        for (text, expected) in table {
            let mut out = "\u{2028}before ".as_bytes().to_vec();
            let from = out.len();
            out.extend_from_slice(text.as_bytes());
            escape_separators(&mut out, from);
            assert_eq!(out, ["\u{2028}before ", expected].concat().into_bytes(), "{text}");
        }
    }

    #[test]
    fn a_cut_separator_is_left_alone() {
        let mut out = vec![b'a', 0xE2, 0x80];
        escape_separators(&mut out, 0);
        assert_eq!(out, [b'a', 0xE2, 0x80]);
    }

    #[test]
    fn strings() {
        let mut out = Vec::new();
        push_escaped(&mut out, "a\"b\\c\n\u{2028}é😀");
        assert_eq!(String::from_utf8(out).as_deref(), Ok("a\\\"b\\\\c\\u000a\\u2028é😀"));
    }
}

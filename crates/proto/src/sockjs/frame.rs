//! Frames to clients: `o`, `h`, `a["…"]`, `c[…]` (sockjs.md, 1), and the way from many of one message to one
//! of many.
//!
//! Owns what must be escaped in them. It must not know by which transport they leave; see
//! [`wrap`](super::wrap).

use memchr::memchr2_iter;

use super::escape;
use crate::ws::Opcode;
use crate::ws::frame::Start;

/// The session is open: the first frame, once in a session.
pub const OPEN: &str = "o";

/// A sign of life.
pub const HEARTBEAT: &str = "h";

const ARRAY: &[u8] = b"a[";

/// Makes the frame of one message out of the text that begins at `from`: `a["…"]`, in place. The text must be
/// UTF-8; it is taken as bytes since most texts are built as such. Linear, without an allocation beyond the
/// growth of `out`.
pub fn message(out: &mut Vec<u8>, from: usize) {
    quote(out, from, b"a[\"", b"\"]");
}

/// Appends the last frame of a session: a code of sockjs.md, 6, and its reason.
pub fn close(out: &mut Vec<u8>, code: u16, reason: &str) {
    let from = out.len();
    out.extend_from_slice(reason.as_bytes());
    quote(out, from, format!("c[{code},\"").as_bytes(), b"\"]");
}

/// What U+2xxx and U+Fxxx begin with, among which are all longer characters that must be escaped.
const WIDE: [u8; 2] = [0xE2, 0xEF];

/// What a byte of the text asks for.
#[derive(Clone, Copy)]
enum Care {
    None,
    Backslash,
    Unicode,
    /// To look at the two bytes behind it.
    Look,
}

const CARE: [Care; 256] = {
    let mut care = [Care::None; 256];
    let mut byte = 0;
    while byte < 0x20 {
        care[byte] = Care::Unicode;
        byte += 1;
    }
    care[b'"' as usize] = Care::Backslash;
    care[b'\\' as usize] = Care::Backslash;
    care[WIDE[0] as usize] = Care::Look;
    care[WIDE[1] as usize] = Care::Look;
    care
};

/// Escapes the text that begins at `from`, and puts it between `before` and `after`.
///
/// How much it grows is counted first. Then it moves up from its end, so that nothing is overwritten that has
/// yet to move, up to where nothing more is to be escaped; the rest moves as a whole. Quotes are close to
/// each other in JSON, so bytes go one by one: runs between them are too short to be worth a call.
fn quote(out: &mut Vec<u8>, from: usize, before: &[u8], after: &[u8]) {
    let mut read = out.len();
    let growth = growth(&out[from..]);
    let mut write = read + before.len() + growth;
    out.resize(write, 0);
    out.extend_from_slice(after);
    while write > read + before.len() {
        read -= 1;
        let byte = out[read];
        write -= 1;
        out[write] = byte;
        match CARE[usize::from(byte)] {
            Care::None => {}
            Care::Backslash => {
                write -= 1;
                out[write] = b'\\';
            }
            Care::Unicode => {
                write -= 5;
                out[write..write + 6].copy_from_slice(&escape::unicode(byte.into()));
            }
            // Its other two bytes are no special ones, so they stand behind it as they did.
            Care::Look => {
                if let Some(unit) = wide(&out[write..]) {
                    write -= 3;
                    out[write..write + 6].copy_from_slice(&escape::unicode(unit));
                }
            }
        }
    }
    out.copy_within(from..read, from + before.len());
    out[from..from + before.len()].copy_from_slice(before);
}

/// By how many bytes the text grows. Counted in parts that are short enough for counters of one byte, which
/// processors add up side by side.
fn growth(text: &[u8]) -> usize {
    let mut growth = 0;
    for part in text.chunks(usize::from(u8::MAX)) {
        let count =
            |special: fn(u8) -> bool| -> u8 { part.iter().map(|byte| u8::from(special(*byte))).sum() };
        growth += usize::from(count(|byte| byte == b'"' || byte == b'\\'));
        growth += 5 * usize::from(count(|byte| byte < 0x20));
    }
    growth + 3 * memchr2_iter(WIDE[0], WIDE[1], text).filter(|at| wide(&text[*at..]).is_some()).count()
}

/// The character of three bytes with which the text begins, if it must be escaped.
fn wide(text: &[u8]) -> Option<u16> {
    let special =
        |unit: &u16| matches!(unit, 0x200C..=0x200F | 0x2028..=0x202F | 0x2060..=0x206F | 0xFFF0..=0xFFFF);
    escape::three_bytes(text).filter(special)
}

/// The payloads of whole, unmasked, uncompressed websocket frames that stand behind each other: those of text
/// messages. Control frames and binary ones are passed over. What is no frame of that kind ends it.
#[derive(Clone, Debug)]
pub struct Frames<'a> {
    rest: &'a [u8],
}

impl<'a> Frames<'a> {
    /// Frames as [`ws::encode`](crate::ws::encode) writes them.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// What has not been read yet; empty behind the last frame, also if that is cut.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        while !self.rest.is_empty() {
            let Some((opcode, payload, rest)) = split(self.rest) else {
                self.rest = &[];
                return None;
            };
            self.rest = rest;
            match opcode {
                Opcode::Text => return Some(payload),
                Opcode::Binary | Opcode::Continuation | Opcode::Close | Opcode::Ping | Opcode::Pong => {}
            }
        }
        None
    }
}

/// The first frame, and what is behind it.
fn split(bytes: &[u8]) -> Option<(Opcode, &[u8], &[u8])> {
    let start = Start::decode(*bytes.first_chunk()?).ok()?;
    if start.masked || start.packed || !start.fin {
        return None;
    }
    let (head, rest) = bytes.split_at_checked(start.head_len())?;
    let len = usize::try_from(start.finish(head).ok()?.len).ok()?;
    let (payload, rest) = rest.split_at_checked(len)?;
    Some((start.opcode, payload, rest))
}

/// Appends the next frame for a client out of what waits in an outbox, and says how many bytes of that it
/// took, over all slices: the caller removes them and calls again. Zero, and nothing appended, if nothing
/// waits.
///
/// Each slice holds whole websocket frames like those of [`Frames`], each with one frame of ours. Those with
/// messages that follow each other become one `a[…,…]`; any other is taken alone. Control frames between
/// them count as taken. If there is nothing else, all is taken and nothing appended.
pub fn merge<'a>(slices: impl IntoIterator<Item = &'a [u8]>, out: &mut Vec<u8>) -> usize {
    let mut merged = Merged::Nothing;
    let mut taken = 0;
    for slice in slices {
        let mut frames = Frames::new(slice);
        loop {
            let before = frames.rest().len();
            let Some(frame) = frames.next() else {
                taken += before;
                break;
            };
            if !merged.take(frame, out) {
                merged.end(out);
                return taken;
            }
            taken += before - frames.rest().len();
        }
    }
    merged.end(out);
    taken
}

/// How far a merged frame is.
enum Merged {
    Nothing,
    /// Messages, without the bracket at the end; with a comma before the next if there is one already.
    Messages {
        some: bool,
    },
    Alone,
}

impl Merged {
    /// Appends the frame, unless it cannot be in one with what is there.
    fn take(&mut self, frame: &[u8], out: &mut Vec<u8>) -> bool {
        let messages = frame.strip_prefix(ARRAY).and_then(|rest| rest.strip_suffix(b"]"));
        match (&mut *self, messages) {
            (Self::Nothing, None) => {
                out.extend_from_slice(frame);
                *self = Self::Alone;
            }
            (Self::Nothing, Some(messages)) => {
                out.extend_from_slice(ARRAY);
                out.extend_from_slice(messages);
                *self = Self::Messages { some: !messages.is_empty() };
            }
            (Self::Messages { some }, Some(messages)) => {
                if *some && !messages.is_empty() {
                    out.push(b',');
                }
                out.extend_from_slice(messages);
                *some |= !messages.is_empty();
            }
            (Self::Messages { .. }, None) | (Self::Alone, _) => return false,
        }
        true
    }

    fn end(&self, out: &mut Vec<u8>) {
        match self {
            Self::Messages { .. } => out.push(b']'),
            Self::Nothing | Self::Alone => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ws::encode;

    fn framed(text: &str) -> String {
        let mut out = b"\"before\"".to_vec();
        let from = out.len();
        out.extend_from_slice(text.as_bytes());
        message(&mut out, from);
        let out = String::from_utf8(out).expect("text stays text");
        out.strip_prefix("\"before\"").expect("what was there stays").to_owned()
    }

    #[test]
    fn messages() {
        for (text, expected) in [
            ("", r#"a[""]"#),
            ("x", r#"a["x"]"#),
            (r#"{"welcome":1}"#, r#"a["{\"welcome\":1}"]"#),
            (r#""a\"b""#, r#"a["\"a\\\"b\""]"#),
            ("\0\n\t\u{1f} \u{7f}\u{80}", "a[\"\\u0000\\u000a\\u0009\\u001f \u{7f}\u{80}\"]"),
            ("\u{200B}\u{200C}\u{200F}\u{2010}", "a[\"\u{200B}\\u200c\\u200f\u{2010}\"]"),
            ("\u{2027}\u{2028}\u{202F}\u{2030}", "a[\"\u{2027}\\u2028\\u202f\u{2030}\"]"),
            ("\u{205F}\u{2060}\u{206F}\u{2070}", "a[\"\u{205F}\\u2060\\u206f\u{2070}\"]"),
            ("\u{FFEF}\u{FFF0}\u{FFFF}\u{10000}", "a[\"\u{FFEF}\\ufff0\\uffff\u{10000}\"]"),
            ("\u{FFFD}é…😀“”", "a[\"\\ufffdé…😀“”\"]"),
        ] {
            assert_eq!(framed(text), expected, "{text:?}");
        }
    }

    #[test]
    fn closes() {
        for (code, reason, expected) in [
            (1000, "Normal closure", r#"c[1000,"Normal closure"]"#),
            (2010, "Another connection still open", r#"c[2010,"Another connection still open"]"#),
            (3001, "\"\u{2028}\\", r#"c[3001,"\"\u2028\\"]"#),
            (1001, "", r#"c[1001,""]"#),
        ] {
            let mut out = b"o".to_vec();
            close(&mut out, code, reason);
            assert_eq!(String::from_utf8(out), Ok(format!("o{expected}")));
        }
    }

    /// Websocket frames; `ping`, `close` and `binary` are such, all else are texts.
    fn waiting(frames: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        for frame in frames {
            match *frame {
                "ping" => encode::ping(&mut out, b"a[\"x\"]"),
                "pong" => encode::pong(&mut out, b""),
                "close" => encode::close(&mut out, Some((1000, "h"))),
                "binary" => encode::binary(&mut out, b"a[\"x\"]"),
                text => encode::text(&mut out, text.as_bytes()),
            }
        }
        out
    }

    #[test]
    fn merged() {
        let table: &[(&[&[&str]], &[&str])] = &[
            (&[], &[]),
            (&[&[], &[]], &[]),
            (&[&["o"]], &["o"]),
            (&[&["o", "a[\"1\"]", "a[\"2\"]"]], &["o", r#"a["1","2"]"#]),
            (&[&["a[\"1\"]"], &[], &["a[\"2\",\"3\"]", "h", "h"]], &[r#"a["1","2","3"]"#, "h", "h"]),
            (
                &[&["a[\"1\"]", "c[1000,\"\"]"], &["c[1000,\"\"]"]],
                &[r#"a["1"]"#, "c[1000,\"\"]", "c[1000,\"\"]"],
            ),
            (&[&["ping", "a[\"1\"]", "pong", "binary"], &["close", "a[\"2\"]", "ping"]], &[r#"a["1","2"]"#]),
            (&[&["ping", "o", "pong", "h", "close"]], &["o", "h"]),
            (&[&["a[]", "a[\"1\"]", "a[]", "a[\"2\"]", "a[]"]], &[r#"a["1","2"]"#]),
            (&[&["a[]", "a[]"]], &["a[]"]),
            (&[&["", "a", "a["]], &["", "a", "a["]),
        ];
        for (slices, expected) in table {
            let slices: Vec<_> = slices.iter().map(|frames| waiting(frames)).collect();
            let all = slices.concat();
            let mut at = 0;
            let mut found = Vec::new();
            while at < all.len() {
                let mut out = Vec::new();
                // The slices as they are at first, then what is left as one: where they end means nothing.
                let taken = match at {
                    0 => merge(slices.iter().map(Vec::as_slice), &mut out),
                    _ => merge([&all[at..]], &mut out),
                };
                assert!(taken > 0, "each call takes something");
                at += taken;
                found.push(String::from_utf8(out).expect("text"));
            }
            assert_eq!(at, all.len());
            assert_eq!(&found, expected);
        }
    }

    #[test]
    fn control_frames_alone_are_taken_and_are_nothing() {
        let (waiting, mut out) = (waiting(&["ping", "close"]), b"x".to_vec());
        assert_eq!(merge([waiting.as_slice()], &mut out), waiting.len());
        assert_eq!(out, b"x");
    }

    #[test]
    fn what_is_no_whole_frame_is_passed_over_to_the_end_of_its_slice() {
        let sound = waiting(&["a[\"1\"]"]);
        let masked = [0x81, 0x81, 0, 0, 0, 0, b'o'];
        let packed = [0xC1, 0x01, b'o'];
        for broken in [&sound[..4], &sound[..1], &masked[..], &packed[..], &[0x01, 0x01, b'o'], &[0xFF; 20]] {
            let slice = [&sound[..], broken].concat();
            let mut out = Vec::new();
            assert_eq!(merge([&slice[..], &sound[..]], &mut out), slice.len() + sound.len());
            assert_eq!(out, br#"a["1","1"]"#);
        }
    }
}

//! Frames: escaped, gathered and wrapped, and read as a client reads them.

use playhouse_proto::sockjs::{Callback, Wrap, frame};
use playhouse_proto::ws::{Opcode, encode};
use proptest::prelude::*;

/// Characters at all borders of what is escaped, between such as messages are made of.
fn text() -> impl Strategy<Value = String> {
    let near = |first: char| (0_u32..40).prop_map(move |by| char::from_u32(u32::from(first) + by));
    let borders =
        prop_oneof![near('\0'), near('\u{2000}'), near('\u{2028}'), near('\u{2058}'), near('\u{FFE0}')];
    let one = prop_oneof![
        4 => any::<char>(),
        4 => prop::sample::select(vec!['"', '\\', '<', '/', '%', 'a', 'é', '…']),
        4 => borders.prop_map(Option::unwrap_or_default),
    ];
    prop::collection::vec(one, 0..60).prop_map(String::from_iter)
}

/// sockjs.md, 1, word by word.
fn reference(text: &str) -> String {
    let escaped = text.chars().map(|character| match character {
        '"' | '\\' => format!("\\{character}"),
        '\0'..='\u{1F}'
        | '\u{200C}'..='\u{200F}'
        | '\u{2028}'..='\u{202F}'
        | '\u{2060}'..='\u{206F}'
        | '\u{FFF0}'..='\u{FFFF}' => format!("\\u{:04x}", u32::from(character)),
        other => other.to_string(),
    });
    format!("a[\"{}\"]", escaped.collect::<String>())
}

/// A websocket frame with one message, as it waits in an outbox.
fn push_waiting(out: &mut Vec<u8>, text: &str) {
    let mark = encode::begin(out);
    let from = out.len();
    out.extend_from_slice(text.as_bytes());
    frame::message(out, from);
    encode::end(out, mark, Opcode::Text);
}

/// Everything that waits, one frame after the other.
fn drained(slices: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let mut left: Vec<&[u8]> = slices.iter().map(Vec::as_slice).collect();
    let mut frames = Vec::new();
    loop {
        let mut out = Vec::new();
        let mut taken = frame::merge(left.iter().copied(), &mut out);
        if taken == 0 {
            return frames;
        }
        if !out.is_empty() {
            frames.push(out);
        }
        for slice in &mut left {
            let from_here = taken.min(slice.len());
            *slice = &slice[from_here..];
            taken -= from_here;
        }
    }
}

fn messages(frame: &[u8]) -> Vec<String> {
    let array = frame.strip_prefix(b"a").expect("a frame of messages");
    serde_json::from_slice(array).expect("an array of strings")
}

#[derive(Clone, Debug)]
enum Waiting {
    Message(String),
    Heartbeat,
    Ping,
}

fn waiting() -> impl Strategy<Value = Vec<Vec<Waiting>>> {
    let one = prop_oneof![
        6 => text().prop_map(Waiting::Message),
        1 => Just(Waiting::Heartbeat),
        1 => Just(Waiting::Ping),
    ];
    prop::collection::vec(prop::collection::vec(one, 0..6), 0..6)
}

proptest! {
    #[test]
    fn a_message_in_place_is_the_slow_one(text in text(), before: Vec<u8>) {
        let mut out = before.clone();
        out.extend_from_slice(text.as_bytes());
        frame::message(&mut out, before.len());
        prop_assert_eq!(&out[..before.len()], &before);
        let framed = std::str::from_utf8(&out[before.len()..]).expect("text stays text");
        prop_assert_eq!(framed, reference(&text));
    }

    #[test]
    fn what_is_escaped_and_gathered_is_read_in_order(slices in waiting()) {
        let bytes: Vec<Vec<u8>> = slices.iter().map(|slice| {
            let mut out = Vec::new();
            for one in slice {
                match one {
                    Waiting::Message(text) => push_waiting(&mut out, text),
                    Waiting::Heartbeat => encode::text(&mut out, frame::HEARTBEAT.as_bytes()),
                    Waiting::Ping => encode::ping(&mut out, b"a[\"\"]"),
                }
            }
            out
        }).collect();
        // One frame for each run of messages, and one for each heartbeat.
        let mut expected: Vec<Option<Vec<String>>> = Vec::new();
        for one in slices.iter().flatten() {
            match (one, expected.last_mut()) {
                (Waiting::Message(text), Some(Some(run))) => run.push(text.clone()),
                (Waiting::Message(text), _) => expected.push(Some(vec![text.clone()])),
                (Waiting::Heartbeat, _) => expected.push(None),
                (Waiting::Ping, _) => {}
            }
        }
        let found: Vec<_> = drained(&bytes).iter().map(|frame| (frame != b"h").then(|| messages(frame))).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn a_close_is_read(code: u16, reason in text()) {
        let mut out = Vec::new();
        frame::close(&mut out, code, &reason);
        let read: (u16, String) = serde_json::from_slice(&out[1..]).expect("a code and a reason");
        prop_assert_eq!((out[0], read), (b'c', (code, reason)));
    }

    #[test]
    fn scripts_hold_the_frame_and_nothing_ends_them(text in text()) {
        let callback = Callback::read("c=f").expect("a name");
        for (wrap, before, after) in [
            (Wrap::HtmlFile { callback: callback.clone() }, "<script>\np(", ");\n</script>\r\n"),
            (Wrap::Jsonp { callback }, "/**/f(", ");\r\n"),
        ] {
            let mut out = Vec::new();
            wrap.frame(&mut out, text.as_bytes());
            let script = String::from_utf8(out).expect("text stays text");
            let string = script.strip_prefix(before).and_then(|rest| rest.strip_suffix(after)).expect("the shape");
            let breaks = string.contains(['<', '\n', '\u{2028}', '\u{2029}']);
            prop_assert!(!breaks, "breaks out");
            prop_assert_eq!(serde_json::from_str::<String>(string).expect("a string"), &text[..]);
        }
    }

    #[test]
    fn data_of_an_event_is_one_line_that_percent_decoding_undoes(text in text()) {
        let mut out = Vec::new();
        Wrap::EventSource.frame(&mut out, text.as_bytes());
        let event = String::from_utf8(out).expect("text stays text");
        let data = event.strip_prefix("data: ").and_then(|rest| rest.strip_suffix("\r\n\r\n")).expect("the shape");
        prop_assert!(!data.contains(['\r', '\n', '\0']), "one line");
        prop_assert_eq!(playhouse_proto::percent::decoded(data).expect("percent-encoding"), text);
    }

    #[test]
    fn arbitrary_bytes_never_panic(slices: Vec<Vec<u8>>, from in 0_usize..20) {
        let mut out = Vec::new();
        let taken = frame::merge(slices.iter().map(Vec::as_slice), &mut out);
        prop_assert!(taken <= slices.concat().len());
        drained(&slices);
        let mut bytes = slices.concat();
        let from = from.min(bytes.len());
        frame::message(&mut bytes, from);
        for byte in [0xE2, 0xEF, b'"', 0x80] {
            let mut cut: Vec<u8> = slices.iter().flat_map(|slice| [&slice[..], &[0xE2, 0x80], &[byte]].concat()).collect();
            frame::message(&mut cut, 0);
            prop_assert!(cut.starts_with(b"a[\"") && cut.ends_with(b"\"]"));
        }
    }
}

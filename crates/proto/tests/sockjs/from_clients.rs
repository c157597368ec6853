//! Bodies: what a client encoded is what is read, in order and whole, or nothing is.

use std::time::{Duration, Instant};

use playhouse_proto::sockjs::read::Encoding;
use playhouse_proto::sockjs::{Malformed, Messages};
use proptest::prelude::*;
use serde_json::Value;
use serde_json::value::RawValue;

fn all<B: AsRef<[u8]>>(mut messages: Messages<B>) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(message) = messages.next() {
        found.push(message.into_owned());
    }
    found
}

/// The array as clients write it: some escape all that is not ASCII.
fn encoded(messages: &[String], all_escaped: bool) -> String {
    let array = serde_json::to_string(messages).expect("strings");
    if !all_escaped {
        return array;
    }
    let mut units = [0; 2];
    let mut out = String::new();
    for character in array.chars() {
        match character {
            ' '..='~' => out.push(character),
            _ => out.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04X}"))),
        }
    }
    out
}

/// As `encodeURIComponent` does, with blanks as forms have them.
fn form(array: &str) -> String {
    let field = array.bytes().map(|byte| match byte {
        b' ' => "+".to_owned(),
        b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    format!("d={}", field.collect::<String>())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[\\[\\]{}\",\\\\ a]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 30, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map("[\\]}\",\\\\a]{0,4}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn strings_come_back_on_every_way(messages: Vec<String>, all_escaped: bool) {
        let array = encoded(&messages, all_escaped);
        prop_assert_eq!(&all(Messages::body(&array).expect("sound")), &messages);
        prop_assert_eq!(&all(Messages::websocket(&array).expect("sound")), &messages);
        let plain = Messages::jsonp(array.as_bytes(), Encoding::Plain).expect("sound");
        prop_assert_eq!(&all(plain), &messages);
        let form = form(&array);
        prop_assert_eq!(&all(Messages::jsonp(form.as_bytes(), Encoding::Form).expect("sound")), &messages);
    }

    #[test]
    fn what_is_no_string_is_its_own_text(values in prop::collection::vec(value(), 0..6), pretty: bool, pause: usize) {
        let write = if pretty { serde_json::to_string_pretty } else { serde_json::to_string };
        let array = write(&values).expect("values");
        let raw: Vec<&RawValue> = serde_json::from_str(&array).expect("an array");
        let expected: Vec<String> = raw.iter().zip(&values).map(|(raw, value)| match value {
            Value::String(text) => text.clone(),
            _ => raw.get().to_owned(),
        }).collect();
        let mut messages = Messages::body(array).expect("sound");
        let pause = if values.is_empty() { 0 } else { pause % values.len() };
        let mut found: Vec<String> = Vec::new();
        for _ in 0..pause {
            found.extend(messages.next().map(std::borrow::Cow::into_owned));
        }
        found.extend(all(messages.kept()));
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn arrays_are_read_and_nothing_else_is(text in "[\\[\\]{}\",:\\\\u0d8e \n-]{0,12}") {
        let read = Messages::body(&text).map(all);
        match serde_json::from_str::<Vec<&RawValue>>(&text) {
            Ok(elements) => prop_assert_eq!(read.map(|found| found.len()), Ok(elements.len())),
            Err(_) if text.is_empty() || serde_json::from_str::<&RawValue>(&text).is_ok() => {
                prop_assert_eq!(read, Err(Malformed::NoPayload));
            }
            Err(_) => prop_assert_eq!(read, Err(Malformed::BrokenJson)),
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, text in "[\\[\\]\",\\\\ud8c0% d=&]{0,20}") {
        for bytes in [bytes.as_slice(), text.as_bytes()] {
            let _ = Messages::body(bytes).map(all);
            let _ = Messages::websocket(bytes).map(all);
            let _ = Messages::jsonp(bytes, Encoding::Form).map(all);
            let _ = Messages::jsonp(bytes, Encoding::Plain).map(all);
        }
    }
}

#[test]
fn large_bodies_take_linear_time() {
    // What is not linear takes minutes.
    const SIZE: usize = 4 << 20;
    let bombs = [
        ("tiny strings", format!("[{}\"\"]", "\"\",".repeat(SIZE / 3)), SIZE / 3 + 1),
        ("numbers", format!("[{}1]", "1,".repeat(SIZE / 2)), SIZE / 2 + 1),
        ("escapes", format!("[\"{}\"]", "\\ud800".repeat(SIZE / 6)), 1),
        ("quotes", format!("[\"{}\"]", "\\\"".repeat(SIZE / 2)), 1),
        ("depth", format!("[{}{}]", "[".repeat(SIZE / 2), "]".repeat(SIZE / 2)), 1),
        ("blanks", format!("[{}]", " ".repeat(SIZE)), 0),
    ];
    for (name, body, count) in bombs {
        let start = Instant::now();
        let mut messages = Messages::body(&body).expect("sound");
        let mut found = 0;
        while messages.next().is_some() {
            found += 1;
        }
        assert_eq!(found, count, "{name}");
        assert!(start.elapsed() < Duration::from_secs(20), "{name}: {:?}", start.elapsed());
    }
}

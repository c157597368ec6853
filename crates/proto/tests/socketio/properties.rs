//! Every packet that can be written reads back, and whatever comes is read or refused.

use playhouse_proto::socketio::packet::{ID_MAX, RESERVED};
use playhouse_proto::socketio::{Assembly, Body, Limits, Packet, binary, write};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Any JSON, with bytes in it in the form in which they are inside.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(Value::from("{\"$base64\":\"\"}")),
        Just(Value::from("{\"_placeholder\":true,\"num\":0}")),
        "[A-Za-z0-9+/]{4}{0,3}".prop_map(|text| json!({ "$base64": text })),
        "[A-Za-z0-9+/=]{0,5}".prop_map(|text| json!({ "$base64": text })),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a$_\"\\\\é]{0,3}", inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn namespace() -> impl Strategy<Value = String> {
    prop_oneof![Just("/".to_owned()), "/[^,?]{0,12}"]
}

fn text(write: impl Fn(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).expect("packets are text")
}

/// Nearly a packet.
fn nearly() -> impl Strategy<Value = String> {
    let pieces =
        ["-", "/n", ",", "1", "0", "[", "]", "{", "}", "\"x\"", "\"connect\"", "\"", ":", "\\", "é", "?"];
    let rest = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..10);
    ("[0-7]", rest).prop_map(|(digit, rest)| digit + &rest.concat())
}

const LIMITS: Limits = Limits { attachments: 4, bytes: 1 << 20 };

proptest! {
    #[test]
    fn events_round_trip(
        attachments in 0..11usize,
        namespace in namespace(),
        id in prop::option::of(0..=ID_MAX),
        name: String,
        args in prop::collection::vec(value().prop_map(|value| value.to_string()), 0..6),
    ) {
        prop_assume!(!RESERVED.contains(&&*name));
        let text = text(|out| {
            write::event(out, attachments, &namespace, id, &name);
            args.iter().for_each(|arg| write::argument(out, arg));
            write::end(out);
        });
        let packet = Packet::read(&text, 10).expect("what was written");
        prop_assert_eq!((packet.namespace, packet.attachments), (&*namespace, attachments));
        let Body::Event { id: read, name: called, args: given } = packet.body else { panic!("an event") };
        prop_assert_eq!(read.map(|id| id.number), id);
        prop_assert_eq!(&*called, &*name);
        prop_assert_eq!(given.as_slice(), args.as_slice());
    }

    #[test]
    fn acknowledgements_round_trip(attachments in 0..11usize, namespace in namespace(), id in "0{0,3}[0-9]{1,15}", arg in value()) {
        let arg = arg.to_string();
        let text = text(|out| {
            write::ack(out, attachments, &namespace, &id);
            out.extend_from_slice(arg.as_bytes());
            write::end(out);
        });
        let packet = Packet::read(&text, 10).expect("what was written");
        prop_assert_eq!((packet.namespace, packet.attachments), (&*namespace, attachments));
        let Body::Ack { id: read, args } = packet.body else { panic!("an acknowledgement") };
        prop_assert_eq!((read.text, Some(read.number)), (&*id, id.parse().ok()));
        prop_assert_eq!(args.as_slice(), [&*arg]);
    }

    #[test]
    fn answers_to_connects_round_trip(namespace in namespace(), words: [String; 2], pid: bool, data in value()) {
        let [sid, message] = &words;
        let connect = text(|out| write::connect(out, &namespace, sid, pid.then_some(message)));
        let packet = Packet::read(&connect, 0).expect("a connect");
        let Body::Connect { data: Some(read) } = packet.body else { panic!("a connect") };
        let expected = if pid { json!({ "sid": sid, "pid": message }) } else { json!({ "sid": sid }) };
        prop_assert_eq!((packet.namespace, serde_json::from_str::<Value>(read).ok()), (&*namespace, Some(expected)));

        let refused = text(|out| write::connect_error(out, &namespace, message, Some(&data.to_string())));
        let packet = Packet::read(&refused, 0).expect("a connect error");
        let Body::ConnectError { data: read } = packet.body else { panic!("a connect error") };
        let expected = json!({ "message": message, "data": data });
        prop_assert_eq!((packet.namespace, serde_json::from_str::<Value>(read).ok()), (&*namespace, Some(expected)));

        let gone = text(|out| write::disconnect(out, &namespace));
        let expected = Packet { namespace: &namespace, attachments: 0, body: Body::Disconnect };
        prop_assert_eq!(Packet::read(&gone, 0), Ok(expected));
    }

    #[test]
    fn bytes_go_out_and_come_back(value in value()) {
        let before = value.to_string();
        if let Some(out) = binary::extract(&before, 100) {
            prop_assert!(serde_json::from_str::<Value>(&out.text).is_ok());
            prop_assert_eq!(binary::extract(&out.text, 100), None);
            let mut after = binary::inline(&out.text, &out.attachments);
            prop_assert_eq!(after.as_deref(), Ok(&*before));
            // Which bytes they are, by their order.
            let mut reversed = out.attachments.clone();
            reversed.reverse();
            after = binary::inline(&out.text, &reversed);
            let again = after.ok().and_then(|text| binary::extract(&text, 100)).map(|out| out.attachments);
            prop_assert_eq!(again, Some(reversed));
        } else {
            prop_assert_eq!(binary::inline(&before, &[]), Ok(before));
        }
    }

    #[test]
    fn packets_with_bytes_come_together(namespace in namespace(), bytes in prop::collection::vec(any::<Vec<u8>>(), 1..5)) {
        let text = text(|out| {
            write::event(out, bytes.len(), &namespace, None, "x");
            (0..bytes.len()).rev().for_each(|num| write::argument(out, &json!({ "_placeholder": true, "num": num }).to_string()));
            write::end(out);
        });
        let mut assembly = Assembly::default();
        prop_assert!(matches!(assembly.text(&text, LIMITS), Ok(None)));
        let mut last = None;
        for bytes in &bytes {
            prop_assert!(last.is_none());
            last = assembly.binary(bytes.as_slice(), LIMITS).expect("an attachment");
        }
        let whole = last.expect("whole with the last");
        let packet = whole.packet().expect("a packet");
        prop_assert_eq!(packet.namespace, &*namespace);
        let Body::Event { args, .. } = packet.body else { panic!("an event") };
        let out = binary::extract(&format!("[{}]", args.join(",")), 10).expect("bytes");
        prop_assert!(out.attachments.iter().eq(bytes.iter().rev()));
        prop_assert_eq!(assembly.held(), 0);
    }

    #[test]
    fn arbitrary_text_is_read_or_refused(text: String, digit in "[0-6]", count in 0..12usize) {
        let _ = Packet::read(&text, count);
        let _ = Packet::read(&(digit + &text), count);
        let _ = binary::inline(&text, &[vec![0]]);
        let _ = binary::extract(&(text + "\"$base64\""), count);
    }

    #[test]
    fn what_is_nearly_a_packet_is_read_or_refused(text in nearly()) {
        if let Ok(packet) = Packet::read(&text, 10) {
            prop_assert!(packet.namespace.starts_with('/') && !packet.namespace.contains(['?', ',']));
            prop_assert!(packet.attachments <= 10);
        }
    }

    #[test]
    fn forms_with_a_change_are_read_or_refused(at: prop::sample::Index, letter in prop::char::range(' ', '\u{100}')) {
        for form in [r#"[{"_placeholder":true,"num":0},{"num":1,"_placeholder":true}]"#, r#"[{"$base64":"YWJj"},"$base64"]"#] {
            let at = at.index(form.len());
            let text = format!("{}{letter}{}", &form[..at], &form[at + 1..]);
            let _ = binary::inline(&text, &[vec![0], vec![1]]);
            let _ = binary::extract(&text, 10);
            let _ = binary::inline(&form[..at], &[vec![0], vec![1]]);
            let _ = binary::extract(&form[..at], 10);
        }
    }

    #[test]
    fn any_messages_in_any_order(messages in prop::collection::vec(prop::result::maybe_ok(nearly(), any::<Vec<u8>>()), 0..12)) {
        let mut assembly = Assembly::default();
        for message in messages {
            let held = assembly.held();
            let half = match &message {
                Ok(text) => matches!(assembly.text(text, LIMITS), Ok(None)),
                Err(bytes) => matches!(assembly.binary(bytes.as_slice(), LIMITS), Ok(None)),
            };
            prop_assert_eq!(assembly.held() > 0, half);
            prop_assert!(assembly.held() <= LIMITS.bytes && (held == 0 || !half || message.is_err()));
        }
    }
}

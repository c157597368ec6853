//! What holds whatever the packets and the bytes.

use playhouse_proto::engineio::payload::{Reader, Writer};
use playhouse_proto::engineio::query::{Query, Transports, looks_like};
use playhouse_proto::engineio::{Data, Form, Kind, Packet, Protocol, packet};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::{queued, read, reader, written};

/// A packet that owns what it carries.
#[derive(Clone, Debug)]
enum Own {
    Text(Kind, String),
    Bytes(Vec<u8>),
}

impl Own {
    fn packet(&self) -> Packet<'_> {
        match self {
            Self::Text(kind, text) => crate::text(*kind, text),
            Self::Bytes(bytes) => crate::bytes(bytes),
        }
    }
}

fn kind() -> impl Strategy<Value = Kind> {
    use Kind::{Close, Message, Noop, Open, Ping, Pong, Upgrade};
    select(vec![Open, Close, Ping, Pong, Message, Upgrade, Noop])
}

/// Anything but the separator of protocol 4, which JSON never contains.
fn texts() -> impl Strategy<Value = String> {
    let wide = "[a-c€😀é:0-9]{0,150}";
    prop_oneof![wide, any::<String>().prop_map(|text| text.replace('\u{1e}', ""))]
}

fn packets() -> impl Strategy<Value = Vec<Own>> {
    let text = (kind(), texts()).prop_map(|(kind, text)| Own::Text(kind, text));
    let bytes = prop::collection::vec(any::<u8>(), 0..40).prop_map(Own::Bytes);
    prop::collection::vec(prop_oneof![3 => text, 1 => bytes], 1..12)
}

fn protocol() -> impl Strategy<Value = Protocol> {
    select(vec![Protocol::V3, Protocol::V4])
}

/// Every reader takes any bytes to an end, and no more packets than bytes.
fn bounded(body: &[u8]) {
    for reader in [Reader::text(Protocol::V3), Reader::text(Protocol::V4), Reader::binary()] {
        let (packets, malformed) = read(reader, body);
        assert!(packets.len() <= body.len());
        assert!(!packets.is_empty() || malformed.is_some(), "a body without packets is an error");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn payloads_round_trip(packets in packets(), protocol in protocol(), base64: bool) {
        let packets: Vec<Packet<'_>> = packets.iter().map(Own::packet).collect();
        let (body, form) = written(Writer { protocol, base64 }, &packets);
        let has_bytes = packets.iter().any(|packet| matches!(packet.data, Data::Binary(_)));
        let is_binary = protocol == Protocol::V3 && !base64 && has_bytes;
        prop_assert_eq!(form, if is_binary { Form::Binary } else { Form::Text });
        prop_assert_eq!(read(reader(protocol, form), &body), (packets, None));
    }

    /// The lengths of protocol 3 are those of a JavaScript string.
    #[test]
    fn lengths_count_utf16(texts in prop::collection::vec(texts(), 1..5)) {
        let packets: Vec<Packet<'_>> = texts.iter().map(|text| crate::message(text)).collect();
        let expected: String = texts
            .iter()
            .map(|text| format!("{}:4{text}", 1 + text.encode_utf16().count()))
            .collect();
        let (body, _) = written(Writer { protocol: Protocol::V3, base64: false }, &packets);
        prop_assert_eq!(String::from_utf8(body), Ok(expected));
    }

    #[test]
    fn packets_round_trip_on_a_websocket(packets in packets(), protocol in protocol(), base64: bool) {
        for own in &packets {
            let (packet, mut out) = (own.packet(), Vec::new());
            let read = match packet.write(protocol, base64, &mut out) {
                Form::Text => packet::read_text(protocol, std::str::from_utf8(&out).expect("text")),
                Form::Binary => packet::read_binary(protocol, &out),
            };
            prop_assert_eq!(read, Ok(packet));
        }
    }

    /// It is all one how frames lie in slices.
    #[test]
    fn frames_in_one_slice_or_many(packets in packets(), protocol in protocol(), base64: bool) {
        let packets: Vec<Packet<'_>> = packets.iter().map(Own::packet).collect();
        let writer = Writer { protocol, base64 };
        let joined = queued(protocol, base64, &packets).concat();
        let mut body = Vec::new();
        let form = writer.write([&joined[..]], &mut body);
        prop_assert_eq!((body, form), written(writer, &packets));
    }

    /// A body that is cut in protocol 3 loses packets at the end, or is refused; none is made up.
    #[test]
    fn a_body_that_is_cut_gives_a_beginning(packets in packets(), base64: bool, at: Index) {
        let packets: Vec<Packet<'_>> = packets.iter().map(Own::packet).collect();
        let (body, form) = written(Writer { protocol: Protocol::V3, base64 }, &packets);
        let (left, _) = read(reader(Protocol::V3, form), &body[..at.index(body.len())]);
        prop_assert!(left.len() < packets.len() && packets.starts_with(&left));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>, text: String) {
        bounded(&bytes);
        bounded(text.as_bytes());
        for protocol in [Protocol::V3, Protocol::V4] {
            let _ = (packet::read_text(protocol, &text), packet::read_binary(protocol, &bytes));
        }
    }

    #[test]
    fn a_changed_body_is_read_or_refused(packets in packets(), protocol in protocol(), base64: bool,
                                         at: Index, byte: u8) {
        let packets: Vec<Packet<'_>> = packets.iter().map(Own::packet).collect();
        let (mut body, _) = written(Writer { protocol, base64 }, &packets);
        let at = at.index(body.len());
        body[at] = byte;
        bounded(&body);
    }

    #[test]
    fn any_query_is_read_or_refused(query: String, is_websocket: bool, is_get: bool) {
        for query in [format!("EIO=4&transport=polling&{query}"), query] {
            let read = Query::read(&query, is_websocket, is_get, Transports::ALL);
            prop_assert!(read.is_err() || looks_like(&query));
        }
    }
}

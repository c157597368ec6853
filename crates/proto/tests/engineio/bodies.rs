//! Bodies of polls, byte by byte.

use playhouse_proto::engineio::payload::{Outgoing, Reader, Writer};
use playhouse_proto::engineio::{Form, Kind, Malformed, Open, Packet, Protocol};
use playhouse_proto::ws::encode;

use crate::{bytes, message, read, text, written};

const V4: Writer = Writer { protocol: Protocol::V4, base64: false };
const V3: Writer = Writer { protocol: Protocol::V3, base64: false };
const V3_BASE64: Writer = Writer { protocol: Protocol::V3, base64: true };

type Row<'a> = (&'a [u8], &'a [Packet<'a>], Option<Malformed>);

fn check(reader: Reader, table: &[Row<'_>]) {
    for (body, packets, malformed) in table {
        let (read, found) = read(reader, body);
        let shown = body.escape_ascii();
        assert_eq!((read.as_slice(), found), (*packets, *malformed), "{shown}");
    }
}

#[test]
fn protocol_4() {
    check(
        Reader::text(Protocol::V4),
        &[
            (b"4a", &[message("a")], None),
            (b"4", &[message("")], None),
            (
                b"4hello\x1e2\x1e3\x1ebAQIDBA==\x1e1",
                &[
                    message("hello"),
                    text(Kind::Ping, ""),
                    text(Kind::Pong, ""),
                    bytes(&[1, 2, 3, 4]),
                    text(Kind::Close, ""),
                ],
                None,
            ),
            ("4€\u{1e}4😀".as_bytes(), &[message("€"), message("😀")], None),
            (b"", &[], Some(Malformed::EmptyPayload)),
            (b"4a\x1e", &[message("a")], Some(Malformed::EmptyPacket)),
            (b"\x1e4a", &[], Some(Malformed::EmptyPacket)),
            (b"4a\x1e\x1e4b", &[message("a")], Some(Malformed::EmptyPacket)),
            (b"4a\x1eabc\x1e4b", &[message("a")], Some(Malformed::UnknownKind { byte: b'a' })),
            (b"4a\x1e4\xFF\x1e4b", &[message("a")], Some(Malformed::NotUtf8)),
            (b"4a\x1e4\xE2\x82\x1e4b", &[message("a")], Some(Malformed::NotUtf8)),
            (b"4a\x1ebAQI\x1e4b", &[message("a")], Some(Malformed::NotBase64)),
            (b"2:4a", &[text(Kind::Ping, ":4a")], None),
        ],
    );
}

#[test]
fn protocol_3_text() {
    check(
        Reader::text(Protocol::V3),
        &[
            (b"2:4a", &[message("a")], None),
            (b"6:2probe1:5", &[text(Kind::Ping, "probe"), text(Kind::Upgrade, "")], None),
            ("3:4😀2:4€2:4é".as_bytes(), &[message("😀"), message("€"), message("é")], None),
            (b"10:b4AQIDBA==2:4a", &[bytes(&[1, 2, 3, 4]), message("a")], None),
            (b"4:4:4a", &[message(":4a")], None),
            (b"002:4a", &[message("a")], None),
            (b"", &[], Some(Malformed::EmptyPayload)),
            (b"0:", &[], Some(Malformed::EmptyPacket)),
            (b"2:4a0:", &[message("a")], Some(Malformed::EmptyPacket)),
            (b"2", &[], Some(Malformed::NoLength)),
            (b"4a", &[], Some(Malformed::NoLength)),
            (b":4a", &[], Some(Malformed::NoLength)),
            (b"2:4a4b", &[message("a")], Some(Malformed::NoLength)),
            (b"-2:4a", &[], Some(Malformed::NoLength)),
            (b"+2:4a", &[], Some(Malformed::NoLength)),
            (b" 2:4a", &[], Some(Malformed::NoLength)),
            (b"1e1:4a", &[], Some(Malformed::NoLength)),
            (b"aa:4a", &[], Some(Malformed::NoLength)),
            (b"3:4a", &[], Some(Malformed::TooLong)),
            (b"2:4a2:4", &[message("a")], Some(Malformed::TooLong)),
            ("4:4€€".as_bytes(), &[], Some(Malformed::TooLong)),
            (b"99999999999999999999999999:4a", &[], Some(Malformed::TooLong)),
            ("2:4a2:4😀".as_bytes(), &[message("a")], Some(Malformed::InsideCharacter)),
            (b"2:4a2:4\xC32:4b", &[message("a")], Some(Malformed::NotUtf8)),
            (b"2:4a2:xy", &[message("a")], Some(Malformed::UnknownKind { byte: b'x' })),
            (b"2:b4", &[bytes(&[])], None),
            (b"4:bAQI", &[], Some(Malformed::NotMessage { byte: b'A' })),
        ],
    );
}

#[test]
fn protocol_3_bytes() {
    check(
        Reader::binary(),
        &[
            (b"\x00\x02\xFF4a", &[message("a")], None),
            (b"\x01\x03\xFF\x04ab", &[bytes(b"ab")], None),
            (b"\x00\x04\xFF4\xE2\x82\xAC\x01\x01\xFF\x04", &[message("€"), bytes(&[])], None),
            (b"\x00\x01\x02\xFF4aaaaaaaaaaa", &[message("aaaaaaaaaaa")], None),
            (b"\x00\x06\xFFb4AQI=", &[bytes(&[1, 2])], None),
            (b"\x00\x05\xFFb4AQI", &[], Some(Malformed::NotBase64)),
            (b"", &[], Some(Malformed::EmptyPayload)),
            (b"\x00\x02\xFF4a\x02\x01\xFFx", &[message("a")], Some(Malformed::UnknownMark { byte: 2 })),
            (b"2:4a", &[], Some(Malformed::UnknownMark { byte: b'2' })),
            (b"\x00", &[], Some(Malformed::NoLength)),
            (b"\x00\xFF4a", &[], Some(Malformed::NoLength)),
            (b"\x00\x02", &[], Some(Malformed::NoLength)),
            (b"\x00\x32\xFF4a", &[], Some(Malformed::NoLength)),
            (b"\x00\x0A\xFF4a", &[], Some(Malformed::NoLength)),
            (b"\x00\x00\xFF", &[], Some(Malformed::EmptyPacket)),
            (b"\x01\x00\xFF", &[], Some(Malformed::EmptyPacket)),
            (b"\x00\x03\xFF4a", &[], Some(Malformed::TooLong)),
            (b"\x00\x02\xFF4\xFF", &[], Some(Malformed::NotUtf8)),
            (b"\x01\x02\xFF4a", &[], Some(Malformed::NotMessage { byte: b'4' })),
        ],
    );
}

#[test]
fn what_a_poll_gets() {
    use Form::{Binary, Text};
    let texts = || vec![message("a"), message("€😀")];
    let both = || vec![message("€"), bytes(&[1, 2])];
    let table: Vec<(Writer, Vec<Packet<'_>>, Form, Vec<u8>)> = vec![
        (V4, texts(), Text, "4a\u{1e}4€😀".into()),
        (V4, both(), Text, "4€\u{1e}bAQI=".into()),
        (V4, vec![bytes(&[])], Text, "b".into()),
        (Writer { base64: true, ..V4 }, both(), Text, "4€\u{1e}bAQI=".into()),
        (V3, texts(), Text, "2:4a4:4€😀".into()),
        (V3, both(), Binary, b"\x00\x04\xFF4\xE2\x82\xAC\x01\x03\xFF\x04\x01\x02".into()),
        (V3, vec![bytes(&[7; 11])], Binary, [&b"\x01\x01\x02\xFF\x04"[..], &[7; 11]].concat()),
        (V3_BASE64, texts(), Text, "2:4a4:4€😀".into()),
        (V3_BASE64, both(), Text, "2:4€6:b4AQI=".into()),
        (V3, vec![text(Kind::Noop, "")], Text, "1:6".into()),
        (V4, vec![text(Kind::Noop, "")], Text, "6".into()),
    ];
    for (writer, packets, form, expected) in table {
        assert_eq!(written(writer, &packets), (expected, form), "{writer:?} {packets:?}");
    }
}

#[test]
fn base64_in_the_queue_passes_as_it_is() {
    let mut frames = Vec::new();
    encode::text(&mut frames, b"bAQI=");
    encode::binary(&mut frames, &[1, 2]);
    let mut body = Vec::new();
    assert_eq!(V4.write([&frames[..]], &mut body), Form::Text);
    assert_eq!(body, b"bAQI=\x1ebAQI=");

    let (mut text, mut body) = (Vec::new(), Vec::new());
    encode::text(&mut text, b"b4AQI=");
    assert_eq!(V3_BASE64.write([&text[..]], &mut body), Form::Text);
    assert_eq!(body, b"6:b4AQI=");
}

#[test]
fn the_handshake_is_framed_as_well() {
    let mut open = Vec::new();
    let data = Open {
        sid: "lv_VI97HAXpY6yYWAAAC",
        upgrades: true,
        ping_interval_ms: 25_000,
        ping_timeout_ms: 20_000,
        max_payload: 1_000_000,
    };
    data.write(&mut open);
    let open = std::str::from_utf8(&open).expect("text");
    let mut welcome = Vec::new();
    encode::text(&mut welcome, b"4{}");
    for (writer, before, between) in [(V3, "118:", "3:"), (V4, "", "\u{1e}")] {
        let (mut builder, mut body) = (writer.begin(), b"head".to_vec());
        assert!(builder.is_empty());
        builder.push_text(open);
        builder.push_frames(&welcome);
        assert!(!builder.is_empty());
        assert_eq!(builder.finish(&mut body), Form::Text);
        assert_eq!(body, format!("head{before}{open}{between}4{{}}").as_bytes());
    }
}

#[test]
fn what_is_no_packet_is_not_written() {
    let mut frames = Vec::new();
    encode::ping(&mut frames, b"x");
    encode::text(&mut frames, b"");
    encode::close(&mut frames, Some((1000, "")));
    for writer in [V3, V4] {
        let (mut builder, mut body) = (writer.begin(), Vec::new());
        builder.push_frames(&frames);
        builder.push(Outgoing::Text(b""));
        assert!(builder.is_empty());
        builder.push_text("1");
        builder.finish(&mut body);
        assert!(body.ends_with(b"1") && !body.contains(&0x1E), "{body:?}");
    }
}

/// A reader is a place in the body: who pauses goes on with a copy of it.
#[test]
fn a_reader_goes_on_where_it_was() {
    let body = "3:4😀2:4a".as_bytes().to_vec();
    let mut reader = Reader::text(Protocol::V3);
    assert_eq!(reader.next(&body), Some(Ok(message("😀"))));
    let (kept, moved) = (reader, body.clone());
    let mut reader = kept;
    assert_eq!(reader.next(&moved), Some(Ok(message("a"))));
    assert_eq!(reader.next(&moved), None);
    assert_eq!(reader.next(&moved), None);
}

/// Quadratic, each of these would take hours.
#[test]
fn a_million_tiny_packets_take_no_longer_than_their_bytes() {
    const MANY: usize = 1_000_000;
    let tail = "😀".repeat(1_000_000);
    let v4 = format!("{}4", "4\u{1e}".repeat(MANY - 1));
    let v3 = format!("{}{}:4{tail}", "1:4".repeat(MANY), 1 + 2 * 1_000_000);
    let v3_bytes = b"\x00\x01\xFF4".repeat(MANY);
    for (reader, body, expected) in [
        (Reader::text(Protocol::V4), v4.as_bytes(), MANY),
        (Reader::text(Protocol::V3), v3.as_bytes(), MANY + 1),
        (Reader::binary(), &v3_bytes, MANY),
    ] {
        let (packets, malformed) = read(reader, body);
        assert_eq!((packets.len(), malformed), (expected, None));
    }
}

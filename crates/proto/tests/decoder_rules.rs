//! The decoder's rules, one line each: which bytes break which, and what is handed out before.

use playhouse_proto::ws::deflate::{self, Agreed};
use playhouse_proto::ws::frame::{Head, Opcode};
use playhouse_proto::ws::{Decoder, Item, Limits, Role, Violation, encode};

const LIMITS: Limits = Limits { frame: 1000, message: 1500, fragments: 4 };

/// Everything the decoder says about `bytes`, given in one piece.
fn read(decoder: &mut Decoder, bytes: &[u8]) -> (Vec<Item<'static>>, Option<Violation>) {
    let mut buffer = bytes.to_vec();
    let (mut items, mut pos) = (Vec::new(), 0);
    while pos < buffer.len() {
        match decoder.next(&mut buffer[pos..]) {
            Ok(step) => {
                pos += step.used;
                items.extend(step.item.map(owned));
            }
            Err(violation) => return (items, Some(violation)),
        }
    }
    (items, None)
}

fn owned(item: Item<'_>) -> Item<'static> {
    match item {
        Item::Text(text) => Item::Text(text.into_owned().into()),
        Item::Binary(bytes) => Item::Binary(bytes.into_owned().into()),
        Item::Ping(bytes) => Item::Ping(bytes.into_owned().into()),
        Item::Pong(bytes) => Item::Pong(bytes.into_owned().into()),
        Item::Close(said) => Item::Close(said.map(|(code, reason)| (code, reason.into_owned().into()))),
    }
}

fn client(deflate: Option<Agreed>) -> Decoder {
    Decoder::new(Role::Client, LIMITS, deflate)
}

fn agreed() -> Agreed {
    deflate::negotiate([deflate::OFFER]).expect("our own offer")
}

fn frame(fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let head = Head { fin, ..Head::whole(opcode, payload.len()) };
    [&head.encode(), payload].concat()
}

fn packed_frame(fin: bool, opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let head = Head { fin, packed: true, ..Head::whole(opcode, payload.len()) };
    [&head.encode(), payload].concat()
}

fn text(text: &'static str) -> Item<'static> {
    Item::Text(text.into())
}

#[test]
fn each_rule_has_its_violation() {
    use Opcode::{Binary, Close, Continuation, Ping, Text};
    let one = |fin, opcode| frame(fin, opcode, b"x");
    let table: Vec<(Vec<u8>, Violation)> = vec![
        (packed_frame(true, Text, b"x"), Violation::ReservedBit),
        (packed_frame(true, Ping, b"x"), Violation::ReservedBit),
        (vec![0xA1, 0], Violation::ReservedBit),
        (vec![0x87, 0], Violation::ReservedOpcode(7)),
        (one(false, Ping), Violation::ControlFragmented),
        (frame(true, Ping, &[0; 126]), Violation::ControlTooLong),
        (vec![0x81, 0x81, 0, 0, 0, 0, b'x'], Violation::Masked),
        (one(true, Continuation), Violation::NothingToContinue),
        (one(false, Continuation), Violation::NothingToContinue),
        ([one(false, Text), one(true, Text)].concat(), Violation::MessageInterrupted),
        ([one(false, Text), one(true, Binary)].concat(), Violation::MessageInterrupted),
        ([one(false, Text), packed_frame(true, Continuation, b"x")].concat(), Violation::ReservedBit),
        (vec![0x82, 126, 0, 1], Violation::LengthNotMinimal),
        (vec![0x82, 127, 255, 0, 0, 0, 0, 0, 0, 0], Violation::LengthOverflow),
        (one(true, Close), Violation::CloseTruncated),
        (frame(true, Close, &[0, 0]), Violation::CloseCode(0)),
        (frame(true, Close, &[3, 232, 0xFF]), Violation::CloseNotUtf8),
        (frame(true, Text, b"\xFF"), Violation::NotUtf8),
        (frame(true, Text, "é".as_bytes().split_at(1).0), Violation::NotUtf8),
        (frame(true, Binary, &[0; 1001]), Violation::FrameTooLarge),
    ];
    for (bytes, expected) in table {
        assert_eq!(read(&mut client(None), &bytes), (Vec::new(), Some(expected)), "{bytes:x?}");
    }
}

#[test]
fn a_server_takes_masked_frames_only() {
    let mut server = Decoder::new(Role::Server, LIMITS, None);
    assert_eq!(read(&mut server, b"\x81\x01x"), (Vec::new(), Some(Violation::NotMasked)));
    let mut server = Decoder::new(Role::Server, LIMITS, None);
    let mut bytes = Vec::new();
    encode::masked(&mut bytes, Opcode::Text, b"hidden", [1, 2, 3, 4]);
    assert_eq!(read(&mut server, &bytes), (vec![text("hidden")], None));
}

#[test]
fn control_frames_come_between_fragments() {
    let bytes = [
        frame(false, Opcode::Text, "ké".as_bytes().split_at(2).0),
        frame(true, Opcode::Ping, b"now"),
        frame(false, Opcode::Continuation, b""),
        frame(true, Opcode::Pong, b""),
        frame(true, Opcode::Continuation, &"ké".as_bytes()[2..]),
        frame(true, Opcode::Text, b"next"),
    ]
    .concat();
    let expected = vec![
        Item::Ping(b"now".as_slice().into()),
        Item::Pong(b"".as_slice().into()),
        text("ké"),
        text("next"),
    ];
    assert_eq!(read(&mut client(None), &bytes), (expected, None));
}

#[test]
fn what_was_whole_is_handed_out_before_the_violation() {
    let bytes = [frame(true, Opcode::Text, b"good"), vec![0xFF, 0xFF]].concat();
    assert_eq!(read(&mut client(None), &bytes), (vec![text("good")], Some(Violation::ReservedBit)));
}

#[test]
fn nothing_comes_after_a_close() {
    let bytes = [
        frame(true, Opcode::Close, &[3, 233, b'b', b'y', b'e']),
        frame(true, Opcode::Text, b"late"),
        vec![0xFF; 20],
    ]
    .concat();
    let mut decoder = client(None);
    let expected = vec![Item::Close(Some((1001, "bye".into())))];
    assert_eq!(read(&mut decoder, &bytes), (expected, None));
    assert_eq!(read(&mut decoder, b"\x81\x01x"), (Vec::new(), None));
    assert!(decoder.is_idle());
    assert_eq!(read(&mut client(None), b"\x88\x00"), (vec![Item::Close(None)], None));
}

#[test]
fn nothing_comes_after_a_violation() {
    let mut decoder = client(None);
    assert_eq!(read(&mut decoder, b"\x01\x02ab\xFF"), (Vec::new(), None), "half a header is no violation");
    assert_eq!(read(&mut decoder, b"\x00"), (Vec::new(), Some(Violation::ReservedBit)));
    assert!(decoder.is_idle(), "a spent decoder keeps nothing");
    assert_eq!(read(&mut decoder, b"\x81\x01x"), (Vec::new(), None));
}

#[test]
fn a_huge_announcement_is_refused_at_the_header() {
    for len in [1001_u64, 1 << 20, u64::MAX >> 1] {
        let head = Head { len, ..Head::whole(Opcode::Binary, 0) }.encode();
        let mut decoder = client(None);
        assert_eq!(read(&mut decoder, &head), (Vec::new(), Some(Violation::FrameTooLarge)), "{len}");
        assert_eq!(decoder.held(), 0);
    }
}

#[test]
fn a_message_may_not_grow_beyond_its_limits() {
    let piece = |opcode, len| frame(false, opcode, &vec![b'x'; len]);
    let large =
        [piece(Opcode::Binary, 1000), piece(Opcode::Continuation, 500), piece(Opcode::Continuation, 1)];
    assert_eq!(read(&mut client(None), &large.concat()), (Vec::new(), Some(Violation::MessageTooLarge)));
    let many = [piece(Opcode::Binary, 0), piece(Opcode::Continuation, 0).repeat(4)];
    assert_eq!(read(&mut client(None), &many.concat()), (Vec::new(), Some(Violation::TooManyFragments)));
    let just = [piece(Opcode::Text, 1000), frame(true, Opcode::Continuation, &[b'x'; 500])];
    assert_eq!(read(&mut client(None), &just.concat()).0.len(), 1);
}

#[test]
fn memory_follows_what_has_arrived() {
    let limits = Limits { frame: 64 << 20, message: 64 << 20, fragments: 10 };
    let mut decoder = Decoder::new(Role::Client, limits, None);
    let head = Head { len: 50 << 20, ..Head::whole(Opcode::Binary, 0) }.encode();
    read(&mut decoder, &head);
    assert!((1..300).contains(&decoder.held()), "an announcement takes none: {}", decoder.held());
    for arrived in 1..=100 {
        read(&mut decoder, &[0; 1024]);
        assert!(decoder.held() <= 2 * arrived * 1024 + 300, "{arrived}: {}", decoder.held());
    }
}

#[test]
fn memory_goes_with_the_message() {
    let mut decoder = client(None);
    assert!(size_of::<Decoder>() <= 64, "{}", size_of::<Decoder>());
    let (first, second) = (frame(false, Opcode::Text, b"one "), frame(true, Opcode::Continuation, b"two"));
    read(&mut decoder, &first);
    assert!(!decoder.is_idle());
    read(&mut decoder, &second[..1]);
    assert_eq!(read(&mut decoder, &second[1..]), (vec![text("one two")], None));
    assert!(decoder.is_idle());
    let ping = frame(true, Opcode::Ping, b"beat");
    read(&mut decoder, &ping[..3]);
    assert!(!decoder.is_idle());
    assert_eq!(read(&mut decoder, &ping[3..]).0.len(), 1);
    assert_eq!((decoder.is_idle(), decoder.held()), (true, 0));
}

#[test]
fn whole_frames_are_not_copied() {
    let mut bytes = frame(true, Opcode::Text, b"borrowed");
    let range = bytes.as_ptr_range();
    let mut decoder = client(None);
    let step = decoder.next(&mut bytes).expect("sound");
    let Some(Item::Text(std::borrow::Cow::Borrowed(text))) = step.item else { panic!("{step:?}") };
    assert!(range.contains(&text.as_ptr()));
}

#[test]
fn a_text_is_refused_with_its_first_wrong_byte() {
    let head = Head::whole(Opcode::Text, 100).encode();
    let mut decoder = client(None);
    assert_eq!(read(&mut decoder, &[&head[..], b"ok \xF4"].concat()), (Vec::new(), None));
    assert_eq!(read(&mut decoder, b"\x90"), (Vec::new(), Some(Violation::NotUtf8)));
}

#[test]
fn compressed_messages() {
    let hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
    let decoder = || client(Some(agreed()));
    let whole = packed_frame(true, Opcode::Text, &hello);
    assert_eq!(read(&mut decoder(), &whole), (vec![text("Hello")], None));
    let pieces = [
        packed_frame(false, Opcode::Text, &hello[..3]),
        frame(true, Opcode::Ping, b""),
        frame(true, Opcode::Continuation, &hello[3..]),
        frame(true, Opcode::Text, b"plain"),
    ];
    let expected = vec![Item::Ping(b"".as_slice().into()), text("Hello"), text("plain")];
    assert_eq!(read(&mut decoder(), &pieces.concat()), (expected, None));
}

#[test]
fn compressed_messages_that_break_a_rule() {
    let packed = |payload: &[u8]| packed_frame(true, Opcode::Text, &deflate::pack(payload, agreed()));
    let table = [
        (packed(&[b'x'; 1501]), Violation::MessageTooLarge),
        (packed(b"not \xFF utf-8"), Violation::NotUtf8),
        (packed_frame(true, Opcode::Text, &[0xFF; 10]), Violation::NotDeflate),
        (packed_frame(true, Opcode::Ping, b""), Violation::ReservedBit),
    ];
    for (bytes, expected) in table {
        assert_eq!(read(&mut client(Some(agreed())), &bytes), (Vec::new(), Some(expected)), "{bytes:x?}");
    }
}

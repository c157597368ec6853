//! What holds for the decoder whatever the bytes: cutting them elsewhere changes nothing, nothing panics,
//! and what was encoded comes back.

use playhouse_proto::ws::deflate::{self, Agreed};
use playhouse_proto::ws::frame::{Head, Opcode};
use playhouse_proto::ws::{Decoder, Item, Limits, Role, Violation, encode, mask};
use proptest::prelude::*;
use proptest::sample::Index;

const LIMITS: Limits = Limits { frame: 70_000, message: 100_000, fragments: 20 };

/// An item that owns its bytes, with what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen(Opcode, Vec<u8>);

fn seen(item: Item<'_>) -> Seen {
    match item {
        Item::Text(text) => Seen(Opcode::Text, text.into_owned().into_bytes()),
        Item::Binary(bytes) => Seen(Opcode::Binary, bytes.into_owned()),
        Item::Ping(bytes) => Seen(Opcode::Ping, bytes.into_owned()),
        Item::Pong(bytes) => Seen(Opcode::Pong, bytes.into_owned()),
        Item::Close(None) => Seen(Opcode::Close, Vec::new()),
        Item::Close(Some((code, reason))) => {
            Seen(Opcode::Close, [&code.to_be_bytes(), reason.as_bytes()].concat())
        }
    }
}

/// Everything that is said about pieces given one after another. Also checks what must hold at every step.
fn read<'p>(role: Role, pieces: impl IntoIterator<Item = &'p [u8]>) -> (Vec<Seen>, Option<Violation>) {
    let mut decoder = Decoder::new(role, LIMITS, Some(agreed()));
    let (mut items, mut arrived) = (Vec::new(), 0);
    for piece in pieces {
        let mut buffer = piece.to_vec();
        arrived += buffer.len();
        let mut pos = 0;
        while pos < buffer.len() {
            let step = match decoder.next(&mut buffer[pos..]) {
                Ok(step) => step,
                Err(violation) => return (items, Some(violation)),
            };
            assert!(step.used > 0, "a step that uses nothing would be taken forever");
            pos += step.used;
            items.extend(step.item.map(seen));
        }
        assert!(decoder.held() <= 2 * arrived + 400, "{} held of {arrived}", decoder.held());
    }
    (items, None)
}

fn agreed() -> Agreed {
    deflate::negotiate([deflate::OFFER]).expect("our own offer")
}

/// Cuts at the given places.
fn cut(bytes: &[u8], at: &[Index]) -> Vec<Vec<u8>> {
    let mut places: Vec<usize> = at.iter().map(|index| index.index(bytes.len() + 1)).collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut from = 0;
    for to in places.into_iter().chain([bytes.len()]) {
        pieces.push(bytes[from..to].to_vec());
        from = to;
    }
    pieces
}

/// Payloads at the borders of the length's three forms, and small ones.
fn payload() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => any::<String>().prop_map(String::into_bytes),
        2 => any::<Vec<u8>>(),
        1 => (prop::sample::select(vec![125_usize, 126, 65_535, 65_536]), any::<u8>())
            .prop_map(|(len, byte)| vec![byte; len]),
    ]
}

fn opcode() -> impl Strategy<Value = Opcode> {
    use Opcode::{Binary, Close, Continuation, Ping, Pong, Text};
    prop_oneof![
        6 => prop::sample::select(vec![Text, Binary, Continuation]),
        2 => prop::sample::select(vec![Ping, Pong]),
        1 => Just(Close),
    ]
}

/// One frame of a client, mostly sound by itself but in no sound order.
fn frame() -> impl Strategy<Value = Vec<u8>> {
    (opcode(), prop::bool::weighted(0.7), prop::bool::weighted(0.1), any::<mask::Key>(), payload()).prop_map(
        |(opcode, fin, packed, key, mut payload)| {
            if opcode.is_control() {
                payload.truncate(125);
            } else if packed {
                payload = deflate::pack(&payload, agreed());
            }
            let head = Head { fin, packed, opcode, key: Some(key), len: payload.len() as u64 };
            mask::apply(key, &mut payload);
            [&head.encode()[..], &payload].concat()
        },
    )
}

/// A message with what must come out for it: fragments, masked or packed as drawn, pings between them.
fn message() -> impl Strategy<Value = (Vec<u8>, Vec<Seen>)> {
    let kind = prop_oneof![
        any::<String>().prop_map(|text| Seen(Opcode::Text, text.into_bytes())),
        payload().prop_map(|bytes| Seen(Opcode::Binary, bytes)),
    ];
    let cuts = prop::collection::vec(any::<Index>(), 0..4);
    (kind, cuts, any::<mask::Key>(), any::<bool>(), any::<bool>()).prop_map(
        |(whole, cuts, key, packed, pings)| {
            let payload = if packed { deflate::pack(&whole.1, agreed()) } else { whole.1.clone() };
            let pieces = cut(&payload, &cuts);
            let (mut bytes, mut expected) = (Vec::new(), Vec::new());
            for (at, piece) in pieces.iter().enumerate() {
                let opcode = if at == 0 { whole.0 } else { Opcode::Continuation };
                let head = Head {
                    fin: at + 1 == pieces.len(),
                    packed: packed && at == 0,
                    opcode,
                    key: Some(key),
                    len: piece.len() as u64,
                };
                if pings {
                    encode::masked(&mut bytes, Opcode::Ping, &[7; 3], key);
                    expected.push(Seen(Opcode::Ping, vec![7; 3]));
                }
                let mut body = piece.clone();
                mask::apply(key, &mut body);
                bytes.extend_from_slice(&head.encode());
                bytes.extend_from_slice(&body);
            }
            expected.push(whole);
            (bytes, expected)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_split_gives_the_same(frames in prop::collection::vec(frame(), 1..8),
                                cuts in prop::collection::vec(any::<Index>(), 0..12)) {
        let bytes = frames.concat();
        let whole = read(Role::Server, [&bytes[..]]);
        let pieces = cut(&bytes, &cuts);
        prop_assert_eq!(read(Role::Server, pieces.iter().map(Vec::as_slice)), whole);
    }

    #[test]
    fn single_bytes_give_the_same(frames in prop::collection::vec(frame(), 1..4)) {
        let bytes = frames.concat();
        let whole = read(Role::Server, [&bytes[..]]);
        prop_assert_eq!(read(Role::Server, bytes.chunks(1)), whole);
    }

    #[test]
    fn messages_round_trip(messages in prop::collection::vec(message(), 1..5),
                           cuts in prop::collection::vec(any::<Index>(), 0..6)) {
        let bytes: Vec<u8> = messages.iter().flat_map(|(bytes, _)| bytes.clone()).collect();
        let expected: Vec<Seen> = messages.into_iter().flat_map(|(_, expected)| expected).collect();
        let pieces = cut(&bytes, &cuts);
        prop_assert_eq!(read(Role::Server, pieces.iter().map(Vec::as_slice)), (expected, None));
    }

    #[test]
    fn what_the_encoder_writes_is_read(payload in payload(), text: String, code in 3000_u16..5000) {
        let mut bytes = Vec::new();
        encode::text(&mut bytes, text.as_bytes());
        encode::binary(&mut bytes, &payload);
        encode::deflated(&mut bytes, Opcode::Binary, &payload, agreed());
        let mark = encode::begin(&mut bytes);
        bytes.extend_from_slice(&payload);
        encode::end_deflated(&mut bytes, mark, Opcode::Binary, agreed());
        encode::close(&mut bytes, Some((code, "")));
        let binary = Seen(Opcode::Binary, payload);
        let close = Seen(Opcode::Close, code.to_be_bytes().to_vec());
        let expected = vec![Seen(Opcode::Text, text.into_bytes()), binary.clone(), binary.clone(), binary, close];
        prop_assert_eq!(read(Role::Client, [&bytes[..]]), (expected, None));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes: Vec<u8>, cuts in prop::collection::vec(any::<Index>(), 0..4),
                                   server: bool) {
        let role = if server { Role::Server } else { Role::Client };
        let pieces = cut(&bytes, &cuts);
        let _ = read(role, pieces.iter().map(Vec::as_slice));
    }
}

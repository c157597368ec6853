//! Recorded bytes: what clients wrote is read, and what servers wrote to them is what we would write, but for
//! the version of messages and the length of heads in CBOR.

use playhouse_proto::actors::bare::{self, Failure, Malformed, Reader, ToServer};

use crate::hex;
use crate::tree::{Tree, read};

/// The recorded bytes of one wire in one direction.
fn recorded(wire: &str) -> Vec<Vec<u8>> {
    let lines = include_str!("frames.txt").lines();
    let all: Vec<_> = lines.filter_map(|line| line.strip_prefix(wire)?.strip_prefix(' ')).map(hex).collect();
    assert!(!all.is_empty(), "{wire}");
    all
}

fn list(args: &[u8]) -> Vec<Tree> {
    match read(args) {
        Ok(Tree::List(list)) => list,
        other => panic!("{other:?} is no list"),
    }
}

/// The server's side of a conversation, as a client reads it and as we write it.
fn again(frame: &[u8]) -> Result<Vec<u8>, Malformed> {
    let mut reader = Reader::new(frame)?;
    let mut out = Vec::new();
    match reader.choice(3)? {
        0 => bare::init(&mut out, reader.str()?, reader.str()?),
        1 => {
            let (group, code, message) = (reader.str()?, reader.str()?, reader.str()?);
            let (metadata, action) = (reader.optional(Reader::data)?, reader.optional(Reader::uint)?);
            bare::error(&mut out, &Failure { group, code, message, metadata, action });
        }
        2 => {
            let (id, output) = (reader.uint()?, reader.data()?);
            assert!(read(output).is_ok());
            bare::response(&mut out, id, output);
        }
        _ => {
            let (name, args) = (reader.str()?, reader.data()?);
            list(args);
            bare::event(&mut out, name, args);
        }
    }
    reader.end().map(|()| out)
}

#[test]
fn every_message_of_a_client_is_read() {
    for frame in recorded("bare >") {
        match ToServer::read(&frame) {
            Ok(ToServer::Call { name, args, .. }) => {
                assert!(!name.is_empty());
                list(args);
            }
            Ok(ToServer::Subscription { event, .. }) => {
                assert!(event.starts_with("new") || event == "directMessage");
            }
            Err(malformed) => panic!("{malformed}: {frame:02x?}"),
        }
    }
    for body in recorded("bare-call >") {
        list(bare::arguments(&body).expect("a call"));
    }
}

#[test]
fn every_message_to_a_client_is_one_of_ours() {
    for frame in recorded("bare <") {
        let ours = again(&frame).expect("a message");
        assert_eq!((&ours[..2], &ours[2..]), (&[2, 0][..], &frame[2..]));
    }
    for body in recorded("bare-call <") {
        let mut ours = Vec::new();
        bare::output(&mut ours, bare::arguments(&body).expect("one field"));
        assert_eq!(ours[2..], body[2..]);
    }
}

#[test]
fn errors_of_calls_are_read() {
    for body in recorded("bare-error <") {
        let mut reader = Reader::new(&body).expect("a version");
        for _ in 0..3 {
            assert!(!reader.str().expect("a text").is_empty());
        }
        let metadata = reader.optional(Reader::data).expect("metadata or none");
        assert!(metadata.is_none_or(|metadata| matches!(read(metadata), Ok(Tree::Map(_)))));
        assert_eq!(reader.end(), Ok(()));
    }
}

#[test]
fn every_value_is_read_and_written_alike() {
    for wire in ["cbor >", "cbor <", "core >", "core <"] {
        for frame in recorded(wire) {
            let tree = read(&frame).unwrap_or_else(|malformed| panic!("{malformed}: {frame:02x?}"));
            let Tree::Map(pairs) = &tree else { panic!("{tree:?} is no map") };
            assert!(pairs.iter().all(|(key, _)| matches!(key, Tree::Text(_))));
            let ours = tree.written();
            assert!(ours.len() <= frame.len());
            assert_eq!(read(&ours), Ok(tree));
        }
    }
}

#[test]
fn ids_are_big_to_one_family_and_numbers_to_the_other() {
    fn find<'t>(tree: &'t Tree, name: &str) -> Option<&'t Tree> {
        let Tree::Map(pairs) = tree else { return None };
        let mut pairs = pairs.iter();
        pairs.find_map(
            |(key, value)| if *key == Tree::Text(name.into()) { Some(value) } else { find(value, name) },
        )
    }
    let trees = |wire| recorded(wire).into_iter().map(|frame| read(&frame).expect("a value"));
    let big = trees("cbor >").filter_map(|tree| find(&tree, "id").cloned()).collect::<Vec<_>>();
    let call = |tree: Tree| find(find(&tree, "rr")?, "i").cloned();
    let small = trees("core >").filter_map(call).collect::<Vec<_>>();
    assert!(big.len() > 3 && big.iter().all(|id| matches!(id, Tree::Big(false, _))), "{big:?}");
    assert!(small.len() > 3 && small.iter().all(|id| matches!(id, Tree::Int(_))), "{small:?}");
}

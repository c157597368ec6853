//! What holds whatever the values and the bytes. A CBOR reader of others is the witness that what is written
//! here is understood elsewhere.

use minicbor::Decoder;
use playhouse_proto::actors::bare::{self, Failure, Reader, ToServer};
use playhouse_proto::actors::cbor::{self, Token};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::bombs::fuse;
use crate::tree::{DEPTH, Tree, big, read};

fn leaf() -> impl Strategy<Value = Tree> {
    prop_oneof![
        Just(Tree::Null),
        Just(Tree::Undefined),
        any::<bool>().prop_map(Tree::Bool),
        prop_oneof![-(1_i64 << 32)..(1 << 32), -300_i64..300].prop_map(Tree::Int),
        any::<f64>()
            .prop_filter("small integers are written as such", |value| value.fract() != 0.0)
            .prop_map(|value| Tree::Float(value.to_bits())),
        (any::<bool>(), prop::collection::vec(any::<u8>(), 0..12)).prop_map(|(sign, n)| big(sign, &n)),
        any::<String>().prop_map(Tree::Text),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Tree::Bytes),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    leaf().prop_recursive(6, 60, 8, |inner| {
        let tag = any::<u64>().prop_filter("big integers are leaves", |tag| !matches!(tag, 2 | 3));
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Tree::List),
            prop::collection::vec((inner.clone(), inner.clone()), 0..8).prop_map(Tree::Map),
            (tag, inner).prop_map(|(tag, value)| Tree::Tag(tag, Box::new(value))),
        ]
    })
}

/// Checks that another reader sees the same tokens.
fn witness(bytes: &[u8]) -> Result<(), minicbor::decode::Error> {
    let (mut ours, mut theirs) = (cbor::Reader::new(bytes, DEPTH), Decoder::new(bytes));
    while let Some(token) = ours.pull().expect("what was written") {
        match token {
            Token::Null => theirs.null()?,
            Token::Undefined => theirs.undefined()?,
            Token::Bool(value) => assert_eq!(theirs.bool()?, value),
            Token::Int(value) => assert_eq!(i128::from(theirs.int()?), value.into()),
            Token::Wide(value) => assert_eq!(i128::from(theirs.int()?), value),
            Token::Float(value) => assert_eq!(theirs.f64()?.to_bits(), value.to_bits()),
            Token::Big { negative, bytes } => {
                assert_eq!(theirs.tag()?.as_u64(), 2 + u64::from(negative));
                assert_eq!(theirs.bytes()?, bytes);
            }
            Token::Text(text) => assert_eq!(theirs.str()?, text),
            Token::Bytes(bytes) => assert_eq!(theirs.bytes()?, bytes),
            Token::List(len) => assert_eq!(theirs.array()?, len.map(|len| len as u64)),
            Token::Map(len) => assert_eq!(theirs.map()?, len.map(|len| len as u64)),
            Token::Tag(tag) => assert_eq!(theirs.tag()?.as_u64(), tag),
            Token::End => {}
        }
    }
    assert_eq!(theirs.position(), bytes.len());
    Ok(())
}

/// What holds for any bytes: an answer in time, and no more announced than there is.
fn bounded(bytes: &[u8]) {
    let (tokens, announced, error) = fuse(bytes);
    assert!(tokens <= 2 * bytes.len() && announced <= bytes.len(), "{tokens}, {announced}");
    if error.is_none() {
        let mut witness = Decoder::new(bytes);
        assert!(witness.skip().is_ok() && witness.position() == bytes.len(), "{bytes:02x?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn values_round_trip(tree in tree()) {
        let bytes = tree.written();
        prop_assert_eq!(read(&bytes), Ok(tree.clone()));
        prop_assert_eq!(read(&tree.written_open()), Ok(tree));
        witness(&bytes).expect("understood elsewhere");
    }

    #[test]
    fn any_number_stays_one(int: i64, float: f64) {
        let mut bytes = Vec::new();
        cbor::write::int(&mut bytes, int);
        let read = match cbor::Reader::new(&bytes, 0).token() {
            Ok(Token::Int(value)) => value as f64,
            Ok(Token::Float(value)) => value,
            other => panic!("{other:?} is no number"),
        };
        prop_assert_eq!(read, int as f64);
        bytes.clear();
        cbor::write::float(&mut bytes, float);
        prop_assert!(matches!(cbor::Reader::new(&bytes, 0).token(), Ok(Token::Float(value)) if value == float)
            || matches!(cbor::Reader::new(&bytes, 0).token(), Ok(Token::Int(value)) if value as f64 == float));
    }

    #[test]
    fn a_value_that_is_cut_is_none(tree in tree(), at: Index) {
        let bytes = tree.written();
        prop_assert!(read(&bytes[..at.index(bytes.len())]).is_err());
        prop_assert!(read(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
        bounded(&bytes);
        let _ = (ToServer::read(&bytes), bare::arguments(&bytes));
    }

    #[test]
    fn a_changed_value_is_read_or_refused(tree in tree(), at: Index, byte: u8) {
        let mut bytes = tree.written();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        bounded(&bytes);
    }

    #[test]
    fn a_changed_message_is_read_or_refused(id: u64, name: String, args: Vec<u8>, at: Index, byte: u8) {
        let mut bytes = Vec::new();
        bare::response(&mut bytes, id, name.as_bytes());
        bytes[2] = 0;
        bytes.extend_from_slice(&[u8::try_from(args.len() % 128).unwrap()]);
        bytes.extend_from_slice(&args[..args.len() % 128]);
        prop_assert_eq!(ToServer::read(&bytes), Ok(ToServer::Call { id, name: &name, args: &args[..args.len() % 128] }));
        let at = at.index(bytes.len());
        bytes[at] = byte;
        let _ = ToServer::read(&bytes);
    }

    #[test]
    fn messages_round_trip(texts: [String; 3], metadata: Option<Vec<u8>>, action: Option<u64>) {
        let [group, code, message] = &texts;
        let failure = Failure { group, code, message, metadata: metadata.as_deref(), action };
        let mut bytes = Vec::new();
        bare::error(&mut bytes, &failure);
        let mut reader = Reader::new(&bytes).expect("a version");
        prop_assert_eq!(reader.choice(3), Ok(1));
        let read = Failure {
            group: reader.str().expect("group"),
            code: reader.str().expect("code"),
            message: reader.str().expect("message"),
            metadata: reader.optional(Reader::data).expect("metadata"),
            action: reader.optional(Reader::uint).expect("id"),
        };
        prop_assert_eq!(read, failure);
        prop_assert_eq!(reader.end(), Ok(()));
    }
}

//! Input that is small and announces much: it ends in an error at once, and nothing is made room for.

use playhouse_proto::actors::bare::{self, ToServer};
use playhouse_proto::actors::cbor::{Malformed, Reader, Token};

use crate::hex;
use crate::tree::DEPTH;

/// How many tokens come before the error, what the announced lengths add up to, and the error.
pub(crate) fn fuse(bytes: &[u8]) -> (usize, usize, Option<Malformed>) {
    let mut reader = Reader::new(bytes, DEPTH);
    let (mut tokens, mut announced) = (0, 0);
    loop {
        match reader.pull() {
            Ok(Some(Token::List(len))) => announced += len.unwrap_or(0),
            Ok(Some(Token::Map(len))) => announced += 2 * len.unwrap_or(0),
            Ok(Some(_)) => {}
            Ok(None) => return (tokens, announced, None),
            Err(malformed) => return (tokens, announced, Some(malformed)),
        }
        tokens += 1;
    }
}

#[test]
fn nesting_ends_at_the_limit() {
    for level in ["81", "9f", "a100", "bf00", "c1", "c181", "d90102"] {
        let (tokens, _, error) = fuse(&hex(level).repeat(1 << 20));
        assert!(matches!(error, Some(Malformed::TooDeep { depth: DEPTH, .. })), "{level}: {error:?}");
        assert!(tokens <= 2 * DEPTH, "{level}: {tokens}");
    }
}

#[test]
fn as_deep_as_the_limit_is_fine() {
    let nested = |depth| [hex("81").repeat(depth), hex("80")].concat();
    assert_eq!(fuse(&nested(DEPTH - 1)), (2 * DEPTH, DEPTH - 1, None));
    let too_deep = Malformed::TooDeep { at: DEPTH, depth: DEPTH };
    assert_eq!(fuse(&nested(DEPTH)).2, Some(too_deep));
    assert_eq!(Reader::new(&[0], 0).pull(), Ok(Some(Token::Int(0))));
    assert_eq!(Reader::new(&[0x80], 0).pull(), Err(Malformed::TooDeep { at: 0, depth: 0 }));
}

#[test]
fn lists_that_all_announce_the_rest() {
    // Each list alone has as many bytes behind it as it announces elements; together they do not.
    let mut bytes = Vec::new();
    for left in (0..DEPTH).rev() {
        bytes.extend(hex("9a"));
        bytes.extend(u32::try_from(1000 + 5 * left).unwrap().to_be_bytes());
    }
    bytes.resize(bytes.len() + 1000, 0);
    let (tokens, announced, error) = fuse(&bytes);
    assert_eq!((tokens, error), (1, Some(Malformed::TooLong { at: 5, len: 1000 + 5 * (DEPTH as u64 - 2) })));
    assert!(announced <= bytes.len());
}

#[test]
fn lengths_of_messages_are_checked_first() {
    for frame in ["0300 00 00 ffffffffffffffffff01", "0300 01 ffffff7f 61", "0300 00 00 01 61 8080808010"] {
        let error = ToServer::read(&hex(frame)).expect_err(frame);
        assert!(matches!(error, bare::Malformed::TooLong { .. }), "{frame}: {error}");
    }
    assert!(bare::arguments(&hex("0300 ffffffffffffffffff01 80")).is_err());
}

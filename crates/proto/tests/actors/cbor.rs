//! The rules on values, one example each.

use playhouse_proto::actors::cbor::{Malformed, Reader, Token, write};

use crate::hex;
use crate::tree::{DEPTH, Tree, big, read};

fn written(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out);
    out
}

fn float(value: f64) -> Tree {
    Tree::Float(value.to_bits())
}

#[test]
fn numbers_and_big_integers_are_told_apart() {
    for (bytes, expected) in [
        ("00", Tree::Int(0)),
        ("17", Tree::Int(23)),
        ("1818", Tree::Int(24)),
        ("1800", Tree::Int(0)),
        ("190100", Tree::Int(256)),
        ("1affffffff", Tree::Int(4_294_967_295)),
        ("20", Tree::Int(-1)),
        ("3863", Tree::Int(-100)),
        ("3affffffff", Tree::Int(-4_294_967_296)),
        ("3a80000000", Tree::Int(-2_147_483_649)),
        ("fb41f0000000000000", float(4_294_967_296.0)),
        ("fb4278bcfe56800000", float(1_700_000_000_000.0)),
        ("fb3ff8000000000000", float(1.5)),
        ("fa3fc00000", float(1.5)),
        ("f93e00", float(1.5)),
        ("f90001", float(5.960_464_477_539_063e-8)),
        ("f97bff", float(65_504.0)),
        ("f97c00", float(f64::INFINITY)),
        ("f9fc00", float(f64::NEG_INFINITY)),
        ("f98000", float(-0.0)),
        ("1b0000000000000000", big(false, &[])),
        ("1b0000000000000001", big(false, &[1])),
        ("1bab54a98ceb1f0ad2", big(false, &12_345_678_901_234_567_890_u64.to_be_bytes())),
        ("3b0000000000000000", big(true, &[])),
        ("3bffffffffffffffff", big(true, &[0xFF; 8])),
        ("c249010000000000000000", big(false, &[1, 0, 0, 0, 0, 0, 0, 0, 0])),
        ("c349010000000000000000", big(true, &[1, 0, 0, 0, 0, 0, 0, 0, 0])),
        ("c24105", big(false, &[5])),
        ("c240", big(false, &[])),
        ("d802420005", big(false, &[5])),
    ] {
        assert_eq!(read(&hex(bytes)), Ok(expected), "{bytes}");
    }
}

#[test]
fn everything_else() {
    let text = |text: &str| Tree::Text(text.into());
    for (bytes, expected) in [
        ("f4", Tree::Bool(false)),
        ("f5", Tree::Bool(true)),
        ("f6", Tree::Null),
        ("f7", Tree::Undefined),
        ("60", text("")),
        ("62c3a9", text("é")),
        ("780161", text("a")),
        ("4200ff", Tree::Bytes(vec![0, 255])),
        ("d8404200ff", Tree::Tag(64, Box::new(Tree::Bytes(vec![0, 255])))),
        ("80", Tree::List(vec![])),
        ("9fff", Tree::List(vec![])),
        ("820102", Tree::List(vec![Tree::Int(1), Tree::Int(2)])),
        ("9f018102ff", Tree::List(vec![Tree::Int(1), Tree::List(vec![Tree::Int(2)])])),
        ("a0", Tree::Map(vec![])),
        ("b90000", Tree::Map(vec![])),
        ("b90001616101", Tree::Map(vec![(text("a"), Tree::Int(1))])),
        ("bf616101ff", Tree::Map(vec![(text("a"), Tree::Int(1))])),
        ("a1010f", Tree::Map(vec![(Tree::Int(1), Tree::Int(15))])),
        ("c1fb41d954fc40000000", Tree::Tag(1, Box::new(float(1_700_000_000.0)))),
        ("d90102820102", Tree::Tag(258, Box::new(Tree::List(vec![Tree::Int(1), Tree::Int(2)])))),
        ("d90103a10102", Tree::Tag(259, Box::new(Tree::Map(vec![(Tree::Int(1), Tree::Int(2))])))),
        ("d8554400000000", Tree::Tag(0x55, Box::new(Tree::Bytes(vec![0; 4])))),
        ("c1c6f6", Tree::Tag(1, Box::new(Tree::Tag(6, Box::new(Tree::Null))))),
    ] {
        assert_eq!(read(&hex(bytes)), Ok(expected), "{bytes}");
    }
}

#[test]
fn what_is_no_value() {
    use Malformed::{Break, EndsEarly, NotBytes, NotUtf8, Pieces, Reserved, TooLong, Trailing};
    for (bytes, expected) in [
        ("", EndsEarly { at: 0 }),
        ("18", EndsEarly { at: 1 }),
        ("1b00000000", EndsEarly { at: 5 }),
        ("8201", TooLong { at: 0, len: 2 }),
        ("9f01", EndsEarly { at: 2 }),
        ("c1", EndsEarly { at: 1 }),
        ("c2", EndsEarly { at: 1 }),
        ("0000", Trailing { at: 1 }),
        ("80ff", Trailing { at: 1 }),
        ("6261", TooLong { at: 0, len: 2 }),
        ("42ff", TooLong { at: 0, len: 2 }),
        ("5bffffffffffffffff00", TooLong { at: 0, len: u64::MAX }),
        ("9bffffffffffffffff00", TooLong { at: 0, len: u64::MAX }),
        ("bb800000000000000000", TooLong { at: 0, len: 1 << 63 }),
        ("a20102", TooLong { at: 0, len: 2 }),
        ("8382000000", TooLong { at: 1, len: 2 }),
        ("8362616100", TooLong { at: 1, len: 2 }),
        ("82626161", TooLong { at: 1, len: 2 }),
        ("7f6161ff", Pieces { at: 0 }),
        ("5f4100ff", Pieces { at: 0 }),
        ("c25f4101ff", Pieces { at: 1 }),
        ("61ff", NotUtf8 { at: 0 }),
        ("816161ff", Trailing { at: 3 }),
        ("c201", NotBytes { at: 1 }),
        ("c3f6", NotBytes { at: 1 }),
        ("c2d8404101", NotBytes { at: 1 }),
        ("ff", Break { at: 0 }),
        ("81ff", Break { at: 1 }),
        ("bf01ff", Break { at: 2 }),
        ("9fc1ff", Break { at: 2 }),
        ("1c", Reserved { at: 0, byte: 0x1C }),
        ("1f", Reserved { at: 0, byte: 0x1F }),
        ("3f", Reserved { at: 0, byte: 0x3F }),
        ("dfff", Reserved { at: 0, byte: 0xDF }),
        ("e0", Reserved { at: 0, byte: 0xE0 }),
        ("f820", Reserved { at: 0, byte: 0xF8 }),
        ("fe", Reserved { at: 0, byte: 0xFE }),
    ] {
        assert_eq!(read(&hex(bytes)), Err(expected), "{bytes}");
    }
}

#[test]
fn an_error_names_the_place_and_stays() {
    let bytes = hex("8201fe");
    let mut reader = Reader::new(&bytes, DEPTH);
    assert_eq!(reader.pull(), Ok(Some(Token::List(Some(2)))));
    assert_eq!(reader.pull(), Ok(Some(Token::Int(1))));
    let malformed = reader.pull().expect_err("a reserved byte");
    assert_eq!(malformed.to_string(), "the byte 0xfe at 2 of the CBOR begins no value");
    assert_eq!(reader.pull(), Err(malformed));
}

#[test]
fn a_value_ends_once() {
    let mut reader = Reader::new(&[0xF6], DEPTH);
    assert_eq!(reader.pull(), Ok(Some(Token::Null)));
    assert_eq!(reader.pull(), Ok(None));
    assert_eq!(reader.pull(), Ok(None));
    assert_eq!(reader.token(), Err(Malformed::EndsEarly { at: 1 }));
}

#[test]
fn numbers_as_clients_want_them() {
    for (value, expected) in [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (255, "18ff"),
        (256, "190100"),
        (65_536, "1a00010000"),
        (4_294_967_295, "1affffffff"),
        (4_294_967_296, "fb41f0000000000000"),
        (1_700_000_000_000, "fb4278bcfe56800000"),
        (-1, "20"),
        (-24, "37"),
        (-25, "3818"),
        (-4_294_967_296, "3affffffff"),
        (-4_294_967_297, "fbc1f0000000100000"),
        (i64::MIN, "fbc3e0000000000000"),
    ] {
        assert_eq!(written(|out| write::int(out, value)), hex(expected), "{value}");
    }
    for (value, expected) in [
        (1.5, "fb3ff8000000000000"),
        (5.0, "05"),
        (-4_294_967_296.0, "3affffffff"),
        (4_294_967_296.0, "fb41f0000000000000"),
        (-0.0, "fb8000000000000000"),
        (f64::INFINITY, "fb7ff0000000000000"),
        (9_223_372_036_854_775_808.0, "fb43e0000000000000"),
    ] {
        assert_eq!(written(|out| write::float(out, value)), hex(expected), "{value}");
    }
}

#[test]
fn big_integers_as_clients_want_them() {
    assert_eq!(written(|out| write::id(out, 0)), hex("1b0000000000000000"));
    assert_eq!(written(|out| write::id(out, u64::MAX)), hex("1bffffffffffffffff"));
    for (negative, bytes, expected) in [
        (false, "", "1b0000000000000000"),
        (false, "01", "1b0000000000000001"),
        (false, "000000000000000000000001", "1b0000000000000001"),
        (false, "ffffffffffffffff", "1bffffffffffffffff"),
        (false, "010000000000000000", "c249010000000000000000"),
        (true, "", "3b0000000000000000"),
        (true, "ffffffffffffffff", "3bffffffffffffffff"),
        (true, "00010000000000000000", "c349010000000000000000"),
    ] {
        assert_eq!(
            written(|out| write::big(out, negative, &hex(bytes))),
            hex(expected),
            "{negative} {bytes}"
        );
    }
}

#[test]
fn the_rest_in_its_shortest_form() {
    let bytes = written(|out| {
        write::map(out, 3);
        write::text(out, "é");
        write::bytes(out, &[0, 255]);
        write::null(out);
        write::undefined(out);
        write::list(out, 24);
        (0..24).for_each(|_| write::bool(out, true));
        write::tag(out, 64);
        write::bytes(out, &[]);
    });
    assert_eq!(bytes, hex(&format!("a3 62c3a9 4200ff f6 f7 9818 {} d84040", "f5".repeat(24))));
    assert!(read(&bytes).is_ok());
}

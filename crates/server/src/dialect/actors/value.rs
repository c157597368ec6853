//! Values to CBOR and back (actors.md, section 4.1). In JSON a value is what serde makes of it.
//!
//! Knows no message. A tree is as deep as `core::value::DEPTH` at most, on either way.

use playhouse_core::value::{BigInt, Count, DEPTH, TooMany, Value};
use playhouse_proto::actors::cbor::{Malformed, Reader, Token, write};

/// The tag that clients put before a byte string to have the usual class of it.
const BYTES: u64 = 64;

/// Room that is made at once for a list or map; what is longer grows.
const ROOM: usize = 1_024;

/// The most bytes of a big integer: as many as JSON's limit of digits lets through there, as writing it in digits takes
/// the square of them.
const BIG_BYTES: usize = 1_700;

/// Why bytes are no value of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadValue {
    /// They are no CBOR.
    #[error("{0}")]
    Malformed(#[from] Malformed),
    /// A number that would take too long to be shown.
    #[error("a big integer of {0} bytes; {BIG_BYTES} are the most")]
    Big(usize),
    /// It would take too much memory.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

/// Reads one value that is all of `bytes`, with `values` in it at most.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn read(bytes: &[u8], values: usize) -> Result<Value, BadValue> {
    let (mut reader, count) = (Reader::new(bytes, DEPTH), Count::new(values));
    let token = reader.token()?;
    let value = value(&mut reader, token, &count)?;
    match reader.pull()? {
        None => Ok(value),
        Some(_) => Err(Malformed::Trailing { at: reader.offset() }.into()),
    }
}

fn value(reader: &mut Reader<'_>, token: Token<'_>, count: &Count) -> Result<Value, BadValue> {
    count.one()?;
    Ok(match token {
        Token::Null | Token::Undefined => Value::Null,
        Token::Bool(is) => Value::Bool(is),
        Token::Int(number) => Value::Int(number),
        Token::Float(number) => Value::Float(number),
        Token::Wide(number) => Value::Big(number.into()),
        Token::Big { bytes, .. } if bytes.len() > BIG_BYTES => return Err(BadValue::Big(bytes.len())),
        Token::Big { negative, bytes } => Value::Big(big(negative, bytes)),
        Token::Text(text) => Value::text(text),
        Token::Bytes(bytes) => Value::Bytes(bytes.to_vec()),
        Token::List(len) => list(reader, len, count)?,
        Token::Map(pairs) => map(reader, pairs, count)?,
        Token::Tag(tag) => {
            let token = reader.token()?;
            match value(reader, token, count)? {
                bytes @ Value::Bytes(_) if tag == BYTES => bytes,
                inner => Value::Tagged(tag, Box::new(inner)),
            }
        }
        Token::End => return Err(Malformed::Break { at: reader.offset() }.into()),
    })
}

fn list(reader: &mut Reader<'_>, len: Option<usize>, count: &Count) -> Result<Value, BadValue> {
    let mut items = Vec::with_capacity(len.unwrap_or_default().min(ROOM));
    loop {
        match reader.token()? {
            Token::End => return Ok(Value::List(items)),
            token => items.push(value(reader, token, count)?),
        }
    }
}

fn map(reader: &mut Reader<'_>, pairs: Option<usize>, count: &Count) -> Result<Value, BadValue> {
    let mut entries = Vec::with_capacity(pairs.unwrap_or_default().min(ROOM));
    loop {
        let key = match reader.token()? {
            Token::End => return Ok(Value::Map(entries)),
            token => value(reader, token, count)?,
        };
        let token = reader.token()?;
        entries.push((key, value(reader, token, count)?));
    }
}

fn big(negative: bool, bytes: &[u8]) -> BigInt {
    // A zero in front says that it has no sign.
    let n = BigInt::from_signed_bytes_be(&[&[0], bytes].concat());
    if negative { -n - 1 } else { n }
}

/// Appends a value.
pub(crate) fn write(out: &mut Vec<u8>, value: &Value) {
    match value {
        Value::Null => write::null(out),
        Value::Bool(is) => write::bool(out, *is),
        Value::Int(number) => write::int(out, *number),
        Value::Float(number) => write::float(out, *number),
        Value::Big(number) => write_big(out, number),
        Value::Text(text) => write::text(out, text),
        Value::Bytes(bytes) => {
            write::tag(out, BYTES);
            write::bytes(out, bytes);
        }
        Value::List(items) => write_list(out, items),
        Value::Map(entries) => {
            write::map(out, entries.len());
            for (key, value) in entries {
                write(out, key);
                write(out, value);
            }
        }
        Value::Tagged(tag, value) => {
            write::tag(out, *tag);
            match &**value {
                // A typed array: its own tag says already what its bytes are.
                Value::Bytes(bytes) => write::bytes(out, bytes),
                value => write(out, value),
            }
        }
    }
}

/// Appends a list of values.
pub(crate) fn write_list(out: &mut Vec<u8>, items: &[Value]) {
    write::list(out, items.len());
    items.iter().for_each(|item| write(out, item));
}

fn write_big(out: &mut Vec<u8>, number: &BigInt) {
    let negative = *number < BigInt::ZERO;
    // Of -5 the bytes of 4: -1 - n.
    let n = if negative { -number - 1_u8 } else { number.clone() };
    write::big(out, negative, &n.to_bytes_be().1);
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: usize = 1_000;

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> = hex.bytes().filter(|b| *b != b' ').collect();
        digits
            .chunks(2)
            .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
            .collect()
    }

    /// Reads, and writes again.
    fn through(hex: &str) -> (Value, String) {
        let value = read(&bytes(hex), VALUES).unwrap();
        let mut out = Vec::new();
        write(&mut out, &value);
        (value, out.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    #[test]
    fn kinds_survive() {
        for (hex, value) in [
            ("f6", Value::Null),
            ("f5", Value::Bool(true)),
            ("20", Value::Int(-1)),
            ("1affffffff", Value::Int(u32::MAX.into())),
            ("fb41f0000000000000", Value::Float(4_294_967_296.0)),
            ("fb4278bcfe56800000", Value::Float(1_700_000_000_000.0)),
            ("1b0000000000000001", Value::Big(1.into())),
            ("3b0000000000000000", Value::Big((-1).into())),
            ("c249010000000000000000", Value::Big(BigInt::from(1) << 64_u8)),
            ("c349010000000000000000", Value::Big(-(BigInt::from(1) << 64_u8) - BigInt::from(1))),
            ("63 c3a961", Value::text("éa")),
            ("d8404200ff", Value::Bytes(vec![0, 255])),
            ("82 01 f4", Value::List(vec![Value::Int(1), Value::Bool(false)])),
            ("a2 01 02 6161 80", Value::Map(vec![(1.into(), 2.into()), ("a".into(), Value::List(vec![]))])),
            ("c1 00", Value::Tagged(1, Box::new(Value::Int(0)))),
            (
                "d855 48 0000803f00000040",
                Value::Tagged(0x55, Box::new(Value::Bytes(bytes("0000803f00000040")))),
            ),
        ] {
            let (read, written) = through(hex);
            assert_eq!(read, value, "{hex}");
            assert_eq!(written, hex.replace(' ', ""));
        }
    }

    #[test]
    fn other_ways_to_write_the_same() {
        for (hex, written) in [
            ("f7", "f6"),
            ("4200ff", "d8404200ff"),
            ("f93c00", "01"),
            ("b90001616101", "a1616101"),
            ("bf616101ff", "a1616101"),
            ("c24101", "1b0000000000000001"),
        ] {
            assert_eq!(through(hex).1, written, "{hex}");
        }
    }

    #[test]
    fn what_is_no_value() {
        assert_eq!(read(&bytes("8201"), VALUES), Err(Malformed::TooLong { at: 0, len: 2 }.into()));
        assert_eq!(read(&bytes("0101"), VALUES), Err(Malformed::Trailing { at: 1 }.into()));
        assert!(read(&[0x81; 10_000], VALUES).is_err());
        let deep = [vec![0x81; DEPTH], vec![0]].concat();
        assert!(
            read(&deep, VALUES).is_ok() && read(&[vec![0x81; DEPTH + 1], vec![0]].concat(), VALUES).is_err()
        );
        let huge = [&[0xC2, 0x59, 0x10, 0][..], &[1; 4096]].concat();
        assert_eq!(read(&huge, VALUES), Err(BadValue::Big(4096)));
    }

    #[test]
    fn values_are_counted() {
        for (hex, values) in
            [("83 010203", 4), ("a2 01 02 6161 80", 5), ("c1 00", 2), ("9f 01 8102 ff", 4), ("00", 1)]
        {
            assert!(read(&bytes(hex), values).is_ok(), "{hex}");
            assert_eq!(read(&bytes(hex), values - 1), Err(TooMany(values - 1).into()), "{hex}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            if let Ok(value) = read(&bytes, VALUES) {
                let mut out = Vec::new();
                write(&mut out, &value);
                let mut again = Vec::new();
                write(&mut again, &read(&out, VALUES).expect("what is written is read"));
                proptest::prop_assert_eq!(out, again);
            }
        }
    }
}

//! One packet: a digit and what follows it, or bytes (engineio.md, 1, 5, 10).
//!
//! Owns both directions of it. It must not know how packets are put together in a poll, nor which of them may
//! come when.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Malformed, Protocol};

/// The type of a binary packet in protocol 3: a message, as a byte and not as a digit (10).
pub(super) const BINARY_MESSAGE: u8 = 4;

/// What a packet is (1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// 0, from the server: the handshake.
    Open,
    /// 1: this transport is to be closed.
    Close,
    /// 2: wants a pong. From the server in protocol 4, from the client in 3; in both the client's probe.
    Ping,
    /// 3: answers a ping, with its data.
    Pong,
    /// 4: what the session is for.
    Message,
    /// 5, from the client: the probe succeeded, switch now.
    Upgrade,
    /// 6, from the server: releases a poll that waits.
    Noop,
}

impl Kind {
    /// The digit on the wire, `b'0'` to `b'6'`.
    #[must_use]
    pub fn digit(self) -> u8 {
        match self {
            Self::Open => b'0',
            Self::Close => b'1',
            Self::Ping => b'2',
            Self::Pong => b'3',
            Self::Message => b'4',
            Self::Upgrade => b'5',
            Self::Noop => b'6',
        }
    }

    /// The kind that a digit stands for.
    #[must_use]
    pub fn from_digit(digit: u8) -> Option<Self> {
        match digit {
            b'0' => Some(Self::Open),
            b'1' => Some(Self::Close),
            b'2' => Some(Self::Ping),
            b'3' => Some(Self::Pong),
            b'4' => Some(Self::Message),
            b'5' => Some(Self::Upgrade),
            b'6' => Some(Self::Noop),
            _ => None,
        }
    }
}

/// What a packet carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data<'a> {
    /// What stands behind the digit; may be empty.
    Text(&'a str),
    /// The bytes of a binary message; borrowed unless they came as base64.
    Binary(Cow<'a, [u8]>),
}

/// One packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// What it is. One with [`Data::Binary`] is always a message.
    pub kind: Kind,
    /// What it carries.
    pub data: Data<'a>,
}

/// How packets travel: as text or as bytes. On a websocket this is the kind of the message, in a poll the content
/// type, `text/plain; charset=UTF-8` or `application/octet-stream`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As text.
    Text,
    /// As bytes.
    Binary,
}

/// Reads one text: a text message of a websocket, or one packet of a text payload.
///
/// # Errors
/// An empty text, an unknown digit, and base64 that is not exactly standard base64 with padding.
pub fn read_text(protocol: Protocol, text: &str) -> Result<Packet<'_>, Malformed> {
    let Some((first, rest)) = text.as_bytes().split_first() else { return Err(Malformed::EmptyPacket) };
    if *first == b'b' {
        return read_base64(protocol, rest);
    }
    let kind = Kind::from_digit(*first).ok_or(Malformed::UnknownKind { byte: *first })?;
    Ok(Packet { kind, data: Data::Text(&text[1..]) })
}

/// Reads one binary message of a websocket, or one binary packet of a binary payload. In protocol 4 all of it is
/// the message, which may be empty.
///
/// # Errors
/// In protocol 3 an empty one, and one that does not begin with the byte 4.
pub fn read_binary(protocol: Protocol, bytes: &[u8]) -> Result<Packet<'_>, Malformed> {
    let data = match (protocol, bytes) {
        (Protocol::V4, _) => bytes,
        (Protocol::V3, []) => return Err(Malformed::EmptyPacket),
        (Protocol::V3, [BINARY_MESSAGE, data @ ..]) => data,
        (Protocol::V3, [byte, ..]) => return Err(Malformed::NotMessage { byte: *byte }),
    };
    Ok(Packet { kind: Kind::Message, data: Data::Binary(Cow::Borrowed(data)) })
}

/// What stands behind the `b`.
fn read_base64(protocol: Protocol, rest: &[u8]) -> Result<Packet<'static>, Malformed> {
    let digits = match (protocol, rest) {
        (Protocol::V4, _) => rest,
        (Protocol::V3, [b'4', digits @ ..]) => digits,
        (Protocol::V3, [byte, ..]) => return Err(Malformed::NotMessage { byte: *byte }),
        (Protocol::V3, []) => return Err(Malformed::NoType),
    };
    let data = STANDARD.decode(digits).map_err(|_| Malformed::NotBase64)?;
    Ok(Packet { kind: Kind::Message, data: Data::Binary(Cow::Owned(data)) })
}

/// The bytes of a text packet; each packet is checked by itself, so that those before a bad one count.
pub(super) fn read_utf8(protocol: Protocol, bytes: &[u8]) -> Result<Packet<'_>, Malformed> {
    let text = simdutf8::basic::from_utf8(bytes).map_err(|_| Malformed::NotUtf8)?;
    read_text(protocol, text)
}

impl Packet<'_> {
    /// Appends it as it goes over a websocket, and says as which kind of message. `base64` is for clients whose
    /// handshake had `b64`: they get bytes as text. Binary data is written as a message, whatever the kind.
    pub fn write(&self, protocol: Protocol, base64: bool, out: &mut Vec<u8>) -> Form {
        match &self.data {
            Data::Text(text) => {
                out.push(self.kind.digit());
                out.extend_from_slice(text.as_bytes());
                Form::Text
            }
            Data::Binary(bytes) if base64 => {
                write_base64(protocol, bytes, out);
                Form::Text
            }
            Data::Binary(bytes) => {
                out.extend_from_slice(binary_type(protocol));
                out.extend_from_slice(bytes);
                Form::Binary
            }
        }
    }
}

/// What stands before the bytes of a binary message.
pub(super) fn binary_type(protocol: Protocol) -> &'static [u8] {
    match protocol {
        Protocol::V3 => &[BINARY_MESSAGE],
        Protocol::V4 => &[],
    }
}

/// Appends a binary message as text.
pub(super) fn write_base64(protocol: Protocol, data: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(base64_type(protocol));
    let from = out.len();
    out.resize(from + base64_len(data.len()), 0);
    let written = STANDARD.encode_slice(data, &mut out[from..]);
    debug_assert_eq!(written.ok(), Some(out.len() - from), "room for all of it");
}

/// How many letters [`write_base64`] appends for `len` bytes.
pub(super) fn base64_packet_len(protocol: Protocol, len: usize) -> usize {
    base64_type(protocol).len() + base64_len(len)
}

fn base64_type(protocol: Protocol) -> &'static [u8] {
    match protocol {
        Protocol::V3 => b"b4",
        Protocol::V4 => b"b",
    }
}

fn base64_len(len: usize) -> usize {
    len.div_ceil(3) * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: Kind, text: &str) -> Result<Packet<'_>, Malformed> {
        Ok(Packet { kind, data: Data::Text(text) })
    }

    fn bytes(bytes: &[u8]) -> Result<Packet<'_>, Malformed> {
        Ok(Packet { kind: Kind::Message, data: Data::Binary(bytes.into()) })
    }

    #[test]
    fn texts_that_mean_the_same_in_both() {
        let table = [
            ("0{}", text(Kind::Open, "{}")),
            ("1", text(Kind::Close, "")),
            ("2", text(Kind::Ping, "")),
            ("2probe", text(Kind::Ping, "probe")),
            ("3probe", text(Kind::Pong, "probe")),
            ("4", text(Kind::Message, "")),
            ("4€😀", text(Kind::Message, "€😀")),
            ("4b", text(Kind::Message, "b")),
            ("5", text(Kind::Upgrade, "")),
            ("6", text(Kind::Noop, "")),
            ("", Err(Malformed::EmptyPacket)),
            ("7", Err(Malformed::UnknownKind { byte: b'7' })),
            ("abc", Err(Malformed::UnknownKind { byte: b'a' })),
            (" 4", Err(Malformed::UnknownKind { byte: b' ' })),
            ("\u{4}", Err(Malformed::UnknownKind { byte: 4 })),
            ("é", Err(Malformed::UnknownKind { byte: 0xC3 })),
        ];
        for (written, expected) in table {
            assert_eq!(read_text(Protocol::V4, written), expected, "{written}");
            assert_eq!(read_text(Protocol::V3, written), expected, "{written}");
        }
    }

    #[test]
    fn bytes_as_text() {
        use Protocol::{V3, V4};
        let table = [
            (V4, "bAQIDBA==", bytes(&[1, 2, 3, 4])),
            (V4, "bAQID", bytes(&[1, 2, 3])),
            (V4, "b", bytes(&[])),
            (V4, "b4AAA", bytes(&[0xE0, 0, 0])),
            (V4, "bAQIDBA", Err(Malformed::NotBase64)),
            (V4, "bAQIDBA=", Err(Malformed::NotBase64)),
            (V4, "bAQIDBB==", Err(Malformed::NotBase64)),
            (V4, "b-_-_", Err(Malformed::NotBase64)),
            (V4, "bAQ ID", Err(Malformed::NotBase64)),
            (V4, "bé", Err(Malformed::NotBase64)),
            (V3, "b4AQIDBA==", bytes(&[1, 2, 3, 4])),
            (V3, "b4", bytes(&[])),
            (V3, "b4AQIDBA", Err(Malformed::NotBase64)),
            (V3, "bAQID", Err(Malformed::NotMessage { byte: b'A' })),
            (V3, "b2AQID", Err(Malformed::NotMessage { byte: b'2' })),
            (V3, "b", Err(Malformed::NoType)),
        ];
        for (protocol, written, expected) in table {
            assert_eq!(read_text(protocol, written), expected, "{protocol:?} {written}");
        }
    }

    #[test]
    fn bytes_as_bytes() {
        use Protocol::{V3, V4};
        let table: &[(Protocol, &[u8], _)] = &[
            (V4, &[4, 1], bytes(&[4, 1])),
            (V4, &[], bytes(&[])),
            (V3, &[4, 1, 2], bytes(&[1, 2])),
            (V3, &[4], bytes(&[])),
            (V3, &[], Err(Malformed::EmptyPacket)),
            (V3, b"4a", Err(Malformed::NotMessage { byte: b'4' })),
            (V3, &[2], Err(Malformed::NotMessage { byte: 2 })),
        ];
        for (protocol, written, expected) in table {
            assert_eq!(read_binary(*protocol, written), *expected, "{protocol:?} {written:?}");
        }
    }

    #[test]
    fn what_a_websocket_gets() {
        use Protocol::{V3, V4};
        let data = || Packet { kind: Kind::Message, data: Data::Binary(Cow::Borrowed(&[1, 2])) };
        let probe = || Packet { kind: Kind::Pong, data: Data::Text("probe") };
        let table: &[(Packet<'_>, Protocol, bool, Form, &[u8])] = &[
            (probe(), V4, false, Form::Text, b"3probe"),
            (probe(), V3, true, Form::Text, b"3probe"),
            (data(), V4, false, Form::Binary, &[1, 2]),
            (data(), V3, false, Form::Binary, &[4, 1, 2]),
            (data(), V4, true, Form::Text, b"bAQI="),
            (data(), V3, true, Form::Text, b"b4AQI="),
        ];
        for (packet, protocol, base64, form, expected) in table {
            let mut out = b"before".to_vec();
            assert_eq!(packet.write(*protocol, *base64, &mut out), *form);
            assert_eq!(out, [b"before", *expected].concat(), "{packet:?}");
        }
    }
}

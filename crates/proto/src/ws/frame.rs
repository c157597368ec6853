//! The header of a frame, RFC 6455, 5.2: what is in it, how it is read and written.
//!
//! Owns the rules that a header can break by itself. It must not know what came before: whether a frame
//! fits the open message, the role or the limits is the decoder's to say.

use super::Violation;
use super::mask::Key;

/// The most bytes that a header has: two, a length of eight, a key of four.
pub const HEAD_MAX: usize = 14;

/// The most bytes that the payload of a control frame has.
pub const CONTROL_MAX: usize = 125;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// The next part of a fragmented message.
    Continuation,
    /// A text, or its first part.
    Text,
    /// Bytes, or their first part.
    Binary,
    /// The end.
    Close,
    /// Asks for a pong.
    Ping,
    /// Answers a ping.
    Pong,
}

impl Opcode {
    /// The four bits on the wire.
    #[must_use]
    pub fn bits(self) -> u8 {
        match self {
            Self::Continuation => 0,
            Self::Text => 1,
            Self::Binary => 2,
            Self::Close => 8,
            Self::Ping => 9,
            Self::Pong => 10,
        }
    }

    /// Close, ping and pong: never fragmented, at most [`CONTROL_MAX`] bytes, allowed inside of a message.
    #[must_use]
    pub fn is_control(self) -> bool {
        match self {
            Self::Close | Self::Ping | Self::Pong => true,
            Self::Continuation | Self::Text | Self::Binary => false,
        }
    }

    fn from_bits(bits: u8) -> Result<Self, Violation> {
        match bits {
            0 => Ok(Self::Continuation),
            1 => Ok(Self::Text),
            2 => Ok(Self::Binary),
            8 => Ok(Self::Close),
            9 => Ok(Self::Ping),
            10 => Ok(Self::Pong),
            reserved => Err(Violation::ReservedOpcode(reserved)),
        }
    }
}

/// The first two bytes of a header. They decide most rules, and how long the header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    /// The last frame of its message.
    pub fin: bool,
    /// RSV1: the message is compressed (RFC 7692, 6).
    pub packed: bool,
    /// What the frame is.
    pub opcode: Opcode,
    /// A key follows the length.
    pub masked: bool,
    short_len: u8,
}

impl Start {
    /// Reads the first two bytes.
    ///
    /// # Errors
    /// A reserved bit or opcode, and the rules on control frames.
    pub fn decode([first, second]: [u8; 2]) -> Result<Self, Violation> {
        if first & 0b0011_0000 != 0 {
            return Err(Violation::ReservedBit);
        }
        let start = Self {
            fin: first & 0x80 != 0,
            packed: first & 0x40 != 0,
            opcode: Opcode::from_bits(first & 0x0F)?,
            masked: second & 0x80 != 0,
            short_len: second & 0x7F,
        };
        start.check_control()?;
        Ok(start)
    }

    /// How many bytes the whole header has, 2 to [`HEAD_MAX`].
    #[must_use]
    pub fn head_len(&self) -> usize {
        2 + self.wide_len() + if self.masked { 4 } else { 0 }
    }

    /// Reads the rest of the header; `bytes` is the whole of it, [`head_len`](Self::head_len) long.
    ///
    /// # Errors
    /// A length that is not in its shortest form, or beyond 63 bits.
    pub fn finish(self, bytes: &[u8]) -> Result<Head, Violation> {
        let (len, key) = bytes[2..].split_at(self.wide_len());
        let len = match *len {
            [a, b] => minimal(u16::from_be_bytes([a, b]).into(), 126)?,
            [a, b, c, d, e, f, g, h] => minimal(u64::from_be_bytes([a, b, c, d, e, f, g, h]), 1 << 16)?,
            _ => self.short_len.into(),
        };
        Ok(Head {
            fin: self.fin,
            packed: self.packed,
            opcode: self.opcode,
            key: key.first_chunk().copied().filter(|_| self.masked),
            len,
        })
    }

    fn wide_len(&self) -> usize {
        match self.short_len {
            126 => 2,
            127 => 8,
            _ => 0,
        }
    }

    fn check_control(&self) -> Result<(), Violation> {
        if !self.opcode.is_control() {
            return Ok(());
        }
        if self.packed {
            return Err(Violation::ReservedBit);
        }
        if !self.fin {
            return Err(Violation::ControlFragmented);
        }
        if usize::from(self.short_len) > CONTROL_MAX {
            return Err(Violation::ControlTooLong);
        }
        Ok(())
    }
}

fn minimal(len: u64, least: u64) -> Result<u64, Violation> {
    if len >> 63 != 0 {
        return Err(Violation::LengthOverflow);
    }
    if len < least {
        return Err(Violation::LengthNotMinimal);
    }
    Ok(len)
}

/// A whole header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The last frame of its message.
    pub fin: bool,
    /// RSV1: the message is compressed. Only on the first frame of a message.
    pub packed: bool,
    /// What the frame is.
    pub opcode: Opcode,
    /// The key, if the payload is masked.
    pub key: Option<Key>,
    /// The length of the payload in bytes, below 2^63.
    pub len: u64,
}

impl Head {
    /// The header of a message in one frame, without a mask.
    #[must_use]
    pub fn whole(opcode: Opcode, len: usize) -> Self {
        Self { fin: true, packed: false, opcode, key: None, len: len as u64 }
    }

    /// The bytes of the header, the length in its shortest form.
    #[must_use]
    pub fn encode(&self) -> HeadBytes {
        let mut bytes = HeadBytes { bytes: [0; HEAD_MAX], len: 0 };
        let first = u8::from(self.fin) << 7 | u8::from(self.packed) << 6 | self.opcode.bits();
        let mask = u8::from(self.key.is_some()) << 7;
        match (u8::try_from(self.len), u16::try_from(self.len)) {
            (Ok(short @ 0..=125), _) => bytes.push(&[first, mask | short]),
            (_, Ok(wide)) => {
                bytes.push(&[first, mask | 126]);
                bytes.push(&wide.to_be_bytes());
            }
            (_, Err(_)) => {
                bytes.push(&[first, mask | 127]);
                bytes.push(&self.len.to_be_bytes());
            }
        }
        bytes.push(self.key.as_ref().map_or(&[], Key::as_slice));
        bytes
    }
}

/// The bytes of a header, kept without an allocation. Reads as a slice of 2 to [`HEAD_MAX`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadBytes {
    bytes: [u8; HEAD_MAX],
    len: u8,
}

impl HeadBytes {
    fn push(&mut self, more: &[u8]) {
        let from = usize::from(self.len);
        self.bytes[from..from + more.len()].copy_from_slice(more);
        self.len = u8::try_from(from + more.len()).expect("a header has at most fourteen bytes");
    }
}

impl std::ops::Deref for HeadBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decode(bytes: &[u8]) -> Result<Head, Violation> {
        let start = Start::decode([bytes[0], bytes[1]])?;
        assert_eq!(start.head_len(), bytes.len());
        start.finish(bytes)
    }

    #[test]
    fn headers_that_break_a_rule() {
        let table: &[(&[u8], Violation)] = &[
            (&[0xA1, 0], Violation::ReservedBit),
            (&[0x91, 0], Violation::ReservedBit),
            (&[0xC9, 0], Violation::ReservedBit),
            (&[0x83, 0], Violation::ReservedOpcode(3)),
            (&[0x8F, 0], Violation::ReservedOpcode(15)),
            (&[0x09, 0], Violation::ControlFragmented),
            (&[0x08, 0], Violation::ControlFragmented),
            (&[0x8A, 126, 0, 126], Violation::ControlTooLong),
            (&[0x81, 126, 0, 125], Violation::LengthNotMinimal),
            (&[0x81, 127, 0, 0, 0, 0, 0, 0, 255, 255], Violation::LengthNotMinimal),
            (&[0x81, 127, 0x80, 0, 0, 0, 0, 0, 0, 0], Violation::LengthOverflow),
        ];
        for (bytes, expected) in table {
            assert_eq!(decode(bytes), Err(*expected), "{bytes:x?}");
        }
    }

    #[test]
    fn lengths_at_their_borders() {
        for (len, size) in [(0, 2), (125, 2), (126, 4), (65535, 4), (65536, 10)] {
            assert_eq!(Head::whole(Opcode::Binary, len).encode().len(), size, "{len}");
        }
    }

    proptest! {
        #[test]
        fn every_header_round_trips(fin: bool, packed: bool, kind in 0..3, key: Option<Key>, len in 0..=u64::MAX >> 1,
                                    shift in 0..63) {
            let opcode = [Opcode::Continuation, Opcode::Text, Opcode::Binary][usize::try_from(kind).unwrap_or(0)];
            let head = Head { fin, packed, opcode, key, len: len >> shift };
            prop_assert_eq!(decode(&head.encode()), Ok(head));
        }
    }
}

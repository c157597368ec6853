//! Packets out of the websocket frames that they were queued in.
//!
//! Owns the way back from a frame to its packet. It must not check what we wrote ourselves beyond what keeps it
//! inside of the bytes.

use super::super::Protocol;
use super::super::packet::BINARY_MESSAGE;
use crate::ws::Opcode;
use crate::ws::frame::{Head, Start};

/// One packet as it goes over a websocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outgoing<'a> {
    /// A text with its digit, or with `b` and base64; UTF-8.
    Text(&'a [u8]),
    /// A binary message; in protocol 3 with its type in front.
    Binary(&'a [u8]),
}

impl<'a> Outgoing<'a> {
    /// A binary message without its type.
    pub(super) fn data(protocol: Protocol, bytes: &'a [u8]) -> &'a [u8] {
        match (protocol, bytes) {
            (Protocol::V3, [BINARY_MESSAGE, data @ ..]) => data,
            (Protocol::V3 | Protocol::V4, data) => data,
        }
    }
}

/// Goes through frames as [`encode`](crate::ws::encode) writes them for a server, one behind the other: without a
/// mask, not compressed, one message each. Close, ping and pong are the websocket's own and passed over. At
/// anything else, which nobody queued, it ends.
#[derive(Clone, Debug)]
pub struct Wrapped<'a> {
    rest: &'a [u8],
}

impl<'a> Wrapped<'a> {
    /// The packets in `frames`, which are whole.
    #[must_use]
    pub fn new(frames: &'a [u8]) -> Self {
        Self { rest: frames }
    }

    fn frame(&mut self) -> Option<(Opcode, &'a [u8])> {
        let start = Start::decode(*self.rest.first_chunk()?).ok()?;
        let (head, rest) = self.rest.split_at_checked(start.head_len())?;
        let Head { fin: true, packed: false, opcode, key: None, len } = start.finish(head).ok()? else {
            return None;
        };
        let (payload, rest) = rest.split_at_checked(usize::try_from(len).ok()?)?;
        self.rest = rest;
        Some((opcode, payload))
    }
}

impl<'a> Iterator for Wrapped<'a> {
    type Item = Outgoing<'a>;

    fn next(&mut self) -> Option<Outgoing<'a>> {
        loop {
            match self.frame()? {
                (Opcode::Text, payload) => return Some(Outgoing::Text(payload)),
                (Opcode::Binary, payload) => return Some(Outgoing::Binary(payload)),
                (Opcode::Close | Opcode::Ping | Opcode::Pong, _) => {}
                (Opcode::Continuation, _) => {
                    self.rest = &[];
                    return None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ws::encode;

    #[test]
    fn packets_come_out_and_control_frames_do_not() {
        let long = vec![b'4'; 70_000];
        let mut frames = Vec::new();
        encode::text(&mut frames, b"4a");
        encode::ping(&mut frames, b"4no");
        encode::binary(&mut frames, &[1, 2]);
        encode::text(&mut frames, &long[..300]);
        encode::pong(&mut frames, b"");
        encode::text(&mut frames, &long);
        encode::binary(&mut frames, &[]);
        encode::close(&mut frames, Some((1000, "end")));
        let expected = [
            Outgoing::Text(b"4a"),
            Outgoing::Binary(&[1, 2]),
            Outgoing::Text(&long[..300]),
            Outgoing::Text(&long),
            Outgoing::Binary(&[]),
        ];
        assert_eq!(Wrapped::new(&frames).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_nobody_queued_ends_it() {
        let table: [&[u8]; 6] = [
            b"\x81\x05cut",
            b"\x81",
            b"\x01\x01a\x80\x01b",
            b"\x80\x01a\x81\x014",
            b"\xC1\x01a",
            b"\x81\x81keyya",
        ];
        for frames in table {
            let mut wrapped = Wrapped::new(frames);
            assert_eq!((wrapped.next(), wrapped.next()), (None, None), "{frames:x?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes: Vec<u8>) {
            prop_assert!(Wrapped::new(&bytes).count() <= bytes.len() / 2);
        }
    }
}

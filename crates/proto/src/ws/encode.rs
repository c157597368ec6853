//! Messages to bytes: the writing half of one link.
//!
//! Owns how a frame is laid out behind what a buffer already holds. It must not write to a socket, choose
//! mask keys, or decide what is worth compressing beyond "is it smaller".
//!
//! Messages go out in one frame each; the protocol does not ask for more.

use super::frame::{Head, HeadBytes, Opcode};
use super::mask::{self, Key};
use super::{close, deflate};

/// Room for the header of most messages, 126 to 65,535 bytes long. Shorter ones are moved down by two bytes
/// and there is little to move; longer ones are rare.
const ROOM: usize = 4;

/// Appends a text message. `payload` must be UTF-8; it is taken as bytes since most texts are built as such.
pub fn text(out: &mut Vec<u8>, payload: &[u8]) {
    whole(out, Opcode::Text, payload);
}

/// Appends a binary message.
pub fn binary(out: &mut Vec<u8>, payload: &[u8]) {
    whole(out, Opcode::Binary, payload);
}

/// Appends a ping; of the payload the first 125 bytes.
pub fn ping(out: &mut Vec<u8>, payload: &[u8]) {
    whole(out, Opcode::Ping, payload);
}

/// Appends a pong; of the payload the first 125 bytes.
pub fn pong(out: &mut Vec<u8>, payload: &[u8]) {
    whole(out, Opcode::Pong, payload);
}

/// Appends a close frame with code and reason, or without. A reason is cut at
/// [`REASON_MAX`](close::REASON_MAX) bytes; a code that may not be sent is left out together with its reason,
/// which is what the peer then reads as 1005.
pub fn close(out: &mut Vec<u8>, said: Option<(u16, &str)>) {
    let mark = begin(out);
    close_payload(out, said);
    end(out, mark, Opcode::Close);
}

/// Appends a frame that holds a whole message.
pub fn whole(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8]) {
    let payload = admitted(opcode, payload);
    let head = header(opcode, payload.len());
    out.reserve(head.len() + payload.len());
    out.extend_from_slice(&head);
    out.extend_from_slice(payload);
}

/// Appends a frame that holds a whole message, masked with `key`: what a client sends.
pub fn masked(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], key: Key) {
    let mark = begin(out);
    out.extend_from_slice(admitted(opcode, payload));
    end_masked(out, mark, opcode, key);
}

/// Appends a client's close frame; see [`close`](fn@close).
pub fn masked_close(out: &mut Vec<u8>, said: Option<(u16, &str)>, key: Key) {
    let mark = begin(out);
    close_payload(out, said);
    end_masked(out, mark, Opcode::Close, key);
}

/// Appends a text or binary message, compressed as `agreed` if that makes it smaller.
pub fn deflated(out: &mut Vec<u8>, opcode: Opcode, payload: &[u8], agreed: deflate::Agreed) {
    match deflate::pack_if_smaller(payload, agreed) {
        Some(packed) => {
            let head = packed_header(opcode, packed.len());
            out.reserve(head.len() + packed.len());
            out.extend_from_slice(&head);
            out.extend_from_slice(&packed);
        }
        None => whole(out, opcode, payload),
    }
}

/// The header of a message in one frame: for bodies that are shared and written from where they are.
#[must_use]
pub fn header(opcode: Opcode, len: usize) -> HeadBytes {
    Head::whole(opcode, len).encode()
}

/// The header of a compressed message in one frame of `len` packed bytes.
#[must_use]
pub fn packed_header(opcode: Opcode, len: usize) -> HeadBytes {
    Head { packed: true, ..Head::whole(opcode, len) }.encode()
}

/// Where a frame begins that is being built in place; see [`begin`].
#[derive(Debug)]
#[must_use = "the frame has no header before `end`"]
pub struct Mark(usize);

/// Begins a frame at the end of `out`. Append the payload, then call one of the `end` functions; nothing
/// before the mark may be removed in between.
pub fn begin(out: &mut Vec<u8>) -> Mark {
    let mark = Mark(out.len());
    out.extend_from_slice(&[0; ROOM]);
    mark
}

/// Ends the frame that `begin` began: everything behind the mark is its payload, of a control frame the first
/// 125 bytes.
pub fn end(out: &mut Vec<u8>, Mark(from): Mark, opcode: Opcode) {
    trim(out, from, opcode);
    let head = header(opcode, out.len() - from - ROOM);
    put_head(out, from, &head);
}

/// Ends the frame and masks its payload.
pub fn end_masked(out: &mut Vec<u8>, Mark(from): Mark, opcode: Opcode, key: Key) {
    trim(out, from, opcode);
    let body = from + ROOM;
    mask::apply(key, &mut out[body..]);
    let head = Head { key: Some(key), ..Head::whole(opcode, out.len() - body) };
    put_head(out, from, &head.encode());
}

/// Ends the frame of a text or binary message and compresses it as `agreed` if that makes it smaller.
pub fn end_deflated(out: &mut Vec<u8>, mark: Mark, opcode: Opcode, agreed: deflate::Agreed) {
    let Mark(from) = mark;
    match deflate::pack_if_smaller(&out[from + ROOM..], agreed) {
        Some(packed) => {
            out.truncate(from);
            out.extend_from_slice(&packed_header(opcode, packed.len()));
            out.extend_from_slice(&packed);
        }
        None => end(out, mark, opcode),
    }
}

/// Forgets the frame that `begin` began.
pub fn abandon(out: &mut Vec<u8>, Mark(from): Mark) {
    out.truncate(from);
}

/// Writes the header into the room in front of the payload, which moves where the two differ in size.
fn put_head(out: &mut Vec<u8>, from: usize, head: &[u8]) {
    match head.len().checked_sub(ROOM) {
        Some(0) => {}
        Some(missing) => {
            let old = out.len();
            out.resize(old + missing, 0);
            out.copy_within(from + ROOM..old, from + head.len());
        }
        None => {
            let spare = ROOM - head.len();
            out.copy_within(from + ROOM.., from + head.len());
            out.truncate(out.len() - spare);
        }
    }
    out[from..from + head.len()].copy_from_slice(head);
}

fn close_payload(out: &mut Vec<u8>, said: Option<(u16, &str)>) {
    if let Some((code, reason)) = said.filter(|(code, _)| close::may_be_sent(*code)) {
        out.extend_from_slice(&code.to_be_bytes());
        out.extend_from_slice(close::fitting(reason).as_bytes());
    }
}

fn admitted(opcode: Opcode, payload: &[u8]) -> &[u8] {
    let max = if opcode.is_control() { super::frame::CONTROL_MAX } else { usize::MAX };
    &payload[..payload.len().min(max)]
}

fn trim(out: &mut Vec<u8>, from: usize, opcode: Opcode) {
    let body = from + ROOM;
    let len = admitted(opcode, &out[body..]).len();
    out.truncate(body + len);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn building_in_place_gives_the_same_bytes() {
        for len in [0, 1, 125, 126, 127, 65_535, 65_536, 70_000] {
            let payload: Vec<u8> = (0_u8..251).cycle().take(len).collect();
            let (mut built, mut copied) = (b"before".to_vec(), b"before".to_vec());
            let mark = begin(&mut built);
            built.extend_from_slice(&payload);
            end(&mut built, mark, Opcode::Binary);
            binary(&mut copied, &payload);
            assert!(built == copied, "{len}");
        }
    }

    #[test]
    fn examples_of_the_rfc() {
        // RFC 6455, 5.7.
        let mut out = Vec::new();
        text(&mut out, b"Hello");
        assert_eq!(out, b"\x81\x05Hello");
        out.clear();
        masked(&mut out, Opcode::Text, b"Hello", [0x37, 0xfa, 0x21, 0x3d]);
        assert_eq!(out, [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
        assert_eq!(*header(Opcode::Binary, 256), [0x82, 0x7E, 1, 0]);
        assert_eq!(*header(Opcode::Binary, 65_536), [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn closes() {
        let check = |said, expected: &[u8]| {
            let mut out = Vec::new();
            close(&mut out, said);
            assert_eq!(out, expected, "{said:?}");
        };
        check(None, &[0x88, 0]);
        check(Some((1000, "")), &[0x88, 2, 3, 232]);
        check(Some((4001, "go")), &[0x88, 4, 15, 161, b'g', b'o']);
        check(Some((1005, "said by nobody")), &[0x88, 0]);
        let long = "é".repeat(100);
        let expected = [&[0x88, 124, 3, 232][..], "é".repeat(61).as_bytes()].concat();
        check(Some((1000, &long)), &expected);
    }

    #[test]
    fn control_payloads_are_cut() {
        let mut out = Vec::new();
        ping(&mut out, &[7; 200]);
        assert_eq!((out.len(), &out[..2]), (127, &[0x89, 125][..]));
    }

    #[test]
    fn an_abandoned_frame_leaves_nothing() {
        let mut out = b"before".to_vec();
        let mark = begin(&mut out);
        out.extend_from_slice(b"half");
        abandon(&mut out, mark);
        assert_eq!(out, b"before");
    }
}

//! A message that does not come in one piece: its open frame and what is collected of it.
//!
//! Owns the memory of the message while it grows. It must not judge headers; that is done before.

use super::frame::{Head, Opcode};
use super::mask::{self, Key};
use super::utf8::Utf8;
use super::{Item, Violation, deflate};

/// A frame whose header has been read and whose payload is coming.
#[derive(Debug)]
pub(super) struct Frame {
    pub(super) fin: bool,
    pub(super) opcode: Opcode,
    /// Payload bytes that have not come.
    pub(super) left: usize,
    /// The key, turned to where the next byte is.
    key: Option<Key>,
}

impl Frame {
    pub(super) fn new(head: &Head) -> Self {
        // The limit on a frame is a usize, so a length that is none has been refused.
        let left = usize::try_from(head.len).expect("within the limit");
        Self { fin: head.fin, opcode: head.opcode, left, key: head.key }
    }

    /// The part of `body` that belongs to the frame, unmasked.
    pub(super) fn take<'a>(&mut self, body: &'a mut [u8]) -> &'a [u8] {
        let len = self.left.min(body.len());
        let piece = &mut body[..len];
        self.left -= len;
        if let Some(key) = &mut self.key {
            mask::apply(*key, piece);
            *key = mask::advanced(*key, len);
        }
        piece
    }
}

/// A message of which not all is here.
#[derive(Debug)]
pub(super) struct Message {
    /// Frames that have begun.
    pub(super) frames: usize,
    opcode: Opcode,
    packed: bool,
    utf8: Utf8,
    data: Vec<u8>,
}

impl Message {
    pub(super) fn new(head: &Head) -> Self {
        Self { frames: 1, opcode: head.opcode, packed: head.packed, utf8: Utf8::default(), data: Vec::new() }
    }

    /// Payload bytes that have come.
    pub(super) fn len(&self) -> usize {
        self.data.len()
    }

    /// Bytes of memory taken.
    pub(super) fn held(&self) -> usize {
        self.data.capacity()
    }

    /// Keeps a piece; `left` bytes of its frame have not come.
    pub(super) fn push(&mut self, piece: &[u8], left: usize) -> Result<(), Violation> {
        if self.opcode == Opcode::Text && !self.packed {
            self.utf8.push(piece).map_err(|_| Violation::NotUtf8)?;
        }
        self.make_room(piece.len(), left);
        self.data.extend_from_slice(piece);
        Ok(())
    }

    /// Grows to twice of what is here, but not beyond what the frame still brings: the memory follows what
    /// has arrived, and an announcement alone takes none.
    fn make_room(&mut self, more: usize, left: usize) {
        let needed = self.data.len() + more;
        if needed > self.data.capacity() {
            let room = needed.saturating_mul(2).min(needed.saturating_add(left));
            self.data.reserve_exact(room - self.data.len());
        }
    }

    /// The message, all of whose frames are here. `max` bytes are allowed when unpacked.
    pub(super) fn finish(self, max: usize) -> Result<Item<'static>, Violation> {
        if !self.utf8.may_end() {
            return Err(Violation::NotUtf8);
        }
        let data = if self.packed { deflate::unpack(&self.data, max)? } else { self.data };
        Item::new(self.opcode, data.into())
    }
}

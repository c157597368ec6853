//! The body of the answer to a poll.
//!
//! Owns the choice between the forms and how packets are laid out in each. It must not choose which packets go
//! out, nor keep within a size: what is pushed is written.

use super::super::Protocol;
use super::super::packet::{base64_packet_len, binary_type, write_base64};
use super::{BINARY_MARK, Form, LENGTH_END, Outgoing, SEPARATOR, TEXT_MARK, Wrapped, units};
use smallvec::SmallVec;
use std::io::Write as _;

/// More than the mark and the length of a packet take.
const FRAMING_MAX: usize = 24;

/// Writes payloads for one session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Writer {
    /// What the session speaks.
    pub protocol: Protocol,
    /// Its handshake had `b64`: bytes go out as text. In protocol 4 they always do.
    pub base64: bool,
}

impl Writer {
    /// Appends the payload of all packets in `frames`, each slice of which holds whole frames; see [`Wrapped`].
    pub fn write<'a>(&self, frames: impl IntoIterator<Item = &'a [u8]>, out: &mut Vec<u8>) -> Form {
        let mut builder = self.begin();
        frames.into_iter().for_each(|frames| builder.push_frames(frames));
        builder.finish(out)
    }

    /// Begins a payload.
    pub fn begin<'a>(&self) -> Builder<'a> {
        Builder { writer: *self, packets: SmallVec::new() }
    }

    /// In which form these packets go out: protocol 3 sends bytes as bytes if it may, and then everything.
    fn form(&self, packets: &[Outgoing<'_>]) -> Form {
        let bytes = || packets.iter().any(|packet| matches!(packet, Outgoing::Binary(_)));
        match self.protocol {
            Protocol::V3 if !self.base64 && bytes() => Form::Binary,
            Protocol::V3 | Protocol::V4 => Form::Text,
        }
    }
}

/// A payload on its way: packets are pushed, in order, and written at the end, since one of them may decide the
/// form of all.
#[derive(Clone, Debug)]
#[must_use = "nothing is written before `finish`"]
pub struct Builder<'a> {
    writer: Writer,
    /// Seldom more than a few: a client that listens gets each as it comes.
    packets: SmallVec<[Outgoing<'a>; 4]>,
}

impl<'a> Builder<'a> {
    /// Adds the packets that are in whole frames; see [`Wrapped`].
    pub fn push_frames(&mut self, frames: &'a [u8]) {
        Wrapped::new(frames).for_each(|packet| self.push(packet));
    }

    /// Adds one packet with its digit: `1`, `2`, `6`, or the handshake. A text of protocol 4 has no U+001E in it,
    /// as JSON never has.
    pub fn push_text(&mut self, packet: &'a str) {
        self.push(Outgoing::Text(packet.as_bytes()));
    }

    /// Adds one packet. An empty text is none, and passed over: in a payload it would be an error.
    pub fn push(&mut self, packet: Outgoing<'a>) {
        if packet != Outgoing::Text(&[]) {
            self.packets.push(packet);
        }
    }

    /// Whether there is nothing yet. A poll is never answered with nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// Appends the payload, and says in which form it is.
    pub fn finish(self, out: &mut Vec<u8>) -> Form {
        let protocol = self.writer.protocol;
        let form = self.writer.form(&self.packets);
        out.reserve(self.packets.iter().map(|packet| room(protocol, form, packet)).sum());
        for (index, packet) in self.packets.iter().enumerate() {
            match (protocol, form) {
                (Protocol::V4, _) => separated(index == 0, packet, out),
                (Protocol::V3, Form::Text) => counted(packet, out),
                (Protocol::V3, Form::Binary) => marked(packet, out),
            }
        }
        form
    }
}

fn room(protocol: Protocol, form: Form, packet: &Outgoing<'_>) -> usize {
    FRAMING_MAX
        + match (packet, form) {
            (Outgoing::Binary(bytes), Form::Text) => base64_packet_len(protocol, bytes.len()),
            (Outgoing::Text(bytes), _) | (Outgoing::Binary(bytes), Form::Binary) => bytes.len(),
        }
}

fn separated(is_first: bool, packet: &Outgoing<'_>, out: &mut Vec<u8>) {
    if !is_first {
        out.push(SEPARATOR);
    }
    match packet {
        Outgoing::Text(text) => out.extend_from_slice(text),
        Outgoing::Binary(bytes) => write_base64(Protocol::V4, bytes, out),
    }
}

fn counted(packet: &Outgoing<'_>, out: &mut Vec<u8>) {
    match packet {
        Outgoing::Text(text) => {
            push_length(units::count(text), b'0', b':', out);
            out.extend_from_slice(text);
        }
        Outgoing::Binary(bytes) => {
            let data = Outgoing::data(Protocol::V3, bytes);
            push_length(base64_packet_len(Protocol::V3, data.len()), b'0', b':', out);
            write_base64(Protocol::V3, data, out);
        }
    }
}

fn marked(packet: &Outgoing<'_>, out: &mut Vec<u8>) {
    let (mark, kind, data) = match packet {
        Outgoing::Text(text) => (TEXT_MARK, &[][..], *text),
        Outgoing::Binary(bytes) => {
            (BINARY_MARK, binary_type(Protocol::V3), Outgoing::data(Protocol::V3, bytes))
        }
    };
    out.push(mark);
    push_length(kind.len() + data.len(), 0, LENGTH_END, out);
    out.extend_from_slice(kind);
    out.extend_from_slice(data);
}

/// A length in decimal, with `zero` as its digit for none, and what ends it.
fn push_length(length: usize, zero: u8, end: u8, out: &mut Vec<u8>) {
    let from = out.len();
    // A vector takes all that is written.
    let _ = write!(out, "{length}");
    out[from..].iter_mut().for_each(|digit| *digit = *digit - b'0' + zero);
    out.push(end);
}

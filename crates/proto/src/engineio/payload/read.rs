//! The body of a POST, packet by packet.
//!
//! Owns a place in a body, and not the body: a caller that cannot go on keeps both and returns later. It must not
//! look at what the packets say; what follows a close packet is the caller's to ignore.

use memchr::memchr;

use super::super::packet::{self, Packet};
use super::super::{Malformed, Protocol};
use super::{BINARY_MARK, LENGTH_END, SEPARATOR, TEXT_MARK, units};

/// How packets are laid out in a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// Protocol 4: a separator between.
    Separated,
    /// Protocol 3: a length before each, in UTF-16 units.
    Counted,
    /// Protocol 3, bytes: a mark and a length before each.
    Marked,
}

/// One packet, and where the next begins behind it, if the body goes on.
type Taken<'a> = Result<(Packet<'a>, Option<usize>), Malformed>;

/// Reads a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    layout: Layout,
    /// Where the next packet begins; nowhere after the last one or an error.
    at: Option<usize>,
}

impl Reader {
    /// For a body of text: every content type but `application/octet-stream`, also none.
    #[must_use]
    pub fn text(protocol: Protocol) -> Self {
        let layout = match protocol {
            Protocol::V3 => Layout::Counted,
            Protocol::V4 => Layout::Separated,
        };
        Self { layout, at: Some(0) }
    }

    /// For a body of bytes, which only protocol 3 has: `application/octet-stream`.
    #[must_use]
    pub fn binary() -> Self {
        Self { layout: Layout::Marked, at: Some(0) }
    }

    /// The next packet; `None` after the last one, and after an error. `body` is the whole and the same each time.
    ///
    /// Packets are checked one by one: those before a bad one are sound. Reading all of a body takes time in
    /// proportion to its length.
    pub fn next<'a>(&mut self, body: &'a [u8]) -> Option<Result<Packet<'a>, Malformed>> {
        let at = self.at.take()?;
        if body.is_empty() {
            return Some(Err(Malformed::EmptyPayload));
        }
        let rest = body.get(at..).unwrap_or_default();
        let taken = match self.layout {
            Layout::Separated => separated(rest),
            Layout::Counted => counted(rest),
            Layout::Marked => marked(rest),
        };
        Some(taken.map(|(packet, next)| {
            self.at = next.map(|next| at + next);
            packet
        }))
    }
}

fn separated(rest: &[u8]) -> Taken<'_> {
    let end = memchr(SEPARATOR, rest);
    let packet = packet::read_utf8(Protocol::V4, &rest[..end.unwrap_or(rest.len())])?;
    Ok((packet, end.map(|end| end + 1)))
}

fn counted(rest: &[u8]) -> Taken<'_> {
    let (units, text) = length(rest, b'0', b':')?;
    let end = units::end_of(text, units)?;
    let packet = packet::read_utf8(Protocol::V3, &text[..end])?;
    Ok((packet, behind(rest, &text[end..])))
}

fn marked(rest: &[u8]) -> Taken<'_> {
    let Some((mark, counted)) = rest.split_first() else { return Err(Malformed::EmptyPacket) };
    if !matches!(*mark, TEXT_MARK | BINARY_MARK) {
        return Err(Malformed::UnknownMark { byte: *mark });
    }
    let (len, bytes) = length(counted, 0, LENGTH_END)?;
    let (data, left) = bytes.split_at_checked(len).ok_or(Malformed::TooLong)?;
    let packet = match *mark {
        TEXT_MARK => packet::read_utf8(Protocol::V3, data)?,
        _ => packet::read_binary(Protocol::V3, data)?,
    };
    Ok((packet, behind(rest, left)))
}

/// A length in decimal up to the byte `end`, and what follows that. One that no `usize` holds is as good as the
/// largest: nothing is that long.
fn length(bytes: &[u8], zero: u8, end: u8) -> Result<(usize, &[u8]), Malformed> {
    let mut length: Option<usize> = None;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == end {
            return length.map(|length| (length, &bytes[at + 1..])).ok_or(Malformed::NoLength);
        }
        let digit = byte.checked_sub(zero).filter(|digit| *digit <= 9).ok_or(Malformed::NoLength)?;
        length = Some(length.unwrap_or(0).saturating_mul(10).saturating_add(digit.into()));
    }
    Err(Malformed::NoLength)
}

/// Where `left`, the end of `rest`, begins in it, unless nothing is left.
fn behind(rest: &[u8], left: &[u8]) -> Option<usize> {
    if left.is_empty() { None } else { Some(rest.len() - left.len()) }
}

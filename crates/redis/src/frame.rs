//! What travels from node to node on a topic, as bytes.
//!
//! Begins with a version: nodes of two releases may share a Redis for the time of an update, and what one does not
//! understand it counts and drops. Numbers are big-endian.

use bytes::Bytes;
use playhouse_core::envelope::{Envelope, Stamp, Topic};
use playhouse_core::id::{ConnectionId, NodeId};

/// The form that this release writes.
const VERSION: u8 = 1;

const SAID: u8 = 0;
const HERE: u8 = 1;
/// The same, of a node that has said something before it which others may not have heard.
const SAID_AFTER_HOLE: u8 = 2;
const HERE_AFTER_HOLE: u8 = 3;

/// Names one running engine, so that it knows its own messages when they come back.
pub(crate) type Origin = u64;

/// One message on a topic.
#[derive(Debug)]
pub(crate) struct Frame {
    /// Who sent it.
    pub(crate) origin: Origin,
    /// Something before it may have been missed, which its numbers need not show.
    pub(crate) after_hole: bool,
    /// An envelope; without one it says that another node listens from now on.
    pub(crate) said: Option<Envelope>,
}

/// Why bytes are no frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Odd {
    /// Of another release.
    #[error("it is of version {0}, and this release understands {VERSION}")]
    Version(u8),
    /// Of no release.
    #[error("it is none of ours, or damaged")]
    Damaged,
}

/// An envelope as it travels; the topic is the name it is published under.
pub(crate) fn said(origin: Origin, after_hole: bool, envelope: &Envelope) -> Vec<u8> {
    let Envelope { topic: _, stamp, from, payload } = envelope;
    let (node, from) = (stamp.node.as_str().as_bytes(), from.as_str().as_bytes());
    let mut out = Vec::with_capacity(64 + node.len() + from.len() + payload.len());
    out.extend_from_slice(&[VERSION, if after_hole { SAID_AFTER_HOLE } else { SAID }]);
    for number in [origin, stamp.epoch, stamp.offset, stamp.sent_at] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    for text in [node, from] {
        let len = u32::try_from(text.len()).expect("ids are short");
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(text);
    }
    out.extend_from_slice(payload);
    out
}

/// That a node listens from now on.
pub(crate) fn here(origin: Origin, after_hole: bool) -> Vec<u8> {
    let mut out = vec![VERSION, if after_hole { HERE_AFTER_HOLE } else { HERE }];
    out.extend_from_slice(&origin.to_be_bytes());
    out
}

/// Reads a frame.
pub(crate) fn read(topic: &Topic, bytes: &[u8]) -> Result<Frame, Odd> {
    let mut rest = bytes;
    let version = byte(&mut rest)?;
    if version != VERSION {
        return Err(Odd::Version(version));
    }
    let kind = byte(&mut rest)?;
    let origin = number(&mut rest)?;
    let said = match kind {
        HERE | HERE_AFTER_HOLE => None,
        SAID | SAID_AFTER_HOLE => Some(envelope(topic, rest)?),
        _ => return Err(Odd::Damaged),
    };
    Ok(Frame { origin, after_hole: kind == SAID_AFTER_HOLE || kind == HERE_AFTER_HOLE, said })
}

fn envelope(topic: &Topic, mut rest: &[u8]) -> Result<Envelope, Odd> {
    let (epoch, offset, sent_at) = (number(&mut rest)?, number(&mut rest)?, number(&mut rest)?);
    let node = NodeId::new(text(&mut rest)?);
    let from = ConnectionId::new(text(&mut rest)?);
    std::str::from_utf8(rest).map_err(|_| Odd::Damaged)?;
    let stamp = Stamp { node, epoch, offset, sent_at };
    Ok(Envelope { topic: topic.clone(), stamp, from, payload: Bytes::copy_from_slice(rest) })
}

fn take<'a>(rest: &mut &'a [u8], len: usize) -> Result<&'a [u8], Odd> {
    let (taken, left) = rest.split_at_checked(len).ok_or(Odd::Damaged)?;
    *rest = left;
    Ok(taken)
}

fn byte(rest: &mut &[u8]) -> Result<u8, Odd> {
    Ok(take(rest, 1)?[0])
}

fn number(rest: &mut &[u8]) -> Result<u64, Odd> {
    Ok(u64::from_be_bytes(take(rest, 8)?.try_into().expect("eight bytes were taken")))
}

fn text<'a>(rest: &mut &'a [u8]) -> Result<&'a str, Odd> {
    let len = u32::from_be_bytes(take(rest, 4)?.try_into().expect("four bytes were taken"));
    let len = usize::try_from(len).map_err(|_| Odd::Damaged)?;
    std::str::from_utf8(take(rest, len)?).map_err(|_| Odd::Damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn envelope() -> Envelope {
        let stamp =
            Stamp { node: NodeId::new("node-é"), epoch: u64::MAX, offset: 7, sent_at: 1_700_000_000_000 };
        let payload = r#"{"a":"ü"}"#.into();
        Envelope { topic: Topic::room("a"), stamp, from: ConnectionId::new("ann"), payload }
    }

    #[test]
    fn comes_back_as_it_was() {
        let topic = Topic::room("a");
        for hole in [false, true] {
            let frame = read(&topic, &said(9, hole, &envelope())).unwrap();
            assert_eq!((frame.origin, frame.after_hole), (9, hole));
            assert_eq!(format!("{:?}", frame.said.unwrap()), format!("{:?}", envelope()));
            let frame = read(&topic, &here(9, hole)).unwrap();
            assert_eq!((frame.origin, frame.after_hole, frame.said.is_none()), (9, hole, true));
        }
    }

    #[test]
    fn another_version_is_told_apart_from_rubbish() {
        let mut bytes = said(9, false, &envelope());
        bytes[0] = 2;
        assert_eq!(read(&Topic::room("a"), &bytes).map(|_| ()), Err(Odd::Version(2)));
        let odd: [&[u8]; 5] = [b"", &[1], &[1, 0], &[1, 7, 0, 0, 0, 0, 0, 0, 0, 0], &[1, 1, 0]];
        for bytes in odd {
            assert_eq!(read(&Topic::room("a"), bytes).map(|_| ()), Err(Odd::Damaged), "{bytes:?}");
        }
    }

    #[test]
    fn any_cut_is_an_error_and_no_panic() {
        let bytes = said(9, false, &envelope());
        let head = bytes.len() - envelope().payload.len();
        for end in 0..head {
            assert!(read(&Topic::room("a"), &bytes[..end]).is_err(), "{end}");
        }
        let mut huge = bytes;
        huge[34..38].copy_from_slice(&u32::MAX.to_be_bytes());
        assert_eq!(read(&Topic::room("a"), &huge).map(|_| ()), Err(Odd::Damaged));
    }
}

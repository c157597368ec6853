//! What comes out of a decoder: whole messages and control frames.
//!
//! Owns the turn from payload bytes to what they are, with the checks that this needs. It must not know
//! how many pieces they came in.

use std::borrow::Cow;

use super::frame::Opcode;
use super::{Violation, close};

/// A whole message or control frame. Borrowed from the input where it arrived there in one piece, else owned;
/// so nothing stays behind in the decoder, and dropping the item frees its memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A text message.
    Text(Cow<'a, str>),
    /// A binary message.
    Binary(Cow<'a, [u8]>),
    /// Wants a pong with the same payload, at most 125 bytes.
    Ping(Cow<'a, [u8]>),
    /// The answer to a ping, or a sign of life on its own account.
    Pong(Cow<'a, [u8]>),
    /// The peer ends the link: code and reason, or neither. Answer it; nothing more will be decoded.
    Close(Option<(u16, Cow<'a, str>)>),
}

impl<'a> Item<'a> {
    /// The whole payload of a control frame, or of a message by the opcode of its first frame, unmasked and
    /// unpacked.
    pub(super) fn new(opcode: Opcode, payload: Cow<'a, [u8]>) -> Result<Self, Violation> {
        Ok(match opcode {
            Opcode::Text => Self::Text(text(payload)?),
            Opcode::Binary | Opcode::Continuation => Self::Binary(payload),
            Opcode::Ping => Self::Ping(payload),
            Opcode::Pong => Self::Pong(payload),
            Opcode::Close => Self::Close(said(payload)?),
        })
    }
}

fn text(payload: Cow<'_, [u8]>) -> Result<Cow<'_, str>, Violation> {
    match payload {
        Cow::Borrowed(bytes) => simdutf8::basic::from_utf8(bytes).map(Cow::Borrowed).ok(),
        Cow::Owned(bytes) => String::from_utf8(bytes).map(Cow::Owned).ok(),
    }
    .ok_or(Violation::NotUtf8)
}

fn said(payload: Cow<'_, [u8]>) -> Result<Option<(u16, Cow<'_, str>)>, Violation> {
    Ok(match payload {
        Cow::Borrowed(bytes) => close::parse(bytes)?.map(|(code, reason)| (code, Cow::Borrowed(reason))),
        Cow::Owned(bytes) => close::parse(&bytes)?.map(|(code, reason)| (code, reason.to_owned().into())),
    })
}
